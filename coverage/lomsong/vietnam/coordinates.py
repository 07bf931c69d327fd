"""Read one coordinate from text: degrees, minutes and seconds, decimal commas, thousands separators."""

import re

from lomsong.vietnam.spelling import cleaned

_NUMBER = r"\d+(?:[.,]\d+)?"
_SEXAGESIMAL = re.compile(
    rf"(?P<sign>-?)(?P<degrees>{_NUMBER})\s*(?:°|º|o|d|độ|deg|\s)\s*"
    rf"(?:(?P<minutes>{_NUMBER})\s*(?:'|m|phút|min|\s|$)\s*)?"
    rf"(?:(?P<seconds>{_NUMBER})\s*(?:\"|''|s|giây|sec|$)?)?",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"-?{_NUMBER}(?:e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = (
    # Two groups at least, or a decimal part of the other sign: 1.234 alone is a decimal number.
    (re.compile(r"-?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|-?\d{1,3}\.\d{3},\d+"), "."),
    (re.compile(r"-?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|-?\d{1,3},\d{3}\.\d+"), ","),
    (re.compile(r"-?\d{1,3}(?: \d{3})+(?:[.,]\d+)?"), " "),
)
_DIRECTION_FIRST = re.compile(
    r"(vĩ độ|kinh độ|bắc|nam|đông|tây|[nsewbđt])[\s:.]*(?=\d)(.*)", re.IGNORECASE
)
_DIRECTION_LAST = re.compile(r"(.*\d[\s°º'\"]*?)(bắc|nam|đông|tây|[nsewbđt])\.?", re.IGNORECASE)
# N is north, as GPS devices write it, never nam (south): no place of Vietnam lies there.
_NEGATIVE = frozenset({"s", "w", "nam", "tây", "t"})
_QUOTES = str.maketrans({"’": "'", "′": "'", "‘": "'", "´": "'", "″": '"', "”": '"', "“": '"'})
_SIXTY = 60
_SMALLEST_PROJECTED = 100_000


def parse_coordinate(value: object) -> float | None:
    """Return a coordinate as a number: degrees, or metres where the text is a projected number.

    Read are `105°45'30"`, `105 45 30`, `105°45,5'`, `N 21,0285`, `21°01'42" B`, `105,7583`,
    `1.234.567,89`, `2 345 678.9`. South, west, nam, tây make it negative. None where the text is no coordinate or
    its minutes or seconds reach 60.
    """
    text = cleaned(str(value).translate(_QUOTES)).casefold()
    number = _number(text)
    if number is not None:
        return number
    for pattern, digits, word in ((_DIRECTION_FIRST, 2, 1), (_DIRECTION_LAST, 1, 2)):
        found = pattern.fullmatch(text)
        if found and (number := _number(found[digits].strip())) is not None:
            return -number if found[word] in _NEGATIVE else number
    return None


def _number(text: str) -> float | None:
    plain = _plain(text)
    return _sexagesimal(text) if plain is None else plain


def _plain(text: str) -> float | None:
    if _PLAIN.fullmatch(text):
        return float(text.replace(",", "."))
    for pattern, separator in _THOUSANDS:
        if pattern.fullmatch(text):
            number = float(text.replace(separator, "").replace(",", "."))
            # "105 450" may be degrees and odd minutes; a projected number is larger.
            if separator != " " or abs(number) >= _SMALLEST_PROJECTED:
                return number
    return None


def _sexagesimal(text: str) -> float | None:
    found = _SEXAGESIMAL.fullmatch(text)
    if not found:
        return None
    degrees, minutes, seconds = (
        float((found[part] or "0").replace(",", ".")) for part in ("degrees", "minutes", "seconds")
    )
    if minutes >= _SIXTY or seconds >= _SIXTY:
        return None
    value = degrees + minutes / _SIXTY + seconds / _SIXTY**2
    return -value if found["sign"] else value
