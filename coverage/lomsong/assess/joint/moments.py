"""Say what a place does to a belief about its level, where it tells no level but that there is none."""

from typing import Final

import numpy as np
from scipy.special import log_ndtr, ndtr

from lomsong.assess.joint.places import HEARD, SILENT, Places
from lomsong.space.crs import Floats

STRAY: Final = 0.05
"""Likelihood of a lost place where 4G serves, against 1 where it does not (assumption): old phones, wrong fixes."""
WILD: Final = 0.03
"""Share of heard places that tell nothing: wrong fixes, repeaters, odd phones (assumption)."""
_WILD_WIDTH_DB: Final = 80.0
_LOG_ROOT: Final = 0.5 * float(np.log(2 * np.pi))


def moved(mean: Floats, variance: Floats, places: Places, noise: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of the level of lost and silent places, given what is believed without them.

    The likelihood is 1 below the level that phones lose, and the place's ratio above it, so that the belief becomes a
    mixture of itself and of its part below.
    """
    spread = np.sqrt(variance + noise)
    off = (places.level_dbm - mean) / spread
    hazard = np.exp(-0.5 * off**2 - _LOG_ROOT - log_ndtr(off))
    low_mean = mean - variance / spread * hazard
    low_variance = variance - variance**2 / spread**2 * hazard * (hazard + off)
    ratio, below = _ratio(places), ndtr(off)
    part = (1 - ratio) * below / ((1 - ratio) * below + ratio)
    middle = part * low_mean + (1 - part) * mean
    second = part * (low_variance + low_mean**2) + (1 - part) * (variance + mean**2)
    return middle, np.maximum(second - middle**2, 1e-3)


def log_score(mean: Floats, variance: Floats, places: Places, noise: Floats) -> Floats:
    """Return the logarithm of the probability of what places tell."""
    total = variance + noise
    off = (places.level_dbm - mean) / np.sqrt(total)
    heard = -0.5 * off**2 - _LOG_ROOT - 0.5 * np.log(total)
    heard = np.logaddexp(np.log1p(-WILD) + heard, np.log(WILD / _WILD_WIDTH_DB))
    ratio = _ratio(places)
    missing = np.log((1 - ratio) * ndtr(off) + ratio)
    return np.asarray(np.where(places.kind == HEARD, heard, missing), float)


def _ratio(places: Places) -> Floats:
    return np.where(places.kind == SILENT, places.ratio, STRAY)
