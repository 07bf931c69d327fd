"""Carry levels to places where nobody measured by kriging: with the district's mean taken as known, or looked for around.

References
----------
.. [1] N. Cressie, "Statistics for Spatial Data", Wiley (1993), sections 2.6 (likelihoods) and 3.2 to 3.4.
.. [2] P. J. Huber, "Robust estimation of a location parameter", Ann. Math. Stat. 35 (1964).
.. [3] O. Dubrule, "Cross validation of kriging in a unique neighborhood", Math. Geol. 15 (1983).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.linalg import solve_triangular
from scipy.spatial import cKDTree

from lomsong.assess.classify import Flags
from lomsong.assess.modelled.covariance import Covariance
from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

LENGTHS_M: Final = tuple(float(length) for length in np.geomspace(30, 20_000, 12).round(1))
NUGGETS: Final = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
"""Lengths of exponentials, and shares of what belongs to one reading alone, that compete."""
MOST_UNITS: Final = 400
"""Units that the likelihood is taken over; more cost time and change nothing that shows."""
LEAST_ODDS: Final = 8.0
MOST_KINDS: Final = 16
"""Covariances are averaged over: those whose log-likelihood lies no further below the likeliest, and these many at most."""
COUNTS: Final = 0.5
"""A log-likelihood counts half when covariances are averaged over: none of them is how levels really are, and units along one
road tell much the same (assumption)."""
WHOLE: Final = 800
"""Up to so many units, a place listens to all of them: far from all, more than the nearest have a say."""
NEIGHBOURS: Final = 64
"""Of more units, a place listens to so many, and takes the mean around it from them; all together have an equal say in that."""
WILD: Final = 2.0
"""A reading further than so many standard deviations from what the others say counts as if it were there [2]_."""
FEWEST: Final = 6
"""Fewer units teach nothing beyond their mean."""
LEAST_DB2: Final = 1.0
KNOWN: Final = 1e9
"""How well a mean is known that is not asked about."""
_DEAF: Final = 1e9
_AT_ONCE: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Kind:
    """An exponential covariance and a nugget, and how likely it is among those kept."""

    length_m: float
    nugget: float
    """Share of the variance that belongs to one reading alone."""
    variance_db2: float
    mean_db: float
    """Of the values of all units."""
    sure: float
    """How well the mean is known: the variance divided by that of the mean."""
    likely: float


@dataclass(frozen=True, kw_only=True)
class Kinds:
    """What values at places tell of how they are alike."""

    simple: tuple[Kind]
    """The likeliest, where the mean is taken to be that of all values."""
    ordinary: tuple[Kind, ...]
    """Where the mean is looked for, too (restricted likelihood [1]_); the likeliest first."""


def kinds_of(x: Floats, y: Floats, value: Floats) -> Kinds:
    """Return the likeliest covariances of values at places."""
    order = np.random.default_rng(len(x)).permutation(len(x))[:MOST_UNITS]
    x, y, value = x[order], y[order], value[order]
    if len(x) < FEWEST:
        return _usual(value)
    scored = list(_scored(x, y, value))
    simple = max(scored, key=lambda row: row[0])[1]
    found = sorted(((row[2], row[3]) for row in scored), key=lambda row: -row[0])
    top = found[0][0]
    kept = [(score, kind) for score, kind in found[:MOST_KINDS] if score > top - LEAST_ODDS]
    likely = np.exp(COUNTS * (np.array([score for score, _ in kept]) - top))
    return Kinds(
        simple=(simple,),
        ordinary=tuple(
            replace(kind, likely=float(share))
            for (_, kind), share in zip(kept, likely / likely.sum(), strict=True)
        ),
    )


def _usual(value: Floats) -> Kinds:
    """Return what is taken where too few values tell: levels lie apart as they usually do, as far as these do not object."""
    n = len(value)
    mean = float(value.mean()) if n else 0.0
    spread = float(((value - mean) ** 2).sum())
    kind = Kind(
        length_m=500.0,
        nugget=0.2,
        variance_db2=(Covariance().sigma_db ** 2 * FEWEST + spread) / (FEWEST + n),
        mean_db=mean,
        sure=1.0,
        likely=1.0,
    )
    return Kinds(simple=(replace(kind, sure=KNOWN),), ordinary=(kind,))


def _scored(x: Floats, y: Floats, value: Floats) -> Iterator[tuple[float, Kind, float, Kind]]:
    """Yield each covariance with its log-likelihood, first with the mean known, then with the mean looked for."""
    n = len(x)
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    both = np.column_stack([np.ones(n), value])
    for length in LENGTHS_M:
        smooth = np.exp(-apart / length)
        for nugget in NUGGETS:
            between = (1 - nugget) * smooth
            np.fill_diagonal(between, 1.0)
            root = np.linalg.cholesky(between)
            one, level = solve_triangular(root, both, lower=True).T
            volume = float(np.log(np.diag(root)).sum())
            sure = float(one @ one)
            found = []
            for mean, freedom, known in (
                (float(value.mean()), n, KNOWN),
                (float(one @ level) / sure, n - 1, sure),
            ):
                left = level - mean * one
                variance = max(float(left @ left) / freedom, LEAST_DB2)
                kind = Kind(
                    length_m=length,
                    nugget=nugget,
                    variance_db2=variance,
                    mean_db=mean,
                    sure=known,
                    likely=1.0,
                )
                found.append((-volume - 0.5 * freedom * float(np.log(variance)), kind))
            (simple, with_known), (ordinary, with_asked) = found
            yield simple, with_known, ordinary - 0.5 * float(np.log(sure)), with_asked


@dataclass(frozen=True, eq=False, kw_only=True)
class Ordinary:
    """Values of units, and how they carry over."""

    x: Floats
    y: Floats
    value: Floats
    kinds: tuple[Kind, ...]
    group: Integers
    """A place does not listen to units of its own group; -1 is none."""

    def tamed(self) -> "Ordinary":
        """Return the same with wild values drawn towards what their neighbours say."""
        alone = np.arange(len(self.x))
        likeliest = replace(self, kinds=(replace(self.kinds[0], likely=1.0),), group=alone)
        mean, variance = likeliest.at(self.x, self.y, group=alone)
        reach = WILD * np.sqrt(variance)
        return replace(self, value=np.clip(self.value, mean - reach, mean + reach))

    def at(self, x: Floats, y: Floats, *, group: Integers) -> tuple[Floats, Floats]:
        """Return the expected value of a reading at places, and its variance."""
        way = self._by_all if len(self.x) <= WHOLE else self._by_near
        mean, variance = np.zeros(len(x)), np.zeros(len(x))
        share = np.array([kind.likely for kind in self.kinds])
        for start in range(0, len(x), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            means, variances = way(x[part], y[part], group[part])
            mean[part] = share @ means
            variance[part] = share @ (variances + (means - mean[part]) ** 2)
        return mean, variance

    def _by_all(self, x: Floats, y: Floats, group: Integers) -> tuple[Floats, Floats]:
        """Return the mean and variance by each kind of covariance, a row each, where a place listens to all units."""
        apart = np.hypot(self.x[:, None] - self.x, self.y[:, None] - self.y)
        away = np.hypot(x[:, None] - self.x, y[:, None] - self.y)
        own = ((group == g, np.flatnonzero(self.group == g)) for g in np.unique(group[group >= 0]))
        deaf = [(np.flatnonzero(here), units) for here, units in own if len(units)]
        said = []
        for kind in self.kinds:
            between = (1 - kind.nugget) * np.exp(-apart / kind.length_m)
            np.fill_diagonal(between, 1.0)
            inverse = np.linalg.inv(between)
            towards = (1 - kind.nugget) * np.exp(-away / kind.length_m)
            weight = towards @ inverse
            flat = np.tile(inverse.sum(axis=0), (len(x), 1))
            for places, units in deaf:
                # Weights without some units follow from those with all [3]_.
                among = inverse[np.ix_(units, units)]
                for solved in (weight, flat):
                    taken = np.linalg.solve(among, solved[np.ix_(places, units)].T)
                    solved[places] -= taken.T @ inverse[units]
                    solved[np.ix_(places, units)] = 0.0
            said.append(_said(kind, weight, flat, towards, self.value))
        means, variances = zip(*said, strict=True)
        return np.array(means), np.array(variances)

    def _by_near(self, x: Floats, y: Floats, group: Integers) -> tuple[Floats, Floats]:
        """Return the same where a place listens to the nearest units."""
        tree = cKDTree(np.column_stack([self.x, self.y]))
        away, near = tree.query(np.column_stack([x, y]), k=np.arange(1, NEIGHBOURS + 1))
        deaf: Flags = (self.group[near] == group[:, None]) & (group[:, None] >= 0)
        near_x, near_y = self.x[near], self.y[near]
        apart = np.hypot(
            near_x[:, :, None] - near_x[:, None, :], near_y[:, :, None] - near_y[:, None, :]
        )
        diagonal = np.arange(NEIGHBOURS)
        said = []
        for kind in self.kinds:
            between = (1 - kind.nugget) * np.exp(-apart / kind.length_m)
            # What a place must not hear is drowned in noise, so that all systems keep one shape.
            between[:, diagonal, diagonal] = 1.0 + np.where(deaf, _DEAF, 0.0)
            towards = (1 - kind.nugget) * np.exp(-away / kind.length_m)
            both = np.stack([towards, np.ones_like(towards)], axis=2)
            weight, flat = np.moveaxis(np.linalg.solve(between, both), 2, 0)
            said.append(_said(kind, weight, flat, towards, self.value[near]))
        means, variances = zip(*said, strict=True)
        return np.array(means), np.array(variances)


def _said(
    kind: Kind, weight: Floats, flat: Floats, towards: Floats, value: Floats
) -> tuple[Floats, Floats]:
    """Return the mean and variance of a reading under one covariance.

    Parameters
    ----------
    kind
        The covariance.
    weight, flat
        Of each place, the inverse of its units' covariance times theirs with the place, and times ones.
    towards
        Covariance of each place with its units, as a share of the variance.
    value
        Values of each place's units.
    """
    # The mean around here is looked for among the units, and not far from that of all.
    sure = flat.sum(axis=1) + kind.sure
    middle = ((flat * value).sum(axis=1) + kind.sure * kind.mean_db) / sure
    missing = 1 - weight.sum(axis=1)
    left = 1 - (weight * towards).sum(axis=1) + missing**2 / sure
    mean = (weight * value).sum(axis=1) + missing * middle
    return mean, np.maximum(kind.variance_db2 * left, LEAST_DB2)
