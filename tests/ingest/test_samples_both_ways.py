"""What is read at once, block by block, is what the careful reader reads, also from dirty files."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.errors import InputError
from lomsong.ingest import read_samples
from lomsong.ingest.reading import typed_text
from lomsong.ingest.reading.text_tables import TextTable

FEWER = settings(max_examples=60)
BULK = (
    "mcc,net,area,cell,lon,lat,signal,measured,created,rating,speed,direction,radio,ta,psc,tac,pci"
)
TOWER = (
    "mcc,mnc,lac,cell_id,psc,asu,dbm,lat,lon,accuracy,measured_at,net_type,neighboring,device,rsrp"
)
OWN = "time;lon;lat;plmn;technology;rsrp_dbm;no_service;device;cell"
GOOD = {
    BULK: "452,4,7,1,105.5,22.5,-95,1679769208597,0,5,,,LTE,0,,7,32",
    TOWER: '452,4,7,1,3,,-90,22.5,105.5,5.25,"2024-01-31T12:34:56.789Z",LTE,false,"Phone, one",-91',
    OWN: "2025-12-31 10:00;105.5;22.5;452-04;4G;-100;no;phone;17",
}

spoilt = st.sampled_from(
    [
        *("", " ", "-", "--", "NaN", "nan", "null", "NULL", "nUlL", "N/A", "unknown", "inf", "x"),
        *("0", "-0", "007", "7", "7.0", " 7", "0x1F", "1e2", "+5", "1,5", "−95", "99999999999999999999"),
        *("2147483647", "-1", "1679769208.5", "20251231", "yesterday", "95", "200.5", "true", "có"),
        *("Viettel", "45204", "452-03", "LTE+", "HSPA", "CDMA", "é", "\ufeff", '"quoted"', '"a\nb"'),
        *('"', '"a""b"', "a,b", "a;b", "\r", "\x00", "phone"),
    ]
)  # fmt: skip
whole_lines = st.sampled_from(["", " ", ",,,", "452,4,1", "a" * 300, "\r", "sep=,", '"'])


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    header = draw(st.sampled_from(list(GOOD)))
    delimiter = ";" if ";" in header else ","
    lines = [header, GOOD[header]]
    for _ in range(draw(st.integers(1, 30))):
        cells = GOOD[header].split(delimiter)
        for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 2]))):
            cells[draw(st.integers(0, len(cells) - 1))] = draw(spoilt)
        lines.append(delimiter.join(cells))
        if draw(st.sampled_from([False] * 9 + [True])):
            lines.append(draw(whole_lines))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    return (end.join(lines) + draw(st.sampled_from(["", end, end * 2]))).encode(
        draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    )


def read(path: Path) -> tuple[pd.DataFrame, object]:
    try:
        samples = read_samples(path)
    except InputError as broken:
        return pd.DataFrame(), [str(fault) for fault in broken.faults]
    return samples.table, (samples.n_rows, samples.dropped)


def carefully(path: Path) -> tuple[pd.DataFrame, object]:
    with mock.patch.object(TextTable, "_has_plain_lines", return_value=False):
        return read(path)


def quickly(path: Path, block_bytes: int, line_bytes: int = 1 << 20) -> tuple[pd.DataFrame, object]:
    with (
        mock.patch.object(typed_text, "BLOCK_BYTES", block_bytes),
        mock.patch.object(typed_text, "LONGEST_LINE_BYTES", line_bytes),
    ):
        return read(path)


@FEWER
@given(tables(), st.sampled_from([40, 200, 1000, 1 << 20]), st.sampled_from([90, 1 << 20]))
def test_both_ways_give_the_same_rows_counts_and_faults(
    content: bytes, block_bytes: int, line_bytes: int
):
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv.gz"
        file.write_bytes(gzip.compress(content))
        table, told = quickly(file, block_bytes, line_bytes)
        expected, expected_told = carefully(file)
    assert told == expected_told
    pd.testing.assert_frame_equal(table, expected, check_exact=True)


@pytest.mark.parametrize("header", [BULK, OWN])
def test_plain_blocks_are_not_read_twice(header: str, tmp_path: Path):
    file = tmp_path / "a.csv"
    rows = [GOOD[header].replace("22.5", str(20 + n / 1000)) for n in range(500)]
    file.write_text("\n".join([header, *rows]) + "\n")
    with mock.patch.object(TextTable, "_carefully", side_effect=AssertionError):
        table, (n_rows, dropped) = quickly(file, 1000)
    assert (len(table), n_rows, dropped) == (500, 500, {})


def test_one_dirty_block_is_read_with_care_and_the_others_at_once(tmp_path: Path):
    file = tmp_path / "a.csv"
    rows = [GOOD[BULK].replace("22.5", str(20 + n / 1000)) for n in range(500)]
    rows[250] = "452,4,7"
    file.write_text("\n".join([BULK, *rows]) + "\n")
    careful = TextTable._carefully
    with mock.patch.object(TextTable, "_carefully", autospec=True, side_effect=careful) as asked:
        table, (_, dropped) = quickly(file, 1000)
    assert (len(table), dropped) == (499, {"cut short": 1})
    assert asked.call_count == 1
