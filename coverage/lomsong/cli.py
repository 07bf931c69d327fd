"""Offer every job as a command; exit 0 when done, 1 on a defect of ours, 2 on bad input or usage."""

import datetime as dt
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final, Literal, ParamSpec

import typer

from lomsong import terminal
from lomsong.config import Project, load
from lomsong.errors import DefectError, Fault, InputError

# Each command imports what it works with, so that help and faults of a project file come at once.
if TYPE_CHECKING:
    from lomsong.result import Result

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
        except BrokenPipeError:
            raise  # Who reads our words has read enough: no fault of any file.
        except OSError as broken:
            sys.stderr.write(f"{InputError([_refused(broken)])}\n")
            raise typer.Exit(BAD_INPUT) from None

    return answering


@app.command()
@_answers
def demo(out: Out = None, lang: Lang = None, *, quiet: Quiet = False) -> None:
    """Do the main job on the built-in synthetic district, and compare the result with its truth."""
    from lomsong import demo as built_in
    from lomsong import pipeline
    from lomsong.report import explain as explanations

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
    from lomsong.template import write_project

    typer.echo(f"{write_project(folder)}")


@app.command()
@_answers
def check(project: ProjectFile, lang: Lang = None, *, quiet: Quiet = False) -> None:
    """Read all inputs to their last row and report every fault at once; exit 2 if there is any."""
    from lomsong.ingest import inputs
    from lomsong.report.text.explain import say
    from lomsong.report.text.notes import told

    settled = _in_language(load(project), lang)
    language = settled.settings.project.language
    read_inputs = inputs.check(settled, progress=terminal.reporter(quiet=quiet))
    for note in read_inputs.notes:
        typer.echo(told(note, language))
    typer.echo(say("no_fault", language, project=project, n=len(read_inputs.files)))


@app.command()
@_answers
def run(
    project: ProjectFile,
    out: Out = None,
    lang: Lang = None,
    *,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, help="Count samples and sweep sites in so many processes (Dask)."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="Do it on the cluster of this Dask scheduler."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Judge every hamlet of a project, plan sites, and write maps, lists and tables."""
    from lomsong import pipeline
    from lomsong.report import explain as explanations
    from lomsong.scale import spread

    settled = _in_language(load(project), lang)
    with ExitStack() as stack:
        client = None
        if workers is not None or scheduler is not None:
            client = stack.enter_context(spread.cluster(workers=workers, scheduler=scheduler))
        progress = terminal.reporter(quiet=quiet)
        result = pipeline.run(settled, out, progress=progress, client=client)
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
    project: Annotated[
        Path | None,
        typer.Option("--project", help="Count the files into the store of this project instead."),
    ] = None,
    lang: Lang = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Say what files of samples hold and what is dropped from them and why; convert them, or add them to a project's store."""
    if project is not None:
        from lomsong import pipeline

        pipeline.add_samples(project, files, progress=terminal.reporter(quiet=quiet))
        if not quiet:
            typer.echo(f"{project}: {len(files)} more files in its store.")
        return
    from lomsong.ingest import stream_samples
    from lomsong.ingest.samples.convert import summed, written
    from lomsong.report import explain as explanations

    total = sum(file.stat().st_size for file in files if file.is_file())
    with terminal.reporter(quiet=quiet).task("samples", total=total, unit="rows") as task:
        batches = stream_samples(files, timezone=timezone, task=task)
        found = summed(batches if out is None else written(batches, out))
    if not quiet:
        typer.echo(explanations.of_samples(found, lang or "vi"))
        if out is not None:
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
        Path | None, typer.Option("--out", help="File to write: .xlsx, .csv, .kmz or .pdf.")
    ] = None,
    run_folder: RunFolder = None,
    lang: Lang = None,
) -> None:
    """Write or show the list of a carrier from a finished run."""
    from lomsong.report import explain as explanations
    from lomsong.report import lists

    result = _finished(run_folder, lang)
    if out is not None:
        for file in lists.export(result, out, carrier=carrier, commune=commune):
            typer.echo(f"{file}")
        return
    rows = lists.rows(result, carrier=carrier, commune=commune)
    typer.echo(explanations.of_list(rows, result.settings.project.language))


