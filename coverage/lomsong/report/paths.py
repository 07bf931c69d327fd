"""Tell which known sites are nearest to a hamlet, and what stands between."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
from pyproj import Geod

from lomsong.propagation import UNKNOWN_MAST_M, BlockingPoint, Profile, blocking_point, profile
from lomsong.propagation.network import USUAL_MHZ
from lomsong.result import Result
from lomsong.space.crs import WGS84, to_crs
from lomsong.tables import ANY_CARRIER, JUDGED_TECHNOLOGY
from lomsong.vietnam.carriers import carriers_of

FURTHEST_M: Final = 35_000.0
"""Sites further away than this [m] explain nothing: about the horizon of a high mast."""

_ELLIPSOID: Final = Geod(ellps="WGS84")


@dataclass(frozen=True, kw_only=True)
class PathToSite:
    """The way from a known site to where people live."""

    carrier: str
    site_id: str
    exact: bool
    """Whether the site's position is known; in crowd data it is an estimate along the collectors' roads."""
    distance_m: float
    mast_m: float
    frequency_mhz: float
    receiver_m: float
    ground: Profile | None
    """Terrain from the site to the people; None without terrain."""
    blocking: BlockingPoint | None
    """The point that obstructs most; None where the terrain is not known all the way."""


def nearest_sites(result: Result, hamlet_id: str) -> list[PathToSite]:
    """Return the way from each carrier's nearest known 4G site to the hamlet's centre, nearest first."""
    clusters = result.clusters[result.clusters["hamlet_id"] == hamlet_id]
    centre = clusters[clusters["is_centre"]].geometry.iloc[0]
    sites = result.sites[result.sites["technology"] == JUDGED_TECHNOLOGY]
    if not len(sites):
        return []
    known = sites.assign(
        carrier=carriers_of(sites["plmn"]),
        distance_m=_ELLIPSOID.inv(
            sites["lon"], sites["lat"], [centre.x] * len(sites), [centre.y] * len(sites)
        )[2],
    )
    near = known[known["carrier"].notna() & (known["distance_m"] <= FURTHEST_M)]
    first = near.sort_values(["distance_m", "site_id"]).drop_duplicates("carrier")
    judged = set(result.assessment["carrier"]) - {ANY_CARRIER}
    return [
        _path(result, site, centre.x, centre.y)
        for _, site in first[first["carrier"].isin(judged)].iterrows()
    ]


def _path(result: Result, site: pd.Series, lon: float, lat: float) -> PathToSite:
    mast = float(site["height_m"]) if pd.notna(site["height_m"]) else UNKNOWN_MAST_M
    own_mhz = site["frequency_mhz"]
    frequency = float(own_mhz) if pd.notna(own_mhz) else USUAL_MHZ["4G"]
    receiver = result.settings.siting.receiver_m
    ground, blocking = None, None
    if result.terrain is not None:
        x, y = to_crs(
            [site["lon"], lon], [site["lat"], lat], source=WGS84, target=result.terrain.crs
        )
        ground = profile(result.terrain, x0=x[0], y0=y[0], x1=x[1], y1=y[1])
        blocking = blocking_point(
            ground, frequency_mhz=frequency, tx_height_m=mast, rx_height_m=receiver
        )
    return PathToSite(
        carrier=str(site["carrier"]),
        site_id=str(site["site_id"]),
        exact=site["position"] == "exact",
        distance_m=float(site["distance_m"]),
        mast_m=mast,
        frequency_mhz=frequency,
        receiver_m=receiver,
        ground=ground,
        blocking=blocking,
    )
