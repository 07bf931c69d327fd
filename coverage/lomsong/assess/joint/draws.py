"""Draw the levels of all clusters and carriers of a hamlet together, given everything that is known of each.

References
----------
.. [1] S. Geman and D. Geman, "Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images", IEEE
   Trans. PAMI 6 (1984).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lomsong.evidence.clusters import Integers
from lomsong.evidence.silence import LEAST_RATIO_OF_NOBODY, UNEVEN
from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats

CHAINS: Final = 40
SWEEPS: Final = 50
BURNT: Final = 15
"""Sweeps of each chain that are thrown away."""
SEED: Final = 20_240


@dataclass(frozen=True, eq=False, kw_only=True)
class Nobody:
    """Clusters where nobody is heard, which is one thing, however many carriers might serve there.

    The more of them serve at once, the more phones would be heard; their number is negative binomial.
    """

    expected: Floats
    """How many phones would be heard if a level served; 0 where anybody is heard."""
    cluster: Integers
    """Which cluster each level belongs to."""
    below: Floats
    """Chance that phones hear nothing, at each point of the grid."""

    @classmethod
    def nowhere(cls, n: int, grid: Floats) -> "Nobody":
        """Return the same of `n` levels where it tells nothing."""
        return cls(expected=np.zeros(n), cluster=np.arange(n), below=np.ones(len(grid)))


def chances(n: int) -> Floats:
    """Return the chances of all sweeps; the same for every hamlet, so that no order of hamlets matters.

    A level is drawn at the same share of its distribution whatever the evidence, so that better evidence at one place
    raises every draw, or leaves it.
    """
    return np.random.default_rng(SEED).random((n, SWEEPS, CHAINS))


def drawn(
    mean: Floats,
    covariance: Floats,
    ln_likelihood: Floats,
    grid: Floats,
    chance: Floats,
    *,
    nobody: Nobody | None = None,
) -> Floats:
    """Return draws of levels that a normal distribution expects and likelihoods on a grid weigh.

    Parameters
    ----------
    mean, covariance
        What is expected [dBm, dB²].
    ln_likelihood
        Of each level, a row each, at each point of the grid.
    grid
        Evenly spaced [dBm].
    chance
        `chances` of at least as many levels.
    nobody
        Clusters where nobody is heard.

    Returns
    -------
    A row per draw, a column per level [dBm].
    """
    precision = np.asarray(np.linalg.inv(covariance), float)
    likelihood = np.exp(ln_likelihood - ln_likelihood.max(axis=1, keepdims=True))
    none = Nobody.nowhere(len(mean), grid) if nobody is None else nobody
    return _gibbs(
        mean, precision, likelihood, grid, chance, BURNT, none.expected, none.cluster, none.below
    )


@compiled
def _nobody(expected: float) -> float:
    """Return how likely it is that nobody is heard where so many phones are expected, against where nobody serves."""
    return float(max((1 + expected / UNEVEN) ** -UNEVEN, LEAST_RATIO_OF_NOBODY))


@compiled
def _others(  # noqa: PLR0917 -- compiled code is called by position
    i: int, now: Floats, expected: Floats, cluster: Integers, grid: Floats, below: Floats
) -> float:
    """Return how many phones of other carriers would be heard at the cluster of a level."""
    phones = 0.0
    for j in range(len(now)):
        if j != i and cluster[j] == cluster[i]:
            phones += expected[j] * (1 - np.interp(now[j], grid, below))
    return phones


@compiled
def _gibbs(  # noqa: PLR0917 -- compiled code is called by position
    mean: Floats,
    precision: Floats,
    likelihood: Floats,
    grid: Floats,
    chance: Floats,
    burnt: int,
    expected: Floats,
    cluster: Integers,
    below: Floats,
) -> Floats:
    _, sweeps, chains = chance.shape
    n = len(mean)
    kept = np.empty(((sweeps - burnt) * chains, n))
    step = grid[1] - grid[0]
    summed = np.empty(len(grid))
    for chain in range(chains):
        now = mean.copy()
        for sweep in range(sweeps):
            for i in range(n):
                pull = 0.0
                for j in range(n):
                    if j != i:
                        pull += precision[i, j] * (now[j] - mean[j])
                own = precision[i, i]
                centre = min(max(mean[i] - pull / own, grid[0]), grid[-1])
                ratio = 1.0
                if expected[i] > 0:
                    # Where phones of others would be heard anyway, one carrier more matters less.
                    others = _others(i, now, expected, cluster, grid, below)
                    ratio = _nobody(others + expected[i]) / _nobody(others)
                total = 0.0
                for g in range(len(grid)):
                    off = grid[g] - centre
                    told = likelihood[i, g] * (below[g] + (1 - below[g]) * ratio)
                    total += np.exp(-0.5 * own * off * off) * told
                    summed[g] = total
                wanted = chance[i, sweep, chain] * total
                low = min(np.searchsorted(summed, wanted), len(grid) - 1)
                before = summed[low - 1] if low else 0.0
                share = (wanted - before) / max(summed[low] - before, 1e-300)
                now[i] = grid[low] + (share - 0.5) * step
            if sweep >= burnt:
                for i in range(n):
                    kept[(sweep - burnt) * chains + chain, i] = now[i]
    return kept
