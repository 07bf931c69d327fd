"""Answer from a two-level integer grid which polygon a point lies in.

A block holds 16 × 16 cells. A block or cell that no edge touches belongs to one polygon or to none. A cell that
edges touch holds a list of the polygons in question, lowest rank first; of its 8 × 8 pieces those that no edge
touches know which of the list they belong to. Which cell and piece a point falls into is one monotone function of
its coordinates, used alike for laying and asking, so rounding never puts a point and the edges around it into
different cells.
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

TILE_SHIFT = 3

PIECE_SHIFT = 3
PIECE_SIDE = 1 << PIECE_SHIFT
PIECE_MASK = PIECE_SIDE - 1

OUTSIDE = -1
FIRST_LINK = -2
"""Numbers from here down stand for something to look up further: -2 for item 0, -3 for item 1 and so on."""
UNCERTAIN = -2

TOGETHER = 256
"""Points that are taken through a step together."""

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
    """Per cell of a linked block, the number of its meaning within that block; a cell that edges touch has its own."""
    meaning_starts: Ints
    meanings: Ints
    owners: Longs
    """Per meaning that is a list, two bits for each piece of its cell in two numbers: which entry of the list the
    piece belongs to, counted from 1, or 0 where an edge touches it. Empty where nobody has looked."""
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
def locate(x: Floats, y: Floats, order: Ints, layout: Layout, found: Longs) -> int:
    """Write the polygon of each point, OUTSIDE or UNCERTAIN, in the order given; return the number of the uncertain.

    A few points are taken through each step together, and no step waits for what it reads: so many reads are under
    way at once, which takes a fraction of the time of one after the other.
    """
    near_edges = np.empty(len(order), np.int32)
    near_edges = near_edges[: _look_up(x, y, order, layout, found, near_edges)]
    uncertain = 0
    for start in range(0, len(near_edges), TOGETHER):
        some = near_edges[start : start + TOGETHER]
        uncertain += _test(x, y, order, some, layout, found)
    return uncertain


@compiled
def _look_up(  # noqa: PLR0917 -- compiled functions take arguments by place
    x: Floats, y: Floats, order: Ints, layout: Layout, found: Longs, near_edges: Ints
) -> int:
    """Write the polygon of each point, or a link to its list where edges are near; return how many points those are."""
    # Taken out of their tuples once: each time costs as much as a look-up.
    frame, part_polygons = layout.frame, layout.rings.part_polygons
    blocks, codes, meaning_starts, meanings, owners, lists = layout.cells
    block_columns = frame.block_columns
    has_pieces = len(owners) > 0
    linked_points, cells = np.empty(TOGETHER, np.int32), np.empty(TOGETHER, np.int32)
    numbers, entries = np.empty(TOGETHER, np.int32), np.empty(TOGETHER, np.int32)
    listed_points = np.empty(TOGETHER, np.int32)
    near = 0
    for start in range(0, len(order), TOGETHER):
        linked = 0
        for nth in range(start, min(start + TOGETHER, len(order))):
            column, row = cell_of(x[order[nth]], y[order[nth]], frame)
            meaning = OUTSIDE
            if column >= 0:
                meaning = blocks[(row >> BLOCK_SHIFT) * block_columns + (column >> BLOCK_SHIFT)]
            found[nth] = meaning
            cell = (row & CELL_MASK) << BLOCK_SHIFT | column & CELL_MASK
            linked_points[linked] = nth
            cells[linked] = (FIRST_LINK - meaning) * BLOCK_CELLS + cell
            linked += meaning <= FIRST_LINK
        for i in range(linked):
            numbers[i] = meaning_starts[cells[i] // BLOCK_CELLS] + codes[cells[i]]
        listed = 0
        for i in range(linked):
            meaning = meanings[numbers[i]]
            found[linked_points[i]] = meaning
            listed_points[listed], numbers[listed] = linked_points[i], numbers[i]
            entries[listed] = FIRST_LINK - meaning
            listed += meaning <= FIRST_LINK
        if has_pieces:
            for i in range(listed):
                point = order[listed_points[i]]
                entries[i] += _owner_of_piece(x[point], y[point], frame, owners, numbers[i]) - 1
        for i in range(listed):
            nth = listed_points[i]
            near_edges[near] = nth
            if has_pieces and entries[i] >= FIRST_LINK - found[nth]:
                found[nth] = _polygon_of(lists[entries[i]], part_polygons)
            else:
                near += 1
    return near


@compiled
def _test(x: Floats, y: Floats, order: Ints, some: Ints, layout: Layout, found: Longs) -> int:  # noqa: PLR0917 -- compiled functions take arguments by place
    """Write the polygons of some points near edges, whose lists `found` links to; return the number of the uncertain."""
    frame, lists, part_polygons = layout.frame, layout.cells.lists, layout.rings.part_polygons
    places, starts, ends = layout.runs
    xy = layout.rings.xy
    rows = np.empty(len(some), np.int64)
    # Read ahead what the first two entries of each list need.
    runs = np.empty((2 * len(some), 2), np.int64)
    for i in range(len(some)):
        point, entry = order[some[i]], FIRST_LINK - found[some[i]]
        rows[i] = cell_of(x[point], y[point], frame)[1]
        second = lists[entry + 1] if lists[entry + 1] > OUTSIDE else lists[entry]
        runs[2 * i, 0] = places[lists[entry]] + rows[i]
        runs[2 * i + 1, 0] = places[second] + rows[i]
    for i in range(len(runs)):
        runs[i, 0], runs[i, 1] = starts[runs[i, 0]], starts[runs[i, 0] + 1]
    read = 0.0
    for i in range(len(runs)):
        read += ends[runs[i, 0], 0]
    for i in range(len(runs)):
        for run in range(runs[i, 0], runs[i, 1]):
            read += xy[ends[run, 0], 0]
    # Never true; but the compiler leaves out reads for nothing.
    uncertain = int(np.isnan(read))
    for i in range(len(some)):
        point, entry = order[some[i]], FIRST_LINK - found[some[i]]
        found[some[i]] = _first_covering(
            entry, x[point], y[point], rows[i], lists, part_polygons, places, starts, ends, xy
        )
        uncertain += found[some[i]] == UNCERTAIN
    return uncertain


@compiled
def sort_by_tile(x: Floats, y: Floats, frame: Frame, tiles: Longs, order: Ints) -> None:
    """Write each point's tile, and the points tile by tile, so that what one tile needs stays in the processor's cache."""
    shift = BLOCK_SHIFT + TILE_SHIFT
    tile_columns = (frame.columns >> shift) + 1
    starts = np.zeros(tile_columns * ((frame.rows >> shift) + 1) + 2, np.int32)
    for point in range(len(x)):
        column, row = cell_of(x[point], y[point], frame)
        tile = 0 if column < 0 else (row >> shift) * tile_columns + (column >> shift) + 1
        tiles[point] = tile
        starts[tile + 1] += 1
    total = 0
    for tile in range(len(starts)):
        total += starts[tile]
        starts[tile] = total
    for point in range(len(x)):
        tile = tiles[point]
        order[starts[tile]] = point
        starts[tile] += 1


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
def _owner_of_piece(x: float, y: float, frame: Frame, owners: Longs, number: int) -> int:
    """Return which entry of its list the piece of a cell belongs to, counted from 1; 0 where an edge touches it."""
    column = int((x - frame.x) * frame.per_unit * PIECE_SIDE) & PIECE_MASK
    row = int((y - frame.y) * frame.per_unit * PIECE_SIDE) & PIECE_MASK
    piece = row << PIECE_SHIFT | column
    return int((owners[number, 0] >> piece & 1) | (owners[number, 1] >> piece & 1) << 1)


@inlined
def _polygon_of(entry: int, part_polygons: Ints) -> int:
    """Return the polygon that an entry of a list stands for."""
    if entry > OUTSIDE:
        return int(part_polygons[entry])
    return OUTSIDE if entry == OUTSIDE else int(FIRST_LINK - entry)


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
        side = covers(places[lists[place]] + row, x, y, starts, ends, xy)
        if side > 0:
            return int(part_polygons[lists[place]])
        if side < 0:
            return UNCERTAIN
        place += 1
    return _polygon_of(lists[place], part_polygons)


@inlined
def covers(  # noqa: PLR0917 -- compiled functions take arguments by place
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
