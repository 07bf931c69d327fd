"""Every bad file ends in one clear report, and all of them together."""

import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from lomsong.errors import InputError
from lomsong.ingest import read_samples, stream_samples

OWN = {"lon": "x", "lat": "y", "rsrp_dbm": "rsrp", "time": "t"}
UPLOAD = "mcc,mnc,lac,cellid,lat,lon,signal,measured_at,rating,speed,direction,act,ta,psc,tac,pci,sid,nid,bid"
ROW = "452,4,20700,11379203,22.6,105.7,-97,1679769208597,6.7,0.2,-2000.0,LTE,0,,20700,32,,,"


def faults_of(*files: Path, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_samples(files, **options)
    return [str(fault) for fault in caught.value.faults]


def written(folder: Path, *lines: str, name: str = "a.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n \n", "holds no text"),
        (f"{UPLOAD}\n".encode(), "has a header and no rows"),
        (f"\n{UPLOAD}\n\n\n".encode(), "has a header and no rows"),
        (bytes(range(256)) * 40, "is no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "is a picture"),
        (gzip.compress(f"{UPLOAD}\n{ROW}\n".encode() * 9000)[:-200], "damaged or cut off"),
        (gzip.compress(b"x" * 99)[:12] + b"\xff" * 40, "damaged or cut off"),
        (b"PK\x03\x04" + b"garbage" * 20, "damaged or cut off"),
        (b"PAR1" + b"garbage" * 20, "is damaged"),
        (b"lorem ipsum\ndolor\n", "nobody recognises it"),
        (b"a,b,c\n1,2,3\n", 'its first line reads "a", "b", "c"'),
    ],
    ids=[
        "empty",
        "blank_lines",
        "header",
        "header_amid_blank_lines",
        "all_bytes",
        "picture",
        "gz_cut_off",
        "gz_overwritten",
        "zip",
        "parquet",
        "prose",
        "other_columns",
    ],
)
def test_a_file_that_is_none_gives_one_fault(tmp_path: Path, content: bytes, said: str):
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    (fault,) = faults_of(file)
    assert said in fault
    assert "a.csv" in fault


def test_the_report_on_an_unknown_file_names_the_formats_and_the_way_out(tmp_path: Path):
    (fault,) = faults_of(written(tmp_path, "a,b", "1,2"))
    for word in ("gnettrack", "tower_collector", "opencellid", 'format = "csv"', "columns = {"):
        assert word in fault


def test_a_missing_file_and_a_folder(tmp_path: Path):
    first, second = faults_of(tmp_path / "none.csv", tmp_path)
    assert "is a folder" in first
    assert "no such file" in second


def test_a_long_gz_stream_cut_in_the_middle_is_a_fault_at_its_end(tmp_path: Path):
    lines = [
        ROW.replace("-97", str(-120 + n % 60)).replace("22.6", str(20 + n / 1e5))
        for n in range(60_000)
    ]
    packed = gzip.compress("\n".join([UPLOAD, *lines]).encode(), compresslevel=1)
    file = tmp_path / "long.csv.gz"
    file.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match="damaged or cut off"):
        for batch in stream_samples(file, batch_rows=1000):
            assert batch.n_rows <= 1000


