"""Turn columns of text into numbers, times and words; every cell that cannot be one is a fault."""

import math
import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lomsong.errors import Fault, InputError
from lomsong.ingest.reading.missing import MISSING
from lomsong.ingest.reading.ragged import Batch
from lomsong.ingest.reading.words import all_alike, meant

MAXIMUM_CELL_FAULTS: Final = 1000
"""So many cells of one column are kept as faults of one kind; the rest is counted."""
_MEND_THE_CELL: Final = "Mend this cell, or leave it empty where the value is not known"
LOG_STAMP: Final = "%Y.%m.%d_%H.%M.%S"
_SECONDS, _MILLISECONDS, _MICROSECONDS, _NANOSECONDS = 1.0, 1e11, 1e14, 1e17
"""From which size on a number is a Unix time in that unit: 1e11 s lie in the year 5138, 1e11 ms in 1973."""
_EARLIEST_MS: Final = 631_152_000_000  # 1990: no phone of this kind before
_LATEST_MS: Final = 4_102_444_800_000  # 2100
_STAMPS: Final = (
    LOG_STAMP,
    "%d/%m/%Y %H:%M:%S",  # day first, as people write it in Vietnam
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y",
    "%H:%M:%S %d/%m/%Y",
    "%H:%M %d/%m/%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
)
_COMPACT_STAMPS: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_WITH_OFFSET: Final = r"\d{2}:\d{2}.*(?:[zZ]|[+-]\d{2}:?\d{2})$"
_MONTH_FIRST: Final = re.compile(r"(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/\d{4}\b.*")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")

T = TypeVar("T", bound=Hashable)


