"""Plan again in many worlds that could as well be true, and count which sites are always chosen."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lomsong.config import PrioritySection
from lomsong.siting.demand import Demand
from lomsong.siting.exchange import swapped
from lomsong.siting.greedy import greedy
from lomsong.siting.problem import Limits, Problem, in_order
from lomsong.siting.reach import Reach
from lomsong.siting.worth import worth
from lomsong.space.crs import Floats

SEED: Final = 20_251_231
LEVEL_SIGMA_DB: Final = 4.0
"""All levels, and the level that serving takes, are off together by so much [dB] (assumption)."""
WEIGHT_SIGMA: Final = 0.5
"""Standard deviation of the logarithm of each weight (assumption)."""
PEOPLE_SIGMA: Final = 0.25
"""Standard deviation of the logarithm of each cluster's people (assumption: lists and rasters disagree so)."""
RANKS_PERCENT: Final = (5.0, 95.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stability:
    """How places fare over the drawn worlds."""

    share: Floats
    """Share of worlds in which something is built at each place; NaN without draws."""
    rank_low: Floats
    """Nine in ten of the ranks in those worlds lie between this and `rank_high`; NaN where never chosen."""
    rank_high: Floats


def perturbed(
    problem: Problem,
    reach: Reach,
    demand: Demand,
    weights: PrioritySection,
    limits: Limits,
    *,
    needed_dbm: float,
    draws: int,
) -> Stability:
    """Return how often each place is chosen when levels, weights, people and evidence vary.

    In each world a cluster already has service with its `p_served`. Plans are found greedily and improved by exchange,
    which needs no proof: 200 of them take seconds. The same draws come in every run.
    """
    places = int(problem.place.max(initial=-1)) + 1
    ranks = np.full((draws, places), np.nan)
    random = np.random.default_rng(SEED)
    for draw in range(draws):
        world = _world(problem, reach, demand, weights, needed_dbm=needed_dbm, random=random)
        chosen = greedy(world, limits)
        if limits.target_share is None:
            chosen = swapped(world, chosen, limits)
        for rank, option in enumerate(in_order(world, chosen, limits), start=1):
            ranks[draw, problem.place[option]] = rank
    chosen_in = np.isfinite(ranks)
    low, high = (_percentile(ranks, percent) for percent in RANKS_PERCENT)
    share = chosen_in.mean(axis=0) if draws else np.full(places, np.nan)
    return Stability(share=share, rank_low=np.floor(low), rank_high=np.ceil(high))


def _world(
    problem: Problem,
    reach: Reach,
    demand: Demand,
    weights: PrioritySection,
    *,
    needed_dbm: float,
    random: np.random.Generator,
) -> Problem:
    off_db = random.normal(0, LEVEL_SIGMA_DB)
    no_grid, difficult = np.exp(random.normal(0, WEIGHT_SIGMA, 2))
    people = np.exp(random.normal(0, PEOPLE_SIGMA, len(demand.waiting)))
    unserved = random.random(len(demand.waiting)) < demand.p_unserved
    drawn = replace(
        demand,
        waiting=demand.waiting * people,
        no_grid=demand.no_grid * people,
        difficult=demand.difficult * people,
        p_unserved=unserved.astype(float),
    )
    varied = weights.model_copy(
        update={"no_grid": weights.no_grid * no_grid, "difficult": weights.difficult * difficult}
    )
    return replace(
        problem, reach=reach.served(needed_dbm + off_db), value=worth(drawn, varied).total
    )


def _percentile(ranks: Floats, percent: float) -> Floats:
    """Return a percentile of the finite values of each column, NaN where there are none."""
    found = np.full(ranks.shape[1], np.nan)
    for column in range(ranks.shape[1]):
        finite = ranks[np.isfinite(ranks[:, column]), column]
        if len(finite):
            found[column] = np.percentile(finite, percent)
    return found
