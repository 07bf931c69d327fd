"""Laws of VN-2000: round trips, zones of provinces, an unstated zone found from the communes."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from lomsong.errors import InputError
from lomsong.vietnam import units, vn2000
from lomsong.vietnam.zones import GEOGRAPHIC, zones

_SPHEROID = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def communes(shared_data: Path) -> gpd.GeoDataFrame:
    path = shared_data / "boundaries/communes_2025_vietnam_simplified30m.gpkg"
    return gpd.read_file(path, layer="communes_2025").rename(columns={"ward_code": "commune_code"})


@pytest.mark.parametrize("epsg", [*sorted(zones()), GEOGRAPHIC])
def test_every_zone_comes_back_within_a_millimetre(epsg: int):
    lon, lat = np.meshgrid(np.linspace(102, 110, 9), np.linspace(8, 24, 9))
    x, y = vn2000.to_vn2000(lon, lat, epsg=epsg)
    back_lon, back_lat = vn2000.to_wgs84(x, y, epsg=epsg)
    *_, distance = _SPHEROID.inv(lon, lat, back_lon, back_lat)
    assert np.max(distance) < 1e-3


@pytest.mark.parametrize("epsg", sorted(zones()))
def test_every_zone_agrees_with_the_register_within_its_accuracy(epsg: int):
    zone = zones()[epsg]
    lon, lat = zone.central_meridian + np.array([-0.5, 0.0, 0.7]), np.array([9.0, 15.0, 22.0])
    theirs = Transformer.from_crs(4326, epsg, always_xy=True)
    expected_x, expected_y = theirs.transform(lon, lat)
    x, y = vn2000.to_vn2000(lon, lat, epsg=epsg)
    assert np.max(np.hypot(x - expected_x, y - expected_y)) < 2


def test_the_datum_shift_is_the_published_size():
    x, y = vn2000.to_vn2000(105.8, 21.0, epsg=GEOGRAPHIC)
    *_, distance = _SPHEROID.inv(105.8, 21.0, float(x), float(y))
    assert 190 < distance < 230


def test_zones_of_provinces_of_then_and_now():
    assert vn2000.zone_for("02", vintage="old").central_meridian == 105.5
    assert vn2000.zone_for("08").central_meridian == 106.0
    assert vn2000.zone_for("12", vintage="old").central_meridian == 103.0
    assert vn2000.zone_for("12").central_meridian == 104.75
    assert vn2000.zone_for("44", overrides={"44": 9212}).central_meridian == 106.25
    assert vn2000.zone_for(lon=102.9).epsg == 9205
    assert vn2000.zone_for("04").label == "VN-2000, KTT 105°45', múi 3°"
    with pytest.raises(InputError):
        vn2000.zone_for("02", vintage="new")


def test_every_new_province_has_one_zone():
    found = {(row.new_code, row.new_epsg) for row in vn2000.province_zones()}
    assert len(found) == len({code for code, _ in found}) == 34
    assert len(vn2000.province_zones()) == 63
    assert all(not row.new_source.verified for row in vn2000.province_zones())


@pytest.mark.parametrize("swapped", [False, True])
def test_points_in_the_old_zone_of_each_province_are_recognised(
    communes: gpd.GeoDataFrame, *, swapped: bool
):
    provinces = units.table("old").set_index("code")["province_code"]
    old_province = communes["commune_code"].map(
        {link.new_code: provinces[link.old_code] for link in units.links()}
    )
    for row in vn2000.province_zones():
        here = communes[old_province == row.old_code]
        places = here.geometry.sample_points(3, rng=1).explode()
        x, y = vn2000.to_vn2000(places.x, places.y, epsg=row.old_epsg)
        points = pd.DataFrame({"x": x, "y": y, "commune_code": here.commune_code.loc[places.index]})
        if swapped:
            points = points.rename(columns={"x": "y", "y": "x"})
        chosen = vn2000.propose(points, communes).require()
        assert (chosen.epsg, chosen.swapped) == (row.old_epsg, swapped)
        lon, lat = chosen.to_wgs84(points["x"], points["y"])
        assert np.allclose(lon, places.x, atol=1e-8, rtol=0)
        assert np.allclose(lat, places.y, atol=1e-8, rtol=0)


def _two_communes() -> gpd.GeoDataFrame:
    boxes = [shapely.box(103.0, 21.3, 103.1, 21.4), shapely.box(103.1, 21.3, 103.2, 21.4)]
    return gpd.GeoDataFrame({"commune_code": ["90001", "90002"]}, geometry=boxes, crs=4326)


def test_without_a_known_province_every_zone_is_tried():
    lon, lat = np.array([103.05, 103.15]), np.array([21.35, 21.35])
    numbers = np.column_stack(vn2000.to_vn2000(lon, lat, epsg=9205))
    found = vn2000.propose(numbers, _two_communes(), stated=["90001", "90002"])
    assert found.verdict == "one"
    assert found.require().epsg == 9205


def test_utm_and_tm3_of_one_meridian_stay_two_where_nothing_tells_them_apart():
    box = gpd.GeoDataFrame(
        {"commune_code": ["90001"]}, geometry=[shapely.box(104.9, 20.9, 105.1, 21.1)], crs=4326
    )
    numbers = np.column_stack(vn2000.to_vn2000([105.0], [21.0], epsg=5897))
    found = vn2000.propose(numbers, box, stated="90001", more_zones={5897: "a test"})
    assert found.verdict == "several"
    assert {candidate.epsg for candidate in found.kept} == {3405, 5897}
    with pytest.raises(InputError, match="several coordinate systems") as raised:
        found.require()
    assert "EPSG:3405" in str(raised.value.faults[0].problem)


def test_numbers_that_fit_nowhere_are_refused_and_degrees_are_known():
    communes = _two_communes()
    assert vn2000.propose([[1.0, 2.0]], communes, stated="90001").verdict == "none"
    degrees = vn2000.propose([[21.35, 103.05]], communes, stated="90001").require()
    assert (degrees.epsg, degrees.swapped) == (4326, True)


def test_rows_without_numbers_or_commune_are_counted_not_used():
    x, y = vn2000.to_vn2000([103.05, 103.05], [21.35, 21.35], epsg=9205)
    points = pd.DataFrame(
        {"x": [*x, np.nan, 5.0], "y": [*y, 1.0, 5.0], "commune_code": ["90001", None, "90001", "7"]}
    )
    found = vn2000.propose(points, _two_communes())
    assert (found.verdict, found.ignored) == ("one", 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("105°45'30\"", 105.758333333),
        ("105° 45′ 30″", 105.758333333),
        ("105 45 30", 105.758333333),
        ("105°45'30,5\"Đ", 105.758472222),
        ("105°45,5'", 105.758333333),
        ("21°01'42\" B", 21.028333333),
        ("N 21°01'42.0\"", 21.028333333),
        ("21d01m42s", 21.028333333),
        ("21.0285N", 21.0285),
        ("105,7583", 105.7583),
        ("105.7583", 105.7583),
        ("-77,5", -77.5),
        ("77.5 W", -77.5),
        ("Vĩ độ: 21,5", 21.5),
        ("1.234.567,89", 1234567.89),
        ("2 345 678.9", 2345678.9),
        ("2,345,678.9", 2345678.9),
        ("512345,67", 512345.67),
        ("512.345,67", 512345.67),
        ("1,234", 1.234),
        (21.5, 21.5),
        (2345678, 2345678.0),
        ("105°", 105.0),
    ],
)
def test_coordinates_are_read_as_people_write_them(text: object, value: float):
    assert vn2000.parse_coordinate(text) == pytest.approx(value, abs=1e-8)


@pytest.mark.parametrize(
    "text", ["", None, "nan", "abc", "105°61'00\"", "105°45'75\"", "1.2.3", "12/05/2024", np.nan]
)
def test_what_is_no_coordinate_is_none(text: object):
    assert vn2000.parse_coordinate(text) is None


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59))
def test_degrees_minutes_seconds_come_back(degrees: int, minutes: int, seconds: int):
    text = f"{degrees}°{minutes:02d}'{seconds:02d}\""
    expected = degrees + minutes / 60 + seconds / 3600
    assert vn2000.parse_coordinate(text) == pytest.approx(expected, abs=1e-12)
