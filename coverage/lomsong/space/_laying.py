"""Lay polygons on the integer grid: find the cells their edges touch, fill what lies between them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lomsong.space._cells import (
    BLOCK_CELLS,
    BLOCK_SHIFT,
    CELL_MASK,
    FIRST_LINK,
    OUTSIDE,
    Bytes,
    Cells,
    Frame,
    Ints,
    Longs,
    Runs,
)
from lomsong.space._shapes import Rings
from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats

COORDINATE_BITS = 20
"""Columns and rows are below 2^20, so that an edge's stay in a row fits into one sortable number."""
COLUMN_MASK = (1 << COORDINATE_BITS) - 1
PADDING_CELLS = 1e-7
"""How far an edge is taken to reach beyond itself; rounding over 2^20 cells stays below 1e-9."""
NO_NODE = -1


class Draft(NamedTuple):
    """Cells while polygons are being laid: an owner, OUTSIDE, or a link to a chain of polygons."""

    blocks: Ints
    cells: Ints
    node_polygon: Ints
    node_next: Ints
    used: Longs
    """Numbers of linked blocks and of nodes."""


@compiled
def count_runs(rings: Rings, frame: Frame, runs: Runs) -> None:
    """Add the number of runs per polygon and row to `run_starts`, one place further on."""
    latest = np.full(frame.rows, -1, np.int64)
    for polygon in range(len(rings.polygon_rings) - 1):
        offset = runs.row_starts[polygon] - runs.first_row[polygon]
        for ring in range(rings.polygon_rings[polygon], rings.polygon_rings[polygon + 1]):
            first, end = rings.ring_starts[ring], rings.ring_starts[ring + 1]
            above = int((rings.xy[first, 1] - frame.y) * frame.per_unit)
            for vertex in range(first + 1, end):
                below = above
                above = int((rings.xy[vertex, 1] - frame.y) * frame.per_unit)
                for row in range(min(below, above), max(below, above) + 1):
                    runs.run_starts[offset + row + 1] += latest[row] != vertex - 1
                    latest[row] = vertex


@compiled
def write_runs(rings: Rings, frame: Frame, runs: Runs) -> None:
    """Write the first and last vertex of every run; `run_starts` is final."""
    latest = np.full(frame.rows, -1, np.int64)
    current = np.zeros(frame.rows, np.int64)
    for polygon in range(len(rings.polygon_rings) - 1):
        first_place, end_place = runs.row_starts[polygon], runs.row_starts[polygon + 1]
        offset = first_place - runs.first_row[polygon]
        for place in range(first_place, end_place):
            current[place - offset] = runs.run_starts[place] - 1
        for ring in range(rings.polygon_rings[polygon], rings.polygon_rings[polygon + 1]):
            first, end = rings.ring_starts[ring], rings.ring_starts[ring + 1]
            above = int((rings.xy[first, 1] - frame.y) * frame.per_unit)
            for vertex in range(first + 1, end):
                below = above
                above = int((rings.xy[vertex, 1] - frame.y) * frame.per_unit)
                for row in range(min(below, above), max(below, above) + 1):
                    if latest[row] != vertex - 1:
                        current[row] += 1
                        runs.run_first[current[row]] = vertex - 1
                    runs.run_last[current[row]] = vertex
                    latest[row] = vertex


@compiled
def lay(rings: Rings, frame: Frame, order: Longs) -> Draft:
    """Lay polygons one after the other, the lowest rank first; what one has taken whole no other can touch."""
    draft = Draft(
        np.full(frame.block_columns * ((frame.rows + CELL_MASK) >> BLOCK_SHIFT), OUTSIDE, np.int32),
        np.empty(1024 * BLOCK_CELLS, np.int32),
        np.empty(1024, np.int32),
        np.empty(1024, np.int32),
        np.zeros(2, np.int64),
    )
    touched = np.zeros(frame.block_columns, np.bool_)
    stays = np.empty(1024, np.int64)
    for polygon in order:
        count = 0
        for ring in range(rings.polygon_rings[polygon], rings.polygon_rings[polygon + 1]):
            for vertex in range(rings.ring_starts[ring] + 1, rings.ring_starts[ring + 1]):
                stays, count = _add_stays(rings.xy, vertex, frame, stays, count)
        sorted_stays = stays[:count]
        sorted_stays.sort()
        draft = _with_room(draft, sorted_stays)
        _lay_stays(polygon, sorted_stays, frame, draft, touched)
    return draft


