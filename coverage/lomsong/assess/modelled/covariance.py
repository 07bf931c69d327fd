"""Learn how alike levels at two places are, as a function of their distance, from scattered units.

References
----------
.. [1] A. V. Vecchia, "Estimation and model identification for continuous spatial processes", J. R. Stat. Soc. B 50
   (1988): the likelihood as a product of conditionals on near neighbours.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

NEAR_M: Final = (40.0, 80.0, 150.0, 250.0)
FAR_M: Final = (350.0, 500.0, 700.0, 1000.0, 1500.0, 2500.0, 5000.0)
"""Lengths that compete [m]: shadows of houses and knolls, and shadows of ridges."""
NEAR_SHARES: Final = (0.0, 0.15, 0.3, 0.5, 0.75)
NOISE_SHARES: Final = (0.02, 0.05, 0.1, 0.2, 0.35, 0.55, 0.8)
"""Shares of the short length, and of what belongs to one reading alone, that compete."""
PAST: Final = 16
"""Near neighbours that a conditional looks at; more change the chosen lengths no more."""
MOST_UNITS: Final = 400
"""Units that the likelihood is taken over; more cost time and change nothing that shows."""
FEWEST: Final = 12
"""Fewer units teach no covariance, and the usual one holds."""
LEAST_SIGMA_DB: Final = 1.0
_FEWEST_PAST: Final = 2


@dataclass(frozen=True, kw_only=True)
class Covariance:
    """Two exponentials and what no neighbour knows: `sigma_db`² · (near + far), and `noise` of a single reading."""

    sigma_db: float = 10.0
    """Standard deviation of a reading around the mean, all parts together (8 dB of shadowing in 3GPP TR 36.814, and
    what terrain adds; only where data are too few to tell)."""
    near_m: float = 100.0
    far_m: float = 1200.0
    near_share: float = 0.3
    noise_share: float = 0.2
    """Share of the variance that belongs to one reading alone."""

    @property
    def noise_db(self) -> float:
        """Standard deviation of a single reading around the level of its place [dB]."""
        return self.sigma_db * float(np.sqrt(self.noise_share))

    @property
    def level_sigma_db(self) -> float:
        """Standard deviation of the level of a place around the mean [dB]."""
        return self.sigma_db * float(np.sqrt(1 - self.noise_share))

    @property
    def correlation_m(self) -> float:
        """Distance at which levels are alike by 1/e [m]."""
        reach = np.geomspace(10, 20_000, 200)
        return float(np.interp(-np.exp(-1), -self.alike(reach), reach))

    def alike(self, distance_m: Floats) -> Floats:
        """Return the correlation of the levels of two places."""
        near = np.exp(-distance_m / self.near_m)
        far = np.exp(-distance_m / self.far_m)
        return np.asarray(self.near_share * near + (1 - self.near_share) * far, float)

    def between(self, distance_m: Floats) -> Floats:
        """Return the covariance of the levels of two places [dB²]."""
        return self.level_sigma_db**2 * self.alike(distance_m)


def learnt(x: Floats, y: Floats, residual: Floats, *, quiet: Floats) -> Covariance:
    """Return the covariance under which residuals are likeliest.

    Parameters
    ----------
    x, y
        Places of units [m], in a stated order.
    residual
        What is left of their levels after the mean [dB].
    quiet
        Share of the noise of one reading that a unit still has, 1 for one device on one day.
    """
    if len(x) < FEWEST:
        return _unlearnt(residual)
    likelihood = _Likelihood(*_chosen(x, y, residual, quiet))
    best = replace(Covariance(), noise_share=0.2, near_share=0.3)
    score = likelihood(best)
    for _ in range(3):
        before = score
        for candidate in _around(best):
            own = likelihood(candidate)
            if own > score:
                best, score = candidate, own
        if score <= before:
            break
    return replace(best, sigma_db=max(likelihood.sigma_db(best), LEAST_SIGMA_DB))


def _unlearnt(residual: Floats) -> Covariance:
    """Return the usual covariance, wider where the few units there are say so."""
    usual = Covariance()
    spread = (usual.sigma_db**2 * FEWEST + float((residual**2).sum())) / (FEWEST + len(residual))
    return replace(usual, sigma_db=float(np.sqrt(spread)))


def _around(best: Covariance) -> Iterator[Covariance]:
    """Yield candidates: all pairs of lengths, then all pairs of shares, with the rest as it stands."""
    for near_m in NEAR_M:
        for far_m in FAR_M:
            yield replace(best, near_m=near_m, far_m=far_m)
    for near_share in NEAR_SHARES:
        for noise_share in NOISE_SHARES:
            yield replace(best, near_share=near_share, noise_share=noise_share)


def _chosen(
    x: Floats, y: Floats, residual: Floats, quiet: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Shuffle units in a fixed way, so that neighbours of the past lie on all sides, and keep as many as needed."""
    order = np.random.default_rng(len(x)).permutation(len(x))[:MOST_UNITS]
    return x[order], y[order], residual[order], quiet[order]


class _Likelihood:
    """The likelihood of a covariance, given each unit's nearest predecessors."""

    def __init__(self, x: Floats, y: Floats, residual: Floats, quiet: Floats) -> None:
        distance = np.hypot(x[:, None] - x, y[:, None] - y)
        self._residual, self._quiet = residual, quiet
        first = max(_FEWEST_PAST, min(PAST, len(x) - 1))
        self._own = np.arange(first, len(x))
        self._past = _nearest_past(distance, self._own, first)
        self._apart = distance[self._past[:, :, None], self._past[:, None, :]]
        self._away = distance[self._own[:, None], self._past]

    def _conditionals(self, covariance: Covariance) -> tuple[Floats, Floats]:
        """Return what each unit adds to its past's forecast, and the variance of that, for a unit's own variance of 1."""
        smooth = 1 - covariance.noise_share
        between = smooth * covariance.alike(self._apart)
        diagonal = np.arange(self._past.shape[1])
        between[:, diagonal, diagonal] += covariance.noise_share * self._quiet[self._past]
        towards = smooth * covariance.alike(self._away)
        weight = np.linalg.solve(between, towards[:, :, None])[:, :, 0]
        said = (weight * self._residual[self._past]).sum(axis=1)
        own = smooth + covariance.noise_share * self._quiet[self._own]
        left = np.maximum(own - (weight * towards).sum(axis=1), 1e-6)
        return self._residual[self._own] - said, left

    def sigma_db(self, covariance: Covariance) -> float:
        """Return the standard deviation under which the units are likeliest [dB]."""
        surprise, left = self._conditionals(covariance)
        return float(np.sqrt((surprise**2 / left).mean()))

    def __call__(self, covariance: Covariance) -> float:
        surprise, left = self._conditionals(covariance)
        spread = max(float((surprise**2 / left).mean()), LEAST_SIGMA_DB**2)
        return -0.5 * float(np.log(left).sum() + len(left) * np.log(spread))


def _nearest_past(distance: Floats, own: Integers, n: int) -> Integers:
    """Return for each unit the nearest `n` of those before it."""
    past = np.empty((len(own), n), np.int64)
    for row, unit in enumerate(own):
        past[row] = np.argsort(distance[unit, :unit], kind="stable")[:n]
    return past
