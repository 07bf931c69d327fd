"""Count levels per cluster × carrier × technology in 1-dB steps, straight from the samples, without witnesses."""

from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from lomsong.evidence._runs import Counts
from lomsong.evidence.clusters import Integers
from lomsong.evidence.coding import (
    AREA_SHIFT,
    HIGHEST_DBM,
    LEFT_OUT,
    LEVEL_BITS,
    LEVEL_MASK,
    LOWEST_DBM,
    OUTSIDE,
    WITHDRAWN,
    Codes,
    Ints,
    Looks,
    coarsely_placed,
    dropped_of,
    is_left_out,
    level_code,
    levels,
    looks,
    service_columns,
)
from lomsong.evidence.join import NOTHING_COARSE, Coarse, Locator
from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats
from lomsong.tables import Samples
from lomsong.threads import cores

LEVELS: Final = HIGHEST_DBM - LOWEST_DBM + 2
"""Numbers of levels, 0 for no service among them."""
ROWS_AT_ONCE: Final = 1 << 20
"""Samples located together: the more there are, the more of them share what is looked up for their place."""
FIRST_ROWS: Final = 1 << 12
GROWTH: Final = 1.25
FIRST_SERVICES: Final = 8
MOST_CARRIES: Final = 1 << 12
FULL: Final = 1 << 8
"""What a count of 8 bits is when it starts again from 0."""
GONE: Final = -1


@dataclass(frozen=True, eq=False, kw_only=True)
class Histogram:
    """Bars, sorted by packed cluster, carrier, technology and level, and their heights; two of them add to the whole."""

    keys: Codes = field(default_factory=lambda: np.empty(0, np.uint64))
    n: Counts = field(default_factory=lambda: np.empty(0, np.int64))
    dropped: dict[str, int] = field(default_factory=dict)
    n_samples: int = 0

    def __add__(self, other: "Histogram") -> "Histogram":
        """Return the histogram of both."""
        size = len(self.n) + len(other.n)
        keys, n = np.empty(size, np.uint64), np.empty(size, np.int64)
        size = _merge(self.keys, self.n, other.keys, other.n, keys, n)
        dropped = Counter(self.dropped)
        dropped.update(other.dropped)
        return Histogram(
            keys=keys[:size],
            n=n[:size],
            dropped=dict(sorted(dropped.items())),
            n_samples=self.n_samples + other.n_samples,
        )

    def table(self, locator: Locator) -> pd.DataFrame:
        """Return `hamlet, cluster, carrier, technology, level_dbm, n`; no service under `NO_SERVICE`."""
        return pd.DataFrame(
            {**service_columns(self.keys, locator), "level_dbm": levels(self.keys), "n": self.n}
        )


def histogram(
    batches: Iterable[Samples | pa.RecordBatch], locator: Locator, *, threads: int | None = None
) -> Histogram:
    """Locate and count samples batch by batch; their order and cut change nothing.

    Parameters
    ----------
    batches
        Samples, or what a file of samples in the words of `tables.SAMPLES` is read into.
    threads
        How many locate and count while the next batches are read; default: one per processor but the one that reads.
    """
    counting = _Counting(locator)
    _count_all(batches, counting, threads or max(1, cores() - 1))
    # What reading held makes room for the bars.
    pa.default_memory_pool().release_unused()
    return counting.total()


