"""Build the plans of worlds whose truth is known, and count who is truly served then, by the worlds' own radio.

`python benchmarks/plan_truth.py [--worlds N] [--first F] [--sites K] [--other]` makes N worlds of `truth.toml`, or with
`--other` of `other_worlds`, plans K sites from what the program can know, and prints people truly newly served by

plan         the program's plan
oracle       the best K of the program's candidates, told the true levels and who truly waits
true demand  the program's plan, told who truly waits: what is lost from here to the oracle is lost by the radio
true radio   the program's plan, told whom its candidates truly serve: what is lost is lost by the belief in who waits
measured     the plan where samples alone decide
k-means      masts at the centres of K groups of the people who wait by the program's own judgement
highest      masts on the K highest of the program's candidates, none within 2 km of another
area         the K candidates that see most land, one after the other
foreseen     the oracle's people times the share that the plan would reach of an oracle's if all its chances were exactly
             right: in worlds drawn from them. More than that is luck, or takes knowing more than phones and terrain tell

and what the plan promised. A group of houses is newly served where no carrier served it and half of its houses receive
the minimum level from a new mast with the sectors that the plan assumes, over the true terrain, forest and shadowing.
Plan and oracle count every person alike: weights of the priority are off.
"""

import argparse
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.spatial import cKDTree
from scipy.special import ndtri
from sklearn.cluster import KMeans

import other_worlds
from lomsong import pipeline
from lomsong.config import Project, load
from lomsong.demo import World
from lomsong.propagation import sweep
from lomsong.result import Result
from lomsong.siting.demand import find_demand
from lomsong.siting.optimum import choose
from lomsong.siting.problem import Limits, Problem
from lomsong.siting.program import Effort
from lomsong.siting.replan import replan
from lomsong.space.crs import WGS84, to_crs
from true_radio import Masts, Truth, demo_world, other_world, reference_dbm
from truth import worlds

EVERYTHING = ("measured", "inferred", "modelled")
USUAL_MAST_M = 42.0
APART_M = 2000.0
SEEN_DBM = -110.0
SEED = 20_251_231
EFFORT = Effort(gap=0.005, nodes=200)
DRAWS = 10
SHARED = 1 / 3
"""Share of the variance of levels around what is promised that a place has in common, and a cluster (3GPP TR 36.942 has a
half for both ends of paths)."""


def masts_of(table: pd.DataFrame) -> Masts:
    """Return the masts of rows of `tables.CANDIDATES`."""
    return Masts(
        table.geometry.x.to_numpy(), table.geometry.y.to_numpy(), table["mast_m"].to_numpy(float)
    )


