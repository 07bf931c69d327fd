"""Predict which clusters each possible site would serve, from received levels over terrain."""

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from lomsong.config import SitingSection
from lomsong.evidence.clusters import Clusters
from lomsong.progress import SILENT, Progress
from lomsong.propagation import BANDS, LinkBudget, Margins, rsrp_dbm, sweep
from lomsong.siting.antennas import gain_db
from lomsong.siting.candidates import Options
from lomsong.siting.correction import Correction
from lomsong.siting.received import Reach
from lomsong.siting.swept import name_of, name_of_land
from lomsong.space.crs import Floats
from lomsong.space.raster import Integers, Raster

KEPT_SIGMAS: Final = 1.3
KEPT_BELOW_DB: Final = 8.0
"""Levels are kept down to so many standard deviations and so much below the minimum: where the chance of service is a tenth,
and for the question what a kinder world changes."""


_Levels = tuple[Integers, Integers, Floats]
"""Options, clusters and levels of one place's mast [dBm]."""
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Mapped(Protocol):
    """Does the same work on many items, one by itself, and returns the results in their order; as `map` does."""

    def __call__(
        self, work: Callable[[_Item], _Result], items: Sequence[_Item], /
    ) -> Iterable[_Result]:
        """Return a result for each item."""
        ...


def least_dbm(minimum_dbm: float, settings: SitingSection) -> float:
    """Return the outdoor level that reaches a minimum where people are [dBm]: losses of walls or vehicles, the larger, on top."""
    return minimum_dbm + max(settings.indoor_loss_db, settings.in_vehicle_loss_db)


def needed_dbm(
    minimum_dbm: float, settings: SitingSection, *, sigma_db: float | None = None
) -> float:
    """Return the median outdoor level that reaches a minimum with the asked probability at the edge of a cell [dBm].

    `sigma_db` is how far levels scatter around what is predicted; by default shadow fading.
    """
    margins = Margins(
        cell_edge_probability=settings.cell_edge_probability,
        shadow_sigma_db=settings.shadow_sigma_db if sigma_db is None else sigma_db,
    )
    return least_dbm(minimum_dbm, settings) + margins.total_db