@app.command()
@_answers
def plan(
    *,
    sites: Annotated[
        int | None, typer.Option("--sites", min=0, help="At most so many new sites.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", min=0, help="At most this much money, VND.")
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(
            "--target", min=0, max=1, help="The cheapest plan for this share of those who wait."
        ),
    ] = None,
    carrier: Annotated[
        str | None, typer.Option("--carrier", help="Serve those whom this carrier does not.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the plan as a .csv here as well.")
    ] = None,
    run_folder: RunFolder = None,
    lang: Lang = None,
    shared: Annotated[
        bool, typer.Option("--shared", help="Serve those whom no carrier serves (the default).")
    ] = False,
    roaming: Annotated[
        bool,
        typer.Option(
            "--roaming", help="The same, with one carrier to run each area and the others roaming."
        ),
    ] = False,
) -> None:
    """Choose sites of a finished run anew, within other limits; without limits, within those of the run."""
    from lomsong.siting import outcome, replan, words
    from lomsong.siting.operators import SHARED

    if carrier is not None and (shared or roaming):
        other = "--shared" if shared else "--roaming"
        fault = Fault(problem="both are given", remedy="Give one", column=f"--carrier, {other}")
        raise InputError([fault])
    if out is not None and out.suffix.lower() != ".csv":
        fault = Fault(
            file=out, problem="this kind of file is not written", remedy="End its name in .csv"
        )
        raise InputError([fault])
    result = _finished(run_folder, lang)
    asked = result.settings.siting
    if not shared and not roaming and carrier is None:
        carrier, roaming = asked.carrier, asked.roaming
    found = replan.replan(
        result.candidates,
        result.coverage,
        clusters=result.clusters,
        assessment=result.assessment,
        gaps=result.hamlets,
        settings=result.settings,
        chances=result.chances,
        limits=replan.limits_from(
            result.settings, max_sites=sites, budget_vnd=budget, target_share=target
        ),
        carrier=SHARED if carrier is None else carrier,
        roaming_among=result.sites if roaming and carrier is None else None,
    )
    steps = outcome.steps(found.candidates)
    typer.echo(words.plan_text(steps, found.summary, language=result.settings.project.language))
    if out is not None:
        steps.to_csv(out, index=False, encoding="utf-8-sig")
        typer.echo(f"{out}")


@app.command()
@_answers
def survey(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="RUN|PROJECT.toml",
            help="Folder of a finished run, or the project it was made from (default: the newest in outputs/).",
        ),
    ] = None,
    *,
    per_day: Annotated[
        int | None, typer.Option("--per-day", min=1, help="Places that a day can hold.")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, help="Days of each team.")] = None,
    teams: Annotated[
        int | None,
        typer.Option("--teams", min=1, help="Send so many teams: where visits are worth most."),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="Folder for survey.csv, survey_form.csv, survey.kmz.")
    ] = Path("survey"),
    lang: Lang = None,
) -> None:
    """Say where one visit is worth most, and write the teams' days, the form to fill in and the KMZ for phones."""
    from lomsong.report import survey as surveys
    from lomsong.result import folder_of

    result = _finished(None if source is None else folder_of(source), lang)
    planned = surveys.planned_anew(result, places_per_day=per_day, days=days, teams=teams)
    out.mkdir(parents=True, exist_ok=True)
    files = surveys.write(planned, out)
    typer.echo(surveys.summary(planned))
    for file in files:
        typer.echo(f"{file}")


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
    from lomsong.report import map as maps

    result = _finished(run_folder, lang)
    file = out or Path("map.html")
    maps.write(result, file)
    typer.echo(f"{file}")


