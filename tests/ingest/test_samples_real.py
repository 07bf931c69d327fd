"""What the real files of three providers must come out as."""

import gzip
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lomsong.errors import InputError
from lomsong.ingest import read_samples
from lomsong.ingest.samples.levels import RANGES_DBM
from lomsong.tables import Samples


def assert_conserved(samples: Samples) -> None:
    """Every row that was read is in the table or counted."""
    assert samples.n_rows == len(samples.table) + sum(samples.dropped.values())


def assert_levels_belong(samples: Samples) -> None:
    """Levels stand in the column of their technology and inside its range."""
    table = samples.table
    assert not (table["rsrp_dbm"].notna() & table["level_dbm"].notna()).any()
    assert table.loc[table["rsrp_dbm"].notna(), "technology"].isin(["4G", "5G"]).all()
    assert table.loc[table["level_dbm"].notna(), "technology"].isin(["2G", "3G"]).all()
    level = table["rsrp_dbm"].fillna(table["level_dbm"])
    for technology, (low, high) in RANGES_DBM.items():
        assert level[table["technology"] == technology].between(low, high).all()
    assert (level.isna() == table["no_service"]).all()


@pytest.fixture(scope="module")
def signal(shared_data: Path) -> Path:
    return shared_data / "signal"


def test_the_two_rows_of_level_minus_200_are_no_service_of_their_carrier(signal: Path):
    samples = read_samples(signal / "gnettrack_dakar" / "Orange_log.txt", timezone="Africa/Dakar")
    silent = samples.table[samples.table["no_service"]]
    assert list(silent["plmn"]) == ["608-01", "608-01"]
    assert silent["technology"].isna().all()
    assert list(silent["time"]) == list(
        pd.to_datetime(["2025-07-18 22:12:44+00:00", "2025-07-18 22:12:46+00:00"]).as_unit("ms")
    )
    # 1,433 rows of -24 (all of 3G), 121 of -164 and one of -340 are no levels.
    assert dict(samples.dropped) == {"level out of range": 1555}
    assert samples.n_rows == 2625
    assert_conserved(samples)
    assert_levels_belong(samples)


def test_both_dakar_logs_keep_their_carriers_apart(signal: Path):
    samples = read_samples(sorted((signal / "gnettrack_dakar").glob("*.txt")))
    assert Counter(samples.table["plmn"]) == {"608-01": 1070, "608-02": 2719}
    assert samples.n_rows == 2625 + 2719
    yas = samples.table[samples.table["plmn"] == "608-02"]
    assert Counter(yas["technology"]) == {"2G": 156, "3G": 702, "4G": 1861}
    assert_conserved(samples)
    assert_levels_belong(samples)


def test_local_times_follow_the_time_zone(signal: Path):
    log = signal / "gnettrack_dakar" / "Yas_log.txt"
    here = read_samples(log, timezone="Africa/Dakar").table["time"]
    there = read_samples(log, timezone="Asia/Ho_Chi_Minh").table["time"]
    assert ((here - there) == pd.Timedelta(hours=7)).all()


def test_the_ottawa_exports_are_read_whole(signal: Path):
    files = sorted((signal / "netcellinfo_ottawa").glob("*.csv"))
    samples = read_samples(files)
    assert len(files) == 18
    assert samples.n_rows == 2621
    assert dict(samples.dropped) == {"duplicate": 1}
    assert set(samples.table["plmn"]) == {"302-720"}
    assert set(samples.table["technology"]) == {"4G"}  # LTE and LTE+
    assert samples.table["source"].nunique() == 18
    assert samples.table["lat"].between(45.2, 45.5).all()
    assert samples.table["lon"].between(-76.0, -75.5).all()
    assert_conserved(samples)
    assert_levels_belong(samples)


def test_the_merged_virginia_file_adds_nothing_it_holds_twice(signal: Path):
    folder = signal / "netcellinfo_virginia"
    raw, merged = (read_samples(folder / name) for name in ("raw.csv", "processed.csv"))
    both = read_samples([folder / "raw.csv", folder / "processed.csv"])
    assert (raw.n_rows, merged.n_rows, both.n_rows) == (688, 8662, 688 + 8662)
    assert len(both.table) == len(merged.table) == _distinct(folder / "processed.csv")
    assert len(raw.table) == _distinct(folder / "raw.csv")
    for samples in (raw, merged, both):
        assert_conserved(samples)
        assert_levels_belong(samples)


def _distinct(file: Path) -> int:
    """Count distinct observations independently of the reader."""
    columns = pd.read_csv(file, dtype=str, skip_blank_lines=True).iloc[:, :9]
    return int((~columns.assign(**{"8": columns.iloc[:, 8].astype(float)}).duplicated()).sum())


def test_packed_files_read_as_plain_ones(signal: Path, tmp_path: Path):
    log = signal / "gnettrack_dakar" / "Orange_log.txt"
    (tmp_path / "log.bin").write_bytes(gzip.compress(log.read_bytes()))
    with zipfile.ZipFile(tmp_path / "both.dat", "w") as archive:
        archive.write(log, "a/Orange_log.txt")
        archive.write(log.with_name("Yas_log.txt"), "b/Yas_log.txt")
    plain = read_samples(log)
    packed = read_samples(tmp_path / "log.bin")
    pd.testing.assert_frame_equal(
        packed.table.drop(columns="source"), plain.table.drop(columns="source")
    )
    zipped = read_samples(tmp_path / "both.dat")
    assert len(zipped.table) == 1070 + 2719
    assert set(zipped.table["source"]) == {"both.dat/Orange_log.txt", "both.dat/Yas_log.txt"}


def test_a_list_of_cells_is_no_list_of_samples(signal: Path):
    with pytest.raises(InputError, match=r"list of cells.*\[sites\]"):
        read_samples(signal / "opencellid_cells" / "suriname_cell_towers.csv.gz")


def test_levels_are_what_the_file_says(signal: Path):
    log = signal / "gnettrack_dakar" / "Yas_log.txt"
    with log.open(newline="") as lines:
        rows = [line.rstrip("\r\n").split("\t") for line in lines][1:]
    expected = np.array([float(row[10]) for row in rows])
    table = read_samples(log).table
    np.testing.assert_array_equal(table["rsrp_dbm"].fillna(table["level_dbm"]), expected)
    np.testing.assert_array_equal(table["lon"], [float(row[1]) for row in rows])
    np.testing.assert_array_equal(table["lat"], [float(row[2]) for row in rows])
