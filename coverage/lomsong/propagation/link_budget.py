"""Turn path loss into received level: powers, bands, margins."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from lomsong.errors import Faults
from lomsong.sentences import Sentence
from lomsong.space.crs import Floats

SUBCARRIERS_PER_BLOCK: Final = 12
UMTS_PILOT_SHARE_DB: Final = -10.0
"""Common pilot channel relative to the whole carrier: 10 % of the power, the usual setting (assumption)."""

LTE_RESOURCE_BLOCKS: Final[Mapping[float, int]] = {1.4: 6, 3: 15, 5: 25, 10: 50, 15: 75, 20: 100}
"""N_RB by channel bandwidth [MHz], 3GPP TS 36.101 table 5.6-1."""
NR_RESOURCE_BLOCKS: Final[Mapping[tuple[int, float], int]] = {
    (15, 5): 25, (15, 10): 52, (15, 15): 79, (15, 20): 106, (15, 30): 160, (15, 40): 216, (15, 50): 270,
    (30, 5): 11, (30, 10): 24, (30, 15): 38, (30, 20): 51, (30, 30): 78, (30, 40): 106, (30, 50): 133,
    (30, 60): 162, (30, 80): 217, (30, 90): 245, (30, 100): 273,
}  # fmt: skip
"""N_RB by subcarrier spacing [kHz] and channel bandwidth [MHz], 3GPP TS 38.101-1 table 5.3.2-1."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """A frequency band as it is used for planning."""

    downlink_mhz: float
    """Middle of the downlink (3GPP TS 36.101 table 5.5-1, TS 38.101-1 table 5.2-1)."""
    bandwidth_mhz: float
    """Usual channel of a carrier in Vietnam; an assumption to be replaced by the carrier's own."""


BANDS: Final[Mapping[str, Band]] = {
    "B28": Band(downlink_mhz=780.5, bandwidth_mhz=10),
    "B8": Band(downlink_mhz=942.5, bandwidth_mhz=5),
    "B3": Band(downlink_mhz=1842.5, bandwidth_mhz=20),
    "B1": Band(downlink_mhz=2140.0, bandwidth_mhz=15),
    "B41": Band(downlink_mhz=2593.0, bandwidth_mhz=20),
    "n28": Band(downlink_mhz=780.5, bandwidth_mhz=10),
    "n41": Band(downlink_mhz=2593.0, bandwidth_mhz=100),
    "n78": Band(downlink_mhz=3550.0, bandwidth_mhz=100),
}


