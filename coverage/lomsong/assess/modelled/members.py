"""Models that compete to say a level where nobody measured it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.spatial import cKDTree
from sklearn.ensemble import ExtraTreesRegressor

from lomsong.assess.classify import Flags
from lomsong.assess.modelled import trend
from lomsong.assess.modelled.covariance import Covariance
from lomsong.assess.modelled.kriging import Residuals
from lomsong.assess.modelled.ordinary import Kind, Kinds, Ordinary, kinds_of
from lomsong.assess.modelled.units import Units
from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

NEIGHBOURS: Final = 8
NEAR_M: Final = 50.0
"""Added to the distance of a neighbour, so that none speaks alone [m]."""
TREES: Final = 20
PARTS: Final = 2
MOST_TAUGHT: Final = 1000
"""Units that a forest is grown on; more cost time and change nothing that shows."""
FEWEST_IN_LEAF: Final = 3
WILD: Final = 2.5
"""A unit further from what is expected than so many standard deviations is believed the less, the further."""
LEAST_DB2: Final = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Ground:
    """Places, and what is known of them but samples."""

    x: Floats
    y: Floats
    features: Floats
    """What the forest looks at beside the place."""
    mean_dbm: Floats
    """Level that the trend expects."""
    sigma_db: Floats
    """Standard deviation of the level around that."""
    group: Integers
    """Cluster that the place lies in, -1 for none; it hears no unit of its own."""

    def chosen(self, at: Flags | Integers) -> "Ground":
        """Return some of the places."""
        names = ("x", "y", "features", "mean_dbm", "sigma_db", "group")
        return replace(self, **{name: getattr(self, name)[at] for name in names})


@dataclass(frozen=True, eq=False, kw_only=True)
class Lesson:
    """Units of one carrier, their ground, and how what the trend leaves is alike."""

    units: Units
    ground: Ground
    covariance: Covariance

    def chosen(self, at: Flags | Integers) -> "Lesson":
        """Return some of the units."""
        return replace(self, units=self.units.chosen(at), ground=self.ground.chosen(at))

    @property
    def kinds(self) -> Kinds:
        """How what the trend leaves of the units is alike, as kriging takes it."""
        return kinds_of(self.units.x, self.units.y, self.units.level_dbm - self.ground.mean_dbm)

    def carried_by(self, kinds: tuple[Kind, ...]) -> Ordinary:
        """Return what the trend leaves of the units, as kriging carries it over."""
        value = self.units.level_dbm - self.ground.mean_dbm
        x, y, group = self.units.x, self.units.y, self.ground.group
        return Ordinary(x=x, y=y, value=value, kinds=kinds, group=group)

    @property
    def level_dbm(self) -> Floats:
        """Level of each unit, of lost ones a reading that tells as much as they do [dBm]."""
        reading, _ = self._lost
        return np.where(self.units.lost, self.ground.mean_dbm + reading, self.units.level_dbm)

    @property
    def residuals(self) -> Residuals:
        """What the trend leaves of the units."""
        quiet = 1 / np.sqrt(self.units.phones)
        left = self.level_dbm - self.ground.mean_dbm
        _, variance = self._lost
        wild = np.maximum(np.abs(left) - WILD * self.covariance.sigma_db, 0.0)
        more = np.where(self.units.lost, variance, wild**2)
        return Residuals(
            x=self.units.x,
            y=self.units.y,
            residual=left,
            noise_db2=self.covariance.noise_db**2 * quiet + more,
            covariance=self.covariance,
        )

    @property
    def _lost(self) -> tuple[Floats, Floats]:
        limit = np.full(len(self.units), self.units.lost_dbm) - self.ground.mean_dbm
        return trend.as_if_heard(np.zeros(len(limit)), self.ground.sigma_db, limit)


@dataclass(frozen=True, eq=False, kw_only=True)
class Said:
    """What a model says of places: expected level [dBm], standard deviation of it [dB]."""

    mean_dbm: Floats
    sigma_db: Floats
    left: Floats
    """Share of the variance around the trend that neighbours have not taken away."""


def _by_trend(lesson: Lesson, asked: Ground) -> Said:
    """Return what sites over terrain say, or the district's mean."""
    del lesson
    return Said(mean_dbm=asked.mean_dbm, sigma_db=asked.sigma_db, left=np.ones(len(asked.x)))


def _by_kriging(lesson: Lesson, asked: Ground) -> Said:
    """Return the trend and what neighbours leave of it."""
    more, left = lesson.residuals.at(
        asked.x, asked.y, group=lesson.ground.group, asked_group=asked.group
    )
    whole = lesson.covariance.level_sigma_db**2
    # What the trend does not know of its own weights and masts stays.
    unsure = np.maximum(asked.sigma_db**2 - whole, 0.0) * left / whole
    return Said(mean_dbm=asked.mean_dbm + more, sigma_db=np.sqrt(left + unsure), left=left / whole)


