"""Write a list as XLSX for people: the list, what its columns mean, and where it comes from."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import xlsxwriter

from lomsong.report import text
from lomsong.report.lists.columns import Column, Kind, worded
from lomsong.report.lists.content import ListContent, classes, day, solutions, sources, thresholds
from lomsong.report.palette import CLASS_COLOURS, DARK_CLASSES
from lomsong.report.plain import cell
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
    book = xlsxwriter.Workbook(file, _OPTIONS)
    created = dt.datetime.combine(day(filled.result), dt.time())
    book.set_properties({"title": cell(filled.title), "created": created})
    _write_list(book, filled)
    _write_explanations(book, filled)
    _write_sources(book, filled)
    book.close()


def _write_list(book: Any, filled: ListContent) -> None:  # noqa: ANN401 -- xlsxwriter ships no types
    sheet = book.add_worksheet(filled.say(SHEET["list"]))
    n_rows, columns = len(filled.rows), filled.columns
    headers = _header_formats(book)
    sheet.set_row(0, _HEADER_HEIGHT)
    painted = _class_formats(book)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        header = headers[column.group % len(headers)]
        sheet.write_string(0, position, cell(filled.say(column.heading)), header)
        plain = book.add_format({"num_format": _number_format(column), "valign": "top"})
        if column.kind in {"text", "word"}:
            plain.set_align("left")
            plain.set_indent(1)
        for row, value in enumerate(filled.rows[column.name], start=1):
            shape = painted.get(value, plain) if column.vocabulary == "class" else plain
            if text.is_missing(value):
                sheet.write_blank(row, position, None, shape)
            elif column.kind in {"text", "word"}:
                said = worded(column, value, language=filled.language)
                sheet.write_string(row, position, cell(said), shape)
            else:
                sheet.write_number(row, position, value, shape)
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
    return {
        name: book.add_format(
            {
                "bg_color": colour,
                "font_color": "#ffffff" if name in DARK_CLASSES else "#000000",
                "border": 1,
                "border_color": "#c0c0c0",
                "valign": "top",
                "align": "left",
                "indent": 1,
            }
        )
        for name, colour in CLASS_COLOURS.items()
    }


def _number_format(column: Column) -> str:
    return "0.00" if column.name in _PRECISE else _NUMBER_FORMATS[column.kind]


def _header_text(title: str) -> str:
    """Return a title as a page header takes it: at most 100 characters, no codes."""
    return cell(title)[:100].replace("&", "&&")
