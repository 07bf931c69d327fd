"""Reckon what a site costs, and how it gets power and backhaul."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from lomsong.config import CostSection
from lomsong.siting.backhaul import Hops, find_hops
from lomsong.siting.candidates import Options
from lomsong.siting.land import distance_to
from lomsong.siting.prices import years_now
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster


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
    present_vnd: Floats
    """Investment, the years of operation and new batteries, discounted."""
    battery_vnd: Floats
    """New batteries, discounted: part of `present_vnd`."""
    road_distance_m: Floats
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
    roads: gpd.GeoDataFrame | None = None,
) -> Costs:
    """Return the cost of each option.

    A known mast brings mast, ground, power and backhaul with it and costs the radio alone. Else: the mast by its
    height; civil works, and access by the distance to a road; power equipment and a grid connection where lines are
    within reach, else solar; backhaul as `backhaul.find_hops` has it. What is not known (no sites, no lines, no roads)
    is not in the sum, and its columns are empty.
    """
    places = options.places
    new = np.isnan(places.existing_mast_m)[options.place]
    grid_m = distance_to(lines, places.x, places.y, terrain=terrain)[options.place]
    road_m = distance_to(roads, places.x, places.y, terrain=terrain)[options.place]
    access = np.nan_to_num(road_m) / 1000 * cost.road_vnd_per_km
    near_grid = grid_m <= cost.grid_reach_m
    connection = np.where(near_grid, grid_m / 1000 * cost.grid_vnd_per_km, cost.solar_vnd)
    connection = np.where(np.isnan(grid_m), 0.0, connection)
    hops = find_hops(options, sites, terrain=terrain, crs=crs, cost=cost)
    parts = {
        "radio_vnd": np.full(len(new), cost.radio_vnd),
        "mast_vnd": np.where(new, options.mast_m * cost.mast_vnd_per_m, 0.0),
        "civil_vnd": np.where(new, cost.civil_vnd + access, 0.0),
        "power_vnd": np.where(new, cost.power_vnd + connection, 0.0),
        "backhaul_vnd": np.where(new, hops.cost_vnd, 0.0),
    }
    solution = np.where(np.isnan(grid_m), "unknown", np.where(near_grid, "grid", "solar"))
    investment = np.sum(list(parts.values()), axis=0)
    operation = investment * cost.operation_share
    solar = new & (grid_m > cost.grid_reach_m)
    battery = np.where(solar, cost.battery_vnd * renewals_now(cost), 0.0)
    return Costs(
        **parts,
        operation_vnd=operation,
        present_vnd=investment + operation * years_now(cost.years, cost.discount_rate) + battery,
        battery_vnd=battery,
        road_distance_m=road_m,
        grid_distance_m=grid_m,
        power_solution=solution.astype(object),
        hops=hops,
    )


def renewals_now(cost: CostSection) -> float:
    """Return how many batteries bought now the new ones within the years of operation are worth."""
    bought = range(cost.battery_years, cost.years, cost.battery_years)
    return float(sum((1 + cost.discount_rate) ** -year for year in bought))
