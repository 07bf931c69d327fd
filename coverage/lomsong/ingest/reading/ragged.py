"""Mend the rows of a text table that do not fit its header, and put them back in their place."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from lomsong.ingest.reading.files import Utf8Stream

_KEPT_EXAMPLES = 20


@dataclass(frozen=True, kw_only=True)
class Heading:
    """The header line of a text table."""

    columns: tuple[str, ...]
    line: int
    """Line of the header, 1 is the first of the file; 0 where the table has none."""
    delimiter: str
    surplus: int
    """Fields of the first row beyond the header: some logs end every row with one more delimiter."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some rows of a table, by column."""

    columns: Mapping[str, pa.Array]
    rows: np.ndarray
    """Number of each row as the user counts it."""
    n_cut: int = 0
    """Rows that ended too early and are not among the rows."""
    passed: float = 0.0
    """Share of the file that was read so far, as far as it is known."""

    def __len__(self) -> int:
        return len(self.rows)


class RaggedRows:
    """Keep the rows that the reader refuses, mend those that can be mended, put them back in their place."""

    def __init__(self, heading: Heading, columns: Sequence[str]) -> None:
        self._heading = heading
        self.columns = tuple(columns)
        self.next_number = 1
        """Number of the row that follows; the first behind the header is row 1."""
        self._before = 0
        self._wanted = [heading.columns.index(column) for column in columns]
        self._waiting: list[tuple[int, str]] = []
        self.examples: list[tuple[int, int]] = []
        self.n_swallowed = 0
        """Lines that a quotation which never closes has made part of a field."""
        self._cut_within = 0

    def begin(self, first: int) -> None:
        """Say which number the next row has."""
        self.next_number = first
        self._before = first - 1

    def watch(self, text: Utf8Stream, *, n_rows: int) -> None:
        """Count lines of a text that are neither rows nor part of a row that was cut, where a quotation stays open."""
        swallowed = text.n_lines - n_rows - self._cut_within
        if text.n_quotes % 2 and self._heading.delimiter != "\t":
            self.n_swallowed += max(swallowed, 0)

    def take(self, row: pa_csv.InvalidRow) -> str:
        """Keep a row that the reader refuses."""
        self._waiting.append((self._before + row.number, row.text))
        return "skip"

    def merged(self, block: pa.RecordBatch) -> Batch:
        """Return the rows of a block with the mended ones between them."""
        next_number = self.next_number
        refused = np.array([number for number, _ in self._waiting], dtype=np.int64)
        numbers = np.arange(next_number, next_number + block.num_rows + len(refused))
        numbers = numbers[~np.isin(numbers, refused)][: block.num_rows]
        self.next_number = int(numbers[-1]) + 1 if len(numbers) else next_number
        names = positions(len(self._heading.columns))
        columns = {
            column: block.column(names[place])
            for column, place in zip(self.columns, self._wanted, strict=True)
        }
        filled = ~_blank(block)
        batch = Batch(
            columns={name: values.filter(pa.array(filled)) for name, values in columns.items()}
            if not filled.all()
            else columns,
            rows=self._heading.line + numbers[filled],
        )
        mended = self._mended(before=self.next_number)
        return _interleaved(batch, mended) if len(mended) or mended.n_cut else batch

    def rest(self) -> Batch:
        """Return what the reader refused behind its last block."""
        if self._waiting:
            self.next_number = self._waiting[-1][0] + 1
        return self._mended(before=None)

    def _mended(self, *, before: int | None) -> Batch:
        due = [row for row in self._waiting if before is None or row[0] < before]
        self._waiting = self._waiting[len(due) :]
        width, kept, n_cut = len(self._heading.columns), [], 0
        for number, text in due:
            fields = fields_of(text, self._heading.delimiter)
            if len(fields) < width or any(map(str.strip, fields[width:])):
                n_cut += text.count("\n") + 1  # a lost quote swallows lines, each was a row
                self._cut_within += text.count("\n")
                if len(self.examples) < _KEPT_EXAMPLES:
                    self.examples.append((number, len(fields)))
            else:
                kept.append((number, fields))
        return Batch(
            columns={
                column: pa.array([fields[place] for _, fields in kept], type=pa.string())
                for column, place in zip(self.columns, self._wanted, strict=True)
            },
            rows=self._heading.line + np.array([number for number, _ in kept], dtype=np.int64),
            n_cut=n_cut,
        )


def _interleaved(batch: Batch, mended: Batch) -> Batch:
    rows = np.concatenate([batch.rows, mended.rows])
    order = np.argsort(rows, kind="stable")
    columns = {
        name: pa.concat_arrays([values, mended.columns[name]]).take(pa.array(order))
        for name, values in batch.columns.items()
    }
    return Batch(columns=columns, rows=rows[order], n_cut=batch.n_cut + mended.n_cut)


def _blank(block: pa.RecordBatch) -> np.ndarray:
    """Tell the rows whose read columns are all empty: blank lines of the file."""
    blank = np.ones(block.num_rows, dtype=bool)
    for values in block.columns:
        blank &= pc.equal(pc.binary_length(values), 0).to_numpy(zero_copy_only=False)
        if not blank.any():
            break
    return blank


def positions(count: int) -> list[str]:
    """Name columns by their place: headers may name two alike."""
    return [str(place) for place in range(count)]


def fields_of(line: str, delimiter: str) -> list[str]:
    """Return the fields of one line."""
    if delimiter == "\t":
        return line.rstrip("\r\n").split(delimiter)
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:  # a field longer than the reader takes
        return line.rstrip("\r\n").split(delimiter)
