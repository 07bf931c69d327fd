"""Draw where masts stand: places, slope and offset in turn, as well as lists and a carrier's units tell together.

What terrain leaves over is alike at units close together, so that hundreds of units along one road know far less than
hundreds of independent ones. The likelihood says so; without it, one wrong ridge would settle a mast at a wrong place.

References
----------
.. [1] S. Geman and D. Geman, "Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images", IEEE
   Trans. PAMI 6 (1984).
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from lomsong.assess.classify import Flags, Integers
from lomsong.assess.modelled.units import Units
from lomsong.progress import SILENT, Task
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
HELD_DB: Final = 12.0
"""No other mast is stronger by more than this where one served (assumption: cells ask for 2 to 6 dB before a handover,
TS 36.331, and antennas look elsewhere)."""
NOTHING_SAID_DBM: Final = -999.0
"""Stands where a mast says nothing."""
MIDDLE_DBM: Final = -110.0
USUAL: Final = (-108.0, 0.85, 0.0)
UNSURE: Final = (10.0, 0.2, 10.0)
"""Level where terrain promises -110 dBm, its slope by what terrain promises, and by decades of distance [dB]: houses and
trees around phones take more than terrain tells, the more of them the further (assumption)."""
SLOPES: Final = (0.3, 1.3)
BELOW_DB: Final = 2.0
"""A lost unit lies at least so far below the level that phones lose."""
CHAINS: Final = 3
"""So many times masts are drawn from the beginning: each may end in another corner."""
SWEEPS: Final = 24
BURNT: Final = 8
UNSAID: Final = 2.0
"""The likelihood counts for so many times less than it says: where antennas look, and what no terrain model knows, errs
alike over kilometres (assumption). Counted whole, it is sure of wrong places."""
HOT: Final = 7.0
"""In the beginning it counts for so many times less still, so that masts find out of corners."""
ERRORS: Final = (0.6, 0.85, 1.2, 1.7, 2.4, 3.4)
"""A carrier's list errs by so many times what it says: these compete, the likelier the nearer to one (assumption)."""
_USUAL: Final[Floats] = np.exp(-0.5 * (np.log(ERRORS) / 0.5) ** 2)
USUAL_ERRORS: Final[Floats] = _USUAL / _USUAL.sum()
NOWHERE: Final = 1e-6
"""No place that is looked at is less likely than this by the list (assumption)."""
LEARNT_BEFORE: Final = (4, BURNT)
"""Sweeps before which spread and length are chosen anew."""
SEED: Final = 20_241


def places_drawn(
    levels: Sequence[Floats],
    far: Sequence[Floats],
    listed: Sequence[Floats],
    units: Units,
    serving: Integers,
    *,
    task: Task = SILENT,
) -> list[Floats]:
    """Return how likely each mast stands at each of its places, over draws of all others (Gibbs [1]_, fixed chances).

    Parameters
    ----------
    levels
        Of each mast: level at the units [dBm], a column for each place where it may stand.
    far
        Of each mast: decades of distance from the units to these places.
    listed
        Of each mast: how likely its places are by the list alone, a row for each of `ERRORS`.
    units
        A carrier's units.
    serving
        Position of the mast that served each unit, -1 where it is not known.
    task
        Is told of each sweep over all masts.
    """
    found = [np.zeros(own.shape[1]) for own in listed]
    chain = _Chain(levels, far, listed, units, serving)
    for start in range(CHAINS):
        chain.begin()
        for mast, likely in _drawn(chain, np.random.default_rng([SEED, start]), task):
            # The chances themselves, and not the one place drawn by them: fewer draws tell as much.
            found[mast] += likely
    return [own / own.sum() for own in found]


def _drawn(chain: "_Chain", rng: np.random.Generator, task: Task) -> Iterator[tuple[int, Floats]]:
    """Draw the places of all masts again and again; return a mast and the chances of its places, once they tell."""
    for sweep in range(SWEEPS):
        if sweep in LEARNT_BEFORE:
            chain.learn()
        heat = UNSAID * (1 + (HOT - 1) * max(1 - sweep / BURNT, 0.0))
        chain.doubt()
        chain.straighten()
        for mast in rng.permutation(len(chain.place)).tolist():
            likely = chain.likely(mast, heat)
            chain.move(mast, likely, float(rng.random()))
            if sweep >= BURNT:
                yield mast, likely
        task.advance()


