"""Find observations that were read before, in eight bytes a row and some room to grow."""

from collections.abc import Callable, Iterable
from threading import Lock

import numpy as np
import numpy.typing as npt

from lomsong.space.compiled import compiled

Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_GOLDEN = 0x9E3779B97F4A7C15  # odd, spreads consecutive counts over all 64 bits
_LEAST = np.uint64(1)  # 0 marks an empty slot, and a hash of 0 goes with 1
_FIRST_ROOM = 1 << 12
_FULL = 0.75
_GROWTH = 1.5
MOST_TOGETHER = 8_000_000
_TABLE_BITS, _REST_BITS = np.uint64(4), np.uint64(60)
_TABLES = 16


class SeenRows:
    """A growing set of 64-bit hashes.

    Two different rows share a hash with a chance of about n**2 / 2**65: for a hundred million rows it is
    less than one in three thousand that a single row is lost.

    Parameters
    ----------
    most_together
        Once there are more hashes, they are kept in several tables by their first bits: a table that grows is held
        twice, so that is always one of many.
    """

    def __init__(self, *, most_together: int = MOST_TOGETHER) -> None:
        self._tables = [_Table()]
        self._most_together = most_together

    def __len__(self) -> int:
        return sum(len(table) for table in self._tables)

    def add(self, hashes: Hashes) -> Flags:
        """Put hashes into the set; tell for each in turn whether it is new."""
        if len(self._tables) == 1 and len(self) + len(hashes) > self._most_together:
            (whole,) = self._tables
            self._tables = [_Table() for _ in range(_TABLES)]
            self._asked(whole.hashes(), _Table.add)
        return self._asked(hashes, _Table.add)

    def contains(self, hashes: Hashes) -> Flags:
        """Tell which hashes are in the set."""
        return self._asked(hashes, _Table.contains)

    def ordered(self) -> Hashes:
        """Return all hashes, sorted."""
        if len(self._tables) == 1:
            return np.sort(self._tables[0].hashes())
        return np.concatenate([np.sort(_turned_back(table.hashes())) for table in self._tables])

    def _asked(self, hashes: Hashes, ask: Callable[["_Table", Hashes], Flags]) -> Flags:
        """Ask the table of each hash."""
        hashes = np.maximum(hashes, _LEAST)
        if len(self._tables) == 1:
            return ask(self._tables[0], hashes)
        first, answer = hashes >> _REST_BITS, np.empty(len(hashes), np.bool_)
        for number, table in enumerate(self._tables):
            own = np.flatnonzero(first == number)
            answer[own] = ask(table, _turned(hashes[own]))
        return answer


class _Table:
    """Hashes in slots by their first bits; 0 is none."""

    def __init__(self) -> None:
        self._slots: Hashes = np.zeros(_FIRST_ROOM, np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, hashes: Hashes) -> Flags:
        needed = self._count + len(hashes)
        if needed > _FULL * len(self._slots):
            wider = np.zeros(int(max(_GROWTH * len(self._slots), needed / _FULL)) + 1, np.uint64)
            _move(self._slots, wider)
            self._slots = wider
        fresh = np.empty(len(hashes), np.bool_)
        self._count += _add(self._slots, hashes, fresh)
        return fresh

    def contains(self, hashes: Hashes) -> Flags:
        found = np.empty(len(hashes), np.bool_)
        _find(self._slots, hashes, found)
        return found

    def hashes(self) -> Hashes:
        found: Hashes = self._slots[self._slots != 0]
        return found


def _turned(hashes: Hashes) -> Hashes:
    """Put the bits that name a table last, so that the others spread over its slots."""
    return (hashes << _TABLE_BITS) | (hashes >> _REST_BITS)


def _turned_back(hashes: Hashes) -> Hashes:
    return (hashes >> _TABLE_BITS) | (hashes << _REST_BITS)


class Duplicates:
    """Tell repeated observations over all files of one call; several threads may ask at once.

    Of equal rows one counts, whichever file is asked first: they agree in everything that is counted.

    Parameters
    ----------
    earlier
        Hashes of rows that calls before this one read, each array sorted.
    """

    def __init__(self, earlier: Iterable[Hashes] = ()) -> None:
        self._earlier = [run for run in earlier if len(run)]
        self._seen = SeenRows()
        self._asked = Lock()

    def hashes(self) -> Hashes:
        """Return the hashes of the rows read here, those of earlier calls left out, sorted."""
        return self._seen.ordered()

    def of_file(self, *, honest_repeats: bool) -> "FileDuplicates":
        """Begin a file.

        With `honest_repeats` rows of it are never each other's duplicates: the n-th of several equal rows repeats
        only the n-th of another file.
        """
        return FileDuplicates(self, SeenRows() if honest_repeats else None)

    def repeated(self, hashes: Hashes) -> Flags:
        """Tell which rows came before, in this call or an earlier one, and take in the others."""
        old = np.zeros(len(hashes), np.bool_)
        if self._earlier:
            order = np.argsort(hashes)  # neighbours are looked up near each other
            asked = hashes[order]
            for run in self._earlier:
                places = np.searchsorted(run, asked)
                old[order] |= run[np.minimum(places, len(run) - 1)] == asked
        with self._asked:
            if old.any():
                repeated = old.copy()
                repeated[~old] = ~self._seen.add(hashes[~old])
                return repeated
            return ~self._seen.add(hashes)


class FileDuplicates:
    """Tell repeated observations of one file."""

    def __init__(self, all_files: Duplicates, own: SeenRows | None) -> None:
        self._all_files = all_files
        self._own = own

    def repeated(self, hashes: Hashes) -> Flags:
        """Tell which rows came before."""
        return self._all_files.repeated(hashes if self._own is None else self._numbered(hashes))

    def _numbered(self, hashes: Hashes) -> Hashes:
        """Make the n-th of several equal hashes of this file differ from the others by its number."""
        numbered = hashes.copy()
        left = np.arange(len(hashes))
        number = 0
        while self._own is not None and len(left):
            left = left[~self._own.add(numbered[left])]
            number += 1
            numbered[left] = hashes[left] ^ np.uint64(number * _GOLDEN % (1 << 64))
        return numbered


@compiled
def _slot(hashed: np.uint64, room: int) -> int:
    return np.int64(((hashed >> np.uint64(32)) * np.uint64(room)) >> np.uint64(32))  # type: ignore[return-value]  # an integer of compiled code


@compiled
def _add(slots: Hashes, hashes: Hashes, fresh: Flags) -> int:
    room, added = len(slots), 0
    for row in range(len(hashes)):
        hashed = hashes[row]
        place = _slot(hashed, room)
        while slots[place] != 0 and slots[place] != hashed:
            place = place + 1 if place + 1 < room else 0
        fresh[row] = slots[place] == 0
        if fresh[row]:
            slots[place] = hashed
            added += 1
    return added


@compiled
def _find(slots: Hashes, hashes: Hashes, found: Flags) -> None:
    room = len(slots)
    for row in range(len(hashes)):
        hashed = hashes[row]
        place = _slot(hashed, room)
        while slots[place] != 0 and slots[place] != hashed:
            place = place + 1 if place + 1 < room else 0
        found[row] = slots[place] != 0


@compiled
def _move(slots: Hashes, wider: Hashes) -> None:
    room = len(wider)
    for old in range(len(slots)):
        if slots[old] != 0:
            place = _slot(slots[old], room)
            while wider[place] != 0:
                place = place + 1 if place + 1 < room else 0
            wider[place] = slots[old]
