"""Improve a choice of sites: exchange one for another, and shake what cannot be improved so."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lomsong.siting.greedy import ALIKE, filled, target_value
from lomsong.siting.problem import ROUNDING, Limits, Mask, Problem

MOST_SWAPS: Final = 500
SEED: Final = 20_251_231
SHAKEN_SHARES: Final = (0.1, 0.2, 0.35)
"""Shares of the chosen options taken out in turn (assumption)."""
SHAKES: Final = 10
"""Tries to reach a target within a lower budget (assumption)."""
FIRST_STEP: Final = 0.01
"""By how much the budget of a target is lowered at first, as a share (assumption)."""
LAST_STEP: Final = 0.0005


def improved(problem: Problem, chosen: Sequence[int], limits: Limits) -> list[int]:
    """Return a choice at least as valuable: exchanged, and filled where limits leave room."""
    best = swapped(problem, chosen, limits)
    while True:
        more = filled(problem, best, limits, per_vnd=limits.counts_money)
        if len(more) == len(best):
            return best
        best = swapped(problem, more, limits)


def swapped(problem: Problem, chosen: Sequence[int], limits: Limits) -> list[int]:
    """Return a choice that no exchange of one option for another within the limits makes more valuable.

    Always the exchange that adds most is made, between equals the first in the order of options. What an exchange adds
    is what the new option gains, less what the old one alone serves, plus what both reach of that (Resende and Werneck,
    Journal of Heuristics 10, 2004).
    """
    best = list(chosen)
    if not best:
        return best
    value, cost = problem.value, problem.cost_vnd
    least = ALIKE * float(value.sum())
    left = np.inf if limits.budget_vnd is None else limits.budget_vnd * (1 + ROUNDING)
    left -= problem.cost(best) if np.isfinite(left) else 0.0
    across = sparse.csr_array(problem.reach.T)
    for _ in range(MOST_SWAPS):
        built = np.zeros(problem.reach.shape[0])
        built[best] = 1.0
        times = across @ built
        gain = problem.reach @ np.where(times == 0, value, 0.0)
        alone = sparse.csr_array(problem.reach[best].multiply(np.where(times == 1, value, 0.0)))
        both = (problem.reach @ sparse.csr_array(alone.T)).toarray()
        added = gain[:, None] - alone.sum(axis=1)[None, :] + both
        added[~_exchangeable(problem, best, built)] = -np.inf
        if np.isfinite(left):
            added[cost[:, None] > left + cost[best][None, :]] = -np.inf
        new, position = np.unravel_index(int(np.argmax(added)), added.shape)
        if added[new, position] <= least:
            break
        left += float(cost[best[position]] - cost[new])
        best[int(position)] = int(new)
    return best


def _exchangeable(problem: Problem, chosen: list[int], built: npt.NDArray[np.float64]) -> Mask:
    """Return which option (row) may take the place of which chosen one (column)."""
    n = len(built)
    here = problem.place[chosen]
    taken = np.isin(problem.place, here)
    own = problem.place[:, None] == here[None, :]
    possible = ~taken[:, None] | (own & (built == 0)[:, None])
    if problem.needs is None:
        return np.asarray(possible)
    standing = problem.needs @ built
    with_old = problem.needs[:, chosen].toarray()
    possible &= (~problem.dependent)[:, None] | (standing[:, None] - with_old > 0)
    # Whoever stands on the old one alone must stand on the new one.
    for position in range(len(chosen)):
        leaning = [
            i
            for i in chosen
            if i != chosen[position] and standing[i] == 1 and with_old[i, position]
        ]
        if leaning:
            carries = np.asarray(problem.needs[leaning].sum(axis=0)).ravel() == len(leaning)
            possible[:, position] &= carries.reshape(n)
    return np.asarray(possible)


def shaken(
    problem: Problem,
    chosen: Sequence[int],
    limits: Limits,
    *,
    rounds: int,
    seed: int,
    enough: float = np.inf,
) -> list[int]:
    """Return a choice at least as valuable, after taking out and refilling parts of it again and again.

    Each time an option and those nearest to it (with which it shares most clusters) go, now and then another comes in
    by lot, and the rest is filled and exchanged. The lots are the same in every run.
    """
    random = np.random.default_rng([SEED, seed])
    best = list(chosen)
    value = problem.worth(best)
    for turn in range(rounds if len(best) > 1 else 0):
        if value >= enough:
            break
        out = max(2, int(len(best) * SHAKEN_SHARES[turn % len(SHAKEN_SHARES)]))
        centre = int(random.integers(len(best)))
        shared = (problem.reach[best] @ problem.reach[[best[centre]]].T).toarray().ravel()
        order = np.argsort(-(shared + random.random(len(best))), kind="stable")
        kept = [best[int(i)] for i in sorted(order[out:])]
        lot = int(random.integers(problem.reach.shape[0]))
        if turn % 2 and problem.allowed([*kept, lot], limits) and lot not in kept:
            kept.append(lot)
        kept = _standing(problem, kept)
        per_vnd = limits.counts_money and turn % 4 < 2  # noqa: PLR2004 -- half of the turns
        tried = improved(problem, filled(problem, kept, limits, per_vnd=per_vnd), limits)
        reached = problem.worth(tried)
        if reached >= value:
            best, value = tried, reached
    return best


def _standing(problem: Problem, chosen: list[int]) -> list[int]:
    """Return a choice without those that lost what they stand on."""
    while not problem.stands(chosen):
        kept = set(chosen)
        free = [i for i in chosen if not problem.dependent[i]]
        standing = free + [
            i for i in chosen if not kept.isdisjoint(problem.supports_of(i).tolist())
        ]
        if len(standing) == len(chosen):
            return []
        chosen = standing
    return chosen


def cheaper(
    problem: Problem, chosen: Sequence[int], limits: Limits, *, rounds: int, seed: int
) -> list[int]:
    """Return a choice that reaches the target for no more than the given one, which does.

    The budget is lowered by a step below what the best so far costs; options go until it fits, and the most valuable
    choice within it is looked for from there. A step that fails is halved.
    """
    enough = target_value(problem, limits) - ALIKE * float(problem.value.sum())
    best = trimmed(problem, chosen, enough)
    step = FIRST_STEP
    for turn in range(rounds):
        budget = problem.cost(best) * (1 - step)
        within = replace(limits, budget_vnd=budget, target_share=None)
        kept = _fitting(problem, best, budget)
        tried = improved(problem, filled(problem, kept, within, per_vnd=True), within)
        if problem.worth(tried) < enough:
            lots = seed * rounds + turn
            tried = shaken(problem, tried, within, rounds=SHAKES, seed=lots, enough=enough)
        if problem.worth(tried) >= enough:
            best = trimmed(problem, tried, enough)
        elif step > LAST_STEP:
            step /= 2
    return best


def _fitting(problem: Problem, chosen: Sequence[int], budget_vnd: float) -> list[int]:
    """Return a choice without those whose loss costs least value per VND, until it fits a budget."""
    best = list(chosen)
    while best and problem.cost(best) > budget_vnd:
        value = problem.worth(best)
        ranks = []
        for option in best:
            less = [i for i in best if i != option]
            lost = (value - problem.worth(less)) / max(float(problem.cost_vnd[option]), 1.0)
            ranks.append((not problem.stands(less), lost, problem.order[option], less))
        best = min(ranks)[-1]
    return _standing(problem, best)


def trimmed(problem: Problem, chosen: Sequence[int], enough: float) -> list[int]:
    """Return a choice without options that a value does not need, the dearest gone first."""
    best = list(chosen)
    for option in sorted(chosen, key=lambda i: (-problem.cost_vnd[i], problem.order[i])):
        less = [i for i in best if i != option]
        if problem.stands(less) and problem.worth(less) >= enough:
            best = less
    return best
