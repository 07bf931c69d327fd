"""Take out of a problem what cannot matter: options that another replaces, clusters that always go together."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lomsong.siting.problem import Problem

BLOCK: Final = 512
"""Options compared with all others at a time, to bound memory."""


def reduced(problem: Problem) -> tuple[Problem, list[int]]:
    """Return a problem with the same best plans, and which of the original options it keeps.

    Left out are clusters without value, options that reach none of value, and every option for which another reaches
    the same clusters or more for the same money or less (between equals the lower name stays). Clusters that exactly
    the same options reach become one. So an option that nobody needs cannot change a plan: it is gone before. Options
    come sorted by name.
    """
    useful = np.flatnonzero(problem.value > 0)
    reach = sparse.csr_array(problem.reach[:, useful])
    kept = np.flatnonzero(np.diff(reach.indptr) > 0)
    kept = kept[_undominated(sparse.csr_array(reach[kept]), problem, kept)]
    kept = kept[np.argsort(_position_in_order(problem, kept))]
    columns = sparse.csc_array(reach[kept])
    columns.sort_indices()
    merged: dict[bytes, int] = {}
    first: list[int] = []
    value: list[float] = []
    for column in range(columns.shape[1]):
        options = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        if not len(options):
            continue
        here = merged.setdefault(options.tobytes(), len(first))
        if here == len(first):
            first.append(column)
            value.append(0.0)
        value[here] += float(problem.value[useful[column]])
    small = Problem(
        reach=sparse.csr_array(columns[:, first]),
        value=np.array(value, float),
        cost_vnd=problem.cost_vnd[kept],
        order=[problem.order[int(i)] for i in kept],
        place=problem.place[kept],
    )
    return small, [int(i) for i in kept]


def _undominated(
    reach: sparse.csr_array, problem: Problem, options: npt.NDArray[np.integer]
) -> npt.NDArray[np.bool_]:
    """Return which options no other replaces."""
    size = np.diff(reach.indptr)
    cost = problem.cost_vnd[options]
    name = _position_in_order(problem, options)
    counted = reach.astype(np.int32)
    across = sparse.csr_array(counted.T)
    stays = np.ones(len(options), bool)
    for start in range(0, len(options), BLOCK):
        pairs = sparse.coo_array(counted[start : start + BLOCK] @ across)
        one, other = pairs.coords[0] + start, pairs.coords[1]
        within = (pairs.data == size[one]) & (one != other) & (cost[other] <= cost[one])
        equal = within & (size[one] == size[other]) & (cost[one] == cost[other])
        replaced = within & (~equal | (name[other] < name[one]))
        stays[one[replaced]] = False
    return stays


def _position_in_order(
    problem: Problem, options: npt.NDArray[np.integer]
) -> npt.NDArray[np.integer]:
    """Return which place each option takes when they are sorted by name."""
    names = np.array([problem.order[int(i)] for i in options], object)
    position = np.empty(len(names), np.int64)
    position[np.argsort(names, kind="stable")] = np.arange(len(names))
    return position
