"""Turn polygons into shared arcs on an integer grid, so that a border between neighbours is stored once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

MERCATOR_RADIUS_M: Final = 6_378_137.0
"""Radius of the sphere of Web Mercator (EPSG:3857) [m]."""
MAX_VERTICES: Final = 400_000
"""More than this and borders are simplified: about 1 MB inside the page."""
TOLERANCES_M: Final = (0.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
"""Tried in turn until the vertices fit; the last one is taken whatever comes [m, at the equator]."""
MANY_VERTICES: Final = 300_000
FINE_STEP_M: Final = 1.0
COARSE_STEP_M: Final = 2.0
"""Of the grid, where there are many vertices: half a pixel at the closest zoom."""
MINIMUM_RING: Final = 3
_MERCATOR_LATITUDE: Final = 85.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Topology:
    """Arcs on a grid of Web Mercator, and per polygon the rings that they form."""

    west_m: float
    south_m: float
    step_m: float
    """A grid point (x, y) lies at (west_m + x * step_m, south_m + y * step_m) of Web Mercator."""
    arcs: tuple[Ints, ...]
    """Each of shape (n, 2); a closed arc repeats its first point."""
    rings: tuple[tuple[tuple[int, ...], ...], ...]
    """Per polygon, per ring: numbers of arcs; `~i` is arc i walked backwards."""
    glued: bool
    """Whether the polygons tile their area without overlaps, so that shared arcs tell neighbours."""


def mercator(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return Web Mercator coordinates [m], shape (n, 2), of degrees of WGS 84."""
    clipped = np.clip(lat, -_MERCATOR_LATITUDE, _MERCATOR_LATITUDE)
    y = np.log(np.tan(np.pi / 4 + np.radians(clipped) / 2))
    return MERCATOR_RADIUS_M * np.stack([np.radians(lon), y], axis=-1)


def topology(geometry: Geometries, *, max_vertices: int = MAX_VERTICES) -> Topology:
    """Build the topology of polygons given in degrees of WGS 84; what is no polygon gets no ring.

    Where the polygons form a valid coverage they are simplified together and neighbours stay glued; where they
    overlap or leave slivers each ring is kept by itself.
    """
    projected = shapely.transform(_polygons(geometry), lambda xy: mercator(xy[:, 0], xy[:, 1]))
    glued = bool(shapely.coverage_is_valid(projected)) if len(projected) else True
    tolerance = 0.0
    fitting = projected
    for tolerance in TOLERANCES_M:
        fitting = _simplified(projected, tolerance, glued=glued)
        # A glued border is stored once, though two polygons count its vertices.
        if shapely.get_num_coordinates(fitting).sum() <= max_vertices * (2 if glued else 1):
            break
    many = shapely.get_num_coordinates(fitting).sum() > MANY_VERTICES
    step = max(COARSE_STEP_M if many else FINE_STEP_M, tolerance / 8)
    west, south = _corner(projected)
    arcs, rings = _arcs(fitting, west=west, south=south, step=step)
    return Topology(west_m=west, south_m=south, step_m=step, arcs=arcs, rings=rings, glued=glued)


def _polygons(geometry: Geometries) -> Geometries:
    """Return each geometry as a valid MultiPolygon, empty where nothing of it is an area."""
    valid = shapely.make_valid(geometry)
    result = np.empty(len(geometry), dtype=object)
    for index, shape in enumerate(valid):
        parts = [] if shape is None else shapely.get_parts(shapely.get_parts(shape))
        areas = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
        result[index] = shapely.MultiPolygon(areas)
    return result


def _simplified(geometry: Geometries, tolerance: float, *, glued: bool) -> Geometries:
    if not tolerance:
        return geometry
    simple = (
        shapely.coverage_simplify(geometry, tolerance)
        if glued
        else shapely.simplify(geometry, tolerance, preserve_topology=True)
    )
    return np.asarray(simple, dtype=object)


def _corner(geometry: Geometries) -> tuple[float, float]:
    if not len(geometry) or shapely.is_empty(geometry).all():
        return 0.0, 0.0
    west, south, _, _ = shapely.total_bounds(geometry)
    return float(np.floor(west)), float(np.floor(south))


