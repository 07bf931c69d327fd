"""Say carriers, technologies, devices, levels, days and cells in whole numbers, and say numbers in words again."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from lomsong.errors import DefectError
from lomsong.evidence.clusters import Integers
from lomsong.evidence.join import Locator
from lomsong.space.compiled import inlined
from lomsong.space.crs import Floats
from lomsong.tables import NO_CARRIER, TECHNOLOGIES
from lomsong.vietnam import carriers

CELLS_PER_DEGREE: Final = 1600
"""A witness's cell is 1/1600 degree, 69 m of latitude."""
NO_SERVICE: Final = -999
"""Stands in the level column for an observation of no service."""

# A service is what a histogram is of: area 32 bits, carrier 21, technology 3, 8 left free for a level.
AREA_SHIFT: Final = 32
CARRIER_SHIFT: Final = 11
CARRIER_BITS: Final = 21
TECHNOLOGY_SHIFT: Final = 8
TECHNOLOGY_MASK: Final = 7
LEVEL_BITS: Final = 8
LEVEL_MASK: Final = (1 << LEVEL_BITS) - 1
COLUMN_BITS: Final = 20
ROW_BITS: Final = 19
FIRST_COLUMN: Final = -180 * CELLS_PER_DEGREE
FIRST_ROW: Final = -90 * CELLS_PER_DEGREE
MS_PER_DAY: Final = 86_400_000
LAST_DAY: Final = (1 << 17) - 2
UNKNOWN_TIME: Final = np.iinfo(np.int64).min
LOWEST_DBM: Final = -160
HIGHEST_DBM: Final = -10
"""The levels that `tables.SAMPLES` admits, of any technology."""
WITHDRAWN: Final = np.uint64(2**64 - 1)
"""Stands for a carrier that is no more."""

_SERVICES: Final = ("", *TECHNOLOGIES)
_NAMED: Final = tuple(sorted(carriers.CARRIERS))
_DIGITS: Final = 6
_FIRST_NAMED: Final = 11**_DIGITS
_MCC_DIGITS: Final = 3
_HASH_DIGITS: Final = 16
_HASHED: Final = re.compile("[0-9a-f]{16}")

Codes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


class Looks(NamedTuple):
    """Observations in numbers: where, whose, of what, how strong."""

    lon: Floats
    lat: Floats
    plmn: Ints
    """Position in `carriers`, less one; -1 where none is named."""
    technology: Ints
    """Position in `technologies`, less one; -1 where none is named."""
    rsrp_dbm: Floats
    level_dbm: Floats
    no_service: Flags
    carriers: Codes
    """Carrier at its place in a key, or `WITHDRAWN`."""
    technologies: Codes
    """Technology at its place in a key."""


def looks(table: pd.DataFrame) -> Looks:
    """Return the observations of a table as in `tables.SAMPLES`."""
    plmn, names = pd.factorize(table["plmn"])
    technology, generations = pd.factorize(table["technology"])
    return Looks(
        lon=_fixed(table["lon"].to_numpy(), np.float64),
        lat=_fixed(table["lat"].to_numpy(), np.float64),
        plmn=_fixed(plmn, np.int32),
        technology=_fixed(technology, np.int32),
        rsrp_dbm=_fixed(table["rsrp_dbm"].to_numpy(), np.float64),
        level_dbm=_fixed(table["level_dbm"].to_numpy(), np.float64),
        no_service=_fixed(table["no_service"].to_numpy(), np.bool_),
        carriers=_carriers(names),
        technologies=_technologies(generations),
    )


@inlined
def service_of(observed: Looks, row: int) -> np.uint64:
    """Return carrier and technology of an observation, or `WITHDRAWN`; technology 0 is no service."""
    service: np.uint64 = observed.carriers[observed.plmn[row] + 1]
    if service != WITHDRAWN and not observed.no_service[row]:
        service |= observed.technologies[observed.technology[row] + 1]
    return service


@inlined
def level_of(observed: Looks, row: int) -> int:
    """Return the number of the level rounded down to a whole dB, 0 for no service, -1 where no phone measures it."""
    if observed.no_service[row]:
        return 0
    level_dbm = observed.rsrp_dbm[row]
    if np.isnan(level_dbm):
        level_dbm = observed.level_dbm[row]
    if np.isnan(level_dbm):
        return 0
    if not (LOWEST_DBM <= level_dbm <= HIGHEST_DBM):
        return -1
    return int(np.floor(level_dbm)) - LOWEST_DBM + 1


@inlined
def cell_of(observed: Looks, row: int) -> tuple[int, int]:
    """Return column and row of the cell of an observation, counted from the corner of the world."""
    column = int(np.floor(observed.lon[row] * CELLS_PER_DEGREE)) - FIRST_COLUMN
    line = int(np.floor(observed.lat[row] * CELLS_PER_DEGREE)) - FIRST_ROW
    return column, line


