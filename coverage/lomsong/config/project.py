"""Read the project file into frozen settings; unknown keys are refused, each default names its source."""

import codecs
import glob
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ValidationError, model_validator
from pydantic_core import ErrorDetails

from lomsong.config.inputs import (
    AreasSection,
    HamletsSection,
    PeopleSection,
    PowerSection,
    ProjectSection,
    SignalSection,
    SitesSection,
    TerrainSection,
)
from lomsong.config.judging import (
    EvidenceSection,
    LevelsSection,
    PrioritySection,
    PrivacySection,
    SurveySection,
    TechnologiesSection,
)
from lomsong.config.section import Section
from lomsong.config.siting import CostSection, SitingSection
from lomsong.config.told import problem_of, remedy_of
from lomsong.errors import Fault, Faults, InputError
from lomsong.sentences import Sentence

_LANGUAGE: Final = re.compile(
    r"""^[^#\n]*?\b["']?language["']?\s*=\s*["'“”]*(?P<name>\w+)""", re.MULTILINE | re.IGNORECASE
)
"""Where the file is no TOML: the first such setting that no `#` stands before, with quotation marks of any kind."""
_BROKEN_LINE: Final = re.compile(r"(?P<what>.*) \(at line (?P<row>\d+), column \d+\)$")


class Settings(Section):
    """A whole project file."""

    project: ProjectSection
    hamlets: HamletsSection | None = None
    areas: AreasSection | None = None
    signal: tuple[SignalSection, ...] = ()
    sites: SitesSection | None = None
    power: PowerSection | None = None
    terrain: TerrainSection | None = None
    people: PeopleSection | None = None
    levels: LevelsSection = LevelsSection()
    evidence: EvidenceSection = EvidenceSection()
    technologies: TechnologiesSection = TechnologiesSection()
    privacy: PrivacySection = PrivacySection()
    priority: PrioritySection = PrioritySection()
    survey: SurveySection = SurveySection()
    siting: SitingSection = SitingSection()
    cost: CostSection = CostSection()

    @model_validator(mode="after")
    def _something_to_judge(self) -> "Settings":
        if self.hamlets is None and self.areas is None:
            raise ValueError("neither [hamlets] nor [areas] is given, so there is nothing to judge")
        if self.hamlets is None and not self.signal:
            raise ValueError("[areas] makes its squares where samples are: give [[signal]] too")
        if self.areas is not None and self.evidence.store is not None:
            raise ValueError(
                "[areas] depends on all samples, so evidence.store cannot keep old ones"
            )
        return self


@dataclass(frozen=True)
class Project:
    """A project file that has been read: its settings, and where its relative paths start."""

    settings: Settings
    file: Path

    @property
    def folder(self) -> Path:
        """Folder that relative paths start from."""
        return self.file.parent

    def files(self, patterns: str | tuple[str, ...], *, key: str) -> tuple[Path, ...]:
        """Return the files that patterns name, sorted, each once; raise `InputError` where one names none."""
        faults = Faults()
        found: dict[Path, None] = {}
        for pattern in (patterns,) if isinstance(patterns, str) else patterns:
            named = self.folder / pattern
            # Path.glob refuses absolute patterns, which a project file may well hold.
            hits = [str(named)] if named.exists() else glob.glob(str(named), recursive=True)  # noqa: PTH207 -- see above
            matches = sorted(map(Path, hits))
            if not matches:
                faults.add(
                    "no such file",
                    "Mend the path; it is relative to the project file",
                    file=self.file,
                    column=key,
                    value=pattern,
                )
            found.update(dict.fromkeys(matches))
        faults.raise_if_any()
        return tuple(found)


