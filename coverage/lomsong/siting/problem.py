"""State what is to be chosen: options, whom each reaches, what each costs, and the limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lomsong.space.crs import Floats
from lomsong.space.raster import Integers

ROUNDING: Final = 1e-9
"""A sum of costs passes a budget where it does so by more than this share; less is rounding."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may be built, or how much has to be reached; None where there is no such limit."""

    max_sites: int | None = None
    budget_vnd: float | None = None
    target_share: float | None = None
    """With it, the cheapest plan that serves this share of what waits; without it, the plan that serves most."""

    @property
    def counts_money(self) -> bool:
        """Whether value per VND matters more than value."""
        return self.budget_vnd is not None or self.target_share is not None


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Options against clusters. An option is a mast of one height at one place."""

    reach: sparse.csr_array
    """1 where an option (row) serves a cluster (column)."""
    value: Floats
    """What serving a cluster is worth."""
    cost_vnd: Floats
    order: Sequence[str]
    """Name of each option, all different: what decides between equals."""
    place: Integers
    """Options of one place exclude each other."""
    needs: sparse.csr_array | None = None
    """1 where an option (row) may stand on another one (column): it is built only together with at least one of them.
    An option whose row is empty stands alone. Nothing stands on itself by any detour. None: all stand alone."""

    @property
    def dependent(self) -> Mask:
        """Which options do not stand alone."""
        if self.needs is None:
            return np.zeros(self.reach.shape[0], bool)
        return np.asarray(np.diff(self.needs.indptr) > 0)

    def supports_of(self, option: int) -> npt.NDArray[np.integer]:
        """Return the options that an option may stand on."""
        if self.needs is None:
            return np.empty(0, np.int64)
        start, end = self.needs.indptr[option], self.needs.indptr[option + 1]
        return np.asarray(self.needs.indices[start:end])

    def stands(self, chosen: Sequence[int]) -> bool:
        """Return whether every chosen option has what it stands on, and no place has two."""
        if self.needs is None:
            return True
        if len(set(self.place[list(chosen)].tolist())) < len(chosen):
            return False
        built = np.zeros(self.reach.shape[0])
        built[list(chosen)] = 1.0
        return bool(((self.needs @ built > 0) | ~self.dependent)[list(chosen)].all())

    def served(self, chosen: Sequence[int]) -> Mask:
        """Return which clusters at least one of the chosen options serves."""
        mask = np.zeros(self.reach.shape[1], bool)
        for option in chosen:
            mask[self.clusters_of(option)] = True
        return mask

    def clusters_of(self, option: int) -> npt.NDArray[np.integer]:
        """Return the clusters that an option serves."""
        start, end = self.reach.indptr[option], self.reach.indptr[option + 1]
        return np.asarray(self.reach.indices[start:end])

    def worth(self, chosen: Sequence[int]) -> float:
        """Return what the chosen options are worth together; nobody is counted twice."""
        return float(self.value[self.served(chosen)].sum())

    def cost(self, chosen: Sequence[int]) -> float:
        """Return what the chosen options cost together [VND]."""
        return float(self.cost_vnd[sorted(chosen)].sum())

    def allowed(self, chosen: Sequence[int], limits: Limits) -> bool:
        """Return whether a choice stands and keeps the limits on sites and money."""
        few = limits.max_sites is None or len(chosen) <= limits.max_sites
        few = few and self.stands(chosen)
        if limits.budget_vnd is None or not few:
            return few
        return self.cost(chosen) <= limits.budget_vnd * (1 + ROUNDING)


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice:
    """Chosen options, first to be built first."""

    chosen: tuple[int, ...]
    newly: tuple[npt.NDArray[np.integer], ...]
    """Clusters that each chosen option serves and none before it does."""
    value: float
    """What is served, in units of worth; no cluster is counted twice."""
    cost_vnd: float
    bound: float
    """No choice within the limits is better: at most this value, or with a target at least this cost [VND]."""
    gap: float
    """How much better a choice could be, as a share of what this one reaches (value) or costs; 0 is proven best."""
    method: str
    """`optimal`, `search` (stopped at the allowed gap or number of nodes) or `greedy`."""
    target_missed: bool = False
    """The target cannot be reached within the limits, so this serves the most instead."""


def in_order(problem: Problem, chosen: Sequence[int], limits: Limits) -> list[int]:
    """Return chosen options in the order of building: always the one that adds most (with money limits, per VND).

    Ties go to the cheaper, then to the lower name. Nothing is built before what it stands on. Options that add nothing
    any more, and that nothing of use stands on, are left out.
    """
    left = set(chosen)
    open_value = problem.value.copy()
    ordered: list[int] = []
    while left:
        gains = {i: float(open_value[problem.clusters_of(i)].sum()) for i in left}
        by_rank = sorted(left, key=lambda i: rank(problem, i, gains[i], limits))
        useful = [i for i in by_rank if gains[i] > 0]
        if not useful:
            break
        ready = [i for i in useful if _ready(problem, i, ordered)]
        # Where only what stands on others is left to gain, the way to the best of it comes first.
        best = ready[0] if ready else _first_below(problem, useful[0], by_rank, ordered)
        ordered.append(best)
        open_value[problem.clusters_of(best)] = 0.0
        left.remove(best)
    return ordered


def _ready(problem: Problem, option: int, built: Sequence[int]) -> bool:
    supports = problem.supports_of(option)
    return not len(supports) or not set(supports.tolist()).isdisjoint(built)


def _first_below(
    problem: Problem, option: int, by_rank: Sequence[int], built: Sequence[int]
) -> int:
    """Return the lowest unbuilt option on the shortest way down from one that is not ready."""
    ways = [[option]]
    for way in ways:
        if _ready(problem, way[-1], built):
            return way[-1]
        supports = set(problem.supports_of(way[-1]).tolist())
        ways += [[*way, below] for below in by_rank if below in supports]
    return option


def rank(problem: Problem, option: int, gain: float, limits: Limits) -> tuple[float, float, str]:
    """Return a key that sorts better options first."""
    cost = float(problem.cost_vnd[option])
    merit = gain / max(cost, 1.0) if limits.counts_money else gain
    return -merit, cost, problem.order[option]


def newly_served(problem: Problem, ordered: Sequence[int]) -> tuple[npt.NDArray[np.integer], ...]:
    """Return for each option the clusters of worth that none before it serves."""
    waiting = problem.value > 0
    newly = []
    for option in ordered:
        clusters = problem.clusters_of(option)
        fresh = np.sort(clusters[waiting[clusters]])
        waiting[fresh] = False
        newly.append(fresh)
    return tuple(newly)
