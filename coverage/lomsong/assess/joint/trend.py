"""Bring the level that sites over terrain promise in line with all that is known, silence included."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from lomsong.assess.classify import Flags
from lomsong.assess.joint.moments import moved
from lomsong.assess.joint.places import HEARD, Places
from lomsong.assess.modelled.field import Expected
from lomsong.evidence.clusters import Integers
from lomsong.progress import SILENT, Task
from lomsong.space.crs import Floats

ROUNDS: Final = 24
CALM: Final = 3.0
"""The promise is trusted as much as so many places (assumption)."""
START_DB: Final = 15.0
SIGMA_DB: Final = (6.0, 30.0)
"""Spread around the trend, at least and at most [dB]."""
READ_DB2: Final = 9.0
MIDDLE_DBM: Final = -121.0
WEAKEST_DBM: Final = -175.0
"""No promise is lower: behind enough ridges all is dead alike."""


class Promise(Protocol):
    """The level that a carrier's sites over terrain promise."""

    def at(self, carrier: str, x: Floats, y: Floats, *, task: Task = SILENT) -> Expected:
        """Return what is expected at places [m]; `task` is told of each mast that was asked."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Trend:
    """The promise, straightened."""

    promise: Promise
    carriers: tuple[str, ...]
    weights: Floats
    sigma_db: float

    def at(self, carrier: Integers, x: Floats, y: Floats) -> tuple[Floats, Flags]:
        """Return the expected level at places [dBm], and whether a known mast is in reach."""
        base, in_reach = _promised(self.promise, self.carriers, carrier, x, y)
        return base + _design(base, carrier, len(self.carriers)) @ self.weights, in_reach


def _promised(
    promise: Promise, carriers: tuple[str, ...], carrier: Integers, x: Floats, y: Floats
) -> tuple[Floats, Flags]:
    level, in_reach = np.full(len(x), MIDDLE_DBM), np.zeros(len(x), bool)
    for number, name in enumerate(carriers):
        own = np.flatnonzero(carrier == number)
        if len(own):
            said = promise.at(name, x[own], y[own])
            level[own], in_reach[own] = np.maximum(said.mean_dbm, WEAKEST_DBM), said.in_reach
    return level, in_reach


def fitted(promise: Promise, carriers: tuple[str, ...], places: Places) -> Trend:
    """Return the likeliest straight line through the promise of each carrier, drawn to the line of all.

    Levels that were lost, and those of silent places, are filled in by what the last line expects of them, round by
    round (expectation and maximisation), so that missing samples pull the line down where they are missing.
    """
    base, _ = _promised(promise, carriers, places.carrier, places.x, places.y)
    rows = _design(base, places.carrier, len(carriers))
    heard = places.kind == HEARD
    level, extra, sigma = places.level_dbm, np.zeros(len(base)), START_DB
    weights = np.zeros(rows.shape[1])
    penalty = np.diag(np.r_[1e-3, np.full(rows.shape[1] - 1, CALM)])
    for _ in range(ROUNDS):
        weights = np.linalg.solve(rows.T @ rows + penalty, rows.T @ (level - base))
        mean = base + rows @ weights
        sigma = float(np.clip(np.sqrt(np.mean((level - mean) ** 2 + extra)), *SIGMA_DB))
        filled, left = moved(
            mean, np.full(len(mean), sigma**2), places, np.full(len(mean), READ_DB2)
        )
        level = np.where(heard, places.level_dbm, filled)
        extra = np.where(heard, 0.0, left)
    return Trend(promise=promise, carriers=carriers, weights=weights, sigma_db=sigma)


def _design(base: Floats, carrier: Integers, n_carriers: int) -> Floats:
    """Return columns for the line of all carriers and for what each has apart: where it lies, and how steep it is.

    Where masts stand in the wrong place, what terrain promises of them is worth less, carrier by carrier.
    """
    own = (carrier[:, None] == np.arange(n_carriers)).astype(float)
    slope = (base[:, None] - MIDDLE_DBM) / 10
    return np.column_stack([np.ones(len(base)), slope, own, own * slope])
