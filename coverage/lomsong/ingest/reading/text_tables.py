"""Read delimited text in bounded memory: header found, rows numbered as the user counts them, none lost."""

import codecs
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from lomsong.errors import Fault, InputError
from lomsong.ingest.reading.files import Member, Utf8Stream, encoding_of
from lomsong.ingest.reading.ragged import Batch, Heading, RaggedRows, fields_of, positions
from lomsong.ingest.reading.typed_text import Kind, TypedReader, blocks_of, joined
from lomsong.sentences import Sentence

DELIMITERS = (",", "\t", ";", "|")
MAXIMUM_CUT_SHARE = 0.01
"""A phone that dies while writing cuts one row; more than this share of a file is a fault of the file."""
_TOLERATED_CUT_ROWS = 1
_MAXIMUM_HEADER_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 23


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
        mender = RaggedRows(self.heading, columns)
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

    def _all(self, mender: "RaggedRows") -> Iterator[Batch]:
        text = Utf8Stream(self.member.open(), encoding=self._encoding)
        stream: io.BufferedReader = io.BufferedReader(text)
        with stream:
            self._skip_header(stream)
            yield from self._carefully(stream, mender, first=1)
        mender.watch(text, n_rows=self.heading.line + mender.next_number - 1)

    def _quickly(
        self, columns: Sequence[str], kinds: Mapping[str, Kind], mender: "RaggedRows"
    ) -> Iterator[Batch]:
        """Read block by block what is plain at once, and what is not with care; both give the same."""
        heading = self.heading
        names = positions(len(heading.columns) + heading.surplus)
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
        self, stream: io.BufferedReader, mender: "RaggedRows", *, first: int
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
        delimiter = max(DELIMITERS, key=lambda mark: len(fields_of(first, mark)))
        # Files that were put together carry byte order marks inside.
        columns = tuple(name.replace("\ufeff", "").strip() for name in fields_of(first, delimiter))
        if _looks_like_data(columns, assumed_columns):
            return Heading(columns=assumed_columns, line=0, delimiter=delimiter, surplus=0)
        trailing = len(columns) - len(_trimmed(columns))
        columns = _trimmed(columns)
        surplus = trailing
        if len(filled) > 1:
            row = fields_of(filled[1][1], delimiter)
            if len(row) > len(columns) and not any(map(str.strip, row[len(columns) :])):
                surplus = len(row) - len(columns)
        return Heading(columns=columns, line=number, delimiter=delimiter, surplus=surplus)

    def _skip_header(self, stream: IO[bytes]) -> None:
        for _ in range(self.heading.line):
            stream.readline()

    def _reader(
        self, stream: io.BufferedReader, columns: Sequence[str], mender: "RaggedRows"
    ) -> Iterator[pa.RecordBatch]:
        heading = self.heading
        names = positions(len(heading.columns) + heading.surplus)
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

    def _cut_faults(self, mender: "RaggedRows", *, n_cut: int, n_read: int) -> list[Fault]:
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
