"""Read samples of any supported format into one vocabulary; what is left out is counted by reason."""

from collections import Counter
from collections.abc import Iterator, Mapping

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

BATCH_ROWS = 524_288


def read_samples(
    path: Paths,
    *,
    format: str | None = None,  # noqa: A002 -- the word of the project file
    columns: Mapping[str, str] | None = None,
    timezone: str = "Asia/Ho_Chi_Minh",
    plmn: str | None = None,
    device: str | None = None,
    salt: str = "",
    maximum_accuracy_m: float | None = None,
    task: Task = SILENT,
) -> Samples:
    """Read samples from one file or several; `stream_samples` tells how.

    Parameters
    ----------
    path
        A file or several, plain, gz or zip.
    format
        Name of a format, where it is not to be found by content.
    columns
        For a table of your own: our word to its column.
    timezone
        IANA zone of times that state none.
    plmn
        Carrier of rows that name none, such as "452-04".
    device
        Device of rows that name none.
    salt
        Secret that makes the hashes of device ids unguessable.
    maximum_accuracy_m
        Leave out positions less accurate than this [m]; unknown accuracy stays.
    task
        Is told how many rows and bytes of the files are read.

    Returns
    -------
    The observations in the order of the sorted paths, how many rows were read, and how many left out for which
    reason: rows read = rows of the table + rows left out.

    Raises
    ------
    InputError
        With the faults of all files together.
    """
    batches = list(
        stream_samples(
            path,
            format=format,
            columns=columns,
            timezone=timezone,
            plmn=plmn,
            device=device,
            salt=salt,
            maximum_accuracy_m=maximum_accuracy_m,
            task=task,
        )
    )
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
    format: str | None = None,  # noqa: A002 -- the word of the project file
    columns: Mapping[str, str] | None = None,
    timezone: str = "Asia/Ho_Chi_Minh",
    plmn: str | None = None,
    device: str | None = None,
    salt: str = "",
    maximum_accuracy_m: float | None = None,
    duplicates: Duplicates | None = None,
    task: Task = SILENT,
) -> Iterator[Samples]:
    """Read samples in bounded memory, at most `batch_rows` rows of a file at a time.

    Formats are found by content. Observations that agree in everything (time, place, carrier, cell, level,
    device) are one upload made twice and are left out, over all files of the call; this costs eight bytes a row.
    Only in a phone's own log, whose clock counts whole seconds, equal rows are two looks and both stay.
    A row without service that names no carrier gets the only carrier of its file or of its device, if there is one.

    Parameters
    ----------
    paths, format, columns, timezone, plmn, device, salt, maximum_accuracy_m
        As `read_samples`.
    batch_rows
        Rows read at a time.
    duplicates
        What other calls have read, whose observations are left out too; it learns those of this call.
    task
        Is told how many rows and bytes of the files are read.

    Yields
    ------
    Samples, whose counts are those of its own rows; words (carrier, technology, device, source) come as categories.

    Raises
    ------
    InputError
        When all files have been read, with the faults of all of them.
    """
    reader = reader_with(
        batch_rows=batch_rows,
        format=format,
        columns=columns,
        timezone=timezone,
        plmn=plmn,
        device=device,
        salt=salt,
        maximum_accuracy_m=maximum_accuracy_m,
        duplicates=duplicates,
        task=task,
    )
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
    format: str | None = None,  # noqa: A002 -- the word of the project file
    columns: Mapping[str, str] | None = None,
    timezone: str = "Asia/Ho_Chi_Minh",
    plmn: str | None = None,
    device: str | None = None,
    salt: str = "",
    maximum_accuracy_m: float | None = None,
    duplicates: Duplicates | None = None,
    task: Task = SILENT,
) -> Reader:
    """Return what reads files, or parts of them, with the options of `stream_samples`."""
    return Reader(
        options=_options(timezone=timezone, plmn=plmn, device=device),
        judge=Judge(salt=salt, maximum_accuracy_m=maximum_accuracy_m),
        duplicates=duplicates if duplicates is not None else Duplicates(),
        format_name=format,
        columns=columns or None,
        batch_rows=batch_rows,
        task=task,
    )


def _options(*, timezone: str, plmn: str | None, device: str | None) -> Options:
    own = None if plmn is None else host_plmn(plmn)
    if plmn is not None and own is None:
        remedy = 'Write country and network code, as "452-04"'
        raise InputError([Fault(column="plmn", value=plmn, problem="is no PLMN", remedy=remedy)])
    return Options(timezone=checked_timezone(timezone), plmn=own, device=device)
