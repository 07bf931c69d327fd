"""Keep a diary of who was where and when: stays, walks and rides."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lomsong.demo.land import Land
from lomsong.demo.settle import Settlements
from lomsong.demo.units import Units
from lomsong.demo.ways import Ways, smooth_way
from lomsong.demo.world import Flags, Floats, Ints, World

WALK_STEP_M = 55.0
WALK_STEP_MS = 50_000
WALK_SPEED_M_S = 1.1
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
UTC_OFFSET_HOURS = 7


@dataclass(frozen=True)
class Spots:
    """Places where levels are known: houses, culture houses, road cells, steps of footpaths."""

    x: Floats
    y: Floats
    first_centre: int
    way_of_cell: Ints
    """Spot of each cell that has a road, -1 elsewhere."""
    walks: dict[int, Ints]
    """Footpath from the hamlet's first group to each outlying group."""


def spots_of(land: Land, ways: Ways, homes: Settlements, units: Units) -> Spots:
    """List the places where anybody may be."""
    network = np.zeros(land.height_m.size, bool)
    for cell in units.seat:
        network[ways.to_gate(int(cell))] = True
    cells = np.flatnonzero(network)
    way_x, way_y = land.middle_of(cells)
    houses, centres = homes.dwellings, homes.centres
    xs = [houses["x"].to_numpy(), centres["x"].to_numpy(), way_x]
    ys = [houses["y"].to_numpy(), centres["y"].to_numpy(), way_y]
    way_of_cell = np.full(land.height_m.size, -1, dtype=np.int64)
    way_of_cell[cells] = len(houses) + len(centres) + np.arange(len(cells))
    groups = homes.groups
    lead = groups[~groups["hamlet"].duplicated()].set_index("hamlet")
    walks: dict[int, Ints] = {}
    count = sum(map(len, xs))
    for number, group in zip(groups.index.to_list(), groups.to_dict("records"), strict=True):
        start = lead.loc[group["hamlet"]]
        steps = int(np.hypot(group["x"] - start["x"], group["y"] - start["y"]) // WALK_STEP_M)
        if steps < 1:
            continue
        share = np.arange(steps + 1) / steps
        xs.append(start["x"] + (group["x"] - start["x"]) * share)
        ys.append(start["y"] + (group["y"] - start["y"]) * share)
        walks[number] = np.arange(count, count + steps + 1)
        count += steps + 1
    return Spots(np.concatenate(xs), np.concatenate(ys), len(houses), way_of_cell, walks)


class Diary:
    """Gather moments of all devices."""

    def __init__(
        self, world: World, land: Land, ways: Ways, spots: Spots, stream: np.random.Generator
    ) -> None:
        self.spots = spots
        self._land, self._ways, self._stream = land, ways, stream
        self._last_ms = pd.Timestamp(world.last_day).value // 1_000_000
        self._days = world.days
        self._parts: list[pd.DataFrame] = []

    def moment(self, from_hour: float, to_hour: float, *, day: int | None = None) -> int:
        """Draw a time, of a day so many days ago or of any, by the local clock; milliseconds of UTC."""
        ago = int(self._stream.integers(self._days)) if day is None else day
        hour = self._stream.uniform(from_hour, to_hour) - UTC_OFFSET_HOURS
        return self._last_ms - ago * DAY_MS + int(hour * 3600) * 1000

    def stay(
        self, device: int, spot: int, *, rows: int, start: int, every_s: int, indoor: bool = False
    ) -> int:
        """Note a stay at one place; return when it ends."""
        here = np.full(rows, spot)
        time = start + np.arange(rows) * every_s * 1000
        self._note(device, here, self.spots.x[here], self.spots.y[here], time, indoor=indoor)
        return int(time[-1])

    def walk(self, device: int, steps: Ints, *, start: int) -> int:
        """Note a way on foot; return when it ends."""
        time = start + np.arange(len(steps)) * WALK_STEP_MS
        x, y = self.spots.x[steps], self.spots.y[steps]
        self._note(device, steps, x, y, time, speed=WALK_SPEED_M_S)
        return int(time[-1])

    def ride(self, device: int, cells: Ints, *, start: int, speed: float, every_m: float) -> int:
        """Note a way along roads, a moment each `every_m` metres; return when it ends."""
        x, y = smooth_way(self._land, cells)
        along = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        first = self._stream.uniform(0, every_m)
        at = np.arange(first, max(along[-1], first + 1), every_m)
        nearest = cells[np.clip(np.searchsorted(along, at), 0, len(cells) - 1)]
        self._note(
            device,
            self.spots.way_of_cell[nearest],
            np.interp(at, along, x),
            np.interp(at, along, y),
            start + (at / speed).astype(np.int64) * 1000,
            speed=speed,
        )
        return start + int(along[-1] / speed) * 1000

    def between(self, start: int, end: int) -> Ints:
        """List the cells of the way from one cell of the road network to another."""
        there, back = self._ways.to_gate(start), self._ways.to_gate(end)
        shared = len(np.intersect1d(there, back, assume_unique=True))
        return np.concatenate([there[: len(there) - shared + 1], back[: len(back) - shared][::-1]])

    def table(self) -> pd.DataFrame:
        """Return all moments: device, visit, time_ms, spot, x, y, indoor, speed."""
        return pd.concat(self._parts, ignore_index=True)

    def _note(
        self,
        device: int,
        spot: Ints,
        x: Floats,
        y: Floats,
        time: Ints,
        *,
        indoor: bool = False,
        speed: float = 0.0,
    ) -> None:
        columns: dict[str, Ints | Floats | Flags | float] = {
            "device": device,
            "visit": len(self._parts),
            "time_ms": time,
            "spot": spot,
            "x": x,
            "y": y,
            "indoor": indoor,
            "speed": speed,
        }
        self._parts.append(pd.DataFrame(columns))
