"""Files counted part by part, on several threads, count what they count when read in one go."""

from unittest import mock

import numpy as np
import pandas as pd
import pytest
from plainly import same, sample_file

from lomsong.errors import InputError
from lomsong.evidence import counting
from lomsong.evidence.cube import count, evidence_of
from lomsong.ingest import read_samples
from lomsong.ingest.inputs import SampleFile
from lomsong.ingest.samples.duplicates import Duplicates


@pytest.fixture(scope="module")
def in_groups(months, tmp_path_factory):
    """Return the files of `months` with many small row groups."""
    folder = tmp_path_factory.mktemp("groups")
    for file in months:
        pd.read_parquet(file.path).to_parquet(folder / file.path.name, row_group_size=99)
    return tuple(map(sample_file, sorted(folder.iterdir())))


@pytest.fixture
def in_one_go(land):
    def counted(files):
        duplicates = Duplicates()
        return count((batch for file in files for batch in file.batches(duplicates)), land.locator)

    return counted


@pytest.fixture
def in_parts(land):
    """Return a maker of evidence whose files are cut into parts of a few rows, for any number of threads."""
    parts = SampleFile.parts

    def counted(files, *, rows, threads=4):
        with (
            mock.patch.object(SampleFile, "parts", lambda file: parts(file, rows=rows)),
            mock.patch.object(counting, "cores", return_value=threads),
        ):
            return evidence_of(counting.count_all(files, land.locator), land.locator)

    return counted


@pytest.mark.parametrize("rows", [1, 250, 10**6])
@pytest.mark.parametrize("threads", [1, 5])
def test_no_cut_and_no_number_of_threads_changes_a_bit(
    in_groups, in_one_go, in_parts, rows, threads
):
    same(in_parts(in_groups, rows=rows, threads=threads), in_one_go(in_groups))


def log(tmp_path, **columns):
    path = tmp_path / "a.parquet"
    table = pd.DataFrame({"lon": 105.01, "lat": 22.01, "technology": "4G", **columns})
    table.to_parquet(path, row_group_size=10)
    return sample_file(path)


def test_rows_without_carrier_find_the_only_carrier_of_the_file_in_other_parts(
    tmp_path, in_one_go, in_parts
):
    silent = np.arange(100) < 90
    file = log(
        tmp_path,
        plmn=pd.Series(np.where(silent, None, "452-04"), dtype="str"),
        rsrp_dbm=np.where(silent, np.nan, -90.0),
        no_service=silent,
        cell=np.arange(100),
    )
    found = in_parts([file], rows=10)
    same(found, in_one_go([file]))
    assert set(found.witnesses["carrier"]) == {"viettel"}


def test_rows_repeated_in_another_part_count_once(tmp_path, in_one_go, in_parts):
    file = log(tmp_path, plmn="452-04", rsrp_dbm=-90.0, cell=np.arange(100) % 7)
    found = in_parts([file], rows=10)
    same(found, in_one_go([file]))
    assert found.dropped == {"duplicate": 93}


def test_a_part_without_possible_positions_is_no_fault_of_its_file(tmp_path, in_parts):
    far = np.arange(100) < 50
    file = log(tmp_path, lon=np.where(far, 500.0, 105.01), plmn="452-04", rsrp_dbm=-90.0)
    assert in_parts([file], rows=10).dropped == {"duplicate": 49, "position impossible": 50}


@pytest.mark.parametrize("bad", [3, 100])
def test_faults_of_parts_are_those_of_the_file(tmp_path, in_parts, bad):
    plmn = np.where(np.arange(100) % (100 // bad) == 0, "nobody", "452-04")
    file = log(tmp_path, plmn=plmn, rsrp_dbm=-90.0)
    with pytest.raises(InputError) as in_one_go:
        read_samples(file.path)
    with pytest.raises(InputError) as by_parts:
        in_parts([file], rows=10)
    assert [str(fault) for fault in by_parts.value.faults] == [
        str(fault) for fault in in_one_go.value.faults
    ]


def test_a_log_whose_equal_rows_are_looks_is_one_part(tmp_path, in_one_go, in_parts):
    names = ("Timestamp", "Longitude", "Latitude", "Operatorname", "Operator", "NetworkTech")
    row = ("2025.07.18_22.11.08", "105.01", "22.01", "Viettel", "45204", "4G")
    path = tmp_path / "log.parquet"
    table = pd.DataFrame([dict(zip(names, row, strict=True)) | {"Level": -90}] * 100)
    table.to_parquet(path, row_group_size=10)
    file = sample_file(path)
    assert file.parts(rows=10) == (file,)
    found = in_parts([file], rows=10)
    same(found, in_one_go([file]))
    assert found.n_samples == 100
