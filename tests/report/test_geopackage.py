"""The GeoPackage holds the written tables, opens with its styles, and is the same whenever it is written."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pyogrio
import pytest
import shapely
from worlds import HOSTILE, world

from lomsong.report import geopackage, text
from lomsong.report.geopackage import qgis_style
from lomsong.report.palette import CLASS_COLOURS
from lomsong.result import Result
from lomsong.tables import CLASSES, POWERS


@pytest.fixture(scope="module")
def result():
    return world(40, n_vertices=12, terrain=False, n_areas=2)


@pytest.fixture
def written(result: Result, tmp_path: Path):
    file = tmp_path / "gaps.gpkg"
    geopackage.write(result, file)
    return file


@pytest.mark.parametrize(
    ("layer", "key"),
    [("hamlets", "hamlet_id"), ("clusters", "cluster_id"), ("candidates", "site_id")],
)
def test_layers_are_the_written_tables(result: Result, written: Path, layer: str, key: str):
    table = getattr(result, layer).sort_values(key, ignore_index=True)
    back = pyogrio.read_dataframe(written, layer=layer)
    assert set(back.columns) == set(table.columns)
    assert back.crs.to_epsg() == 4326
    for name in table.columns.drop("geometry"):
        if isinstance(table[name].dtype, pd.BooleanDtype):
            assert list(back[name].isna()) == list(table[name].isna())
            known = table[name].notna()
            assert list(back[name][known].astype(bool)) == list(table[name][known].astype(bool))
        else:
            pd.testing.assert_series_equal(back[name], table[name], check_dtype=False)
    assert shapely.equals(back.geometry.to_numpy(), table.geometry.to_numpy()).all()


def test_styles_inside_are_default_and_colour_every_class(written: Path):
    with sqlite3.connect(written) as database:
        rows = database.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
        contents = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents"))
        columns = dict(
            database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        )
    database.close()
    assert {row[0] for row in rows} == {"hamlets", "clusters", "candidates"}
    assert all(row[1] == columns[row[0]] and row[3] for row in rows)
    assert contents["layer_styles"] == "attributes"
    hamlets = next(row[2] for row in rows if row[0] == "hamlets")
    style = ET.fromstring(hamlets)  # noqa: S314 -- our own file
    filters = [rule.get("filter") for rule in style.iter("rule")]
    assert filters == [
        *(f"\"class\" = '{name}'" for name in CLASSES),
        *(f"\"power\" = '{name}'" for name in POWERS if name != "grid"),
    ]
    for symbol, name in zip(style.iter("symbol"), CLASSES, strict=False):
        colour = CLASS_COLOURS[name]
        rgb = ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
        colours = [o.get("value") for o in symbol.iter("Option") if o.get("name") == "color"]
        assert colours[0].startswith(rgb)


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_rule_of_a_style_names_a_symbol_that_is_there(language: text.Language):
    for qml in qgis_style.styles(language).values():
        assert qml.startswith("<!DOCTYPE qgis")
        renderer = ET.fromstring(qml).find("renderer-v2")  # noqa: S314 -- our own text
        used = [rule.get("symbol") for rule in renderer.iter("rule")]
        assert used == [symbol.get("name") for symbol in renderer.find("symbols")]


def test_two_writes_are_byte_identical_whatever_the_order_of_rows(result: Result, tmp_path: Path):
    other = replace(
        result,
        hamlets=result.hamlets.sample(frac=1, random_state=3),
        clusters=result.clusters.sample(frac=1, random_state=3),
        candidates=result.candidates.sample(frac=1, random_state=3),
    )
    first, second = tmp_path / "first.gpkg", tmp_path / "second.gpkg"
    geopackage.write(result, first)
    geopackage.write(other, second)
    geopackage.write(other, second)
    assert first.read_bytes() == second.read_bytes()


def test_dates_are_of_the_data(written: Path):
    with sqlite3.connect(written) as database:
        dates = {row[0] for row in database.execute("SELECT last_change FROM gpkg_contents")}
    database.close()
    assert dates == {"2025-12-31T00:00:00.000Z"}


def test_hostile_text_stays_letter_for_letter(tmp_path: Path):
    result = world(20, n_vertices=8, terrain=False, hostile=True)
    broken = result.hamlets["name"].where(result.hamlets.index != 0, "Nà\x00 Lầu")
    file = tmp_path / "gaps.gpkg"
    geopackage.write(replace(result, hamlets=result.hamlets.assign(name=broken)), file)
    names = set(pyogrio.read_dataframe(file, layer="hamlets")["name"])
    assert names == {*HOSTILE, "Nà� Lầu"}


def test_a_run_without_candidates_has_its_layers(result: Result, tmp_path: Path):
    file = tmp_path / "gaps.gpkg"
    geopackage.write(
        replace(result, candidates=result.candidates.iloc[:0], coverage=result.coverage.iloc[:0]),
        file,
    )
    layers = pyogrio.list_layers(file)[:, 0]
    assert set(layers) == {"hamlets", "clusters", "candidates", "layer_styles"}
