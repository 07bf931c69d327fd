"""Keep what each file of samples counted, so that a new month is added without reading the old ones again."""

import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from lomsong.errors import Fault, InputError
from lomsong.evidence.crossings import Trails
from lomsong.evidence.spill import read_runs, write_runs
from lomsong.evidence.tally import Tally
from lomsong.sentences import Sentence

TALLY_KEYS: Final = ("place", "device", "look")
TRAIL_KEYS: Final = ("device", "minute", "look")
"""Packed columns, by what they are about."""
META: Final = b"lomsong"
TALLY: Final = ".witnesses.parquet"
TRAILS: Final = ".trails.parquet"
ROWS: Final = ".rows.npy"
PART: Final = ".part"
_READ_BYTES: Final = 1 << 20

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file that was counted."""

    content: str
    """Digest of its bytes."""
    name: str
    section: int
    """Number of the section whose options it was read with."""


class Store:
    """A folder of tallies, one per file of samples, under the digest of the file's content.

    Tallies hold for the hamlets, clusters and options they were counted with: those make up the context, and each
    context has a folder of its own. A tally appears whole or not at all: it is written beside and moved into place,
    after the trails of its devices and the hashes of its
    rows, which tell observations that later files repeat. What was counted stays counted, even
    when its file goes. One process at a time may add.

    Parameters
    ----------
    folder
        Where the store is, or will be.
    context
        Digest of everything that counts depend on, the files aside.
    """

    def __init__(self, folder: Path, *, context: str) -> None:
        self._root = folder
        self._folder = folder / context

    def begin(self) -> None:
        """Make the folder, and take away what a killed run left half written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as broken:
            raise InputError([_unusable(self._folder, broken)]) from None
        for part in self._folder.glob(f"*{PART}"):
            part.unlink(missing_ok=True)

    def entries(self) -> tuple[Entry, ...]:
        """Return what was counted, sorted by content."""
        return tuple(_entries(self._folder))

    def left_behind(self) -> tuple[Entry, ...]:
        """Return what was counted in other contexts and is missing in this one, sorted by name."""
        here = {entry.content for entry in self.entries()}
        others = {
            entry.content: entry
            for folder in sorted(self._root.iterdir())
            if folder.is_dir() and folder != self._folder
            for entry in _entries(folder)
            if entry.content not in here
        }
        return tuple(sorted(others.values(), key=lambda entry: (entry.name, entry.content)))

    def tally(self, entry: Entry) -> Tally:
        """Return what a file counted."""
        looks = self._folder / f"{entry.content}{TALLY}"
        trails = self._folder / f"{entry.content}{TRAILS}"
        try:
            told = _meta(pq.read_schema(looks))
            keys, n = read_runs(looks)
            places = Trails(*read_runs(trails))
        except (pa.ArrowException, OSError) as broken:
            raise InputError([_unusable(looks, broken)]) from None
        return Tally(
            keys=keys,
            n=n,
            trails=places,
            dropped=told["dropped"],
            n_samples=told["n_samples"],
            newest=dt.date.fromisoformat(told["newest"]) if told["newest"] else None,
        )

    def rows(self, section: int) -> Iterator[Hashes]:
        """Return the sorted hashes of all rows that files of a section brought, file by file, left on disk."""
        for entry in self.entries():
            if entry.section == section:
                hashes = np.load(self._folder / f"{entry.content}{ROWS}", mmap_mode="r")
                if len(hashes):
                    yield hashes

    def put(self, entry: Entry, tally: Tally, rows: Hashes) -> None:
        """Keep what a file counted, and the hashes of its rows."""
        told = {
            "name": entry.name,
            "section": entry.section,
            "dropped": tally.dropped,
            "n_samples": tally.n_samples,
            "newest": tally.newest.isoformat() if tally.newest else None,
        }
        meta = {META: json.dumps(told, sort_keys=True)}
        looks, trails = (tally.keys, tally.n), (tally.trails.keys, tally.trails.n)
        self._written(f"{entry.content}{ROWS}", lambda file: np.save(file, rows))
        self._written(
            f"{entry.content}{TRAILS}", lambda file: write_runs(file, TRAIL_KEYS, [trails])
        )
        self._written(
            f"{entry.content}{TALLY}",
            lambda file: write_runs(file, TALLY_KEYS, [looks], metadata=meta),
        )

    def _written(self, name: str, write: Callable[[IO[bytes]], None]) -> None:
        """Write a file beside, and move it into place when it is whole and on the disk."""
        target = self._folder / name
        try:
            descriptor, beside = tempfile.mkstemp(prefix=name, suffix=PART, dir=self._folder)
            with os.fdopen(descriptor, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(target)
        except OSError as broken:
            raise InputError([_unusable(target, broken)]) from None


def content_of(path: Path) -> str:
    """Return the digest of a file's bytes."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
    except OSError as broken:
        raise InputError([_unusable(path, broken)]) from None
    return digest.hexdigest()


def _entries(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.glob(f"*{TALLY}")):
        try:
            told = _meta(pq.read_schema(path))
        except (pa.ArrowException, OSError) as broken:
            raise InputError([_unusable(path, broken)]) from None
        yield Entry(
            content=path.name.removesuffix(TALLY), name=told["name"], section=told["section"]
        )


def _meta(schema: pa.Schema) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((schema.metadata or {}).get(META, b"{}"))
    if not told:
        raise pa.ArrowInvalid("it is no tally of this program")
    return told


def _unusable(path: Path, broken: Exception) -> Fault:
    return Fault(
        file=path,
        problem=Sentence("cannot be used: {reason}", reason=str(broken)),
        remedy="Mend the place, or delete the store and count again",
    )
