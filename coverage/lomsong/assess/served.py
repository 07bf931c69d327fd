"""Turn what was measured at a cluster into a probability that people there are served."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import betainc

from lomsong.config import LevelsSection
from lomsong.evidence.cube import NO_SERVICE
from lomsong.space.crs import Floats
from lomsong.tables import NO_CARRIER, TECHNOLOGIES

SHIFTS: Final = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Ways to lay blocks of 2 × 2 cells: a home whose fixes straddle a corner falls into one block of one of them."""

_UNIT = ["cluster", "carrier", "technology", "device", "block_x", "block_y"]
_KEY = ["cluster", "carrier", "technology"]
_WITNESS = [*_KEY, "device", "day", "cell_x", "cell_y"]


@dataclass(frozen=True)
class Threshold:
    """From which whole dB a level counts as served and as good [dBm]."""

    minimum: int
    good: int


def thresholds(levels: LevelsSection) -> dict[str, Threshold]:
    """Return the thresholds of each technology; a fraction of a dB is rounded up, never in the place's favour."""
    rsrp = (levels.minimum_rsrp_dbm, levels.good_rsrp_dbm)
    pairs = {
        "2G": (levels.minimum_level_2g_dbm, levels.good_level_2g_dbm),
        "3G": (levels.minimum_level_3g_dbm, levels.good_level_3g_dbm),
        "4G": rsrp,
        "5G": rsrp,
    }
    return {t: Threshold(*(int(np.ceil(v)) for v in pairs[t])) for t in TECHNOLOGIES}


def measured_beliefs(
    witnesses: pd.DataFrame, *, technologies: tuple[str, ...], levels: LevelsSection
) -> pd.DataFrame:
    """Judge each cluster × carrier × technology by its own samples alone.

    The question is whether at least half of the cluster's dwellings are served. A *unit* of evidence is one device
    in one block of 2 × 2 cells (138 m): thousands of rows of one phone at one house are one unit, and so is a place
    seen by a source that names no device. A unit speaks with the mean share of its rows at or above the threshold,
    day by day. With a uniform prior, n units of which s speak for service leave the served share of dwellings with a
    Beta(1 + s, 1 + n - s) distribution; the probability asked for is its mass above one half: 0.75 after one unit in
    favour, 0.875 after two, 0.94 after three. Blocks can be laid in four ways; the lowest and the highest of the four
    answers bound the belief, so that fixes scattered around one house never count as several places.

    Every step is monotone: a higher threshold or another row without service never raises an answer, and another
    good row never lowers one.

    Returns
    -------
    pandas.DataFrame
        `cluster, carrier, technology`, then the bounds `served_low, served_high, good_low, good_high` in [0, 1];
        only rows with evidence.
    """
    shares = _shares(_expanded(witnesses, technologies), levels)
    answers = [_by_shift(shares, shift) for shift in SHIFTS]
    beliefs = answers[0][_KEY].copy()
    for what in ("served", "good"):
        four = np.column_stack([answer[what].to_numpy() for answer in answers])
        beliefs[f"{what}_low"] = four.min(axis=1)
        beliefs[f"{what}_high"] = four.max(axis=1)
    return beliefs


def _expanded(witnesses: pd.DataFrame, technologies: tuple[str, ...]) -> pd.DataFrame:
    """Let each no-service row of a carrier count for every technology; drop what speaks for no cluster or carrier."""
    rows = witnesses[(witnesses["cluster"] >= 0) & (witnesses["carrier"] != NO_CARRIER)]
    silent = rows["technology"] == ""
    copies = [rows[silent].assign(technology=technology) for technology in technologies]
    return pd.concat([rows[~silent], *copies], ignore_index=True)


def _shares(rows: pd.DataFrame, levels: LevelsSection) -> pd.DataFrame:
    """Return per witness the share of its rows that are served and that are good."""
    limits = thresholds(levels)
    minimum = rows["technology"].map({t: limit.minimum for t, limit in limits.items()})
    good = rows["technology"].map({t: limit.good for t, limit in limits.items()})
    heard = rows["level_dbm"] != NO_SERVICE
    counts = rows[_WITNESS].assign(
        n=rows["n"],
        served=rows["n"].where(heard & (rows["level_dbm"] >= minimum), 0),
        good=rows["n"].where(heard & (rows["level_dbm"] >= good), 0),
    )
    summed = counts.groupby(_WITNESS, as_index=False, sort=True)[["n", "served", "good"]].sum()
    return summed.assign(served=summed["served"] / summed["n"], good=summed["good"] / summed["n"])


def _by_shift(shares: pd.DataFrame, shift: tuple[int, int]) -> pd.DataFrame:
    blocks = shares.assign(
        block_x=(shares["cell_x"] + shift[0]) // 2, block_y=(shares["cell_y"] + shift[1]) // 2
    )
    units = blocks.groupby(_UNIT, as_index=False, sort=True)[["served", "good"]].mean()
    sums = units.groupby(_KEY, as_index=False, sort=True).agg(
        n=("served", "size"), served=("served", "sum"), good=("good", "sum")
    )
    n = sums["n"].to_numpy(float)
    return sums.assign(
        served=_mostly(sums["served"].to_numpy(), n), good=_mostly(sums["good"].to_numpy(), n)
    )


def _mostly(successes: Floats, n: Floats) -> Floats:
    """Return P(share ≥ ½) under Beta(1 + successes, 1 + n - successes)."""
    # The mean of shares may pass n by a rounding error.
    hits = np.clip(successes, 0.0, n)
    return np.asarray(betainc(1 + n - hits, 1 + hits, 0.5), float)
