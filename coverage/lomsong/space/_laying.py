"""Lay polygons on the integer grid: find the cells their edges touch, fill what lies between them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lomsong.space._cells import (
    BLOCK_CELLS,
    BLOCK_SHIFT,
    BLOCK_SIDE,
    CELL_MASK,
    FIRST_LINK,
    OUTSIDE,
    Bytes,
    Cells,
    Frame,
    Ints,
    Longs,
)
from lomsong.space._shapes import LARGEST_COORDINATE, Rings
from lomsong.space.compiled import compiled, inlined
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
    node_item: Ints
    node_next: Ints
    used: Longs
    """Numbers of linked blocks and of nodes."""
    touched: npt.NDArray[np.bool_]
    """Columns of blocks that the part at hand has an edge in, in the row of blocks at hand."""


@compiled
def measure(rings: Rings, limits: Floats) -> tuple[float, int]:
    """Write west, south, east and north; return the length of all outlines and the first unusable part or -1."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    length = 0.0
    for part in range(len(rings.part_polygons)):
        for ring in range(rings.part_rings[part], rings.part_rings[part + 1]):
            first = rings.ring_starts[ring]
            bx, by = rings.xy[first, 0], rings.xy[first, 1]
            for vertex in range(first, rings.ring_starts[ring + 1]):
                ax, ay = bx, by
                bx, by = rings.xy[vertex, 0], rings.xy[vertex, 1]
                if not (abs(bx) < LARGEST_COORDINATE and abs(by) < LARGEST_COORDINATE):
                    return np.nan, part
                west, east = min(west, bx), max(east, bx)
                south, north = min(south, by), max(north, by)
                length += np.hypot(bx - ax, by - ay)
    limits[:] = west, south, east, north
    return length, -1


@compiled
def place_rows(rings: Rings, frame: Frame, places: Longs) -> int:
    """Write what to add to a row to get its place among all parts' rows; return the number of places."""
    count = 0
    for part in range(len(places)):
        low, high = frame.rows, -1
        first, end = rings.part_rings[part], rings.part_rings[part + 1]
        for vertex in range(rings.ring_starts[first], rings.ring_starts[end]):
            row = int((rings.xy[vertex, 1] - frame.y) * frame.per_unit)
            low, high = min(low, row), max(high, row)
        places[part] = count - low
        count += max(0, high - low + 1)
    return count


@compiled
def find_runs(rings: Rings, frame: Frame, places: Longs, counts: Longs, ends: Ints) -> None:
    """Count the runs of each place, and write their first and last vertices after those counted before.

    Called twice: with no room for `ends`, to count; then with each place's first run in `counts`, to write.
    """
    latest = np.full(frame.rows, -1, np.int64)
    for part in range(len(places)):
        for ring in range(rings.part_rings[part], rings.part_rings[part + 1]):
            first, end = rings.ring_starts[ring], rings.ring_starts[ring + 1]
            above = int((rings.xy[first, 1] - frame.y) * frame.per_unit)
            for vertex in range(first + 1, end):
                below = above
                above = int((rings.xy[vertex, 1] - frame.y) * frame.per_unit)
                for row in range(min(below, above), max(below, above) + 1):
                    place = places[part] + row
                    counts[place] += latest[row] != vertex - 1
                    if len(ends):
                        if latest[row] != vertex - 1:
                            ends[counts[place] - 1, 0] = vertex - 1
                        ends[counts[place] - 1, 1] = vertex
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
        np.zeros(frame.block_columns, np.bool_),
    )
    stays = np.empty(1024, np.int64)
    for polygon in order:
        for part in range(rings.polygon_parts[polygon], rings.polygon_parts[polygon + 1]):
            count = 0
            for ring in range(rings.part_rings[part], rings.part_rings[part + 1]):
                for vertex in range(rings.ring_starts[ring] + 1, rings.ring_starts[ring + 1]):
                    stays, count = _add_stays(rings.xy, vertex, frame, stays, count)
            sorted_stays = stays[:count]
            sorted_stays.sort()
            draft = _with_room(draft, sorted_stays)
            _lay_stays(part, FIRST_LINK - polygon, sorted_stays, draft)
    return draft


