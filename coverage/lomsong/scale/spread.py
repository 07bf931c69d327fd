"""Count files of samples on the workers of a Dask cluster: a task per file, then a tree of sums.

Observations repeated across files have to count once, although no worker sees them together. So each file is counted
by itself first and its row hashes are compared; a file that repeats rows of earlier ones is counted again without
them. That equals reading one file after the other.
"""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

from lomsong.errors import Fault, Faults, InputError
from lomsong.evidence.cube import Evidence, counted, evidence_of
from lomsong.evidence.join import Locator
from lomsong.evidence.store import Hashes
from lomsong.evidence.tally import Tally, added
from lomsong.ingest.inputs import SampleFile
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.progress import SILENT, Progress


@dataclass(frozen=True, eq=False, kw_only=True)
class Counted:
    """What one file counted, or its faults."""

    tally: Tally
    rows: Hashes
    faults: tuple[Fault, ...] = ()


@contextmanager
def cluster(*, workers: int | None = None, scheduler: str | None = None) -> Iterator[Any]:
    """Open a client of the scheduler at an address, else of a cluster of so many processes on this machine.

    Raises
    ------
    InputError
        Where Dask is not installed or nobody answers at the address.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ModuleNotFoundError:
        fault = Fault(problem="Dask is not installed", remedy="pip install 'lomsong[cluster]'")
        raise InputError([fault]) from None
    with ExitStack() as stack:
        try:
            where = scheduler or stack.enter_context(
                distributed.LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None
                )
            )
            client = stack.enter_context(distributed.Client(where))
        except (OSError, ValueError) as broken:
            fault = Fault(
                problem=f"no scheduler answers: {broken}",
                remedy='Give its address, as "tcp://host:8786"',
                value=scheduler,
            )
            raise InputError([fault]) from None
        yield client


def gather(
    client: Any,  # noqa: ANN401 -- Dask ships no types
    files: Sequence[SampleFile],
    locator: Locator,
    *,
    progress: Progress = SILENT,
) -> Evidence:
    """Count files on the workers of a client; the result is that of counting them here, to the bit.

    A worker that dies changes nothing: its files are counted by others. Workers read the files under their paths.

    Raises
    ------
    InputError
        With the faults of all files.
    """
    # As the result of a task it is made again where a worker dies with it; scattered data would be lost.
    there = client.submit(_itself, locator, pure=False)
    final: list[Any] = []
    for _, own in groupby(files, key=lambda file: file.number):
        section = [replace(file, path=file.path.resolve()) for file in own]
        first = [client.submit(_count, file, there, _none(), pure=False) for file in section]
        repeated = client.submit(_repeated, [client.submit(_rows, one) for one in first])
        for number, (file, one) in enumerate(zip(section, first, strict=True)):
            final.append(
                client.submit(_again, one, file, there, client.submit(_of, repeated, number))
            )
    faults = Faults()
    with progress.task("samples", total=len(final), unit="files") as task:
        for one in final:
            faults.extend(client.submit(_faults, one).result())
            task.advance(1)
    faults.raise_if_any()
    sums = [client.submit(_tally, one) for one in final]
    while len(sums) > 1:
        pairs = [sums[place : place + 2] for place in range(0, len(sums), 2)]
        sums = [client.submit(added, pair) if len(pair) > 1 else pair[0] for pair in pairs]
    return evidence_of(sums[0].result() if sums else Tally(), locator)


def _count(file: SampleFile, locator: Locator, earlier: Hashes) -> Counted:
    duplicates = Duplicates([earlier])
    try:
        tally = counted(file.batches(duplicates), locator)
    except InputError as broken:
        return Counted(tally=Tally(), rows=_none(), faults=broken.faults)
    return Counted(tally=tally, rows=duplicates.hashes())


def _again(first: Counted, file: SampleFile, locator: Locator, earlier: Hashes) -> Counted:
    """Count a file without the rows that earlier files hold; most repeat none."""
    return _count(file, locator, earlier) if len(earlier) else first


def _repeated(rows: Sequence[Hashes]) -> list[Hashes]:
    """Return for each file which of its rows earlier files hold."""
    seen, found = _none(), []
    for own in rows:
        found.append(np.intersect1d(own, seen, assume_unique=True))
        seen = np.union1d(seen, own)
    return found


def _itself(locator: Locator) -> Locator:
    return locator


def _none() -> Hashes:
    return np.empty(0, np.uint64)


def _rows(one: Counted) -> Hashes:
    return one.rows


def _tally(one: Counted) -> Tally:
    return one.tally


def _faults(one: Counted) -> tuple[Fault, ...]:
    return one.faults


def _of(several: Sequence[Hashes], number: int) -> Hashes:
    return several[number]
