"""Laws of the walk that searches large problems."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import every_choice, problem, problems
from scipy import sparse

from lomsong.siting import optimum
from lomsong.siting.annealing import annealed
from lomsong.siting.greedy import ALIKE, greedy, target_value
from lomsong.siting.optimum import choose
from lomsong.siting.problem import Limits
from lomsong.siting.program import Effort

budgets = st.one_of(st.none(), st.sampled_from([1.0, 2.5, 4.0, 7.0]))
within = st.builds(Limits, max_sites=st.one_of(st.none(), st.integers(1, 5)), budget_vnd=budgets)
few = settings(max_examples=40)


def scattered(seed, *, options=60, clusters=150, reach=0.25):
    """Return places on a square that reach a disc around them."""
    random = np.random.default_rng(seed)
    site, home = random.random((options, 1, 2)), random.random((1, clusters, 2))
    near = np.hypot(*np.moveaxis(site - home, 2, 0)) < reach
    return problem(near, random.integers(1, 100, clusters), cost=random.uniform(1, 3, options))


@few
@given(problems(), within, st.integers(0, 3))
def test_a_walk_keeps_the_limits_and_never_ends_worse(case, limits, seed):
    start = greedy(case, limits)
    found = annealed(case, start, limits, seed=seed)
    assert case.allowed(found, limits)
    assert len(set(case.place[found].tolist())) == len(found)
    assert case.worth(found) >= case.worth(start) - 1e-9


@few
@given(problems(), st.floats(0.1, 1.0), st.integers(0, 3))
def test_a_walk_that_starts_at_a_target_ends_there_for_no_more(case, share, seed):
    limits = Limits(target_share=share)
    start = greedy(case, limits)
    enough = target_value(case, limits) - ALIKE * float(case.value.sum())
    if case.worth(start) < enough:
        return
    found = annealed(case, start, limits, seed=seed)
    assert case.worth(found) >= enough
    assert case.cost(found) <= case.cost(start) + 1e-9


@few
@given(problems(), within)
def test_large_problems_that_walk_are_solved_like_small_ones(case, limits):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimum, "EASY_PAIRS", 0)
        plan = choose(case, limits, Effort(turns=1))
    assert plan.value == pytest.approx(max(map(case.worth, every_choice(case, limits))))


@pytest.mark.parametrize(
    "limits", [Limits(max_sites=8), Limits(budget_vnd=12.0), Limits(target_share=0.8)]
)
def test_a_walk_finds_what_is_proven_best(limits):
    for seed in range(3):
        case = scattered(seed)
        best = choose(case, limits)
        assert best.method == "optimal"
        found = annealed(case, greedy(case, limits), limits, seed=0)
        if limits.target_share is None:
            assert case.worth(found) == pytest.approx(best.value, rel=0.005)
        else:
            assert case.cost(found) == pytest.approx(best.cost_vnd, rel=0.02)


def test_walks_with_the_same_seed_are_the_same_and_scale_changes_nothing():
    case, limits = scattered(7, options=200, clusters=400, reach=0.12), Limits(max_sites=15)
    start = greedy(case, limits)
    found = annealed(case, start, limits, seed=1)
    assert found == annealed(case, start, limits, seed=1)
    double = problem(case.reach.toarray(), 2 * case.value, cost=case.cost_vnd)
    assert found == annealed(double, start, limits, seed=1)


def test_one_place_never_holds_two_masts():
    reach = sparse.eye_array(6).toarray()
    case = problem(reach, [6, 5, 4, 3, 2, 1], place=[0, 0, 0, 1, 1, 1])
    assert set(annealed(case, [2, 5], Limits(), seed=0)) == {0, 3}
