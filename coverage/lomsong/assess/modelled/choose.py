"""Weigh models against each other, and learn how far they lie off, on blocks of land that were left out.

References
----------
.. [1] D. H. Wolpert, "Stacked generalization", Neural Networks 5 (1992).
.. [2] L. Breiman, "Stacked regressions", Machine Learning 24 (1996): weights that are none below zero.
.. [3] J. Linnenbrink, C. Milà, M. Ludwig, H. Meyer, "kNNDM CV: k-fold nearest-neighbour distance matching
   cross-validation for map accuracy estimation", Geosci. Model Dev. 17 (2024).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.spatial import cKDTree
from scipy.special import softmax

from lomsong.assess.classify import Flags
from lomsong.assess.modelled.members import Ground, Lesson, Member, Said
from lomsong.assess.modelled.trend import log_density
from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

FOLDS: Final = 5
WIDTHS_M: Final = (75.0, 150.0, 300.0, 600.0, 1200.0, 2400.0, 4800.0)
"""Widths of blocks that compete [m]."""
FEWEST_BLOCKS: Final = 3
"""Fewer blocks leave out the land and not a part of it."""
LEAST_M: Final = 50.0
"""Nearer than this is as good as there [m]: less than a cell."""
LOOKED_AT: Final = tuple(float(q) for q in np.linspace(0.05, 0.95, 19))
"""Quantiles of distances that are compared."""
SCALES: Final = tuple(float(s) for s in np.round(np.geomspace(1, 2.2, 17), 3))
"""By which stated spreads may be too small. None is made smaller: blocks left out lie where phones are heard, and places where
nobody measured are less alike."""
SCALE_PRIOR: Final = 0.1
"""How far ln of a scale is expected to lie from 0 (assumption): units of one block err alike, and count for few."""
PULL: Final = 20.0
"""The weights expected beforehand speak as so many units (assumption)."""
LEAST_WEIGHT: Final = 0.02
"""A model that has less is left out."""
MEDIAN_TO_SIGMA: Final = 1.4826
"""Standard deviation of a normal distribution whose absolute values have the median 1."""
LEAST_DB: Final = 1.0
STACK: Final = "stack"


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice:
    """How much each model says of the levels of a carrier, and what was found of all."""

    weights: Mapping[str, float]
    """Of each model that is listened to; they sum to 1."""
    scale: float
    """By which the models' own standard deviation is too small."""
    table: pd.DataFrame
    """`model, weight, n, mae_db, rmse_db, log_loss, coverage_80, scale`, all on `n` units left out; the last row is
    all models together."""

    def said(self, members: Mapping[str, Member], lesson: Lesson, asked: Ground) -> Said:
        """Return what the models say together."""
        said = [members[name].model(lesson, asked) for name in self.weights]
        return _together(said, np.array(list(self.weights.values())), self.scale)


def _together(said: Sequence[Said], weight: Floats, scale: float = 1.0) -> Said:
    variance = weight @ np.array([one.sigma_db**2 for one in said])
    return Said(
        mean_dbm=weight @ np.array([one.mean_dbm for one in said]),
        sigma_db=scale * np.sqrt(variance),
        left=weight @ np.array([one.left for one in said]),
    )


def folds_like(x: Floats, y: Floats, *, away_m: Floats, folds: int = FOLDS) -> Integers:
    """Lay squares over the land and deal them out in a fixed order, such that leaving them out is like being asked.

    The squares are as wide as makes the distances from what is left out to what is kept most like those from the
    places that will be asked to what is known ([3]_, with squares for clusters, and by ratios of distances, so that
    a few places far off do not decide).

    Parameters
    ----------
    x, y
        Places of units [m].
    away_m
        Distances from places that will be asked to the nearest unit that they may listen to [m].
    folds
        How many parts the squares are dealt out to.
    """
    wanted = _usual_distances(away_m)
    best, least = np.zeros(len(x), np.int64), np.inf
    for width in WIDTHS_M:
        number = _squares(x, y, width)
        if number.max(initial=-1) + 1 < FEWEST_BLOCKS:
            break
        fold = _dealt(number, folds)
        apart = _usual_distances(_away_of_left_out(x, y, fold))
        off = float(np.abs(np.log(apart / wanted)).mean())
        if off < least:
            best, least = fold, off
    return best


def _usual_distances(away_m: Floats) -> Floats:
    """Return quantiles of distances [m]."""
    known = np.maximum(away_m, LEAST_M) if len(away_m) else np.full(1, LEAST_M)
    return np.asarray(np.quantile(known, LOOKED_AT), float)


def _squares(x: Floats, y: Floats, width_m: float) -> Integers:
    squares = pd.DataFrame({"x": np.floor(x / width_m), "y": np.floor(y / width_m)})
    return np.asarray(squares.groupby(["x", "y"], sort=True).ngroup(), np.int64)


def _dealt(number: Integers, folds: int) -> Integers:
    order = np.random.default_rng(0).permutation(int(number.max()) + 1)
    return np.asarray((order % min(folds, len(order)))[number], np.int64)


