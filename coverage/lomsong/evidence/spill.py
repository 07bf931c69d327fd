"""Add up packed rows, in memory as long as they are few, else on disk."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lomsong.errors import Fault, InputError
from lomsong.evidence._runs import Run, merged, rows_up_to
from lomsong.sentences import Sentence

MOST_ROWS: Final = 2_000_000
"""Rows of 32 bytes that are held in memory before they go to disk."""
CHUNK_ROWS: Final = 1 << 18
LEAST_ROWS: Final = 1 << 14
"""Rows of a file on disk that are read at a time, however many files there are."""
_KEYS: Final = ("key_0", "key_1", "key_2")


class Runs:
    """A sum of rows; each is sorted once in memory, and goes to disk and back once.

    Parameters
    ----------
    name
        What the rows are of, for the names of files.
    most_rows
        Rows that are held in memory.
    """

    def __init__(self, name: str, *, most_rows: int = MOST_ROWS) -> None:
        self._name = name
        self._most_rows = most_rows
        self._held: list[Run] = []
        self._sorted = merged([])
        self._files: list[Path] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, run: Run) -> None:
        """Add rows, in any order."""
        self._held.append(run)
        if sum(len(n) for _, n in (self._sorted, *self._held)) > self._most_rows:
            # Rows that repeat each other may leave room.
            _, n = self._in_memory()
            if 2 * len(n) > self._most_rows:
                self._to_disk()

    def chunks(self) -> Iterator[Run]:
        """Return the sum piece by piece, sorted; no row is in two pieces."""
        rows = max(self._most_rows // (len(self._files) + 1), LEAST_ROWS)
        return _together([iter([self._in_memory()]), *(_read(file, rows) for file in self._files)])

    def total(self) -> Run:
        """Return the whole sum; where it did not fit into memory, it stays on disk."""
        return mapped(self.chunks()) if self._files else self._in_memory()

    @property
    def is_on_disk(self) -> bool:
        """Whether some of the rows did not fit into memory."""
        return bool(self._files)

    def close(self) -> None:
        """Take the files away."""
        if self._folder is not None:
            self._folder.cleanup()

    def _in_memory(self) -> Run:
        if self._held:
            self._sorted = merged([self._sorted, *self._held])
            self._held.clear()
        return self._sorted

    def _to_disk(self) -> None:
        keys, n = self._in_memory()
        self._sorted = merged([])
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix=f"lomsong-{self._name}-")
            path = Path(self._folder.name) / f"{len(self._files)}.parquet"
            write_runs(path, _KEYS, [(keys, n)], compression="lz4")
        except OSError as broken:
            raise InputError([_full(broken)]) from None
        self._files.append(path)


def write_runs(
    target: Path | IO[bytes],
    names: Sequence[str],
    chunks: Iterable[Run],
    *,
    metadata: Mapping[bytes, str] | None = None,
    compression: str = "zstd",
) -> None:
    """Write a sum given piece by piece to a Parquet file, under the names of its three keys."""
    fields = [*((name, pa.uint64()) for name in names), ("n", pa.int64())]
    schema = pa.schema(fields, metadata=dict(metadata or {}))
    # Keys are nearly all different: a dictionary of them would only cost time.
    with pq.ParquetWriter(target, schema, compression=compression, use_dictionary=False) as writer:
        for keys, n in chunks:
            for start in range(0, len(n), CHUNK_ROWS):
                part = slice(start, start + CHUNK_ROWS)
                columns = [np.ascontiguousarray(column) for column in keys[part].T]
                writer.write_table(pa.table([*columns, n[part]], schema=schema))


def mapped(chunks: Iterable[Run]) -> Run:
    """Return a sum given piece by piece as one on disk, whose pages come into memory as they are looked at."""
    with _beside() as for_keys, _beside() as for_counts:
        size = 0
        try:
            for keys, n in chunks:
                np.ascontiguousarray(keys).tofile(for_keys)
                np.ascontiguousarray(n).tofile(for_counts)
                size += len(n)
        except OSError as broken:
            raise InputError([_full(broken)]) from None
        if not size:
            return merged([])
        # What is written to a copy stays in memory; the files are gone once nobody looks at them.
        found = np.memmap(for_keys, np.uint64, "c", shape=(size, len(_KEYS)))
        return np.asarray(found), np.asarray(np.memmap(for_counts, np.int64, "c", shape=(size,)))


def read_runs(path: Path) -> Run:
    """Return the whole sum that was written to a file."""
    *keys, n = (column.to_numpy() for column in pq.read_table(path).columns)
    return np.column_stack(keys), n


def _read(path: Path, rows: int) -> Iterator[Run]:
    """Return a file piece by piece, of at most so many rows each."""
    # With `pre_buffer` all of the file that was read would stay in memory.
    for block in pq.ParquetFile(path, pre_buffer=False).iter_batches(batch_size=rows):
        *keys, n = (column.to_numpy() for column in block.columns)
        yield np.column_stack(keys), n


def _together(sums: Sequence[Iterator[Run]]) -> Iterator[Run]:
    """Merge sums given piece by piece."""
    pieces = [(run for run in one if len(run[1])) for one in sums]
    heads = [next(one, None) for one in pieces]
    while any(heads):
        # What comes later in any sum is greater than the last row of its piece at hand.
        last = min((head[0][-1:] for head in heads if head), key=lambda row: row[0].tolist())
        ready: list[Run] = []
        for place, head in enumerate(heads):
            if head:
                keys, n = head
                end = rows_up_to(keys, last)
                ready.append((keys[:end], n[:end]))
                left = (keys[end:], n[end:])
                heads[place] = left if end < len(n) else next(pieces[place], None)
        yield merged(ready) if len(ready) > 1 else ready[0]


def _beside() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile(prefix="lomsong-")
    except OSError as broken:
        raise InputError([_full(broken)]) from None


def _full(broken: OSError) -> Fault:
    return Fault(
        file=tempfile.gettempdir(),
        problem=Sentence("cannot hold what is counted meanwhile: {reason}", reason=str(broken)),
        remedy="Set TMPDIR to a folder with more room",
    )
