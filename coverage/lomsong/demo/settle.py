"""Build houses: several groups of dwellings in each hamlet, a culture house, people."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import ndimage
from scipy.spatial import cKDTree

from lomsong.demo.land import Land
from lomsong.demo.units import Units
from lomsong.demo.world import Chance, Flags, Floats, Ints, World

STRIDE_M = (22.0, 75.0)
"""A new house stands this far from one that stands already, so a group holds together."""
GROUP_GAP_M = 290.0
"""Houses of different groups keep this distance."""
NEIGHBOURHOOD_M = 2_500.0
"""Groups further away than this cannot touch."""
FAINTEST_PEOPLE = 0.05
"""Products of people per pixel show no less."""
GROUP_SEATS_M = (480.0, 1900.0)
LONE_CENTRE_M = (230.0, 600.0)


@dataclass(frozen=True)
class Settlements:
    """Where people live; places are in local metres."""

    dwellings: pd.DataFrame
    """A row per house: x, y, hamlet, group (numbered over the district), people, grid."""
    groups: pd.DataFrame
    """A row per group: hamlet, x, y, dwellings, people, grid."""
    centres: pd.DataFrame
    """A row per hamlet: x, y of the culture house, and the group whose centre it is (-1: it stands alone)."""


class _Ground:
    """Say where a house may stand; scalar look-ups, as houses are placed one by one."""

    def __init__(self, land: Land, units: Units) -> None:
        self._land = land
        self._slope = ndimage.uniform_filter(land.slope, 3)
        self._hamlet = np.where(units.interior, units.hamlet_grid, -1)
        self.taken: list[tuple[float, float, int]] = []

    def slope(self, x: float, y: float) -> float:
        row, column = self._land.cell_of(np.array([x]), np.array([y]))
        return float(self._slope[row[0], column[0]])

    def allows(self, x: float, y: float, hamlet: int) -> bool:
        row, column = self._land.cell_of(np.array([x]), np.array([y]))
        return bool(self._hamlet[row[0], column[0]] == hamlet)


def settle(world: World, chance: Chance, land: Land, units: Units, lit: Flags) -> Settlements:
    """Place all houses of the district."""
    stream = chance.stream("houses")
    ground = _Ground(land, units)
    seats = _group_seats(world, stream, land, units, ground)
    sizes = _group_sizes(world, stream, units, seats)
    rows = _houses(stream, ground, seats, sizes)
    dwellings = pd.DataFrame(rows, columns=["x", "y", "hamlet", "group"])
    dwellings[["x", "y"]] = dwellings[["x", "y"]].round(1)
    dwellings["people"] = 1 + stream.poisson(world.people_per_household - 1, len(dwellings))
    numbers = dwellings["group"].unique()
    dwellings["group"] = dwellings["group"].map({old: new for new, old in enumerate(numbers)})
    groups = dwellings.groupby("group").agg(
        hamlet=("hamlet", "first"),
        x=("x", "median"),
        y=("y", "median"),
        dwellings=("people", "size"),
        people=("people", "sum"),
    )
    first = ~groups["hamlet"].duplicated()
    unplugged = ~first & (stream.random(len(groups)) < world.no_grid_group_share)
    groups["grid"] = lit[groups["hamlet"]] & ~unplugged
    dwellings["grid"] = groups["grid"].to_numpy()[dwellings["group"]]
    centres = _centres(world, stream, ground, dwellings)
    return Settlements(dwellings, groups, centres)


def _group_seats(
    world: World, stream: np.random.Generator, land: Land, units: Units, ground: _Ground
) -> list[tuple[float, float, int]]:
    """Choose the middle of each group: the hamlet's own first, further ones on flat ground around it."""
    x, y = land.middle_of(units.seat)
    seats = [
        (float(px), float(py), number) for number, (px, py) in enumerate(zip(x, y, strict=True))
    ]
    for number in range(len(x)):
        wanted = int(stream.poisson(world.groups_mean - 1))
        for _ in range(wanted):
            place = _another_seat(
                stream, ground, seats, (float(x[number]), float(y[number]), number)
            )
            if place:
                seats.append(place)
    return sorted(seats, key=lambda seat: seat[2])


def _another_seat(
    stream: np.random.Generator,
    ground: _Ground,
    seats: list[tuple[float, float, int]],
    home: tuple[float, float, int],
) -> tuple[float, float, int] | None:
    options = []
    for _ in range(14):
        angle, reach = stream.uniform(0, 2 * np.pi), stream.uniform(*GROUP_SEATS_M)
        x, y = home[0] + reach * np.cos(angle), home[1] + reach * np.sin(angle)
        near = min(np.hypot(x - seat[0], y - seat[1]) for seat in seats)
        if near >= GROUP_SEATS_M[0] and ground.allows(x, y, home[2]):
            options.append((ground.slope(x, y), float(x), float(y)))
    return (min(options)[1], min(options)[2], home[2]) if options else None


