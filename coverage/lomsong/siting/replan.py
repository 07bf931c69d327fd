"""Plan anew from a finished run: other limits, another carrier, the same candidates, in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import ndtri

from lomsong.config import CostSection, Settings
from lomsong.errors import Fault, InputError
from lomsong.siting.correction import Correction
from lomsong.siting.demand import Demand, find_demand
from lomsong.siting.layers import in_layers, layered
from lomsong.siting.operators import SHARED, check_carrier, one_per_area
from lomsong.siting.optimum import choose
from lomsong.siting.outcome import Outcome, columns, coverage
from lomsong.siting.outcome import chances as told_chances
from lomsong.siting.plan import Plan, in_table_order, whole
from lomsong.siting.prices import radio_vnd, years_now
from lomsong.siting.problem import Limits, Problem
from lomsong.siting.program import Effort
from lomsong.siting.received import Reach
from lomsong.siting.stability import perturbed
from lomsong.siting.words import told
from lomsong.siting.worth import worth
from lomsong.space.crs import Extent, local_metric_crs
from lomsong.tables import ANY_CARRIER, CANDIDATES, checked


def replan(
    candidates: gpd.GeoDataFrame,
    reached: pd.DataFrame,
    *,
    clusters: gpd.GeoDataFrame,
    assessment: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    settings: Settings,
    limits: Limits,
    chances: pd.DataFrame | None = None,
    carrier: str = SHARED,
    roaming_among: pd.DataFrame | None = None,
    include_unknown: bool | None = None,
    correction: Correction | None = None,
) -> Plan:
    """Choose again among the candidates of a run.

    Parameters
    ----------
    candidates, reached
        `tables.CANDIDATES` and `tables.COVERAGE` of the run; each place has the mast and the backhaul that it has there.
    chances
        `tables.CHANCES` of the run; without it everybody whom `reached` names is served for certain.
    clusters, assessment, gaps
        The run's tables, for who waits.
    settings
        The run's settings, for weights and effort.
    limits
        On sites and money, and a target.
    carrier
        Serve those whom this carrier does not; by default those whom no carrier does.
    roaming_among
        Known sites (`tables.SITES`), where one carrier is to run all new sites of a service area and the others roam.
    include_unknown
        Whether people whose service is unknown wait too; by default as in the run.
    correction
        What known sites teach of new ones, for how sure a choice is; by default the settings' shadow fading alone.

    Raises
    ------
    InputError
        Where the run knows no such carrier.

    """
    subject = ANY_CARRIER if carrier == SHARED else carrier
    check_carrier(subject, assessment)
    siting = settings.siting
    demand = find_demand(
        clusters,
        assessment,
        gaps,
        crs=local_metric_crs(Extent(*map(float, clusters.total_bounds))),
        include_unknown=siting.include_unknown if include_unknown is None else include_unknown,
        carrier=subject,
    )
    # Names in order, so that no sum depends on how the rows of a table happen to lie.
    known = candidates.sort_values("site_id", ignore_index=True)
    radio = radio_vnd(assessment, settings.cost, carrier=carrier, roaming=roaming_among is not None)
    known = _repriced(known, radio, settings.cost)
    named = _matrix(known, reached.assign(p_covered=1.0), demand)
    again = _Again(
        known=known,
        demand=demand,
        named=named,
        chance=named if chances is None else _matrix(known, chances, demand),
        correction=correction or Correction(sigma_db=siting.shadow_sigma_db),
    )
    plan = _chosen(again, settings, limits, carrier=carrier)
    if roaming_among is None:
        return plan
    shared = plan.candidates.assign(carrier=one_per_area(plan.candidates, roaming_among))
    return replace(plan, candidates=checked(shared, CANDIDATES))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Again:
    """What is chosen among again, in the order of `known`."""

    known: gpd.GeoDataFrame
    demand: Demand
    named: sparse.csr_array
    """1 where a site serves a cluster with the asked probability."""
    chance: sparse.csr_array
    correction: Correction


def _chosen(again: _Again, settings: Settings, limits: Limits, *, carrier: str) -> Plan:
    """Choose, and tell how sure the choice is and whom it serves."""
    siting, known, demand = settings.siting, again.known, again.demand
    value = worth(demand, settings.priority)
    pairs = again.chance.tocoo()
    problem = Problem(
        reach=layered(pairs.coords[0], pairs.coords[1], pairs.data, shape=again.named.shape),
        value=in_layers(value.total),
        cost_vnd=known["cost_vnd"].to_numpy(float),
        order=known["site_id"].tolist(),
        place=np.arange(len(known)),
        needs=_needs(known),
    )
    choice = choose(problem, limits, Effort(gap=siting.optimality_gap, nodes=siting.search_nodes))
    outcome = Outcome(
        problem=problem,
        named=again.named,
        choice=choice,
        demand=demand,
        worth=value,
        shown=range(len(known)),
    )
    sigma_db = again.correction.sigma_db
    stability = perturbed(
        problem,
        _as_levels(again.chance, sigma_db=sigma_db),
        demand,
        settings.priority,
        limits,
        least_dbm=0.0,
        sigma_db=sigma_db,
        draws=siting.stability_draws,
    )
    fares = {
        "stability": stability.share,
        "stability_alike": stability.alike,
        "rank_low": whole(stability.rank_low),
        "rank_high": whole(stability.rank_high),
    }
    table = known.assign(carrier=carrier, **columns(outcome), **fares).astype({"carrier": "str"})
    return Plan(
        candidates=checked(in_table_order(table), CANDIDATES),
        coverage=coverage(outcome, problem.order),
        chances=told_chances(outcome, problem.order, again.chance),
        correction=again.correction,
        summary=told(choice, limits, waiting=float(value.total.sum()))
        | {"propagation": again.correction.told()},
    )


def limits_from(
    settings: Settings,
    *,
    max_sites: int | None = None,
    budget_vnd: float | None = None,
    target_share: float | None = None,
) -> Limits:
    """Return the limits that are asked for; where none is, those of the run.

    Raises
    ------
    InputError
        Where the budget is no amount of money.

    """
    if budget_vnd is not None and not (np.isfinite(budget_vnd) and budget_vnd >= 0):
        fault = Fault(
            column="--budget",
            value=budget_vnd,
            problem="is no amount of money",
            remedy="Give VND, or leave it out for no limit",
        )
        raise InputError([fault])
    asked = Limits(max_sites=max_sites, budget_vnd=budget_vnd, target_share=target_share)
    if asked != Limits():
        return asked
    siting = settings.siting
    return replace(
        asked,
        max_sites=siting.max_sites,
        budget_vnd=siting.budget_vnd,
        target_share=siting.target_share,
    )


def correction_from(manifest: Mapping[str, Any]) -> Correction | None:
    """Return what a run's known sites taught of new ones; None where it planned nothing."""
    told_there = manifest.get("plan", {}).get("propagation")
    return None if told_there is None else Correction(**told_there)


