"""Let phones live in the world: residents, people who pass, community teams, the official drive test."""

import numpy as np
import pandas as pd

from lomsong.demo.diary import Diary
from lomsong.demo.radio import Best
from lomsong.demo.readings import hears
from lomsong.demo.settle import Settlements
from lomsong.demo.units import Units
from lomsong.demo.ways import Ways
from lomsong.demo.world import Chance, Floats, Ints, World

LONGEST_LOG = 2_500
MODELS = (
    "SM-A057F",
    "SM-A155F",
    "CPH2591",
    "23108RN04Y",
    "V2247",
    "RMX3834",
    "SM-A225F",
    "TECNO BG6",
)
TOWER_COLLECTOR, CELL_INFO, G_NETTRACK = "towercollector", "netcellinfo", "gnettrack"
CROWD, TEAM, DRIVE = "crowd", "team", "drive"
TOWER_COLLECTOR_SHARE = 0.62
TO_COMMUNE_CENTRE, IN_COMMUNE = 0.55, 0.8
"""Shares of rides that end at the commune's centre, and anywhere inside the commune."""
TEAM_ROWS = 8
DRIVE_EVERY_M = 40.0
DRIVE_STOP_ROWS = 12


class People:
    """Where everybody may go; built once, asked by each journey."""

    def __init__(self, units: Units, homes: Settlements, ways: Ways) -> None:
        self.homes, self.ways = homes, ways
        self.seat = units.seat
        self.commune_of = units.commune_of
        self.commune_seats = np.flatnonzero(
            np.concatenate([[True], units.commune_of[1:] != units.commune_of[:-1]])
        )
        self._groups_of = homes.groups.groupby("hamlet").indices
        self._houses_of = homes.dwellings.groupby("group").indices

    def groups_of(self, hamlet: int) -> Ints:
        """List the groups of a hamlet."""
        return np.asarray(self._groups_of[hamlet])

    def houses_of(self, group: int) -> Ints:
        """List the houses of a group."""
        return np.asarray(self._houses_of[group])


def run_phones(
    world: World, chance: Chance, people: People, diary: Diary, best: Best
) -> pd.DataFrame:
    """Fill the diary; return a row per device: carrier, home, app, reporter, role, offset_db, model."""
    stream = chance.stream("phones")
    devices = _crowd(world, stream, people.homes, best)
    for number, home in enumerate(devices["home"].to_list()):
        if home >= 0:
            _reside(world, stream, diary, number, home, people)
        else:
            _pass_through(stream, diary, number, people)
    teams = _teams(world, chance.stream("teams"), diary, len(devices), people)
    devices = pd.concat([devices, teams], ignore_index=True)
    drive = _drive(world, chance.stream("drive"), diary, len(devices), people)
    return pd.concat([devices, drive], ignore_index=True)


def _crowd(
    world: World, stream: np.random.Generator, homes: Settlements, best: Best
) -> pd.DataFrame:
    """Give phones to people; who lives where a carrier is silent rarely has that carrier."""
    person = homes.dwellings["people"].to_numpy(float)
    home = stream.choice(len(person), world.devices, p=person / person.sum())
    names = [carrier.name for carrier in world.carriers]
    share = np.array([carrier.share for carrier in world.carriers])
    heard = np.column_stack([hears(best, name)[home] for name in names])
    weight = share * np.where(heard, 1.0, world.loyalty)
    weight = np.vstack([weight, np.tile(share, (world.through_devices, 1))])
    count = len(weight)
    bounds = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    carrier = (stream.random(count)[:, None] > bounds).sum(axis=1).clip(0, len(names) - 1)
    # Where survivorship is switched off, every phone has an app with a row for no service.
    reporters = 1 - (1 - world.reporter_share) * world.survivorship
    reporter = stream.random(count) < reporters
    app = np.where(stream.random(count) < TOWER_COLLECTOR_SHARE, TOWER_COLLECTOR, CELL_INFO)
    return pd.DataFrame(
        {
            "carrier": np.array(names)[carrier],
            "home": np.concatenate([home, np.full(world.through_devices, -1)]),
            "app": np.where(reporter, G_NETTRACK, app),
            "reporter": reporter,
            "role": CROWD,
            "offset_db": _offsets(world, stream, count),
            "model": _models(stream, count),
        }
    )


def _offsets(world: World, stream: np.random.Generator, count: int) -> Floats:
    return np.round(world.device_offset_db * stream.standard_normal(count), 1)


def _models(stream: np.random.Generator, count: int) -> list[str]:
    """Name devices by model and a number of their own, as owners do who share one log."""
    kinds = stream.integers(len(MODELS), size=count)
    return [f"{MODELS[int(kind)]} #{number:03d}" for number, kind in enumerate(kinds, 1)]


