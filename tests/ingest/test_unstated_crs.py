"""Projected numbers without a CRS are read in the one zone that brings them into their communes, or not at all."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from lomsong.errors import InputError
from lomsong.ingest.hamlets import read_hamlets
from lomsong.vietnam import units
from lomsong.vietnam.vn2000 import province_zones, to_vn2000

OLD_CODE = "01858"  # xã Bằng Thành, Bắc Kạn
ZONE = next(
    row.old_epsg
    for row in province_zones()
    if row.old_code == units.by_code(OLD_CODE, vintage="old").province_code
)
NEW_CODE = units.became(OLD_CODE)[0].new_code
WEST, SOUTH, SIDE = 105.60, 22.60, 0.12


@pytest.fixture
def communes(tmp_path):
    path = tmp_path / "xa.gpkg"
    gpd.GeoDataFrame(
        {"ma_xa": [NEW_CODE], "ten_xa": ["Xã Bằng Thành"]},
        geometry=[shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)],
        crs=4326,
    ).to_file(path)
    return path


def points(count=12):
    rng = np.random.default_rng(5)
    return (
        WEST + SIDE * rng.uniform(0.05, 0.95, count),
        SOUTH + SIDE * rng.uniform(0.05, 0.95, count),
    )


def write(tmp_path, first, second):
    path = tmp_path / "thon.csv"
    lines = [
        f"{i};Bản {chr(65 + i)};{OLD_CODE};{a:.3f};{b:.3f}"
        for i, (a, b) in enumerate(zip(first, second, strict=True))
    ]
    path.write_text("STT;Tên thôn;Mã xã;X;Y\n" + "\n".join(lines), encoding="utf-8-sig")
    return path


def test_x_and_y_of_a_survey_are_read_in_the_zone_of_its_province(tmp_path, communes):
    lon, lat = points()
    east, north = to_vn2000(lon, lat, epsg=ZONE)
    # Surveys of Vietnam call the northing X.
    path = write(tmp_path, north, east)
    draft = gpd.read_file(communes).assign(ma_xa=OLD_CODE)
    draft.to_file(communes)
    read = read_hamlets(path, communes=communes)
    ordered = read.table.set_index("name").loc[[f"Bản {chr(65 + i)}" for i in range(len(lon))]]
    np.testing.assert_allclose(ordered["centre_lon"], lon, atol=1e-8)
    np.testing.assert_allclose(ordered["centre_lat"], lat, atol=1e-8)
    (note,) = [note for note in read.notes if "no CRS" in note]
    assert f"EPSG:{ZONE}" in note
    assert "12 of 12 points" in note


def test_numbers_that_no_zone_brings_home_are_refused_with_the_candidates(tmp_path, communes):
    lon, lat = points()
    east, north = to_vn2000(lon, lat + 1.0, epsg=ZONE)
    with pytest.raises(InputError) as told:
        read_hamlets(write(tmp_path, east, north), communes=communes)
    assert "none brings its coordinates into their communes" in str(told.value)
    assert f"EPSG:{ZONE}" in str(told.value)
    assert 'crs = "EPSG:…"' in str(told.value)


def test_numbers_that_several_zones_bring_home_are_refused_with_those(tmp_path, communes):
    wide = gpd.read_file(communes)
    wide.geometry = [shapely.box(103, 20, 108, 25)]
    wide.to_file(communes)
    east, north = to_vn2000(*points(), epsg=ZONE)
    with pytest.raises(InputError) as told:
        read_hamlets(write(tmp_path, east, north), communes=communes)
    assert "several fit its coordinates" in str(told.value)


def test_outlines_without_a_crs_are_placed_as_points_are(tmp_path, communes):
    lon, lat = points(4)
    squares = [
        shapely.box(x - 0.002, y - 0.002, x + 0.002, y + 0.002)
        for x, y in zip(lon, lat, strict=True)
    ]
    moved = shapely.transform(
        np.array(squares, object),
        lambda c: np.column_stack(to_vn2000(c[:, 0], c[:, 1], epsg=ZONE)),
    )
    table = gpd.GeoDataFrame(
        {"ten_thon": [f"Bản {i}" for i in "ABCD"], "ten_xa": "Bằng Thành"}, geometry=list(moved)
    )
    with pytest.warns(UserWarning, match="crs"):
        table.to_file(tmp_path / "thon.gpkg")
    read = read_hamlets(tmp_path / "thon.gpkg", communes=communes)
    areas = read.table.set_index("name").geometry.loc[table["ten_thon"]]
    np.testing.assert_allclose(shapely.get_x(shapely.centroid(areas.to_numpy())), lon, atol=1e-6)
    assert any(f"EPSG:{ZONE}" in note for note in read.notes)


def test_without_communes_nothing_is_guessed(tmp_path):
    east, north = to_vn2000(*points(), epsg=ZONE)
    with pytest.raises(InputError, match="look like metres"):
        read_hamlets(write(tmp_path, east, north))
