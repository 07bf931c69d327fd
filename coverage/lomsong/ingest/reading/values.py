"""Read values as people type them: text, counts, yes and no."""

import re
import unicodedata
from typing import Final, SupportsFloat

import numpy as np
import pandas as pd

from lomsong.sentences import Sentence

MISSING_WORDS: Final = frozenset(
    {"", "-", "--", "—", "?", "n/a", "na", "nan", "none", "null", "<na>", "không rõ", "chưa rõ"}
    | {"chưa có số liệu", "đang cập nhật", "khong ro", "chua ro", "dang cap nhat", "unknown"}
)
MOST_PEOPLE: Final = 10_000_000
"""No hamlet, and no commune read in its place, counts more."""

_YES: Final = frozenset({"x", "có", "co", "yes", "y", "true", "t", "1", "đúng", "v", "✓", "✔"})
_NO: Final = frozenset({"không", "khong", "ko", "k", "no", "n", "false", "f", "0", "sai"})
_DIFFICULT: Final = frozenset({"đbkk", "dbkk", "đặc biệt khó khăn", "dac biet kho khan"})
_WHICH_COUNT: Final = {
    "households": Sentence("this does not say which number counts the households"),
    "people": Sentence("this does not say which number counts the people"),
}
_WHOLE: Final = re.compile(r"\d{1,3}(?:[.,\s]\d{3})+|\d+(?:[.,]0+)?")
_PART: Final = re.compile(rf"^({_WHOLE.pattern})\s*([^\d\s.,].*)?$")
_UNITS: Final = {
    "households": ("hộ", "ho", "hộ dân", "hộ gia đình", "hh", "households", "nhà"),
    "people": ("khẩu", "khau", "người", "nguoi", "nhân khẩu", "nhan khau", "nk", "people", "dân"),
}


def is_missing(value: object) -> bool:
    """Tell whether a cell says nothing: empty, or one of the words for "not known"."""
    if isinstance(value, str):
        return " ".join(value.split()).casefold() in MISSING_WORDS
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return bool(pd.api.types.is_scalar(value)) and value != value  # noqa: PLR0124 -- only NaN differs from itself


def clean_text(value: object) -> tuple[str, bool]:
    """Return composed (NFC) text on one line without control characters, and whether it held any.

    Numbers lose the ".0" that spreadsheets and missing neighbours give to whole ones.
    """
    if value is None or (not isinstance(value, str) and is_missing(value)):
        return "", False
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFC", str(value))
    spaced = "".join(" " if c.isspace() else c for c in text)
    printable = "".join(
        c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    # Line breaks and tabs are typing; anything else unprintable is worth a word.
    return " ".join(printable.split()), len(printable) != len(spaced)


def read_count(value: object, *, kind: str) -> int | None:
    """Return a count of "households" or "people", None where the cell says nothing.

    Reads 61, "61 hộ", "1.234", "1 234 người"; of "61 hộ/290" the part that is of this kind.

    Raises
    ------
    ValueError
        Where the cell holds no such count, or leaves open which of several it is.
    """
    if is_missing(value):
        return None
    if isinstance(value, str):
        return _bounded(_count_of_text(value, kind))
    number = _number(value)
    if not number.is_integer():
        raise ValueError("this is not a whole number")
    return _bounded(int(number))


def _count_of_text(text: str, kind: str) -> int:
    composed = unicodedata.normalize("NFC", text)
    parts = [_PART.match(" ".join(part.split()).casefold()) for part in composed.split("/")]
    if any(part is None for part in parts):
        raise ValueError("this is not a whole number")
    read = [(part[1], _unit(part[2])) for part in parts if part is not None]
    named = [number for number, unit in read if unit == kind]
    silent = [number for number, unit in read if unit is None]
    candidates = named or silent
    if len(candidates) != 1:
        raise ValueError(_WHICH_COUNT[kind])
    return int(re.sub(r"[.,]0{1,2}$|[.,\s]", "", candidates[0]))


def _unit(text: str | None) -> str | None:
    if text is None:
        return None
    word = text.strip(" .,;()")
    for kind, words in _UNITS.items():
        if word in words:
            return kind
    raise ValueError("this is not a whole number")


def _bounded(number: int) -> int:
    if number < 0:
        raise ValueError("a count cannot be negative")
    if number > MOST_PEOPLE:
        raise ValueError("this is more than any hamlet holds")
    return number


def read_flag(value: object) -> bool | None:
    """Return yes or no as typed ("x", "Có", "ĐBKK", "Không", 1, True), None where the cell says nothing.

    Raises
    ------
    ValueError
        Where the cell says neither.
    """
    if is_missing(value):
        return None
    text, _ = clean_text(value)
    word = text.casefold().strip(" .")
    if word in _YES or word in _DIFFICULT:
        return True
    if word in _NO:
        return False
    raise ValueError("this says neither yes nor no")


def _number(value: object) -> float:
    if isinstance(value, bool | np.ndarray) or not isinstance(value, SupportsFloat):
        raise ValueError("this is not a number")  # noqa: TRY004 -- a cell's fault, told like all others
    return float(value)
