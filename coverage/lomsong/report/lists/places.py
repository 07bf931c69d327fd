"""Find where a hamlet of a list lies, and which known sites stand nearest to it."""

from functools import lru_cache
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

from lomsong.ingest.sites import masts_of
from lomsong.report.lists.columns import SEPARATOR
from lomsong.space.crs import Floats
from lomsong.vietnam.carriers import carriers_of
from lomsong.vietnam.names import key, split_commune_kind
from lomsong.vietnam.units import VINTAGES, by_code
from lomsong.vietnam.vn2000 import Zone, to_vn2000, zone_for

DEGREE_DIGITS: Final = 7
METRE_DIGITS: Final = 2
_OF_MAST: Final = ("site_id", "carrier", "position", "technologies")
_LONGITUDES: Final = (102.1, 109.6)
"""West and east of the mainland of Vietnam [degrees], where EPSG defines its VN-2000 zones."""
_LATITUDES: Final = (8.3, 23.5)
_GEOD: Final = Geod(ellps="WGS84")
_TO_SPACE: Final = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


def representative_points(hamlets: gpd.GeoDataFrame, clusters: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return `lon`, `lat` [degrees] and `point` per hamlet, on the hamlets' index.

    The cluster that stands for the centre comes first (`centre`), then the most populous one (`cluster`), then a
    point inside the area (`area`).
    """
    order = pd.DataFrame(
        {
            "hamlet_id": clusters["hamlet_id"],
            "cluster_id": clusters["cluster_id"],
            "is_centre": clusters["is_centre"],
            "people": clusters["people"],
            "row": np.arange(len(clusters)),
        }
    )
    order = order.sort_values(
        ["is_centre", "people", "cluster_id"], ascending=[False, False, True], na_position="last"
    )
    best = order.drop_duplicates("hamlet_id").set_index("hamlet_id")
    chosen = best.reindex(hamlets["hamlet_id"])
    inside = shapely.point_on_surface(hamlets.geometry.to_numpy())
    found = chosen["row"].notna().to_numpy()
    rows = chosen["row"].dropna().astype("int64").to_numpy()
    points = inside.copy()
    points[found] = shapely.point_on_surface(clusters.geometry.to_numpy()[rows])
    is_centre = np.zeros(len(hamlets), bool)
    is_centre[found] = chosen["is_centre"].to_numpy()[found].astype(bool)
    kind = np.where(is_centre, "centre", np.where(found, "cluster", "area"))
    return pd.DataFrame(
        {
            "lon": np.round(shapely.get_x(points), DEGREE_DIGITS),
            "lat": np.round(shapely.get_y(points), DEGREE_DIGITS),
            "point": pd.array(kind, dtype="str"),
        },
        index=hamlets.index,
    )


def masts(sites: pd.DataFrame) -> pd.DataFrame:
    """Return known masts, one row per carrier's mast.

    Columns `site_id`, `carrier`, `lon`, `lat` [degrees], `position` and `technologies`, all that
    are known there.
    """
    known = masts_of(sites)
    named = known.assign(
        carrier=carriers_of(known["plmn"]),
        technologies=known["technologies"].str.replace("/", SEPARATOR),
    ).dropna(subset=["carrier"])
    columns = ["carrier", "lon", "lat", "site_id", "position", "technologies"]
    return named[columns].sort_values(["site_id", "carrier", "lon", "lat"], ignore_index=True)


def nearest(points: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the nearest of the known masts per point, on the points' index.

    Columns `site_id`, `carrier`, `position`, `technologies` and `distance_m`, a geodesic on WGS 84 [m]; missing
    where no mast is known.
    """
    if known.empty or points.empty:
        nothing = pd.Series([None] * len(points), index=points.index, dtype="str")
        table = pd.DataFrame(dict.fromkeys(_OF_MAST, nothing))
        return table.assign(distance_m=np.nan)
    tree = cKDTree(_geocentric(known))
    _, place = tree.query(_geocentric(points))
    found = known.iloc[place]
    _, _, distance_m = _GEOD.inv(
        points["lon"].to_numpy(),
        points["lat"].to_numpy(),
        found["lon"].to_numpy(),
        found["lat"].to_numpy(),
    )
    table = found[list(_OF_MAST)].set_axis(points.index)
    nearest_of_each: pd.DataFrame = table.assign(distance_m=np.round(distance_m, METRE_DIGITS))
    return nearest_of_each


def vn2000(
    points: pd.DataFrame, hamlets: pd.DataFrame, *, home_lon: float, in_vietnam: bool
) -> pd.DataFrame:
    """Return `vn2000_x_m` (northing), `vn2000_y_m` (easting) [m] and `vn2000_zone`, on the points' index.

    The zone is that of the province of the hamlet's commune, of the vintage in which code and name belong
    together; a commune that the register does not know gets the zone nearest to `home_lon` [degrees], so that one
    run keeps to one zone. Missing outside Vietnam.
    """
    inside = points["lon"].between(*_LONGITUDES) & points["lat"].between(*_LATITUDES) & in_vietnam
    labels = pd.Series([None] * len(points), index=points.index, dtype="str")
    table = pd.DataFrame({"vn2000_x_m": np.nan, "vn2000_y_m": np.nan, "vn2000_zone": labels})
    commune = hamlets[["commune_code", "commune_name"]].astype(object)
    commune = commune.where(commune.notna(), None)
    zones = [_zone(code, name, home_lon) for code, name in commune.itertuples(index=False)]
    epsg = np.array([zone.epsg for zone in zones], dtype=np.int64)
    for zone in {zone.epsg: zone for zone in zones}.values():
        here = inside & (epsg == zone.epsg)
        easting, northing = to_vn2000(
            points.loc[here, "lon"], points.loc[here, "lat"], epsg=zone.epsg
        )
        table.loc[here, "vn2000_x_m"] = np.round(northing, METRE_DIGITS)
        table.loc[here, "vn2000_y_m"] = np.round(easting, METRE_DIGITS)
        table.loc[here, "vn2000_zone"] = zone.label
    return table


@lru_cache(maxsize=1 << 14)
def _zone(commune_code: str | None, commune_name: str | None, lon: float) -> Zone:
    if commune_code is not None and commune_name is not None:
        wanted = key(split_commune_kind(commune_name).rest)
        for vintage in VINTAGES[::-1]:
            commune = by_code(commune_code, vintage=vintage)
            if commune is not None and key(split_commune_kind(commune.name).rest) == wanted:
                return zone_for(commune.province_code, vintage=vintage)
    return zone_for(lon=lon)


def _geocentric(places: pd.DataFrame) -> Floats:
    """Return positions in space [m], where the nearest is nearest on the ground too, across any meridian."""
    lon, lat = places["lon"].to_numpy(float), places["lat"].to_numpy(float)
    return np.column_stack(_TO_SPACE.transform(lon, lat, np.zeros(len(places))))
