"""Predict a level between measured places as anybody would try first: by neighbours, by kriging, by a forest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.distance import cdist, pdist
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.neighbors import KNeighborsRegressor

from lomsong.assess.classify import Flags
from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

MOST_BY_LIKELIHOOD = 500
"""Readings that the likelihood of kriging is taken over: its cost grows with their cube."""
LAGS = 15
TREES = 300
_LEAST_DB = 0.1

Said = tuple[Floats, Floats]
"""Expected level and standard deviation of a reading at each place."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Readings:
    """Levels at places."""

    x: Floats
    y: Floats
    level_dbm: Floats
    phones: Floats
    """How many phones each level is the median of."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.x)

    def chosen(self, at: Flags | Integers) -> "Readings":
        """Return some of them."""
        return Readings(
            x=self.x[at], y=self.y[at], level_dbm=self.level_dbm[at], phones=self.phones[at]
        )

    @property
    def places(self) -> Floats:
        """A row per reading [m]."""
        return np.column_stack([self.x, self.y])


Peer = Callable[[Readings, Readings], Said]


def neighbours(n: int, weights: Literal["uniform", "distance"]) -> Peer:
    """Return the mean of the nearest, with the spread of each taught reading around the others."""

    def said(taught: Readings, asked: Readings) -> Said:
        model = KNeighborsRegressor(min(n, len(taught) - 1), weights=weights)
        model.fit(taught.places, taught.level_dbm)
        away, near = model.kneighbors()
        weight = np.ones_like(away) if weights == "uniform" else 1 / np.maximum(away, 1e-9)
        alone = (weight * taught.level_dbm[near]).sum(axis=1) / weight.sum(axis=1)
        spread = max(float(np.sqrt(((taught.level_dbm - alone) ** 2).mean())), _LEAST_DB)
        return model.predict(asked.places), np.full(len(asked), spread)

    return said


def kriging_by_likelihood(taught: Readings, asked: Readings) -> Said:
    """Return kriging with an exponential covariance and a nugget, the likeliest."""
    if len(taught) > MOST_BY_LIKELIHOOD:
        order = np.random.default_rng(0).permutation(len(taught))
        taught = taught.chosen(order[:MOST_BY_LIKELIHOOD])
    kernel = ConstantKernel(1.0, (0.05, 20)) * Matern(500.0, (30, 20_000), nu=0.5) + WhiteKernel(
        0.2, (0.005, 5)
    )
    model = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=2, random_state=0
    )
    model.fit(taught.places, taught.level_dbm)
    mean, spread = model.predict(asked.places, return_std=True)
    return mean, spread


def kriging_by_variogram(taught: Readings, asked: Readings) -> Said:
    """Return ordinary kriging with an exponential variogram laid through half the squared differences."""
    sill, length, nugget = _variogram(taught)

    def between(apart: Floats) -> Floats:
        return np.asarray(sill * np.exp(-apart / length), float)

    n = len(taught)
    system = np.ones((n + 1, n + 1))
    system[:n, :n] = between(cdist(taught.places, taught.places))
    system[np.arange(n), np.arange(n)] = sill + nugget
    system[n, n] = 0.0
    towards = np.ones((n + 1, len(asked)))
    towards[:n] = between(cdist(taught.places, asked.places))
    weight = np.linalg.solve(system, towards)
    left = sill + nugget - (weight * towards).sum(axis=0)
    return weight[:n].T @ taught.level_dbm, np.sqrt(np.maximum(left, _LEAST_DB**2))


def _variogram(taught: Readings) -> tuple[float, float, float]:
    """Return sill without nugget [dB²], length [m] and nugget [dB²]."""
    apart = pdist(taught.places)
    half = 0.5 * pdist(taught.level_dbm[:, None], "sqeuclidean")
    edges = np.linspace(0, apart.max() / 2, LAGS + 1)
    lag = np.digitize(apart, edges) - 1
    inside = lag < LAGS
    n = np.bincount(lag[inside], minlength=LAGS)
    seen = n > 0
    middle = np.bincount(lag[inside], apart[inside], LAGS)[seen] / n[seen]
    gamma = np.bincount(lag[inside], half[inside], LAGS)[seen] / n[seen]
    whole = max(float(taught.level_dbm.var()), 1.0)

    def off(at: Floats) -> Floats:
        sill, length, nugget = at
        says = nugget + sill * (1 - np.exp(-middle / length))
        return np.asarray((says - gamma) / whole * np.sqrt(n[seen] / n.sum()), float)

    reach = float(apart.max())
    found = least_squares(
        off,
        (0.7 * whole, reach / 6, 0.3 * whole),
        bounds=((1e-3 * whole, 1.0, 1e-3 * whole), (10 * whole, 3 * reach, 3 * whole)),
        x_scale=(whole, reach, whole),
    )
    sill, length, nugget = found.x
    return float(sill), float(length), float(nugget)


def forest(taught: Readings, asked: Readings) -> Said:
    """Return a plain random forest on x and y."""
    model = RandomForestRegressor(TREES, oob_score=True, random_state=0, n_jobs=1)
    model.fit(taught.places, taught.level_dbm)
    off = taught.level_dbm - model.oob_prediction_
    spread = max(float(np.sqrt((off**2).mean())), _LEAST_DB)
    return model.predict(asked.places), np.full(len(asked), spread)


PEERS: dict[str, Peer] = {
    "5 nearest": neighbours(5, "uniform"),
    "10 nearest": neighbours(10, "uniform"),
    "8 by distance": neighbours(8, "distance"),
    "kriging, likelihood": kriging_by_likelihood,
    "kriging, variogram": kriging_by_variogram,
    "forest": forest,
}
