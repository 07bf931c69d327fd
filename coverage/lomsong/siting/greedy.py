"""Choose sites one after the other, and say how far from the best that can be at most."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from lomsong.siting.problem import ROUNDING, Limits, Problem

ALIKE: Final = 1e-9
"""Values, and costs, that differ by less than this share of their total are equal."""
MOST_SWAPS: Final = 500


def greedy(problem: Problem, limits: Limits) -> list[int]:
    """Return options picked greedily within the limits, and with a target only until it is met.

    With a budget, the better of two rules: always most value per VND, and always most value, among the affordable.
    """
    if not limits.counts_money:
        return _picked(problem, limits, per_vnd=False)
    first = _picked(problem, limits, per_vnd=True)
    if limits.target_share is not None:
        return first
    second = _picked(problem, limits, per_vnd=False)
    return second if problem.worth(second) > problem.worth(first) else first


def swapped(problem: Problem, chosen: Sequence[int], limits: Limits) -> list[int]:
    """Return a choice that no exchange of one option for another within the limits makes more valuable.

    Always the exchange that adds most is made, between equals the first in the order of options.
    """
    best = list(chosen)
    left = np.inf if limits.budget_vnd is None else limits.budget_vnd - problem.cost(best)
    for _ in range(MOST_SWAPS):
        times = np.zeros(problem.reach.shape[1], np.int64)
        for option in best:
            times[problem.clusters_of(option)] += 1
        found, most = None, ALIKE * float(problem.value.sum())
        for position, option in enumerate(best):
            clusters = problem.clusters_of(option)
            without = times.copy()
            without[clusters] -= 1
            gain = problem.reach @ np.where(without == 0, problem.value, 0.0)
            loss = float(problem.value[clusters[without[clusters] == 0]].sum())
            others = [problem.place[i] for i in best if i != option]
            possible = (problem.cost_vnd <= left + problem.cost_vnd[option]) & ~np.isin(
                problem.place, others
            )
            gain = np.where(possible, gain, 0.0)
            new = int(np.argmax(gain))
            if gain[new] - loss > most:
                found, most = (position, new), float(gain[new]) - loss
        if found is None:
            break
        position, new = found
        left += float(problem.cost_vnd[best[position]] - problem.cost_vnd[new])
        best[position] = new
    return best


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


def _picked(problem: Problem, limits: Limits, *, per_vnd: bool) -> list[int]:
    most = problem.reach.shape[0] if limits.max_sites is None else limits.max_sites
    left = np.inf if limits.budget_vnd is None else limits.budget_vnd * (1 + ROUNDING)
    enough = np.inf
    if limits.target_share is not None:
        enough = target_value(problem, limits) - ALIKE * float(problem.value.sum())
    cost = problem.cost_vnd
    open_value = problem.value.copy()
    free = np.ones(len(cost), bool)
    chosen: list[int] = []
    while len(chosen) < most and problem.worth(chosen) < enough:
        gain = problem.reach @ open_value
        possible = np.flatnonzero(free & (gain > 0) & (cost <= left))
        if not len(possible):
            break
        merit = gain[possible] / np.maximum(cost[possible], 1.0) if per_vnd else gain[possible]
        equals = possible[merit == merit.max()]
        best = min((int(i) for i in equals), key=lambda i: (cost[i], problem.order[i]))
        chosen.append(best)
        open_value[problem.clusters_of(best)] = 0.0
        left -= cost[best]
        free &= problem.place != problem.place[best]
    return chosen
