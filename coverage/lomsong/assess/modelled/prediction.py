"""Predict each carrier's level at clusters where nobody measured it, and how far it may lie off."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from threadpoolctl import (  # type: ignore[import-untyped] # it ships no types
    threadpool_limits,
)

from lomsong.assess.classify import Texts
from lomsong.assess.modelled.field import Learnt
from lomsong.assess.modelled.levels import Asked, LevelSaid, level_by_samples, levels_by_sites
from lomsong.assess.modelled.units import Units, units_of
from lomsong.evidence.clusters import Clusters, Integers
from lomsong.progress import SILENT, Task
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

FEWEST_UNITS: Final = 12
"""A carrier without known sites and with fewer units teaches nothing; where sites are known, the others' trend speaks for it."""
PLACES_OF_CLUSTER: Final = 3
"""The level of a cluster is taken as the mean over so many of its dwellings."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Prediction:
    """What is said of each cluster by everything outside of it; NaN where nothing is said."""

    mean_dbm: Floats
    """Expected level of the cluster's dwellings."""
    sigma_db: Floats
    """Standard deviation of that."""
    noise_db: float
    """How far one phone's reading in a cell of 69 m lies from the level of its place, which `sigma_db` does not count."""
    correlation_m: float
    """Distance at which errors are alike by 1/e."""
    source: Texts
    """`propagation+residual`, `propagation`, `samples`, or `none`."""
    trial: pd.DataFrame
    """How much each model says, and what blocked validation found of it (`choose.Choice.table`)."""


def predict(
    witnesses: pd.DataFrame,
    clusters: Clusters,
    *,
    carriers: tuple[str, ...],
    learnt: Learnt | None,
    terrain: Raster | None,
    task: Task = SILENT,
) -> dict[str, Prediction]:
    """Return per carrier what is said of each cluster; a carrier that nothing is said of is missing.

    Parameters
    ----------
    witnesses
        `Evidence.witnesses`.
    clusters
        Clusters to predict for; what was measured in a cluster says nothing of itself here, so that it can be weighed
        against the prediction without counting twice.
    carriers
        Carriers that are judged.
    learnt
        What known sites over terrain say, taught by the same witnesses; None where there are none. Carriers without
        sites are predicted from their samples alone.
    terrain
        Ground: hilltops hear more.
    task
        Is told of each step: a carrier's lesson, a block of land left out, what models make of them.
    """
    # More threads would add up in another order.
    with threadpool_limits(1):
        if learnt is None:
            units = units_of(witnesses[witnesses["carrier"].isin(carriers)], crs=clusters.crs)
        else:
            units = learnt.propagation.units
        at = _dwellings(clusters)
        asked = Asked(x=at.x, y=at.y, group=at.cluster)
        said = {} if learnt is None else levels_by_sites(learnt, units, asked, task=task)
        for carrier in carriers:
            own = units.chosen(units.carrier == carrier)
            if carrier not in said and len(own) >= FEWEST_UNITS:
                said[carrier] = level_by_samples(own, asked, terrain)
                task.advance()
        return {carrier: _of(said[carrier], at) for carrier in carriers if carrier in said}


def asked_later(units: Units, clusters: Clusters) -> dict[str, tuple[Floats, Floats]]:
    """Return for each carrier the places at which `predict` will ask what its sites promise [m].

    Parameters
    ----------
    units
        Units of all carriers, which sites were taught by.
    clusters
        Clusters to predict for.
    """
    at = _dwellings(clusters)
    return {
        carrier: (np.r_[units.x[own], at.x], np.r_[units.y[own], at.y])
        for carrier in sorted(set(units.carrier))
        for own in [units.carrier == carrier]
    }


@dataclass(frozen=True, eq=False, kw_only=True)
class _Dwellings:
    """Some dwellings of each cluster."""

    cluster: Integers
    x: Floats
    y: Floats

    def mean(self, values: Floats) -> Floats:
        """Return the mean over each cluster."""
        return np.asarray(np.bincount(self.cluster, values) / np.bincount(self.cluster), float)

    def most(self, words: Texts) -> Texts:
        """Return the word that most dwellings of each cluster have, of equally many the last in the alphabet."""
        names = sorted(set(words), reverse=True)
        often = np.array([self.mean((words == name).astype(float)) for name in names])
        return np.asarray(np.array(names, dtype=object)[often.argmax(axis=0)], object)


def _dwellings(clusters: Clusters) -> _Dwellings:
    """Return a few places of each cluster, spread over it."""
    order = np.lexsort((clusters.place_y, clusters.place_x, clusters.place_cluster))
    cluster = clusters.place_cluster[order]
    first = np.searchsorted(cluster, np.arange(len(clusters.table) + 1))
    rank = np.arange(len(order)) - first[cluster]
    size = np.diff(first)[cluster]
    few = np.minimum(size, PLACES_OF_CLUSTER)
    # The middles of equal parts of the cluster's dwellings.
    part = rank * few // size
    kept = order[rank == ((2 * part + 1) * size) // (2 * few)]
    return _Dwellings(
        cluster=clusters.place_cluster[kept], x=clusters.place_x[kept], y=clusters.place_y[kept]
    )


def _of(said: LevelSaid, at: "_Dwellings") -> Prediction:
    source = at.most(said.source)
    silent = source == "none"
    return Prediction(
        mean_dbm=np.where(silent, np.nan, at.mean(said.mean_dbm)),
        sigma_db=np.where(silent, np.nan, np.sqrt(at.mean(said.sigma_db**2))),
        noise_db=said.covariance.noise_db,
        correlation_m=said.covariance.correlation_m,
        source=source,
        trial=said.choice.table,
    )


def middles(clusters: Clusters) -> tuple[Floats, Floats]:
    """Return the median place of each cluster [m]."""
    places = pd.DataFrame(
        {"cluster": clusters.place_cluster, "x": clusters.place_x, "y": clusters.place_y}
    )
    middle = places.groupby("cluster", sort=True)[["x", "y"]].median()
    return middle["x"].to_numpy(float), middle["y"].to_numpy(float)
