"""Read lists of who has grid power, typed by hand, and join them to hamlets without guessing."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from lomsong.errors import Faults
from lomsong.ingest.hamlets.naming import join_hamlets
from lomsong.ingest.power.words import POWER_LIST_HEADINGS, first_date, power_told
from lomsong.ingest.reading.features import columns_of_table
from lomsong.ingest.reading.headings import Columns, meaning, words
from lomsong.ingest.reading.values import clean_text
from lomsong.ingest.reading.workbook import Table, head_of_communes, read_tables
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.tables import POWER, Hamlets, checked
from lomsong.vietnam.names import repair_column

REVIEW_COLUMNS: Final = ("file", "row", "name", "commune", "power", "reason", "candidates")

_SAY_WHICH: Final = 'Say which under columns: {field} = "…"; the file has {columns}'
_TICKED: Final = ("power", "grid", "no_grid")


@dataclass(frozen=True, eq=False, kw_only=True)
class PowerList:
    """Power of the hamlets that a list names for certain (`POWER`), and its rows that someone has to look at."""

    table: pd.DataFrame
    review: pd.DataFrame
    """`REVIEW_COLUMNS`, all text; `candidates` are hamlet_ids."""
    notes: tuple[Note, ...] = ()


def read_power_list(
    path: str | Path,
    hamlets: Hamlets,
    *,
    columns: Mapping[str, str] | None = None,
    source: str | None = None,
    as_of: dt.date | None = None,
) -> PowerList:
    """Read a list by hamlet: CSV or XLSX, titles above the headings, merged cells and sections allowed.

    A row is joined by its hamlet_id, else by its name within its commune; what is not certain is not joined but
    listed for review. "Có" is grid, "Chưa" and "Không" are no_grid, "Không rõ" and an empty cell are unknown; where
    two rows contradict each other about a hamlet, it is unknown and both are listed.

    Parameters
    ----------
    path
        The list.
    hamlets
        The hamlets to join it to.
    columns
        Column of each field: hamlet_id, or name with commune_code or commune_name; power; or, where two columns are
        ticked, grid and no_grid.
    source, as_of
        Who made the list, and when; default: its own columns, else the date above its headings and its file name.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    file, faults = Path(path), Faults()
    sheets = read_tables(
        file,
        POWER_LIST_HEADINGS,
        stated=(columns or {}).values(),
        heads=head_of_communes,
        mend=lambda texts: repair_column(texts).texts,
        faults=faults,
    )
    tables, skipped = _telling(sheets, columns or {})
    found = [columns_of_table(t, columns or {}, POWER_LIST_HEADINGS, faults) for t in tables]
    for table, used in zip(tables, found, strict=True):
        _require(table, used, faults)
    faults.raise_if_any()
    listed = pd.concat(
        [
            _listed(table, used, source=source or file.name, as_of=as_of)
            for table, used in zip(tables, found, strict=True)
        ],
        ignore_index=True,
    )
    listed = _settled(listed.join(join_hamlets(listed, hamlets.table)))
    notes = [
        Note(
            "sheet {sheet!r} tells nothing of power and was not read", about=file.name, sheet=sheet
        )
        for sheet in skipped
    ]
    return PowerList(
        table=_table(listed),
        review=_review(listed),
        notes=(
            *notes,
            *(n for t in tables for n in t.notes),
            *_notes(file, found[0], listed, hamlets),
        ),
    )


def _telling(sheets: Sequence[Table], stated: Mapping[str, str]) -> tuple[list[Table], list[str]]:
    """Return the tables to read, and the names of the sheets that are none of a list of power.

    Where no sheet tells both of a hamlet and of power the first is returned, so that its faults say what it lacks.
    """
    known = [set(_recognised(sheet, stated)) for sheet in sheets]
    tells = [
        bool(fields & {"hamlet_id", "name"}) and bool(fields & {"power", "grid", "no_grid"})
        for fields in known
    ]
    if not any(tells):
        best = max(range(len(sheets)), key=lambda place: (len(known[place]), -place), default=0)
        tells = [place == best for place in range(len(sheets))]
    return (
        [sheet for sheet, tell in zip(sheets, tells, strict=True) if tell],
        [sheet.sheet for sheet, tell in zip(sheets, tells, strict=True) if not tell],
    )


def _recognised(table: Table, stated: Mapping[str, str]) -> Iterator[str]:
    """Yield the fields that a sheet has a column for, stated or by its heading."""
    fields = {words(column): field for field, column in stated.items()}
    for column in table.body.columns:
        if field := fields.get(words(str(column))):
            yield field
        if field := meaning(str(column), POWER_LIST_HEADINGS):
            yield field


