"""Laws of choosing sites, on small cases against every possible choice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import every_choice, named, problem, problems
from scipy import sparse

from lomsong.siting.exchange import swapped
from lomsong.siting.greedy import greedy, upper_bound
from lomsong.siting.optimum import choose
from lomsong.siting.problem import Limits
from lomsong.siting.program import Effort
from lomsong.siting.reduction import reduced

budgets = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5, 4.0, 7.0]))
limits = st.builds(Limits, max_sites=st.one_of(st.none(), st.integers(0, 5)), budget_vnd=budgets)
few = settings(max_examples=60)


@few
@given(problems(), limits)
def test_no_choice_serves_more_and_none_as_good_is_cheaper(case, limits):
    plan = choose(case, limits)
    allowed = list(every_choice(case, limits))
    best = max(case.worth(c) for c in allowed)
    assert plan.value == pytest.approx(best)
    assert plan.gap == 0
    assert case.allowed(plan.chosen, limits)
    cheapest = min(case.cost(c) for c in allowed if case.worth(c) >= best - 1e-9)
    assert plan.cost_vnd == pytest.approx(cheapest)


@few
@given(problems(), limits, st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_the_target_is_reached_as_cheaply_as_possible_or_said_to_be_missed(case, limits, share):
    plan = choose(case, replace(limits, target_share=share))
    target = share * case.value.sum()
    costs = [case.cost(c) for c in every_choice(case, limits) if case.worth(c) >= target - 1e-9]
    assert plan.target_missed == (not costs)
    if costs:
        assert plan.cost_vnd == pytest.approx(min(costs))
        assert plan.value >= target - 1e-6
    else:
        assert plan.value == pytest.approx(choose(case, limits).value)


@few
@given(problems(), st.integers(0, 5), st.sampled_from([0.0, 1.0, 2.5, 4.0]))
def test_what_is_served_never_falls_with_one_more_site_or_more_budget(case, sites, budget):
    base = Limits(max_sites=sites, budget_vnd=budget)
    value = choose(case, base).value
    assert choose(case, replace(base, max_sites=sites + 1)).value >= value - 1e-9
    assert choose(case, replace(base, budget_vnd=budget + 0.5)).value >= value - 1e-9


@given(problems(), st.integers(0, 5))
def test_a_new_site_never_lowers_coverage(case, more):
    options = list(range(case.reach.shape[0]))
    without, extra = options[:more], options[: more + 1]
    assert (case.served(without) <= case.served(extra)).all()


@given(problems(), limits)
def test_gains_never_grow_and_nobody_is_counted_twice(case, limits):
    unbound = replace(limits, budget_vnd=None)
    plan = choose(case, unbound)
    gains = [case.value[newly].sum() for newly in plan.newly]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)
    assert sum(gains) == pytest.approx(plan.value)
    every = np.concatenate([*plan.newly, np.empty(0, int)])
    assert len(set(every)) == len(every)
    assert set(every) == set(np.flatnonzero(case.served(plan.chosen) & (case.value > 0)))


@given(problems(), limits)
def test_greedy_keeps_the_limits_and_its_bound_holds(case, limits):
    chosen = greedy(case, limits)
    assert case.allowed(chosen, limits)
    better = swapped(case, chosen, limits)
    assert case.allowed(better, limits)
    assert case.worth(better) >= case.worth(chosen)
    best = max(case.worth(c) for c in every_choice(case, limits))
    assert case.worth(better) <= best + 1e-9
    assert upper_bound(case, chosen, limits) >= best - 1e-9


@given(problems(), st.integers(1, 4))
def test_greedy_without_costs_reaches_its_share_of_the_best(case, sites):
    limit = Limits(max_sites=sites)
    best = max(case.worth(c) for c in every_choice(case, limit))
    assert case.worth(greedy(case, limit)) >= (1 - 1 / np.e) * best - 1e-9


@few
@given(problems(), limits, st.randoms(use_true_random=False))
def test_order_of_options_and_scale_of_weights_change_nothing(case, limits, random):
    plan = choose(case, limits)
    order = list(range(case.reach.shape[0]))
    random.shuffle(order)
    shuffled = replace(
        case,
        reach=sparse.csr_array(case.reach[order]),
        cost_vnd=case.cost_vnd[order],
        order=[case.order[i] for i in order],
        place=case.place[order],
    )
    again = choose(shuffled, limits)
    assert [shuffled.order[i] for i in again.chosen] == [case.order[i] for i in plan.chosen]
    doubled = choose(replace(case, value=2 * case.value), limits)
    assert doubled.chosen == plan.chosen
    assert doubled.value == 2 * plan.value


@few
@given(problems(), limits, st.data())
def test_an_option_that_serves_nobody_new_for_no_less_changes_nothing(case, limits, data):
    like = data.draw(st.integers(0, case.reach.shape[0] - 1))
    part = case.reach[[like]].toarray() * data.draw(st.integers(0, 1))
    larger = replace(
        case,
        reach=sparse.csr_array(np.vstack([case.reach.toarray(), part])),
        cost_vnd=np.append(case.cost_vnd, case.cost_vnd[like] + 0.25),
        order=[*case.order, "r99"],
        place=np.append(case.place, 99),
    )
    assert named(larger, choose(larger, limits)) == named(case, choose(case, limits))


@few
@given(problems(), limits)
def test_what_is_taken_out_beforehand_costs_no_value(case, limits):
    small, kept = reduced(case)
    best = max(case.worth(c) for c in every_choice(case, limits))
    assert max(small.worth(c) for c in every_choice(small, limits)) == pytest.approx(best)
    for chosen in every_choice(small, limits):
        assert small.worth(chosen) == pytest.approx(case.worth([kept[i] for i in chosen]))


def made(seed, *, options=120, clusters=250):
    random = np.random.default_rng(seed)
    site, home = random.uniform(0, 30, (options, 1, 2)), random.uniform(0, 30, (1, clusters, 2))
    near = np.hypot(*np.moveaxis(site - home, 2, 0)) < random.uniform(2, 5, (options, 1))
    return problem(
        near,
        np.round(random.lognormal(4, 0.8, clusters)),
        cost=random.integers(8, 25, options) / 10,
    )


@pytest.mark.parametrize(
    "limit", [Limits(max_sites=12), Limits(budget_vnd=15.0), Limits(target_share=0.7)]
)
def test_middling_cases_are_proven_best_and_greedy_does_not_beat_them(limit):
    case = made(3)
    plan = choose(case, limit)
    assert plan.method == "optimal"
    assert plan.gap == 0
    if limit.target_share is None:
        assert case.worth(greedy(case, limit)) <= plan.value
    else:
        assert case.cost(greedy(case, limit)) >= plan.cost_vnd


@pytest.mark.parametrize("nodes", [1, 50])
def test_a_search_cut_short_tells_a_gap_that_holds(nodes):
    case = made(5)
    limit = Limits(budget_vnd=20.0)
    best = choose(case, limit)
    hasty = choose(case, limit, Effort(gap=0.05, nodes=nodes))
    assert best.value <= hasty.bound * (1 + 1e-9)
    assert hasty.gap <= 0.05
    assert best.value <= hasty.value * (1 + hasty.gap) * (1 + 1e-9)


def test_starting_from_nothing_serves_nobody_and_all_sites_serve_all():
    # A known tool began its scale-up at 17 % instead of 0 %.
    case = problem([[1, 1, 0], [0, 1, 1]], [5, 6, 7])
    nothing = choose(case, Limits(max_sites=0))
    assert (nothing.value, nothing.chosen) == (0, ())
    assert choose(case, Limits()).value == 18


def test_no_site_is_taken_twice():
    # A known tool picked the same site every time.
    case = problem([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], [9, 9, 9, 1])
    plan = choose(case, Limits(max_sites=3))
    assert named(case, plan) == {"s00", "s02"}


def test_all_of_many_tied_options_count():
    # A known tool tried 7 of 3,984 tied candidates. Here every option gains the same, but only two go together.
    n = 40
    reach = np.zeros((n, 2 * n))
    for i in range(n):
        reach[i, [i, (i + 1) % n]] = 1
    reach[17] = 0
    reach[17, [n, n + 1]] = 1
    reach[31] = 0
    reach[31, [n + 2, n + 3]] = 1
    value = np.r_[np.full(n, 1.0), np.full(n, 1.0)]
    plan = choose(problem(reach, value), Limits(max_sites=20))
    assert plan.value == 40
    assert plan.gap == 0


def test_ties_go_to_the_cheaper_and_then_to_the_lower_name():
    case = problem(np.ones((3, 2)), [1, 2], cost=[2.0, 1.0, 1.0])
    assert choose(case, Limits(max_sites=1)).chosen == (1,)


def test_the_better_mast_of_a_place_is_chosen_and_only_one():
    case = problem([[1, 0, 0], [1, 1, 0], [1, 1, 1]], [5, 5, 5], cost=[1, 2, 3], place=[0, 0, 0])
    assert choose(case, Limits(max_sites=3)).chosen == (2,)
    assert choose(case, Limits(budget_vnd=2.0)).chosen == (1,)
    assert choose(case, Limits(budget_vnd=4.0)).chosen == (2,)
