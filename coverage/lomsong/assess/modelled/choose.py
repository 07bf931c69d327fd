"""Choose between models, and learn how far they lie off, on blocks of land that were left out.

References
----------
.. [1] L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and Regression Trees", Wadsworth (1984), section
   3.4.3: the rule of standard errors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.classify import Flags
from lomsong.assess.modelled.members import MIXED, Ground, Lesson, Model, Said
from lomsong.assess.modelled.trend import log_density
from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

FOLDS: Final = 5
BLOCK_M: Final = (400.0, 3000.0)
BLOCK_LENGTHS: Final = 3.0
"""A block is so many correlation lengths wide, within these bounds [m], so that its inside has no neighbour outside."""
LEAST_BLOCKS: Final = 4
"""No block is wider than this part of the area."""
SCALES: Final = tuple(float(s) for s in np.round(np.geomspace(0.6, 2.2, 14), 3))
SCALE_PRIOR: Final = 0.35
"""How far ln of a scale is expected to lie from 0 (assumption)."""
SHARES: Final = (0.15, 0.3, 0.45, 0.6, 0.8)
"""Shares of the forest in a mixture that compete."""
CLEARLY: Final = 2.0
"""Another model takes the first one's place where its mean log-density is better by so many standard errors of the
difference, fold by fold [1]_: what is chosen on few blocks by chance is worse elsewhere. One error, as in the book,
would say so by chance in a sixth of all cases; with five folds two are 0.06."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice:
    """Which model says the levels of a carrier, and what was found of all."""

    model: str
    forest_share: float
    """Of the forest in the mean, where the model is a mixture."""
    scale: float
    """By which the model's own standard deviation is too small."""
    table: pd.DataFrame
    """A row per model: mae_db, rmse_db, log_loss, coverage_80, scale, all on units left out; n of them."""

    def said(self, models: Mapping[str, Model], lesson: Lesson, asked: Ground) -> Said:
        """Return what the chosen model says."""
        first = next(iter(models))
        if self.model != MIXED:
            said = models[self.model](lesson, asked)
        else:
            said = _mixed(
                models[first](lesson, asked), models["forest"](lesson, asked), self.forest_share
            )
        return replace(said, sigma_db=self.scale * said.sigma_db)


def folds_of(x: Floats, y: Floats, *, correlation_m: float) -> Integers:
    """Lay squares over the land and deal them out in a fixed order, wide ones where levels are alike far off."""
    widest = max(np.ptp(x), np.ptp(y)) / LEAST_BLOCKS if len(x) else 0.0
    side = max(min(np.clip(BLOCK_LENGTHS * correlation_m, *BLOCK_M), widest), 1.0)
    blocks = pd.DataFrame({"x": np.floor(x / side), "y": np.floor(y / side)})
    number = blocks.groupby(["x", "y"], sort=True).ngroup().to_numpy(np.int64)
    dealt = np.random.default_rng(0).permutation(int(number.max()) + 1 if len(x) else 0)
    return np.asarray(dealt[number] % FOLDS, np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """A lesson with one fold left out, and which units that are."""

    lesson: Lesson
    """All units, as the others' trend sees them."""
    left_out: Flags


def chosen(models: Mapping[str, Model], trials: Sequence[Trial], *, traced: float) -> Choice:
    """Return the model under which the units left out are likeliest.

    Parameters
    ----------
    models
        Models that compete; the first is mixed with the forest.
    trials
        One per fold.
    traced
        Share of phones without 4G that left a trace.
    """
    held = _HeldOut(models, trials, traced)
    first = next(iter(models))
    found = {name: held.judged(held.said[name]) for name in models}
    mixtures = {
        share: held.judged(_mixed(held.said[first], held.said["forest"], share)) for share in SHARES
    }
    share = min(mixtures, key=lambda s: mixtures[s].row["log_loss"])
    found[MIXED] = mixtures[share]
    best = first
    for name, rival in found.items():
        better = rival.row["log_loss"] < found[best].row["log_loss"]
        if better and held.clearly(rival, found[first]):
            best = name
    table = pd.DataFrame({name: judged.row for name, judged in found.items()}).T
    return Choice(
        model=best,
        forest_share=share,
        scale=found[best].row["scale"],
        table=table.rename_axis("model").reset_index(),
    )


def _mixed(first: Said, forest: Said, share: float) -> Said:
    return replace(first, mean_dbm=(1 - share) * first.mean_dbm + share * forest.mean_dbm)


@dataclass(frozen=True, eq=False)
class _Judged:
    row: dict[str, float]
    score: Floats
    """Log-density of each unit."""


class _HeldOut:
    """What all models say of units that they have not seen."""

    def __init__(self, models: Mapping[str, Model], trials: Sequence[Trial], traced: float) -> None:
        units = trials[0].lesson.units
        self._units, self._traced = units, traced
        n = len(units)
        self.said = {
            name: Said(mean_dbm=np.zeros(n), sigma_db=np.ones(n), left=np.ones(n))
            for name in models
        }
        for trial in trials:
            if not trial.left_out.any() or trial.left_out.all():
                continue
            lesson = trial.lesson.chosen(~trial.left_out)
            asked = trial.lesson.ground.chosen(trial.left_out)
            for name, model in models.items():
                part = model(lesson, asked)
                for column in ("mean_dbm", "sigma_db", "left"):
                    getattr(self.said[name], column)[trial.left_out] = getattr(part, column)
        self._fold = np.argmax([t.left_out for t in trials], axis=0)
        self._seen = np.any([t.left_out & ~t.left_out.all() for t in trials], axis=0)
        covariance = trials[0].lesson.covariance
        self._noise = covariance.noise_db / units.phones**0.25

    def clearly(self, rival: _Judged, first: _Judged) -> bool:
        """Tell whether a model is better than the first by more than folds differ."""
        gain = pd.Series((rival.score - first.score)[self._seen])
        folds = gain.groupby(self._fold[self._seen], sort=True).agg(["mean", "size"])
        share = (folds["size"] / folds["size"].sum()).to_numpy()
        mean = float(share @ folds["mean"])
        error = np.sqrt(float(share @ (folds["mean"] - mean) ** 2) / max(len(folds) - 1, 1))
        return bool(mean > CLEARLY * error)

    def judged(self, said: Said) -> _Judged:
        """Return the figures of a model, with the scale under which it does best."""
        units, seen = self._units, self._seen
        best: dict[str, float] = {}
        kept = np.zeros(len(units))
        for scale in SCALES:
            spread = np.hypot(scale * said.sigma_db, self._noise)
            score, *_ = log_density(
                units.level_dbm,
                said.mean_dbm,
                spread,
                lost=units.lost,
                lost_dbm=units.lost_dbm,
                traced=self._traced,
            )
            unlikely = 0.5 * (np.log(scale) / SCALE_PRIOR) ** 2 / max(seen.sum(), 1)
            loss = float(-score[seen].mean() + unlikely) if seen.any() else 0.0
            if not best or loss < best["log_loss"]:
                heard = seen & ~units.lost
                off = (units.level_dbm - said.mean_dbm)[heard]
                kept = score
                best = {
                    "n": float(seen.sum()),
                    "mae_db": float(np.abs(off).mean()) if len(off) else np.nan,
                    "rmse_db": float(np.sqrt((off**2).mean())) if len(off) else np.nan,
                    "log_loss": loss,
                    "coverage_80": float((np.abs(off) < 1.2816 * spread[heard]).mean())
                    if len(off)
                    else np.nan,
                    "scale": scale,
                }
        return _Judged(best, kept)
