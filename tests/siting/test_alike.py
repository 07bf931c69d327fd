"""Which places serve mostly the same people, beside a computation that holds all pairs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from lomsong.siting import stability
from lomsong.siting.problem import Problem


def every_pair(problem, places):
    served = np.array(
        [problem.reach[problem.place == place].toarray().any(axis=0) for place in range(places)]
    )
    both = (served * problem.value) @ served.T
    each = both.diagonal()
    either = each[:, None] + each - both
    return ((both >= stability.MOSTLY * either) & (either > 0)) | np.eye(places, dtype=bool)


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_places_are_alike_as_all_pairs_say(seed, at_once):
    random = np.random.default_rng(seed)
    options, clusters = 20, 6
    place = np.sort(np.r_[np.arange(9), random.integers(0, 9, options - 9)])
    problem = Problem(
        reach=sparse.csr_array((random.random((options, clusters)) < 0.3).astype(float)),
        value=random.integers(0, 4, clusters).astype(float),
        cost_vnd=np.ones(options),
        order=[f"{i:02d}" for i in range(options)],
        place=place,
    )
    before, stability.AT_ONCE = stability.AT_ONCE, at_once
    try:
        found = stability._alike(problem, 9).toarray() > 0
    finally:
        stability.AT_ONCE = before
    assert (found == every_pair(problem, 9)).all()
