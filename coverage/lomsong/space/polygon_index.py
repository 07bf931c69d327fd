"""Tell which polygon each of many points lies in."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from lomsong.errors import Faults
from lomsong.space.crs import Floats

Positions = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]
Polygons: TypeAlias = Sequence[shapely.Geometry | None] | Geometries

OUTSIDE = -1


class PolygonIndex:
    """Find polygons by points: the lowest-ranked polygon that covers a point, boundary included.

    Parameters
    ----------
    polygons
        Polygons and multipolygons in planar coordinates of any unit; None and empty ones never match.
    rank
        A comparable value per polygon, the lowest of which wins where several cover a point; equal values
        are told apart by the order of the polygons' canonical (normalised) WKB, which is also the default.
    """

    def __init__(self, polygons: Polygons, *, rank: npt.ArrayLike | None = None) -> None:
        geometries = _geometries(polygons)
        order = _rank_order(geometries, rank)
        self._place = np.empty(len(order), np.int64)
        self._place[order] = np.arange(len(order))
        self._order = order
        self._tree = shapely.STRtree(geometries)

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Positions:
        """Return the position of each point's polygon in the given order, -1 outside of all."""
        px, py = _points(x, y)
        best = np.full(len(px), len(self._order), np.int64)
        known = np.flatnonzero(np.isfinite(px) & np.isfinite(py))
        if len(known) and len(self._order):
            points = shapely.points(px[known], py[known])
            hit, polygon = self._tree.query(points, predicate="covered_by")
            np.minimum.at(best, known[hit], self._place[polygon])
        return np.append(self._order, OUTSIDE)[best]


def _points(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    px, py = np.broadcast_arrays(
        np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
    )
    return px, py


def _geometries(polygons: Polygons) -> Geometries:
    geometries = np.asarray(polygons, dtype=object).ravel()
    faults = Faults()
    kinds = shapely.get_type_id(geometries)
    for position in np.flatnonzero(~np.isin(kinds, (-1, 3, 6))):
        faults.add("this is not a polygon", "Give polygons or multipolygons", row=int(position) + 1)
    faults.raise_if_any()
    return geometries


def _rank_order(geometries: Geometries, rank: npt.ArrayLike | None) -> Positions:
    """Return positions from the lowest rank to the highest."""
    wkb = shapely.to_wkb(shapely.normalize(geometries), byte_order=1)
    canonical = np.argsort(np.array([item or b"" for item in wkb], dtype=object), kind="stable")
    if rank is None:
        return canonical.astype(np.int64)
    values = np.asarray(rank)
    return canonical[np.argsort(values[canonical], kind="stable")].astype(np.int64)
