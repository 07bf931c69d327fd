"""Read delimited text in bounded memory: header found, rows numbered as the user counts them, none lost."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from lomsong.errors import Fault, InputError
from lomsong.ingest.reading.files import Member, Utf8Stream, encoding_of
from lomsong.ingest.reading.typed_text import Kind, TypedReader, blocks_of, joined
from lomsong.sentences import Sentence

DELIMITERS = (",", "\t", ";", "|")
MAXIMUM_CUT_SHARE = 0.01
"""A phone that dies while writing cuts one row; more than this share of a file is a fault of the file."""
_TOLERATED_CUT_ROWS = 1
_MAXIMUM_HEADER_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 23
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


class TextTable:
    """One delimited text whose header has been found."""

    def __init__(self, member: Member, *, assumed_columns: Sequence[str] = ()) -> None:
        """Find the header; `assumed_columns` names the columns of a table that may come without one."""
        self.member = member
        self._encoding = self._text_encoding()
        self.heading = self._find_heading(tuple(assumed_columns))

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.heading.columns

    def whole(self) -> "TextTable":
        """Return all of the table."""
        return self

    def batches(
        self, columns: Sequence[str], *, batch_rows: int, kinds: Mapping[str, Kind] | None = None
    ) -> Iterator[Batch]:
        """Read the named columns, at most `batch_rows` rows at a time.

        Rows whose surplus fields are empty are taken; rows with too few fields, or with text in surplus
        fields, are counted as cut.

        Parameters
        ----------
        columns
            Names of the columns.
        batch_rows
            Rows of the largest batch.
        kinds
            What the columns hold: with it they come as numbers and packed words where all of a block can be read
            so, else, and without it, as text.

        Raises
        ------
        InputError
            Where the stream is damaged, or where more rows are cut than one accident explains.
        """
        mender = _RaggedRows(self.heading, columns)
        n_read, n_cut = 0, 0
        can_be_quick = kinds is not None and self._has_plain_lines()
        read = self._quickly(columns, kinds or {}, mender) if can_be_quick else self._all(mender)
        for batch in read:
            n_read, n_cut = n_read + len(batch) + batch.n_cut, n_cut + batch.n_cut
            yield from _sliced(batch, batch_rows)
        if n_cut > _TOLERATED_CUT_ROWS and n_cut > MAXIMUM_CUT_SHARE * n_read:
            raise InputError(self._cut_faults(mender, n_cut=n_cut, n_read=n_read))
        if mender.n_swallowed:
            raise self._fault(
                Sentence(
                    "a quotation mark opens and never closes, and {n} lines are lost in it",
                    n=mender.n_swallowed,
                ),
                'Take the stray " out, or write it twice inside quotation marks',
            )

    def _all(self, mender: "_RaggedRows") -> Iterator[Batch]:
        text = Utf8Stream(self.member.open(), encoding=self._encoding)
        stream: io.BufferedReader = io.BufferedReader(text)
        with stream:
            self._skip_header(stream)
            yield from self._carefully(stream, mender, first=1)
        mender.watch(text, n_rows=self.heading.line + mender.next_number - 1)

    def _quickly(
        self, columns: Sequence[str], kinds: Mapping[str, Kind], mender: "_RaggedRows"
    ) -> Iterator[Batch]:
        """Read block by block what is plain at once, and what is not with care; both give the same."""
        heading = self.heading
        names = _positions(len(heading.columns) + heading.surplus)
        name_of = {column: names[heading.columns.index(column)] for column in columns}
        typed = TypedReader(
            names,
            {name: kinds[column] for column, name in name_of.items()},
            delimiter=heading.delimiter,
        )
        next_number = 1
        with self.member.open() as stream:
            self._skip_header(stream)
            blocks = blocks_of(stream, self.member.share_read)
            for raw in blocks:
                # The reader takes a byte order mark away from what it begins with, and this is no beginning.
                is_marked = next_number > 1 and raw.content.startswith(codecs.BOM_UTF8)
                block = replace(raw, content=codecs.BOM_UTF8 + raw.content) if is_marked else raw
                read = typed.read(block.content) if block.is_whole else None
                if read is not None:
                    n_rows = len(next(iter(read.values())))
                    rows = np.arange(next_number, next_number + n_rows) + heading.line
                    of_column = {column: read[name] for column, name in name_of.items()}
                    yield Batch(columns=of_column, rows=rows, passed=block.passed)
                    next_number += n_rows
                    continue
                # A quoted field may go on over the end of the block, so all that follows is one text.
                is_closed = block.is_whole and (
                    heading.delimiter == "\t" or b'"' not in block.content
                )
                several = iter([block]) if is_closed else chain([block], blocks)
                text = Utf8Stream(joined(several), encoding="utf-8")
                careful: io.BufferedReader = io.BufferedReader(text)
                yield from self._carefully(careful, mender, first=next_number)
                mender.watch(text, n_rows=mender.next_number - next_number)
                next_number = mender.next_number

    def _carefully(
        self, stream: io.BufferedReader, mender: "_RaggedRows", *, first: int
    ) -> Iterator[Batch]:
        """Read all columns as text, mending rows; `first` is the number of the next row."""
        mender.begin(first)
        try:
            for block in self._reader(stream, mender.columns, mender):
                batch = mender.merged(block)
                yield replace(batch, passed=self.member.share_read())
        except pa.ArrowInvalid as broken:
            problem = Sentence(
                "cannot be read as a table of {n} columns: {reason}",
                n=len(self.heading.columns),
                reason=str(broken),
            )
            raise self._fault(problem, "Give comma or tab separated text") from None
        yield mender.rest()

    def _has_plain_lines(self) -> bool:
        """Tell UTF-8 text whose lines end in line feeds; the careful reader translates any other."""
        head = self.member.head()
        return self._encoding.startswith("utf-8") and b"\r" not in head.replace(b"\r\n", b"")

    def _text_encoding(self) -> str:
        encoding = encoding_of(self.member.head())
        if encoding is None:
            raise self._fault(
                "is no text", "Give comma or tab separated text, plain or packed as gz or zip"
            )
        return encoding

    def _open(self) -> io.BufferedReader:
        return io.BufferedReader(Utf8Stream(self.member.open(), encoding=self._encoding))

    def _find_heading(self, assumed_columns: tuple[str, ...]) -> Heading:
        with self._open() as stream:
            lines = stream.read(_MAXIMUM_HEADER_BYTES).decode("utf-8", "replace").split("\n")
        filled = [
            (number, line)
            for number, line in enumerate(lines, start=1)
            if line.strip() and not line.casefold().startswith("sep=")  # Excel's hint
        ]
        if not filled:
            raise self._fault("holds no text", "Give the file again")
        number, first = filled[0]
        delimiter = max(DELIMITERS, key=lambda mark: len(_fields(first, mark)))
        # Files that were put together carry byte order marks inside.
        columns = tuple(name.replace("\ufeff", "").strip() for name in _fields(first, delimiter))
        if _looks_like_data(columns, assumed_columns):
            return Heading(columns=assumed_columns, line=0, delimiter=delimiter, surplus=0)
        trailing = len(columns) - len(_trimmed(columns))
        columns = _trimmed(columns)
        surplus = trailing
        if len(filled) > 1:
            row = _fields(filled[1][1], delimiter)
            if len(row) > len(columns) and not any(map(str.strip, row[len(columns) :])):
                surplus = len(row) - len(columns)
        return Heading(columns=columns, line=number, delimiter=delimiter, surplus=surplus)

    def _skip_header(self, stream: IO[bytes]) -> None:
        for _ in range(self.heading.line):
            stream.readline()

    def _reader(
        self, stream: io.BufferedReader, columns: Sequence[str], mender: "_RaggedRows"
    ) -> Iterator[pa.RecordBatch]:
        heading = self.heading
        names = _positions(len(heading.columns) + heading.surplus)
        wanted = [names[heading.columns.index(column)] for column in columns]
        first = stream.peek(1)
        if not first:
            return
        yield from pa_csv.open_csv(
            stream,
            # One thread: only then does the reader know the numbers of the rows it refuses.
            read_options=pa_csv.ReadOptions(
                column_names=names, block_size=_BLOCK_BYTES, use_threads=False
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=heading.delimiter,
                quote_char=False if heading.delimiter == "\t" else '"',  # logs quote nothing
                ignore_empty_lines=False,  # they count as lines
                invalid_row_handler=mender.take,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=list(dict.fromkeys([names[0], *wanted])),
                strings_can_be_null=False,
            ),
        )

    def _fault(self, problem: str, remedy: str) -> InputError:
        return InputError([Fault(file=self.member.name, problem=problem, remedy=remedy)])

    def _cut_faults(self, mender: "_RaggedRows", *, n_cut: int, n_read: int) -> list[Fault]:
        expected = len(self.heading.columns)
        faults = [
            Fault(
                file=self.member.name,
                row=self.heading.line + number,
                problem=Sentence(
                    "the row has {n} fields, the header {expected}", n=found, expected=expected
                ),
                remedy="Give the file again as its program wrote it",
            )
            for number, found in mender.examples
        ]
        problem = Sentence(
            "{n} of {rows} rows do not have the fields of the header", n=n_cut, rows=n_read
        )
        remedy = Sentence("At most {share} may be cut short", share=f"{MAXIMUM_CUT_SHARE:.0%}")
        return [Fault(file=self.member.name, problem=problem, remedy=remedy), *faults]


class _RaggedRows:
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
        self._waiting.append((self._before + row.number, row.text))
        return "skip"

    def merged(self, block: pa.RecordBatch) -> Batch:
        """Return the rows of a block with the mended ones between them."""
        next_number = self.next_number
        refused = np.array([number for number, _ in self._waiting], dtype=np.int64)
        numbers = np.arange(next_number, next_number + block.num_rows + len(refused))
        numbers = numbers[~np.isin(numbers, refused)][: block.num_rows]
        self.next_number = int(numbers[-1]) + 1 if len(numbers) else next_number
        names = _positions(len(self._heading.columns))
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
            fields = _fields(text, self._heading.delimiter)
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


def _sliced(batch: Batch, batch_rows: int) -> Iterator[Batch]:
    for start in range(0, max(len(batch), 1), batch_rows):
        part = Batch(
            columns={
                name: values.slice(start, batch_rows) for name, values in batch.columns.items()
            },
            rows=batch.rows[start : start + batch_rows],
            n_cut=0 if start else batch.n_cut,
            passed=batch.passed,
        )
        if len(part) or part.n_cut:
            yield part


def _blank(block: pa.RecordBatch) -> np.ndarray:
    """Tell the rows whose read columns are all empty: blank lines of the file."""
    blank = np.ones(block.num_rows, dtype=bool)
    for values in block.columns:
        blank &= pc.equal(pc.binary_length(values), 0).to_numpy(zero_copy_only=False)
        if not blank.any():
            break
    return blank


def _positions(count: int) -> list[str]:
    """Name columns by their place: headers may name two alike."""
    return [str(place) for place in range(count)]


def _fields(line: str, delimiter: str) -> list[str]:
    if delimiter == "\t":
        return line.rstrip("\r\n").split(delimiter)
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:  # a field longer than the reader takes
        return line.rstrip("\r\n").split(delimiter)


def _trimmed(columns: tuple[str, ...]) -> tuple[str, ...]:
    end = len(columns)
    while end > 1 and not columns[end - 1]:
        end -= 1
    return columns[:end]


def _looks_like_data(columns: tuple[str, ...], assumed_columns: tuple[str, ...]) -> bool:
    """Tell a first row of data from a header: it has numbers where a header has names."""
    return (
        len(columns) == len(assumed_columns) > 0
        and sum(map(_is_number, columns)) > len(columns) / 2
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
