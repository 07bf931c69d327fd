"""Print a list on A4: a small map, a table and the sources, set by typst."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst

from lomsong.report import text
from lomsong.report.charts.drawing import FONT_FOLDER
from lomsong.report.lists.columns import Column, shown
from lomsong.report.lists.content import ListContent, content, day, sources, thresholds, version
from lomsong.report.lists.printed_map import draw
from lomsong.report.palette import CLASS_COLOURS, DARK_CLASSES
from lomsong.report.plain import printable
from lomsong.report.text import Language
from lomsong.report.text.lists import LABEL
from lomsong.result import Result

TEMPLATE: Final = "list_page.typ"
LONGEST: Final = 90
"""Characters of one cell: paper does not scroll, the XLSX has the whole text."""
_WIDTHS: Final = {
    "rank": 5,
    "name": 16,
    "commune_name": 13,
    "households": 6,
    "people": 7,
    "class": 10,
    "people_unserved": 8,
    "power": 11,
    "evidence": 9,
    "newest": 10.5,
    "solution": 16,
    "share_with": 11,
    "nearest_site_m": 9,
    "candidate_site": 8,
    "lat": 10,
    "lon": 10.5,
    "priority": 7,
}
"""Printed columns in order, and their shares of the page."""
_BREAK_EVERY: Final = 12
"""Letters after which a word without spaces may be broken."""
_ZERO_WIDTH_SPACE: Final = "\u200b"


def write(
    result: Result,
    file: Path,
    *,
    commune: str | None = None,
    carrier: str | None = None,
    language: Language | None = None,
) -> None:
    """Print the list of a carrier, of one commune or of everything; `lists.rows` tells what the options mean.

    Two writes of the same result are byte-identical. No font and nothing else comes from the machine or the network.

    Raises
    ------
    InputError
        Where nobody knows the carrier or the commune.
    """
    write_list(content(result, carrier=carrier, commune=commune, language=language), file)


def write_list(filled: ListContent, file: Path) -> None:
    """Print a list that is already filled."""
    template = files("lomsong.report.lists").joinpath(TEMPLATE).read_bytes()
    page = typst.compile(
        template,
        format="pdf",
        font_paths=_fonts(),
        # Text goes in as data: the template never reads it as markup.
        sys_inputs={
            "data": json.dumps(_page(filled), ensure_ascii=False),
            "map": draw(filled).decode(),
        },
        timestamp=0,
    )
    file.write_bytes(page)


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts that come with matplotlib: the machine's own differ from place to place."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONT_FOLDER]
    )


def _page(filled: ListContent) -> dict[str, Any]:
    """Return everything that the template shows."""
    language, date = filled.language, day(filled.result)
    columns = [
        column
        for name in _WIDTHS
        for column in filled.columns
        if column.name == name and (name != "commune_name" or filled.commune is None)
    ]
    lines = sources(filled)
    subtitle = [filled.result.settings.project.name, filled.commune or ""]
    return {
        "title": _short(filled.title),
        "subtitle": _short(" – ".join(part for part in subtitle if part)),
        "language": language,
        "day": {"year": date.year, "month": date.month, "day": date.day},
        "synthetic": text.say("map.synthetic", language) if filled.synthetic else "",
        "made-by": _made_by(filled),
        "facts": _facts(filled),
        "headings": [filled.say(column.heading) for column in columns],
        "widths": [_WIDTHS[column.name] for column in columns],
        "aligned": ["left" if c.kind in {"text", "word"} else "right" for c in columns],
        "rows": [
            [_cell(column, row[column.name], language) for column in columns]
            for row in filled.rows.to_dict("records")
        ],
        "sources": [[_short(name), _short(_said(value, language))] for name, value in lines],
        "words": {
            "page": filled.say(LABEL["page"]),
            "no_rows": filled.say(LABEL["no_rows"]),
            "sources": filled.say(LABEL["sources"]),
            "map": filled.say(LABEL["map"]),
        },
    }


def _facts(filled: ListContent) -> list[list[str]]:
    """Return the totals of the list and the thresholds behind it."""
    language, rows = filled.language, filled.rows
    facts = [
        [filled.say(LABEL["hamlets_listed"]), text.number(len(rows), language)],
        [text.say("column.households", language), _total(rows["households"].sum(), language)],
        [text.say("column.people", language), _total(rows["people"].sum(), language)],
        [
            filled.say(LABEL["people_unserved"]),
            _total(rows["people_unserved"].sum(), language),
        ],
    ]
    no_grid = int((rows["gap_no_grid"] == True).sum())  # noqa: E712 -- missing is not true
    facts.append([text.say("column.gap_no_grid", language), text.number(no_grid, language)])
    facts += [[name, _plain(value, language)] for name, value, _ in thresholds(filled)]
    return facts


def _cell(column: Column, value: object, language: Language) -> str | dict[str, str]:
    said = _short(shown(column, value, language=language))
    if column.name != "class":
        return said
    name = str(value)
    ink = "#ffffff" if name in DARK_CLASSES else "#000000"
    return {"text": said, "fill": CLASS_COLOURS[name], "ink": ink}


def _short(said: str) -> str:
    """Return a text that fits a cell: cut with a mark, and breakable where it has no spaces."""
    line = " ".join(printable(said).split())
    kept = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
    return " ".join(_breakable(word) for word in kept.split(" "))


def _breakable(word: str) -> str:
    parts = [word[i : i + _BREAK_EVERY] for i in range(0, len(word), _BREAK_EVERY)]
    return _ZERO_WIDTH_SPACE.join(parts)


def _plain(figure: float, language: Language) -> str:
    """Return a figure with the digits it has."""
    written = f"{figure:g}"
    digits = len(written.partition(".")[2])
    return text.number(figure, language, digits=digits)


def _total(figure: float, language: Language) -> str:
    return text.number(figure, language)


def _said(value: str | int, language: Language) -> str:
    return text.number(value, language) if isinstance(value, int) else value


def _made_by(filled: ListContent) -> str:
    return _short(text.say("map.made_by", filled.language, version=version(filled.result)))