@compiled
def _add_stays(
    xy: Floats, vertex: int, frame: Frame, stays: Longs, count: int
) -> tuple[Longs, int]:
    """Note per row the columns that the edge to a vertex touches, and whether it crosses the row's middle."""
    ua = (xy[vertex - 1, 0] - frame.x) * frame.per_unit
    va = (xy[vertex - 1, 1] - frame.y) * frame.per_unit
    ub = (xy[vertex, 0] - frame.x) * frame.per_unit
    vb = (xy[vertex, 1] - frame.y) * frame.per_unit
    if va > vb:
        ua, va, ub, vb = ub, vb, ua, va
    first_row, last_row = int(va), int(vb)
    if count + last_row - first_row >= len(stays):
        wider = np.empty(2 * (count + last_row - first_row + 1), np.int64)
        wider[:count] = stays[:count]
        stays = wider
    west, east = int(min(ua, ub)), int(max(ua, ub))
    for row in range(first_row, last_row + 1):
        first_column, last_column = west, east
        if first_row != last_row and west != east:
            enter, leave = row - PADDING_CELLS, row + 1 + PADDING_CELLS
            slope = (ub - ua) / (vb - va)
            u_enter = ua if enter <= va else ua + (enter - va) * slope
            u_leave = ub if leave >= vb else ua + (leave - va) * slope
            first_column = max(west, int(max(0.0, min(u_enter, u_leave) - PADDING_CELLS)))
            last_column = min(east, int(max(0.0, max(u_enter, u_leave) + PADDING_CELLS)))
        middle = row + 0.5
        crosses = (va > middle) != (vb > middle)
        key = ((row << COORDINATE_BITS) | first_column) << (COORDINATE_BITS + 1)
        stays[count] = key | (last_column << 1) | crosses
        count += 1
    return stays, count


@compiled
def _with_room(draft: Draft, stays: Longs) -> Draft:
    """Return the draft with room for whatever these stays can add."""
    blocks, nodes = draft.used
    for stay in stays:
        first = (stay >> (COORDINATE_BITS + 1)) & COLUMN_MASK
        last = (stay >> 1) & COLUMN_MASK
        blocks += (last >> BLOCK_SHIFT) - (first >> BLOCK_SHIFT) + 1
        nodes += last - first + 1
    # Each chain can be closed once by a polygon that covers its cell whole: one more node per chain.
    nodes *= 2
    cells, polygons, followers = draft.cells, draft.node_polygon, draft.node_next
    if blocks * BLOCK_CELLS > len(cells):
        cells = np.empty(2 * blocks * BLOCK_CELLS, np.int32)
        cells[: len(draft.cells)] = draft.cells
    if nodes > len(polygons):
        polygons, followers = np.empty(2 * nodes, np.int32), np.empty(2 * nodes, np.int32)
        polygons[: len(draft.node_polygon)] = draft.node_polygon
        followers[: len(draft.node_next)] = draft.node_next
    return Draft(draft.blocks, cells, polygons, followers, draft.used)


@compiled
def _lay_stays(
    polygon: int, stays: Longs, frame: Frame, draft: Draft, touched: npt.NDArray[np.bool_]
) -> None:
    """Lay one polygon, a row of blocks at a time."""
    start = 0
    while start < len(stays):
        block_row = stays[start] >> (2 * COORDINATE_BITS + 1 + BLOCK_SHIFT)
        end = start
        west, east = frame.block_columns, 0
        while (
            end < len(stays) and stays[end] >> (2 * COORDINATE_BITS + 1 + BLOCK_SHIFT) == block_row
        ):
            first = ((stays[end] >> (COORDINATE_BITS + 1)) & COLUMN_MASK) >> BLOCK_SHIFT
            last = ((stays[end] >> 1) & COLUMN_MASK) >> BLOCK_SHIFT
            touched[first : last + 1] = True
            west, east = min(west, first), max(east, last)
            end += 1
        top = stays[start] >> (2 * COORDINATE_BITS + 1)
        while start < end:
            start = _lay_row(polygon, stays, start, top, frame, draft, touched)
        touched[west : east + 1] = False


