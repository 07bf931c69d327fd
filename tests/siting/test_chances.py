"""Laws of planning by chances: of being served by a new site, and of being without service now."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_planned_sites import again, plan

from lands import Land, settings
from lomsong.siting.antennas import gain_db
from lomsong.siting.correction import Correction
from lomsong.siting.demand import find_demand
from lomsong.siting.layers import CHANCES, chance_of, in_layers, layered, of_clusters
from lomsong.siting.learning import UNSURE, USUAL, weighed
from lomsong.siting.problem import Limits, Problem
from lomsong.siting.received import Reach
from lomsong.siting.worth import worth

chances = st.lists(st.floats(0, 1), min_size=6, max_size=6)


def problem(chance):
    """Return two options and three clusters of 100, 10 and 1 people."""
    option, cluster = np.divmod(np.arange(6), 3)
    value = np.array([100.0, 10.0, 1.0])
    return Problem(
        reach=layered(option, cluster, np.array(chance), shape=(2, 3)),
        value=in_layers(value),
        cost_vnd=np.ones(2),
        order=["a", "b"],
        place=np.arange(2),
    )


@given(chances)
def test_two_sites_serve_with_the_chance_of_the_better_to_a_tenth(chance):
    best = np.array(chance).reshape(2, 3).max(axis=0)
    found = problem(chance).worth([0, 1])
    assert found == pytest.approx(best @ [100.0, 10.0, 1.0], abs=0.1 * 111 + 1e-9)


@given(chances)
def test_layers_of_a_cluster_add_up_to_its_chance(chance):
    shares = of_clusters(problem(chance).reach).toarray().ravel()
    assert shares == pytest.approx(chance, abs=0.1 + 1e-12)
    assert in_layers(np.array([7.0])).sum() == pytest.approx(7)


@given(st.floats(-160, -60), st.floats(0.0, 20.0))
def test_a_higher_level_is_never_less_likely_to_serve(level, sigma):
    reach = Reach(
        option=np.zeros(2, int),
        cluster=np.arange(2),
        rsrp_dbm=np.array([level, level + 1]),
        shape=(1, 2),
    )
    low, high = chance_of(reach, minimum_dbm=-121.0, sigma_db=sigma)
    assert low <= high
    assert (low >= 1 / 2) == (level >= -121)


def test_what_is_likely_served_counts_by_its_chance_and_what_is_decided_served_not_at_all():
    land = Land(dead=(True, False))
    undecided = land.assessment.assign(
        **{"class": ["no_signal", "unknown"], "p_served": [0.1, 0.7], "evidence": "inferred"}
    )
    asked = {"crs": land.clusters.crs, "include_unknown": False}
    for table, counted in (
        (undecided, [0.9, 0.3]),
        (undecided.assign(**{"class": ["no_signal", "weak"]}), [0.9, 0.0]),
        (undecided.assign(evidence="none", p_served=np.nan), [1.0, 0.0]),
    ):
        demand = find_demand(land.clusters.table, table, land.gaps, **asked)
        assert demand.p_unserved == pytest.approx(counted)
        assert demand.waiting[1] == 0
        weights = settings().priority.model_copy(update={"no_grid": 0.0})
        people = land.clusters.table["people"].to_numpy()
        assert worth(demand, weights).people == pytest.approx(np.array(counted) * people)


def test_expected_people_are_those_that_the_choice_counts():
    land = Land()
    found = plan(land).candidates
    chosen = found[found["selected"]]
    assert (chosen["people_expected"] <= chosen["people_gained"] * 1.1 + 1e-9).all()
    assert chosen["score_people"].to_numpy() == pytest.approx(chosen["people_expected"].to_numpy())


def test_a_plan_made_anew_within_the_same_limits_is_the_plan_and_as_sure():
    land = Land(height_m=lambda x, y: 300 + 150 * np.sin(x / 700) * np.cos(y / 500))
    found = plan(land, stability_draws=20)
    anew = again(land, found, Limits(max_sites=10))
    pd.testing.assert_frame_equal(
        found.candidates[["site_id", "rank", "people_gained", "people_expected"]],
        anew.candidates[["site_id", "rank", "people_gained", "people_expected"]],
    )
    pd.testing.assert_frame_equal(found.chances, anew.chances)


def test_all_carriers_on_a_site_cost_more_than_one_while_the_others_roam():
    land = Land()
    three = [
        land.assessment.assign(carrier=name) for name in ("any", "viettel", "vnpt", "mobifone")
    ]
    land.assessment = pd.concat(three, ignore_index=True)
    shared, alone = (plan(land, roaming=roaming).candidates for roaming in (False, True))
    radio = settings().cost.radio_vnd
    assert (alone["cost_radio_vnd"] == radio).all()
    assert shared["cost_radio_vnd"].to_numpy() == pytest.approx(1.5 * radio)
    found = plan(land)
    roaming = again(land, found, Limits(max_sites=10), roaming_among=land.sites((1.0, 1.0)))
    for name in ("cost_vnd", "cost_radio_vnd", "cost_operation_vnd", "cost_present_vnd"):
        one, other = (
            table.set_index("site_id")[name].sort_index() for table in (roaming.candidates, alone)
        )
        np.testing.assert_allclose(one, other, rtol=1e-9)


def test_chances_told_are_those_that_count():
    told = plan(Land()).chances["p_covered"]
    assert told.between(CHANCES[0], 1).all()


def test_houses_under_the_beam_hear_less_and_without_sectors_all_hear_alike():
    siting = settings().siting
    far = {"dx_m": np.array([0.0, 0.0]), "dy_m": np.array([3000.0, 3000.0])}
    level, below = gain_db(siting, rise_m=np.array([-157.0, -900.0]), **far)
    assert level == pytest.approx(0, abs=0.01)
    # 16.7 degrees down, tilted by 3: 12 (13.7 / 10)² and no more than the side lobes, 20 dB.
    assert below == pytest.approx(-20)
    even = settings(azimuths_deg=()).siting
    assert (gain_db(even, rise_m=np.array([-157.0, -900.0]), **far) == 0).all()


def test_between_two_sectors_the_better_is_10_db_down():
    siting = settings().siting
    turn = np.radians(60.0)
    gain = gain_db(
        siting,
        dx_m=np.array([3000 * np.sin(turn)]),
        dy_m=np.array([3000 * np.cos(turn)]),
        rise_m=np.array([-3000 * np.tan(np.radians(3))]),
    )
    # 3GPP TR 36.814: 12 (60 / 70)² dB.
    assert gain == pytest.approx(-12 * (60 / 70) ** 2, abs=1e-6)


def test_without_units_a_promise_stands_and_with_them_it_falls_with_distance():
    promised, away = np.array([-90.0, -90.0]), np.array([1000.0, 5000.0])
    assert (Correction(sigma_db=8.0).level_dbm(promised, away) == promised).all()
    usual = Correction(
        sigma_db=8.0, offset_db=USUAL[0], per_10_db=USUAL[1], per_decade_db=USUAL[2], units=1
    )
    near, far = usual.level_dbm(promised, away)
    assert near - far == pytest.approx(14 * np.log10(5))
    assert usual.level_dbm(np.array([-90.0]), np.array([3000.0])) == pytest.approx(-110.0)


@given(st.floats(-40, 10))
def test_masts_in_exact_places_teach_more(seen):
    exact, rough = (
        weighed(np.array([seen, 10.0, USUAL[2]]), roughly=share)[0] for share in (0.0, 1.0)
    )
    assert abs(exact - seen) <= abs(rough - seen)
    assert rough == pytest.approx((seen + USUAL[0]) / 2, abs=1e-9)
    assert UNSURE[0] > 0
