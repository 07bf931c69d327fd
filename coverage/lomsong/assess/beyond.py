"""Gather the evidence that lies beyond a carrier's own samples in a cluster: silence, and known sites over terrain."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from threadpoolctl import (  # type: ignore[import-untyped] # it ships no types
    threadpool_limits,
)

from lomsong.assess.classify import Belief
from lomsong.assess.joint import Foretold, Newcomer, Question, Silences, Together, judge_together
from lomsong.assess.joint.phones import phones_of
from lomsong.assess.modelled import asked_later, middles
from lomsong.assess.modelled.field import Learnt, propagation_of
from lomsong.assess.modelled.units import units_of
from lomsong.assess.posterior import Posterior, posterior
from lomsong.assess.unsited import Promises, flat_land
from lomsong.config import Settings
from lomsong.evidence.age import outdated
from lomsong.evidence.clusters import Clusters, Flags
from lomsong.evidence.passed import Passed, passed_of
from lomsong.evidence.silence import weigh
from lomsong.memory import give_back
from lomsong.progress import SILENT, Progress
from lomsong.space.raster import Raster
from lomsong.tables import ANY_CARRIER, JUDGED_TECHNOLOGY, chosen
from lomsong.vietnam.carriers import carriers_of

ALIKE: Final = 0.5
"""Where no sites are known, carriers are taken to be halfway between independent and served by the very same towers
(assumption)."""

FEWEST_HAMLETS: Final = 8
"""In so many hamlets a carrier without known sites has to be heard, or its samples do not tell what is usual
(assumption)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Beyond:
    """What lies beyond samples in 4G; empty where the settings want none."""

    carriers: tuple[str, ...]
    together: Together | None = None
    """The judgement of all carriers together, where sites are known or a carrier is heard in enough hamlets."""
    silences: Silences | None = None
    learnt: Learnt | None = None
    """What sites over terrain say, taught by the samples; None where there are none."""
    alike: float = 0.0
    """See `classify.best_of`; 0 where samples alone decide."""

    def expected(self) -> dict[str, Foretold]:
        """Return what each carrier's level is expected to be at each cluster, of carriers whose sites are known."""
        if self.together is None:
            return {}
        foretold = self.together.foretold
        figures = zip(foretold.level_dbm, foretold.sigma_db, foretold.p_served, strict=True)
        return {
            carrier: Foretold(level_dbm=level, sigma_db=sigma, p_served=p_served)
            for carrier, (level, sigma, p_served) in zip(self.carriers, figures, strict=True)
            if np.isfinite(level).any()
        }

    def newcomers(self) -> dict[str, Newcomer]:
        """Return what a new mast would meet where each carrier, and where any, does not serve; empty without known sites."""
        if self.together is None or self.learnt is None:
            return {}
        return dict(zip((*self.carriers, ANY_CARRIER), self.together.newcomers, strict=True))

    def posterior(self, measured: Belief, carrier: str) -> Posterior:
        """Return the belief in a carrier's 4G after samples and silence, each cluster for itself."""
        number = self.carriers.index(carrier)
        ratio = None if self.silences is None else self.silences.silence.named[number]
        return posterior(measured, ratio=ratio)


def look_beyond(
    witnesses: pd.DataFrame,
    clusters: Clusters,
    *,
    carriers: tuple[str, ...],
    settings: Settings,
    sites: pd.DataFrame | None,
    terrain: Raster | None,
    n_hamlets: int,
    crossings: pd.DataFrame,
    progress: Progress = SILENT,
) -> Beyond:
    """Return the evidence beyond samples that the settings let decide."""
    decide_by = settings.evidence.decide_by
    if not {"inferred", "modelled"} & set(decide_by) or not len(clusters.table):
        return Beyond(carriers=carriers)
    silences, older = None, False
    kinds = settings.evidence.silence if "inferred" in decide_by else ()
    learnt = None
    if "modelled" in decide_by:
        learnt = _learnt(
            phones_of(witnesses, settings.levels).that_may_know(witnesses),
            clusters,
            carriers=carriers,
            sites=sites,
            terrain=flat_land(clusters) if terrain is None else terrain,
            progress=progress,
        )
    give_back()
    heard = set[str]()
    # Nobody lives in squares, which are thousands: there each stands for itself.
    if "modelled" in decide_by and settings.areas is None:
        heard = _heard_widely(witnesses, carriers)
    if heard or learnt is not None:
        # Phones on older technology are weighed there one by one.
        older = "older_heard" in kinds
        kinds = tuple(kind for kind in kinds if kind != "older_heard")
    then: dict[str, Flags] = {}
    if sites is not None:
        then = outdated(witnesses, sites, carriers=carriers, crs=clusters.crs)
    if kinds:
        x, y = middles(clusters)
        dwellings = np.bincount(clusters.place_cluster, minlength=len(x)).astype(float)
        passed = (
            _passed(crossings, witnesses, clusters, carriers=carriers, sites=sites)
            if "passed" in kinds
            else None
        )
        silence = weigh(
            witnesses,
            carriers=carriers,
            x=x,
            y=y,
            dwellings=dwellings,
            kinds=kinds,
            outdated=then,
            passed=passed,
        )
        silences = Silences(silence=silence, x=x, y=y)
    known = () if learnt is None else tuple(name for name in carriers if name in learnt.masts)
    if not known and not heard:
        return Beyond(carriers=carriers, silences=silences, alike=ALIKE)
    question = Question(
        clusters=clusters,
        carriers=carriers,
        promised=tuple(name for name in carriers if name in known or name in heard),
        sited=known if terrain is not None else (),
        levels=settings.levels,
        n_hamlets=n_hamlets,
    )
    witnesses = _without(witnesses, then)
    give_back()
    together = judge_together(
        witnesses, question, Promises(learnt), silences=silences, older=older, progress=progress
    )
    return Beyond(
        carriers=carriers,
        together=together,
        silences=silences,
        learnt=learnt if terrain is not None else None,
        alike=ALIKE,
    )


