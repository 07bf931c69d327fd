"""Put a finished run beside an official list, or beside another run."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import typer

from lomsong.cli.common import Lang, RunFolder, answers, finished
from lomsong.errors import Fault, InputError


@answers
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
    """Put an official list beside a finished run.

    A list of hamlets without signal or power; it decides no class.
    """
    from lomsong.report.against import telling as reconcile_text
    from lomsong.report.against.reconcile import reconcile as put_beside

    result = finished(run_folder, lang)
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


@answers
def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="Folder of the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Folder of the later run.")],
    out: Annotated[Path | None, typer.Option("--out", help="File to write: .xlsx or .csv.")] = None,
    lang: Lang = None,
) -> None:
    """Tell what changed from one run to another.

    Newly served, newly dark, now known, and the plans.
    """
    from lomsong.report.against import compare as comparisons
    from lomsong.result import read

    found = comparisons.compare(read(before), finished(after, lang))
    language = found.after.settings.project.language
    typer.echo(comparisons.summary(found, language))
    for written in comparisons.write(found, out, language) if out else ():
        typer.echo(f"{written}")


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
