"""Let phones live in the world: residents, and people who only pass."""

import numpy as np
import pandas as pd

from lomsong.demo.diary import Diary
from lomsong.demo.people import (
    CELL_INFO,
    CROWD,
    G_NETTRACK,
    TOWER_COLLECTOR,
    People,
    model_names,
    offsets_db,
)
from lomsong.demo.radio import Best
from lomsong.demo.readings import hears
from lomsong.demo.settle import Settlements
from lomsong.demo.surveys import run_surveys
from lomsong.demo.world import Chance, World

LONGEST_LOG = 2_500
TOWER_COLLECTOR_SHARE = 0.62
TO_COMMUNE_CENTRE, IN_COMMUNE = 0.55, 0.8
"""Shares of rides that end at the commune's centre, and anywhere inside the commune."""


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
    surveys = run_surveys(world, chance, diary, people, best, first=len(devices))
    return pd.concat([devices, surveys], ignore_index=True)


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
            "offset_db": offsets_db(world, stream, count),
            "model": model_names(stream, count),
        }
    )


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
