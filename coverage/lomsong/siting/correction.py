"""Hold how levels stray from what terrain promises, and correct what is promised of new sites."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lomsong.space.crs import Floats

NEAR_M: Final = 100.0
FAR_M: Final = 3000.0
ORIGIN_DBM: Final = -110.0
"""Promise from which others are counted: about where service ends."""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """How levels follow from what is promised."""

    sigma_db: float
    """How far they scatter around that [dB]."""
    offset_db: float = 0.0
    per_10_db: float = 10.0
    per_decade_db: float = 0.0
    units: int = 0
    """How many units taught it; with none, what is promised stands."""

    def level_dbm(self, promised_dbm: Floats, distance_m: Floats) -> Floats:
        """Return the level to be expected [dBm]."""
        if not self.units:
            return promised_dbm
        away = np.log10(np.maximum(distance_m, NEAR_M) / FAR_M)
        scaled = (promised_dbm - ORIGIN_DBM) / 10 * self.per_10_db
        return np.asarray(ORIGIN_DBM + self.offset_db + scaled + self.per_decade_db * away, float)

    def told(self) -> Mapping[str, float]:
        """Return the entry of the manifest."""
        figures = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: round(float(value), 4) for name, value in figures.items()}
