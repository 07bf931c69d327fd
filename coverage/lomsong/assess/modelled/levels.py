"""Say each carrier's level anywhere, with how sure that is: by sites and neighbours, or by neighbours alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.classify import Flags, Texts
from lomsong.assess.modelled import covariance, trend
from lomsong.assess.modelled.choose import Choice, Trial, chosen, folds_of
from lomsong.assess.modelled.covariance import Covariance
from lomsong.assess.modelled.field import Expected, Hills, Learnt, propagation_of
from lomsong.assess.modelled.masts import coarse_enough, thinned
from lomsong.assess.modelled.members import WITH_SITES, WITHOUT_SITES, Ground, Lesson, Model
from lomsong.assess.modelled.trend import Design
from lomsong.assess.modelled.units import Units
from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

LISTENING: Final = 0.9
"""Where more than this share of the variance is left, neighbours have said nothing."""
MOST_TRIED: Final = 1000
"""Units of a carrier that models compete on."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LevelField:
    """One carrier's level, as sites, terrain and units make it likely."""

    models: Mapping[str, Model]
    choice: Choice
    lesson: Lesson
    expected: Callable[[Floats, Floats], Expected]
    """What is expected of places before neighbours are asked."""
    by_sites: bool

    @property
    def covariance(self) -> Covariance:
        """How alike errors are."""
        return self.lesson.covariance

    def at(self, x: Floats, y: Floats, *, group: Integers | None = None) -> "LevelSaid":
        """Return what is said of places; a place does not listen to units of its own group, -1 is none."""
        expected = self.expected(x, y)
        none = np.full(len(x), -1, np.int64)
        asked = _ground(expected, x, y, none if group is None else group)
        said = self.choice.said(self.models, self.lesson, asked)
        listens = said.left < LISTENING
        alone = np.where(expected.in_reach, "propagation", "none") if self.by_sites else "none"
        both = "propagation+residual" if self.by_sites else "samples"
        # Beyond the reach of all known masts nothing follows from them: there may be others.
        return LevelSaid(
            mean_dbm=said.mean_dbm,
            sigma_db=said.sigma_db,
            source=np.where(listens, both, alone).astype(object),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class LevelSaid:
    """Expected level of places [dBm], its standard deviation [dB], and what it comes from."""

    mean_dbm: Floats
    sigma_db: Floats
    source: Texts


def fields_by_sites(sites: pd.DataFrame, terrain: Raster, units: Units) -> dict[str, LevelField]:
    """Return the level of each carrier that has sites on the terrain and units to learn from."""
    propagation = propagation_of(sites, terrain, units)
    if propagation is None:
        return {}
    learnt = propagation.learnt()
    lessons = {}
    for carrier in propagation.taught:
        own = units.chosen(units.carrier == carrier)
        lessons[carrier] = _lesson(own, learnt.at(carrier, own.x, own.y))
    folds = _common_folds(propagation.taught, lessons)
    trials: dict[str, list[Trial]] = {carrier: [] for carrier in lessons}
    for fold in range(max(int(f.max()) for f in folds.values()) + 1):
        others = propagation.learnt({c: own != fold for c, own in folds.items()})
        for carrier, own in propagation.taught.items():
            ground = _ground_of_units(own, others.at_taught(carrier))
            lesson = replace(lessons[carrier], units=own, ground=ground)
            trials[carrier].append(Trial(lesson=lesson, left_out=folds[carrier] == fold))
    return {
        carrier: LevelField(
            models=WITH_SITES,
            choice=chosen(WITH_SITES, trials[carrier], traced=learnt.trend.traced),
            lesson=lesson,
            expected=_expected_by(learnt, carrier),
            by_sites=True,
        )
        for carrier, lesson in lessons.items()
    }


def _expected_by(learnt: Learnt, carrier: str) -> Callable[[Floats, Floats], Expected]:
    return lambda x, y: learnt.at(carrier, x, y)


def _common_folds(
    taught: Mapping[str, Units], lessons: Mapping[str, Lesson]
) -> dict[str, Integers]:
    """Deal out blocks for all carriers alike: ridges are the same for all."""
    correlation = float(np.median([lesson.covariance.correlation_m for lesson in lessons.values()]))
    x = np.concatenate([units.x for units in taught.values()])
    y = np.concatenate([units.y for units in taught.values()])
    fold = folds_of(x, y, correlation_m=correlation)
    ends = np.cumsum([len(units) for units in taught.values()])
    return dict(zip(taught, np.split(fold, ends[:-1]), strict=True))


def field_by_samples(units: Units, terrain: Raster | None = None) -> LevelField:
    """Return the level of a carrier without known sites, by its units alone.

    Parameters
    ----------
    units
        Units of one carrier, at least one.
    terrain
        Ground, where it is known: hilltops hear more.
    """
    hills = None if terrain is None else Hills(coarse_enough(terrain))
    expected, traced = _mean_of(thinned(units), hills)
    lesson = _lesson(units, expected(units.x, units.y))
    tried = units if len(units) <= MOST_TRIED else thinned(units)
    fold = folds_of(tried.x, tried.y, correlation_m=lesson.covariance.correlation_m)
    trials = []
    for number in range(int(fold.max()) + 1):
        left_out: Flags = fold == number
        others, _ = _mean_of(thinned(tried.chosen(~left_out)), hills)
        ground = _ground_of_units(tried, others(tried.x, tried.y))
        trials.append(Trial(lesson=replace(lesson, units=tried, ground=ground), left_out=left_out))
    return LevelField(
        models=WITHOUT_SITES,
        choice=chosen(WITHOUT_SITES, trials, traced=traced),
        lesson=lesson,
        expected=expected,
        by_sites=False,
    )


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
