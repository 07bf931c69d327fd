"""Tell which polygon each of many points lies in."""

import logging
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
import shapely

from lomsong.space import _cells
from lomsong.space._array_file import load, save
from lomsong.space._cells import FIRST_LINK, OUTSIDE, UNCERTAIN, Layout
from lomsong.space._layout import (
    FINEST,
    content_key,
    fineness,
    from_arrays,
    laid_out,
    named_arrays,
    outline,
)
from lomsong.space._shapes import (
    Ints,
    Longs,
    Polygons,
    dense_rank,
    order_by_rank,
    polygon_array,
    rebuilt,
    rings_of,
)
from lomsong.space.crs import Floats
from lomsong.threads import cores

SMALLEST_CHUNK = 1 << 16
LARGEST_CHUNK = 1 << 21
"""Points that one thread sorts by place and locates at a time."""
POLYGONS_AT_ONCE = 4096
"""Polygons whose vertices are written down at a time to tell whether they are known."""
REFINEMENT = 2
"""How much finer cells have to become before it pays to lay polygons anew."""
_LAYING = Lock()

logger = logging.getLogger(__name__)


class PolygonIndex:
    """Find polygons by points: the lowest-ranked polygon that covers a point, boundary included.

    Answers equal those of GEOS (`shapely.covered_by`) point by point and depend neither on the order of polygons
    or points nor on the number of threads. Points outside all polygons and points that are no numbers give -1.
    Invalid polygons answer too: the parts of a multipolygon each by itself, within a part by the even-odd rule
    (on holes that overlap, where GEOS's own predicates disagree, it sides with `shapely.covers`).

    The first points asked for lay the polygons out, the coarser the fewer they are; `cached` does so finely.

    Parameters
    ----------
    polygons
        Polygons and multipolygons in planar coordinates of any unit; None and empty ones never match.
    rank
        A comparable value per polygon, the lowest of which wins where several cover a point; equal values
        are told apart by the order of the polygons' canonical (normalised) little-endian WKB, which is also
        the default. Only identical polygons of equal rank fall back on the order in which they were given.

    Raises
    ------
    InputError
        Where a geometry is not a polygon or has a coordinate that is no finite number.
    """

    def __init__(self, polygons: Polygons, *, rank: npt.ArrayLike | None = None) -> None:
        geometries = polygon_array(polygons)
        self._rings = rings_of(geometries)
        self._extent, self._length = outline(self._rings)
        self._order = order_by_rank(geometries, dense_rank(rank, len(geometries)))
        self._layout: Layout | None = None
        self._edge_cells = 0
        self._asked = 0

    @classmethod
    def cached(
        cls, polygons: Polygons, *, rank: npt.ArrayLike | None = None, folder: Path
    ) -> "PolygonIndex":
        """Return the index of these polygons, kept in a folder under a name made of their content.

        A file that is damaged or of another make is built anew and replaced. Processes share the file's memory.
        """
        geometries = polygon_array(polygons)
        ranks = dense_rank(rank, len(geometries))
        some = range(0, len(geometries), POLYGONS_AT_ONCE)
        vertices = (rings_of(geometries[start : start + POLYGONS_AT_ONCE]) for start in some)
        key = content_key(chain([ranks], chain.from_iterable(vertices)))
        path = folder / f"{key}.index"
        arrays = load(path, key)
        if arrays is not None:
            index = cls.__new__(cls)
            index._layout, index._edge_cells = from_arrays(arrays), FINEST  # noqa: SLF001 -- its own
            index._rings = index._layout.rings  # noqa: SLF001 -- its own
            return index
        index = cls(polygons, rank=rank)
        layout = index._laid_for(FINEST * len(index._rings.xy))
        try:
            save(path, key, named_arrays(layout))
        except OSError as error:
            logger.warning("the polygon index is not kept for the next run: %s", error)
        return index

    def __len__(self) -> int:
        return len(self._rings.polygon_parts) - 1

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike, *, threads: int | None = None) -> Longs:
        """Return the position of each point's polygon in the given order, -1 outside of all.

        Parameters
        ----------
        x, y
            Coordinates, of one shape, in the polygons' unit.
        threads
            How many to use for many points; default: one per processor.
        """
        px, py = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        shape = px.shape
        px, py = np.ascontiguousarray(px.ravel()), np.ascontiguousarray(py.ravel())
        found = np.empty(len(px), np.int64)
        layout = self._laid_for(len(px))
        workers = threads or cores()
        chunk = min(max(-(-len(px) // workers), SMALLEST_CHUNK), LARGEST_CHUNK)
        parts = [slice(start, start + chunk) for start in range(0, len(px), chunk)]

        def work(part: slice) -> None:
            order, by_tile = np.empty(len(px[part]), np.int32), np.empty(len(px[part]), np.int64)
            _locate_by_tile(layout, px[part], py[part], order, by_tile)
            found[part][order] = by_tile

        if min(workers, len(parts)) > 1:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(work, parts))
        else:
            for part in parts:
                work(part)
        return found.reshape(shape)

    def locate_by_tile(self, x: Floats, y: Floats, order: Ints, found: Longs) -> None:
        """Write an order of points in which neighbours stand together, and the answers of `locate` in that order.

        Whoever goes through the answers in this order finds what belongs to a polygon in the processor's cache.
        """
        _locate_by_tile(self._laid_for(len(x)), x, y, order, found)

    def _laid_for(self, points: int) -> Layout:
        """Return a layout fine enough for so many points more; a finer one is made when it begins to pay."""
        if self._layout is not None and self._edge_cells == FINEST:
            return self._layout
        with _LAYING:
            self._asked += points
            wanted = fineness(self._asked, len(self._rings.part_polygons))
            if self._layout is None or wanted >= REFINEMENT * self._edge_cells:
                self._edge_cells = wanted
                self._layout = laid_out(
                    self._rings,
                    self._order,
                    extent=self._extent,
                    length=self._length,
                    edge_cells=wanted,
                )
            return self._layout


def _locate_by_tile(layout: Layout, x: Floats, y: Floats, order: Ints, found: Longs) -> None:
    _cells.sort_by_tile(x, y, layout.frame, found, order)
    if _cells.locate(x, y, order, layout, found):
        open_points = np.flatnonzero(found == UNCERTAIN)
        asked = order[open_points]
        found[open_points] = _ask_geos(layout, x[asked], y[asked])


def _ask_geos(layout: Layout, x: Floats, y: Floats) -> Longs:
    """Return the answers for points so close to an edge that rounding leaves their side open."""
    nothing = np.empty(0, np.int32)
    count = _cells.list_candidates(x, y, layout, nothing, nothing)
    point, items = np.empty(count, np.int32), np.empty(count, np.int32)
    _cells.list_candidates(x, y, layout, point, items)
    hit = items <= FIRST_LINK
    polygons = np.where(
        hit, FIRST_LINK - items, layout.rings.part_polygons[np.where(hit, 0, items)]
    )
    asked, which = np.unique(items[~hit], return_inverse=True)
    parts = np.array([rebuilt(layout.rings, part) for part in asked], dtype=object)
    near = point[~hit]
    hit[~hit] = shapely.covers(parts[which], shapely.points(x[near], y[near]))
    first, place = np.unique(point[hit], return_index=True)
    found = np.full(len(x), OUTSIDE, np.int64)
    found[first] = polygons[hit][place]
    return found