def _count_all(
    batches: Iterable[Samples | pa.RecordBatch], counting: "_Counting", threads: int
) -> None:
    """Encode batches here, and locate and count blocks of them on threads."""
    idle = deque(_Block() for _ in range(threads + 1))
    running: deque[Future[_Block]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for batch in batches:
            if not idle[0].has_room_for(batch):
                running.append(pool.submit(counting.add, idle.popleft()))
                if not idle:
                    idle.append(running.popleft().result())
            counting.encode(batch, idle[0])
        running.append(pool.submit(counting.add, idle.popleft()))
        for last in running:
            last.result()


class _Block:
    """Samples in numbers that are located together; filled and emptied over and over, as fresh memory takes time."""

    def __init__(self) -> None:
        self._reserve(ROWS_AT_ONCE)
        self.empty()

    def empty(self) -> None:
        """Take all samples out."""
        self.size = 0
        self._coarse: list[Coarse] = []

    def note(self, coarse: Coarse, rows: slice) -> None:
        """Keep which of the samples added at these places are coarsely placed."""
        if len(coarse.rows):
            self._coarse.append(coarse._replace(rows=coarse.rows + rows.start))

    @property
    def coarse(self) -> Coarse:
        """Samples whose positions are coarse."""
        return Coarse(*map(np.concatenate, zip(NOTHING_COARSE, *self._coarse, strict=True)))

    def has_room_for(self, batch: Samples | pa.RecordBatch) -> bool:
        """Tell whether a batch can be added; an empty block takes any."""
        return not self.size or self.size + _rows_of(batch) <= ROWS_AT_ONCE

    def next_rows(self, count: int) -> slice:
        """Return the places of so many more samples."""
        if self.size + count > len(self.codes):
            self._reserve(count)
        self.size += count
        return slice(self.size - count, self.size)

    def _reserve(self, rows: int) -> None:
        self.lon, self.lat = np.empty(rows), np.empty(rows)
        self.codes, self.order = np.empty(rows, np.int32), np.empty(rows, np.int32)
        self.area = np.empty(rows, np.int64)


class _Table(NamedTuple):
    """Counts of levels: a row for each service of each area that has any."""

    row_of: Ints
    """Of each area and service its row, counted from 1; 0 where there is none."""
    silent: Counts
    """Of each area and service how often there was no level."""
    rows: npt.NDArray[np.uint8]
    carries: Counts
    """Places in `rows` that ran over, each time they did."""
    used: Counts
    """Numbers of rows and carries in use."""


class _Counting:
    """Counts that grow with the services that are seen, 160 bytes for each of an area, however many samples there are."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self._lock = Lock()
        self._services: dict[int, int] = {}
        self._table = _Table(
            np.zeros((locator.n_areas, FIRST_SERVICES), np.int32),
            np.zeros((locator.n_areas, FIRST_SERVICES), np.int64),
            np.zeros((FIRST_ROWS, LEVELS), np.uint8),
            np.empty(MOST_CARRIES, np.int64),
            np.zeros(2, np.int64),
        )
        self._carried: Counter[int] = Counter()
        self._left_out = np.zeros(LEFT_OUT, np.int64)
        self._dropped: Counter[str] = Counter()
        self._n_rows = 0

    def encode(self, batch: Samples | pa.RecordBatch, block: _Block) -> None:
        """Add a batch to the samples of a block."""
        if isinstance(batch, Samples):
            self._dropped.update(batch.dropped)
        table = batch.table if isinstance(batch, Samples) else batch
        observed = looks(table)
        with self._lock:
            numbers = self._numbers(observed)
        rows = block.next_rows(len(observed.lon))
        block.note(coarsely_placed(table), rows)
        left_out = np.zeros(LEFT_OUT, np.int64)
        _encode(observed, numbers, block.lon[rows], block.lat[rows], block.codes[rows], left_out)
        self._leave_out(left_out, len(observed.lon))

    def add(self, block: _Block) -> _Block:
        """Locate the samples of a block and count them; return it empty. Several threads may do so at once."""
        size = block.size
        order, area = block.order[:size], block.area[:size]
        lon, lat = block.lon[:size], block.lat[:size]
        self._locator.locate_by_tile(lon, lat, order, area, coarse=block.coarse)
        left_out = np.zeros(LEFT_OUT, np.int64)
        with self._lock:
            done = 0
            while (done := _count(order, area, block.codes, done, self._table, left_out)) < size:
                self._make_room()
        self._leave_out(left_out, 0)
        block.empty()
        return block

    def total(self) -> Histogram:
        """Return what was counted, in the order of keys."""
        self._keep_carries()
        services = np.array(sorted(self._services), np.uint64)
        numbers = np.array([self._services[int(key)] for key in services], np.int64)
        dropped = dropped_of(self._left_out)
        n_samples = self._n_rows - sum(dropped.values())
        self._dropped.update(dropped)
        # There are no more bars than samples, and memory that is not written to costs nothing.
        keys, n = np.empty(n_samples + 1, np.uint64), np.empty(n_samples + 1, np.int64)
        size = _list_bars(services, numbers, self._table, keys, n)
        counted = Histogram(
            keys=keys[:size],
            n=n[:size],
            dropped=dict(sorted(self._dropped.items())),
            n_samples=n_samples,
        )
        return counted + self._run_over() if self._carried else counted

    def _numbers(self, observed: Looks) -> Ints:
        """Return the number of each carrier with each technology of a batch; new ones are given one."""
        numbers = np.full((len(observed.carriers), len(observed.technologies)), GONE, np.int32)
        for carrier, technology in np.ndindex(numbers.shape):
            if observed.carriers[carrier] != WITHDRAWN:
                key = int(observed.carriers[carrier] | observed.technologies[technology])
                numbers[carrier, technology] = self._services.setdefault(key, len(self._services))
        held = self._table.row_of.shape[1]
        if held < len(self._services):
            more = ((0, 0), (0, max(len(self._services) - held, held)))
            self._table = self._table._replace(
                row_of=np.pad(self._table.row_of, more), silent=np.pad(self._table.silent, more)
            )
        return numbers

    def _leave_out(self, left_out: Counts, n_rows: int) -> None:
        """Note how many of so many rows do not count."""
        with self._lock:
            self._left_out += left_out
            self._n_rows += n_rows
            dropped_of(self._left_out)

    def _make_room(self) -> None:
        """Lengthen the rows where all are taken, and keep what ran over elsewhere."""
        self._keep_carries()
        rows = self._table.rows
        if self._table.used[0] == len(rows):
            # The system lengthens the memory or moves it: nothing is held twice. Nobody else looks at it now.
            rows.resize((int(len(rows) * GROWTH), LEVELS), refcheck=False)

    def _keep_carries(self) -> None:
        carries = self._table.carries[: self._table.used[1]]
        self._carried.update(carries.tolist())
        self._table.used[1] = 0

    def _run_over(self) -> Histogram:
        """Return the counts that ran over."""
        key_of = {number: key for key, number in self._services.items()}
        area, number = np.nonzero(self._table.row_of)
        order = np.argsort(self._table.row_of[area, number])
        row, level = np.divmod(np.array(list(self._carried), np.int64), LEVELS)
        service = np.array([key_of[i] for i in number[order][row].tolist()], np.uint64)
        keys = (area[order][row].astype(np.uint64) << np.uint64(AREA_SHIFT)) | service
        keys |= level.astype(np.uint64)
        n = FULL * np.array(list(self._carried.values()), np.int64)
        order = np.argsort(keys)
        return Histogram(keys=keys[order], n=n[order])


def _rows_of(batch: Samples | pa.RecordBatch) -> int:
    return len(batch.table) if isinstance(batch, Samples) else int(batch.num_rows)


@compiled
def _encode(  # noqa: PLR0917 -- compiled code is called by position
    observed: Looks, numbers: Ints, x: Floats, y: Floats, codes: Ints, left_out: Counts
) -> None:
    """Write place of each sample, and service and level as one number, `GONE` where its carrier is no more."""
    lon, lat, plmn, technologies, rsrp_dbm, level_dbm, no_service, carriers, _ = observed
    for row in range(len(codes)):
        x[row], y[row] = lon[row], lat[row]
        level = level_code(rsrp_dbm[row], level_dbm[row], no_service[row])
        technology = 0 if no_service[row] else technologies[row] + 1
        number = numbers[plmn[row] + 1, technology]
        if level < 0 or number == GONE:
            is_left_out(0, carriers[plmn[row] + 1], level, left_out)
            codes[row] = GONE
        else:
            codes[row] = (number << LEVEL_BITS) | level


@compiled
def _count(  # noqa: PLR0917 -- compiled code is called by position
    order: Ints, area: Integers, codes: Ints, first: int, table: _Table, left_out: Counts
) -> int:
    """Count samples in the order of their areas, from the first on; return where room ran out, or how many there are."""
    row_of, silent, rows, carries, used = table
    for nth in range(first, len(area)):
        place, code = area[nth], codes[order[nth]]
        if used[0] == len(rows) or used[1] == len(carries):
            return nth
        if code == GONE:
            continue
        if place < 0:
            left_out[OUTSIDE] += 1
            continue
        service, level = code >> LEVEL_BITS, code & LEVEL_MASK
        if level == 0:
            silent[place, service] += 1
            continue
        row = row_of[place, service] - 1
        if row < 0:
            row = used[0]
            used[0] += 1
            row_of[place, service] = row + 1
        rows[row, level] += np.uint8(1)
        if rows[row, level] == 0:
            carries[used[1]] = row * LEVELS + level
            used[1] += 1
    return len(area)


@compiled
def _list_bars(services: Codes, numbers: Integers, table: _Table, keys: Codes, n: Counts) -> int:
    """Write the bars in the order of areas, services and levels; return how many there are."""
    row_of, silent, rows, _, _ = table
    size = 0
    for area in range(len(row_of)):
        for place in range(len(numbers)):
            service = (np.uint64(area) << np.uint64(AREA_SHIFT)) | services[place]
            if silent[area, numbers[place]]:
                keys[size], n[size] = service, silent[area, numbers[place]]
                size += 1
            row = row_of[area, numbers[place]] - 1
            if row < 0:
                continue
            # Written in any case, and overwritten where there are none: quicker than to ask.
            for level in range(1, LEVELS):
                keys[size], n[size] = service | np.uint64(level), rows[row, level]
                size += rows[row, level] > 0
    return size


@compiled
def _merge(  # noqa: PLR0917 -- compiled code is called by position
    a: Codes, a_n: Counts, b: Codes, b_n: Counts, keys: Codes, n: Counts
) -> int:
    """Write two sorted lists as one, the counts of equal keys added; return its length."""
    i = j = size = 0
    while i < len(a) or j < len(b):
        if j == len(b) or (i < len(a) and a[i] <= b[j]):
            keys[size], n[size] = a[i], a_n[i]
            if j < len(b) and b[j] == a[i]:
                n[size] += b_n[j]
                j += 1
            i += 1
        else:
            keys[size], n[size] = b[j], b_n[j]
            j += 1
        size += 1
    return size
