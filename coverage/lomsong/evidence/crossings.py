"""Find gaps that devices crossed: they upload on both sides and not on the way.

A phone without service uploads nothing, so a dead place deletes its own evidence; what is left is the hole in the trail
of a device that passed. Two observations of one device with service of one carrier, with none of it in between, are a
crossing where time and distance allow for one ride or walk. Whether the silence means anything depends on how densely
the device uploads, which stands beside it; many crossings are mere pauses, and nothing is judged here.

Trails are gathered while files are read, in whatever order: of each device, carrier and minute the first and the last
observation are kept, so a hole of a minute or longer is never missed and never cut short. Trails of several files add
up, so a ride may continue, and a hole be filled, in another file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lomsong.evidence._runs import Counts, Keys, Run
from lomsong.evidence.clusters import Integers
from lomsong.evidence.coding import (
    CARRIER_SHIFT,
    CELLS_PER_DEGREE,
    COLUMN_BITS,
    FIRST_COLUMN,
    FIRST_ROW,
    MS_PER_DAY,
    ROW_BITS,
    UNKNOWN_TIME,
    WITHDRAWN,
    Codes,
    Looks,
    carrier_name,
    cell_of,
    device_name,
    text,
)
from lomsong.space.compiled import compiled
from lomsong.tables import CROSSINGS, checked

SHORTEST_S: Final = 60
"""No hole is shorter [s]; it is the length of a minute of a trail, so that none hides inside of one."""
LONGEST_S: Final = 1800
"""Whoever is silent for longer [s] may have been anywhere (assumption)."""
SHORTEST_M: Final = 300
"""Ends closer together [m] have no place between them that they do not hear (assumption)."""
FASTEST_M_S: Final = 45
"""Nobody travels faster on the ground [m/s] (assumption); what does is an error of position or clock."""
AROUND_MINUTES: Final = 5
"""So many minutes before and after a hole tell how densely the device uploads."""
METRES_PER_DEGREE: Final = 111_195.0

# Key 0: the device. Key 1: carrier 21 bits, minute since 1970 in 28.
# Key 2: millisecond of the minute in 16 bits, 1 with service, column of the cell 20, row 19.
_MS_PER_MINUTE: Final = 60_000
_MINUTE_BITS: Final = 28
_SERVED_SHIFT: Final = COLUMN_BITS + ROW_BITS
_MS_SHIFT: Final = _SERVED_SHIFT + 1

Found = npt.NDArray[np.int64]
"""A row per crossing; its columns are those of `tables.CROSSINGS`, device and carrier as numbers."""


def _nowhere() -> Keys:
    return np.empty((0, 3), np.uint64)


@dataclass(frozen=True, eq=False)
class Trails:
    """Where devices were: of each device, carrier and minute the first and last place."""

    keys: Keys = field(default_factory=_nowhere)
    n: Counts = field(default_factory=lambda: np.empty(0, np.int64))
    """Of the first row of each minute, the observations in it but for the last; of the last row, 1."""


def trails(observed: Looks, device: Codes, time_ms: Integers) -> Trails:
    """Return where the devices of a batch were; rows without device, time or carrier tell nothing."""
    keys, n = np.empty((len(device), 3), np.uint64), np.empty(len(device), np.int64)
    size = _collapse(observed, device, time_ms, keys, n)
    keys, n = keys[:size], n[:size]
    order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))
    return _thinned(keys[order], n[order])


def device_by_device(chunks: Iterable[Run]) -> Iterator[Trails]:
    """Return a sum of trails piece by piece, each with all that is known of its devices."""
    held: Run = (_nowhere(), np.empty(0, np.int64))
    for keys, n in chunks:
        held = (np.concatenate([held[0], keys]), np.concatenate([held[1], n]))
        # The last device may go on in the next piece.
        whole = int(np.searchsorted(held[0][:, 0], held[0][-1, 0])) if len(held[1]) else 0
        if whole:
            yield _thinned(held[0][:whole], held[1][:whole])
            held = (held[0][whole:], held[1][whole:])
    yield _thinned(*held)


def joined(pieces: Iterable[Trails]) -> Trails:
    """Return trails given piece by piece as one."""
    parts = list(pieces)
    return Trails(np.concatenate([p.keys for p in parts]), np.concatenate([p.n for p in parts]))


def crossings_of(trails: Trails) -> pd.DataFrame:
    """Return the gaps that devices crossed (`tables.CROSSINGS`), sorted by its columns."""
    found = np.empty((len(trails.n), len(CROSSINGS.columns)), np.int64)
    found = found[: _find(trails.keys, trails.n, found)]
    device, carrier = found[:, 0].view(np.uint64), found[:, 1].view(np.uint64)
    order = np.lexsort([*found[:, :0:-1].T, device])
    columns = dict(zip(CROSSINGS.columns, found[order].T, strict=True))
    words = {
        "device": text(device[order], device_name),
        "carrier": text(carrier[order], carrier_name),
    }
    return checked(pd.DataFrame({**columns, **words}), CROSSINGS)


def _thinned(keys: Keys, n: Counts) -> Trails:
    keys, n = keys.copy(), n.copy()
    size = _thin(keys, n)
    return Trails(keys[:size].copy(), n[:size].copy())


@compiled
def _collapse(observed: Looks, device: Codes, time_ms: Integers, keys: Keys, n: Counts) -> int:
    """Write trails in the order of the rows, each stretch of one minute once; return how many rows that takes."""
    lon, lat, plmn, _, _, _, no_service, carriers, _ = observed
    size = 0
    held = np.zeros(4, np.uint64)  # device, minute, first and last look
    count = 0
    for row in range(len(device)):
        service = carriers[plmn[row] + 1]
        carrier = service >> np.uint64(CARRIER_SHIFT)
        if device[row] == 0 or time_ms[row] == UNKNOWN_TIME or service == WITHDRAWN or carrier == 0:
            continue
        column, line = cell_of(lon[row], lat[row])
        minute = (carrier << np.uint64(_MINUTE_BITS)) | np.uint64(time_ms[row] // _MS_PER_MINUTE)
        look = (
            (np.uint64(time_ms[row] % _MS_PER_MINUTE) << np.uint64(_MS_SHIFT))
            | (np.uint64(not no_service[row]) << np.uint64(_SERVED_SHIFT))
            | (np.uint64(column) << np.uint64(ROW_BITS))
            | np.uint64(line)
        )
        if count and held[0] == device[row] and held[1] == minute:
            held[2], held[3] = min(held[2], look), max(held[3], look)
            count += 1
            continue
        size = _write(held, count, keys, n, size)
        held[0], held[1], held[2], held[3] = device[row], minute, look, look
        count = 1
    return _write(held, count, keys, n, size)


@compiled
def _thin(keys: Keys, n: Counts) -> int:
    """Keep the first and last of the sorted rows of each minute, in place; return how many are left."""
    size = 0
    held = np.zeros(4, np.uint64)
    count = 0
    for row in range(len(n)):
        device, minute, look, looks_here = keys[row, 0], keys[row, 1], keys[row, 2], n[row]
        if count and held[0] == device and held[1] == minute:
            held[3] = look
            count += looks_here
            continue
        size = _write(held, count, keys, n, size)
        held[0], held[1], held[2], held[3] = device, minute, look, look
        count = looks_here
    return _write(held, count, keys, n, size)


@compiled
def _write(held: Codes, count: int, keys: Keys, n: Counts, size: int) -> int:
    """Write the first and last look of a minute; return how many rows there are then."""
    if count == 0:
        return size
    for look in range(2, 4 if held[3] != held[2] else 3):
        keys[size, 0], keys[size, 1], keys[size, 2] = held[0], held[1], held[look]
        n[size] = 1 if look == 3 else count - (held[3] != held[2])  # noqa: PLR2004 -- the last look
        size += 1
    return size


@compiled
def _find(keys: Keys, n: Counts, found: Found) -> int:
    """Write the crossings between rows that follow each other; return how many."""
    size = 0
    for row in range(1, len(n)):
        if not (
            _same_trail(keys, row - 1, row)
            and _is_served(keys[row - 1, 2])
            and _is_served(keys[row, 2])
        ):
            continue
        start_ms, end_ms = _time_ms(keys, row - 1), _time_ms(keys, row)
        seconds = (end_ms - start_ms) // 1000
        if not SHORTEST_S <= seconds <= LONGEST_S:
            continue
        from_x, from_y = _cell(keys[row - 1, 2])
        to_x, to_y = _cell(keys[row, 2])
        metres = _metres(from_x, from_y, to_x, to_y)
        if metres < SHORTEST_M or metres > FASTEST_M_S * seconds:
            continue
        found[size, 0] = np.int64(keys[row, 0])
        found[size, 1] = np.int64(keys[row, 1] >> np.uint64(_MINUTE_BITS))
        found[size, 2] = start_ms // MS_PER_DAY
        found[size, 3], found[size, 4] = from_x, from_y
        found[size, 5], found[size, 6] = to_x, to_y
        found[size, 7], found[size, 8] = seconds, metres
        found[size, 9] = _around(keys, n, row)
        size += 1
    return size


@compiled
def _around(keys: Keys, n: Counts, row: int) -> int:
    """Return the observations in the minutes before and after the hole that ends at a row, its two ends left out."""
    minutes = np.uint64(AROUND_MINUTES - 1)
    count = -2
    before = row - 1
    while (
        before >= 0
        and _same_trail(keys, before, row)
        and keys[before, 1] + minutes >= keys[row - 1, 1]
    ):
        count += n[before]
        before -= 1
    after = row
    while (
        after < len(n)
        and _same_trail(keys, row, after)
        and keys[after, 1] <= keys[row, 1] + minutes
    ):
        count += n[after]
        after += 1
    return count


@compiled
def _same_trail(keys: Keys, one: int, other: int) -> bool:
    carriers_differ = (keys[one, 1] ^ keys[other, 1]) >> np.uint64(_MINUTE_BITS)
    return bool(keys[one, 0] == keys[other, 0] and carriers_differ == 0)


@compiled
def _is_served(look: np.uint64) -> bool:
    return bool((look >> np.uint64(_SERVED_SHIFT)) & np.uint64(1))


@compiled
def _time_ms(keys: Keys, row: int) -> int:
    minute = np.int64(keys[row, 1] & np.uint64((1 << _MINUTE_BITS) - 1))
    return int(minute * _MS_PER_MINUTE + np.int64(keys[row, 2] >> np.uint64(_MS_SHIFT)))


@compiled
def _cell(look: np.uint64) -> tuple[int, int]:
    column = np.int64((look >> np.uint64(ROW_BITS)) & np.uint64((1 << COLUMN_BITS) - 1))
    line = np.int64(look & np.uint64((1 << ROW_BITS) - 1))
    return int(column) + FIRST_COLUMN, int(line) + FIRST_ROW


@compiled
def _metres(from_x: int, from_y: int, to_x: int, to_y: int) -> int:
    """Return the distance of two cells [m], in whole metres."""
    middle = np.radians((from_y + to_y + 1) / 2 / CELLS_PER_DEGREE)
    east = (to_x - from_x) / CELLS_PER_DEGREE * np.cos(middle)
    north = (to_y - from_y) / CELLS_PER_DEGREE
    return int(np.sqrt(east * east + north * north) * METRES_PER_DEGREE)
