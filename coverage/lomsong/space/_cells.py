"""Answer from a two-level integer grid which polygon a point lies in.

A block holds 16 × 16 cells. A block or cell that no edge touches belongs to one polygon or to none. A cell that
edges touch holds a list of the polygons in question, lowest rank first. Which cell a point falls into is one
monotone function of its coordinates, used alike for laying and asking, so rounding never puts a point and the
edges around it into different cells.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lomsong.space._shapes import Rings
from lomsong.space.compiled import compiled, inlined
from lomsong.space.crs import Floats

BLOCK_SHIFT = 4
BLOCK_SIDE = 1 << BLOCK_SHIFT
BLOCK_CELLS = BLOCK_SIDE * BLOCK_SIDE
CELL_MASK = BLOCK_SIDE - 1

TILE_SHIFT = 4

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
    """For each part of a polygon and row of cells, the runs of vertices whose edges meet the row."""

    places: Longs
    """Per part, what to add to a row to get the place of its runs."""
    starts: Longs
    """First run of each place, and the number of runs."""
    ends: Ints
    """First and last vertex of each run."""


class Cells(NamedTuple):
    """Owners of blocks and cells: a polygon, OUTSIDE, or a link to what lies deeper."""

    blocks: Ints
    codes: Bytes
    """Per cell of a linked block, the number of its meaning within that block."""
    meaning_starts: Ints
    meanings: Ints
    lists: Ints
    """Parts of polygons whose edges touch a cell, lowest rank first, closed by a link to the polygon that covers the
    cell whole, or by OUTSIDE."""


class Layout(NamedTuple):
    """All arrays of an index."""

    frame: Frame
    rings: Rings
    runs: Runs
    cells: Cells


@compiled
def locate(  # noqa: PLR0917 -- compiled functions take arguments by place
    x: Floats,
    y: Floats,
    order: Ints,
    layout: Layout,
    found: Longs,
    in_order: bool,  # noqa: FBT001 -- see above
) -> int:
    """Write each point's polygon, OUTSIDE or UNCERTAIN; return the number of the uncertain.

    Points are looked at in `order`, and answers written in it too or else at their points' own places.
    """
    # Taken out of their tuples once: each time costs as much as a look-up.
    frame, rings, runs, cells = layout
    blocks, codes, meaning_starts, meanings, lists = cells
    part_polygons, block_columns = rings.part_polygons, frame.block_columns
    uncertain = 0
    for nth in range(len(order)):
        point = order[nth]
        px, py = x[point], y[point]
        column, row = cell_of(px, py, frame)
        meaning = OUTSIDE
        if column >= 0:
            meaning = blocks[(row >> BLOCK_SHIFT) * block_columns + (column >> BLOCK_SHIFT)]
            if meaning <= FIRST_LINK:
                linked = FIRST_LINK - meaning
                cell = ((row & CELL_MASK) << BLOCK_SHIFT) | (column & CELL_MASK)
                code = codes[linked * BLOCK_CELLS + cell]
                meaning = meanings[meaning_starts[linked] + code]
        if meaning <= FIRST_LINK:
            meaning = _first_covering(
                FIRST_LINK - meaning,
                px,
                py,
                row,
                lists,
                part_polygons,
                runs.places,
                runs.starts,
                runs.ends,
                rings.xy,
            )
            uncertain += meaning == UNCERTAIN
        found[nth if in_order else point] = meaning
    return uncertain


@compiled
def by_tile(x: Floats, y: Floats, frame: Frame) -> Ints:
    """Return the points tile by tile, so that what one tile needs stays in the processor's cache."""
    shift = BLOCK_SHIFT + TILE_SHIFT
    tile_columns = (frame.columns >> shift) + 1
    tiles = np.empty(len(x), np.int32)
    starts = np.zeros(tile_columns * ((frame.rows >> shift) + 1) + 2, np.int32)
    for point in range(len(x)):
        column, row = cell_of(x[point], y[point], frame)
        tiles[point] = 0 if column < 0 else (row >> shift) * tile_columns + (column >> shift) + 1
        starts[tiles[point] + 1] += 1
    starts = np.cumsum(starts).astype(np.int32)
    order = np.empty(len(x), np.int32)
    for point in range(len(x)):
        order[starts[tiles[point]]] = point
        starts[tiles[point]] += 1
    return order


@compiled
def list_candidates(x: Floats, y: Floats, layout: Layout, points: Ints, items: Ints) -> int:
    """Write point and item of what the cells of points list; return how many, which may be more than fit."""
    lists = layout.cells.lists
    count = 0
    for point in range(len(x)):
        column, row = cell_of(x[point], y[point], layout.frame)
        place = FIRST_LINK - _meaning(column, row, layout.frame, layout.cells)
        while lists[place] != OUTSIDE:
            if count < len(points):
                points[count], items[count] = point, lists[place]
            count += 1
            if lists[place] <= FIRST_LINK:
                break
            place += 1
    return count


@compiled
def cell_of(x: float, y: float, frame: Frame) -> tuple[int, int]:
    """Return column and row of a point, (-1, -1) outside the frame or where it is not a number."""
    u = (x - frame.x) * frame.per_unit
    v = (y - frame.y) * frame.per_unit
    if u >= 0 and v >= 0 and u < frame.columns and v < frame.rows:
        return int(u), int(v)
    return -1, -1


@inlined
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


@inlined
def _first_covering(  # noqa: PLR0917 -- compiled functions take arguments by place
    place: int,
    x: float,
    y: float,
    row: int,
    lists: Ints,
    part_polygons: Ints,
    places: Longs,
    starts: Longs,
    ends: Ints,
    xy: Floats,
) -> int:
    """Return the first polygon of the list at `place` that covers a point, OUTSIDE or UNCERTAIN."""
    while lists[place] > OUTSIDE:
        side = _covers(places[lists[place]] + row, x, y, starts, ends, xy)
        if side > 0:
            return int(part_polygons[lists[place]])
        if side < 0:
            return UNCERTAIN
        place += 1
    return OUTSIDE if lists[place] == OUTSIDE else int(FIRST_LINK - lists[place])


@inlined
def _covers(  # noqa: PLR0917 -- compiled functions take arguments by place
    place: int, x: float, y: float, starts: Longs, ends: Ints, xy: Floats
) -> int:
    """Return 1 where the part whose runs in a row stand at `place` covers a point, 0 where not, -1 where rounding leaves it open.

    Counts the edges crossed by the ray to the east, as GEOS does: odd is inside, on an edge is covered.
    """
    crossings = 0
    for run in range(starts[place], starts[place + 1]):
        first, last = ends[run, 0], ends[run, 1]
        bx, by = xy[first, 0], xy[first, 1]
        for vertex in range(first + 1, last + 1):
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
