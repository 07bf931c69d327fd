"""Lay out the arrays of a polygon index, coarser or finer, and name them for keeping."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

from lomsong.errors import DefectError, Fault, InputError
from lomsong.space import _laying
from lomsong.space._array_file import Array
from lomsong.space._cells import BLOCK_SIDE, Cells, Frame, Layout, Runs
from lomsong.space._pieces import owners_of_pieces
from lomsong.space._shapes import Longs, Rings
from lomsong.space.crs import Extent

FINEST = 50
COARSEST = 12
FINENESS_PER_ROOT_OF_POINTS = 5.0
"""Edge cells per part where one point is asked per part: laying grows with the cells, asking shrinks with them."""
MAX_COLUMNS = 1 << 20
MAX_BLOCKS = 1 << 24
SMALLEST_CELL = 1e-300
MAX_VERTICES = np.iinfo(np.int32).max
FORMAT = "polygon index 5"
"""Changes whenever the same polygons would be laid out differently."""


def fineness(points: int, parts: int) -> int:
    """Return through how many cells a mean part's outline should pass, to locate so many points soonest."""
    wanted = FINENESS_PER_ROOT_OF_POINTS * np.sqrt(points / max(parts, 1))
    return int(np.clip(wanted, COARSEST, FINEST))


def outline(rings: Rings) -> tuple[Extent, float]:
    """Return the extent of polygons and the length of their edges; refuse coordinates that are no numbers."""
    if len(rings.xy) > MAX_VERTICES:
        raise DefectError(f"{len(rings.xy)} vertices are more than one index holds")
    limits = np.zeros(4)
    length, unusable = _laying.measure(rings, limits)
    if unusable >= 0:
        fault = Fault(
            problem="a polygon has a coordinate that is no number or beyond 1e150",
            remedy="Repair or drop it",
            row=int(rings.part_polygons[unusable]) + 1,
        )
        raise InputError([fault])
    west, south, east, north = (float(limit) for limit in limits)
    return Extent(west, south, east, north), float(length)


def laid_out(
    rings: Rings, order: Longs, *, extent: Extent, length: float, edge_cells: int
) -> Layout:
    """Lay polygons out in order of rank, an outline of mean length through `edge_cells` cells.

    Where cells are as fine as they get, their pieces are told of too: that takes as long again, for many points.
    """
    frame = _frame(extent, length / (edge_cells * max(len(rings.part_polygons), 1)))
    runs = _runs(rings, frame)
    cells = _laying.pack(_laying.lay(rings, frame, order))
    layout = Layout(frame, rings, runs, cells)
    if edge_cells == FINEST:
        owners = owners_of_pieces(layout)
        layout = layout._replace(cells=cells._replace(owners=owners))
    for array in named_arrays(layout).values():
        # Like the arrays of a mapped file, for which the compiled functions are compiled.
        array.flags.writeable = False
    return layout


def content_key(arrays: Iterable[Array]) -> str:
    """Return a name made of the content of arrays."""
    digest = blake2b(f"{FORMAT}, {FINEST}".encode(), digest_size=20)
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def named_arrays(layout: Layout) -> dict[str, Array]:
    """Return the arrays of a layout by name."""
    return {
        "frame": np.array(layout.frame, np.float64),
        **layout.rings._asdict(),
        **layout.runs._asdict(),
        **layout.cells._asdict(),
    }


def from_arrays(arrays: dict[str, Array]) -> Layout:
    """Return the layout whose named arrays these are."""
    x, y, per_unit, columns, rows, block_columns = arrays["frame"].tolist()
    return Layout(
        Frame(x, y, per_unit, int(columns), int(rows), int(block_columns)),
        Rings(*(arrays[name] for name in Rings._fields)),
        Runs(*(arrays[name] for name in Runs._fields)),
        Cells(*(arrays[name] for name in Cells._fields)),
    )


def _frame(extent: Extent, cell: float) -> Frame:
    """Return cells of this size, larger where there would be too many of them."""
    if extent.west > extent.east:
        return Frame(0.0, 0.0, 1.0, 1, 1, 1)
    width, height = extent.east - extent.west, extent.north - extent.south
    cell = max(
        cell,
        max(width, height) * 1.001 / MAX_COLUMNS,
        float(np.sqrt(width) * np.sqrt(height / MAX_BLOCKS)) / BLOCK_SIDE,
        SMALLEST_CELL,
    )
    per_unit = 1 / cell
    columns, rows = int(width * per_unit) + 1, int(height * per_unit) + 1
    return Frame(extent.west, extent.south, per_unit, columns, rows, -(-columns // BLOCK_SIDE))


def _runs(rings: Rings, frame: Frame) -> Runs:
    places = np.empty(len(rings.part_polygons), np.int64)
    counts = np.zeros(_laying.place_rows(rings, frame, places), np.int64)
    _laying.find_runs(rings, frame, places, counts, np.empty((0, 2), np.int32))
    starts = np.concatenate([[0], np.cumsum(counts)])
    ends = np.empty((starts[-1], 2), np.int32)
    _laying.find_runs(rings, frame, places, starts[:-1].copy(), ends)
    return Runs(places, starts, ends)
