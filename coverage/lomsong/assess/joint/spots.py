"""Carry what own samples say of the spots where they were taken to the dwellings of their cluster.

Phones follow roads, and a road may hear what the houses above it do not. A *spot* is a block of 2 × 2 cells; its units
tell of the level there. How much that says of the cluster follows from how the two levels hang together: sites over
terrain promise a difference, and what they leave over is alike at close places. Spots share most of what they say, so
the nearest speaks first and each further one adds no more than what the nearer ones left open.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.joint.units import BLOCK_CELLS, GRID_DBM, Units
from lomsong.evidence.clusters import Clusters, Integers
from lomsong.evidence.tally import CELLS_PER_DEGREE
from lomsong.space.compiled import compiled
from lomsong.space.crs import WGS84, Floats, to_crs

ALIKE: Final = 0.15
"""How alike the errors of a spot's units are (assumption): never do more than 1 / 0.15 of them count."""
INSIDE_DB2: Final = 4.0
"""What differs between the middle of a spot and its phones, and between a cluster's dwellings [dB²] (assumption)."""
STEEPEST: Final = 1.5
"""A level of the cluster 1 dB higher never stands for more than this at the spot [dB]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Spots:
    """Where a carrier's own phones spoke for a cluster, sorted by carrier, cluster and place."""

    carrier: Integers
    cluster: Integers
    x: Floats
    y: Floats
    ln_likelihood: Floats
    """Of each level of `GRID_DBM` at the spot; shape (spots, levels)."""
    variance: Floats
    """Of what is read there, as if all units told levels [dB²]."""

    def __len__(self) -> int:
        """Return how many spots there are."""
        return len(self.x)


@dataclass(frozen=True, eq=False, kw_only=True)
class Tie:
    """How the levels of spots hang on that of their cluster: `offset` + `slope` × level, and what that leaves open."""

    offset: Floats
    slope: Floats
    covariance: Floats
    """Shape (spots, spots) [dB²]."""


def spots_of(units: Units, clusters: Clusters, *, unit_db: float) -> Spots:
    """Sum units up by spots; n units of one spot count as n / (1 + 0.15 (n - 1)), old ones as part of a unit.

    Parameters
    ----------
    units
        What each unit says of the level where it stands.
    clusters
        Where people live.
    unit_db
        How far a unit lies from the level of its spot [dB].
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
    np.add.at(summed, which, units.ln_likelihood * units.weight[:, None])
    size = BLOCK_CELLS / CELLS_PER_DEGREE
    lon, lat = ((table[c].to_numpy(float) + 0.5) * size for c in ("block_x", "block_y"))
    x, y = to_crs(lon, lat, source=WGS84, target=clusters.crs)
    shared = 1 + np.maximum(n - 1, 0) * ALIKE
    return Spots(
        carrier=table["carrier"].to_numpy(np.int64),
        cluster=table["cluster"].to_numpy(np.int64),
        x=x,
        y=y,
        ln_likelihood=summed / shared[:, None],
        variance=unit_db**2 * shared / n,
    )


def tie_of(mean: Floats, covariance: Floats) -> Tie:
    """Return how levels at spots hang on the cluster's, which stands first in a joint normal distribution."""
    slope = np.clip(covariance[0, 1:] / covariance[0, 0], 0.0, STEEPEST)
    left = covariance[1:, 1:] - np.outer(covariance[0, 1:], covariance[0, 1:]) / covariance[0, 0]
    return Tie(offset=mean[1:] - slope * mean[0], slope=slope, covariance=left)


def tie_by_distance(alike: Floats) -> Tie:
    """Return how levels at spots hang on the cluster's where nothing is promised: they differ as levels do over a distance.

    `alike` is the covariance of levels by distance alone, the cluster first [dB²].
    """
    return Tie(
        offset=np.zeros(len(alike) - 1),
        slope=np.ones(len(alike) - 1),
        covariance=alike[1:, 1:] - alike[1:, :1] - alike[:1, 1:] + alike[0, 0],
    )


def carried(ln_likelihood: Floats, variance: Floats, tie: Tie) -> Floats:
    """Return how likely what the spots of one cluster tell is under each level of the cluster.

    Each spot's likelihood is blurred by what its tie leaves open. The product of all is tempered, spot by spot, so that
    it holds as much information as the spots would together if they told plain levels.

    Parameters
    ----------
    ln_likelihood, variance
        `Spots.ln_likelihood`, `Spots.variance` of the cluster's spots.
    tie
        How they hang on the cluster.
    """
    open_db2 = np.diag(tie.covariance) + INSIDE_DB2
    weight = _weights(variance + INSIDE_DB2, tie)
    likelihood = np.exp(ln_likelihood - ln_likelihood.max(axis=1, keepdims=True))
    blurred = _blurred(likelihood, tie.offset, tie.slope, open_db2, GRID_DBM)
    return np.asarray(weight @ np.log(np.maximum(blurred, 1e-300)), float)


def _weights(variance: Floats, tie: Tie) -> Floats:
    """Return the share of each spot's information that nearer spots do not hold already."""
    total = tie.covariance + np.diag(variance)
    order = np.argsort(np.diag(total) / np.maximum(tie.slope, 1e-6) ** 2, kind="stable")
    lower = np.linalg.cholesky(total[np.ix_(order, order)])
    added = np.linalg.solve(lower, tie.slope[order]) ** 2
    alone = tie.slope[order] ** 2 / np.diag(total)[order]
    weight = np.empty(len(order))
    weight[order] = np.clip(added / np.maximum(alone, 1e-12), 0.0, 1.0)
    return weight


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
