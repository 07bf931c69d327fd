"""Files that careless hands, old programs and spreadsheets leave behind are read, or refused in plain words."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lomsong.errors import InputError
from lomsong.ingest import read_samples

UPLOAD = "mcc,mnc,lac,cellid,lat,lon,signal,measured_at,rating,speed,direction,act,ta,psc,tac,pci,sid,nid,bid"
ROW = "452,4,20700,11379203,22.6,105.7,-97,1679769208597,6.7,0.2,-2000.0,LTE,0,,20700,32,,,"
TEXT = f"{UPLOAD}\n{ROW}\n{ROW.replace('-97', '-98')}\n"


def written(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def faults_of(file: Path, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_samples(file, **options)
    return [str(fault) for fault in caught.value.faults]


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for name, content in members.items():
            target.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        gzip.compress(gzip.compress(TEXT.encode())),
        archive(**{"a.csv": TEXT.encode(), ".DS_Store": bytes(99), "__MACOSX/._a.csv": bytes(9)}),
    ],
    ids=["crlf", "cr", "utf-16", "bom", "gz in gz", "zip of a Mac"],
)
def test_line_ends_encodings_and_wrapping_change_nothing(tmp_path: Path, content: bytes):
    plain = read_samples(written(tmp_path, TEXT, "plain.csv"))
    other = read_samples(written(tmp_path, content, "other"))
    assert other.n_rows == plain.n_rows == 2
    pd.testing.assert_frame_equal(
        other.table.drop(columns="source"), plain.table.drop(columns="source")
    )


def test_a_cell_without_end_costs_its_own_row_only(tmp_path: Path):
    endless = "x" * 200_000
    lines = [UPLOAD, ROW.replace("LTE", endless), f"{ROW},,{endless}", ROW]
    samples = read_samples(written(tmp_path, "\n".join(lines) + "\n"))
    assert len(samples.table) == 1
    assert samples.dropped == {"cut short": 1, "no technology": 1}
    assert samples.n_rows == 3
    (fault,) = faults_of(written(tmp_path, f"{endless}\n1\n"))
    assert "nobody recognises it" in fault


def test_codes_that_passed_through_a_spreadsheet_keep_their_carrier(tmp_path: Path):
    lines = ["lon,lat,mcc,mnc,rsrp_dbm"]
    lines += [
        f"105.7,22.6,{mcc},{mnc},{-100 - n}"
        for n, (mcc, mnc) in enumerate(
            [("452.0", "4.0"), ("452", "004"), ("452", "-1"), ("-1", "-1"), ("452", "2147483647")]
        )
    ]
    plmn = read_samples(written(tmp_path, "\n".join(lines) + "\n")).table["plmn"]
    assert plmn.fillna("").tolist() == ["452-04", "452-04", "", "", ""]


def test_names_of_brands_are_carriers_and_other_words_are_faults(tmp_path: Path):
    words = ["Viettel", "VN VIETTEL", "Vinaphone", "VN VINAPHONE", "VNPT", "Mobifone", "45204", ""]
    lines = [f"105.7,22.6,{word},{-90 - n}" for n, word in enumerate(words)]
    text = "lon,lat,plmn,rsrp_dbm\n" + "\n".join(lines) + "\n"
    plmn = read_samples(written(tmp_path, text)).table["plmn"]
    viettel, vnpt = "452-04", "452-02"
    expected = [viettel, viettel, vnpt, vnpt, vnpt, "452-01", viettel, ""]
    assert plmn.fillna("").tolist() == expected
    (fault,) = faults_of(written(tmp_path, text + "105.7,22.6,Vietel,-80\n"))
    assert 'row 10, column "plmn", value "Vietel": is neither a PLMN' in fault


def test_our_own_words_are_read_in_any_case_and_beside_a_map(tmp_path: Path):
    text = "Time,X,Lat,PLMN,RSRP_dBm\n2025-12-31T10:00Z,105.7,22.6,452-04,-100\n"
    (line,) = read_samples(written(tmp_path, text), columns={"lon": "X"}).table.itertuples()
    assert line.lon == 105.7
    assert line.plmn == "452-04"
    assert line.rsrp_dbm == -100
    assert line.time == pd.Timestamp("2025-12-31T10:00Z")


def test_a_mapped_carrier_is_not_mixed_with_a_column_of_our_word(tmp_path: Path):
    text = "lon,lat,plmn,country,network,rsrp_dbm\n105.7,22.6,452-01,452,4,-100\n"
    columns = {"mcc": "country", "mnc": "network"}
    assert read_samples(written(tmp_path, text), columns=columns).table["plmn"].tolist() == [
        "452-04"
    ]


@pytest.mark.parametrize(
    "stamp",
    [
        *("31/12/2025 17:05", "31-12-2025 17:05", "31-12-2025 17:05:00", "17:05 31/12/2025"),
        *("17:05:00 31/12/2025", "2025/12/31 17:05", "2025-12-31T10:05:00Z", "20251231170500"),
    ],
)
def test_times_as_people_of_vietnam_write_them(tmp_path: Path, stamp: str):
    text = f"time,lon,lat,rsrp_dbm\n{stamp},105.7,22.6,-100\n"
    (time,) = read_samples(written(tmp_path, text)).table["time"]
    assert time == pd.Timestamp("2025-12-31T10:05Z")


@pytest.mark.parametrize("stamp", ["0", "-1", "1970-01-01 07:00:00", "1980-01-06T00:00:00Z"])
def test_a_clock_that_was_not_set_leaves_the_time_unknown(tmp_path: Path, stamp: str):
    text = f"time,lon,lat,rsrp_dbm\n{stamp},105.7,22.6,-100\n2025-12-31 10:00,105.7,22.6,-99\n"
    times = read_samples(written(tmp_path, text)).table["time"]
    assert times.isna().tolist() == [True, False]


def test_huge_whole_numbers_of_parquet_are_no_times(tmp_path: Path):
    for kind, values in (("int64", [2**63 - 1, -(2**63)]), ("uint64", [2**64 - 1, 2**63])):
        table = pd.DataFrame({"time": np.array(values, kind), "lon": 105.7, "lat": 22.6})
        table.assign(rsrp_dbm=[-100, -90]).to_parquet(tmp_path / kind)
        assert read_samples(tmp_path / kind).table["time"].isna().all()


def test_a_provider_s_table_is_recognised_as_parquet_too(tmp_path: Path):
    file = written(tmp_path, TEXT)
    pd.read_csv(file).to_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(
        read_samples(tmp_path / "a.parquet").table.drop(columns="source"),
        read_samples(file).table.drop(columns="source"),
    )


def test_two_columns_of_one_name_are_a_fault_where_it_is_needed(tmp_path: Path):
    table = pa.table([[105.7], [105.8], [22.6], [-100]], names=["lon", "lon", "lat", "rsrp_dbm"])
    pq.write_table(table, tmp_path / "a.parquet")
    text = written(tmp_path, "lon,lat,lon,rsrp_dbm,note,note\n105.7,22.6,105.8,-100,a,b\n")
    for file in (tmp_path / "a.parquet", text):
        (fault,) = faults_of(file)
        assert 'column "lon": several columns have this name' in fault
    spare = written(tmp_path, "lon,lat,rsrp_dbm,note,note\n105.7,22.6,-100,a,b\n")
    assert len(read_samples(spare).table) == 1


@pytest.mark.parametrize(
    "level", ["-100.5", '"-100,5"', "\N{MINUS SIGN}100.5", " -100.5 ", "-1.005e2"]
)
def test_levels_as_people_and_spreadsheets_write_them(tmp_path: Path, level: str):
    text = f"lon,lat,rsrp_dbm\n105.7,22.6,{level}\n"
    assert read_samples(written(tmp_path, text)).table["rsrp_dbm"].tolist() == [-100.5]


@pytest.mark.parametrize("rows_behind", [3, 4000])
def test_a_quotation_that_never_closes_swallows_no_rows_in_silence(tmp_path: Path, rows_behind):
    rows = [ROW.replace("-97", str(-60 - n % 50)) for n in range(rows_behind)]
    broken = ROW[:-1] + ',"stray'
    file = written(tmp_path, "\n".join([UPLOAD, ROW, broken, *rows, ""]))
    (fault,) = faults_of(file)
    assert (
        "a quotation mark opens and never closes" in fault or "cannot be read as a table" in fault
    )


def test_quotations_over_several_lines_and_lone_marks_in_words_are_text(tmp_path: Path):
    other = ROW.replace("-97", "-98")
    for number, notes in enumerate(
        [('"two\nlines"', "one"), ('5" phone', "one"), ('"a ""b"""', "")]
    ):
        text = f"{UPLOAD},note\n{ROW},{notes[0]}\n{other},{notes[1]}\n"
        samples = read_samples(written(tmp_path, text, f"{number}.csv"))
        assert len(samples.table) == samples.n_rows == 2


@pytest.mark.parametrize("level", ["97", "", "-2000"])
def test_levels_that_are_none_are_told_where_a_file_has_no_other(tmp_path: Path, level):
    rows = [ROW.replace("-97", level).replace("1679769208", f"16797692{n}") for n in range(10, 30)]
    (fault,) = faults_of(written(tmp_path, "\n".join([UPLOAD, *rows, ""])))
    assert "no row with service has a usable level" in fault
    samples = read_samples(written(tmp_path, "\n".join([UPLOAD, *rows, ROW, ""]), "b.csv"))
    assert len(samples.table) == 1
