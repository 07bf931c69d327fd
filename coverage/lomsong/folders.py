"""Replace a folder of outputs as a whole, so that a failed or killed run leaves the earlier one untouched."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lomsong.errors import Fault, InputError
from lomsong.result import MANIFEST
from lomsong.sentences import Sentence


@contextmanager
def replaced_whole(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into; once all is written, move it to where `folder` is.

    What an earlier run wrote there goes; what the user put beside it stays.

    Raises
    ------
    InputError
        Where `folder` is a file, or holds files but no earlier run whose manifest can be read.
    """
    folder = folder.resolve()
    _recover(folder)
    _refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
    # mkdtemp makes the folder private; outputs follow the user's own mask.
    fresh.chmod(0o777 & ~_umask())
    try:
        yield fresh
        _keep_foreign(folder, fresh)
        _swap(folder, fresh)
    except OSError as refused:
        if refused.errno == errno.ENOSPC and refused.filename is None:
            refused.filename = str(folder)  # what fills a disk often does not say where
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def files_of(folder: Path) -> list[str]:
    """Return the files below a folder, relative to it, sorted."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _aside(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.earlier"


def _recover(folder: Path) -> None:
    """Put the earlier run back where a run was killed between the two moves of a swap."""
    aside = _aside(folder)
    if aside.is_dir() and not folder.exists():
        aside.rename(folder)
    elif aside.is_dir():
        shutil.rmtree(aside)


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(
            [Fault(file=folder, problem="is a file, not a folder", remedy="Give another --out")]
        )
    if any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        fault = Fault(
            file=folder,
            problem="holds files but no earlier run, so nothing is written there",
            remedy="Give an empty or new folder with --out",
        )
        raise InputError([fault])
    try:
        _written_by_earlier(folder)
    except (ValueError, AttributeError) as damaged:
        fault = Fault(
            file=folder / MANIFEST,
            problem=Sentence(
                "is damaged ({reason}), so nobody can say which files are yours",
                reason=str(damaged),
            ),
            remedy="Give an empty or new folder with --out",
        )
        raise InputError([fault]) from None


def _keep_foreign(folder: Path, fresh: Path) -> None:
    if not folder.is_dir():
        return
    ours = set(_written_by_earlier(folder))
    for name in files_of(folder):
        if name in ours or (fresh / name).exists():
            continue
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, fresh / name)


def _written_by_earlier(folder: Path) -> list[str]:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return []
    files = json.loads(manifest.read_text(encoding="utf-8")).get("files", [])
    return [*map(str, files), MANIFEST]


def _swap(folder: Path, fresh: Path) -> None:
    aside = _aside(folder)
    if folder.exists():
        folder.rename(aside)
    fresh.rename(folder)
    if aside.exists():
        shutil.rmtree(aside)
