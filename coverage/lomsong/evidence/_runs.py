"""Sort, count and merge packed observations: rows of three 64-bit keys, compared from left to right."""

import numpy as np
import numpy.typing as npt

from lomsong.space.compiled import compiled, inlined

Keys = npt.NDArray[np.uint64]
"""A row per observation or witness, of three keys."""
Counts = npt.NDArray[np.int64]

INSERTED: int = 12
"""Rows sorted by insertion before merging begins."""


def counted(rows: Keys) -> tuple[Keys, Counts]:
    """Return the distinct rows, sorted, and how often each occurs; `rows` is overwritten."""
    spare = np.empty_like(rows)
    ordered = spare if _sort(rows, spare) else rows
    counts = np.empty(len(rows), np.int64)
    distinct = _squeeze(ordered, counts)
    return ordered[:distinct].copy(), counts[:distinct].copy()


def merged(first: tuple[Keys, Counts], second: tuple[Keys, Counts]) -> tuple[Keys, Counts]:
    """Return two sorted runs as one, the counts of equal rows added."""
    if not len(first[0]) or not len(second[0]):
        return first if len(first[0]) else second
    size = len(first[0]) + len(second[0])
    rows, counts = np.empty((size, 3), np.uint64), np.empty(size, np.int64)
    distinct = _merge(*first, *second, rows, counts)
    return rows[:distinct], counts[:distinct]


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


@inlined
def _before(a: Keys, i: int, b: Keys, j: int) -> bool:
    before: bool = (
        a[i, 0] < b[j, 0]
        or (a[i, 0] == b[j, 0] and a[i, 1] < b[j, 1])
        or (a[i, 0] == b[j, 0] and a[i, 1] == b[j, 1] and a[i, 2] < b[j, 2])
    )
    return before


@compiled
def _sort(rows: Keys, spare: Keys) -> bool:
    """Sort by merging; return whether the result stands in `spare`."""
    size = len(rows)
    for start in range(0, size, INSERTED):
        for i in range(start + 1, min(start + INSERTED, size)):
            k0, k1, k2 = rows[i, 0], rows[i, 1], rows[i, 2]
            j = i - 1
            while j >= start and (
                rows[j, 0] > k0
                or (rows[j, 0] == k0 and rows[j, 1] > k1)
                or (rows[j, 0] == k0 and rows[j, 1] == k1 and rows[j, 2] > k2)
            ):
                rows[j + 1, 0], rows[j + 1, 1], rows[j + 1, 2] = rows[j, 0], rows[j, 1], rows[j, 2]
                j -= 1
            rows[j + 1, 0], rows[j + 1, 1], rows[j + 1, 2] = k0, k1, k2
    width = INSERTED
    source, target = rows, spare
    swapped = False
    while width < size:
        for start in range(0, size, 2 * width):
            middle, end = min(start + width, size), min(start + 2 * width, size)
            i, j = start, middle
            for k in range(start, end):
                if j >= end or (i < middle and not _before(source, j, source, i)):
                    target[k, 0], target[k, 1], target[k, 2] = (
                        source[i, 0],
                        source[i, 1],
                        source[i, 2],
                    )
                    i += 1
                else:
                    target[k, 0], target[k, 1], target[k, 2] = (
                        source[j, 0],
                        source[j, 1],
                        source[j, 2],
                    )
                    j += 1
        source, target = target, source
        swapped = not swapped
        width *= 2
    return swapped


@compiled
def _squeeze(rows: Keys, counts: Counts) -> int:
    """Move the distinct of sorted rows to the front and count them; return how many there are."""
    last = -1
    for i in range(len(rows)):
        if (
            last >= 0
            and rows[i, 0] == rows[last, 0]
            and rows[i, 1] == rows[last, 1]
            and rows[i, 2] == rows[last, 2]
        ):
            counts[last] += 1
        else:
            last += 1
            rows[last, 0], rows[last, 1], rows[last, 2] = rows[i, 0], rows[i, 1], rows[i, 2]
            counts[last] = 1
    return last + 1


@compiled
def _merge(  # noqa: PLR0917 -- compiled code is called by position
    a: Keys, a_counts: Counts, b: Keys, b_counts: Counts, rows: Keys, counts: Counts
) -> int:
    i = j = k = 0
    while i < len(a) or j < len(b):
        if j >= len(b) or (i < len(a) and _before(a, i, b, j)):
            rows[k, 0], rows[k, 1], rows[k, 2] = a[i, 0], a[i, 1], a[i, 2]
            counts[k] = a_counts[i]
            i += 1
        else:
            rows[k, 0], rows[k, 1], rows[k, 2] = b[j, 0], b[j, 1], b[j, 2]
            counts[k] = b_counts[j]
            j += 1
            if i < len(a) and not _before(b, j - 1, a, i):
                counts[k] += a_counts[i]
                i += 1
        k += 1
    return k
