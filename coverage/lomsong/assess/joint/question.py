"""Hold what is asked of the joint judgement."""

from dataclasses import dataclass

import numpy as np

from lomsong.config import LevelsSection
from lomsong.evidence.clusters import Clusters, Integers


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """What is to be judged, and from which level."""

    clusters: Clusters
    carriers: tuple[str, ...]
    promised: tuple[str, ...]
    """Carriers whose sites promise a level; of the others nothing is expected: even odds."""
    sited: tuple[str, ...]
    """Those among them whose promise comes from sites over terrain, and may decide by itself."""
    levels: LevelsSection
    n_hamlets: int

    @property
    def known(self) -> Integers:
        """Positions of the carriers in `promised`."""
        return np.array([self.carriers.index(name) for name in self.promised], np.int64)

    @property
    def first(self) -> Integers:
        """Position of each hamlet's first cluster, and one past the last."""
        return np.searchsorted(self.clusters.hamlet, np.arange(self.n_hamlets + 1))