def test_an_encrypted_member_of_an_archive(tmp_path: Path):
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", f"{UPLOAD}\n{ROW}\n")
    content = bytearray(file.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    file.write_bytes(content)
    (fault,) = faults_of(file)
    assert "a.zip/a.csv" in fault


def test_text_in_numbers_is_told_cell_by_cell_all_together(tmp_path: Path):
    file = written(
        tmp_path,
        "t,x,y,rsrp",
        "2025-12-31 10:00,105.7,22.6,-100",
        "yesterday,105.7,22.6,-100",
        "",
        "2025-12-31 10:00,east,22.6,strong",
    )
    told = faults_of(file, columns=OWN)
    assert len(told) == 3
    assert 'row 3, column "t", value "yesterday": is no time' in told[0]
    assert 'row 5, column "rsrp", value "strong": is no number' in told[1]
    assert 'row 5, column "x", value "east": is no number' in told[2]


def test_text_in_a_number_of_an_app_is_a_fault_too(tmp_path: Path):
    (fault,) = faults_of(written(tmp_path, UPLOAD, ROW, ROW.replace("-97", "x" * 10_000)))
    assert 'row 3, column "signal"' in fault
    assert "(10000 characters)" in fault


def test_the_list_of_bad_cells_ends_and_the_rest_is_counted(tmp_path: Path):
    file = written(tmp_path, "x,y,rsrp", *["105,22,bad"] * 1500)
    with pytest.raises(InputError) as raised:
        read_samples(file, format="csv", columns={**OWN, "time": "x"})
    assert [fault.alike for fault in raised.value.faults] == [0] * 999 + [500]
    told = str(raised.value).splitlines()
    assert told[0] == "1,500 faults in the input:"
    assert 'column "rsrp", 1,500 rows: is no number. ' in told[1]
    assert [line.strip() for line in told[2:5]] == [f'row {row}, value "bad"' for row in (2, 3, 4)]
    assert told[5].strip().startswith("and 1,497 more rows: 5, 6, 7, ")
    assert len(told) == 6


def test_a_column_of_american_dates_is_told_once_with_its_remedy(tmp_path: Path):
    days = [f"{month:02d}/{day:02d}/2025 10:00" for month in (1, 2) for day in range(1, 29)]
    file = written(tmp_path, "t,x,y,rsrp", *[f"{day},105.7,22.6,-100" for day in days])
    with pytest.raises(InputError) as raised:
        read_samples(file, format="csv", columns={**OWN, "time": "t"})
    head, fault, first, *_ = str(raised.value).splitlines()
    assert head == "32 faults in the input:"
    assert 'column "t", 32 rows: the month stands before the day. Write the whole column' in fault
    assert first.strip() == 'row 14, value "01/13/2025 10:00"'


def test_bad_rows_name_the_column_of_parquet_too(tmp_path: Path):
    pd.DataFrame({"x": ["105.7", "?"], "y": [22.6, 22.6], "rsrp": [-100, -90]}).to_parquet(
        tmp_path / "a.parquet"
    )
    columns = {"lon": "x", "lat": "y", "rsrp_dbm": "rsrp"}
    (fault,) = faults_of(tmp_path / "a.parquet", columns=columns)
    assert 'row 2, column "x", value "?"' in fault


def test_rows_of_another_shape_are_a_fault_when_they_are_many(tmp_path: Path):
    told = faults_of(written(tmp_path, UPLOAD, *[ROW] * 20, *["452,4,1"] * 3))
    assert "3 of 23 rows do not have the fields of the header" in told[0]
    assert "row 22" in told[1]
    assert "3 fields, the header 19" in told[1]


@pytest.mark.parametrize(
    ("lat", "lon", "said"),
    [(105.7, 22.6, "look swapped"), (2_500_000, 550_000, "these are no degrees")],
)
def test_positions_that_are_all_impossible(tmp_path: Path, lat: float, lon: float, said: str):
    row = ROW.replace("22.6,105.7", f"{lat},{lon}")
    (fault,) = faults_of(written(tmp_path, UPLOAD, row, row.replace("-97", "-98")))
    assert said in fault


def test_a_map_with_faults(tmp_path: Path):
    file = written(tmp_path, "x,y,rsrp", "105.7,22.6,-100")
    told = faults_of(file, columns={"lon": "x", "lat": "why", "rsrp": "rsrp", "mcc": "x"})
    assert any('column "why": no such column, wanted for "lat"' in fault for fault in told)
    assert any('nobody knows this key. Did you mean "rsrp_dbm"?' in fault for fault in told)
    assert any("nothing is measured" in fault for fault in told)
    assert any("mcc and mnc make a carrier only together" in fault for fault in told)


def test_a_format_without_its_map_and_a_format_nobody_knows(tmp_path: Path):
    file = written(tmp_path, "x,y,rsrp", "105.7,22.6,-100")
    (fault,) = faults_of(file, format="csv")
    assert "columns = {…} is missing" in fault
    (fault,) = faults_of(file, format="gnetrack")
    assert 'nobody knows the format "gnetrack"' in fault
    assert '"gnettrack"' in fault
    (fault,) = faults_of(file, format="gnettrack")
    assert "nobody recognises it" in fault


def test_options_that_cannot_be(tmp_path: Path):
    file = written(tmp_path, UPLOAD, ROW)
    assert "nobody knows this time zone" in faults_of(file, timezone="Mars/Olympus")[0]
    assert "is no PLMN" in faults_of(file, plmn="nobody")[0]


def test_faults_of_all_files_come_together_and_good_files_are_still_read(tmp_path: Path):
    good = written(tmp_path, UPLOAD, ROW, name="b.csv")
    bad = [
        written(tmp_path, UPLOAD, ROW.replace("-97", "?!"), name=name)
        for name in ("a.csv", "c.csv")
    ]
    read = []
    with pytest.raises(InputError) as caught:
        read.extend(stream_samples([*bad, good]))
    assert [Path(str(fault.file)).name for fault in caught.value.faults] == ["a.csv", "c.csv"]
    assert "b.csv" in {source for batch in read for source in batch.table["source"]}


def test_formulas_and_endless_names_are_only_text(tmp_path: Path):
    device = "=cmd|' /C calc'!A0" + "x" * 10_000
    file = written(tmp_path, "lon,lat,rsrp_dbm,device", f"105.7,22.6,-100,{device}")
    (hashed,) = read_samples(file).table["device"]
    assert len(hashed) == 16


def test_a_lost_quote_does_not_hide_how_many_rows_it_swallows(tmp_path: Path):
    rows = [ROW.replace("-97", str(-60 - n)) for n in range(40)]
    rows[3] = f'"{rows[3]}'
    told = faults_of(written(tmp_path, UPLOAD, *rows))
    assert "37 of 40 rows" in told[0]


def test_a_workbook_and_a_column_of_lists(tmp_path: Path):
    pd.DataFrame({"lon": [105.7], "lat": [22.6], "rsrp_dbm": [-100]}).to_excel(tmp_path / "a.xlsx")
    (fault,) = faults_of(tmp_path / "a.xlsx")
    assert "belongs to a workbook" in fault
    pd.DataFrame({"lon": [[105.7]], "lat": [22.6], "rsrp_dbm": [-100]}).to_parquet(tmp_path / "a")
    (fault,) = faults_of(tmp_path / "a")
    assert 'column "lon": holds list' in fault


def test_no_file_gives_no_samples():
    assert len(read_samples([]).table) == 0
