"""Read official lists of hamlets without signal or power, whatever their layout: the meaning of headings finds all."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from lomsong.errors import Faults, InputError
from lomsong.ingest.official.words import (
    OFFICIAL_HEADINGS,
    SIGNAL_TICKS,
    power_of_title,
    signal_of_cell,
    signal_of_text,
    signal_of_ticks,
    signal_of_title,
)
from lomsong.ingest.power.words import first_date, power_told
from lomsong.ingest.reading.headings import Columns, find_columns
from lomsong.ingest.reading.values import clean_text
from lomsong.ingest.reading.workbook import (
    SECTION,
    Table,
    commune_heading,
    read_tables,
    without_numbering,
)
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.vietnam.names import repair_column
from lomsong.vietnam.spelling import bare, cleaned

ABOUT: Final = ("trang_song", "lom_song", "gap", "no_grid")
"""What a list may be stated to be about, where it does not say so."""
ROW_COLUMNS: Final = (
    "sheet",
    "row",
    "hamlet_id",
    "name",
    "commune_code",
    "commune_name",
    "commune_old",
    "district",
    "province",
    "says_signal",
    "says_power",
    "source",
    "as_of",
)

_TEXTS: Final = (
    "hamlet_id",
    "name",
    "commune_code",
    "commune_name",
    "commune_old",
    "district",
    "province",
)
_ABOVE: Final[Mapping[str, str]] = {
    "commune_name": SECTION,
    "district": "section district",
    "province": "section province",
}
_SIGNAL_ABOVE: Final = "section signal"
_POWER_ABOVE: Final = "section power"
_DISTRICT: Final = re.compile(r"(?:huyen|quan|thi xa|tx|thanh pho|tp)\b[. ]*\S")
_PROVINCE: Final = re.compile(r"tinh\b[. ]*\S")
_FOOTERS: Final = re.compile(
    r"(?:nguoi lap|nguoi tong hop|thu truong|chu tich|tm\b|kt\b|noi nhan|xac nhan|ghi chu|nguon\b|ky ten|"
    r"\(ky|lanh dao|truong phong|giam doc|.*\bngay \d{1,2} thang \d{1,2})"
)
_SOURCE: Final = re.compile(r"\bngu[oồ]n(?: số liệu| so lieu)?\s*[:：]\s*(.+)", re.IGNORECASE)
_COUNTED_FROM: Final = re.compile(r"tinh den|den ngay|den het|thoi diem|cap nhat")


@dataclass(frozen=True, eq=False, kw_only=True)
class OfficialList:
    """The rows of a list and what each says; nothing is joined yet."""

    file: Path
    rows: pd.DataFrame
    """`ROW_COLUMNS`, text but for `row`; `says_signal` of `SIGNALS`, `says_power` of `POWERS`, null where the row
    says nothing."""
    notes: tuple[Note, ...] = ()

    @property
    def of_powerless(self) -> bool:
        """Whether the list is one of hamlets without grid power, so that not being on it says something."""
        return bool((self.rows["says_power"] == "no_grid").any()) and not self.of_signal

    @property
    def of_signal(self) -> bool:
        """Whether the list is one of hamlets without signal."""
        return bool(self.rows["says_signal"].notna().any())

    @property
    def tells_communes(self) -> bool:
        """Whether any row says where its hamlet lies."""
        places = self.rows[["commune_code", "commune_name", "commune_old"]]
        return bool(places.notna().any(axis=None) or self.rows["hamlet_id"].notna().all())


def read_official_list(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    about: str | None = None,
    source: str | None = None,
    as_of: dt.date | None = None,
) -> OfficialList:
    """Read all sheets of a list; what a hamlet is listed for stands in its row, above it, in the title or in `about`.

    Parameters
    ----------
    path
        XLSX or CSV, titles above the headings, merged cells, groups by district and commune allowed; text of TCVN3
        and VNI fonts and mojibake is repaired.
    columns
        Column of each field (`OFFICIAL_HEADINGS`); fields left out are recognised.
    about
        What hamlets are listed for where the list does not say it, one of `ABOUT`.
    source, as_of
        Who made the list and when; default: its own columns, else what stands above and below its table, else its
        file name and no date.

    Raises
    ------
    InputError
        Saying what is missing: headings, names of hamlets, what they are listed for.
    """
    file, faults = Path(path), Faults()
    tables = read_tables(
        file,
        OFFICIAL_HEADINGS,
        stated=(columns or {}).values(),
        heads=_above,
        mend=lambda texts: repair_column(texts).texts,
        faults=faults,
    )
    faults.raise_if_any()
    with_names, skipped = _with_names(tables, columns or {}, faults)
    faults.raise_if_any()
    parts, notes = [], skipped
    for table, found in with_names:
        rows, told = _rows(
            table, found, about=about, source=source or _source(table) or file.name, as_of=as_of
        )
        parts.append(rows)
        notes += [*table.notes, *told]
    rows = pd.concat(parts, ignore_index=True)
    if rows[["says_signal", "says_power"]].isna().all(axis=None):
        faults.add(
            "the list does not say what its hamlets lack, neither in a column nor in a title",
            Sentence("Say it: --about {words}", words=" | ".join(ABOUT)),
            file=file,
            row=with_names[0][0].header_row,
        )
    faults.raise_if_any()
    return OfficialList(file=file, rows=rows, notes=tuple(dict.fromkeys(notes)))


def _above(text: str) -> dict[str, str | None] | None:
    """Read a line that stands alone above its rows: a commune, a district, a province, or what they lack."""
    own = without_numbering(text)
    plain = bare(own)
    if commune := commune_heading(text):
        return {SECTION: commune}
    if _DISTRICT.match(plain):
        return {_ABOVE["district"]: own, SECTION: None}
    if _PROVINCE.match(plain):
        return {_ABOVE["province"]: own, _ABOVE["district"]: None, SECTION: None}
    signal = signal_of_title(own) or (signal_of_text(own) if "song" in plain.split() else None)
    power = power_of_title(own)
    if signal or power:
        return {_SIGNAL_ABOVE: signal, _POWER_ABOVE: power}
    return None


def _with_names(
    tables: Sequence[Table], stated: Mapping[str, str], faults: Faults
) -> tuple[list[tuple[Table, Columns]], list[Note]]:
    """Return the tables that name hamlets with their columns; faults where none does."""
    found, notes = [], []
    for table in tables:
        here = Faults()
        columns = _columns(table, stated, here)
        if not {"name", "hamlet_id"} & set(columns.used) and len(tables) > 1:
            notes.append(Note("names no hamlets and was left out", about=_called(table)))
            continue
        faults.extend(here)
        found.append((table, columns))
    if not found or not {"name", "hamlet_id"} & set(found[0][1].used):
        table = tables[0]
        faults.add(
            "no column holds the names of hamlets",
            Sentence(
                'Say which under columns: {field} = "…"; the file has {columns}',
                field="name",
                columns=", ".join(map(repr, _typed(table))),
            ),
            file=table.file,
            row=table.header_row,
        )
    return found, notes


def _called(table: Table) -> str:
    return f"{table.file.name} [{table.sheet}]"


def _typed(table: Table) -> list[str]:
    """Return the columns that stand in the file."""
    return [str(c) for c in table.body.columns if not str(c).startswith(SECTION)]


def _columns(table: Table, stated: Mapping[str, str], faults: Faults) -> Columns:
    """Return the columns by their whole headings, then, for those left, by the lowest line of these."""
    whole = find_columns(
        _typed(table),
        stated,
        OFFICIAL_HEADINGS,
        file=table.file,
        faults=faults,
        row=table.header_row,
    )
    left = {
        own: joined
        for joined, own in table.lowest.items()
        if joined in table.body and joined not in whole.used.values()
    }
    wanted = {f: texts for f, texts in OFFICIAL_HEADINGS.items() if f not in whole.used}
    lowest = find_columns(
        list(left), None, wanted, file=table.file, faults=faults, row=table.header_row
    )
    used = {**whole.used, **{f: left[own] for f, own in lowest.used.items()}}
    return Columns(used=used, recognised=(*whole.recognised, *lowest.recognised))


def _rows(
    table: Table, found: Columns, *, about: str | None, source: str, as_of: dt.date | None
) -> tuple[pd.DataFrame, list[Note]]:
    body = table.body.reset_index(drop=True)
    texts = {field: _texts(body, found.used.get(field)) for field in _TEXTS}
    title = " ".join((*table.preamble, table.sheet))
    signal = _signal(body, found, title=title, about=about)
    power = _power(body, found, title=title, about=about)
    stated = None if as_of is None else as_of.isoformat()
    dates = [first_date(cell) for cell in _cells(body, found.used.get("as_of"))]
    rows = pd.DataFrame(
        {
            "sheet": table.sheet,
            "row": table.rows,
            **texts,
            "says_signal": pd.array(signal, dtype="str"),
            "says_power": pd.array(power, dtype="str"),
            "source": _texts(body, found.used.get("source")).fillna(source),
            "as_of": pd.array([stated or date or _date(table) for date in dates], dtype="str"),
        }
    )
    named = rows["name"].notna() | rows["hamlet_id"].notna()
    footer = _is_footer(body, rows["name"])
    notes = found.notes(table.file)
    for column, above in _ABOVE.items():
        rows[column], told = _filled(rows[column], body, above)
        notes += [note.of(_called(table)) for note in told]
    left_out = rows.loc[~named | footer, "row"]
    if len(left_out):
        shown = ", ".join(map(str, left_out.head(10))) + (" …" if len(left_out) > 10 else "")  # noqa: PLR2004 -- enough to find them
        notes.append(
            Note(
                "{n} rows name no hamlet and were left out ({rows})",
                about=_called(table),
                n=len(left_out),
                rows=shown,
            )
        )
    return rows[named & ~footer][list(ROW_COLUMNS)], notes


def _cells(body: pd.DataFrame, column: str | None) -> list[object]:
    return [None] * len(body) if column is None else list(body[column])


def _texts(body: pd.DataFrame, column: str | None) -> pd.Series:
    cells = [clean_text(cell)[0] or None for cell in _cells(body, column)]
    return pd.Series(cells, dtype="str")


def _signal(
    body: pd.DataFrame, found: Columns, *, title: str, about: str | None
) -> list[str | None]:
    """Return what each row says of signal: its cell, else its tick, else the line or title above it."""
    stated = about if about != "no_grid" else None
    of_title = stated or signal_of_title(title)
    above = _cells(body, _SIGNAL_ABOVE if _SIGNAL_ABOVE in body else None)
    ticks = {name: _cells(body, found.used[name]) for name in SIGNAL_TICKS if name in found.used}
    cells = _cells(body, found.used.get("signal"))
    said: list[str | None] = []
    for position, cell in enumerate(cells):
        ticked = signal_of_ticks({name: column[position] for name, column in ticks.items()})
        own = {signal_of_cell(cell), ticked} - {None}
        if len(own) > 1:
            said.append("unclear")
        else:
            said.append(own.pop() if own else _text_or_none(above[position]) or of_title)
    return said


def _power(
    body: pd.DataFrame, found: Columns, *, title: str, about: str | None
) -> list[str | None]:
    """Return what each row says of grid power, likewise; None where nothing is said."""
    of_title = "no_grid" if about == "no_grid" else power_of_title(title)
    above = _cells(body, _POWER_ABOVE if _POWER_ABOVE in body else None)
    columns = [_cells(body, found.used.get(field)) for field in ("power", "grid", "no_grid")]
    if not {"power", "grid", "no_grid"} & set(found.used):
        return [_text_or_none(cell) or of_title for cell in above]
    return [power_told(*cells) or "unknown" for cells in zip(*columns, strict=True)]


def _text_or_none(cell: object) -> str | None:
    return cell if isinstance(cell, str) else None


def _filled(own: pd.Series, body: pd.DataFrame, above: str) -> tuple[pd.Series, list[Note]]:
    """Fill in the commune or district that stands above its hamlets: as a line, or once for many rows."""
    if above in body:
        lines = pd.Series([_text_or_none(cell) for cell in body[above]], dtype="str")
        own = own.fillna(lines)
    empty = own.isna()
    written_once = not (own.notna() & (own == own.shift())).any()
    if not empty.any() or empty.all() or not written_once:
        return own, []
    filled = own.ffill()
    count = int((empty & filled.notna()).sum())
    return filled, [
        Note("{n} empty cells of {column} were read as the one above", n=count, column=own.name)
    ]


def _is_footer(body: pd.DataFrame, names: pd.Series) -> pd.Series:
    """Tell the lines of signatures and remarks below a table: one text alone, or merged over the whole width."""
    typed = body[[c for c in body.columns if not str(c).startswith("section")]]
    told = [[str(c) for c in row if c is not None and str(c).strip()] for row in typed.to_numpy()]
    alone = [len(set(row)) == 1 for row in told]
    merged = [len(row) > 1 for row in told]
    signed = [bool(_FOOTERS.match(bare(row[0]))) if row else False for row in told]
    return pd.Series(
        [a and (m or s) for a, m, s in zip(alone, merged, signed, strict=True)], index=names.index
    )


def _outside(table: Table) -> list[str]:
    """Return the lines above the table, and those below it that name no hamlet."""
    below = [
        row[0]
        for row in (
            [c for c in cells if isinstance(c, str)] for cells in table.body.tail(8).to_numpy()
        )
        if row
    ]
    return [*table.preamble, *map(cleaned, below)]


def _source(table: Table) -> str | None:
    """Return the maker of the list as its own lines name it."""
    for line in _outside(table):
        if found := _SOURCE.search(line):
            return found[1].strip(" .")
    return None


def _date(table: Table) -> str | None:
    """Return the day that the list counts from; else the first date above its table."""
    counted = [line for line in _outside(table) if _COUNTED_FROM.search(bare(line))]
    for line in (*counted, *table.preamble):
        if date := first_date(line):
            return date
    return None


def communes_missing(listed: OfficialList) -> InputError:
    """Return the fault of a list that does not say where its hamlets lie."""
    faults = Faults()
    faults.add(
        "the list says no commune for its hamlets, and names repeat from commune to commune",
        "Add a column with the commune, or let names that stand once in the whole run be joined: --by-name-alone",
        file=listed.file,
    )
    return InputError(faults)