@dataclass(frozen=True, kw_only=True)
class LinkBudget:
    """Transmitting side of a cell, all its defaults for an outdoor macro site."""

    technology: str = "4G"
    transmit_power_dbm: float = 46.0
    """Per carrier and port group: 20 to 40 W are usual; 40 W is an assumption."""
    antenna_gain_dbi: float = 17.0
    """Sectors of mobile networks have 15 to 18 dBi; an assumption."""
    losses_db: float = 3.0
    """Feeder, connectors and combiner, 2 to 4 dB; an assumption."""
    bandwidth_mhz: float = 20.0
    """Channel bandwidth; of 4G and 5G only."""
    subcarrier_spacing_khz: int = 30
    """Of 5G only."""

    def __post_init__(self) -> None:
        faults = Faults()
        if self.technology not in {"2G", "3G", "4G", "5G"}:
            faults.add(
                "is no technology",
                "Use 2G, 3G, 4G or 5G",
                column="technology",
                value=self.technology,
            )
        for name, low, high in (
            ("transmit_power_dbm", -20, 60),
            ("antenna_gain_dbi", -10, 35),
            ("losses_db", 0, 30),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                remedy = Sentence("Give {low:g} to {high:g}", low=low, high=high)
                faults.add("is out of range", remedy, column=name, value=value)
        if self.technology in {"4G", "5G"} and self._blocks() is None:
            faults.add(
                "is no channel bandwidth of this technology",
                "Give one of 3GPP TS 36.101 table 5.6-1 (4G) or TS 38.101-1 table 5.3.2-1 (5G)",
                column="bandwidth_mhz",
                value=self.bandwidth_mhz,
            )
        faults.raise_if_any()

    def _blocks(self) -> int | None:
        if self.technology == "4G":
            return LTE_RESOURCE_BLOCKS.get(self.bandwidth_mhz)
        return NR_RESOURCE_BLOCKS.get((self.subcarrier_spacing_khz, self.bandwidth_mhz))

    @property
    def eirp_dbm(self) -> float:
        """Equivalent isotropically radiated power of the whole carrier [dBm]."""
        return self.transmit_power_dbm + self.antenna_gain_dbi - self.losses_db

    @property
    def reference_eirp_dbm(self) -> float:
        """EIRP of what a phone measures [dBm].

        One resource element for RSRP (4G, 5G): power spread evenly over 12 · N_RB subcarriers, no boost of the
        reference signal. The pilot for RSCP (3G), the whole carrier for RxLev (2G).
        """
        blocks = self._blocks() if self.technology in {"4G", "5G"} else None
        if blocks is not None:
            return self.eirp_dbm - 10 * float(np.log10(SUBCARRIERS_PER_BLOCK * blocks))
        return self.eirp_dbm + (UMTS_PILOT_SHARE_DB if self.technology == "3G" else 0.0)


@dataclass(frozen=True, kw_only=True)
class Margins:
    """What is taken off an outdoor median level; all zero means the outdoor median itself."""

    indoor_db: float = 0.0
    in_vehicle_db: float = 0.0
    body_db: float = 0.0
    cell_edge_probability: float = 0.5
    shadow_sigma_db: float = 8.0
    """Standard deviation of shadow fading; 8 dB for macro cells (3GPP TR 36.814, table A.2.1.1-3)."""

    def __post_init__(self) -> None:
        faults = Faults()
        for name in ("indoor_db", "in_vehicle_db", "body_db", "shadow_sigma_db"):
            value = getattr(self, name)
            if not value >= 0:
                faults.add("is no margin", "Give 0 dB or more", column=name, value=value)
        if not 0 < self.cell_edge_probability < 1:
            faults.add(
                "is no probability",
                "Give a share between 0 and 1",
                column="cell_edge_probability",
                value=self.cell_edge_probability,
            )
        faults.raise_if_any()

    @property
    def shadow_fading_db(self) -> float:
        """Margin that the asked share of places at the cell's edge needs [dB]."""
        return shadow_fading_margin_db(
            probability=self.cell_edge_probability, sigma_db=self.shadow_sigma_db
        )

    @property
    def total_db(self) -> float:
        """Sum of all margins [dB]."""
        return self.indoor_db + self.in_vehicle_db + self.body_db + self.shadow_fading_db


INDOOR_LOSS_DB: Final = 12.0
"""Light rural building; an assumption within the 10 to 20 dB that regulators take for indoor use."""
IN_VEHICLE_LOSS_DB: Final = 10.0
"""An assumption, the lower end of 10 to 20 dB that regulators take for use in vehicles."""


def shadow_fading_margin_db(*, probability: float, sigma_db: float) -> float:
    """Return how far the median must lie above a threshold for a place to exceed it with a probability [dB].

    Parameters
    ----------
    probability
        Wanted share of places at the edge of the cell, between 0 and 1.
    sigma_db
        Standard deviation of shadow fading [dB]; at 8 dB, 90 % need 10.3 dB and 95 % need 13.2 dB.

    """
    return sigma_db * NormalDist().inv_cdf(probability)


def rsrp_dbm(
    *,
    budget: LinkBudget,
    path_loss_db: npt.ArrayLike,
    antenna_relative_db: npt.ArrayLike = 0.0,
    receiver_gain_dbi: float = 0.0,
    margins: Margins | None = None,
) -> Floats:
    """Return the received level [dBm]; NaN where the path loss is unknown.

    Parameters
    ----------
    budget
        Transmitting side; its technology decides whether the level is RSRP (4G, 5G), RSCP (3G) or RxLev (2G).
    path_loss_db
        Basic transmission loss [dB].
    antenna_relative_db
        Gain of the transmitting antenna in the receiver's direction relative to its largest [dB].
    receiver_gain_dbi
        Gain of the receiving antenna [dBi].
    margins
        What is taken off the median; nothing by default.

    """
    margin = 0.0 if margins is None else margins.total_db
    level = budget.reference_eirp_dbm + receiver_gain_dbi - margin
    return np.asarray(
        level + np.asarray(antenna_relative_db, float) - np.asarray(path_loss_db, float)
    )
