"""Predict each carrier's level at clusters where nobody measured it, and how far it may lie off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr
from threadpoolctl import (  # type: ignore[import-untyped] # it ships no types
    threadpool_limits,
)

from lomsong.assess.classify import Texts
from lomsong.assess.modelled.field import (
    Learnt,
    propagation_of,
    residuals_of,
)
from lomsong.assess.modelled.units import Units, units_of
from lomsong.config import LevelsSection
from lomsong.evidence.clusters import Clusters
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

FEWEST_UNITS: Final = 12
"""A carrier with fewer units teaches nothing of its own."""
PLACES_OF_CLUSTER: Final = 5
"""The level of a cluster is taken as the mean over so many of its dwellings."""
LISTENING: Final = 0.9
"""Where more than this share of the variance is left, neighbours have said nothing."""
OPEN_DB: Final = 2.0
"""How far the bounds of a probability lie to each side of the expected level [dB] (assumption)."""
MOST_AGAINST: Final = 3.0
"""No prediction against service is surer than these log-odds, 0.95 (assumption): nobody knows all sites and clutter."""
MOST_FOR: Final = 2.0
"""No prediction for service is surer than these log-odds, 0.88 (assumption): what teaches comes from where phones are
heard, so that sites and terrain alone never promise service at the usual confidence."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Prediction:
    """What is said of each cluster by everything outside of it; NaN, and bounds 0 and 1, where nothing is said."""

    mean_dbm: Floats
    """Expected level of the cluster's dwellings."""
    sigma_db: Floats
    """Standard deviation of that."""
    correlation_m: float
    """Distance at which errors are alike by 1/e."""
    source: Texts
    """`propagation+residual`, `propagation`, `samples`, or `none`."""
    served_low: Floats
    served_high: Floats
    good_low: Floats
    good_high: Floats
    model: str
    """Which model was chosen, by blocked validation."""
    loss: Mapping[str, float]
    """Mean logarithmic loss of each model on places left out."""


def predict(
    witnesses: pd.DataFrame,
    clusters: Clusters,
    *,
    carriers: tuple[str, ...],
    levels: LevelsSection,
    sites: pd.DataFrame | None,
    terrain: Raster | None,
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
    levels
        Levels from which a place is served, and good.
    sites
        Known 4G sites (`tables.SITES`) and their `carrier`; None where there are none.
    terrain
        Ground; without it sites say nothing.
    """
    # More threads would add up in another order.
    with threadpool_limits(1):
        units = units_of(witnesses[witnesses["carrier"].isin(carriers)], crs=clusters.crs)
        learnt = None
        if sites is not None and terrain is not None and len(sites):
            propagation = propagation_of(sites, terrain, units)
            learnt = None if propagation is None else propagation.learnt()
        result = {}
        for carrier in carriers:
            own = units.chosen(units.carrier == carrier)
            if len(own) >= FEWEST_UNITS and learnt is not None and carrier in learnt.masts:
                result[carrier] = _of_sites(learnt, carrier, own, clusters, levels)
    return result


@dataclass(frozen=True, eq=False, kw_only=True)
class _Dwellings:
    """Some dwellings of each cluster."""

    cluster: np.ndarray
    x: Floats
    y: Floats

    def mean(self, values: Floats) -> Floats:
        """Return the mean over each cluster."""
        return np.asarray(np.bincount(self.cluster, values) / np.bincount(self.cluster), float)


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


def _of_sites(
    learnt: Learnt, carrier: str, units: Units, clusters: Clusters, levels: LevelsSection
) -> Prediction:
    mean, sigma = learnt.at(carrier, units.x, units.y)
    residuals = residuals_of(units, mean, sigma)
    at = _dwellings(clusters)
    said, unsure = learnt.at(carrier, at.x, at.y)
    more, left = residuals.at(
        at.x, at.y, group=units.cluster.astype(float), asked_group=at.cluster.astype(float)
    )
    whole = residuals.covariance.level_sigma_db**2
    variance = unsure**2 - learnt.trend.sigma_db**2 + left
    heard = at.mean(left) < LISTENING * whole
    return _prediction(
        mean_dbm=at.mean(said + more),
        sigma_db=np.sqrt(at.mean(variance)),
        correlation_m=residuals.covariance.correlation_m,
        source=np.where(heard, "propagation+residual", "propagation").astype(object),
        levels=levels,
        model="propagation+residual",
        loss={},
    )


def _prediction(
    *,
    mean_dbm: Floats,
    sigma_db: Floats,
    correlation_m: float,
    source: Texts,
    levels: LevelsSection,
    model: str,
    loss: Mapping[str, float],
) -> Prediction:
    bounds = {
        f"{name}_{end}": _chance(mean_dbm + shift, sigma_db, threshold)
        for name, threshold in (
            ("served", levels.minimum_rsrp_dbm),
            ("good", levels.good_rsrp_dbm),
        )
        for end, shift in (("low", -OPEN_DB), ("high", OPEN_DB))
    }
    return Prediction(
        mean_dbm=mean_dbm,
        sigma_db=sigma_db,
        correlation_m=correlation_m,
        source=source,
        model=model,
        loss=loss,
        **{
            name: np.minimum(bound, bounds[name.replace("good", "served")])
            for name, bound in bounds.items()
        },
    )


def _chance(mean_dbm: Floats, sigma_db: Floats, threshold_dbm: float) -> Floats:
    chance = np.clip(ndtr((mean_dbm - threshold_dbm) / sigma_db), 1e-9, 1 - 1e-9)
    return np.asarray(expit(np.clip(logit(chance), -MOST_AGAINST, MOST_FOR)), float)


def middles(clusters: Clusters) -> tuple[Floats, Floats]:
    """Return the median place of each cluster [m]."""
    places = pd.DataFrame(
        {"cluster": clusters.place_cluster, "x": clusters.place_x, "y": clusters.place_y}
    )
    middle = places.groupby("cluster", sort=True)[["x", "y"]].median()
    return middle["x"].to_numpy(float), middle["y"].to_numpy(float)
