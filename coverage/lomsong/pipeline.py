"""Run the stages in order: this page is the data flow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from lomsong import folders, provenance, report
from lomsong.assess.assessment import Assessment, assess
from lomsong.assess.cells import measured_cells
from lomsong.assess.corrected import Corrected, correct_levels
from lomsong.assess.gaps import find_gaps
from lomsong.assess.power import power_of
from lomsong.assess.predicted import predict_levels
from lomsong.assess.survey import plan_survey
from lomsong.config import PowerSection, Project, load
from lomsong.errors import Fault, InputError
from lomsong.evidence.clusters import Clusters, find_clusters
from lomsong.evidence.cube import Evidence
from lomsong.evidence.gather import add, gather, opened
from lomsong.evidence.join import Locator
from lomsong.evidence.store import Store
from lomsong.ingest.inputs import Inputs, more_sample_files, open_inputs, sample_files
from lomsong.memory import give_back
from lomsong.progress import SILENT, Progress
from lomsong.report.manifest import describe
from lomsong.result import CONTEXT, SWEPT, Result, coarse, default_folder
from lomsong.scale import spread
from lomsong.siting.demand import with_interest
from lomsong.siting.footprint import footprints
from lomsong.siting.plan import Plan
from lomsong.siting.sites import plan_sites
from lomsong.siting.swept import read as read_swept
from lomsong.space.crs import Floats


def run(
    project: Project | Path | str,
    out: Path | str | None = None,
    *,
    progress: Progress = SILENT,
    client: Any = None,  # noqa: ANN401 -- Dask ships no types
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
    client
        Client of a Dask cluster whose workers count the samples and sweep sites over terrain (`scale.spread.cluster`);
        the result is the same.

    Raises
    ------
    InputError
        With every fault of every input.
    """
    project = load(Path(project)) if isinstance(project, Path | str) else project
    folder = Path(out) if out is not None else default_folder(project)
    with folders.replaced_whole(folder) as fresh:
        swept = read_swept(folder / CONTEXT / SWEPT)
        result = compute(project, progress=progress, client=client, swept=swept)
        report.write(result, fresh, progress=progress)
    return replace(result, folder=folder)


def compute(
    project: Project,
    *,
    progress: Progress = SILENT,
    client: Any = None,  # noqa: ANN401 -- Dask ships no types
    swept: Mapping[str, Floats] | None = None,
) -> Result:
    """Do everything but the writing; `swept` is what an earlier run swept over terrain."""
    settings = project.settings
    clock = provenance.Clock()

    with clock.stage("ingest"):
        inputs = open_inputs(project, progress=progress)
        with progress.task("people of each hamlet"):
            people = inputs.people()

    with clock.stage("evidence"):
        clusters = _clusters(inputs, people["people"], progress=progress)
        locator, store = _locator(inputs, clusters)
        evidence = _gathered(project, locator, store, client=client, progress=progress)
        give_back()

    with clock.stage("propagation"):
        predicted = predict_levels(
            clusters,
            inputs.sites.table,
            terrain=inputs.terrain,
            receiver_m=settings.siting.receiver_m,
            shadow_sigma_db=settings.siting.shadow_sigma_db,
            progress=progress,
        )

    with clock.stage("assess"):
        judged = _judged(
            inputs, people, clusters, evidence, predicted, locator=locator, progress=progress
        )

    with clock.stage("siting"):
        planned = _planned(inputs, clusters, judged, client=client, progress=progress, swept=swept)

    return _result(inputs, clusters, evidence, judged, planned, clock=clock)


def add_samples(
    project: Project | Path | str, files: Iterable[Path], *, progress: Progress = SILENT
) -> None:
    """Count more files of samples into the store of a project, without reading what it holds.

    Raises
    ------
    InputError
        Where the project keeps no store, a file was added before, or an input has faults.
    """
    project = load(Path(project)) if isinstance(project, Path | str) else project
    more = more_sample_files(project, files)
    inputs = open_inputs(project, progress=progress)
    clusters = _clusters(inputs, inputs.people()["people"], progress=progress)
    locator, store = _locator(inputs, clusters)
    if store is None:
        fault = Fault(
            file=project.file,
            column="evidence.store",
            problem="names no folder, so files cannot be added",
            remedy='Write store = "store" under [evidence]',
        )
        raise InputError([fault])
    add(more, locator, store=store, progress=progress)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Judged:
    """What the stage `assess` finds."""

    assessment: Assessment
    corrected: Corrected
    gaps: gpd.GeoDataFrame
    survey: pd.DataFrame
    measured: pd.DataFrame


@dataclass(frozen=True, eq=False, kw_only=True)
class _Planned:
    """What the stage `siting` finds."""

    plan: Plan
    reached: gpd.GeoDataFrame
    """Where the sites of the plan reach (`footprints`)."""


def _clusters(inputs: Inputs, people: pd.Series, *, progress: Progress) -> Clusters:
    settings, siting = inputs.project.settings.evidence, inputs.project.settings.siting
    found = find_clusters(
        inputs.hamlets,
        people,
        crs=inputs.crs,
        raster=inputs.people_raster,
        buildings=inputs.buildings,
        gap_m=settings.cluster_gap_m,
        catchment_m=settings.catchment_m,
        progress=progress,
    )
    table = with_interest(
        found.table,
        inputs.surroundings.interest,
        crs=inputs.crs,
        weight=siting.interest_weight,
        within_m=siting.interest_within_m,
    )
    return replace(found, table=table)


