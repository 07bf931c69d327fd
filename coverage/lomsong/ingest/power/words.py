"""Read what lists of power say: headings, yes and no in all their words, dates."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Final

from lomsong.ingest.reading.headings import HAMLET_HEADINGS, words
from lomsong.ingest.reading.values import clean_text, is_missing
from lomsong.vietnam.spelling import bare

POWER_LIST_HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    **{f: HAMLET_HEADINGS[f] for f in ("hamlet_id", "name", "commune_code", "commune_name")},
    "power": (
        "power",
        "dien luoi",
        "dien luoi quoc gia",
        "tinh trang dien luoi",
        "hien trang dien luoi",
        "tinh trang dien",
        "hien trang dien",
        "tinh trang cap dien",
        "hien trang cap dien",
        "tinh hinh dien luoi",
        "tinh hinh dien",
        "tinh hinh cap dien",
        "tinh hinh su dung dien",
        "su dung dien luoi",
        "su dung dien",
        "cap dien",
        "dien quoc gia",
        "dien sinh hoat",
        "dien",
        "grid power",
        "electricity",
        "electrified",
        "status",
    ),
    "grid": (
        "grid",
        "co dien luoi",
        "co dien luoi quoc gia",
        "da co dien luoi",
        "da co dien luoi quoc gia",
        "co dien",
        "da co dien",
        "has grid",
        "has power",
    ),
    "no_grid": (
        "no grid",
        "chua co dien luoi",
        "chua co dien luoi quoc gia",
        "khong co dien luoi",
        "chua co dien",
        "khong co dien",
        "chua dien",
    ),
    "source": ("source", "power source", "nguon", "nguon so lieu", "nguon thong tin"),
    "as_of": (
        "as of",
        "power as of",
        "ngay",
        "ngay cap nhat",
        "cap nhat",
        "thoi diem",
        "thoi diem cap nhat",
    ),
}
_POWER_WORDS: Final = {
    **dict.fromkeys(
        (
            "co",
            "x",
            "v",
            "yes",
            "y",
            "1",
            "true",
            "grid",
            "da co",
            "co dien",
            "da co dien",
            "dien luoi",
            "roi",
            "co dien luoi",
            "da co dien luoi",
            "co dien luoi quoc gia",
            "da co dien luoi quoc gia",
            "dien luoi quoc gia",
        ),
        "grid",
    ),
    **dict.fromkeys(
        (
            "chua",
            "khong",
            "ko",
            "k",
            "no",
            "n",
            "0",
            "false",
            "no grid",
            "chua co",
            "khong co",
            "chua co dien",
            "khong co dien",
            "chua co dien luoi",
            "khong co dien luoi",
            "chua co dien luoi quoc gia",
            "khong dien",
        ),
        "no_grid",
    ),
    **dict.fromkeys(("khong ro", "chua ro", "unknown", "chua xac dinh", "chua biet"), "unknown"),
}
_OPPOSITE: Final = {"grid": "no_grid", "no_grid": "grid"}
_ISO_LENGTH: Final = {1: 4, 2: 7, 3: 10}
_DATES: Final = (
    (re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b"), "dmy"),
    (re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b"), "ymd"),
    (re.compile(r"\b(\d{1,2}) thang (\d{1,2}) nam (\d{4})\b"), "dmy"),
    (re.compile(r"\bthang (\d{1,2})(?: nam |[/.-])(\d{4})\b"), "my"),
    (re.compile(r"\bnam (\d{4})\b"), "y"),
)


def power_told(power: object, grid: object, no_grid: object) -> str | None:
    """Return what a row says about grid power, None where that is not clear."""
    said = [_said(power)]
    ticked = _said(grid)
    said.append(ticked)
    unticked = _said(no_grid)
    # "Chưa có điện: x" says no grid; "Chưa có điện: không" says that it has it.
    said.append(_OPPOSITE.get(unticked or "", unticked))
    if None in said:
        return None
    decided = {s for s in said if s != "unknown"}
    if len(decided) > 1:
        return None
    return decided.pop() if decided else "unknown"


def _said(cell: object) -> str | None:
    """Return what one cell says, None where its words are not known."""
    if is_missing(cell):
        return "unknown"
    text, _ = clean_text(cell)
    return _POWER_WORDS.get(words(text))


def first_date(cell: object) -> str | None:
    """Return the first date of a cell or a title in ISO form, as far as it is known."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if not isinstance(cell, str):
        return None
    text = bare(cell)
    for pattern, order in _DATES:
        for found in pattern.finditer(text):
            parts = dict(zip(order, map(int, found.groups()), strict=True))
            try:
                day = dt.date(parts["y"], parts.get("m", 1), parts.get("d", 1))
            except ValueError:
                continue
            return day.isoformat()[: _ISO_LENGTH[len(order)]]
    return None
