"""Count all files of samples that a project names, or only those that its store does not know yet."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from lomsong.config import Settings
from lomsong.errors import Fault, Faults
from lomsong.evidence.cube import Evidence, counted, evidence_of
from lomsong.evidence.join import Locator
from lomsong.evidence.store import Entry, Store, content_of
from lomsong.evidence.tally import Adding, added
from lomsong.ingest.inputs import SampleFile
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.ingest.samples.identity import VERSION as ROW_HASHES
from lomsong.progress import SILENT, Progress


def gather(
    files: Sequence[SampleFile],
    locator: Locator,
    *,
    store: Store | None = None,
    progress: Progress = SILENT,
) -> Evidence:
    """Count files; with a store, files that it holds are not read again, and all that it holds counts.

    Raises
    ------
    InputError
        With the faults of all files; what could be read is in the store all the same.
    """
    if store is None:
        return _read(files, locator, progress)
    store.begin()
    known = {entry.content for entry in store.entries()}
    faults = Faults()
    for file in files:
        with faults.gathering():
            content = content_of(file.path)
            if content not in known:
                known.add(content)
                _put(file, content, store, locator, progress)
    faults.extend(_lost(store))
    faults.raise_if_any()
    return evidence_of(added(map(store.tally, store.entries())), locator)


def add(
    files: Sequence[SampleFile], locator: Locator, *, store: Store, progress: Progress = SILENT
) -> None:
    """Count files into a store.

    Raises
    ------
    InputError
        Where files were added before; nothing is added then. Else with the faults of the files.
    """
    store.begin()
    known = {entry.content: entry.name for entry in store.entries()}
    content = {}
    faults = Faults()
    for file in files:
        with faults.gathering():
            content[file.path] = content_of(file.path)
            if content[file.path] in known:
                faults.add(
                    f'its content was added before, as "{known[content[file.path]]}"',
                    "Leave it out",
                    file=file.path,
                )
            known.setdefault(content[file.path], file.path.name)
    faults.raise_if_any()
    for file in files:
        with faults.gathering():
            _put(file, content[file.path], store, locator, progress)
    faults.raise_if_any()


def opened(folder: Path, settings: Settings, locator: Locator) -> Store:
    """Return the store that fits these hamlets, clusters and options."""
    options = [section.model_dump(mode="json", exclude={"path"}) for section in settings.signal]
    depends_on = {
        "locator": locator.key,
        "rows": ROW_HASHES,
        "sections": options,
        "salt": settings.privacy.salt,
        "maximum_accuracy_m": settings.evidence.maximum_accuracy_m,
    }
    text = json.dumps(depends_on, sort_keys=True)
    return Store(folder, context=hashlib.blake2b(text.encode(), digest_size=16).hexdigest())


def _read(files: Iterable[SampleFile], locator: Locator, progress: Progress) -> Evidence:
    adding, faults = Adding(), Faults()
    for _, own in groupby(files, key=lambda file: file.number):
        duplicates = Duplicates()
        for file in own:
            with faults.gathering():
                adding.add(counted(file.batches(duplicates, progress=progress), locator))
    faults.raise_if_any()
    return evidence_of(adding.total(), locator)


def _put(
    file: SampleFile, content: str, store: Store, locator: Locator, progress: Progress
) -> None:
    duplicates = Duplicates(store.rows(file.number))
    tally = counted(file.batches(duplicates, progress=progress), locator)
    entry = Entry(content=content, name=file.path.name, section=file.number)
    store.put(entry, tally, duplicates.hashes())


def _lost(store: Store) -> list[Fault]:
    """Refuse to forget files that were counted for other hamlets or settings and are not at hand now."""
    return [
        Fault(
            file=entry.name,
            problem="was counted into the store with other hamlets, clusters or settings, and is not at hand now",
            remedy="Add it again with `lomsong samples FILE --project`, or delete the store to forget it",
        )
        for entry in store.left_behind()
    ]
