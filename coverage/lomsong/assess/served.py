"""Turn what was measured at a cluster into a probability that people there are served."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import betainc

from lomsong.config import LevelsSection
from lomsong.evidence.age import AGE, weight_of, with_ages
from lomsong.evidence.cells import BLOCK_CELLS
from lomsong.evidence.cube import NO_SERVICE
from lomsong.space.crs import Floats
from lomsong.tables import NO_CARRIER, TECHNOLOGIES

SHIFTS: Final = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Ways to lay blocks of 2 × 2 cells: a home whose fixes straddle a corner falls into one block of one of them."""

_UNIT = ["cluster", "carrier", "technology", "device", "block_x", "block_y", AGE]
_KEY = ["cluster", "carrier", "technology"]
_WITNESS = [*_KEY, "device", "day", "cell_x", "cell_y", AGE]


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
    answers bound the belief, so that fixes scattered around one house never count as several places. Half-lives that
    passed since make units of their own, each counting half of the one after it (`evidence.age`).

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


def jointly_measured_bounds(
    witnesses: pd.DataFrame,
    *,
    carriers: tuple[str, ...],
    technologies: tuple[str, ...],
    levels: LevelsSection,
) -> pd.DataFrame:
    """Bound from above the belief that *some* carrier serves, where phones of several carriers went to the same places.

    A block speaks against service only as far as every carrier was observed in it: its share is the sum of the
    carriers' shares, at most 1, and 1 where one of them is missing. So a walk with a phone of each carrier can show
    that nobody serves, and a carrier that was not measured always leaves the question open.

    Returns
    -------
    pandas.DataFrame
        `cluster, technology, served_high, good_high`.
    """
    shares = _shares(_expanded(witnesses, technologies), levels)
    shares = shares[shares["carrier"].isin(carriers)]
    answers = [_jointly(shares, shift, n_carriers=len(carriers)) for shift in SHIFTS]
    bounds = answers[0][["cluster", "technology"]].copy()
    for what in ("served", "good"):
        bounds[f"{what}_high"] = np.max([answer[what].to_numpy() for answer in answers], axis=0)
    return bounds


def _jointly(shares: pd.DataFrame, shift: tuple[int, int], *, n_carriers: int) -> pd.DataFrame:
    place = ["cluster", "technology", "block_x", "block_y", AGE]
    blocks = _in_blocks(shares, shift)
    of_carrier = blocks.groupby([*place, "carrier"], as_index=False, sort=True)[
        ["served", "good"]
    ].mean()
    of_place = of_carrier.groupby(place, as_index=False, sort=True).agg(
        carriers=("carrier", "size"), served=("served", "sum"), good=("good", "sum")
    )
    complete = (of_place["carriers"] == n_carriers).to_numpy()
    for what in ("served", "good"):
        of_place[what] = np.where(complete, np.minimum(of_place[what], 1.0), 1.0)
    return _summed_up(of_place, ["cluster", "technology"])


def _expanded(witnesses: pd.DataFrame, technologies: tuple[str, ...]) -> pd.DataFrame:
    """Let each no-service row of a carrier count for every technology; drop what speaks for no cluster or carrier."""
    rows = with_ages(witnesses)
    rows = rows[(rows["cluster"] >= 0) & (rows["carrier"] != NO_CARRIER)]
    silent = rows["technology"] == ""
    copies = [rows[silent].assign(technology=technology) for technology in technologies]
    return pd.concat([rows[~silent], *copies], ignore_index=True)


def _shares(rows: pd.DataFrame, levels: LevelsSection) -> pd.DataFrame:
    """Return per witness the share of its rows that are served and that are good."""
    limits = thresholds(levels)
    minimum = rows["technology"].map({t: float(limit.minimum) for t, limit in limits.items()})
    good = rows["technology"].map({t: float(limit.good) for t, limit in limits.items()})
    heard = rows["level_dbm"] != NO_SERVICE
    counts = rows[_WITNESS].assign(
        n=rows["n"],
        served=rows["n"].where(heard & (rows["level_dbm"] >= minimum.astype(float)), 0),
        good=rows["n"].where(heard & (rows["level_dbm"] >= good.astype(float)), 0),
    )
    summed = counts.groupby(_WITNESS, as_index=False, sort=True)[["n", "served", "good"]].sum()
    return summed.assign(served=summed["served"] / summed["n"], good=summed["good"] / summed["n"])


def _by_shift(shares: pd.DataFrame, shift: tuple[int, int]) -> pd.DataFrame:
    blocks = _in_blocks(shares, shift)
    units = blocks.groupby(_UNIT, as_index=False, sort=True)[["served", "good"]].mean()
    return _summed_up(units, _KEY)


def _in_blocks(shares: pd.DataFrame, shift: tuple[int, int]) -> pd.DataFrame:
    return shares.assign(
        block_x=(shares["cell_x"] + shift[0]) // BLOCK_CELLS,
        block_y=(shares["cell_y"] + shift[1]) // BLOCK_CELLS,
    )


def _summed_up(units: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Turn units into the probabilities that at least half of the dwellings are served, and good."""
    weight = weight_of(units)
    weighed = units[key].assign(
        n=weight, served=units["served"] * weight, good=units["good"] * weight
    )
    sums = weighed.groupby(key, as_index=False, sort=True)[["n", "served", "good"]].sum()
    n = sums["n"].to_numpy(float)
    return sums.assign(
        served=_mostly(sums["served"].to_numpy(), n), good=_mostly(sums["good"].to_numpy(), n)
    )


def _mostly(successes: Floats, n: Floats) -> Floats:
    """Return P(share ≥ ½) under Beta(1 + successes, 1 + n - successes)."""
    # The mean of shares may pass n by a rounding error.
    hits = np.clip(successes, 0.0, n)
    return np.asarray(betainc(1 + n - hits, 1 + hits, 0.5), float)
