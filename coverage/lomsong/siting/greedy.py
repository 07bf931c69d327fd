"""Choose sites one after the other, and say how far from the best that can be at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lomsong.siting.problem import ROUNDING, Limits, Mask, Problem
from lomsong.space.crs import Floats
from lomsong.space.raster import Integers

ALIKE: Final = 1e-9
"""Values, and costs, that differ by less than this share of their total are equal."""


def greedy(problem: Problem, limits: Limits) -> list[int]:
    """Return options picked greedily within the limits, and with a target only until it is met.

    With a budget, the better of two rules: always most value per VND, and always most value, among the affordable. An
    option that stands on others comes with the cheapest way down, and is weighed with it.
    """
    if not limits.counts_money:
        return filled(problem, [], limits, per_vnd=False)
    first = filled(problem, [], limits, per_vnd=True)
    if limits.target_share is not None:
        return first
    second = filled(problem, [], limits, per_vnd=False)
    return second if problem.worth(second) > problem.worth(first) else first


def upper_bound(problem: Problem, chosen: Sequence[int], limits: Limits) -> float:
    """Return a value that no choice within the limits exceeds.

    Whatever else is chosen adds at most its gain on top of `chosen`, and at most so many, or so much money's worth, of
    them fit the limits (the bound of submodular functions; with a budget its fractional form).
    """
    open_value = np.where(problem.served(chosen), 0.0, problem.value)
    gain = problem.reach @ open_value
    bounds = [float(problem.value[np.diff(problem.reach.tocsc().indptr) > 0].sum())]
    value = problem.worth(chosen)
    if limits.max_sites is not None:
        bounds.append(value + float(np.sort(gain)[::-1][: limits.max_sites].sum()))
    if limits.budget_vnd is not None:
        cost = np.maximum(problem.cost_vnd, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            best_first = np.argsort(-np.where(cost > 0, gain / cost, np.inf), kind="stable")
        spent = np.cumsum(cost[best_first])
        before = spent - cost[best_first]
        room = np.clip(limits.budget_vnd - before, 0, cost[best_first])
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(cost[best_first] > 0, room / cost[best_first], 1.0)
        bounds.append(value + float((gain[best_first] * part).sum()))
    return min(bounds)


def target_value(problem: Problem, limits: Limits) -> float:
    """Return the value that the target asks for; 0 without a target."""
    return (limits.target_share or 0.0) * float(problem.value.sum())


def filled(problem: Problem, chosen: Sequence[int], limits: Limits, *, per_vnd: bool) -> list[int]:
    """Return a choice with options added greedily until the limits, or the target, are reached."""
    most = problem.reach.shape[0] if limits.max_sites is None else limits.max_sites
    cost = problem.cost_vnd
    whole = list(chosen)
    left = np.inf
    if limits.budget_vnd is not None:
        left = limits.budget_vnd * (1 + ROUNDING) - problem.cost(whole)
    enough = np.inf
    if limits.target_share is not None:
        enough = target_value(problem, limits) - ALIKE * float(problem.value.sum())
    served = problem.served(whole)
    open_value = np.where(served, 0.0, problem.value)
    free = ~np.isin(problem.place, problem.place[whole])
    while len(whole) < most and float(problem.value[served].sum()) < enough:
        gain = problem.reach @ open_value
        ways = _ways(problem, gain, whole, free)
        possible = free & (gain > 0) & (cost + ways.cost_vnd <= left)
        possible &= np.isfinite(ways.cost_vnd) & (ways.sites < most - len(whole))
        at = np.flatnonzero(possible)
        if not len(at):
            break
        worth = gain[at] + ways.gain[at]
        spent = np.maximum(cost[at] + ways.cost_vnd[at], 1.0) if per_vnd else 1 + ways.sites[at]
        merit = worth / spent
        equals = at[merit == merit.max()]
        best = min((int(i) for i in equals), key=lambda i: (cost[i], problem.order[i]))
        way = ways.down_from(best)
        if len(set(problem.place[way].tolist())) < len(way):
            # It would stand on its own place by a detour.
            free[best] = False
            continue
        for option in way:
            whole.append(option)
            served[problem.clusters_of(option)] = True
            left -= cost[option]
            free &= problem.place != problem.place[option]
        open_value[served] = 0.0
    return whole


@dataclass(frozen=True, eq=False)
class _Ways:
    """The cheapest way down of each option to one that stands, without itself."""

    cost_vnd: Floats
    """Cost of what must be built first [VND]; infinite where there is no way."""
    sites: Floats
    gain: Floats
    below: Integers
    """The option that it stands on, -1 where that is built or none is needed."""

    def down_from(self, option: int) -> list[int]:
        """Return an option and what must be built for it, the lowest first."""
        way = [option]
        while self.below[way[-1]] >= 0:
            way.append(int(self.below[way[-1]]))
        return way[::-1]


def _ways(problem: Problem, gain: Floats, chosen: Sequence[int], free: Mask) -> _Ways:
    n = len(gain)
    nothing = _Ways(np.zeros(n), np.zeros(n), np.zeros(n), np.full(n, -1, np.int64))
    if problem.needs is None or not problem.needs.nnz:
        return nothing
    rows = np.flatnonzero(problem.dependent)
    support, starts = problem.needs.indices, problem.needs.indptr[rows]
    owner = np.repeat(np.arange(len(rows)), np.diff(problem.needs.indptr)[rows])
    own = problem.place[rows][owner] == problem.place[support]
    built = np.isin(np.arange(n), chosen)
    cost, sites, gained, below = nothing.cost_vnd, nothing.sites, nothing.gain, nothing.below
    cost[rows] = np.inf
    while True:
        step = np.where(built[support], 0.0, problem.cost_vnd[support] + cost[support])
        step = np.where((built | free)[support] & ~own, step, np.inf)
        least = np.minimum.reduceat(step, starts)
        if (least >= cost[rows]).all():
            return _Ways(cost, sites, gained, below)
        # Of equally cheap supports the first in the order of options.
        hit = np.flatnonzero(step == least[owner])
        first = hit[np.unique(owner[hit], return_index=True)[1]]
        stands_on = support[first]
        new = ~built[stands_on] & np.isfinite(least)
        cost[rows] = least
        below[rows] = np.where(new, stands_on, -1)
        sites[rows] = np.where(new, 1 + sites[stands_on], 0.0)
        gained[rows] = np.where(new, gain[stands_on] + gained[stands_on], 0.0)
