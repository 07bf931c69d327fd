"""Learn from clusters that were measured by how much what is expected of clusters is too cautious.

How far levels lie from what sites and surroundings let expect is learnt at places that tell anything. Whether clusters are
as often served as that spread says is another question, and own samples answer it: what is expected of a cluster never
listens to them.
"""

from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr

from lomsong.space.crs import Floats

UNSURE: Final = 0.25
"""Before any cluster is measured, the spread is taken to be right; the logarithm of its error may be this (assumption)."""
ANSWERS_UNSURE: Final = 1.0
"""So far may those of served and of dead clusters differ in how often they are measured, as a shift of normal scores
(assumption)."""
BOUNDS: Final = (1.0, 2.0)
"""Never bolder than this, and never more cautious than the spread says (assumptions): phones that read wrong make clusters look
as if nobody could have expected them, so a factor below 1 is no sign that expectations are too bold."""


def sharpness_of(score: Floats, weight: Floats) -> float:
    """Return by what factor what is expected should lie further from the threshold, in its own spreads.

    A cluster's samples are `exp(weight)` times likelier if it is served than if not, so that each measured cluster counts
    as far as its samples tell anything. Served clusters are measured oftener than others with the same
    expectation: that shifts all scores alike and is found beside the factor, and thrown away.

    Parameters
    ----------
    score
        How far the expected level of measured clusters lies above the minimum, in standard deviations.
    weight
        By how much their own samples move the log-odds of service.
    """

    def cost(at: Floats) -> float:
        shift, ln_factor = at
        own = shift + np.exp(ln_factor) * score
        told = np.logaddexp(log_ndtr(own) + weight, log_ndtr(-own))
        off = (ln_factor / UNSURE) ** 2 + (shift / ANSWERS_UNSURE) ** 2
        return float(-told.sum() + 0.5 * off)

    low, high = np.log(BOUNDS)
    found = minimize(
        cost, np.zeros(2), method="L-BFGS-B", bounds=[(-3.0, 3.0), (float(low), float(high))]
    )
    return float(np.exp(found.x[1]))
