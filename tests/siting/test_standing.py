"""Laws of options that stand on others, and of the bound by prices, against every possible choice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import every_choice, problem, problems

from lomsong.siting import optimum
from lomsong.siting.exchange import cheaper, improved, shaken
from lomsong.siting.greedy import greedy
from lomsong.siting.optimum import choose
from lomsong.siting.problem import Limits
from lomsong.siting.program import Effort
from lomsong.siting.reduction import reduced
from lomsong.siting.relaxation import relaxed

budgets = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5, 4.0, 7.0]))
limits = st.builds(Limits, max_sites=st.one_of(st.none(), st.integers(0, 5)), budget_vnd=budgets)
standing = problems(standing=True)
few = settings(max_examples=30)


both_ways = pytest.mark.parametrize("easy", [0, 10**6], ids=["prices first", "at once"])


def chosen(case, limits, *, easy):
    """Return a plan; small cases take the way of large ones where only so many pairs are easy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimum, "EASY_PAIRS", easy)
        return choose(case, limits, Effort(turns=1))


@both_ways
@few
@given(case=standing, limits=limits)
def test_no_choice_that_stands_serves_more_and_none_as_good_is_cheaper(easy, case, limits):
    plan = chosen(case, limits, easy=easy)
    allowed = list(every_choice(case, limits))
    best = max(case.worth(c) for c in allowed)
    assert case.allowed(plan.chosen, limits)
    assert plan.value == pytest.approx(best)
    assert plan.gap == 0
    cheapest = min(case.cost(c) for c in allowed if case.worth(c) >= best - 1e-9)
    assert plan.cost_vnd == pytest.approx(cheapest)


@both_ways
@few
@given(case=standing, share=st.sampled_from([0.1, 0.5, 0.9]), limits=limits)
def test_the_cheapest_choice_that_stands_reaches_the_target(easy, case, limits, share):
    plan = chosen(case, replace(limits, target_share=share), easy=easy)
    target = share * case.value.sum()
    costs = [case.cost(c) for c in every_choice(case, limits) if case.worth(c) >= target - 1e-9]
    assert plan.target_missed == (not costs)
    if costs:
        assert plan.cost_vnd == pytest.approx(min(costs))
        assert case.allowed(plan.chosen, limits)


@few
@given(standing, limits)
def test_nothing_is_built_before_what_it_stands_on(case, limits):
    plan = choose(case, limits)
    for count in range(len(plan.chosen) + 1):
        assert case.stands(plan.chosen[:count])
    assert sum(case.value[newly].sum() for newly in plan.newly) == pytest.approx(plan.value)


@given(standing, limits)
def test_greedy_and_exchange_keep_limits_and_what_stands(case, limits):
    first = greedy(case, limits)
    better = improved(case, first, limits)
    best = shaken(case, better, limits, rounds=3, seed=1)
    values = []
    for choice in (first, better, best):
        assert case.allowed(choice, limits)
        values.append(case.worth(choice))
    assert values == sorted(values)


@given(st.one_of(problems(), standing), limits)
def test_what_is_taken_out_beforehand_costs_no_value(case, limits):
    small, _ = reduced(case)
    best = max(case.worth(c) for c in every_choice(case, limits))
    assert max(small.worth(c) for c in every_choice(small, limits)) == pytest.approx(best)


@given(st.one_of(problems(), standing), limits, st.sampled_from([1, 7, 60]))
def test_prices_bound_every_choice_and_tell_which_options_cost_value(case, limits, steps):
    case, _ = reduced(case)
    every = list(every_choice(case, limits))
    best = max(case.worth(c) for c in every)
    found = relaxed(case, limits, known=best / 2, steps=steps)
    assert found.bound >= best - 1e-9
    for option, loss in enumerate(found.loss):
        with_it = [case.worth(c) for c in every if option in c]
        assert max(with_it, default=-np.inf) <= found.bound - loss + 1e-9


@given(st.one_of(problems(), standing), limits, st.sampled_from([1, 7, 60]))
def test_prices_bound_the_cost_of_a_target(case, limits, steps):
    case, _ = reduced(case)
    target = 0.6 * case.value.sum()
    every = [c for c in every_choice(case, limits) if case.worth(c) >= target - 1e-9]
    if not every or target <= 0:
        return
    dear = max(every, key=case.cost)
    found = relaxed(case, limits, known=case.cost(dear), steps=steps, target=target)
    assert found.bound <= min(map(case.cost, every)) + 1e-9
    for option, loss in enumerate(found.loss):
        with_it = [case.cost(c) for c in every if option in c]
        assert min(with_it, default=np.inf) >= found.bound + loss - 1e-9
    within = replace(limits, target_share=0.6)
    less = cheaper(case, dear, within, rounds=3, seed=0)
    assert case.allowed(less, limits)
    assert case.worth(less) >= target - 1e-6
    assert case.cost(less) <= case.cost(dear)


def test_a_mast_that_reaches_nobody_is_built_for_what_stands_on_it():
    case = problem([[0, 0], [1, 1], [1, 0]], [5, 6], needs=[[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    plan = choose(case, Limits(max_sites=2))
    assert plan.chosen == (0, 1)
    assert plan.value == 11
    assert choose(case, Limits(max_sites=1)).chosen == (2,)
