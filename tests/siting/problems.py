"""Make small problems of siting, and solve them by trying everything."""

import itertools

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

from lomsong.siting.problem import Problem


def problem(reach, value, *, cost=None, order=None, place=None, needs=None):
    """Return a problem from a matrix of who reaches whom, and one of who may stand on whom."""
    reach = np.asarray(reach, float)
    n = len(reach)
    return Problem(
        reach=sparse.csr_array(reach),
        value=np.asarray(value, float),
        cost_vnd=np.ones(n) if cost is None else np.asarray(cost, float),
        order=[f"s{i:02d}" for i in range(n)] if order is None else order,
        place=np.arange(n) if place is None else np.asarray(place),
        needs=None if needs is None else sparse.csr_array(np.asarray(needs, float)),
    )


@st.composite
def problems(draw, *, options=6, clusters=8, standing=False):
    """Draw problems with many ties: few different values and costs; with `standing`, options may need earlier ones."""
    n, m = draw(st.integers(1, options)), draw(st.integers(1, clusters))
    rows = st.lists(st.booleans(), min_size=m, max_size=m)
    needs, place = None, None
    if standing:
        flags = st.lists(st.sampled_from([0, 0, 1]), min_size=n, max_size=n)
        place = np.sort(draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n)))
        needs = np.tril(draw(st.lists(flags, min_size=n, max_size=n)), -1)
        needs = needs * (place[:, None] != place[None, :])
    return problem(
        draw(st.lists(rows, min_size=n, max_size=n)),
        draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.7, 40.0]), min_size=m, max_size=m)),
        cost=draw(st.lists(st.sampled_from([1.0, 1.5, 2.0, 3.0]), min_size=n, max_size=n)),
        needs=needs,
        place=place,
    )


def every_choice(case, limits):
    """Yield every choice that keeps the limits."""
    options = range(case.reach.shape[0])
    for size in range(len(options) + 1):
        for chosen in itertools.combinations(options, size):
            if case.allowed(chosen, limits):
                yield chosen


def named(case, choice):
    """Return the names of what was chosen."""
    return {case.order[i] for i in choice.chosen}
