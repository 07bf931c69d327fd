"""Draw the levels of all clusters and carriers of a hamlet together, given everything that is known of each.

References
----------
.. [1] S. Geman and D. Geman, "Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images", IEEE
   Trans. PAMI 6 (1984).
"""

from typing import Final

import numpy as np

from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats

CHAINS: Final = 40
SWEEPS: Final = 50
BURNT: Final = 15
"""Sweeps of each chain that are thrown away."""
SEED: Final = 20_240


def chances(n: int) -> Floats:
    """Return the chances of all sweeps; the same for every hamlet, so that no order of hamlets matters.

    A level is drawn at the same share of its distribution whatever the evidence, so that better evidence at one place
    raises every draw, or leaves it.
    """
    return np.random.default_rng(SEED).random((n, SWEEPS, CHAINS))


def drawn(
    mean: Floats, covariance: Floats, ln_likelihood: Floats, grid: Floats, chance: Floats
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

    Returns
    -------
    A row per draw, a column per level [dBm].
    """
    precision = np.asarray(np.linalg.inv(covariance), float)
    likelihood = np.exp(ln_likelihood - ln_likelihood.max(axis=1, keepdims=True))
    return _gibbs(mean, precision, likelihood, grid, chance, BURNT)


@compiled
def _gibbs(  # noqa: PLR0917 -- compiled code is called by position
    mean: Floats,
    precision: Floats,
    likelihood: Floats,
    grid: Floats,
    chance: Floats,
    burnt: int,
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
                total = 0.0
                for g in range(len(grid)):
                    off = grid[g] - centre
                    total += np.exp(-0.5 * own * off * off) * likelihood[i, g]
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
