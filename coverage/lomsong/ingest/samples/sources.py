"""Recognise what a file of samples is by its content, and read it batch by batch under the words of its format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lomsong.errors import Fault, Faults, InputError
from lomsong.ingest.reading.fields import key
from lomsong.ingest.reading.files import PARQUET_MAGIC, Member
from lomsong.ingest.reading.ragged import Batch
from lomsong.ingest.reading.text_tables import TextTable
from lomsong.ingest.reading.typed_text import Kind
from lomsong.ingest.samples.formats import TEXT_FORMATS, generic
from lomsong.ingest.samples.formats.base import KINDS, CsvFormat
from lomsong.sentences import Sentence

PARQUET = "parquet"
PART_ROWS = 4_000_000
"""Rows that are worth a task of their own."""
_MOST_PARTS = 32
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


@dataclass(frozen=True, kw_only=True)
class Part:
    """Row groups of a Parquet file that follow each other."""

    first_group: int
    behind_group: int
    first_row: int
    """Number of the first of its rows; the first of the file is row 1."""
    n_rows: int
    of_rows: int
    """Rows of the whole file."""

    @property
    def share(self) -> float:
        """Which share of the file's rows it holds."""
        return self.n_rows / self.of_rows


def parts_of(path: Path, *, rows: int) -> tuple[Part, ...]:
    """Cut a Parquet file into parts of at least `rows` rows, as far as its row groups allow; none of any other file."""
    try:
        if not path.is_file():  # a pipe would wait for ever
            return ()
        with path.open("rb") as file:
            if file.read(len(PARQUET_MAGIC)) != PARQUET_MAGIC:
                return ()
        meta = pq.read_metadata(path)
    except (pa.ArrowException, OSError):  # whoever reads it tells what is wrong with it
        return ()
    sizes = [meta.row_group(group).num_rows for group in range(meta.num_row_groups)]
    rows = max(rows, meta.num_rows // _MOST_PARTS)
    parts, first, first_row = [], 0, 1
    for group in range(len(sizes)):
        n_rows = sum(sizes[first : group + 1])
        if n_rows >= rows or group + 1 == len(sizes):
            parts.append(
                Part(
                    first_group=first,
                    behind_group=group + 1,
                    first_row=first_row,
                    n_rows=n_rows,
                    of_rows=meta.num_rows,
                )
            )
            first, first_row = group + 1, first_row + n_rows
    return tuple(parts)


class _Table(Protocol):
    """A table that is read by column name in batches."""

    @property
    def header(self) -> tuple[str, ...]: ...

    def batches(
        self, columns: Sequence[str], *, batch_rows: int, kinds: Mapping[str, Kind]
    ) -> Iterator[Batch]: ...

    def whole(self) -> "_Table":
        """Return all of the table, where this is a part of it."""
        ...


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
        used = [name for name in fields or self.columns if name in self.columns]
        kinds: dict[str, Kind] = {}
        for name in used:
            column, kind = self.columns[name], KINDS.get(name, Kind.TEXT)
            kinds[column] = kind if kinds.get(column, kind) == kind else Kind.TEXT
        return self.table.batches(list(kinds), batch_rows=batch_rows, kinds=kinds)

    def whole(self) -> "Source":
        """Return all of the table, where this is a part of it."""
        return replace(self, table=self.table.whole())


def recognised(
    member: Member,
    *,
    format_name: str | None,
    columns: Mapping[str, str] | None,
    part: Part | None = None,
) -> Source:
    """Find out what a file is, or a part of a Parquet file.

    Raises
    ------
    InputError
        Where nobody knows it (with what was seen and which formats there are), or where it is not what the
        user says.
    """
    if member.name.endswith(_WORKBOOK_PART):
        raise _fault(member, "belongs to a workbook", "Save the sheet as CSV")
    is_parquet = member.head().startswith(PARQUET_MAGIC)
    table: _Table = _ParquetTable(member, part) if is_parquet else TextTable(member)
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
    """A Parquet file of the user's own, or a part of it."""

    def __init__(self, member: Member, part: Part | None = None) -> None:
        self._member = member
        self._part = part
        try:
            # Parquet is read from its end; what comes out of an archive is unpacked into memory.
            self._bytes = member.plain or pa.py_buffer(_content(member))
            self._schema = self._file().schema_arrow
        except (pa.ArrowException, OSError) as broken:
            raise self._damaged(broken) from None
        self._names = tuple(self._schema.names)

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self._names

    def whole(self) -> "_ParquetTable":
        """Return all of the table, where this is a part of it."""
        return self if self._part is None else _ParquetTable(self._member)

    def batches(
        self, columns: Sequence[str], *, batch_rows: int, kinds: Mapping[str, Kind]
    ) -> Iterator[Batch]:
        """Read the named columns, at most `batch_rows` rows at a time; the first row is row 1."""
        self._check_types(columns)
        # The file packs words already; they stay packed.
        words = [
            name
            for name in columns
            if kinds[name] is Kind.WORD and _is_text(self._schema.field(name).type)
        ]
        try:
            with self._file(words) as file:
                part = self._part or _all_of(file.metadata)
                groups = range(part.first_group, part.behind_group)
                first = part.first_row
                for block in file.iter_batches(
                    batch_size=batch_rows, columns=list(columns), row_groups=list(groups)
                ):
                    last = first + block.num_rows - 1
                    yield Batch(
                        columns={name: block.column(name) for name in columns},
                        rows=np.arange(first, last + 1),
                        passed=last / part.of_rows,
                    )
                    first = last + 1
        except (pa.ArrowException, OSError) as broken:
            raise self._damaged(broken) from None

    def _file(self, words: Sequence[str] = ()) -> pq.ParquetFile:
        packed = self._bytes
        source = packed if isinstance(packed, Path) else pa.BufferReader(packed)
        # With `pre_buffer` all that was read of the file would stay in memory.
        return pq.ParquetFile(source, read_dictionary=list(words), pre_buffer=False)

    def _check_types(self, columns: Sequence[str]) -> None:
        faults = Faults()
        for name in columns:
            kind = self._schema.field(name).type
            if not any(is_kind(kind) for is_kind in _READABLE_TYPES):
                remedy = "Write text, numbers, times or yes and no"
                problem = Sentence("holds {kind}, which means nothing here", kind=str(kind))
                faults.add(problem, remedy, file=self._member.name, column=name)
        faults.raise_if_any()

    def _damaged(self, broken: Exception) -> InputError:
        problem = Sentence("is damaged ({reason})", reason=str(broken))
        return _fault(self._member, problem, "Copy or write it again")


def _generic(member: Member, table: _Table, columns: Mapping[str, str] | None) -> Source:
    header = table.header
    if columns is None and not generic.is_ours(header):
        raise _fault(
            member,
            Sentence("columns = {{…}} is missing; the file has {columns}", columns=_listed(header)),
            Sentence("Map {names} as far as they are there", names=", ".join(generic.COLUMNS)),
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
        problem = Sentence('nobody knows the format "{name}"', name=name)
        raise _fault(member, problem, Sentence("There are {names}", names=words))
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
        Sentence("nobody recognises it; its first line reads {columns}", columns=_listed(header)),
        Sentence(
            'Take it out of path, or, for a table of your own, say format = "csv" and columns = {{ lon = "…", '
            'lat = "…", time = "…", plmn = "…", technology = "…", rsrp_dbm = "…" }}. Known are {names}',
            names=titles,
        ),
    )


def _all_of(meta: pq.FileMetaData) -> Part:
    return Part(
        first_group=0,
        behind_group=meta.num_row_groups,
        first_row=1,
        n_rows=meta.num_rows,
        of_rows=meta.num_rows,
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _content(member: Member) -> bytes:
    with member.open() as stream:
        return stream.read()


def _names() -> tuple[str, ...]:
    return tuple(known.name for known in TEXT_FORMATS)


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(f'"{column[:40]}"' for column in header[:_SHOWN_COLUMNS])
    hidden = len(header) - _SHOWN_COLUMNS
    return f"{shown}, … (+{hidden})" if hidden > 0 else shown


def _fault(member: Member, problem: str, remedy: str) -> InputError:
    return InputError([Fault(file=member.name, problem=problem, remedy=remedy)])
