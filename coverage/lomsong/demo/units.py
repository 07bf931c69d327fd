"""Draw a district, its communes and hamlets, with borders that follow ridges."""

from dataclasses import dataclass

import numpy as np
import shapely
from rasterio import features
from rasterio.transform import from_origin
from scipy import ndimage

from lomsong.demo.land import Land, fractal
from lomsong.demo.paths import grid_graph, spread
from lomsong.demo.world import METRES_PER_DEGREE, Chance, Flags, Floats, Ints, World

OUTSIDE = -1
MARGIN_CELLS = 26
BORDER_TOLERANCE_M = 97.5
HAMLET_SPACING_M = 950.0
LOW_SLOPE, HIGH_SLOPE = 0.33, 0.42
"""Steepest ground for a hamlet in a valley and high up."""
HIGH_ABOVE_M = 140.0


@dataclass(frozen=True)
class Units:
    """Communes and hamlets; hamlets are numbered commune by commune, the commune's centre first."""

    commune_grid: Ints
    hamlet_grid: Ints
    interior: Flags
    """Cells two cells away from any border: simplifying the borders cannot move them out."""
    commune_of: Ints
    """Commune of each hamlet."""
    seat: Ints
    """Flat cell of each hamlet's middle."""
    high: Flags
    """Hamlets high above the valleys."""
    polygons: list[shapely.Polygon]
    """Of the hamlets, in degrees; neighbours share their border's vertices."""


def draw_units(world: World, chance: Chance, land: Land) -> Units:
    """Divide the land."""
    ridge = land.height_m - ndimage.uniform_filter(land.height_m, 31)
    cost = np.exp(
        np.clip(ridge / 90, -0.7, 2.2)
        + 0.35 * fractal(chance.stream("borders"), land.shape, slope=1.3)
    )
    district = _district(world, land, cost)
    stream = chance.stream("units")
    communes = _commune_seats(world, stream, land, district)
    commune_grid = _tile(cost, communes, np.where(district, 0, OUTSIDE))
    seat, commune_of, high = _hamlet_seats(world, stream, land, commune_grid, communes)
    hamlet_grid = _tile(cost, seat, commune_grid)
    same = ndimage.minimum_filter(hamlet_grid, 5) == ndimage.maximum_filter(hamlet_grid, 5)
    return Units(
        commune_grid=commune_grid,
        hamlet_grid=hamlet_grid,
        interior=same & (hamlet_grid != OUTSIDE),
        commune_of=commune_of,
        seat=seat,
        high=high,
        polygons=_polygons(land, hamlet_grid, len(seat)),
    )


