"""Shape the gain of base station antennas by direction: 3GPP TR 36.814 and ITU-R F.1336-5.

Angles are in degrees. Azimuths count clockwise from north, elevations upward from the horizon; the horizon seen from a
mast towards lower ground has a negative elevation. Gains are relative to the antenna's largest, hence never above 0.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lomsong.space.crs import Floats

PEAK_SIDELOBE_K, HORIZONTAL_K, VERTICAL_K = 0.7, 0.7, 0.3
"""kp, kh and kv of F.1336-5 for typical sectors of mobile networks (ITU-R M.2292)."""


class Antenna(Protocol):
    """What a link budget needs of an antenna."""

    def relative_gain_db(
        self, *, azimuth_deg: npt.ArrayLike, elevation_deg: npt.ArrayLike
    ) -> Floats:
        """Return the gain towards a direction relative to the largest [dB]."""
        ...


@dataclass(frozen=True, kw_only=True)
class Omnidirectional:
    """An antenna of unknown direction: the same gain everywhere, which is optimistic off a real sector's axis."""

    def relative_gain_db(
        self, *, azimuth_deg: npt.ArrayLike, elevation_deg: npt.ArrayLike
    ) -> Floats:
        """Return 0 [dB]."""
        azimuth, elevation = np.broadcast_arrays(azimuth_deg, elevation_deg)
        return np.zeros(np.broadcast_shapes(azimuth.shape, elevation.shape))


@dataclass(frozen=True, kw_only=True)
class Sector3gpp:
    """The sector antenna of 3GPP TR 36.814, table A.2.1.1-2."""

    azimuth_deg: float
    downtilt_deg: float = 6.0
    """Electrical downtilt; the report's value for macro case 3, sites 1732 m apart."""
    horizontal_beamwidth_deg: float = 70.0
    vertical_beamwidth_deg: float = 10.0
    front_to_back_db: float = 25.0
    vertical_sidelobe_db: float = 20.0

    def relative_gain_db(
        self, *, azimuth_deg: npt.ArrayLike, elevation_deg: npt.ArrayLike
    ) -> Floats:
        """Return -min(-(AH + AV), Am) [dB]."""
        aside = off_axis_deg(azimuth_deg, self.azimuth_deg) / self.horizontal_beamwidth_deg
        # The report counts its vertical angle downward.
        below = -np.asarray(elevation_deg, float) - self.downtilt_deg
        horizontal = np.minimum(12 * aside**2, self.front_to_back_db)
        vertical = np.minimum(
            12 * (below / self.vertical_beamwidth_deg) ** 2, self.vertical_sidelobe_db
        )
        return np.asarray(-np.minimum(horizontal + vertical, self.front_to_back_db))


@dataclass(frozen=True, kw_only=True)
class SectorItu:
    """The sector antenna with peak side lobes of ITU-R F.1336-5, recommends 3.1.1, for 400 MHz to 6 GHz."""

    azimuth_deg: float
    gain_dbi: float
    downtilt_deg: float = 6.0
    """Electrical downtilt; an assumption."""
    horizontal_beamwidth_deg: float = 65.0

    @property
    def vertical_beamwidth_deg(self) -> float:
        """Width that goes with gain and horizontal width: 31 000 · 10^(-G/10) / width."""
        return float(31_000 * 10 ** (-0.1 * self.gain_dbi) / self.horizontal_beamwidth_deg)

    def relative_gain_db(
        self, *, azimuth_deg: npt.ArrayLike, elevation_deg: npt.ArrayLike
    ) -> Floats:
        """Return Ghr + R Gvr [dB]."""
        tilted = np.asarray(elevation_deg, float) + self.downtilt_deg
        # Electrical tilt squeezes one half of the sphere and stretches the other (recommends 3.4).
        up = 90 * tilted / (90 + self.downtilt_deg)
        down = 90 * tilted / (90 - self.downtilt_deg)
        elevation = np.abs(np.where(tilted >= 0, up, down))
        aside = off_axis_deg(azimuth_deg, self.azimuth_deg) / self.horizontal_beamwidth_deg
        least = self._horizontal_db(np.asarray(180 / self.horizontal_beamwidth_deg))
        horizontal = self._horizontal_db(aside)
        compression = (horizontal - least) / -least
        return np.asarray(
            horizontal + compression * self._vertical_db(elevation / self.vertical_beamwidth_deg)
        )

    @property
    def _backward_db(self) -> float:
        leak = 10 * np.log10(1 + 8 * PEAK_SIDELOBE_K)
        return float(-12 + leak - 15 * np.log10(180 / self.vertical_beamwidth_deg))

    def _horizontal_db(self, x: Floats) -> Floats:
        beyond = np.maximum(x, 0.5)
        outer = -12 * beyond ** (2 - HORIZONTAL_K) - 3 * (1 - 0.5**-HORIZONTAL_K)
        half = 0.5
        return np.maximum(np.where(x <= half, -12 * x**2, outer), self._backward_db)

    def _vertical_db(self, x: Floats) -> Floats:
        width, main = self.vertical_beamwidth_deg, np.sqrt(1 - 0.36 * VERTICAL_K)
        far = 4.0
        ripple = far**-1.5 + VERTICAL_K
        slope = 10 * np.log10((180 / width) ** 1.5 * ripple / (1 + 8 * PEAK_SIDELOBE_K))
        slope /= np.log10(22.5 / width)
        base = 12 - slope * np.log10(far) - 10 * np.log10(ripple)
        return np.select(
            [x < main, x < far, x < 90 / width],
            [
                -12 * x**2,
                -12 + 10 * np.log10(np.maximum(x, main) ** -1.5 + VERTICAL_K),
                -base - slope * np.log10(np.maximum(x, far)),
            ],
            self._backward_db,
        )


def off_axis_deg(azimuth_deg: npt.ArrayLike, axis_deg: float) -> Floats:
    """Return the angle between two azimuths, 0 to 180 [°]."""
    turned = (np.asarray(azimuth_deg, float) - axis_deg + 180) % 360 - 180
    return np.abs(turned)


def direction_deg(
    *,
    dx_m: npt.ArrayLike,
    dy_m: npt.ArrayLike,
    rise_m: npt.ArrayLike,
) -> tuple[Floats, Floats]:
    """Return azimuth and elevation from a mast's antenna to receivers [°].

    Parameters
    ----------
    dx_m, dy_m
        Receivers' places east and north of the mast [m].
    rise_m
        Receivers' antennas above the mast's, negative below [m].

    """
    dx, dy = np.asarray(dx_m, float), np.asarray(dy_m, float)
    azimuth = np.degrees(np.arctan2(dx, dy)) % 360
    elevation = np.degrees(np.arctan2(np.asarray(rise_m, float), np.hypot(dx, dy)))
    return azimuth, elevation
