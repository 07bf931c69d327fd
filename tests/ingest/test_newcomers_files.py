"""What a commune's office has at hand reads as it stands: old fonts in Shapefiles and CSV, headings of two lines."""

import unicodedata
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from districts import District
from lomsong import config
from lomsong.errors import InputError
from lomsong.ingest import read_hamlets
from lomsong.ingest.inputs import check
from lomsong.vietnam import encodings

NAMES = ("Nặm Sương", "Lũng Pù", "Khuổi Slưa", "Phiêng Dìu")
WINDOWS_TONES = "\u0300\u0301\u0303\u0309\u0323"


def tcvn3(text: str) -> bytes:
    codes = {letter: code for code, letter in encodings._TCVN3.items()}
    return "".join(codes.get(letter, letter) for letter in text).encode("latin-1")


def vni(text: str) -> bytes:
    codes = {letter: code for code, letter in encodings._VNI.items()}
    return "".join(codes.get(letter, letter) for letter in text).encode("latin-1")


def windows_1258(text: str) -> bytes:
    """Write hats with their letter and tones behind it, as that code page does."""
    written = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(part for part in parts if part in WINDOWS_TONES)
        base = "".join(part for part in parts if part not in WINDOWS_TONES)
        written += (unicodedata.normalize("NFC", base) + tones).encode("cp1258")
    return written


WRITTEN = {"tcvn3": tcvn3, "vni": vni, "windows-1258": windows_1258, "utf-8": str.encode}


def shapefile(folder: Path, encoding: str, cpg: str | None) -> Path:
    """Write hamlets whose texts are the bytes of an encoding."""
    district = District(folder, names=NAMES)
    project = district.write()
    shown = [WRITTEN[encoding](name).decode("latin-1") for name in NAMES]
    table = district.hamlets[["ten_thon", "geometry"]].assign(ten_thon=shown)
    table.to_file(folder / "h.shp", encoding="ISO-8859-1")
    (folder / "h.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (folder / "h.cpg").write_text(cpg)
    text = project.read_text("utf-8").replace("hamlets.gpkg", "h.shp")
    # Nothing else names hamlets by their codes, which this layer lacks.
    project.write_text(text.replace('[power]\nlist = "power.csv"\n', ""), "utf-8")
    return project


@pytest.mark.parametrize(
    ("encoding", "cpg"),
    [
        *((encoding, cpg) for encoding in WRITTEN for cpg in (None, "UTF-8")),
        *(
            (encoding, cpg)
            for encoding in ("tcvn3", "windows-1258")
            for cpg in ("1258", "ANSI 1258")
        ),
    ],
)
def test_no_letter_of_a_shapefile_is_lost(tmp_path: Path, encoding: str, cpg: str | None):
    hamlets = check(config.load(shapefile(tmp_path, encoding, cpg))).hamlets.table
    assert set(hamlets["name"]) == set(NAMES)


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "windows-1258", "utf-8", "utf-16"])
def test_no_letter_of_a_typed_list_is_lost(tmp_path: Path, encoding: str):
    project = District(tmp_path, names=NAMES).write()
    write = WRITTEN.get(encoding, lambda text: text.encode(encoding))
    lines = ["Tên thôn,Xã,Điện lưới QG", *(f"{name},Xã Mẫu,Có" for name in NAMES)]
    (tmp_path / "power.csv").write_bytes(write("\n".join(lines) + "\n"))
    power = check(config.load(project)).power_list
    assert power is not None
    assert list(power.review.index) == []
    assert len(power.table) == len(NAMES)


def test_the_lowest_line_of_a_heading_speaks_where_the_whole_says_nothing(tmp_path: Path):
    project = District(tmp_path).write()
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["DANH SÁCH NHÀ VĂN HÓA THÔN"],
        [],
        ["STT", "Địa bàn", None, "Tọa độ", None, "Nam", "Nữ"],
        [None, "Xã", "Thôn", "Kinh độ", "Vĩ độ", "Số hộ", "Số hộ"],
        [1, "Xã Mẫu", "Nà Lầu", "105,708", "22,608", 3, 4],
        [2, "Xã Mẫu", "Khuổi Bốc", "105,728", "22,608", 5, 6],
    ):
        sheet.append(row)
    for cells in ("A1:G1", "A3:A4", "B3:C3", "D3:E3"):
        sheet.merge_cells(cells)
    book.save(tmp_path / "centres.xlsx")
    text = project.read_text("utf-8")
    named = 'path = "hamlets.gpkg"\ncentres = "centres.xlsx"'
    project.write_text(text.replace('path = "hamlets.gpkg"', named), "utf-8")
    hamlets: gpd.GeoDataFrame = check(config.load(project)).hamlets.table
    known = hamlets.set_index("name")["centre_lon"].dropna()
    assert known.round(3).to_dict() == {"Nà Lầu": 105.708, "Khuổi Bốc": 105.728}


def test_a_list_that_names_no_place_is_told_so_once(tmp_path):
    file = tmp_path / "ds.csv"
    file.write_text("Tên thôn,Xã,Số hộ\nNà Lầu,Pác Hoà,30\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_hamlets(file, communes=tmp_path / "none.gpkg")
    told = [fault for fault in raised.value.faults if fault.file == file]
    assert [str(fault.problem) for fault in told] == ["no column tells where they are"]
    assert "'Số hộ'" in told[0].remedy
