"""Build the plans of worlds whose truth is known, and count who is truly served then, by the worlds' own radio.

`python benchmarks/plan_truth.py [--worlds N] [--sites K]` makes the first N worlds of `truth.toml`, plans K sites from
what the program can know, and prints people truly newly served by

plan       the program's plan, with every kind of evidence
measured   the same where samples alone decide
oracle     the best K of the program's candidates, told the true levels and who truly waits
k-means    masts at the centres of K groups of the people who wait by the program's own judgement
highest    masts on the K highest of the program's candidates, none within 2 km of another
area       the K candidates that see most land, one after the other

A group of houses is newly served where no carrier served it and half of its houses receive the minimum level from a new
mast: three sectors of the strength that plans assume, over the true terrain, forest and shadowing.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.cluster import KMeans

from lomsong import pipeline
from lomsong.config import Project, load
from lomsong.demo import World, generate
from lomsong.demo.district import District
from lomsong.demo.radio import antenna_db
from lomsong.demo.write import write_district
from lomsong.propagation import BANDS, LinkBudget
from lomsong.result import Result
from lomsong.siting.optimum import choose
from lomsong.siting.problem import Limits, Problem
from truth import worlds

EVERYTHING = ("measured", "inferred", "modelled")
SECTORS_DEG = (0.0, 120.0, 240.0)
TILT_DEG = 3.0
USUAL_MAST_M = 42.0
APART_M = 2000.0
GRID_M = 600.0
SEEN_DBM = -110.0
SEED = 20_251_231


@dataclass(frozen=True)
class Masts:
    """Masts in a world's own metres."""

    x: np.ndarray
    y: np.ndarray
    mast_m: np.ndarray

    def only(self, chosen: Sequence[int]) -> "Masts":
        """Return some of them."""
        at = list(chosen)
        return Masts(self.x[at], self.y[at], self.mast_m[at])


class Judge:
    """The true world, asked who would be served."""

    def __init__(self, district: District, eirp_dbm: float, frequency_mhz: float) -> None:
        self._district, self._eirp_dbm, self._mhz = district, eirp_dbm, frequency_mhz
        houses = district.homes.dwellings
        self._x, self._y = houses["x"].to_numpy(), houses["y"].to_numpy()
        self._groups, self._of = np.unique(houses["group"].to_numpy(), return_inverse=True)
        self._houses = np.bincount(self._of)
        people = np.bincount(self._of, houses["people"].to_numpy(float))
        truth = district.truth.clusters
        served = truth[(truth["carrier"] == "any") & truth["served"]]["cluster_id"]
        known = {int(name.rsplit("-", 1)[1]) for name in served if not name.endswith("nvh")}
        self.waiting = np.where(np.isin(self._groups, list(known)), 0.0, people)

    def level(
        self, mast: tuple[float, float, float], x: np.ndarray, y: np.ndarray, *, true: bool
    ) -> np.ndarray:
        """Return the level of one mast at places [dBm], -inf out of reach."""
        radio = self._district.radio
        paths = radio.paths(mast, x, y, shadowed=true)
        loss = radio.loss_db(paths, frequency_mhz=self._mhz)
        gain = np.max(
            [antenna_db(paths, azimuth_deg=a, tilt_deg=TILT_DEG) for a in SECTORS_DEG], axis=0
        )
        level = np.full(len(x), -np.inf)
        level[paths.place] = self._eirp_dbm + gain - loss
        return level

    def reach(self, masts: Masts) -> np.ndarray:
        """Return which groups of houses (columns) each mast truly serves."""
        least = self._district.world.minimum_rsrp_dbm
        rows = []
        for mast in zip(masts.x, masts.y, masts.mast_m, strict=True):
            above = self.level(mast, self._x, self._y, true=True) >= least
            rows.append(2 * np.bincount(self._of, above) >= self._houses)
        return np.array(rows, bool).reshape(len(masts.x), len(self._groups))

    def served(self, masts: Masts) -> float:
        """Return the people truly newly served by masts together."""
        return float(self.waiting[self.reach(masts).any(axis=0)].sum())


