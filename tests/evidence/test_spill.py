"""What waits on disk is counted as what stays in memory."""

import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.errors import InputError
from lomsong.evidence import spill
from lomsong.evidence._runs import counted
from lomsong.evidence.crossings import crossings_of, joined
from lomsong.evidence.spill import Runs
from lomsong.evidence.tally import Counting, tally
from lomsong.tables import Samples

some_rows = st.lists(st.tuples(*[st.integers(0, 3)] * 3), max_size=40)


@given(st.lists(some_rows, max_size=6), st.integers(0, 30))
def test_the_sum_is_that_of_all_rows_wherever_they_wait(parts, most_rows):
    everything = np.array([row for part in parts for row in part], np.uint64).reshape(-1, 3)
    runs = Runs("test", most_rows=most_rows)
    for part in parts:
        runs.add(counted(np.array(part, np.uint64).reshape(-1, 3)))
    for found, expected in zip(runs.total(), counted(everything), strict=True):
        np.testing.assert_array_equal(found, expected)
    runs.close()


def test_pieces_are_sorted_and_share_no_row(monkeypatch):
    monkeypatch.setattr(spill, "LEAST_ROWS", 50)
    rng = np.random.default_rng(0)
    runs = Runs("test", most_rows=300)
    for _ in range(9):
        runs.add(counted(rng.integers(0, 12, (200, 3)).astype(np.uint64)))
    pieces = list(runs.chunks())
    assert len(pieces) > 10
    rows = np.concatenate([keys for keys, _ in pieces])
    assert [*map(tuple, rows.tolist())] == sorted({*map(tuple, rows.tolist())})
    assert sum(int(n.sum()) for _, n in pieces) == 9 * 200
    runs.close()


@pytest.mark.parametrize("most_rows", [10, 500, 10**6])
def test_a_count_on_disk_is_the_count_in_memory(land, observed, most_rows):
    table = observed(3000).table
    parts = [Samples(table=table.iloc[i::7].reset_index(drop=True)) for i in range(7)]
    whole = tally(Samples(table=table), land.locator)
    with Counting(most_rows=most_rows) as counting:
        for part in parts:
            counting.add(tally(part, land.locator))
        found = counting.total()
        trails = joined(counting.trails())
    np.testing.assert_array_equal(found.keys, whole.keys)
    np.testing.assert_array_equal(found.n, whole.n)
    np.testing.assert_array_equal(trails.keys, whole.trails.keys)
    np.testing.assert_array_equal(trails.n, whole.trails.n)
    assert found.newest == whole.newest == dt.date(2025, 12, 3)
    assert len(crossings_of(found.trails))


def test_no_file_is_left_behind(land, observed, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Counting(most_rows=100) as counting:
        counting.add(tally(observed(1000), land.locator))
        assert list(tmp_path.rglob("*.parquet"))
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(land, observed, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(Path(tmp_path) / "nowhere"))
    with (
        Counting(most_rows=100) as counting,
        pytest.raises(InputError, match="Set TMPDIR to a folder with more room"),
    ):
        counting.add(tally(observed(1000), land.locator))
