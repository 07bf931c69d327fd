"""Point the sectors of a new site: what of their power goes where."""

import numpy as np

from lomsong.config import SitingSection
from lomsong.propagation import Sector3gpp, direction_deg
from lomsong.space.crs import Floats


def gain_db(settings: SitingSection, *, dx_m: Floats, dy_m: Floats, rise_m: Floats) -> Floats:
    """Return the gain of the best of a site's sectors towards receivers, relative to its largest [dB].

    From a high place the houses below lie under the beam: that decides more than the ridges between.

    Parameters
    ----------
    settings
        With azimuths and downtilt of the sectors; without azimuths the site sends evenly in every direction.
    dx_m, dy_m
        Receivers' places east and north of the mast [m].
    rise_m
        Receivers' antennas above the mast's, negative below [m].
    """
    best = np.full(np.shape(dx_m), 0.0 if not settings.azimuths_deg else -np.inf)
    azimuth, elevation = direction_deg(dx_m=dx_m, dy_m=dy_m, rise_m=rise_m)
    for axis in settings.azimuths_deg:
        sector = Sector3gpp(azimuth_deg=axis, downtilt_deg=settings.downtilt_deg)
        gain = sector.relative_gain_db(azimuth_deg=azimuth, elevation_deg=elevation)
        best = np.maximum(best, gain)
    return best