@inlined
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
        # Edges that follow each other within one cell need saying only once.
        count += count == 0 or stays[count] != stays[count - 1] or crosses
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
    cells, polygons, followers = draft.cells, draft.node_item, draft.node_next
    if blocks * BLOCK_CELLS > len(cells):
        cells = np.empty(2 * blocks * BLOCK_CELLS, np.int32)
        cells[: len(draft.cells)] = draft.cells
    if nodes > len(polygons):
        polygons, followers = np.empty(2 * nodes, np.int32), np.empty(2 * nodes, np.int32)
        polygons[: len(draft.node_item)] = draft.node_item
        followers[: len(draft.node_next)] = draft.node_next
    return Draft(draft.blocks, cells, polygons, followers, draft.used, draft.touched)


@compiled
def _unpacked(stay: int) -> tuple[int, int, int, int]:
    """Return row, first and last column of a stay, and 1 where the edge crosses the row's middle."""
    return (
        stay >> (2 * COORDINATE_BITS + 1),
        (stay >> (COORDINATE_BITS + 1)) & COLUMN_MASK,
        (stay >> 1) & COLUMN_MASK,
        stay & 1,
    )


@compiled
def _lay_stays(edge: int, whole: int, stays: Longs, draft: Draft) -> None:
    """Lay one part of a polygon, a row of blocks at a time; `edge` and `whole` are what its cells are to note."""
    touched = draft.touched
    start = 0
    while start < len(stays):
        top = _unpacked(stays[start])[0]
        west, east = len(touched), 0
        end = start
        while end < len(stays):
            row, first, last, _ = _unpacked(stays[end])
            if row >> BLOCK_SHIFT != top >> BLOCK_SHIFT:
                break
            touched[first >> BLOCK_SHIFT : (last >> BLOCK_SHIFT) + 1] = True
            west, east = min(west, first >> BLOCK_SHIFT), max(east, last >> BLOCK_SHIFT)
            end += 1
        while start < end:
            start = _lay_row(edge, whole, stays, start, top, draft)
        touched[west : east + 1] = False


@compiled
def _lay_row(edge: int, whole: int, stays: Longs, start: int, top: int, draft: Draft) -> int:  # noqa: PLR0917 -- compiled functions take arguments by place
    """Lay one row of cells; return the first stay of the next.

    Blocks that no edge touches are filled whole when the first of their rows is laid, `top`.
    """
    row, first, reach, crossings = _unpacked(stays[start])
    while True:
        start += 1
        next_row, next_first, next_last, crosses = (
            _unpacked(stays[start]) if start < len(stays) else (-1, 0, 0, 0)
        )
        if next_row == row and next_first <= reach + 1:
            reach = max(reach, next_last)
            crossings += crosses
            continue
        _claim(edge, first, reach + 1, row, top, draft)
        if next_row != row:
            return start
        if crossings & 1:
            _claim(whole, reach + 1, next_first, row, top, draft)
        first, reach = next_first, next_last
        crossings += crosses


@compiled
def _claim(item: int, column: int, end: int, row: int, top: int, draft: Draft) -> None:  # noqa: PLR0917 -- compiled functions take arguments by place
    """Note in the cells from `column` up to `end` a part whose edges touch them, or a link to their polygon."""
    while column < end:
        block_column = column >> BLOCK_SHIFT
        base = block_column << BLOCK_SHIFT
        block_end = min(end, base + BLOCK_SIDE)
        place = (row >> BLOCK_SHIFT) * len(draft.touched) + block_column
        block = draft.blocks[place]
        if draft.touched[block_column]:
            if block == OUTSIDE:
                block = _link(place, draft)
            if block <= FIRST_LINK:
                first = (FIRST_LINK - block) * BLOCK_CELLS + ((row & CELL_MASK) << BLOCK_SHIFT)
                _claim_cells(item, first + column - base, first + block_end - base, draft)
        elif row == top and block == OUTSIDE:
            draft.blocks[place] = FIRST_LINK - item
        elif row == top and block <= FIRST_LINK:
            first = (FIRST_LINK - block) * BLOCK_CELLS
            _claim_cells(item, first, first + BLOCK_CELLS, draft)
        column = block_end


@compiled
def _link(place: int, draft: Draft) -> int:
    """Give a block cells of its own."""
    number = draft.used[0]
    draft.used[0] += 1
    draft.blocks[place] = FIRST_LINK - number
    draft.cells[number * BLOCK_CELLS : (number + 1) * BLOCK_CELLS] = OUTSIDE
    return int(draft.blocks[place])


