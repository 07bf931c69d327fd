"""Write down what a choice of sites brings: who is newly served by which site, and for what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from lomsong.siting.demand import Demand
from lomsong.siting.layers import of_clusters
from lomsong.siting.problem import Choice, Problem
from lomsong.siting.worth import Worth
from lomsong.space.crs import Floats
from lomsong.space.raster import Integers
from lomsong.tables import CHANCES, COVERAGE, checked


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """A choice, seen through the options that a table shows: one of each place."""

    problem: Problem
    """Over layers of clusters."""
    named: sparse.csr_array
    """1 where an option (row) serves a cluster (column) with the asked probability."""
    choice: Choice
    demand: Demand
    worth: Worth
    shown: Sequence[int]

    @property
    def ranks(self) -> dict[int, int]:
        """Rank of each chosen option, 1 is built first."""
        return {option: rank for rank, option in enumerate(self.choice.chosen, start=1)}

    @property
    def newly(self) -> sparse.csr_array:
        """Who of those that wait is newly served by each shown option with the asked probability.

        When built at its rank where it is chosen, else alone.
        """
        waits = self.demand.waiting > 0
        return self._newly(self.named, waits, _fresh(self.named, waits, self.choice.chosen))

    @property
    def gained(self) -> sparse.csr_array:
        """By how much each shown option raises the chance of each cluster to be served, so built."""
        at_rank = dict(zip(self.choice.chosen, self.choice.newly, strict=True))
        return of_clusters(self._newly(self.problem.reach, self.problem.value > 0, at_rank))

    def _newly(
        self,
        reach: sparse.csr_array,
        counts: npt.NDArray[np.bool_],
        at_rank: Mapping[int, npt.NDArray[np.integer]],
    ) -> sparse.csr_array:
        rows = []
        for option in self.shown:
            alone = _columns_of(reach, option)
            rows.append(at_rank.get(option, np.sort(alone[counts[alone]])))
        indices = np.concatenate([*rows, np.empty(0, np.int64)]).astype(np.int64)
        pointers = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        shape = (len(self.shown), len(counts))
        return sparse.csr_array((np.ones(len(indices)), indices, pointers), shape=shape)


def _columns_of(reach: sparse.csr_array, option: int) -> Integers:
    return np.asarray(reach.indices[reach.indptr[option] : reach.indptr[option + 1]], np.int64)


def _fresh(
    reach: sparse.csr_array, waits: npt.NDArray[np.bool_], chosen: Sequence[int]
) -> dict[int, npt.NDArray[np.integer]]:
    """Return for each chosen option the waiting clusters that none before it serves."""
    left = waits.copy()
    fresh: dict[int, npt.NDArray[np.integer]] = {}
    for option in chosen:
        own = _columns_of(reach, option)
        fresh[option] = np.sort(own[left[own]])
        left[own] = False
    return fresh


def columns(outcome: Outcome) -> dict[str, object]:
    """Return the columns of `tables.CANDIDATES` that depend on the choice, a value per shown option."""
    newly, demand, value = outcome.newly, outcome.demand, outcome.worth
    gained, chance = newly @ demand.waiting, outcome.gained
    expected = chance @ (demand.people * demand.p_unserved)
    cost = outcome.problem.cost_vnd[list(outcome.shown)]
    hamlet = demand.hamlet_id.to_numpy()
    bounds = zip(newly.indptr[:-1], newly.indptr[1:], strict=True)
    return {
        "rank": pd.array([outcome.ranks.get(o, pd.NA) for o in outcome.shown], dtype="Int64"),
        "selected": [o in outcome.ranks for o in outcome.shown],
        "people_gained": gained,
        "people_expected": expected,
        "hamlets_gained": [len(set(hamlet[newly.indices[start:end]])) for start, end in bounds],
        "cost_vnd_per_person": per_person(cost, expected),
        "score": chance @ value.total,
        "score_people": chance @ value.people,
        "score_no_grid": chance @ value.no_grid,
        "score_difficult": chance @ value.difficult,
        "score_interest": chance @ value.interest,
    }


def per_person(cost_vnd: Floats, people: Floats) -> Floats:
    """Return cost per person [VND], NaN where nobody gains."""
    nothing = np.full(len(people), np.nan)
    return np.asarray(np.divide(cost_vnd, people, out=nothing, where=people > 0), float)


def coverage(outcome: Outcome, names: Sequence[str]) -> pd.DataFrame:
    """Return who is served by each shown option (`tables.COVERAGE`); `names` are those of the shown options."""
    reach = outcome.named[list(outcome.shown)].tocoo()
    row, cluster = reach.coords
    newly = outcome.newly
    fresh = np.zeros(reach.shape, bool)
    for position, option in enumerate(outcome.shown):
        if option in outcome.ranks:
            served = newly.indices[newly.indptr[position] : newly.indptr[position + 1]]
            fresh[position, served] = True
    table = pd.DataFrame(
        {
            "site_id": np.array(names, object)[row],
            "cluster_id": outcome.demand.cluster_id.to_numpy()[cluster],
            "newly_served": fresh[row, cluster],
            "people": outcome.demand.people[cluster],
        }
    ).astype({"site_id": str, "cluster_id": str})
    return checked(table.sort_values(["site_id", "cluster_id"], ignore_index=True), COVERAGE)


def chances(outcome: Outcome, names: Sequence[str], chance: sparse.csr_array) -> pd.DataFrame:
    """Return how likely each shown option serves each cluster (`tables.CHANCES`), for plans within other limits."""
    own = chance[list(outcome.shown)].tocoo()
    row, cluster = own.coords
    table = pd.DataFrame(
        {
            "site_id": np.array(names, object)[row],
            "cluster_id": outcome.demand.cluster_id.to_numpy()[cluster],
            "p_covered": own.data,
        }
    ).astype({"site_id": str, "cluster_id": str})
    return checked(table.sort_values(["site_id", "cluster_id"], ignore_index=True), CHANCES)


def steps(candidates: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the chosen sites in the order of building, with people and cost summed up: a curve of one over the other."""
    chosen = candidates[candidates["selected"]].sort_values("rank", ignore_index=True)
    return pd.DataFrame(
        {
            "rank": chosen["rank"],
            "site_id": chosen["site_id"],
            "carrier": chosen["carrier"],
            "lon": chosen.geometry.x.round(6),
            "lat": chosen.geometry.y.round(6),
            "mast_m": chosen["mast_m"],
            "existing_site": chosen["existing_site"],
            "hamlets_gained": chosen["hamlets_gained"],
            "people_gained": chosen["people_gained"],
            "people_expected": chosen["people_expected"],
            "people_so_far": chosen["people_gained"].cumsum(),
            "expected_so_far": chosen["people_expected"].cumsum(),
            "cost_vnd": chosen["cost_vnd"],
            "cost_so_far_vnd": chosen["cost_vnd"].cumsum(),
            "cost_vnd_per_person": chosen["cost_vnd_per_person"],
            "stability": chosen["stability"],
            "stability_alike": chosen["stability_alike"],
            "power_solution": chosen["power_solution"],
            "backhaul_site": chosen["backhaul_site"],
            "backhaul_distance_m": chosen["backhaul_distance_m"],
            "backhaul_clear": chosen["backhaul_clear"],
        }
    )
