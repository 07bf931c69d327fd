"""Learn what share of a carrier's phones still tells of itself where the carrier does not serve.

That a carrier is silent says little where its phones would be silent with service as well, and as little where they would be
seen without: people keep a phone for the road, hear 4G at an edge, fall back to older technology, or upload later that there
was no service. How loyal they are differs from district to district and is counted there: it tells in how many places of how
many phones a carrier is seen, but without 4G, against those where nothing of it is seen.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from lomsong.evidence.clusters import Integers
from lomsong.space.crs import Floats

LOYAL: Final = 0.5
"""Share of a carrier's phones that are seen where it does not serve, before any is counted (assumption)."""
LOYAL_UNSURE: Final = 0.7
CARRIERS_DIFFER: Final = 0.5
"""Log-odds of it may lie off by so much, and so much from carrier to carrier (assumptions)."""
SURE_UNSURE: Final = 0.25
"""Logarithm of how much surer a carrier that serves is heard than its share of phones lets expect may lie off by so much
(assumption): it is heard at edges, too, among few of its own phones, and shares counted there are too low."""
ODD: Final = 0.02
"""How often a carrier that serves is seen without 4G alone (assumption: old phones, calls, walls)."""
_UNSURE: Final = (2.0, 1.0, 1.0)
"""Of how many places are served, how that hangs on how many phones there are, and how often 4G is heard at an edge; log-odds."""
_LEAST: Final = 1e-12
_FURTHEST: Final = 6.0

WITH_4G, WITHOUT_4G, UNSEEN = 0, 1, 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Seen:
    """How a carrier is seen at places where others are heard; an entry per carrier and place."""

    carrier: Integers
    how: Integers
    """`WITH_4G`, `WITHOUT_4G` or `UNSEEN`."""
    others: Floats
    """Phones of other carriers that are heard there, above 0."""
    none: Floats
    """Chance that none of the carrier's own would be, if it served."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Loyalty:
    """How a carrier's phones are seen where it serves and where it does not."""

    share: Floats
    """Share of each carrier's phones that are seen where it does not serve."""
    sure: float
    """The chance that none is heard where it serves is the one that shares let expect to this power, for all carriers."""


def loyalty(seen: Seen, *, n_carriers: int) -> Loyalty:
    """Return the likeliest share of each carrier's phones that are seen where it does not serve, and how sure they are where it does.

    Some places are served, the more of them the more phones there are, and nobody says which. Where the carrier serves, its
    4G is heard unless none of its phones is there by chance. Elsewhere only so large a share of them is seen, and that
    of 4G at an edge or not.

    Parameters
    ----------
    seen
        What is seen where.
    n_carriers
        How many carriers there are.
    """
    if not len(seen.how):
        return Loyalty(share=np.full(n_carriers, LOYAL), sure=1.0)
    problem = _Problem(seen, n_carriers)
    start = np.zeros(2 * n_carriers + 4)
    found = minimize(
        problem, start, method="L-BFGS-B", bounds=[(-_FURTHEST, _FURTHEST)] * len(start)
    )
    share = np.asarray(expit(found.x[n_carriers : 2 * n_carriers]), float)
    return Loyalty(share=share, sure=float(np.exp(found.x[-1])))


class _Problem:
    """Minus the log-posterior of log-odds, of places served and of loyalty by carrier, then of what all have in common."""

    def __init__(self, seen: Seen, n_carriers: int) -> None:
        self._carrier, self._n, self._how = seen.carrier, n_carriers, seen.how
        many = np.log(seen.others)
        self._many = many - many.mean()
        self._none = np.clip(seen.none, _LEAST, 1 - 1e-9)

    def __call__(self, at: Floats) -> float:
        of_served, of_loyal = at[: self._n], at[self._n : 2 * self._n]
        more, edge, usual, ln_sure = at[2 * self._n :]
        served = expit(of_served[self._carrier] + more * self._many)
        none = self._none ** np.exp(ln_sure)
        missing = none ** expit(of_loyal[self._carrier])
        there, told = served * (1 - none), (1 - served) * (1 - missing)
        chance = np.choose(
            self._how,
            [
                there * (1 - ODD) + told * expit(edge),
                there * ODD + told * expit(-edge),
                served * none + (1 - served) * missing,
            ],
        )
        off = (
            np.sum((of_served / _UNSURE[0]) ** 2)
            + np.sum(((of_loyal - usual) / CARRIERS_DIFFER) ** 2)
            + (more / _UNSURE[1]) ** 2
            + (edge / _UNSURE[2]) ** 2
            + (usual / LOYAL_UNSURE) ** 2
            + (ln_sure / SURE_UNSURE) ** 2
        )
        return float(-np.log(np.maximum(chance, _LEAST)).sum() + 0.5 * off)
