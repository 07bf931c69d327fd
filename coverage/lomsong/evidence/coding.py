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
from lomsong.evidence.join import NOTHING_COARSE, Coarse, Locator, coarse_of
from lomsong.ingest.samples.formats.base import CELLS_PER_NODE, MOST_NODE
from lomsong.space.compiled import compiled
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
NODE_BITS: Final = 16
"""A witness's key names the node that served in so many more bits, and its area in as many fewer than 32 as that takes."""
NODE_MASK: Final = (1 << NODE_BITS) - 1
NO_NODE: Final = -1
"""Stands in the node column where nobody knows which one served."""
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

LEFT_OUT: Final = 3
"""Reasons for which an observation does not count."""
OUTSIDE, _WITHDRAWN, _UNMEASURABLE = range(LEFT_OUT)
"""Their places among counts of what is left out."""
_WORDS: Final = ("plmn", "technology", "device")
_SERVICES: Final = ("", *TECHNOLOGIES)
_LTE: Final = np.uint64(_SERVICES.index("4G") << TECHNOLOGY_SHIFT)
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


def looks(batch: pd.DataFrame | pa.RecordBatch) -> Looks:
    """Return the observations of a table as in `tables.SAMPLES`; what is read from a file may lack `level_dbm`."""
    column = _of_frame if isinstance(batch, pd.DataFrame) else _of_block
    plmn, names = column(batch, "plmn")
    technology, generations = column(batch, "technology")
    rsrp_dbm = _fixed(column(batch, "rsrp_dbm")[0], np.float64)
    has_others = isinstance(batch, pd.DataFrame) or "level_dbm" in batch.schema.names
    return Looks(
        lon=_fixed(column(batch, "lon")[0], np.float64),
        lat=_fixed(column(batch, "lat")[0], np.float64),
        plmn=_fixed(plmn, np.int32),
        technology=_fixed(technology, np.int32),
        rsrp_dbm=rsrp_dbm,
        level_dbm=_fixed(column(batch, "level_dbm")[0], np.float64) if has_others else rsrp_dbm,
        no_service=_fixed(column(batch, "no_service")[0], np.bool_),
        carriers=_carriers(_words(names)),
        technologies=_technologies(_words(generations)),
    )


def coarsely_placed(batch: pd.DataFrame | pa.RecordBatch) -> Coarse:
    """Return the rows whose positions are coarse; none of a table that names no accuracy."""
    names = batch.columns if isinstance(batch, pd.DataFrame) else batch.schema.names
    if "accuracy_m" not in names:
        return NOTHING_COARSE
    column = _of_frame if isinstance(batch, pd.DataFrame) else _of_block
    return coarse_of(_fixed(column(batch, "accuracy_m")[0], np.float64))


def cells_of(batch: pd.DataFrame | pa.RecordBatch) -> Integers:
    """Return the numbers of serving cells, -1 where none is named; nothing at all of a table that names none."""
    names = batch.columns if isinstance(batch, pd.DataFrame) else batch.schema.names
    if "cell" not in names:
        return np.empty(0, np.int64)
    if isinstance(batch, pd.DataFrame):
        cells = batch["cell"].to_numpy(np.int64, na_value=-1)
    else:
        cells = batch.column("cell").cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return _fixed(cells, np.int64)


def node_of_number(number: int) -> int:
    """Return how witnesses name the node of that number; numbers that share a name differ by 65,535 or more."""
    return number % NODE_MASK


@compiled
def node_code(cell: int, technology: np.uint64) -> np.uint64:
    """Return a number for the eNodeB of a cell of 4G, counted from 1; 0 where none is known."""
    node = cell // CELLS_PER_NODE
    if technology != _LTE or not 0 < node < MOST_NODE:
        return np.uint64(0)
    return np.uint64(node % NODE_MASK + 1)


@compiled
def service_of(carrier: np.uint64, technology: np.uint64, no_service: bool) -> np.uint64:  # noqa: FBT001 -- compiled
    """Return carrier and technology as one key, or `WITHDRAWN`; technology 0 is no service."""
    return carrier if no_service or carrier == WITHDRAWN else carrier | technology


@compiled
def level_code(rsrp_dbm: float, level_dbm: float, no_service: bool) -> int:  # noqa: FBT001 -- compiled
    """Return the number of the level rounded down to a whole dB, 0 for no service, -1 where no phone measures it."""
    level = level_dbm if np.isnan(rsrp_dbm) else rsrp_dbm
    if no_service or np.isnan(level):
        return 0
    if not LOWEST_DBM <= level <= HIGHEST_DBM:
        return -1
    return int(np.floor(level)) - LOWEST_DBM + 1


