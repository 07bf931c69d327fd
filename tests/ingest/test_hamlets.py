"""What hamlets people bring is read right, or refused with every fault at its place."""

import json
import unicodedata
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from lomsong.errors import InputError
from lomsong.ingest.hamlets import read_hamlets
from lomsong.ingest.hamlets.outlines import area_m2, mend

BOXES = [shapely.box(105.0 + i * 0.1, 22.0, 105.1 + i * 0.1, 22.1) for i in range(4)]
NAMES = ["Bản Nậm Pồ", "Tà Lèng", "Tà Lẻng", "Thôn 1"]


def polygons(**columns):
    table = {
        "ma_thon": ["001", "002", "003", "004"],
        "ten_thon": NAMES,
        "ma_xa": ["01858"] * 4,
        "ten_xa": ["Xã Bằng Thành"] * 4,
        "so_ho": [61, 45, 30, 12],
        "dan_so": [290, 200, 150, 60],
        "dbkk": ["x", "không", None, "có"],
    }
    return gpd.GeoDataFrame(table | columns, geometry=BOXES, crs="EPSG:4326")


def communes(tmp_path):
    frame = gpd.GeoDataFrame(
        {"ma_xa": ["01858", "01861"], "ten_xa": ["Xã Bằng Thành", "Xã Nhạn Môn"]},
        geometry=[shapely.box(105.0, 22.0, 105.2, 22.2), shapely.box(105.2, 22.0, 105.4, 22.2)],
        crs="EPSG:4326",
    )
    path = tmp_path / "communes.gpkg"
    frame.to_file(path)
    return path


def faults_of(path, **options):
    with pytest.raises(InputError) as caught:
        read_hamlets(path, **options)
    return caught.value.faults


@pytest.mark.parametrize("name", ["h.gpkg", "h.geojson", "h.shp", "h.parquet", "h.kml", "h.zip"])
def test_every_format_says_the_same(tmp_path, name):
    frame = polygons()
    path = tmp_path / name
    if name == "h.parquet":
        frame.to_parquet(path)
    elif name == "h.zip":
        frame.to_file(tmp_path / "inner.shp", encoding="utf-8")
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("inner.*"):
                archive.write(part, f"folder/{part.name}")
    elif name == "h.kml":
        path.write_text(as_kml(frame), encoding="utf-8")
    else:
        frame.to_file(path)
    table = read_hamlets(path).table
    assert table["hamlet_id"].tolist() == ["001", "002", "003", "004"]
    assert table["name"].tolist() == NAMES
    assert table["commune_code"].unique().tolist() == ["01858"]
    assert table["households"].tolist() == [61, 45, 30, 12]
    assert table["people_listed"].tolist() == [290, 200, 150, 60]
    assert table["extremely_difficult"].tolist() == [True, False, pd.NA, True]
    assert shapely.equals_exact(
        shapely.normalize(table.geometry.to_numpy()), shapely.normalize(BOXES), tolerance=1e-9
    ).all()


def as_kml(frame):
    def placemark(row):
        ring = " ".join(f"{x},{y},0" for x, y in row.geometry.exterior.coords)
        data = "".join(
            f'<Data name="{c}"><value>{row[c] or ""}</value></Data>' for c in frame.columns[:-1]
        )
        return (
            f"<Placemark><name>nhãn</name><ExtendedData><SchemaData>{data}</SchemaData></ExtendedData>"
            f"<MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates>"
            "</LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>"
        )

    body = "".join(
        f"<Folder><name>Xã {i}</name><Folder>{placemark(row)}</Folder></Folder>"
        for i, row in frame.iterrows()
    )
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'


def test_kmz_reads_as_kml(tmp_path):
    with zipfile.ZipFile(tmp_path / "h.kmz", "w") as archive:
        archive.writestr("doc.kml", as_kml(polygons()))
    assert read_hamlets(tmp_path / "h.kmz").table["name"].tolist() == NAMES


def test_vn2000_metres_come_back_as_degrees(tmp_path):
    path = tmp_path / "h.gpkg"
    polygons().to_crs("EPSG:5897").to_file(path)
    back = read_hamlets(path).table.geometry
    assert np.abs(back.bounds.to_numpy() - polygons().bounds.to_numpy()).max() < 1e-7


