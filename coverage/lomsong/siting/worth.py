"""Say what each person who waits for service counts for."""

from dataclasses import dataclass

import numpy as np

from lomsong.config import PrioritySection
from lomsong.siting.demand import Demand
from lomsong.space.crs import Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Worth:
    """What serving each cluster counts for, in people; parts add up."""

    people: Floats
    no_grid: Floats
    difficult: Floats
    interest: Floats

    @property
    def total(self) -> Floats:
        """Worth of each cluster."""
        return np.asarray(self.people + self.no_grid + self.difficult + self.interest, float)


def worth(demand: Demand, weights: PrioritySection) -> Worth:
    """Let people without grid power, and in extremely difficult hamlets, count for more, as in the priority.

    So do those near points of interest. Everybody counts with the probability of being without service now.
    """
    unit = weights.people or 1.0
    sure = demand.p_unserved
    return Worth(
        people=sure * demand.people if weights.people else np.zeros_like(sure),
        no_grid=sure * demand.no_grid * weights.no_grid / unit,
        difficult=sure * demand.difficult * weights.difficult / unit,
        interest=sure * demand.people * demand.interest,
    )
