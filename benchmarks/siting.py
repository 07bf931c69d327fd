"""Measure planning on 2,000 candidates and 5,000 clusters: what is reached, the proven gap, and the seconds it takes.

`python benchmarks/siting.py [SCENE ...] [--sizes CANDIDATES CLUSTERS] [--peer SECONDS] [--walks N]` prints a row per case: sites,
objective (value, or cost in million VND with a target), bound, gap, CPU and wall seconds, the objective of greedy, and
value, bound and gap that scipy's `milp` alone finds on the plain model within a time limit. Scenes:

valleys  hamlets in the valleys and masts on the heights of a made-up terrain; served is what is in sight within 8 km
discs    places evenly at random, each reaching all within 2 to 5 km
even     the same, three clusters in ten missed at random, as no terrain would
dense    that with a reach of 5 to 15 km, so that a site reaches one cluster in twenty

In the last two, chance takes the place of terrain: where sites begin to tile the land, sharing every site among its
neighbours promises more than whole sites can give, and every known bound is loose there. `--walks N` asks how loose: N more
walks (`siting.annealing`) from greedy, each with other lots, and the best of them beside the plan.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy import ndimage, optimize, sparse

from lomsong.siting.annealing import annealed
from lomsong.siting.greedy import greedy, target_value
from lomsong.siting.optimum import choose
from lomsong.siting.problem import Limits, Problem
from lomsong.siting.program import Effort
from lomsong.siting.reduction import reduced

SEED = 20_251_231
PER_CLUSTER_KM2 = 0.72
SEEN = 0.7
LIMIT_S = 120.0
LIMIT_GAP = 0.01
EFFORT = Effort(nodes=200)
OTHER_LOTS = 1_000
"""First seed of walks that the plan does not take itself."""
CASES = {
    "5 sites": Limits(max_sites=5),
    "10 sites": Limits(max_sites=10),
    "20 sites": Limits(max_sites=20),
    "50 sites": Limits(max_sites=50),
    "10 bn": Limits(budget_vnd=1e10),
    "50 bn": Limits(budget_vnd=5e10),
    "half": Limits(target_share=0.5),
    "nine in ten": Limits(target_share=0.9),
}


def of_pairs(pairs: np.ndarray, random: np.random.Generator) -> Problem:
    """Return a problem with people and costs drawn for a matrix of who reaches whom."""
    candidates, clusters = pairs.shape
    return Problem(
        reach=sparse.csr_array(pairs.astype(float)),
        value=np.round(random.lognormal(4, 0.8, clusters)),
        cost_vnd=np.round(random.uniform(0.8, 2.5, candidates), 2) * 1e9,
        order=[f"s{i:05d}" for i in range(candidates)],
        place=np.arange(candidates),
    )


def scattered(
    candidates: int, clusters: int, *, near_m: float, far_m: float, seen: float
) -> Problem:
    """Return places evenly at random, with a reach between two distances, and a share of clusters seen there."""
    random = np.random.default_rng(SEED)
    side_m = 1000 * np.sqrt(clusters * PER_CLUSTER_KM2)
    site = random.uniform(0, side_m, (candidates, 1, 2))
    home = random.uniform(0, side_m, (1, clusters, 2))
    reach_m = random.uniform(near_m, far_m, (candidates, 1))
    near = np.hypot(*np.moveaxis(site - home, 2, 0)) < reach_m
    return of_pairs(near & (random.random(near.shape) < seen), random)


def discs(candidates: int, clusters: int) -> Problem:
    """Return sites that reach everybody near."""
    return scattered(candidates, clusters, near_m=2000, far_m=5000, seen=1.0)


def even(candidates: int, clusters: int) -> Problem:
    """Return sites of the usual reach."""
    return scattered(candidates, clusters, near_m=2000, far_m=5000, seen=SEEN)


def dense(candidates: int, clusters: int) -> Problem:
    """Return sites of a wide reach."""
    return scattered(candidates, clusters, near_m=5000, far_m=15_000, seen=SEEN)


def valleys(candidates: int, clusters: int) -> Problem:
    """Return low hamlets and high masts on rolling hills, served where they see each other."""
    random = np.random.default_rng(SEED)
    cells, cell_m, mast_m, radius_m, grace_m = 600, 100.0, 42.0, 8000.0, 15.0
    height = sum(
        200 * scale * share * ndimage.gaussian_filter(random.standard_normal((cells, cells)), scale)
        for scale, share in ((40, 2.2), (12, 2.0), (4, 1.2))
    )
    rank = ((height - height.mean()) / height.std()).ravel()
    home, site = (
        random.choice(cells**2, n, replace=False, p=np.exp(lean * rank) / np.exp(lean * rank).sum())
        for n, lean in ((clusters, -2.0), (candidates, 1.2))
    )
    home_y, home_x = np.divmod(home, cells)
    along = np.linspace(0, 1, 26)[1:-1]
    pairs = np.zeros((candidates, clusters), bool)
    for i, (y, x) in enumerate(zip(*np.divmod(site, cells), strict=True)):
        at = np.flatnonzero(np.hypot(home_x - x, home_y - y) * cell_m < radius_m)
        path_x = x + (home_x[at, None] - x) * along
        path_y = y + (home_y[at, None] - y) * along
        top, foot = height[y, x] + mast_m, height[home_y[at], home_x[at]][:, None]
        ground = height[path_y.round().astype(int), path_x.round().astype(int)]
        pairs[i, at] = (ground - (top + (foot - top) * along)).max(axis=1) < grace_m
    return of_pairs(pairs, random)


SCENES: dict[str, Callable[[int, int], Problem]] = {
    "valleys": valleys,
    "discs": discs,
    "even": even,
    "dense": dense,
}


def peer(problem: Problem, limits: Limits, seconds: float) -> str:
    """Return value or cost, bound and gap of the plain model by `milp` alone."""
    options, clusters = problem.reach.shape
    scale = float(problem.cost_vnd.max())
    cost = np.concatenate([problem.cost_vnd / scale, np.zeros(clusters)])
    value = np.concatenate([np.zeros(options), problem.value])
    rows = [sparse.hstack([problem.reach.T, -sparse.eye_array(clusters)], format="csr")]
    least = [np.zeros(clusters)]
    if limits.max_sites is not None:
        rows.append(sparse.csr_array([np.repeat([-1.0, 0.0], [options, clusters])]))
        least.append(np.array([-float(limits.max_sites)]))
    if limits.budget_vnd is not None:
        rows.append(sparse.csr_array([-cost]))
        least.append(np.array([-limits.budget_vnd / scale]))
    if limits.target_share is not None:
        rows.append(sparse.csr_array([value]))
        least.append(np.array([target_value(problem, limits)]))
    found = optimize.milp(
        -value if limits.target_share is None else cost,
        integrality=np.repeat([1, 0], [options, clusters]),
        bounds=optimize.Bounds(0, 1),
        constraints=optimize.LinearConstraint(sparse.vstack(rows), np.concatenate(least), np.inf),
        options={"mip_rel_gap": LIMIT_GAP, "time_limit": seconds},
    )
    if found.x is None:
        return f"nothing in {seconds:.0f} s"
    unit = -1.0 if limits.target_share is None else scale / 1e6
    gap = abs(found.fun - found.mip_dual_bound) / abs(found.fun) if found.fun else np.inf
    return f"{found.fun * unit:.7g}, gap {100 * gap:.2f} %"


def walked(problem: Problem, limits: Limits, walks: int) -> str:
    """Return the best of more walks, in the words of a row."""
    small, _ = reduced(problem)
    start = greedy(small, limits)
    found = [annealed(small, start, limits, seed=OTHER_LOTS + i) for i in range(walks)]
    if limits.target_share is None:
        return f"  {walks} more walks {max(map(small.worth, found)):9.7g}"
    return f"  {walks} more walks {min(map(small.cost, found)) / 1e6:9.7g}"


def measured(problem: Problem, limits: Limits, *, peer_seconds: float, walks: int) -> str:
    """Return a row of figures."""
    cpu, wall = time.process_time(), time.perf_counter()
    plan = choose(problem, limits, EFFORT)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    rule = greedy(problem, limits)
    by_cost = limits.target_share is not None
    unit = 1e6 if by_cost else 1.0
    reached = (plan.cost_vnd if by_cost else plan.value) / unit
    plain = (problem.cost(rule) if by_cost else problem.worth(rule)) / unit
    told = "met" if cpu <= LIMIT_S and plan.gap <= LIMIT_GAP else "MISSED"
    beside = peer(problem, limits, peer_seconds) if peer_seconds else "not asked"
    return (
        f"{len(plan.chosen):4d} sites  {reached:9.7g}  bound {plan.bound / unit:9.7g}  "
        f"gap {100 * plan.gap:6.3f} %  cpu {cpu:6.1f} s  wall {wall:6.1f} s  {told:6s}  "
        f"greedy {plain:9.7g}  milp in {peer_seconds:.0f} s: {beside}"
        + (walked(problem, limits, walks) if walks else "")
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("scene", nargs="*", help="default: all")
    parser.add_argument("--sizes", type=int, nargs=2, default=(2000, 5000))
    parser.add_argument("--peer", type=float, default=20.0, help="0 for none")
    parser.add_argument("--walks", type=int, default=0)
    asked = parser.parse_args()
    for name in asked.scene or SCENES:
        problem = SCENES[name](*asked.sizes)
        candidates, clusters = problem.reach.shape
        print(f"{name}: {candidates} candidates, {clusters} clusters, {problem.reach.nnz} pairs")
        for case, limits in CASES.items():
            row = measured(problem, limits, peer_seconds=asked.peer, walks=asked.walks)
            print(f"  {case:11s} {row}", flush=True)


if __name__ == "__main__":
    main()
