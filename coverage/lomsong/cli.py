"""Offer every job as a command; exit 0 when done, 1 on a defect of ours, 2 on bad input or usage."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal, ParamSpec

import typer

from lomsong import demo as built_in
from lomsong import pipeline, terminal
from lomsong.config import Project, load
from lomsong.errors import DefectError, InputError
from lomsong.ingest import inputs, read_samples
from lomsong.report import explain as explanations
from lomsong.report import lists
from lomsong.report import map as maps
from lomsong.result import Result, latest_folder, read
from lomsong.template import write_project

DEFECT: Final = 1
BAD_INPUT: Final = 2

app = typer.Typer(
    help="Find hamlets without usable 4G, say how it is known, and plan where new sites serve most people.",
    no_args_is_help=True,
    add_completion=False,
    # The default markup would eat "[dBm]" and its like.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

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


def _answers(command: Callable[_P, None]) -> Callable[_P, None]:
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

    return answering


@app.command()
@_answers
def demo(out: Out = None, lang: Lang = None, *, quiet: Quiet = False) -> None:
    """Do the main job on the built-in synthetic district, and compare the result with its truth."""
    folder = out or Path("outputs") / "demo"
    with TemporaryDirectory() as spare:
        source = built_in.built_in(spare)
        project = _in_language(load(source / "project.toml"), lang)
        result = pipeline.run(project, folder, progress=terminal.reporter(quiet=quiet))
        score = built_in.score(result.hamlets, result.assessment, source / "truth")
    if not quiet:
        typer.echo(explanations.summary(result))
        typer.echo(score.text(project.settings.project.language))


@app.command()
@_answers
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")]) -> None:
    """Make a folder with a project file in which every setting is explained."""
    typer.echo(f"{write_project(folder)}")


@app.command()
@_answers
def check(project: ProjectFile, *, quiet: Quiet = False) -> None:
    """Read all inputs to their last row and report every fault at once; exit 2 if there is any."""
    read_inputs = inputs.check(load(project), progress=terminal.reporter(quiet=quiet))
    for note in read_inputs.notes:
        typer.echo(note)
    typer.echo(f"{project}: no fault found in {len(read_inputs.files)} files.")


@app.command()
@_answers
def run(project: ProjectFile, out: Out = None, lang: Lang = None, *, quiet: Quiet = False) -> None:
    """Judge every hamlet of a project, plan sites, and write maps, lists and tables."""
    settled = _in_language(load(project), lang)
    result = pipeline.run(settled, out, progress=terminal.reporter(quiet=quiet))
    if not quiet:
        typer.echo(explanations.summary(result))


@app.command()
@_answers
def samples(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files with samples.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the samples as Parquet here.")
    ] = None,
    timezone: Annotated[
        str, typer.Option("--timezone", help="Zone of times that state none.")
    ] = "Asia/Ho_Chi_Minh",
    lang: Lang = None,
) -> None:
    """Say what files of samples hold and what is dropped from them and why; optionally convert them to Parquet."""
    found = read_samples(files, timezone=timezone)
    typer.echo(explanations.of_samples(found, lang or "vi"))
    if out is not None:
        found.table.to_parquet(out, index=False)
        typer.echo(f"{out}")


@app.command("list")
@_answers
def list_(
    carrier: Annotated[
        str, typer.Option("--carrier", help="Whose list: viettel, vnpt …, or all.")
    ] = "all",
    commune: Annotated[
        str | None, typer.Option("--commune", help="Code or name of one commune.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write: .xlsx, .csv or .kmz.")
    ] = None,
    run_folder: RunFolder = None,
    lang: Lang = None,
) -> None:
    """Write or show the list of a carrier from a finished run."""
    result = _finished(run_folder, lang)
    if out is not None:
        lists.export(result, out, carrier=carrier, commune=commune)
        typer.echo(f"{out}")
        return
    rows = lists.rows(result, carrier=carrier, commune=commune)
    typer.echo(explanations.of_list(rows, result.settings.project.language))


@app.command("map")
@_answers
def map_(
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write (default: map.html of the run).")
    ] = None,
    run_folder: RunFolder = None,
    lang: Lang = None,
) -> None:
    """Draw the map of a finished run anew, for instance in another language."""
    result = _finished(run_folder, lang)
    file = out or Path("map.html")
    maps.write(result, file)
    typer.echo(f"{file}")


@app.command()
@_answers
def explain(
    hamlet: Annotated[
        str, typer.Argument(metavar="HAMLET", help="Its code, or its name with or without accents.")
    ],
    run_folder: RunFolder = None,
    lang: Lang = None,
) -> None:
    """Print the evidence behind the class of a hamlet, in a finished run."""
    typer.echo(explanations.of_hamlet(_finished(run_folder, lang), hamlet))


def main() -> None:
    """Run the command line."""
    app()


def _in_language(project: Project, language: Literal["vi", "en"] | None) -> Project:
    if language is None:
        return project
    section = project.settings.project.model_copy(update={"language": language})
    return replace(project, settings=project.settings.model_copy(update={"project": section}))


def _finished(folder: Path | None, language: Literal["vi", "en"] | None) -> Result:
    result = read(folder or latest_folder())
    if language is None:
        return result
    section = result.settings.project.model_copy(update={"language": language})
    return replace(result, settings=result.settings.model_copy(update={"project": section}))
