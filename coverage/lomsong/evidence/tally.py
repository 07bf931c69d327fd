"""Count observations packed into three integers a row, so that counts add up exactly, anywhere, in any order."""

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from lomsong.errors import DefectError
from lomsong.evidence._runs import Counts, Keys, counted, merged
from lomsong.evidence.clusters import Integers
from lomsong.evidence.join import Locator
from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats
from lomsong.tables import NO_CARRIER, TECHNOLOGIES, Samples
from lomsong.vietnam import carriers

CELLS_PER_DEGREE: Final = 1600
"""A witness's cell is 1/1600 degree, 69 m of latitude."""
NO_SERVICE: Final = -999
"""Stands in the level column for an observation of no service."""

# Key 0: area 32 bits, carrier 21, technology 3, 8 left free for a level.
# Key 1: the device, a hash of 64 bits; 0 where none is named.
# Key 2: day + 1 in 17 bits, column of the cell 20, row 19, level 8.
# So the order of the keys is that of the columns they stand for.
_AREA_SHIFT: Final = 32
_CARRIER_SHIFT: Final = 11
_TECHNOLOGY_SHIFT: Final = 8
_DAY_SHIFT: Final = 47
_COLUMN_SHIFT: Final = 27
_COLUMN_BITS: Final = 20
_ROW_SHIFT: Final = 8
_ROW_BITS: Final = 19
_CARRIER_BITS: Final = 21
_LEVEL_MASK: Final = 0xFF
_TECHNOLOGY_MASK: Final = 7
_LEVEL_ORIGIN: Final = 201
_LARGEST_LEVEL: Final = 255 - _LEVEL_ORIGIN
_FIRST_COLUMN: Final = -180 * CELLS_PER_DEGREE
_FIRST_ROW: Final = -90 * CELLS_PER_DEGREE
_LAST_DAY: Final = (1 << 17) - 2
_SERVICES: Final = ("", *TECHNOLOGIES)
_NAMED: Final = tuple(sorted(carriers.CARRIERS))
_DIGITS: Final = 6
_FIRST_NAMED: Final = 11**_DIGITS
_MCC_DIGITS: Final = 3
_HASH_DIGITS: Final = 16
_HASHED: Final = re.compile("[0-9a-f]{16}")
_MS_PER_DAY: Final = 86_400_000

Codes = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tally:
    """Distinct observations, packed and sorted, and how often each was made; two of them add to the whole."""

    keys: Keys = field(default_factory=lambda: np.empty((0, 3), np.uint64))
    n: Counts = field(default_factory=lambda: np.empty(0, np.int64))
    dropped: dict[str, int] = field(default_factory=dict)
    n_samples: int = 0
    newest: dt.date | None = None
    """The newest day in the data, samples outside all hamlets included."""

    def histogram(self, locator: Locator) -> pd.DataFrame:
        """Return `hamlet, cluster, carrier, technology, level_dbm, n` without looking at devices, days and cells."""
        keys, which = np.unique(
            self.keys[:, 0] | (self.keys[:, 2] & np.uint64(_LEVEL_MASK)), return_inverse=True
        )
        n = np.zeros(len(keys), np.int64)
        np.add.at(n, which, self.n)
        return pd.DataFrame({**_service(keys, locator), "level_dbm": _levels(keys), "n": n})

    def witnesses(self, locator: Locator) -> pd.DataFrame:
        """Return a row per distinct observation, in the order of its columns."""
        places = self.keys[:, 2]
        return pd.DataFrame(
            {
                **_service(self.keys[:, 0], locator),
                "device": _text(self.keys[:, 1], _device_name),
                "day": (places >> np.uint64(_DAY_SHIFT)).astype(np.int64) - 1,
                "cell_x": (
                    (places >> np.uint64(_COLUMN_SHIFT)) & np.uint64((1 << _COLUMN_BITS) - 1)
                ).astype(np.int64)
                + _FIRST_COLUMN,
                "cell_y": (
                    (places >> np.uint64(_ROW_SHIFT)) & np.uint64((1 << _ROW_BITS) - 1)
                ).astype(np.int64)
                + _FIRST_ROW,
                "level_dbm": _levels(places),
                "n": self.n,
            }
        )


