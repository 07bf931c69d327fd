"""Write down, per hamlet × cluster × carrier × technology, what is believed and what stands behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from lomsong.assess.beyond import Beyond, look_beyond
from lomsong.assess.classify import Belief, best_of, nothing_known
from lomsong.assess.grounds import grounds_of
from lomsong.assess.joint import Foretold, Newcomer
from lomsong.assess.judge import Judge, Judgement
from lomsong.assess.modelled.field import Learnt
from lomsong.assess.posterior import Posterior, posterior, strongest
from lomsong.assess.served import jointly_measured_bounds, measured_beliefs
from lomsong.assess.statistics import summarise
from lomsong.config import LevelsSection, Settings
from lomsong.evidence.age import aged, present_day
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.cube import Evidence
from lomsong.progress import SILENT, Progress
from lomsong.space.raster import Raster
from lomsong.tables import (
    ANY_CARRIER,
    ASSESSMENT,
    GROUNDS,
    JUDGED_TECHNOLOGY,
    NO_CARRIER,
    TECHNOLOGIES,
    Hamlets,
    checked,
    chosen,
    empty,
)
from lomsong.vietnam.carriers import CARRIERS

Judgements = dict[tuple[str, str], Judgement]
"""By carrier and technology."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Assessment:
    """The assessment table and the judgement of 4G by any carrier, from which gaps follow."""

    table: pd.DataFrame
    any_4g: Judgement
    carriers: tuple[str, ...]
    model: Mapping[str, float] = field(default_factory=dict)
    """What was learnt on the district's own data; empty where known sites decide nothing."""
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)
    """How often what was expected of hamlets left out came true (`joint.Together`)."""
    grounds: pd.DataFrame = field(default_factory=lambda: empty(GROUNDS))
    """`tables.GROUNDS`: what stands behind 4G beside a carrier's own samples."""
    learnt: Learnt | None = None
    """What samples teach of known sites over terrain; None where those decide nothing."""
    expected: Mapping[str, Foretold] = field(default_factory=dict)
    """Levels of each carrier that follow from everything outside a cluster's hamlet; empty where `learnt` is None."""
    newcomers: Mapping[str, Newcomer] = field(default_factory=dict)
    """By carrier, and of any: what a new mast would meet where it does not serve; empty where `learnt` is None."""


def assess(
    evidence: Evidence,
    hamlets: Hamlets,
    clusters: Clusters,
    *,
    settings: Settings,
    sites: pd.DataFrame | None = None,
    terrain: Raster | None = None,
    progress: Progress = SILENT,
) -> Assessment:
    """Judge every cluster and hamlet for each carrier, for any carrier, and for each technology seen in the data.

    Known sites (`tables.SITES`) and terrain are needed where `decide_by` names `modelled`. Silence and sites are
    weighed for 4G; other technologies are judged by samples alone.
    """
    carriers = settings.evidence.carriers or evidence.carriers
    witnesses, crossings = _of_today(evidence, carriers, settings)
    technologies = _technologies(witnesses)
    beyond = look_beyond(
        witnesses,
        clusters,
        carriers=carriers,
        settings=settings,
        sites=sites,
        terrain=terrain,
        n_hamlets=len(hamlets.table),
        crossings=crossings,
        progress=progress,
    )
    judge = Judge(
        clusters,
        n_hamlets=len(hamlets.table),
        confidence=settings.evidence.confidence,
        alike=beyond.alike,
    )
    judgements: Judgements = {}
    if beyond.together is not None:
        together = zip((*carriers, ANY_CARRIER), judge.judge_together(beyond.together), strict=True)
        judgements = {(name, JUDGED_TECHNOLOGY): judgement for name, judgement in together}
    rest = tuple(t for t in technologies if beyond.together is None or t != JUDGED_TECHNOLOGY)
    judgements |= _by_samples(witnesses, rest, beyond, judge, levels=settings.levels)
    statistics = {
        unit: summarise(
            witnesses, witnesses[unit], technologies=technologies, privacy=settings.privacy
        )
        for unit in ("hamlet", "cluster")
    }
    rows = partial(_rows, hamlets=hamlets, clusters=clusters, statistics=statistics, judge=judge)
    table = pd.concat([rows(key, own) for key, own in judgements.items()], ignore_index=True)
    order = ["hamlet_id", "cluster_id", "carrier", "technology"]
    return Assessment(
        table=checked(table.sort_values(order, ignore_index=True), ASSESSMENT),
        any_4g=judgements[ANY_CARRIER, JUDGED_TECHNOLOGY],
        carriers=carriers,
        model={} if beyond.together is None else beyond.together.model,
        calibration=pd.DataFrame() if beyond.together is None else beyond.together.calibration,
        learnt=beyond.learnt,
        expected=beyond.expected(),
        newcomers=beyond.newcomers(),
        grounds=grounds_of(witnesses, hamlets, clusters, beyond=beyond, privacy=settings.privacy),
    )


