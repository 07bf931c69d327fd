"""Learn by how much each phone reads too high or too low, where phones of one carrier were at the same places."""

from typing import Final

import numpy as np
import pandas as pd

from lomsong.evidence.cells import BLOCK_CELLS
from lomsong.evidence.clusters import Integers
from lomsong.evidence.tally import NO_SERVICE
from lomsong.space.crs import Floats
from lomsong.tables import JUDGED_TECHNOLOGY

ROUNDS: Final = 12
AMPLE_DBM: Final = -112.0
"""Where the phones of a place hear less than this on average, only those that read high may be left (assumption)."""
FEWEST_PHONES: Final = 10
"""Fewer phones that share places teach nothing."""
SPREAD_DB: Final = (0.5, 8.0)
"""Phones differ so much, at least and at most [dB] (assumption)."""


def offsets_of(witnesses: pd.DataFrame) -> pd.Series:
    """Return by device how much higher it reads than others do at the same places [dB]; their sum is zero.

    Levels of phones in blocks of 2 x 2 cells are explained by the place and the phone, in turn. A phone's offset is
    drawn towards zero, the less it was beside others: by the spread of its own deviations over that of all phones.
    """
    units = _units(witnesses)
    place, device = (units[name].to_numpy(np.int64) for name in ("place", "number"))
    level = units["level"].to_numpy(float)
    names = units.drop_duplicates("number").sort_values("number")["device"].to_numpy()
    if len(names) < FEWEST_PHONES:
        return pd.Series(dtype=float)
    offset = np.zeros(len(names))
    seen = np.bincount(device, minlength=len(names)).astype(float)
    ratio = 1.0
    for _ in range(ROUNDS):
        base = _means(level - offset[device], place)
        off = _means(level - base[place], device)
        left = level - base[place] - off[device]
        noise = float((left**2).sum() / max(len(level) - len(base) - len(names), 1))
        spread = float(np.clip(off.var() - (noise / seen).mean(), *np.square(SPREAD_DB)))
        ratio = noise / spread
        offset = off * seen / (seen + ratio)
        offset -= offset.mean()
    return pd.Series(offset, pd.Index(names, dtype="str"))


def corrected(witnesses: pd.DataFrame, offsets: pd.Series) -> pd.DataFrame:
    """Take the offsets from levels of 4G, in whole dB."""
    heard = (witnesses["technology"] == JUDGED_TECHNOLOGY) & (witnesses["level_dbm"] != NO_SERVICE)
    # Each phone is looked up once, not for each of its rows.
    phone, names = pd.factorize(witnesses["device"])
    level = witnesses["level_dbm"].to_numpy()
    own = offsets.reindex(names).fillna(0.0).round().to_numpy(level.dtype)[phone]
    return witnesses.assign(level_dbm=np.where(heard, level - own, level))


def _units(witnesses: pd.DataFrame) -> pd.DataFrame:
    """Return the mean level of each named phone in each block where several are."""
    rows = witnesses[
        (witnesses["device"] != "")
        & (witnesses["technology"] == JUDGED_TECHNOLOGY)
        & (witnesses["level_dbm"] != NO_SERVICE)
    ]
    place = ["carrier", "block_x", "block_y"]
    table = rows[["carrier", "device", "n"]].assign(
        block_x=rows["cell_x"] // BLOCK_CELLS,
        block_y=rows["cell_y"] // BLOCK_CELLS,
        sum=rows["level_dbm"].astype(float) * rows["n"],
    )
    units = table.groupby([*place, "device"], sort=True)[["sum", "n"]].sum().reset_index()
    units["level"] = units["sum"] / units["n"]
    groups = units.groupby(place, sort=True)["level"]
    several = (groups.transform("size") > 1) & (groups.transform("mean") >= AMPLE_DBM)
    units = units[several].reset_index(drop=True)
    return units.assign(
        place=units.groupby(place, sort=True).ngroup(),
        number=units.groupby("device", sort=True).ngroup(),
    )


def _means(values: Floats, group: Integers) -> Floats:
    return np.asarray(np.bincount(group, values) / np.bincount(group), float)