def test_a_shapefile_without_prj_needs_a_crs(tmp_path):
    path = tmp_path / "h.shp"
    polygons().to_crs("EPSG:5897").to_file(path)
    path.with_suffix(".prj").unlink()
    (fault,) = faults_of(path)
    assert "states no CRS" in fault.problem
    assert "EPSG:5897" in fault.remedy
    back = read_hamlets(path, crs="EPSG:5897").table.geometry
    assert np.abs(back.bounds.to_numpy() - polygons().bounds.to_numpy()).max() < 1e-7


@pytest.mark.parametrize("cpg", [True, False])
def test_a_shapefile_speaks_vietnamese_with_or_without_cpg(tmp_path, cpg):
    path = tmp_path / "h.shp"
    polygons().to_file(path, encoding="utf-8")
    if not cpg:
        path.with_suffix(".cpg").unlink()
    assert read_hamlets(path).table["name"].tolist() == NAMES


def swapped(frame):
    frame.geometry = shapely.transform(frame.geometry.to_numpy(), lambda c: c[:, ::-1])
    return frame


@pytest.mark.parametrize(
    ("frame", "crs", "told"),
    [
        (swapped(polygons()), "EPSG:4326", "longitude and latitude look swapped"),
        (polygons(), "EPSG:5897", "look like degrees"),
        (polygons().to_crs("EPSG:5897"), "EPSG:4326", "look like metres of VN-2000"),
        (swapped(polygons().to_crs("EPSG:5897")), "EPSG:4326", "northing (X) and easting"),
        (swapped(polygons().to_crs("EPSG:5897")), "EPSG:5897", "easting and northing look swapped"),
        (polygons().to_crs("EPSG:5897"), "EPSG:27700", "outside the area"),
    ],
)
def test_coordinates_that_cannot_be_are_told_by_what_they_look_like(tmp_path, frame, crs, told):
    path = tmp_path / "h.gpkg"
    frame.set_crs(crs, allow_override=True).to_file(path)
    (fault,) = faults_of(path)
    assert told in fault.problem
    assert "4 of 4 rows" in fault.problem


def test_one_swapped_row_is_told_by_its_number(tmp_path):
    frame = polygons()
    frame.loc[2, "geometry"] = shapely.box(22.0, 105.0, 22.1, 105.1)
    frame.to_file(tmp_path / "h.gpkg")
    (fault,) = faults_of(tmp_path / "h.gpkg")
    assert fault.row == 3


def test_one_corner_astray_is_told(tmp_path):
    frame = polygons()
    frame.loc[1, "geometry"] = shapely.Polygon([(105, 22), (105.1, 22), (105.1, 140)])
    frame.to_file(tmp_path / "h.gpkg")
    (fault,) = faults_of(tmp_path / "h.gpkg")
    assert (fault.row, fault.problem) == (2, "a corner lies where no place is")


def test_hamlets_elsewhere_in_the_world_are_welcome_and_noted(tmp_path):
    frame = polygons()
    frame.geometry = frame.geometry.translate(-122.4, -7.3)
    frame.to_file(tmp_path / "h.gpkg")
    read = read_hamlets(tmp_path / "h.gpkg")
    assert len(read.table) == 4
    assert any("outside Vietnam" in note for note in read.notes)


def test_all_faults_come_together(tmp_path):
    frame = polygons(ma_thon=["1", "1", "3", "4"], so_ho=["61 hộ", "nhiều", "1.234", "12,5"])
    frame.to_file(tmp_path / "h.gpkg")
    faults = faults_of(tmp_path / "h.gpkg")
    assert {(f.row, f.column) for f in faults} == {(2, "so_ho"), (4, "so_ho")}
    frame["so_ho"] = [1, 2, 3, 4]
    frame.to_file(tmp_path / "h.gpkg")
    (fault,) = faults_of(tmp_path / "h.gpkg")
    assert (fault.row, fault.value) == (2, "1")
    assert "row 1 too" in fault.problem


