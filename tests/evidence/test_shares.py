"""Laws of shares: places that enter because a carrier is heard there do not make its share look larger or smaller."""

import numpy as np
import pytest

from lomsong.evidence.shares import ALIKE_BOUNDS, shares_of

TRUE = np.array([0.5, 0.3, 0.15, 0.05])


def heard(alike, *, places=3000, seed=1):
    """Return the phones of four carriers that serve everywhere, at places whose shares differ."""
    chance = np.random.default_rng(seed)
    total = chance.integers(1, 40, places)
    shares = chance.dirichlet(TRUE * alike, places)
    own = np.array([chance.multinomial(n, p) for n, p in zip(total, shares, strict=True)]).T
    return own.astype(float), total.astype(float)


@pytest.mark.parametrize("alike", [4.0, 15.0])
def test_true_shares_are_found_again(alike):
    found = shares_of(*heard(alike))
    np.testing.assert_allclose(found.share, TRUE, rtol=0.2)
    assert found.alike == pytest.approx(alike, rel=0.25)


def test_places_without_the_carrier_change_nothing():
    own, total = heard(15.0)
    own[3, ::2] = 0
    whole, half = shares_of(*heard(15.0)), shares_of(own, total)
    assert half.share[3] == pytest.approx(whole.share[3], rel=0.3)


def test_a_carrier_heard_nowhere_has_no_share():
    own, total = heard(15.0)
    own[2] = 0
    assert np.isnan(shares_of(own, total).share).tolist() == [False, False, True, False]
    assert np.isnan(shares_of(own * 0, total).share).all()


@pytest.mark.parametrize("phones", [1.0, 30.0])
def test_how_alike_places_are_stays_within_bounds(phones):
    own = np.eye(4)[np.arange(200) % 4].T * phones
    low, high = ALIKE_BOUNDS
    assert low <= shares_of(own, own.sum(axis=0)).alike <= high


def test_the_order_of_places_changes_nothing_that_matters():
    own, total = heard(6.0)
    mixed = np.random.default_rng(2).permutation(len(total))
    np.testing.assert_allclose(
        shares_of(own[:, mixed], total[mixed]).share, shares_of(own, total).share, rtol=1e-4
    )
