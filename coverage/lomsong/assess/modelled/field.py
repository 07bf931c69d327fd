"""Say what levels follow from known sites over terrain, as the district's own units teach it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import uniform_filter

from lomsong.assess.classify import Flags, Integers
from lomsong.assess.modelled import trend
from lomsong.assess.modelled.candidates import Mast
from lomsong.assess.modelled.masts import (
    Heard,
    Search,
    coarse_enough,
    masts_of,
    places_for_each,
    thinned,
    with_known_nodes,
)
from lomsong.assess.modelled.trend import Design, Trend
from lomsong.assess.modelled.units import Units
from lomsong.assess.modelled.unlisted import with_unlisted
from lomsong.progress import SILENT, Progress, Task
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

HILL_M: Final = (400.0, 1500.0)
"""Widths over which a place is compared with its surroundings [m]."""
_Places = npt.NDArray[np.complex128]
"""Places as one number each, that they may be sorted and found."""
_AT_ONCE: Final = 2048
"""Places whose columns are held at once: there is one for each mast."""


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
    units: Units
    """Units of all carriers, also of those without sites."""
    taught: Mapping[str, Units]
    """Units of each carrier that teach, one a block."""

    def learnt(self, chosen: Mapping[str, Flags] | None = None, *, task: Task = SILENT) -> "Learnt":
        """Return what all units, or some of each carrier, teach; `task` is told of each sweep over a carrier's masts."""
        designs, levels, lost, masts = [], [], [], {}
        for carrier, units in self.taught.items():
            own = np.ones(len(units), bool) if chosen is None else chosen[carrier]
            masts[carrier] = self.searches[carrier].found(own, task=task)
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
    later: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    """Places of each carrier that will be asked for too: rays to them lead past the first ones, and are followed once."""
    _heard: dict[str, tuple[_Places, Heard]] = field(init=False, repr=False, default_factory=dict)

    def at_taught(self, carrier: str) -> "Expected":
        """Return what is expected at the carrier's units that teach."""
        units = self.propagation.taught[carrier]
        heard = self.propagation.searches[carrier].heard(self.masts[carrier])
        return self._expected(carrier, heard, units.x, units.y)

    def at(self, carrier: str, x: Floats, y: Floats, *, task: Task = SILENT) -> "Expected":
        """Return what is expected at places; `task` is told of each mast that was asked."""
        asked, network = x + 1j * y, self.propagation.searches[carrier].network(self.masts[carrier])
        if carrier not in self._heard:
            later_x, later_y = self.later.get(carrier, (x[:0], y[:0]))
            places = np.unique(np.r_[asked, later_x + 1j * later_y])
            heard = network.heard(places.real.copy(), places.imag.copy(), task=task)
            self._heard[carrier] = places, heard
        places, heard = self._heard[carrier]
        if np.isin(asked, places).all():
            heard = heard.chosen(np.searchsorted(places, asked))
        else:
            heard = network.heard(x, y, task=task)
        return self._expected(carrier, heard, x, y)

    def _expected(self, carrier: str, heard: Heard, x: Floats, y: Floats) -> "Expected":
        hills = self.propagation.hills.at(x, y)
        mean, unsure = np.empty(len(x)), np.empty(len(x))
        for start in range(0, len(x), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            design = self.propagation.columns.design(carrier, heard.chosen(part), hills[part])
            mean[part] = self.trend.level_dbm(design)
            unsure[part] = self.trend.variance_db2(design)
        variance = self.trend.sigma_db**2 + unsure + heard.spread_db**2
        return Expected(
            mean_dbm=mean,
            sigma_db=np.sqrt(variance),
            features=np.column_stack([heard.distance_m, heard.spread_db, hills]),
            in_reach=heard.mast >= 0,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Expected:
    """What is expected of the level at places before neighbours are asked."""

    mean_dbm: Floats
    sigma_db: Floats
    features: Floats
    """What else may explain the level: a column each."""
    in_reach: Flags
    """A known mast is near enough to be looked at; where none is, nothing follows from that."""

    def chosen(self, at: Flags | Integers) -> "Expected":
        """Return some of the places."""
        names = ("mean_dbm", "sigma_db", "features", "in_reach")
        return Expected(**{name: getattr(self, name)[at] for name in names})


def propagation_of(
    sites: pd.DataFrame, terrain: Raster, units: Units, *, progress: Progress = SILENT
) -> Propagation | None:
    """Look at the masts of all carriers that have units; None where there are none."""
    ground = coarse_enough(terrain)
    masts = masts_of(sites, ground)
    carriers = tuple(sorted(set(masts["carrier"]) & set(units.carrier)))
    if not carriers:
        return None
    masts = with_unlisted(masts[masts["carrier"].isin(carriers)], units)
    most = places_for_each(masts)
    taught = {
        c: thinned(
            with_known_nodes(units.chosen(units.carrier == c), masts[masts["carrier"] == c]),
            by_node=True,
        )
        for c in carriers
    }
    with progress.task("places of known masts", total=len(masts), unit="masts") as task:
        searches = {
            c: Search(ground, masts[masts["carrier"] == c], taught[c], most_places=most, task=task)
            for c in carriers
        }
    return Propagation(
        hills=Hills(ground),
        columns=_Columns(
            carriers=carriers,
            masts=tuple(int((masts["carrier"] == c).sum()) for c in carriers),
        ),
        searches=searches,
        units=units,
        taught=taught,
    )
