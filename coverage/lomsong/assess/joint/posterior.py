"""Bring own samples, silence and surroundings together: one posterior of all levels of a hamlet, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import log_ndtr, logit, ndtr
from threadpoolctl import (  # type: ignore[import-untyped] # it ships no types
    threadpool_limits,
)

from lomsong.assess.classify import Chances, Flags, Texts
from lomsong.assess.joint.counting import Says, counted
from lomsong.assess.joint.newcomer import Newcomer
from lomsong.assess.joint.offsets import corrected
from lomsong.assess.joint.places import Silences, places_of
from lomsong.assess.joint.prior import Prior, prior_of
from lomsong.assess.joint.promised import Remembered
from lomsong.assess.joint.question import Question
from lomsong.assess.joint.sharpness import sharpness_of
from lomsong.assess.joint.spots import spots_of
from lomsong.assess.joint.surroundings import Surroundings, surroundings_of
from lomsong.assess.joint.trend import Promise, Trend, fitted
from lomsong.assess.joint.units import GRID_DBM, Reading, Units, reading_of, units_of
from lomsong.config import LevelsSection
from lomsong.progress import SILENT, Progress
from lomsong.space.crs import Floats
from lomsong.tables import chosen

SURE: Final = 3.0
"""Log-odds from which own samples count as an answer that others are measured by."""
TELLING_RATIO: Final = 0.5
"""Where no sites are known, silence decides a class only where it makes no service twice as likely as service, or more
(assumption)."""
BINS: Final = 10
GRADES: Final = ("measured", "inferred", "modelled")
_SUREST: Final = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Together:
    """What is believed of each carrier and, in the last row, of the best of all."""

    served: Floats
    """P(served); shape (carriers + 1, clusters), as of the bounds."""
    served_low: Floats
    served_high: Floats
    grade: Texts
    """Grade of evidence; shape (carriers, clusters), as of what stands behind it."""
    foretold: "Foretold"
    newcomers: tuple[Newcomer, ...]
    """Of each carrier, then of any: what a new mast would meet where it does not serve."""
    older_ratio: Floats
    """How own phones on older technology alone change the odds of service, in (0, 1]; 1 where there are none."""
    clusters: tuple[Chances, ...]
    """Of each carrier, then of any: chances of the classes of clusters."""
    hamlets: tuple[Chances, ...]
    """The same of hamlets."""
    model: Mapping[str, float]
    """What was learnt on the district's own data, and how well hamlets left out were foretold."""
    calibration: pd.DataFrame
    """`carrier, expected_low, expected_high, clusters, expected, served`: of clusters whose own samples give an answer,
    what was expected without anything of their hamlet, and what share is served."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Foretold:
    """What sites over terrain and all other hamlets let expect; NaN where no known site is in reach."""

    level_dbm: Floats
    sigma_db: Floats
    """How far levels lie off; the chance beside it is surer where measured clusters say so (`joint.sharpness`)."""
    p_served: Floats


def judge_together(
    witnesses: pd.DataFrame,
    question: Question,
    promise: Promise,
    *,
    silences: Silences | None,
    older: bool,
    progress: Progress = SILENT,
) -> Together:
    """Judge 4G of all carriers at all clusters.

    The level of each cluster's middle dwelling is unknown. What sites over terrain promise, straightened by all that is
    known around, and what is left over there, in samples, lost samples and silence, give all levels of a hamlet one
    normal distribution; nothing inside the hamlet has a say in it. The hamlet's own samples and its silence then weigh
    that distribution, and draws from the product are counted. So ridges that shadow a valley stand for all its clusters
    and all carriers at once, and no clusters or carriers are taken as independent.

    Parameters
    ----------
    witnesses
        `Evidence.witnesses`.
    question
        What is to be judged.
    promise
        What sites over terrain say.
    silences
        Silence at the clusters; None where it does not count.
    older
        Whether phones on older technology speak against 4G.
    progress
        Who is told how far the work is.
    """
    known, levels = question.known, question.levels
    # More threads would add up in another order.
    with threadpool_limits(1):
        judged = chosen(witnesses, witnesses["carrier"].isin(question.carriers))
        reading = reading_of(judged, levels)
        witnesses = corrected(witnesses, reading.offsets)
        places = places_of(
            reading.phones.that_may_know(witnesses),
            question.clusters,
            carriers=question.promised,
            silences=None if silences is None else silences.of(known.tolist()),
            lost_dbm=reading.lost_dbm,
        )
        units = units_of(
            witnesses, carriers=question.carriers, levels=levels, reading=reading, older=older
        )
        spots = spots_of(units, question.clusters)
        promise = Remembered(promise, question, places, spots, progress=progress)
        trend = fitted(promise, question.promised, places)
        surroundings = surroundings_of(places, trend, noise_db=reading.unit_db, progress=progress)
        prior = prior_of(surroundings, trend, question, spots, progress=progress)
        own = _own(units, prior)
        sharpness = _sharpness(prior, own, levels)
        spread = np.sqrt(prior.variance)
        prior = prior.sharpened(sharpness)
        silence = _silence(silences, prior.promised, own, reading)
        weight = _moved(prior, own, levels)
        expected = ndtr((prior.mean - levels.minimum_rsrp_dbm) / np.sqrt(prior.variance))
        sited = prior.promised & np.isin(question.carriers, question.sited)[:, None]
        grade = _graded(own, weight, silence.ratio, expected, promised=sited)
        result = counted(
            prior,
            own.ln_likelihood + silence.ln_likelihood,
            _says(grade, silence.ratio, own, weight, sited),
            question,
            missing=silence.missing,
            below=silence.below,
            progress=progress,
        )
    return Together(
        **result,
        grade=grade,
        foretold=_foretold(prior.mean, spread, expected, sited),
        older_ratio=np.where(
            (own.units == 0) & (own.older > 0), np.exp(np.minimum(weight, 0)), 1.0
        ),
        model=_figures(surroundings, trend, reading, sharpness),
        calibration=_calibration(expected, own, weight, promised=prior.promised, question=question),
    )


@dataclass(frozen=True, eq=False)
class _Own:
    """What own samples say of each cluster; shape (carriers, clusters) and for the first a column per level."""

    ln_likelihood: Floats
    units: Floats
    """How many units of 4G and of no service there are."""
    older: Floats
    """How many units of older technology alone there are."""


def _own(units: Units, prior: Prior) -> _Own:
    shape = prior.mean.shape
    older = units.only_older
    return _Own(prior.own, units.count(shape, ~older), units.count(shape, older))


def _sharpness(prior: Prior, own: _Own, levels: LevelsSection) -> float:
    """Return by what factor what is expected is too cautious, by the clusters that were measured."""
    measured = prior.promised & (own.units > 0)
    score = (prior.mean - levels.minimum_rsrp_dbm) / np.sqrt(prior.variance)
    return sharpness_of(score[measured], _moved(prior, own, levels)[measured])


def _foretold(mean: Floats, spread: Floats, p_served: Floats, promised: Flags) -> Foretold:
    figures = mean, spread, p_served
    level, sigma, p = (np.where(promised, values, np.nan) for values in figures)
    return Foretold(level_dbm=level, sigma_db=sigma, p_served=p)


@dataclass(frozen=True, eq=False)
class _Weight:
    ln_likelihood: Floats
    ratio: Floats
    """Of silence that names witnesses."""
    missing: Floats
    """How many phones of each carrier would be heard where nobody is."""
    below: Floats
    """Chance that phones hear nothing, at each level."""


def _silence(silences: Silences | None, promised: Flags, own: _Own, reading: Reading) -> _Weight:
    """Return what silence says of levels; nobody heard at all counts only beside a promise."""
    shape = own.units.shape
    below = np.exp(log_ndtr((reading.lost_dbm - GRID_DBM) / reading.unit_db))
    if silences is None:
        return _Weight(np.zeros((*shape, len(GRID_DBM))), np.ones(shape), np.zeros(shape), below)
    ratio = silences.silence.named
    told = np.log((1 - ratio[..., None]) * below + ratio[..., None])
    return _Weight(told, ratio, np.where(promised, silences.silence.expected, 0.0), below)


def _says(grade: Texts, ratio: Floats, own: _Own, weight: Floats, sited: Flags) -> Says:
    """Let places around decide a class alone only where sites and terrain stand behind them.

    Elsewhere own samples have to tell something, or silence enough; and silence never speaks for service.
    """
    known = grade != "none"
    older = (own.units == 0) & (own.older > 0)
    silent = ratio * np.where(older, np.exp(np.minimum(weight, 0.0)), 1.0) <= TELLING_RATIO
    measured = own.units > 0
    return Says(known, known & (sited | measured), known & (sited | measured | silent))


def _moved(prior: Prior, own: _Own, levels: LevelsSection) -> Floats:
    """Return by how much own samples move the log-odds of service."""
    off = GRID_DBM - prior.mean[..., None]
    ln_both = own.ln_likelihood - 0.5 * off**2 / prior.variance[..., None]
    ln_prior = -0.5 * off**2 / prior.variance[..., None]
    above = levels.minimum_rsrp_dbm <= GRID_DBM

    def odds(ln_density: Floats) -> Floats:
        density = np.exp(ln_density - ln_density.max(axis=-1, keepdims=True))
        yes, no = density[..., above].sum(axis=-1), density[..., ~above].sum(axis=-1)
        ratio = np.maximum(yes, _SUREST) / np.maximum(no, _SUREST)
        return np.asarray(np.log(ratio), float)

    return np.asarray(odds(ln_both) - odds(ln_prior), float)


def _graded(
    own: _Own, weight: Floats, ratio: Floats, expected: Floats, *, promised: Flags
) -> Texts:
    """Return the grade of each belief: that of the kind of evidence that moved the odds most."""
    size = np.abs(weight)
    measured = np.where(own.units > 0, size, -1.0)
    silent = np.abs(np.log(ratio)) + np.where((own.units == 0) & (own.older > 0), size, 0.0)
    inferred = np.where((ratio < 1) | (own.older > 0), silent, -1.0)
    foretold = np.abs(logit(np.clip(expected, _SUREST, 1 - _SUREST)))
    modelled = np.where(promised, foretold, -1.0)
    kinds = np.array([measured, inferred, modelled])
    names = np.array(GRADES, dtype=object)[np.argmax(kinds, axis=0)]
    return np.asarray(np.where(kinds.max(axis=0) >= 0, names, "none"), object)


def _figures(
    surroundings: Surroundings, trend: Trend, reading: Reading, sharpness: float
) -> dict[str, float]:
    kernel = surroundings.kernel
    figures = {
        "lost_dbm": reading.lost_dbm,
        "unit_db": reading.unit_db,
        "old_phones": reading.phones.old,
        "leaves_4g": reading.phones.leaves,
        "trend_sigma_db": trend.sigma_db,
        "sigma_db": kernel.sigma_db,
        "far_m": kernel.far_m,
        "near_share": kernel.near_share,
        "common_share": kernel.common,
        "sharpness": sharpness,
        "held_out_score": surroundings.score,
        "held_out_score_of_trend": surroundings.score_of_trend,
        "places": float(len(surroundings.places)),
    }
    return {name: round(value, 4) for name, value in figures.items()}


def _calibration(
    expected: Floats, own: _Own, weight: Floats, *, promised: Flags, question: Question
) -> pd.DataFrame:
    """Hold what was expected of clusters without their hamlet against what their own samples say."""
    parts = []
    for number in question.known:
        answered = (own.units[number] > 0) & (np.abs(weight[number]) >= SURE) & promised[number]
        p, served = expected[number][answered], weight[number][answered] > 0
        at = np.minimum((p * BINS).astype(np.int64), BINS - 1)
        for low in np.unique(at):
            here = at == low
            parts.append(
                {
                    "carrier": question.carriers[number],
                    "expected_low": low / BINS,
                    "expected_high": (low + 1) / BINS,
                    "clusters": int(here.sum()),
                    "expected": round(float(p[here].mean()), 4),
                    "served": round(float(served[here].mean()), 4),
                }
            )
    columns = ["carrier", "expected_low", "expected_high", "clusters", "expected", "served"]
    return pd.DataFrame(parts, columns=columns)