@pytest.mark.parametrize(
    ("cell", "households"),
    [("61 hộ", 61), ("1.234", 1234), ("61 hộ/290", 61), ("1 234", 1234), ("", pd.NA)],
)
def test_counts_as_people_type_them(tmp_path, cell, households):
    polygons(so_ho=[cell] * 4).to_file(tmp_path / "h.gpkg")
    assert read_hamlets(tmp_path / "h.gpkg").table["households"].iloc[0] is households or (
        read_hamlets(tmp_path / "h.gpkg").table["households"].iloc[0] == households
    )


def test_wild_names_survive(tmp_path):
    long = "Bản " + "á" * 10_000
    wild = [
        long,
        "=cmd|' /C calc'!A0",
        "Thôn\x07 <script>",
        unicodedata.normalize("NFD", "Tà Lẻng"),
    ]
    polygons(ten_thon=wild).to_file(tmp_path / "h.gpkg")
    read = read_hamlets(tmp_path / "h.gpkg")
    assert read.table["name"].tolist() == [long, wild[1], "Thôn <script>", "Tà Lẻng"]
    assert read.repairs["hamlet_id"].tolist() == ["003"]


def test_codes_keep_and_regain_their_zeros(tmp_path):
    polygons(ma_xa=[1858] * 4).to_file(tmp_path / "h.gpkg")
    read = read_hamlets(tmp_path / "h.gpkg")
    assert set(read.table["commune_code"]) == {"01858"}
    assert any("zeros" in note for note in read.notes)


def test_made_ids_do_not_depend_on_rows(tmp_path):
    frame = polygons(ten_thon=["Bản A", "Bản A", "Tà Lèng", "Tà Lẻng"]).drop(columns="ma_thon")
    frame.to_file(tmp_path / "a.gpkg")
    frame.iloc[[3, 1, 0, 2]].to_file(tmp_path / "b.gpkg")
    one, other = read_hamlets(tmp_path / "a.gpkg"), read_hamlets(tmp_path / "b.gpkg")
    pd.testing.assert_frame_equal(pd.DataFrame(one.table), pd.DataFrame(other.table))
    assert one.table["hamlet_id"].is_unique
    assert all(i.startswith("01858-") for i in one.table["hamlet_id"])
    assert any("'Bản A'" in note for note in one.notes)


def test_rows_that_repeat_are_merged_and_listed(tmp_path):
    frame = polygons()
    pd.concat([frame, frame.iloc[[1]]]).to_file(tmp_path / "h.gpkg")
    read = read_hamlets(tmp_path / "h.gpkg")
    assert len(read.table) == 4
    assert read.repairs[["row", "hamlet_id"]].to_numpy().tolist() == [["5", "002"]]


