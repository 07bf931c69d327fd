"""Read files of samples batch by batch, and gather what is wrong with each file, or with its parts, as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lomsong.errors import Faults, InputError
from lomsong.ingest.reading.fields import CellFaults, Fields
from lomsong.ingest.reading.files import members
from lomsong.ingest.reading.words import filled
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.ingest.samples.formats.base import Observations, Options
from lomsong.ingest.samples.home import HomeCarriers
from lomsong.ingest.samples.judging import Judge
from lomsong.ingest.samples.positions import Misplaced
from lomsong.ingest.samples.sources import Part, Source, recognised
from lomsong.ingest.samples.unheard import Unheard
from lomsong.progress import Task
from lomsong.tables import Samples


@dataclass(eq=False)
class Finding:
    """What was found in a table of samples, or in a part of it, that only the whole of it can be judged by."""

    cell_faults: CellFaults = field(default_factory=CellFaults)
    misplaced: Misplaced = field(default_factory=Misplaced)
    unheard: Unheard = field(default_factory=Unheard)
    n_rows: int = 0

    def add(self, other: "Finding") -> None:
        """Take in what was found in another part."""
        self.cell_faults.add_all(other.cell_faults)
        self.misplaced.add_all(other.misplaced)
        self.unheard.add_all(other.unheard)
        self.n_rows += other.n_rows


Findings = dict[str, Finding]
"""By the name of the table."""


def raise_for(findings: Mapping[str, Finding]) -> None:
    """Raise with all that is wrong with whole tables."""
    faults = Faults()
    for name, finding in findings.items():
        faults.extend(finding.cell_faults.faults())
        faults.extend(finding.misplaced.faults(name))
        faults.extend(finding.unheard.faults(name))
        if not finding.n_rows:
            faults.add("has a header and no rows", "Give the file again", file=name)
    faults.raise_if_any()


def has_honest_repeats(
    path: Path, *, format_name: str | None, columns: Mapping[str, str] | None
) -> bool:
    """Tell whether a file holds a log whose equal rows are different looks; no file that cannot be read does."""
    try:
        sources = [
            recognised(member, format_name=format_name, columns=columns or None)
            for member in members(path)
        ]
    except InputError:  # whoever reads it tells what is wrong with it
        return False
    return any(source.format.honest_repeats for source in sources)


def all_of(parts: Iterable[Mapping[str, Finding]]) -> Findings:
    """Return what was found in all parts of a file."""
    whole: Findings = {}
    for part in parts:
        for name, finding in part.items():
            whole.setdefault(name, Finding()).add(finding)
    return whole


@dataclass(frozen=True, kw_only=True, eq=False)
class Reader:
    """Turn files of any format into samples."""

    options: Options
    judge: Judge
    duplicates: Duplicates
    format_name: str | None
    columns: Mapping[str, str] | None
    batch_rows: int
    task: Task

    def read(
        self, path: Path, findings: Findings, *, part: Part | None = None
    ) -> Iterator[Samples]:
        """Read a file or a part of it; `findings` take in what is wrong with its tables as a whole."""
        told = _Told(self.task, path, part)
        for member in members(path):
            source = recognised(
                member, format_name=self.format_name, columns=self.columns, part=part
            )
            yield from self._read_source(source, findings.setdefault(member.name, Finding()), told)
        told.end()

    def _read_source(self, source: Source, finding: Finding, told: "_Told") -> Iterator[Samples]:
        home = HomeCarriers(source, self.options)
        duplicates = self.duplicates.of_file(honest_repeats=source.format.honest_repeats)
        for batch in source.batches(batch_rows=self.batch_rows):
            fields = Fields(
                batch,
                columns=source.columns,
                file=source.member.name,
                faults=finding.cell_faults,
            )
            observed = self._completed(source.format.observe(fields, self.options))
            observed = home.given_to(observed)
            finding.misplaced.look_at(observed.lon, observed.lat, rows=batch.rows)
            samples = self.judge.samples(
                observed, duplicates, source=source.member.source, n_cut=batch.n_cut
            )
            finding.n_rows += samples.n_rows
            finding.unheard.look_at(samples)
            told.tell(samples.n_rows, passed=batch.passed)
            yield samples

    def _completed(self, observed: Observations) -> Observations:
        """Fill in what the user says about rows that do not say it."""
        plmn = filled(observed.plmn, self.options.plmn)
        return replace(observed, plmn=plmn, device=filled(observed.device, self.options.device))


class _Told:
    """Tell a task of rows, and of the bytes of one file that were read for them."""

    def __init__(self, task: Task, path: Path, part: Part | None) -> None:
        self._task = task
        self._size = path.stat().st_size if path.is_file() else 0
        self._passed = 0.0 if part is None else (part.first_row - 1) / part.of_rows
        self._end = 1.0 if part is None else (part.first_row - 1 + part.n_rows) / part.of_rows

    def tell(self, n_rows: int, *, passed: float) -> None:
        # A second look at the same file starts at its beginning again.
        before, self._passed = self._passed, min(max(passed, self._passed), self._end)
        self._task.advance(n_rows, of_total=(self._passed - before) * self._size)

    def end(self) -> None:
        self.tell(0, passed=self._end)
