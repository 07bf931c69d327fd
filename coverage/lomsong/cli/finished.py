"""Work with a finished run: its lists, its map, why it says what it says, and where to measure next."""

from pathlib import Path
from typing import Annotated

import typer

from lomsong.cli.common import Lang, RunFolder, answers, finished


@answers
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
    """Show or write a carrier's list from a finished run."""
    from lomsong.report import explain as explanations
    from lomsong.report import lists

    result = finished(run_folder, lang)
    if out is not None:
        for file in lists.export(result, out, carrier=carrier, commune=commune):
            typer.echo(f"{file}")
        return
    rows = lists.rows(result, carrier=carrier, commune=commune)
    typer.echo(explanations.of_list(rows, result.settings.project.language))


@answers
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
    """Say where one visit is worth most; write teams' days.

    With them come the form to fill in and the KMZ for phones.
    """
    from lomsong.report import survey as surveys
    from lomsong.result import folder_of

    result = finished(None if source is None else folder_of(source), lang)
    planned = surveys.planned_anew(result, places_per_day=per_day, days=days, teams=teams)
    out.mkdir(parents=True, exist_ok=True)
    files = surveys.write(planned, out)
    typer.echo(surveys.summary(planned))
    for file in files:
        typer.echo(f"{file}")


@answers
def map_(
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write (default: map.html here).")
    ] = None,
    run_folder: RunFolder = None,
    lang: Lang = None,
) -> None:
    """Draw the map of a finished run anew.

    For instance in another language.
    """
    from lomsong.report import map as maps

    result = finished(run_folder, lang)
    file = out or Path("map.html")
    maps.write(result, file)
    typer.echo(f"{file}")


@answers
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
    """Print the evidence behind a hamlet's class, or a site.

    Of a candidate site it is told what it rests on and whom it serves.
    """
    from lomsong.report import explain as explanations
    from lomsong.report import explain_site

    result = finished(run_folder, lang)
    is_site = explain_site.is_candidate(result, hamlet)
    told = (
        explain_site.of_site(result, hamlet) if is_site else explanations.of_hamlet(result, hamlet)
    )
    if profile is not None:
        draw = explain_site.draw_hop if is_site else explanations.draw_path
        draw(result, hamlet, profile)
    typer.echo(told)
    if profile is not None:
        typer.echo(f"{profile}")
