"""Build the carriers' networks: masts by roads and commune centres, sectors, bands."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import ndimage

from lomsong.demo.land import Land
from lomsong.demo.radio import Radio
from lomsong.demo.settle import Settlements
from lomsong.demo.units import OUTSIDE, Units
from lomsong.demo.ways import Ways
from lomsong.demo.world import CarrierKnobs, Chance, Flags, Floats, Ints, World

MASTS_M = (30.0, 36.0, 42.0, 45.0)
USABLE_DBM = -110.0
"""Level a planner counts on when choosing where to build [dBm]."""
PLANNING_EIRP_DBM = 26.0
PLANNING_MAST_M = 40.0
AT_CENTRES = 0.45
"""Share of sites that go to commune centres before anything else."""
REACHED = 0.85
"""Weight that people lose who are reached already."""
SHARED_WORTH = 4.0
"""A standing tower is worth so many times a new one."""
ROADSIDE_PLACES = 90
KNOLL_CELLS, KNOLL_WORTH_M, KNOLL_CLIMB_M = 5, 40.0, 120.0
SUMMIT_CELLS = 31


@dataclass(frozen=True)
class Layer:
    """One technology on one band."""

    technology: str
    frequency_mhz: float
    eirp_dbm: float
    """Of what a phone measures: one resource element of 4G, the pilot of 3G, the beacon of 2G [dBm]."""
    channel: int
    """EARFCN, UARFCN or ARFCN."""
    band: str


LTE_1800 = Layer("4G", 1800.0, 30.5, 1350, "L3")
LTE_900 = Layer("4G", 900.0, 30.0, 3590, "L8")
UMTS_2100 = Layer("3G", 2100.0, 48.0, 10588, "U1")
GSM_900 = Layer("2G", 900.0, 55.0, 62, "G900")


@dataclass(frozen=True)
class _Plan:
    """What a planner sees: places for masts, and who would hear a mast there."""

    x: Floats
    y: Floats
    off_road: Flags
    seats: Ints
    """Places at commune centres."""
    heard: Floats
    """1 where a household group (columns) hears a mast at a place (rows), else 0."""
    people: Floats


def build_networks(
    world: World,
    chance: Chance,
    *,
    land: Land,
    units: Units,
    ways: Ways,
    homes: Settlements,
    radio: Radio,
) -> pd.DataFrame:
    """Return a row per sector: carrier, plmn, technology, site, x, y, mast_m, azimuth_deg and identities."""
    stream = chance.stream("network")
    plan = _plan(stream, land=land, units=units, ways=ways, homes=homes, radio=radio)
    towers: list[int] = []
    rows: list[dict[str, object]] = []
    for carrier in world.carriers:
        chosen = _choose(world, stream, carrier, plan, towers)
        towers += [place for place in chosen if place not in towers]
        masts = [float(stream.choice(MASTS_M)) for _ in chosen]
        for number, (place, mast_m) in enumerate(zip(chosen, masts, strict=True)):
            where = {"x": float(plan.x[place]), "y": float(plan.y[place]), "mast_m": mast_m}
            rows += [{**sector, **where} for sector in _sectors(stream, carrier, number)]
    sectors = pd.DataFrame(rows)
    sectors.index.name = "sector"
    return sectors


def _plan(
    stream: np.random.Generator,
    *,
    land: Land,
    units: Units,
    ways: Ways,
    homes: Settlements,
    radio: Radio,
) -> _Plan:
    """List places for masts: knolls by hamlets and roads first, then high ground."""
    cells, near_road = _mast_cells(stream, land, units, ways)
    x, y = (np.round(at, 1) for at in land.middle_of(cells))
    group_x, group_y = homes.groups["x"].to_numpy(), homes.groups["y"].to_numpy()
    heard = np.zeros((len(cells), len(group_x)))
    for place in range(len(cells)):
        paths = radio.paths(
            (float(x[place]), float(y[place]), PLANNING_MAST_M), group_x, group_y, shadowed=False
        )
        level = PLANNING_EIRP_DBM - radio.loss_db(paths, frequency_mhz=LTE_1800.frequency_mhz)
        heard[place, paths.place] = level >= USABLE_DBM
    seats = np.flatnonzero(np.concatenate([[True], units.commune_of[1:] != units.commune_of[:-1]]))
    return _Plan(
        x=x,
        y=y,
        off_road=np.arange(len(cells)) >= near_road,
        seats=seats,
        heard=heard,
        people=homes.groups["people"].to_numpy(float),
    )


def _mast_cells(
    stream: np.random.Generator, land: Land, units: Units, ways: Ways
) -> tuple[Ints, int]:
    """Return cells for masts, the hamlets' own first, and how many of them are near a hamlet or road."""
    knoll = ndimage.maximum_filter(land.height_m, 9) == land.height_m
    liked = np.where(knoll, land.height_m, land.height_m - KNOLL_WORTH_M)
    road = np.flatnonzero(ways.road.reshape(land.shape) & (units.commune_grid != OUTSIDE))
    beside = stream.choice(road, min(ROADSIDE_PLACES, len(road)), replace=False)
    snapped = []
    for cell in np.concatenate([units.seat, beside]):
        row, column = divmod(int(cell), land.shape[1])
        top, left = max(0, row - KNOLL_CELLS), max(0, column - KNOLL_CELLS)
        window = liked[top : row + KNOLL_CELLS + 1, left : column + KNOLL_CELLS + 1]
        # Nobody carries a mast further up than this.
        window = np.minimum(window, land.height_m[row, column] + KNOLL_CLIMB_M)
        down, right = divmod(int(window.argmax()), window.shape[1])
        snapped.append((top + down) * land.shape[1] + left + right)
    wide = ndimage.maximum_filter(land.height_m, SUMMIT_CELLS) == land.height_m
    high = np.flatnonzero(wide & (units.commune_grid != OUTSIDE))
    return np.array([*snapped, *high], dtype=np.int64), len(snapped)