def _heard_widely(witnesses: pd.DataFrame, carriers: tuple[str, ...]) -> set[str]:
    """Return the carriers whose 4G was heard at clusters of enough hamlets to tell what is usual."""
    heard = (witnesses["cluster"] >= 0) & (witnesses["technology"] == JUDGED_TECHNOLOGY)
    hamlets = witnesses.loc[heard, ["carrier", "hamlet"]].groupby("carrier")["hamlet"].nunique()
    return set(carriers) & set(hamlets.index[hamlets >= FEWEST_HAMLETS])


def _passed(
    crossings: pd.DataFrame,
    witnesses: pd.DataFrame,
    clusters: Clusters,
    *,
    carriers: tuple[str, ...],
    sites: pd.DataFrame | None,
) -> Passed:
    """Weigh the gaps that devices crossed, but for those from before a new site near their middle."""
    middle = crossings.assign(
        cell_x=(crossings["from_x"] + crossings["to_x"]) // 2,
        cell_y=(crossings["from_y"] + crossings["to_y"]) // 2,
    )
    if sites is not None:
        then = outdated(middle, sites, carriers=carriers, crs=clusters.crs)
        crossings = crossings[~_own_outdated(crossings, then)]
    x, y = middles(clusters)
    return passed_of(crossings, witnesses, carriers=carriers, x=x, y=y, crs=clusters.crs)


def _without(witnesses: pd.DataFrame, outdated: dict[str, Flags]) -> pd.DataFrame:
    """Leave out where a carrier's own phones had no 4G before a new site of its own."""
    heard = witnesses["technology"].isin([JUDGED_TECHNOLOGY, "5G"]).to_numpy()
    return chosen(witnesses, heard | ~_own_outdated(witnesses, outdated))


def _own_outdated(table: pd.DataFrame, outdated: dict[str, Flags]) -> Flags:
    """Tell which rows are a carrier's own and from before a new site of it."""
    found = np.zeros(len(table), bool)
    for carrier, then in outdated.items():
        found |= then & (table["carrier"] == carrier).to_numpy()
    return found


def _learnt(
    witnesses: pd.DataFrame,
    clusters: Clusters,
    *,
    carriers: tuple[str, ...],
    sites: pd.DataFrame | None,
    terrain: Raster,
    progress: Progress,
) -> Learnt | None:
    """Return what sites over terrain say, taught by the samples; None where there are none."""
    if sites is None:
        return None
    known = sites[sites["technology"] == JUDGED_TECHNOLOGY]
    known = known.assign(carrier=carriers_of(known["plmn"]))
    known = known[known["carrier"].isin(carriers)]
    if not len(known):
        return None
    # More threads would add up in another order.
    with threadpool_limits(1):
        own = chosen(witnesses, witnesses["carrier"].isin(carriers))
        units = units_of(own, crs=clusters.crs)
        known = known.sort_values(["carrier", "lon", "lat", "site_id"])
        propagation = propagation_of(known, terrain, units, progress=progress)
        if propagation is None:
            return None
        with progress.task("what samples teach of known sites", unit="steps") as task:
            taught = propagation.learnt(task=task)
        return replace(taught, later=asked_later(units, clusters))
