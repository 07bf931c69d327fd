"""Find cheapest ways over a grid."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from lomsong.demo.world import Flags, Floats, Ints

HALF_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
NOWHERE = -9999


def grid_graph(
    cost: Floats, *, height: Floats | None = None, grade_m: float = 1.0, diagonal: bool = True
) -> csr_matrix:
    """Link neighbouring cells; an edge costs its length times the mean of its ends' cost.

    Parameters
    ----------
    cost
        Cost per cell of way; no edge leads to a cell of infinite cost.
    height
        Where given, an edge also costs by the square of its grade, as a road on a hillside does [m].
    grade_m
        Rise over one cell that doubles the cost [m].
    diagonal
        Whether corners touch.
    """
    rows, columns = cost.shape
    index = np.arange(cost.size).reshape(cost.shape)
    starts, ends, weights = [], [], []
    for down, right in HALF_STEPS if diagonal else HALF_STEPS[:2]:
        here = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        there = (slice(down, rows), slice(max(0, right), columns - max(0, -right)))
        length = float(np.hypot(down, right))
        weight = length * (cost[here] + cost[there]) / 2
        if height is not None:
            rise = (height[there] - height[here]) / (grade_m * length)
            weight = weight * (1 + rise**2)
        passable = np.isfinite(weight)
        starts.append(index[here][passable])
        ends.append(index[there][passable])
        weights.append(weight[passable])
    one_way = csr_matrix(
        (np.concatenate(weights), (np.concatenate(starts), np.concatenate(ends))),
        shape=(cost.size, cost.size),
    )
    return (one_way + one_way.T).tocsr()


def spread(graph: csr_matrix, sources: Ints) -> tuple[Floats, Ints, Ints]:
    """Return for each cell the cost from the nearest source, the cell before it, and that source."""
    cost, before, source = dijkstra(
        graph, directed=False, indices=np.unique(sources), min_only=True, return_predecessors=True
    )
    return cost, before.astype(np.int64), source.astype(np.int64)


def way_back(before: Ints, start: int) -> Ints:
    """List the cells from `start` to its source, both included."""
    cells = [start]
    while before[cells[-1]] != NOWHERE:
        cells.append(int(before[cells[-1]]))
    return np.array(cells, dtype=np.int64)


def fill_all(before: Ints, starts: Ints, size: int) -> Flags:
    """Mark every cell on the ways from `starts` to their sources."""
    marked = np.zeros(size, bool)
    for start in starts:
        cell = int(start)
        while not marked[cell]:
            marked[cell] = True
            if before[cell] == NOWHERE:
                break
            cell = int(before[cell])
    return marked
