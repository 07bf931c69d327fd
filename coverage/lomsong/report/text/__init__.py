"""Say everything that outputs say, in Vietnamese or English, from one table of words per language."""

import datetime as dt
from collections.abc import Mapping
from typing import Final, cast, get_args

import pandas as pd

from lomsong.errors import DefectError
from lomsong.report.text.en import WORDS as ENGLISH
from lomsong.report.text.vi import WORDS as VIETNAMESE
from lomsong.vietnam.carriers import CARRIERS
from lomsong.wording import Language, figure_in

__all__ = ["LANGUAGES", "WORDS", "Language", "date", "is_missing", "number", "say", "value"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_CARRIERS: Final = {f"carrier.{carrier.name}": carrier.label for carrier in CARRIERS.values()}
WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "vi": {**VIETNAMESE, **_CARRIERS},
    "en": {**ENGLISH, **_CARRIERS},
}
"""By language and key. `{name}` inside a text is a figure's place: the map's script fills it in the same way."""

_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def say(key: str, language: Language, **figures: object) -> str:
    """Return the text of a key with its figures filled in; figures are shown as they are, so format them first."""
    try:
        text = WORDS[language][key]
    except KeyError:
        raise DefectError(f'no text for "{key}" in "{language}"') from None
    try:
        return text.format_map(figures) if figures else text
    except KeyError as missing:
        raise DefectError(f'text "{key}" needs the figure {missing}') from None


def value(column: str, content: object, language: Language) -> str:
    """Return how a table's value is called: `value("class", "no_signal", "vi")` is "Trắng sóng".

    Carriers that no text names go by their own name, as "608-02" does; a missing value is called "?".
    """
    if is_missing(content):
        return say("missing", language)
    key = f"{column}.{content}"
    if column == "carrier" and key not in WORDS[language]:
        return str(content)
    return say(key, language)


def is_missing(content: object) -> bool:
    """Tell whether a table's cell holds nothing: None, NaN, NaT or NA."""
    return content is None or bool(pd.isna(cast("float", content)))


def number(figure: float | None, language: Language, *, digits: int = 0) -> str:
    """Return a figure as it is written in the language: 1.234,5 in Vietnamese, 1,234.5 in English."""
    if is_missing(figure):
        return say("missing", language)
    return figure_in(cast("float", figure), language, digits=digits).replace("-", "−")


def date(iso: str | dt.date | None, language: Language) -> str:
    """Return a date as it is written in the language; of a year or a month alone, that much."""
    if is_missing(iso):
        return say("missing", language)
    parts = str(iso)[:10].split("-")
    if not all(part.isdigit() for part in parts):
        return str(iso)
    if language == "vi":
        return "/".join(reversed(parts))
    year, *rest = parts
    month = [_MONTHS[int(rest[0]) - 1]] if rest and 1 <= int(rest[0]) <= len(_MONTHS) else rest[:1]
    return " ".join([*(str(int(day)) for day in rest[1:2]), *month, year])
