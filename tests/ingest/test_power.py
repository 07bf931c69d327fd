"""Power is what a list says for certain; everything else stays unknown or goes to a person."""

import datetime as dt

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.errors import InputError
from lomsong.ingest.power import read_lights, read_power_lines, read_power_list
from lomsong.space.crs import WGS84, Extent
from lomsong.tables import HAMLETS, Hamlets, checked

HAMLET_NAMES = {
    "001": ("Bản Nậm Pồ 1", "01858", "Xã Bằng Thành"),
    "002": ("Bản Nậm Pồ 2", "01858", "Xã Bằng Thành"),
    "003": ("Tà Lèng", "01858", "Xã Bằng Thành"),
    "004": ("Tà Lẻng", "01858", "Xã Bằng Thành"),
    "005": ("Thôn 1", "01861", "Xã Nhạn Môn"),
    "006": ("Phiêng Tạc", "01861", "Xã Nhạn Môn"),
}


@pytest.fixture(scope="module")
def hamlets():
    table = gpd.GeoDataFrame(
        {
            "hamlet_id": pd.array(list(HAMLET_NAMES), dtype="str"),
            "name": pd.array([n for n, _, _ in HAMLET_NAMES.values()], dtype="str"),
            "commune_code": pd.array([c for _, c, _ in HAMLET_NAMES.values()], dtype="str"),
            "commune_name": pd.array([c for _, _, c in HAMLET_NAMES.values()], dtype="str"),
            "households": pd.array([10] * 6, dtype="Int64"),
            "people_listed": pd.array([50] * 6, dtype="Int64"),
            "extremely_difficult": pd.array([None] * 6, dtype="boolean"),
            "kind": pd.array(["hamlet"] * 6, dtype="str"),
            "geometry_source": pd.array(["surveyed"] * 6, dtype="str"),
            "centre_lon": [np.nan] * 6,
            "centre_lat": [np.nan] * 6,
        },
        geometry=[shapely.box(105 + i, 22, 105.5 + i, 22.5) for i in range(6)],
        crs=WGS84,
    )
    return Hamlets(table=checked(table, HAMLETS))


def read(tmp_path, text, hamlets, **options):
    path = tmp_path / "dien.csv"
    path.write_text(text, encoding="utf-8-sig")
    return read_power_list(path, hamlets, **options)


def power(listed):
    return dict(zip(listed.table["hamlet_id"], listed.table["power"], strict=True))


def test_a_list_by_name_within_its_commune(tmp_path, hamlets):
    listed = read(
        tmp_path,
        "STT,Thôn/bản,Xã,Điện lưới (Có/Chưa)\n1,Nậm Pồ 1,Bằng Thành,Có\n2,bản nậm pồ 2,xã Bằng Thành,Chưa\n"
        "3,Tà Lẻng,Bằng Thành,Không\n4,Tà Lèng,Bằng Thành,\n5,thôn 01,Nhạn Môn,không rõ\n",
        hamlets,
    )
    assert power(listed) == {
        "001": "grid",
        "002": "no_grid",
        "003": "unknown",
        "004": "no_grid",
        "005": "unknown",
    }
    assert listed.review.empty
    assert set(listed.table["power_source"]) == {"dien.csv"}
    assert listed.table["power_as_of"].isna().all()


def test_uncertain_names_are_never_joined_but_shown(tmp_path, hamlets):
    listed = read(
        tmp_path,
        "ten_thon,ma_xa,dien_luoi\nTa Leng,01858,Có\nNậm Pồ,01858,Có\nPhieng Tac,1861,Chưa\nThôn 11,01861,Có\n"
        "Tà Lèng,99999,Có\n",
        hamlets,
    )
    assert power(listed) == {"006": "no_grid"}
    review = listed.review.set_index("row")
    assert review.index.tolist() == ["2", "3", "5", "6"]
    assert set(review.loc["2", "candidates"].split()) == {"003", "004"}
    assert review.loc["6", "reason"] == "no hamlet lies in this commune"


def test_ids_join_even_without_their_zeros_and_a_wrong_id_is_not_helped_by_a_name(
    tmp_path, hamlets
):
    listed = read(
        tmp_path, "ma_thon,ten_thon,power\n1,x,Có\n002,y,Chưa\n77,Phiêng Tạc,Có\n", hamlets
    )
    assert power(listed) == {"001": "grid", "002": "no_grid"}
    assert listed.review["reason"].tolist() == ["no hamlet has this hamlet_id"]


def test_contradictions_are_unknown_and_shown(tmp_path, hamlets):
    listed = read(tmp_path, "ma_thon,power\n001,Có\n001,Chưa\n002,Có\n002,\n", hamlets)
    assert power(listed) == {"001": "unknown", "002": "grid"}
    assert listed.review["row"].tolist() == ["2", "3"]
    assert listed.review["power"].tolist() == ["grid", "no_grid"]


def test_words_nobody_knows_are_unknown_and_shown(tmp_path, hamlets):
    listed = read(tmp_path, "ma_thon,power\n001,điện mặt trời\n", hamlets)
    assert power(listed) == {"001": "unknown"}
    assert listed.review["reason"].tolist() == ["its words about power are not clear"]


def test_two_ticked_columns(tmp_path, hamlets):
    listed = read(
        tmp_path,
        "ma_thon;Có điện lưới;Chưa có điện lưới\n001;x;\n002;;x\n003;;\n004;x;x\n",
        hamlets,
    )
    assert power(listed) == {"001": "grid", "002": "no_grid", "003": "unknown", "004": "unknown"}
    assert listed.review["row"].tolist() == ["5"]


