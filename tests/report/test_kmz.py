"""The KMZ is valid KML 2.2 with everything inside, shows gaps and sites only, and runs no text of the input."""

import html
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import fastkml
import matplotlib.image
import pytest
import shapely
from fastkml.validator import validate
from worlds import CARRIERS, HOSTILE, world

from lomsong.report import lists
from lomsong.report.kml import KML
from lomsong.report.palette import CLASS_COLOURS
from lomsong.result import Result

NAMESPACE = {"k": KML}


@pytest.fixture(scope="module")
def result():
    return world(60, n_vertices=16, terrain=False)


@pytest.fixture(scope="module")
def hostile():
    return world(40, n_vertices=8, terrain=False, hostile=True)


def _parts(result: Result, folder: Path, **options: str) -> dict[str, bytes]:
    file = folder / "list.kmz"
    lists.export(result, file, **options)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def _root(result: Result, folder: Path, **options: str) -> ET.Element:
    return ET.fromstring(_parts(result, folder, **options)["doc.kml"])  # noqa: S314 -- our own file


def _folders(root: ET.Element) -> list[list[ET.Element]]:
    return [folder.findall("k:Placemark", NAMESPACE) for folder in root.iter(f"{{{KML}}}Folder")]


def test_it_follows_the_schema_and_fastkml_reads_it(
    result: Result, hostile: Result, tmp_path: Path
):
    for number, (run, carrier) in enumerate(
        [(result, "all"), (result, "vnpt"), (hostile, "all"), (hostile, "viettel")]
    ):
        content = _parts(run, tmp_path, carrier=carrier)["doc.kml"]
        file = tmp_path / f"{number}.kml"
        file.write_bytes(content)
        assert validate(file_to_validate=file) is True
        document = fastkml.KML.parse(file).features[0]
        assert len(document.features) == 3


@pytest.mark.parametrize("carrier", ["all", *CARRIERS])
def test_it_shows_the_listed_hamlets_and_sites_and_nothing_else(
    result: Result, tmp_path: Path, carrier: str
):
    hamlets, proposed, known = _folders(_root(result, tmp_path, carrier=carrier))
    rows = lists.rows(result, carrier=carrier)
    assert [place.find("k:name", NAMESPACE).text for place in hamlets] == list(rows["name"])
    sites = {place.find("k:name", NAMESPACE).text for place in proposed}
    assert set(rows["candidate_site"].dropna()) <= sites <= set(result.candidates["site_id"])
    names = {place.find("k:name", NAMESPACE).text for place in known}
    assert set(rows["nearest_site"].dropna()) <= names <= set(result.sites["site_id"])


def test_coordinates_are_those_of_the_list(result: Result, tmp_path: Path):
    hamlets, _, _ = _folders(_root(result, tmp_path))
    areas = result.hamlets.set_index("hamlet_id").geometry
    for place, row in zip(hamlets, lists.rows(result).to_dict("records"), strict=True):
        point = place.find(".//k:Point/k:coordinates", NAMESPACE).text
        assert [float(part) for part in point.split(",")] == [row["lon"], row["lat"]]
        ring = place.find(".//k:outerBoundaryIs//k:coordinates", NAMESPACE).text
        drawn = shapely.Polygon([tuple(map(float, xy.split(","))) for xy in ring.split()])
        true = areas[row["hamlet_id"]]
        assert shapely.hausdorff_distance(drawn.exterior, true.exterior) < 2e-4
        assert drawn.exterior.is_ccw


def test_styles_and_icons_are_inside(result: Result, tmp_path: Path):
    parts = _parts(result, tmp_path)
    root = ET.fromstring(parts["doc.kml"])  # noqa: S314 -- our own file
    styles = {style.get("id"): style for style in root.iter(f"{{{KML}}}Style")}
    used = {url.text.removeprefix("#") for url in root.iter(f"{{{KML}}}styleUrl")}
    assert used <= set(styles)
    for name in ("no_signal", "partial", "weak"):
        colour = CLASS_COLOURS[name]
        backwards = colour[5:7] + colour[3:5] + colour[1:3]
        fill = styles[name].find("k:PolyStyle/k:color", NAMESPACE).text
        assert fill.endswith(backwards)
    icons = {href.text for href in root.iter(f"{{{KML}}}href")}
    assert icons == set(parts) - {"doc.kml"}
    for icon in icons:
        picture = matplotlib.image.imread(io.BytesIO(parts[icon]), format="png")
        assert picture.shape == (64, 64, 4)
        assert picture[0, 0, 3] == 0
        assert picture[32, 32, 3] == 1


def test_names_are_letter_for_letter_and_descriptions_hold_no_markup_of_the_input(
    hostile: Result, tmp_path: Path
):
    root = _root(hostile, tmp_path)
    hamlets, _, _ = _folders(root)
    assert {place.find("k:name", NAMESPACE).text for place in hamlets} <= set(HOSTILE)
    tags = re.compile(r"<[^>]*>")
    for described in root.iter(f"{{{KML}}}description"):
        assert set(tags.findall(described.text)) <= {"<b>", "</b>", "<br/>"}
    for place in hamlets:
        name = place.find("k:name", NAMESPACE).text
        shown = html.unescape(tags.sub("", place.find("k:description", NAMESPACE).text))
        assert shown.startswith(name)
    for text in root.iter(f"{{{KML}}}text"):
        assert text.text == "$[description]"


def test_synthetic_data_says_so(result: Result, tmp_path: Path):
    name = _root(result, tmp_path).find("k:Document/k:name", NAMESPACE).text
    assert name.startswith("DỮ LIỆU MÔ PHỎNG")
    settings = result.settings.model_copy(
        update={"project": result.settings.project.model_copy(update={"synthetic": False})}
    )
    real = _root(replace(result, settings=settings), tmp_path)
    assert "MÔ PHỎNG" not in real.find("k:Document/k:name", NAMESPACE).text


def test_archive_carries_the_date_of_the_data(result: Result, tmp_path: Path):
    file = tmp_path / "list.kmz"
    lists.export(result, file)
    with zipfile.ZipFile(file) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2025, 12, 31, 0, 0, 0)}
        assert archive.namelist()[0] == "doc.kml"
