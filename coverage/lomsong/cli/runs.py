"""Begin: make a project, check it, run it, look at samples."""

import datetime as dt
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from lomsong import terminal
from lomsong.cli.common import Lang, Out, ProjectFile, Quiet, answers, in_language
from lomsong.config import language_of, load


@answers
def demo(out: Out = None, lang: Lang = None, *, quiet: Quiet = False) -> None:
    """Do the main job on the built-in synthetic district.

    The result is compared with the district's truth.
    """
    from lomsong import demo as built_in
    from lomsong import pipeline
    from lomsong.report import explain as explanations

    folder = out or Path("outputs") / "demo"
    with TemporaryDirectory() as spare:
        source = built_in.built_in(spare)
        project = in_language(load(source / "project.toml"), lang)
        progress = terminal.reporter(quiet=quiet, language=project.settings.project.language)
        result = pipeline.run(project, folder, progress=progress)
        score = built_in.score(result.hamlets, result.assessment, source / "truth")
    if not quiet:
        typer.echo(score.text(project.settings.project.language))
        typer.echo(f"\n{explanations.summary(result)}")


@answers
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")],
    lang: Lang = None,
) -> None:
    """Make a folder with a project file that explains itself.

    Every setting stands in it with its default and what it means, in Vietnamese or English.
    """
    from lomsong.report.text.explain import say
    from lomsong.template import write_project

    language = lang or "vi"
    file = write_project(folder, language=language)
    typed = f'"{file}"' if " " in str(file) else file
    typer.echo(say("made", language, file=file, typed=typed, folder=folder))


@answers
def check(project: ProjectFile, lang: Lang = None, *, quiet: Quiet = False) -> None:
    """Read all inputs and report every fault at once.

    They are read to their last row; exit 2 if there is any fault.
    """
    settled = in_language(load(project), lang)  # first, so that its faults come at once
    from lomsong.ingest import inputs
    from lomsong.report.text.explain import say
    from lomsong.report.text.notes import told

    language = settled.settings.project.language
    progress = terminal.reporter(quiet=quiet, language=language)
    read_inputs = inputs.check(settled, progress=progress)
    for note in read_inputs.notes:
        typer.echo(told(note, language))
    typer.echo(say("no_fault", language, project=project, n=len(read_inputs.files)))


@answers
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
    """Judge hamlets, plan sites, write map, lists and tables."""
    settled = in_language(load(project), lang)  # first, so that its faults come at once
    from lomsong import pipeline
    from lomsong.ingest.inputs.passing import in_future
    from lomsong.report import explain as explanations
    from lomsong.report.text.notes import told
    from lomsong.scale import spread

    with ExitStack() as stack:
        client = None
        if workers is not None or scheduler is not None:
            client = stack.enter_context(spread.cluster(workers=workers, scheduler=scheduler))
        language = settled.settings.project.language
        progress = terminal.reporter(quiet=quiet, language=language)
        result = pipeline.run(settled, out, progress=progress, client=client)
    if not quiet:
        typer.echo(explanations.summary(result))
        # Outputs must not depend on the day they are made, so only the terminal tells this.
        told_day = result.manifest["data_date"]
        newest = None if told_day is None else dt.date.fromisoformat(told_day)
        for note in in_future(newest, today=dt.datetime.now(dt.UTC).date()):
            typer.echo(told(note, language))


@answers
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
    """Say what files of samples hold; convert or store them.

    It is told what is dropped from them and why. --out converts them, --project adds them to a project's store.
    """
    if project is not None:
        from lomsong import pipeline
        from lomsong.report.text.explain import say

        language = lang or language_of(project)
        progress = terminal.reporter(quiet=quiet, language=language)
        pipeline.add_samples(project, files, progress=progress)
        if not quiet:
            typer.echo(say("stored", language, project=project, n=len(files)))
        return
    from lomsong.ingest import stream_samples
    from lomsong.ingest.samples.convert import summed, written
    from lomsong.report import explain as explanations

    total = sum(file.stat().st_size for file in files if file.is_file())
    progress = terminal.reporter(quiet=quiet, language=lang or "vi")
    with progress.task("samples", total=total, unit="rows") as task:
        batches = stream_samples(files, timezone=timezone, task=task)
        found = summed(batches if out is None else written(batches, out))
    if not quiet:
        typer.echo(explanations.of_samples(found, lang or "vi"))
        if out is not None:
            typer.echo(f"{out}")
