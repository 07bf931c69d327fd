"""Gather witnesses into units that teach: one level per carrier and cell, however often it was measured."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pyproj import CRS

from lomsong.assess.classify import Flags, Texts
from lomsong.assess.medians import medians
from lomsong.evidence.cells import middles_of_cells
from lomsong.evidence.clusters import Integers
from lomsong.evidence.coding import NO_NODE
from lomsong.evidence.tally import NO_SERVICE
from lomsong.space.crs import Floats
from lomsong.tables import JUDGED_TECHNOLOGY, NO_CARRIER, chosen

WEAKEST_SHARE: Final = 0.01
"""This share of readings lies below the level that phones are taken to lose: odd phones hear a little further."""
LOST_DBM: Final = (-130.0, -115.0)
"""Phones lose 4G between these levels [dBm] (TS 36.304: the least level that a cell asks for, minus what it may
undershoot; cells ask for -128 to -116 usually, an assumption)."""
MOST_SHARE: Final = 0.5
"""A cell's level speaks of the node that served in so many of its phones' days (assumption)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Units:
    """Levels of cells of 69 m, sorted by carrier, cluster and cell."""

    carrier: Texts
    cluster: Integers
    """Position of the cluster that the cell's samples speak for, -1 for none."""
    x: Floats
    y: Floats
    level_dbm: Floats
    """Median over phones of the median of each; `lost_dbm` where most of them had no 4G."""
    lost: Flags
    """Most phones had no 4G here: the level lies somewhere below `lost_dbm`."""
    phones: Floats
    """How many phones were here; days of one phone count as half phones."""
    lost_dbm: float
    node: Integers
    """Number of the node that served most phones here, as witnesses name it; -1 where nobody knows."""

    def __len__(self) -> int:
        """Return how many units there are."""
        return len(self.x)

    def chosen(self, at: Flags | Integers) -> "Units":
        """Return some of the units."""
        return Units(
            carrier=self.carrier[at],
            cluster=self.cluster[at],
            x=self.x[at],
            y=self.y[at],
            level_dbm=self.level_dbm[at],
            lost=self.lost[at],
            phones=self.phones[at],
            lost_dbm=self.lost_dbm,
            node=self.node[at],
        )


def units_of(witnesses: pd.DataFrame, *, crs: CRS) -> Units:
    """Return the units of all carriers in 4G.

    One phone on one day in one cell is one reading, its median; a phone's level is the median of its days, a cell's
    the median of its phones. No service, and older technology, which phones turn to where 4G is lost, lie below any
    level.

    Parameters
    ----------
    witnesses
        `Evidence.witnesses`.
    crs
        Metric CRS of the run.
    """
    # 5G is heard where a phone has left 4G behind, and tells nothing of its level.
    wanted = (witnesses["carrier"] != NO_CARRIER) & (witnesses["technology"] != "5G")
    rows = chosen(witnesses, wanted)
    lost_dbm = _lost_dbm(rows["level_dbm"][_is_heard(rows)].to_numpy(float))
    # Carriers share nothing, and one after the other they take a fraction of the memory.
    carriers = sorted(rows["carrier"].unique())
    parts = [_cells(rows[rows["carrier"] == carrier], lost_dbm) for carrier in carriers]
    cells = pd.concat(parts or [_cells(rows, lost_dbm)], ignore_index=True)
    x, y = middles_of_cells(cells["cell_x"], cells["cell_y"], crs=crs)
    levels = cells["level"].to_numpy(float)
    return Units(
        carrier=cells["carrier"].to_numpy(object),
        cluster=cells["cluster"].to_numpy(np.int64),
        x=x,
        y=y,
        level_dbm=levels,
        lost=levels <= lost_dbm,
        phones=cells["phones"].to_numpy(float),
        lost_dbm=lost_dbm,
        node=cells["node"].to_numpy(np.int64),
    )


def _is_heard(rows: pd.DataFrame) -> pd.Series:
    return (rows["technology"] == JUDGED_TECHNOLOGY) & (rows["level_dbm"] != NO_SERVICE)


def _cells(rows: pd.DataFrame, lost_dbm: float) -> pd.DataFrame:
    """Return a row per cell: level, phones, and the node that served."""
    heard = _is_heard(rows)
    level = rows["level_dbm"].where(heard, lost_dbm).clip(lower=lost_dbm).astype(float)
    place = ["carrier", "cluster", "cell_x", "cell_y"]
    # Numbers in the order of the names: they sort alike, and cost a fraction.
    device = rows["device"].astype("category").cat.codes
    readings = rows[[*place, "day", "n"]].assign(device=device, level=level)
    of_days = medians(readings, [*place, "device", "day"])
    of_phones = medians(of_days.assign(n=1), [*place, "device"])
    days = of_days.groupby([*place, "device"], sort=True).size().to_numpy()
    of_phones = of_phones.assign(n=1, phones=1 + (days - 1) / 2)
    cells = medians(of_phones, place)
    phones = of_phones.groupby(place, sort=True)["phones"].sum().to_numpy(float)
    node = np.where(cells["level"] > lost_dbm, _nodes(rows, place, cells), NO_NODE)
    return cells.assign(phones=phones, node=node)


def _nodes(rows: pd.DataFrame, place: list[str], cells: pd.DataFrame) -> Integers:
    """Return the node that served most days of phones in each cell; none where it did not in half of them."""
    if "node" not in rows or (rows["node"] == NO_NODE).all():
        return np.full(len(cells), NO_NODE, np.int64)
    days = rows[[*place, "node", "device", "day"]].drop_duplicates()
    counts = days.groupby([*place, "node"], sort=True).size().rename("days").reset_index()
    counts["share"] = counts["days"] / counts.groupby(place)["days"].transform("sum")
    named = counts[(counts["node"] != NO_NODE) & (counts["share"] >= MOST_SHARE)]
    best = named.sort_values([*place, "share", "node"], ascending=[True] * 4 + [False, True])
    found = cells[place].merge(best.drop_duplicates(place), on=place, how="left")["node"]
    return found.fillna(NO_NODE).to_numpy(np.int64)


def _lost_dbm(levels: Floats) -> float:
    if not len(levels):
        return LOST_DBM[1]
    return float(np.clip(np.floor(np.quantile(levels, WEAKEST_SHARE)), *LOST_DBM))
