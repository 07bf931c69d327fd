"""Laws of hold-outs on real samples: blocks stay whole, figures follow from sums, and kriging by variogram is unbiased."""

import numpy as np
import pytest

from lomsong.assess.modelled.units import Units

SMOOTH = ("5 nearest", "10 nearest", "8 by distance", "kriging, variogram")
"""Peers that break no ties by rounding."""


@pytest.fixture(scope="module")
def peers(holdout):
    return holdout.PEERS


def readings(holdout, n=90, *, seed=1, shift_db=0.0):
    chance = np.random.default_rng(seed)
    x, y = chance.uniform(0, 3000, (2, n))
    level = np.round(-95 + 8 * np.sin(x / 700) + chance.normal(0, 3, n)) + shift_db
    return holdout.Readings(x=x, y=y, level_dbm=level, phones=np.ones(n))


def units(of):
    n = len(of)
    return Units(
        carrier=np.full(n, "a", dtype=object),
        cluster=np.full(n, -1),
        x=of.x,
        y=of.y,
        level_dbm=of.level_dbm,
        lost=np.zeros(n, bool),
        phones=of.phones,
        lost_dbm=-120.0,
        node=np.full(n, -1),
    )


@pytest.mark.parametrize("blocks", ["cells", "strips", "300"])
def test_every_unit_is_left_out_once_with_the_whole_of_its_block(holdout, blocks):
    known = readings(holdout)
    part = holdout.dealt(units(known), blocks, draw=3)
    assert len(part) == len(known)
    sizes = np.bincount(part)
    assert (sizes > 0).all()
    if blocks != "300":
        assert np.ptp(sizes) <= 1
    else:
        near = np.hypot(known.x[:, None] - known.x, known.y[:, None] - known.y) < 10
        together = part[:, None] == part
        assert together[near].mean() > 0.9


def test_figures_do_not_depend_on_how_land_is_cut(holdout):
    known = readings(holdout)
    off = np.random.default_rng(2).normal(0, 5, len(known))
    said = known.level_dbm + off, np.full(len(known), 5.0)
    one = holdout.sums(known.level_dbm, *said, np.zeros(len(known), np.int64))
    many = holdout.sums(known.level_dbm, *said, holdout.squares(known.x, known.y, 500.0))
    whole, cut = (holdout.figures(part.sum(axis=0)) for part in (one, many))
    assert cut == pytest.approx(whole)
    assert whole["mae"] == pytest.approx(np.abs(off).mean())
    assert whole["in90"] == pytest.approx((np.abs(off) < 5 * 1.6449).mean())


@pytest.mark.parametrize("name", SMOOTH)
def test_peers_follow_a_shift_of_all_levels(holdout, peers, name):
    asked = readings(holdout, 20, seed=9)
    first, second = (peers[name](readings(holdout, shift_db=shift), asked) for shift in (0.0, 11.0))
    np.testing.assert_allclose(second[0], first[0] + 11, atol=1e-3)
    np.testing.assert_allclose(second[1], first[1], rtol=1e-3)


def test_kriging_by_variogram_is_surer_near_to_what_it_knows(holdout, peers):
    known = readings(holdout)
    far = holdout.Readings(
        x=np.array([known.x[0] + 1, 40_000.0]),
        y=np.array([known.y[0], 40_000.0]),
        level_dbm=np.zeros(2),
        phones=np.ones(2),
    )
    _, spread = peers["kriging, variogram"](known, far)
    assert spread[0] < spread[1]


def test_what_is_better_everywhere_is_told_before(holdout, peers):
    known = readings(holdout)
    square = holdout.squares(known.x, known.y, 500.0)
    chance = np.random.default_rng(4)

    def draws(wide_db):
        spread = np.full(len(known), wide_db)
        return np.array(
            [
                holdout.sums(
                    known.level_dbm,
                    known.level_dbm + wide_db * chance.choice([-1, 1], len(known)),
                    spread,
                    square,
                )
                for _ in range(4)
            ]
        )

    held = holdout.Held(name="", sums={"ours": draws(2.0), **{peer: draws(6.0) for peer in peers}})
    row = held.beside_best("mae")
    assert row["by land"] == row["by draws"] == "before"
    assert row["off"] == pytest.approx(-200 / 3)
