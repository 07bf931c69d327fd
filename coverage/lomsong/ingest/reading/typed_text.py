"""Read blocks of plain delimited text at once into numbers and words; what is not plain is left to the careful reader."""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import IO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from lomsong.ingest.reading.missing import MISSING

BLOCK_BYTES: Final = 1 << 24
_AHEAD: Final = 2
"""Blocks that are unpacked before they are asked for."""
LONGEST_LINE_BYTES: Final = 1 << 25
_LARGEST_CODE: Final = 10**18
_NULLS: Final = [
    written for word in MISSING for written in {word, word.upper(), word.title(), f"{word[:1]}aN"}
]


class Kind(Enum):
    """What a column holds, as far as it helps to read it at once."""

    NUMBER = "number"
    TIME = "time"
    """A number or text."""
    WORD = "word"
    """One of few distinct words."""
    CODE = "code"
    """A whole number, or text; "007" is 7."""
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some lines of a text, each with its end."""

    content: bytes
    is_whole: bool = True
    """False where the last line goes on in the next block."""
    passed: float = 0.0
    """Share of the packed file that was read so far."""


def blocks_of(stream: IO[bytes], share: Callable[[], float]) -> Iterator[Block]:
    """Cut a stream into blocks of whole lines, some of which are unpacked before they are asked for."""
    blocks = _cut(stream, share)
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, blocks, None) for _ in range(_AHEAD))
        while (block := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, blocks, None))
            yield block


def _cut(stream: IO[bytes], share: Callable[[], float]) -> Iterator[Block]:
    while content := stream.read(BLOCK_BYTES):
        if not content.endswith(b"\n"):
            end = stream.readline(LONGEST_LINE_BYTES)
            is_whole = end.endswith(b"\n") or len(end) < LONGEST_LINE_BYTES
            yield Block(content=content + end, is_whole=is_whole, passed=share())
        else:
            yield Block(content=content, passed=share())


def joined(blocks: Iterable[Block]) -> IO[bytes]:
    """Return blocks as one stream."""
    return io.BufferedReader(_Joined(block.content for block in blocks))


class _Joined(io.RawIOBase):
    def __init__(self, contents: Iterator[bytes]) -> None:
        super().__init__()
        self._contents = contents
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer comes as a view
        if not self._ready:
            self._ready = memoryview(next(self._contents, b""))
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


class TypedReader:
    """Read blocks whose rows all have as many fields as expected, each of its column's kind.

    Parameters
    ----------
    names
        Names of all columns in the file.
    kinds
        What the columns to be read hold.
    delimiter
        What stands between two fields.
    """

    def __init__(self, names: Sequence[str], kinds: Mapping[str, Kind], *, delimiter: str) -> None:
        self._names = list(names)
        self._delimiter = delimiter
        as_text = dict.fromkeys(names, _TYPES[Kind.TEXT])
        of_kind = as_text | {name: _TYPES[kind] for name, kind in kinds.items()}
        # Times and codes that are numbers in one file are text in another.
        texts = of_kind | {
            name: pa.string() for name, kind in kinds.items() if kind in {Kind.TIME, Kind.CODE}
        }
        self._wanted = list(kinds)
        self._codes = [name for name, kind in kinds.items() if kind is Kind.CODE]
        self._types = [of_kind, texts] if texts != of_kind else [of_kind]

    def read(self, content: bytes) -> dict[str, pa.Array] | None:
        """Return the columns of a block; None where it is not plain, so that the careful reader has to look at it."""
        if self._delimiter != "\t" and b'"' in content:
            return None
        if b"\r" in content and b"\r" in content.replace(b"\r\n", b""):
            return None
        for types in tuple(self._types):
            try:
                table = self._parsed(content, types)
            except pa.ArrowInvalid:
                continue
            if _holds_blanks(table) or not self._are_plain_codes(content, table):
                continue
            self._types = [types]
            return {name: table[name].combine_chunks() for name in self._wanted}
        return None

    def _parsed(self, content: bytes, types: Mapping[str, pa.DataType]) -> pa.Table:
        return pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(
                column_names=self._names, block_size=len(content) + 1, use_threads=False
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._delimiter, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=types,
                include_columns=self._wanted,
                null_values=_NULLS,
                strings_can_be_null=False,
            ),
        )

    def _are_plain_codes(self, content: bytes, table: pa.Table) -> bool:
        """Tell that no code is a number in this reading and a word to the careful reader."""
        numbers = [table[name] for name in self._codes if pa.types.is_integer(table[name].type)]
        if numbers and _holds_hexadecimals(content):
            return False
        ends = [pc.min_max(column).as_py() for column in numbers]
        return all(
            end["min"] is None or (end["min"] > -_LARGEST_CODE and end["max"] < _LARGEST_CODE)
            for end in ends
        )


def _holds_blanks(table: pa.Table) -> bool:
    """Tell whether a line may be blank: it gives no number then, and no text."""
    return all(column.null_count or _has_empty_text(column) for column in table.columns)


def _has_empty_text(column: pa.ChunkedArray) -> bool:
    if pa.types.is_dictionary(column.type):
        return any("" in chunk.dictionary.to_pylist() for chunk in column.chunks)
    return pa.types.is_string(column.type) and bool(pc.any(pc.equal(column, "")).as_py())


def _holds_hexadecimals(content: bytes) -> bool:
    # One letter is found much faster than two, and hardly any file has it.
    return any(x in content and b"0" + x in content for x in (b"x", b"X"))


_TYPES: Final = {
    Kind.NUMBER: pa.float64(),
    Kind.TIME: pa.float64(),
    Kind.WORD: pa.dictionary(pa.int32(), pa.string()),
    Kind.CODE: pa.int64(),
    Kind.TEXT: pa.string(),
}