@app.command()
@_answers
def explain(
    hamlet: Annotated[
        str,
        typer.Argument(
            metavar="HAMLET",
            help="Its code, or its name with or without accents; or the site_id of a candidate.",
        ),
    ],
    profile: Annotated[
        Path | None,
        typer.Option(
            "--profile",
            help="Draw the terrain towards the nearest known site, or of a candidate's backhaul: .png or .svg.",
        ),
    ] = None,
    run_folder: RunFolder = None,
    lang: Lang = None,
) -> None:
    """Print the evidence behind the class of a hamlet, or what a candidate site rests on, in a finished run."""
    from lomsong.report import explain as explanations
    from lomsong.report import explain_site

    result = _finished(run_folder, lang)
    is_site = explain_site.is_candidate(result, hamlet)
    typer.echo(
        explain_site.of_site(result, hamlet) if is_site else explanations.of_hamlet(result, hamlet)
    )
    if profile is not None:
        draw = explain_site.draw_hop if is_site else explanations.draw_path
        draw(result, hamlet, profile)
        typer.echo(f"{profile}")


@app.command()
@_answers
def reconcile(
    official: Annotated[
        Path, typer.Argument(metavar="OFFICIAL.xlsx", help="List of hamlets, .xlsx or .csv.")
    ],
    *,
    run_folder: RunFolder = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write: .xlsx or .csv (default: reconcile_LIST.xlsx)."),
    ] = None,
    about: Annotated[
        Literal["trang_song", "lom_song", "gap", "no_grid"] | None,
        typer.Option("--about", help="What hamlets are listed for, where the list does not say."),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Who made the list (default: as it says).")
    ] = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], help="Day of the list (default: as it says)."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column", metavar="FIELD=HEADING", help="Column of a field; may be repeated."
        ),
    ] = None,
    lang: Lang = None,
    by_name_alone: Annotated[
        bool,
        typer.Option(
            "--by-name-alone", help="Join a list without communes where names are single."
        ),
    ] = False,
) -> None:
    """Put an official list of hamlets without signal or power beside a finished run; it decides no class."""
    from lomsong.report.against import telling as reconcile_text
    from lomsong.report.against.reconcile import reconcile as put_beside

    result = _finished(run_folder, lang)
    language = result.settings.project.language
    found = put_beside(
        result,
        official,
        columns=_columns(column or []),
        about=about,
        source=source,
        as_of=None if as_of is None else as_of.date(),
        by_name_alone=by_name_alone,
    )
    typer.echo(reconcile_text.summary(found, language))
    file = out or Path(f"reconcile_{official.stem}.xlsx")
    for written in reconcile_text.write(found, file, language):
        typer.echo(f"{written}")


@app.command()
@_answers
def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="Folder of the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Folder of the later run.")],
    out: Annotated[Path | None, typer.Option("--out", help="File to write: .xlsx or .csv.")] = None,
    lang: Lang = None,
) -> None:
    """Tell what changed from one run to another: newly served, newly dark, now known, and the plans."""
    from lomsong.report.against import compare as comparisons
    from lomsong.result import read

    found = comparisons.compare(read(before), _finished(after, lang))
    language = found.after.settings.project.language
    typer.echo(comparisons.summary(found, language))
    for written in comparisons.write(found, out, language) if out else ():
        typer.echo(f"{written}")


def main() -> None:
    """Run the command line."""
    app()


def _refused(broken: OSError) -> Fault:
    """Tell what the operating system refused: a missing folder, a right, a full disk."""
    return Fault(
        file=broken.filename,
        problem=f"cannot be read or written: {broken.strerror or broken}",
        remedy="Mend the path, its rights, or the room on the disk",
    )


def _columns(stated: list[str]) -> dict[str, str]:
    """Read "name=Tên thôn" as the column of a field."""
    pairs = dict(text.split("=", 1) for text in stated if "=" in text)
    if len(pairs) != len(stated):
        wrong = next(text for text in stated if "=" not in text)
        fault = Fault(
            value=wrong, problem="this names no column", remedy="Write --column FIELD=HEADING"
        )
        raise InputError([fault])
    return pairs


def _in_language(project: Project, language: Literal["vi", "en"] | None) -> Project:
    if language is None:
        return project
    section = project.settings.project.model_copy(update={"language": language})
    return replace(project, settings=project.settings.model_copy(update={"project": section}))


def _finished(folder: Path | None, language: Literal["vi", "en"] | None) -> "Result":
    from lomsong.result import latest_folder, read

    result = read(folder or latest_folder())
    if language is None:
        return result
    section = result.settings.project.model_copy(update={"language": language})
    return replace(result, settings=result.settings.model_copy(update={"project": section}))
