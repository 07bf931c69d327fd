"""Counting equals the plainest way of counting, and adding up in any order is exact."""

from itertools import pairwise

import numpy as np
import pandas as pd
import plainly
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.evidence._runs import counted as distinct
from lomsong.evidence._runs import merged
from lomsong.evidence.coding import carrier_code, carrier_name
from lomsong.evidence.cube import count, merge
from lomsong.tables import Samples

keys = st.lists(
    st.tuples(*[st.sampled_from([0, 1, 2, 2**63, 2**64 - 1])] * 3), min_size=0, max_size=60
)


def rows_of(some):
    return np.array(some, np.uint64).reshape(-1, 3)


@given(keys)
def test_runs_hold_each_distinct_row_once_with_its_count(some):
    found, counts = distinct(rows_of(some))
    expected = sorted({*some})
    assert [tuple(row) for row in found.tolist()] == expected
    assert counts.tolist() == [some.count(row) for row in expected]


@given(keys, keys)
def test_the_merge_of_two_runs_is_the_run_of_both(some, others):
    found, counts = merged([distinct(rows_of(some)), distinct(rows_of(others))])
    expected, expected_counts = distinct(rows_of(some + others))
    assert np.array_equal(found, expected)
    assert np.array_equal(counts, expected_counts)


def test_witnesses_equal_those_of_the_plainest_count(land, observed):
    batch = observed(6000)
    found = count([batch], land.locator)
    expected = plainly.witnesses(batch.table, land.hamlets.table, land.clusters)
    pd.testing.assert_frame_equal(found.witnesses, expected.astype(found.witnesses.dtypes))
    assert (expected["cluster"] >= 0).sum() > 1000
    assert found.n_samples == expected["n"].sum()
    assert found.newest == batch.table["time"].max().date()


def test_every_sample_is_counted_or_dropped_for_a_reason(land, observed):
    found = count([observed(3000)], land.locator)
    assert found.dropped["no position"] == 2
    assert found.n_samples + sum(found.dropped.values()) == 3002
    assert found.cube["n"].sum() == found.n_samples


@settings(max_examples=12)  # each counts the whole land three times
@given(cuts=st.lists(st.integers(0, 900), max_size=5), seed=st.integers(0, 9))
def test_order_and_cut_of_rows_change_nothing(land, observed, cuts, seed):
    table = observed(900).table
    whole = count([Samples(table=table)], land.locator)
    shuffled = table.sample(frac=1, random_state=seed)
    edges = [0, *sorted(cuts), len(table)]
    parts = [Samples(table=shuffled.iloc[a:b].reset_index(drop=True)) for a, b in pairwise(edges)]
    for found in (
        count(parts, land.locator),
        merge(count([part], land.locator) for part in parts),
    ):
        pd.testing.assert_frame_equal(found.witnesses, whole.witnesses)
        assert (found.n_samples, found.newest, found.dropped) == (
            whole.n_samples,
            whole.newest,
            whole.dropped,
        )


def test_nothing_counts_as_nothing(land):
    for found in (count([], land.locator), merge([])):
        assert not len(found.witnesses)
        assert found.newest is None
        assert found.carriers == ()


@pytest.mark.parametrize("name", ["", "310-41", "310-410", "608-02", "gmobile", "viettel"])
def test_a_carrier_comes_back_from_its_number(name):
    assert carrier_name(carrier_code(name)) == name


def test_numbers_of_carriers_lie_in_the_order_of_their_names():
    names = ["vnpt", "310-410", "", "310-41", "999-99", "gmobile", "608-02", "viettel"]
    assert sorted(names, key=carrier_code) == sorted(names)


def test_a_device_that_is_not_hashed_yet_stays_one_device(land, observed):
    batch = observed(300)
    table = batch.table.assign(device=pd.Series("phone", index=batch.table.index, dtype="str"))
    found = count([Samples(table=table)], land.locator).witnesses["device"]
    assert (found == found.iloc[0]).all()
    assert not found.str.contains("phone").any()