@compiled
def _lay_row(
    polygon: int,
    stays: Longs,
    start: int,
    whole_row: int,
    frame: Frame,
    draft: Draft,
    touched: npt.NDArray[np.bool_],
) -> int:
    """Lay one row of cells; return the first stay of the next.

    Blocks that no edge touches are filled whole in row `whole_row` of their row of blocks, and only there.
    """
    row = stays[start] >> (2 * COORDINATE_BITS + 1)
    crossings = 0
    reach = -1
    while start < len(stays) and stays[start] >> (2 * COORDINATE_BITS + 1) == row:
        first = (stays[start] >> (COORDINATE_BITS + 1)) & COLUMN_MASK
        last = (stays[start] >> 1) & COLUMN_MASK
        if crossings & 1 and first > reach + 1:
            _fill(polygon, reach + 1, first, row, row == whole_row, frame, draft, touched)
        for column in range(max(first, reach + 1), last + 1):
            _touch(polygon, column, row, frame, draft)
        crossings += stays[start] & 1
        reach = max(reach, last)
        start += 1
    return start


@compiled
def _fill(
    polygon: int,
    column: int,
    end: int,
    row: int,
    whole: bool,  # noqa: FBT001 -- compiled functions take their arguments by place
    frame: Frame,
    draft: Draft,
    touched: npt.NDArray[np.bool_],
) -> None:
    """Give the cells from `column` up to `end` to a polygon that covers them whole."""
    while column < end:
        block_column = column >> BLOCK_SHIFT
        block_end = min(end, (block_column + 1) << BLOCK_SHIFT)
        place = (row >> BLOCK_SHIFT) * frame.block_columns + block_column
        if touched[block_column]:
            link = _linked(place, draft)
            if link >= 0:
                base = link * BLOCK_CELLS + ((row & CELL_MASK) << BLOCK_SHIFT)
                for cell in range(column & CELL_MASK, block_end - (block_column << BLOCK_SHIFT)):
                    _close(polygon, base + cell, draft)
        elif whole:
            if draft.blocks[place] == OUTSIDE:
                draft.blocks[place] = polygon
            elif draft.blocks[place] <= FIRST_LINK:
                base = (FIRST_LINK - draft.blocks[place]) * BLOCK_CELLS
                for cell in range(BLOCK_CELLS):
                    _close(polygon, base + cell, draft)
        column = block_end


@compiled
def _linked(place: int, draft: Draft) -> int:
    """Return the number of the block's cells, newly made where need be; -1 where it has an owner."""
    block = draft.blocks[place]
    if block > OUTSIDE:
        return -1
    if block <= FIRST_LINK:
        return int(FIRST_LINK - block)
    link = draft.used[0]
    draft.used[0] += 1
    draft.blocks[place] = FIRST_LINK - link
    draft.cells[link * BLOCK_CELLS : (link + 1) * BLOCK_CELLS] = OUTSIDE
    return int(link)


@compiled
def _touch(polygon: int, column: int, row: int, frame: Frame, draft: Draft) -> None:
    """Note that a polygon's edge touches a cell."""
    link = _linked((row >> BLOCK_SHIFT) * frame.block_columns + (column >> BLOCK_SHIFT), draft)
    if link < 0:
        return
    cell = link * BLOCK_CELLS + (((row & CELL_MASK) << BLOCK_SHIFT) | (column & CELL_MASK))
    if draft.cells[cell] == OUTSIDE:
        draft.cells[cell] = FIRST_LINK - _new_node(polygon, draft)
    elif draft.cells[cell] <= FIRST_LINK:
        _append(polygon, FIRST_LINK - draft.cells[cell], draft)


