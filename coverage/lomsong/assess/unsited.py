"""Promise something where terrain or a carrier's sites are not known: what distance tells, or the same level everywhere."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from affine import Affine

from lomsong.assess.joint.trend import MIDDLE_DBM
from lomsong.assess.modelled.field import HILL_M, Expected, Learnt
from lomsong.assess.modelled.masts import REACH_M
from lomsong.evidence.clusters import Clusters
from lomsong.progress import SILENT, Task
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

CELL_M: Final = 250.0
"""Land without heights is as flat in large cells as in small ones [m]."""


@dataclass(frozen=True, eq=False)
class Promises:
    """What known sites promise, and of carriers without any the same level everywhere.

    How high that level lies, and how it differs from place to place, is then learnt from where the carrier is heard, lost
    and silent (`joint.trend`, `joint.surroundings`).
    """

    learnt: Learnt | None

    def at(self, carrier: str, x: Floats, y: Floats, *, task: Task = SILENT) -> Expected:
        """Return what is expected of a carrier at places [m]."""
        if self.learnt is not None and carrier in self.learnt.masts:
            return self.learnt.at(carrier, x, y, task=task)
        n = len(x)
        return Expected(
            mean_dbm=np.full(n, MIDDLE_DBM),
            sigma_db=np.zeros(n),
            features=np.zeros((n, 2 + len(HILL_M))),
            in_reach=np.ones(n, bool),
        )


def flat_land(clusters: Clusters) -> Raster:
    """Return land without heights, as far around as masts are listened to: what is left is how far away they stand."""
    x, y = clusters.place_x, clusters.place_y
    west, north = x.min() - REACH_M, y.max() + REACH_M
    columns = int(np.ceil((x.max() + REACH_M - west) / CELL_M))
    rows = int(np.ceil((north - y.min() + REACH_M) / CELL_M))
    transform = Affine(CELL_M, 0.0, west, 0.0, -CELL_M, north)
    return Raster(np.zeros((rows, columns)), transform, clusters.crs)
