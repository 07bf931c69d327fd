"""Read tables that people typed: CSV and XLSX with titles above, merged cells, sections and totals."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lomsong.errors import Faults
from lomsong.ingest.reading.headings import meaning, words
from lomsong.ingest.reading.sheets import Grid, Sheet, open_sheets
from lomsong.ingest.reading.values import clean_text
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.vietnam.names import split_commune_kind

SECTION: Final = "section"
"""Column of the commune that a line of its own names above its hamlets."""

_LOOK_FOR_HEADER: Final = 40
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
    sheets = open_sheets(file, sheet, faults)
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
    sheets = open_sheets(file, None, faults)
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


def _tell_no_headings(file: Path, faults: Faults) -> None:
    faults.add(
        "no row of headings was found",
        "Give the table a row with the name of each column, or state them under columns",
        file=file,
    )


def _mend(sheet: Sheet, mend: Callable[[pd.Series], pd.Series]) -> None:
    for position in range(len(sheet.cells[0]) if sheet.cells else 0):
        texts = pd.Series(
            [row[position] if isinstance(row[position], str) else None for row in sheet.cells],
            dtype="str",
        )
        mended = mend(texts)
        for line in np.flatnonzero((mended != texts).to_numpy() & texts.notna().to_numpy()):
            sheet.cells[line][position] = mended.iloc[line]


def _header(
    sheet: Sheet, headings: Mapping[str, Sequence[str]], stated: frozenset[str]
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


def _joined(sheet: Sheet, position: int) -> list[str]:
    """Return the headings that start in a row, with what is merged or split below them."""
    last = sheet.header_depth.get(position, position)
    columns = zip(*sheet.cells[position : last + 1], strict=True)
    return [" ".join(dict.fromkeys(_shown(c) for c in column if _shown(c))) for column in columns]


def _lowest(sheet: Sheet, position: int) -> dict[str, str]:
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
    file: Path, sheet: Sheet, start: int, faults: Faults, heads: Heads = head_of_communes
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
