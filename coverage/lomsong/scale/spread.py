"""Work on a Dask cluster: samples are counted part by part and summed in a tree, sites swept over terrain one by one.

Observations repeated across parts have to count once, although no worker sees them together. So each part is counted
by itself first and its row hashes are compared; a part that repeats rows of earlier ones is counted again without
them. That equals reading one file after the other.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import groupby
from typing import Any, Final, TypeVar

from lomsong.errors import Fault, InputError
from lomsong.evidence.counting import Counted, Earlier, count_part, faults_of, raise_for_files
from lomsong.evidence.cube import Evidence, evidence_of
from lomsong.evidence.join import Locator
from lomsong.evidence.store import Hashes
from lomsong.evidence.tally import Tally, added
from lomsong.ingest.inputs import SampleFile
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.ingest.samples.sources import PART_ROWS
from lomsong.progress import SILENT, Progress, Task
from lomsong.sentences import Sentence

TOGETHER: Final = 8
"""Items of one task: enough that sending it costs little beside the work."""

Item = TypeVar("Item")
Result = TypeVar("Result")


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
                problem=Sentence("no scheduler answers: {reason}", reason=str(broken)),
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
    part_rows: int = PART_ROWS,
    progress: Progress = SILENT,
) -> Evidence:
    """Count files on the workers of a client; the result is that of counting them here, to the bit.

    A worker that dies changes nothing: its parts are counted by others. Workers read the files under their paths.

    Raises
    ------
    InputError
        With the faults of all files.
    """
    there = _sent(client, locator)
    parts: list[SampleFile] = []
    final: list[Any] = []
    for _, section in groupby(files, key=lambda file: file.number):
        own = [part for file in section for part in _parts(file, part_rows)]
        first = [client.submit(count_part, part, there, pure=False) for part in own]
        repeated = client.submit(_repeated, [client.submit(_rows, one) for one in first])
        parts += own
        final += [
            client.submit(_again, one, part, there, client.submit(_of, repeated, number))
            for number, (part, one) in enumerate(zip(own, first, strict=True))
        ]
    with progress.task("samples", total=_size(parts), unit="rows") as task:
        told = _told_of(client, parts, final, task)
    raise_for_files(parts, told)
    sums = [client.submit(_tally, one) for one in final]
    return evidence_of(_sum(client, sums), locator)


def count_files(
    client: Any,  # noqa: ANN401 -- Dask ships no types
    files: Sequence[SampleFile],
    locator: Locator,
    *,
    earlier: Earlier,
    task: Task = SILENT,
    part_rows: int = PART_ROWS,
) -> Iterator[Counted]:
    """Count files on the workers of a client and bring back what each counted, as `evidence.counting.count_here`.

    All files are counted at once, each part by itself; a part with rows that came earlier is counted again.
    """
    there = _sent(client, locator)
    parts = [_parts(file, part_rows) for file in files]
    first = [[client.submit(count_part, part, there, pure=False) for part in own] for own in parts]
    for file, own, counts in zip(files, parts, first, strict=True):
        duplicates = Duplicates(earlier(file.number))
        final = []
        for part, one in zip(own, counts, strict=True):
            rows = client.submit(_rows, one).result()
            repeated = rows[duplicates.repeated(rows)]
            final.append(
                client.submit(_again, one, part, there, repeated) if len(repeated) else one
            )
        told = _told_of(client, own, final, task)
        sums = [client.submit(_tally, one) for one in final]
        yield Counted(tally=_sum(client, sums), rows=duplicates.hashes(), faults=faults_of(told))


def mapped(
    client: Any,  # noqa: ANN401 -- Dask ships no types
) -> Callable[[Callable[[Item], Result], Sequence[Item]], Iterator[Result]]:
    """Return what does work on the workers of a client as `map` does it here: each item by itself, in order.

    What the work needs is sent once and whole. A worker that dies changes nothing.
    """

    def over(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        there = _sent(client, work)
        several = [items[start : start + TOGETHER] for start in range(0, len(items), TOGETHER)]
        for one in [client.submit(_each, there, some, pure=False) for some in several]:
            yield from one.result()

    return over


def _sent(client: Any, needed: object) -> Any:  # noqa: ANN401 -- Dask ships no types
    """Send something once; as the result of a task it is made again where a worker dies with it."""
    return client.submit(_itself, needed, pure=False)


def _parts(file: SampleFile, part_rows: int) -> list[SampleFile]:
    return [replace(part, path=part.path.resolve()) for part in file.parts(rows=part_rows)]


def _told_of(
    client: Any,  # noqa: ANN401 -- Dask ships no types
    parts: Sequence[SampleFile],
    counts: Sequence[Any],
    task: Task,
) -> list[Counted]:
    """Wait for counts, and bring back what was found in each part."""
    told = []
    for part, one in zip(parts, counts, strict=True):
        told.append(client.submit(_told, one).result())
        n_rows = sum(finding.n_rows for finding in told[-1].findings.values())
        task.advance(n_rows, of_total=_size([part]))
    return told


def _sum(client: Any, sums: list[Any]) -> Tally:  # noqa: ANN401 -- Dask ships no types
    while len(sums) > 1:
        pairs = [sums[place : place + 2] for place in range(0, len(sums), 2)]
        sums = [client.submit(added, pair) if len(pair) > 1 else pair[0] for pair in pairs]
    total: Tally = sums[0].result() if sums else Tally()
    return total


def _size(parts: Iterable[SampleFile]) -> float:
    return sum(part.size_bytes * (part.part.share if part.part else 1) for part in parts)


def _again(first: Counted, part: SampleFile, locator: Locator, earlier: Hashes) -> Counted:
    """Count a part without the rows that earlier ones hold; most repeat none."""
    return count_part(part, locator, [earlier]) if len(earlier) else first


def _repeated(rows: Sequence[Hashes]) -> list[Hashes]:
    """Return for each part which of its rows earlier ones hold, sorted."""
    duplicates = Duplicates()
    return [own[duplicates.repeated(own)] for own in rows]


def _itself(needed: Item) -> Item:
    return needed


def _each(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [work(item) for item in items]


def _rows(one: Counted) -> Hashes:
    return one.rows


def _tally(one: Counted) -> Tally:
    return one.tally


def _told(one: Counted) -> Counted:
    return Counted(findings=one.findings, faults=one.faults)


def _of(several: Sequence[Hashes], number: int) -> Hashes:
    return several[number]
