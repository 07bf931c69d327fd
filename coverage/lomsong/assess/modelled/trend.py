"""Learn what levels follow from propagation, from samples that are missing where the level is low.

Phones tell no level below what they can hear, and where they hear nothing at all most tell nothing. So the levels that
are known lie too high for the places they come from, the more so the weaker the place. The likelihood says so: a level
is as likely as it is among the levels that leave a trace.

References
----------
.. [1] J. Tobin, "Estimation of relationships for limited dependent variables", Econometrica 26 (1958).
.. [2] T. Amemiya, "Regression analysis when the dependent variable is truncated normal", Econometrica 41 (1973).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit, log_ndtr, ndtr

from lomsong.assess.classify import Flags, Integers
from lomsong.space.crs import Floats

ORIGIN_DBM: Final = -110.0
USUAL_SIGMA_DB: Final = 10.0
"""Spread around propagation, before anything is learnt [dB] (assumption; 8 dB of shadowing and what terrain adds)."""
TRACE_PRIOR: Final = (-1.0, 1.0)
"""Log-odds that a phone without 4G leaves a trace, and how sure that is (assumption)."""
STRAY: Final = 0.03
"""Share of units that tell nothing: wrong fixes, repeaters, odd phones (assumption)."""
_STRAY_WIDTH_DB: Final = 80.0
_SIGMA_PRIOR: Final = 0.4
_LEAST_LN_SIGMA: Final = 0.0
"""Levels come in whole dB: where all are the same, they are taken to lie 1 dB apart."""
_LOG_ROOT: Final = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """What levels are explained by: a column each, a row per place, and what is expected of each column's weight."""

    rows: Floats
    usual: Floats
    """Expected weight of each column [dB]."""
    unsure: Floats
    """Standard deviation of that [dB]."""

    def chosen(self, at: Flags | Integers) -> "Design":
        """Return some of the rows."""
        return Design(rows=self.rows[at], usual=self.usual, unsure=self.unsure)


@dataclass(frozen=True, eq=False, kw_only=True)
class Trend:
    """Weights that were learnt."""

    weight: Floats
    sigma_db: float
    """Spread of levels around the trend [dB]."""
    traced: float
    """Share of phones without 4G that left a trace."""
    covariance: Floats
    """Of the weights [dB²]."""

    def level_dbm(self, design: Design) -> Floats:
        """Return the level that follows at places [dBm]."""
        return np.asarray(ORIGIN_DBM + design.rows @ self.weight, float)

    def variance_db2(self, design: Design) -> Floats:
        """Return how unsure that is because the weights are [dB²]."""
        # Of hundreds of masts' columns, each place has one.
        rows = csr_array(design.rows)
        return np.asarray(rows.multiply(rows @ self.covariance).sum(axis=1), float).ravel()


def usual(design: Design) -> Trend:
    """Return what holds before anything is learnt."""
    return Trend(
        weight=design.usual,
        sigma_db=USUAL_SIGMA_DB,
        traced=float(expit(TRACE_PRIOR[0])),
        covariance=np.diag(design.unsure**2),
    )


