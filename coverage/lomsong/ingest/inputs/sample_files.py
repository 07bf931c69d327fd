"""Find the files of samples that a project names, and stream them with the options of their sections."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lomsong.config import Project, Settings, SignalSection
from lomsong.errors import Fault, Faults, InputError
from lomsong.ingest.reading.files import Paths, as_paths
from lomsong.ingest.samples import reader_with
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.ingest.samples.reader import Findings, has_honest_repeats, raise_for
from lomsong.ingest.samples.sources import PART_ROWS, Part, parts_of
from lomsong.progress import SILENT, Progress, Task
from lomsong.tables import Samples


@dataclass(frozen=True, kw_only=True)
class SampleFile:
    """One file of samples, and what its section of the project says about it."""

    path: Path
    section: SignalSection
    number: int
    """Number of the section; observations repeated within a section count once."""
    settings: Settings
    part: Part | None = None
    """The rows that are read, where they are not all."""

    @property
    def size_bytes(self) -> int:
        """Size of the file, 0 where there is none."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def parts(self, *, rows: int = PART_ROWS) -> tuple["SampleFile", ...]:
        """Return parts of at least `rows` rows that together hold all rows; most files are one part."""
        parts = parts_of(self.path, rows=rows)
        if len(parts) < 2 or self._has_honest_repeats():  # noqa: PLR2004 -- one part is the whole
            return (self,)
        return tuple(replace(self, part=part) for part in parts)

    def batches(
        self,
        duplicates: Duplicates,
        *,
        task: Task = SILENT,
        findings: Findings | None = None,
    ) -> Iterator[Samples]:
        """Stream the file or its part; what is wrong with the whole file is raised at its end, or left in `findings`."""
        found: Findings = {} if findings is None else findings
        reader = reader_with(
            format=self.section.format,
            columns=self.section.columns,
            timezone=self.section.timezone,
            plmn=self.section.plmn,
            device=self.section.device,
            salt=self.settings.privacy.salt,
            maximum_accuracy_m=self.settings.evidence.maximum_accuracy_m,
            duplicates=duplicates,
            task=task,
        )
        yield from reader.read(self.path, found, part=self.part)
        if findings is None:
            raise_for(found)

    def _has_honest_repeats(self) -> bool:
        """Tell a log whose equal rows are numbered from its first row to its last, so that it has to be read in one go."""
        return has_honest_repeats(
            self.path, format_name=self.section.format, columns=self.section.columns
        )


def sample_files(project: Project) -> tuple[SampleFile, ...]:
    """Return the files of all sections, each section's sorted; raise for all sections that name none."""
    faults = Faults()
    found: list[SampleFile] = []
    for number in range(len(project.settings.signal)):
        with faults.gathering():
            found.extend(_section_files(project, number))
    faults.raise_if_any()
    return tuple(found)


def _section_files(project: Project, number: int) -> tuple[SampleFile, ...]:
    section = project.settings.signal[number]
    files = as_paths(project.files(section.path, key=f"signal.{number}.path"))
    return tuple(
        SampleFile(path=path, section=section, number=number, settings=project.settings)
        for path in files
    )


def more_sample_files(project: Project, paths: Paths) -> tuple[SampleFile, ...]:
    """Return files with the options of the section that names them, else of the only kind of section there is.

    Raises
    ------
    InputError
        Where sections differ and none of them names a file.
    """
    sections = project.settings.signal or (SignalSection(path=("*",)),)
    named = {file.path.resolve(): file.number for file in sample_files(project)}
    alike = (
        len({section.model_copy(update={"path": ("*",)}).model_dump_json() for section in sections})
        == 1
    )
    faults = Faults()
    found = []
    for path in as_paths(paths):
        number = named.get(path.resolve(), 0 if alike else None)
        if number is None:
            remedy = "Put it where one of their paths finds it"
            faults.add("belongs to none of several [[signal]] sections", remedy, file=path)
            continue
        section = sections[number]
        found.append(
            SampleFile(path=path, section=section, number=number, settings=project.settings)
        )
    faults.raise_if_any()
    return tuple(found)


def samples_of(project: Project, progress: Progress = SILENT) -> Iterator[Samples]:
    """Stream all files; a file with faults is told once the others have been read."""
    faults = Faults()
    for number in range(len(project.settings.signal)):
        duplicates = Duplicates()
        files: tuple[SampleFile, ...] = ()
        with faults.gathering():
            files = _section_files(project, number)
        total = sum(file.size_bytes for file in files)
        with progress.task("samples", total=total, unit="rows") as task:
            for file in files:
                with faults.gathering():
                    yield from file.batches(duplicates, task=task)
    if faults:
        raise InputError(_of_project(faults, project.file))


def _of_project(faults: Faults, file: Path) -> Iterable[Fault]:
    """Return faults, each once; those that name no file are about what the project file says of its files."""
    told: dict[str, Fault] = {}
    for fault in faults:
        key = None if fault.column is None else f"signal: {fault.column}"
        placed = fault if fault.file is not None else replace(fault, file=file, column=key)
        told.setdefault(str(placed), placed)
    return told.values()