def _gathered(
    project: Project,
    locator: Locator,
    store: Store | None,
    *,
    client: Any,  # noqa: ANN401 -- Dask ships no types
    progress: Progress,
) -> Evidence:
    """Count the samples, here or on the workers of a cluster; a store keeps what was counted."""
    files = sample_files(project)
    if client is None:
        return gather(files, locator, store=store, progress=progress)
    if store is None:
        return spread.gather(client, files, locator, progress=progress)
    counting = partial(spread.count_files, client)
    return gather(files, locator, store=store, progress=progress, count_files=counting)


def _locator(inputs: Inputs, clusters: Clusters) -> tuple[Locator, Store | None]:
    project = inputs.project
    named = project.settings.evidence.store
    folder = None if named is None else project.folder / named
    locator = Locator(inputs.hamlets.table, clusters, folder=folder)
    return locator, None if folder is None else opened(folder, project.settings, locator)


def _judged(
    inputs: Inputs,
    people: pd.DataFrame,
    clusters: Clusters,
    evidence: Evidence,
    predicted: pd.DataFrame,
    *,
    locator: Locator,
    progress: Progress,
) -> _Judged:
    """Judge every hamlet, and say what follows for power, priority and where to measure next."""
    settings, hamlets = inputs.project.settings, inputs.hamlets
    with progress.task("who is served"):
        assessment = assess(
            evidence,
            hamlets,
            clusters,
            settings=settings,
            sites=inputs.sites.table,
            terrain=inputs.terrain,
            progress=progress,
        )
    with progress.task("levels where nobody measured", unit="steps") as task:
        corrected = correct_levels(
            predicted,
            evidence.witnesses,
            clusters,
            carriers=assessment.carriers,
            learnt=assessment.learnt,
            terrain=inputs.terrain,
            expected=assessment.expected,
            task=task,
        )
    power = power_of(
        hamlets,
        listed=inputs.power_list.table if inputs.power_list else None,
        light=inputs.brightest_light(),
        settings=settings.power or PowerSection(),
    )
    gaps = find_gaps(
        hamlets, clusters, assessment, people=people, power=power, weights=settings.priority
    )
    return _Judged(
        assessment=assessment,
        corrected=corrected,
        gaps=gaps,
        survey=plan_survey(hamlets, clusters, assessment, locator, settings=settings.survey),
        measured=measured_cells(
            evidence.witnesses,
            technologies=tuple(assessment.table["technology"].unique()),
            privacy=settings.privacy,
        ),
    )


def _planned(
    inputs: Inputs,
    clusters: Clusters,
    judged: _Judged,
    *,
    client: Any,  # noqa: ANN401 -- Dask ships no types
    progress: Progress,
    swept: Mapping[str, Floats] | None,
) -> _Planned:
    """Choose sites for those who wait, and say how far they reach."""
    settings = inputs.project.settings
    plan = plan_sites(
        clusters,
        judged.assessment.table,
        judged.gaps,
        terrain=inputs.terrain,
        sites=inputs.sites.table,
        lines=inputs.power_lines,
        settings=settings,
        surroundings=inputs.surroundings,
        learnt=judged.assessment.learnt,
        newcomers=judged.assessment.newcomers,
        progress=progress,
        mapped=map if client is None else spread.mapped(client),
        swept=swept,
    )
    reached = footprints(
        plan.candidates,
        inputs.terrain,
        settings=settings.siting,
        minimum_dbm=settings.levels.minimum_rsrp_dbm,
        correction=plan.correction,
    )
    return _Planned(plan=plan, reached=reached)


def _result(
    inputs: Inputs,
    clusters: Clusters,
    evidence: Evidence,
    judged: _Judged,
    planned: _Planned,
    *,
    clock: provenance.Clock,
) -> Result:
    """Gather the tables of a run."""
    assessment, plan = judged.assessment, planned.plan
    area = clusters.table["cluster_id"].map(plan.area_of_cluster).astype("str")
    return Result(
        settings=inputs.project.settings,
        hamlets=judged.gaps,
        assessment=assessment.table,
        clusters=clusters.table.assign(service_area=area),
        measured_cells=judged.measured,
        footprints=planned.reached,
        candidates=plan.candidates,
        coverage=plan.coverage,
        chances=plan.chances,
        service_areas=plan.service_areas,
        sites=inputs.sites.table,
        communes=inputs.hamlets.communes,
        terrain=None if inputs.terrain is None else coarse(inputs.terrain),
        survey=judged.survey,
        swept=plan.swept,
        predicted=judged.corrected.table,
        grounds=assessment.grounds,
        review=inputs.power_list.review if inputs.power_list else pd.DataFrame(),
        calibration=assessment.calibration,
        manifest=describe(
            inputs, evidence, assessment, plan, levels=judged.corrected.models, clock=clock
        ),
    )
