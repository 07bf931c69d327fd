"""Laws of kriging that averages over covariances: exact means, forgiven readings, deafness to one's own group."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from lomsong.assess.modelled import ordinary
from lomsong.assess.modelled.ordinary import Ordinary, kinds_of


@pytest.fixture(autouse=True)
def _one_thread():
    """As in a run; small systems cost more on many."""
    with threadpool_limits(1):
        yield


def scattered(n=120, *, seed=5):
    """Return places and values of a smooth surface with noise [dB]."""
    chance = np.random.default_rng(seed)
    x, y = chance.uniform(0, 4000, (2, n))
    return x, y, -95 + 8 * np.sin(x / 900) + 6 * np.cos(y / 700) + chance.normal(0, 2, n)


def field(x, y, value, *, group=None):
    none = np.full(len(x), -1) if group is None else group
    return Ordinary(x=x, y=y, value=value, kinds=kinds_of(x, y, value).ordinary, group=none)


def nobody(x):
    return np.full(len(x), -1)


def test_one_level_everywhere_is_carried_everywhere():
    x, y, value = scattered()
    flat = np.full(len(value), -101.0)
    far = np.array([2000.0, 90_000.0])
    mean, variance = field(x, y, flat).at(far, far, group=nobody(far))
    np.testing.assert_allclose(mean, -101.0, atol=1e-6)
    assert variance[1] >= variance[0]


def test_a_shift_of_all_levels_shifts_what_is_said():
    x, y, value = scattered()
    asked = np.linspace(100, 3900, 17)
    first, second = (
        field(x, y, v).at(asked, asked, group=nobody(asked)) for v in (value, value + 7)
    )
    np.testing.assert_allclose(second[0], first[0] + 7, atol=1e-6)
    np.testing.assert_allclose(second[1], first[1], rtol=1e-6)


def test_left_out_places_are_foretold_within_what_is_stated():
    x, y, value = scattered(400)
    known = np.arange(400) % 4 > 0
    mean, variance = field(x[known], y[known], value[known]).at(
        x[~known], y[~known], group=nobody(x[~known])
    )
    off = value[~known] - mean
    assert np.sqrt((off**2).mean()) < 0.5 * value.std()
    assert (np.abs(off) < 1.2816 * np.sqrt(variance)).mean() == pytest.approx(0.8, abs=0.12)


def test_one_wild_reading_moves_its_surroundings_little():
    x, y, value = scattered()
    at = np.argmin(np.hypot(x - 2000, y - 2000))
    wild = value.copy()
    wild[at] += 60
    here = np.array([x[at] + 20.0]), np.array([y[at]])
    calm, moved = (
        float(field(x, y, v).tamed().at(*here, group=nobody(here[0]))[0][0]) for v in (value, wild)
    )
    assert abs(moved - calm) < 8


def test_a_place_does_not_hear_its_own_group():
    x, y, value = scattered()
    group = np.where(np.hypot(x - 2000, y - 2000) < 500, 7, -1)
    loud = np.where(group == 7, value + 40, value)
    at = np.array([2000.0])
    kinds = kinds_of(x, y, value).ordinary
    said = [
        Ordinary(x=x, y=y, value=v, kinds=kinds, group=group).at(at, at, group=np.array([7]))[0][0]
        for v in (value, loud)
    ]
    assert said[0] == pytest.approx(said[1], abs=1e-4)


def test_a_handful_of_units_has_their_mean_and_no_more():
    x, y, value = scattered(3)
    mean, variance = field(x, y, value).at(x + 9e5, y, group=nobody(x))
    np.testing.assert_allclose(mean, value.mean(), atol=5)
    # Three units that happen to agree do not make levels sure.
    _, alike = field(x, y, np.full(3, -90.0)).at(x + 9e5, y, group=nobody(x))
    assert (np.sqrt(np.stack([variance, alike])) > 5).all()


@pytest.mark.parametrize("which", ["simple", "ordinary"])
def test_not_to_hear_units_is_as_if_they_were_not_there(which):
    x, y, value = scattered()
    group = np.arange(len(x)) % 9
    kinds = getattr(kinds_of(x, y, value), which)
    asked = np.linspace(100, 3900, 17)
    heard = group != 4
    some = Ordinary(x=x[heard], y=y[heard], value=value[heard], kinds=kinds, group=group[heard])
    whole = Ordinary(x=x, y=y, value=value, kinds=kinds, group=group)
    for found, told in zip(
        whole.at(asked, asked, group=np.full(17, 4)),
        some.at(asked, asked, group=nobody(asked)),
        strict=True,
    ):
        np.testing.assert_allclose(found, told, rtol=1e-8)


def test_the_nearest_of_many_units_say_what_all_would(monkeypatch):
    x, y, value = scattered(500)
    asked = np.linspace(100, 3900, 17)
    field_of_all = field(x, y, value)
    mean, variance = field_of_all.at(asked, asked, group=nobody(asked))
    monkeypatch.setattr(ordinary, "WHOLE", 499)
    near, near_variance = field_of_all.at(asked, asked, group=nobody(asked))
    np.testing.assert_allclose(near, mean, atol=0.25)
    np.testing.assert_allclose(near_variance, variance, rtol=0.05)


def test_far_from_all_a_known_mean_holds():
    x, y, value = scattered()
    kinds = kinds_of(x, y, value).simple
    far = np.array([9e6])
    known = Ordinary(x=x, y=y, value=value, kinds=kinds, group=nobody(x))
    mean, variance = known.at(far, far, group=nobody(far))
    assert mean[0] == pytest.approx(value.mean())
    assert variance[0] == pytest.approx(kinds[0].variance_db2)
