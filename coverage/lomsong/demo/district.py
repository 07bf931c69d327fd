"""Make a whole world in memory, in the order in which one thing follows from another."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from lomsong.demo.diary import Diary, Spots, spots_of
from lomsong.demo.land import Land, raise_land
from lomsong.demo.naming import COMMUNE_CODE, commune_names, hamlet_names
from lomsong.demo.network import build_networks
from lomsong.demo.people import People
from lomsong.demo.phones import run_phones
from lomsong.demo.radio import Best, Radio
from lomsong.demo.readings import Crowd, notice
from lomsong.demo.settle import Settlements, people_grid, settle
from lomsong.demo.truth import Truth, find_truth
from lomsong.demo.units import Units, draw_units
from lomsong.demo.ways import Ways, lay_power, lay_roads
from lomsong.demo.world import SEED, Chance, Flags, Floats, World


@dataclass(frozen=True)
class District:
    """A synthetic world, with everything that is true in it."""

    world: World
    seed: int
    land: Land
    units: Units
    ways: Ways
    lit: Flags
    """Hamlets with grid power."""
    power_lines: list[shapely.LineString]
    homes: Settlements
    people: Floats
    """People per 3 x 3 cells of the terrain."""
    hamlets: pd.DataFrame
    """A row per hamlet: hamlet_id, name, commune_code, commune_name, high, lit, difficult, households, people."""
    radio: Radio
    sectors: pd.DataFrame
    spots: Spots
    best: Best
    crowd: Crowd
    truth: Truth


def generate(world: World | None = None, *, seed: int = SEED) -> District:
    """Make a world from its knobs and a seed; equal arguments give equal worlds."""
    world = world or World()
    chance = Chance(seed)
    land = raise_land(world, chance)
    units = draw_units(world, chance, land)
    ways = lay_roads(land, units)
    lit, power_lines = lay_power(world, chance, ways, units, land)
    homes = settle(world, chance, land, units, lit)
    hamlets = _register(world, chance, units, homes, lit)
    radio = Radio(world, chance, land)
    sectors = build_networks(
        world, chance, land=land, units=units, ways=ways, homes=homes, radio=radio
    )
    spots = spots_of(land, ways, homes, units)
    best = radio.best(sectors, spots.x, spots.y)
    diary = Diary(world, land, ways, spots, chance.stream("diary"))
    devices = run_phones(world, chance, People(units, homes, ways), diary, best)
    return District(
        world=world,
        seed=seed,
        land=land,
        units=units,
        ways=ways,
        lit=lit,
        power_lines=power_lines,
        homes=homes,
        people=people_grid(chance, land, homes.dwellings),
        hamlets=hamlets,
        radio=radio,
        sectors=sectors,
        spots=spots,
        best=best,
        crowd=notice(world, chance.stream("readings"), diary.table(), devices, best),
        truth=find_truth(
            world,
            homes,
            best,
            first_centre=spots.first_centre,
            hamlet_ids=list(hamlets["hamlet_id"]),
        ),
    )


def _register(
    world: World, chance: Chance, units: Units, homes: Settlements, lit: Flags
) -> pd.DataFrame:
    """Name and number hamlets and count who lives there."""
    stream = chance.stream("names")
    communes = commune_names(int(units.commune_of.max()) + 1)
    place = pd.Series(units.commune_of).groupby(units.commune_of).cumcount() + 1
    counted = homes.dwellings.groupby("hamlet")["people"].agg(["size", "sum"])
    hardship = np.where(units.high, 1.0, 0.0) + 1.2 * ~lit + stream.random(len(lit))
    limit = np.quantile(hardship, 1 - world.difficult_share)
    return pd.DataFrame(
        {
            "hamlet_id": [
                f"{COMMUNE_CODE + commune}{number:02d}"
                for commune, number in zip(units.commune_of, place, strict=True)
            ],
            "name": hamlet_names(stream, units.commune_of, units.high),
            "commune_code": [str(COMMUNE_CODE + commune) for commune in units.commune_of],
            "commune_name": [communes[commune] for commune in units.commune_of],
            "high": units.high,
            "lit": lit,
            "difficult": hardship >= limit,
            "households": counted["size"].to_numpy(),
            "people": counted["sum"].to_numpy(),
        }
    )