def tally(batch: Samples, locator: Locator, *, threads: int | None = None) -> Tally:
    """Locate and count the samples of one batch."""
    table = batch.table
    lon, lat = table["lon"].to_numpy(float), table["lat"].to_numpy(float)
    hamlet, cluster = locator.locate(lon, lat, threads=threads)
    carrier, withdrawn = _carriers(table["plmn"])
    no_service = table["no_service"].to_numpy(bool)
    outside = (hamlet < 0) & ~withdrawn
    kept = np.flatnonzero((hamlet >= 0) & ~withdrawn)
    level = table["rsrp_dbm"].fillna(table["level_dbm"]).to_numpy(float)
    days = _days(table["time"])
    if len(days) and (days.min() < -1 or days.max() > _LAST_DAY):
        raise DefectError("a sample is older or newer than any phone")
    if len(level) and not np.all(
        np.isnan(level) | ((level > -_LEVEL_ORIGIN) & (level <= _LARGEST_LEVEL))
    ):
        raise DefectError("a sample has a level that no phone measures")
    keys = np.empty((len(kept), 3), np.uint64)
    _pack(
        kept,
        hamlet,
        cluster,
        np.searchsorted(locator.cluster_hamlet, np.arange(locator.n_hamlets)),
        carrier,
        np.where(no_service, 0, _coded(table["technology"], _SERVICES.index)),
        _coded(table["device"], _device_code),
        days,
        lon,
        lat,
        np.where(no_service, np.nan, level),
        keys,
    )
    distinct, n = counted(keys)
    newest = table["time"].max()
    here = {"outside all hamlets": int(outside.sum()), "carrier withdrawn": int(withdrawn.sum())}
    dropped = Counter(batch.dropped)
    dropped.update({reason: count for reason, count in here.items() if count})
    return Tally(
        keys=distinct,
        n=n,
        dropped=dict(dropped),
        n_samples=len(kept),
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
        dropped=dict(sorted(dropped.items())),
        n_samples=first.n_samples + second.n_samples,
        newest=max((day for day in (first.newest, second.newest) if day), default=None),
    )


def _carriers(plmn: pd.Series) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Return the code of each row's carrier, and which rows name one that is withdrawn."""
    places, words = pd.factorize(plmn)
    names = [carriers.carrier_of(word) for word in words]
    code = np.array([0, *(_carrier_code(name or NO_CARRIER) for name in names)], np.uint64)
    gone = np.array([False, *(name is None for name in names)])
    return code[places + 1], gone[places + 1]


def _carrier_code(name: str) -> int:
    """Return a number whose order is that of the names: none, then PLMNs, then the carriers of Vietnam."""
    if name in _NAMED:
        return _FIRST_NAMED + _NAMED.index(name)
    digits = name.replace("-", "")
    return sum((int(digit) + 1) * 11 ** (_DIGITS - 1 - i) for i, digit in enumerate(digits))


