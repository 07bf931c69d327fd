"""Count observations: a witness table from which every histogram follows; two of them add to the whole."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from lomsong.evidence.clusters import Integers
from lomsong.evidence.join import Locator
from lomsong.tables import NO_CARRIER, Samples
from lomsong.vietnam import carriers

CELLS_PER_DEGREE: Final = 1600
"""A witness's cell is 1/1600 degree, 69 m of latitude."""
NO_SERVICE: Final = -999
"""Stands in the level column for an observation of no service."""

WITNESS_KEYS: Final = (
    "hamlet",
    "cluster",
    "carrier",
    "technology",
    "device",
    "day",
    "cell_x",
    "cell_y",
    "level_dbm",
)
CUBE_KEYS: Final = ("hamlet", "cluster", "carrier", "technology", "level_dbm")


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """What was observed, counted and not judged.

    `witnesses` has the columns `WITNESS_KEYS` and `n`: `hamlet` and `cluster` are positions (-1: none), `technology`
    is empty for no service, `device` empty where the source names none, `day` counts days since 1970 (-1: unknown),
    `level_dbm` is the level rounded down to a whole dB or `NO_SERVICE`. Comparing whole dB with a threshold of whole
    dB is exact.
    """

    witnesses: pd.DataFrame
    dropped: dict[str, int] = field(default_factory=dict)
    n_samples: int = 0
    newest: dt.date | None = None
    """The newest day in the data, samples outside all hamlets included."""

    @property
    def carriers(self) -> tuple[str, ...]:
        """Carriers that were observed, sorted."""
        return tuple(sorted({*self.witnesses["carrier"]} - {NO_CARRIER}))

    @property
    def cube(self) -> pd.DataFrame:
        """Histogram per cluster × carrier × technology in 1-dB steps; no service under `NO_SERVICE`."""
        return self.witnesses.groupby(list(CUBE_KEYS), as_index=False)[["n"]].sum()


def count(batches: Iterable[Samples], locator: Locator) -> Evidence:
    """Locate and count samples batch by batch; their order and cut change nothing."""
    return merge(_counted(batch, locator) for batch in batches)


def merge(parts: Iterable[Evidence]) -> Evidence:
    """Add counts; none at all is the count of nothing."""
    known = [Evidence(witnesses=_nobody()), *parts]
    dropped: Counter[str] = Counter()
    for part in known:
        dropped.update(part.dropped)
    return Evidence(
        witnesses=_summed(pd.concat([part.witnesses for part in known], ignore_index=True)),
        dropped=dict(sorted(dropped.items())),
        n_samples=sum(part.n_samples for part in known),
        newest=max((part.newest for part in known if part.newest), default=None),
    )


def _counted(batch: Samples, locator: Locator) -> Evidence:
    table = batch.table
    hamlet, cluster = locator.locate(table["lon"].to_numpy(), table["lat"].to_numpy())
    carrier = carriers.carriers_of(table["plmn"])
    withdrawn = (carrier.isna() & table["plmn"].notna()).to_numpy()
    outside = (hamlet < 0) & ~withdrawn
    kept = ~withdrawn & ~outside
    rows = table[kept]
    witnesses = pd.DataFrame(
        {
            "hamlet": hamlet[kept],
            "cluster": cluster[kept],
            "carrier": carrier[kept].fillna(NO_CARRIER).astype(str).to_numpy(),
            "technology": rows["technology"].where(~rows["no_service"]).fillna("").to_numpy(),
            "device": rows["device"].fillna("").to_numpy(),
            "day": _days(rows["time"]),
            "cell_x": _cells(rows["lon"]),
            "cell_y": _cells(rows["lat"]),
            "level_dbm": _levels(rows),
            "n": 1,
        }
    )
    dropped = dict(batch.dropped)
    for reason, count in (
        ("outside all hamlets", outside.sum()),
        ("carrier withdrawn", withdrawn.sum()),
    ):
        if count:
            dropped[reason] = dropped.get(reason, 0) + int(count)
    newest = table["time"].max()
    return Evidence(
        witnesses=_summed(witnesses),
        dropped=dropped,
        n_samples=int(kept.sum()),
        newest=None if pd.isna(newest) else newest.date(),
    )


def _days(time: pd.Series) -> Integers:
    days = time.dt.floor("D").astype("int64") // 86_400_000
    return np.asarray(days.where(time.notna(), -1), np.int64)


def _cells(degrees: pd.Series) -> Integers:
    return np.asarray(np.floor(degrees.to_numpy(float) * CELLS_PER_DEGREE), np.int64)


def _levels(rows: pd.DataFrame) -> Integers:
    level = rows["rsrp_dbm"].fillna(rows["level_dbm"])
    whole = np.floor(level.fillna(NO_SERVICE).to_numpy(float))
    return np.asarray(np.where(rows["no_service"].to_numpy(bool), NO_SERVICE, whole), np.int64)


def _summed(witnesses: pd.DataFrame) -> pd.DataFrame:
    return witnesses.groupby(list(WITNESS_KEYS), as_index=False, sort=True)[["n"]].sum()


def _nobody() -> pd.DataFrame:
    text = {"carrier", "technology", "device"}
    columns = {key: pd.Series(dtype=str if key in text else "int64") for key in WITNESS_KEYS}
    return pd.DataFrame({**columns, "n": pd.Series(dtype="int64")})