class Fields:
    """The columns of one batch by the names a format gives them; what cannot be read becomes a fault."""

    def __init__(
        self,
        batch: Batch,
        *,
        columns: Mapping[str, str],
        file: str,
        faults: "CellFaults",
    ) -> None:
        """`columns` maps each field to the name the file gives it."""
        self._batch = batch
        self._columns = columns
        self._file = file
        self._faults = faults

    def __len__(self) -> int:
        return len(self._batch)

    def __contains__(self, field: str) -> bool:
        return field in self._columns

    def text(self, field: str) -> pa.Array:
        """Return a column as trimmed text, null where it is missing or not in the file."""
        values = self._values(field)
        if values is None:
            return pa.nulls(len(self), pa.string())
        text = _trimmed(values)
        return text.dictionary_decode() if pa.types.is_dictionary(text.type) else text

    def codes(self, field: str) -> pa.Array:
        """Return a column of whole numbers as it is, any other as trimmed text, packed where the file packs it."""
        values = self._values(field)
        if values is None:
            return pa.nulls(len(self), pa.int64())
        return values if pa.types.is_integer(values.type) else _trimmed(values)

    def flags(self, field: str) -> np.ndarray | None:
        """Return a column that holds yes and no themselves, missing as no; None where it is none."""
        values = self._values(field)
        if values is None:
            return np.zeros(len(self), dtype=bool)
        if not pa.types.is_boolean(values.type):
            return None
        return np.asarray(pc.fill_null(values, fill_value=False).to_numpy(zero_copy_only=False))

    def number(self, field: str) -> np.ndarray:
        """Return a column as numbers, NaN where it is missing; text in it is a fault."""
        values = self._values(field)
        if values is None:
            return np.full(len(self), np.nan)
        if _is_numeric(values.type):
            return np.asarray(
                # Whole numbers beyond 2^53 are sentinels or nanoseconds; their last digits mean nothing.
                pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False),
                dtype=float,
            )
        text = self.text(field)
        try:
            numbers = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            numbers = self._numbers_of_odd_text(field, text)
        return np.asarray(numbers, dtype=float)

    def word(self, field: str, meaning: Callable[[str], T | None]) -> pd.Categorical:
        """Return what the words of a column mean, missing where nothing; each distinct word is asked once."""
        values = self._values(field)
        if values is None:
            return all_alike(None, len(self))
        packed = values if pa.types.is_dictionary(values.type) else pc.dictionary_encode(values)
        return meant(_trimmed(packed), meaning)

    def time(self, field: str, *, timezone: str) -> np.ndarray:
        """Return a column as UTC times [ms]; times that state no zone are local times of `timezone`.

        Numbers are Unix times, whose size tells seconds, milliseconds, microseconds, nanoseconds, or dates written
        without separators (20251231, 20251231140500), which no Unix time of these years resembles. What lies
        before 1990 or after 2100 was written by a clock that was not set, and is missing.
        """
        values = self._values(field)
        if values is None:
            return np.full(len(self), np.datetime64("NaT", "ms"))
        if pa.types.is_timestamp(values.type) and values.type.tz and values.type.unit == "ms":
            return _plausible(np.asarray(pc.fill_null(pc.cast(values, pa.int64()), 0)))
        if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
            times = values.to_pandas()
            return _utc(pd.to_datetime(times), timezone)
        if _is_numeric(values.type):
            return _times_of_numbers(self.number(field), timezone)
        text = self.text(field)
        try:
            numbers = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            return self._times_of_text(field, text, timezone)
        return _times_of_numbers(np.asarray(numbers, dtype=float), timezone)

    def refuse(
        self,
        field: str,
        bad: np.ndarray,
        text: pa.Array,
        *,
        problem: str,
        remedy: str = _MEND_THE_CELL,
    ) -> None:
        """Note a fault for each row of `bad`."""
        self._faults.add(
            self._file,
            rows=self._batch.rows[bad],
            column=self._columns[field],
            values=text.filter(pa.array(bad)).to_pylist(),
            problem=problem,
            remedy=remedy,
        )

    def _values(self, field: str) -> pa.Array | None:
        column = self._columns.get(field)
        return None if column is None else self._batch.columns[column]

    def _numbers_of_odd_text(self, field: str, text: pa.Array) -> np.ndarray:
        meaning = meant(text, number_of)
        read = np.array(meaning, dtype=float)
        bad = meaning.isna() & text.is_valid().to_numpy(zero_copy_only=False)
        if bad.any():
            self.refuse(field, bad, text, problem="is no number")
        return read

    def _times_of_text(self, field: str, text: pa.Array, timezone: str) -> np.ndarray:
        series = pd.Series(text.to_pandas(), dtype="str")
        times = np.full(len(series), np.datetime64("NaT", "ms"))
        left = series.notna().to_numpy(copy=True)
        zoned = left & series.str.contains(_WITH_OFFSET, na=False).to_numpy()
        if zoned.any():
            parsed = pd.to_datetime(series[zoned], format="ISO8601", errors="coerce", utc=True)
            times[zoned] = _utc(parsed, timezone)
            left[zoned] = parsed.isna().to_numpy()
        for stamp in ("ISO8601", *_STAMPS):
            naive = left & ~zoned
            if not naive.any():
                break
            parsed = pd.to_datetime(series[naive], format=stamp, errors="coerce")
            times[naive] = _utc(parsed, timezone)
            left[naive] = parsed.isna().to_numpy()
        numbers = pd.to_numeric(series[left], errors="coerce").to_numpy(dtype=float)
        times[left] = _times_of_numbers(numbers, timezone)
        bad = left.copy()
        bad[left] = np.isnan(numbers)
        if bad.any():
            self._refuse_times(field, bad, text, series)
        return times

    def _refuse_times(self, field: str, bad: np.ndarray, text: pa.Array, series: pd.Series) -> None:
        month_first = bad & series.str.fullmatch(_MONTH_FIRST, na=False).to_numpy()
        if month_first.any():
            self.refuse(
                field,
                month_first,
                text,
                problem="the month stands before the day",
                remedy="Write the whole column day first (31/12/2025) or as 2025-12-31: day and month of its "
                "other dates would be exchanged",
            )
        if (bad & ~month_first).any():
            self.refuse(field, bad & ~month_first, text, problem="is no time")


