"""Say the level at places where nobody measured, with how sure that is: by sites over terrain, by samples, by both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.ndimage import uniform_filter

from lomsong.assess.classify import Flags
from lomsong.assess.modelled import covariance, trend
from lomsong.assess.modelled.covariance import Covariance
from lomsong.assess.modelled.kriging import Residuals
from lomsong.assess.modelled.masts import (
    Heard,
    Mast,
    Search,
    coarse_enough,
    masts_of,
    places_for_each,
    thinned,
)
from lomsong.assess.modelled.trend import Design, Trend
from lomsong.assess.modelled.units import Units
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

HILL_M: Final = (400.0, 1500.0)
"""Widths over which a place is compared with its surroundings [m]."""
WILD: Final = 2.5
"""A unit further from what is expected than so many standard deviations is believed the less, the further."""


class Hills:
    """How high places lie above their surroundings."""

    def __init__(self, terrain: Raster) -> None:
        known = np.isfinite(terrain.values)
        filled = np.where(known, terrain.values, np.nanmean(terrain.values))
        self._rises = []
        for width in HILL_M:
            size = max(int(width / min(terrain.cell)) | 1, 3)
            rise = filled - uniform_filter(filled.astype(float), size, mode="nearest")
            self._rises.append(Raster(rise, terrain.transform, terrain.crs))

    def at(self, x: Floats, y: Floats) -> Floats:
        """Return the rise above each width's mean [100 m], a column each."""
        return np.column_stack([np.nan_to_num(rise.at(x, y)) / 100 for rise in self._rises])


@dataclass(frozen=True, eq=False, kw_only=True)
class _Columns:
    """The order of the design's columns: level, distance, hills, then carriers, then masts."""

    carriers: tuple[str, ...]
    masts: tuple[int, ...]
    """How many masts each carrier has."""

    def design(self, carrier: str, heard: Heard, hills: Floats) -> Design:
        n = len(heard.level_dbm)
        number = self.carriers.index(carrier)
        own = np.zeros((n, len(self.carriers)))
        own[:, number] = 1
        by_mast = np.zeros((n, sum(self.masts)))
        at = np.flatnonzero(heard.mast >= 0)
        by_mast[at, sum(self.masts[:number]) + heard.mast[at]] = 1
        level = (heard.level_dbm - trend.ORIGIN_DBM) / 10
        distance = np.log10(np.maximum(heard.distance_m, 100) / 3000)
        width = hills.shape[1]
        return Design(
            rows=np.column_stack([np.ones(n), level, distance, hills, own, by_mast]),
            usual=np.r_[-10.0, 8.5, 0.0, np.zeros(width + own.shape[1] + by_mast.shape[1])],
            unsure=np.r_[
                *(15.0, 1.5, 6.0),
                *np.full(width, 3.0),
                *np.full(own.shape[1], 5.0),
                *np.full(by_mast.shape[1], 5.0),
            ],
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Propagation:
    """What sites over terrain say, taught by the units of all carriers: masts where they are likely, offsets, spread."""

    hills: Hills
    columns: _Columns
    searches: Mapping[str, Search]
    taught: Mapping[str, Units]
    """Units of each carrier that teach, one a block."""

    def learnt(self, chosen: Mapping[str, Flags] | None = None) -> "Learnt":
        """Return what all units, or some of each carrier, teach."""
        designs, levels, lost, masts = [], [], [], {}
        for carrier, units in self.taught.items():
            own = np.ones(len(units), bool) if chosen is None else chosen[carrier]
            masts[carrier] = self.searches[carrier].found(own)
            heard = self.searches[carrier].heard(masts[carrier])
            design = self.columns.design(carrier, heard, self.hills.at(units.x, units.y))
            designs.append(design.chosen(own))
            levels.append(units.level_dbm[own])
            lost.append(units.lost[own])
        whole = Design(
            rows=np.vstack([design.rows for design in designs]),
            usual=designs[0].usual,
            unsure=designs[0].unsure,
        )
        lost_dbm = next(iter(self.taught.values())).lost_dbm
        found = trend.learnt(
            whole, np.concatenate(levels), lost=np.concatenate(lost), lost_dbm=lost_dbm
        )
        return Learnt(propagation=self, masts=masts, trend=found)


@dataclass(frozen=True, eq=False, kw_only=True)
class Learnt:
    """Masts and trend as some units taught them."""

    propagation: Propagation
    masts: Mapping[str, list[Mast]]
    trend: Trend

    def at_taught(self, carrier: str) -> tuple[Floats, Floats]:
        """Return mean [dBm] and standard deviation [dB] at the carrier's units that teach."""
        units = self.propagation.taught[carrier]
        heard = self.propagation.searches[carrier].heard(self.masts[carrier])
        return self._said(carrier, heard, units.x, units.y)

    def at(self, carrier: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return mean [dBm] and standard deviation [dB] of the level at places."""
        network = self.propagation.searches[carrier].network(self.masts[carrier])
        return self._said(carrier, network.heard(x, y), x, y)

    def _said(self, carrier: str, heard: Heard, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        design = self.propagation.columns.design(carrier, heard, self.propagation.hills.at(x, y))
        variance = self.trend.sigma_db**2 + self.trend.variance_db2(design) + heard.spread_db**2
        return self.trend.level_dbm(design), np.sqrt(variance)


def propagation_of(sites: pd.DataFrame, terrain: Raster, units: Units) -> Propagation | None:
    """Look at the masts of all carriers that have units; None where there are none."""
    ground = coarse_enough(terrain)
    masts = masts_of(sites, ground)
    carriers = tuple(sorted(set(masts["carrier"]) & set(units.carrier)))
    if not carriers:
        return None
    masts = masts[masts["carrier"].isin(carriers)]
    most = places_for_each(masts)
    taught = {c: thinned(units.chosen(units.carrier == c)) for c in carriers}
    return Propagation(
        hills=Hills(ground),
        columns=_Columns(
            carriers=carriers,
            masts=tuple(int((masts["carrier"] == c).sum()) for c in carriers),
        ),
        searches={
            c: Search(ground, masts[masts["carrier"] == c], taught[c], most_places=most)
            for c in carriers
        },
        taught=taught,
    )


def residuals_of(units: Units, mean_dbm: Floats, sigma_db: Floats) -> Residuals:
    """Return what is left of one carrier's units after the mean, lost ones as readings that tell as much.

    Parameters
    ----------
    units
        Units of one carrier.
    mean_dbm, sigma_db
        What is known of their levels without them.
    """
    heard = ~units.lost
    quiet = 1 / np.sqrt(units.phones)
    left = units.level_dbm - mean_dbm
    usual: Covariance = covariance.learnt(
        units.x[heard], units.y[heard], left[heard], quiet=quiet[heard]
    )
    noise = usual.noise_db**2 * quiet
    reading, variance = trend.as_if_heard(
        np.zeros(len(units)), sigma_db, np.full(len(units), units.lost_dbm) - mean_dbm
    )
    noise = np.where(heard, noise, variance + noise)
    residual = np.where(heard, left, reading)
    # What lies further off than chance can have it is a wrong fix rather than a level.
    wild = np.maximum(np.abs(residual) - WILD * usual.sigma_db, 0.0)
    return Residuals(
        x=units.x,
        y=units.y,
        residual=residual,
        noise_db2=noise + np.where(heard, wild, 0.0) ** 2,
        covariance=usual,
    )