def test_a_workbook_as_offices_send_it(tmp_path, hamlets):
    book = openpyxl.Workbook()
    book.active.title = "Bìa"
    sheet = book.create_sheet("DS")
    for row in (
        ["ỦY BAN NHÂN DÂN HUYỆN", None, None, None],
        ["TÌNH HÌNH ĐIỆN LƯỚI (tính đến tháng 6 năm 2025)", None, None, None],
        [],
        ["STT", "Xã", "Tên thôn, bản", "Điện lưới quốc gia"],
        [1, "Xã Bằng Thành", "Bản Nậm Pồ 1", "Đã có"],
        [2, None, "Bản Nậm Pồ 2", "Chưa có"],
        [3, "Xã Nhạn Môn", "Thôn 1", "x"],
        ["Tổng", None, None, 2],
    ):
        sheet.append(row)
    sheet.merge_cells("B5:B6")
    sheet.merge_cells("A1:D1")
    book.save(tmp_path / "dien.xlsx")
    listed = read_power_list(tmp_path / "dien.xlsx", hamlets, source="Điện lực huyện")
    assert power(listed) == {"001": "grid", "002": "no_grid", "005": "grid"}
    assert set(listed.table["power_as_of"]) == {"2025-06"}
    assert set(listed.table["power_source"]) == {"Điện lực huyện"}
    stated = read_power_list(tmp_path / "dien.xlsx", hamlets, as_of=dt.date(2025, 12, 31))
    assert set(stated.table["power_as_of"]) == {"2025-12-31"}


@settings(max_examples=15)
@given(st.permutations(["001,Có", "001,Chưa", "002,", "002,Có", "003,Chưa", "099,Có"]))
def test_the_order_of_rows_changes_nothing(tmp_path_factory, hamlets, rows):
    folder = tmp_path_factory.mktemp("order")
    listed = read(folder, "\n".join(["ma_thon,power", *rows]), hamlets)
    assert power(listed) == {"001": "unknown", "002": "grid", "003": "no_grid"}
    assert listed.table["hamlet_id"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "no row of headings"),
        ("ten_thon,so_ho\nA,1\n", "no column tells of power"),
        ("power,xa\nCó,A\n", "no column holds hamlet_id or name"),
        ("ten_thon,power\n", "no rows"),
    ],
)
def test_what_is_no_list_is_told(tmp_path, hamlets, text, told):
    (tmp_path / "dien.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_power_list(tmp_path / "dien.csv", hamlets)


def test_lines_of_any_file_and_points_of_a_table(tmp_path):
    line = shapely.LineString([(105, 22), (105.5, 22.5)])
    gpd.GeoDataFrame({"voltage": [35]}, geometry=[line], crs="EPSG:4326").to_file(
        tmp_path / "l.gpkg"
    )
    lines = read_power_lines(tmp_path / "l.gpkg")
    assert lines["voltage"].tolist() == ["35"]
    assert lines.geometry.iloc[0].equals(line)
    gpd.GeoDataFrame(geometry=[line.buffer(0.1)], crs="EPSG:4326").to_file(tmp_path / "p.gpkg")
    with pytest.raises(InputError, match="neither a line nor a point"):
        read_power_lines(tmp_path / "p.gpkg")


def test_real_lines(shared_data):
    folder = shared_data / "power_pop"
    vertices = read_power_lines(folder / "vn_power_vertices.csv")
    assert len(vertices) == 71_697
    assert set(vertices.geom_type) == {"Point"}
    assert len(read_power_lines(folder / "gridfinder_burundi" / "grid.geojson")) == 86


def test_real_lights_are_never_below_darkness(shared_data):
    region = Extent(29.2, -3.5, 29.6, -3.2)
    lights = read_lights(
        shared_data / "power_pop" / "gridfinder_burundi" / "ntl.tif", extent=region
    )
    assert np.nanmin(lights.values) >= 0
    assert lights.values.shape[0] < 80
    assert np.nanmax(lights.values) > 1


def test_every_sheet_that_tells_of_power_is_read(tmp_path, hamlets):
    ids = hamlets.table["hamlet_id"].tolist()
    cover = pd.DataFrame({"Thôn": ["(xem các trang sau)"], "Ghi chú": ["bìa"]})
    first = pd.DataFrame({"Mã thôn": ids[:2], "Điện lưới": ["Có", "Chưa"]})
    second = pd.DataFrame({"Mã thôn": [ids[1], ids[2], "lạ"], "Điện lưới": ["Có", "Chưa", "Có"]})
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        for name, sheet in {"Bìa": cover, "Xã A": first, "Xã B": second}.items():
            sheet.to_excel(book, sheet_name=name, index=False)
    read = read_power_list(tmp_path / "a.xlsx", hamlets=hamlets)
    power = dict(zip(read.table["hamlet_id"], read.table["power"], strict=True))
    assert power == {ids[0]: "grid", ids[1]: "unknown", ids[2]: "no_grid"}
    contradictions = read.review[read.review["reason"] == "rows of the list contradict each other"]
    assert [file.rpartition(", ")[2] for file in contradictions["file"]] == [
        "sheet Xã A",
        "sheet Xã B",
    ]
    assert any("sheet 'Bìa' tells nothing of power" in note for note in read.notes)
    assert len(read.review) == 3


def test_formulas_that_nobody_ever_computed_are_told(tmp_path, hamlets):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Tên thôn", "Xã", "Điện lưới"])
    sheet.append(["Tà Lèng", "Xã Bằng Thành", '=IF(1=1,"Có","Chưa")'])
    book.save(tmp_path / "power.xlsx")
    notes = read_power_list(tmp_path / "power.xlsx", hamlets).notes
    assert any("none of 1 formulas of sheet 'Sheet' was ever computed" in note for note in notes)
