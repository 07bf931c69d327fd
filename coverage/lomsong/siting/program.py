"""Solve what is left to decide as an integer program (HiGHS), and tell equals apart canonically."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import optimize, sparse

from lomsong.siting.greedy import ALIKE
from lomsong.siting.problem import Limits, Problem
from lomsong.space.crs import Floats

TOTAL: Final = 2048.0
"""Values are scaled by a power of two, which changes none of their bits, until all together lie between half of this
and this; the solver's absolute tolerance of 1e-6 is then one part in a thousand million."""
TOLERANCE: Final = ALIKE * TOTAL
"""Scaled values and costs that differ by less are equal."""
_INFEASIBLE: Final = 2
"""Status of `scipy.optimize` where no solution exists."""
LOTS: Final = 2**20
"""Equal plans are told apart by lots of this range, drawn from the names."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """When the search may stop: never by the clock, so that slow machines find the same plan."""

    gap: float = 0.0
    """Share by which a better plan may exist."""
    nodes: int = 5_000
    """Nodes of the search tree of each integer program."""
    turns: int = 24
    """Turns of search and bound before it."""


_Row = tuple[Floats, float]
"""Coefficients, and what their sum has to reach at least."""


class Program:
    """The integer program of a problem: a yes or no for each option, a served share for each cluster."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        self._problem, self._limits = problem, limits
        options, clusters = problem.reach.shape
        self.value_unit = _unit(problem.value)
        self.cost_unit = _unit(problem.cost_vnd)
        self.value_row = np.concatenate([np.zeros(options), problem.value / self.value_unit])
        self.cost_row = np.concatenate([problem.cost_vnd / self.cost_unit, np.zeros(clusters)])
        lots = [float(_lot(name)) for name in problem.order]
        self._lot_row = np.concatenate([lots, np.zeros(clusters)])
        # A cluster is served no more than there are sites that reach it.
        self._served = sparse.hstack([problem.reach.T, -sparse.eye_array(clusters)], format="csr")
        self._standing = _standing(problem)

    def at_least(self, row: Floats, chosen: Sequence[int]) -> _Row:
        """Return the row that holds a sum at what a choice reaches, within what counts as equal."""
        return row, float(row @ self._point(chosen)) - TOLERANCE / 2

    def settled(
        self, chosen: list[int], effort: Effort, *, first: Floats, rows: Sequence[_Row]
    ) -> list[int]:
        """Return the one choice among equals: lowest in `first`, and of those in lots."""
        exact = replace(effort, gap=0.0)
        best, lowest = self.better(first, chosen, exact, rows=rows)
        best = chosen if best is None else best
        if float(first @ self._point(best)) - lowest > TOLERANCE:
            return best
        equal = self.at_least(-first, best)
        final, _ = self.better(self._lot_row, best, exact, rows=[*rows, equal])
        return best if final is None else final

    def better(
        self,
        objective: Floats,
        known: list[int] | None,
        effort: Effort,
        *,
        rows: Sequence[_Row] = (),
    ) -> tuple[list[int] | None, float]:
        """Return the choice with the lowest objective, or the known one where nothing lower is found, and a bound.

        The linear relaxation comes first. It bounds the objective, and its reduced costs tell which options would
        lift any plan that holds them above the known one: those are left out of the integer program (Nemhauser and
        Wolsey, Integer and Combinatorial Optimization, 1988, II.5.2).
        """
        matrix, floors = self._constraints(rows)
        start = math.inf if known is None else float(objective @ self._point(known))
        bound, reduced_cost = _relaxed(objective, matrix, floors)
        if bound == math.inf or _close(start, bound, effort.gap):
            return known, min(bound, start)
        options, clusters = self._problem.reach.shape
        possible = bound + reduced_cost[:options] <= start + TOLERANCE
        found = optimize.milp(
            objective,
            integrality=np.repeat([1, 0], [options, clusters]),
            bounds=optimize.Bounds(0, np.append(possible, np.ones(clusters)).astype(float)),
            constraints=optimize.LinearConstraint(matrix, floors, np.inf),
            # What presolve finds was taken out before; without it HiGHS prints fewer lines of its own.
            options={"mip_rel_gap": effort.gap, "node_limit": effort.nodes, "presolve": False},
        )
        if found.status == _INFEASIBLE:
            return known, start
        bound = min(start, max(bound, _bound_of(found, effort)))
        if found.x is None:
            return known, bound
        chosen = [int(i) for i in np.flatnonzero(found.x[:options] > 0.5)]  # noqa: PLR2004 -- nearest whole number
        # Within the solver's tolerance a budget may be passed by a hair.
        if not self._problem.allowed(chosen, self._limits):
            return known, bound
        lower = float(objective @ self._point(chosen)) <= start
        return (chosen if lower else known), bound

    def _point(self, chosen: Sequence[int]) -> Floats:
        built = np.isin(np.arange(self._problem.reach.shape[0]), chosen)
        return np.concatenate([built, self._problem.served(chosen)]).astype(float)

    def _constraints(self, rows: Sequence[_Row]) -> tuple[sparse.csc_array, Floats]:
        options, clusters = self._problem.reach.shape
        more = list(rows)
        if self._limits.max_sites is not None:
            each = np.repeat([-1.0, 0.0], [options, clusters])
            more.append((each, -float(self._limits.max_sites)))
        if self._limits.budget_vnd is not None:
            more.append((-self.cost_row, -self._limits.budget_vnd / self.cost_unit))
        standing, least = self._standing
        single = [sparse.csr_array([row]) for row, _ in more]
        matrix = sparse.vstack([self._served, standing, *single])
        floors = np.concatenate([np.zeros(clusters), least, [floor for _, floor in more]])
        return sparse.csc_array(matrix), floors


