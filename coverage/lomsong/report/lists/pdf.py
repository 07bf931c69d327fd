"""Print a list on A4: a small map, a table and the sources, set by typst."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pandas as pd
import typst

from lomsong.report import text
from lomsong.report.charts.drawing import FONT_FOLDER
from lomsong.report.lists.columns import TEXTS, Column, shown
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
    "candidate_site": 11,
    "lat": 10,
    "lon": 10.5,
    "priority": 7,
}
"""Printed columns in order, and their shares of the page."""
_OF_SITES: Final[Mapping[str, Mapping[str, float]]] = {
    "sites_for_whom": {
        "rank": 5,
        "site_id": 13,
        "carrier": 11,
        "existing_site": 12,
        "existing_carriers": 11,
        "mast_m": 6,
        "lat": 11,
        "lon": 12,
        "people_gained": 8,
        "people_expected": 8,
        "households_gained": 7.5,
        "hamlets_served": 36,
        "carriers_lacking": 22,
        "stability": 7,
        "stability_alike": 8.5,
        "stability_said": 14,
    },
    "sites_cost": {
        "rank": 5,
        "site_id": 13,
        "cost_vnd": 9,
        "cost_radio_vnd": 9,
        "cost_mast_vnd": 9,
        "cost_civil_vnd": 9,
        "cost_power_vnd": 9,
        "cost_backhaul_vnd": 9,
        "cost_operation_vnd": 9,
        "cost_present_vnd": 9,
        "cost_vnd_per_person": 9,
        "power_solution": 11,
        "grid_distance_m": 9,
        "backhaul_kind": 11,
        "backhaul_site": 14,
        "backhaul_distance_m": 9,
        "backhaul_clear": 8,
    },
}
"""Printed columns of the two tables of sites, as far as the sites have them."""
LONGEST_OF_SITE: Final = 260
"""Characters of a cell of a site: the names of those whom it serves are what it is for."""
_BESIDE_MAP: Final = 14
"""So many lines of sources fit beside the map; more stand at the end."""
_BETWEEN_DEGREES: Final = re.compile(r"(?<=\d[NS])(?=\d)")
_BREAK_EVERY: Final = 12
"""Letters after which a word without spaces may be broken."""
_MILLION: Final = 1e6
_FINE_BELOW: Final = 100 * _MILLION
_MOST_INPUTS: Final = 12
"""Files of the input that paper names; the manifest names all."""
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
    widths = {n: w for n, w in _WIDTHS.items() if n != "commune_name" or filled.commune is None}
    lines = _few(sources(filled), filled)
    # Paper names what is proposed; places that were not chosen are for the XLSX.
    in_plan = filled.rows["candidate_rank"].notna()
    rows = filled.rows.assign(candidate_site=filled.rows["candidate_site"].where(in_plan))
    sites = filled.sites[filled.sites["rank"].notna()]
    subtitle = [filled.result.settings.project.name, filled.commune or ""]
    return {
        "title": _short(filled.title),
        "subtitle": _short(" – ".join(part for part in subtitle if part)),
        "language": language,
        "day": {"year": date.year, "month": date.month, "day": date.day},
        "synthetic": text.say("map.synthetic", language) if filled.synthetic else "",
        "made-by": _made_by(filled),
        "facts": _facts(filled),
        "list": _table(filled, rows, filled.columns, widths),
        "sites": [
            {"title": filled.say(LABEL[title])}
            | _table(filled, sites, filled.site_columns, own, longest=LONGEST_OF_SITE)
            for title, own in _OF_SITES.items()
            if len(sites)
        ],
        "beside": len(lines) <= _BESIDE_MAP,
        "sources": [[_short(name), _short(_said(value, language))] for name, value in lines],
        "words": {
            "page": filled.say(LABEL["page"]),
            "no_rows": filled.say(LABEL["no_rows"]),
            "sources": filled.say(LABEL["sources"]),
            "map": filled.say(LABEL["map"]),
        },
    }


def _few(lines: list[tuple[str, str | int]], filled: ListContent) -> list[tuple[str, str | int]]:
    """Return the lines with so many files of the input as paper has room for."""
    name = filled.say(LABEL["input"])
    files = [line for line in lines if line[0] == name]
    if len(files) <= _MOST_INPUTS:
        return lines
    left = len(files) - _MOST_INPUTS
    more = f"{text.number(left, filled.language)} {filled.say(LABEL['more_inputs'])}"
    return [*(line for line in lines if line[0] != name), *files[:_MOST_INPUTS], (name, more)]


def _table(
    filled: ListContent,
    rows: pd.DataFrame,
    columns: Sequence[Column],
    widths: Mapping[str, float],
    *,
    longest: int = LONGEST,
) -> dict[str, Any]:
    """Return what the template shows of a table: those of its columns that have a width, in that order."""
    by_name = {column.name: column for column in columns}
    shown_columns = [by_name[name] for name in widths if name in by_name]
    return {
        "headings": [_heading(filled, column) for column in shown_columns],
        "widths": [widths[column.name] for column in shown_columns],
        "aligned": ["left" if c.kind in TEXTS else "right" for c in shown_columns],
        "rows": [
            [
                _cell(column, row[column.name], filled.language, longest=longest)
                for column in shown_columns
            ]
            for row in rows.to_dict("records")
        ],
    }


def _heading(filled: ListContent, column: Column) -> str:
    """Return a heading; the unit of money stands above the table."""
    said = filled.say(column.heading)
    return said.partition(" [")[0] if column.kind == "money" else said


def _facts(filled: ListContent) -> list[list[str]]:
    """Return the totals of the list and the thresholds behind it."""
    language, rows = filled.language, filled.rows
    facts = [
        [filled.say(LABEL["hamlets_listed"]), text.number(len(rows), language)],
        [text.say("column.households", language), _total(rows["households"], language)],
        [text.say("column.people", language), _total(rows["people"], language)],
        [filled.say(LABEL["people_unserved"]), _total(rows["people_unserved"], language)],
    ]
    no_grid = int((rows["gap_no_grid"] == True).sum())  # noqa: E712 -- missing is not true
    facts.append([text.say("column.gap_no_grid", language), text.number(no_grid, language)])
    facts += [[name, _plain(value, language)] for name, value, _ in thresholds(filled)]
    return facts


def _cell(
    column: Column, value: object, language: Language, *, longest: int
) -> str | dict[str, str]:
    if column.kind == "money" and isinstance(value, float) and not text.is_missing(value):
        digits = 0 if value >= _FINE_BELOW or not value else 1
        return text.number(value / _MILLION, language, digits=digits)
    said = _short(shown(column, value, language=language), longest=longest)
    if column.name != "class":
        return said
    name = str(value)
    ink = "#ffffff" if name in DARK_CLASSES else "#000000"
    return {"text": said, "fill": CLASS_COLOURS[name], "ink": ink}


def _short(said: str, *, longest: int = LONGEST) -> str:
    """Return a text that fits a cell: cut with a mark, and breakable where it has no spaces."""
    line = " ".join(printable(said).split())
    kept = line if len(line) <= longest else f"{line[: longest - 1]}…"
    return " ".join(_breakable(word) for word in kept.split(" "))


def _breakable(word: str) -> str:
    """Let a long word break: a place that is called by its degrees between latitude and longitude."""
    pieces = _BETWEEN_DEGREES.split(word)
    parts = [p[i : i + _BREAK_EVERY] for p in pieces for i in range(0, len(p), _BREAK_EVERY)]
    return _ZERO_WIDTH_SPACE.join(parts)


def _plain(figure: float, language: Language) -> str:
    """Return a figure with the digits it has."""
    written = f"{figure:g}"
    digits = len(written.partition(".")[2])
    return text.number(figure, language, digits=digits)


def _total(figures: pd.Series, language: Language) -> str:
    """Return a sum; where some figures are missing it is a sum and something more."""
    told = text.number(float(figures.sum()), language)
    return f"{told} + ?" if figures.isna().any() else told


def _said(value: str | int, language: Language) -> str:
    return text.number(value, language) if isinstance(value, int) else value


def _made_by(filled: ListContent) -> str:
    return _short(text.say("map.made_by", filled.language, version=version(filled.result)))
