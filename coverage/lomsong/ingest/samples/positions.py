"""Tell positions that cannot be, one by one and for a file as a whole."""

from collections.abc import Iterable, Iterator

import numpy as np

from lomsong.errors import MAX_SHOWN_NUMBERS, MAX_SHOWN_ROWS, Fault
from lomsong.ingest.reading.placement import VIETNAM, in_extent

MAXIMUM_LATITUDE = 90.0
MAXIMUM_LONGITUDE = 180.0
_MOST_SWAPPED = 0.05
"""A few such rows are noise, and are left out; more are a fault of the file (assumption)."""
_MOST_KEPT = MAX_SHOWN_ROWS + MAX_SHOWN_NUMBERS + 1
"""Of swapped rows so many keep their place; the one that is not shown makes the list of numbers go on."""


def is_possible(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Tell the positions that lie on the globe [deg]."""
    possible: np.ndarray = (np.abs(lon) <= MAXIMUM_LONGITUDE) & (np.abs(lat) <= MAXIMUM_LATITUDE)
    return possible


class Misplaced:
    """Whether a file has any position that can be one."""

    def __init__(self) -> None:
        self.n_possible = self.n_impossible = self.n_swapped = 0
        self.n_of_vietnam = 0
        """Of those that are swapped: how many would lie in Vietnam."""
        self._first: list[tuple[int, float, float]] = []
        """Of those in turn the first: row, longitude and latitude as they are given."""

    def look_at(self, lon: np.ndarray, lat: np.ndarray, *, rows: np.ndarray) -> None:
        """Count positions that are given; `rows` are their numbers."""
        given = np.isfinite(lon) & np.isfinite(lat) & ~((lon == 0) & (lat == 0))
        possible = is_possible(lon, lat)
        if possible.all():
            self.n_possible += int(given.sum())
            return
        self.n_possible += int((given & possible).sum())
        self.n_impossible += int((given & ~possible).sum())
        swapped = given & ~possible & is_possible(lat, lon)
        self.n_swapped += int(swapped.sum())
        of_vietnam = np.flatnonzero(swapped & in_extent(lat, lon, VIETNAM))
        self.n_of_vietnam += len(of_vietnam)
        first = of_vietnam[:_MOST_KEPT]
        self._keep(zip(*(values[first].tolist() for values in (rows, lon, lat)), strict=True))

    def add_all(self, other: "Misplaced") -> None:
        """Take in the counts of another part of the file."""
        self.n_possible += other.n_possible
        self.n_impossible += other.n_impossible
        self.n_swapped += other.n_swapped
        self.n_of_vietnam += other.n_of_vietnam
        self._keep(other._first)  # noqa: SLF001 -- another of its own kind

    def faults(self, file: str) -> Iterator[Fault]:
        """Say what is wrong where no position is possible, or many would lie in Vietnam if swapped."""
        n = self.n_possible + self.n_impossible
        if self.n_possible and self.n_of_vietnam > _MOST_SWAPPED * n:
            yield from self._swapped(file)
        if self.n_possible or not self.n_impossible:
            return
        if self.n_swapped == self.n_impossible:
            problem = "no row has a possible position: latitude and longitude look swapped"
            remedy = "Swap the two columns"
        else:
            problem = "no row has a possible position: these are no degrees"
            remedy = "Give longitude and latitude in WGS 84 (EPSG:4326)"
        yield Fault(file=file, problem=problem, remedy=remedy)

    def _swapped(self, file: str) -> Iterator[Fault]:
        """Yield the rows that were kept; the last of them stands for all others."""
        for place, (row, lon, lat) in enumerate(self._first, start=1):
            yield Fault(
                file=file,
                row=row,
                value=f"{lon}, {lat}",
                problem="longitude and latitude look swapped",
                remedy="Swap them in those rows",
                alike=self.n_of_vietnam - place if place == len(self._first) else 0,
            )

    def _keep(self, found: Iterable[tuple[int, float, float]]) -> None:
        """Keep the first rows, whatever batch or part they were found in."""
        self._first = sorted([*self._first, *found])[:_MOST_KEPT]
