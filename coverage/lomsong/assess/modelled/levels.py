"""Say each carrier's level anywhere, with how sure that is: by sites and neighbours, or by neighbours alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from lomsong.assess.classify import Flags, Texts
from lomsong.assess.modelled import covariance, trend
from lomsong.assess.modelled.choose import Choice, Trial, chosen, folds_like
from lomsong.assess.modelled.covariance import Covariance
from lomsong.assess.modelled.field import Expected, Hills, Learnt
from lomsong.assess.modelled.masts import coarse_enough, thinned
from lomsong.assess.modelled.members import (
    WITH_SITES,
    Ground,
    Lesson,
    Member,
    without_sites,
)
from lomsong.assess.modelled.trend import Design
from lomsong.assess.modelled.units import Units
from lomsong.evidence.clusters import Integers
from lomsong.progress import SILENT, Task
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

LISTENING: Final = 0.9
"""Where more than this share of the variance is left, neighbours have said nothing."""
MOST_TRIED: Final = 1000
"""Units of a carrier that models compete on."""
FOLDS_BY_SITES: Final = 3
"""Parts that are left out in turn where sites are known: for each, masts are looked for anew."""
LISTENED: Final = 40
"""Units among which the nearest is looked for that a place listens to."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LevelSaid:
    """What is said of one carrier's level at the places that were asked for."""

    mean_dbm: Floats
    """Expected level."""
    sigma_db: Floats
    """Standard deviation of that."""
    source: Texts
    """What it comes from: `propagation+residual`, `propagation`, `samples`, or `none`."""
    choice: Choice
    covariance: Covariance
    """How alike errors are."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """Places whose level will be asked for."""

    x: Floats
    y: Floats
    group: Integers
    """Cluster of each; a place does not listen to units of its own cluster."""

    def away_from(self, units: Units) -> Floats:
        """Return the distance of each place to the nearest unit that it listens to [m], places without one left out."""
        k = min(LISTENED, len(units))
        tree = cKDTree(np.column_stack([units.x, units.y]))
        apart, near = tree.query(np.column_stack([self.x, self.y]), k=np.arange(1, k + 1))
        heard = (units.cluster[near] != self.group[:, None]) | (self.group[:, None] < 0)
        nearest = apart[np.arange(len(apart)), heard.argmax(axis=1)]
        return np.asarray(nearest[heard.any(axis=1)], float)


def levels_by_sites(
    learnt: Learnt, units: Units, asked: Asked, *, task: Task = SILENT
) -> dict[str, LevelSaid]:
    """Return the level of each carrier that has sites on the terrain and units to learn from.

    Parameters
    ----------
    learnt
        What sites over terrain say, taught by all units.
    units
        Units of all carriers.
    asked
        Where levels are asked for.
    task
        Is told of each step.
    """
    propagation = learnt.propagation
    lessons, expected, away = {}, {}, []
    for carrier in propagation.taught:
        own = units.chosen(units.carrier == carrier)
        # Asked for together, so that places near each other share their rays.
        x, y = np.r_[own.x, asked.x], np.r_[own.y, asked.y]
        both = learnt.at(carrier, x, y)
        lessons[carrier] = _lesson(own, both.chosen(np.arange(len(own))))
        expected[carrier] = both.chosen(np.arange(len(own), len(x)))
        away.append(asked.away_from(own))
        task.advance()
    folds = _common_folds(propagation.taught, np.concatenate(away))
    trials: dict[str, list[Trial]] = {carrier: [] for carrier in lessons}
    for fold in range(max(int(f.max()) for f in folds.values()) + 1):
        others = propagation.learnt({c: own != fold for c, own in folds.items()}, task=task)
        for carrier, own in propagation.taught.items():
            ground = _ground_of_units(own, others.at_taught(carrier))
            lesson = replace(lessons[carrier], units=own, ground=ground)
            trials[carrier].append(Trial(lesson=lesson, left_out=folds[carrier] == fold))
            task.advance()
    said = {}
    for carrier, lesson in lessons.items():
        there, tried = expected[carrier], trials[carrier]
        said[carrier] = _said(WITH_SITES, tried, lesson, there, asked, traced=learnt.trend.traced)
        task.advance()
    return said


def _said(
    members: Mapping[str, Member],
    trials: Sequence[Trial],
    lesson: Lesson,
    expected: Expected,
    asked: Asked,
    *,
    traced: float,
) -> LevelSaid:
    """Weigh the members on what was left out, and let them say the levels asked for."""
    choice = chosen(members, trials, traced=traced)
    said = choice.said(members, lesson, _ground(expected, asked.x, asked.y, asked.group))
    by_sites = members is WITH_SITES
    # Beyond the reach of all known masts nothing follows from them: there may be others.
    alone = np.where(expected.in_reach & by_sites, "propagation", "none")
    both = "propagation+residual" if by_sites else "samples"
    return LevelSaid(
        mean_dbm=said.mean_dbm,
        sigma_db=said.sigma_db,
        source=np.where(said.left < LISTENING, both, alone).astype(object),
        choice=choice,
        covariance=lesson.covariance,
    )


def _common_folds(taught: Mapping[str, Units], away_m: Floats) -> dict[str, Integers]:
    """Deal out blocks for all carriers alike: ridges are the same for all."""
    x = np.concatenate([units.x for units in taught.values()])
    y = np.concatenate([units.y for units in taught.values()])
    fold = folds_like(x, y, away_m=away_m, folds=FOLDS_BY_SITES)
    ends = np.cumsum([len(units) for units in taught.values()])
    return dict(zip(taught, np.split(fold, ends[:-1]), strict=True))


def level_by_samples(units: Units, asked: Asked, terrain: Raster | None = None) -> LevelSaid:
    """Return the level of a carrier without known sites, by its units alone.

    Parameters
    ----------
    units
        Units of one carrier, at least one.
    asked
        Where levels are asked for.
    terrain
        Ground, where it is known: hilltops hear more.
    """
    hills = None if terrain is None else Hills(coarse_enough(terrain))
    expected, traced = _mean_of(thinned(units), hills)
    lesson = _lesson(units, expected(units.x, units.y))
    tried = units if len(units) <= MOST_TRIED else thinned(units)
    fold = folds_like(tried.x, tried.y, away_m=asked.away_from(units))
    trials = []
    for number in range(int(fold.max()) + 1):
        left_out: Flags = fold == number
        others, _ = _mean_of(thinned(tried.chosen(~left_out)), hills)
        ground = _ground_of_units(tried, others(tried.x, tried.y))
        trials.append(Trial(lesson=replace(lesson, units=tried, ground=ground), left_out=left_out))
    there = expected(asked.x, asked.y)
    return _said(without_sites(lesson.kinds), trials, lesson, there, asked, traced=traced)


def _mean_of(
    units: Units, hills: Hills | None
) -> tuple[Callable[[Floats, Floats], Expected], float]:
    """Return the district's mean level, higher on hills as far as units tell, and how often losses leave a trace."""

    def design(x: Floats, y: Floats) -> Design:
        rises = np.empty((len(x), 0)) if hills is None else hills.at(x, y)
        width = rises.shape[1]
        return Design(
            rows=np.column_stack([np.ones(len(x)), rises]),
            usual=np.r_[10.0, np.zeros(width)],
            unsure=np.r_[20.0, np.full(width, 3.0)],
        )

    found = trend.learnt(
        design(units.x, units.y), units.level_dbm, lost=units.lost, lost_dbm=units.lost_dbm
    )

    def expected(x: Floats, y: Floats) -> Expected:
        own = design(x, y)
        return Expected(
            mean_dbm=found.level_dbm(own),
            sigma_db=np.sqrt(found.sigma_db**2 + found.variance_db2(own)),
            features=own.rows[:, 1:],
            in_reach=np.zeros(len(x), bool),
        )

    return expected, found.traced


def _ground(expected: Expected, x: Floats, y: Floats, group: Integers) -> Ground:
    return Ground(
        x=x,
        y=y,
        features=expected.features,
        mean_dbm=expected.mean_dbm,
        sigma_db=expected.sigma_db,
        group=group,
    )


def _ground_of_units(units: Units, expected: Expected) -> Ground:
    # Units that are left out may listen to others of their own cluster: blocks keep neighbours apart.
    return _ground(expected, units.x, units.y, np.full(len(units), -1, np.int64))


def _lesson(units: Units, expected: Expected) -> Lesson:
    """Return the lesson of all units of a carrier, and how what the trend leaves of them is alike."""
    heard = ~units.lost
    left = units.level_dbm - expected.mean_dbm
    usual = covariance.learnt(
        units.x[heard], units.y[heard], left[heard], quiet=1 / np.sqrt(units.phones[heard])
    )
    return Lesson(
        units=units,
        ground=_ground(expected, units.x, units.y, units.cluster),
        covariance=usual,
    )
