"""Lay roads and power lines where they cost least."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage

from lomsong.demo.land import Land
from lomsong.demo.paths import fill_all, grid_graph, spread, way_back
from lomsong.demo.units import OUTSIDE, Units
from lomsong.demo.world import Chance, Flags, Floats, Ints, World

MAIN, COMMUNE, TRACK = "tinh_lo", "duong_xa", "duong_mon"
STEEP_ROAD = 0.16
"""Slope that doubles the cost of a road."""
RIVER_SHARE = 0.02
FORD_COST = 1.5
ABROAD_COST = 6.0
"""A district builds its roads on its own land where it can."""
TRACK_SHARE = 0.2
"""Share of hamlets, the farthest, that only a track reaches."""


@dataclass(frozen=True)
class Ways:
    """Roads as cells and as lines; every hamlet has a way to the district's gate."""

    gate: int
    before: Ints
    """For each cell the next one toward the gate, along the roads."""
    main: Flags
    road: Flags
    """Cells of any road that cars use."""
    hamlet_cost: Floats
    """How far each hamlet is from the main road, in cells of flat way."""
    lines: list[tuple[str, shapely.LineString]]
    """Kind and course, in local metres."""

    def to_gate(self, cell: int) -> Ints:
        """List the cells from a place of the network to the gate."""
        return way_back(self.before, cell)


def lay_roads(land: Land, units: Units) -> Ways:
    """Join commune centres to the gate, then hamlets to what is there."""
    inside = units.commune_grid != OUTSIDE
    river = land.drained_cells > RIVER_SHARE * land.drained_cells.max()
    cost = 1 + (land.slope / STEEP_ROAD) ** 2 + np.where(river, FORD_COST, 0.0)
    cost = cost * np.where(inside, 1.0, ABROAD_COST)
    graph = grid_graph(cost, height=land.height_m, grade_m=5.0)
    border = np.flatnonzero(inside & ~ndimage.binary_erosion(inside))
    gate = int(border[np.argmin(land.height_m.ravel()[border])])
    _, to_gate, _ = spread(graph, np.array([gate]))
    centres = np.array(
        [units.seat[np.flatnonzero(units.commune_of == c)[0]] for c in np.unique(units.commune_of)]
    )
    main = fill_all(to_gate, centres, cost.size)
    far, to_main, _ = spread(graph, np.flatnonzero(main))
    before = np.where(main, to_gate, to_main)
    lines = _branches(land, before, centres, MAIN, set())
    seen = set(np.flatnonzero(main).tolist())
    nearest_first = np.argsort(far[units.seat], kind="stable")
    tracks = np.quantile(far[units.seat], 1 - TRACK_SHARE)
    for number in nearest_first:
        kind = TRACK if far[units.seat[number]] > tracks else COMMUNE
        lines += _branches(land, before, units.seat[[number]], kind, seen)
    road = fill_all(before, units.seat[far[units.seat] <= tracks], cost.size)
    return Ways(gate, before, main, road, far[units.seat], lines)


def lay_power(
    world: World, chance: Chance, ways: Ways, units: Units, land: Land
) -> tuple[Flags, list[shapely.LineString]]:
    """Decide which hamlets have grid power and draw the medium-voltage lines to them.

    Returns
    -------
    Flags
        True for each hamlet with grid power.
    list of LineString
        In local metres.
    """
    stream = chance.stream("power")
    remote = ways.hamlet_cost * np.exp(0.35 * stream.standard_normal(len(units.seat)))
    remote = remote * np.where(units.high, 1.8, 1.0)
    dark = np.argsort(-remote, kind="stable")[: world.no_grid_hamlets]
    lit = np.ones(len(units.seat), bool)
    lit[dark] = False
    seen: set[int] = set()
    lines = []
    for number in np.flatnonzero(lit):
        lines += [
            line for _, line in _branches(land, ways.before, units.seat[[number]], MAIN, seen)
        ]
    return lit, lines


def _branches(
    land: Land, before: Ints, starts: Ints, kind: str, seen: set[int]
) -> list[tuple[str, shapely.LineString]]:
    """Draw the way from each start until it meets a cell that is drawn already."""
    lines = []
    for start in starts:
        cells = []
        for cell in way_back(before, int(start)).tolist():
            cells.append(cell)
            if cell in seen:
                break
        seen.update(cells)
        if len(cells) > 1:
            lines.append((kind, course(land, np.array(cells))))
    return lines


def course(land: Land, cells: Ints) -> shapely.LineString:
    """Round the corners of a way over cells; ends stay."""
    x, y = smooth_way(land, cells)
    return shapely.LineString(np.column_stack([x, y])).simplify(12.0)


def smooth_way(land: Land, cells: Ints) -> tuple[Floats, Floats]:
    """Return the points of a way in local metres, corners rounded."""
    x, y = land.middle_of(cells)
    smooth_x = ndimage.uniform_filter1d(x, 3, mode="nearest")
    smooth_y = ndimage.uniform_filter1d(y, 3, mode="nearest")
    for smooth, exact in ((smooth_x, x), (smooth_y, y)):
        smooth[0], smooth[-1] = exact[0], exact[-1]
    return smooth_x, smooth_y
