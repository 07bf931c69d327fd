"""Check what is asked of P.1812 and sort it into blocks of paths with equally many points."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lomsong.errors import Faults
from lomsong.propagation.geometry import SEA, ZONES, Paths, Zones
from lomsong.sentences import Sentence
from lomsong.space.crs import Floats

Numbers = npt.ArrayLike
Profiles = npt.ArrayLike | Sequence[npt.ArrayLike]
Words = str | Sequence[str] | Sequence[Sequence[str]] | npt.NDArray[np.str_]

MIN_POINTS: Final = 3
"""Two terminals and one point between them that can obstruct."""
MAX_BLOCK_POINTS: Final = 500_000
"""Bounds the memory of one block to some hundred megabytes."""
MAX_FAULTS_PER_INPUT: Final = 20
FAR_FROM_COAST_KM: Final = 500.0
LOWEST_GROUND_M, HIGHEST_GROUND_M = -1000.0, 9000.0


@dataclass(frozen=True)
class Limits:
    """What a number may be."""

    low: float
    high: float
    unit: str
    open_ends: bool = False
    default: float | None = None


LIMITS: Final = {
    "frequency_mhz": Limits(30, 6000, "MHz"),
    "tx_height_m": Limits(1, 3000, "m"),
    "rx_height_m": Limits(1, 3000, "m"),
    "time_percent": Limits(1, 50, "%"),
    "location_percent": Limits(0, 100, "%", open_ends=True),
    "sigma_l_db": Limits(0, 100, "dB"),
    "delta_n": Limits(0, 156, "N-units/km"),
    "n0": Limits(100, 600, "N-units"),
    "path_centre_latitude_deg": Limits(-90, 90, "°"),
    "tx_coast_distance_m": Limits(0, np.inf, "m", default=1e3 * FAR_FROM_COAST_KM),
    "rx_coast_distance_m": Limits(0, np.inf, "m", default=1e3 * FAR_FROM_COAST_KM),
}


@dataclass(frozen=True, eq=False)
class Asked:
    """Checked paths, in blocks, each with the positions of its paths among all that were asked."""

    count: int
    single: bool
    blocks: Iterator[tuple[npt.NDArray[np.intp], Paths]]


@dataclass(frozen=True, eq=False)
class _Rows:
    """One array per path, or one for all of them."""

    rows: Sequence[npt.NDArray[np.generic]] | npt.NDArray[np.generic]
    shared: bool

    def take(self, index: npt.NDArray[np.intp], points: int) -> npt.NDArray[np.generic]:
        """Return the rows of some paths of equally many points as one array."""
        if self.shared:
            row = np.asarray(self.rows[0])
            return np.broadcast_to(row, (len(index), points))
        if isinstance(self.rows, np.ndarray):
            return self.rows[index]
        return np.stack([self.rows[i] for i in index])

    def lengths(self, count: int) -> npt.NDArray[np.intp]:
        """Return the number of points of each of `count` paths."""
        if self.shared:
            return np.full(count, len(self.rows[0]))
        if isinstance(self.rows, np.ndarray):
            return np.full(count, self.rows.shape[1])
        return np.array([len(row) for row in self.rows])


def blocks(
    *,
    distance_m: Profiles,
    height_m: Profiles,
    clutter_m: Profiles | None,
    zone: Words,
    polarization: Words,
    numbers: Mapping[str, Numbers | None],
) -> Asked:
    """Check everything, raise all faults as one, and return the paths whose heights are known in blocks."""
    faults = Faults()
    heights = _rows(height_m, "height_m", faults)
    distances = _rows(distance_m, "distance_m", faults)
    clutters = _rows(0.0 if clutter_m is None else clutter_m, "clutter_m", faults)
    zones = _zones(zone, faults)
    faults.raise_if_any()
    single = heights.shared
    count = 1 if single else len(heights.rows)
    points = heights.lengths(count)
    for name, rows in (("distance_m", distances), ("clutter_m", clutters), ("zone", zones)):
        _check_shape(rows, name, points, faults)
    _check_profiles(distances, heights, clutters, faults)
    scalars = {name: _number(name, given, count, faults) for name, given in numbers.items()}
    vertical = _vertical(polarization, count, faults)
    faults.raise_if_any()
    return Asked(
        count=count,
        single=single,
        blocks=_cut(
            points=points,
            distances=distances,
            heights=heights,
            clutters=clutters,
            zones=zones,
            scalars=scalars,
            vertical=vertical,
        ),
    )


def _rows(given: Profiles, name: str, faults: Faults) -> _Rows:
    try:
        whole = np.asarray(given, dtype=float)
    except ValueError:
        # Profiles of different lengths make no array.
        return _ragged(given, name, faults)
    except TypeError:
        faults.add("is not made of numbers", "Give metres as numbers", column=name)
        return _Rows([np.zeros(0)], shared=True)
    if whole.ndim <= 1:
        return _Rows([np.atleast_1d(whole)] if whole.ndim else [whole.reshape(1)], shared=True)
    many = 2
    if whole.ndim > many:
        faults.add(
            Sentence("has {n} dimensions", n=whole.ndim),
            "Give one profile or (paths, points)",
            column=name,
        )
    return _Rows(whole, shared=False)


def _ragged(given: Profiles, name: str, faults: Faults) -> _Rows:
    rows: list[npt.NDArray[np.generic]] = []
    try:
        rows = (
            [np.asarray(row, dtype=float) for row in given] if isinstance(given, Sequence) else []
        )
    except (TypeError, ValueError):
        rows = []
    if not rows or any(row.ndim != 1 for row in rows):
        faults.add("is not made of numbers", "Give one array of metres per profile", column=name)
    return _Rows(rows, shared=False)


def _zones(given: Words, faults: Faults) -> _Rows:
    def codes(words: Sequence[str] | npt.NDArray[np.str_]) -> Zones:
        unknown = sorted({str(word) for word in words} - set(ZONES))
        for word in unknown:
            faults.add(
                "is no radio-climatic zone",
                Sentence("Use one of {names}", names=", ".join(ZONES)),
                column="zone",
                value=word,
            )
        return np.array([ZONES.get(str(word), SEA) for word in words], dtype=np.int8)

    if isinstance(given, str):
        return _Rows([codes([given])], shared=True)
    if all(isinstance(word, str) for word in given):
        return _Rows([codes([str(word) for word in given])], shared=True)
    return _Rows([codes(list(words)) for words in given], shared=False)


def _check_shape(rows: _Rows, name: str, points: npt.NDArray[np.intp], faults: Faults) -> None:
    """Every other profile input has one value for all points (but distance), or as many as there are heights."""
    count = len(points)
    if not rows.shared and len(rows.rows) != count:
        faults.add(
            Sentence("has {n} profiles, height_m has {count}", n=len(rows.rows), count=count),
            "Give one profile for all paths or one for each",
            column=name,
        )
        return
    own = rows.lengths(count)
    one_for_all = rows.shared and len(rows.rows[0]) == 1 and name != "distance_m"
    wrong = np.flatnonzero(own != points) if not one_for_all else np.zeros(0, int)
    for path in wrong[:MAX_FAULTS_PER_INPUT]:
        faults.add(
            Sentence(
                "has {n} points, height_m has {count}", n=int(own[path]), count=int(points[path])
            ),
            "Give as many points as there are heights",
            row=int(path) + 1,
            column=name,
        )


def _check_profiles(distances: _Rows, heights: _Rows, clutters: _Rows, faults: Faults) -> None:
    for path, row in enumerate(_each(distances)):
        d = np.asarray(row, float)
        remedy: str
        if len(d) < MIN_POINTS:
            problem, remedy = (
                "has too few points",
                Sentence("Give at least {n} points", n=MIN_POINTS),
            )
        elif not np.isfinite(d).all():
            problem, remedy = "has an unknown distance", "Give a finite number for each point"
        elif d[0] != 0:
            problem, remedy = "does not start at 0", "Count from the transmitter"
        elif (np.diff(d) <= 0).any():
            problem, remedy = (
                "does not rise from point to point",
                "Sort the points and drop doubles",
            )
        else:
            continue
        faults.add(problem, remedy, row=path + 1, column="distance_m")
        if len(faults) >= MAX_FAULTS_PER_INPUT:
            break
    _check_range(heights, "height_m", LOWEST_GROUND_M, HIGHEST_GROUND_M, faults)
    _check_range(clutters, "clutter_m", 0.0, HIGHEST_GROUND_M, faults)


def _each(rows: _Rows) -> Iterator[npt.NDArray[np.generic]]:
    return iter([rows.rows[0]] if rows.shared else rows.rows)


def _check_range(rows: _Rows, name: str, low: float, high: float, faults: Faults) -> None:
    found = 0
    for path, row in enumerate(_each(rows)):
        values = np.asarray(row, float)
        # NaN passes: it says that the height is not known.
        wrong = np.flatnonzero((values < low) | (values > high))
        if wrong.size:
            found += 1
            faults.add(
                Sentence("is outside {low:g} to {high:g} m", low=low, high=high),
                "Write an unknown height as NaN, never as a number",
                row=path + 1,
                column=name,
                value=float(values[wrong[0]]),
            )
        if found >= MAX_FAULTS_PER_INPUT:
            break


def _number(name: str, given: Numbers | None, count: int, faults: Faults) -> Floats:
    limits = LIMITS[name]
    try:
        values = np.asarray(limits.default if given is None else given, dtype=float)
    except (TypeError, ValueError):
        remedy = Sentence("Give it in {unit}", unit=limits.unit)
        faults.add("is no number", remedy, column=name, value=given)
        return np.zeros(count)
    if values.ndim and values.shape != (count,):
        faults.add(
            Sentence(
                "has the shape {shape}, there are {count} paths", shape=values.shape, count=count
            ),
            "Give one number for all or one per path",
            column=name,
        )
        return np.zeros(count)
    check_limits(name, limits, values, faults)
    return np.asarray(np.broadcast_to(values, (count,)))


def check_limits(name: str, limits: Limits, values: Floats, faults: Faults) -> None:
    """Note every value that is outside its limits or no number."""
    low, high = limits.low, limits.high
    inside = (
        (values > low) & (values < high) if limits.open_ends else (values >= low) & (values <= high)
    )
    for value in np.unique(values[~inside])[:MAX_FAULTS_PER_INPUT]:
        pattern = (
            "Give more than {low:g} and less than {high:g} {unit}"
            if limits.open_ends
            else "Give {low:g} to {high:g} {unit}"
        )
        remedy = Sentence(pattern, low=low, high=high, unit=limits.unit)
        faults.add("is outside the method's range", remedy, column=name, value=float(value))


def _vertical(given: Words, count: int, faults: Faults) -> npt.NDArray[np.bool_]:
    words = [given] * count if isinstance(given, str) else [str(word) for word in given]
    if len(words) != count:
        faults.add(
            Sentence("has {n} words, there are {count} paths", n=len(words), count=count),
            "Give one word for all or one per path",
            column="polarization",
        )
        return np.zeros(count, bool)
    for word in sorted(set(words) - {"vertical", "horizontal"}):
        faults.add(
            "is no polarization",
            "Use vertical or horizontal",
            column="polarization",
            value=word,
        )
    return np.array([word == "vertical" for word in words])


def _cut(
    *,
    points: npt.NDArray[np.intp],
    distances: _Rows,
    heights: _Rows,
    clutters: _Rows,
    zones: _Rows,
    scalars: Mapping[str, Floats],
    vertical: npt.NDArray[np.bool_],
) -> Iterator[tuple[npt.NDArray[np.intp], Paths]]:
    for size in np.unique(points):
        same = np.flatnonzero(points == size)
        step = max(1, MAX_BLOCK_POINTS // int(size))
        for start in range(0, len(same), step):
            rows = same[start : start + step]
            height = heights.take(rows, size).astype(float)
            clutter = clutters.take(rows, size).astype(float)
            known = ~(np.isnan(height) | np.isnan(clutter)).any(axis=1)
            rows = rows[known]
            if not rows.size:
                continue
            zone = zones.take(rows, size).astype(np.int8)
            surface = height[known] + clutter[known]
            surface[:, [0, -1]] = height[known][:, [0, -1]]
            own = {name: values[rows] for name, values in scalars.items()}
            yield (
                rows,
                Paths(
                    distance_km=distances.take(rows, size).astype(float) / 1e3,
                    terrain_m=height[known],
                    surface_m=surface,
                    zone=zone,
                    frequency_ghz=own["frequency_mhz"] / 1e3,
                    tx_height_m=own["tx_height_m"],
                    rx_height_m=own["rx_height_m"],
                    time_percent=own["time_percent"],
                    location_percent=own["location_percent"],
                    sigma_l_db=own["sigma_l_db"],
                    vertical=vertical[rows],
                    delta_n=own["delta_n"],
                    n0=own["n0"],
                    latitude_deg=own["path_centre_latitude_deg"],
                    tx_coast_km=np.where(zone[:, 0] == SEA, 0, own["tx_coast_distance_m"] / 1e3),
                    rx_coast_km=np.where(zone[:, -1] == SEA, 0, own["rx_coast_distance_m"] / 1e3),
                ),
            )
