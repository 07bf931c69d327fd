"""Run the stage: from unserved clusters to a table of candidates and a plan."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from lomsong.config import Settings
from lomsong.evidence.clusters import Clusters
from lomsong.siting.candidates import Places, find_places
from lomsong.siting.cost import Costs, reckon
from lomsong.siting.demand import Demand, find_demand
from lomsong.siting.plan import Worth, choose, worth
from lomsong.siting.sight import reach
from lomsong.space.crs import WGS84, to_crs
from lomsong.space.raster import Raster
from lomsong.tables import CANDIDATES, COVERAGE, checked, empty

SHARED = "shared"
"""A site for people whom no carrier serves is planned for all carriers together."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """Candidates (`tables.CANDIDATES`) and which clusters each of them serves (`tables.COVERAGE`)."""

    candidates: gpd.GeoDataFrame
    coverage: pd.DataFrame


def plan_sites(
    clusters: Clusters,
    classes: npt.NDArray[np.object_],
    gaps: gpd.GeoDataFrame,
    *,
    terrain: Raster | None,
    sites: pd.DataFrame,
    lines: gpd.GeoDataFrame | None,
    settings: Settings,
) -> Plan:
    """Plan new sites for clusters that no carrier serves; without terrain there are no candidates.

    `classes` holds the class of each cluster (4G, any carrier). A mast serves what it sees within the radius.
    """
    limits = settings.siting
    demand = find_demand(
        clusters,
        classes,
        gaps,
        group_distance_m=limits.group_distance_m,
        include_unknown=limits.include_unknown,
    )
    if terrain is None or not demand.waiting.any():
        return _nothing()
    places = find_places(
        demand,
        terrain,
        search_radius_m=limits.search_radius_m,
        per_group=limits.candidates_per_group,
    )
    seen = reach(
        terrain,
        demand,
        x=places.x,
        y=places.y,
        mast_m=limits.mast_m,
        receiver_m=limits.receiver_m,
        radius_m=limits.radius_m,
    )
    costs = reckon(
        places,
        terrain=terrain,
        crs=clusters.crs,
        sites=sites,
        lines=lines,
        mast_m=limits.mast_m,
        cost=settings.cost,
    )
    value = worth(demand, settings.priority)
    ids = _ids(places, crs=clusters.crs)
    chosen, gained = choose(seen, value.total, cost_vnd=costs.cost_vnd, order=ids, limits=limits)
    newly = seen & (value.total > 0)
    newly[chosen] = gained
    candidates = _table(
        places,
        ids,
        demand,
        costs,
        value,
        seen=seen,
        newly=newly,
        chosen=chosen,
        settings=settings,
        crs=clusters.crs,
    )
    return Plan(candidates=candidates, coverage=_coverage(ids, demand, seen, newly, chosen))


def _ids(places: Places, *, crs: CRS) -> list[str]:
    lon, lat = to_crs(places.x, places.y, source=crs, target=WGS84)
    return [f"{y:.4f}N{x:.4f}E" for x, y in zip(lon, lat, strict=True)]


def _table(
    places: Places,
    ids: list[str],
    demand: Demand,
    costs: Costs,
    value: Worth,
    *,
    seen: np.ndarray,
    newly: np.ndarray,
    chosen: list[int],
    settings: Settings,
    crs: CRS,
) -> gpd.GeoDataFrame:
    gained = newly @ demand.waiting
    rank = pd.array([pd.NA] * len(ids), dtype="Int64")
    for position, place in enumerate(chosen, start=1):
        rank[place] = position
    lon, lat = to_crs(places.x, places.y, source=crs, target=WGS84)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_person = np.where(gained > 0, costs.cost_vnd / gained, np.nan)
    table = gpd.GeoDataFrame(
        {
            "site_id": ids,
            "rank": rank,
            "selected": np.isin(np.arange(len(ids)), chosen),
            "ground_m": places.ground_m,
            "mast_m": settings.siting.mast_m,
            "carrier": SHARED,
            "cluster_of_demand": [f"G{group + 1:03d}" for group in places.group],
            "people_gained": gained,
            "hamlets_gained": [demand.hamlet_id[row].nunique() for row in newly],
            "people_covered": seen @ demand.people,
            "cost_vnd": costs.cost_vnd,
            "cost_vnd_per_person": per_person,
            "grid_distance_m": costs.grid_distance_m,
            "power_solution": costs.power_solution,
            "backhaul_site": pd.array(costs.backhaul_site, dtype="str"),
            "backhaul_distance_m": costs.backhaul_distance_m,
            "backhaul_clear": pd.array(costs.backhaul_clear, dtype="boolean"),
            "score": newly @ value.total,
            "score_people": newly @ value.people,
            "score_no_grid": newly @ value.no_grid,
            "score_difficult": newly @ value.difficult,
        },
        geometry=shapely.points(lon, lat),
        crs=WGS84,
    ).astype(dict.fromkeys(("site_id", "carrier", "cluster_of_demand", "power_solution"), str))
    order = ["rank", "score", "site_id"]
    ordered = table.sort_values(
        order, ascending=[True, False, True], na_position="last", ignore_index=True
    )
    return checked(ordered, CANDIDATES)


def _coverage(
    ids: list[str], demand: Demand, seen: np.ndarray, newly: np.ndarray, chosen: list[int]
) -> pd.DataFrame:
    site, cluster = np.nonzero(seen)
    built = np.isin(site, chosen)
    table = pd.DataFrame(
        {
            "site_id": np.array(ids, object)[site],
            "cluster_id": demand.cluster_id.to_numpy()[cluster],
            "newly_served": built & newly[site, cluster],
            "people": demand.people[cluster],
        }
    ).astype({"site_id": str, "cluster_id": str})
    return checked(table.sort_values(["site_id", "cluster_id"], ignore_index=True), COVERAGE)


def _nothing() -> Plan:
    return Plan(candidates=gpd.GeoDataFrame(empty(CANDIDATES)), coverage=empty(COVERAGE))
