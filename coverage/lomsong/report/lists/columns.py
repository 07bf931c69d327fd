"""Say what a column of a list is, and how its values are worded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

import pandas as pd

from lomsong.report import text
from lomsong.report.text import Language
from lomsong.report.text import lists as words
from lomsong.report.text.lists import Words

Kind = Literal[
    "text", "word", "date", "count", "number", "degrees", "metres", "level", "share", "money"
]

TEXTS: Final = frozenset({"text", "word", "date"})
"""Kinds that are written as texts; dates too, as far as they are known: a year, a month, a day."""
SEPARATOR: Final = "; "
"""Between the items of a cell that holds several."""
FIGURE: Final = ": "
"""Between an item and its figure."""
_CARRIER_LISTS: Final = frozenset(
    {"share_with", "nearest_site_carrier", "host_carrier", "candidate_carrier"}
    | {"carrier", "existing_carriers", "carriers_lacking"}
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a list."""

    name: str
    """Its name in the CSV and in `lists.rows`."""
    kind: Kind
    width: int
    """Of the column in a sheet [characters]."""
    heading: Words
    meaning: Words
    vocabulary: str | None = None
    """Where the values are words of this program: which of its vocabularies."""
    group: int = 0
    """Columns of one group stand together and look alike."""

    @property
    def counts_people(self) -> bool:
        """Whether it counts people: parts of a person stay in the cell, and nobody reads them."""
        return self.name.startswith("people")

    def in_group(self, group: int) -> "Column":
        """Return the column as one of a group."""
        return replace(self, group=group)


def column(
    name: str,
    kind: Kind,
    width: int,
    vi: tuple[str, str],
    en: tuple[str, str],
    *,
    vocabulary: str | None = None,
) -> Column:
    """Return a column from its heading and meaning in Vietnamese and in English."""
    return Column(
        name=name,
        kind=kind,
        width=width,
        heading=Words(*vi[:1], *en[:1]),
        meaning=Words(*vi[1:], *en[1:]),
        vocabulary=vocabulary,
    )


def worded(column: Column, value: object, *, language: Language) -> str:
    """Return how people read a text of a list; missing is empty."""
    if text.is_missing(value):
        return ""
    written = str(value)
    if column.name in _CARRIER_LISTS:
        return ", ".join(_carrier_said(part, language) for part in written.split(SEPARATOR) if part)
    if column.vocabulary is None:
        return written
    said = [_said(column.vocabulary, part, language) for part in written.split(SEPARATOR) if part]
    return SEPARATOR.join(said)


def shown(column: Column, value: object, *, language: Language) -> str:
    """Return how people read any value of a list; missing is empty."""
    if text.is_missing(value):
        return ""
    if column.kind == "date":
        return text.date(str(value), language)
    if column.kind in TEXTS:
        return worded(column, value, language=language)
    figure = float(cast("float", value))
    if column.kind == "degrees":
        # A point whatever the language: people paste coordinates into other programs.
        return f"{figure:.6f}"
    if column.kind == "share":
        return f"{text.number(100 * figure, language)} %"
    parted = column.kind in {"level", "number"} and not column.counts_people
    digits = 1 if parted else 0
    return text.number(figure, language, digits=digits).removesuffix(",0").removesuffix(".0")


def said_once(values: pd.Series, say: Callable[[object], str]) -> list[str]:
    """Return what is said of each value, asked once for equal ones; nothing where it is missing."""
    places, distinct = pd.factorize(values)
    said = [*map(say, distinct.tolist()), ""]  # place -1: missing
    return [said[place] for place in places.tolist()]


def carrier_label(carrier: str, language: Language) -> str:
    """Return the name of a carrier as people write it."""
    return text.value("carrier", carrier, language)


def _carrier_said(part: str, language: Language) -> str:
    """Return how a carrier is written, and the figure behind it where it has one."""
    carrier, colon, figure = part.partition(FIGURE)
    return f"{carrier_label(carrier, language)}{colon}{figure}"


def _said(vocabulary: str, word: str, language: Language) -> str:
    own = words.VOCABULARIES.get(vocabulary)
    if own is not None:
        return own[word].in_language(language)
    return text.value(vocabulary, word.lower() if vocabulary == "flag" else word, language)
