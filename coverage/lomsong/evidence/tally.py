"""Count observations packed into three integers a row, so that counts add up exactly, anywhere, in any order."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from lomsong.errors import DefectError
from lomsong.evidence._runs import Counts, Keys, counted, merged
from lomsong.evidence.clusters import Integers
from lomsong.evidence.coding import (
    AREA_SHIFT,
    CELLS_PER_DEGREE,
    COLUMN_BITS,
    FIRST_COLUMN,
    FIRST_ROW,
    LEVEL_MASK,
    NO_SERVICE,
    ROW_BITS,
    WITHDRAWN,
    Codes,
    Looks,
    cell_of,
    days,
    device_name,
    devices,
    level_of,
    levels,
    looks,
    milliseconds,
    service_columns,
    service_of,
    text,
)
from lomsong.evidence.crossings import Trails, trails
from lomsong.evidence.join import Locator
from lomsong.space.compiled import compiled
from lomsong.tables import Samples

__all__ = ["CELLS_PER_DEGREE", "NO_SERVICE", "Adding", "Tally", "added", "tally"]

# Key 0: the service, see `coding`. Key 1: the device, a hash of 64 bits; 0 where none is named.
# Key 2: day + 1 in 17 bits, column of the cell 20, row 19, level 8.
# So the order of the keys is that of the columns they stand for.
_DAY_SHIFT: Final = 47
_COLUMN_SHIFT: Final = 27
_ROW_SHIFT: Final = 8
_OUTSIDE, _WITHDRAWN, _UNMEASURABLE = 0, 1, 2
"""Places of the counts of rows left out."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Tally:
    """Distinct observations, packed and sorted, and how often each was made; two of them add to the whole."""

    keys: Keys = field(default_factory=lambda: np.empty((0, 3), np.uint64))
    n: Counts = field(default_factory=lambda: np.empty(0, np.int64))
    trails: Trails = field(default_factory=Trails)
    """Where devices were, from which the gaps they crossed follow."""
    dropped: dict[str, int] = field(default_factory=dict)
    n_samples: int = 0
    newest: dt.date | None = None
    """The newest day in the data, samples outside all hamlets included."""

    def histogram(self, locator: Locator) -> pd.DataFrame:
        """Return `hamlet, cluster, carrier, technology, level_dbm, n` without looking at devices, days and cells."""
        keys, which = np.unique(
            self.keys[:, 0] | (self.keys[:, 2] & np.uint64(LEVEL_MASK)), return_inverse=True
        )
        n = np.zeros(len(keys), np.int64)
        np.add.at(n, which, self.n)
        return pd.DataFrame({**service_columns(keys, locator), "level_dbm": levels(keys), "n": n})

    def witnesses(self, locator: Locator) -> pd.DataFrame:
        """Return a row per distinct observation, in the order of its columns."""
        places = self.keys[:, 2]
        return pd.DataFrame(
            {
                **service_columns(self.keys[:, 0], locator),
                "device": text(self.keys[:, 1], device_name),
                "day": (places >> np.uint64(_DAY_SHIFT)).astype(np.int64) - 1,
                "cell_x": (
                    (places >> np.uint64(_COLUMN_SHIFT)) & np.uint64((1 << COLUMN_BITS) - 1)
                ).astype(np.int64)
                + FIRST_COLUMN,
                "cell_y": (
                    (places >> np.uint64(_ROW_SHIFT)) & np.uint64((1 << ROW_BITS) - 1)
                ).astype(np.int64)
                + FIRST_ROW,
                "level_dbm": levels(places),
                "n": self.n,
            }
        )


def tally(batch: Samples, locator: Locator, *, threads: int | None = None) -> Tally:
    """Locate and count the samples of one batch."""
    table = batch.table
    observed = looks(table)
    device = devices(table["device"])
    time_ms = milliseconds(table["time"])
    keys = np.empty((len(table), 3), np.uint64)
    left_out = np.zeros(3, np.int64)
    kept = _pack(
        observed,
        locator.areas(observed.lon, observed.lat, threads=threads),
        device,
        days(time_ms),
        keys,
        left_out,
    )
    if left_out[_UNMEASURABLE]:
        raise DefectError("a sample has a level that no phone measures")
    distinct, n = counted(keys[:kept])
    here = {
        "outside all hamlets": int(left_out[_OUTSIDE]),
        "carrier withdrawn": int(left_out[_WITHDRAWN]),
    }
    dropped = Counter(batch.dropped)
    dropped.update({reason: count for reason, count in here.items() if count})
    newest = table["time"].max()
    return Tally(
        keys=distinct,
        n=n,
        trails=trails(observed, device, time_ms),
        dropped=dict(dropped),
        n_samples=kept,
        newest=None if pd.isna(newest) else newest.date(),
    )


class Adding:
    """A sum that tallies are added to one by one; sums of similar size are merged, so each row moves few times."""

    def __init__(self) -> None:
        self._parts: list[Tally] = []

    def add(self, part: Tally) -> None:
        """Add one more tally."""
        while self._parts and len(self._parts[-1].n) < 2 * len(part.n):
            part = _sum(self._parts.pop(), part)
        self._parts.append(part)

    def total(self) -> Tally:
        """Return the sum of all tallies so far."""
        total = Tally()
        while self._parts:
            total = _sum(self._parts.pop(), total)
        self._parts.append(total)
        return total


def added(parts: Iterable[Tally]) -> Tally:
    """Add tallies; none at all is the tally of nothing."""
    adding = Adding()
    for part in parts:
        adding.add(part)
    return adding.total()


def _sum(first: Tally, second: Tally) -> Tally:
    keys, n = merged((first.keys, first.n), (second.keys, second.n))
    dropped = Counter(first.dropped)
    dropped.update(second.dropped)
    return Tally(
        keys=keys,
        n=n,
        trails=first.trails + second.trails,
        dropped=dict(sorted(dropped.items())),
        n_samples=first.n_samples + second.n_samples,
        newest=max((day for day in (first.newest, second.newest) if day), default=None),
    )


@compiled
def _pack(  # noqa: PLR0917 -- compiled code is called by position
    observed: Looks,
    area: Integers,
    device: Codes,
    day: Integers,
    keys: Keys,
    left_out: Counts,
) -> int:
    """Write the keys of the rows that count, and how many do not; return how many do."""
    kept = 0
    for row in range(len(area)):
        service, level = service_of(observed, row), level_of(observed, row)
        if level < 0:
            left_out[_UNMEASURABLE] += 1
        elif service == WITHDRAWN:
            left_out[_WITHDRAWN] += 1
        elif area[row] < 0:
            left_out[_OUTSIDE] += 1
        else:
            column, line = cell_of(observed, row)
            keys[kept, 0] = (np.uint64(area[row]) << np.uint64(AREA_SHIFT)) | service
            keys[kept, 1] = device[row]
            keys[kept, 2] = (
                (np.uint64(day[row] + 1) << np.uint64(_DAY_SHIFT))
                | (np.uint64(column) << np.uint64(_COLUMN_SHIFT))
                | (np.uint64(line) << np.uint64(_ROW_SHIFT))
                | np.uint64(level)
            )
            kept += 1
    return kept
