"""Derive the areas of hamlets that are known as points: the nearest point's, within commune and radius."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from lomsong.errors import DefectError
from lomsong.ingest.hamlets.outlines import polygon_parts
from lomsong.space.crs import Floats

Geometries = npt.NDArray[np.object_]
Positions = npt.NDArray[np.int64]

_BEYOND: Final = 1.01
_SEGMENTS_PER_QUARTER: Final = 32
"""The circle around a point lies inside the true one, within 0.03 % of its radius."""


def derive_areas(
    x: Floats, y: Floats, commune: Positions, polygons: Geometries, *, radius_m: float
) -> Geometries:
    """Return the area of each point: the ground of its commune, within the radius, that it is nearest to.

    Where communes overlap, as outlines simplified one by one do, the nearest of all their points takes the
    ground, so that no two areas overlap. A point alone in its commune takes all of it within the radius. The
    result does not depend on the order of the points.

    Parameters
    ----------
    x, y
        Points [m] in a metric CRS; no two of one commune at the same place.
    commune
        Position of each point's polygon.
    polygons
        Valid polygons of the communes, in the same CRS.
    radius_m
        Areas end at this distance from their point [m].

    Returns
    -------
    Geometries
        Polygons in the order of the points, None where nothing is left for a point.
    """
    order = np.lexsort((commune, y, x))
    points = shapely.points(x[order], y[order])
    home = commune[order]
    circles = shapely.buffer(points, radius_m, quad_segs=_SEGMENTS_PER_QUARTER)
    areas = np.full(len(points), None, object)
    for place in np.unique(home):
        members = np.flatnonzero(home == place)
        cells = _cells(np.column_stack([x[order], y[order]])[members], radius_m)
        areas[members] = shapely.intersection(
            shapely.intersection(cells, circles[members]), polygons[place]
        )
    parted = _parted(areas, points, home)
    result = np.full(len(points), None, object)
    result[order] = [None if a is None else polygon_parts(a) for a in parted]
    return result


def _cells(points: Floats, radius_m: float) -> Geometries:
    """Return what is nearest to each point, cut off at a square that holds its circle.

    Each cell is clipped by the bisectors towards its neighbours, the nearest first, until the next is too far away
    to matter. (The Voronoi diagram of GEOS lets cells overlap where points almost stand in line.)
    """
    cells = np.empty(len(points), object)
    square = radius_m * _BEYOND * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    for position, point in enumerate(points):
        away = points - point
        distance = np.hypot(away[:, 0], away[:, 1])
        corners = square
        for neighbour in np.argsort(distance, kind="stable"):
            if neighbour == position:
                continue
            if distance[neighbour] == 0:
                raise DefectError("two hamlets of a commune stand on one point")
            if distance[neighbour] > 2 * np.hypot(corners[:, 0], corners[:, 1]).max():
                break
            corners = _clipped(corners, away[neighbour])
        cells[position] = shapely.Polygon(corners + point)
    return cells


def _clipped(corners: Floats, neighbour: Floats) -> Floats:
    """Return the part of a convex polygon around the origin that is nearer to the origin than to the neighbour."""
    beyond = (corners - neighbour / 2) @ neighbour
    following = np.roll(corners, -1, axis=0)
    beyond_following = np.roll(beyond, -1)
    kept: list[Floats] = []
    for corner, to, here, there in zip(corners, following, beyond, beyond_following, strict=True):
        if here <= 0:
            kept.append(corner)
        if (here < 0 < there) or (there < 0 < here):
            kept.append(corner + (to - corner) * (here / (here - there)))
    return np.array(kept)


def _parted(areas: Geometries, points: Geometries, home: Positions) -> Geometries:
    """Return areas from which what lies nearer to a point of another, overlapping commune is taken."""
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    pairs = (first < second) & (home[first] != home[second])
    parted = areas.copy()
    for one, other in zip(first[pairs], second[pairs], strict=True):
        shared = shapely.intersection(areas[one], areas[other])
        if shapely.area(shared) == 0:
            continue
        nearer = _nearer_side(points[one], points[other], shared)
        parted[one] = shapely.difference(parted[one], shapely.difference(shared, nearer))
        parted[other] = shapely.difference(parted[other], shapely.intersection(shared, nearer))
    return parted


def _nearer_side(
    point: shapely.Point, rival: shapely.Point, ground: shapely.Geometry
) -> shapely.Geometry:
    """Return a half plane, cut off far from the ground, of what is nearer to the point than to its rival."""
    a, b = np.array([point.x, point.y]), np.array([rival.x, rival.y])
    gap = np.hypot(*(b - a))
    west, south, east, north = shapely.bounds(ground)
    if gap == 0:
        return shapely.box(west, south, east, north)  # the same place: the first keeps the ground
    towards = (b - a) / gap
    along = np.array([-towards[1], towards[0]])
    middle = (a + b) / 2
    reach = 2 * (gap + np.hypot(east - west, north - south) + np.hypot(*(middle - (west, south))))
    corners = (
        middle + along * reach,
        middle + (along - towards) * reach,
        middle - (along + towards) * reach,
        middle - along * reach,
    )
    return shapely.Polygon(corners)
