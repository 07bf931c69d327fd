"""Write tables as the sheets of one workbook, the same bytes for the same tables."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import xlsxwriter

from lomsong.errors import Fault, InputError
from lomsong.report import csv_table, text
from lomsong.report.plain import cell
from lomsong.sentences import Sentence

FORMATS: Final = (".xlsx", ".csv")
_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    # Rows go to the file as they are written: lists of a whole country would fill the memory.
    "constant_memory": True,
}
_CREATED: Final = dt.datetime(1980, 1, 1)  # noqa: DTZ001 -- the first day of a zip archive, of no zone
_LONGEST_TITLE: Final = 31
_WIDTHS: Final = (8, 48)


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """One sheet: lines of text on top, then a table under its headings."""

    title: str
    table: pd.DataFrame
    """As it is shown: headings as its columns, words for values."""
    above: Sequence[str] = ()


def write_book_or_tables(
    file: Path, *, sheets: Callable[[], Sequence[Sheet]], tables: Mapping[str, pd.DataFrame]
) -> list[Path]:
    """Write XLSX with all sheets, or CSV with one table a file: `tables` by what is added to the file's name.

    Raises
    ------
    InputError
        Where the name of the file ends in neither.
    """
    suffix = file.suffix.lower()
    if suffix == ".xlsx":
        write_book(sheets(), file)
        return [file]
    if suffix != ".csv":
        fault = Fault(
            file=file,
            problem="this kind of file is not written",
            remedy=Sentence("End its name in {suffix}", suffix=" / ".join(FORMATS)),
        )
        raise InputError([fault])
    written = []
    for added, table in tables.items():
        written.append(file.with_name(f"{file.stem}_{added}.csv") if added else file)
        csv_table.write(table, written[-1])
    return written


def write_book(sheets: Sequence[Sheet], file: Path) -> None:
    """Write the sheets; texts stay texts, figures figures, missing values empty."""
    book = xlsxwriter.Workbook(file, _OPTIONS)
    book.set_properties({"created": _CREATED})
    heading = book.add_format(
        {
            "bold": True,
            "text_wrap": True,
            "valign": "top",
            "bg_color": "#24415c",
            "font_color": "#ffffff",
        }
    )
    plain = book.add_format({"valign": "top"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.title[:_LONGEST_TITLE])
        for line, said in enumerate(sheet.above):
            page.write_string(line, 0, cell(said))
        top = len(sheet.above) + bool(sheet.above)
        for position, name in enumerate(sheet.table.columns):
            page.set_column(position, position, _width(name, sheet.table[name].head(200).tolist()))
            page.write_string(top, position, cell(str(name)), heading)
        rows = sheet.table.itertuples(index=False, name=None)
        for line, values in enumerate(rows, start=top + 1):
            for position, value in enumerate(values):
                if text.is_missing(value):
                    continue
                if isinstance(value, bool | str):
                    page.write_string(line, position, cell(str(value)), plain)
                else:
                    page.write_number(line, position, value, plain)
        page.freeze_panes(top + 1, 0)
        if len(sheet.table):
            page.autofilter(top, 0, top + len(sheet.table), len(sheet.table.columns) - 1)
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{top + len(sheet.table) + 1}"})
        page.set_landscape()
        page.fit_to_pages(1, 0)
    book.close()


def _width(name: object, values: Sequence[object]) -> int:
    longest = max((len(str(value)) for value in values if not text.is_missing(value)), default=0)
    return min(max(longest + 2, len(str(name)) // 2 + 2, _WIDTHS[0]), _WIDTHS[1])
