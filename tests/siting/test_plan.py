"""Laws of choosing sites, on small cases against every possible choice."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lomsong.config import SitingSection
from lomsong.siting.plan import choose

matrices = hnp.arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 8)))


def served(reach, value, chosen):
    return value[reach[list(chosen)].any(axis=0)].sum() if len(chosen) else 0.0


def plan(reach, value, *, cost=None, **limits):
    n = len(reach)
    cost = np.ones(n) if cost is None else cost
    order = [f"s{i:02d}" for i in range(n)]
    return choose(reach, value, cost_vnd=cost, order=order, limits=SitingSection(**limits))


def values(n):
    return np.arange(1.0, n + 1)


@given(matrices, st.integers(0, 6))
def test_what_is_served_never_falls_with_one_more_site(reach, most):
    value = values(reach.shape[1])
    fewer, _ = plan(reach, value, max_sites=most)
    more, _ = plan(reach, value, max_sites=most + 1)
    assert served(reach, value, more) >= served(reach, value, fewer)
    assert more[: len(fewer)] == fewer


@given(matrices)
def test_gains_never_grow_and_nobody_is_counted_twice(reach):
    value = values(reach.shape[1])
    chosen, gained = plan(reach, value, max_sites=None)
    gains = [value[newly].sum() for newly in gained]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)
    assert sum(gains) == served(reach, value, chosen)
    assert sum(newly.astype(int) for newly in gained).max(initial=0) <= 1 if gained else True


@given(matrices, st.integers(1, 3))
def test_greedy_reaches_its_bound_against_the_best_choice(reach, most):
    value = values(reach.shape[1])
    chosen, _ = plan(reach, value, max_sites=most)
    best = max(
        served(reach, value, c)
        for c in itertools.combinations(range(len(reach)), min(most, len(reach)))
    )
    assert served(reach, value, chosen) >= (1 - 1 / np.e) * best - 1e-9


@given(matrices)
def test_no_site_is_taken_twice_nor_one_that_adds_nothing(reach):
    doubled = np.vstack([reach, reach])
    chosen, _ = plan(doubled, values(reach.shape[1]), max_sites=None)
    assert len(set(chosen)) == len(chosen)
    assert len({i % len(reach) for i in chosen}) == len(chosen)


@given(matrices, st.floats(0, 10))
def test_the_budget_is_kept(reach, budget):
    cost = np.linspace(1, 3, len(reach))
    chosen, _ = plan(reach, values(reach.shape[1]), cost=cost, max_sites=None, budget_vnd=budget)
    assert cost[chosen].sum() <= budget + 1e-9


def test_ties_go_to_the_cheaper_and_then_to_the_lower_id():
    reach = np.ones((3, 2), bool)
    assert plan(reach, values(2), cost=np.array([2.0, 1.0, 1.0]), max_sites=1)[0] == [1]
