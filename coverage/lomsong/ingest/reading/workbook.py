"""Read tables that people typed: CSV and XLSX with titles above, merged cells, sections and totals."""

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import numpy as np
import numpy.typing as npt
import openpyxl
import pandas as pd
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from lomsong.errors import Faults
from lomsong.ingest.reading.headings import meaning, words
from lomsong.ingest.reading.values import clean_text
from lomsong.ingest.reading.vector import is_readable, sniff
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.vietnam.encodings import legacy_text
from lomsong.vietnam.names import split_commune_kind

SECTION: Final = "section"
"""Column of the commune that a line of its own names above its hamlets."""

_LOOK_FOR_HEADER: Final = 40
_DELIMITERS: Final = ",;\t|"
_NUMBERING: Final = re.compile(r"\(?(\d{1,2}|[A-Z])\)?")
_TOTALS: Final = frozenset(
    {
        "tổng cộng",
        "tổng số",
        "tổng",
        "cộng",
        "toàn xã",
        "toàn huyện",
        "toàn tỉnh",
        "tong cong",
        "tong so",
        "total",
    }
)
"""With their accents, because a hamlet may be called Công."""
_ORDER_HEADINGS: Final = ("stt", "tt", "so tt", "so thu tu", "no")

_REMARK: Final = re.compile(r"\s*(?:\([^()]*\)|:.*)\s*$")
_FIGURE: Final = re.compile(r"[\d.,%\s]+")

_MOST_CELLS: Final = 20_000_000
"""No list is so large: a sheet that reaches so far holds a stray cell (assumption)."""
_TRIPS: Final = (
    *(InvalidFileException, zipfile.BadZipFile, ParseError),
    *(KeyError, ValueError, AttributeError, IndexError, TypeError),
)
"""What openpyxl raises, or trips over, in a workbook that Excel would not have written."""

