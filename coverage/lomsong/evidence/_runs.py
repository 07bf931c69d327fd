"""Sort, count and merge packed observations: rows of three 64-bit keys, compared from left to right."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from lomsong.space.compiled import compiled, inlined

Keys = npt.NDArray[np.uint64]
"""A row per observation or witness, of three keys."""
Counts = npt.NDArray[np.int64]
Run: TypeAlias = tuple[Keys, Counts]
"""Distinct rows, sorted, and how often each was seen."""
Starts = npt.NDArray[np.int64]

INSERTED: int = 24
"""Rows sorted by insertion before merging begins."""
ROWS_PER_BUCKET = 16
MOST_BUCKETS = 1 << 17
MOST_SHIFT = 63


def counted(rows: Keys) -> Run:
    """Return the distinct rows, sorted, and how often each occurs."""
    return merged([(rows, np.ones(len(rows), np.int64))])


def merged(runs: Sequence[Run]) -> Run:
    """Return runs as one, sorted, the counts of equal rows added; what comes in may be in any order.

    Rows are spread over buckets by their first key and sorted there, where they fit into the processor's cache.
    """
    runs = [run for run in runs if len(run[1])]
    if not runs:
        return np.empty((0, 3), np.uint64), np.empty(0, np.int64)
    size = sum(len(n) for _, n in runs)
    low = min(int(keys[:, 0].min()) for keys, _ in runs)
    width = max(int(keys[:, 0].max()) for keys, _ in runs) - low
    buckets = min(max(size // ROWS_PER_BUCKET, 1), MOST_BUCKETS)
    shift = min(max(width.bit_length() - buckets.bit_length() + 1, 0), MOST_SHIFT)
    ends = np.zeros((width >> shift) + 1, np.int64)
    for keys, _ in runs:
        _tell(keys, np.uint64(low), np.uint64(shift), ends)
    starts = np.concatenate([[0], np.cumsum(ends)])
    ends = starts[:-1].copy()
    rows = np.empty((size, 4), np.uint64)
    for keys, n in runs:
        _spread(keys, n, np.uint64(low), np.uint64(shift), ends, rows)
    _sort_buckets(rows, starts)
    keys, n = np.empty((size, 3), np.uint64), np.empty(size, np.int64)
    distinct = _squeeze(rows, keys, n)
    return keys[:distinct], n[:distinct]


@compiled
def rows_up_to(rows: Keys, last: Keys) -> int:
    """Return how many of sorted rows do not come after the first row of `last`."""
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if _before(last, 0, rows, middle):
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def _tell(keys: Keys, low: np.uint64, shift: np.uint64, sizes: Starts) -> None:
    """Count the rows of each bucket."""
    for row in range(len(keys)):
        sizes[np.int64((keys[row, 0] - low) >> shift)] += 1


@compiled
def _spread(  # noqa: PLR0917 -- compiled code is called by position
    keys: Keys, n: Counts, low: np.uint64, shift: np.uint64, ends: Starts, rows: Keys
) -> None:
    """Write rows and their counts behind those that are in their buckets already."""
    for row in range(len(keys)):
        bucket = np.int64((keys[row, 0] - low) >> shift)
        place = ends[bucket]
        ends[bucket] = place + 1
        rows[place, 0], rows[place, 1], rows[place, 2] = keys[row, 0], keys[row, 1], keys[row, 2]
        rows[place, 3] = np.uint64(n[row])


@compiled
def _sort_buckets(rows: Keys, starts: Starts) -> None:
    largest = 0
    for bucket in range(len(starts) - 1):
        largest = max(largest, starts[bucket + 1] - starts[bucket])
    spare = np.empty((largest, 4), np.uint64)
    for bucket in range(len(starts) - 1):
        size = starts[bucket + 1] - starts[bucket]
        if size > 1:
            _sort(rows[starts[bucket] : starts[bucket + 1]], spare[:size])


@inlined
def _before(a: Keys, i: int, b: Keys, j: int) -> bool:
    before: bool = (
        a[i, 0] < b[j, 0]
        or (a[i, 0] == b[j, 0] and a[i, 1] < b[j, 1])
        or (a[i, 0] == b[j, 0] and a[i, 1] == b[j, 1] and a[i, 2] < b[j, 2])
    )
    return before


@inlined
def _copy(a: Keys, i: int, b: Keys, j: int) -> None:
    b[j, 0], b[j, 1], b[j, 2], b[j, 3] = a[i, 0], a[i, 1], a[i, 2], a[i, 3]


@compiled
def _sort(rows: Keys, spare: Keys) -> None:
    """Sort rows of which many stand in order already: by insertion where they are few, else by merging."""
    size = len(rows)
    if size > INSERTED:
        middle = size // 2
        _sort(rows[:middle], spare[:middle])
        _sort(rows[middle:], spare[middle:])
        _merge_halves(rows, spare, middle)
        return
    for i in range(1, size):
        if not _before(rows, i, rows, i - 1):
            continue
        k0, k1, k2, n = rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3]
        j = i - 1
        while j >= 0 and (
            rows[j, 0] > k0
            or (rows[j, 0] == k0 and rows[j, 1] > k1)
            or (rows[j, 0] == k0 and rows[j, 1] == k1 and rows[j, 2] > k2)
        ):
            _copy(rows, j, rows, j + 1)
            j -= 1
        rows[j + 1, 0], rows[j + 1, 1], rows[j + 1, 2], rows[j + 1, 3] = k0, k1, k2, n


@compiled
def _merge_halves(rows: Keys, spare: Keys, middle: int) -> None:
    """Merge two sorted halves; nothing moves where they stand in order."""
    if not _before(rows, middle, rows, middle - 1):
        return
    # Rows of the first half that come first stay where they are.
    first = 0
    while not _before(rows, middle, rows, first):
        first += 1
    for i in range(first, middle):
        _copy(rows, i, spare, i)
    i, j, k = first, middle, first
    while i < middle:
        if j < len(rows) and _before(rows, j, spare, i):
            _copy(rows, j, rows, k)
            j += 1
        else:
            _copy(spare, i, rows, k)
            i += 1
        k += 1


@compiled
def _squeeze(rows: Keys, keys: Keys, counts: Counts) -> int:
    """Write the distinct of sorted rows, and the sums of their counts; return how many there are."""
    last = -1
    for i in range(len(rows)):
        if (
            last >= 0
            and rows[i, 0] == keys[last, 0]
            and rows[i, 1] == keys[last, 1]
            and rows[i, 2] == keys[last, 2]
        ):
            counts[last] += np.int64(rows[i, 3])
        else:
            last += 1
            keys[last, 0], keys[last, 1], keys[last, 2] = rows[i, 0], rows[i, 1], rows[i, 2]
            counts[last] = np.int64(rows[i, 3])
    return last + 1
