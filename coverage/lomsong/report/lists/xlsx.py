"""Write a list as XLSX for people: the list, what its columns mean, and where it comes from."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import xlsxwriter

from lomsong.report import text
from lomsong.report.lists import filled_sheet
from lomsong.report.lists.columns import TEXTS, Column, Kind, said_once, worded
from lomsong.report.lists.content import ListContent, classes, day, solutions, sources, thresholds
from lomsong.report.lists.filled_sheet import Rows
from lomsong.report.palette import CLASS_COLOURS, DARK_CLASSES
from lomsong.report.plain import cell
from lomsong.report.text import Language
from lomsong.report.text.lists import LABEL, SHEET

_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_NUMBER_FORMATS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "text": "@",
        "word": "@",
        "date": "@",
        "count": "#,##0",
        "number": "#,##0.0",
        "degrees": "0.000000",
        "metres": "#,##0",
        "level": "0.0",
        "share": "0 %",
        "money": "#,##0",
    }
)
_PRECISE: Final = frozenset({"vn2000_x_m", "vn2000_y_m"})
"""Coordinates keep their digits together."""
_HEADER_COLOURS: Final = ("#24415c", "#3d5a47")
_HEADER_HEIGHT: Final = 50
_FROZEN_COLUMNS: Final = 3
A3: Final = 8


def write(filled: ListContent, file: Path) -> None:
    """Write the workbook; the same list gives the same bytes, whatever the day."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    created = dt.datetime.combine(day(filled.result), dt.time())
    book.set_properties({"title": cell(filled.title), "created": created})
    tables = (
        (SHEET["list"], filled.rows, filled.columns),
        (SHEET["sites"], filled.sites, filled.site_columns),
    )
    for title, rows, columns in tables:
        _lay_out(book, filled, filled.say(title), columns, n_rows=len(rows))
    _write_explanations(book, filled)
    _write_sources(book, filled)
    book.close()
    content = {
        f"sheet{number}": Rows(columns=[_values(c, rows[c.name], filled) for c in columns])
        for number, (_, rows, columns) in enumerate(tables, start=1)
    }
    filled_sheet.write(buffer.getvalue(), content, file)


def _lay_out(
    book: Any,  # noqa: ANN401 -- xlsxwriter ships no types
    filled: ListContent,
    title: str,
    columns: Sequence[Column],
    *,
    n_rows: int,
) -> None:
    """Add a sheet with frozen, filtered headings over rows that are written later."""
    sheet = book.add_worksheet(title)
    headers = _header_formats(book)
    sheet.set_row(0, _HEADER_HEIGHT)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width, _plain_format(book, column))
        header = headers[column.group % len(headers)]
        sheet.write_string(0, position, cell(filled.say(column.heading)), header)
        if column.vocabulary == "class":
            _paint_classes(book, sheet, filled, position, n_rows=n_rows)
    sheet.freeze_panes(1, _FROZEN_COLUMNS)
    sheet.autofilter(0, 0, n_rows, len(columns) - 1)
    # Codes are meant to be text: without this every one of them wears a green corner.
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{n_rows + 1}"})
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, _FROZEN_COLUMNS - 1)
    sheet.fit_to_pages(3, 0)
    mark = text.say("map.synthetic", filled.language) if filled.synthetic else ""
    # "&" starts a code in headers of a sheet, also in the name of a project.
    sheet.set_header(f"&L{_header_text(filled.title)}&C{mark}&R&P / &N")


def _paint_classes(
    book: Any,  # noqa: ANN401 -- xlsxwriter ships no types
    sheet: Any,  # noqa: ANN401 -- xlsxwriter ships no types
    filled: ListContent,
    position: int,
    *,
    n_rows: int,
) -> None:
    """Colour the classes of a column by what its cells say, so that colours follow whoever corrects one."""
    for name, shape in _class_colours().items():
        said = text.value("class", name, filled.language)
        rule = {"type": "cell", "criteria": "==", "value": f'"{said}"'}
        sheet.conditional_format(
            1, position, max(n_rows, 1), position, {**rule, "format": book.add_format(shape)}
        )


def _values(column: Column, values: pd.Series, filled: ListContent) -> list[str] | list[float]:
    if column.kind in TEXTS:
        return said_once(values, partial(_text_of_cell, column, filled.language))
    figures: list[float] = values.to_numpy(float, na_value=np.nan).tolist()
    return figures


