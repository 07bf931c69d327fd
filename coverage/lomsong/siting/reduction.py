"""Take out of a problem what cannot matter: options that another replaces, clusters that always go together."""

from dataclasses import replace
from typing import Final

import numpy as np
from scipy import sparse

from lomsong.siting.problem import Mask, Problem
from lomsong.space.crs import Floats
from lomsong.space.raster import Integers

BLOCK: Final = 512
"""Options compared with all others at a time, to bound memory."""


def reduced(problem: Problem) -> tuple[Problem, list[int]]:
    """Return a problem with the same best plans, and which of the original options it keeps.

    Left out are clusters without value, options that reach none of value and carry no other, options whose supports are
    all gone, and every option for which another reaches the same clusters or more for the same money or less (between
    equals the lower name stays). Clusters that exactly the same options reach become one. So an option that nobody
    needs cannot change a plan: it is gone before. Options come sorted by name.
    """
    useful = np.flatnonzero(problem.value > 0)
    reach = sparse.csr_array(problem.reach[:, useful])
    kept = np.flatnonzero((np.diff(reach.indptr) > 0) | _carries(problem))
    kept = buildable(problem, kept)
    kept = kept[_undominated(sparse.csr_array(reach[kept]), problem, kept)]
    kept = buildable(problem, kept)
    kept = kept[np.argsort(_position_in_order(problem, kept))]
    columns, value = _merged(sparse.csc_array(reach[kept]), problem.value[useful])
    small = replace(only(problem, kept), reach=columns, value=value)
    return small, [int(i) for i in kept]


def only(problem: Problem, options: Integers) -> Problem:
    """Return a problem with some of its options."""
    needs = problem.needs
    return replace(
        problem,
        reach=sparse.csr_array(problem.reach[options]),
        cost_vnd=problem.cost_vnd[options],
        order=[problem.order[int(i)] for i in options],
        place=problem.place[options],
        needs=None if needs is None else sparse.csr_array(needs[options][:, options]),
    )


def buildable(problem: Problem, options: Integers) -> Integers:
    """Return those of some options that can be built from them alone."""
    if problem.needs is None:
        return options
    while True:
        left = np.zeros(problem.reach.shape[0])
        left[options] = 1.0
        stands = ~problem.dependent | (problem.needs @ left > 0)
        if stands[options].all():
            return options
        options = options[stands[options]]


def _carries(problem: Problem) -> Mask:
    """Return which options another may stand on."""
    carries = np.zeros(problem.reach.shape[0], bool)
    if problem.needs is not None:
        carries[problem.needs.indices] = True
    return carries


def _merged(columns: sparse.csc_array, value: Floats) -> tuple[sparse.csr_array, Floats]:
    """Return clusters that exactly the same options reach as one, and their values; those that none reaches go."""
    columns.sort_indices()
    merged: dict[bytes, int] = {}
    first: list[int] = []
    total: list[float] = []
    for column in range(columns.shape[1]):
        options = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        if not len(options):
            continue
        here = merged.setdefault(options.tobytes(), len(first))
        if here == len(first):
            first.append(column)
            total.append(0.0)
        total[here] += float(value[column])
    return sparse.csr_array(columns[:, first]), np.array(total, float)


def _undominated(reach: sparse.csr_array, problem: Problem, options: Integers) -> Mask:
    """Return which options no other replaces.

    Where options stand on others, the other has to carry as many, must not stand on less, and at its place nothing else
    can be built that a plan might hold already.
    """
    if problem.needs is not None:
        below = only(problem, options).needs
        reach = sparse.csr_array(sparse.hstack([reach, sparse.csr_array(below).T]))
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
        replaced &= _as_free(problem, options[one], options[other])
        stays[one[replaced]] = False
    return stays


def _as_free(problem: Problem, one: Integers, other: Integers) -> Mask:
    """Return whether the other of each pair can be built wherever the one can."""
    if problem.needs is None:
        return np.ones(len(one), bool)
    _, place, count = np.unique(problem.place, return_inverse=True, return_counts=True)
    shared = np.asarray(problem.needs[one].multiply(problem.needs[other]).sum(axis=1)).ravel()
    covers = problem.dependent[one] & (shared == np.diff(problem.needs.indptr)[one])
    own = (place[one] == place[other]) | (count[place[other]] == 1)
    return np.asarray(own & (~problem.dependent[other] | covers))


def _position_in_order(problem: Problem, options: Integers) -> Integers:
    """Return which place each option takes when they are sorted by name."""
    names = np.array([problem.order[int(i)] for i in options], object)
    position = np.empty(len(names), np.int64)
    position[np.argsort(names, kind="stable")] = np.arange(len(names))
    return position
