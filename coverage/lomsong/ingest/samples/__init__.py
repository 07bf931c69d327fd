"""Read samples of any supported format into one vocabulary; what is left out is counted by reason."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from lomsong.errors import Fault, Faults, InputError
from lomsong.ingest.reading.fields import CellFaults, Fields, checked_timezone, meanings
from lomsong.ingest.reading.files import Paths, as_paths, members
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.ingest.samples.formats.base import Observations, Options, host_plmn
from lomsong.ingest.samples.levels import CDMA, in_range
from lomsong.ingest.samples.positions import Misplaced, is_possible
from lomsong.ingest.samples.reasons import Reason
from lomsong.ingest.samples.sources import Source, recognised
from lomsong.tables import RSRP_TECHNOLOGIES, SAMPLES, Samples, checked, empty
from lomsong.vietnam import carriers

BATCH_ROWS = 262_144
_KEY_BYTES = 32
_DEVICE_BYTES = 8


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
        )
    )
    dropped: Counter[str] = Counter()
    for batch in batches:
        dropped.update(batch.dropped)
    tables = [batch.table for batch in batches if len(batch.table)]
    return Samples(
        table=pd.concat(tables, ignore_index=True) if tables else empty(SAMPLES),
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

    Yields
    ------
    Samples, whose counts are those of its own rows.

    Raises
    ------
    InputError
        When all files have been read, with the faults of all of them.
    """
    judge = _Judge(
        options=_options(timezone=timezone, plmn=plmn, device=device),
        key=hashlib.blake2b(salt.encode(), digest_size=_KEY_BYTES).digest(),
        maximum_accuracy_m=maximum_accuracy_m,
        duplicates=duplicates if duplicates is not None else Duplicates(),
    )
    faults = Faults()
    for path in as_paths(paths):
        with faults.gathering():
            for member in members(path):
                source = recognised(member, format_name=format, columns=columns or None)
                yield from _read_source(source, judge, batch_rows=batch_rows)
    faults.raise_if_any()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judge:
    """What one call needs to turn observations of any file into samples."""

    options: Options
    key: bytes
    maximum_accuracy_m: float | None
    duplicates: Duplicates

    def hashed(self, device: str) -> str:
        return hashlib.blake2b(device.encode(), key=self.key, digest_size=_DEVICE_BYTES).hexdigest()


def _options(*, timezone: str, plmn: str | None, device: str | None) -> Options:
    own = None if plmn is None else host_plmn(plmn)
    if plmn is not None and own is None:
        remedy = 'Write country and network code, as "452-04"'
        raise InputError([Fault(column="plmn", value=plmn, problem="is no PLMN", remedy=remedy)])
    return Options(timezone=checked_timezone(timezone), plmn=own, device=device)


def _read_source(source: Source, judge: _Judge, *, batch_rows: int) -> Iterator[Samples]:
    """Read one table; what is wrong with it as a whole is known, and raised, at its end."""
    cell_faults = CellFaults()
    home = _HomeCarriers(source, judge.options)
    tally: Counter[str] = Counter()
    misplaced = Misplaced()
    n_rows = 0
    judge.duplicates.begin_file()
    for batch in source.batches(batch_rows=batch_rows):
        file = source.member.name
        fields = Fields(batch, columns=source.columns, file=file, faults=cell_faults)
        observed = home.given_to(_completed(source.format.observe(fields, judge.options), judge))
        misplaced.look_at(observed.lon, observed.lat)
        samples = _judged(observed, source, judge, n_cut=batch.n_cut)
        tally.update(samples.dropped)
        n_rows += samples.n_rows
        yield samples
    faults = Faults()
    faults.extend(cell_faults.faults())
    faults.extend(misplaced.faults(source.member.name))
    if not n_rows:
        faults.add("has a header and no rows", "Give the file again", file=source.member.name)
    faults.raise_if_any()


def _completed(observed: Observations, judge: _Judge) -> Observations:
    """Fill in what the user says about rows that do not say it."""
    plmn = _filled(observed.plmn, judge.options.plmn)
    return replace(observed, plmn=plmn, device=_filled(observed.device, judge.options.device))


def _filled(values: np.ndarray, default: str | None) -> np.ndarray:
    return values if default is None else np.where(pd.isna(values), default, values)


