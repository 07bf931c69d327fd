"""Send a team to 10 places of each hard world, by the survey plan, at random and to the most people, and score what it taught.

`python benchmarks/survey.py FOLDER` takes the worlds of `truth.toml` (made in FOLDER where they are missing) and prints the
Brier score of P(served) over all clusters, carriers and the best of all, before any visit and after; then the same
weighted by people:

plan       the most worthwhile places of `lomsong survey`
random     places drawn from all those whose 4G is unknown for some carrier (mean over draws)
populous   of those whose 4G is unknown for the best of all, the ones with most people

A visit measures at the plan's spots with a phone of each carrier, and hears what the world's own radio sends there, as exactly
as phones hear; where that is too weak for 4G it has no service. A cluster without a probability counts as one half.
"""

import argparse
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from lomsong.assess.assessment import Assessment, assess
from lomsong.assess.survey import plan_survey, spots_of
from lomsong.config import EvidenceSection, SurveySection
from lomsong.demo import World, generate
from lomsong.demo.readings import CAMPING_DBM
from lomsong.evidence.cube import Evidence, count, merge
from lomsong.evidence.join import Locator
from lomsong.space.crs import Floats
from lomsong.tables import ANY_CARRIER, SAMPLES, Samples, checked
from lomsong.vietnam.carriers import CARRIERS
from true_radio import heard_at
from truth import WORKERS, Case, case, worlds

VISITS = 10
DRAWS = 3
FADING_DB = 3.0
"""How far what a phone shows lies off the level at a spot [dB]."""
KINDS = ("measured", "inferred", "modelled")


class Judge:
    """One world, judged with more or less evidence."""

    def __init__(self, one: Case, world: World, *, kinds: tuple[str, ...]) -> None:
        self.case = one
        self.locator = Locator(one.hamlets.table, one.clusters)
        evidence = EvidenceSection(decide_by=kinds)
        self.settings = one.settings.model_copy(update={"evidence": evidence})
        self.carriers = [c for c in one.true_clusters["carrier"].unique() if c != ANY_CARRIER]
        self.district = generate(world, seed=one.number)

    def assessed(self, evidence: Evidence) -> Assessment:
        """Judge the world by some evidence."""
        one = self.case
        return assess(
            evidence,
            one.hamlets,
            one.clusters,
            settings=self.settings,
            sites=one.sites.table,
            terrain=one.terrain,
        )

    def visited(self, visits: pd.DataFrame) -> Assessment:
        """Judge the world again after visits to some rows of the survey."""
        found = count([self.measured(visits)], self.locator)
        return self.assessed(merge([self.case.evidence, found]))

    def measured(self, visits: pd.DataFrame) -> Samples:
        """Return what the team finds there."""
        spots = [spots_of(written) for written in visits["spots"]]
        lon, lat = np.array([place for of_one in spots for place in of_one]).T
        heard = heard_at(self.district, lon, lat)
        at = [f"{x:.6f} {y:.6f}" for x, y in zip(lon, lat, strict=True)]
        table = pd.concat(
            pd.DataFrame(
                {
                    "time": pd.Timestamp("2026-01-05T02:00:00Z"),
                    "lon": lon,
                    "lat": lat,
                    "plmn": CARRIERS[carrier].plmn,
                    "rsrp_dbm": np.round(heard[carrier] + self._fading(carrier, at)),
                    "device": f"team {carrier}",
                }
            )
            for carrier in self.carriers
        ).reset_index(drop=True)
        served = table["rsrp_dbm"] >= CAMPING_DBM["4G"]
        table = table.assign(
            time=table["time"].astype("datetime64[ms, UTC]"),
            accuracy_m=np.nan,
            technology=pd.Series(np.where(served, "4G", None), dtype="str"),
            rsrp_dbm=table["rsrp_dbm"].where(served),
            no_service=~served,
            level_dbm=np.nan,
            source="survey",
        ).astype(dict.fromkeys(("plmn", "device", "source"), str))
        return Samples(table=checked(table, SAMPLES), n_rows=len(table))

    def _fading(self, carrier: str, at: Sequence[str]) -> Floats:
        """Return how far a phone's reading lies off at each spot [dB]; the same whoever sends the team there."""
        seeds = ((self.case.number, zlib.crc32(f"{carrier} {spot}".encode())) for spot in at)
        return np.array([np.random.default_rng(seed).normal(0, FADING_DB) for seed in seeds])

    def brier(self, assessment: Assessment) -> tuple[float, float]:
        """Return the mean squared error of P(served) over clusters and carriers, and its mean over people."""
        said = assessment.table[assessment.table["technology"] == "4G"]
        said = said[["cluster_id", "carrier", "p_served"]]
        table = self.case.true_clusters.merge(said, on=["cluster_id", "carrier"], how="left")
        error = table["p_served"].fillna(0.5).to_numpy(float) - table["served"].to_numpy(float)
        people = table["people"].fillna(0).to_numpy(float)
        return float((error**2).mean()), float(np.average(error**2, weights=people))

    def survey(self, assessment: Assessment) -> pd.DataFrame:
        """Return the plan."""
        one = self.case
        return plan_survey(
            one.hamlets, one.clusters, assessment, self.locator, settings=SurveySection()
        )