def _arcs(
    geometry: Geometries, *, west: float, south: float, step: float
) -> tuple[tuple[Ints, ...], tuple[tuple[tuple[int, ...], ...], ...]]:
    rings: list[list[tuple[int, ...]]] = [[] for _ in geometry]
    if not shapely.get_num_coordinates(geometry).sum():
        return (), tuple(tuple(own) for own in rings)
    points, owner, lengths = _grid_rings(geometry, west=west, south=south, step=step)
    starts = np.cumsum(lengths) - lengths
    vertices, ids = np.unique(points, axis=0, return_inverse=True)
    ids = ids.reshape(-1)
    junction = _junctions(ids, starts, lengths) if len(ids) else np.zeros(0, dtype=bool)
    arcs: list[Ints] = []
    known: dict[tuple[int, int], int] = {}
    for start, length, polygon in zip(starts, lengths, owner, strict=True):
        ring = ids[start : start + length]
        references = []
        for arc in _cut(ring, junction[ring]):
            forward, backward = (int(arc[0]), int(arc[1])), (int(arc[-1]), int(arc[-2]))
            key = min(forward, backward)
            turned = key != forward
            # Between junctions a border has no choice, so its first step names the whole arc.
            number = known.setdefault(key, len(arcs))
            if number == len(arcs):
                arcs.append(vertices[arc[::-1] if turned else arc])
            references.append(~number if turned else number)
        rings[polygon].append(tuple(references))
    return tuple(arcs), tuple(tuple(own) for own in rings)


def _grid_rings(
    geometry: Geometries, *, west: float, south: float, step: float
) -> tuple[Ints, Ints, Ints]:
    """Return the open rings' grid points without repetitions, the polygon each ring belongs to, and its length."""
    parts, polygon_of_part = shapely.get_parts(geometry, return_index=True)
    outlines, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring_of_point = shapely.get_coordinates(outlines, return_index=True)
    grid = np.rint((xy - [west, south]) / step).astype(np.int64)
    follows = np.r_[ring_of_point[1:] == ring_of_point[:-1], False]
    # The closing point equals the first one, so the last of each ring falls away here as well.
    moves = np.r_[(grid[1:] != grid[:-1]).any(axis=1), False] & follows
    grid, ring_of_point = grid[moves], ring_of_point[moves]
    lengths = np.bincount(ring_of_point, minlength=len(outlines))
    grid = grid[(lengths >= MINIMUM_RING)[ring_of_point]]
    kept = lengths >= MINIMUM_RING
    return grid, polygon_of_part[part_of_ring][kept], lengths[kept]


def _junctions(ids: Ints, starts: Ints, lengths: Ints) -> npt.NDArray[np.bool_]:
    """Tell of each vertex whether rings part there: where its two neighbours are not the same in all rings."""
    ends = starts + lengths - 1
    following = np.r_[ids[1:], ids[:1]]
    following[ends] = ids[starts]
    preceding = np.r_[ids[-1:], ids[:-1]]
    preceding[starts] = ids[ends]
    low, high = np.minimum(preceding, following), np.maximum(preceding, following)
    _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    parts = (low != low[first][inverse]) | (high != high[first][inverse])
    junction = np.zeros(int(ids.max()) + 1, dtype=bool)
    junction[ids[parts]] = True
    return junction


def _cut(ring: Ints, junction: npt.NDArray[np.bool_]) -> Iterator[Ints]:
    """Cut an open ring at its junctions into arcs that include both ends."""
    cuts = np.flatnonzero(junction)
    if not len(cuts):
        # An island: start at its lowest vertex, so that a hole and what fills it share the arc.
        turned = np.roll(ring, -int(np.argmin(ring)))
        yield np.r_[turned, turned[:1]]
        return
    turned = np.roll(ring, -int(cuts[0]))
    closed = np.r_[turned, turned[:1]]
    bounds = np.r_[cuts - cuts[0], len(ring)]
    for begin, end in pairwise(bounds):
        yield closed[begin : end + 1]
