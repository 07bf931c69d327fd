"""Choose the sites that serve the most waiting people, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lomsong.config import PrioritySection, SitingSection
from lomsong.siting.demand import Demand
from lomsong.space.crs import Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Worth:
    """What each person who waits counts for, by cluster; parts add up."""

    people: Floats
    no_grid: Floats
    difficult: Floats

    @property
    def total(self) -> Floats:
        """Worth of each cluster."""
        return np.asarray(self.people + self.no_grid + self.difficult, float)


def worth(demand: Demand, weights: PrioritySection) -> Worth:
    """Let people without grid power, and in extremely difficult hamlets, count for more, as in the priority."""
    unit = weights.people or 1.0
    return Worth(
        people=demand.waiting if weights.people else np.zeros_like(demand.waiting),
        no_grid=demand.no_grid * weights.no_grid / unit,
        difficult=demand.difficult * weights.difficult / unit,
    )


def choose(
    reach: np.ndarray,
    value: Floats,
    *,
    cost_vnd: Floats,
    order: Sequence[str],
    limits: SitingSection,
) -> tuple[list[int], list[np.ndarray]]:
    """Return the chosen places, best first, and for each the clusters that it newly serves.

    Greedy: each step takes the place that adds the most value, or with a budget the most value per VND among those
    still affordable; ties go to the cheaper place, then to the lower id in `order`. A place that adds nothing is never
    taken.
    """
    open_value = value.copy()
    chosen: list[int] = []
    gained: list[np.ndarray] = []
    left = np.inf if limits.budget_vnd is None else limits.budget_vnd
    most = len(order) if limits.max_sites is None else limits.max_sites
    free = np.ones(len(order), bool)
    while len(chosen) < most:
        gain = reach @ open_value
        merit = gain if limits.budget_vnd is None else gain / np.maximum(cost_vnd, 1.0)
        possible = [int(i) for i in np.flatnonzero(free & (gain > 0) & (cost_vnd <= left))]
        if not possible:
            break
        best = min(possible, key=lambda i: (-merit[i], cost_vnd[i], order[i]))
        newly = reach[best] & (open_value > 0)
        chosen.append(best)
        gained.append(newly)
        open_value[newly] = 0.0
        left -= cost_vnd[best]
        free[best] = False
    return chosen, gained
