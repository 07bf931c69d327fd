"""Predict true levels at clusters where nobody measured, in worlds whose truth is known.

`python benchmarks/levels.py FOLDER --only 1 3 8` makes the worlds of `truth.toml` in FOLDER where they are missing, and
prints over all clusters that a carrier has no observation in:

ours         what a run says (`corrected_dbm`): what the judge expects of a cluster without anything of its hamlet, from masts
             looked for, samples and silence around; where it expects nothing, what the models say
models       trend, neighbours, forest, weighed on blocks left out (`models_of_levels` in the manifest)
propagation  the strongest listed site over terrain by a usual link budget, with its stated spread of 10 dB

as bias and rmse of the true median level [dB] where any site is heard, the share of clusters inside the intervals of 50,
80, 90 %, and of P(level >= minimum) the Brier score and its mean beside the share that is served.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from lomsong.assess.assessment import assess
from lomsong.assess.modelled import middles, predict
from lomsong.assess.modelled.field import propagation_of
from lomsong.assess.modelled.masts import Search, coarse_enough, masts_of
from lomsong.assess.modelled.trend import USUAL_SIGMA_DB
from lomsong.assess.modelled.units import units_of
from lomsong.tables import JUDGED_TECHNOLOGY
from lomsong.vietnam.carriers import carriers_of
from truth import Case, case, worlds

HEARD_DBM = -159.0
"""True levels below this are no levels: no site is heard."""


def judged(one: Case) -> pd.DataFrame:
    """Return a row per cluster, carrier and method: mean, sigma, true level, served; unmeasured clusters alone."""
    sites = one.sites.table
    sites = sites[sites["technology"] == JUDGED_TECHNOLOGY]
    sites = sites.assign(carrier=carriers_of(sites["plmn"])).sort_values(["carrier", "site_id"])
    witnesses = one.evidence.witnesses
    units = units_of(witnesses, crs=one.clusters.crs)
    propagation = propagation_of(sites, one.terrain, units)
    said = predict(
        witnesses,
        one.clusters,
        carriers=one.evidence.carriers,
        learnt=None if propagation is None else propagation.learnt(),
        terrain=one.terrain,
    )
    plain = listed(one, sites)
    assessed = assess(
        one.evidence,
        one.hamlets,
        one.clusters,
        settings=one.settings,
        sites=one.sites.table,
        terrain=one.terrain,
    )
    own = {name: n for n, name in enumerate(one.clusters.table["cluster_id"])}
    rows = []
    for carrier, models in said.items():
        truth = one.true_clusters[one.true_clusters["carrier"] == carrier]
        at = truth["cluster_id"].map(own).to_numpy()
        expected = assessed.expected[carrier]
        told = np.isfinite(expected.level_dbm)
        level = np.where(told, expected.level_dbm, models.mean_dbm)
        sigma = np.where(told, expected.sigma_db, models.sigma_db)
        seen = witnesses.loc[witnesses["carrier"] == carrier, "cluster"].unique()
        every = {
            "ours": (level[at], sigma[at]),
            "models": (models.mean_dbm[at], models.sigma_db[at]),
            "propagation": (plain[carrier][at], np.full(len(at), USUAL_SIGMA_DB)),
        }
        rows += [
            pd.DataFrame(
                {
                    "method": name,
                    "mean": mean,
                    "sigma": sigma,
                    "true": truth["rsrp_median_dbm"].to_numpy(),
                    "served": truth["served"].to_numpy(float),
                }
            )[~np.isin(at, seen)]
            for name, (mean, sigma) in every.items()
        ]
    return pd.concat(rows)


def listed(one: Case, sites: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return what listed masts alone would bring to each cluster [dBm]."""
    ground = coarse_enough(one.terrain)
    masts = masts_of(sites, ground)
    nobody = units_of(one.evidence.witnesses[:0], crs=one.clusters.crs)
    result = {}
    for carrier in one.evidence.carriers:
        own = Search(ground, masts[masts["carrier"] == carrier], nobody, most_places=1)
        result[carrier] = own.network(own.found()).heard(*middles(one.clusters)).level_dbm
    return result


def figures(rows: pd.DataFrame, minimum_dbm: float) -> dict[str, float]:
    """Return how far off a method is, and how honest about it."""
    known = rows[rows["mean"].notna()]
    chance = norm.sf(minimum_dbm, known["mean"], known["sigma"])
    heard = known[known["true"] > HEARD_DBM]
    off = heard["mean"] - heard["true"]
    inside = {
        f"in{share}": float((off.abs() <= heard["sigma"] * norm.ppf(0.5 + share / 200)).mean())
        for share in (50, 80, 90)
    }
    return {
        "clusters": len(rows),
        "nothing said": float(rows["mean"].isna().mean()),
        "bias": float(off.mean()),
        "rmse": float(np.sqrt((off**2).mean())),
        **inside,
        "brier": float(((chance - known["served"]) ** 2).mean()),
        "mean p": float(chance.mean()),
        "served": float(known["served"].mean()),
    }


def main() -> None:
    """Print a row per method, over all worlds asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", type=int, nargs="*", help="seeds; default: all")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    cases = [case(n, w, chosen.folder) for n, w in worlds() if not chosen.only or n in chosen.only]
    rows = pd.concat([judged(one) for one in cases])
    minimum = cases[0].settings.levels.minimum_rsrp_dbm
    table = pd.DataFrame({m: figures(own, minimum) for m, own in rows.groupby("method")}).T
    print(table.to_string(float_format="%.3f"))


if __name__ == "__main__":
    main()