def _standing(problem: Problem) -> tuple[sparse.csr_array, Floats]:
    """Return the rows that let nothing be built without what it stands on, and no place hold two."""
    options, clusters = problem.reach.shape
    if problem.needs is None:
        return sparse.csr_array((0, options + clusters)), np.empty(0)
    dependent = np.flatnonzero(problem.dependent)
    on = problem.needs[dependent] - sparse.eye_array(options, format="csr")[dependent]
    _, place = np.unique(problem.place, return_inverse=True)
    ones = (-np.ones(options), (place, np.arange(options)))
    alone = sparse.csr_array(ones, shape=(int(place.max(initial=-1)) + 1, options))
    rows = sparse.vstack([on, alone])
    nobody = sparse.csr_array((rows.shape[0], clusters))
    least = np.repeat([0.0, -1.0], [len(dependent), alone.shape[0]])
    return sparse.csr_array(sparse.hstack([rows, nobody])), least


def _relaxed(objective: Floats, matrix: sparse.csc_array, floors: Floats) -> tuple[float, Floats]:
    """Return the least objective when sites may be built in part, and what a whole unit of each variable adds to it."""
    found = optimize.linprog(
        objective, A_ub=-matrix, b_ub=-floors, bounds=(0, 1), method="highs-ipm"
    )
    if found.status == _INFEASIBLE:
        return math.inf, np.zeros(len(objective))
    if found.status != 0:
        return -math.inf, np.zeros(len(objective))
    return float(found.fun), np.asarray(found.lower.marginals, float)


def _bound_of(found: optimize.OptimizeResult, effort: Effort) -> float:
    """Return the bound that the search proved."""
    # A tree searched to its end proves the best; the bound that HiGHS tells may stay half a smallest step behind.
    bound = found.fun if found.status == 0 and not effort.gap else found.mip_dual_bound
    return -math.inf if bound is None or math.isnan(bound) else float(bound)


def _close(value: float, bound: float, gap: float) -> bool:
    return math.isfinite(value) and value - bound <= max(TOLERANCE / 2, gap * abs(value))


def _unit(values: Floats) -> float:
    """Return the power of two that scales a sum of values to between half of `TOTAL` and `TOTAL`."""
    total = float(values.sum())
    return 2.0 ** math.ceil(math.log2(total / TOTAL)) if total > 0 else 1.0


def _lot(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return 1 + int.from_bytes(digest) % LOTS