def _text_of_cell(column: Column, language: Language, value: object) -> str:
    return cell(worded(column, value, language=language))


def _plain_format(book: Any, column: Column) -> object:  # noqa: ANN401 -- xlsxwriter ships no types
    shape: dict[str, object] = {"num_format": _number_format(column), "valign": "top"}
    if column.kind in TEXTS:
        shape |= {"align": "left", "indent": 1}
    return book.add_format(shape)


def _write_explanations(book: Any, filled: ListContent) -> None:  # noqa: ANN401 -- xlsxwriter ships no types
    sheet = book.add_worksheet(filled.say(SHEET["explanations"]))
    bold = book.add_format({"bold": True, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    painted = _class_formats(book)
    sheet.set_column(0, 1, 30)
    sheet.set_column(2, 2, 90)
    row = _write_line(
        sheet, 0, [filled.say(LABEL[key]) for key in ("column", "name_in_files", "meaning")], bold
    )
    for column in filled.columns:
        line = [filled.say(column.heading), column.name, filled.say(column.meaning)]
        row = _write_line(sheet, row, line, wrapped)
    headings = [filled.say(LABEL[key]) for key in ("site_column", "name_in_files", "meaning")]
    row = _write_line(sheet, row + 1, headings, bold)
    for column in filled.site_columns:
        line = [filled.say(column.heading), column.name, filled.say(column.meaning)]
        row = _write_line(sheet, row, line, wrapped)
    for topic, lines in (
        ("classes", classes(filled.language)),
        ("solutions", solutions(filled.language)),
    ):
        headings = [filled.say(LABEL[key]) for key in (topic, "name_in_files", "meaning")]
        row = _write_line(sheet, row + 1, headings, bold)
        for called, name, meaning in lines:
            sheet.write_string(row, 0, called, painted.get(name, wrapped))
            sheet.write_string(row, 1, name, wrapped)
            sheet.write_string(row, 2, meaning, wrapped)
            row += 1
    headings = [filled.say(LABEL[key]) for key in ("thresholds", "value", "sources")]
    row = _write_line(sheet, row + 1, headings, bold)
    for name, value, source in thresholds(filled):
        sheet.write_string(row, 0, name, wrapped)
        sheet.write_number(row, 1, value)
        sheet.write_string(row, 2, source, wrapped)
        row += 1
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_sources(book: Any, filled: ListContent) -> None:  # noqa: ANN401 -- xlsxwriter ships no types
    sheet = book.add_worksheet(filled.say(SHEET["sources"]))
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "align": "left"})
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 90)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for row, (name, value) in enumerate(sources(filled)):
        sheet.write_string(row, 0, name, bold)
        if isinstance(value, int):
            sheet.write_number(row, 1, value, wrapped)
        else:
            sheet.write_string(row, 1, cell(value), wrapped)


def _write_line(
    sheet: Any,  # noqa: ANN401 -- xlsxwriter ships no types
    row: int,
    line: list[str],
    shape: object,
) -> int:
    """Write a line of texts and return the number of the next."""
    for position, said in enumerate(line):
        sheet.write_string(row, position, cell(said), shape)
    return row + 1


def _header_formats(book: Any) -> list[object]:  # noqa: ANN401 -- xlsxwriter ships no types
    """Return the looks of headings: groups of columns take turns."""
    shared = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}
    return [
        book.add_format(
            {**shared, "font_color": "#ffffff", "border_color": "#ffffff", "bg_color": colour}
        )
        for colour in _HEADER_COLOURS
    ]


def _class_formats(book: Any) -> dict[object, object]:  # noqa: ANN401 -- xlsxwriter ships no types
    placed = {"valign": "top", "align": "left", "indent": 1}
    return {name: book.add_format(shape | placed) for name, shape in _class_colours().items()}


def _class_colours() -> dict[str, dict[str, object]]:
    return {
        name: {
            "bg_color": colour,
            "font_color": "#ffffff" if name in DARK_CLASSES else "#000000",
            "border": 1,
            "border_color": "#c0c0c0",
        }
        for name, colour in CLASS_COLOURS.items()
    }


def _number_format(column: Column) -> str:
    if column.counts_people:
        return _NUMBER_FORMATS["count"]
    return "0.00" if column.name in _PRECISE else _NUMBER_FORMATS[column.kind]


def _header_text(title: str) -> str:
    """Return a title as a page header takes it: at most 100 characters, no codes."""
    return cell(title)[:100].replace("&", "&&")
