"""Read samples of any supported format into one vocabulary; what is left out is counted by reason."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, TypedDict, Unpack

import pandas as pd

from lomsong.errors import Fault, Faults, InputError
from lomsong.ingest.reading.fields import checked_timezone
from lomsong.ingest.reading.files import Paths, as_paths
from lomsong.ingest.reading.words import as_text
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.ingest.samples.formats.base import Options, host_plmn
from lomsong.ingest.samples.judging import Judge
from lomsong.ingest.samples.reader import Findings, Reader, raise_for
from lomsong.progress import SILENT, Task
from lomsong.tables import SAMPLES, Samples, checked, empty

VIETNAM: Final = "Asia/Ho_Chi_Minh"
"""Zone of times that state none."""
BATCH_ROWS: Final = 524_288


class SampleOptions(TypedDict, total=False):
    """What a user says about files of samples, where the files themselves do not say it; all of it optional."""

    format: str | None
    """Name of a format, where it is not to be found by content."""
    columns: Mapping[str, str] | None
    """For a table of your own: our word to its column."""
    timezone: str
    """IANA zone of times that state none; Vietnam's by default."""
    plmn: str | None
    """Carrier of rows that name none, such as "452-04"."""
    device: str | None
    """Device of rows that name none."""
    salt: str
    """Secret that makes the hashes of device ids unguessable."""
    maximum_accuracy_m: float | None
    """Leave out positions less accurate than this [m]; unknown accuracy stays."""


def read_samples(path: Paths, *, task: Task = SILENT, **options: Unpack[SampleOptions]) -> Samples:
    """Read samples from one file or several; `stream_samples` tells how.

    Parameters
    ----------
    path
        A file or several, plain, gz or zip.
    task
        Is told how many rows and bytes of the files are read.
    **options
        `SampleOptions`.

    Returns
    -------
    The observations in the order of the sorted paths, how many rows were read, and how many left out for which
    reason: rows read = rows of the table + rows left out.

    Raises
    ------
    InputError
        With the faults of all files together.
    """
    batches = list(stream_samples(path, task=task, **options))
    dropped: Counter[str] = Counter()
    for batch in batches:
        dropped.update(batch.dropped)
    tables = [batch.table.apply(as_text) for batch in batches if len(batch.table)]
    table = pd.concat(tables, ignore_index=True) if tables else empty(SAMPLES)
    return Samples(
        table=checked(table, SAMPLES),
        dropped=dict(sorted(dropped.items())),
        n_rows=sum(batch.n_rows for batch in batches),
    )


def stream_samples(
    paths: Paths,
    *,
    batch_rows: int = BATCH_ROWS,
    duplicates: Duplicates | None = None,
    task: Task = SILENT,
    **options: Unpack[SampleOptions],
) -> Iterator[Samples]:
    """Read samples in bounded memory, at most `batch_rows` rows of a file at a time.

    Formats are found by content. Observations that agree in everything (time, place, carrier, cell, level,
    device) are one upload made twice and are left out, over all files of the call; this costs eight bytes a row.
    Only in a phone's own log, whose clock counts whole seconds, equal rows are two looks and both stay.
    A row without service that names no carrier gets the only carrier of its file or of its device, if there is one.

    Parameters
    ----------
    paths
        As `read_samples`.
    batch_rows
        Rows read at a time.
    duplicates
        What other calls have read, whose observations are left out too; it learns those of this call.
    task
        Is told how many rows and bytes of the files are read.
    **options
        `SampleOptions`.

    Yields
    ------
    Samples, whose counts are those of its own rows; words (carrier, technology, device, source) come as categories.

    Raises
    ------
    InputError
        When all files have been read, with the faults of all of them.
    """
    reader = reader_with(batch_rows=batch_rows, duplicates=duplicates, task=task, **options)
    faults = Faults()
    for path in as_paths(paths):
        with faults.gathering():
            findings: Findings = {}
            yield from reader.read(path, findings)
            raise_for(findings)
    faults.raise_if_any()


def reader_with(
    *,
    batch_rows: int = BATCH_ROWS,
    duplicates: Duplicates | None = None,
    task: Task = SILENT,
    **options: Unpack[SampleOptions],
) -> Reader:
    """Return what reads files, or parts of them, with the options of `stream_samples`."""
    if unknown := sorted(set(options) - SampleOptions.__optional_keys__):
        raise TypeError(f"nobody knows the options {', '.join(unknown)} of samples")
    return Reader(
        options=_options(
            timezone=options.get("timezone", VIETNAM),
            plmn=options.get("plmn"),
            device=options.get("device"),
        ),
        judge=Judge(
            salt=options.get("salt", ""), maximum_accuracy_m=options.get("maximum_accuracy_m")
        ),
        duplicates=duplicates if duplicates is not None else Duplicates(),
        format_name=options.get("format"),
        columns=options.get("columns") or None,
        batch_rows=batch_rows,
        task=task,
    )


def _options(*, timezone: str, plmn: str | None, device: str | None) -> Options:
    own = None if plmn is None else host_plmn(plmn)
    if plmn is not None and own is None:
        remedy = 'Write country and network code, as "452-04"'
        raise InputError([Fault(column="plmn", value=plmn, problem="is no PLMN", remedy=remedy)])
    return Options(timezone=checked_timezone(timezone), plmn=own, device=device)
