"""Look for a clear microwave hop from each option to a known site."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.spatial import cKDTree

from lomsong.propagation import Profile, blocking_point, profile
from lomsong.siting.candidates import EXISTING_MAST_M, Options
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster

HOP_MHZ: Final = 6000.0
"""The lowest of the usual microwave bands [MHz]: its Fresnel zone is the widest, so what is clear here is clear above."""
CLEAR_ZONES: Final = 0.6
"""Free radii of the first Fresnel zone that make a hop clear (ITU-R P.530, for median refraction)."""
NEIGHBOURS: Final = 4
"""Known sites tried for each place, nearest first (assumption)."""
NEAREST_M: Final = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Hops:
    """Backhaul of each option."""

    site: list[str | None]
    """Nearest known site with a clear hop, else the nearest; None where no site is known."""
    distance_m: Floats
    """Distance to it [m]."""
    clear: npt.NDArray[np.bool_]
    """Whether the hop is clear; false also where nobody knows."""
    known: npt.NDArray[np.bool_]
    """Whether terrain tells."""


def find_hops(
    options: Options, sites: pd.DataFrame, *, terrain: Raster, crs: CRS, reach_m: float
) -> Hops:
    """Return the backhaul of each option.

    A hop is clear where terrain and the Earth's bulge leave `CLEAR_ZONES` of the first Fresnel zone free. The far
    antenna hangs at the known mast's height, or at `EXISTING_MAST_M`.
    """
    places = options.places
    n = len(options.place)
    if not len(sites) or not n:
        nothing = np.zeros(n, bool)
        return Hops(
            site=[None] * n, distance_m=np.full(n, np.nan), clear=nothing, known=nothing.copy()
        )
    masts = sites.sort_values(["site_id", "plmn"]).drop_duplicates(["lon", "lat"])
    x, y = to_crs(masts["lon"].to_numpy(), masts["lat"].to_numpy(), source=WGS84, target=crs)
    far_m = masts["height_m"].fillna(EXISTING_MAST_M).clip(lower=1.0).to_numpy(float)
    near = min(NEIGHBOURS, len(x))
    distance, index = cKDTree(np.column_stack([x, y])).query(
        np.column_stack([places.x, places.y]), k=list(range(1, near + 1))
    )
    site, metres = [""] * n, np.empty(n)
    clear, known = np.zeros(n, bool), np.zeros(n, bool)
    for place in range(len(places.x)):
        tried = [int(i) for i in index[place]]
        paths = [_path(terrain, (places.x[place], places.y[place]), (x[i], y[i])) for i in tried]
        for option in options.of_place(place):
            mast_m = float(options.mast_m[option])
            seen = [
                _is_clear(path, mast_m, float(far_m[i])) if length <= reach_m else None
                for path, i, length in zip(paths, tried, distance[place], strict=True)
            ]
            best = seen.index(True) if True in seen else 0
            site[option] = str(masts["site_id"].iloc[tried[best]])
            metres[option] = distance[place, best]
            clear[option], known[option] = seen[best] is True, seen[best] is not None
    return Hops(site=list(site), distance_m=metres, clear=clear, known=known)


def _path(terrain: Raster, start: tuple[float, float], end: tuple[float, float]) -> Profile | None:
    """Return the profile of a hop, None where both ends are one place."""
    if np.hypot(end[0] - start[0], end[1] - start[1]) < NEAREST_M:
        return None
    return profile(
        terrain, x0=float(start[0]), y0=float(start[1]), x1=float(end[0]), y1=float(end[1])
    )


def _is_clear(path: Profile | None, mast_m: float, far_m: float) -> bool | None:
    """Return whether a hop is clear, None where the terrain is not known all the way."""
    if path is None:
        return True
    point = blocking_point(path, frequency_mhz=HOP_MHZ, tx_height_m=mast_m, rx_height_m=far_m)
    return None if point is None else point.fresnel_clearance >= CLEAR_ZONES
