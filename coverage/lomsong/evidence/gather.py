"""Count all files of samples that a project names, or only those that its store does not know yet."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lomsong.config import Settings
from lomsong.errors import Fault, Faults
from lomsong.evidence.counting import CountFiles, count_all, count_here
from lomsong.evidence.cube import Evidence, evidence_of
from lomsong.evidence.join import Locator
from lomsong.evidence.store import Entry, Store, content_of
from lomsong.evidence.tally import VERSION as KEYS
from lomsong.evidence.tally import added
from lomsong.ingest.inputs import SampleFile
from lomsong.ingest.samples.identity import VERSION as ROW_HASHES
from lomsong.progress import SILENT, Progress
from lomsong.sentences import Sentence


def gather(
    files: Sequence[SampleFile],
    locator: Locator,
    *,
    store: Store | None = None,
    progress: Progress = SILENT,
    count_files: CountFiles = count_here,
) -> Evidence:
    """Count files; with a store, files that it holds are not read again, and all that it holds counts.

    `count_files` counts those that go into the store; without a store they are counted on all threads.

    Raises
    ------
    InputError
        With the faults of all files; what could be read is in the store all the same.
    """
    if store is None:
        with progress.task("samples", total=_size(files), unit="rows") as task:
            return evidence_of(count_all(files, locator, task=task), locator)
    store.begin()
    known = {entry.content for entry in store.entries()}
    new: dict[str, SampleFile] = {}
    faults = Faults()
    for file in files:
        with faults.gathering():
            content = content_of(file.path)
            if content not in known:
                new.setdefault(content, file)
    faults.extend(_put(new, store, locator, progress, count_files))
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
    new: dict[str, SampleFile] = {}
    faults = Faults()
    for file in files:
        with faults.gathering():
            content = content_of(file.path)
            if content in known:
                faults.add(
                    Sentence('its content was added before, as "{file}"', file=known[content]),
                    "Leave it out",
                    file=file.path,
                )
            known.setdefault(content, file.path.name)
            new[content] = file
    faults.raise_if_any()
    faults.extend(_put(new, store, locator, progress, count_here))
    faults.raise_if_any()


def opened(folder: Path, settings: Settings, locator: Locator) -> Store:
    """Return the store that fits these hamlets, clusters and options."""
    options = [section.model_dump(mode="json", exclude={"path"}) for section in settings.signal]
    depends_on = {
        "locator": locator.key,
        "rows": ROW_HASHES,
        "keys": KEYS,
        "sections": options,
        "salt": settings.privacy.salt,
        "maximum_accuracy_m": settings.evidence.maximum_accuracy_m,
    }
    text = json.dumps(depends_on, sort_keys=True)
    return Store(folder, context=hashlib.blake2b(text.encode(), digest_size=16).hexdigest())


def _put(
    new: Mapping[str, SampleFile],
    store: Store,
    locator: Locator,
    progress: Progress,
    count_files: CountFiles,
) -> list[Fault]:
    """Keep what files count, one after the other; return the faults of those that cannot be read."""
    faults: list[Fault] = []
    files = list(new.values())
    with progress.task("samples", total=_size(files), unit="rows") as task:
        found = count_files(files, locator, earlier=store.rows, task=task)
        for (content, file), one in zip(new.items(), found, strict=True):
            faults.extend(one.faults)
            if not one.faults:
                entry = Entry(content=content, name=file.path.name, section=file.number)
                store.put(entry, one.tally, one.rows)
    return faults


def _size(files: Iterable[SampleFile]) -> int:
    return sum(file.size_bytes for file in files)


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
