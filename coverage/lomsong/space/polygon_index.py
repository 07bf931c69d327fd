"""Tell which polygon each of many points lies in."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lomsong.space import _cells, _laying
from lomsong.space._cells import OUTSIDE, UNCERTAIN, Cells, Frame, Runs
from lomsong.space._shapes import (
    Longs,
    Polygons,
    Rings,
    dense_rank,
    order_by_rank,
    polygon_array,
    rebuilt,
    rings_of,
)
from lomsong.space.crs import Floats

EDGE_CELLS_PER_POLYGON = 100
MAX_COLUMNS = 1 << 20
MAX_BLOCKS = 1 << 24
LARGEST_SCALE = 1e300
CHUNK = 1 << 18


class Layout(NamedTuple):
    """All arrays of an index."""

    frame: Frame
    rings: Rings
    part_rings: Longs
    runs: Runs
    cells: Cells


class PolygonIndex:
    """Find polygons by points: the lowest-ranked polygon that covers a point, boundary included.

    Answers equal those of GEOS (`shapely.covers`) point by point and depend neither on the order of polygons or
    points nor on the number of threads. Points outside all polygons and points that are no numbers give -1.

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
        order = order_by_rank(geometries, dense_rank(rank, len(geometries)))
        rings, part_rings = rings_of(geometries)
        self._layout = _laid_out(rings, part_rings, order)

    def __len__(self) -> int:
        return len(self._layout.rings.polygon_rings) - 1

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike, *, threads: int | None = None) -> Longs:
        """Return the position of each point's polygon in the given order, -1 outside of all.

        Parameters
        ----------
        x, y
            Coordinates, of one shape, in the polygons' unit.
        threads
            How many to use for many points; default: one per processor.
        """
        px, py = (np.asarray(values, np.float64) for values in (x, y))
        px, py = np.broadcast_arrays(px, py)
        shape = px.shape
        px, py = np.ascontiguousarray(px.ravel()), np.ascontiguousarray(py.ravel())
        found = np.empty(len(px), np.int64)
        starts = range(0, len(px), CHUNK)

        def work(start: int) -> None:
            part = slice(start, start + CHUNK)
            self._locate(px[part], py[part], found[part])

        workers = min(len(starts), threads or len(os.sched_getaffinity(0)))
        if workers > 1:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(work, starts))
        else:
            for start in starts:
                work(start)
        return found.reshape(shape)

    def _locate(self, x: Floats, y: Floats, found: Longs) -> None:
        frame, rings, _, runs, cells = self._layout
        if _cells.locate(x, y, frame, cells, runs, rings.xy, found):
            open_points = np.flatnonzero(found == UNCERTAIN)
            found[open_points] = self._ask_geos(x[open_points], y[open_points])

    def _ask_geos(self, x: Floats, y: Floats) -> Longs:
        """Return the answers for points so close to an edge that rounding leaves their side open."""
        frame, rings, part_rings, _, cells = self._layout
        starts = np.zeros(len(x) + 1, np.int64)
        _cells.list_candidates(x, y, frame, cells, starts, np.empty(0, np.int32))
        polygons = np.empty(starts[-1], np.int32)
        _cells.list_candidates(x, y, frame, cells, starts, polygons)
        point = np.repeat(np.arange(len(x)), np.diff(starts))
        whole = polygons < 0
        polygons[whole] = ~polygons[whole]
        asked, which = np.unique(polygons, return_inverse=True)
        geometries = np.array([rebuilt(rings, part_rings, polygon) for polygon in asked])
        hit = whole | shapely.covers(geometries[which], shapely.points(x[point], y[point]))
        first, place = np.unique(point[hit], return_index=True)
        found = np.full(len(x), OUTSIDE, np.int64)
        found[first] = polygons[hit][place]
        return found


def _laid_out(rings: Rings, part_rings: Longs, order: Longs) -> Layout:
    frame = _frame(rings)
    runs = _runs(rings, frame)
    cells = _laying.pack(_laying.lay(rings, frame, order))
    return Layout(frame, rings, part_rings, runs, cells)


def _frame(rings: Rings) -> Frame:
    """Choose cells so small that a mean polygon's outline passes through a hundred of them."""
    xy = rings.xy
    if not len(xy):
        return Frame(0.0, 0.0, 1.0, 1, 1, 1)
    low, high = xy.min(axis=0), xy.max(axis=0)
    width, height = high - low
    lengths = np.hypot(*np.diff(xy, axis=0).T)
    lengths[rings.ring_starts[1:-1] - 1] = 0
    filled = np.count_nonzero(np.diff(rings.polygon_rings))
    cell = max(
        lengths.sum() / (EDGE_CELLS_PER_POLYGON * filled),
        max(width, height) * 1.001 / MAX_COLUMNS,
        np.sqrt(width / MAX_BLOCKS * height) / _cells.BLOCK_SIDE,
        1 / LARGEST_SCALE,
    )
    per_unit = 1 / cell
    columns, rows = int(width * per_unit) + 1, int(height * per_unit) + 1
    return Frame(
        float(low[0]),
        float(low[1]),
        float(per_unit),
        columns,
        rows,
        -(-columns // _cells.BLOCK_SIDE),
    )


def _runs(rings: Rings, frame: Frame) -> Runs:
    polygon_starts = rings.ring_starts[rings.polygon_rings]
    filled = np.flatnonzero(np.diff(polygon_starts))
    first_row = np.zeros(len(polygon_starts) - 1, np.int32)
    heights = np.zeros(len(first_row), np.int64)
    if filled.size:
        # The very arithmetic of the compiled functions, so that rounding agrees.
        row = ((rings.xy[:, 1] - frame.y) * frame.per_unit).astype(np.int32)
        first_row[filled] = np.minimum.reduceat(row, polygon_starts[filled])
        heights[filled] = np.maximum.reduceat(row, polygon_starts[filled]) - first_row[filled] + 1
    row_starts = np.concatenate([[0], np.cumsum(heights)])
    run_starts = np.zeros(row_starts[-1] + 1, np.int64)
    empty = np.empty(0, np.int32)
    _laying.count_runs(rings, frame, Runs(first_row, row_starts, run_starts, empty, empty))
    run_starts = np.cumsum(run_starts)
    runs = Runs(
        first_row,
        row_starts,
        run_starts,
        np.empty(run_starts[-1], np.int32),
        np.empty(run_starts[-1], np.int32),
    )
    _laying.write_runs(rings, frame, runs)
    return runs
