"""Reckon what a site costs, and how it gets power and backhaul."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.spatial import cKDTree

from lomsong.config import CostSection
from lomsong.siting.candidates import Places
from lomsong.siting.sight import sees
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster

BACKHAUL_MAST_M: Final = 30.0
"""Antenna height [m] taken for the far end of a hop, where the site's own is unknown (assumption)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Costs:
    """Cost of each candidate and what it rests on; NaN where nothing is known."""

    cost_vnd: Floats
    grid_distance_m: Floats
    power_solution: np.ndarray
    backhaul_site: list[str | None]
    backhaul_distance_m: Floats
    backhaul_clear: list[bool | None]


def reckon(
    places: Places,
    *,
    terrain: Raster,
    crs: CRS,
    sites: pd.DataFrame,
    lines: gpd.GeoDataFrame | None,
    mast_m: float,
    cost: CostSection,
) -> Costs:
    """Return the cost of a site at each place [VND].

    Site and mast; fibre to the nearest known site; a grid connection where lines are within reach, else solar. What
    is not known (no sites, no lines) is not in the sum, and its columns are empty.
    """
    grid_m = _grid_distance(places, lines, crs=crs)
    near_grid = grid_m <= cost.grid_reach_m
    backhaul_site, backhaul_m, clear = _backhaul(
        places, sites, terrain=terrain, crs=crs, mast_m=mast_m
    )
    power_vnd = np.where(near_grid, grid_m / 1000 * cost.grid_vnd_per_km, cost.solar_vnd)
    total = (
        cost.site_vnd
        + np.nan_to_num(backhaul_m / 1000 * cost.transmission_vnd_per_km)
        + np.where(np.isnan(grid_m), 0.0, power_vnd)
    )
    return Costs(
        cost_vnd=total,
        grid_distance_m=grid_m,
        power_solution=np.where(np.isnan(grid_m), "unknown", np.where(near_grid, "grid", "solar")),
        backhaul_site=backhaul_site,
        backhaul_distance_m=backhaul_m,
        backhaul_clear=clear,
    )


def _grid_distance(places: Places, lines: gpd.GeoDataFrame | None, *, crs: CRS) -> Floats:
    if lines is None or not len(lines) or not len(places.x):
        return np.full(len(places.x), np.nan)
    tree = shapely.STRtree(lines.geometry.to_crs(crs).to_numpy())
    points = shapely.points(places.x, places.y)
    (_, _), distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    return np.asarray(distance, float)


def _backhaul(
    places: Places, sites: pd.DataFrame, *, terrain: Raster, crs: CRS, mast_m: float
) -> tuple[list[str | None], Floats, list[bool | None]]:
    n = len(places.x)
    if not len(sites) or not n:
        return [None] * n, np.full(n, np.nan), [None] * n
    ordered = sites.sort_values("site_id", ignore_index=True)
    x, y = to_crs(ordered["lon"].to_numpy(), ordered["lat"].to_numpy(), source=WGS84, target=crs)
    distance, nearest = cKDTree(np.column_stack([x, y])).query(
        np.column_stack([places.x, places.y])
    )
    clear: list[bool | None] = []
    for place, site in enumerate(nearest):
        if np.isnan(terrain.at(x[[site]], y[[site]])[0]):
            clear.append(None)
            continue
        seen = sees(
            terrain,
            x=places.x[place],
            y=places.y[place],
            antenna_m=mast_m,
            to_x=x[[site]],
            to_y=y[[site]],
            to_antenna_m=BACKHAUL_MAST_M,
        )
        clear.append(bool(seen[0]))
    return (
        [str(ordered["site_id"].iloc[site]) for site in nearest],
        np.asarray(distance, float),
        clear,
    )
