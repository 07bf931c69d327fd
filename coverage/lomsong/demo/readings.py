"""Turn moments into what a phone notices, and lose what it cannot send.

A phone that hears nothing sends nothing, unless its app has a row for that. What is lost that way is kept apart:
the program never sees it, but an honest benchmark wants to know what it would have told.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lomsong.demo.radio import Best
from lomsong.demo.world import Flags, Floats, World

CAMPING_DBM = {"4G": -124.0, "3G": -113.0, "2G": -105.0}
"""Below this a phone does not hold the technology and falls back to the older one (assumption)."""
STRONGEST_DBM = -44.0
VISIT_SHARE = 0.7
"""Share of the spread of readings that all readings of one visit have in common."""
COARSE_FIX_SHARE = 0.03


@dataclass(frozen=True)
class Crowd:
    """What phones noticed: `rows` reach the program, `lost` never does."""

    devices: pd.DataFrame
    rows: pd.DataFrame
    lost: pd.DataFrame


def hears(best: Best, carrier: str) -> Flags:
    """Say where a carrier is heard in any technology."""
    heard = [
        best.level[carrier, technology] >= least
        for technology, least in CAMPING_DBM.items()
        if (carrier, technology) in best.level
    ]
    return np.asarray(np.logical_or.reduce(heard))


def notice(
    world: World,
    stream: np.random.Generator,
    moments: pd.DataFrame,
    devices: pd.DataFrame,
    best: Best,
) -> Crowd:
    """Read each moment's level off the world, as the phone shows it."""
    moments = moments.sort_values(["device", "time_ms"], kind="stable", ignore_index=True)
    level, technology, sector = _serving(world, stream, moments, devices, best)
    offset = devices["offset_db"].to_numpy()[moments["device"]]
    shown = np.clip(np.rint(level + offset), -140, STRONGEST_DBM)
    x, y, accuracy = _fixes(world, stream, moments)
    noticed = moments[["device", "visit", "time_ms", "indoor", "speed", "spot"]].assign(
        x=x,
        y=y,
        accuracy_m=accuracy,
        technology=technology,
        level_dbm=np.where(technology == "", np.nan, shown),
        sector=sector,
    )
    silent = noticed["technology"].eq("")
    traceless = silent & ~devices["reporter"].to_numpy()[noticed["device"]]
    return Crowd(
        devices,
        noticed[~traceless].reset_index(drop=True),
        noticed[traceless].reset_index(drop=True),
    )


def _serving(
    world: World,
    stream: np.random.Generator,
    moments: pd.DataFrame,
    devices: pd.DataFrame,
    best: Best,
) -> tuple[
    Floats, np.ndarray[tuple[int], np.dtype[np.str_]], np.ndarray[tuple[int], np.dtype[np.int64]]
]:
    """Return level [dBm], technology ("" without service) and sector of the serving cell."""
    count = len(moments)
    visits = stream.standard_normal(int(moments["visit"].max()) + 1)[moments["visit"]]
    wobble = np.sqrt(VISIT_SHARE) * visits + np.sqrt(1 - VISIT_SHARE) * stream.standard_normal(
        count
    )
    change = world.noise_db * wobble - world.indoor_db * moments["indoor"].to_numpy()
    spot = moments["spot"].to_numpy()
    carrier = devices["carrier"].to_numpy()[moments["device"]]
    level = np.full(count, np.nan)
    technology = np.full(count, "", dtype="<U2")
    sector = np.full(count, -1, dtype=np.int64)
    for name in np.unique(carrier.astype(str)).tolist():
        mine = carrier == name
        for generation, least in CAMPING_DBM.items():
            if (name, generation) not in best.level:
                continue
            here = best.level[name, generation][spot] + change
            held = mine & (technology == "") & (here >= least)
            level[held], technology[held] = here[held], generation
            sector[held] = best.server[name, generation][spot[held]]
    return level, technology, sector


def _fixes(
    world: World, stream: np.random.Generator, moments: pd.DataFrame
) -> tuple[Floats, Floats, Floats]:
    """Place each moment as GPS does: off by one error per visit at rest, by a new one each time on the move."""
    count = len(moments)
    visit = moments["visit"].to_numpy()
    visits = int(visit.max()) + 1
    still = moments["speed"].to_numpy() == 0
    spread = np.exp(0.5 * stream.standard_normal(visits))[visit]
    spread = spread * np.where(moments["indoor"], 2.0, 1.0) * world.gps_error_m
    coarse = (stream.random(visits) < COARSE_FIX_SHARE)[visit]
    spread = np.where(coarse, spread * 12, spread)
    off = stream.standard_normal((2, visits))[:, visit]
    fresh = stream.standard_normal((2, count))
    off = np.where(still, off, fresh) * spread
    accuracy = np.clip(spread * 1.3, 3, None)
    return (
        np.round(moments["x"].to_numpy() + off[0], 1),
        np.round(moments["y"].to_numpy() + off[1], 1),
        np.round(accuracy, 1),
    )
