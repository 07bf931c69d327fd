"""Learn of phones what they tell by being on older technology: some know no 4G, the others leave it for calls."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.classify import Flags
from lomsong.config import LevelsSection
from lomsong.evidence.cells import BLOCK_CELLS
from lomsong.space.crs import Floats
from lomsong.tables import JUDGED_TECHNOLOGY, chosen

OLD: Final = 0.1
"""Share of phones that know no 4G, or have it switched off (assumption, until phones are counted)."""
LEAVES: Final = 0.05
"""How often the others are on older technology where 4G is good: calls (assumption, until it is counted)."""
TRUSTED: Final = 10.0
"""Each assumption counts as much as so many phones, or units, where others have good 4G (assumption)."""
FEWEST_OTHERS: Final = 2
"""Where so many other phones have good 4G, a phone on older technology is there for a reason of its own."""

KNOWS_NONE: Final = 0.5
"""A phone that is likelier than this to know no 4G teaches no levels."""


def _nobody() -> pd.Series:
    return pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[], []]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Phones:
    """How likely phones are on older technology where 4G serves."""

    old: float = OLD
    """Of a phone that was never heard where others have good 4G: how likely it knows none."""
    leaves: float = LEAVES
    is_old: pd.Series = field(default_factory=_nobody)
    """How likely each phone knows no 4G, by carrier and device; the others are as `old`."""

    def that_may_know(self, witnesses: pd.DataFrame) -> pd.DataFrame:
        """Leave out where phones that rather know no 4G than lost it are on older technology: it says nothing of levels."""
        known = self.is_old.index[self.is_old > KNOWS_NONE]
        older = witnesses["device"].isin(known.get_level_values(1)) & (
            witnesses["technology"] != ""
        )
        gone = older.to_numpy(bool, copy=True)
        rows = witnesses.loc[gone, ["carrier", "device"]]
        gone[gone] = pd.MultiIndex.from_frame(rows).isin(known)
        return chosen(witnesses, ~gone)

    def stays_on_older(self, rows: pd.DataFrame) -> Floats:
        """Return for each row how likely its phone is on older technology although 4G serves."""
        phone = pd.MultiIndex.from_frame(rows[["carrier", "device"]])
        at = self.is_old.index.get_indexer(phone)
        known = np.append(self.is_old.to_numpy(float), self.old)[at]
        return np.asarray(known + (1 - known) * self.leaves, float)


def phones_of(witnesses: pd.DataFrame, levels: LevelsSection) -> Phones:
    """Learn of each phone by the places where others have good 4G of its carrier, and by whether it ever has 4G."""
    units = _units(witnesses)
    heard = units[units["level"].notna()]
    knows = heard.groupby(["carrier", "device"], sort=True).size()
    tested = units[_among_good(units, levels.good_rsrp_dbm)]
    tests = tested.groupby(["carrier", "device"], sort=True)["older"].agg(["size", "sum"])
    never = ~tests.index.isin(knows.index)
    old = (OLD * TRUSTED + never.sum()) / (TRUSTED + len(tests))
    free = tests[~never]
    leaves = (LEAVES * TRUSTED + free["sum"].sum()) / (TRUSTED + free["size"].sum())
    # Each unit on older technology where others have good 4G makes it likelier that a phone knows none.
    luck = np.exp(np.log(leaves) * tests["size"][never])
    is_old = pd.concat([pd.Series(0.0, knows.index), old / (old + (1 - old) * luck)])
    return Phones(old=float(old), leaves=float(leaves), is_old=is_old)


def _units(witnesses: pd.DataFrame) -> pd.DataFrame:
    """Return named phones by block and cluster: the level of their best row of 4G, and whether all rows are older."""
    rows = witnesses[
        (witnesses["device"] != "")
        & ~witnesses["technology"].isin(["", "5G"])
        & (witnesses["cluster"] >= 0)
    ]
    newest = rows["technology"] == JUDGED_TECHNOLOGY
    table = rows[["carrier", "cluster", "device"]].assign(
        block_x=rows["cell_x"] // BLOCK_CELLS,
        block_y=rows["cell_y"] // BLOCK_CELLS,
        level=rows["level_dbm"].astype(float).where(newest),
    )
    key = ["carrier", "cluster", "device", "block_x", "block_y"]
    units = table.groupby(key, sort=True)["level"].max().reset_index()
    return units.assign(older=units["level"].isna())


def _among_good(units: pd.DataFrame, good_dbm: float) -> Flags:
    """Tell which units lie in clusters where enough other phones have good 4G of the same carrier."""
    place = ["carrier", "cluster"]
    best = units.groupby([*place, "device"], sort=True)["level"].max().reset_index()
    best["good"] = best["level"] >= good_dbm
    best["others"] = best.groupby(place)["good"].transform("sum") - best["good"]
    of_phone = units.merge(best, on=[*place, "device"], how="left", sort=False)["others"]
    return np.asarray(of_phone.to_numpy() >= FEWEST_OTHERS, bool)
