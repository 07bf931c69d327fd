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
from lomsong.assess.modelled.levels import LevelField, field_by_samples, fields_by_sites
from lomsong.assess.modelled.units import units_of
from lomsong.config import LevelsSection
from lomsong.evidence.clusters import Clusters, Integers
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

FEWEST_UNITS: Final = 12
"""A carrier with fewer units teaches nothing of its own."""
PLACES_OF_CLUSTER: Final = 3
"""The level of a cluster is taken as the mean over so many of its dwellings."""
EVEN: Final = 0.5
OPEN_DB: Final = 2.0
"""How far the bounds of a probability lie to each side of the expected level [dB] (assumption)."""
MOST_AGAINST: Final = 3.0
"""No prediction against service is surer than these log-odds, 0.95 (assumption): nobody knows all sites and clutter."""
MOST_FOR: Final = 2.0
"""No prediction for service is surer than these log-odds, 0.88 (assumption): what teaches comes from where phones are
heard, so that sites and terrain alone never promise service at the usual confidence."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Prediction:
    """What is said of each cluster by everything outside of it; where nothing is said, NaN and even odds."""

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
    served_low: Floats
    served_high: Floats
    good_low: Floats
    good_high: Floats
    model: str
    """Which model was chosen, by blocked validation."""
    loss: Mapping[str, float]
    """Mean logarithmic loss of each model on places left out."""
    trial: pd.DataFrame
    """What blocked validation found of each model (`choose.Choice.table`)."""


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
        enough = [c for c in carriers if (units.carrier == c).sum() >= FEWEST_UNITS]
        fields = {}
        if sites is not None and terrain is not None and len(sites):
            known = sites[sites["carrier"].isin(enough)]
            fields = fields_by_sites(known, terrain, units)
        for carrier in enough:
            if carrier not in fields:
                own = units.chosen(units.carrier == carrier)
                fields[carrier] = field_by_samples(own, terrain)
        at = _dwellings(clusters)
        return {carrier: _of(fields[carrier], at, levels) for carrier in enough}


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


def _of(field: LevelField, at: "_Dwellings", levels: LevelsSection) -> Prediction:
    said = field.at(at.x, at.y, group=at.cluster)
    mean, sigma = at.mean(said.mean_dbm), np.sqrt(at.mean(said.sigma_db**2))
    source = at.most(said.source)
    silent = source == "none"
    bounds = {}
    for name, threshold in (
        ("served", levels.minimum_rsrp_dbm),
        ("good", levels.good_rsrp_dbm),
    ):
        for end, shift in (("low", -OPEN_DB), ("high", OPEN_DB)):
            chance = _chance(mean + shift, sigma, threshold)
            bounds[f"{name}_{end}"] = np.where(silent, EVEN, chance)
    for end in ("low", "high"):
        bounds[f"good_{end}"] = np.minimum(bounds[f"good_{end}"], bounds[f"served_{end}"])
    return Prediction(
        mean_dbm=np.where(silent, np.nan, mean),
        sigma_db=np.where(silent, np.nan, sigma),
        noise_db=field.covariance.noise_db,
        correlation_m=field.covariance.correlation_m,
        source=source,
        model=field.choice.model,
        loss=dict(zip(field.choice.table["model"], field.choice.table["log_loss"], strict=True)),
        trial=field.choice.table,
        **bounds,
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
