"""Recognise what a file of samples is by its content, and read it batch by batch under the words of its format."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lomsong.errors import Fault, Faults, InputError
from lomsong.ingest.reading.fields import key
from lomsong.ingest.reading.files import PARQUET_MAGIC, Member
from lomsong.ingest.reading.text_tables import Batch, TextTable
from lomsong.ingest.samples.formats import TEXT_FORMATS, generic
from lomsong.ingest.samples.formats.base import CsvFormat

PARQUET = "parquet"
_CELLS_EXPORT = frozenset({"radio", "mcc", "net", "area", "cell", "range", "samples", "changeable"})
_SHOWN_COLUMNS = 40
_WORKBOOK_PART = "[Content_Types].xml"
"""What every XLSX, which is a zip archive, holds first."""
_READABLE_TYPES = (
    *(
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_dictionary,
    ),
    *(pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean),
    *(pa.types.is_timestamp, pa.types.is_date, pa.types.is_null),
)


class _Table(Protocol):
    """A table that is read by column name in batches."""

    @property
    def header(self) -> tuple[str, ...]: ...

    def batches(self, columns: Sequence[str], *, batch_rows: int) -> Iterator[Batch]: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """A table of samples of which it is known what each column means."""

    member: Member
    format: CsvFormat
    columns: Mapping[str, str]
    """The file's name for each field of the format."""
    table: _Table

    def batches(self, *, batch_rows: int, fields: Sequence[str] = ()) -> Iterator[Batch]:
        """Read the columns of the fields, by default all that the format knows."""
        wanted = [self.columns[name] for name in fields or self.columns if name in self.columns]
        return self.table.batches(list(dict.fromkeys(wanted)), batch_rows=batch_rows)


def recognised(
    member: Member, *, format_name: str | None, columns: Mapping[str, str] | None
) -> Source:
    """Find out what a file is.

    Raises
    ------
    InputError
        Where nobody knows it (with what was seen and which formats there are), or where it is not what the
        user says.
    """
    if member.name.endswith(_WORKBOOK_PART):
        raise _fault(member, "belongs to a workbook", "Save the sheet as CSV")
    is_parquet = member.head().startswith(PARQUET_MAGIC)
    table = _ParquetTable(member) if is_parquet else TextTable(member)
    header = table.header
    if format_name in {generic.FORMAT.name, PARQUET} or (columns and format_name is None):
        return _generic(member, table, columns)
    candidates = _formats_named(format_name, member)
    for candidate in candidates:
        found = candidate.columns_in(header)
        if found is not None:
            return _source(member, candidate, found, table)
    if format_name is None and (is_parquet or generic.is_ours(header)):
        return _generic(member, table, None)
    raise _unknown(member, header, candidates)


def _source(member: Member, layout: CsvFormat, columns: Mapping[str, str], table: _Table) -> Source:
    """Return a table whose columns are known; one that is needed and is there twice is a fault."""
    faults = Faults()
    for column in dict.fromkeys(columns.values()):
        if table.header.count(column) > 1:
            remedy = "Leave one of them, or give them names of their own"
            faults.add("several columns have this name", remedy, file=member.name, column=column)
    faults.raise_if_any()
    return Source(member=member, format=layout, columns=columns, table=table)


class _ParquetTable:
    """A Parquet file of the user's own."""

    def __init__(self, member: Member) -> None:
        self._member = member
        try:
            # Parquet is read from its end; what comes out of an archive is unpacked into memory.
            self._file = pq.ParquetFile(member.plain or io.BytesIO(_content(member)))
        except (pa.ArrowException, OSError) as broken:
            raise self._damaged(broken) from None
        self._names = tuple(self._file.schema_arrow.names)

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self._names

    def batches(self, columns: Sequence[str], *, batch_rows: int) -> Iterator[Batch]:
        """Read the named columns, at most `batch_rows` rows at a time; the first row is row 1."""
        self._check_types(columns)
        first = 1
        try:
            for block in self._file.iter_batches(batch_size=batch_rows, columns=list(columns)):
                yield Batch(
                    columns={name: block.column(name) for name in columns},
                    rows=np.arange(first, first + block.num_rows),
                )
                first += block.num_rows
        except (pa.ArrowException, OSError) as broken:
            raise self._damaged(broken) from None

    def _check_types(self, columns: Sequence[str]) -> None:
        faults = Faults()
        for name in columns:
            kind = self._file.schema_arrow.field(name).type
            if not any(is_kind(kind) for is_kind in _READABLE_TYPES):
                remedy = "Write text, numbers, times or yes and no"
                problem = f"holds {kind}, which means nothing here"
                faults.add(problem, remedy, file=self._member.name, column=name)
        faults.raise_if_any()

    def _damaged(self, broken: Exception) -> InputError:
        return _fault(self._member, f"is damaged ({broken})", "Copy or write it again")


def _generic(member: Member, table: _Table, columns: Mapping[str, str] | None) -> Source:
    header = table.header
    if columns is None and not generic.is_ours(header):
        raise _fault(
            member,
            f"columns = {{…}} is missing; the file has {_listed(header)}",
            f"Map {', '.join(generic.COLUMNS)} as far as they are there",
        )
    found, faults = generic.mapped(header, columns, file=member.name)
    faults.raise_if_any()
    return _source(member, generic.FORMAT, found, table)


def _formats_named(name: str | None, member: Member) -> Sequence[CsvFormat]:
    if name is None:
        return TEXT_FORMATS
    named = [known for known in TEXT_FORMATS if known.name == name]
    if not named:
        words = ", ".join(f'"{known}"' for known in (*_names(), generic.FORMAT.name, PARQUET))
        raise _fault(member, f'nobody knows the format "{name}"', f"There are {words}")
    return named


def _unknown(member: Member, header: Sequence[str], candidates: Sequence[CsvFormat]) -> InputError:
    if {key(column) for column in header} >= _CELLS_EXPORT:
        return _fault(
            member,
            "is a list of cells, not of samples",
            "Name it in [sites]: where a cell stands is no measurement of its signal",
        )
    titles = "; ".join(f"{known.name}: {known.title}" for known in candidates)
    return _fault(
        member,
        f"nobody recognises it; its first line reads {_listed(header)}",
        'For a table of your own say format = "csv" and columns = { lon = "…", lat = "…", time = "…", '
        f'plmn = "…", technology = "…", rsrp_dbm = "…" }}. Known are {titles}',
    )


def _content(member: Member) -> bytes:
    with member.open() as stream:
        return stream.read()


def _names() -> tuple[str, ...]:
    return tuple(known.name for known in TEXT_FORMATS)


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(f'"{column[:40]}"' for column in header[:_SHOWN_COLUMNS])
    hidden = len(header) - _SHOWN_COLUMNS
    return f"{shown} and {hidden} more" if hidden > 0 else shown


def _fault(member: Member, problem: str, remedy: str) -> InputError:
    return InputError([Fault(file=member.name, problem=problem, remedy=remedy)])
