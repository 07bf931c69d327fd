"""Draw where masts stand: places, slope and offset in turn, as well as lists and a carrier's units tell together.

What terrain leaves over is alike at units close together, so that hundreds of units along one road know far less than
hundreds of independent ones. The likelihood says so; without it, one wrong ridge would settle a mast at a wrong place.

References
----------
.. [1] S. Geman and D. Geman, "Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images", IEEE
   Trans. PAMI 6 (1984).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from lomsong.assess.classify import Flags, Integers
from lomsong.assess.modelled.units import Units
from lomsong.space.crs import Floats

SHADOWS_DB: Final = (4.0, 6.5, 9.0, 12.0)
"""Spreads of what terrain leaves over that compete (8 dB of shadowing in 3GPP TR 36.814, and what terrain misses)."""
FARS_M: Final = (300.0, 800.0, 2000.0)
"""Lengths over which that is alike that compete [m]."""
NEAR_M: Final = 150.0
NEAR_SHARE: Final = 0.35
"""Share and length of the shadows of houses and groves (assumption)."""
NOISE_DB: Final = 6.0
"""Of one phone (assumption)."""
TESTED: Final = 300
"""Units that the choice is made on."""
WILD_DB: Final = 35.0
"""No unit surprises by more: one ridge that the terrain does not know must not move a mast (assumption)."""
DEEPEST_DBM: Final = -155.0
"""Behind enough ridges all is dead alike."""
MIDDLE_DBM: Final = -110.0
USUAL: Final = (-108.0, 0.85)
UNSURE: Final = (10.0, 0.2)
"""Level where terrain promises -110 dBm, and its slope by what terrain promises (assumption)."""
SLOPES: Final = (0.3, 1.3)
BELOW_DB: Final = 2.0
"""A lost unit lies at least so far below the level that phones lose."""
BEATEN_DB: Final = 6.0
"""A mast that served may seem weaker than another by so much and tell nothing: phones stay with what they have
(TS 36.331: cells ask for 2 to 6 dB before a handover, an assumption)."""
UNHEARD: Final = -999.0
SWEEPS: Final = 24
BURNT: Final = 8
HOT: Final = 7.0
"""In the beginning the likelihood counts for so many times less, so that masts find out of corners."""
LEARNT_BEFORE: Final = (4, BURNT)
"""Sweeps before which spread and length are chosen anew."""
SEED: Final = 20_241


def places_drawn(
    levels: Sequence[Floats], prior: Sequence[Floats], units: Units, serving: Integers
) -> list[Floats]:
    """Return how often each mast is drawn at each of its places (Gibbs [1]_, fixed chances).

    Parameters
    ----------
    levels
        Of each mast: level at the units [dBm], a column for each place where it may stand.
    prior
        Of each mast: how likely its places are by the list alone.
    units
        A carrier's units.
    serving
        Position of the mast that served each unit, -1 where it is not known.
    """
    chain = _Chain(levels, prior, units, serving)
    rng = np.random.default_rng(SEED)
    counted = [np.zeros(len(own)) for own in prior]
    for sweep in range(SWEEPS):
        if sweep in LEARNT_BEFORE:
            chain.learn()
        heat = 1 + (HOT - 1) * max(1 - sweep / BURNT, 0.0)
        chain.straighten()
        for mast in rng.permutation(len(levels)):
            chain.move(mast, float(rng.random()), heat)
        if sweep >= BURNT:
            for mast, place in enumerate(chain.place):
                counted[mast][place] += 1
    return [own / own.sum() for own in counted]


class _Chain:
    """Where the masts are at the moment, and the line from what terrain promises to levels."""

    def __init__(
        self,
        levels: Sequence[Floats],
        prior: Sequence[Floats],
        units: Units,
        serving: Integers,
    ) -> None:
        self._levels, self._units, self._serving = levels, units, serving
        self._told = serving >= 0
        self._ln_prior = [np.log(np.maximum(own, 1e-12)) for own in prior]
        self.place: Integers = np.array([int(np.argmax(own)) for own in prior], np.int64)
        pairs = zip(levels, self.place, strict=True)
        self._now = np.column_stack([own[:, place] for own, place in pairs])
        self._precision = np.linalg.inv(_covariance(units, SHADOWS_DB[2], FARS_M[1]))
        self._line = np.array(USUAL)

    def learn(self) -> None:
        """Choose spread and length under which what the units leave over is likeliest."""
        heard = np.flatnonzero(~self._units.lost)
        if not len(heard):
            return
        some = np.sort(np.random.default_rng(len(heard)).permutation(heard)[:TESTED])
        best = self._heard()[some]
        off, units = self._surprise(self._said(best)[:, None], some)[:, 0], self._units.chosen(some)
        scores = {
            (shadow, far): _ln_density(off, _covariance(units, shadow, far))
            for shadow in SHADOWS_DB
            for far in FARS_M
        }
        chosen = max(scores, key=lambda which: scores[which])
        self._precision = np.linalg.inv(_covariance(self._units, *chosen))

    def straighten(self) -> None:
        """Find the line anew, lost units filled in where it lies too high for them."""
        best = self._heard()
        rows = np.column_stack([np.ones(len(best)), best - MIDDLE_DBM])
        said = rows @ self._line
        towards = rows.T @ self._precision
        usual, unsure = np.array(USUAL), np.diag(np.array(UNSURE) ** -2.0)
        filled = said + self._surprise(said[:, None])[:, 0]
        line = np.linalg.solve(towards @ rows + unsure, towards @ filled + unsure @ usual)
        self._line = np.array([line[0], np.clip(line[1], *SLOPES)])

    def move(self, mast: int, chance: float, heat: float) -> None:
        """Draw a place of one mast, given where all others are."""
        own = self._levels[mast]
        if own.shape[1] == 1:
            return
        others = np.delete(self._now, mast, axis=1).max(axis=1, initial=DEEPEST_DBM)
        others = np.maximum(others, DEEPEST_DBM)
        # Elsewhere other masts are stronger, or known to have served, wherever this one stands.
        here = np.where(self._told, self._serving == mast, own.max(axis=1) > others)
        heard = np.where(self._told[:, None], own, np.maximum(own, others[:, None]))
        fixed = np.where(self._told, self._served(), others)
        rest = self._surprise(self._said(fixed[~here])[:, None], ~here)[:, 0]
        off = self._surprise(self._said(np.maximum(heard[here], DEEPEST_DBM)), here)
        pull = self._precision[np.ix_(here, ~here)] @ rest
        square = (off * (self._precision[np.ix_(here, here)] @ off)).sum(axis=0) + 2 * pull @ off
        square += self._beaten(mast, own)
        score = self._ln_prior[mast] - 0.5 * square / heat
        upto = np.cumsum(np.exp(score - score.max()))
        place = min(int(np.searchsorted(upto, chance * upto[-1])), own.shape[1] - 1)
        self.place[mast] = place
        self._now[:, mast] = own[:, place]

    def _heard(self) -> Floats:
        """Return the level of the mast that served each unit, or of the strongest."""
        return np.where(
            self._told, self._served(), np.maximum(self._now.max(axis=1), DEEPEST_DBM)
        )

    def _served(self) -> Floats:
        """Return the level of the mast that is known to have served; anything where none is."""
        every = np.arange(len(self._now))
        return np.maximum(self._now[every, np.maximum(self._serving, 0)], DEEPEST_DBM)

    def _beaten(self, mast: int, own: Floats) -> Floats:
        """Return how much speaks against each place of a mast because another one served although it seems weaker."""
        if not self._told.any():
            return np.zeros(own.shape[1])
        mine = self._serving == mast
        told = np.flatnonzero(self._told)
        served = np.where(mine[told, None], own[told], self._served()[told, None])
        others = self._now[told].copy()
        every = np.arange(len(told))
        others[every, mast] = UNHEARD
        others[every, self._serving[told]] = UNHEARD
        rival = others.max(axis=1)[:, None]
        rival = np.where(mine[told, None], rival, np.maximum(rival, own[told]))
        over = self._line[1] * (rival - np.maximum(served, DEEPEST_DBM))
        over = np.clip(over - BEATEN_DB, 0.0, WILD_DB)
        return np.asarray((over * (self._precision[np.ix_(told, told)] @ over)).sum(axis=0) / 2)

    def _said(self, best: Floats) -> Floats:
        return np.asarray(self._line[0] + self._line[1] * (best - MIDDLE_DBM), float)

    def _surprise(self, said: Floats, at: Flags | Integers | slice = slice(None)) -> Floats:
        """Return by how much units lie off each column of what is said of them; lost ones only where it is too high."""
        units = self._units
        off = units.level_dbm[at, None] - said
        too_high = np.minimum(units.lost_dbm - BELOW_DB - said, 0.0)
        off = np.where(units.lost[at, None], too_high, off)
        return np.clip(off, -WILD_DB, WILD_DB)


def _covariance(units: Units, shadow_db: float, far_m: float) -> Floats:
    away = np.hypot(units.x[:, None] - units.x, units.y[:, None] - units.y)
    alike = (1 - NEAR_SHARE) * np.exp(-away / far_m) + NEAR_SHARE * np.exp(-away / NEAR_M)
    noise = NOISE_DB**2 / np.sqrt(np.maximum(units.phones, 1.0))
    return np.asarray(shadow_db**2 * alike + np.diag(noise), float)


def _ln_density(off: Floats, covariance: Floats) -> float:
    lower = np.linalg.cholesky(covariance)
    left = np.linalg.solve(lower, off)
    return -0.5 * float(left @ left) - float(np.log(np.diag(lower)).sum())