def _reside(  # noqa: PLR0917 -- the first three go through every journey of this module
    world: World,
    stream: np.random.Generator,
    diary: Diary,
    device: int,
    home: int,
    people: People,
) -> None:
    """Spend evenings at home, visit neighbours on foot, ride to the commune centre and elsewhere."""
    house = people.homes.dwellings.iloc[home]
    hamlet, group = int(house["hamlet"]), int(house["group"])
    spread = world.home_rows_sigma * stream.standard_normal()
    left = int(min(LONGEST_LOG, world.home_rows_median * np.exp(spread)))
    while left > 0:
        rows = int(min(left, 1 + stream.geometric(1 / 14)))
        indoor = bool(stream.random() < world.indoor_share)
        start = diary.moment(17, 23)
        diary.stay(device, home, rows=rows, start=start, every_s=60, indoor=indoor)
        left -= rows
    outlying = [g for g in people.groups_of(hamlet) if g in diary.spots.walks and g != group]
    for _ in range(int(stream.poisson(world.walks_mean)) if outlying else 0):
        _visit(stream, diary, device, int(stream.choice(outlying)), people)
    same_commune = np.flatnonzero(people.commune_of == people.commune_of[hamlet])
    for _ in range(int(stream.poisson(world.trips_mean))):
        kind = stream.random()
        anywhere = int(stream.integers(len(people.seat)))
        near = int(stream.choice(same_commune))
        end = (
            int(same_commune[0])
            if kind < TO_COMMUNE_CENTRE
            else near
            if kind < IN_COMMUNE
            else anywhere
        )
        if end != hamlet:
            cells = diary.between(int(people.seat[hamlet]), int(people.seat[end]))
            speed, every = stream.uniform(5, 9), stream.uniform(150, 320)
            diary.ride(device, cells, start=diary.moment(6, 17), speed=speed, every_m=every)


def _visit(
    stream: np.random.Generator, diary: Diary, device: int, group: int, people: People
) -> None:
    end = diary.walk(device, diary.spots.walks[group], start=diary.moment(8, 18))
    house = int(stream.choice(people.houses_of(group)))
    rows = int(stream.integers(2, 12))
    diary.stay(device, house, rows=rows, start=end + 60_000, every_s=60)


def _pass_through(stream: np.random.Generator, diary: Diary, device: int, people: People) -> None:
    """Ride between the gate and commune centres, never leaving the main roads."""
    for _ in range(1 + int(stream.poisson(2))):
        seat = int(people.seat[int(stream.choice(people.commune_seats))])
        cells = people.ways.to_gate(seat)
        cells = cells if stream.integers(2) else cells[::-1]
        speed, every = stream.uniform(8, 13), stream.uniform(120, 300)
        diary.ride(device, cells, start=diary.moment(5, 21), speed=speed, every_m=every)


def _teams(
    world: World, stream: np.random.Generator, diary: Diary, first: int, people: People
) -> pd.DataFrame:
    """Send a community team to the culture house and every group of some hamlets, on one day each."""
    count = min(world.team_hamlets, len(people.seat))
    hamlets = np.sort(stream.choice(len(people.seat), count, replace=False))
    share = np.array([carrier.share for carrier in world.carriers])
    names = [carrier.name for carrier in world.carriers]
    carriers = stream.choice(names, count, p=share / share.sum())
    for device, hamlet in enumerate(hamlets.tolist(), first):
        day = int(stream.integers(10, 120))
        time = diary.moment(7, 9, day=day)
        centre = diary.spots.first_centre + hamlet
        time = diary.stay(device, centre, rows=TEAM_ROWS, start=time, every_s=20)
        for group in people.groups_of(hamlet).tolist():
            if group in diary.spots.walks:
                time = diary.walk(device, diary.spots.walks[group], start=time + 60_000)
            for house in stream.choice(people.houses_of(group), 3).tolist():
                time = diary.stay(
                    device, house, rows=TEAM_ROWS // 2, start=time + 90_000, every_s=20
                )
    return _surveyors(world, stream, carriers.tolist(), hamlets.tolist(), role=TEAM)


def _drive(
    world: World, stream: np.random.Generator, diary: Diary, first: int, people: People
) -> pd.DataFrame:
    """Drive the official test through some communes, one phone per large carrier in one car."""
    carriers = [carrier.name for carrier in world.carriers if carrier.sites > world.communes / 2]
    communes = len(people.commune_seats)
    visited = stream.choice(communes, min(world.drive_communes, communes), replace=False)
    for day, commune in enumerate(np.sort(visited).tolist()):
        inside = np.flatnonzero(people.commune_of == commune)
        entered = inside[stream.random(len(inside)) < world.drive_hamlets_share]
        base = int(people.seat[inside[0]])
        start = diary.moment(7, 7.5, day=60 - 3 * day)
        for hamlet in entered.tolist():
            cells = diary.between(base, int(people.seat[hamlet]))
            end = start
            for device in range(first, first + len(carriers)):
                end = (
                    diary.ride(device, cells, start=start, speed=8.0, every_m=DRIVE_EVERY_M)
                    if len(cells) > 1
                    else start
                )
                end = diary.stay(
                    device,
                    diary.spots.first_centre + hamlet,
                    rows=DRIVE_STOP_ROWS,
                    start=end + 60_000,
                    every_s=5,
                )
            start = end + 900_000
    return _surveyors(world, stream, carriers, [-1] * len(carriers), role=DRIVE)


def _surveyors(
    world: World, stream: np.random.Generator, carriers: list[str], hamlets: list[int], *, role: str
) -> pd.DataFrame:
    """Describe phones whose app records no service; `hamlet` is where a team was sent."""
    return pd.DataFrame(
        {
            "carrier": carriers,
            "home": -1,
            "app": G_NETTRACK,
            "reporter": True,
            "role": role,
            "offset_db": _offsets(world, stream, len(carriers)),
            "model": _models(stream, len(carriers)),
            "hamlet": hamlets,
        }
    )