class CellFaults:
    """Cells that cannot be read: the first ones of each kind with their place, the rest as a count."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], list[Fault]] = {}
        self.counted: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return self.counted.total()

    def add(
        self,
        file: str,
        *,
        rows: np.ndarray,
        column: str,
        values: list[object],
        problem: str,
        remedy: str = _MEND_THE_CELL,
    ) -> None:
        """Note one fault per row."""
        most = MAXIMUM_CELL_FAULTS
        found = [
            Fault(file=file, row=row, column=column, value=value, problem=problem, remedy=remedy)
            for row, value in zip(rows[:most].tolist(), values[:most], strict=True)
        ]
        self._take((column, problem), found, count=len(rows))

    def add_all(self, other: "CellFaults") -> None:
        """Take in the cells of another part of the file."""
        for kind, found in other.kept.items():
            self._take(kind, found, count=other.counted[kind])

    def faults(self) -> tuple[Fault, ...]:
        """Return what was found, by row."""
        found = []
        for kind, kept in self.kept.items():
            *but_last, last = kept
            found += [*but_last, replace(last, alike=self.counted[kind] - len(kept))]
        return tuple(sorted(found, key=_place))

    def _take(self, kind: tuple[str, str], found: list[Fault], *, count: int) -> None:
        """Keep those of the first rows, whatever batch or part they were found in."""
        kept = sorted([*self.kept.get(kind, ()), *found], key=_place)
        self.kept[kind] = kept[:MAXIMUM_CELL_FAULTS]
        self.counted[kind] += count


def _place(fault: Fault) -> tuple[int, str]:
    return fault.row or 0, fault.column or ""


def key(name: str) -> str:
    """Return what matters of a column's name or of a technology's: case, spaces and signs do not."""
    return re.sub(r"[^0-9a-z]", "", name.casefold())


def number_of(word: str) -> float | None:
    """Return a number with decimal point or decimal comma, typed minus or typeset, None where it is none."""
    signed = word.replace("\N{MINUS SIGN}", "-")
    plain = signed.replace(",", ".") if _DECIMAL_COMMA.fullmatch(signed) else signed
    try:
        number = None if "_" in plain else float(plain)
    except ValueError:
        return None
    return None if number is None or math.isnan(number) else number


def checked_timezone(timezone: str) -> str:
    """Return the name of a time zone that exists, else raise `InputError`."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problem = "nobody knows this time zone"
        remedy = 'Give one of the IANA names, as "Asia/Ho_Chi_Minh"'
        raise InputError(
            [Fault(column="timezone", value=timezone, problem=problem, remedy=remedy)]
        ) from None
    return timezone


def _trimmed(values: pa.Array) -> pa.Array:
    """Return values as trimmed text, null where a word says that they are missing; what is packed stays so."""
    if pa.types.is_dictionary(values.type):
        return pa.DictionaryArray.from_arrays(values.indices, _trimmed(values.dictionary))
    if pa.types.is_floating(values.type):  # 45204.0 is a code that passed through a spreadsheet
        whole = pc.equal(values, pc.round(values))
        as_integers = pc.cast(pc.if_else(whole, values, None), pa.int64(), safe=False)
        values = pc.coalesce(pc.cast(as_integers, pa.string()), pc.cast(values, pa.string()))
    trimmed = pc.utf8_trim_whitespace(pc.cast(values, pa.string()))
    missing = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(MISSING))
    return pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)


def _is_numeric(kind: pa.DataType) -> bool:
    return any(
        is_kind(kind)
        for is_kind in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    )


def _times_of_numbers(numbers: np.ndarray, timezone: str) -> np.ndarray:
    times = _unix(numbers)
    for digits, stamp in _COMPACT_STAMPS.items():
        compact = np.isnat(times) & (numbers >= 10.0 ** (digits - 1)) & (numbers < 10.0**digits)
        if compact.any():
            written = pd.Series(numbers[compact].astype("int64").astype(str))
            times[compact] = _utc(pd.to_datetime(written, format=stamp, errors="coerce"), timezone)
    return times


def _unix(numbers: np.ndarray) -> np.ndarray:
    """Return Unix times of any unit as UTC [ms]; what lies before 1990 or after 2100 is no time."""
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    units = (_SECONDS, _MILLISECONDS, _MICROSECONDS, _NANOSECONDS)
    power = np.digitize(np.abs(finite), units[1:])  # 0 for seconds, 1 for milliseconds ...
    milliseconds = np.round(finite * 1000.0 ** (1 - power.astype(float))).astype("int64")
    return _plausible(milliseconds)


def _utc(times: pd.Series, timezone: str) -> np.ndarray:
    """Return times as UTC [ms]; a local hour that occurs twice is the later one, one that is skipped moves on."""
    index = pd.DatetimeIndex(times)
    if index.tz is None:
        index = index.tz_localize(
            ZoneInfo(timezone),
            ambiguous=np.zeros(len(index), dtype=bool),
            nonexistent="shift_forward",
        )
    naive = index.tz_convert("UTC").tz_localize(None).as_unit("ms")
    values = naive.to_numpy(dtype="datetime64[ms]")
    return np.where(np.isnat(values), values, _plausible(values.astype("int64")))


def _plausible(milliseconds: np.ndarray) -> np.ndarray:
    inside = (milliseconds >= _EARLIEST_MS) & (milliseconds <= _LATEST_MS)
    if inside.all():
        return milliseconds.view("datetime64[ms]")
    return np.where(inside, milliseconds, np.iinfo("int64").min).astype("datetime64[ms]")