def _by_simple(lesson: Lesson, asked: Ground, *, kinds: Kinds) -> Said:
    """Return the mean and what simple kriging says of the rest."""
    return _carried(lesson.carried_by(kinds.simple), lesson, asked)


def _by_tamed(lesson: Lesson, asked: Ground, *, kinds: Kinds) -> Said:
    """Return the same by ordinary kriging, with wild readings drawn in."""
    return _carried(lesson.carried_by(kinds.ordinary).tamed(), lesson, asked)


def _carried(known: Ordinary, lesson: Lesson, asked: Ground) -> Said:
    more, reading = known.at(asked.x, asked.y, group=asked.group)
    # A reading differs from the level of its place, which is what is asked for.
    level = np.maximum(reading - lesson.covariance.noise_db**2, LEAST_DB2)
    whole = lesson.covariance.level_sigma_db**2
    return Said(
        mean_dbm=asked.mean_dbm + more,
        sigma_db=np.sqrt(level),
        left=np.minimum(level / whole, 1.0),
    )


def _by_neighbours(lesson: Lesson, asked: Ground) -> Said:
    """Return the mean of the nearest units, the nearer the heavier."""
    k = min(NEIGHBOURS, len(lesson.units))
    tree = cKDTree(np.column_stack([lesson.units.x, lesson.units.y]))
    away, near = tree.query(np.column_stack([asked.x, asked.y]), k=np.arange(1, k + 1))
    weight = 1 / (away + NEAR_M)
    mean = (weight * lesson.level_dbm[near]).sum(axis=1) / weight.sum(axis=1)
    return replace(_by_kriging(lesson, asked), mean_dbm=mean)


def _by_forest(lesson: Lesson, asked: Ground) -> Said:
    """Return what a forest says that sees the trend, terrain, and places from four sides.

    Units of a group are taught to those trees only that no place of the group listens to.
    """
    level = lesson.level_dbm
    seen, asked_seen = _seen(lesson.ground), _seen(asked)
    said = asked.mean_dbm.copy()
    part_of_unit = np.where(lesson.ground.group >= 0, lesson.ground.group % PARTS, -1)
    # Where a group has no unit, all may be listened to.
    own = (asked.group >= 0) & np.isin(asked.group, lesson.ground.group)
    part_of_asked = np.where(own, asked.group % PARTS, -1)
    for part in np.unique(part_of_asked):
        here = part_of_asked == part
        taught = np.flatnonzero((part_of_unit != part) | (part < 0))
        if len(taught) > MOST_TAUGHT:
            order = np.random.default_rng(len(taught)).permutation(len(taught))
            taught = np.sort(taught[order[:MOST_TAUGHT]])
        if not len(taught):
            continue
        model = ExtraTreesRegressor(
            TREES, min_samples_leaf=FEWEST_IN_LEAF, random_state=0, n_jobs=1
        )
        model.fit(seen[taught], level[taught], sample_weight=np.sqrt(lesson.units.phones[taught]))
        said[here] = model.predict(asked_seen[here])
    return replace(_by_kriging(lesson, asked), mean_dbm=said)


def _seen(ground: Ground) -> Floats:
    x, y = ground.x, ground.y
    return np.column_stack([x, y, x + y, x - y, ground.mean_dbm, ground.features])


Model = Callable[[Lesson, Ground], Said]


@dataclass(frozen=True, eq=False, kw_only=True)
class Member:
    """A model, and how much it is listened to before anything is known of a district."""

    model: Model
    expected: float


def without_sites(kinds: Kinds) -> dict[str, Member]:
    """Return the members of a field without sites.

    What is expected of them is an assumption: kriging with the mean looked for around and wild readings drawn in foretells
    best as a rule, and is seldom far behind where another does; others need blocks left out in their favour. The
    covariances are those of all units, also where some are left out: two figures that hundreds of units tell.
    """
    return {
        "kriging, mean known": Member(model=partial(_by_simple, kinds=kinds), expected=0.06),
        "kriging of tamed readings": Member(model=partial(_by_tamed, kinds=kinds), expected=0.88),
        "forest": Member(model=_by_forest, expected=0.03),
        "neighbours": Member(model=_by_neighbours, expected=0.03),
    }


WITH_SITES: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "propagation+residual": Member(model=_by_kriging, expected=0.7),
        "propagation": Member(model=_by_trend, expected=0.1),
        "forest": Member(model=_by_forest, expected=0.1),
        "neighbours": Member(model=_by_neighbours, expected=0.1),
    }
)
"""Members of a field with sites; what is expected of them is an assumption."""