def load(file: Path) -> Project:
    """Read a project file.

    Raises
    ------
    InputError
        With every fault of the file: no TOML, unknown keys, missing keys, values of a wrong kind.
    """
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise InputError([_fault(file, "is no plain file", "Give a TOML file in UTF-8")])
    text = ""
    try:
        text = _decoded(file.read_bytes())
        content = tomllib.loads(text)
    except FileNotFoundError:
        raise InputError(
            [_fault(file, "no such file", "`lomsong init DIR` writes a project file")]
        ) from None
    except UnicodeDecodeError as broken:
        row = broken.object[: broken.start].count(b"\n") + 1
        remedy = "Save the file as UTF-8 (Notepad: Save as, Encoding: UTF-8)"
        raise InputError(
            [Fault(file=file, row=row, problem="is not written in UTF-8", remedy=remedy)]
        ) from None
    except (IsADirectoryError, PermissionError) as broken:
        problem = Sentence("cannot be read: {reason}", reason=broken.strerror or str(broken))
        raise InputError([_fault(file, problem, "Give a TOML file in UTF-8")]) from None
    except tomllib.TOMLDecodeError as broken:
        raise InputError([_no_toml(file, text, str(broken))]) from None
    return Project(settings=parse(content, file=file), file=file)


def language_of(file: Path) -> Literal["vi", "en"]:
    """Return the language that a project file asks for, also where the rest of it cannot be read."""
    try:
        raw = file.read_bytes() if file.is_file() else b""
    except OSError:
        return "vi"
    text = _decoded(raw, errors="replace")
    try:
        project = tomllib.loads(text).get("project")
        asked = project.get("language") if isinstance(project, dict) else None
    except tomllib.TOMLDecodeError:
        found = _LANGUAGE.search(text)
        asked = found["name"] if found else None
    return "en" if isinstance(asked, str) and asked.casefold() in {"en", "english"} else "vi"


def parse(content: dict[str, Any], *, file: Path) -> Settings:
    """Validate the content of a project file; `file` is named in faults."""
    try:
        return Settings.model_validate(content)
    except ValidationError as broken:
        raise InputError([_told(error, file=file) for error in _causes(broken)]) from None


def _causes(broken: ValidationError) -> list[ErrorDetails]:
    """Return what is wrong without what only follows from it: a list is not too short because its words are."""
    errors = broken.errors()
    places = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(
            len(p) > len(error["loc"]) and p[: len(error["loc"])] == error["loc"] for p in places
        )
    ]


def _decoded(raw: bytes, *, errors: str = "strict") -> str:
    """Return the text of a project file: UTF-8, or UTF-16 as Notepad's "Unicode" marks it."""
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if marked else "utf-8-sig", errors).replace("\r\n", "\n")


def _no_toml(file: Path, text: str, told: str) -> Fault:
    """Return what TOML's reader stumbled over, with the line as it stands and what most often mends it."""
    place = _BROKEN_LINE.match(told)
    reason = told if place is None else place["what"]
    lines = text.split("\n")
    row = len(lines) if place is None else int(place["row"])
    line = lines[row - 1].strip()
    remedy = "Mend that line"
    if "\\" in line:
        remedy = "Mend that line: write paths with / instead of \\, or in single quotation marks"
    elif "“" in line or "”" in line:  # what office programs make of quotation marks
        remedy = 'Mend that line: write straight quotation marks (")'
    return Fault(
        file=file,
        row=row,
        value=line or None,
        problem=Sentence("is not TOML: {reason}", reason=reason),
        remedy=remedy,
    )


def _fault(file: Path, problem: str, remedy: str) -> Fault:
    return Fault(file=file, problem=problem, remedy=remedy)


def _told(error: ErrorDetails, *, file: Path) -> Fault:
    """Return one fault of a setting."""
    place = error["loc"]
    value = error["input"] if isinstance(error["input"], str | int | float) else None
    return Fault(
        file=file,
        column=".".join(str(part) for part in place) or None,
        value=None if error["type"] in {"missing", "extra_forbidden"} else value,
        problem=problem_of(error),
        remedy=remedy_of(error, _keys_at(place[:-1])),
    )


def _keys_at(place: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in place:
        field = model.model_fields.get(str(part))
        if field is None:
            continue
        inner = [
            a
            for a in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if _is_model(a)
        ]
        if inner:
            model = inner[0]
    return list(model.model_fields)


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
