"""Send out those who record no service too: community teams on foot, the official drive test by car."""

import numpy as np
import pandas as pd

from lomsong.demo.diary import Diary
from lomsong.demo.people import DRIVE, G_NETTRACK, TEAM, People, model_names, offsets_db
from lomsong.demo.radio import Best
from lomsong.demo.world import Chance, Floats, World

TEAM_ROWS = 8
TEAM_HOUSES = 6
MUSTER_ROWS = 6
RIDE_OUT_MS = 5_400_000
DRIVE_EVERY_M = 40.0
DRIVE_STOP_ROWS = 12


def run_surveys(
    world: World, chance: Chance, diary: Diary, people: People, best: Best, *, first: int
) -> pd.DataFrame:
    """Fill the diary; return a row per phone, numbered from `first`."""
    stream = chance.stream("teams")
    unserved = _unserved(world, people, best)
    muster = _muster(world, diary, people, best)
    teams = _teams(world, stream, diary, people, unserved, muster=muster, first=first)
    drive = _drive(world, chance.stream("drive"), diary, people, first=first + len(teams))
    return pd.concat([teams, drive], ignore_index=True)


def _unserved(world: World, people: People, best: Best) -> Floats:
    """Return each hamlet's share of people whom no carrier serves: the more, the louder they complain."""
    houses = people.homes.dwellings
    names = [carrier.name for carrier in world.carriers]
    level = np.max([best.level[name, "4G"][: len(houses)] for name in names], axis=0)
    lost = houses["people"].where(level < world.minimum_rsrp_dbm, 0).groupby(houses["hamlet"]).sum()
    return (lost / houses.groupby("hamlet")["people"].sum()).to_numpy(float)


def _muster(world: World, diary: Diary, people: People, best: Best) -> int:
    """Return the culture house where all carriers are heard best.

    Teams try their phones there before they ride out; without it, a log from a hollow would never name its carrier.
    """
    first = diary.spots.first_centre
    centres = slice(first, first + len(people.homes.centres))
    weakest = np.min(
        [best.level[carrier.name, "4G"][centres] for carrier in world.carriers], axis=0
    )
    return first + int(weakest.argmax())


def _teams(
    world: World,
    stream: np.random.Generator,
    diary: Diary,
    people: People,
    unserved: Floats,
    *,
    muster: int,
    first: int,
) -> pd.DataFrame:
    """Send teams to the culture house and every group of some hamlets, on one day each."""
    weight = 1 + (world.team_focus - 1) * unserved
    count = min(world.team_hamlets, len(unserved))
    chosen = stream.choice(len(unserved), count, replace=False, p=weight / weight.sum())
    carriers: list[str] = []
    hamlets: list[int] = []
    for hamlet in np.sort(chosen).tolist():
        has = stream.random(len(world.carriers)) < world.team_phones
        has[0] = True
        phones = [carrier.name for carrier, held in zip(world.carriers, has, strict=True) if held]
        numbers = range(first + len(carriers), first + len(carriers) + len(phones))
        start = diary.moment(6, 7, day=int(stream.integers(10, 120)))
        for number in numbers:
            diary.stay(number, muster, rows=MUSTER_ROWS, start=start, every_s=10)
        _walk_through(stream, diary, people, hamlet, numbers, start=start + RIDE_OUT_MS)
        carriers += phones
        hamlets += [hamlet] * len(phones)
    return _surveyors(world, stream, carriers, hamlets, role=TEAM)


def _walk_through(
    stream: np.random.Generator,
    diary: Diary,
    people: People,
    hamlet: int,
    phones: range,
    *,
    start: int,
) -> None:
    """Carry all phones of a team through a hamlet together."""
    centre = diary.spots.first_centre + hamlet
    groups = people.groups_of(hamlet).tolist()
    houses = {
        group: stream.permutation(people.houses_of(group))[:TEAM_HOUSES].tolist()
        for group in groups
    }
    for phone in phones:
        time = diary.stay(phone, centre, rows=TEAM_ROWS, start=start, every_s=20)
        for group in groups:
            if group in diary.spots.walks:
                time = diary.walk(phone, diary.spots.walks[group], start=time + 60_000)
            for house in houses[group]:
                begin = time + 90_000
                time = diary.stay(phone, house, rows=TEAM_ROWS // 2, start=begin, every_s=20)


def _drive(
    world: World, stream: np.random.Generator, diary: Diary, people: People, *, first: int
) -> pd.DataFrame:
    """Drive the official test through some communes, one phone per carrier in one car."""
    carriers = [carrier.name for carrier in world.carriers]
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
            "offset_db": offsets_db(world, stream, len(carriers)),
            "model": model_names(stream, len(carriers)),
            "hamlet": hamlets,
        }
    )
