"""Search for better choices by simulated annealing: exchanges by lot, ever less willing to lose.

Exchanges that always gain, and shaking, end where every single step loses. A walk that takes losses at first leaves such
places behind (Kirkpatrick, Gelatt and Vecchi, Science 220, 1983). An exchange costs no more than looking at whom two
options reach, so millions of them take seconds. Lots and steps are the same in every run.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import sparse

from lomsong.siting.greedy import target_value
from lomsong.siting.problem import ROUNDING, Limits, Problem

SEED: Final = 20_251_231
LOOKS: Final = 4e8
"""Pairs of option and cluster that one walk looks at, about: some seconds (assumption)."""
STEPS_OF_EACH: Final = 2_000
"""No more steps than so many for each option (assumption): small problems need no more."""
FIRST_HEAT: Final = 0.05
"""At first a loss of so much of what a site brings, or costs, is taken every third time (assumption)."""
LAST_HEAT: Final = 0.0005
FIRST_PRICE: Final = 3.0
"""What is missing to a target counts so many times what reaching it costs now, at first (assumption)."""


def annealed(problem: Problem, chosen: Sequence[int], limits: Limits, *, seed: int) -> list[int]:
    """Return a choice at least as good, from a walk that starts at a given one.

    As good is as valuable, or with a target, which the given choice reaches, as cheap. Options that stand on others do
    not walk: where there are any, the given choice is returned.
    """
    if not chosen or problem.dependent.any():
        return list(chosen)
    from lomsong.siting._annealing import walked  # noqa: PLC0415 -- numba; few plans need it

    by_cost, target = limits.target_share is not None, target_value(problem, limits)
    reach = problem.reach
    across = sparse.csr_array(reach.T)
    each = (problem.cost(chosen) if by_cost else problem.worth(chosen)) / len(chosen)
    # Two options are looked at, what the old one reaches twice.
    size = reach.nnz / reach.shape[0]
    steps = int(min(LOOKS / (3 * max(size, 1.0)), STEPS_OF_EACH * reach.shape[0]))
    best = walked(
        reach.indptr.astype(np.int64),
        reach.indices.astype(np.int64),
        across.indptr.astype(np.int64),
        across.indices.astype(np.int64),
        problem.value,
        problem.cost_vnd,
        np.unique(problem.place, return_inverse=True)[1].astype(np.int64),
        np.array(chosen, np.int64),
        reach.shape[0] if limits.max_sites is None else limits.max_sites,
        np.inf if limits.budget_vnd is None else limits.budget_vnd * (1 + ROUNDING),
        target,
        by_cost,
        FIRST_PRICE * problem.cost(chosen) / max(target, 1.0),
        FIRST_HEAT * max(each, np.finfo(float).tiny),
        LAST_HEAT * max(each, np.finfo(float).tiny),
        steps,
        np.array([SEED + seed], np.uint64),
    )
    return [int(i) for i in np.flatnonzero(best)]
