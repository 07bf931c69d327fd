"""Say what is expected of each hamlet's levels from outside of it, and how its own samples hang on them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lomsong.assess.classify import Flags
from lomsong.assess.joint.newcomer import Outlook
from lomsong.assess.joint.question import Question
from lomsong.assess.joint.spots import Spots, carried, tie_by_distance, tie_of
from lomsong.assess.joint.surroundings import NEIGHBOURS, Asked, Surroundings, neighbours
from lomsong.assess.joint.trend import Trend
from lomsong.assess.joint.units import GRID_DBM
from lomsong.assess.modelled import middles
from lomsong.evidence.clusters import Integers
from lomsong.progress import SILENT, Progress, each
from lomsong.space.crs import Floats

NEWCOMER: Final = -2
"""Number of a carrier that stands nowhere yet: it shares with each what all have in common."""
UNKNOWN_DB: Final = 25.0
"""Spread of levels around the minimum where neither sites nor terrain say anything: even odds, from dead to good."""


@dataclass(frozen=True, eq=False)
class Prior:
    """What is expected of each hamlet's levels, carrier by carrier, and of each level alone."""

    of_hamlets: list[tuple[Floats, Floats]]
    mean: Floats
    variance: Floats
    promised: Flags
    """A known site is in reach."""
    own: Floats
    """Log-likelihood of own samples under each level of `GRID_DBM`; shape (carriers, clusters, levels)."""
    newcomers: list[Outlook]
    """What is expected of a new mast's levels at each hamlet."""
    newcomer_db2: float
    """How unsure these are where nothing is known [dB²]."""

    def sharpened(self, factor: float) -> "Prior":
        """Return the same with all that is promised surer of itself by a factor."""
        scale = np.where(self.promised, 1 / factor, 1.0)
        of_hamlets, newcomers, upto = [], [], 0
        for (mean, covariance), newcomer in zip(self.of_hamlets, self.newcomers, strict=True):
            size = len(mean) // len(scale)
            own = scale[:, upto : upto + size].ravel()
            of_hamlets.append((mean, covariance * np.outer(own, own)))
            newcomers.append(newcomer.sharpened(own, factor))
            upto += size
        variance = self.variance * scale**2
        return replace(
            self,
            of_hamlets=of_hamlets,
            variance=variance,
            newcomers=newcomers,
            newcomer_db2=self.newcomer_db2 / factor**2,
        )


def prior_of(
    surroundings: Surroundings,
    trend: Trend,
    question: Question,
    spots: Spots,
    *,
    progress: Progress = SILENT,
) -> Prior:
    """Return what is expected; where no known site is in reach nothing, at each cluster for itself."""
    known, first, n_carriers = question.known, question.first, len(question.carriers)
    x, y = middles(question.clusters)
    n = len(x)
    everywhere = _at(
        trend, np.repeat(np.arange(len(known)), n), np.tile(x, len(known)), np.tile(y, len(known))
    )
    said, in_reach = (values.reshape(len(known), n) for values in everywhere)
    near = neighbours(surroundings.places, x, y, n_carriers=len(known), most=NEIGHBOURS)
    number = np.full(n_carriers, -1)
    number[known] = np.arange(len(known))
    spot_carrier = number[spots.carrier]
    spot_said, spot_reach = _at(trend, spot_carrier, spots.x, spots.y)
    mean = np.full((n_carriers, n), question.levels.minimum_rsrp_dbm)
    variance = np.full((n_carriers, n), UNKNOWN_DB**2)
    own_told = np.zeros((n_carriers, n, len(GRID_DBM)))
    of_hamlets, newcomers = [], []
    hamlets = range(question.n_hamlets)
    for hamlet in each(hamlets, progress, "what is expected of levels", unit="hamlets"):
        own = slice(first[hamlet], first[hamlet + 1])
        size = int(first[hamlet + 1] - first[hamlet])
        here = np.flatnonzero(question.clusters.hamlet[spots.cluster] == hamlet)
        asked = Asked(
            x=np.r_[np.tile(x[own], len(known)), spots.x[here], x[own]],
            y=np.r_[np.tile(y[own], len(known)), spots.y[here], y[own]],
            carrier=np.r_[
                np.repeat(np.arange(len(known)), size), spot_carrier[here], np.full(size, NEWCOMER)
            ],
        )
        base = np.r_[said[:, own].ravel(), spot_said[here], np.zeros(size)]
        expected, covariance = surroundings.of_hamlet(hamlet, near[own], asked, trend=base)
        told = np.flatnonzero(in_reach[:, own].ravel())
        at = (known[:, None] * size + np.arange(size)).ravel()[told]
        carrier, cluster = at // size, first[hamlet] + at % size
        mean[carrier, cluster] = expected[told]
        variance[carrier, cluster] = np.diag(covariance)[told]
        whole = np.diag(variance[:, own].ravel())
        whole[np.ix_(at, at)] = covariance[np.ix_(told, told)]
        of_hamlets.append((mean[:, own].ravel(), whole))
        towards = np.zeros((len(whole), size))
        towards[at] = covariance[told, -size:]
        newcomers.append(
            Outlook(mean=expected[-size:], variance=np.diag(covariance)[-size:], towards=towards)
        )
        for c, k in np.unique(np.column_stack([spots.carrier[here], spots.cluster[here]]), axis=0):
            rows = np.flatnonzero((spots.carrier[here] == c) & (spots.cluster[here] == k))
            mine = here[rows]
            if number[c] >= 0 and in_reach[number[c], k] and spot_reach[mine].all():
                joint = np.r_[number[c] * size + k - first[hamlet], len(known) * size + rows]
                tie = tie_of(expected[joint], covariance[np.ix_(joint, joint)])
            else:
                every_x, every_y = np.r_[x[k], spots.x[mine]], np.r_[y[k], spots.y[mine]]
                tie = tie_by_distance(_by_distance(surroundings, every_x, every_y))
            own_told[c, k] = carried(spots.ln_likelihood[mine], tie)
    promised = np.zeros((n_carriers, n), bool)
    promised[known] = in_reach
    usual = surroundings.kernel.sigma_db**2
    return Prior(of_hamlets, mean, variance, promised, own_told, newcomers, usual)


def _at(trend: Trend, carrier: Integers, x: Floats, y: Floats) -> tuple[Floats, Flags]:
    """Return what is promised, and where; of carriers without sites (-1) nothing."""
    level, in_reach = np.zeros(len(x)), np.zeros(len(x), bool)
    known = np.flatnonzero(carrier >= 0)
    level[known], in_reach[known] = trend.at(carrier[known], x[known], y[known])
    return level, in_reach


def _by_distance(surroundings: Surroundings, x: Floats, y: Floats) -> Floats:
    """Return how alike levels of one carrier are by distance alone [dB²]."""
    away = np.hypot(x[:, None] - x, y[:, None] - y)
    return surroundings.kernel.between(away, np.ones_like(away, bool))