@compiled
def _close(polygon: int, cell: int, draft: Draft) -> None:
    """Note that a polygon covers a cell whole: no polygon of higher rank matters there."""
    if draft.cells[cell] == OUTSIDE:
        draft.cells[cell] = polygon
    elif draft.cells[cell] <= FIRST_LINK:
        _append(~polygon, FIRST_LINK - draft.cells[cell], draft)


@compiled
def _append(item: int, node: int, draft: Draft) -> None:
    """Add to a chain, unless it is closed."""
    while draft.node_next[node] != NO_NODE:
        node = draft.node_next[node]
    if draft.node_polygon[node] >= 0:
        draft.node_next[node] = _new_node(item, draft)


@compiled
def _new_node(item: int, draft: Draft) -> int:
    node = draft.used[1]
    draft.used[1] += 1
    draft.node_polygon[node] = item
    draft.node_next[node] = NO_NODE
    return int(node)


@compiled
def pack(draft: Draft) -> Cells:
    """Number the meanings within each block, so that a cell takes one byte."""
    links, nodes = draft.used
    codes = np.empty(links * BLOCK_CELLS, np.uint8)
    meaning_starts = np.zeros(links + 1, np.int32)
    meanings = np.empty(16 * links + BLOCK_CELLS, np.int32)
    list_starts = np.zeros(nodes + 1, np.int32)
    list_items = np.empty(nodes, np.int32)
    lists = 0
    for link in range(links):
        if meaning_starts[link] + BLOCK_CELLS > len(meanings):
            wider = np.empty(2 * len(meanings), np.int32)
            wider[: len(meanings)] = meanings
            meanings = wider
        block_meanings = meanings[meaning_starts[link] : meaning_starts[link] + BLOCK_CELLS]
        known = _number(draft, link, codes, block_meanings)
        for number in range(known):
            node = FIRST_LINK - block_meanings[number]
            if node >= 0:
                block_meanings[number] = FIRST_LINK - lists
                lists += 1
                list_starts[lists] = _write_chain(draft, node, list_items, list_starts[lists - 1])
        meaning_starts[link + 1] = meaning_starts[link] + known
    return Cells(
        draft.blocks,
        codes,
        meaning_starts,
        meanings[: meaning_starts[links]].copy(),
        list_starts[: lists + 1].copy(),
        list_items[: list_starts[lists]].copy(),
    )


@compiled
def _number(draft: Draft, link: int, codes: Bytes, meanings: Ints) -> int:
    """Write the distinct meanings of a block and their number per cell; return how many there are."""
    known = 0
    number = 0
    for cell in range(link * BLOCK_CELLS, (link + 1) * BLOCK_CELLS):
        meaning = draft.cells[cell]
        # Neighbours mostly mean the same: start with the number of the cell before.
        if known == 0 or not _same(draft, meaning, meanings[number]):
            number = 0
            while number < known and not _same(draft, meaning, meanings[number]):
                number += 1
            if number == known:
                meanings[known] = meaning
                known += 1
        codes[cell] = number
    return known


@compiled
def _same(draft: Draft, one: int, other: int) -> bool:
    """Tell whether two cells have the same owner or chains of the same polygons."""
    if one == other:
        return True
    if one > FIRST_LINK or other > FIRST_LINK:
        return False
    node, match = FIRST_LINK - one, FIRST_LINK - other
    while draft.node_polygon[node] == draft.node_polygon[match]:
        node, match = draft.node_next[node], draft.node_next[match]
        if node == NO_NODE or match == NO_NODE:
            return bool(node == match)
    return False


@compiled
def _write_chain(draft: Draft, node: int, items: Ints, place: int) -> int:
    """Copy a chain's polygons; return the place behind them."""
    while node != NO_NODE:
        items[place] = draft.node_polygon[node]
        place += 1
        node = draft.node_next[node]
    return place