class _Chain:
    """Where the masts are at the moment, and the line from what terrain and distance promise to levels."""

    def __init__(
        self,
        levels: Sequence[Floats],
        far: Sequence[Floats],
        listed: Sequence[Floats],
        units: Units,
        serving: Integers,
    ) -> None:
        self._units, self._serving, self._told = units, serving, serving >= 0
        # What the line is laid through: deviation from the middle level, and decades of distance.
        self._facts = [
            np.stack([np.maximum(own, DEEPEST_DBM) - MIDDLE_DBM, away])
            for own, away in zip(levels, far, strict=True)
        ]
        self._listed = listed
        self._usual_precision = np.linalg.inv(_covariance(units, SHADOWS_DB[2], FARS_M[1]))
        self.begin()

    def begin(self) -> None:
        """Put all masts where the list has them likeliest, and forget what was learnt."""
        self._ln_prior = self._by_list(USUAL_ERRORS)
        self.place: Integers = np.array([int(np.argmax(own)) for own in self._ln_prior], np.int64)
        self._precision = self._usual_precision
        self._line = np.array(USUAL)
        self._now = self._by_each()

    def learn(self) -> None:
        """Choose spread and length under which what the units leave over is likeliest."""
        heard = np.flatnonzero(~self._units.lost)
        if not len(heard):
            return
        some = np.sort(np.random.default_rng(len(heard)).permutation(heard)[:TESTED])
        said = self._now.max(axis=1)[some]
        off, units = self._surprise(said[:, None], some)[:, 0], self._units.chosen(some)
        scores = {
            (shadow, far): _ln_density(off, _covariance(units, shadow, far))
            for shadow in SHADOWS_DB
            for far in FARS_M
        }
        chosen = max(scores, key=lambda which: scores[which])
        self._precision = np.linalg.inv(_covariance(self._units, *chosen))

    def doubt(self) -> None:
        """Weigh anew by how much the list errs, from where its masts are."""
        ln = np.log(USUAL_ERRORS)
        for own, at in zip(self._listed, self.place, strict=True):
            ln = ln + np.log(own[:, at] + NOWHERE)
        likely = np.exp(ln - ln.max())
        self._ln_prior = self._by_list(likely / likely.sum())

    def _by_list(self, errors: Floats) -> list[Floats]:
        return [np.log(np.maximum(errors @ own, NOWHERE)) for own in self._listed]

    def straighten(self) -> None:
        """Find the line anew, lost units filled in where it lies too high for them."""
        now = self._now
        best, every = now.argmax(axis=1), np.arange(len(now))
        facts = np.stack(
            [own[:, :, at] for own, at in zip(self._facts, self.place, strict=True)], axis=2
        )
        rows = np.column_stack([np.ones(len(now)), *facts[:, every, best]])
        said = now[every, best]
        towards = rows.T @ self._precision
        usual, unsure = np.array(USUAL), np.diag(np.array(UNSURE) ** -2.0)
        filled = said + self._surprise(said[:, None])[:, 0]
        line = np.linalg.solve(towards @ rows + unsure, towards @ filled + unsure @ usual)
        self._line = np.array([line[0], np.clip(line[1], *SLOPES), min(line[2], 0.0)])
        self._now = self._by_each()

    def likely(self, mast: int, heat: float) -> Floats:
        """Return how likely each place of one mast is, given where all others are."""
        own = self._said(self._facts[mast])
        if own.shape[1] == 1:
            return np.ones(1)
        # Where another mast is known to have served, this one says nothing but that it was not much stronger.
        beaten = self._told & (self._serving != mast)
        over = np.clip(self._units.level_dbm[beaten, None] + HELD_DB - own[beaten], -WILD_DB, 0.0)
        strong = (over < 0).any(axis=1)
        over, too_strong = over[strong], np.flatnonzero(beaten)[strong]
        own = np.where(beaten[:, None], NOTHING_SAID_DBM, own)
        before = self._now[:, mast].copy()
        self._now[:, mast] = NOTHING_SAID_DBM
        others = self._now.max(axis=1, initial=NOTHING_SAID_DBM)
        self._now[:, mast] = before
        # Elsewhere other masts are stronger, wherever this one stands.
        here = own.max(axis=1) > others
        rest = self._surprise(others[~here, None], ~here)[:, 0]
        off = self._surprise(np.maximum(own[here], others[here, None]), here)
        pull = self._precision[np.ix_(here, ~here)] @ rest
        square = (off * (self._precision[np.ix_(here, here)] @ off)).sum(axis=0) + 2 * pull @ off
        square += (over * (self._precision[np.ix_(too_strong, too_strong)] @ over)).sum(axis=0)
        score = self._ln_prior[mast] - 0.5 * square / heat
        chance = np.exp(score - score.max())
        return np.asarray(chance / chance.sum(), float)

    def move(self, mast: int, likely: Floats, chance: float) -> None:
        """Put one mast to one of its places, by chance."""
        upto = np.cumsum(likely)
        self.place[mast] = min(int(np.searchsorted(upto, chance * upto[-1])), len(likely) - 1)
        self._now[:, mast] = self._by(mast)

    def _by_each(self) -> Floats:
        """Return what is said of each unit by each mast where it is."""
        return np.column_stack([self._by(mast) for mast in range(len(self._facts))])

    def _by(self, mast: int) -> Floats:
        """Return what one mast says of each unit: nothing where another is known to have served."""
        said = self._said(self._facts[mast][:, :, self.place[mast]])
        return np.where(self._told & (self._serving != mast), NOTHING_SAID_DBM, said)

    def _said(self, facts: Floats) -> Floats:
        return np.asarray(self._line[0] + np.tensordot(self._line[1:], facts, axes=1), float)

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
