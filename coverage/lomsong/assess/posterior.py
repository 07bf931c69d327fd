"""Bring measured, inferred and modelled evidence together into one belief per cluster and carrier, with its grade."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from lomsong.assess.classify import Belief, Flags, Texts
from lomsong.assess.modelled import Prediction
from lomsong.space.crs import Floats

EVEN: Final = 0.5
"""Belief before any evidence."""
_SUREST: Final = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Posterior:
    """A belief, and what carried it."""

    belief: Belief
    grade: Texts


def posterior(
    measured: Belief,
    *,
    ratio: Floats | None = None,
    alone: Floats | None = None,
    prediction: Prediction | None = None,
) -> Posterior:
    """Return the belief after all evidence at hand.

    Log-odds add up: those of sites and terrain, which are the belief before anybody was there, those of silence, and
    those of the samples. Samples that were decided under even odds keep their answer where they alone stand. The
    grade is that of the kind of evidence that moved the odds most. Silence alone bounds a belief from above only: it
    never speaks for service.

    Parameters
    ----------
    measured
        Belief by samples alone, bounds 0 and 1 where there are none.
    ratio
        Likelihood ratio of silence, 1 where nothing is silent (`evidence.silence`).
    alone
        Likelihood ratio of nobody heard, which counts only beside a prediction.
    prediction
        What sites and terrain say.
    """
    n = len(measured.served_low)
    sampled = measured.served_high - measured.served_low < 1
    weight = np.zeros(n) if ratio is None else np.log(ratio)
    silent = weight < 0
    beside = np.zeros(n) if alone is None or prediction is None else np.log(alone)
    bounds = {}
    for what in ("served", "good"):
        for end in ("low", "high"):
            name = f"{what}_{end}"
            own = getattr(measured, name)
            prior = None if prediction is None else getattr(prediction, name)
            bounds[name] = _combined(own, sampled, weight + beside, prior, silent, end=end)
    moved = _moved(measured, sampled, weight, prediction)
    kinds = np.array(["measured", "inferred", "modelled"], dtype=object)
    grade = np.where(moved.max(axis=0) >= 0, kinds[np.argmax(moved, axis=0)], "none")
    return Posterior(belief=Belief(**bounds), grade=grade.astype(object))


def _combined(
    own: Floats,
    sampled: Flags,
    weight: Floats,
    prior: Floats | None,
    silent: Flags,
    *,
    end: str,
) -> Floats:
    if prior is None:
        before = np.where(sampled, own, EVEN if end == "high" else 0.0)
        moved = _odds(before) + weight
        untouched = ~silent
        return np.where(untouched, own, np.minimum(expit(moved), own))
    moved = _odds(np.where(sampled, own, EVEN)) + _odds(prior) + weight
    return np.asarray(expit(moved), float)


def _moved(
    measured: Belief, sampled: Flags, weight: Floats, prediction: Prediction | None
) -> Floats:
    """Return how far each kind of evidence moved the odds; -1 where there is none of a kind."""
    own = np.abs(_odds(measured.served))
    kinds = [np.where(sampled, own, -1.0), np.where(weight < 0, np.abs(weight), -1.0)]
    if prediction is None:
        kinds.append(np.full(len(own), -1.0))
    else:
        middle = (_odds(prediction.served_low) + _odds(prediction.served_high)) / 2
        kinds.append(np.where(prediction.source == "none", -1.0, np.abs(middle)))
    return np.array(kinds)


def _odds(p: Floats) -> Floats:
    return np.asarray(logit(np.clip(p, _SUREST, 1 - _SUREST)), float)


def strongest(grades: list[Texts], n: int) -> Texts:
    """Return for each cluster the best grade that one of several carriers has there."""
    found = np.full(n, "none", dtype=object)
    for name in ("modelled", "inferred", "measured"):
        for grade in grades:
            found[grade == name] = name
    return found