Grid = list[list[Any]]
Heads = Callable[[str], Mapping[str, str | None] | None]
"""Says of a text that stands alone in its row what it tells of the rows below: by column of the body; None where it
heads nothing."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """The body of a typed table: cells as they stand, under their headings."""

    file: Path
    body: pd.DataFrame
    rows: npt.NDArray[np.int64]
    """Row as the spreadsheet or text editor counts it."""
    header_row: int
    preamble: tuple[str, ...]
    """What stands above the headings: title, date, unit."""
    sheet: str = ""
    lowest: Mapping[str, str] = field(default_factory=dict)
    """The lowest line of each heading that stands in several: "Địa bàn Xã" is "Xã"."""
    notes: tuple[Note, ...] = ()


@dataclass(eq=False, kw_only=True)
class _Sheet:
    name: str
    cells: Grid
    lines: list[int]
    header_depth: Mapping[int, int]
    """For a row with cells merged downwards, the last row they reach (positions)."""
    never_computed: int = 0
    """Formulas of a sheet that knows the value of none."""


def read_table(
    file: Path,
    headings: Mapping[str, Sequence[str]],
    *,
    sheet: str | None = None,
    stated: Iterable[str] = (),
    faults: Faults,
) -> Table | None:
    """Read the sheet, and in it the table, whose headings say most of what is looked for.

    Parameters
    ----------
    file
        CSV (any usual delimiter; UTF-8, UTF-16 or Windows-1258) or XLSX.
    headings
        Accent-free headings of each field that is looked for.
    sheet
        Sheet of a workbook, where it is not to be found by its headings.
    stated
        Headings the user named.
    faults
        Takes what is wrong; None is returned then.
    """
    sheets = _open(file, sheet, faults)
    if sheets is None:
        return None
    wanted = frozenset(words(text) for text in stated)
    ranked = [(*_header(s, headings, wanted), -i) for i, s in enumerate(sheets)]
    best = max(ranked, default=(0, 0, 0))
    if not best[0]:
        _tell_no_headings(file, faults)
        return None
    rivals = [
        sheets[-place]
        for named, start, place in ranked
        if named == best[0] and _cut(file, sheets[-place], -start, Faults()) is not None
    ]
    if len(rivals) > 1:
        faults.add(
            Sentence(
                "several sheets hold such a table: {sheets}",
                sheets=", ".join(rival.name for rival in rivals),
            ),
            "Say which under layer, or put their rows on one sheet",
            file=file,
        )
        return None
    return _cut(file, sheets[-best[2]], -best[1], faults)


def read_tables(
    file: Path,
    headings: Mapping[str, Sequence[str]],
    *,
    stated: Iterable[str] = (),
    heads: Heads,
    mend: Callable[[pd.Series], pd.Series],
    faults: Faults,
) -> list[Table]:
    """Read the table of every sheet that has a row of headings.

    Parameters
    ----------
    file, headings, stated, faults
        As for `read_table`; nothing is returned where a fault is noted.
    heads
        What a text that stands alone in its row, but for figures, tells of the rows below it.
    mend
        Applied to the texts of each column before anything is read, for instance to undo an old encoding.
    """
    sheets = _open(file, None, faults)
    if sheets is None:
        return []
    wanted = frozenset(words(text) for text in stated)
    tables, without_rows = [], Faults()
    for sheet in sheets:
        _mend(sheet, mend)
        named, start = _header(sheet, headings, wanted)
        # A sheet of signatures or remarks is no table, and one without rows says nothing.
        if named and (table := _cut(file, sheet, -start, without_rows, heads)) is not None:
            tables.append(table)
    if not tables and len(without_rows):
        faults.extend(without_rows)
    elif not tables:
        _tell_no_headings(file, faults)
    return tables


def _open(file: Path, sheet: str | None, faults: Faults) -> list[_Sheet] | None:
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


def _tell_no_headings(file: Path, faults: Faults) -> None:
    faults.add(
        "no row of headings was found",
        "Give the table a row with the name of each column, or state them under columns",
        file=file,
    )


def _mend(sheet: _Sheet, mend: Callable[[pd.Series], pd.Series]) -> None:
    for position in range(len(sheet.cells[0]) if sheet.cells else 0):
        texts = pd.Series(
            [row[position] if isinstance(row[position], str) else None for row in sheet.cells],
            dtype="str",
        )
        mended = mend(texts)
        for line in np.flatnonzero((mended != texts).to_numpy() & texts.notna().to_numpy()):
            sheet.cells[line][position] = mended.iloc[line]


def _header(
    sheet: _Sheet, headings: Mapping[str, Sequence[str]], stated: frozenset[str]
) -> tuple[int, int]:
    """Return how many columns the best row of headings names, and minus its position."""

    def named(position: int) -> int:
        texts = [c for c in _joined(sheet, position) if c]
        lowest = _lowest(sheet, position)
        fields = {
            f for t in texts if (f := meaning(t, headings) or meaning(lowest.get(t, ""), headings))
        }
        return len(fields) + len(stated & {words(t) for t in texts})

    return max(
        ((named(p), -p) for p in range(min(len(sheet.cells), _LOOK_FOR_HEADER))), default=(0, 0)
    )


def _joined(sheet: _Sheet, position: int) -> list[str]:
    """Return the headings that start in a row, with what is merged or split below them."""
    last = sheet.header_depth.get(position, position)
    columns = zip(*sheet.cells[position : last + 1], strict=True)
    return [" ".join(dict.fromkeys(_shown(c) for c in column if _shown(c))) for column in columns]


def _lowest(sheet: _Sheet, position: int) -> dict[str, str]:
    """Return the lowest line of each heading that stands in several rows."""
    last = sheet.header_depth.get(position, position)
    lowest = [_shown(cell) for cell in sheet.cells[last]]
    return {
        joined: own
        for joined, own in zip(_joined(sheet, position), lowest, strict=True)
        if own and own != joined
    }


def _shown(cell: object) -> str:
    return " ".join(str(cell).split()) if isinstance(cell, str) else ""


def head_of_communes(text: str) -> Mapping[str, str | None] | None:
    """Say that a commune that stands alone in its row is the commune of the rows below it."""
    commune = commune_heading(text)
    return None if commune is None else {SECTION: commune}


def _cut(
    file: Path, sheet: _Sheet, start: int, faults: Faults, heads: Heads = head_of_communes
) -> Table | None:
    """Take the body below the headings apart from numbering, sections, totals and empty rows."""
    names = _unique(_joined(sheet, start))
    ordering = {i for i, n in enumerate(names) if words(n) in _ORDER_HEADINGS}
    first = sheet.header_depth.get(start, start) + 1
    kept: Grid = []
    lines, skipped = [], []
    sections: list[Mapping[str, str | None]] = []
    section: Mapping[str, str | None] = {}
    for line, cells in zip(sheet.lines[first:], sheet.cells[first:], strict=True):
        told = [c for i, c in enumerate(cells) if i not in ordering and not _is_blank(c)]
        if not told or (not kept and _is_numbering(cells)):
            continue
        if (lone := _lone(told)) and (above := heads(lone)):
            section = {**section, **above}
        elif _is_total(cells):
            skipped.append(line)
        else:
            kept.append(cells)
            lines.append(line)
            sections.append(section)
    if not kept:
        faults.add(
            "the table has headings but no rows",
            "Export it again",
            file=file,
            row=sheet.lines[start],
        )
        return None
    body = pd.DataFrame(kept, columns=names, dtype=object)
    for column in dict.fromkeys(column for section in sections for column in section):
        body[column] = [section.get(column) for section in sections]
    notes = [
        Note("row {row} looks like a total and was left out", about=file.name, row=line)
        for line in skipped
    ]
    if sheet.never_computed:
        pattern = "none of {n} formulas of sheet {sheet!r} was ever computed: open it and save it"
        notes.append(Note(pattern, about=file.name, n=sheet.never_computed, sheet=sheet.name))
    return Table(
        file=file,
        body=body.loc[:, [n for i, n in enumerate(body.columns) if n and i not in ordering]],
        rows=np.array(lines, np.int64),
        header_row=sheet.lines[start],
        preamble=tuple(
            dict.fromkeys(_shown(c) for row in sheet.cells[:start] for c in row if _shown(c))
        ),
        sheet=sheet.name,
        lowest=_lowest(sheet, start),
        notes=tuple(notes),
    )


def _lone(told: Sequence[object]) -> str | None:
    """Return the one text of a row that holds nothing else but figures, as a heading with its subtotals does."""
    texts = {c for c in told if isinstance(c, str) and not _FIGURE.fullmatch(c)}
    return texts.pop() if len(texts) == 1 else None


def _unique(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return result


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_numbering(cells: Sequence[object]) -> bool:
    """Tell the row "(1) (2) (3)" that official tables put under their headings."""
    told = [str(c).strip() for c in cells if not _is_blank(c)]
    matches = [m[1] for t in told if (m := _NUMBERING.fullmatch(t))]
    digits = [int(m) for m in matches if m.isdigit()]
    least = 3
    return (
        len(matches) == len(told) >= least
        and len(digits) > 1
        and all(b - a == 1 for a, b in pairwise(digits))
    )


def without_numbering(text: str) -> str:
    """Return a heading inside a table without its number before it and the remark behind: "II. Xã A (12 thôn)"."""
    bare_text = re.sub(r"^\s*(?:[IVXLC]+|\d+|[A-Z])\s*[.)/:-]\s*", "", text)
    return _REMARK.sub("", bare_text).strip()


def commune_heading(text: str) -> str | None:
    """Return the commune of a line like "I. Xã Bằng Thành", None where it heads no commune."""
    own = without_numbering(text)
    return own if split_commune_kind(own).kind else None


def _is_total(cells: Sequence[object]) -> bool:
    texts = [clean_text(c)[0].casefold().strip(" .:") for c in cells if isinstance(c, str)]
    return any(text in _TOTALS for text in texts)


def _read_csv(file: Path, faults: Faults) -> list[_Sheet]:
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
    return [_Sheet(name=file.stem, cells=padded, lines=lines, header_depth={})]


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
    head = text[:65536].splitlines()[:_LOOK_FOR_HEADER]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(head, delimiter=delimiter) if len(row) > 1)
        return max(((n * width, width) for width, n in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=evenness)


def _read_xlsx(file: Path, sheet: str | None, faults: Faults) -> list[_Sheet]:
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


def _sheet(computed: Worksheet, typed: Worksheet) -> _Sheet:
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
    return _Sheet(
        name=computed.title,
        cells=cells,
        lines=list(range(1, len(cells) + 1)),
        header_depth=depth,
        never_computed=_never_computed(computed, typed),
    )