def levels(codes: Codes) -> Integers:
    """Return levels [dBm] from the last bits of keys, `NO_SERVICE` where there is none."""
    code = (codes & np.uint64(LEVEL_MASK)).astype(np.int64)
    return np.where(code > 0, code - 1 + LOWEST_DBM, NO_SERVICE)


def devices(names: pd.Series) -> Codes:
    """Return a number for each device, 0 where none is named."""
    return _coded(names, _device_code)


def milliseconds(time: pd.Series) -> Integers:
    """Return times in milliseconds since 1970, `UNKNOWN_TIME` where there is none."""
    ms = time.to_numpy("datetime64[ms]").astype(np.int64)
    known = ms[ms != UNKNOWN_TIME]
    if len(known) and (known.min() < -MS_PER_DAY or known.max() >= (LAST_DAY + 1) * MS_PER_DAY):
        raise DefectError("a sample is older or newer than any phone")
    # A clock that was never set says 1970 in its own zone.
    return np.where(ms < 0, UNKNOWN_TIME, ms)


def days(time_ms: Integers) -> Integers:
    """Return days since 1970, -1 where the time is unknown."""
    return np.where(time_ms == UNKNOWN_TIME, -1, time_ms // MS_PER_DAY)


def service_columns(keys: Codes, locator: Locator) -> dict[str, object]:
    """Return hamlet, cluster, carrier and technology of keys."""
    hamlet, cluster = locator.hamlet_and_cluster((keys >> np.uint64(AREA_SHIFT)).astype(np.int64))
    carrier = (keys >> np.uint64(CARRIER_SHIFT)) & np.uint64((1 << CARRIER_BITS) - 1)
    technology = (keys >> np.uint64(TECHNOLOGY_SHIFT)) & np.uint64(TECHNOLOGY_MASK)
    return {
        "hamlet": hamlet,
        "cluster": cluster,
        "carrier": text(carrier, carrier_name),
        "technology": text(technology, _SERVICES.__getitem__),
    }


def text(codes: Codes, name: Callable[[int], str]) -> pd.Series:
    """Return the words of numbers; each distinct number is asked once."""
    distinct, places = np.unique(codes, return_inverse=True)
    words: Sequence[str] = [name(int(code)) for code in distinct]
    packed = pa.DictionaryArray.from_arrays(
        pa.array(places.astype(np.int32)), pa.array(words, pa.string())
    )
    return pd.Series(packed.cast(pa.string()).to_pandas(), dtype="str")


def carrier_code(name: str) -> int:
    """Return a number whose order is that of the names: none, then PLMNs, then the carriers of Vietnam."""
    if name in _NAMED:
        return _FIRST_NAMED + _NAMED.index(name)
    digits = name.replace("-", "")
    return sum((int(digit) + 1) * 11 ** (_DIGITS - 1 - i) for i, digit in enumerate(digits))


def carrier_name(code: int) -> str:
    """Return the name of a carrier from its number."""
    if code >= _FIRST_NAMED:
        return _NAMED[code - _FIRST_NAMED]
    places = [code // 11 ** (_DIGITS - 1 - i) % 11 for i in range(_DIGITS)]
    digits = "".join(str(place - 1) for place in places if place)
    return f"{digits[:_MCC_DIGITS]}-{digits[_MCC_DIGITS:]}" if digits else NO_CARRIER


def device_name(code: int) -> str:
    """Return the hashed id of a device from its number."""
    return f"{code:0{_HASH_DIGITS}x}" if code else ""


def _carriers(plmns: Iterable[str]) -> Codes:
    """Return the carriers of PLMNs at their place in a key, after the one of rows that name none."""
    names = [carriers.carrier_of(plmn) for plmn in plmns]
    codes = [WITHDRAWN if name is None else carrier_code(name) << CARRIER_SHIFT for name in names]
    return np.array([carrier_code(NO_CARRIER), *codes], np.uint64)


def _technologies(names: Iterable[str]) -> Codes:
    """Return technologies at their place in a key, after the one of rows that name none."""
    return np.array([0, *(_SERVICES.index(name) << TECHNOLOGY_SHIFT for name in names)], np.uint64)


def _fixed(values: npt.NDArray[Any], kind: type[np.generic]) -> npt.NDArray[Any]:
    """Return an array as compiled functions know it: of one type, without gaps, not to be written to."""
    array = np.ascontiguousarray(values, kind).view()
    array.flags.writeable = False
    return array


def _coded(words: pd.Series, code: Callable[[str], int]) -> Codes:
    """Return a number for each word, 0 where it is missing; each distinct word is asked once."""
    places, distinct = pd.factorize(words)
    return np.array([0, *map(code, distinct)], np.uint64)[places + 1]


def _device_code(name: str) -> int:
    """Return the number that a hashed device id is; a hash of 0 (one in 2^64) goes with 1, as 0 names nobody."""
    if not _HASHED.fullmatch(name):
        name = hashlib.blake2b(name.encode(), digest_size=_HASH_DIGITS // 2).hexdigest()
    return max(int(name, 16), 1)
