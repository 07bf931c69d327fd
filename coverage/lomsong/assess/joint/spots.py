"""Carry what own samples say of the spots where they were taken to the dwellings of their cluster.

Phones follow roads, and a road may hear what the houses above it do not. A *spot* is a block of 2 × 2 cells; its units
tell of the level there. How much that says of the cluster follows from how the two levels hang together: sites over
terrain promise a difference, and what they leave over is alike at close places. Spots share much of what they say, so
whichever speaks loudest is heard whole and each further one adds less. Which one that is depends on nothing else, so a
further sample never takes weight from what speaks the same way.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.joint.units import GRID_DBM, Units
from lomsong.evidence.cells import BLOCK_CELLS, middles_of_cells
from lomsong.evidence.clusters import Clusters, Integers
from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats

ALIKE: Final = 0.15
"""How alike the errors of a spot's units are (assumption): never do more than 1 / 0.15 of them count."""
SPOTS_ALIKE: Final = 0.5
"""How alike the errors of a cluster's spots are (assumption): they share how the houses differ from all around them, and
have about as much of their own."""
INSIDE_DB2: Final = 4.0
"""What differs between the middle of a spot and its phones, and between a cluster's dwellings [dB²] (assumption)."""
STEEPEST: Final = 1.5
"""A level of the cluster 1 dB higher never stands for more than this at the spot [dB]."""
_AT_ONCE: Final = 8192
"""Units whose likelihoods are held at once."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Spots:
    """Where a carrier's own phones spoke for a cluster, sorted by carrier, cluster and place."""

    carrier: Integers
    cluster: Integers
    x: Floats
    y: Floats
    ln_likelihood: Floats
    """Of each level of `GRID_DBM` at the spot; shape (spots, levels)."""

    def __len__(self) -> int:
        """Return how many spots there are."""
        return len(self.x)


@dataclass(frozen=True, eq=False, kw_only=True)
class Tie:
    """How the levels of spots hang on that of their cluster: `offset` + `slope` × level, and what that leaves open."""

    offset: Floats
    slope: Floats
    open_db2: Floats
    """Variance [dB²]."""


def spots_of(units: Units, clusters: Clusters) -> Spots:
    """Sum units up by spots; n units of one spot count as n / (1 + 0.15 (n - 1)), old ones as part of a unit.

    Parameters
    ----------
    units
        What each unit says of the level where it stands.
    clusters
        Where people live.
    """
    key = pd.DataFrame(
        {
            "carrier": units.carrier,
            "cluster": units.cluster,
            "block_y": units.block_y,
            "block_x": units.block_x,
        }
    )
    groups = key.assign(n=units.weight).groupby(list(key.columns), sort=True)
    which, table = groups.ngroup().to_numpy(np.int64), groups["n"].sum().reset_index()
    n = table["n"].to_numpy(float)
    summed = np.zeros((len(table), len(GRID_DBM)))
    for start in range(0, len(units), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        told = units.ln_likelihood(part) * units.weight[part, None]
        np.add.at(summed, which[part], told)
    x, y = middles_of_cells(table["block_x"], table["block_y"], crs=clusters.crs, wide=BLOCK_CELLS)
    shared = 1 + np.maximum(n - 1, 0) * ALIKE
    return Spots(
        carrier=table["carrier"].to_numpy(np.int64),
        cluster=table["cluster"].to_numpy(np.int64),
        x=x,
        y=y,
        ln_likelihood=summed / shared[:, None],
    )


def tie_of(mean: Floats, covariance: Floats) -> Tie:
    """Return how levels at spots hang on the cluster's, which stands first in a joint normal distribution."""
    towards = covariance[0, 1:]
    slope = np.clip(towards / covariance[0, 0], 0.0, STEEPEST)
    left = np.diag(covariance)[1:] - towards**2 / covariance[0, 0]
    return Tie(offset=mean[1:] - slope * mean[0], slope=slope, open_db2=left)


def tie_by_distance(alike: Floats) -> Tie:
    """Return how levels at spots hang on the cluster's where nothing is promised: they differ as levels do over a distance.

    `alike` is the covariance of levels by distance alone, the cluster first [dB²].
    """
    return Tie(
        offset=np.zeros(len(alike) - 1),
        slope=np.ones(len(alike) - 1),
        open_db2=np.diag(alike)[1:] - 2 * alike[0, 1:] + alike[0, 0],
    )


def carried(ln_likelihood: Floats, tie: Tie) -> Floats:
    """Return how likely what the spots of one cluster tell is under each level of the cluster.

    Each spot's likelihood is blurred by what its tie leaves open. Between one level and the next, some spots speak for
    the higher and some for the lower; those of each side are summed from the loudest on, the nth of them with what n
    alike observations add to n - 1. A sum of sorted values under falling weights never falls when one of them grows or
    joins, so better samples never make a low level likelier.

    Parameters
    ----------
    ln_likelihood
        `Spots.ln_likelihood` of the cluster's spots.
    tie
        How they hang on the cluster.
    """
    likelihood = np.exp(ln_likelihood - ln_likelihood.max(axis=1, keepdims=True))
    blurred = _blurred(likelihood, tie.offset, tie.slope, tie.open_db2 + INSIDE_DB2, GRID_DBM)
    step = np.diff(np.log(np.maximum(blurred, 1e-300)), axis=1)
    n = np.arange(len(step) + 1)
    weight = np.diff(n / (1 + np.maximum(n - 1, 0) * SPOTS_ALIKE))
    higher, lower = (-np.sort(-np.maximum(side, 0.0), axis=0) for side in (step, -step))
    told = np.cumsum(weight @ higher - weight @ lower)
    return np.asarray(np.r_[0.0, told], float)


@compiled
def _blurred(
    likelihood: Floats, offset: Floats, slope: Floats, variance: Floats, grid: Floats
) -> Floats:
    """Return the mean likelihood over levels of each spot, a column for each level of the cluster."""
    n, size = likelihood.shape
    result = np.empty((n, size))
    for spot in range(n):
        half = 0.5 / variance[spot]
        for g in range(size):
            centre = min(max(offset[spot] + slope[spot] * grid[g], grid[0]), grid[-1])
            total, norm = 0.0, 0.0
            for h in range(size):
                chance = np.exp(-half * (grid[h] - centre) ** 2)
                norm += chance
                total += chance * likelihood[spot, h]
            result[spot, g] = total / norm
    return result
