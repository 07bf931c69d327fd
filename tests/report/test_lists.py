"""Lists name every gap once, best first, with figures of the tables and nothing made up."""

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pyproj import Geod, Transformer
from worlds import CARRIERS, HOSTILE, world

from lomsong.errors import InputError
from lomsong.report import lists, plain, text
from lomsong.report.lists.columns import shown
from lomsong.report.lists.hamlet_columns import of_list
from lomsong.report.lists.places import masts
from lomsong.result import Result
from lomsong.tables import ANY_CARRIER

GAPS = {"no_signal", "partial", "weak"}


@pytest.fixture(scope="module")
def result():
    return world(48, n_vertices=8, terrain=False, n_areas=3)


@pytest.fixture(scope="module", params=[None, *CARRIERS])
def carrier(request: pytest.FixtureRequest):
    return request.param


def _whole(result: Result, carrier: str | None) -> pd.DataFrame:
    table = result.assessment
    chosen = (table["technology"] == "4G") & (table["cluster_id"] == "")
    return table[chosen & (table["carrier"] == (carrier or ANY_CARRIER))].set_index("hamlet_id")


def test_a_list_holds_exactly_the_gaps_of_its_carrier_and_of_everybody(
    result: Result, carrier: str | None
):
    rows = lists.rows(result, carrier=carrier)
    hamlets = result.hamlets[result.hamlets["kind"] == "hamlet"].set_index("hamlet_id")
    own = _whole(result, carrier)["class"].reindex(hamlets.index)
    expected = hamlets.index[own.isin(GAPS) | hamlets["class"].isin(GAPS)]
    assert sorted(rows["hamlet_id"]) == sorted(expected)
    assert rows["hamlet_id"].is_unique
    assert list(rows["rank"]) == list(range(1, len(rows) + 1))


def test_best_comes_first(result: Result, carrier: str | None):
    priority = lists.rows(result, carrier=carrier)["priority"]
    assert priority.is_monotonic_decreasing


def test_figures_are_those_of_the_written_tables(result: Result, carrier: str | None):
    rows = lists.rows(result, carrier=carrier).set_index("hamlet_id")
    hamlets = result.hamlets.set_index("hamlet_id").loc[rows.index]
    own = _whole(result, carrier).loc[rows.index]
    for name in ("people", "households", "priority", "priority_people", "power", "funding_route"):
        pd.testing.assert_series_equal(rows[name], hamlets[name], check_names=False)
    for name in ("newest", "rsrp_median_dbm", "p_served"):
        pd.testing.assert_series_equal(rows[name], own[name], check_dtype=False)
    chosen = rows.dropna(subset=["candidate_site"])
    sites = result.candidates.set_index("site_id").loc[chosen["candidate_site"]]
    np.testing.assert_array_equal(chosen["cost_vnd"], sites["cost_vnd"])
    np.testing.assert_allclose(chosen["candidate_lat"], sites.geometry.y, atol=1e-7)


def test_people_not_served_of_a_carrier_are_those_of_its_clusters(result: Result):
    rows = lists.rows(result, carrier="vnpt").set_index("hamlet_id")
    table = result.assessment
    for hamlet in rows.index[:20]:
        clusters = table[
            (table["hamlet_id"] == hamlet)
            & (table["carrier"] == "vnpt")
            & (table["technology"] == "4G")
            & (table["cluster_id"] != "")
        ]
        expected = clusters.loc[clusters["class"] == "no_signal", "people"].sum()
        assert rows.loc[hamlet, "people_unserved"] == pytest.approx(expected)


def test_people_of_a_carrier_are_missing_where_a_cluster_has_no_figure(result: Result):
    table = result.assessment.copy()
    table.loc[table["cluster_id"] != "", "people"] = np.nan
    rows = lists.rows(replace(result, assessment=table), carrier="viettel")
    unserved = rows.loc[rows["class"] == "no_signal", "people_unserved"]
    assert len(unserved) > 0
    assert unserved.isna().all()


def test_nearest_sites_agree_with_all_distances_one_by_one(result: Result):
    rows = lists.rows(result, carrier="viettel")
    known = masts(result.sites)
    own = known[known["carrier"] == "viettel"]
    geod = Geod(ellps="WGS84")
    for _, row in rows.iterrows():
        distances = [
            geod.inv(row["lon"], row["lat"], site.lon, site.lat)[2] for site in own.itertuples()
        ]
        assert row["nearest_site_m"] == pytest.approx(min(distances), abs=0.01)
        assert row["nearest_site"] == own["site_id"].iloc[int(np.argmin(distances))]
    assert set(rows["host_carrier"].dropna()) <= set(CARRIERS) - {"viettel"}


