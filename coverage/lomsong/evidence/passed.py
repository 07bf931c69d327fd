"""Weigh gaps that devices crossed: how unlikely it is that all of them merely paused where a carrier serves.

A phone that uploads on both sides of a cluster and not while it passes has either paused or had no service. How often
phones pause is counted where the carrier is heard; where it is not, several phones that all fell silent on the way are
hardly all pausing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.spatial import cKDTree
from scipy.special import betaln

from lomsong.evidence.age import weight_of, with_ages
from lomsong.evidence.cells import middles_of_cells
from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats
from lomsong.tables import JUDGED_TECHNOLOGY

NEAR_M: Final = 250.0
"""A gap passes a cluster where its straight line comes so near, and neither end does [m] (assumption)."""
LONGEST_M: Final = 4000.0
"""Longer gaps may go any other way (assumption)."""
LEAST_FIXES: Final = 1.0
"""At the pace of the minutes around, a passage would have left so many observations at the cluster, or it tells nothing."""
SURELY_HEARD: Final = 2
"""Pauses are counted where so many other phones have 4G of the carrier."""
PAUSES: Final = (1.0, 9.0)
"""Passages in which a phone paused and did not, before any is counted (assumption)."""
ALIKE: Final = 4.0
"""How alike places are in how often phones pause there, as the sum of a beta distribution's parameters: people rest at the
same places (assumption)."""
_WINDOW_S: Final = 600.0
"""`fixes_around` counts so many seconds."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Passed:
    """Gaps over each carrier and cluster; arrays of (carriers, clusters)."""

    ratio: Floats
    """P(all paused | served) / P(silent on the way | not served), in (0, 1]; 1 where nobody passed."""
    devices: Floats
    """Phones that fell silent on the way."""
    days: Floats
    """Days on which they did."""
    pauses: float
    """How often phones pause on a passage where the carrier is heard."""


def passed_of(
    crossings: pd.DataFrame,
    witnesses: pd.DataFrame,
    *,
    carriers: tuple[str, ...],
    x: Floats,
    y: Floats,
    crs: CRS,
) -> Passed:
    """Return what gaps over clusters say.

    Of a phone that would have left `f` observations at the cluster, 1 - exp(-f) is a witness of silence; of several gaps
    of one phone the best counts. Where the carrier serves, all `m` witnesses paused: a beta-binomial chance, with the
    share of pauses that the district shows where the carrier is heard.

    Parameters
    ----------
    crossings
        `tables.CROSSINGS`.
    witnesses
        `Evidence.witnesses`.
    carriers
        Carriers that are judged.
    x, y
        Clusters, in the run's metric CRS [m].
    crs
        The run's metric CRS.
    """
    over = _over(with_ages(crossings[crossings["carrier"].isin(carriers)]), x, y, crs)
    pauses = _pauses(over, witnesses)
    shape = (len(carriers), len(x))
    number = {name: i for i, name in enumerate(carriers)}
    best = over.groupby(["carrier", "cluster", "device"], sort=True)[["told"]].max().reset_index()
    m, devices, days = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    at = best["carrier"].map(number).to_numpy(np.int64), best["cluster"].to_numpy(np.int64)
    np.add.at(m, at, best["told"].to_numpy(float))
    np.add.at(devices, at, 1.0)
    dated = over[["carrier", "cluster", "day"]].drop_duplicates()
    at = dated["carrier"].map(number).to_numpy(np.int64), dated["cluster"].to_numpy(np.int64)
    np.add.at(days, at, 1.0)
    a, b = pauses * ALIKE, (1 - pauses) * ALIKE
    return Passed(
        ratio=np.exp(betaln(a + m, b) - betaln(a, b)), devices=devices, days=days, pauses=pauses
    )


def _over(crossings: pd.DataFrame, x: Floats, y: Floats, crs: CRS) -> pd.DataFrame:
    """Return a row per gap and cluster that it passes: carrier, cluster, device, day, told."""
    metres = crossings["metres"].to_numpy(float)
    fixes = crossings["fixes_around"].to_numpy(float) * crossings["seconds"].to_numpy() / _WINDOW_S
    fixes *= np.minimum(2 * NEAR_M / np.maximum(metres, 1.0), 1.0)
    usable = (metres <= LONGEST_M) & (fixes >= LEAST_FIXES)
    gaps, fixes = crossings[usable], fixes[usable]
    start, end = (
        np.column_stack(middles_of_cells(gaps[f"{side}_x"], gaps[f"{side}_y"], crs=crs))
        for side in ("from", "to")
    )
    places = np.column_stack([x, y])
    which, cluster = _candidates(places, (start + end) / 2)
    along = end[which] - start[which]
    part = ((places[cluster] - start[which]) * along).sum(axis=1)
    part = np.clip(part / np.maximum((along**2).sum(axis=1), 1.0), 0, 1)
    away = _away(places[cluster], start[which] + part[:, None] * along)
    ends = np.minimum(_away(places[cluster], start[which]), _away(places[cluster], end[which]))
    passed = (away <= NEAR_M) & (ends > NEAR_M)
    told = (1 - np.exp(-fixes)) * weight_of(gaps)
    rows: pd.DataFrame = gaps[["carrier", "device", "day"]].iloc[which[passed]]
    return rows.assign(cluster=cluster[passed], told=told[which[passed]])


def _candidates(places: Floats, middles: Floats) -> tuple[Integers, Integers]:
    """Return pairs of gaps and clusters that may lie on their way."""
    if not len(places) or not len(middles):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    near = cKDTree(places).query_ball_point(middles, LONGEST_M / 2 + 2 * NEAR_M, return_sorted=True)
    sizes = np.array([len(own) for own in near])
    found = np.concatenate([np.asarray(own, np.int64) for own in near])
    return np.repeat(np.arange(len(middles)), sizes), found


def _away(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.hypot(*(one - other).T), float)


def _pauses(over: pd.DataFrame, witnesses: pd.DataFrame) -> float:
    """Return how often phones that pass a cluster pause, counted where enough others have 4G of the carrier."""
    heard = witnesses[
        (witnesses["cluster"] >= 0)
        & (witnesses["technology"] == JUDGED_TECHNOLOGY)
        & (witnesses["device"] != "")
    ]
    key = ["carrier", "cluster"]
    phones = heard[[*key, "device"]].drop_duplicates()
    many = phones.groupby(key, sort=True).size()
    surely = many.index[many > SURELY_HEARD]
    # Who is heard in several hamlets on one day passes; who is not is at home.
    roams = witnesses.groupby(["device", "day"], sort=True)["hamlet"].transform("nunique") > 1
    through = heard[roams[heard.index]][[*key, "device", "day"]].drop_duplicates()
    passages = pd.MultiIndex.from_frame(through[key]).isin(surely).sum()
    holes = over.loc[pd.MultiIndex.from_frame(over[key]).isin(surely), "told"].sum()
    paused, went_on = PAUSES
    return float((paused + holes) / (paused + went_on + holes + passages))
