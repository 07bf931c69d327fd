"""Keep what all commands share: their options, and how what was raised becomes words and an exit code."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, ParamSpec

import typer

from lomsong.config import Project, language_of
from lomsong.errors import DefectError, Fault, InputError
from lomsong.sentences import Sentence
from lomsong.wording import told

if TYPE_CHECKING:
    from lomsong.result import Result  # a command that reads no run does not wait for it

DEFECT: Final = 1
BAD_INPUT: Final = 2

ProjectFile = Annotated[
    Path, typer.Argument(metavar="PROJECT.toml", help="Project file; `lomsong init` makes one.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the outputs.")]
Lang = Annotated[
    Literal["vi", "en"] | None,
    typer.Option("--lang", help="Language of the outputs (default: the project's, vi)."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress and no summary.")]
RunFolder = Annotated[
    Path | None,
    typer.Option("--run", help="Folder of a finished run (default: the newest in outputs/)."),
]

_P = ParamSpec("_P")


def answers(command: Callable[_P, None]) -> Callable[_P, None]:
    """Turn what was raised on purpose into a message and an exit code."""

    @wraps(command)
    def answering(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except InputError as broken:
            _tell(broken, kwargs)
            raise typer.Exit(BAD_INPUT) from None
        except DefectError as broken:
            sys.stderr.write(f"A defect of lomsong, please report it: {broken}\n")
            raise typer.Exit(DEFECT) from broken
        except BrokenPipeError:
            raise  # Who reads our words has read enough: no fault of any file.
        except OSError as broken:
            _tell(InputError([_refused(broken)]), kwargs)
            raise typer.Exit(BAD_INPUT) from None

    return answering


def in_language(project: Project, language: Literal["vi", "en"] | None) -> Project:
    """Return a project in the language that was asked for, its own where none was."""
    if language is None:
        return project
    section = project.settings.project.model_copy(update={"language": language})
    return replace(project, settings=project.settings.model_copy(update={"project": section}))


def finished(folder: Path | None, language: Literal["vi", "en"] | None) -> "Result":
    """Return a finished run, the newest where none is named, in the language that was asked for."""
    from lomsong.result import latest_folder, read

    result = read(folder or latest_folder())
    if language is None:
        return result
    section = result.settings.project.model_copy(update={"language": language})
    return replace(result, settings=result.settings.model_copy(update={"project": section}))


def _tell(broken: InputError, asked: Mapping[str, object]) -> None:
    sys.stderr.write(f"{told(broken, _language(asked))}\n")


def _language(asked: Mapping[str, object]) -> Literal["vi", "en"]:
    """Return the language to answer in: the one asked for, else that of the project or the run at hand."""
    if asked.get("lang") is not None:
        return "en" if asked["lang"] == "en" else "vi"
    if isinstance(project := asked.get("project"), Path):
        return language_of(project)
    if not {"run_folder", "after", "source"} & set(asked):
        return "vi"
    from lomsong.result import language_of_run

    named = asked.get("run_folder") or asked.get("after") or asked.get("source")
    if isinstance(named, Path) and named.suffix.lower() == ".toml":
        return language_of(named)
    return language_of_run(named if isinstance(named, Path) else None)


def _refused(broken: OSError) -> Fault:
    """Tell what the operating system refused: a missing folder, a right, a full disk."""
    return Fault(
        file=broken.filename,
        problem=Sentence(
            "cannot be read or written: {reason}", reason=broken.strerror or str(broken)
        ),
        remedy="Mend the path, its rights, or the room on the disk",
    )