class _HomeCarriers:
    """Who the rows without service and without carrier belong to: the only carrier of their file or device."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source = source
        self._options = options

    def given_to(self, observed: Observations) -> Observations:
        """Fill in the carrier of rows without service, as far as there is only one it can be."""
        homeless = observed.no_service & pd.isna(observed.plmn)
        if not homeless.any():
            return observed
        of_file, of_device = self._found
        homes = {device: of_file or _only(seen) for device, seen in of_device.items()}
        plmn = observed.plmn.copy()
        plmn[homeless] = [homes.get(device, of_file) for device in observed.device[homeless]]
        return replace(observed, plmn=plmn)

    @cached_property
    def _found(self) -> tuple[str | None, dict[str | None, set[str]]]:
        """Look through the carriers of the whole file, which come before and behind the rows that lack one."""
        of_device: dict[str | None, set[str]] = {}
        fields_read = ("plmn", "mcc", "mnc", "operator", "operator_name", "device")
        for batch in self._source.batches(batch_rows=BATCH_ROWS, fields=fields_read):
            fields = Fields(
                batch,
                columns=self._source.columns,
                file=self._source.member.name,
                faults=CellFaults(),
            )
            carriers_here = self._source.format.carrier(fields)
            devices = _filled(fields.word("device", str), self._options.device)
            pairs = pd.DataFrame({"device": devices, "plmn": carriers_here}).dropna(subset="plmn")
            for device, plmn in pairs.drop_duplicates().itertuples(index=False):
                if plmn not in carriers.WITHDRAWN:
                    of_device.setdefault(device, set()).add(plmn)
        return _only(set().union(*of_device.values())), of_device


def _only(carriers_seen: set[str]) -> str | None:
    return next(iter(carriers_seen)) if len(carriers_seen) == 1 else None


def _refusals(
    observed: Observations, *, maximum_accuracy_m: float | None
) -> Iterator[tuple[Reason, np.ndarray]]:
    """Say for each reason in turn which rows it refuses; a row goes by the first that meets it."""
    yield from observed.refused.items()
    lon, lat, technology = observed.lon, observed.lat, observed.technology
    yield Reason.NO_POSITION, ~(np.isfinite(lon) & np.isfinite(lat))
    yield Reason.POSITION_ZERO, (lon == 0) & (lat == 0)
    yield Reason.POSITION_IMPOSSIBLE, ~is_possible(lon, lat)
    if maximum_accuracy_m is not None:
        yield Reason.POSITION_INACCURATE, observed.accuracy_m > maximum_accuracy_m
    yield Reason.WITHDRAWN_CARRIER, np.isin(observed.plmn.astype(str), list(carriers.WITHDRAWN))
    served = ~observed.no_service
    yield Reason.CDMA, served & (technology == CDMA)
    yield Reason.NO_TECHNOLOGY, served & pd.isna(technology)
    yield Reason.NO_LEVEL, served & np.isnan(observed.level_dbm)
    yield Reason.LEVEL_OUT_OF_RANGE, served & ~in_range(observed.level_dbm, technology)


def _judged(observed: Observations, source: Source, judge: _Judge, *, n_cut: int) -> Samples:
    """Leave out what is no observation, count it, and write the rest in our words."""
    n_rows = len(observed.lon)
    kept = np.ones(n_rows, dtype=bool)
    dropped: Counter[str] = Counter({Reason.CUT_SHORT.value: n_cut})
    for reason, hit in _refusals(observed, maximum_accuracy_m=judge.maximum_accuracy_m):
        dropped[reason.value] += int((kept & hit).sum())
        kept &= ~hit
    table = _table(observed, kept, source=source.member.source, judge=judge)
    identity = table.drop(columns="source").assign(
        cell=observed.cell.filter(pa.array(kept)).to_pandas().array
    )
    repeated = judge.duplicates.repeated(identity, honest_repeats=source.format.honest_repeats)
    dropped[Reason.DUPLICATE.value] += int(repeated.sum())
    table = table[~repeated].reset_index(drop=True)
    return Samples(
        table=checked(table, SAMPLES),
        dropped={reason: count for reason, count in sorted(dropped.items()) if count},
        n_rows=n_rows + n_cut,
    )


def _table(observed: Observations, kept: np.ndarray, *, source: str, judge: _Judge) -> pd.DataFrame:
    no_service = observed.no_service[kept]
    technology = np.where(no_service, None, observed.technology[kept])
    level = np.where(no_service, np.nan, observed.level_dbm[kept])
    is_rsrp = np.isin(technology, RSRP_TECHNOLOGIES)
    device = meanings(pa.array(observed.device[kept], type=pa.string()), judge.hashed)
    return pd.DataFrame(
        {
            "time": pd.DatetimeIndex(observed.time[kept], tz="UTC"),
            "lon": observed.lon[kept],
            "lat": observed.lat[kept],
            "accuracy_m": observed.accuracy_m[kept],
            "plmn": pd.Series(observed.plmn[kept], dtype="str"),
            "technology": pd.Series(technology, dtype="str"),
            "rsrp_dbm": np.where(is_rsrp, level, np.nan),
            "level_dbm": np.where(is_rsrp, np.nan, level),
            "no_service": no_service,
            "device": pd.Series(device, dtype="str"),
            "source": pd.Series(np.full(len(level), source, dtype=object), dtype="str"),
        }
    )
