"""Take polygons apart into arrays, put single ones together again, and order them by rank."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from lomsong.errors import DefectError, Faults
from lomsong.space.crs import Floats

Geometries = npt.NDArray[np.object_]
Polygons: TypeAlias = Sequence[shapely.Geometry | None] | Geometries
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

NO_GEOMETRY = -1
LARGEST_COORDINATE = 1e150
"""Products of two such coordinates are still numbers."""


class Rings(NamedTuple):
    """Vertices of all polygons: closed rings one after the other."""

    xy: Floats
    ring_starts: Longs
    """First vertex of each ring, and the number of vertices."""
    part_rings: Longs
    """First ring of each part, its shell, and the number of rings."""
    polygon_parts: Longs
    """First part of each polygon, and the number of parts."""
    part_polygons: Ints
    """The polygon that each part belongs to."""


def polygon_array(polygons: Polygons) -> Geometries:
    """Return polygons as a plain array; refuse what is no polygon or has no finite coordinates."""
    geometries = np.empty(len(polygons), object)
    geometries[:] = np.asarray(polygons, dtype=object)
    kinds = shapely.get_type_id(geometries)
    polygonal = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    faults = Faults()
    usable = np.isin(kinds, (NO_GEOMETRY, *polygonal)) | shapely.is_empty(geometries)
    for position in np.flatnonzero(~usable):
        faults.add(
            "a geometry is not a polygon",
            "Give polygons or multipolygons only",
            row=int(position) + 1,
            value=geometries[position].geom_type,
        )
    faults.raise_if_any()
    return geometries


def rings_of(geometries: Geometries) -> Rings:
    """Return the vertices of polygons."""
    if (shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON).all():
        parts, part_polygons = geometries, np.arange(len(geometries))
    else:
        parts, part_polygons = shapely.get_parts(geometries, return_index=True)
    filled = ~shapely.is_empty(parts)
    parts, part_polygons = parts[filled], part_polygons[filled]
    holes = shapely.get_num_interior_rings(parts)
    ring_parts = np.repeat(np.arange(len(parts)), holes + 1)
    ring_sizes = shapely.get_num_coordinates(parts)[ring_parts].astype(np.int64)
    ring_sizes[holes[ring_parts] > 0] = shapely.get_num_coordinates(
        shapely.get_rings(parts[holes > 0])
    )
    return Rings(
        np.ascontiguousarray(shapely.get_coordinates(parts)),
        np.concatenate([[0], np.cumsum(ring_sizes)]),
        _starts(ring_parts, len(parts)),
        _starts(part_polygons, len(geometries)),
        part_polygons.astype(np.int32),
    )


def rebuilt(rings: Rings, part: int) -> shapely.Polygon:
    """Return one part of a polygon as it was given."""
    shell, *holes = (
        rings.xy[rings.ring_starts[ring] : rings.ring_starts[ring + 1]]
        for ring in range(rings.part_rings[part], rings.part_rings[part + 1])
    )
    return shapely.Polygon(shell, holes)


def dense_rank(rank: npt.ArrayLike | None, count: int) -> Longs:
    """Return equal numbers for equal ranks, lower for lower ones; all equal where there is no rank."""
    if rank is None:
        return np.zeros(count, np.int64)
    values = np.asarray(rank)
    if values.shape != (count,):
        raise DefectError(f"{count} polygons come with ranks of shape {values.shape}")
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def order_by_rank(geometries: Geometries, rank: Longs) -> Longs:
    """Return positions from the lowest rank to the highest, equal ones in the order of their canonical WKB."""
    order = np.argsort(rank, kind="stable")
    tied = np.flatnonzero(np.bincount(rank, minlength=1)[rank[order]] > 1)
    if tied.size:
        rivals = order[tied]
        canonical = shapely.to_wkb(
            shapely.normalize(geometries[rivals]), byte_order=1, output_dimension=2
        )
        names = np.array([name or b"" for name in canonical], dtype=object)
        by_name = np.argsort(names, kind="stable")
        order[tied] = rivals[by_name[np.argsort(rank[rivals][by_name], kind="stable")]]
    return order.astype(np.int64)


def _starts(owner: Longs, count: int) -> Longs:
    """Return where each owner's items begin in a sorted list of owners, and its length."""
    return np.searchsorted(owner, np.arange(count + 1)).astype(np.int64)
