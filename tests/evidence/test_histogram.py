"""The straight way to histograms finds what the witnesses tell, in any order, cut and number of threads."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.errors import DefectError
from lomsong.evidence import histogram as module
from lomsong.evidence.cube import count
from lomsong.evidence.histogram import Histogram, histogram
from lomsong.evidence.tally import added, tally
from lomsong.tables import Samples


def same(found, expected):
    np.testing.assert_array_equal(found.keys, expected.keys)
    np.testing.assert_array_equal(found.n, expected.n)
    assert (found.n_samples, found.dropped) == (expected.n_samples, expected.dropped)


def block_of(table):
    """Return a table as a file of samples is read: words packed, one column of levels missing where all is RSRP."""
    block = pa.RecordBatch.from_pandas(table, preserve_index=False)
    names = [
        name for name in block.schema.names if name != "level_dbm" or table[name].notna().any()
    ]
    columns = [
        block.column(name).dictionary_encode()
        if name in {"plmn", "technology"}
        else block.column(name)
        for name in names
    ]
    return pa.RecordBatch.from_arrays(columns, names)


def test_both_ways_find_the_same(land, observed):
    batch = observed(6000)
    witnesses = count([batch], land.locator)
    direct = histogram([batch], land.locator)
    same(direct, added([tally(batch, land.locator)]).histogram())
    pd.testing.assert_frame_equal(direct.table(land.locator), witnesses.cube)
    assert direct.n_samples == witnesses.n_samples
    assert direct.dropped == witnesses.dropped


def test_a_block_of_a_file_counts_as_its_samples_do(land, observed):
    table = observed(3000).table
    found = histogram([block_of(table)], land.locator)
    same(found, histogram([Samples(table=table)], land.locator))
    rsrp_only = table[table["level_dbm"].isna()].reset_index(drop=True)
    same(
        histogram([block_of(rsrp_only)], land.locator),
        histogram([Samples(table=rsrp_only)], land.locator),
    )


@settings(max_examples=12)  # each counts the whole land three times
@given(
    cuts=st.lists(st.integers(0, 900), max_size=5),
    seed=st.integers(0, 9),
    threads=st.sampled_from([1, 2, 3]),
)
def test_order_cut_and_threads_change_nothing(land, observed, cuts, seed, threads):
    table = observed(900).table
    whole = histogram([Samples(table=table)], land.locator)
    shuffled = table.sample(frac=1, random_state=seed)
    edges = [0, *sorted(cuts), len(table)]
    parts = [Samples(table=shuffled.iloc[a:b].reset_index(drop=True)) for a, b in pairwise(edges)]
    same(histogram(parts, land.locator, threads=threads), whole)
    summed = Histogram()
    for part in reversed(parts):
        summed += histogram([part], land.locator)
    same(summed, whole)


def test_a_sum_does_not_depend_on_brackets(land, observed):
    a, b, c = (histogram([observed(400, seed=seed)], land.locator) for seed in range(3))
    same((a + b) + c, a + (b + c))
    same(a + b, b + a)


def test_counts_beyond_16_bits_and_beyond_the_first_rows(land, observed, monkeypatch):
    monkeypatch.setattr(module, "FIRST_ROWS", 4)
    monkeypatch.setattr(module, "FIRST_SERVICES", 1)
    monkeypatch.setattr(module, "MOST_CARRIES", 2)
    table = observed(500).table
    served = table[table["technology"].notna()].iloc[:3]
    often = pd.concat([served] * 50_000, ignore_index=True)
    expected = histogram([Samples(table=served.reset_index(drop=True))], land.locator)
    found = histogram([Samples(table=often)] * 2, land.locator)
    np.testing.assert_array_equal(found.keys, expected.keys)
    np.testing.assert_array_equal(found.n, expected.n * 100_000)
    exact = pd.concat([served.iloc[:1]] * 65_536, ignore_index=True)
    assert histogram([Samples(table=exact)], land.locator).n.tolist() in ([], [65_536])


def test_nothing_counts_as_nothing(land):
    assert not len(histogram([], land.locator).table(land.locator))


def test_a_level_that_no_phone_measures_is_a_defect(land, observed):
    table = observed(50).table
    table.loc[table["rsrp_dbm"].notna(), "rsrp_dbm"] = -190.0
    with pytest.raises(DefectError, match="no phone measures"):
        histogram([Samples(table=table)], land.locator)
    with pytest.raises(DefectError, match="no phone measures"):
        count([Samples(table=table)], land.locator)