def _away_of_left_out(x: Floats, y: Floats, fold: Integers) -> Floats:
    places = np.column_stack([x, y])
    away = np.empty(len(x))
    for number in range(int(fold.max()) + 1):
        left_out = fold == number
        away[left_out] = cKDTree(places[~left_out]).query(places[left_out])[0]
    return away


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """A lesson with one fold left out, and which units that are."""

    lesson: Lesson
    """All units, as the others' trend sees them."""
    left_out: Flags


def chosen(members: Mapping[str, Member], trials: Sequence[Trial], *, traced: float) -> Choice:
    """Return the weights under which the units left out are likeliest ([1]_, [2]_), few units moving them little.

    Parameters
    ----------
    members
        Models that compete, and what is expected of each.
    trials
        One per fold.
    traced
        Share of phones without 4G that left a trace.
    """
    held = _HeldOut(members, trials, traced)
    names = tuple(members)
    prior = np.array([member.expected for member in members.values()])
    weight = held.weighed(prior) if held.seen.any() else prior
    weight = np.where(weight < LEAST_WEIGHT, 0.0, weight)
    weight = weight / weight.sum()
    own = {name: held.judged(held.said[name]) for name in names}
    both = held.judged(_together([held.said[name] for name in names], weight))
    rows = {name: {"weight": w, **own[name]} for name, w in zip(names, weight, strict=True)}
    table = pd.DataFrame({**rows, STACK: {"weight": 1.0, **both}}).T
    return Choice(
        weights={name: float(w) for name, w in zip(names, weight, strict=True) if w > 0},
        scale=both["scale"],
        table=table.rename_axis("model").reset_index(),
    )


class _HeldOut:
    """What all models say of units that they have not seen."""

    def __init__(
        self, members: Mapping[str, Member], trials: Sequence[Trial], traced: float
    ) -> None:
        units = trials[0].lesson.units
        self._units, self._traced = units, traced
        n = len(units)
        self.said = {
            name: Said(mean_dbm=np.zeros(n), sigma_db=np.ones(n), left=np.ones(n))
            for name in members
        }
        self.seen = np.zeros(n, bool)
        for trial in trials:
            if not trial.left_out.any() or trial.left_out.all():
                continue
            self.seen |= trial.left_out
            lesson = trial.lesson.chosen(~trial.left_out)
            asked = trial.lesson.ground.chosen(trial.left_out)
            for name, member in members.items():
                part = member.model(lesson, asked)
                for column in ("mean_dbm", "sigma_db", "left"):
                    getattr(self.said[name], column)[trial.left_out] = getattr(part, column)
        covariance = trials[0].lesson.covariance
        self._noise = covariance.noise_db / units.phones**0.25

    def weighed(self, prior: Floats) -> Floats:
        """Return the weights that are likeliest, given those expected.

        How far all together usually lie off measures every unit alike: by its own standard deviation a model could hide
        its errors where it says that it is unsure.
        """
        mean = np.array([one.mean_dbm[self.seen] for one in self.said.values()])
        heard = ~self._units.lost[self.seen]
        off = (self._units.level_dbm[self.seen] - prior @ mean)[heard]
        usual = (
            max(MEDIAN_TO_SIGMA * float(np.median(np.abs(off))), LEAST_DB) if len(off) else LEAST_DB
        )
        spread = np.full(len(heard), usual)
        ln_prior = np.log(prior)

        def loss(at: Floats) -> tuple[float, Floats]:
            weight = softmax(at)
            score, by_mean, *_ = self._density(weight @ mean, spread, self.seen)
            ln_ratio = np.log(np.maximum(weight, 1e-300)) - ln_prior
            slope = PULL * (ln_ratio + 1) - mean @ by_mean
            value = PULL * float(weight @ ln_ratio) - float(score.sum())
            return value, weight * (slope - weight @ slope)

        return np.asarray(softmax(minimize(loss, ln_prior, jac=True, method="L-BFGS-B").x), float)

    def _density(
        self, mean: Floats, spread: Floats, at: Flags
    ) -> tuple[Floats, Floats, Floats, Floats]:
        return log_density(
            self._units.level_dbm[at],
            mean,
            spread,
            lost=self._units.lost[at],
            lost_dbm=self._units.lost_dbm,
            traced=self._traced,
        )

    def judged(self, said: Said) -> dict[str, float]:
        """Return the figures of a model, with the scale under which it does best."""
        best: dict[str, float] = {}
        seen = self.seen
        heard = seen & ~self._units.lost
        off = (self._units.level_dbm - said.mean_dbm)[heard]
        for scale in SCALES:
            spread = np.hypot(scale * said.sigma_db, self._noise)
            score, *_ = self._density(said.mean_dbm[seen], spread[seen], seen)
            unlikely = 0.5 * (np.log(scale) / SCALE_PRIOR) ** 2
            loss = float(unlikely - score.sum()) / max(seen.sum(), 1)
            if not best or loss < best["log_loss"]:
                inside = np.abs(off) < 1.2816 * spread[heard]
                best = {
                    "n": float(seen.sum()),
                    "mae_db": float(np.abs(off).mean()) if len(off) else np.nan,
                    "rmse_db": float(np.sqrt((off**2).mean())) if len(off) else np.nan,
                    "log_loss": loss,
                    "coverage_80": float(inside.mean()) if len(off) else np.nan,
                    "scale": scale,
                }
        return best
