"""Count observations packed into three integers a row, so that counts add up exactly, anywhere, in any order."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from lomsong.errors import DefectError
from lomsong.evidence._runs import Counts, Keys, Run, merged
from lomsong.evidence.clusters import Integers
from lomsong.evidence.coding import (
    AREA_SHIFT,
    CELLS_PER_DEGREE,
    COLUMN_BITS,
    FIRST_COLUMN,
    FIRST_ROW,
    LEFT_OUT,
    LEVEL_BITS,
    LEVEL_MASK,
    NO_SERVICE,
    NODE_BITS,
    ROW_BITS,
    TECHNOLOGY_MASK,
    TECHNOLOGY_SHIFT,
    UNKNOWN_TIME,
    Codes,
    Looks,
    cell_of,
    cells_of,
    coarsely_placed,
    days,
    device_name,
    devices,
    dropped_of,
    is_left_out,
    level_code,
    levels,
    looks,
    milliseconds,
    node_code,
    service_columns,
    service_of,
    text,
)
from lomsong.evidence.crossings import Trails, device_by_device, joined, trails
from lomsong.evidence.histogram import Histogram
from lomsong.evidence.join import Locator
from lomsong.evidence.spill import MOST_ROWS, Runs, mapped
from lomsong.space.compiled import compiled
from lomsong.tables import Samples

__all__ = [
    "CELLS_PER_DEGREE",
    "NO_SERVICE",
    "VERSION",
    "Counting",
    "Tally",
    "added",
    "packed",
    "tally",
]

# Key 0: the service, see `coding`, without room for a level; the node that served in 16 bits.
# Key 1: the device, a hash of 64 bits; 0 where none is named.
# Key 2: day + 1 in 17 bits, column of the cell 20, row 19, level 8.
# So the order of the keys is that of the columns they stand for.
VERSION: Final = 2
"""Changes whenever keys are packed otherwise than before, so that kept ones are not added to new ones."""
_DAY_SHIFT: Final = 47
_DAY_BITS: Final = 17
_COLUMN_SHIFT: Final = 27
_ROW_SHIFT: Final = 8
_TECHNOLOGY: Final = np.uint64(TECHNOLOGY_MASK << TECHNOLOGY_SHIFT)
_SERVICE_SHIFT: Final = NODE_BITS - LEVEL_BITS
_MOST_AREAS: Final = 1 << (64 - AREA_SHIFT - _SERVICE_SHIFT)


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

    def histogram(self) -> Histogram:
        """Return how often each level was observed, without looking at devices, days and cells."""
        bars = _services(self.keys) | (self.keys[:, 2] & np.uint64(LEVEL_MASK))
        keys, which = np.unique(bars, return_inverse=True)
        n = np.zeros(len(keys), np.int64)
        np.add.at(n, which, self.n)
        return Histogram(keys=keys, n=n, dropped=self.dropped, n_samples=self.n_samples)

    def witnesses(self, locator: Locator) -> pd.DataFrame:
        """Return a row per distinct observation, in the order of its columns."""
        places = self.keys[:, 2]
        table: dict[str, object] = service_columns(_services(self.keys), locator)
        table["node"] = _whole(self.keys[:, 0], NODE_BITS) - np.int32(1)
        table["device"] = text(self.keys[:, 1], device_name)
        table["day"] = _whole(places >> np.uint64(_DAY_SHIFT), _DAY_BITS) - np.int32(1)
        column = _whole(places >> np.uint64(_COLUMN_SHIFT), COLUMN_BITS)
        row = _whole(places >> np.uint64(_ROW_SHIFT), ROW_BITS)
        table["cell_x"], table["cell_y"] = (
            column + np.int32(FIRST_COLUMN),
            row + np.int32(FIRST_ROW),
        )
        table["level_dbm"] = levels(places)
        # The columns are this table's own, and counts that lie on disk stay there: nothing need be copied.
        return pd.DataFrame({**table, "n": self.n}, copy=False)


def tally(
    batch: Samples | pa.RecordBatch, locator: Locator, *, threads: int | None = None
) -> Tally:
    """Locate and count one batch of samples, or of what a file in the words of `tables.SAMPLES` is read into."""
    found = packed(batch, locator, threads=threads)
    keys, n = merged([(found.keys, found.n)])
    return replace(found, keys=keys, n=n)


def packed(
    batch: Samples | pa.RecordBatch, locator: Locator, *, threads: int | None = None
) -> Tally:
    """Return the tally of a batch as far as it is needed for adding: every observation by itself, as they come."""
    table = batch.table if isinstance(batch, Samples) else batch
    observed = looks(table)
    device, time_ms = devices(table), milliseconds(table)
    if locator.n_areas > _MOST_AREAS:
        raise DefectError(f"more than {_MOST_AREAS:,} hamlets and clusters cannot be counted")
    keys = np.empty((len(device), 3), np.uint64)
    left_out = np.zeros(LEFT_OUT, np.int64)
    kept = _pack(
        observed,
        locator.areas(observed.lon, observed.lat, coarse=coarsely_placed(table), threads=threads),
        device,
        days(time_ms),
        cells_of(table),
        keys,
        left_out,
    )
    dropped = Counter(batch.dropped if isinstance(batch, Samples) else {})
    dropped.update(dropped_of(left_out))
    newest = time_ms.max(initial=UNKNOWN_TIME)
    return Tally(
        keys=keys[:kept],
        n=np.ones(kept, np.int64),
        trails=trails(observed, device, time_ms),
        dropped=dict(dropped),
        n_samples=kept,
        newest=None
        if newest == UNKNOWN_TIME
        else dt.date(1970, 1, 1) + dt.timedelta(milliseconds=int(newest)),
    )


class Counting:
    """A sum that batches are added to in any order; what does not fit into memory waits on disk.

    Parameters
    ----------
    most_rows
        Distinct observations held in memory, and as many places of trails.
    """

    def __init__(self, *, most_rows: int = MOST_ROWS) -> None:
        self._looks = Runs("witnesses", most_rows=most_rows)
        self._trails = Runs("trails", most_rows=most_rows)
        self._dropped: Counter[str] = Counter()
        self.n_samples = 0
        self.newest: dt.date | None = None

    def __enter__(self) -> Self:
        """Return the sum, which takes its files away in the end."""
        return self

    def __exit__(self, *error: object) -> None:
        """Take the files away."""
        self._looks.close()
        self._trails.close()

    def add(self, part: Tally) -> None:
        """Add one more tally, which may be of `packed`."""
        self._looks.add((part.keys, part.n))
        self._trails.add((part.trails.keys, part.trails.n))
        self._dropped.update(part.dropped)
        self.n_samples += part.n_samples
        self.newest = max((day for day in (self.newest, part.newest) if day), default=None)

    @property
    def dropped(self) -> dict[str, int]:
        """How many rows were left out for which reason."""
        return dict(sorted(self._dropped.items()))

    def observations(self) -> Iterator[Run]:
        """Return the distinct observations piece by piece, sorted."""
        return self._looks.chunks()

    def trails(self) -> Iterator[Trails]:
        """Return the trails of devices piece by piece, sorted; no device is in two pieces."""
        return device_by_device(self._trails.chunks())

    def total(self) -> Tally:
        """Return the whole sum; what does not fit into memory stays on disk."""
        keys, n = self._looks.total()
        pieces = self.trails()
        places = (
            Trails(*mapped((piece.keys, piece.n) for piece in pieces))
            if self._trails.is_on_disk
            else joined(pieces)
        )
        return Tally(
            keys=keys,
            n=n,
            trails=places,
            dropped=self.dropped,
            n_samples=self.n_samples,
            newest=self.newest,
        )


def _whole(keys: Codes, bits: int) -> npt.NDArray[np.int32]:
    """Return the last bits of numbers, fewer than 32, in half the room: tables of witnesses are copied often."""
    return (keys & np.uint64((1 << bits) - 1)).astype(np.int32)


def _services(keys: Keys) -> Codes:
    """Return the services of witnesses."""
    found: Codes = (keys[:, 0] >> np.uint64(NODE_BITS)) << np.uint64(LEVEL_BITS)
    return found


def added(parts: Iterable[Tally]) -> Tally:
    """Add tallies; none at all is the tally of nothing."""
    with Counting() as counting:
        for part in parts:
            counting.add(part)
        return counting.total()


@compiled
def _pack(  # noqa: PLR0917 -- compiled code is called by position
    observed: Looks,
    area: Integers,
    device: Codes,
    day: Integers,
    cells: Integers,
    keys: Keys,
    left_out: Counts,
) -> int:
    """Write the keys of the rows that count, and how many do not; return how many do."""
    lon, lat, plmn, technology, rsrp_dbm, level_dbm, no_service, carriers, technologies = observed
    kept = 0
    for row in range(len(area)):
        service = service_of(
            carriers[plmn[row] + 1], technologies[technology[row] + 1], no_service[row]
        )
        level = level_code(rsrp_dbm[row], level_dbm[row], no_service[row])
        if not is_left_out(area[row], service, level, left_out):
            column, line = cell_of(lon[row], lat[row])
            node = np.uint64(0)
            if len(cells):
                node = node_code(cells[row], service & _TECHNOLOGY)
            service |= np.uint64(area[row]) << np.uint64(AREA_SHIFT)
            keys[kept, 0] = (service << np.uint64(_SERVICE_SHIFT)) | node
            keys[kept, 1] = device[row]
            keys[kept, 2] = (
                (np.uint64(day[row] + 1) << np.uint64(_DAY_SHIFT))
                | (np.uint64(column) << np.uint64(_COLUMN_SHIFT))
                | (np.uint64(line) << np.uint64(_ROW_SHIFT))
                | np.uint64(level)
            )
            kept += 1
    return kept