def _choose(
    world: World, stream: np.random.Generator, carrier: CarrierKnobs, plan: _Plan, towers: list[int]
) -> list[int]:
    """Choose a carrier's masts one by one, by people not yet reached, with a planner's errors."""
    first = plan.seats[np.argsort(-(plan.heard[plan.seats] @ plan.people), kind="stable")]
    chosen = [int(place) for place in first[: max(1, round(AT_CENTRES * carrier.sites))]]
    left = plan.people * (1 - plan.heard[chosen].max(axis=0) * REACHED)
    while len(chosen) < carrier.sites:
        error = np.exp(0.5 * stream.standard_normal(len(plan.heard)))
        gain = plan.heard @ left * error
        gain = np.where(plan.off_road, gain * (stream.random() < world.off_road_sites), gain)
        if towers and stream.random() < world.shared_towers:
            gain[towers] *= SHARED_WORTH
        gain[chosen] = -1
        best = int(gain.argmax())
        chosen.append(best)
        left = left * (1 - plan.heard[best] * REACHED)
    return chosen


def _sectors(
    stream: np.random.Generator, carrier: CarrierKnobs, number: int
) -> list[dict[str, object]]:
    """Describe the sectors of a carrier's site of that number, but for its place."""
    mnc = int(carrier.plmn[-2:])
    layers = [LTE_1800]
    draws = stream.random(3)
    layers += [LTE_900] if draws[0] < carrier.low_band_share else []
    layers += [UMTS_2100] if draws[1] < carrier.umts_share else []
    layers += [GSM_900] if draws[2] < carrier.gsm_share else []
    first = float(np.round(stream.uniform(0, 120)))
    # Node numbers of a made-up range: 880000 and up.
    node = 880_000 + mnc * 1_000 + number
    tac = 61_000 + mnc * 100 + number // 6
    rows = []
    for layer_number, layer in enumerate(layers):
        for sector in range(3):
            own = layer_number * 3 + sector + 1
            rows.append(
                {
                    "carrier": carrier.name,
                    "plmn": carrier.plmn,
                    "technology": layer.technology,
                    "site": f"{carrier.name[:3].upper()}{number + 1:03d}",
                    "azimuth_deg": (first + 120 * sector) % 360,
                    "tilt_deg": 3.0,
                    "frequency_mhz": layer.frequency_mhz,
                    "eirp_dbm": layer.eirp_dbm,
                    "band": layer.band,
                    "channel": layer.channel,
                    "node": node,
                    "cell": node << 8 | own
                    if layer.technology == "4G"
                    else _old_cell(mnc, number, own),
                    "area": tac,
                    "code": (number * 9 + own * 7 + mnc)
                    % (504 if layer.technology == "4G" else 512),
                }
            )
    return rows


def _old_cell(mnc: int, number: int, own: int) -> int:
    """Return a cell number below 65536, as 2G has and 3G's lower half has."""
    return 50_000 + mnc * 1_500 + number * 15 + own
