"""Rasters answer at points what their cells say, and nothing where nothing is known."""

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from lomsong.errors import DefectError
from lomsong.space.crs import (
    METRES_PER_DEGREE,
    WGS84,
    Extent,
    local_metric_crs,
    require_metric,
    require_same,
    to_crs,
)
from lomsong.space.raster import Raster

NORTH_UP = Affine(2, 0, 100, 0, -3, 50)


def plane(rows: int, columns: int) -> Raster:
    """Return heights of a tilted plane at the cells' centres."""
    x = 100 + 2 * (np.arange(columns) + 0.5)
    y = 50 - 3 * (np.arange(rows) + 0.5)
    return Raster(5 * x[None, :] - 7 * y[:, None] + 1, NORTH_UP, WGS84)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_plane_is_read_exactly_between_the_centres(east, south):
    x, y = 101 + east * 8, 48.5 - south * 9
    assert plane(4, 5).at(x, y) == pytest.approx(5 * x - 7 * y + 1)


@given(st.floats(100, 110), st.floats(38, 50))
def test_values_stay_between_the_least_and_the_greatest(x, y):
    raster = plane(4, 5)
    assert raster.values.min() - 1e-9 <= raster.at(x, y) <= raster.values.max() + 1e-9


def test_outside_nothing_is_known():
    raster = plane(4, 5)
    x = [99.999, 110.001, 105, 105, np.nan, np.inf]
    y = [45, 45, 50.001, 37.999, 45, 45]
    assert np.isnan(raster.at(x, y)).all()
    assert np.isfinite(raster.at([100, 110], [50, 38])).all()


def test_a_void_blanks_only_what_needs_it():
    raster = plane(4, 5)
    raster.values[1, 1] = np.nan
    assert np.isnan(raster.at(103, 45.5))
    assert np.isnan(raster.at(103.5, 45.6))
    assert raster.at(105, 45.5) == raster.values[1, 2]
    assert raster.at(101, 48.5) == raster.values[0, 0]


def test_one_cell_answers_everywhere_within_it():
    raster = Raster(np.array([[4.0]]), NORTH_UP, WGS84)
    assert raster.at([100, 101, 102], [50, 48, 47]).tolist() == [4, 4, 4]
    assert raster.extent == Extent(100, 47, 102, 50)
    assert raster.cell == (2, 3)
    assert (raster.grid.rows, raster.grid.columns) == (1, 1)


@pytest.mark.parametrize(
    "transform",
    [
        Affine(1, 0.1, 0, 0, -1, 0),
        Affine(1, 0, 0, 0.1, -1, 0),
        Affine(-1, 0, 0, 0, -1, 0),
        Affine(1, 0, 0, 0, 1, 0),
        Affine(np.nan, 0, 0, 0, -1, 0),
    ],
)
def test_what_is_not_north_up_is_refused(transform):
    with pytest.raises(DefectError, match="north-up"):
        Raster(np.zeros((2, 2)), transform, WGS84)


def test_what_has_no_cells_is_refused():
    for values in (np.zeros(3), np.zeros((0, 3))):
        with pytest.raises(DefectError, match="rows and columns"):
            Raster(values, NORTH_UP, WGS84)


@given(st.floats(102.2, 109.4), st.floats(8.5, 23.3))
def test_lengths_in_the_local_crs_are_true_within_3_per_mille(lon, lat):
    metric = local_metric_crs(Extent(102.1, 8.4, 109.5, 23.4))
    x, y = to_crs([lon, lon + 0.01, lon], [lat, lat, lat + 0.01], source=WGS84, target=metric)
    geod = Geod(ellps="WGS84")
    for end in (1, 2):
        length = np.hypot(x[end] - x[0], y[end] - y[0])
        _, _, true = geod.inv(lon, lat, lon + 0.01 * (end == 1), lat + 0.01 * (end == 2))
        assert length == pytest.approx(true, rel=3e-3)
        assert length == pytest.approx(METRES_PER_DEGREE * 0.01, rel=0.1)


@given(st.floats(102, 110), st.floats(8, 24))
def test_there_and_back_is_the_same_place(lon, lat):
    metric = local_metric_crs(Extent(102, 8, 110, 24))
    there = to_crs(lon, lat, source=WGS84, target=metric)
    assert to_crs(*there, source=metric, target=WGS84) == pytest.approx((lon, lat), abs=1e-9)


def test_a_box_grows_on_every_side():
    assert Extent(1, 2, 3, 4).grown(0.5) == Extent(0.5, 1.5, 3.5, 4.5)


def test_crss_that_differ_only_in_the_order_of_axes_are_the_same():
    require_same(WGS84, CRS.from_user_input("OGC:CRS84"))
    with pytest.raises(DefectError, match="two CRSs"):
        require_same(WGS84, CRS.from_epsg(3857))


def test_only_metres_are_metric():
    require_metric(local_metric_crs(Extent(105, 21, 106, 22)))
    for code in (4326, 2263):
        with pytest.raises(DefectError, match="metres"):
            require_metric(CRS.from_epsg(code))
