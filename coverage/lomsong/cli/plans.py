"""Plan sites of a finished run anew."""

from pathlib import Path
from typing import Annotated

import typer

from lomsong.cli.common import Lang, RunFolder, answers, finished
from lomsong.errors import Fault, Faults, InputError
from lomsong.sentences import Sentence


@answers
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
    drawn: Annotated[
        Path | None, typer.Option("--map", help="Draw the map with this plan here as well: .html.")
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
    """Choose the sites of a finished run anew.

    Within other limits; without limits, within those of the run.
    """
    from lomsong.siting import outcome, replan, words
    from lomsong.siting.operators import SHARED

    if carrier is not None and (shared or roaming):
        other = "--shared" if shared else "--roaming"
        fault = Fault(problem="both are given", remedy="Give one", column=f"--carrier, {other}")
        raise InputError([fault])
    faults = Faults()
    for file, suffix in ((out, ".csv"), (drawn, ".html")):
        if file is not None and file.suffix.lower() != suffix:
            remedy = Sentence("End its name in {suffix}", suffix=suffix)
            faults.add("this kind of file is not written", remedy, file=file)
    faults.raise_if_any()
    result = finished(run_folder, lang)
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
        correction=replan.correction_from(result.manifest),
    )
    steps = outcome.steps(found.candidates)
    if out is not None:
        steps.to_csv(out, index=False, encoding="utf-8-sig")
    if drawn is not None:
        from lomsong.report import map as maps
        from lomsong.report.plan import with_plan

        maps.write(with_plan(result, found), drawn)
    text = words.plan_text(
        steps,
        found.summary,
        language=result.settings.project.language,
        draws=result.settings.siting.stability_draws,
    )
    typer.echo(text)
    for file in (out, drawn):
        if file is not None:
            typer.echo(f"{file}")
