"""Predict real samples on blocks of land that were left out, beside what anybody would try first.

`python benchmarks/holdout.py SHARED_DATA_DIR` reads the real samples of Dakar, Ottawa and Virginia, one unit per carrier
and cell of 69 m, lays squares over the land with an origin drawn per seed, leaves out a fifth of them at a time, and
prints for every set, width of squares and method the mean over the seeds:

mae, rmse, pinball   of the level on units left out [dB]; pinball is the mean over the quantiles 0.1, 0.5 and 0.9
in50, in80, in90     share of units inside the interval that should hold 50, 80, 90 %
calibration          mean distance between P(level >= t) and how often that came true, by tenths, t = -105, -95, -85 dBm

Methods: `ours` (samples alone: no sites are known there), `neighbours` (8 nearest, by distance), `kriging` (ordinary: an
exponential covariance and a nugget by maximum likelihood), `forest` (random forest on x and y). The first has a
distribution of its own; neighbours and forest get the spread of their errors on training units they had not seen.
Behind the figures of ours stands in how many seeds it was no worse than the best of the others, by mae.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.stats import norm
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.neighbors import KNeighborsRegressor
from threadpoolctl import threadpool_limits

from lomsong.assess.modelled.levels import Asked, level_by_samples
from lomsong.assess.modelled.units import Units, units_of
from lomsong.evidence.clusters import Integers
from lomsong.evidence.tally import CELLS_PER_DEGREE
from lomsong.ingest import read_samples
from lomsong.space.crs import Extent, Floats, local_metric_crs

SETS = {
    "dakar": ("gnettrack_dakar", "*.txt", (200.0, 400.0)),
    "ottawa": ("netcellinfo_ottawa", "*.csv", (500.0, 1000.0)),
    "virginia": ("netcellinfo_virginia", "*.csv", (500.0, 1000.0)),
}
FOLDS = 5
QUANTILES = (0.1, 0.5, 0.9)
THRESHOLDS_DBM = (-105.0, -95.0, -85.0)
NEIGHBOURS = 8
SETTLED = 0.05
"""A method is no worse where it is at most this far behind [dB]."""

Said = tuple[Floats, Floats]
"""Expected level and standard deviation of a reading at each place."""
Method = Callable[[Units, Units], Said]


@dataclass(frozen=True, kw_only=True)
class Set:
    """The units of one carrier in one set of files."""

    name: str
    units: Units
    sides_m: Sequence[float]


def sets(folder: Path) -> Iterator[Set]:
    """Read every set; a carrier each."""
    for name, (place, pattern, sides) in SETS.items():
        files = sorted((folder / "signal" / place).glob(pattern))
        table = read_samples(files, maximum_accuracy_m=100).table
        table = table[table["technology"] == "4G"]
        crs = local_metric_crs(
            Extent(*(float(table[c].agg(f)) for f in ("min", "max") for c in ("lon", "lat")))
        )
        for plmn in sorted(table["plmn"].unique()):
            units = gathered(table[table["plmn"] == plmn], crs)
            yield Set(name=f"{name} {plmn}", units=units, sides_m=sides)


def gathered(samples: pd.DataFrame, crs: CRS) -> Units:
    """Return the units of one carrier's samples, as a run would gather them."""
    cell = {
        name: np.floor(samples[place].to_numpy() * CELLS_PER_DEGREE).astype(np.int64)
        for name, place in (("cell_x", "lon"), ("cell_y", "lat"))
    }
    witnesses = pd.DataFrame(
        {
            "carrier": samples["plmn"].to_numpy(),
            "cluster": -1,
            "technology": "4G",
            "device": samples["device"].fillna("").to_numpy(),
            "day": samples["time"].dt.floor("D").astype("int64").to_numpy(),
            **cell,
            "level_dbm": np.floor(samples["rsrp_dbm"].to_numpy()).astype(np.int64),
            "n": 1,
        }
    )
    return units_of(witnesses, crs=crs)


def folds(units: Units, side_m: float, seed: int) -> Integers:
    """Deal out squares by chance."""
    chance = np.random.default_rng(seed)
    squares = pd.DataFrame(
        {
            name: (at + chance.uniform(0, side_m)) // side_m
            for name, at in (("x", units.x), ("y", units.y))
        }
    )
    number = squares.groupby(["x", "y"]).ngroup().to_numpy()
    return np.asarray(chance.permutation(number.max() + 1)[number] % FOLDS, np.int64)


def ours(taught: Units, asked: Units) -> Said:
    """Return what a run says where no site is known."""
    nobody = np.full(len(asked), -1, np.int64)
    said = level_by_samples(taught, Asked(x=asked.x, y=asked.y, group=nobody))
    return said.mean_dbm, np.hypot(said.sigma_db, said.covariance.noise_db / asked.phones**0.25)


