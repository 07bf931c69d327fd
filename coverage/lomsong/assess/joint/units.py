"""Weigh a carrier's own samples where they were taken: how likely they are under each level there.

A *unit* is one device in one block of 2 × 2 cells, however many rows it has; half-lives that passed since make units of
their own, each counting half of the one after it (`evidence.age`). Rows below the good level speak for the levels
around their own; rows at or above it speak for any level that high; rows of no service, and of older technology, for levels
below those that phones hold. Adding a good row therefore never makes a low level likelier, and adding one of no service
never a high one, what is learnt of phones (`Reading`) held fixed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import log_expit

from lomsong.assess.classify import Flags
from lomsong.assess.joint.offsets import corrected, offsets_of
from lomsong.assess.joint.phones import Phones, phones_of
from lomsong.assess.medians import medians
from lomsong.config import LevelsSection
from lomsong.evidence.age import AGE, weight_of, with_ages
from lomsong.evidence.cells import BLOCK_CELLS
from lomsong.evidence.clusters import Integers
from lomsong.evidence.tally import NO_SERVICE
from lomsong.space.crs import Floats
from lomsong.tables import JUDGED_TECHNOLOGY

GRID_DBM: Final[Floats] = np.arange(-190.0, -49.0, 2.0)
"""Levels at which likelihoods are told [dBm]."""
WEAKEST_SHARE: Final = 0.01
"""This share of readings lies below the level that phones are taken to lose: odd phones hear a little further."""
LOST_DBM: Final = (-130.0, -115.0)
"""Phones lose 4G between these levels [dBm] (TS 36.304: the least level that a cell asks for; cells ask for -128 to -116
usually, an assumption)."""
UNIT_DB: Final = (5.0, 14.0)
"""A unit lies this far from the level of its block, at least and at most [dB] (assumption): walls, phones and hands
differ. Levels that phones lose are missing from the pairs it is learnt from."""
FEWEST_PAIRS: Final = 10
SCALE_OF_SIGMA: Final = float(np.sqrt(3) / np.pi)
"""Scale of a logistic distribution of standard deviation 1."""

_PLACE: Final = ("carrier", "cluster", "block_y", "block_x")
_COUNTED: Final = ("n", "top", "middle", "sum", "silent", "older")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How phones read levels."""

    lost_dbm: float
    """Below this they lose 4G [dBm]."""
    unit_db: float
    """How far a unit lies from the level of its block [dB]."""
    offsets: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    """How much higher each phone reads than others at the same places [dB]."""
    phones: Phones = field(default_factory=Phones)
    """Which of them tell anything by being on older technology."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Units:
    """What units say, sorted by carrier, cluster, block and device."""

    carrier: Integers
    cluster: Integers
    block_y: Integers
    block_x: Integers
    share: Mapping[str, Floats]
    """Share of rows that are at or above the good level (`top`), below it (`middle`), of no service (`silent`) and of
    older technology (`older`)."""
    level_dbm: Floats
    """Mean of the rows below the good level."""
    stays: Floats
    """How likely the phone is on older technology although 4G serves."""
    weight: Floats
    """How much the unit still counts at its age."""
    only_older: Flags
    """The unit tells of older technology alone."""
    good_dbm: float
    reading: Reading

    def __len__(self) -> int:
        """Return how many units there are."""
        return len(self.weight)

    def ln_likelihood(self, at: slice = slice(None)) -> Floats:
        """Return how likely what some units tell is under each level of `GRID_DBM` where they stand; a row each.

        Errors are logistic: their tails forgive wrong fixes and odd phones, and of one location family as they are,
        better rows are always relatively likelier under better levels.
        """
        scale = self.reading.unit_db * SCALE_OF_SIGMA
        share = {name: values[at, None] for name, values in self.share.items()}
        stays = self.stays[at, None]
        lost = log_expit((self.reading.lost_dbm - GRID_DBM) / scale)
        off = (GRID_DBM - self.level_dbm[at, None]) / scale
        return np.asarray(
            share["top"] * log_expit((GRID_DBM - self.good_dbm + 0.5) / scale)
            + share["middle"] * (log_expit(off) + log_expit(-off))
            + share["silent"] * lost
            + share["older"] * np.log(stays + (1 - stays) * np.exp(lost)),
            float,
        )

    def count(self, shape: tuple[int, int], at: Flags) -> Floats:
        """Return how many of some of the units each carrier has at each cluster."""
        result = np.zeros(shape)
        np.add.at(result, (self.carrier[at], self.cluster[at]), 1.0)
        return result


def reading_of(witnesses: pd.DataFrame, levels: LevelsSection) -> Reading:
    """Learn from the district's own samples how phones read levels."""
    offsets = offsets_of(witnesses)
    return Reading(
        # A phone loses 4G by what it reads, right or wrong.
        lost_dbm=_lost_level(witnesses),
        unit_db=_spread_of_units(corrected(witnesses, offsets)),
        offsets=offsets,
        phones=phones_of(witnesses, levels),
    )


