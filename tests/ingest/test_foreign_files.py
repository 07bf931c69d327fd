"""A file that nothing here reads is called what it is, wherever it stands, with the way out."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely.affinity import translate

from districts import District
from lomsong import config
from lomsong.errors import InputError
from lomsong.ingest.inputs import check
from lomsong.ingest.reading.foreign import foreign_file

OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


def stream(name: str) -> bytes:
    return OFFICE + name.encode("utf-16-le") + bytes(900)


FILES = {
    "is a PDF": b"%PDF-1.7\n",
    "is a RAR archive": b"Rar!\x1a\x07\x01\x00",
    "is a 7z archive": b"7z\xbc\xaf\x27\x1c",
    "is an AutoCAD drawing (DWG)": b"AC1032" + bytes(50),
    "is a web page": b"\xef\xbb\xbf \n<!DOCTYPE html><html>kml</html>",
    "is protected by a password": stream("EncryptedPackage"),
    "is a workbook of old Excel (.xls)": stream("Workbook"),
    "is a Word document": stream("WordDocument"),
    "is a MicroStation V8 drawing (DGN)": stream("Dgn~Mf"),
    "is a file of old Office": OFFICE,
}
SPOILT = ("hamlets.gpkg", "samples.csv", "power.csv", "dem.tif", "homes.geojson")


@pytest.mark.parametrize("said", FILES)
def test_every_input_names_what_it_is_all_at_once(tmp_path: Path, said: str):
    project = District(tmp_path).write()
    for name in SPOILT:
        (tmp_path / name).write_bytes(FILES[said])
    with pytest.raises(InputError) as raised:
        check(config.load(project))
    told = sorted((Path(str(f.file)).name, f.problem) for f in raised.value.faults)
    assert told == sorted((name, said) for name in SPOILT)


def test_a_word_document_of_today_is_no_table(tmp_path: Path):
    file = tmp_path / "a.docx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    told = foreign_file(file)
    assert told is not None
    assert told.problem == "is a Word document"


@pytest.mark.parametrize(
    "content", [b"name,lon\n", b"\x89HDF", b"PK\x03\x04", b'<?xml version="1.0"?><kml/>']
)
def test_what_may_be_read_is_not_foreign(tmp_path: Path, content: bytes):
    file = tmp_path / "a"
    file.write_bytes(content)
    assert foreign_file(file) is None


def notes_of(folder: Path, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> list[str]:
    district = District(folder)
    district.hamlets = change(district.hamlets)
    return [str(note) for note in check(config.load(district.write())).notes]


def with_outline(position: int, outline: Callable[[shapely.Geometry], shapely.Geometry]):
    def change(hamlets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        several = hamlets.geometry.to_numpy(copy=True)
        several[position] = outline(several[0])
        return hamlets.set_geometry(several, crs=4326)

    return change


def bow(box: shapely.Geometry) -> shapely.Geometry:
    west, south, east, north = box.bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


@pytest.mark.parametrize(
    ("position", "outline", "said"),
    [
        (1, lambda box: box, "1 pairs of hamlets have one and the same outline"),
        (1, lambda box: box.buffer(-0.003), "overlap by more than a tenth"),
        (
            1,
            lambda box: translate(box, 0.004),
            "Nà Lầu / Khuổi Bốc (75 %)",
        ),
        (0, bow, "1 outlines crossed or touched themselves and were mended (row 1)"),
    ],
)
def test_ground_that_cannot_be_as_it_is_drawn_is_noted(tmp_path: Path, position, outline, said):
    notes = notes_of(tmp_path, with_outline(position, outline))
    assert sum(said in note for note in notes) == 1


def test_neighbours_on_a_shared_border_are_no_matter(tmp_path: Path):
    touching = with_outline(1, lambda box: translate(box, 0.016))
    assert not any("overlap" in note or "outline" in note for note in notes_of(tmp_path, touching))


def test_a_list_of_another_district_and_networks_of_another_country_are_noted(tmp_path: Path):
    district = District(tmp_path)
    district.samples["plmn"] = "460-00"
    project = district.write()
    (tmp_path / "power.csv").write_text("ma_thon,dien_luoi\nX1,Có\n", "utf-8")
    notes = [str(note) for note in check(config.load(project)).notes]
    assert "power.csv: none of its 1 rows names a hamlet of this project" in notes
    assert "signal: 54 samples are of networks of other countries (460-00)" in notes


@pytest.mark.parametrize("name", ["h.mif", "h.tab"])
def test_mapinfo_says_the_same_as_a_geopackage(tmp_path: Path, name: str):
    district = District(tmp_path)
    project = district.write()
    district.hamlets.to_file(tmp_path / name, driver="MapInfo File")
    before = check(config.load(project)).hamlets.table
    project.write_text(project.read_text("utf-8").replace("hamlets.gpkg", name), "utf-8")
    after = check(config.load(project)).hamlets.table
    assert list(after["name"]) == list(before["name"])
    assert shapely.equals_exact(after.geometry, before.geometry, tolerance=1e-6).all()


def test_lines_of_a_drawing_take_the_crs_of_the_project(tmp_path: Path):
    project = District(tmp_path).write()
    line = gpd.GeoSeries([shapely.LineString([(105.70, 22.60), (105.76, 22.61)])], crs=4326)
    drawn = gpd.GeoDataFrame(geometry=line.to_crs(9211).set_crs(None, allow_override=True))
    with pytest.warns(UserWarning, match="crs"):
        drawn.to_file(tmp_path / "l.dgn", driver="DGN")
    text = project.read_text("utf-8")
    named = 'list = "power.csv"\nlines = "l.dgn"\n'
    project.write_text(text.replace('list = "power.csv"\n', named), "utf-8")
    with pytest.raises(InputError, match="states no CRS"):
        check(config.load(project))
    stated = f'{named}lines_crs = "EPSG:9211"\n'
    project.write_text(text.replace('list = "power.csv"\n', stated), "utf-8")
    lines = check(config.load(project)).power_lines
    assert lines is not None
    assert lines.total_bounds == pytest.approx([105.70, 22.60, 105.76, 22.61], abs=1e-5)