def neighbours(taught: Units, asked: Units) -> Said:
    """Return the mean of the nearest, with the spread of each training unit around the others."""
    model = KNeighborsRegressor(min(NEIGHBOURS, len(taught) - 1), weights="distance")
    model.fit(places(taught), taught.level_dbm)
    away, near = model.kneighbors()
    weight = 1 / np.maximum(away, 1e-9)
    alone = (weight * taught.level_dbm[near]).sum(axis=1) / weight.sum(axis=1)
    spread = float(np.sqrt(((taught.level_dbm - alone) ** 2).mean()))
    return model.predict(places(asked)), np.full(len(asked), spread)


def kriging(taught: Units, asked: Units) -> Said:
    """Return ordinary kriging."""
    kernel = ConstantKernel(1.0, (0.05, 20)) * Matern(500.0, (30, 20_000), nu=0.5) + WhiteKernel(
        0.2, (0.005, 5)
    )
    model = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=2, random_state=0
    )
    model.fit(places(taught), taught.level_dbm)
    mean, spread = model.predict(places(asked), return_std=True)
    return mean, spread


def forest(taught: Units, asked: Units) -> Said:
    """Return a plain random forest."""
    model = RandomForestRegressor(300, oob_score=True, random_state=0, n_jobs=1)
    model.fit(places(taught), taught.level_dbm)
    spread = float(np.sqrt(((taught.level_dbm - model.oob_prediction_) ** 2).mean()))
    return model.predict(places(asked)), np.full(len(asked), spread)


METHODS: dict[str, Method] = {
    "ours": ours,
    "neighbours": neighbours,
    "kriging": kriging,
    "forest": forest,
}


def places(units: Units) -> Floats:
    """Return a row per unit [m]."""
    return np.column_stack([units.x, units.y])


def left_out(method: Method, units: Units, fold: Integers) -> Said:
    """Return what a method says of every unit without having seen its block."""
    mean, spread = np.full(len(units), np.nan), np.full(len(units), np.nan)
    for number in np.unique(fold):
        out = fold == number
        mean[out], spread[out] = method(units.chosen(~out), units.chosen(out))
    return mean, spread


def figures(level: Floats, mean: Floats, spread: Floats) -> dict[str, float]:
    """Return how far off a method is, and how honest about it."""
    off = level - mean
    pinball = [
        np.maximum(q * (beyond := off - spread * norm.ppf(q)), (q - 1) * beyond).mean()
        for q in QUANTILES
    ]
    gaps = []
    for threshold in THRESHOLDS_DBM:
        chance, came = norm.sf(threshold, mean, spread), level >= threshold
        tenth = np.minimum((chance * 10).astype(int), 9)
        gaps += [abs((chance - came)[tenth == t].sum()) / len(level) for t in range(10)]
    return {
        "mae": float(np.abs(off).mean()),
        "rmse": float(np.sqrt((off**2).mean())),
        "pinball": float(np.mean(pinball)),
        **{
            f"in{share}": float((np.abs(off) <= spread * norm.ppf(0.5 + share / 200)).mean())
            for share in (50, 80, 90)
        },
        "calibration": float(sum(gaps) / len(THRESHOLDS_DBM)),
    }


def main() -> None:
    """Print a table per set and width of squares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("shared_data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", help="sets whose name begins so")
    chosen = parser.parse_args()
    with threadpool_limits(1):
        for one in sets(chosen.shared_data):
            if chosen.only is None or one.name.startswith(chosen.only):
                for side in one.sides_m:
                    tell(one, side, chosen.seeds)


def tell(one: Set, side_m: float, seeds: int) -> None:
    """Print how all methods do on one set."""
    rows = []
    for seed in range(seeds):
        fold = folds(one.units, side_m, seed)
        for name, method in METHODS.items():
            said = left_out(method, one.units, fold)
            rows.append({"method": name, "seed": seed, **figures(one.units.level_dbm, *said)})
    table = pd.DataFrame(rows)
    mean = table.groupby("method", sort=False).mean().drop(columns="seed")
    mean["mae_spread"] = table.groupby("method", sort=False)["mae"].std(ddof=0)
    by_seed = table.pivot_table(index="seed", columns="method", values="mae")
    best = by_seed.drop(columns="ours").min(axis=1)
    won = int((by_seed["ours"] <= best + SETTLED).sum())
    print(f"{one.name}: {len(one.units)} units, squares of {side_m:.0f} m, {seeds} seeds")
    print(mean.to_string(float_format="%.2f"))
    print(f"ours no worse than the best of the others in {won} of {seeds} seeds\n", flush=True)


if __name__ == "__main__":
    main()