@compiled
def _claim_cells(item: int, first: int, end: int, draft: Draft) -> None:
    """Let a polygon own empty cells it covers whole, or join the chains of others unless these are closed."""
    cells, polygons, followers = draft.cells, draft.node_item, draft.node_next
    node = draft.used[1]
    for cell in range(first, end):
        held = cells[cell]
        if held == OUTSIDE and item < 0:
            cells[cell] = FIRST_LINK - item
            continue
        if held > OUTSIDE:
            continue
        if held == OUTSIDE:
            cells[cell] = FIRST_LINK - node
        else:
            last = FIRST_LINK - held
            while followers[last] != NO_NODE:
                last = followers[last]
            if polygons[last] < 0:
                continue
            followers[last] = node
        polygons[node] = item
        followers[node] = NO_NODE
        node += 1
    draft.used[1] = node


@compiled
def pack(draft: Draft) -> Cells:
    """Give each block's meanings numbers, so that a cell takes one byte; cells that edges touch share none."""
    links, nodes = draft.used
    codes = np.empty(links * BLOCK_CELLS, np.uint8)
    meaning_starts = np.zeros(links + 1, np.int32)
    meanings = np.empty(16 * links + BLOCK_CELLS, np.int32)
    lists = np.empty(2 * nodes, np.int32)
    chains = np.empty((BLOCK_CELLS, 2), np.int32)
    end = 0
    for link in range(links):
        if meaning_starts[link] + BLOCK_CELLS > len(meanings):
            wider = np.empty(2 * len(meanings), np.int32)
            wider[: len(meanings)] = meanings
            meanings = wider
        block_meanings = meanings[meaning_starts[link] : meaning_starts[link] + BLOCK_CELLS]
        known = _number(draft, link, codes, block_meanings)
        end = _write_chains(draft, block_meanings[:known], chains, lists, end)
        meaning_starts[link + 1] = meaning_starts[link] + known
    return Cells(
        draft.blocks,
        codes,
        meaning_starts,
        meanings[: meaning_starts[links]].copy(),
        np.empty((0, 2), np.int64),
        lists[:end].copy(),
    )


@compiled
def _number(draft: Draft, link: int, codes: Bytes, meanings: Ints) -> int:
    """Write the meanings of a block and their number per cell; return how many there are."""
    known = 0
    number = 0
    for cell in range(link * BLOCK_CELLS, (link + 1) * BLOCK_CELLS):
        meaning = draft.cells[cell]
        # Neighbours mostly mean the same: start with the number of the cell before.
        if meaning <= FIRST_LINK or known == 0 or meaning != meanings[number]:
            number = known if meaning <= FIRST_LINK else 0
            while number < known and meaning != meanings[number]:
                number += 1
            if number == known:
                meanings[known] = meaning
                known += 1
        codes[cell] = number
    return known


@compiled
def _write_chains(draft: Draft, meanings: Ints, chains: Ints, lists: Ints, end: int) -> int:
    """Write the lists of a block, each once, and put links to them for those to chains; return the place behind them."""
    known = 0
    for number in range(len(meanings)):
        node = FIRST_LINK - meanings[number]
        if node < 0:
            continue
        chain = 0
        while chain < known and not _same(draft, node, chains[chain, 0]):
            chain += 1
        if chain == known:
            chains[known, 0], chains[known, 1] = node, end
            known += 1
            end = _write_chain(draft, node, lists, end)
        meanings[number] = FIRST_LINK - chains[chain, 1]
    return end


@compiled
def _same(draft: Draft, node: int, match: int) -> bool:
    """Tell whether two chains are of the same polygons."""
    while draft.node_item[node] == draft.node_item[match]:
        node, match = draft.node_next[node], draft.node_next[match]
        if NO_NODE in (node, match):
            return bool(node == match)
    return False


@compiled
def _write_chain(draft: Draft, node: int, lists: Ints, place: int) -> int:
    """Copy a chain's polygons and close the list; return the place behind it."""
    while node != NO_NODE:
        lists[place] = draft.node_item[node]
        place += 1
        node = draft.node_next[node]
    if lists[place - 1] > OUTSIDE:
        lists[place] = OUTSIDE
        place += 1
    return place
