"""Carry what units say to places where nobody measured: the more, the nearer."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from lomsong.assess.modelled.covariance import Covariance
from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

NEIGHBOURS: Final = 30
"""Units that a place listens to; those behind them are hidden by them."""
_AT_ONCE: Final = 4096


@dataclass(frozen=True, eq=False, kw_only=True)
class Residuals:
    """What is left of the levels of units after the mean [dB], and how it carries over."""

    x: Floats
    y: Floats
    residual: Floats
    noise_db2: Floats
    """Variance of each unit around the level of its place [dB²]."""
    covariance: Covariance

    def at(
        self,
        x: Floats,
        y: Floats,
        *,
        group: Integers | None = None,
        asked_group: Integers | None = None,
    ) -> tuple[Floats, Floats]:
        """Return the expected residual at places [dB] and its variance [dB²], noise of readings not counted.

        Where groups are given, a place does not listen to units of its own group; -1 is none.
        """
        whole = self.covariance.level_sigma_db**2
        mean, variance = np.zeros(len(x)), np.full(len(x), whole)
        if not len(self.x) or not len(x):
            return mean, variance
        k = min(NEIGHBOURS, len(self.x))
        tree = cKDTree(np.column_stack([self.x, self.y]))
        for start in range(0, len(x), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            away, near = tree.query(np.column_stack([x[part], y[part]]), k=np.arange(1, k + 1))
            deaf = np.zeros(near.shape, bool)
            if group is not None and asked_group is not None:
                own = asked_group[part, None]
                deaf = (group[near] == own) & (own >= 0)
            between = self.covariance.between(
                np.hypot(
                    self.x[near][:, :, None] - self.x[near][:, None, :],
                    self.y[near][:, :, None] - self.y[near][:, None, :],
                )
            )
            diagonal = np.arange(k)
            # What a place must not hear is drowned in noise, so that all systems keep one shape.
            between[:, diagonal, diagonal] += self.noise_db2[near] + np.where(deaf, 1e9, 0.0)
            towards = self.covariance.between(away)
            weight = np.linalg.solve(between, towards[:, :, None])[:, :, 0]
            mean[part] = (weight * self.residual[near]).sum(axis=1)
            variance[part] = np.clip(whole - (weight * towards).sum(axis=1), 1e-3, whole)
        return mean, variance
