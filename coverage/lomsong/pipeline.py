"""Run the stages in order: this page is the data flow."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from lomsong import folders, provenance, report
from lomsong.assess.assessment import assess
from lomsong.assess.gaps import find_gaps
from lomsong.assess.power import power_of
from lomsong.assess.survey import plan_survey
from lomsong.config import PowerSection, Project, load
from lomsong.evidence.clusters import find_clusters
from lomsong.evidence.cube import count
from lomsong.evidence.join import Locator
from lomsong.ingest.inputs import open_inputs
from lomsong.progress import SILENT, Progress
from lomsong.report.manifest import describe
from lomsong.result import Result, coarse, default_folder
from lomsong.siting.sites import plan_sites


def run(
    project: Project | Path | str, out: Path | str | None = None, *, progress: Progress = SILENT
) -> Result:
    """Do the main job: read a project's inputs, judge every hamlet, plan sites, write maps, lists and tables.

    Parameters
    ----------
    project
        A project that was read, or the path of its file.
    out
        Folder of the outputs; default `outputs/<project name>` in the working directory. An earlier run there is
        replaced as a whole once everything is written, and left untouched by a run that fails.
    progress
        Who is told how far the work is.

    Raises
    ------
    InputError
        With every fault of every input.
    """
    project = load(Path(project)) if isinstance(project, Path | str) else project
    folder = Path(out) if out is not None else default_folder(project)
    with folders.replaced_whole(folder) as fresh:
        result = compute(project, progress=progress)
        with progress.task("report"):
            report.write(result, fresh)
    return replace(result, folder=folder)


def compute(project: Project, *, progress: Progress = SILENT) -> Result:
    """Do everything but the writing."""
    settings = project.settings
    clock = provenance.Clock()

    with clock.stage("ingest"):
        inputs = open_inputs(project, progress=progress)
        hamlets = inputs.hamlets
        people = inputs.people()

    with clock.stage("evidence"):
        clusters = find_clusters(
            hamlets,
            people["people"],
            crs=inputs.crs,
            raster=inputs.people_raster,
            buildings=inputs.buildings,
            gap_m=settings.evidence.cluster_gap_m,
            catchment_m=settings.evidence.catchment_m,
        )
        evidence = count(inputs.samples(progress), Locator(hamlets.table, clusters))

    with clock.stage("assess"):
        assessment = assess(evidence, hamlets, clusters, settings=settings)
        power = power_of(
            hamlets,
            listed=inputs.power_list.table if inputs.power_list else None,
            light=inputs.brightest_light(),
            settings=settings.power or PowerSection(),
        )
        gaps = find_gaps(
            hamlets, clusters, assessment, people=people, power=power, weights=settings.priority
        )
        survey = plan_survey(hamlets, clusters, assessment)

    with clock.stage("siting"):
        plan = plan_sites(
            clusters,
            assessment.table,
            gaps,
            terrain=inputs.terrain,
            sites=inputs.sites.table,
            lines=inputs.power_lines,
            settings=settings,
            progress=progress,
        )

    return Result(
        settings=settings,
        hamlets=gaps,
        assessment=assessment.table,
        clusters=clusters.table,
        candidates=plan.candidates,
        coverage=plan.coverage,
        sites=inputs.sites.table,
        communes=hamlets.communes,
        terrain=None if inputs.terrain is None else coarse(inputs.terrain),
        survey=survey,
        review=inputs.power_list.review if inputs.power_list else pd.DataFrame(),
        manifest=describe(inputs, evidence, assessment, plan, clock=clock),
    )
