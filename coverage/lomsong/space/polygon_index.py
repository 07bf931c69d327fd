"""Tell which polygon each of many points lies in."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from lomsong.errors import DefectError, Fault, InputError
from lomsong.space import _cells, _laying
from lomsong.space._array_file import Array, load, save
from lomsong.space._cells import FIRST_LINK, OUTSIDE, UNCERTAIN, Cells, Frame, Layout, Runs
from lomsong.space._shapes import (
    Geometries,
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

EDGE_CELLS_PER_PART = 100
MAX_COLUMNS = 1 << 20
MAX_BLOCKS = 1 << 24
SMALLEST_CELL = 1e-300
SMALLEST_CHUNK = 1 << 16
LARGEST_CHUNK = 1 << 21
"""Points that one thread sorts by place and locates at a time."""
MAX_VERTICES = np.iinfo(np.int32).max
FORMAT = "polygon index 1"
"""Changes whenever the same polygons would be laid out differently."""

logger = logging.getLogger(__name__)


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
        ranks = dense_rank(rank, len(geometries))
        self._layout = _laid_out(geometries, ranks, rings_of(geometries))

    @classmethod
    def cached(
        cls, polygons: Polygons, *, rank: npt.ArrayLike | None = None, folder: Path
    ) -> "PolygonIndex":
        """Return the index of these polygons, kept in a folder under a name made of their content.

        A file that is damaged or of another make is built anew and replaced. Processes share the file's memory.
        """
        geometries = polygon_array(polygons)
        ranks = dense_rank(rank, len(geometries))
        rings = rings_of(geometries)
        key = _content_key(*rings, ranks)
        path = folder / f"{key}.index"
        arrays = load(path, key)
        if arrays is None:
            layout = _laid_out(geometries, ranks, rings)
            try:
                save(path, key, _named_arrays(layout))
            except OSError as error:
                logger.warning("the polygon index is not kept for the next run: %s", error)
        else:
            layout = _from_arrays(arrays)
        index = cls.__new__(cls)
        index._layout = layout  # noqa: SLF001 -- it is its own
        return index

    def __len__(self) -> int:
        return len(self._layout.rings.polygon_parts) - 1

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
        workers = threads or _processors()
        chunk = min(max(-(-len(px) // workers), SMALLEST_CHUNK), LARGEST_CHUNK)
        parts = [slice(start, start + chunk) for start in range(0, len(px), chunk)]

        def work(part: slice) -> None:
            self._locate(px[part], py[part], found[part])

        if min(workers, len(parts)) > 1:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(work, parts))
        else:
            for part in parts:
                work(part)
        return found.reshape(shape)

    def _locate(self, x: Floats, y: Floats, found: Longs) -> None:
        if _cells.locate(x, y, self._layout, found):
            open_points = np.flatnonzero(found == UNCERTAIN)
            found[open_points] = self._ask_geos(x[open_points], y[open_points])

    def _ask_geos(self, x: Floats, y: Floats) -> Longs:
        """Return the answers for points so close to an edge that rounding leaves their side open."""
        layout = self._layout
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


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _laid_out(geometries: Geometries, ranks: Longs, rings: Rings) -> Layout:
    if len(rings.xy) > MAX_VERTICES:
        raise DefectError(f"{len(rings.xy)} vertices are more than one index holds")
    frame = _frame(rings)
    runs = _runs(rings, frame)
    cells = _laying.pack(_laying.lay(rings, frame, order_by_rank(geometries, ranks)))
    layout = Layout(frame, rings, runs, cells)
    for array in _named_arrays(layout).values():
        # Like the arrays of a mapped file, for which the compiled functions are compiled.
        array.flags.writeable = False
    return layout


def _content_key(*arrays: Array) -> str:
    digest = blake2b(FORMAT.encode(), digest_size=20)
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _named_arrays(layout: Layout) -> dict[str, Array]:
    return {
        "frame": np.array(layout.frame, np.float64),
        **layout.rings._asdict(),
        **layout.runs._asdict(),
        **layout.cells._asdict(),
    }


def _from_arrays(arrays: dict[str, Array]) -> Layout:
    x, y, per_unit, columns, rows, block_columns = arrays["frame"].tolist()
    return Layout(
        Frame(x, y, per_unit, int(columns), int(rows), int(block_columns)),
        Rings(*(arrays[name] for name in Rings._fields)),
        Runs(*(arrays[name] for name in Runs._fields)),
        Cells(*(arrays[name] for name in Cells._fields)),
    )


def _frame(rings: Rings) -> Frame:
    """Choose cells so small that a mean part's outline passes through a hundred of them."""
    limits = np.zeros(4)
    length, unusable = _laying.measure(rings, limits)
    if unusable >= 0:
        problem = "a polygon has a coordinate that is no number or beyond 1e150"
        raise InputError(
            [
                Fault(
                    problem=problem,
                    remedy="Repair or drop it",
                    row=int(rings.part_polygons[unusable]) + 1,
                )
            ]
        )
    if not len(rings.xy):
        return Frame(0.0, 0.0, 1.0, 1, 1, 1)
    west, south, east, north = (float(limit) for limit in limits)
    width, height = east - west, north - south
    cell = max(
        length / (EDGE_CELLS_PER_PART * len(rings.part_polygons)),
        max(width, height) * 1.001 / MAX_COLUMNS,
        float(np.sqrt(width) * np.sqrt(height / MAX_BLOCKS)) / _cells.BLOCK_SIDE,
        SMALLEST_CELL,
    )
    per_unit = float(1 / cell)
    columns, rows = int(width * per_unit) + 1, int(height * per_unit) + 1
    return Frame(west, south, per_unit, columns, rows, -(-columns // _cells.BLOCK_SIDE))


def _runs(rings: Rings, frame: Frame) -> Runs:
    places = np.empty(len(rings.part_polygons), np.int64)
    counts = np.zeros(_laying.place_rows(rings, frame, places), np.int64)
    _laying.find_runs(rings, frame, places, counts, np.empty((0, 2), np.int32))
    starts = np.concatenate([[0], np.cumsum(counts)])
    ends = np.empty((starts[-1], 2), np.int32)
    _laying.find_runs(rings, frame, places, starts[:-1].copy(), ends)
    return Runs(places, starts, ends)
