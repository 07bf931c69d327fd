"""Add up sorted runs of packed rows, in memory as long as they are few, else on disk."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lomsong.errors import Fault, InputError
from lomsong.evidence._runs import Counts, Keys, merged, rows_up_to

MOST_ROWS: Final = 4_000_000
"""Rows of 32 bytes that are held in memory before they go to disk."""
CHUNK_ROWS: Final = 1 << 18
_KEYS: Final = ("key_0", "key_1", "key_2")

Run = tuple[Keys, Counts]
"""Distinct rows, sorted, and how often each was seen."""


class Runs:
    """A sum of runs; each row is moved few times in memory, and to disk and back once.

    Parameters
    ----------
    name
        What the runs are of, for the names of files.
    most_rows
        Rows that are held in memory.
    """

    def __init__(self, name: str, *, most_rows: int = MOST_ROWS) -> None:
        self._name = name
        self._most_rows = most_rows
        self._held: list[Run] = []
        """Each at least twice as long as the next."""
        self._files: list[Path] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, run: Run) -> None:
        """Add one more run."""
        while self._held and len(self._held[-1][1]) < 2 * len(run[1]):
            run = merged(self._held.pop(), run)
        self._held.append(run)
        if sum(len(n) for _, n in self._held) > self._most_rows:
            self._to_disk()

    def chunks(self) -> Iterator[Run]:
        """Return the sum piece by piece, sorted; no row is in two pieces."""
        runs: list[Iterator[Run]] = [iter([self._in_memory()]), *map(_read, self._files)]
        while len(runs) > 1:
            pairs = [runs[place : place + 2] for place in range(0, len(runs), 2)]
            runs = [_together(*pair) if len(pair) > 1 else pair[0] for pair in pairs]
        return runs[0]

    def total(self) -> Run:
        """Return the whole sum."""
        if not self._files:
            return self._in_memory()
        keys, n = zip(*self.chunks(), strict=True)
        return np.concatenate(keys), np.concatenate(n)

    def close(self) -> None:
        """Take the files away."""
        if self._folder is not None:
            self._folder.cleanup()

    def _in_memory(self) -> Run:
        total: Run = (np.empty((0, 3), np.uint64), np.empty(0, np.int64))
        while self._held:
            total = merged(self._held.pop(), total)
        self._held.append(total)
        return total

    def _to_disk(self) -> None:
        keys, n = self._in_memory()
        self._held.clear()
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix=f"lomsong-{self._name}-")
            path = Path(self._folder.name) / f"{len(self._files)}.parquet"
            write_runs(path, _KEYS, [(keys, n)], compression="lz4")
        except OSError as broken:
            fault = Fault(
                file=tempfile.gettempdir(),
                problem=f"cannot hold what is counted meanwhile: {broken}",
                remedy="Set TMPDIR to a folder with more room",
            )
            raise InputError([fault]) from None
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


def read_runs(path: Path) -> Run:
    """Return the whole sum that was written to a file."""
    *keys, n = (column.to_numpy() for column in pq.read_table(path).columns)
    return np.column_stack(keys), n


def _read(path: Path) -> Iterator[Run]:
    # With `pre_buffer` all of the file that was read would stay in memory.
    for block in pq.ParquetFile(path, pre_buffer=False).iter_batches(batch_size=CHUNK_ROWS):
        *keys, n = (column.to_numpy() for column in block.columns)
        yield np.column_stack(keys), n


def _together(first: Iterator[Run], second: Iterator[Run]) -> Iterator[Run]:
    """Merge two sums given piece by piece."""
    a, b = next(first, None), next(second, None)
    while a is not None and b is not None:
        if not len(a[1]):
            a = next(first, None)
        elif not len(b[1]):
            b = next(second, None)
        else:
            # What comes later is greater than the last row of either.
            i, j = rows_up_to(a[0], b[0][-1:]), rows_up_to(b[0], a[0][-1:])
            yield merged((a[0][:i], a[1][:i]), (b[0][:j], b[1][:j]))
            a, b = (a[0][i:], a[1][i:]), (b[0][j:], b[1][j:])
    if a is not None:
        yield a
        yield from first
    if b is not None:
        yield b
        yield from second