@compiled
def cell_of(lon: float, lat: float) -> tuple[int, int]:
    """Return column and row of the cell of a place, counted from the corner of the world."""
    column = int(np.floor(lon * CELLS_PER_DEGREE)) - FIRST_COLUMN
    return column, int(np.floor(lat * CELLS_PER_DEGREE)) - FIRST_ROW


@compiled
def is_left_out(area: int, service: np.uint64, level: int, left_out: Integers) -> bool:
    """Tell whether an observation does not count, and add it to those of its reason."""
    if level < 0:
        left_out[_UNMEASURABLE] += 1
    elif service == WITHDRAWN:
        left_out[_WITHDRAWN] += 1
    elif area < 0:
        left_out[OUTSIDE] += 1
    else:
        return False
    return True


def dropped_of(left_out: Integers) -> dict[str, int]:
    """Return how many rows were left out for which reason."""
    if left_out[_UNMEASURABLE]:
        raise DefectError("a sample has a level that no phone measures")
    reasons = {OUTSIDE: "outside all hamlets", _WITHDRAWN: "carrier withdrawn"}
    return {reason: int(left_out[i]) for i, reason in reasons.items() if left_out[i]}


def levels(codes: Codes) -> npt.NDArray[np.int16]:
    """Return levels [dBm] from the last bits of keys, `NO_SERVICE` where there is none."""
    code = (codes & np.uint64(LEVEL_MASK)).astype(np.int16)
    return np.where(code > 0, code - np.int16(1) + np.int16(LOWEST_DBM), np.int16(NO_SERVICE))


def devices(batch: pd.DataFrame | pa.RecordBatch) -> Codes:
    """Return a number for each row's device, 0 where none is named; each distinct name is asked once."""
    column = _of_frame if isinstance(batch, pd.DataFrame) else _of_block
    places, names = column(batch, "device")
    # Files may carry the names of many more devices than a batch is about. Position -1 is the last: nobody.
    is_named = np.zeros(len(names) + 1, np.bool_)
    is_named[places] = True
    named = np.flatnonzero(is_named[:-1])
    codes = np.zeros(len(names) + 1, np.uint64)
    codes[named] = [*map(_device_code, _words(names.take(named)))]
    found: Codes = codes[places]
    return found


def milliseconds(batch: pd.DataFrame | pa.RecordBatch) -> Integers:
    """Return times in milliseconds since 1970, `UNKNOWN_TIME` where there is none."""
    if isinstance(batch, pd.DataFrame):
        ms = batch["time"].to_numpy("datetime64[ms]").astype(np.int64)
    else:
        time = batch.column("time").cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
        ms = time.fill_null(UNKNOWN_TIME).to_numpy()
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
        "hamlet": hamlet.astype(np.int32),
        "cluster": cluster.astype(np.int32),
        "carrier": text(carrier, carrier_name),
        "technology": text(technology, _SERVICES.__getitem__),
    }


def text(codes: Codes, name: Callable[[int], str]) -> pd.Series:
    """Return the words of numbers; each distinct number is asked once."""
    # Sorting millions of numbers, of which few are distinct, would take several times their room.
    places, distinct = pd.factorize(codes)
    words: Sequence[str] = [name(int(code)) for code in distinct]
    packed = pa.DictionaryArray.from_arrays(
        pa.array(places.astype(np.int32)), pa.array(words, pa.string())
    )
    del places
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


def _of_frame(table: pd.DataFrame, name: str) -> tuple[npt.NDArray[Any], pd.Index]:
    """Return a column's values, or of text the positions of its words and these; -1 and NaN stand for nothing."""
    if name in _WORDS:
        return pd.factorize(table[name])
    return table[name].to_numpy(), pd.Index([])


def _of_block(block: pa.RecordBatch, name: str) -> tuple[npt.NDArray[Any], pa.Array]:
    column = block.column(name)
    if name in _WORDS:
        packed = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        return packed.indices.fill_null(-1).to_numpy(), packed.dictionary
    return column.to_numpy(zero_copy_only=False), pa.array([])


def _words(names: pd.Index | pa.Array) -> list[str]:
    words: list[str] = names.to_pylist() if isinstance(names, pa.Array) else names.tolist()
    return words


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


def _device_code(name: str) -> int:
    """Return the number that a hashed device id is; a hash of 0 (one in 2^64) goes with 1, as 0 names nobody."""
    if not _HASHED.fullmatch(name):
        name = hashlib.blake2b(name.encode(), digest_size=_HASH_DIGITS // 2).hexdigest()
    return max(int(name, 16), 1)
