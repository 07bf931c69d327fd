"""Hold what clusters would receive from each option."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from lomsong.space.crs import Floats
from lomsong.space.raster import Integers


@dataclass(frozen=True, eq=False, kw_only=True)
class Reach:
    """Levels of options at clusters: a row per pair that may matter, sorted by option and cluster."""

    option: Integers
    cluster: Integers
    rsrp_dbm: Floats
    """Level that at least half of the cluster's dwellings receive outdoors, median over shadow fading [dBm]."""
    shape: tuple[int, int]
    """Options and clusters."""

    def served(self, needed_dbm: float) -> sparse.csr_array:
        """Return 1 where the level reaches what is needed."""
        strong = self.rsrp_dbm >= needed_dbm
        pairs = (self.option[strong], self.cluster[strong])
        return sparse.csr_array((np.ones(len(pairs[0])), pairs), shape=self.shape)
