"""Bring samples and silence together into one belief per cluster and carrier, each for itself, with its grade."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from lomsong.assess.classify import Belief, Flags, Texts
from lomsong.space.crs import Floats

EVEN: Final = 0.5
"""Belief before any evidence."""
_SUREST: Final = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Posterior:
    """A belief, and what carried it."""

    belief: Belief
    grade: Texts


def posterior(measured: Belief, *, ratio: Floats | None = None) -> Posterior:
    """Return the belief after samples and silence, where neither sites nor places around tell what to expect.

    Log-odds add up: those of the samples and those of silence. Samples that were decided under even odds keep their
    answer where they alone stand. The grade is that of the kind of evidence that moved the odds most. Silence alone
    bounds a belief from above only: it never speaks for service.

    Parameters
    ----------
    measured
        Belief by samples alone, bounds 0 and 1 where there are none.
    ratio
        Likelihood ratio of silence, 1 where nothing is silent (`evidence.silence`).
    """
    n = len(measured.served_low)
    sampled = measured.served_high - measured.served_low < 1
    weight = np.zeros(n) if ratio is None else np.log(ratio)
    bounds = {
        f"{what}_{end}": _combined(
            getattr(measured, f"{what}_{end}"), sampled, weight, nothing=nothing
        )
        for what in ("served", "good")
        for end, nothing in (("low", 0.0), ("high", EVEN))
    }
    moved = np.array(
        [
            np.where(sampled, np.abs(_odds(measured.served)), -1.0),
            np.where(weight < 0, np.abs(weight), -1.0),
        ]
    )
    kinds = np.array(["measured", "inferred"], dtype=object)
    grade = np.where(moved.max(axis=0) >= 0, kinds[np.argmax(moved, axis=0)], "none")
    return Posterior(belief=Belief(**bounds), grade=grade.astype(object))


def _combined(own: Floats, sampled: Flags, weight: Floats, *, nothing: float) -> Floats:
    """Return a bound lowered by silence; `nothing` is what it starts from where there are no samples."""
    moved = _odds(np.where(sampled, own, nothing)) + weight
    return np.where(weight < 0, np.minimum(expit(moved), own), own)


def _odds(p: Floats) -> Floats:
    return np.asarray(logit(np.clip(p, _SUREST, 1 - _SUREST)), float)


def strongest(grades: list[Texts], n: int) -> Texts:
    """Return for each cluster the best grade that one of several carriers has there."""
    found = np.full(n, "none", dtype=object)
    for name in ("modelled", "inferred", "measured"):
        for grade in grades:
            found[grade == name] = name
    return found
