"""Write what an observation says as one number, by which equal ones are found."""

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lomsong.space.compiled import compiled, inlined

Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

VERSION = 1
"""Changes whenever equal observations get other numbers than before, so that kept ones are not compared."""

_WHOLE_NUMBER = "^-?[0-9]{1,18}$"
_NO_FRACTION = "[.]0*$"
_LARGEST = 10**18
_NOTHING = np.uint64(0x2545F4914F6CDD1D)
"""Stands for a missing value."""
_ONE = np.uint64(1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def hashes_of_codes(codes: pa.Array) -> Hashes:
    """Return a number for each code of a network; whole numbers are equal however they are written: "007" is 7.

    `codes` are whole numbers or trimmed text.
    """
    if pa.types.is_dictionary(codes.type):
        of_words = np.append(hashes_of_codes(codes.dictionary), _NOTHING)
        places = pc.fill_null(codes.indices, len(codes.dictionary))
        found: Hashes = of_words[places.to_numpy(zero_copy_only=False)]
        return found
    if is_plain_number(codes):
        return _hashes_of_numbers(pc.cast(codes, pa.int64()))
    text = pc.cast(codes, pa.string())
    whole = pc.match_substring_regex(text, _WHOLE_NUMBER)
    hashes = _hashes_of_numbers(
        pc.cast(pc.if_else(whole, text, pa.scalar(None, pa.string())), pa.int64())
    )
    words = pc.fill_null(pc.invert(whole), fill_value=False).to_numpy(zero_copy_only=False)
    if words.any():
        hashes[words] = [_of_word(word) for word in text.filter(pa.array(words)).to_pylist()]
    return hashes


def whole_numbers(codes: pa.Array) -> npt.NDArray[np.int64]:
    """Return codes of a network as numbers, -1 where they are none; a fraction of zeros does not matter.

    `codes` are whole numbers or trimmed text.
    """
    if pa.types.is_dictionary(codes.type):
        of_words = np.append(whole_numbers(codes.dictionary), -1)
        places = pc.fill_null(codes.indices, len(codes.dictionary))
        found: npt.NDArray[np.int64] = of_words[places.to_numpy(zero_copy_only=False)]
        return found
    if not is_plain_number(codes):
        text = pc.replace_substring_regex(pc.cast(codes, pa.string()), _NO_FRACTION, "")
        whole = pc.match_substring_regex(text, _WHOLE_NUMBER)
        codes = pc.if_else(whole, text, pa.scalar(None, pa.string()))
    numbers = pc.fill_null(pc.cast(codes, pa.int64()), -1)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def is_plain_number(codes: pa.Array) -> bool:
    """Tell a column of whole numbers that fit into 18 digits."""
    if not pa.types.is_integer(codes.type):
        return False
    ends = pc.min_max(codes).as_py()
    return ends["min"] is None or (ends["min"] > -_LARGEST and ends["max"] < _LARGEST)


def combined(columns: list[Hashes], count: int) -> Hashes:
    """Return one number for several columns together."""
    total = np.zeros(count, np.uint64)
    for column in columns:
        _fold(total, _read_only(column))
    return total


def hashes_of_rows(
    *,
    time: npt.NDArray[np.datetime64],
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
    level_dbm: Floats,
    plmn: pd.Categorical,
    technology: pd.Categorical,
    device: pd.Categorical,
    no_service: npt.NDArray[np.bool_],
    cell: Hashes,
) -> Hashes:
    """Return a number for each observation; -0 is 0, and one NaN is as good as another."""
    hashes = np.empty(len(lon), np.uint64)
    _of_rows(
        _read_only(time.view(np.int64)),
        _read_only(lon),
        _read_only(lat),
        _read_only(accuracy_m),
        _read_only(level_dbm),
        *_coded(plmn),
        *_coded(technology),
        *_coded(device),
        _read_only(no_service),
        _read_only(cell),
        hashes,
    )
    return hashes


def _coded(words: pd.Categorical) -> tuple[npt.NDArray[np.int32], Hashes]:
    """Return the code of each row's word, and the number of each word, that of no word last."""
    table = [_of_word(str(word)) for word in words.categories]
    return _read_only(words.codes.astype(np.int32)), np.array([*table, _NOTHING], np.uint64)


def _read_only(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view that nobody writes to: arrays of both sorts would be compiled for one by one."""
    view = np.ascontiguousarray(values).view()
    view.flags.writeable = False
    return view


def _hashes_of_numbers(numbers: pa.Array) -> Hashes:
    values = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)
    hashes = np.empty(len(values), np.uint64)
    _of_whole(_read_only(values), hashes)
    if numbers.null_count:
        hashes[numbers.is_null().to_numpy(zero_copy_only=False)] = _NOTHING
    return hashes


@lru_cache(1 << 16)
def _of_word(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


@inlined
def _mixed(value: np.uint64) -> np.uint64:
    """Spread the bits of a number over all 64 (the finaliser of MurmurHash3, which is in the public domain)."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    value ^= value >> np.uint64(33)
    return value


@inlined
def _of_float(value: float) -> np.uint64:
    return _NOTHING if value != value else _mixed(np.float64(value + 0.0).view(np.uint64) + _ONE)  # noqa: PLR0124 -- NaN


@compiled
def _of_whole(numbers: npt.NDArray[np.int64], hashes: Hashes) -> None:
    for row in range(len(numbers)):
        hashes[row] = _mixed(np.uint64(numbers[row]) + _ONE)


@compiled
def _fold(total: Hashes, column: Hashes) -> None:
    for row in range(len(total)):
        total[row] = total[row] * _SPREAD + _mixed(column[row])


@compiled
def _of_rows(  # noqa: PLR0917 -- compiled code is called by position
    time: npt.NDArray[np.int64],
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
    level_dbm: Floats,
    plmn: npt.NDArray[np.int32],
    plmns: Hashes,
    technology: npt.NDArray[np.int32],
    technologies: Hashes,
    device: npt.NDArray[np.int32],
    devices: Hashes,
    no_service: npt.NDArray[np.bool_],
    cell: Hashes,
    hashes: Hashes,
) -> None:
    for row in range(len(lon)):
        total = _mixed(np.uint64(time[row]) + _ONE)
        total = total * _SPREAD + _of_float(lon[row])
        total = total * _SPREAD + _of_float(lat[row])
        total = total * _SPREAD + _of_float(accuracy_m[row])
        total = total * _SPREAD + _of_float(level_dbm[row])
        total = total * _SPREAD + plmns[plmn[row]]
        total = total * _SPREAD + technologies[technology[row]]
        total = total * _SPREAD + devices[device[row]]
        total = total * _SPREAD + _mixed(cell[row])
        hashes[row] = _mixed(total + np.uint64(no_service[row]))
