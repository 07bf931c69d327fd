"""Read the project file into frozen settings; unknown keys are refused, each default names its source."""

import difflib
import glob
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from lomsong.errors import Fault, Faults, InputError


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
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(
            [_fault(file, "no such file", "`lomsong init DIR` writes a project file")]
        ) from None
    except (IsADirectoryError, PermissionError, UnicodeDecodeError) as broken:
        problem = f"cannot be read: {broken}"
        raise InputError([_fault(file, problem, "Give a TOML file in UTF-8")]) from None
    except tomllib.TOMLDecodeError as broken:
        raise InputError([_fault(file, f"is not TOML: {broken}", "Mend that line")]) from None
    return Project(settings=parse(content, file=file), file=file)


def parse(content: dict[str, Any], *, file: Path) -> Settings:
    """Validate the content of a project file; `file` is named in faults."""
    try:
        return Settings.model_validate(content)
    except ValidationError as broken:
        raise InputError([_told(error, file=file) for error in broken.errors()]) from None


def _fault(file: Path, problem: str, remedy: str) -> Fault:
    return Fault(file=file, problem=problem, remedy=remedy)


def _told(error: ErrorDetails, *, file: Path) -> Fault:
    """Say one fault of a setting in our own words."""
    place = error["loc"]
    key = ".".join(str(part) for part in place)
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(place[-1]), _keys_at(place[:-1]), n=1)
        hint = f'Did you mean "{close[0]}"?' if close else "`lomsong init DIR` shows every key"
        return Fault(file=file, column=key, problem="nobody knows this key", remedy=hint)
    if error["type"] == "missing":
        return Fault(
            file=file, column=key, problem="is missing", remedy="Add it to the project file"
        )
    problem = error["msg"].removeprefix("Value error, ")
    remedy = "Write it as 2025-12-31" if error["type"].startswith("date") else "Mend this setting"
    value = error["input"] if isinstance(error["input"], str | int | float) else None
    return Fault(file=file, column=key or None, value=value, problem=problem, remedy=remedy)


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
