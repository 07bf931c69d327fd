"""Facts of what a mast that is yet to be built would meet, beside draws of all levels together."""

import numpy as np
import pytest

from lomsong.assess.joint.newcomer import Outlook

MEAN = np.array([-118.0, -124.0, 0.5])
SPREAD = np.array([[90.0, 40.0, 45.0], [40.0, 110.0, 50.0], [45.0, 50.0, 100.0]])
"""Of the levels of two carriers, and of what a new mast leaves over."""
LEAST_DBM = -121.0


def outlook():
    return Outlook(mean=MEAN[2:], variance=SPREAD[2:, 2], towards=SPREAD[:2, 2:])


def given(level):
    """Return mean and variance where the first, the second and neither carrier serves."""
    without = level < LEAST_DBM
    cases = np.column_stack([without, without.all(axis=1)])[:, :, None]
    mean, variance = outlook().given(level - MEAN[:2], SPREAD[:2, :2], cases)
    return mean.ravel(), variance.ravel()


def test_what_is_left_over_where_nobody_serves_is_that_of_draws_of_all_levels():
    drawn = np.random.default_rng(5).multivariate_normal(MEAN, SPREAD, size=400_000)
    mean, variance = given(drawn[:20_000, :2])
    without = drawn[:, :2] < LEAST_DBM
    for case, at in enumerate((without[:, 0], without[:, 1], without.all(axis=1))):
        left = drawn[at, 2]
        assert mean[case] == pytest.approx(left.mean(), abs=0.15)
        assert variance[case] == pytest.approx(left.var(), rel=0.03)


def test_more_carriers_without_service_promise_less():
    level = np.random.default_rng(6).multivariate_normal(MEAN[:2], SPREAD[:2, :2], size=5_000)
    mean, _ = given(level)
    assert mean[2] < min(mean[0], mean[1]) < MEAN[2]


def test_where_a_carrier_always_serves_all_draws_count():
    level = np.full((50, 2), -80.0) + np.random.default_rng(7).normal(0, 1, (50, 2))
    mean, variance = given(level)
    assert np.isfinite(mean).all()
    assert (mean > MEAN[2]).all()
    assert (variance <= SPREAD[2, 2]).all()


def test_what_is_surer_by_a_factor_follows_from_levels_alike():
    surer = outlook().sharpened(np.full(2, 1 / 2), 2.0)
    assert surer.variance == pytest.approx(SPREAD[2:, 2] / 4)
    assert surer.towards == pytest.approx(SPREAD[:2, 2:] / 4)
    assert surer.mean == pytest.approx(MEAN[2:])
