"""Answer from a two-level integer grid which polygon a point lies in.

A block holds 16 × 16 cells. A block or cell that no edge touches belongs to one polygon or to none. A cell that
edges touch holds a list of the polygons in question, lowest rank first. Which cell a point falls into is one
monotone function of its coordinates, used alike for laying and asking, so rounding never puts a point and the
edges around it into different cells.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats

BLOCK_SHIFT = 4
BLOCK_SIDE = 1 << BLOCK_SHIFT
BLOCK_CELLS = BLOCK_SIDE * BLOCK_SIDE
CELL_MASK = BLOCK_SIDE - 1

OUTSIDE = -1
FIRST_LINK = -2
"""Numbers from here down stand for something to look up further: -2 for item 0, -3 for item 1 and so on."""
UNCERTAIN = -2

ORIENTATION_ERROR = 3.3306690738754716e-16
"""Bound of the rounding error of an orientation, as a part of the sum of its two products' sizes [1]_.

.. [1] J. R. Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates",
   Discrete & Computational Geometry 18, 1997: (3 + 16 ε) ε with ε = 2^-53.
"""
UNDERFLOW_GUARD = 1e-290
"""Products smaller than this may have lost digits to underflow."""

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class Frame(NamedTuple):
    """Where the cells lie: cell = floor((coordinate - origin) × cells per unit)."""

    x: float
    y: float
    per_unit: float
    columns: int
    rows: int
    block_columns: int


class Runs(NamedTuple):
    """For each polygon and row of cells, the runs of vertices whose edges meet the row."""

    first_row: Ints
    row_starts: Longs
    """First of each polygon's rows, and the number of all."""
    run_starts: Longs
    """First run of each polygon's row, and the number of runs."""
    run_first: Ints
    run_last: Ints


class Cells(NamedTuple):
    """Owners of blocks and cells: a polygon, OUTSIDE, or a link to what lies deeper."""

    blocks: Ints
    codes: Bytes
    """Per cell of a linked block, the number of its meaning within that block."""
    meaning_starts: Ints
    meanings: Ints
    list_starts: Ints
    list_items: Ints
    """Polygons whose edges touch the cell, lowest rank first; ~polygon where it covers the cell whole, last."""


@compiled
def locate(
    x: Floats, y: Floats, frame: Frame, cells: Cells, runs: Runs, xy: Floats, found: Longs
) -> int:
    """Write each point's polygon, OUTSIDE or UNCERTAIN; return the number of the uncertain."""
    uncertain = 0
    for point in range(len(x)):
        px, py = x[point], y[point]
        column, row = cell_of(px, py, frame)
        meaning = _meaning(column, row, frame, cells)
        if meaning <= FIRST_LINK:
            meaning = _first_covering(FIRST_LINK - meaning, px, py, row, cells, runs, xy)
            uncertain += meaning == UNCERTAIN
        found[point] = meaning
    return uncertain


@compiled
def list_candidates(
    x: Floats, y: Floats, frame: Frame, cells: Cells, starts: Longs, polygons: Ints
) -> None:
    """Write what the cell of each point lists; only count it, one place further on, where `polygons` is empty."""
    for point in range(len(x)):
        column, row = cell_of(x[point], y[point], frame)
        listed = FIRST_LINK - _meaning(column, row, frame, cells)
        first, end = cells.list_starts[listed], cells.list_starts[listed + 1]
        if len(polygons) == 0:
            starts[point + 1] = starts[point] + end - first
        else:
            polygons[starts[point] : starts[point + 1]] = cells.list_items[first:end]


@compiled
def cell_of(x: float, y: float, frame: Frame) -> tuple[int, int]:
    """Return column and row of a point, (-1, -1) outside the frame or where it is not a number."""
    u = (x - frame.x) * frame.per_unit
    v = (y - frame.y) * frame.per_unit
    if u >= 0 and v >= 0 and u < frame.columns and v < frame.rows:
        return int(u), int(v)
    return -1, -1


@compiled
def _meaning(column: int, row: int, frame: Frame, cells: Cells) -> int:
    if column < 0:
        return OUTSIDE
    block = cells.blocks[(row >> BLOCK_SHIFT) * frame.block_columns + (column >> BLOCK_SHIFT)]
    if block > FIRST_LINK:
        return int(block)
    linked = FIRST_LINK - block
    cell = ((row & CELL_MASK) << BLOCK_SHIFT) | (column & CELL_MASK)
    code = cells.codes[linked * BLOCK_CELLS + cell]
    return int(cells.meanings[cells.meaning_starts[linked] + code])


@compiled
def _first_covering(
    listed: int, x: float, y: float, row: int, cells: Cells, runs: Runs, xy: Floats
) -> int:
    for item in range(cells.list_starts[listed], cells.list_starts[listed + 1]):
        polygon = cells.list_items[item]
        if polygon < 0:
            return int(~polygon)
        side = _covers(polygon, x, y, row, runs, xy)
        if side > 0:
            return int(polygon)
        if side < 0:
            return UNCERTAIN
    return OUTSIDE


@compiled
def _covers(polygon: int, x: float, y: float, row: int, runs: Runs, xy: Floats) -> int:
    """Return 1 where a polygon covers a point, 0 where not, -1 where rounding leaves it open.

    Counts the edges crossed by the ray to the east, as GEOS does: odd is inside, on an edge is covered.
    """
    place = runs.row_starts[polygon] + row - runs.first_row[polygon]
    crossings = 0
    for run in range(runs.run_starts[place], runs.run_starts[place + 1]):
        bx, by = xy[runs.run_first[run], 0], xy[runs.run_first[run], 1]
        for vertex in range(runs.run_first[run] + 1, runs.run_last[run] + 1):
            ax, ay = bx, by
            bx, by = xy[vertex, 0], xy[vertex, 1]
            if ax < x and bx < x:
                continue
            if bx == x and by == y:
                return 1
            if (ay > y) != (by > y):
                if ax > x and bx > x:
                    crossings += 1
                    continue
                sign = _orientation(ax - x, ay - y, bx - x, by - y)
                if sign == UNCERTAIN:
                    return -1
                if sign == 0:
                    return 1
                crossings += (sign > 0) == (by > ay)
            elif ay == y and by == y and min(ax, bx) <= x <= max(ax, bx):
                return 1
    return crossings & 1


@compiled
def _orientation(ax: float, ay: float, bx: float, by: float) -> int:
    """Return the sign of the turn from a over b to the origin, UNCERTAIN where rounding could change it."""
    if ax == 0 and bx == 0:
        return 0
    left, right = ax * by, ay * bx
    turn = left - right
    if abs(turn) > ORIENTATION_ERROR * (abs(left) + abs(right)) + UNDERFLOW_GUARD:
        return 1 if turn > 0 else -1
    return UNCERTAIN