def test_vn2000_is_what_proj_says_within_its_stated_metre(result: Result):
    rows = lists.rows(result)
    assert set(rows["vn2000_zone"]) == {"VN-2000, KTT 104°00', múi 3°"}
    transformer = Transformer.from_crs("EPSG:4326", "EPSG:9206", always_xy=True)
    easting, northing = transformer.transform(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    np.testing.assert_allclose(rows["vn2000_x_m"], northing, atol=1.0)
    np.testing.assert_allclose(rows["vn2000_y_m"], easting, atol=1.0)


@pytest.mark.parametrize(
    ("code", "name", "zone"),
    [
        ("00691", "Phường Hà Giang 2", "VN-2000, KTT 106°00', múi 3°"),
        ("00691", "Trần Phú", "VN-2000, KTT 105°30', múi 3°"),
        ("00691", "Nowhere", "VN-2000, KTT 104°00', múi 3°"),
    ],
)
def test_a_commune_brings_the_zone_of_its_province_then_or_now(
    result: Result, code: str, name: str, zone: str
):
    hamlets = result.hamlets.assign(commune_code=code, commune_name=name)
    rows = lists.rows(replace(result, hamlets=hamlets))
    assert set(rows["vn2000_zone"]) == {zone}


def test_there_is_no_vn2000_outside_vietnam(result: Result):
    def moved(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return table.set_geometry(table.geometry.translate(xoff=-120.0))

    hamlets, clusters = moved(result.hamlets), moved(result.clusters)
    abroad = lists.rows(replace(result, hamlets=hamlets, clusters=clusters))
    names = {"viettel": "457-01", "vnpt": "457-02", "mobifone": "457-03"}
    carriers = result.assessment["carrier"].replace(names)
    neighbour = lists.rows(replace(result, assessment=result.assessment.assign(carrier=carriers)))
    for rows in (abroad, neighbour):
        assert len(rows) > 0
        assert rows[["vn2000_x_m", "vn2000_y_m", "vn2000_zone"]].isna().all(axis=None)


def test_no_known_site_means_no_distance(result: Result):
    rows = lists.rows(replace(result, sites=result.sites.iloc[:0]))
    assert rows["nearest_site"].isna().all()
    assert rows["nearest_site_m"].isna().all()


def test_solutions_follow_who_serves_the_hamlet(result: Result):
    for carrier in CARRIERS:
        rows = lists.rows(result, carrier=carrier)
        rivals = rows[[f"class_{other}" for other in CARRIERS if other != carrier]]
        served = rivals.isin(["weak", "covered"]).any(axis=1)
        new = rows["solution"] == "new_site"
        assert not served[new].any()
        assert served[rows["solution"] == "share"].all()
        assert (rows["class"][rows["solution"] == "strengthen"] == "weak").all()
        assert (rows["class"][rows["solution"] == "measure"] == "unknown").all()
        assert rows.loc[rows["solution"] == "share", "share_with"].notna().all()
        for partners in rows["share_with"].dropna():
            assert carrier not in partners.split("; ")


def test_a_candidate_of_a_list_serves_that_hamlet_and_is_of_that_carrier(result: Result):
    rows = lists.rows(result, carrier="vnpt").dropna(subset=["candidate_site"])
    assert len(rows) > 0
    hamlet_of = result.clusters.set_index("cluster_id")["hamlet_id"]
    served = set(
        zip(result.coverage["site_id"], hamlet_of.loc[result.coverage["cluster_id"]], strict=True)
    )
    assert set(zip(rows["candidate_site"], rows["hamlet_id"], strict=True)) <= served
    assert set(rows["candidate_carrier"]) <= {"vnpt", "shared"}


def test_unknown_power_and_class_stay_unknown(result: Result):
    rows = lists.rows(result)
    unknown = rows[rows["power"] == "unknown"]
    assert len(unknown) > 0
    assert unknown["gap_no_grid"].isna().all()
    assert unknown["notes"].str.contains("power_unknown").all()


def test_order_of_rows_changes_nothing(result: Result, tmp_path: Path):
    def shuffled(table: pd.DataFrame) -> pd.DataFrame:
        return table.sample(frac=1, random_state=7)

    other = replace(
        result,
        hamlets=shuffled(result.hamlets),
        assessment=shuffled(result.assessment),
        clusters=shuffled(result.clusters),
        candidates=shuffled(result.candidates),
        coverage=shuffled(result.coverage),
        sites=shuffled(result.sites),
    )
    pd.testing.assert_frame_equal(
        lists.rows(result, carrier="vnpt"), lists.rows(other, carrier="vnpt")
    )
    _same_bytes(result, other, tmp_path)


def test_two_writes_are_byte_identical(result: Result, tmp_path: Path):
    _same_bytes(result, result, tmp_path)


def _same_bytes(first: Result, second: Result, folder: Path) -> None:
    folders = (folder / "first", folder / "second")
    for target, written in zip(folders, (first, second), strict=True):
        target.mkdir()
        lists.write(written, target)
    names = sorted(file.name for file in folders[0].iterdir())
    assert names == sorted(
        f"priority_{name}{end}"
        for name in ("all", *CARRIERS)
        for end in (".xlsx", ".csv", "_sites.csv", ".kmz")
    )
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_a_commune_is_found_by_code_and_by_name_however_typed(result: Result):
    row = result.hamlets[result.hamlets["commune_name"] == "Xã Thuận Hoà"].iloc[0]
    by_code = lists.rows(result, commune=row["commune_code"])
    assert len(by_code) > 0
    assert set(by_code["commune_code"]) == {row["commune_code"]}
    for typed in ("Xã Thuận Hoà", "thuận hòa", "Thuận Hoà"):
        pd.testing.assert_frame_equal(by_code, lists.rows(result, commune=typed))


@pytest.mark.parametrize("wrong", [{"carrier": "nobody"}, {"commune": "Atlantis"}])
def test_unknown_carriers_and_communes_are_refused(result: Result, wrong: dict[str, str]):
    with pytest.raises(InputError):
        lists.rows(result, **wrong)


def test_an_unknown_suffix_is_refused(result: Result, tmp_path: Path):
    with pytest.raises(InputError):
        lists.export(result, tmp_path / "list.docx")


def test_nothing_to_do_still_writes_every_file(result: Result, tmp_path: Path):
    hamlets = result.hamlets.assign(**{"class": "covered"})
    assessment = result.assessment.assign(**{"class": "covered"})
    lists.write(replace(result, hamlets=hamlets, assessment=assessment), tmp_path)
    assert len(list(tmp_path.iterdir())) == 4 * (1 + len(CARRIERS))


def test_areas_without_residents_are_never_listed(tmp_path: Path):
    result = world(12, n_vertices=8, terrain=False, n_areas=5)
    areas = result.hamlets[result.hamlets["kind"] == "area"]
    assessment = result.assessment[result.assessment["hamlet_id"].isin(areas["hamlet_id"])]
    only = replace(result, hamlets=areas, assessment=assessment)
    assert lists.rows(only).empty
    for suffix in lists.WRITERS:
        lists.export(only, tmp_path / f"list{suffix}")


def test_a_run_of_one_carrier_without_sites_and_plan_is_listed(result: Result, tmp_path: Path):
    lone = replace(
        result,
        assessment=result.assessment[result.assessment["carrier"].isin(["any", "viettel"])],
        sites=result.sites.iloc[:0],
        candidates=result.candidates.iloc[:0],
        coverage=result.coverage.iloc[:0],
    )
    rows = lists.rows(lone, carrier="viettel")
    assert len(rows) > 0
    assert rows[["host_site", "candidate_site", "share_with"]].isna().all(axis=None)
    for suffix in lists.WRITERS:
        lists.export(lone, tmp_path / f"list{suffix}", carrier="viettel")


# --- XLSX


def _book(result: Result, folder: Path, **options: str) -> Workbook:
    file = folder / "list.xlsx"
    lists.export(result, file, **options)
    return load_workbook(file)


def test_xlsx_has_vietnamese_headings_a_frozen_header_filters_and_formats(
    result: Result, tmp_path: Path
):
    book = _book(result, tmp_path, carrier="viettel")
    assert book.sheetnames == ["Danh sách", "Trạm đề xuất", "Giải thích", "Nguồn"]
    sheet = book.worksheets[0]
    rows = lists.rows(result, carrier="viettel")
    headings = [cell.value for cell in sheet[1]]
    assert headings[:3] == ["STT", "Mã thôn", "Thôn/bản"]
    assert len(headings) == len(rows.columns)
    assert sheet.freeze_panes == "D2"
    assert (
        sheet.auto_filter.ref == f"A1:{sheet.cell(1, len(headings)).column_letter}{len(rows) + 1}"
    )
    place = {name: number for number, name in enumerate(rows.columns, start=1)}
    assert sheet.cell(2, place["cost_vnd"]).number_format == "#,##0"
    assert sheet.cell(2, place["lat"]).number_format == "0.000000"
    assert sheet.cell(2, place["hamlet_id"]).number_format == "@"
    assert [sheet.cell(i + 2, place["people"]).value for i in range(len(rows))] == [
        None if np.isnan(people) else pytest.approx(people) for people in rows["people"]
    ]


def test_xlsx_keeps_leading_zeros_and_blanks(result: Result, tmp_path: Path):
    sheet = _book(result, tmp_path).worksheets[0]
    rows = lists.rows(result)
    assert [cell.value for cell in sheet["B"][1:]] == list(rows["hamlet_id"])
    assert all(cell.value.startswith("0") for cell in sheet["D"][1:])
    column = list(rows.columns).index("gap_no_grid")
    values = [row[column].value for row in sheet.iter_rows(min_row=2)]
    assert {
        value for value, flag in zip(values, rows["gap_no_grid"], strict=True) if flag is pd.NA
    } == {None}


def test_xlsx_explains_columns_thresholds_and_sources(result: Result, tmp_path: Path):
    book = _book(result, tmp_path)
    said = [[cell.value for cell in row] for row in book.worksheets[2].iter_rows()]
    names = {row[1] for row in said}
    assert set(lists.rows(result).columns) <= names
    assert -121 in names
    assert -105 in names
    sources = {row[0].value: row[1].value for row in book.worksheets[3].iter_rows()}
    assert sources["Lưu ý"] == "DỮ LIỆU MÔ PHỎNG"
    assert sources["Ngày dữ liệu"] == "31/12/2025"
    assert any("survey.csv" in str(value) for value in sources.values())


def test_a_changed_threshold_is_not_called_the_standards(result: Result, tmp_path: Path):
    levels = result.settings.levels.model_copy(update={"minimum_rsrp_dbm": -115.0})
    changed = replace(result, settings=result.settings.model_copy(update={"levels": levels}))
    said = {}
    for name, run in (("usual", result), ("changed", changed)):
        sheet = _book(run, tmp_path).worksheets[2]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        said[name] = next(row for row in rows if row[0] == "Mức tối thiểu RSRP [dBm]")
    assert said["usual"][1:] == [-121, "QCVN 81:2019 (chưa đối chiếu văn bản)"]
    assert said["changed"][1:] == [-115, "đặt trong tệp dự án"]


def test_xlsx_speaks_english(result: Result, tmp_path: Path):
    book = _book(result, tmp_path, language="en")
    assert book.sheetnames == ["List", "Proposed sites", "Explanations", "Sources"]
    assert book.worksheets[0]["C1"].value == "Hamlet"


def test_no_cell_is_a_formula_or_a_link_and_hostile_text_stays_letter_for_letter(tmp_path: Path):
    result = world(40, n_vertices=8, terrain=False, hostile=True)
    for carrier in (None, "viettel", HOSTILE[3]):
        book = _book(result, tmp_path, carrier=carrier)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        names = {cell.value for cell in book.worksheets[0]["C"][1:]}
        assert names == set(lists.rows(result, carrier=carrier)["name"])


def test_every_list_of_hostile_input_has_a_safe_name(tmp_path: Path):
    result = world(40, n_vertices=8, terrain=False, hostile=True)
    folder = tmp_path / "out"
    folder.mkdir()
    written = lists.write(result, folder)
    assert sorted(file.name for file in folder.iterdir()) == sorted(file.name for file in written)
    for file in written:
        assert set(file.stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


def test_long_and_broken_names_arrive_whole_or_visibly_marked(result: Result, tmp_path: Path):
    hamlets = result.hamlets.copy()
    names = hamlets["name"].astype(object)
    listed = lists.rows(result)["hamlet_id"]
    at = {hamlet: hamlets.index[hamlets["hamlet_id"] == hamlet][0] for hamlet in listed.iloc[:3]}
    long, longer, broken = "Bản " * 2500, "😀" * 20_000, "Nà\x00 Lầu\x0b\ufffe"
    for hamlet, name in zip(at, (long, longer, broken), strict=True):
        names[at[hamlet]] = name
    result = replace(result, hamlets=hamlets.assign(name=names))
    shown_names = [cell.value for cell in _book(result, tmp_path).worksheets[0]["C"][1:4]]
    assert shown_names[0] == long
    assert shown_names[1].endswith(plain.CUT_MARK)
    assert len(shown_names[1].encode("utf-16-le")) // 2 <= plain.CELL_LIMIT
    assert shown_names[2] == "Nà� Lầu��"
    for suffix in ("csv", "kmz"):
        lists.export(result, tmp_path / f"list.{suffix}")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_shows_the_same_texts(result: Result, tmp_path: Path):
    lists.export(result, tmp_path / "list.xlsx")
    subprocess.run(
        [
            str(shutil.which("soffice")),
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "list.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as stream:
        shown_rows = list(csv.reader(stream))
    rows = lists.rows(result)
    assert len(shown_rows) == len(rows) + 1
    for name in ("hamlet_id", "name", "commune_code"):
        place = list(rows.columns).index(name)
        assert [row[place] for row in shown_rows[1:]] == list(rows[name])


# --- CSV


def _csv(result: Result, folder: Path, **options: str) -> Path:
    file = folder / "list.csv"
    lists.export(result, file, **options)
    return file


def test_csv_has_a_bom_and_reads_back(result: Result, tmp_path: Path, carrier: str | None):
    file = _csv(result, tmp_path, carrier=carrier)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = lists.rows(result, carrier=carrier)
    codes = ["hamlet_id", "commune_code"]
    back = pd.read_csv(file, encoding="utf-8-sig", dtype=dict.fromkeys(codes, "str"))
    assert list(back.columns) == list(rows.columns)
    for name in (*codes, "name", "class", "priority", "lat", "cost_vnd"):
        pd.testing.assert_series_equal(back[name], rows[name], check_dtype=False)


def test_csv_quotes_what_a_spreadsheet_would_run_and_leaves_figures_alone(
    result: Result, tmp_path: Path
):
    rows = lists.rows(result)
    starts = ["=1+1", "+84", "-2", "@x", "\tx", "\rx", "ok", "1=1"]
    names = dict(zip(rows["hamlet_id"], starts, strict=False))
    hamlets = result.hamlets.assign(
        name=result.hamlets["hamlet_id"].map(names).fillna(result.hamlets["name"])
    )
    file = _csv(replace(result, hamlets=hamlets), tmp_path)
    content = file.read_bytes().decode("utf-8-sig")
    back = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["name"] for row in back[:8]] == [
        f"'{start}" if start[0] in "=+-@\t\r" else start for start in starts
    ]
    levels = [row["rsrp_viettel_dbm"] for row in back if row["rsrp_viettel_dbm"]]
    assert levels
    assert all(level.startswith("-") for level in levels)


@given(st.text())
def test_plain_text_is_xml_and_never_a_formula(said: str):
    # The parser is the judge of what XML may hold, not a second copy of our own table.
    element = ET.Element("t")
    element.text = plain.printable(said)
    back = ET.fromstring(ET.tostring(element, encoding="utf-8")).text or ""  # noqa: S314 -- our own
    assert back == element.text.replace("\r\n", "\n").replace("\r", "\n")
    assert not plain.csv_cell(said).startswith(plain.FORMULA_STARTS)


# --- words


def test_every_column_is_said_in_both_languages_and_differs_from_the_others():
    columns = of_list(subject="viettel", others=(ANY_CARRIER, "vnpt"))
    for language in text.LANGUAGES:
        headings = [column.heading.in_language(language) for column in columns]
        assert len(set(headings)) == len(headings)
        assert all(column.meaning.in_language(language) for column in columns)


def test_every_value_of_every_list_has_words(result: Result):
    for language in text.LANGUAGES:
        for carrier in (None, *CARRIERS):
            rows = lists.rows(result, carrier=carrier)
            for column in lists.columns(result, carrier=carrier):
                for value in rows[column.name].unique():
                    assert isinstance(shown(column, value, language=language), str)
