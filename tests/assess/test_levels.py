"""Laws of the level's statistics: what is missing does not bias, neighbours fade, blocks keep apart."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.stats import truncnorm
from threadpoolctl import threadpool_limits

from lomsong.assess.modelled import covariance, trend
from lomsong.assess.modelled.choose import STACK, folds_like
from lomsong.assess.modelled.covariance import Covariance
from lomsong.assess.modelled.kriging import Residuals
from lomsong.assess.modelled.levels import Asked, level_by_samples
from lomsong.assess.modelled.trend import Design
from lomsong.assess.modelled.units import Units

LOST_DBM = -124.0


@pytest.fixture(autouse=True)
def _one_thread():
    """Small matrices gain nothing by threads."""
    with threadpool_limits(1):
        yield


def design(n, chance):
    rows = np.column_stack([np.ones(n), chance.normal(0, 2, n)])
    return Design(rows=rows, usual=np.array([-10.0, 8.5]), unsure=np.array([15.0, 3.0]))


@pytest.mark.parametrize("traced", [0.02, 0.3, 1.0])
def test_levels_that_left_no_trace_do_not_bias_the_trend(traced):
    chance = np.random.default_rng(1)
    whole = design(1500, chance)
    level = -110 + whole.rows @ [-14.0, 8.0] + chance.normal(0, 9, 1500)
    lost = level < LOST_DBM
    told = ~lost | (chance.random(1500) < traced)
    assert lost.mean() > 0.4
    found = trend.learnt(whole.chosen(told), level[told], lost=lost[told], lost_dbm=LOST_DBM)
    plain = np.linalg.lstsq(whole.rows[~lost], level[~lost] + 110, rcond=None)[0]
    assert abs(found.weight[1] - 8) < 1.3 < abs(plain[1] - 8)
    assert abs(found.weight[0] + 14) < 3.5 < abs(plain[0] + 14)


def test_the_slope_of_the_likelihood_is_its_slope():
    chance = np.random.default_rng(2)
    whole = design(60, chance)
    level = -115 + chance.normal(0, 12, 60)
    problem = trend._Problem(whole, level, level < LOST_DBM, LOST_DBM)
    at = np.array([0.3, -0.4, 2.1, -0.7])
    assert check_grad(lambda z: problem(z)[0], lambda z: problem(z)[1], at) < 1e-4


@given(st.floats(-25, 25), st.floats(3, 15))
def test_a_lost_unit_moves_a_level_to_the_mean_of_what_lies_below(mean, sigma):
    reading, variance = (
        float(part[0])
        for part in trend.as_if_heard(np.array([mean]), np.array([sigma]), np.zeros(1))
    )
    moved = (mean / sigma**2 + reading / variance) / (1 / sigma**2 + 1 / variance)
    cut = truncnorm.mean(-np.inf, -mean / sigma, loc=mean, scale=sigma)
    assert moved == pytest.approx(cut, abs=0.35)


def residuals():
    chance = np.random.default_rng(3)
    x, y = chance.uniform(0, 4000, (2, 80))
    usual = Covariance(sigma_db=10, far_m=600.0, near_share=0.2, noise_share=0.1)
    return Residuals(
        x=x, y=y, residual=chance.normal(0, 9, 80), noise_db2=np.full(80, 1e-9), covariance=usual
    )


def test_neighbours_say_all_where_they_stand_and_nothing_far_away():
    known = residuals()
    mean, variance = known.at(known.x, known.y)
    np.testing.assert_allclose(mean, known.residual, atol=1e-3)
    assert variance.max() < 0.01
    mean, variance = known.at(np.array([9e4]), np.array([9e4]))
    assert abs(mean[0]) < 1e-6
    assert variance[0] == pytest.approx(known.covariance.level_sigma_db**2)


def test_a_place_does_not_listen_to_its_own_group():
    known = residuals()
    group = np.arange(80) % 7
    mean, _ = known.at(known.x[:1], known.y[:1], group=group, asked_group=group[:1])
    others = group != group[0]
    alone = Residuals(
        x=known.x[others],
        y=known.y[others],
        residual=known.residual[others],
        noise_db2=known.noise_db2[others],
        covariance=known.covariance,
    )
    expected, _ = alone.at(known.x[:1], known.y[:1])
    assert mean[0] == pytest.approx(expected[0], abs=0.5)


def test_white_noise_is_learnt_as_noise_and_a_smooth_field_is_not():
    chance = np.random.default_rng(4)
    x, y = chance.uniform(0, 6000, (2, 300))
    noise = covariance.learnt(x, y, chance.normal(0, 7, 300), quiet=np.ones(300))
    smooth = covariance.learnt(x, y, 10 * np.sin(x / 900) * np.cos(y / 900), quiet=np.ones(300))
    assert noise.noise_share >= 0.5
    assert smooth.noise_share <= 0.05
    assert noise.sigma_db == pytest.approx(7, abs=1)


def units(seed=5):
    chance = np.random.default_rng(seed)
    x, y = chance.uniform(0, 3000, (2, 150))
    return Units(
        carrier=np.full(150, "a", dtype=object),
        cluster=np.full(150, -1),
        x=x,
        y=y,
        level_dbm=-90 + 8 * np.sin(x / 500) + chance.normal(0, 2, 150),
        lost=np.zeros(150, bool),
        phones=np.ones(150),
        lost_dbm=LOST_DBM,
        node=np.full(150, -1),
    )


def asked(*places):
    return Asked(x=np.array(places), y=np.array(places), group=np.full(len(places), -1))


def test_without_sites_nothing_is_said_beyond_the_reach_of_samples():
    said = level_by_samples(units(), asked(1500.0, 1400.0, 1600.0, 60_000.0))
    assert said.source.tolist() == ["samples", "samples", "samples", "none"]
    assert said.sigma_db[0] < said.sigma_db[-1]
    table = said.choice.table.set_index("model")
    assert table.loc["kriging, mean known", "mae_db"] < 4
    assert table["n"].eq(150).all()


def test_weights_sum_to_one_and_models_together_are_no_worse_than_what_was_expected_best():
    table = level_by_samples(units(), asked(1500.0)).choice.table.set_index("model")
    together = table.loc[STACK]
    alone = table.drop(index=STACK)
    assert alone["weight"].sum() == pytest.approx(1)
    assert (alone["weight"] >= 0).all()
    # Of a smooth field kriging tells most, and what is expected of it beforehand costs little.
    assert together["log_loss"] < alone["log_loss"].min() + 0.02
    assert alone["weight"].nlargest(1).index[0].startswith("kriging")


def test_a_model_is_listened_to_where_blocks_left_out_speak_for_it():
    """In a town of two levels, cut by a straight line and measured densely, a forest knows the line."""
    chance = np.random.default_rng(9)
    few = units()
    x, y = chance.uniform(0, 3000, (2, 400))
    level = np.where(x < 1500, -110.0, -70.0) + chance.normal(0, 1, 400)
    more = few.chosen(np.arange(400) % 150)
    many = replace(more, x=x, y=y, level_dbm=level)
    weights = [
        level_by_samples(one, asked(700.0, 2300.0)).choice.weights.get("forest", 0.0)
        for one in (few, many)
    ]
    assert weights[0] < 0.2 < weights[1]


def test_units_of_one_block_are_left_out_together():
    x, y = np.random.default_rng(6).uniform(0, 20_000, (2, 2000))
    near, far = (folds_like(x, y, away_m=np.full(50, away)) for away in (100.0, 700.0))
    for fold in (near, far):
        assert np.bincount(fold).min() > 200

    def apart(fold):
        away = np.hypot(x[:, None] - x, y[:, None] - y)
        return np.median(np.where(fold[:, None] == fold, np.inf, away).min(axis=1))

    # What is left out lies as far from the rest as the places that are asked for from what is known.
    assert apart(near) < 400
    assert 400 < apart(far) < 1200


def test_few_places_of_one_spot_are_left_whole():
    fold = folds_like(np.zeros(5), np.zeros(5), away_m=np.array([300.0]))
    assert (fold == 0).all()
    same = replace(units(), x=np.zeros(150), y=np.zeros(150))
    assert np.isfinite(level_by_samples(same, asked(50.0)).mean_dbm).all()
