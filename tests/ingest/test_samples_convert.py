"""What `lomsong samples` tells and writes batch by batch is what the whole table holds."""

import os
from pathlib import Path

import pandas as pd
import pytest

from lomsong.errors import InputError
from lomsong.ingest import read_samples, stream_samples
from lomsong.ingest.samples.convert import summed, written

HEADER = "mcc,mnc,lac,cellid,lat,lon,signal,measured_at,rating,act"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [
        f"452,{n % 3 + 1},7,{n % 5},22.5,{105 + n % 40 / 1000},{-95 - n % 2},1679769208597,5,{act}"
        for n in range(200)
        for act in ("LTE", "HSPA", "")
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEADER, *rows]))
    return path


def test_a_written_file_reads_as_the_table_that_was_read(file: Path, tmp_path: Path):
    out = tmp_path / "out.parquet"
    contents = summed(written(stream_samples(file, batch_rows=70), out))
    whole = read_samples(file)
    plain = pd.read_parquet(out).astype({"cell": "Int64"})
    pd.testing.assert_frame_equal(plain, whole.table, check_exact=True)
    again = read_samples(out).table
    pd.testing.assert_frame_equal(
        again.drop(columns=["source", "device"]), whole.table.drop(columns=["source", "device"])
    )
    assert (contents.n_rows, contents.dropped) == (whole.n_rows, whole.dropped)
    counts = whole.table.groupby(["plmn", "technology"]).size().to_dict()
    assert contents.counts == counts
    assert sum(contents.counts.values()) == len(whole.table)


def test_rows_without_service_and_carrier_are_counted_under_neither(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("lon,lat,plmn,no_service\n105,22,452-04,yes\n105,23,,yes\n105,24,452-02,yes\n")
    assert summed(stream_samples(path)).counts == {
        ("", ""): 1,
        ("452-02", ""): 1,
        ("452-04", ""): 1,
    }


def test_a_file_with_faults_leaves_what_was_there(file: Path, tmp_path: Path):
    out = tmp_path / "out.parquet"
    out.write_bytes(b"earlier")
    file.write_text(f"{HEADER}\n452,4,7,1,here,105,-95,1679769208597,5,LTE\n")
    with pytest.raises(InputError, match="is no number"):
        summed(written(stream_samples(file), out))
    assert out.read_bytes() == b"earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "out.parquet"]


def test_a_place_that_is_none_is_told(file: Path, tmp_path: Path):
    with pytest.raises(InputError, match="cannot be written"):
        summed(written(stream_samples(file), tmp_path / "none" / "out.parquet"))


def test_what_is_no_file_is_never_put_aside(file: Path, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is no plain file"):
        summed(written(stream_samples(file), tmp_path / "pipe"))
    assert (tmp_path / "pipe").is_fifo()