def _require(table: Table, found: Columns, faults: Faults) -> None:
    """Note which columns are missing without which nothing can be said."""
    available = ", ".join(repr(str(c)) for c in table.body.columns)
    if not {"hamlet_id", "name"} & set(found.used):
        faults.add(
            "no column holds hamlet_id or name",
            Sentence(_SAY_WHICH, field="name", columns=available),
            file=table.file,
            row=table.header_row,
        )
    if not {"power", "grid", "no_grid"} & set(found.used):
        faults.add(
            "no column tells of power",
            Sentence(_SAY_WHICH, field="power", columns=available),
            file=table.file,
            row=table.header_row,
        )


def _listed(table: Table, found: Columns, *, source: str, as_of: dt.date | None) -> pd.DataFrame:
    """Return the rows of the list with what they say, each field null where it is silent."""

    def texts(field: str) -> pd.Series:
        column = found.used.get(field)
        cells = [None] * len(table.body) if column is None else list(table.body[column])
        return pd.Series([clean_text(cell)[0] or None for cell in cells], dtype="str")

    listed = pd.DataFrame(
        {field: texts(field) for field in ("hamlet_id", "name", "commune_code", "commune_name")}
    )
    told = [
        power_told(*cells)
        for cells in zip(*(_cells(table, found, f) for f in _TICKED), strict=True)
    ]
    above = first_date(" ".join(table.preamble))
    dates = [first_date(cell) for cell in _cells(table, found, "as_of")]
    stated = None if as_of is None else as_of.isoformat()
    return listed.assign(
        place=str(table.file) + (f", sheet {table.sheet}" if table.sheet else ""),
        row=table.rows,
        power=[power or "unknown" for power in told],
        is_clear=[power is not None for power in told],
        power_source=texts("source").fillna(source),
        power_as_of=pd.array([stated or date or above for date in dates], dtype="str"),
    )


def _cells(table: Table, found: Columns, field: str) -> list[object]:
    column = found.used.get(field)
    return [None] * len(table.body) if column is None else list(table.body[column])


def _settled(listed: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the reason for review where words are unclear, or rows contradict each other."""
    unclear = ~listed["is_clear"] & listed["joined"].notna()
    listed = listed.assign(
        reason=listed["reason"].where(~unclear, "its words about power are not clear")
    )
    known = listed[listed["joined"].notna() & (listed["power"] != "unknown")]
    said = known.groupby("joined")["power"].nunique()
    torn = listed["joined"].isin(said[said > 1].index)
    return listed.assign(
        power=listed["power"].where(~torn, "unknown"),
        reason=listed["reason"].where(~torn, "rows of the list contradict each other"),
        said=listed["power"],
    )


def _table(listed: pd.DataFrame) -> pd.DataFrame:
    """Return one row per joined hamlet; of several that agree the first that says something."""
    joined = listed[listed["joined"].notna()]
    silent = joined["power"] == "unknown"
    keys = ["joined", "silent", "power_as_of", "power_source"]
    ordered = joined.assign(silent=silent).sort_values(keys, ascending=[True, True, False, True])
    first = ordered.drop_duplicates("joined")
    table = pd.DataFrame(
        {
            "hamlet_id": first["joined"].astype("str"),
            "power": first["power"].astype("str"),
            "power_source": first["power_source"].astype("str"),
            "power_as_of": first["power_as_of"].astype("str"),
        }
    )
    return checked(table.reset_index(drop=True), POWER)


def _review(listed: pd.DataFrame) -> pd.DataFrame:
    open_rows = listed[listed["reason"] != ""]
    commune = open_rows["commune_name"].fillna(open_rows["commune_code"]).fillna("")
    columns = {
        "file": open_rows["place"],
        "row": open_rows["row"].map(str),
        "name": open_rows["name"].fillna(open_rows["hamlet_id"]).fillna(""),
        "commune": commune,
        "power": open_rows["said"],
        "reason": open_rows["reason"],
        "candidates": open_rows["candidates"],
    }
    return pd.DataFrame(columns, columns=list(REVIEW_COLUMNS)).astype("str").reset_index(drop=True)


def _notes(file: Path, found: Columns, listed: pd.DataFrame, hamlets: Hamlets) -> list[Note]:
    joined = listed["joined"].nunique()
    open_rows = int((listed["reason"] != "").sum())
    about, n = file.name, len(hamlets.table)
    notes = [Note("tells of {joined} of {n} hamlets", about=about, joined=joined, n=n)]
    if not joined:
        notes.append(
            Note("none of its {n} rows names a hamlet of this project", about=about, n=len(listed))
        )
    if open_rows:
        told = {"open": open_rows, "n": len(listed)}
        notes.append(Note("{open} of {n} rows are for a person to look at", about=about, **told))
    return notes + found.notes(file)
