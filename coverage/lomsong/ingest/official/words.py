"""Read what an official list says of its hamlets: trắng sóng, lõm sóng, with or without grid power."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from lomsong.ingest.power.words import POWER_LIST_HEADINGS
from lomsong.ingest.reading.headings import HAMLET_HEADINGS, words
from lomsong.ingest.reading.values import clean_text, is_missing
from lomsong.vietnam.spelling import has_accents

SIGNALS: Final = ("trang_song", "lom_song", "song_yeu", "gap", "co_song", "unclear")
"""What a list says of a hamlet's signal: `gap` where it is listed as lacking signal and no class is given,
`unclear` where the words are not known or contradict each other."""
LACKING_SIGNAL: Final = ("trang_song", "lom_song", "song_yeu", "gap")
SIGNAL_TICKS: Final = ("trang_song", "lom_song", "song_yeu", "co_song")


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


OFFICIAL_HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    **{
        field: HAMLET_HEADINGS[field]
        for field in ("hamlet_id", "name", "commune_code", "commune_name", "households", "people")
    },
    "commune_old": _phrases(
        "xa cu, ten xa cu, xa phuong cu, xa phuong thi tran cu, xa truoc sap nhap, xa truoc sap xep, "
        "xa phuong truoc sap nhap, xa phuong truoc sap xep, xa truoc 01 07 2025, xa truoc 1 7 2025, "
        "don vi hanh chinh cu, thuoc xa cu, old commune"
    ),
    "district": _phrases(
        "huyen, ten huyen, quan huyen, huyen thi xa, huyen thanh pho, huyen quan, huyen cu, ten huyen cu, "
        "huyen truoc sap nhap, huyen truoc sap xep, huyen thi, district"
    ),
    "province": _phrases(
        "tinh, ten tinh, tinh thanh pho, tinh tp, tinh thanh, tinh moi, tinh cu, province"
    ),
    "signal": _phrases(
        "phan loai, phan loai song, phan loai vung, loai, loai vung, tinh trang, hien trang, tinh trang song, "
        "hien trang song, tinh trang phu song, hien trang phu song, tinh trang song di dong, "
        "hien trang song di dong, muc do phu song, muc song, trang song lom song, lom song trang song, "
        "phu song, phu song di dong, song di dong, phu song 4g, song 4g, vung, official class, signal, coverage"
    ),
    "trang_song": _phrases("trang song, thon trang song, vung trang song, khong co song"),
    "lom_song": _phrases("lom song, thon lom song, vung lom song"),
    "song_yeu": _phrases("song yeu, vung song yeu"),
    "co_song": _phrases("co song, da co song, da phu song"),
    "power": tuple(text for text in POWER_LIST_HEADINGS["power"] if text != "status"),
    "grid": POWER_LIST_HEADINGS["grid"],
    "no_grid": POWER_LIST_HEADINGS["no_grid"],
    "source": POWER_LIST_HEADINGS["source"],
    "as_of": POWER_LIST_HEADINGS["as_of"],
}
"""Accent-free headings of a list of hamlets without signal or power."""

# With accents where the text has any, because "hiện trạng sóng" is no "trắng sóng".
_WHITE: Final = (
    re.compile(r"\btrắng sóng\b|\bvùng trắng\b|^trắng$"),
    re.compile(r"\btrang song\b|^trang$"),
)
_HOLLOW: Final = (
    re.compile(r"\blõm sóng\b|\bvùng lõm\b|^lõm$"),
    re.compile(r"\blom song\b|\bvung lom\b|^lom$"),
)
_NONE: Final = (
    re.compile(r"\b(?:không|chưa)(?: có| phủ| được phủ)? sóng\b|\bmất sóng\b"),
    re.compile(r"\b(?:khong|chua|ko)(?: co| phu| duoc phu)? song\b|\bmat song\b"),
)
_WEAK: Final = (re.compile(r"\byếu\b|\bchập chờn\b"), re.compile(r"\byeu\b|\bchap chon\b"))
_DONE: Final = (
    re.compile(r"\b(?:hết|không còn|đã xóa|đã xoá|đã khắc phục|xóa|xoá)\b"),
    re.compile(r"\b(?:het|khong con|da xoa|da khac phuc|xoa)\b"),
)
_THERE: Final = (
    re.compile(r"\b(?:có|phủ|được phủ) sóng\b|\bsóng tốt\b|\bổn định\b"),
    re.compile(r"\b(?:co|phu|duoc phu) song\b|\bsong tot\b|\bon dinh\b"),
)
_ANSWERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("co", "da co", "roi", "tot", "yes", "covered"), "co_song"),
    **dict.fromkeys(("khong", "chua", "chua co", "khong co", "no"), "gap"),
    **{word: word.replace(" ", "_") for word in ("trang song", "lom song", "co song")},
    "no signal": "trang_song",
    "partial": "lom_song",
    "weak": "song_yeu",
    "ts": "trang_song",
    "ls": "lom_song",
}
_TICKS: Final = frozenset({"x", "v", "1", "co", "yes", "true", "✓"})
_UNTICKED: Final = frozenset({"", "0", "khong", "no", "false", "-"})
_POWERLESS: Final = (
    re.compile(r"\b(?:chưa|không|chưa được)(?: có)?(?: sử dụng)? điện\b"),
    re.compile(r"\b(?:chua|khong|chua duoc)(?: co)?(?: su dung)? dien\b"),
)
_POWERED: Final = (re.compile(r"\bđã có điện\b"), re.compile(r"\bda co dien\b"))


def signal_of_text(text: str) -> str | None:
    """Return what a title, a section or a cell says of signal, None where it says nothing."""
    white, hollow = _says(_WHITE, text), _says(_HOLLOW, text)
    if (white or hollow) and _says(_DONE, text):
        # "Xóa vùng lõm sóng" is what a plan means to do; of one hamlet it says that it is done.
        return "co_song"
    if white or hollow:
        return "gap" if white and hollow else "trang_song" if white else "lom_song"
    for patterns, says in ((_NONE, "trang_song"), (_WEAK, "song_yeu"), (_THERE, "co_song")):
        if _says(patterns, text):
            return says
    return None


def signal_of_title(text: str) -> str | None:
    """Return what a title says of all hamlets below it: plans to end lõm sóng list those that are lõm sóng."""
    white, hollow = _says(_WHITE, text), _says(_HOLLOW, text)
    if white or hollow:
        return "gap" if white and hollow else "trang_song" if white else "lom_song"
    return "trang_song" if _says(_NONE, text) else None


def signal_of_cell(cell: object) -> str | None:
    """Return what the cell of a class says, None where it is empty, `unclear` where its words are not known."""
    if is_missing(cell):
        return None
    text, _ = clean_text(cell)
    if not text:
        return None
    return _ANSWERS.get(words(text)) or signal_of_text(text) or "unclear"


def signal_of_ticks(cells: Mapping[str, object]) -> str | None:
    """Return the class whose column is ticked, None where none is, `unclear` where several are."""
    ticked = []
    for name, cell in cells.items():
        text = "" if is_missing(cell) else clean_text(cell)[0]
        answer = words(text) or text
        if answer in _TICKS:
            ticked.append(name)
        elif answer not in _UNTICKED:
            return "unclear"
    if not ticked:
        return None
    return ticked[0] if len(ticked) == 1 else "unclear"


def power_of_title(text: str) -> str | None:
    """Return what a title or a section says of grid power: grid, no_grid, or None where it says nothing."""
    if _says(_POWERLESS, text):
        return "no_grid"
    return "grid" if _says(_POWERED, text) else None


def _says(patterns: tuple[re.Pattern[str], re.Pattern[str]], text: str) -> bool:
    flat = clean_text(text)[0].casefold()
    return bool(patterns[0 if has_accents(flat) else 1].search(flat))
