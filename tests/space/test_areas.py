"""Squares depend on the CRS and the side alone, and hold every point exactly once."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import box

from lomsong.errors import DefectError
from lomsong.space import PolygonIndex
from lomsong.space.areas import square_grid
from lomsong.space.crs import WGS84, Extent, local_metric_crs, to_crs

METRIC = local_metric_crs(Extent(105.5, 22.5, 106, 23))


def points(count: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform((105.5, 22.5), (105.8, 22.8), (count, 2))


@given(st.integers(1, 300), st.floats(50, 30_000), st.integers(0, 1000))
def test_every_point_lies_in_one_square_and_every_square_holds_one(count, side_m, seed):
    lonlat = points(count, seed=seed)
    grid = square_grid(lonlat, side_m=side_m)
    index = PolygonIndex(grid.geometry.to_numpy(), rank=grid["area_id"].to_numpy())
    found = index.locate(lonlat[:, 0], lonlat[:, 1])
    assert set(found.tolist()) == set(range(len(grid)))


def test_the_order_of_points_changes_nothing():
    lonlat = points(500)
    one, other = (square_grid(p, side_m=700, crs=METRIC) for p in (lonlat, lonlat[::-1]))
    assert one.equals(other)
    assert one["area_id"].is_monotonic_increasing
    assert one["area_id"].is_unique


def test_more_points_leave_the_squares_of_others_as_they_are():
    few = square_grid(points(50), side_m=900, crs=METRIC).set_index("area_id").geometry
    many = square_grid(
        np.concatenate([points(50), points(500, seed=1)]), side_m=900, crs=METRIC
    ).set_index("area_id")
    assert few.geom_equals(many.geometry.loc[few.index]).all()


def test_squares_lie_on_whole_multiples_of_their_side():
    grid = square_grid(points(20), side_m=500, crs=METRIC)
    corners = grid.geometry.get_coordinates().to_numpy()
    x, y = to_crs(corners[:, 0], corners[:, 1], source=WGS84, target=METRIC)
    for metres in (x, y):
        np.testing.assert_allclose(metres, np.round(metres / 500) * 500, atol=1e-4)
    assert grid.crs == WGS84
    first = grid["area_id"].iloc[0]
    column, row = int(first[1:5]), int(first[6:])
    assert (x[:5].min(), y[:5].min()) == pytest.approx((column * 500, row * 500), abs=1e-4)


def test_squares_over_a_box_cover_it_without_overlap():
    extent = Extent(105.5, 22.5, 105.6, 22.6)
    grid = square_grid(extent, side_m=1000)
    union = grid.union_all()
    assert union.covers(box(105.5, 22.5, 105.6, 22.6))
    assert shapely.area(grid.geometry).sum() == pytest.approx(union.area, rel=1e-12)


def test_points_may_come_as_a_series_of_any_crs():
    lonlat = points(30)
    series = gpd.GeoSeries.from_xy(lonlat[:, 0], lonlat[:, 1], crs=4326).to_crs(32648)
    ids = square_grid(series, side_m=2000, crs=METRIC)["area_id"]
    assert ids.tolist() == square_grid(lonlat, side_m=2000, crs=METRIC)["area_id"].tolist()


def test_what_is_no_point_holds_no_square():
    assert len(square_grid([[np.nan, 22], [105, np.inf]], side_m=500)) == 0
    assert len(square_grid(np.empty((0, 2)), side_m=500)) == 0


def test_south_and_west_of_the_origin_have_names_too():
    grid = square_grid([[-60, -10]], side_m=1000, crs=CRS.from_epsg(3857))
    assert grid["area_id"].tolist() == ["W6680S1119"]


def test_what_makes_no_squares_is_refused():
    for side_m in (0, -5, np.nan):
        with pytest.raises(DefectError):
            square_grid(points(3), side_m=side_m)
    with pytest.raises(DefectError, match="metres"):
        square_grid(points(3), side_m=500, crs=WGS84)
    with pytest.raises(DefectError, match="too many"):
        square_grid(Extent(100, 10, 110, 20), side_m=1)
