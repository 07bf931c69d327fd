"""Choose sites, with proof of how much better a choice could be.

A good choice comes first, greedy and exchanged; then prices bound what is possible (`relaxation`) and tell which options
no better choice holds. Both go on in turns until the bound is near enough. What is left to decide goes to an integer
program where that is small enough for its time to be bounded.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from lomsong.siting.annealing import annealed
from lomsong.siting.exchange import cheaper, improved, shaken
from lomsong.siting.greedy import ALIKE, filled, greedy, target_value, upper_bound
from lomsong.siting.problem import Choice, Limits, Mask, Problem, in_order, newly_served
from lomsong.siting.program import TOLERANCE, Effort, Program
from lomsong.siting.reduction import buildable, only, reduced
from lomsong.siting.relaxation import Relaxed, relaxed
from lomsong.space.raster import Integers

EASY_PAIRS: Final = 1_000
"""A problem with at most so many pairs of option and cluster goes to the integer program at once."""
CORE_PAIRS: Final = 12_000
"""A problem with more pairs than this, when all that can be ruled out is gone, does not go there at all."""
SHAKES: Final = 40
"""Tries of each turn to shake the best choice (assumption)."""
STEPS: Final = 1_500
"""Steps of each turn towards a tighter bound (assumption)."""
LOWERINGS: Final = 4
"""Tries of each turn to reach a target for less (assumption)."""
IDLE_TURNS: Final = 3
"""Turns without a better choice after which the search gives up (assumption)."""
MOSTLY: Final = 0.1
"""What the relaxation builds less of than this is not taken over (assumption)."""


def choose(problem: Problem, limits: Limits, effort: Effort | None = None) -> Choice:
    """Return the best choice within the limits.

    Without a target: the most value, of choices with that value the cheapest. With a target: the least cost, of
    choices with that cost the most value. Of what is still equal, lots drawn from the names decide, so that a plan
    proven best depends neither on order nor on the solver's way.

    Parameters
    ----------
    problem
        Options and clusters.
    limits
        On sites and money, and a target.
    effort
        When to stop; by default at proven optimality.

    """
    effort = effort or Effort()
    small, kept = reduced(problem)
    found = None
    missed = False
    if limits.target_share is not None:
        found = _cheapest(small, limits, effort, target=target_value(problem, limits))
        missed = found is None
        limits = replace(limits, target_share=None) if missed else limits
    best, bound, method = found or _most(small, limits, effort)
    ordered = in_order(problem, [kept[i] for i in best], limits)
    value, cost = problem.worth(ordered), problem.cost(ordered)
    reached = cost if limits.target_share is not None else value
    gap = abs(bound - reached) / reached if reached > 0 else 0.0
    return Choice(
        chosen=tuple(ordered),
        newly=newly_served(problem, ordered),
        value=value,
        cost_vnd=cost,
        bound=bound,
        gap=0.0 if method == "optimal" else gap,
        method=method,
        target_missed=missed,
    )


_Found = tuple[list[int], float, str]


def _most(problem: Problem, limits: Limits, effort: Effort) -> _Found:
    """Return the choice with the most value, a bound on that value, and how it was found."""
    start = improved(problem, greedy(problem, limits), limits)
    if not problem.reach.shape[0]:
        return start, 0.0, "optimal"
    bound = upper_bound(problem, start, limits)
    core = np.arange(problem.reach.shape[0])
    if problem.reach.nnz > EASY_PAIRS:
        start, relaxation = _in_turns(problem, limits, effort, start)
        bound = min(bound, relaxation.bound)
        value = problem.worth(start)
        core = _core(problem, relaxation.bound - relaxation.loss >= value * (1 - ALIKE), start)
        near = 0 < bound - value <= effort.gap * value
        if near or _pairs(problem, core) > CORE_PAIRS:
            return start, bound, "search"
    small = only(problem, core)
    best, bound, method = _most_proven(small, limits, effort, _within(core, start), bound)
    return [int(core[i]) for i in best], bound, method


def _core(problem: Problem, possible: Mask, start: list[int]) -> Integers:
    """Return the options that a better choice may hold, and those of a known one."""
    return buildable(problem, np.union1d(np.flatnonzero(possible), start).astype(np.int64))


def _pairs(problem: Problem, options: Integers) -> int:
    return int(np.diff(problem.reach.indptr)[options].sum())


def _most_proven(
    problem: Problem, limits: Limits, effort: Effort, start: list[int], bound: float
) -> _Found:
    program = Program(problem, limits)
    value = program.value_row
    found, lowest = program.better(-value, start, effort)
    best = start if found is None else found
    reached = problem.worth(best)
    bound = min(bound, max(-lowest * program.value_unit, reached))
    if bound - reached > TOLERANCE * program.value_unit:
        return best, bound, "greedy" if best is start else "search"
    enough = program.at_least(value, best)
    best = program.settled(best, effort, first=program.cost_row, rows=[enough])
    return best, max(bound, reached), "optimal"


def _in_turns(
    problem: Problem, limits: Limits, effort: Effort, start: list[int]
) -> tuple[list[int], Relaxed]:
    """Bound and improve a choice by value in turns."""
    best, value = start, problem.worth(start)
    relaxation = relaxed(problem, limits, known=value, steps=STEPS, gap=effort.gap / 2)
    idle = 0
    for turn in range(effort.turns):
        if relaxation.bound - value <= max(effort.gap, ALIKE) * value:
            break
        before = value
        tried = improved(problem, _rounded(problem, relaxation, limits), limits)
        if problem.worth(tried) > value:
            best, value = tried, problem.worth(tried)
        tried = improved(problem, annealed(problem, best, limits, seed=turn), limits)
        if problem.dependent.any():
            tried = shaken(problem, best, limits, rounds=SHAKES, seed=turn)
        idle = 0 if problem.worth(tried) > before else idle + 1
        best, value = tried, problem.worth(tried)
        if idle == IDLE_TURNS:
            break
        if relaxation.bound - value <= max(effort.gap, ALIKE) * value:
            break
        relaxation = relaxed(
            problem,
            limits,
            known=value,
            steps=STEPS,
            gap=effort.gap / 2,
            prices=relaxation.prices,
        )
    return best, relaxation


def _rounded(problem: Problem, relaxation: Relaxed, limits: Limits) -> list[int]:
    """Return a choice of what the relaxation builds most of, filled greedily."""
    chosen: list[int] = []
    for option in np.argsort(-relaxation.share, kind="stable"):
        if relaxation.share[option] < MOSTLY:
            break
        if problem.allowed([*chosen, int(option)], limits):
            chosen.append(int(option))
    return filled(problem, chosen, limits, per_vnd=limits.counts_money)


def _cheaply_rounded(problem: Problem, relaxation: Relaxed, limits: Limits) -> list[int] | None:
    """Return a choice of what the relaxation builds most of, filled until the target is met, or None."""
    tried = _rounded(problem, relaxation, limits)
    enough = target_value(problem, limits) - ALIKE * float(problem.value.sum())
    return tried if problem.worth(tried) >= enough else None


def _within(core: Integers, chosen: list[int]) -> list[int]:
    """Return the positions of chosen options in a sorted core that holds them."""
    return [int(i) for i in np.searchsorted(core, chosen)]


def _cheapest(problem: Problem, limits: Limits, effort: Effort, *, target: float) -> _Found | None:
    """Return the cheapest choice that reaches a target value, or None where none is found within the limits."""
    if target <= 0:
        return [], 0.0, "optimal"
    total = float(problem.value.sum())
    if total < target - ALIKE * total or not problem.reach.shape[0]:
        return None
    start = _reaching(problem, limits, target)
    bound = 0.0
    core = np.arange(problem.reach.shape[0])
    if problem.reach.nnz > EASY_PAIRS and start is not None:
        start, relaxation = _cheaper_in_turns(problem, limits, effort, start, target=target)
        cost, bound = problem.cost(start), max(relaxation.bound, 0.0)
        core = _core(problem, relaxation.bound + relaxation.loss <= cost * (1 + ALIKE), start)
        if 0 < cost - bound <= effort.gap * cost or _pairs(problem, core) > CORE_PAIRS:
            return start, bound, "search"
    elif problem.reach.nnz > CORE_PAIRS:
        return None
    small = only(problem, core)
    first = None if start is None else _within(core, start)
    found = _cheapest_proven(small, limits, effort, first, bound, target=target)
    return None if found is None else ([int(core[i]) for i in found[0]], *found[1:])


def _reaching(problem: Problem, limits: Limits, target: float) -> list[int] | None:
    """Return a choice within the limits that reaches a target value, or None where none is found."""
    total = float(problem.value.sum())
    start = greedy(problem, replace(limits, target_share=target / total))
    if problem.worth(start) < target - ALIKE * total:
        start = improved(problem, greedy(problem, limits), limits)
    return start if problem.worth(start) >= target - ALIKE * total else None


def _cheapest_proven(
    problem: Problem,
    limits: Limits,
    effort: Effort,
    start: list[int] | None,
    bound: float,
    *,
    target: float,
) -> _Found | None:
    program = Program(problem, limits)
    row = (program.value_row, target / program.value_unit - TOLERANCE / 2)
    best, lowest = program.better(program.cost_row, start, effort, rows=[row])
    if best is None:
        return None
    cost = problem.cost(best)
    bound = max(bound, min(lowest * program.cost_unit, cost))
    if cost - bound > TOLERANCE * program.cost_unit:
        return best, bound, "greedy" if best is start else "search"
    cheap = program.at_least(-program.cost_row, best)
    best = program.settled(best, effort, first=-program.value_row, rows=[row, cheap])
    return best, min(bound, cost), "optimal"


def _cheaper_in_turns(
    problem: Problem, limits: Limits, effort: Effort, start: list[int], *, target: float
) -> tuple[list[int], Relaxed]:
    """Bound and improve a choice by cost in turns."""
    best = start
    with_target = replace(limits, target_share=target / float(problem.value.sum()))
    relaxation = relaxed(problem, limits, known=problem.cost(best), steps=STEPS, target=target)
    idle = 0
    for turn in range(effort.turns):
        cost = problem.cost(best)
        if cost - relaxation.bound <= max(effort.gap, ALIKE) * cost:
            break
        before = problem.cost(best)
        best = annealed(problem, best, with_target, seed=turn)
        best = cheaper(problem, best, with_target, rounds=LOWERINGS, seed=turn)
        tried = _cheaply_rounded(problem, relaxation, with_target)
        if tried is not None:
            tried = annealed(problem, tried, with_target, seed=turn)
            tried = cheaper(problem, tried, with_target, rounds=LOWERINGS, seed=turn)
            best = tried if problem.cost(tried) < problem.cost(best) else best
        idle = idle + 1 if problem.cost(best) == before else 0
        if idle == IDLE_TURNS:
            break
        relaxation = relaxed(
            problem,
            limits,
            known=problem.cost(best),
            steps=STEPS,
            gap=effort.gap / 2,
            target=target,
            prices=relaxation.prices,
        )
    return best, relaxation
