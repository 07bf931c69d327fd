"""What share of phones is seen where their carrier does not serve is found again in places that were made with it."""

import numpy as np
import pytest

from lomsong.evidence.loyal import LOYAL, UNSEEN, WITH_4G, WITHOUT_4G, Seen, loyalty

SHARE = np.array([0.5, 0.2])


def made(loyal: float, *, seed: int) -> Seen:
    """Return two carriers at 600 places, of which more are served where more phones are."""
    rng = np.random.default_rng(seed)
    carrier = np.repeat([0, 1], 600)
    others = rng.integers(1, 25, len(carrier)).astype(float)
    served = rng.random(len(carrier)) < np.clip(0.1 + 0.03 * others, 0, 1)
    none = (1 - SHARE[carrier]) ** others
    there = rng.random(len(carrier)) > np.where(served, none, none**loyal)
    edge = rng.random(len(carrier)) < 0.3
    how = np.where(there, np.where(served | edge, WITH_4G, WITHOUT_4G), UNSEEN)
    return Seen(carrier=carrier, how=how, others=others, none=none)


@pytest.mark.parametrize("loyal", [0.15, 0.5, 0.85])
def test_loyalty_is_found_again(loyal: float) -> None:
    found = loyalty(made(loyal, seed=4), n_carriers=2)
    np.testing.assert_allclose(found, loyal, atol=0.15)


def test_the_more_phones_are_seen_without_4g_the_more_loyal_they_are() -> None:
    found = [loyalty(made(loyal, seed=5), n_carriers=2).mean() for loyal in (0.1, 0.4, 0.8)]
    assert found == sorted(found)


def test_where_nothing_is_seen_the_assumption_stands() -> None:
    nothing = np.empty(0)
    seen = Seen(carrier=nothing.astype(int), how=nothing.astype(int), others=nothing, none=nothing)
    np.testing.assert_array_equal(loyalty(seen, n_carriers=3), LOYAL)