def _of_today(
    evidence: Evidence, carriers: tuple[str, ...], settings: Settings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return witnesses and crossings with their ages; witnesses of carriers that nobody asks for are left out."""
    as_of = settings.project.as_of or present_day(evidence.witnesses) or evidence.newest
    witnesses, crossings = (
        aged(table, half_life_days=settings.evidence.half_life_days, as_of=as_of)
        for table in (evidence.witnesses, evidence.crossings)
    )
    return chosen(witnesses, witnesses["carrier"].isin([*carriers, NO_CARRIER])), crossings


def _technologies(witnesses: pd.DataFrame) -> tuple[str, ...]:
    seen = {JUDGED_TECHNOLOGY, *witnesses["technology"].unique()}
    return tuple(t for t in TECHNOLOGIES if t in seen)


def _spread(bounds: pd.DataFrame, n: int) -> Belief:
    """Spread the rows with evidence over all clusters; elsewhere nothing is known."""
    at = bounds["cluster"].to_numpy()
    belief = nothing_known(n)
    for name in ("served_low", "served_high", "good_low", "good_high"):
        if name in bounds:
            getattr(belief, name)[at] = bounds[name].to_numpy()
    return belief


def _by_samples(
    witnesses: pd.DataFrame,
    technologies: tuple[str, ...],
    beyond: Beyond,
    judge: Judge,
    *,
    levels: LevelsSection,
) -> Judgements:
    """Judge technologies by samples, each carrier and cluster for itself; 4G by silence too."""
    if not technologies:
        return {}
    # No service, which names no technology, counts for each.
    rows = chosen(witnesses, witnesses["technology"].isin([*technologies, ""]))
    beliefs = measured_beliefs(rows, technologies=technologies, levels=levels)
    joint = jointly_measured_bounds(
        rows, carriers=beyond.carriers, technologies=technologies, levels=levels
    )
    judgements: Judgements = {}
    for technology in technologies:
        own = {
            carrier: _after(
                _spread(beliefs[_is(beliefs, carrier, technology)], judge.n),
                carrier,
                technology,
                beyond,
            )
            for carrier in beyond.carriers
        }
        for carrier, after in own.items():
            judgements[carrier, technology] = judge.judge(after.belief, after.grade)
        walked = _spread(joint[joint["technology"] == technology], judge.n)
        best = (
            best_of([after.belief for after in own.values()], together=walked, alike=judge.alike)
            if own
            else nothing_known(judge.n)
        )
        grade = strongest([after.grade for after in own.values()], judge.n)
        judgements[ANY_CARRIER, technology] = judge.judge(best, grade)
    return judgements


def _after(measured: Belief, carrier: str, technology: str, beyond: Beyond) -> Posterior:
    return (
        beyond.posterior(measured, carrier)
        if technology == JUDGED_TECHNOLOGY
        else posterior(measured)
    )


def _is(table: pd.DataFrame, carrier: str, technology: str) -> pd.Series:
    return (table["carrier"] == carrier) & (table["technology"] == technology)


def _rows(
    key: tuple[str, str],
    judgement: Judgement,
    *,
    hamlets: Hamlets,
    clusters: Clusters,
    statistics: Mapping[str, pd.DataFrame],
    judge: Judge,
) -> pd.DataFrame:
    """Return the rows of one carrier and technology: of hamlets, then of clusters."""
    carrier, technology = key
    of_clusters = pd.DataFrame(
        {
            "hamlet_id": clusters.table["hamlet_id"],
            "cluster_id": clusters.table["cluster_id"],
            "class": judgement.cluster_class,
            "quality_uncertain": judgement.cluster_uncertain,
            "evidence": judgement.grade,
            "p_served": judgement.p_served,
            "p_served_low": judgement.p_served_low,
            "p_served_high": judgement.p_served_high,
            "people": clusters.table["people"],
        }
    )
    of_hamlets = pd.DataFrame(
        {
            "hamlet_id": hamlets.table["hamlet_id"],
            "cluster_id": "",
            "class": judgement.hamlet_class,
            "quality_uncertain": judgement.hamlet_uncertain,
            "evidence": judge.weakest(judgement.grade),
            "p_served": judge.mean(judgement.p_served),
            "p_served_low": judge.mean(judgement.p_served_low),
            "p_served_high": judge.mean(judgement.p_served_high),
            "people": clusters.table.groupby("hamlet_id")["people"]
            .sum(min_count=1)
            .reindex(hamlets.table["hamlet_id"])
            .to_numpy(),
        }
    )
    rows = pd.concat(
        [
            _with_statistics(of_hamlets, statistics["hamlet"], carrier, technology),
            _with_statistics(of_clusters, statistics["cluster"], carrier, technology),
        ],
        ignore_index=True,
    )
    rows.loc[rows["evidence"] == "none", ["p_served", "p_served_low", "p_served_high"]] = np.nan
    return rows.assign(
        carrier=carrier,
        plmn=CARRIERS[carrier].plmn
        if carrier in CARRIERS
        else (None if carrier == ANY_CARRIER else carrier),
        technology=technology,
    ).astype(dict.fromkeys(("class", "carrier", "plmn", "technology", "evidence"), str))


def _with_statistics(
    rows: pd.DataFrame, statistics: pd.DataFrame, carrier: str, technology: str
) -> pd.DataFrame:
    """Put the sample statistics of each row's unit beside it; rows stand in the order of their positions."""
    flat = statistics.reset_index()
    own = flat[(flat["carrier"] == carrier) & (flat["technology"] == technology)]
    return rows.join(own.drop(columns=["carrier", "technology"]).set_index("unit"))