@pytest.mark.parametrize(
    ("geometry", "told"),
    [
        (None, "no place"),
        (shapely.Polygon(), "no place"),
        (shapely.LineString([(105, 22), (105.1, 22)]), "line"),
        (shapely.Point(105, 22), "points and 3 are polygons"),
        (shapely.Polygon([(105, 22), (105.1, 22.1), (105, 22)]), "encloses nothing"),
    ],
)
def test_what_is_no_area_is_a_fault_of_its_row(tmp_path, geometry, told):
    frame = polygons()
    frame.loc[1, "geometry"] = geometry
    frame.to_parquet(tmp_path / "h.parquet")
    (fault,) = faults_of(tmp_path / "h.parquet")
    assert told in fault.problem
    assert fault.row == 2


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("h.gpkg", b"", "empty"),
        ("h.gpkg", b"\x00\x01\x02 nothing", "no file of features"),
        ("h.geojson", b'{"type": "FeatureCollection", "features": [{"type"', "cannot be read"),
        ("h.geojson", b'{"type": "FeatureCollection", "features": []}', "no features"),
        ("h.kml", b"<kml><Document><Placemark>", "no readable KML"),
        ("h.kml", b'<!DOCTYPE kml [<!ENTITY a "a">]><kml/>', "no readable KML"),
        ("h.zip", b"PK\x03\x04 cut", "no file of features"),
        ("h.parquet", b"PAR1 cut", "cannot be read"),
        ("h.csv", b"a,b\n1,2\n", "no row of headings"),
    ],
)
def test_broken_files_are_told(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    (fault,) = faults_of(tmp_path / name)
    assert told in fault.problem


def test_missing_files_and_columns_are_told_together(tmp_path):
    polygons().to_file(tmp_path / "h.gpkg")
    faults = faults_of(
        [tmp_path / "none.gpkg", tmp_path / "h.gpkg"], columns={"name": "ten", "nonsense": "x"}
    )
    problems = [f.problem for f in faults]
    assert "no such file" in problems
    assert "there is no such column" in problems
    assert "nobody knows this field" in problems


def test_a_bad_crs_is_told(tmp_path):
    path = tmp_path / "h.shp"
    polygons().to_file(path)
    path.with_suffix(".prj").unlink()
    (fault,) = faults_of(path, crs="VN2000 105")
    assert fault.problem == "this names no CRS"


def test_several_layers_ask_which(tmp_path):
    path = tmp_path / "h.gpkg"
    polygons().to_file(path, layer="a")
    polygons().to_file(path, layer="b")
    assert "several layers: a, b" in faults_of(path)[0].problem
    assert len(read_hamlets(path, layer="b").table) == 4


POINTS = "STT;Tên thôn, bản;Xã;Kinh độ;Vĩ độ;Số hộ\n1;Bản A;Bằng Thành;105,05;22,1;61\n2;Bản B;Xã Bằng Thành;105°9'0\";22°6'0\"B;45\n3;Bản C;Nhạn Môn;105.3;22.1;30\n"


def test_points_get_areas_inside_their_communes(tmp_path):
    (tmp_path / "p.csv").write_text(POINTS, encoding="utf-8-sig")
    read = read_hamlets(tmp_path / "p.csv", communes=communes(tmp_path), radius_m=50_000)
    table = read.table.set_index("name")
    assert set(table["geometry_source"]) == {"derived"}
    assert table["commune_code"].to_dict() == {"Bản A": "01858", "Bản B": "01858", "Bản C": "01861"}
    assert (table["centre_lon"].round(6).to_dict()) == {
        "Bản A": 105.05,
        "Bản B": 105.15,
        "Bản C": 105.3,
    }
    total = sum(area_m2(g) for g in table.geometry)
    assert total == pytest.approx(area_m2(shapely.box(105.0, 22.0, 105.4, 22.2)), rel=1e-4)
    assert area_m2(table.geometry["Bản A"]) == pytest.approx(
        area_m2(table.geometry["Bản B"]), rel=1e-3
    )
    assert read.communes is not None


def test_derived_areas_do_not_depend_on_rows(tmp_path):
    where = communes(tmp_path)
    lines = POINTS.splitlines()
    (tmp_path / "p.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "q.csv").write_text("\n".join([lines[0], *lines[:0:-1]]), encoding="utf-8")
    one = read_hamlets(tmp_path / "p.csv", communes=where).table
    other = read_hamlets(tmp_path / "q.csv", communes=where).table
    assert one.to_wkb().equals(other.to_wkb())


def test_points_without_communes_and_in_wrong_ones_are_told(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(POINTS, encoding="utf-8")
    assert "no communes" in faults_of(path)[0].problem
    path.write_text(
        POINTS.replace("105.3;22.1", "105.1;22.15").replace("Bằng Thành;105,05", "Xã Lạ;105,05"),
        encoding="utf-8",
    )
    faults = faults_of(path, communes=communes(tmp_path))
    assert [f.row for f in faults] == [2, 4]
    assert "no such commune" in faults[0].problem
    assert (
        "10.3 km outside its commune Xã Nhạn Môn 01861, in Xã Bằng Thành 01858" in faults[1].problem
    )


def test_a_point_just_outside_is_believed_and_noted(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(POINTS.replace("105.3;22.1", "105.199;22.1"), encoding="utf-8")
    read = read_hamlets(path, communes=communes(tmp_path))
    assert any("103 m outside its commune" in note for note in read.notes)
    area = read.table.set_index("name").geometry["Bản C"]
    assert area.bounds[0] >= 105.2 - 1e-5


def test_two_hamlets_on_one_point_are_told(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(POINTS + "4;Bản D;Nhạn Môn;105.3;22.1;30\n", encoding="utf-8")
    (fault,) = faults_of(path, communes=communes(tmp_path))
    assert "same point as row 4" in fault.problem
    assert fault.row == 5


def test_a_workbook_as_offices_send_it(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["DANH SÁCH THÔN, BẢN"],
        ["(Tính đến ngày 31/12/2025)"],
        ["STT", "Tên thôn", "Tọa độ", None, "Số hộ"],
        [None, None, "Kinh độ", "Vĩ độ", None],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        ["I", "Xã Bằng Thành", None, None, None],
        [1, "=A1|x", "105,05", 22.1, 61],
        [2, "Bản B", 105.15, 22.1, "45 hộ"],
        ["II", "Xã Nhạn Môn", None, None, None],
        [3, "Bản C", 105.3, 22.1, None],
        [None, "Tổng cộng", None, None, 106],
    ):
        sheet.append(row)
    for merged in ("A1:E1", "A3:A4", "B3:B4", "C3:D3", "E3:E4"):
        sheet.merge_cells(merged)
    book.save(tmp_path / "p.xlsx")
    read = read_hamlets(
        tmp_path / "p.xlsx",
        communes=communes(tmp_path),
        columns={"lon": "Tọa độ Kinh độ", "lat": "Tọa độ Vĩ độ"},
    )
    table = read.table.set_index("name")
    assert table["commune_code"].to_dict() == {"=A1|x": "01858", "Bản B": "01858", "Bản C": "01861"}
    assert table["households"].tolist() == [table.loc[n, "households"] for n in table.index]
    assert table.loc["Bản B", "households"] == 45
    assert any("row 11 looks like a total" in note for note in read.notes)


def test_a_hamlet_called_like_a_total_without_its_accents_stays(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(POINTS.replace("Bản A", "Công") + "4;Tổng cộng;;;;136\n", encoding="utf-8")
    read = read_hamlets(path, communes=communes(tmp_path))
    assert sorted(read.table["name"]) == ["Bản B", "Bản C", "Công"]


def test_polygons_learn_their_commune_from_the_commune_file(tmp_path):
    polygons().drop(columns=["ma_xa", "ten_xa"]).to_file(tmp_path / "h.gpkg")
    table = read_hamlets(tmp_path / "h.gpkg", communes=communes(tmp_path)).table
    assert table["commune_code"].tolist() == ["01858", "01858", "01861", "01861"]
    assert table["commune_name"].tolist()[2] == "Xã Nhạn Môn"


def test_communes_of_one_name_without_codes_stay_apart(tmp_path):
    frame = gpd.GeoDataFrame(
        {"ten_xa": ["Tân Thành", "Tân Thành"]},
        geometry=[shapely.box(105.0, 22.0, 105.2, 22.2), shapely.box(105.21, 22.0, 105.4, 22.2)],
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "c.gpkg")
    (tmp_path / "p.csv").write_text(
        "ten_thon,xa,lon,lat\nA,Tân Thành,105.1,22.1\nB,Tân Thành,105.3,22.1\n", encoding="utf-8"
    )
    table = read_hamlets(tmp_path / "p.csv", communes=tmp_path / "c.gpkg", radius_m=90_000).table
    assert table.set_index("name").geometry["A"].bounds[2] == pytest.approx(105.2, abs=1e-6)
    assert table.set_index("name").geometry["B"].bounds[0] == pytest.approx(105.21, abs=1e-6)


def test_culture_houses_join_by_place_or_id(tmp_path):
    polygons().to_file(tmp_path / "h.gpkg")
    houses = gpd.GeoDataFrame(
        {"ten": ["NVH 1", "NVH 2"]},
        geometry=[shapely.Point(105.05, 22.05), shapely.Point(105.25, 22.01)],
        crs="EPSG:4326",
    )
    houses.to_file(tmp_path / "c.gpkg")
    table = read_hamlets(tmp_path / "h.gpkg", centres=tmp_path / "c.gpkg").table
    assert table["centre_lon"].dropna().to_dict() == {0: 105.05, 2: 105.25}
    houses.assign(ma_thon=["004", "002"]).to_file(tmp_path / "c.gpkg")
    table = read_hamlets(tmp_path / "h.gpkg", centres=tmp_path / "c.gpkg").table
    assert table["centre_lon"].dropna().to_dict() == {1: 105.25, 3: 105.05}


ring = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=4, max_size=9, unique=True
)


@given(ring)
def test_mending_loses_no_ground(corners):
    """Every point that the ring winds around, counted on a grid of its own, is ground afterwards."""
    polygon = shapely.Polygon([(105 + x / 1000, 22 + y / 1000) for x, y in corners])
    mended = mend(polygon)
    ground = polygon if mended is None else mended.geometry
    xs, ys = np.meshgrid(np.arange(0.371713, 20), np.arange(0.415371, 20))
    winding = np.zeros(xs.shape)
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        side = (x1 - x0) * (ys - y0) - (xs - x0) * (y1 - y0)
        winding += (y0 <= ys) & (y1 > ys) & (side > 0)
        winding -= (y0 > ys) & (y1 <= ys) & (side < 0)
    inside = np.zeros(xs.shape, bool)
    if ground is not None:
        assert shapely.is_valid(ground)
        inside = shapely.contains_xy(ground, 105 + xs / 1000, 22 + ys / 1000)
    assert (inside == (winding != 0)).all()


def test_the_38_real_invalid_polygons_are_mended_and_listed(shared_data):
    path = shared_data / "boundaries" / "communes_2025_real_invalid_geometries.geojson"
    read = read_hamlets(path, columns={"name": "a03_ten"})
    assert len(read.table) == len(read.repairs) == 38
    assert read.table.is_valid.all()
    source = gpd.read_file(path).set_index("a03_ten")
    ratio = [
        area_m2(area) / abs(Geod(ellps="WGS84").geometry_area_perimeter(source.geometry[name])[0])
        for name, area in zip(read.table["name"], read.table.geometry, strict=True)
    ]
    assert np.abs(np.array(ratio) - 1).max() < 1e-3


def test_the_ten_old_communes_of_pac_nam(shared_data, tmp_path):
    source = gpd.read_file(shared_data / "boundaries" / "communes_pre2025_4areas.geojson")
    chosen = source[source["district"].isin(["Pac Nam"]) | source["gso_code"].isna()]
    chosen.to_file(tmp_path / "h.gpkg")
    read = read_hamlets(
        tmp_path / "h.gpkg", columns={"name": "commune_vn", "commune_code": "gso_code"}
    )
    assert len(read.table) == 10 + source["gso_code"].isna().sum()
    assert read.table["commune_code"].isna().sum() == source["gso_code"].isna().sum() == 11
    assert read.table["hamlet_id"].is_unique


def test_real_places_become_areas_in_real_communes(shared_data, tmp_path):
    folder = shared_data / "boundaries"
    places = gpd.read_file(folder / "osm_places_partial_vietnam.geojson")
    places = places[places["ward_code"].notna()].drop(columns=["tags", "timestamp"])
    places.to_file(tmp_path / "p.gpkg")
    read = read_hamlets(
        tmp_path / "p.gpkg",
        columns={"name": "name", "commune_code": "ward_code"},
        communes=folder / "communes_2025_vietnam_simplified30m.gpkg",
        communes_layer="communes_2025",
    )
    assert len(read.table) == len(places)
    assert read.table.is_valid.all()
    metric = read.table.geometry.to_crs("EPSG:3405").to_numpy()
    tree = shapely.STRtree(metric)
    a, b = tree.query(metric, predicate="intersects")
    pairs = a < b
    shared = shapely.area(shapely.intersection(metric[a[pairs]], metric[b[pairs]]))
    assert shared.sum() < 1


def test_geojson_with_metres_takes_the_stated_crs(tmp_path):
    collection = json.loads(polygons().to_crs("EPSG:5897").to_json(drop_id=True))
    collection.pop("crs", None)
    (tmp_path / "h.geojson").write_text(json.dumps(collection), encoding="utf-8")
    assert "look like metres" in faults_of(tmp_path / "h.geojson")[0].problem
    assert len(read_hamlets(tmp_path / "h.geojson", crs="EPSG:5897").table) == 4
