"""Let people live there: who owns which phone and app, where a Markov chain takes them, and what their phones upload."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from other_worlds.knobs import MINIMUM_DBM, NETWORKS, Floats, Integers, World
from other_worlds.land import ROAD_STEP_M, Homes
from other_worlds.radio import NOWHERE_DBM, Levels

STATES: Final = ("home", "neighbours", "field", "market")
NEXT: Final = np.array(
    [
        [0.45, 0.25, 0.2, 0.1],
        [0.7, 0.15, 0.1, 0.05],
        [0.8, 0.1, 0.05, 0.05],
        [0.85, 0.05, 0.0, 0.1],
    ]
)
"""How often one follows the other."""
FIELDS: Final = 6
"""Spots around each group where people work."""
KEEPS_OLDER_DBM: Final = {"3G": -112.0, "2G": -104.0}
DAY_S: Final = 86_400.0
STEP_S: Final = {"logger": 25.0, "tester": 1500.0, "wifi": 90.0}
"""How often an app looks on the way."""
MOST_DAYS: Final = 20
OLD, CALLING, GOES_IN = 0.06, 0.03, 0.3
"""Share of phones without 4G, of looks during a call, of visits inside of a house."""
RESTS: Final = 0.004
"""Chance of a rest, or of a phone put to sleep, at each point of a road."""

Look = tuple[float, int, bool]
"""Time since the first day [s], spot, whether indoors."""


@dataclass(frozen=True, eq=False)
class Spots:
    """All places where levels are known: dwellings, points of roads, fields of groups, in this order."""

    x: Floats
    y: Floats
    first_road: int
    first_field: int
    """`FIELDS` of them for each group."""


def spots_of(homes: Homes, chance: np.random.Generator) -> Spots:
    """Return the places that people come to."""
    middles = homes.dwellings.groupby("group")[["x", "y"]].mean().to_numpy()
    turn = chance.uniform(0, 2 * np.pi, (len(middles), FIELDS))
    away = chance.uniform(120, 700, turn.shape)
    field_x = (middles[:, :1] + away * np.cos(turn)).ravel()
    field_y = (middles[:, 1:] + away * np.sin(turn)).ravel()
    roads, houses = homes.roads, homes.dwellings
    return Spots(
        np.concatenate([houses["x"], roads.x, field_x]),
        np.concatenate([houses["y"], roads.y, field_y]),
        len(houses),
        len(houses) + len(roads.x),
    )


@dataclass(frozen=True, eq=False)
class Phones:
    """A row per phone: home, app, sent, first and second carrier, day of change, old, offset_db, walls_db."""

    table: pd.DataFrame


def own_phones(world: World, homes: Homes, levels: Levels, chance: np.random.Generator) -> Phones:
    """Give phones to people: more in towns, and of carriers that are heard at home."""
    houses = homes.dwellings
    town_of = homes.hamlets["town"].to_numpy()
    town = town_of[houses["hamlet"]]
    n = world.devices
    weight = houses["people"].to_numpy(float) * np.where(town, 2.0, 1.0)
    if world.uneven is not None:
        fashion = chance.gamma(world.uneven, size=len(town_of))
        weight *= fashion[houses["hamlet"]]
    home = chance.choice(len(houses), n, p=weight / weight.sum())
    app = chance.choice(list(world.apps), n, p=list(world.apps.values()))
    has_wifi = chance.random(n) < np.where(town[home], 0.7, 0.3)
    served = np.array([levels.dbm[c.name, "4G"][0, home] >= MINIMUM_DBM for c in NETWORKS]).T
    wish = np.array(world.share) * np.where(served, 1.0, world.loyalty)
    choice = wish.cumsum(axis=1) / wish.sum(axis=1, keepdims=True)
    first, second = ((chance.random((n, 1)) > choice).sum(axis=1) for _ in range(2))
    table = pd.DataFrame(
        {
            "home": home,
            "app": app,
            "sent": (app != "wifi") | has_wifi,
            "first": first,
            "second": second,
            "change": np.where(
                chance.random(n) < world.switchers, chance.uniform(0, world.days, n), np.inf
            ),
        }
    )
    return Phones(_looks(pd.concat([table, _traders(world, chance)], ignore_index=True), chance))


def _traders(world: World, chance: np.random.Generator) -> pd.DataFrame:
    carrier = chance.choice(len(NETWORKS), world.traders, p=world.share)
    return pd.DataFrame(
        {
            "home": -1,
            "app": "logger",
            "sent": True,
            "first": carrier,
            "second": carrier,
            "change": np.inf,
        },
        index=range(world.traders),
    )


def _looks(table: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    n = len(table)
    return table.assign(
        old=chance.random(n) < OLD,
        offset_db=chance.normal(0, 4, n),
        walls_db=chance.choice([3.0, 8.0, 15.0], n, p=[0.5, 0.35, 0.15]),
    )


@dataclass(frozen=True, eq=False)
class Life:
    """Where people go, day by day."""

    world: World
    homes: Homes
    spots: Spots
    chance: np.random.Generator

    def looks(self, phones: Phones) -> pd.DataFrame:
        """Return where each phone looked: phone, time_s since the first day, spot, indoors."""
        parts = []
        for number, phone in phones.table[phones.table["sent"]].iterrows():
            found = self._trader() if phone["home"] < 0 else self._resident(phone)
            rows = pd.DataFrame(found, columns=["time_s", "spot", "indoors"])
            parts.append(rows.assign(phone=number).astype({"time_s": float, "spot": "int64"}))
        return pd.concat(parts, ignore_index=True).astype({"indoors": bool})

    def _resident(self, phone: pd.Series) -> list[Look]:
        chance, houses = self.chance, self.homes.dwellings
        home, step_s = int(phone["home"]), STEP_S[phone["app"]]
        at_home = self.world.home_rows * chance.lognormal(0, 1.1)
        n_days = min(int(2 + chance.poisson(6)), MOST_DAYS)
        found: list[Look] = []
        for day in np.sort(chance.choice(self.world.days, n_days, replace=False)):
            now, state = day * DAY_S + chance.uniform(6, 10) * 3600, 0
            for _ in range(int(chance.integers(2, 7))):
                state = int(chance.choice(len(STATES), p=NEXT[state]))
                if STATES[state] == "home":
                    rows = int(np.clip(chance.poisson(at_home / n_days / 2), 1, 400))
                    found += [(now + k * 60, home, True) for k in range(rows)]
                    now += 3600
                elif STATES[state] == "market":
                    now = self._market(found, int(houses["hamlet"][home]), now, step_s)
                else:
                    spot = self._nearby(home, STATES[state])
                    stays = chance.uniform(300, 2400)
                    rows = int(chance.poisson(min(stays / step_s / 3, 8)))
                    found += [
                        (now + stays * part, spot, bool(chance.random() < GOES_IN))
                        for part in np.sort(chance.random(rows))
                    ]
                    now += stays
        return found

    def _nearby(self, home: int, state: str) -> int:
        houses = self.homes.dwellings
        if state == "neighbours":
            own = np.flatnonzero((houses["hamlet"] == houses["hamlet"][home]).to_numpy())
            return int(self.chance.choice(own))
        first = self.spots.first_field + int(houses["group"][home]) * FIELDS
        return first + int(self.chance.integers(FIELDS))

    def _market(self, found: list[Look], hamlet: int, now: float, step_s: float) -> float:
        towns = np.flatnonzero(self.homes.hamlets["town"].to_numpy())
        way = self.homes.roads.way(hamlet, int(self.chance.choice(towns)))
        now = self._ride(found, way, now, step_s)
        return self._ride(found, way[::-1], now + 5400, step_s)

    def _trader(self) -> list[Look]:
        chance, n = self.chance, len(self.homes.hamlets)
        found: list[Look] = []
        at = int(chance.integers(n))
        for day in np.sort(chance.choice(self.world.days, 6, replace=False)):
            now = day * DAY_S + 7 * 3600
            for _ in range(3):
                to = int(chance.integers(n))
                now = self._ride(found, self.homes.roads.way(at, to), now, 20.0) + 1800
                at = to
        return found

    def _ride(self, found: list[Look], way: Integers, now: float, step_s: float) -> float:
        """Ride along a road at some pace, with rests in which nothing is logged; return the time of arrival."""
        chance = self.chance
        stretch_s = ROAD_STEP_M / chance.uniform(5, 11)
        next_look = now + chance.uniform(0, step_s)
        for spot in way.tolist():
            if chance.random() < RESTS:
                now += chance.uniform(300, 2400)
                next_look = now
            if now >= next_look:
                found.append((now, self.spots.first_road + spot, False))
                next_look = now + step_s * chance.uniform(0.7, 1.3)
            now += stretch_s
        return now


def drives(world: World, homes: Homes, spots: Spots, chance: np.random.Generator) -> pd.DataFrame:
    """Return what operators' cars look at: time_s, spot, carrier; along the main road alone."""
    on_main = np.flatnonzero(homes.roads.main) + spots.first_road
    parts = [pd.DataFrame({"time_s": [0.0], "spot": [0], "carrier": [0]}).iloc[:0]]
    for carrier in range(3):
        for _ in range(world.drive_tests):
            start = chance.uniform(0.1, 0.95) * world.days * DAY_S
            parts.append(
                pd.DataFrame(
                    {"time_s": start + np.arange(len(on_main)) * 5, "spot": on_main}
                ).assign(carrier=carrier)
            )
    return pd.concat(parts, ignore_index=True)


