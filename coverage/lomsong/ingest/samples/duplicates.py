"""Find observations that were read before, in eight bytes a row."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # odd, spreads consecutive counts over all 64 bits


class SeenRows:
    """A growing set of 64-bit hashes.

    Two different rows share a hash with a chance of about n**2 / 2**65: for a hundred million rows it is
    less than one in three thousand that a single row is lost.
    """

    def __init__(self) -> None:
        self.runs: list[np.ndarray] = []
        """Each sorted, each at least twice as long as the next."""

    def contains(self, hashes: np.ndarray) -> np.ndarray:
        """Tell which hashes are in the set."""
        order = np.argsort(hashes, kind="stable")  # neighbours are looked up near each other
        asked = hashes[order]
        hit = np.zeros(len(hashes), dtype=bool)
        for run in self.runs:
            places = np.searchsorted(run, asked)
            hit |= run[np.minimum(places, len(run) - 1)] == asked
        found = np.empty_like(hit)
        found[order] = hit
        return found

    def add(self, hashes: np.ndarray) -> None:
        """Put hashes into the set."""
        run = _sorted_once(hashes)
        while self.runs and len(self.runs[-1]) < 2 * len(run):
            run = _sorted_once(np.concatenate([self.runs.pop(), run]))
        if len(run):
            self.runs.append(run)

    def add_all(self, other: "SeenRows") -> None:
        """Take over another set."""
        for run in other.runs:
            self.add(run)


class Duplicates:
    """Tell repeated observations over all files of one call.

    Parameters
    ----------
    earlier
        Hashes of rows that calls before this one read, each array sorted.
    """

    def __init__(self, earlier: Iterable[np.ndarray] = ()) -> None:
        self._earlier = SeenRows()
        self._earlier.runs.extend(run for run in earlier if len(run))
        self._seen = SeenRows()
        self._in_this_file = SeenRows()

    def hashes(self) -> np.ndarray:
        """Return the hashes of the rows read here, those of earlier calls left out, sorted."""
        self.begin_file()
        runs = [np.empty(0, np.uint64), *self._seen.runs]
        return _sorted_once(np.concatenate(runs))

    def begin_file(self) -> None:
        """Say that the rows of another file follow."""
        self._seen.add_all(self._in_this_file)
        self._in_this_file = SeenRows()

    def repeated(self, rows: pd.DataFrame, *, honest_repeats: bool) -> np.ndarray:
        """Tell which rows agree in every column with one that came before.

        With `honest_repeats` rows of one file are never each other's duplicates: the n-th of several equal rows
        repeats only the n-th of another file.
        """
        hashes = pd.util.hash_pandas_object(rows, index=False).to_numpy(dtype="uint64")
        if honest_repeats:
            hashes = self._numbered(hashes)
            repeated = self._in_other_files(hashes)
        else:
            repeated = pd.Series(hashes).duplicated().to_numpy(copy=True)
            repeated |= self._in_this_file.contains(hashes) | self._in_other_files(hashes)
        self._in_this_file.add(hashes[~repeated] if not honest_repeats else hashes)
        return repeated

    def _in_other_files(self, hashes: np.ndarray) -> np.ndarray:
        seen: np.ndarray = self._seen.contains(hashes) | self._earlier.contains(hashes)
        return seen

    def _numbered(self, hashes: np.ndarray) -> np.ndarray:
        """Make the n-th of several equal hashes of this file differ from the others by its number."""
        number = pd.Series(hashes).groupby(hashes).cumcount().to_numpy(dtype="uint64")
        earlier = np.zeros(len(hashes), dtype="uint64")
        left = np.flatnonzero(self._in_this_file.contains(_mixed(hashes, earlier)))
        while len(left):
            earlier[left] += np.uint64(1)
            taken = self._in_this_file.contains(_mixed(hashes[left], earlier[left]))
            left = left[taken]
        return _mixed(hashes, number + earlier)


def _mixed(hashes: np.ndarray, number: np.ndarray) -> np.ndarray:
    return hashes ^ (number * _GOLDEN)


def _sorted_once(hashes: np.ndarray) -> np.ndarray:
    """Sort and leave out repetitions; the stable sort merges two sorted runs in one pass."""
    ordered = np.sort(hashes, kind="stable")
    first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    kept: np.ndarray = ordered[first]
    return kept
