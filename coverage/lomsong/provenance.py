"""Know which program, settings and files a result came from."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

CHUNK_BYTES = 1 << 20


def program() -> dict[str, str]:
    """Return the program's name and version."""
    return {"name": "lomsong", "version": version("lomsong")}


def file_hash(file: Path) -> str:
    """Return the SHA-256 of a file's content, or of all files below a folder."""
    digest = hashlib.sha256()
    parts = sorted(p for p in file.rglob("*") if p.is_file()) if file.is_dir() else [file]
    for part in parts:
        with part.open("rb") as stream:
            while block := stream.read(CHUNK_BYTES):
                digest.update(block)
    return digest.hexdigest()


def inputs(files: Iterable[tuple[str, Path]], *, folder: Path) -> list[dict[str, Any]]:
    """Return a row per input file: its role, its path relative to the project, size and hash."""
    rows = []
    for role, file in files:
        inside = file.resolve().is_relative_to(folder.resolve())
        shown = file.resolve().relative_to(folder.resolve()) if inside else Path(file.name)
        size = (
            sum(p.stat().st_size for p in file.rglob("*")) if file.is_dir() else file.stat().st_size
        )
        rows.append(
            {"role": role, "path": shown.as_posix(), "bytes": size, "sha256": file_hash(file)}
        )
    return rows


class Clock:
    """Keep how long each stage takes [s]."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)