def _lost_level(witnesses: pd.DataFrame) -> float:
    heard = (witnesses["technology"] == JUDGED_TECHNOLOGY) & (witnesses["level_dbm"] != NO_SERVICE)
    levels = witnesses.loc[heard, "level_dbm"].to_numpy(float)
    return (
        float(np.clip(np.quantile(levels, WEAKEST_SHARE), *LOST_DBM))
        if len(levels)
        else LOST_DBM[1]
    )


def _spread_of_units(witnesses: pd.DataFrame) -> float:
    """Return how much phones of one carrier in one block differ [dB]."""
    rows = witnesses[(witnesses["cluster"] >= 0) & (witnesses["technology"] == JUDGED_TECHNOLOGY)]
    key = ["cluster", "carrier", "block_y", "block_x"]
    table = rows[["cluster", "carrier", "n"]].assign(
        device=numbered(rows["device"]),
        level=rows["level_dbm"].astype(float),
        block_y=rows["cell_y"] // BLOCK_CELLS,
        block_x=rows["cell_x"] // BLOCK_CELLS,
    )
    of_phones = medians(table, [*key, "device"], lower=True)
    apart = of_phones.groupby(key, sort=True)["level"].agg(["var", "size"])
    apart = apart[apart["size"] > 1]
    if len(apart) < FEWEST_PAIRS:
        return UNIT_DB[0]
    found = float(np.sqrt(np.average(apart["var"], weights=apart["size"] - 1)))
    return float(np.clip(found, *UNIT_DB))


def numbered(devices: pd.Series) -> Integers:
    """Return numbers of devices in the order of their names: they sort alike, and cost a fraction."""
    return np.asarray(devices.astype("category").cat.codes, np.int64)


def units_of(
    witnesses: pd.DataFrame,
    *,
    carriers: tuple[str, ...],
    levels: LevelsSection,
    reading: Reading,
    older: bool = True,
) -> Units:
    """Return how likely what each unit at a cluster tells is under each level where it stands.

    `older` says whether phones on older technology speak against 4G.
    """
    good = float(np.ceil(levels.good_rsrp_dbm))
    rows = _counted(witnesses, carriers, good, reading.phones)
    return _told(rows if older else rows[rows["older"] == 0], good, reading)


def _counted(
    witnesses: pd.DataFrame,
    carriers: tuple[str, ...],
    good: float,
    phones: Phones,
) -> pd.DataFrame:
    """Return the rows at clusters, each counted under what it says; 5G tells nothing of 4G."""
    witnesses = with_ages(witnesses)
    rows = witnesses[
        (witnesses["cluster"] >= 0)
        & witnesses["carrier"].isin(carriers)
        & (witnesses["technology"] != "5G")
    ]
    number = {name: i for i, name in enumerate(carriers)}
    heard = (rows["technology"] == JUDGED_TECHNOLOGY).to_numpy()
    silent = (rows["technology"] == "").to_numpy()
    level, n = rows["level_dbm"].to_numpy(float), rows["n"].to_numpy(float)
    middle = heard & (level < good)
    return pd.DataFrame(
        {
            "carrier": rows["carrier"].map(number).to_numpy(np.int64),
            "cluster": rows["cluster"].to_numpy(np.int64),
            "block_y": rows["cell_y"].to_numpy(np.int64) // BLOCK_CELLS,
            "block_x": rows["cell_x"].to_numpy(np.int64) // BLOCK_CELLS,
            "device": numbered(rows["device"]),
            AGE: rows[AGE].to_numpy(),
            "n": n,
            "top": n * (heard & (level >= good)),
            "middle": n * middle,
            "sum": np.where(middle, n * level, 0.0),
            "silent": n * silent,
            "older": n * (~heard & ~silent),
            "stays": phones.stays_on_older(rows),
        }
    )


def _told(rows: pd.DataFrame, good: float, reading: Reading) -> Units:
    """Return the units of counted rows."""
    units = rows.groupby([*_PLACE, "device", AGE], sort=True)
    unit = units[list(_COUNTED)].sum().assign(stays=units["stays"].first()).reset_index()
    kinds = ("top", "middle", "silent", "older")
    return Units(
        **{name: unit[name].to_numpy(np.int64) for name in _PLACE},
        share={name: (unit[name] / unit["n"]).to_numpy(float) for name in kinds},
        level_dbm=unit["sum"].to_numpy(float) / np.maximum(unit["middle"].to_numpy(float), 1),
        stays=unit["stays"].to_numpy(float),
        weight=weight_of(unit),
        only_older=(unit["older"] == unit["n"]).to_numpy(bool),
        good_dbm=good,
        reading=reading,
    )
