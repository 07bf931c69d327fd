"""Learn what share of phones each carrier has where it serves, and how alike places are in that.

A carrier is known to serve where one of its phones was heard, so places enter because of what is to be counted there. The
likelihood says so: how many of a place's phones are the carrier's, given that at least one is.

References
----------
.. [1] J. G. Skellam, "A probability distribution derived from the binomial distribution by regarding the probability
   of success as variable between the sets of trials", J. R. Stat. Soc. B 10 (1948): the beta-binomial.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, logit

from lomsong.space.crs import Floats

ALIKE: Final = 4.0
"""How alike the shares of places are, as the sum of a beta distribution's parameters, before any is counted (assumption):
the smaller, the more often a carrier is missing by chance where a family or a seller prefers another one."""
ALIKE_UNSURE: Final = 1.0
"""Standard deviation of its logarithm (assumption)."""
ALIKE_BOUNDS: Final = (1.0, 30.0)
"""Never less or more alike, whatever is counted (assumption): a district may hold places unlike all that were counted."""
SHARE_UNSURE: Final = 1.5
"""Before any phone is counted, carriers have equal shares, and log-odds may lie off by this (assumption)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Shares:
    """Of each carrier, where it serves."""

    share: Floats
    """NaN where the carrier is heard nowhere."""
    alike: float = ALIKE


def shares_of(own: Floats, total: Floats) -> Shares:
    """Return the likeliest shares, and how alike places are in them.

    Parameters
    ----------
    own
        Phones of each carrier heard in 4G, a column per place.
    total
        Phones of all carriers heard at each place.
    """
    heard = np.flatnonzero((own > 0).any(axis=1))
    share = np.full(len(own), np.nan)
    if not len(heard):
        return Shares(share=share)
    problem = _Problem(own[heard], total)
    start = np.r_[np.full(len(heard), problem.usual), 0.0]
    low, high = np.log(np.array(ALIKE_BOUNDS) / ALIKE)
    bounds = [*[(-8.0, 8.0)] * len(heard), (low, high)]
    found = minimize(problem, start, method="L-BFGS-B", bounds=bounds)
    share[heard] = expit(found.x[:-1])
    return Shares(share=share, alike=float(ALIKE * np.exp(found.x[-1])))


class _Problem:
    """Minus the log-posterior of log-odds of shares and of ln alike over what is usual."""

    def __init__(self, own: Floats, total: Floats) -> None:
        self.usual = float(logit(1 / max(len(own), 2)))
        self._carrier, place = np.nonzero(own)
        self._own = own[self._carrier, place]
        self._others = np.maximum(total[place] - self._own, 0.0)
        n = self._own + self._others
        self._ways = gammaln(n + 1) - gammaln(self._own + 1) - gammaln(self._others + 1)

    def __call__(self, at: Floats) -> float:
        alike = ALIKE * np.exp(at[-1])
        a = expit(at[:-1])[self._carrier] * alike
        b = alike - a
        ln_none = betaln(a, b + self._own + self._others) - betaln(a, b)
        ln_some = np.log(np.maximum(-np.expm1(ln_none), 1e-12))
        told = self._ways + betaln(a + self._own, b + self._others) - betaln(a, b) - ln_some
        off = np.sum(((at[:-1] - self.usual) / SHARE_UNSURE) ** 2) + (at[-1] / ALIKE_UNSURE) ** 2
        return float(-told.sum() + 0.5 * off)
