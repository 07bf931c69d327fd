"""Measure planning: seconds and proven gap for 2,000 candidates and 5,000 clusters, and what greedy leaves.

Run `python benchmarks/siting.py [CANDIDATES CLUSTERS]`. Places lie evenly at random on a square, reach between 2 and
5 km and miss three clusters in ten, as behind ridges; people are log-normal, costs between 0.8 and 2.5 billion.
"""

import sys
import time

import numpy as np
from scipy import sparse

from lomsong.siting.greedy import greedy
from lomsong.siting.optimum import Effort, choose
from lomsong.siting.problem import Limits, Problem

PER_CLUSTER_KM2 = 0.72
SEEN = 0.7
LIMIT_S = 120.0
LIMIT_GAP = 0.01
EFFORT = Effort(gap=LIMIT_GAP, nodes=20)
CASES = (
    Limits(max_sites=10),
    Limits(max_sites=50),
    Limits(max_sites=200),
    Limits(budget_vnd=2e10),
    Limits(budget_vnd=1e11),
    Limits(max_sites=50, budget_vnd=5e10),
    Limits(target_share=0.9),
)


def made(candidates: int, clusters: int) -> Problem:
    """Return a problem made from a seed."""
    random = np.random.default_rng(20_251_231)
    side_m = 1000 * np.sqrt(clusters * PER_CLUSTER_KM2)
    site = random.uniform(0, side_m, (candidates, 1, 2))
    home = random.uniform(0, side_m, (1, clusters, 2))
    reach_m = random.uniform(2000, 5000, (candidates, 1))
    near = np.hypot(*np.moveaxis(site - home, 2, 0)) < reach_m
    return Problem(
        reach=sparse.csr_array((near & (random.random(near.shape) < SEEN)).astype(float)),
        value=np.round(random.lognormal(4, 0.8, clusters)),
        cost_vnd=np.round(random.uniform(0.8, 2.5, candidates), 2) * 1e9,
        order=[f"s{i:05d}" for i in range(candidates)],
        place=np.arange(candidates),
    )


def main() -> None:
    """Measure and print."""
    candidates, clusters = map(int, sys.argv[1:3] or (2000, 5000))
    problem = made(candidates, clusters)
    print(f"{candidates} candidates, {clusters} clusters, {problem.reach.nnz} pairs")
    for limits in CASES:
        started = time.perf_counter()
        plan = choose(problem, limits, EFFORT)
        seconds = time.perf_counter() - started
        again = choose(problem, limits, EFFORT) if seconds < LIMIT_S / 12 else plan
        plain = greedy(problem, limits)
        by_cost = limits.target_share is not None
        rule = problem.cost(plain) if by_cost else problem.worth(plain)
        reached = plan.cost_vnd if by_cost else plan.value
        told = "met" if seconds <= LIMIT_S and plan.gap <= LIMIT_GAP else "MISSED"
        print(
            f"{limits}: {seconds:.1f} s, gap {100 * plan.gap:.3f} % ({plan.method}), "
            f"{len(plan.chosen)} sites, {reached:.6g}, greedy {rule:.6g}, "
            f"same again: {again.chosen == plan.chosen}, {told}",
            flush=True,
        )


if __name__ == "__main__":
    main()
