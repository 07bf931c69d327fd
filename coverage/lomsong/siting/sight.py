"""Say whether two heights over the terrain see each other."""

from typing import Final

import numpy as np

from lomsong.siting.demand import Demand
from lomsong.space.crs import EARTH_RADIUS_M, Floats
from lomsong.space.raster import Raster

EFFECTIVE_EARTH_RADIUS_M: Final = EARTH_RADIUS_M * 4 / 3
"""Rays bend along the earth: the median refraction of ITU-R P.310 lets it look one third larger."""


def sees(
    terrain: Raster,
    *,
    x: float,
    y: float,
    antenna_m: float,
    to_x: Floats,
    to_y: Floats,
    to_antenna_m: float,
) -> np.ndarray:
    """Return for each target whether the straight ray to it clears the terrain.

    Heights of antennas are above ground [m]. Terrain is read every cell's width along the path, bulged by the
    effective earth; a path with a stretch of unknown terrain is not seen.
    """
    distance = np.hypot(to_x - x, to_y - y)
    steps = max(int(np.ceil(distance.max(initial=0.0) / min(terrain.cell))), 2)
    share = np.linspace(0, 1, steps + 1)[1:-1]
    ground = terrain.at(np.array([x]), np.array([y]))[0]
    top, to_top = ground + antenna_m, terrain.at(to_x, to_y) + to_antenna_m
    path_x = x + np.outer(to_x - x, share)
    path_y = y + np.outer(to_y - y, share)
    along = np.outer(distance, share)
    bulge = along * (distance[:, None] - along) / (2 * EFFECTIVE_EARTH_RADIUS_M)
    ray = top + np.outer(to_top - top, share)
    # A comparison with NaN is false: unknown terrain hides what lies behind it.
    clear = (terrain.at(path_x, path_y) + bulge <= ray).all(axis=1)
    return np.asarray(clear & np.isfinite(to_top) & np.isfinite(ground), bool)


def reach(
    terrain: Raster,
    demand: Demand,
    *,
    x: Floats,
    y: Floats,
    mast_m: float,
    receiver_m: float,
    radius_m: float,
) -> np.ndarray:
    """Return a matrix (places, clusters): which cluster a mast at each place sees within `radius_m` [m]."""
    seen = np.zeros((len(x), len(demand.x)), bool)
    for place in range(len(x)):
        near = np.flatnonzero(np.hypot(demand.x - x[place], demand.y - y[place]) <= radius_m)
        seen[place, near] = sees(
            terrain,
            x=x[place],
            y=y[place],
            antenna_m=mast_m,
            to_x=demand.x[near],
            to_y=demand.y[near],
            to_antenna_m=receiver_m,
        )
    return seen
