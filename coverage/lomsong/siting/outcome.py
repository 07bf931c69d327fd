"""Write down what a choice of sites brings: who is newly served by which site, and for what."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from lomsong.siting.demand import Demand
from lomsong.siting.problem import Choice, Problem
from lomsong.siting.worth import Worth
from lomsong.space.crs import Floats
from lomsong.tables import COVERAGE, checked


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """A choice, seen through the options that a table shows: one of each place."""

    problem: Problem
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
        """Whom each shown option newly serves: when built at its rank where it is chosen, else alone."""
        waiting = self.problem.value > 0
        at_rank = dict(zip(self.choice.chosen, self.choice.newly, strict=True))
        rows = []
        for option in self.shown:
            alone = self.problem.clusters_of(option)
            rows.append(at_rank.get(option, np.sort(alone[waiting[alone]])))
        indices = np.concatenate([*rows, np.empty(0, np.int64)]).astype(np.int64)
        pointers = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        shape = (len(self.shown), len(waiting))
        return sparse.csr_array((np.ones(len(indices)), indices, pointers), shape=shape)


def columns(outcome: Outcome) -> dict[str, object]:
    """Return the columns of `tables.CANDIDATES` that depend on the choice, a value per shown option."""
    newly, demand, value = outcome.newly, outcome.demand, outcome.worth
    gained = newly @ demand.waiting
    cost = outcome.problem.cost_vnd[list(outcome.shown)]
    hamlet = demand.hamlet_id.to_numpy()
    bounds = zip(newly.indptr[:-1], newly.indptr[1:], strict=True)
    return {
        "rank": pd.array([outcome.ranks.get(o, pd.NA) for o in outcome.shown], dtype="Int64"),
        "selected": [o in outcome.ranks for o in outcome.shown],
        "people_gained": gained,
        "hamlets_gained": [len(set(hamlet[newly.indices[start:end]])) for start, end in bounds],
        "cost_vnd_per_person": per_person(cost, gained),
        "score": newly @ value.total,
        "score_people": newly @ value.people,
        "score_no_grid": newly @ value.no_grid,
        "score_difficult": newly @ value.difficult,
        "score_interest": newly @ value.interest,
    }


def per_person(cost_vnd: Floats, people: Floats) -> Floats:
    """Return cost per person [VND], NaN where nobody gains."""
    nothing = np.full(len(people), np.nan)
    return np.asarray(np.divide(cost_vnd, people, out=nothing, where=people > 0), float)


def coverage(outcome: Outcome, names: Sequence[str]) -> pd.DataFrame:
    """Return who is served by each shown option (`tables.COVERAGE`); `names` are those of the shown options."""
    reach = outcome.problem.reach[list(outcome.shown)].tocoo()
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
            "people_so_far": chosen["people_gained"].cumsum(),
            "cost_vnd": chosen["cost_vnd"],
            "cost_so_far_vnd": chosen["cost_vnd"].cumsum(),
            "cost_vnd_per_person": chosen["cost_vnd_per_person"],
            "power_solution": chosen["power_solution"],
            "backhaul_site": chosen["backhaul_site"],
            "backhaul_distance_m": chosen["backhaul_distance_m"],
            "backhaul_clear": chosen["backhaul_clear"],
        }
    )
