"""Reckon what a site costs, and how it gets power and backhaul."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from lomsong.config import CostSection
from lomsong.siting.backhaul import Hops, find_hops
from lomsong.siting.candidates import Options
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

SHORT_HOP_M: Final = 15_000.0
"""Beyond this [m] a microwave hop costs twice as much (Oughton, pobis)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Costs:
    """Cost of each option by part [VND] and what it rests on; NaN or None where nothing is known."""

    radio_vnd: Floats
    mast_vnd: Floats
    civil_vnd: Floats
    power_vnd: Floats
    backhaul_vnd: Floats
    operation_vnd: Floats
    """In a year; not part of the total."""
    grid_distance_m: Floats
    power_solution: npt.NDArray[np.object_]
    hops: Hops

    @property
    def total_vnd(self) -> Floats:
        """Investment, the sum of its parts [VND]."""
        return np.asarray(
            self.radio_vnd + self.mast_vnd + self.civil_vnd + self.power_vnd + self.backhaul_vnd
        )


def reckon(
    options: Options,
    *,
    terrain: Raster,
    crs: CRS,
    sites: pd.DataFrame,
    lines: gpd.GeoDataFrame | None,
    cost: CostSection,
) -> Costs:
    """Return the cost of each option.

    A known mast brings mast, ground, power and backhaul with it and costs the radio alone. Else: the mast by its
    height; civil works; power equipment and a grid connection where lines are within reach, else solar; a microwave
    hop where one is clear, else fibre to the nearest known site. What is not known (no sites, no lines) is not in the
    sum, and its columns are empty.
    """
    places = options.places
    new = np.isnan(places.existing_mast_m)[options.place]
    grid_m = _grid_distance(options, lines, crs=crs)
    near_grid = grid_m <= cost.grid_reach_m
    connection = np.where(near_grid, grid_m / 1000 * cost.grid_vnd_per_km, cost.solar_vnd)
    connection = np.where(np.isnan(grid_m), 0.0, connection)
    hops = find_hops(options, sites, terrain=terrain, crs=crs, reach_m=cost.microwave_reach_m)
    microwave = cost.microwave_vnd * np.where(hops.distance_m > SHORT_HOP_M, 2, 1)
    fibre = np.nan_to_num(hops.distance_m / 1000 * cost.transmission_vnd_per_km)
    by_air = hops.clear & (hops.distance_m <= cost.microwave_reach_m)
    parts = {
        "radio_vnd": np.full(len(new), cost.radio_vnd),
        "mast_vnd": np.where(new, options.mast_m * cost.mast_vnd_per_m, 0.0),
        "civil_vnd": np.where(new, cost.civil_vnd, 0.0),
        "power_vnd": np.where(new, cost.power_vnd + connection, 0.0),
        "backhaul_vnd": np.where(new, np.where(by_air, microwave, fibre), 0.0),
    }
    solution = np.where(np.isnan(grid_m), "unknown", np.where(near_grid, "grid", "solar"))
    return Costs(
        **parts,
        operation_vnd=np.asarray(sum(parts.values()) * cost.operation_share, float),
        grid_distance_m=grid_m,
        power_solution=solution.astype(object),
        hops=hops,
    )


def _grid_distance(options: Options, lines: gpd.GeoDataFrame | None, *, crs: CRS) -> Floats:
    places = options.places
    if lines is None or not len(lines) or not len(places.x):
        return np.full(len(options.place), np.nan)
    tree = shapely.STRtree(lines.geometry.to_crs(crs).to_numpy())
    points = shapely.points(places.x, places.y)
    (_, _), distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    return np.asarray(distance, float)[options.place]
