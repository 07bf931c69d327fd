"""Make worlds by another mind than `lomsong.demo`: other land, other radio, other people, other knowledge of sites.

Nothing here knows how the program judges, how it predicts levels, or how its built-in district comes about, so a method
that leans on any of these fails here. `make` writes a project folder and its truth; `worlds` gives the fixed knobs.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from other_worlds import files
from other_worlds.knobs import World
from other_worlds.land import settle, shape
from other_worlds.people import Life, Phones, Spots, drives, own_phones, read, spots_of
from other_worlds.radio import build, levels

__all__ = ["World", "make", "worlds"]

KNOBS = Path(__file__).with_name("worlds.toml")
CAR = 100_000
"""Numbers of cars begin here; those of phones lie below."""


def worlds(*, varied: bool = False) -> Iterator[tuple[int, World]]:
    """Return the fixed worlds by their seed; `varied` are those in which one habit each is changed."""
    plan = tomllib.loads(KNOBS.read_text(encoding="utf-8"))
    for seed, own in plan["variations" if varied else "worlds"].items():
        knobs = {**plan["base"], **own}
        for name in ("sites", "share", "exact_lists", "unlisted"):
            if name in knobs:
                knobs[name] = tuple(knobs[name])
        yield int(seed), World(**knobs)


def make(folder: Path, *, world: World, seed: int) -> Path:
    """Write a world into a folder, and return it; the same seed gives the same world."""
    folder.mkdir(parents=True, exist_ok=True)
    streams = iter(np.random.default_rng([71, seed]).spawn(9))
    land = shape(world, next(streams))
    homes = settle(world, land, next(streams))
    spots = spots_of(homes, next(streams))
    cells = build(world, land, homes, next(streams))
    found = levels(world, land, cells, x=spots.x, y=spots.y, chance=next(streams))
    phones = own_phones(world, homes, found, next(streams))
    chance = next(streams)
    seen = pd.concat(
        [
            _of_phones(phones, Life(world, homes, spots, chance).looks(phones)),
            _of_cars(drives(world, homes, spots, chance)),
        ],
        ignore_index=True,
    )
    seen = _placed(world, spots, read(world, found, seen, next(streams)), chance)
    told = np.where(
        seen["app"] == "drive", 1.0, seen["app"].map(world.tells_no_service).fillna(0.0)
    )
    is_lost = (seen["technology"] == "") & (chance.random(len(seen)) >= told)
    sent = seen[~is_lost]
    files.write_land(folder, land, homes, next(streams))
    signal = files.write_samples(folder, world, sent)
    files.write_project(folder, signal=signal, sites=files.write_sites(folder, world, found, sent))
    files.write_truth(folder, homes, found, seen[is_lost])
    return folder


def _of_phones(phones: Phones, rows: pd.DataFrame) -> pd.DataFrame:
    """Put beside each look what matters of its phone; a phone that changes its carrier stays one phone."""
    own = phones.table.loc[rows["phone"]].reset_index(drop=True)
    changed = rows["time_s"] / 86_400 >= own["change"]
    return rows.assign(
        carrier=np.where(changed, own["second"], own["first"]),
        old=own["old"],
        offset_db=own["offset_db"],
        less_db=own["walls_db"] * rows["indoors"],
        app=own["app"],
        file=own["app"],
    )


def _of_cars(rows: pd.DataFrame) -> pd.DataFrame:
    car = rows["carrier"].astype(int)
    return rows.assign(
        phone=CAR + car,
        old=False,
        offset_db=0.0,
        less_db=0.0,
        indoors=False,
        app="drive",
        file=[f"drive_{number}" for number in car],
    )


def _placed(
    world: World, spots: Spots, rows: pd.DataFrame, chance: np.random.Generator
) -> pd.DataFrame:
    """Put rows where the phone thinks it is; indoors it is wrong more often, and half knows so."""
    spread = np.where(rows["indoors"], 2.2, 1.0) * np.where(rows["app"] == "drive", 0.3, 1.0)
    accuracy = world.gps_m * spread * chance.lognormal(0, 0.4, len(rows))
    away, turn = accuracy * chance.rayleigh(0.7, len(rows)), chance.uniform(0, 6.283, len(rows))
    return rows.assign(
        x=spots.x[rows["spot"]] + away * np.cos(turn),
        y=spots.y[rows["spot"]] + away * np.sin(turn),
        accuracy_m=np.clip(accuracy, 3, 95),
        days=world.days,
    )
