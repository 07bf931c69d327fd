"""Run the stage: from unserved clusters to a table of candidates and a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy import sparse

from lomsong.assess.joint import Newcomer
from lomsong.assess.modelled.field import Learnt
from lomsong.config import Settings, SitingSection
from lomsong.evidence.clusters import Clusters
from lomsong.ingest.places import Surroundings
from lomsong.progress import SILENT, Progress
from lomsong.siting.areas import area_name, area_names, grouped, service_areas
from lomsong.siting.backhaul import Hops
from lomsong.siting.candidates import Options, Places, find_places, options_at
from lomsong.siting.clutter import through_clutter
from lomsong.siting.correction import Correction
from lomsong.siting.cost import Costs, reckon
from lomsong.siting.demand import Demand, find_demand
from lomsong.siting.layers import CHANCES as LAYERS
from lomsong.siting.layers import chance_of, in_layers, layered
from lomsong.siting.learning import correction_of
from lomsong.siting.links import Linked, link
from lomsong.siting.operators import SHARED, check_carrier, one_per_area
from lomsong.siting.optimum import choose
from lomsong.siting.outcome import Outcome, chances, columns, coverage
from lomsong.siting.plan import Plan, in_table_order, whole
from lomsong.siting.prices import radio_vnd
from lomsong.siting.problem import Choice, Limits, Problem
from lomsong.siting.program import Effort
from lomsong.siting.reach import Mapped, least_dbm, needed_dbm, predict
from lomsong.siting.received import Reach
from lomsong.siting.stability import Stability, perturbed
from lomsong.siting.swept import as_table
from lomsong.siting.words import told
from lomsong.siting.worth import worth
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Integers, Raster
from lomsong.tables import (
    ANY_CARRIER,
    CANDIDATES,
    COVERAGE,
    checked,
    empty,
)

_TEXTS: Final = ("site_id", "carrier", "cluster_of_demand", "power_solution", "backhaul_kind")


def plan_sites(
    clusters: Clusters,
    assessment: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    *,
    terrain: Raster | None,
    sites: pd.DataFrame,
    lines: gpd.GeoDataFrame | None,
    settings: Settings,
    surroundings: Surroundings | None = None,
    learnt: Learnt | None = None,
    newcomers: Mapping[str, Newcomer] | None = None,
    progress: Progress = SILENT,
    mapped: Mapped = map,
    swept: Mapping[str, Floats] | None = None,
) -> Plan:
    """Plan new sites for clusters that no carrier serves, or not the one asked for; without terrain there are no candidates.

    `lines` are those of the grid; `surroundings` hold places given, forbidden areas, roads and points of interest. A
    site serves a cluster where its median dwelling receives the minimum level. The choice counts everybody by the chance
    of that and of being without service now; named as newly served is who waits and is served with the asked
    probability. `learnt` is what samples taught of known sites over terrain, `newcomers` what they tell of the clutter around
    each cluster (`assess.Assessment`). `mapped` sweeps the places, here or elsewhere;
    `swept` is what an earlier run swept (`siting.swept.read`).
    """
    siting = settings.siting
    demand = _demand(clusters, assessment, gaps, siting)
    areas = service_areas(demand, gaps, crs=clusters.crs)
    if terrain is None or not demand.waiting.any():
        return replace(_nothing(), service_areas=areas, area_of_cluster=area_names(demand))
    around = surroundings or Surroundings()
    places = find_places(
        demand,
        terrain,
        sites=sites,
        crs=clusters.crs,
        settings=siting,
        surroundings=around,
        lines=lines,
    )
    options = options_at(places, siting.masts_m)
    correction = correction_of(learnt, terrain, siting)
    levels = dict(swept or {})
    reach = predict(
        terrain,
        clusters,
        options,
        settings=siting,
        minimum_dbm=settings.levels.minimum_rsrp_dbm,
        silent=demand.silent,
        correction=correction,
        progress=progress,
        mapped=mapped,
        swept=levels,
    )
    reach = through_clutter(
        reach,
        (newcomers or {}).get(siting.carrier or ANY_CARRIER),
        correction=correction,
        settings=siting,
        least_dbm=least_dbm(settings.levels.minimum_rsrp_dbm, siting),
    )
    carrier = siting.carrier or SHARED
    radio = radio_vnd(assessment, settings.cost, carrier=carrier, roaming=siting.roaming)
    costs = reckon(
        options,
        terrain=terrain,
        crs=clusters.crs,
        sites=sites,
        lines=lines,
        cost=settings.cost.model_copy(update={"radio_vnd": radio}),
        roads=around.roads,
    )
    linked = link(options, costs, terrain=terrain, cost=settings.cost)
    offers = _Offers(
        names=_names(places, crs=clusters.crs),
        linked=linked,
        reach=linked.spread(reach),
        correction=correction,
    )
    plan = _chosen(offers, demand, settings, sites=sites, crs=clusters.crs, progress=progress)
    return replace(
        plan, service_areas=areas, area_of_cluster=area_names(demand), swept=as_table(levels)
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Offers:
    """What can be built where, whom it reaches, what it costs and stands on."""

    names: list[str]
    """Of each place."""
    linked: Linked
    reach: Reach
    correction: Correction
    """What known sites teach of new ones."""


def _demand(
    clusters: Clusters, assessment: pd.DataFrame, gaps: gpd.GeoDataFrame, siting: SitingSection
) -> Demand:
    """Return who waits for the carrier that is asked for, or for any, in groups that one site may serve."""
    if siting.carrier is not None:
        check_carrier(siting.carrier, assessment)
    demand = find_demand(
        clusters.table,
        assessment,
        gaps,
        crs=clusters.crs,
        include_unknown=siting.include_unknown,
        carrier=siting.carrier or ANY_CARRIER,
    )
    return grouped(demand, gap_m=siting.group_distance_m, span_m=siting.group_span_m)


def _chosen(
    offers: _Offers,
    demand: Demand,
    settings: Settings,
    *,
    sites: pd.DataFrame,
    crs: CRS,
    progress: Progress,
) -> Plan:
    """Choose among what is offered, and tell how sure the choice is and whom it serves."""
    siting, minimum_dbm = settings.siting, settings.levels.minimum_rsrp_dbm
    linked, reach, sigma_db = offers.linked, offers.reach, offers.correction.sigma_db
    options, least = linked.options, least_dbm(minimum_dbm, siting)
    value = worth(demand, settings.priority)
    chance = _chance(reach, least=least, sigma_db=sigma_db)
    problem = Problem(
        reach=layered(*_pairs(chance), shape=reach.shape),
        value=in_layers(value.total),
        cost_vnd=linked.costs.total_vnd,
        order=_order(linked, offers.names),
        place=options.place,
        needs=linked.needs,
    )
    limits = limits_of(siting)
    with progress.task("plan"):
        choice = choose(problem, limits, effort_of(siting))
        stability = perturbed(
            problem,
            reach,
            demand,
            settings.priority,
            limits,
            least_dbm=least,
            sigma_db=sigma_db,
            draws=siting.stability_draws,
        )
    outcome = Outcome(
        problem=problem,
        named=reach.served(needed_dbm(minimum_dbm, siting, sigma_db=sigma_db)),
        choice=choice,
        demand=demand,
        worth=value,
        shown=_shown(problem, choice),
    )
    table = _table(
        outcome,
        offers.names,
        options,
        linked.settled(choice.chosen, offers.names),
        stability,
        carrier=siting.carrier or SHARED,
        crs=crs,
    )
    if siting.roaming and siting.carrier is None:
        table = checked(table.assign(carrier=one_per_area(table, sites)), CANDIDATES)
    shown = [offers.names[int(options.place[option])] for option in outcome.shown]
    return Plan(
        candidates=table,
        coverage=coverage(outcome, shown),
        chances=chances(outcome, shown, chance),
        correction=offers.correction,
        summary=told(choice, limits, waiting=float(value.total.sum()))
        | {"propagation": offers.correction.told()},
    )


def _chance(reach: Reach, *, least: float, sigma_db: float) -> sparse.csr_array:
    """Return how likely each option serves each cluster, where that is likely enough to count."""
    chance = chance_of(reach, minimum_dbm=least, sigma_db=sigma_db)
    kept = chance >= LAYERS[0]
    pairs = (reach.option[kept], reach.cluster[kept])
    return sparse.csr_array((chance[kept], pairs), shape=reach.shape)


def _pairs(chance: sparse.csr_array) -> tuple[Integers, Integers, Floats]:
    pairs = chance.tocoo()
    return *pairs.coords, pairs.data


def limits_of(siting: SitingSection) -> Limits:
    """Return the limits that the settings name."""
    return Limits(
        max_sites=siting.max_sites,
        budget_vnd=siting.budget_vnd,
        target_share=siting.target_share,
    )


def effort_of(siting: SitingSection) -> Effort:
    """Return when the search stops."""
    return Effort(gap=siting.optimality_gap, nodes=siting.search_nodes)


def _names(places: Places, *, crs: CRS) -> list[str]:
    lon, lat = to_crs(places.x, places.y, source=crs, target=WGS84)
    names = [
        places.names.get(position, f"{y:.4f}N{x:.4f}E")
        for position, (x, y) in enumerate(zip(lon, lat, strict=True))
    ]
    # Two places given may have one name; terrain finer than the names, or a known mast beside a cell, may give two places one.
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        names[position] = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return names


def _order(linked: Linked, names: Sequence[str]) -> list[str]:
    """Return a name of each option: its place, its mast, and what it stands on."""
    options = linked.options
    return [
        f"{names[place]} {mast_m:05.1f} {depth} {vnd:015.0f}"
        for place, mast_m, depth, vnd in zip(
            options.place, options.mast_m, linked.depth, linked.costs.hops.cost_vnd, strict=True
        )
    ]


def _shown(problem: Problem, choice: Choice) -> list[int]:
    """Return the one option of each place that the table shows: the chosen one, else the most value per VND.

    Where a place is not chosen, what stands alone goes before what needs another site.
    """
    merit = (problem.reach @ problem.value) / np.maximum(problem.cost_vnd, 1.0)
    merit = np.where(problem.dependent, -1.0 / (1.0 + merit), merit)
    shown: dict[int, int] = {}
    for option, place in enumerate(problem.place):
        best = shown.setdefault(int(place), option)
        if merit[option] > merit[best]:
            shown[int(place)] = option
    shown.update({int(problem.place[option]): option for option in choice.chosen})
    return [shown[place] for place in sorted(shown)]


def _table(
    outcome: Outcome,
    names: list[str],
    options: Options,
    costs: Costs,
    stability: Stability,
    *,
    carrier: str,
    crs: CRS,
) -> gpd.GeoDataFrame:
    places, shown = options.places, list(outcome.shown)
    place = options.place[shown]
    lon, lat = to_crs(places.x[place], places.y[place], source=crs, target=WGS84)
    table = gpd.GeoDataFrame(
        {
            "site_id": [names[p] for p in place],
            "ground_m": places.ground_m[place],
            "mast_m": options.mast_m[shown],
            "carrier": carrier,
            "existing_site": pd.array([places.existing_site[p] for p in place], dtype="str"),
            "existing_carriers": pd.array(
                [places.existing_carriers.get(int(p)) for p in place], dtype="str"
            ),
            "existing_use": pd.array([places.existing_use(int(p)) for p in place], dtype="str"),
            "cluster_of_demand": [area_name(int(places.group[p])) for p in place],
            "people_covered": outcome.named[shown] @ outcome.demand.people,
            **_cost_columns(costs, shown),
            **_backhaul_columns(
                costs.hops, shown, new=np.isnan(places.existing_mast_m[place]), crs=crs
            ),
            **columns(outcome),
            "stability": stability.share[place],
            "stability_alike": stability.alike[place],
            "rank_low": whole(stability.rank_low[place]),
            "rank_high": whole(stability.rank_high[place]),
        },
        geometry=shapely.points(lon, lat),
        crs=WGS84,
    ).astype(dict.fromkeys(_TEXTS, "str"))
    return checked(in_table_order(table), CANDIDATES)


def _cost_columns(costs: Costs, shown: list[int]) -> dict[str, object]:
    parts = ("radio", "mast", "civil", "power", "backhaul", "operation")
    return {
        "cost_vnd": costs.total_vnd[shown],
        **{f"cost_{part}_vnd": getattr(costs, f"{part}_vnd")[shown] for part in parts},
        "cost_present_vnd": costs.present_vnd[shown],
        "road_distance_m": costs.road_distance_m[shown],
        "grid_distance_m": costs.grid_distance_m[shown],
        "power_solution": costs.power_solution[shown],
    }


def _backhaul_columns(
    hops: Hops, shown: list[int], *, new: npt.NDArray[np.bool_], crs: CRS
) -> dict[str, object]:
    """Return the backhaul of new masts; known ones have theirs."""
    clear, exact = (pd.array(flag[shown], dtype="boolean") for flag in (hops.clear, hops.exact))
    clear[~(hops.known[shown] & new)] = pd.NA
    site = [hops.site[option] if own else None for option, own in zip(shown, new, strict=True)]
    exact[np.array([name is None for name in site], bool)] = pd.NA
    kind = [
        hops.kind[option] if own else "existing" for option, own in zip(shown, new, strict=True)
    ]
    lon, lat = to_crs(hops.relay_x[shown], hops.relay_y[shown], source=crs, target=WGS84)
    relayed = np.array([name == "relay" for name in kind], bool)
    return {
        "backhaul_site": pd.array(site, dtype="str"),
        "backhaul_distance_m": np.where(new, hops.distance_m[shown], np.nan),
        "backhaul_clear": clear,
        "backhaul_kind": kind,
        "backhaul_clearance": np.where(new, hops.clearance[shown], np.nan),
        "backhaul_loss_db": np.where(new, hops.loss_db[shown], np.nan),
        "backhaul_relay_lon": np.where(relayed, lon, np.nan),
        "backhaul_relay_lat": np.where(relayed, lat, np.nan),
        "backhaul_exact": exact,
    }


def _nothing() -> Plan:
    return Plan(candidates=gpd.GeoDataFrame(empty(CANDIDATES)), coverage=empty(COVERAGE))