def ways(
    survey: pd.DataFrame, assessment: Assessment, seed: int
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Return the places that each way of choosing visits."""
    yield "plan", survey.head(VISITS)
    for draw in range(DRAWS):
        chosen = np.random.default_rng([seed, draw]).permutation(len(survey))[:VISITS]
        yield "random", survey.iloc[np.sort(chosen)]
    table = assessment.table
    unknown = table[
        (table["carrier"] == ANY_CARRIER)
        & (table["technology"] == "4G")
        & (table["class"] == "unknown")
    ]
    dark = survey[survey["cluster_id"].isin(unknown["cluster_id"])]
    by_people = dark.sort_values(["people", "cluster_id"], ascending=[False, True])
    yield "populous", by_people.head(VISITS)


def scored(job: tuple[int, World, Path, tuple[str, ...]]) -> dict[str, tuple[float, float]]:
    """Return the two scores of a world before any visit and after those of each way."""
    number, world, folder, kinds = job
    judge = Judge(case(number, world, folder), world, kinds=kinds)
    before = judge.assessed(judge.case.evidence)
    scores: dict[str, list[tuple[float, float]]] = {"before": [judge.brier(before)]}
    for name, visits in ways(judge.survey(before), before, number):
        scores.setdefault(name, []).append(judge.brier(judge.visited(visits)))
    return {name: tuple(np.mean(values, axis=0).tolist()) for name, values in scores.items()}


def main() -> None:
    """Print a row per world, then the mean."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=None, help="only so many worlds; default: all")
    parser.add_argument(
        "--decide-by", nargs="+", default=list(KINDS), choices=KINDS, help="default: all three"
    )
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    kinds = tuple(chosen.decide_by)
    jobs = [(n, w, chosen.folder, kinds) for n, w in worlds()][: chosen.first]
    with ProcessPoolExecutor(WORKERS) as pool:
        rows = list(pool.map(scored, jobs))
    for part, title in enumerate(("over clusters", "over people")):
        table = pd.DataFrame(
            [{name: score[part] for name, score in row.items()} for row in rows],
            index=pd.Index([number for number, *_ in jobs], name="world"),
        )
        wins = {name: int((table["plan"] < table[name]).sum()) for name in ("random", "populous")}
        table.loc["mean"] = table.mean()
        print(f"Brier score {title}\n{table.to_string(float_format='%.4f')}")
        for name, won in wins.items():
            print(f"plan below {name} in {won} of {len(jobs)} worlds")


if __name__ == "__main__":
    main()
