"""Tell of each piece of a cell that edges touch which polygon it belongs to, so that few points need an exact test."""

import numpy as np

from lomsong.space._cells import (
    BLOCK_CELLS,
    BLOCK_SHIFT,
    CELL_MASK,
    FIRST_LINK,
    PIECE_MASK,
    PIECE_SHIFT,
    PIECE_SIDE,
    Frame,
    Layout,
    Longs,
    Runs,
    covers,
)
from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats

MOST_ENTRIES = 3
"""What two bits can tell of the entries of a list."""
PADDING_PIECES = 1e-7
"""How far an edge is taken to reach beyond itself; rounding over 2^23 pieces stays below 1e-8."""
ALL_PIECES = -1
"""All bits of a number."""


@compiled
def owners_of_pieces(layout: Layout) -> Longs:
    """Return the `owners` of the cells of a layout."""
    frame, cells = layout.frame, layout.cells
    owners = np.zeros((len(cells.meanings), 2), np.int64)
    for place in range(len(cells.blocks)):
        linked = FIRST_LINK - cells.blocks[place]
        if linked < 0:
            continue
        south = place // frame.block_columns << BLOCK_SHIFT
        west = place % frame.block_columns << BLOCK_SHIFT
        for cell in range(BLOCK_CELLS):
            number = cells.meaning_starts[linked] + cells.codes[linked * BLOCK_CELLS + cell]
            entry = FIRST_LINK - cells.meanings[number]
            if entry < 0:
                continue
            column, row = west | (cell & CELL_MASK), south | (cell >> BLOCK_SHIFT)
            _share(layout, entry, column, row, owners[number])
    return owners


@compiled
def _share(layout: Layout, entry: int, column: int, row: int, owners: Longs) -> None:
    """Give the pieces of a cell to the first of its list that covers them whole, unless an edge of an earlier one is there."""
    cells = layout.cells
    left = ALL_PIECES
    for nth in range(1, MOST_ENTRIES + 1):
        part = cells.lists[entry + nth - 1]
        # What closes a list owns all that is left.
        touched, inside = (
            _touched_and_inside(layout, part, column, row) if part >= 0 else (0, ALL_PIECES)
        )
        inside &= left
        owners[0] |= inside * (nth & 1)
        owners[1] |= inside * (nth >> 1)
        left &= ~(touched | inside)
        if left == 0 or part < 0:
            return


@compiled
def _touched_and_inside(layout: Layout, part: int, column: int, row: int) -> tuple[int, int]:
    """Return which pieces of a cell the edges of a part touch, and which lie inside of it whole."""
    frame, rings, runs, _ = layout
    place = runs.places[part] + row
    touched = _touched(rings.xy, runs, place, frame, column, row)
    step = 1 / (frame.per_unit * PIECE_SIDE)
    inside = 0
    for piece in range(PIECE_SIDE * PIECE_SIDE):
        if touched >> piece & 1:
            continue
        # Neighbours that no edge touches lie on the same side of all edges.
        if piece & PIECE_MASK and not touched >> (piece - 1) & 1:
            is_inside = inside >> (piece - 1) & 1
        elif piece >= PIECE_SIDE and not touched >> (piece - PIECE_SIDE) & 1:
            is_inside = inside >> (piece - PIECE_SIDE) & 1
        else:
            x = frame.x + ((column << PIECE_SHIFT) + (piece & PIECE_MASK) + 0.5) * step
            y = frame.y + ((row << PIECE_SHIFT) + (piece >> PIECE_SHIFT) + 0.5) * step
            is_inside = covers(place, x, y, runs.starts, runs.ends, rings.xy)
            if is_inside < 0:
                touched |= 1 << piece
                continue
        inside |= is_inside << piece
    return touched, inside


@compiled
def _touched(xy: Floats, runs: Runs, place: int, frame: Frame, column: int, row: int) -> int:  # noqa: PLR0917 -- compiled functions take arguments by place
    """Return which pieces of a cell the edges of the runs of a place touch."""
    scale = frame.per_unit * PIECE_SIDE
    west, south = column << PIECE_SHIFT, row << PIECE_SHIFT
    touched = 0
    for run in range(runs.starts[place], runs.starts[place + 1]):
        first, last = runs.ends[run, 0], runs.ends[run, 1]
        ub, vb = (xy[first, 0] - frame.x) * scale - west, (xy[first, 1] - frame.y) * scale - south
        for vertex in range(first + 1, last + 1):
            ua, va = ub, vb
            ub = (xy[vertex, 0] - frame.x) * scale - west
            vb = (xy[vertex, 1] - frame.y) * scale - south
            if min(ua, ub) < PIECE_SIDE and max(ua, ub) >= 0:
                if va <= vb:
                    touched |= _touched_by(ua, va, ub, vb)
                else:
                    touched |= _touched_by(ub, vb, ua, va)
    return touched


@compiled
def _touched_by(ua: float, va: float, ub: float, vb: float) -> int:
    """Return which pieces an edge touches that goes up from a to b, given in pieces from the corner of a cell."""
    touched = 0
    west, east = np.floor(min(ua, ub)), np.floor(max(ua, ub))
    first_row, last_row = np.floor(va), np.floor(vb)
    for row in range(max(0, int(first_row)), min(PIECE_MASK, int(last_row)) + 1):
        first, last = west, east
        if first_row != last_row and west != east:
            enter, leave = row - PADDING_PIECES, row + 1 + PADDING_PIECES
            slope = (ub - ua) / (vb - va)
            u_enter = ua if enter <= va else ua + (enter - va) * slope
            u_leave = ub if leave >= vb else ua + (leave - va) * slope
            first = max(west, np.floor(min(u_enter, u_leave) - PADDING_PIECES))
            last = min(east, np.floor(max(u_enter, u_leave) + PADDING_PIECES))
        if first <= PIECE_MASK and last >= 0:
            low, high = int(max(first, 0)), int(min(last, PIECE_MASK))
            touched |= ((1 << (high - low + 1)) - 1) << (row << PIECE_SHIFT | low)
    return touched
