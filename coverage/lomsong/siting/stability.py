"""Plan again in many worlds that could as well be true, and count which sites are always chosen."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse
from scipy.special import ndtr

from lomsong.config import PrioritySection
from lomsong.siting.demand import Demand
from lomsong.siting.exchange import swapped
from lomsong.siting.greedy import greedy
from lomsong.siting.layers import chance_of, in_layers, layered
from lomsong.siting.problem import Limits, Problem, in_order
from lomsong.siting.received import Reach
from lomsong.siting.worth import worth
from lomsong.space.crs import Floats

SEED: Final = 20_251_231
LEVEL_SIGMA_DB: Final = 4.0
"""All levels, and the level that serving takes, are off together by so much [dB] (assumption)."""
WEIGHT_SIGMA: Final = 0.5
"""Standard deviation of the logarithm of each weight (assumption)."""
PEOPLE_SIGMA: Final = 0.25
"""Standard deviation of the logarithm of each cluster's people (assumption: lists and rasters disagree so)."""
TOGETHER: Final = 0.5
"""Correlation of clusters of one hamlet, by which they have service or not (assumption, the judge's own where it knows no
sites)."""
MOSTLY: Final = 0.5
"""Two places are alike where of all whom either serves both serve this share."""
AT_ONCE: Final = 512
"""Places that are held against all others at once."""
RANKS_PERCENT: Final = (5.0, 95.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stability:
    """How places fare over the drawn worlds."""

    share: Floats
    """Share of worlds in which something is built at each place; NaN without draws."""
    alike: Floats
    """Share of worlds in which something is built there, or where mostly the same people are served."""
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
    least_dbm: float,
    sigma_db: float,
    draws: int,
) -> Stability:
    """Return how often each place is chosen when levels, weights, people and evidence vary.

    In each world a cluster has service or has none, by lot, as likely as the judge says. Plans are found greedily and
    improved by exchange, which needs no proof: 200 of them take seconds. The same draws come in every run.
    """
    places = int(problem.place.max(initial=-1)) + 1
    ranks = np.full((draws, places), np.nan)
    random = np.random.default_rng(SEED)
    for draw in range(draws):
        world = _world(
            problem,
            reach,
            demand,
            weights,
            least_dbm=least_dbm,
            sigma_db=sigma_db,
            random=random,
        )
        chosen = greedy(world, limits)
        if limits.target_share is None:
            chosen = swapped(world, chosen, limits)
        for rank, option in enumerate(in_order(world, chosen, limits), start=1):
            ranks[draw, problem.place[option]] = rank
    chosen_in = np.isfinite(ranks)
    low, high = (_percentile(ranks, percent) for percent in RANKS_PERCENT)
    near = (_alike(problem, places) @ chosen_in.T.astype(float)).T > 0
    share, alike = (
        flags.mean(axis=0) if draws else np.full(places, np.nan) for flags in (chosen_in, near)
    )
    return Stability(share=share, alike=alike, rank_low=np.floor(low), rank_high=np.ceil(high))


def _world(
    problem: Problem,
    reach: Reach,
    demand: Demand,
    weights: PrioritySection,
    *,
    least_dbm: float,
    sigma_db: float,
    random: np.random.Generator,
) -> Problem:
    off_db = random.normal(0, LEVEL_SIGMA_DB)
    no_grid, difficult = np.exp(random.normal(0, WEIGHT_SIGMA, 2))
    people = np.exp(random.normal(0, PEOPLE_SIGMA, len(demand.people)))
    p_unserved = _without_service(demand, random)
    drawn = replace(
        demand,
        people=demand.people * people,
        no_grid=demand.no_grid * people,
        difficult=demand.difficult * people,
        p_unserved=p_unserved,
    )
    varied = weights.model_copy(
        update={"no_grid": weights.no_grid * no_grid, "difficult": weights.difficult * difficult}
    )
    waits = p_unserved[reach.cluster] > 0
    counting = replace(
        reach,
        option=reach.option[waits],
        cluster=reach.cluster[waits],
        rsrp_dbm=reach.rsrp_dbm[waits],
    )
    chance = chance_of(counting, minimum_dbm=least_dbm + off_db, sigma_db=sigma_db)
    return replace(
        problem,
        reach=layered(counting.option, counting.cluster, chance, shape=reach.shape),
        value=in_layers(worth(drawn, varied).total),
    )


def _without_service(demand: Demand, random: np.random.Generator) -> Floats:
    """Return 1 for clusters that have no service in a drawn world, 0 for the others; those of a hamlet go together."""
    hamlets, hamlet = np.unique(demand.hamlet_id.to_numpy(), return_inverse=True)
    shared, own = random.normal(size=len(hamlets)), random.normal(size=len(hamlet))
    lot = ndtr(np.sqrt(TOGETHER) * shared[hamlet] + np.sqrt(1 - TOGETHER) * own)
    return np.asarray(lot < demand.p_unserved, float)


def _alike(problem: Problem, places: int) -> sparse.csr_array:
    """Return 1 for pairs of places that serve mostly the same people; every place is alike to itself."""
    options = np.arange(len(problem.place))
    at = sparse.csr_array((np.ones(len(options)), (problem.place, options)), (places, len(options)))
    served = sparse.csr_array(at @ problem.reach)
    served.data[:] = 1.0
    each = served @ problem.value
    # Most pairs of a province have nobody in common: only the others take room, some rows at a time.
    weighed = sparse.csr_array(served.multiply(problem.value))
    themselves = sparse.eye_array(places, format="csr")
    rows = [_mostly(weighed[part] @ served.T, each[part], each) for part in _parts(places)]
    return sparse.csr_array(sparse.vstack([*rows, themselves[:0]]).maximum(themselves))


def _mostly(both: sparse.csr_array, own: Floats, other: Floats) -> sparse.csr_array:
    """Return 1 where of all whom a row's place (`own`) or a column's (`other`) serves both serve enough."""
    pairs = both.tocoo()
    row, column = pairs.coords
    either = own[row] + other[column] - pairs.data
    alike = (pairs.data >= MOSTLY * either) & (either > 0)
    flags = (np.ones(int(alike.sum())), (row[alike], column[alike]))
    return sparse.csr_array(flags, shape=both.shape)


def _parts(places: int) -> list[slice]:
    return [slice(start, start + AT_ONCE) for start in range(0, places, AT_ONCE)]


def _percentile(ranks: Floats, percent: float) -> Floats:
    """Return a percentile of the finite values of each column, NaN where there are none."""
    found = np.full(ranks.shape[1], np.nan)
    for column in range(ranks.shape[1]):
        finite = ranks[np.isfinite(ranks[:, column]), column]
        if len(finite):
            found[column] = np.percentile(finite, percent)
    return found