def learnt(design: Design, level_dbm: Floats, *, lost: Flags, lost_dbm: float) -> Trend:
    """Return the likeliest trend.

    Parameters
    ----------
    design
        What the levels are explained by.
    level_dbm
        Levels of units [dBm]; what stands at lost ones does not count.
    lost
        Units that only tell that the level lies below `lost_dbm`.
    lost_dbm
        Level below which phones lose 4G [dBm].
    """
    if not len(level_dbm):
        return usual(design)
    problem = _Problem(design, level_dbm, lost, lost_dbm)
    start = np.r_[np.zeros(design.rows.shape[1]), np.log(USUAL_SIGMA_DB), TRACE_PRIOR[0]]
    found = minimize(problem, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    weight = design.usual + design.unsure * found.x[:-2]
    sigma = float(np.exp(max(found.x[-2], _LEAST_LN_SIGMA)))
    information = (design.rows.T @ design.rows) / sigma**2 + np.diag(design.unsure**-2.0)
    return Trend(
        weight=weight,
        sigma_db=sigma,
        traced=float(expit(found.x[-1])),
        covariance=np.asarray(np.linalg.inv(information), float),
    )


class _Problem:
    """Minus the log-posterior and its slope, in weights measured by how unsure they are, ln sigma, and log-odds of a trace."""

    def __init__(self, design: Design, level_dbm: Floats, lost: Flags, lost_dbm: float) -> None:
        self._rows = design.rows * design.unsure
        self._base = ORIGIN_DBM + design.rows @ design.usual
        self._level, self._lost, self._lost_dbm = level_dbm, lost, lost_dbm

    def __call__(self, at: Floats) -> tuple[float, Floats]:
        weight, log_sigma, odds = at[:-2], at[-2], at[-1]
        sigma = float(np.exp(max(log_sigma, _LEAST_LN_SIGMA)))
        moves, traced = log_sigma > _LEAST_LN_SIGMA, float(expit(odds))
        mean = self._base + self._rows @ weight
        score, by_mean, by_sigma, by_traced = log_density(
            self._level, mean, sigma, lost=self._lost, lost_dbm=self._lost_dbm, traced=traced
        )
        wide = (log_sigma - np.log(USUAL_SIGMA_DB)) / _SIGMA_PRIOR
        middle, unsure = TRACE_PRIOR
        often = (odds - middle) / unsure
        value = -score.sum() + 0.5 * float(weight @ weight + wide**2 + often**2)
        slope = np.r_[
            weight - self._rows.T @ by_mean,
            wide / _SIGMA_PRIOR - (by_sigma.sum() if moves else 0.0),
            often / unsure - by_traced.sum() * traced * (1 - traced),
        ]
        return float(value), slope


def log_density(
    level_dbm: Floats,
    mean_dbm: Floats,
    sigma_db: Floats | float,
    *,
    lost: Flags,
    lost_dbm: float,
    traced: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return how likely what units told is, given that they told something, and its slopes.

    Returns
    -------
    Log-density of each unit; its derivative by the mean [1/dB], by ln sigma, and by the share `traced`.
    """
    off = (level_dbm - mean_dbm) / sigma_db
    below = (lost_dbm - mean_dbm) / sigma_db
    chance_below = ndtr(below)
    at_limit = np.exp(-0.5 * below**2 - _LOG_ROOT)
    told = 1 - (1 - traced) * chance_below
    told_by_mean = (1 - traced) * at_limit / sigma_db / told
    told_by_sigma = (1 - traced) * at_limit * below / told
    told_by_traced = chance_below / told
    # The hazard of the normal distribution, without 0/0 far above the limit.
    hazard = np.exp(-0.5 * below**2 - _LOG_ROOT - log_ndtr(below))
    score = np.where(
        lost,
        np.log(traced) + log_ndtr(below),
        -0.5 * off**2 - _LOG_ROOT - np.log(sigma_db),
    ) - np.log(told)
    by_mean = np.where(lost, -hazard / sigma_db, off / sigma_db) - told_by_mean
    by_sigma = np.where(lost, -hazard * below, off**2 - 1) - told_by_sigma
    by_traced = np.where(lost, 1 / traced, 0.0) - told_by_traced
    usual = np.log1p(-STRAY) + score
    both = np.logaddexp(usual, np.log(STRAY / _STRAY_WIDTH_DB))
    share = np.exp(usual - both)
    return both, share * by_mean, share * by_sigma, share * by_traced


def as_if_heard(mean_db: Floats, sigma_db: Floats, limit_db: Floats) -> tuple[Floats, Floats]:
    """Return a reading, and its variance, that tells as much as that the level lies below a limit.

    The normal distribution of the level, cut at the limit, has a mean and a variance; the reading is the one that
    would have moved the uncut distribution there.

    Parameters
    ----------
    mean_db, sigma_db
        What is known of the level without the unit.
    limit_db
        Where phones lose it.
    """
    below = (limit_db - mean_db) / sigma_db
    hazard = np.exp(-0.5 * below**2 - _LOG_ROOT - log_ndtr(below))
    mean = mean_db - sigma_db * hazard
    # Never quite as wide as before, or the reading would be nowhere.
    left = np.clip(1 - hazard * (below + hazard), 1e-3, 1 - 1e-3)
    variance = 1 / (1 / (left * sigma_db**2) - 1 / sigma_db**2)
    reading = variance * (mean / (left * sigma_db**2) - mean_db / sigma_db**2)
    return reading, variance
