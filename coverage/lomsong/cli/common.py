"""Keep what all commands share: their options, and how what was raised becomes words and an exit code."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, ParamSpec

import typer

from lomsong.config import Project
from lomsong.errors import DefectError, Fault, InputError

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
            sys.stderr.write(f"{broken}\n")
            raise typer.Exit(BAD_INPUT) from None
        except DefectError as broken:
            sys.stderr.write(f"A defect of lomsong, please report it: {broken}\n")
            raise typer.Exit(DEFECT) from broken
        except BrokenPipeError:
            raise  # Who reads our words has read enough: no fault of any file.
        except OSError as broken:
            sys.stderr.write(f"{InputError([_refused(broken)])}\n")
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


def _refused(broken: OSError) -> Fault:
    """Tell what the operating system refused: a missing folder, a right, a full disk."""
    return Fault(
        file=broken.filename,
        problem=f"cannot be read or written: {broken.strerror or broken}",
        remedy="Mend the path, its rights, or the room on the disk",
    )
