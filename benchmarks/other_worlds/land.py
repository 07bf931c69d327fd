"""Shape the land: rivers cut into a plateau, limestone cones, rolling hills, or a delta; then hamlets and roads in it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates
from scipy.sparse.csgraph import minimum_spanning_tree, shortest_path
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from other_worlds.knobs import Flags, Floats, Integers, World

CELL_M: Final = 40.0
SIDE: Final = 401
EAST_M, SOUTH_M = 560_000.0, 2_480_000.0
HAMLETS_APART_M: Final = 1000.0
GROUPS_APART_M: Final = 230.0
ROAD_STEP_M: Final = 50.0


@dataclass(frozen=True, eq=False)
class Land:
    """Heights on a grid whose first row lies in the south [m], and where forest stands."""

    height: Floats
    forest: Flags

    def at(self, x: Floats, y: Floats) -> Floats:
        """Return the ground's height at places [m]."""
        where = [(y - SOUTH_M) / CELL_M, (x - EAST_M) / CELL_M]
        return np.asarray(map_coordinates(self.height, where, order=1, mode="nearest"))

    def is_forest(self, x: Floats, y: Floats) -> Flags:
        """Tell where forest stands."""
        row = np.clip(((y - SOUTH_M) / CELL_M).astype(int), 0, SIDE - 1)
        column = np.clip(((x - EAST_M) / CELL_M).astype(int), 0, SIDE - 1)
        return np.asarray(self.forest[row, column])


@dataclass(frozen=True, eq=False)
class Homes:
    """Where people live: a row per hamlet, per dwelling, and the roads between hamlets."""

    hamlets: pd.DataFrame
    """x, y, town."""
    dwellings: pd.DataFrame
    """x, y, hamlet, group, people."""
    roads: "Roads"


@dataclass(frozen=True, eq=False)
class Roads:
    """Points along the roads that join the hamlets to one tree."""

    x: Floats
    y: Floats
    main: Flags
    points: dict[tuple[int, int], Integers]
    """Of each stretch from one hamlet to the next."""
    before: Integers
    """The hamlet before the second on the way from the first."""

    def way(self, start: int, end: int) -> Integers:
        """Return the points passed from one hamlet to another."""
        parts: list[Integers] = []
        while end != start:
            step = int(self.before[start, end])
            stretch = self.points[min(step, end), max(step, end)]
            parts.append(stretch if step < end else stretch[::-1])
            end = step
        return np.concatenate(parts[::-1]) if parts else np.empty(0, np.int64)


def shape(world: World, chance: np.random.Generator) -> Land:
    """Return the land of a world."""
    rough = _midpoints(chance)
    if world.land == "canyon":
        to_river = _rivers(chance)
        height = 520 + 260 * rough - 380 * np.exp(-((to_river / 750) ** 1.4))
    elif world.land == "karst":
        height = 140 + 40 * rough + _cones(chance, 200)
    elif world.land == "delta":
        height = 3 + 2 * rough - 4 * np.exp(-((_rivers(chance) / 200) ** 2))
    else:
        height = 400 + 520 * rough
    height = gaussian_filter(height, 1.0)
    woods = gaussian_filter(chance.normal(size=(SIDE, SIDE)), 7)
    return Land(height, woods > np.quantile(woods, 0.5))


