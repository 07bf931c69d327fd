"""Open the sheets of a workbook, or the text of a CSV, as grids of cells."""

import csv
import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from lomsong.errors import Faults
from lomsong.ingest.reading.kinds import is_readable, sniff
from lomsong.sentences import Sentence
from lomsong.vietnam.encodings import legacy_text

_LOOK_AT_LINES: Final = 40
_DELIMITERS: Final = ",;\t|"
_MOST_CELLS: Final = 20_000_000
"""No list is so large: a sheet that reaches so far holds a stray cell (assumption)."""
_TRIPS: Final = (
    *(InvalidFileException, zipfile.BadZipFile, ParseError),
    *(KeyError, ValueError, AttributeError, IndexError, TypeError),
)
"""What openpyxl raises, or trips over, in a workbook that Excel would not have written."""

Grid = list[list[Any]]


@dataclass(eq=False, kw_only=True)
class Sheet:
    """One sheet of a typed table."""

    name: str
    cells: Grid
    lines: list[int]
    header_depth: Mapping[int, int]
    """For a row with cells merged downwards, the last row they reach (positions)."""
    never_computed: int = 0
    """Formulas of a sheet that knows the value of none."""


def open_sheets(file: Path, sheet: str | None, faults: Faults) -> list[Sheet] | None:
    """Return the visible sheets of a workbook, all or the one that is named, or the one of a CSV; None, and a fault, where there are none."""
    if not is_readable(file, faults=faults):
        return None
    kind = sniff(file)
    if kind not in {"xlsx", "table"}:
        faults.add(
            "this is no table that can be read",
            "Save it as XLSX or CSV (an old .xls too)",
            file=file,
        )
        return None
    known = len(faults)
    sheets = _read_xlsx(file, sheet, faults) if kind == "xlsx" else _read_csv(file, faults)
    return None if len(faults) > known else sheets


def _read_csv(file: Path, faults: Faults) -> list[Sheet]:
    text = _decoded(file.read_bytes())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    cells: Grid = []
    lines = []
    try:
        start = 1
        for record in reader:
            cells.append(list(record))
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as broken:
        faults.add(
            Sentence("the file cannot be read as CSV ({reason})", reason=str(broken)),
            "Save it again as CSV or XLSX",
            file=file,
            row=reader.line_num,
        )
    width = max(map(len, cells), default=0)
    padded = [row + [None] * (width - len(row)) for row in cells]
    return [Sheet(name=file.stem, cells=padded, lines=lines, header_depth={})]


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Vietnamese Windows saves as "CSV" when not told UTF-8.
        return legacy_text(content)


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts most lines into the same number of cells, above one."""
    head = text[:65536].splitlines()[:_LOOK_AT_LINES]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(head, delimiter=delimiter) if len(row) > 1)
        return max(((n * width, width) for width, n in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=evenness)


def _read_xlsx(file: Path, sheet: str | None, faults: Faults) -> list[Sheet]:
    try:
        with warnings.catch_warnings():
            # openpyxl warns of drop-down lists and styles it does not keep; none carries data.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(file, data_only=True)
            typed = openpyxl.load_workbook(file) if _has_formulas(file) else book
    except _TRIPS as broken:
        faults.add(
            Sentence("the workbook cannot be read ({reason})", reason=str(broken)),
            "Save it again as XLSX",
            file=file,
        )
        return []
    if sheet is not None and sheet not in book.sheetnames:
        faults.add(
            "there is no such sheet",
            Sentence("The file has {columns}", columns=", ".join(book.sheetnames)),
            file=file,
            value=sheet,
        )
        return []
    chosen = [sheet] if sheet is not None else book.sheetnames
    for name in chosen:
        rows, columns = _extent(book[name]) if isinstance(book[name], Worksheet) else (0, 0)
        if rows * columns > _MOST_CELLS:
            faults.add(
                Sentence(
                    "the sheet reaches {n:,} rows down and {columns:,} columns across",
                    n=rows,
                    columns=columns,
                ),
                "Delete what stands far outside the table",
                file=file,
                value=name,
            )
            return []
    return [
        _sheet(book[n], typed[n])
        for n in chosen
        if isinstance(book[n], Worksheet) and book[n].sheet_state == "visible"
    ]


def _never_computed(computed: Worksheet, typed: Worksheet) -> int:
    """Count the formulas of a sheet that knows the value of none: a program wrote it, and nobody opened it since."""
    formulas = [cell.coordinate for cell in _cells(typed) if cell.data_type == "f"]
    known = any(computed[place].value is not None for place in formulas)
    return 0 if known else len(formulas)


def _has_formulas(file: Path) -> bool:
    with zipfile.ZipFile(file) as archive:
        parts = [n for n in archive.namelist() if n.startswith("xl/worksheets/")]
        return any(b"<f" in archive.read(n) for n in parts if n.endswith(".xml"))


def _cells(sheet: Worksheet) -> list[Cell]:
    return list(sheet._cells.values())  # noqa: SLF001 -- asked row by row, an empty sheet has 17 billion


def _extent(sheet: Worksheet) -> tuple[int, int]:
    """Return the last row and the last column that tell anything; a sheet keeps whatever was once formatted."""
    told = [(cell.row, cell.column) for cell in _cells(sheet) if cell.value is not None]
    return max((row for row, _ in told), default=0), max((column for _, column in told), default=0)


def _sheet(computed: Worksheet, typed: Worksheet) -> Sheet:
    """Return a sheet's cells, merged ones filled, formulas nobody computed as their text."""
    typed_to, computed_to = _extent(typed), _extent(computed)
    rows, columns = max(typed_to[0], computed_to[0]), max(typed_to[1], computed_to[1])
    box = {"max_row": max(rows, 1), "max_col": max(columns, 1), "values_only": True}
    cells: Grid = [
        [t if v is None and isinstance(t, str) else v for v, t in zip(values, texts, strict=False)]
        for values, texts in zip(computed.iter_rows(**box), typed.iter_rows(**box), strict=True)
    ]
    depth: dict[int, int] = {}
    for merged in computed.merged_cells.ranges:
        top, left = merged.min_row - 1, merged.min_col - 1
        for row in range(top, min(merged.max_row, len(cells))):
            for column in range(left, min(merged.max_col, len(cells[row]))):
                cells[row][column] = cells[top][left]
        if merged.max_row - 1 > top:
            depth[top] = max(depth.get(top, 0), merged.max_row - 1)
    return Sheet(
        name=computed.title,
        cells=cells,
        lines=list(range(1, len(cells) + 1)),
        header_depth=depth,
        never_computed=_never_computed(computed, typed),
    )
