"""Make squares of one size where there are no boundaries to judge by."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from lomsong.errors import DefectError
from lomsong.space.crs import (
    EARTH_RADIUS_M,
    WGS84,
    Extent,
    Floats,
    local_metric_crs,
    require_metric,
    to_crs,
)
from lomsong.space.polygon_index import PolygonIndex

Longs = npt.NDArray[np.int64]

MAX_SQUARES = 4_000_000


def square_grid(
    place: Extent | npt.ArrayLike | gpd.GeoSeries, *, side_m: float, crs: CRS | None = None
) -> gpd.GeoDataFrame:
    """Return squares that cover a box, or those that hold at least one of many points.

    Sides lie on whole multiples of `side_m` of the metric CRS, so a square and its name depend on that CRS and
    on the side alone, never on which points came or in which order. Each point lies in exactly one of the
    squares returned, as `PolygonIndex` with the ranks of the names would have it.

    Parameters
    ----------
    place
        A box in degrees of WGS 84, or points: longitude and latitude in two columns, or a series of points
        in any CRS. Points that are no numbers hold no square.
    side_m
        Length of a side [m].
    crs
        The metric CRS to build in; default: the local one of the extent of `place`.

    Returns
    -------
    geopandas.GeoDataFrame
        `area_id` such as E0512N0234 (the square's south-west corner in whole sides) and `geometry` in degrees
        of WGS 84, sorted by `area_id`.
    """
    if not side_m > 0:
        raise DefectError(f"a square with a side of {side_m} m")
    points = None if isinstance(place, Extent) else _points(place)
    extent = place if isinstance(place, Extent) else _extent(points)
    metric = local_metric_crs(extent) if crs is None else crs
    require_metric(metric)
    if points is None:
        corners = _over(extent, side_m, metric)
        return _squares(corners, side_m, metric)
    near = _around(points, side_m, metric)
    squares = _squares(near, side_m, metric)
    index = PolygonIndex(squares.geometry.to_numpy(), rank=squares["area_id"].to_numpy())
    held = np.unique(index.locate(points[:, 0], points[:, 1]))
    return squares.iloc[held[held >= 0]].reset_index(drop=True)


def _points(place: npt.ArrayLike | gpd.GeoSeries) -> Floats:
    if isinstance(place, gpd.GeoSeries):
        place = shapely.get_coordinates(place.to_crs(WGS84).to_numpy())
    points = np.asarray(place, np.float64).reshape(-1, 2)
    return np.unique(points[np.isfinite(points).all(axis=1)], axis=0)


def _extent(points: Floats | None) -> Extent:
    if points is None or not len(points):
        return Extent(0.0, 0.0, 0.0, 0.0)
    west, south = (float(low) for low in points.min(axis=0))
    east, north = (float(high) for high in points.max(axis=0))
    return Extent(west, south, east, north)


def _over(extent: Extent, side_m: float, metric: CRS) -> Longs:
    """Return the south-west corners, in whole sides, of the squares that a box in degrees touches."""
    steps = np.linspace(0, 1, 65)
    lon = extent.west + steps * (extent.east - extent.west)
    lat = extent.south + steps * (extent.north - extent.south)
    edge_lon = np.concatenate([lon, lon, np.full(65, extent.west), np.full(65, extent.east)])
    edge_lat = np.concatenate([np.full(65, extent.south), np.full(65, extent.north), lat, lat])
    x, y = to_crs(edge_lon, edge_lat, source=WGS84, target=metric)
    columns = np.arange(np.floor(x.min() / side_m), np.floor(x.max() / side_m) + 1)
    rows = np.arange(np.floor(y.min() / side_m), np.floor(y.max() / side_m) + 1)
    if len(columns) * len(rows) > MAX_SQUARES:
        raise DefectError(f"{len(columns) * len(rows)} squares of {side_m} m are too many")
    return np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.int64)


def _around(points: Floats, side_m: float, metric: CRS) -> Longs:
    """Return the corners of all squares that may hold a point.

    A side that is straight in metres is not quite straight in degrees: near it, the neighbour is tried too.
    """
    x, y = to_crs(points[:, 0], points[:, 1], source=WGS84, target=metric)
    at = np.stack([x, y], axis=1) / side_m
    # A chord of the side's length leaves its arc by side² / 8R; tangents of latitude make it a few times more.
    bend = 1e-6 + side_m / EARTH_RADIUS_M
    shifts = np.array([(-bend, -bend), (-bend, bend), (bend, -bend), (bend, bend), (0, 0)])
    corners = np.floor(at[:, None, :] + shifts).reshape(-1, 2)
    return np.unique(corners.astype(np.int64), axis=0)


def _squares(corners: Longs, side_m: float, metric: CRS) -> gpd.GeoDataFrame:
    """Return squares by their south-west corners; neighbours share the very same corner points."""
    ring = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    nodes, which = np.unique(
        (corners[:, None, :] + ring).reshape(-1, 2), axis=0, return_inverse=True
    )
    lon, lat = to_crs(nodes[:, 0] * side_m, nodes[:, 1] * side_m, source=metric, target=WGS84)
    rings = np.stack([lon, lat], axis=1)[which.ravel()].reshape(-1, 5, 2)
    names = [_name(int(column), int(row)) for column, row in corners]
    table = gpd.GeoDataFrame(
        {"area_id": pd.Series(names, dtype="str")},
        geometry=shapely.polygons(rings) if len(rings) else [],
        crs=WGS84,
    )
    return table.sort_values("area_id", ignore_index=True)


def _name(column: int, row: int) -> str:
    """Name a square by its corner in whole sides, west and south of the origin by positive numbers too."""
    east = f"E{column:04d}" if column >= 0 else f"W{-column:04d}"
    north = f"N{row:04d}" if row >= 0 else f"S{-row:04d}"
    return east + north
