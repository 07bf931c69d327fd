"""Count a cluster as served by its chance, and still choose among whole clusters: each becomes layers of equal people.

A layer of a cluster is reached by the sites whose chance to serve it is at least the layer's; so a site that serves it
with a chance of 0.7 reaches four of five layers. What a choice of sites reaches of a cluster is then the chance of the
best of them: two sites help each other no more than that, as if the same forest and the same knoll stood before both.
Maximal coverage stays maximal coverage, with all its bounds and proofs.
"""

from typing import Final

import numpy as np
from scipy import sparse
from scipy.special import ndtr

from lomsong.siting.received import Reach
from lomsong.space.crs import Floats
from lomsong.space.raster import Integers

CHANCES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Least chance of each layer: a chance counts as the nearest fifth."""

CERTAIN_DB: Final = 1e-3
"""Levels that scatter less than this are certain [dB]."""


def chance_of(reach: Reach, *, minimum_dbm: float, sigma_db: float) -> Floats:
    """Return for each pair of a reach the chance that its level lies at or above a minimum."""
    above = reach.rsrp_dbm - minimum_dbm
    if sigma_db < CERTAIN_DB:
        return (above >= 0).astype(float)
    return np.asarray(ndtr(above / sigma_db), float)


def layered(
    option: Integers, cluster: Integers, chance: Floats, *, shape: tuple[int, int]
) -> sparse.csr_array:
    """Return 1 where an option (row) reaches a layer of a cluster (columns, all layers of a cluster side by side)."""
    least = np.array(CHANCES)
    pair, layer = np.nonzero(chance[:, None] >= least)
    column = cluster[pair] * len(least) + layer
    size = (shape[0], shape[1] * len(least))
    return sparse.csr_array((np.ones(len(pair)), (option[pair], column)), shape=size)


def in_layers(value: Floats) -> Floats:
    """Return what each layer is worth."""
    return np.repeat(value / len(CHANCES), len(CHANCES))


def of_clusters(layers: sparse.csr_array) -> sparse.csr_array:
    """Return which share of each cluster (column) the layers in each row are."""
    n = layers.shape[1]
    fold = (np.full(n, 1 / len(CHANCES)), (np.arange(n), np.arange(n) // len(CHANCES)))
    return sparse.csr_array(layers @ sparse.csr_array(fold, shape=(n, n // len(CHANCES))))
