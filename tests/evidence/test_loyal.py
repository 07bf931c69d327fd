"""What share of phones is seen where their carrier does not serve is found again in places that were made with it."""

import numpy as np
import pytest

from lomsong.evidence.loyal import LOYAL, UNSEEN, WITH_4G, WITHOUT_4G, Seen, loyalty

SHARE = np.array([0.5, 0.2])


def made(loyal: float, *, seed: int, sure: float = 1.0) -> Seen:
    """Return two carriers at 600 places, of which more are served where more phones are."""
    rng = np.random.default_rng(seed)
    carrier = np.repeat([0, 1], 600)
    others = rng.integers(1, 25, len(carrier)).astype(float)
    served = rng.random(len(carrier)) < np.clip(0.1 + 0.03 * others, 0, 1)
    none = (1 - SHARE[carrier]) ** others
    there = rng.random(len(carrier)) > np.where(served, none, none**loyal) ** sure
    edge = rng.random(len(carrier)) < 0.3
    how = np.where(there, np.where(served | edge, WITH_4G, WITHOUT_4G), UNSEEN)
    return Seen(carrier=carrier, how=how, others=others, none=none)


@pytest.mark.parametrize("loyal", [0.15, 0.5, 0.85])
def test_loyalty_is_found_again(loyal: float) -> None:
    found = loyalty(made(loyal, seed=4), n_carriers=2)
    np.testing.assert_allclose(found.share, loyal, atol=0.25)


def test_how_sure_a_carrier_is_heard_where_it_serves_is_found_again_drawn_to_one() -> None:
    low, usual, high = (
        loyalty(made(0.5, seed=4, sure=sure), n_carriers=2).sure for sure in (0.6, 1.0, 1.7)
    )
    assert 0.6 < low < 0.9 < usual < 1.1
    assert 1.2 < high < 1.7


def test_the_more_phones_are_seen_without_4g_the_more_loyal_they_are() -> None:
    found = [loyalty(made(loyal, seed=5), n_carriers=2).share.mean() for loyal in (0.1, 0.4, 0.8)]
    assert found == sorted(found)


def test_where_nothing_is_seen_the_assumption_stands() -> None:
    nothing = np.empty(0)
    seen = Seen(carrier=nothing.astype(int), how=nothing.astype(int), others=nothing, none=nothing)
    found = loyalty(seen, n_carriers=3)
    np.testing.assert_array_equal(found.share, LOYAL)
    assert found.sure == 1