def _district(world: World, land: Land, cost: Floats) -> Flags:
    """Grow the district from its middle until it covers its share; ridges slow it down."""
    rows, columns = land.shape
    middle = np.array([(rows // 2) * columns + columns // 2])
    away, _, _ = spread(grid_graph(cost), middle)
    away = away.reshape(land.shape)
    inner = np.zeros(land.shape, bool)
    inner[MARGIN_CELLS:-MARGIN_CELLS, MARGIN_CELLS:-MARGIN_CELLS] = True
    limit = np.sort(away[inner])[min(int(world.district_share * away.size), inner.sum()) - 1]
    filled = ndimage.binary_fill_holes((away <= limit) & inner)
    parts, _ = ndimage.label(ndimage.binary_opening(filled, iterations=3))
    return np.asarray(parts == parts[rows // 2, columns // 2])


def _commune_seats(world: World, stream: np.random.Generator, land: Land, district: Flags) -> Ints:
    """Spread commune centres evenly, each on flat ground by a river."""
    cells = np.flatnonzero(district)
    sample = stream.choice(cells, 4000)
    x, y = land.middle_of(sample)
    at = stream.choice(len(sample), world.communes, replace=False)
    seats_x, seats_y = x[at], y[at]
    for _ in range(25):
        nearest = np.hypot(x[:, None] - seats_x, y[:, None] - seats_y).argmin(axis=1)
        for number in range(world.communes):
            mine = nearest == number
            if mine.any():
                seats_x[number], seats_y[number] = x[mine].mean(), y[mine].mean()
    core = cells[ndimage.binary_erosion(district, iterations=22).ravel()[cells]]
    x, y = land.middle_of(core)
    merit = np.log(land.drained_cells.ravel()[core]) * 0.35 - 9 * land.slope.ravel()[core]
    merit = merit - (land.height_m.ravel()[core] - land.height_m.min()) / 500
    seats: list[int] = []
    for seat_x, seat_y in zip(seats_x, seats_y, strict=True):
        far = np.hypot(x - seat_x, y - seat_y) / 800
        seats.append(int(core[np.argmax(merit - far)]))
    return np.array(sorted(set(seats)), dtype=np.int64)


def _hamlet_seats(
    world: World, stream: np.random.Generator, land: Land, commune_grid: Ints, communes: Ints
) -> tuple[Ints, Ints, Flags]:
    """Choose hamlet middles: most along valleys, some high up, never close together."""
    slope = ndimage.uniform_filter(land.slope, 3)
    low = ndimage.percentile_filter(land.height_m, 8, size=(25, 25))
    above = land.height_m - low
    inside = ndimage.minimum_filter(commune_grid, 9) == ndimage.maximum_filter(commune_grid, 9)
    inside &= commune_grid != OUTSIDE
    score = 1.2 * stream.random(land.shape) - 3.5 * slope
    valley = np.where(inside & (slope < LOW_SLOPE), score - above / 130, -np.inf).ravel()
    upland = np.where(
        inside & (slope < HIGH_SLOPE) & (above > HIGH_ABOVE_M), score + above / 500, -np.inf
    ).ravel()
    chosen = list(communes)
    high = [False] * len(communes)
    wanted_high = round(world.high_share * world.hamlets)
    spacing = HAMLET_SPACING_M
    while len(chosen) < world.hamlets:
        for field, wanted, is_high in (
            (upland, wanted_high, True),
            (valley, world.hamlets - wanted_high, False),
        ):
            missing = wanted - high.count(is_high)
            taken = _thinned(land, field, chosen, missing, spacing)
            chosen.extend(taken)
            high.extend([is_high] * len(taken))
        spacing *= 0.92
    seat, uphill = np.array(chosen, dtype=np.int64), np.array(high)
    commune_of = commune_grid.ravel()[seat]
    lead = np.arange(len(seat)) >= len(communes)
    order = np.lexsort((seat, lead, commune_of))
    return seat[order], commune_of[order], uphill[order]


def _thinned(
    land: Land, field: Floats, chosen: list[int], wanted: int, spacing: float
) -> list[int]:
    """Take the best cells of a field that keep their distance from one another."""
    best = np.argsort(-field, kind="stable")[: int(np.isfinite(field).sum())]
    x, y = land.middle_of(best)
    free = np.ones(len(best), bool)
    for cell in chosen:
        at_x, at_y = land.middle_of(np.array([cell]))
        free &= np.hypot(x - at_x, y - at_y) >= spacing
    taken: list[int] = []
    while len(taken) < wanted and free.any():
        first = int(free.argmax())
        taken.append(int(best[first]))
        free &= np.hypot(x - x[first], y - y[first]) >= spacing
    return taken


def _tile(cost: Floats, seeds: Ints, within: Ints) -> Ints:
    """Give each cell to the seed that reaches it cheapest without leaving its region of `within`."""
    rows, columns = within.shape
    graph = grid_graph(np.where(within == OUTSIDE, np.inf, cost), diagonal=False).tocoo()
    region = within.ravel()
    stays = region[graph.row] == region[graph.col]
    graph.data, graph.row, graph.col = graph.data[stays], graph.row[stays], graph.col[stays]
    reached, _, source = spread(graph.tocsr(), seeds)
    number = np.full(rows * columns, OUTSIDE, dtype=np.int64)
    number[seeds] = np.arange(len(seeds))
    tiles = np.where(np.isfinite(reached), number[np.clip(source, 0, None)], OUTSIDE)
    return np.asarray(tiles.reshape(within.shape))


def _polygons(land: Land, hamlet_grid: Ints, count: int) -> list[shapely.Polygon]:
    """Turn cells into polygons whose shared borders are simplified together."""
    transform = from_origin(land.west, land.north, land.step, land.step)
    outlines = features.shapes(
        hamlet_grid.astype(np.int32), mask=hamlet_grid != OUTSIDE, transform=transform
    )
    # The outlines leave out corners where only their neighbours meet; a common net of lines has them.
    net = shapely.union_all([shapely.geometry.shape(outline).boundary for outline, _ in outlines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    inside = shapely.point_on_surface(faces)
    row = ((land.north - shapely.get_y(inside)) / land.step).astype(np.int64)
    column = ((shapely.get_x(inside) - land.west) / land.step).astype(np.int64)
    owner = hamlet_grid[row, column]
    stairs = [faces[np.flatnonzero(owner == number)[0]] for number in range(count)]
    tolerance = BORDER_TOLERANCE_M / METRES_PER_DEGREE
    return list(shapely.coverage_simplify(np.array(stairs), tolerance=tolerance))