def local(district: District, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places in a world's own metres."""
    plane = district.land.plane
    origin_x, origin_y = plane.to_lonlat(np.zeros(1), np.zeros(1))
    east, north = plane.to_lonlat(np.full(1, 1000.0), np.full(1, 1000.0))
    return (
        (lon - origin_x) / (east - origin_x) * 1000.0,
        (lat - origin_y) / (north - origin_y) * 1000.0,
    )


def masts_of(district: District, table: pd.DataFrame) -> Masts:
    """Return the masts of rows of `tables.CANDIDATES`."""
    x, y = local(district, table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
    return Masts(x, y, table["mast_m"].to_numpy(float))


def every_option(district: District, result: Result) -> tuple[Masts, np.ndarray]:
    """Return every height at every candidate place, a known mast at its own, and each one's place."""
    table = result.candidates
    heights = [
        [row.mast_m] if isinstance(row.existing_site, str) else result.settings.siting.masts_m
        for row in table.itertuples()
    ]
    place = np.repeat(np.arange(len(table)), [len(h) for h in heights])
    masts = masts_of(district, table).only(place)
    return Masts(masts.x, masts.y, np.concatenate(heights).astype(float)), place


def oracle(judge: Judge, options: Masts, place: np.ndarray, sites: int) -> float:
    """Return the most people that so many of the candidates truly serve."""
    problem = Problem(
        reach=sparse.csr_array(judge.reach(options).astype(float)),
        value=judge.waiting,
        cost_vnd=1e9 + options.mast_m,
        order=[f"{i:05d}" for i in range(len(place))],
        place=place,
    )
    return choose(problem, Limits(max_sites=sites)).value


def at_centres(district: District, result: Result, sites: int) -> Masts:
    """Return masts at the centres of groups of those who wait."""
    judged = result.assessment
    rows = (judged["carrier"] == "any") & (judged["class"] == "no_signal")
    table = result.clusters.merge(judged.loc[rows & (judged["cluster_id"] != ""), ["cluster_id"]])
    x, y = local(district, table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
    groups = KMeans(n_clusters=min(sites, len(table)), n_init=10, random_state=SEED)
    weight = table["people"].fillna(0).to_numpy(float) + 1e-6
    centres = groups.fit(np.column_stack([x, y]), sample_weight=weight).cluster_centers_
    return Masts(centres[:, 0], centres[:, 1], np.full(len(centres), USUAL_MAST_M))


def highest(district: District, result: Result, sites: int) -> Masts:
    """Return masts on the highest candidates, apart from each other."""
    table = result.candidates.sort_values(["ground_m", "site_id"], ascending=[False, True])
    masts = masts_of(district, table)
    chosen: list[int] = []
    for i in range(len(table)):
        near = np.hypot(masts.x[chosen] - masts.x[i], masts.y[chosen] - masts.y[i])
        if len(chosen) < sites and (near >= APART_M).all():
            chosen.append(i)
    return Masts(masts.x[chosen], masts.y[chosen], np.full(len(chosen), USUAL_MAST_M))


def by_area(district: District, judge: Judge, result: Result, sites: int) -> Masts:
    """Return the candidates that see most land, one after the other, as a planner could know."""
    half = district.world.size_m / 2
    line = np.arange(-half, half, GRID_M) + GRID_M / 2
    x, y = (axis.ravel() for axis in np.meshgrid(line, line))
    masts = masts_of(district, result.candidates)
    masts = Masts(masts.x, masts.y, np.full(len(masts.x), USUAL_MAST_M))
    seen = np.array(
        [
            judge.level(mast, x, y, true=False) >= SEEN_DBM
            for mast in zip(masts.x, masts.y, masts.mast_m, strict=True)
        ]
    )
    chosen: list[int] = []
    open_land = np.ones(len(x), bool)
    for _ in range(min(sites, len(masts.x))):
        best = int(np.argmax((seen & open_land).sum(axis=1)))
        chosen.append(best)
        open_land &= ~seen[best]
    return masts.only(chosen)


def planned(project: Project, sites: int, **evidence: object) -> Result:
    """Return a run of a world with so many sites."""
    settings = project.settings
    changed = settings.model_copy(
        update={
            "siting": settings.siting.model_copy(
                update={"max_sites": sites, "stability_draws": 0, "include_unknown": True}
            ),
            "evidence": settings.evidence.model_copy(update=evidence),
        }
    )
    return pipeline.compute(Project(settings=changed, file=project.file))


def figures(number: int, world: World, sites: int) -> Mapping[str, float]:
    """Return people truly newly served in one world by each plan."""
    district = generate(world, seed=number)
    with TemporaryDirectory() as spare:
        write_district(district, Path(spare), lost=False)
        project = load(Path(spare) / "project.toml")
        full = planned(project, sites, decide_by=EVERYTHING)
        measured = planned(project, sites, decide_by=("measured",))
    siting = full.settings.siting
    band = BANDS[siting.bands[0]]
    budget = LinkBudget(
        transmit_power_dbm=siting.transmit_power_dbm,
        antenna_gain_dbi=siting.antenna_gain_dbi,
        losses_db=siting.losses_db,
        bandwidth_mhz=band.bandwidth_mhz,
    )
    judge = Judge(district, budget.reference_eirp_dbm, band.downlink_mhz)
    chosen = [r.candidates[r.candidates["selected"]] for r in (full, measured)]
    return {
        "world": number,
        "waiting": float(judge.waiting.sum()),
        "plan": judge.served(masts_of(district, chosen[0])),
        "measured": judge.served(masts_of(district, chosen[1])),
        "oracle": oracle(judge, *every_option(district, full), sites),
        "k-means": judge.served(at_centres(district, full, sites)),
        "highest": judge.served(highest(district, full, sites)),
        "area": judge.served(by_area(district, judge, full, sites)),
    }


def main() -> None:
    """Print a row per world, then sums and shares of the oracle's."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--sites", type=int, default=4)
    asked = parser.parse_args()
    rows = []
    for number, world in list(worlds())[: asked.worlds]:
        rows.append(figures(number, world, asked.sites))
        print({name: round(value) for name, value in rows[-1].items()}, flush=True)
    total = pd.DataFrame(rows).drop(columns="world").sum()
    print(pd.DataFrame({"people": total, "of the oracle": total / total["oracle"]}).round(3))


if __name__ == "__main__":
    main()
