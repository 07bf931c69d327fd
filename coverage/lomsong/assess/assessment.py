"""Write down, per hamlet × cluster × carrier × technology, what is believed and what stands behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lomsong.assess.beyond import look_beyond
from lomsong.assess.classify import (
    Belief,
    Flags,
    Integers,
    Texts,
    best_of,
    classes_of_clusters,
    classes_of_hamlets,
    nothing_known,
    official_classes,
)
from lomsong.assess.grounds import grounds_of
from lomsong.assess.joint import Together
from lomsong.assess.modelled.field import Learnt
from lomsong.assess.posterior import posterior, strongest
from lomsong.assess.served import jointly_measured_bounds, measured_beliefs
from lomsong.assess.statistics import summarise
from lomsong.config import Settings
from lomsong.evidence.age import aged, present_day
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.cube import Evidence
from lomsong.progress import SILENT, Progress
from lomsong.space.crs import Floats
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


@dataclass(frozen=True, eq=False, kw_only=True)
class Judgement:
    """One carrier and technology, judged at every cluster and hamlet."""

    p_served: Floats
    """Of each cluster, as its bounds and its grade of evidence."""
    p_served_low: Floats
    p_served_high: Floats
    grade: Texts
    cluster_class: Texts
    cluster_uncertain: Flags
    hamlet_class: Texts
    hamlet_uncertain: Flags
    official_class: Texts


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
    as_of = settings.project.as_of or present_day(evidence.witnesses) or evidence.newest
    half_life_days = settings.evidence.half_life_days
    witnesses, crossings = (
        aged(table, half_life_days=half_life_days, as_of=as_of)
        for table in (evidence.witnesses, evidence.crossings)
    )
    witnesses = chosen(witnesses, witnesses["carrier"].isin([*carriers, NO_CARRIER]))
    technologies = _technologies(witnesses)
    beliefs = measured_beliefs(witnesses, technologies=technologies, levels=settings.levels)
    joint = jointly_measured_bounds(
        witnesses, carriers=carriers, technologies=technologies, levels=settings.levels
    )
    n = len(clusters.table)
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
    judge = _Judge(
        clusters,
        n_hamlets=len(hamlets.table),
        confidence=settings.evidence.confidence,
        alike=beyond.alike,
    )
    judgements: dict[tuple[str, str], Judgement] = {}
    for technology in technologies:
        if technology == JUDGED_TECHNOLOGY and beyond.together is not None:
            names = (*carriers, ANY_CARRIER)
            together = zip(names, judge.judge_together(beyond.together), strict=True)
            judgements |= {(name, technology): judgement for name, judgement in together}
            continue
        of_technology = beliefs[beliefs["technology"] == technology]
        measured = [_spread(of_technology[of_technology["carrier"] == c], n) for c in carriers]
        own = [
            beyond.posterior(belief, carrier)
            if technology == JUDGED_TECHNOLOGY
            else posterior(belief)
            for carrier, belief in zip(carriers, measured, strict=True)
        ]
        for carrier, after in zip(carriers, own, strict=True):
            judgements[carrier, technology] = judge.judge(after.belief, after.grade)
        walked = _spread(joint[joint["technology"] == technology], n)
        best = (
            best_of([after.belief for after in own], together=walked, alike=beyond.alike)
            if own
            else nothing_known(n)
        )
        grade = strongest([after.grade for after in own], n)
        judgements[ANY_CARRIER, technology] = judge.judge(best, grade)
    statistics = {
        unit: summarise(
            witnesses, witnesses[unit], technologies=technologies, privacy=settings.privacy
        )
        for unit in ("hamlet", "cluster")
    }
    parts = [
        _rows(
            key,
            judgement,
            hamlets=hamlets,
            clusters=clusters,
            statistics=statistics,
            judge=judge,
        )
        for key, judgement in judgements.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    order = ["hamlet_id", "cluster_id", "carrier", "technology"]
    return Assessment(
        table=checked(table.sort_values(order, ignore_index=True), ASSESSMENT),
        any_4g=judgements[ANY_CARRIER, JUDGED_TECHNOLOGY],
        carriers=carriers,
        model={} if beyond.together is None else beyond.together.model,
        calibration=pd.DataFrame() if beyond.together is None else beyond.together.calibration,
        learnt=beyond.learnt,
        grounds=grounds_of(witnesses, hamlets, clusters, beyond=beyond, privacy=settings.privacy),
    )


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


class _Judge:
    """Judge beliefs on one set of clusters."""

    def __init__(
        self, clusters: Clusters, *, n_hamlets: int, confidence: float, alike: float
    ) -> None:
        self.confidence = confidence
        self.alike = alike
        self.is_centre = clusters.table["is_centre"].to_numpy(bool)
        self.first: Integers = np.searchsorted(clusters.hamlet, np.arange(n_hamlets))
        people = clusters.table["people"].to_numpy(float)
        total = self._sum(np.nan_to_num(people))
        count = np.diff(np.r_[self.first, len(people)])
        # Where nobody is known to live, every cluster weighs the same.
        self.weight = np.where(
            np.repeat(total > 0, count),
            np.nan_to_num(people) / np.repeat(np.where(total > 0, total, 1), count),
            1 / np.repeat(count, count),
        )

    def judge(self, belief: Belief, grade: Texts) -> Judgement:
        cluster_class, cluster_uncertain = classes_of_clusters(belief, confidence=self.confidence)
        hamlet_class, hamlet_uncertain = classes_of_hamlets(
            belief, first_cluster=self.first, confidence=self.confidence, alike=self.alike
        )
        return Judgement(
            p_served=belief.served,
            p_served_low=belief.served_low,
            p_served_high=belief.served_high,
            grade=grade,
            cluster_class=cluster_class,
            cluster_uncertain=cluster_uncertain,
            hamlet_class=hamlet_class,
            hamlet_uncertain=hamlet_uncertain,
            official_class=official_classes(
                belief, self.is_centre, first_cluster=self.first, confidence=self.confidence
            ),
        )

    def judge_together(self, together: Together) -> Iterator[Judgement]:
        """Judge each carrier, then any."""
        grades = [*together.grade, strongest(list(together.grade), len(self.is_centre))]
        for case, grade in enumerate(grades):
            clusters, hamlets = together.clusters[case], together.hamlets[case]
            cluster_class, cluster_uncertain = clusters.classes(confidence=self.confidence)
            hamlet_class, hamlet_uncertain = hamlets.classes(confidence=self.confidence)
            yield Judgement(
                p_served=together.served[case],
                p_served_low=together.served_low[case],
                p_served_high=together.served_high[case],
                grade=grade,
                cluster_class=cluster_class,
                cluster_uncertain=cluster_uncertain,
                hamlet_class=hamlet_class,
                hamlet_uncertain=hamlet_uncertain,
                official_class=hamlets.official_classes(confidence=self.confidence),
            )

    def mean(self, values: Floats) -> Floats:
        """Return the mean over each hamlet's clusters, weighted by people."""
        return np.clip(self._sum(values * self.weight), 0.0, 1.0)

    def weakest(self, grade: Texts) -> Texts:
        """Return the weakest grade among those clusters of each hamlet that have evidence."""
        found = np.full(len(self.first), "none", dtype=object)
        for name in ("measured", "inferred", "modelled"):
            found[self._sum((grade == name).astype(float)) > 0] = name
        return found

    def _sum(self, values: Floats) -> Floats:
        return np.add.reduceat(values, self.first) if len(self.first) else np.empty(0)


def _rows(
    key: tuple[str, str],
    judgement: Judgement,
    *,
    hamlets: Hamlets,
    clusters: Clusters,
    statistics: dict[str, pd.DataFrame],
    judge: _Judge,
) -> pd.DataFrame:
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
