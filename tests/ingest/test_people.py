"""People are counted once, on the ground they stand on."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import Geod

from lomsong.errors import InputError
from lomsong.ingest.people import read_buildings, read_people
from lomsong.space.crs import Extent
from lomsong.space.raster import Raster, cell_areas_m2

GEOD = Geod(ellps="WGS84")
EVERYTHING = Extent(-180, -90, 180, 90)


def write(path, values, *, crs="EPSG:4326", step=0.01, west=105.0, north=22.5, nodata=-99999):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype="float32",
        crs=crs,
        transform=Affine(step, 0, west, 0, -step, north),
        nodata=nodata,
    ) as out:
        out.write(values.astype("float32"), 1)
    return path


def test_density_times_true_area_is_people(tmp_path):
    path = write(tmp_path / "d.tif", np.full((50, 60), 100.0))
    people = read_people(path, unit="people_per_km2", extent=None)
    outline = shapely.segmentize(shapely.box(105.0, 22.0, 105.6, 22.5), 0.001)
    area = abs(GEOD.geometry_area_perimeter(outline)[0])
    assert people.values.sum() == pytest.approx(100 * area / 1e6, rel=1e-7)


@pytest.mark.parametrize("crs", ["EPSG:5897", "ESRI:54009", "EPSG:3857", "EPSG:32648"])
def test_pixel_areas_are_those_of_the_ellipsoid(crs):
    west, _, east, north = (
        gpd.GeoSeries([shapely.box(105.2, 22.1, 105.3, 22.2)], crs=4326).to_crs(crs).total_bounds
    )
    step = (east - west) / 8
    raster = Raster(
        np.zeros((8, 8)), Affine(step, 0, west, 0, -step, north), crs=gpd.GeoSeries(crs=crs).crs
    )
    pixel = shapely.segmentize(shapely.box(west, north - step, west + step, north), step / 50)
    degrees = gpd.GeoSeries([pixel], crs=crs).to_crs(4326).iloc[0]
    expected = abs(GEOD.geometry_area_perimeter(degrees)[0])
    assert cell_areas_m2(raster)[0, 0] == pytest.approx(expected, rel=1e-6)


def test_missing_and_negative_people_are_unknown_not_none(tmp_path):
    values = np.array([[5.0, -99999.0], [0.0, -3.0]])
    people = read_people(write(tmp_path / "p.tif", values), unit="people_per_pixel", extent=None)
    assert np.array_equal(people.values, [[5, np.nan], [0, np.nan]], equal_nan=True)


def test_a_window_holds_every_pixel_the_region_touches_and_little_more(tmp_path):
    values = np.arange(10_000.0).reshape(100, 100)
    path = write(tmp_path / "p.tif", values)
    region = Extent(105.105, 22.105, 105.195, 22.195)
    part = read_people(path, unit="people_per_pixel", extent=region)
    assert part.extent.west <= region.west
    assert part.extent.north >= region.north
    assert max(part.values.shape) <= 12
    row, column = round((22.5 - part.transform.f) / 0.01), round((part.transform.c - 105.0) / 0.01)
    rows, columns = part.values.shape
    assert np.array_equal(part.values, values[row : row + rows, column : column + columns])


def test_what_cannot_be_counted_is_told(tmp_path):
    path = write(tmp_path / "p.tif", np.ones((5, 5)))
    with pytest.raises(InputError, match="do not meet"):
        read_people(path, unit="people_per_pixel", extent=Extent(10, 10, 11, 11))
    with pytest.raises(InputError, match="nobody knows this unit"):
        read_people(path, unit="heads", extent=None)
    with pytest.raises(InputError, match="no such file"):
        read_people(tmp_path / "none.tif", unit="people_per_pixel", extent=None)
    (tmp_path / "x.tif").write_text("text")
    with pytest.raises(InputError, match="cannot be read"):
        read_people(tmp_path / "x.tif", unit="people_per_pixel", extent=None)
    bare = write(tmp_path / "b.tif", np.ones((5, 5)), crs=None)
    with pytest.raises(InputError, match="states no CRS"):
        read_people(bare, unit="people_per_pixel", extent=None)


def test_footprints_become_points_inside_them(tmp_path):
    boxes = [shapely.box(105 + i * 0.01, 22, 105.001 + i * 0.01, 22.001) for i in (2, 0, 1)]
    gpd.GeoDataFrame(geometry=boxes, crs="EPSG:4326").to_file(tmp_path / "b.geojson")
    points = read_buildings(tmp_path / "b.geojson").geometry
    assert points.x.is_monotonic_increasing
    assert all(
        box.contains(p)
        for box, p in zip(sorted(boxes, key=lambda b: b.bounds), points, strict=True)
    )


def test_buildings_of_a_table_and_lines_that_are_none(tmp_path):
    (tmp_path / "b.csv").write_text(
        "latitude,longitude,confidence\n22.1,105.2,0.9\n22.0,105.1,0.8\n"
    )
    assert read_buildings(tmp_path / "b.csv").geometry.x.tolist() == [105.1, 105.2]
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(105, 22), (106, 22)])], crs="EPSG:4326")
    line.to_file(tmp_path / "l.gpkg")
    with pytest.raises(InputError, match="row 1: the building is neither"):
        read_buildings(tmp_path / "l.gpkg")


def test_real_people_of_vietnam(shared_data):
    path = shared_data / "power_pop" / "vnm_pd_2020_1km.tif"
    whole = read_people(path, unit="people_per_km2", extent=None)
    assert np.nansum(whole.values) == pytest.approx(97e6, rel=0.06)
    part = read_people(path, unit="people_per_km2", extent=Extent(105.6, 22.5, 105.8, 22.8))
    assert part.values.size < 2000
    assert 20_000 < np.nansum(part.values) < 60_000


def test_real_people_in_an_equal_area_projection(shared_data):
    path = shared_data / "power_pop" / "gridfinder_burundi" / "pop.tif"
    assert np.nansum(
        read_people(path, unit="people_per_pixel", extent=None).values
    ) == pytest.approx(11.1e6, rel=0.01)
