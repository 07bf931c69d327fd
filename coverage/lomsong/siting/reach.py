"""Predict which clusters each possible site would serve, from received levels over terrain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lomsong.config import SitingSection
from lomsong.evidence.clusters import Clusters, Integers
from lomsong.progress import SILENT, Progress
from lomsong.propagation import BANDS, LinkBudget, rsrp_dbm, shadow_fading_margin_db, sweep
from lomsong.siting.candidates import Options
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

KEPT_BELOW_DB: Final = 15.0
"""Levels are kept down to so much below what serving takes, for the question what a kinder or harsher world changes."""


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


def needed_dbm(minimum_dbm: float, settings: SitingSection) -> float:
    """Return the median level that reaches a minimum with the asked probability at the edge of a cell [dBm]."""
    return minimum_dbm + shadow_fading_margin_db(
        probability=settings.cell_edge_probability, sigma_db=settings.shadow_sigma_db
    )


def predict(
    terrain: Raster,
    clusters: Clusters,
    options: Options,
    *,
    settings: SitingSection,
    minimum_dbm: float,
    silent: npt.NDArray[np.bool_] | None = None,
    progress: Progress = SILENT,
) -> Reach:
    """Return the levels of all options at all clusters within the radius.

    Free space and delta-Bullington diffraction over the terrain, the best of the bands; antennas send as strongly in
    every direction, as three sectors nearly do. A mast may carry its antenna lower, so a higher one at the same place
    never serves less. Where terrain is unknown nothing is served.

    `silent` names clusters where it is decided that nobody has service: what hangs on a known mast does not reach
    them, so that only a lower band from there may.
    """
    floor = needed_dbm(minimum_dbm, settings) - KEPT_BELOW_DB
    found: list[tuple[Integers, Integers, Floats]] = []
    places = options.places
    with progress.task("sites over terrain", total=len(places.x)) as task:
        for place in range(len(places.x)):
            x, y = float(places.x[place]), float(places.y[place])
            near = np.hypot(clusters.place_x - x, clusters.place_y - y) <= settings.radius_m
            homes = np.flatnonzero(near)
            best = np.full(len(homes), -np.inf)
            lower = places.lower_bands.get(place)
            deaf = None
            if silent is not None and lower is not None:
                deaf = silent[clusters.place_cluster[homes]]
            for option in options.of_place(place):
                mast_m = float(options.mast_m[option])
                level = _levels(
                    terrain,
                    clusters,
                    homes,
                    x=x,
                    y=y,
                    mast_m=mast_m,
                    settings=settings,
                    lower=lower or (),
                    deaf=deaf,
                )
                best = np.maximum(best, level)
                present, half = _level_of_half(best, clusters, homes)
                strong = half >= floor
                found.append((np.full(strong.sum(), option), present[strong], half[strong]))
            task.advance()
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


def _levels(
    terrain: Raster,
    clusters: Clusters,
    homes: Integers,
    *,
    x: float,
    y: float,
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
        )
        budget = LinkBudget(
            transmit_power_dbm=settings.transmit_power_dbm,
            antenna_gain_dbi=settings.antenna_gain_dbi,
            losses_db=settings.losses_db,
            bandwidth_mhz=band.bandwidth_mhz,
        )
        level = rsrp_dbm(
            budget=budget,
            path_loss_db=_cells_at(loss, clusters.place_x[homes], clusters.place_y[homes]),
        )
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