def metres(result: Result, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return places in metres, a row each."""
    return np.column_stack(to_crs(lon, lat, source=WGS84, target=result.terrain.crs))


def every_option(result: Result) -> tuple[Masts, np.ndarray]:
    """Return every height at every candidate place, a known mast at its own, and each one's place."""
    table = result.candidates
    heights = [
        [row.mast_m] if isinstance(row.existing_site, str) else result.settings.siting.masts_m
        for row in table.itertuples()
    ]
    place = np.repeat(np.arange(len(table)), [len(h) for h in heights])
    masts = masts_of(table).only(place)
    return Masts(masts.lon, masts.lat, np.concatenate(heights).astype(float)), place


def oracle(truth: Truth, options: Masts, place: np.ndarray, sites: int) -> float:
    """Return the most people that so many of the candidates truly serve."""
    problem = Problem(
        reach=sparse.csr_array(truth.reach(options).astype(float)),
        value=truth.waiting,
        cost_vnd=1e9 + options.mast_m,
        order=[f"{i:05d}" for i in range(len(place))],
        place=place,
    )
    return choose(problem, Limits(max_sites=sites), EFFORT).value


def told_demand(truth: Truth, result: Result) -> pd.DataFrame:
    """Return the assessment as it would be if everybody knew who waits."""
    own = shares(truth, result)
    unserved = own @ truth.waiting / np.maximum(own @ truth.people, 1e-9)
    by_cluster = pd.Series(unserved, index=result.clusters["cluster_id"])
    table = result.assessment.copy()
    at = (table["carrier"] == "any") & (table["technology"] == "4G") & (table["cluster_id"] != "")
    without = table.loc[at, "cluster_id"].map(by_cluster).to_numpy(float)
    table.loc[at, "p_served"] = 1 - without
    table.loc[at, "evidence"] = "measured"
    table.loc[at, "class"] = np.where(without > 1 / 2, "no_signal", "unknown")
    return table


def shares(truth: Truth, result: Result) -> sparse.csr_array:
    """Return which share of each true group (column) lives in each of the program's clusters."""
    tree = cKDTree(metres(result, result.clusters.geometry.x, result.clusters.geometry.y))
    _, cluster = tree.query(metres(result, truth.lon, truth.lat))
    houses = np.bincount(truth.group)
    shape = (len(result.clusters), len(houses))
    return sparse.csr_array((1 / houses[truth.group], (cluster, truth.group)), shape=shape)


def told_radio(truth: Truth, result: Result) -> pd.DataFrame:
    """Return the chances of candidates as they would be if everybody knew whom they serve."""
    own = shares(truth, result)
    reached = truth.reach(masts_of(result.candidates)).astype(float)
    part = (reached * truth.people) @ own.T.toarray() / np.maximum(own @ truth.people, 1e-9)
    site, cluster = np.nonzero(part > 1 / 2)
    return pd.DataFrame(
        {
            "site_id": result.candidates["site_id"].to_numpy()[site],
            "cluster_id": result.clusters["cluster_id"].to_numpy()[cluster],
            "p_covered": 1.0,
        }
    )


def told(
    result: Result,
    sites: int,
    *,
    assessment: pd.DataFrame | None = None,
    chances: pd.DataFrame | None = None,
) -> Masts:
    """Return the masts that the program chooses, told something true."""
    found = replan(
        result.candidates,
        result.coverage,
        clusters=result.clusters,
        assessment=result.assessment if assessment is None else assessment,
        gaps=result.hamlets,
        settings=result.settings,
        limits=Limits(max_sites=sites),
        chances=result.chances if chances is None else chances,
    )
    return masts_of(found.candidates[found.candidates["selected"]])


def at_centres(result: Result, sites: int) -> Masts:
    """Return masts at the centres of groups of those who wait."""
    clusters = result.clusters[result.clusters["service_area"].notna()]
    places = metres(result, clusters.geometry.x, clusters.geometry.y)
    groups = KMeans(n_clusters=min(sites, len(clusters)), n_init=10, random_state=SEED)
    weight = clusters["people"].fillna(0).to_numpy(float) + 1e-6
    centres = groups.fit(places, sample_weight=weight).cluster_centers_
    lon, lat = to_crs(centres[:, 0], centres[:, 1], source=result.terrain.crs, target=WGS84)
    return Masts(lon, lat, np.full(len(centres), USUAL_MAST_M))


def highest(result: Result, sites: int) -> Masts:
    """Return masts on the highest candidates, apart from each other."""
    table = result.candidates.sort_values(["ground_m", "site_id"], ascending=[False, True])
    places = metres(result, table.geometry.x, table.geometry.y)
    chosen: list[int] = []
    for i in range(len(table)):
        near = np.hypot(*(places[chosen] - places[i]).T)
        if len(chosen) < sites and (near >= APART_M).all():
            chosen.append(i)
    return masts_of(table.assign(mast_m=USUAL_MAST_M)).only(chosen)


def by_area(result: Result, sites: int) -> Masts:
    """Return the candidates that see most land, one after the other, as a planner could know."""
    eirp, mhz = reference_dbm(result.settings.siting)
    places = metres(result, result.candidates.geometry.x, result.candidates.geometry.y)
    land = result.terrain
    rows, columns = np.indices(land.values.shape)
    x, y = land.transform @ (columns.ravel() + 0.5, rows.ravel() + 0.5)
    seen = []
    for at_x, at_y in places:
        loss = sweep(
            land,
            x=at_x,
            y=at_y,
            mast_m=USUAL_MAST_M,
            rx_m=1.5,
            radius_m=result.settings.siting.radius_m,
            frequency_mhz=mhz,
        )
        seen.append(eirp - np.nan_to_num(loss.at(x, y), nan=np.inf) >= SEEN_DBM)
    chosen: list[int] = []
    open_land = np.ones(len(x), bool)
    for _ in range(min(sites, len(places))):
        best = int(np.argmax([(one & open_land).sum() for one in seen]))
        chosen.append(best)
        open_land &= ~seen[best]
    return masts_of(result.candidates.assign(mast_m=USUAL_MAST_M)).only(chosen)


def planned(project: Project, sites: int, **evidence: object) -> Result:
    """Return a run of a world with so many sites."""
    settings = project.settings
    changed = settings.model_copy(
        update={
            "siting": settings.siting.model_copy(
                update={"max_sites": sites, "stability_draws": 0, "optimality_gap": EFFORT.gap}
            ),
            "priority": settings.priority.model_copy(update={"no_grid": 0.0, "difficult": 0.0}),
            "evidence": settings.evidence.model_copy(update=evidence),
        }
    )
    return pipeline.compute(Project(settings=changed, file=project.file))


def figures(number: int, truth: Truth, project: Project, sites: int) -> Mapping[str, float]:
    """Return people truly newly served in one world by each plan."""
    full = planned(project, sites, decide_by=EVERYTHING)
    measured = planned(project, sites, decide_by=("measured",))
    chosen = [r.candidates[r.candidates["selected"]] for r in (full, measured)]
    known = told_demand(truth, full)
    best = oracle(truth, *every_option(full), sites)
    return {
        "world": number,
        "waiting": float(truth.waiting.sum()),
        "promised": float(chosen[0]["people_expected"].sum()),
        "plan": truth.served(masts_of(chosen[0])),
        "oracle": best,
        "true demand": truth.served(told(full, sites, assessment=known)),
        "true radio": truth.served(told(full, sites, chances=told_radio(truth, full))),
        "measured": truth.served(masts_of(chosen[1])),
        "k-means": truth.served(at_centres(full, sites)),
        "highest": truth.served(highest(full, sites)),
        "area": truth.served(by_area(full, sites)),
        "foreseen": best * foreseen(full, sites),
    }


def foreseen(result: Result, sites: int) -> float:
    """Return which share of an oracle's people the plan reaches in worlds drawn from the program's own chances."""
    known = result.candidates
    demand = find_demand(
        result.clusters,
        result.assessment,
        result.hamlets,
        crs=result.terrain.crs,
        include_unknown=result.settings.siting.include_unknown,
    )
    site = pd.Index(known["site_id"]).get_indexer(result.chances["site_id"])
    cluster = pd.Index(demand.cluster_id).get_indexer(result.chances["cluster_id"])
    margin = ndtri(result.chances["p_covered"].to_numpy(float).clip(1e-6, 1 - 1e-6))
    random = np.random.default_rng(SEED)
    reached = possible = 0.0
    for _ in range(DRAWS):
        of_place, of_cluster = (
            random.normal(size=len(known)),
            random.normal(size=len(demand.people)),
        )
        own = random.normal(size=len(margin))
        shared = np.sqrt(SHARED) * (of_place[site] + of_cluster[cluster])
        served = margin + shared + np.sqrt(1 - 2 * SHARED) * own >= 0
        pairs = (site[served], cluster[served])
        drawn = Problem(
            reach=sparse.csr_array(
                (np.ones(served.sum()), pairs), shape=(len(known), len(demand.people))
            ),
            value=demand.people * (random.random(len(demand.people)) < demand.p_unserved),
            cost_vnd=np.ones(len(known)),
            order=known["site_id"].tolist(),
            place=np.arange(len(known)),
        )
        reached += drawn.worth(np.flatnonzero(known["selected"]).tolist())
        possible += choose(drawn, Limits(max_sites=sites), EFFORT).value
    return reached / possible


def every_world(*, other: bool) -> Iterator[tuple[int, object]]:
    """Return the worlds and how each is made."""
    if other:
        for number, knobs in other_worlds.worlds():
            yield number, partial(other_world, number, knobs)
    else:
        for number, world in worlds():
            if isinstance(world, World):
                yield number, partial(demo_world, number, world)


def main() -> None:
    """Print a row per world, then sums and shares of the oracle's."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--sites", type=int, default=4)
    parser.add_argument("--other", action="store_true")
    asked = parser.parse_args()
    rows = []
    for number, make in list(every_world(other=asked.other))[asked.first - 1 :][: asked.worlds]:
        with TemporaryDirectory() as folder:
            truth = make(Path(folder))
            project = load(Path(folder) / "project.toml")
            rows.append(figures(number, truth, project, asked.sites))
        print({name: round(value) for name, value in rows[-1].items()}, flush=True)
    total = pd.DataFrame(rows).drop(columns="world").sum()
    print(pd.DataFrame({"people": total, "of the oracle": total / total["oracle"]}).round(3))


if __name__ == "__main__":
    main()