def predict(
    terrain: Raster,
    clusters: Clusters,
    options: Options,
    *,
    settings: SitingSection,
    minimum_dbm: float,
    silent: npt.NDArray[np.bool_] | None = None,
    correction: Correction | None = None,
    progress: Progress = SILENT,
    mapped: Mapped = map,
    swept: MutableMapping[str, Floats] | None = None,
) -> Reach:
    """Return the levels of all options at all clusters within the radius.

    Free space and delta-Bullington diffraction over the terrain, the best of the bands and sectors. A mast may
    carry its antenna lower, so a higher one at the same place never serves less. Where terrain is unknown nothing is
    served.

    `correction` tells what the district's own phones teach of levels over terrain. `silent` names clusters where it is
    decided that nobody has service: what hangs on a known mast does not reach them, so that only a lower band from there
    may. `mapped` works on many places, here or elsewhere, and returns what they give in their order; each place is swept
    by itself. `swept` holds what earlier runs swept; it is left with what this one used (`siting.swept`).
    """
    learnt = correction or Correction(sigma_db=settings.shadow_sigma_db)
    sweeping = _Sweeping(
        terrain=terrain,
        clusters=clusters,
        options=options,
        settings=settings,
        correction=learnt,
        floor_dbm=least_dbm(minimum_dbm, settings) - KEPT_SIGMAS * learnt.sigma_db - KEPT_BELOW_DB,
        silent=silent,
    )
    places = range(len(options.places.x))
    kept: MutableMapping[str, Floats] = {} if swept is None else swept
    land = name_of_land(terrain, settings)
    names = [sweeping.name_of_place(land, place) for place in places]
    fresh = iter(mapped(sweeping.of_place, [p for p in places if names[p] not in kept]))
    found: list[_Levels] = []
    used: dict[str, Floats] = {}
    with progress.task("sites over terrain", total=len(places), unit="sites") as task:
        for place, name in zip(places, names, strict=True):
            used[name] = kept[name] if name in kept else next(fresh)
            found.extend(sweeping.reached(place, used[name]))
            task.advance()
    kept.clear()
    kept.update(used)
    if not found:
        found = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    owner = np.concatenate([part[0] for part in found])
    cluster = np.concatenate([part[1] for part in found])
    level = np.concatenate([part[2] for part in found])
    order = np.lexsort([cluster, owner])
    return Reach(
        option=owner[order],
        cluster=cluster[order],
        rsrp_dbm=level[order],
        shape=(len(options.mast_m), len(clusters.table)),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Sweeping:
    """What the options of a place are swept with."""

    terrain: Raster
    clusters: Clusters
    options: Options
    settings: SitingSection
    correction: Correction
    floor_dbm: float
    silent: npt.NDArray[np.bool_] | None

    def of_place(self, place: int) -> Floats:
        """Return what every option of a place (row) sends to every dwelling within the radius (column) [dBm]."""
        places, homes = self.options.places, self._homes(place)
        levels = [
            _levels(
                self.terrain,
                self.clusters,
                homes,
                x=float(places.x[place]),
                y=float(places.y[place]),
                ground_m=float(places.ground_m[place]),
                mast_m=float(self.options.mast_m[option]),
                settings=self.settings,
                lower=places.lower_bands.get(place) or (),
                deaf=self._deaf(place, homes),
            )
            for option in self.options.of_place(place)
        ]
        return np.array(levels, float).reshape(len(levels), len(homes))

    def name_of_place(self, land: str, place: int) -> str:
        """Return a name of all that the levels of a place follow from."""
        places, homes = self.options.places, self._homes(place)
        foot = np.array([places.x[place], places.y[place], places.ground_m[place]])
        heights = self.options.mast_m[list(self.options.of_place(place))]
        x, y = self.clusters.place_x[homes], self.clusters.place_y[homes]
        deaf = self._deaf(place, homes)
        lower = places.lower_bands.get(place) if deaf is not None else None
        return name_of(land, foot, heights, x, y, lower, b"" if deaf is None else deaf)

    def reached(self, place: int, levels: Floats) -> list[_Levels]:
        """Return the levels of clusters from those of dwellings, as `of_place` returns them."""
        places, homes = self.options.places, self._homes(place)
        x, y = self.clusters.place_x[homes], self.clusters.place_y[homes]
        away = np.hypot(x - places.x[place], y - places.y[place])
        best = np.full(len(homes), -np.inf)
        found = []
        options = self.options.of_place(place)
        for option, level in zip(options, levels.reshape(len(options), -1), strict=True):
            best = np.maximum(best, self.correction.level_dbm(level, away))
            present, half = _level_of_half(best, self.clusters, homes)
            strong = half >= self.floor_dbm
            found.append((np.full(strong.sum(), option), present[strong], half[strong]))
        return found

    def _homes(self, place: int) -> Integers:
        """Return the dwellings within the radius of a place."""
        clusters, places = self.clusters, self.options.places
        away = np.hypot(clusters.place_x - places.x[place], clusters.place_y - places.y[place])
        return np.flatnonzero(away <= self.settings.radius_m)

    def _deaf(self, place: int, homes: Integers) -> npt.NDArray[np.bool_] | None:
        """Return which dwellings hear only lower bands from here, None where all hear every band."""
        if self.silent is None or place not in self.options.places.lower_bands:
            return None
        return self.silent[self.clusters.place_cluster[homes]]


def _levels(
    terrain: Raster,
    clusters: Clusters,
    homes: Integers,
    *,
    x: float,
    y: float,
    ground_m: float,
    mast_m: float,
    settings: SitingSection,
    lower: Sequence[str],
    deaf: npt.NDArray[np.bool_] | None,
) -> Floats:
    """Return the level at dwellings [dBm], -inf where it is unknown; deaf dwellings hear only lower bands."""
    best = np.full(len(homes), -np.inf)
    if not len(homes):
        return best
    # A dwelling within the radius may lie in a cell whose centre does not.
    radius_m = settings.radius_m + max(terrain.cell)
    home_x, home_y = clusters.place_x[homes], clusters.place_y[homes]
    phone_m = terrain.at(home_x, home_y) + settings.receiver_m
    sent = gain_db(settings, dx_m=home_x - x, dy_m=home_y - y, rise_m=phone_m - ground_m - mast_m)
    for name in settings.bands:
        band = BANDS[name]
        loss = sweep(
            terrain,
            x=x,
            y=y,
            mast_m=mast_m,
            rx_m=settings.receiver_m,
            radius_m=radius_m,
            frequency_mhz=band.downlink_mhz,
            threads=1,
            places=(home_x, home_y),
        )
        budget = LinkBudget(
            transmit_power_dbm=settings.transmit_power_dbm,
            antenna_gain_dbi=settings.antenna_gain_dbi,
            losses_db=settings.losses_db,
            bandwidth_mhz=band.bandwidth_mhz,
        )
        level = sent + rsrp_dbm(budget=budget, path_loss_db=_cells_at(loss, home_x, home_y))
        if deaf is not None and name not in lower:
            level = np.where(deaf, -np.inf, level)
        best = np.fmax(best, level)
    return best


def _cells_at(raster: Raster, x: Floats, y: Floats) -> Floats:
    """Return the value of the cell that each point lies in; NaN outside."""
    rows, columns = raster.values.shape
    column = np.floor((x - raster.transform.c) / raster.transform.a).astype(np.int64)
    row = np.floor((y - raster.transform.f) / raster.transform.e).astype(np.int64)
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    values = np.full(len(x), np.nan)
    values[inside] = raster.values[row[inside], column[inside]]
    return values


def _level_of_half(level: Floats, clusters: Clusters, homes: Integers) -> tuple[Integers, Floats]:
    """Return clusters with dwellings here, and the level that at least half of all their dwellings reach [dBm]."""
    cluster = clusters.place_cluster[homes]
    order = np.lexsort([-level, cluster])
    present, first, here = np.unique(cluster[order], return_index=True, return_counts=True)
    every = np.bincount(clusters.place_cluster, minlength=len(clusters.table))[present]
    half = (every + 1) // 2
    # Dwellings beyond the radius receive nothing; where they are the larger half, so does the cluster.
    enough = here >= half
    sorted_level = level[order]
    last = np.minimum(first + half - 1, len(sorted_level) - 1)
    return present.astype(np.int64), np.where(enough, sorted_level[last], -np.inf)
