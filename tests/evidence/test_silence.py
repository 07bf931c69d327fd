"""Laws of silence: it never speaks for service, more witnesses make it heavier, and it can be switched off."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.evidence.cube import NO_SERVICE
from lomsong.evidence.silence import LEAST_RATIO, LEAST_RATIO_OF_NOBODY, weigh

CARRIERS = ("mobifone", "viettel")
COLUMNS = [
    "hamlet",
    "cluster",
    "carrier",
    "technology",
    "device",
    "day",
    "cell_x",
    "cell_y",
    "level_dbm",
]


def rows(cluster, carrier, phones, *, technology="4G", level=-100, day=0, cell=0):
    return [
        (0, cluster, carrier, technology, f"{carrier}{cluster}{p}", day, cell, cell, level)
        for p in range(phones)
    ]


def table(*parts):
    observed = pd.DataFrame([row for part in parts for row in part], columns=COLUMNS)
    text = dict.fromkeys(("carrier", "technology", "device"), str)
    return observed.astype(text).assign(n=1)


def neighbourhood():
    """Return rows of three clusters in which both carriers are heard by three phones each."""
    return [
        row for cluster in (1, 2, 3) for carrier in CARRIERS for row in rows(cluster, carrier, 3)
    ]


def weighed(*parts, n=4, **options):
    x = np.arange(n) * 1000.0
    return weigh(
        table(*parts), carriers=CARRIERS, x=x, y=np.zeros(n), dwellings=np.full(n, 20.0), **options
    )


def test_a_carrier_that_is_heard_is_not_silent():
    found = weighed(neighbourhood(), rows(0, "viettel", 2), rows(0, "mobifone", 1))
    assert (found.ratio == 1).all()
    assert (found.alone == 1).all()
    assert (found.witnesses == 0).all()


@given(st.integers(1, 30))
def test_more_phones_of_others_make_silence_heavier(phones):
    fewer = weighed(neighbourhood(), rows(0, "viettel", phones))
    more = weighed(neighbourhood(), rows(0, "viettel", phones + 1))
    assert LEAST_RATIO <= more.ratio[0, 0] <= fewer.ratio[0, 0] < 1
    assert fewer.witnesses[0, 0] == phones


@given(st.integers(1, 40), st.integers(0, 30))
def test_many_rows_and_days_of_one_phone_are_one_witness(days, cells):
    once = weighed(neighbourhood(), rows(0, "viettel", 1))
    often = [row for d in range(days) for row in rows(0, "viettel", 1, day=d, cell=d % (cells + 1))]
    np.testing.assert_array_equal(weighed(neighbourhood(), often).ratio, once.ratio)


def test_the_larger_share_makes_silence_heavier():
    most = [row for cluster in (1, 2, 3) for row in rows(cluster, "viettel", 9)]
    some = [row for cluster in (1, 2, 3) for row in rows(cluster, "mobifone", 2)]
    found = weighed(most, some, rows(0, "mobifone", 0), rows(0, "x", 5))
    assert found.share[1, 0] > found.share[0, 0]
    assert found.ratio[1, 0] < found.ratio[0, 0] < 1


def test_where_no_share_is_known_silence_says_nothing():
    found = weighed(rows(0, "viettel", 5))
    assert found.ratio[0, 0] == 1


def test_phones_that_are_heard_on_older_technology_only_speak_against_4g():
    older = weighed(neighbourhood(), rows(0, "viettel", 2, technology="2G", level=-90))
    assert older.ratio[1, 0] < 1
    assert older.witnesses[1, 0] == 2


def test_no_service_is_no_witness_of_others_silence():
    found = weighed(neighbourhood(), rows(0, "viettel", 3, technology="", level=NO_SERVICE))
    assert (found.ratio[:, 0] == 1).all()


def test_nobody_heard_is_kept_apart_and_bounded():
    found = weighed(neighbourhood())
    assert (found.ratio[:, 0] == 1).all()
    assert ((found.alone[:, 0] >= LEAST_RATIO_OF_NOBODY) & (found.alone[:, 0] < 1)).all()
    assert (found.alone[:, 1:] == 1).all()
    visited = weighed(neighbourhood(), rows(0, "viettel", 1, technology="", level=NO_SERVICE))
    assert (visited.alone == 1).all()


@pytest.mark.parametrize("kind", ["others_heard", "older_heard", "nobody_heard"])
def test_each_kind_can_be_switched_off(kind):
    silent = (
        neighbourhood(),
        rows(0, "viettel", 3, technology="2G", level=-90),
    )
    everything = weighed(*silent, n=5)
    without = weighed(
        *silent,
        n=5,
        kinds=tuple(k for k in ("others_heard", "older_heard", "nobody_heard") if k != kind),
    )
    alone = weighed(*silent, n=5, kinds=(kind,))
    both = everything.ratio * everything.alone
    np.testing.assert_allclose(
        without.ratio * without.alone * alone.ratio * alone.alone, both, rtol=1e-12
    )
    assert (without.ratio * without.alone > both).any()


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(random):
    ordered = [*neighbourhood(), *rows(0, "viettel", 4), *rows(2, "mobifone", 3, technology="3G")]
    mixed = list(ordered)
    random.shuffle(mixed)
    np.testing.assert_array_equal(weighed(mixed).ratio, weighed(ordered).ratio)
