"""Carry levels to places where nobody measured by ordinary kriging that trusts no single covariance and no wild reading.

References
----------
.. [1] N. Cressie, "Statistics for Spatial Data", Wiley (1993), sections 2.6 (restricted likelihood) and 3.2.
.. [2] P. J. Huber, "Robust estimation of a location parameter", Ann. Math. Stat. 35 (1964).
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.spatial import cKDTree

from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

LENGTHS_M: Final = tuple(float(length) for length in np.geomspace(30, 20_000, 12).round(1))
NUGGETS: Final = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
"""Lengths of exponentials, and shares of what belongs to one reading alone, that are averaged over."""
MOST_UNITS: Final = 400
"""Units that the likelihood is taken over; more cost time and change nothing that shows."""
LEAST_ODDS: Final = 4.0
MOST_KINDS: Final = 8
"""A covariance counts where its log-likelihood lies no further below the likeliest, and these many at most."""
NEIGHBOURS: Final = 40
"""Units that a place listens to, and takes the mean around it from, which all units together have an equal say in."""
WILD: Final = 1.5
"""A reading further than so many standard deviations from what the others say counts as if it were there [2]_."""
FEWEST: Final = 6
"""Fewer units teach nothing beyond their mean."""
LEAST_DB2: Final = 1.0
_DEAF: Final = 1e9
_AT_ONCE: Final = 2048


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


def kinds_of(x: Floats, y: Floats, value: Floats) -> tuple[Kind, ...]:
    """Return the likeliest covariances of values at places (restricted likelihood [1]_), the likeliest first."""
    order = np.random.default_rng(len(x)).permutation(len(x))[:MOST_UNITS]
    x, y, value = x[order], y[order], value[order]
    if len(x) < FEWEST:
        variance = max(float(value.var()) if len(x) else 0.0, LEAST_DB2)
        mean = float(value.mean()) if len(x) else 0.0
        return (
            Kind(
                length_m=500.0,
                nugget=0.2,
                variance_db2=variance,
                mean_db=mean,
                sure=1.0,
                likely=1.0,
            ),
        )
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    both = np.column_stack([np.ones(len(x)), value])
    found = []
    for length in LENGTHS_M:
        smooth = np.exp(-apart / length)
        for nugget in NUGGETS:
            between = (1 - nugget) * smooth
            np.fill_diagonal(between, 1.0)
            root = np.linalg.cholesky(between)
            one, left = solve_triangular(root, both, lower=True).T
            information = float(one @ one)
            mean = float(one @ left) / information
            left = left - mean * one
            variance = max(float(left @ left) / (len(x) - 1), LEAST_DB2)
            score = -float(np.log(np.diag(root)).sum()) - 0.5 * np.log(information)
            score -= 0.5 * (len(x) - 1) * np.log(variance)
            kind = Kind(
                length_m=length,
                nugget=nugget,
                variance_db2=variance,
                mean_db=mean,
                sure=information,
                likely=1.0,
            )
            found.append((score, kind))
    found.sort(key=lambda row: -row[0])
    top = found[0][0]
    kept = [(score, kind) for score, kind in found[:MOST_KINDS] if score > top - LEAST_ODDS]
    likely = np.exp(np.array([score for score, _ in kept]) - top)
    return tuple(
        replace(kind, likely=float(share))
        for (_, kind), share in zip(kept, likely / likely.sum(), strict=True)
    )


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
        mean, variance = np.zeros(len(x)), np.zeros(len(x))
        k = min(NEIGHBOURS, len(self.x))
        tree = cKDTree(np.column_stack([self.x, self.y]))
        for start in range(0, len(x), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            away, near = tree.query(np.column_stack([x[part], y[part]]), k=np.arange(1, k + 1))
            own = group[part, None]
            deaf = (self.group[near] == own) & (own >= 0)
            near_x, near_y = self.x[near], self.y[near]
            apart = np.hypot(
                near_x[:, :, None] - near_x[:, None, :], near_y[:, :, None] - near_y[:, None, :]
            )
            said = [_said(kind, apart, away, deaf, self.value[near]) for kind in self.kinds]
            share = np.array([kind.likely for kind in self.kinds])
            means, variances = (np.array(figure) for figure in zip(*said, strict=True))
            mean[part] = share @ means
            variance[part] = share @ (variances + (means - mean[part]) ** 2)
        return mean, variance


def _said(
    kind: Kind, apart: Floats, away: Floats, deaf: npt.NDArray[np.bool_], value: Floats
) -> tuple[Floats, Floats]:
    """Return the mean and variance of a reading under one covariance, by each place's neighbours."""
    smooth = 1 - kind.nugget
    between = smooth * np.exp(-apart / kind.length_m)
    diagonal = np.arange(away.shape[1])
    # What a place must not hear is drowned in noise, so that all systems keep one shape.
    between[:, diagonal, diagonal] = 1.0 + np.where(deaf, _DEAF, 0.0)
    towards = smooth * np.exp(-away / kind.length_m)
    both = np.stack([towards, np.ones_like(towards)], axis=2)
    solved = np.linalg.solve(between, both)
    weight, flat = solved[:, :, 0], solved[:, :, 1]
    # The mean around here is looked for among the neighbours, and not far from that of all units.
    sure = flat.sum(axis=1) + kind.sure
    middle = ((flat * value).sum(axis=1) + kind.sure * kind.mean_db) / sure
    missing = 1 - weight.sum(axis=1)
    left = 1 - (weight * towards).sum(axis=1) + missing**2 / sure
    mean = (weight * value).sum(axis=1) + missing * middle
    return mean, np.maximum(kind.variance_db2 * left, LEAST_DB2)
