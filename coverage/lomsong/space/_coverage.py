"""Work out exactly which part of each grid cell polygons cover, edge by edge.

Each edge adds to a cell of its row the area between itself and the cell's eastern side, and to all cells further
east the height it spans; with the signs of the edges' directions, the sums around a polygon are the covered areas.
"""

from typing import NamedTuple

import numpy as np

from lomsong.space._shapes import Longs, Rings
from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats

NOTHING = 1e-12
"""A share of a cell that is rounding, not area."""
COLUMN_BITS = 32


class Pieces(NamedTuple):
    """What edges add to cells."""

    cell: Longs
    """Row and, in the lower bits, column."""
    area: Floats
    height: Floats
    used: Longs


@compiled
def cover(rings: Rings, rows: int, columns: int) -> tuple[Longs, Longs, Floats]:
    """Return where each polygon's cells begin, the cells' numbers and the covered shares.

    Coordinates are in cells from the north-west corner, y growing southwards; shells run counter-clockwise on
    the ground, holes clockwise.
    """
    starts = np.zeros(len(rings.polygon_parts), np.int64)
    cells, shares = np.empty(1024, np.int64), np.empty(1024)
    pieces = _room(1024)
    for polygon in range(len(starts) - 1):
        first = rings.part_rings[rings.polygon_parts[polygon]]
        end = rings.part_rings[rings.polygon_parts[polygon + 1]]
        needed = _most_pieces(rings, first, end, rows, columns)
        if needed > len(pieces.cell):
            pieces = _room(2 * needed)
        pieces.used[0] = 0
        for ring in range(first, end):
            for vertex in range(rings.ring_starts[ring] + 1, rings.ring_starts[ring + 1]):
                _add_edge(rings.xy, vertex, rows, columns, pieces)
        order = np.argsort(pieces.cell[: pieces.used[0]], kind="mergesort")
        most = starts[polygon] + _most_cells(pieces, order)
        if most > len(cells):
            wider_cells, wider_shares = np.empty(2 * most, np.int64), np.empty(2 * most)
            wider_cells[: len(cells)], wider_shares[: len(cells)] = cells, shares
            cells, shares = wider_cells, wider_shares
        found = _sum_up(pieces, order, columns, cells[starts[polygon] :], shares[starts[polygon] :])
        starts[polygon + 1] = starts[polygon] + found
    return starts, cells[: starts[-1]].copy(), shares[: starts[-1]].copy()


@compiled
def _room(size: int) -> Pieces:
    return Pieces(np.empty(size, np.int64), np.empty(size), np.empty(size), np.zeros(1, np.int64))


@compiled
def _within(value: float, limit: int) -> int:
    """Return the whole number below a value, kept from 0 to `limit`."""
    return int(min(max(value, 0.0), float(limit)))


@compiled
def _most_pieces(rings: Rings, first_ring: int, end_ring: int, rows: int, columns: int) -> int:
    """Return a number that the pieces of these rings' edges do not exceed."""
    most = 0
    for ring in range(first_ring, end_ring):
        for vertex in range(rings.ring_starts[ring] + 1, rings.ring_starts[ring + 1]):
            across = _within(rings.xy[vertex, 0], columns) - _within(
                rings.xy[vertex - 1, 0], columns
            )
            down = _within(rings.xy[vertex, 1], rows) - _within(rings.xy[vertex - 1, 1], rows)
            # Each row can add a piece at either side of the grid, and shares a column with the next row.
            most += abs(across) + 4 * (abs(down) + 1)
    return most


@compiled
def _add_edge(xy: Floats, vertex: int, rows: int, columns: int, pieces: Pieces) -> None:
    """Add what the edge to a vertex covers, row by row."""
    u0, v0 = xy[vertex - 1, 0], xy[vertex - 1, 1]
    u1, v1 = xy[vertex, 0], xy[vertex, 1]
    if v0 == v1:
        return
    slope = (u1 - u0) / (v1 - v0)
    west, east = min(u0, u1), max(u0, u1)
    for row in range(_within(min(v0, v1), rows), min(rows, _within(max(v0, v1), rows) + 1)):
        va, vb = min(max(v0, row), row + 1), min(max(v1, row), row + 1)
        if va == vb:
            continue
        ua = u0 if va == v0 else min(max(u0 + (va - v0) * slope, west), east)
        ub = u1 if vb == v1 else min(max(u0 + (vb - v0) * slope, west), east)
        _add_stay(row, min(ua, ub), max(ua, ub), vb - va, columns, pieces)


@compiled
def _add_stay(  # noqa: PLR0917 -- compiled functions take arguments by place
    row: int, west: float, east: float, height: float, columns: int, pieces: Pieces
) -> None:
    """Add what an edge covers within one row, column by column."""
    width = east - west
    if west < 0:
        part = height if east <= 0 else height * (-west / width)
        _add(row << COLUMN_BITS, part, part, pieces)
    if east >= columns:
        # Nothing of it is seen, but what other edges cover reaches as far as the grid.
        _add((row << COLUMN_BITS) | columns, 0.0, 0.0, pieces)
    if east < 0 or west >= columns:
        return
    for column in range(_within(west, columns - 1), _within(east, columns - 1) + 1):
        left, right = max(west, column), min(east, column + 1)
        if right < left or (right == left and width > 0):
            continue
        part = height if width == 0 else height * ((right - left) / width)
        area = part * (column + 1 - (left + right) / 2)
        _add((row << COLUMN_BITS) | column, area, part, pieces)


@compiled
def _add(cell: int, area: float, height: float, pieces: Pieces) -> None:
    place = pieces.used[0]
    pieces.cell[place], pieces.area[place], pieces.height[place] = cell, area, height
    pieces.used[0] = place + 1


@compiled
def _most_cells(pieces: Pieces, order: Longs) -> int:
    """Return a number that the cells covered do not exceed."""
    most = len(order)
    for nth in range(1, len(order)):
        here, there = pieces.cell[order[nth - 1]], pieces.cell[order[nth]]
        if here >> COLUMN_BITS == there >> COLUMN_BITS:
            most += there - here
    return most


@compiled
def _sum_up(pieces: Pieces, order: Longs, columns: int, cells: Longs, shares: Floats) -> int:
    """Write the cells covered and their shares, from west to east in each row; return how many."""
    found = 0
    height = 0.0
    for nth in range(len(order)):
        piece = order[nth]
        cell = pieces.cell[piece]
        if nth == 0 or pieces.cell[order[nth - 1]] != cell:
            area = 0.0
            entered = height
        area += pieces.area[piece]
        height += pieces.height[piece]
        following = pieces.cell[order[nth + 1]] if nth + 1 < len(order) else -1
        if following == cell:
            continue
        row, column = cell >> COLUMN_BITS, cell & ((1 << COLUMN_BITS) - 1)
        if column < columns:
            found = _write(row * columns + column, entered + area, cells, shares, found)
        if following >> COLUMN_BITS != row:
            height = 0.0
            continue
        for whole in range(column + 1, following & ((1 << COLUMN_BITS) - 1)):
            found = _write(row * columns + whole, height, cells, shares, found)
    return found


@compiled
def _write(cell: int, share: float, cells: Longs, shares: Floats, found: int) -> int:
    if share <= NOTHING:
        return found
    cells[found] = cell
    shares[found] = min(share, 1.0)
    return found + 1