def _as_levels(chance: sparse.csr_array, *, sigma_db: float) -> Reach:
    """Return chances as levels against the one that serving takes."""
    pairs = chance.tocoo()
    return Reach(
        option=pairs.coords[0].astype(np.int64),
        cluster=pairs.coords[1].astype(np.int64),
        rsrp_dbm=np.nan_to_num(sigma_db * ndtri(pairs.data), posinf=np.inf),
        shape=(chance.shape[0], chance.shape[1]),
    )


def _matrix(known: gpd.GeoDataFrame, reached: pd.DataFrame, demand: Demand) -> sparse.csr_array:
    site = pd.Index(known["site_id"]).get_indexer(reached["site_id"])
    cluster = pd.Index(demand.cluster_id).get_indexer(reached["cluster_id"])
    shape = (len(known), len(demand.cluster_id))
    return sparse.csr_array((reached["p_covered"].to_numpy(float), (site, cluster)), shape=shape)


def _repriced(known: gpd.GeoDataFrame, radio: float, cost: CostSection) -> gpd.GeoDataFrame:
    """Return candidates with another radio [VND]; operation goes with the investment."""
    before, years = known["cost_vnd"], years_now(cost.years, cost.discount_rate)
    after = before + (radio - known["cost_radio_vnd"])
    operation = known["cost_operation_vnd"] * (after / before).fillna(1.0)
    more = after - before + years * (operation - known["cost_operation_vnd"])
    return known.assign(
        cost_vnd=after,
        cost_radio_vnd=radio,
        cost_operation_vnd=operation,
        cost_present_vnd=known["cost_present_vnd"] + more,
    )


def _needs(known: gpd.GeoDataFrame) -> sparse.csr_array | None:
    """Return who stands on whom: each place has the backhaul that it has in the table."""
    on = pd.Index(known["site_id"]).get_indexer(known["backhaul_site"])
    rows = np.flatnonzero((on >= 0) & (known["backhaul_kind"] == "microwave").to_numpy())
    if not len(rows):
        return None
    shape = (len(known), len(known))
    return sparse.csr_array((np.ones(len(rows)), (rows, on[rows])), shape=shape)
