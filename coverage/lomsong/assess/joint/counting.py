"""Draw the levels of each hamlet and count in what share of draws each class holds."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from lomsong.assess.classify import Chances, Flags
from lomsong.assess.joint.draws import Nobody, chances, drawn
from lomsong.assess.joint.newcomer import Newcomer
from lomsong.assess.joint.prior import Prior
from lomsong.assess.joint.question import Question
from lomsong.assess.joint.units import GRID_DBM
from lomsong.config import LevelsSection
from lomsong.progress import Progress, each
from lomsong.space.crs import Floats
from lomsong.threads import in_order

OPEN_DB: Final = 2.0
"""The interval of a probability holds what it would be if all expected levels lay this much lower or higher [dB]
(assumption)."""
_FIGURES: Final = ("served", "served_low", "served_high")
_OF_CLUSTERS: Final = ("no_signal", "partial", "all_served", "covered")
_OF_HAMLETS: Final = (*_OF_CLUSTERS, "centre_dead", "centre_alone")


@dataclass(frozen=True, eq=False)
class Says:
    """Of which levels evidence says anything at all, and of which a class may say that they serve, or do not."""

    known: Flags
    for_service: Flags
    against: Flags

    def chosen(self, clusters: slice) -> "Says":
        """Return the same of some clusters."""
        return Says(
            self.known[:, clusters], self.for_service[:, clusters], self.against[:, clusters]
        )


def counted(
    prior: Prior,
    ln_likelihood: Floats,
    says: Says,
    question: Question,
    *,
    missing: Floats,
    below: Floats,
    progress: Progress,
) -> dict[str, Any]:
    """Draw the levels of each hamlet and return the fields of `posterior.Together` that are counted over draws.

    Parameters
    ----------
    prior
        What is expected of each hamlet.
    ln_likelihood
        What own samples and silence say of each level; shape (carriers, clusters, levels).
    says
        Which levels may lead to a class.
    question
        What is to be judged.
    missing
        How many phones of each carrier would be heard where nobody is; shape (carriers, clusters).
    below
        Chance that phones hear nothing, at each level.
    progress
        Who is told how far the work is.
    """
    n_carriers, n, _ = ln_likelihood.shape
    first, n_hamlets = question.first, question.n_hamlets
    chance = chances(int(np.diff(first).max(initial=0)) * n_carriers)
    is_centre = question.clusters.table["is_centre"].to_numpy(bool)
    figures = {name: np.zeros((n_carriers + 1, n)) for name in (*_FIGURES, *_OF_CLUSTERS)}
    of_hamlets = np.zeros((len(_OF_HAMLETS), n_carriers + 1, n_hamlets))
    newcomer = np.zeros((2, n_carriers + 1, n))

    def levels_of(hamlet: int) -> Floats:
        own = slice(first[hamlet], first[hamlet + 1])
        told = ln_likelihood[:, own].reshape(-1, len(GRID_DBM))
        mean, covariance = prior.of_hamlets[hamlet]
        nobody = Nobody(
            expected=missing[:, own].ravel(),
            cluster=np.tile(np.arange(first[hamlet], first[hamlet + 1]), n_carriers),
            below=below,
        )
        level = drawn(mean, covariance, told, GRID_DBM, chance, nobody=nobody)
        return level.reshape(len(level), n_carriers, -1)

    hamlets = each(range(n_hamlets), progress, "levels drawn", unit="hamlets")
    for hamlet, level in zip(hamlets, in_order(levels_of, range(n_hamlets)), strict=True):
        own = slice(first[hamlet], first[hamlet + 1])
        pull = (level - prior.mean[:, own]) / prior.variance[:, own] * OPEN_DB
        draws = _Draws.of(level, says.chosen(own), question.levels)
        for name, values in draws.of_clusters(pull).items():
            figures[name][:, own] = values
        of_hamlets[:, :, hamlet] = draws.of_hamlet(is_centre[own])
        mean, covariance = prior.of_hamlets[hamlet]
        newcomer[:, :, own] = prior.newcomers[hamlet].given(
            level.reshape(len(level), -1) - mean,
            covariance,
            _with_all(level < question.levels.minimum_rsrp_dbm),
        )
    cases = range(n_carriers + 1)
    return {
        **{name: figures[name] for name in _FIGURES},
        "newcomers": tuple(
            Newcomer(mean_db=mean, variance_db2=variance, usual_db2=prior.newcomer_db2)
            for mean, variance in zip(*newcomer, strict=True)
        ),
        "clusters": tuple(Chances(**{w: figures[w][c] for w in _OF_CLUSTERS}) for c in cases),
        "hamlets": tuple(
            Chances(**dict(zip(_OF_HAMLETS, of_hamlets[:, c], strict=True))) for c in cases
        ),
    }


@dataclass(frozen=True, eq=False)
class _Draws:
    """What draws say for sure, of each carrier and, last, of any; shape (draws, carriers + 1, clusters).

    A level nobody knows anything of is neither served nor dead for sure, so that no class follows from it.
    """

    above: Flags
    """At or above the minimum, whatever says so."""
    served: Flags
    """The same where the class may say so."""
    below: Flags
    """Below the minimum, whatever says so."""
    dead: Flags
    """The same where the class may say so."""
    good: Flags

    @classmethod
    def of(cls, level: Floats, says: Says, levels: LevelsSection) -> "_Draws":
        above = level >= levels.minimum_rsrp_dbm
        good = level >= levels.good_rsrp_dbm
        return cls(
            above=_with_any(above & says.known),
            served=_with_any(above & says.for_service),
            below=_with_all(~above & says.known),
            dead=_with_all(~above & says.against),
            good=_with_any(good & says.for_service),
        )

    def of_clusters(self, pull: Floats) -> dict[str, Floats]:
        """Return the chances of clusters; `pull` is how a draw gains in weight if expected levels lay higher."""
        pull = np.concatenate([pull, pull.sum(axis=1, keepdims=True)], axis=1)
        above, below = _share(self.above), _share(self.below)
        lower, higher = _share(self.above, -pull), _share(self.below, pull)
        middle = np.clip(0.5, above, 1 - below)
        return {
            "served": middle,
            "served_low": np.minimum(lower, middle),
            "served_high": np.maximum(1 - higher, middle),
            "no_signal": _share(self.dead),
            "partial": np.zeros_like(below),
            "all_served": _share(self.served),
            "covered": _share(self.good),
        }

    def of_hamlet(self, is_centre: Flags) -> Floats:
        """Return the chances of the hamlet in the order of `_OF_HAMLETS`, a column per carrier."""
        all_served, some_dead = self.served.all(axis=2), self.dead.any(axis=2)
        centre_served = self.served[:, :, is_centre].all(axis=2)
        centre_dead = self.dead[:, :, is_centre].all(axis=2)
        shares = (
            self.dead.all(axis=2),
            self.served.any(axis=2) & some_dead,
            all_served,
            self.good.all(axis=2),
            centre_dead,
            centre_served & some_dead,
        )
        return np.array([share.mean(axis=0) for share in shares])


def _with_any(flags: Flags) -> Flags:
    """Add what holds of at least one carrier."""
    return np.concatenate([flags, flags.any(axis=1, keepdims=True)], axis=1)


def _with_all(flags: Flags) -> Flags:
    """Add what holds of all carriers."""
    return np.concatenate([flags, flags.all(axis=1, keepdims=True)], axis=1)


def _share(flags: Flags, ln_weight: Floats | None = None) -> Floats:
    """Return the share of draws, half a draw short of nothing and of all."""
    n = len(flags)
    if ln_weight is None:
        share = flags.mean(axis=0)
    else:
        weight = np.exp(ln_weight - ln_weight.max(axis=0))
        share = (weight * flags).sum(axis=0) / weight.sum(axis=0)
    return np.asarray((share * n + 0.5) / (n + 1), float)