def read(
    world: World, levels: Levels, rows: pd.DataFrame, chance: np.random.Generator
) -> pd.DataFrame:
    """Return rows with technology ("" for none), level_dbm and cell; they hold carrier, old, offset_db, less_db."""
    epoch = (rows["time_s"] >= world.first_day_of_new * DAY_S).to_numpy(int)
    spot, carrier = rows["spot"].to_numpy(), rows["carrier"].to_numpy()
    technology = np.full(len(rows), "", dtype=object)
    level, cell = np.full(len(rows), np.nan), np.full(len(rows), -1)
    calling = chance.random(len(rows)) < CALLING
    for name in ("4G", "3G", "2G"):
        keys = [(network.name, name) for network in NETWORKS]
        heard = np.array([levels.dbm[key] for key in keys])[carrier, epoch, spot]
        read_dbm = heard + rows["offset_db"] - rows["less_db"] + chance.normal(0, 3, len(rows))
        floor = (
            np.array([network.keeps_dbm for network in NETWORKS])[carrier]
            if name == "4G"
            else KEEPS_OLDER_DBM[name]
        )
        free = (technology == "") & (heard > NOWHERE_DBM) & (read_dbm >= floor).to_numpy()
        if name == "4G":
            free &= ~rows["old"].to_numpy() & ~calling
        technology[free] = name
        level[free] = np.round(read_dbm.to_numpy()[free])
        serving = np.array([levels.cell[key] for key in keys])[carrier, epoch, spot]
        cell[free] = serving[free]
    return rows.assign(technology=technology, level_dbm=np.minimum(level, -44), cell=cell)
