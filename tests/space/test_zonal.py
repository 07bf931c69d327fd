"""People of a raster are conserved, shared out by exact areas, and counted once."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod
from shapely import MultiPolygon, Polygon, box

from lomsong.errors import DefectError
from lomsong.space.crs import WGS84
from lomsong.space.raster import Grid, Raster, cell_areas_m2
from lomsong.space.zonal import area_shares, zonal_sums

GRID = Grid(rows=7, columns=9, transform=Affine(0.5, 0, 105, 0, -0.5, 23), crs=WGS84)


def counts(grid: Grid = GRID, *, seed: int = 0) -> Raster:
    values = np.random.default_rng(seed).uniform(0, 100, (grid.rows, grid.columns))
    return Raster(values, grid.transform, grid.crs)


def cell_box(grid: Grid, cell: int) -> Polygon:
    row, column = divmod(cell, grid.columns)
    west = grid.transform.c + column * grid.transform.a
    north = grid.transform.f + row * grid.transform.e
    return box(west, north + grid.transform.e, west + grid.transform.a, north)


corner = st.tuples(st.floats(104, 111), st.floats(18, 24))
outline = st.lists(corner, min_size=3, max_size=9).map(
    lambda points: shapely.make_valid(Polygon(points), method="structure", keep_collapsed=False)
)


@given(outline)
def test_shares_are_the_areas_that_geos_cuts_out(polygon):
    expected = [
        shapely.area(shapely.intersection(polygon, cell_box(GRID, cell))) / 0.25
        for cell in range(GRID.rows * GRID.columns)
    ]
    np.testing.assert_allclose(
        area_shares([polygon], GRID).toarray()[0], expected, rtol=0, atol=1e-9
    )


@given(st.lists(outline, min_size=1, max_size=5), st.integers(0, 99))
def test_overlaps_count_once_and_nobody_is_lost(polygons, seed):
    raster = counts(seed=seed)
    shares = area_shares(polygons, raster)
    assert shares.sum(axis=0).max(initial=0) <= 1 + 1e-9
    sums, unassigned = zonal_sums(shares, raster)
    assert (sums >= 0).all()
    assert sums.sum() + unassigned == pytest.approx(raster.values.sum(), rel=1e-12)
    union = area_shares([shapely.union_all(polygons)], raster)
    assert sums.sum() == pytest.approx(zonal_sums(union, raster)[0][0], rel=1e-7, abs=1e-7)


def test_contested_ground_goes_to_the_lowest_rank_whatever_the_order():
    polygons = [box(105, 20, 107, 23), box(106, 20, 108, 23), box(106.5, 21, 109, 22)]
    raster = counts()
    sums, _ = zonal_sums(area_shares(polygons, raster, rank=[3, 1, 2]), raster)
    alone, _ = zonal_sums(area_shares(polygons[1:2], raster), raster)
    assert sums[1] == pytest.approx(alone[0])
    turned, _ = zonal_sums(area_shares(polygons[::-1], raster, rank=[2, 1, 3]), raster)
    np.testing.assert_allclose(turned[::-1], sums, rtol=1e-12)


def test_a_hamlet_smaller_than_a_cell_gets_its_share():
    hamlet = box(105.1, 22.6, 105.15, 22.65)
    raster = counts()
    sums, _ = zonal_sums(area_shares([hamlet], raster), raster)
    assert sums[0] == pytest.approx(raster.values[0, 0] * 0.01)


def test_holes_and_parts_are_cut_out_and_added():
    ring = Polygon(box(105, 20, 108, 23).exterior, [box(106, 21, 107, 22).exterior])
    parts = MultiPolygon([box(106, 21, 107, 22), box(108.5, 22.5, 109, 23)])
    shares = area_shares([ring, parts], GRID)
    np.testing.assert_allclose(shares.sum(axis=1) * 0.25, [8, 1.25])


def test_cells_without_a_value_count_nothing():
    raster = counts()
    raster.values[2:, :] = np.nan
    sums, unassigned = zonal_sums(area_shares([box(105, 20, 107, 23)], raster), raster)
    assert sums[0] + unassigned == pytest.approx(np.nansum(raster.values), rel=1e-12)


def test_what_is_empty_or_elsewhere_takes_nothing():
    shares = area_shares([None, Polygon(), box(0, 0, 1, 1), box(105, 30, 106, 31)], GRID)
    assert shares.shape == (4, 63)
    assert shares.nnz == 0
    assert area_shares([], GRID).shape == (0, 63)


def test_things_that_do_not_belong_together_are_refused():
    with pytest.raises(DefectError, match="two CRSs"):
        area_shares(gpd.GeoSeries([box(0, 0, 1, 1)], crs=3857), GRID)
    shares = area_shares([box(105, 20, 107, 23)], GRID)
    other = Raster(np.zeros((3, 3)), GRID.transform, GRID.crs)
    with pytest.raises(DefectError, match="9"):
        zonal_sums(shares, other)


def test_overlapping_outlines_of_real_communes_conserve_worldpop(shared_data):
    with rasterio.open(shared_data / "power_pop" / "vnm_pd_2020_1km.tif") as file:
        density = file.read(1, masked=True).astype(float).filled(np.nan)
        raster = Raster(density, file.transform, CRS.from_wkt(file.crs.to_wkt()))
    people = Raster(density * cell_areas_m2(raster) / 1e6, raster.transform, raster.crs)
    communes = gpd.read_file(shared_data / "boundaries" / "communes_pre2025_4areas.geojson")
    pac_nam = communes[communes["district_vn"].str.contains("Pác Nặm")].geometry
    assert len(pac_nam) == 10
    assert shapely.area(pac_nam).sum() > shapely.area(pac_nam.union_all()) * 1.001
    shares = area_shares(pac_nam, people)
    sums, unassigned = zonal_sums(shares, people)
    assert sums.sum() + unassigned == pytest.approx(np.nansum(people.values), rel=1e-12)
    assert shares.sum(axis=0).max() <= 1 + 1e-9
    # The district had 30,059 people at the census of 2009 and some 33,400 in 2019.
    assert 20_000 < sums.sum() < 40_000


def test_cell_areas_are_those_of_geodesics():
    grid = Grid(rows=4, columns=3, transform=Affine(2, 0, 100, 0, -30, 75), crs=WGS84)
    geod = Geod(ellps="WGS84")
    for row, area in enumerate(cell_areas_m2(grid)[:, 0]):
        north, south = 75 - 30 * row, 45 - 30 * row
        # Parallels are no geodesics: follow them in short steps.
        lon = np.concatenate([np.linspace(100, 102, 2001), np.linspace(102, 100, 2001)])
        lat = np.repeat([north, south], 2001)
        assert area == pytest.approx(abs(geod.polygon_area_perimeter(lon, lat)[0]), rel=1e-6)


def test_the_cells_of_the_whole_earth_are_its_surface():
    grid = Grid(rows=180, columns=360, transform=Affine(1, 0, -180, 0, -1, 90), crs=WGS84)
    assert cell_areas_m2(grid).sum() == pytest.approx(510_065_621_724_088, rel=1e-12)


def test_cells_in_metres_have_their_area_on_the_ground():
    utm = CRS.from_epsg(32648)
    grid = Grid(rows=2, columns=2, transform=Affine(1000, 0, 499_000, 0, -1000, 2_500_000), crs=utm)
    np.testing.assert_allclose(cell_areas_m2(grid), 1e6 / 0.9996**2, rtol=1e-6)