def _midpoints(chance: np.random.Generator) -> Floats:
    """Return heights by midpoint displacement, of standard deviation 1 / 2."""
    size = 512
    grid = np.zeros((size + 1, size + 1))
    grid[:: size // 4, :: size // 4] = chance.normal(size=(5, 5))
    step, spread = size // 4, 0.7
    while step > 1:
        half = step // 2
        corners = grid[::step, ::step]
        middle = (corners[:-1, :-1] + corners[1:, :-1] + corners[:-1, 1:] + corners[1:, 1:]) / 4
        grid[half::step, half::step] = middle + chance.normal(0, spread, middle.shape)
        for rows, columns in (
            (slice(0, None, step), slice(half, None, step)),
            (slice(half, None, step), slice(0, None, step)),
        ):
            filled = np.pad(grid, half, mode="edge")
            there = np.ix_(
                np.arange(size + 1)[rows] + half,
                np.arange(size + 1)[columns] + half,
            )
            around = sum(
                np.roll(filled, shift, axis)[there]
                for shift, axis in ((half, 0), (-half, 0), (half, 1), (-half, 1))
            )
            grid[rows, columns] = around / 4 + chance.normal(0, spread, around.shape)
        step, spread = half, spread * 0.52
    part = grid[:SIDE, :SIDE]
    return np.asarray((part - part.mean()) / part.std() / 2)


def _rivers(chance: np.random.Generator) -> Floats:
    """Return the distance to rivers that wander through the square [m]."""
    wet = np.zeros((SIDE, SIDE), bool)
    along = np.arange(SIDE)
    for number in range(4):
        drift = np.cumsum(gaussian_filter(chance.normal(0, 2.4, SIDE), 9))
        across = chance.uniform(0.1, 0.9) * SIDE + drift - drift.mean()
        across = np.clip(across, 0, SIDE - 1).astype(int)
        wet[(along, across) if number % 2 else (across, along)] = True
    return np.asarray(distance_transform_edt(~wet) * CELL_M)


def _cones(chance: np.random.Generator, count: int) -> Floats:
    x, y = np.meshgrid(np.arange(SIDE) * CELL_M, np.arange(SIDE) * CELL_M)
    height = np.zeros((SIDE, SIDE))
    middles = chance.uniform(0, SIDE * CELL_M, (9, 2))
    for _ in range(count):
        at = middles[chance.integers(9)] + chance.normal(0, 1400, 2)
        top, radius = 90 + chance.exponential(110), chance.uniform(220, 620)
        away = np.hypot(x - at[0], y - at[1]) / radius
        height = np.maximum(height, top * np.maximum(1 - away**2.5, 0))
    return height


def settle(world: World, land: Land, chance: np.random.Generator) -> Homes:
    """Found hamlets on flat low ground, put rows of houses along their slopes, and join them by roads."""
    steep = np.hypot(*np.gradient(land.height, CELL_M))
    low = gaussian_filter(land.height, 25) - land.height
    wish = -steep / 0.10 + low / 120 + chance.gumbel(size=steep.shape) * 1.2
    edge = 15
    wish[:edge], wish[-edge:], wish[:, :edge], wish[:, -edge:] = (-np.inf,) * 4
    found: list[tuple[float, float]] = []
    for spot in np.argsort(-wish, axis=None):
        row, column = divmod(int(spot), SIDE)
        at = (EAST_M + column * CELL_M, SOUTH_M + row * CELL_M)
        if not found or cdist([at], found).min() >= HAMLETS_APART_M:
            found.append(at)
        if len(found) == world.hamlets:
            break
    centres = np.array(found)
    roads, on_main = _join(land, centres, chance)
    town = np.zeros(len(centres), bool)
    town[on_main[:: max(len(on_main) // 3, 1)]] = True
    hamlets = pd.DataFrame({"x": centres[:, 0], "y": centres[:, 1], "town": town})
    dwellings = pd.concat(
        [_houses(land, centres, h, chance, is_town=bool(town[h])) for h in range(len(centres))],
        ignore_index=True,
    )
    key = dwellings["hamlet"] * 100 + dwellings["group"]
    return Homes(hamlets, dwellings.assign(group=pd.factorize(key)[0]), roads)


def _houses(
    land: Land, centres: Floats, hamlet: int, chance: np.random.Generator, *, is_town: bool
) -> pd.DataFrame:
    tree, parts = cKDTree(centres), []
    placed = np.empty((0, 2))
    for group in range(1 + (2 if is_town else int(chance.poisson(1.5)))):
        for _ in range(30):
            turn, away = chance.uniform(0, 2 * np.pi), chance.uniform(280, 1100)
            middle = centres[hamlet] + (group > 0) * away * np.array([np.cos(turn), np.sin(turn)])
            count = int(np.clip(np.exp(chance.normal(3.4 if is_town else 2.4, 0.5)), 4, 60))
            east, north = _slope(land, middle)
            along = np.array([-north, east]) / max(np.hypot(east, north), 1e-6)
            rank = np.arange(count) - count / 2
            houses = middle + np.outer(rank * 26, along) + chance.normal(0, 14, (count, 2))
            houses = houses[(tree.query(houses)[1] == hamlet) & _inside(houses)]
            apart = cdist(houses, placed).min() if len(placed) and len(houses) else GROUPS_APART_M
            if len(houses) >= 3 and apart >= GROUPS_APART_M:  # noqa: PLR2004 -- a group of houses
                placed = np.concatenate([placed, houses])
                people = 1 + chance.poisson(3.2, len(houses))
                parts.append(
                    pd.DataFrame(
                        {"x": houses[:, 0], "y": houses[:, 1], "hamlet": hamlet, "group": group}
                    ).assign(people=people)
                )
                break
    return pd.concat(parts, ignore_index=True)


def _inside(at: Floats) -> Flags:
    corner, far = np.array([EAST_M, SOUTH_M]), (SIDE - 1) * CELL_M
    return np.asarray(((at > corner + 200) & (at < corner + far - 200)).all(axis=1))


def _slope(land: Land, at: Floats) -> tuple[float, float]:
    x, y = at[0] + np.array([60.0, -60, 0, 0]), at[1] + np.array([0.0, 0, 60, -60])
    height = land.at(x, y)
    return float(height[0] - height[1]), float(height[2] - height[3])


def _join(land: Land, centres: Floats, chance: np.random.Generator) -> tuple[Roads, Integers]:
    """Join hamlets to the cheapest tree; its longest way is the main road."""
    away = cdist(centres, centres)
    share = np.linspace(0, 1, 20)[:, None]
    climb = np.zeros_like(away)
    for one in range(len(centres)):
        x, y = (centres[one, axis] * (1 - share) + centres[:, axis] * share for axis in (0, 1))
        climb[one] = np.abs(np.diff(land.at(x.ravel(), y.ravel()).reshape(x.shape), axis=0)).sum(0)
    tree = minimum_spanning_tree(away + 8 * (climb + climb.T))
    length, before = shortest_path(tree, directed=False, return_predecessors=True)
    start, end = np.unravel_index(np.argmax(length), length.shape)
    on_main = [int(end)]
    while on_main[-1] != start:
        on_main.append(int(before[start, on_main[-1]]))
    points, xs, ys, mains, size = {}, [], [], [], 0
    pairs = {tuple(sorted(pair)) for pair in zip(on_main[1:], on_main[:-1], strict=True)}
    for one, other in sorted(tuple(sorted(pair)) for pair in np.transpose(tree.nonzero()).tolist()):
        count = max(int(away[one, other] / ROAD_STEP_M), 2)
        part = np.linspace(0, 1, count)
        bend = chance.uniform(-0.15, 0.15) * np.sin(part * np.pi)
        across = (centres[other] - centres[one])[::-1] * [-1, 1]
        road = np.outer(1 - part, centres[one]) + np.outer(part, centres[other])
        road += np.outer(bend, across)
        points[one, other] = np.arange(size, size + count)
        size += count
        xs.append(road[:, 0])
        ys.append(road[:, 1])
        mains.append(np.full(count, (one, other) in pairs))
    roads = Roads(
        np.concatenate(xs), np.concatenate(ys), np.concatenate(mains), points, before.astype(int)
    )
    return roads, np.array(on_main)
