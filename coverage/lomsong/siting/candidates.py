"""Look for places where a mast would see far: high ground near each group of demand."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lomsong.evidence.clusters import Integers
from lomsong.siting.demand import Demand
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

SPACING_M: Final = 500.0
"""Two candidates of one group stand at least this far apart [m] (assumption), or one hill would take all places."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Places:
    """Candidate places in the run's metric CRS, sorted by group and height."""

    x: Floats
    y: Floats
    ground_m: Floats
    group: Integers


def find_places(
    demand: Demand, terrain: Raster, *, search_radius_m: float, per_group: int
) -> Places:
    """Return the highest terrain cells near each group, `SPACING_M` apart, and the cell in the group's middle.

    Only cells within `search_radius_m` [m] of one of the group's clusters count; where heights tie, the more northern
    and then the more western cell comes first. A cell already taken by an earlier group is not taken twice.
    """
    found: dict[tuple[int, int], int] = {}
    for group in np.unique(demand.group[demand.group >= 0]):
        members = np.flatnonzero(demand.group == group)
        for cell in _cells(
            demand, members, terrain, search_radius_m=search_radius_m, most=per_group
        ):
            found.setdefault(cell, int(group))
    rows = np.array([cell[0] for cell in found], np.int64)
    columns = np.array([cell[1] for cell in found], np.int64)
    x, y = _centres(terrain, rows, columns)
    return Places(
        x=x,
        y=y,
        ground_m=terrain.values[rows, columns].astype(float),
        group=np.array(list(found.values()), np.int64),
    )


def _cells(
    demand: Demand, members: Integers, terrain: Raster, *, search_radius_m: float, most: int
) -> list[tuple[int, int]]:
    rows, columns = _window(terrain, demand.x[members], demand.y[members], search_radius_m)
    grid_rows, grid_columns = np.meshgrid(rows, columns, indexing="ij")
    x, y = _centres(terrain, grid_rows, grid_columns)
    height = terrain.values[grid_rows, grid_columns].astype(float)
    near = np.zeros(height.shape, bool)
    for member in members:
        near |= np.hypot(x - demand.x[member], y - demand.y[member]) <= search_radius_m
    usable = near & np.isfinite(height)
    chosen: list[tuple[int, int]] = []
    middle = _middle(demand, members, x, y, usable)
    if middle is not None:
        chosen.append((int(grid_rows[middle]), int(grid_columns[middle])))
    height = np.where(usable, height, -np.inf)
    while len(chosen) <= most:
        top = np.unravel_index(int(np.argmax(height)), height.shape)
        if height[top] == -np.inf:
            break
        chosen.append((int(grid_rows[top]), int(grid_columns[top])))
        height[np.hypot(x - x[top], y - y[top]) < SPACING_M] = -np.inf
    return chosen


def _middle(
    demand: Demand, members: Integers, x: Floats, y: Floats, usable: np.ndarray
) -> tuple[int, ...] | None:
    if not usable.any():
        return None
    weight = demand.waiting[members]
    centre_x = np.average(demand.x[members], weights=weight)
    centre_y = np.average(demand.y[members], weights=weight)
    distance = np.where(usable, np.hypot(x - centre_x, y - centre_y), np.inf)
    return tuple(int(i) for i in np.unravel_index(int(np.argmin(distance)), distance.shape))


def _window(terrain: Raster, x: Floats, y: Floats, margin_m: float) -> tuple[Integers, Integers]:
    height, width = terrain.values.shape
    left = (x.min() - margin_m - terrain.transform.c) / terrain.transform.a
    right = (x.max() + margin_m - terrain.transform.c) / terrain.transform.a
    top = (y.max() + margin_m - terrain.transform.f) / terrain.transform.e
    bottom = (y.min() - margin_m - terrain.transform.f) / terrain.transform.e
    return (
        np.arange(max(int(top), 0), min(int(bottom) + 1, height)),
        np.arange(max(int(left), 0), min(int(right) + 1, width)),
    )


def _centres(terrain: Raster, rows: Integers, columns: Integers) -> tuple[Floats, Floats]:
    transform = terrain.transform
    x = transform.c + (columns + 0.5) * transform.a
    y = transform.f + (rows + 0.5) * transform.e
    return np.asarray(x, float), np.asarray(y, float)