def _group_sizes(
    world: World, stream: np.random.Generator, units: Units, seats: list[tuple[float, float, int]]
) -> Ints:
    """Share the households of each hamlet among its groups; the first has the most."""
    hamlet = np.array([seat[2] for seat in seats])
    lead = np.concatenate([[True], hamlet[1:] != hamlet[:-1]])
    households = np.exp(
        np.log(world.households_median) + 0.4 * stream.standard_normal(len(units.seat))
    )
    households = households * np.where(units.high, 0.75, 1.0)
    weight = np.where(lead, 1.6, 0.35 + 0.65 * stream.random(len(seats)))
    total = np.bincount(hamlet, weights=weight)
    return np.asarray(
        np.clip(np.rint(households[hamlet] * weight / total[hamlet]), 4, 130), dtype=np.int64
    )


def _houses(
    stream: np.random.Generator,
    ground: _Ground,
    seats: list[tuple[float, float, int]],
    sizes: Ints,
) -> list[tuple[float, float, int, int]]:
    """Grow each group house by house, on the flattest of some tries, away from other groups."""
    standing: list[tuple[float, float, int, int]] = []
    others = np.empty((0, 2))
    for number, ((seat_x, seat_y, hamlet), size) in enumerate(zip(seats, sizes, strict=True)):
        ahead = [(x, y) for x, y, _ in seats[number + 1 :] if abs(x - seat_x) < NEIGHBOURHOOD_M]
        avoid = cKDTree(
            np.vstack([others, np.array(ahead).reshape(-1, 2)])
            if len(others) + len(ahead)
            else [[1e9, 1e9]]
        )
        if standing and avoid.query((seat_x, seat_y))[0] < GROUP_GAP_M:
            continue
        mine = [(seat_x, seat_y)]
        tries = 0
        while len(mine) < size and tries < 12 * size:
            tries += 1
            beside = mine[int(stream.integers(len(mine)))]
            angles, reach = stream.uniform(0, 2 * np.pi, 3), stream.uniform(*STRIDE_M)
            options = [
                (beside[0] + reach * np.cos(a), beside[1] + reach * np.sin(a)) for a in angles
            ]
            x, y = min(options, key=lambda at: ground.slope(*at))
            close = min(abs(x - mx) + abs(y - my) for mx, my in mine) < STRIDE_M[0] * 0.8
            if close or not ground.allows(x, y, hamlet) or avoid.query((x, y))[0] < GROUP_GAP_M:
                continue
            mine.append((float(x), float(y)))
        standing += [(x, y, hamlet, number) for x, y in mine]
        others = np.array([(x, y) for x, y, _, _ in standing])
    return standing


def _centres(
    world: World,
    stream: np.random.Generator,
    ground: _Ground,
    dwellings: pd.DataFrame,
) -> pd.DataFrame:
    """Put each culture house among the dwellings of the first group, a few apart from all."""
    houses = cKDTree(dwellings[["x", "y"]].to_numpy())
    rows = []
    for hamlet in dwellings["hamlet"].unique().tolist():
        mine = dwellings[dwellings["hamlet"] == hamlet]
        lead = mine[mine["group"] == mine["group"].min()]
        at = lead.iloc[int(stream.integers(min(5, len(lead))))]
        place = (float(at["x"]) + stream.uniform(-35, 35), float(at["y"]) + stream.uniform(-35, 35))
        group = int(at["group"])
        if stream.random() < world.lone_centre_share:
            for _ in range(30):
                angle, reach = stream.uniform(0, 2 * np.pi), stream.uniform(*LONE_CENTRE_M)
                apart = (
                    float(at["x"] + reach * np.cos(angle)),
                    float(at["y"] + reach * np.sin(angle)),
                )
                if ground.allows(*apart, hamlet) and houses.query(apart)[0] > LONE_CENTRE_M[0]:
                    place, group = apart, -1
                    break
        rows.append((round(place[0], 1), round(place[1], 1), group))
    return pd.DataFrame(rows, columns=["x", "y", "group"])


def people_grid(chance: Chance, land: Land, dwellings: pd.DataFrame) -> Floats:
    """Count people per 3 x 3 cells as a satellite product does: smeared, and wrong by some per cent."""
    stream = chance.stream("people")
    rows, columns = (-(-size // 3) for size in land.shape)
    row, column = land.fractional(dwellings["x"].to_numpy(), dwellings["y"].to_numpy())
    grid = np.zeros((rows, columns))
    np.add.at(
        grid, ((row + 0.5).astype(int) // 3, (column + 0.5).astype(int) // 3), dwellings["people"]
    )
    smeared = 0.8 * grid + 0.2 * ndimage.gaussian_filter(grid, 0.8)
    smeared *= np.exp(0.18 * stream.standard_normal(grid.shape) - 0.03)
    return np.asarray(np.round(np.where(smeared < FAINTEST_PEOPLE, 0, smeared), 2))
