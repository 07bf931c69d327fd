"""Count files of samples part by part, on all threads of this machine or wherever else; what comes out is the same."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, Protocol

import numpy as np

from lomsong.errors import Fault, Faults, InputError
from lomsong.evidence.cube import counted
from lomsong.evidence.join import Locator
from lomsong.evidence.store import Hashes
from lomsong.evidence.tally import Counting, Tally
from lomsong.ingest.inputs import SampleFile
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.ingest.samples.reader import Findings, all_of, raise_for
from lomsong.progress import SILENT, Task
from lomsong.threads import cores

_MOST_THREADS: Final = 8
"""More would wait for the memory; each holds a few batches."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Counted:
    """What one file, or a part of it, counted, or its faults."""

    tally: Tally = field(default_factory=Tally)
    rows: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    """Hashes of the rows, sorted."""
    findings: Findings = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


class CountFiles(Protocol):
    """Counts files one after the other, each without the rows that `earlier` tells of its section at that moment."""

    def __call__(
        self, files: Sequence[SampleFile], locator: Locator, *, earlier: "Earlier", task: Task
    ) -> Iterator[Counted]:
        """Yield what each file counted, in their order; the next is asked for when this one is kept."""
        ...


class Earlier(Protocol):
    """Tells the rows that files of a section brought so far."""

    def __call__(self, section: int) -> Iterable[Hashes]:
        """Return sorted hashes."""
        ...


def count_part(
    part: SampleFile, locator: Locator, earlier: Iterable[Hashes] = (), task: Task = SILENT
) -> Counted:
    """Count a file or a part of it without rows that came earlier."""
    duplicates = Duplicates(earlier)
    return _counted(part, locator, duplicates, task, rows=True)


def count_here(
    files: Sequence[SampleFile], locator: Locator, *, earlier: Earlier, task: Task = SILENT
) -> Iterator[Counted]:
    """Count files one after the other, the parts of each on several threads."""
    for file in files:
        duplicates = Duplicates(earlier(file.number))
        with Counting() as adding:
            told = _count_parts(file.parts(), {file.number: duplicates}, locator, adding, task)
            if faults := faults_of(told):
                yield Counted(faults=faults)
            else:
                yield Counted(tally=adding.total(), rows=duplicates.hashes())


def count_all(files: Sequence[SampleFile], locator: Locator, *, task: Task = SILENT) -> Tally:
    """Count all files on several threads; which of them counts a repeated row changes nothing.

    Raises
    ------
    InputError
        With the faults of all files.
    """
    duplicates = {file.number: Duplicates() for file in files}
    parts = [part for file in files for part in file.parts()]
    with Counting() as adding:
        raise_for_files(parts, _count_parts(parts, duplicates, locator, adding, task))
        return adding.total()


def _count_parts(
    parts: Sequence[SampleFile],
    duplicates: Mapping[int, Duplicates],
    locator: Locator,
    adding: Counting,
    task: Task,
) -> list[Counted]:
    """Count parts on several threads and add them up; return what was found in each."""
    told: list[Counted] = []
    threads = max(1, min(cores(), _MOST_THREADS, len(parts)))
    with ThreadPoolExecutor(threads) as pool:
        running: deque[Future[Counted]] = deque()
        left = deque(parts)
        while left or running:
            while left and len(running) < threads:
                part = left.popleft()
                seen = duplicates[part.number]
                running.append(pool.submit(_counted, part, locator, seen, task))
            one = running.popleft().result()
            adding.add(one.tally)
            told.append(Counted(findings=one.findings, faults=one.faults))
    return told


def raise_for_files(parts: Sequence[SampleFile], told: Sequence[Counted]) -> None:
    """Raise with the faults of all files, which came part by part."""
    faults = Faults()
    for _, own in groupby(
        zip(parts, told, strict=True), key=lambda pair: (pair[0].number, pair[0].path)
    ):
        faults.extend(faults_of([one for _, one in own]))
    faults.raise_if_any()


def faults_of(parts: Sequence[Counted]) -> tuple[Fault, ...]:
    """Return the faults of a file from those of its parts, each once."""
    faults = Faults()
    for part in parts:
        faults.extend(part.faults)
    if not len(faults):
        with faults.gathering():
            raise_for(all_of(part.findings for part in parts))
    return tuple({str(fault): fault for fault in faults}.values())


def _counted(
    part: SampleFile, locator: Locator, duplicates: Duplicates, task: Task, *, rows: bool = False
) -> Counted:
    findings: Findings = {}
    try:
        tally = counted(part.batches(duplicates, task=task, findings=findings), locator)
    except InputError as broken:
        return Counted(findings=findings, faults=broken.faults)
    hashes = duplicates.hashes() if rows else np.empty(0, np.uint64)
    return Counted(tally=tally, rows=hashes, findings=findings)