def _carrier_name(code: int) -> str:
    if code >= _FIRST_NAMED:
        return _NAMED[code - _FIRST_NAMED]
    places = [code // 11 ** (_DIGITS - 1 - i) % 11 for i in range(_DIGITS)]
    digits = "".join(str(place - 1) for place in places if place)
    return f"{digits[:_MCC_DIGITS]}-{digits[_MCC_DIGITS:]}" if digits else NO_CARRIER


def _device_code(name: str) -> int:
    """Return the number that a hashed device id is; a hash of 0 (one in 2^64) goes with 1, as 0 names nobody."""
    if not _HASHED.fullmatch(name):
        name = hashlib.blake2b(name.encode(), digest_size=_HASH_DIGITS // 2).hexdigest()
    return max(int(name, 16), 1)


def _device_name(code: int) -> str:
    return f"{code:0{_HASH_DIGITS}x}" if code else ""


def _coded(words: pd.Series, code: Callable[[str], int]) -> Codes:
    """Return a number for each word, 0 where it is missing; each distinct word is asked once."""
    places, distinct = pd.factorize(words)
    return np.array([0, *map(code, distinct)], np.uint64)[places + 1]


def _days(time: pd.Series) -> Integers:
    milliseconds = time.to_numpy("datetime64[ms]").astype(np.int64)
    return np.where(time.isna().to_numpy(), -1, milliseconds // _MS_PER_DAY)


def _service(keys: Codes, locator: Locator) -> dict[str, object]:
    """Return the columns that the first key stands for."""
    place = np.full(locator.n_hamlets + len(locator), -1, np.int64)
    place[np.arange(len(locator)) + locator.cluster_hamlet + 1] = np.arange(len(locator))
    size = np.bincount(locator.cluster_hamlet, minlength=locator.n_hamlets) + 1
    hamlet = np.repeat(np.arange(locator.n_hamlets), size)
    area = (keys >> np.uint64(_AREA_SHIFT)).astype(np.int64)
    carrier = (keys >> np.uint64(_CARRIER_SHIFT)) & np.uint64((1 << _CARRIER_BITS) - 1)
    technology = (keys >> np.uint64(_TECHNOLOGY_SHIFT)) & np.uint64(_TECHNOLOGY_MASK)
    return {
        "hamlet": hamlet[area],
        "cluster": place[area],
        "carrier": _text(carrier, _carrier_name),
        "technology": _text(technology, _SERVICES.__getitem__),
    }


def _levels(keys: Codes) -> Integers:
    code = (keys & np.uint64(_LEVEL_MASK)).astype(np.int64)
    return np.where(code > 0, code - _LEVEL_ORIGIN, NO_SERVICE)


def _text(codes: Codes, name: Callable[[int], str]) -> pd.Series:
    distinct, places = np.unique(codes, return_inverse=True)
    words: Sequence[str] = [name(int(code)) for code in distinct]
    packed = pa.DictionaryArray.from_arrays(
        pa.array(places.astype(np.int32)), pa.array(words, pa.string())
    )
    return pd.Series(packed.cast(pa.string()).to_pandas(), dtype="str")


@compiled
def _pack(  # noqa: PLR0917 -- compiled code is called by position
    kept: Integers,
    hamlet: Integers,
    cluster: Integers,
    first_cluster: Integers,
    carrier: Codes,
    technology: Codes,
    device: Codes,
    day: Integers,
    lon: Floats,
    lat: Floats,
    level_dbm: Floats,
    keys: Keys,
) -> None:
    """Write the keys of the kept rows.

    Each hamlet owns a number of areas that follow each other: what belongs to none of its clusters, then these.
    """
    for place in range(len(kept)):
        row = kept[place]
        area = hamlet[row] + (cluster[row] + 1 if cluster[row] >= 0 else first_cluster[hamlet[row]])
        keys[place, 0] = (
            (np.uint64(area) << np.uint64(_AREA_SHIFT))
            | (carrier[row] << np.uint64(_CARRIER_SHIFT))
            | (technology[row] << np.uint64(_TECHNOLOGY_SHIFT))
        )
        keys[place, 1] = device[row]
        column = np.int64(np.floor(lon[row] * CELLS_PER_DEGREE)) - _FIRST_COLUMN
        line = np.int64(np.floor(lat[row] * CELLS_PER_DEGREE)) - _FIRST_ROW
        level = (
            np.uint64(0)
            if np.isnan(level_dbm[row])
            else np.uint64(np.int64(np.floor(level_dbm[row])) + _LEVEL_ORIGIN)
        )
        keys[place, 2] = (
            (np.uint64(day[row] + 1) << np.uint64(_DAY_SHIFT))
            | (np.uint64(column) << np.uint64(_COLUMN_SHIFT))
            | (np.uint64(line) << np.uint64(_ROW_SHIFT))
            | level
        )
