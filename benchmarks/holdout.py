"""Predict real samples on blocks of land that were left out, beside what anybody would try first.

`python benchmarks/holdout.py SHARED_DATA_DIR` reads the real samples of Dakar, Ottawa and Virginia, one unit per carrier
and cell of 69 m, lays squares over the land with an origin drawn per seed, leaves out a fifth of them at a time, and
prints for every set, width of squares and method the mean over the seeds:

mae, rmse            of the level on units left out [dB]
crps                 continuous ranked probability score [dB]: error and honesty of the whole distribution
in50, in80, in90     share of units inside the interval that should hold 50, 80, 90 %
calibration          mean distance between P(level >= t) and how often that came true, by tenths, t = -105, -95, -85 dBm

Methods: `ours` (samples alone: no sites are known there), `neighbours` (8 nearest, by distance), `kriging` (ordinary: an
exponential covariance and a nugget by maximum likelihood), `forest` (random forest on x and y). The first has a
distribution of its own; neighbours and forest get the spread of their errors on training units they had not seen.
The last table has, per set and width, how far ours lies behind (+) or before (-) the best of the others, found out afterwards.

Before, it tells what was left out of each set: copies of uploads that ingest knows, and those that it cannot know, which
have device, time and level of another but lie in another cell. So no reading stands on both sides of a block's edge.

`--widths 150 300` lays other squares; the width 0 leaves out strips, from one side of the land to the other.
`--first-seed 10` draws others, `--thin 150` takes so many units of each set alone.
`--samples FILE ...` reads other files than those of SHARED_DATA_DIR.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.stats import norm
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.neighbors import KNeighborsRegressor
from threadpoolctl import threadpool_limits

from lomsong.assess.modelled.levels import Asked, level_by_samples
from lomsong.assess.modelled.units import Units, units_of
from lomsong.evidence.clusters import Flags, Integers
from lomsong.evidence.tally import CELLS_PER_DEGREE
from lomsong.ingest import read_samples
from lomsong.space.crs import Extent, Floats, local_metric_crs

SETS = {
    "dakar": ("gnettrack_dakar", "*.txt", (200.0, 400.0)),
    "ottawa": ("netcellinfo_ottawa", "*.csv", (500.0, 1000.0)),
    "virginia": ("netcellinfo_virginia", "*.csv", (500.0, 1000.0)),
}
FOLDS = 5
THRESHOLDS_DBM = (-105.0, -95.0, -85.0)
NEIGHBOURS = 8
PEERS = ("neighbours", "kriging", "forest")
STRIPS = 0.0
"""Stands for strips in place of a width of squares."""

Said = tuple[Floats, Floats]
"""Expected level and standard deviation of a reading at each place."""
Method = Callable[[Units, Units], Said]


@dataclass(frozen=True, kw_only=True)
class Set:
    """The units of one carrier in one set of files."""

    name: str
    units: Units
    widths_m: Sequence[float]


def sets(folder: Path) -> Iterator[Set]:
    """Read every set; a carrier each."""
    for name, (place, pattern, widths) in SETS.items():
        yield from read(name, sorted((folder / "signal" / place).glob(pattern)), widths)


def read(name: str, files: Sequence[Path], widths_m: Sequence[float]) -> Iterator[Set]:
    """Read files as one set for each carrier, and tell what is left out."""
    samples = read_samples(files, maximum_accuracy_m=100)
    table = samples.table[samples.table["technology"] == "4G"]
    copied = elsewhere_again(table)
    dropped = ", ".join(f"{n} {reason}" for reason, n in sorted(samples.dropped.items()))
    print(
        f"{name}: left out of {samples.n_rows} rows: {dropped}; {copied.sum()} copied elsewhere\n"
    )
    table = table[~copied]
    crs = local_metric_crs(
        Extent(*(float(table[c].agg(f)) for f in ("min", "max") for c in ("lon", "lat")))
    )
    for plmn in sorted(table["plmn"].unique()):
        units = gathered(table[table["plmn"] == plmn], crs)
        yield Set(name=f"{name} {plmn}", units=units, widths_m=widths_m)


def elsewhere_again(table: pd.DataFrame) -> Flags:
    """Tell which samples have device, time and level of an earlier row, and another cell: one phone is in one place."""
    cells = pd.DataFrame(cells_of(table), index=table.index)
    reading = table[["device", "plmn", "time", "rsrp_dbm"]].assign(**cells).drop_duplicates()
    first = reading.drop_duplicates(["device", "plmn", "time", "rsrp_dbm"]).index
    stray = reading.index.difference(first)
    return table.index.isin(stray) & table["time"].notna().to_numpy()


def cells_of(samples: pd.DataFrame) -> dict[str, Integers]:
    """Return the cell of 69 m that each sample lies in."""
    return {
        name: np.floor(samples[place].to_numpy() * CELLS_PER_DEGREE).astype(np.int64)
        for name, place in (("cell_x", "lon"), ("cell_y", "lat"))
    }


def gathered(samples: pd.DataFrame, crs: CRS) -> Units:
    """Return the units of one carrier's samples, as a run would gather them."""
    witnesses = pd.DataFrame(
        {
            "carrier": samples["plmn"].to_numpy(),
            "cluster": -1,
            "technology": "4G",
            "device": samples["device"].fillna("").to_numpy(),
            "day": samples["time"].dt.floor("D").astype("int64").to_numpy(),
            **cells_of(samples),
            "level_dbm": np.floor(samples["rsrp_dbm"].to_numpy()).astype(np.int64),
            "n": 1,
        }
    )
    return units_of(witnesses, crs=crs)


def folds(units: Units, width_m: float, seed: int) -> Integers:
    """Deal out squares by chance, or strips across the land in a direction drawn by chance."""
    chance = np.random.default_rng(seed)
    if width_m == STRIPS:
        turn = chance.uniform(0, np.pi)
        rank = np.argsort(np.argsort(units.x * np.cos(turn) + units.y * np.sin(turn)))
        return np.asarray(rank * FOLDS // len(units), np.int64)
    squares = pd.DataFrame(
        {
            name: (at + chance.uniform(0, width_m)) // width_m
            for name, at in (("x", units.x), ("y", units.y))
        }
    )
    number = squares.groupby(["x", "y"]).ngroup().to_numpy()
    return np.asarray(chance.permutation(number.max() + 1)[number] % FOLDS, np.int64)


def thinned(units: Units, n: int) -> Units:
    """Return some of the units, drawn by chance."""
    kept = np.random.default_rng(n).permutation(len(units))[:n]
    return units.chosen(np.sort(kept))


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
    z = off / spread
    crps = spread * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    gaps = []
    for threshold in THRESHOLDS_DBM:
        chance, came = norm.sf(threshold, mean, spread), level >= threshold
        tenth = np.minimum((chance * 10).astype(int), 9)
        gaps += [abs((chance - came)[tenth == t].sum()) / len(level) for t in range(10)]
    return {
        "mae": float(np.abs(off).mean()),
        "rmse": float(np.sqrt((off**2).mean())),
        "crps": float(crps.mean()),
        **{
            f"in{share}": float((np.abs(off) <= spread * norm.ppf(0.5 + share / 200)).mean())
            for share in (50, 80, 90)
        },
        "calibration": float(sum(gaps) / len(THRESHOLDS_DBM)),
    }


def main() -> None:
    """Print a table per set and width of squares, then how far ours lies behind the best of the others."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("shared_data", type=Path, nargs="?")
    parser.add_argument("--samples", type=Path, nargs="+")
    parser.add_argument("--widths", type=float, nargs="+", help="[m]")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--thin", type=int)
    parser.add_argument("--only", help="sets whose name begins so")
    chosen = parser.parse_args()
    if chosen.samples is not None:
        found = read("samples", chosen.samples, (200.0, 500.0, 1000.0))
    elif chosen.shared_data is not None:
        found = sets(chosen.shared_data)
    else:
        parser.error("name SHARED_DATA_DIR or --samples")
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    behind = []
    # Kriging by a library warns where a length lies at its bound.
    with (
        threadpool_limits(1),
        warnings.catch_warnings(category=ConvergenceWarning, action="ignore"),
    ):
        for one in found:
            if chosen.only is not None and not one.name.startswith(chosen.only):
                continue
            units = one.units if chosen.thin is None else thinned(one.units, chosen.thin)
            widths = chosen.widths or one.widths_m
            behind += [tell(one.name, units, width, seeds) for width in widths]
    print("ours behind (+) the best of the others, by the mean over the seeds")
    print(pd.DataFrame(behind).to_string(index=False, float_format="%+.1f"))


def tell(name: str, units: Units, width_m: float, seeds: Sequence[int]) -> dict[str, str | float]:
    """Print how all methods do on one set; return how far ours lies behind the best of the others."""
    rows = []
    for seed in seeds:
        fold = folds(units, width_m, seed)
        for method, way in METHODS.items():
            said = left_out(way, units, fold)
            rows.append({"method": method, **figures(units.level_dbm, *said)})
    mean = pd.DataFrame(rows).groupby("method", sort=False).mean()
    blocks = "strips" if width_m == STRIPS else f"squares of {width_m:.0f} m"
    print(f"{name}: {len(units)} units, {blocks}, seeds {min(seeds)} to {max(seeds)}")
    print(f"{mean.to_string(float_format='%.2f')}\n", flush=True)
    best = mean.loc[list(PEERS)].min()
    off = 100 * (mean.loc["ours"] / best - 1)
    return {
        "set": name,
        "blocks": blocks,
        **{f"{figure} [%]": float(off[figure]) for figure in ("mae", "rmse", "crps")},
        "calibration": float(mean.loc["ours", "calibration"] - best["calibration"]),
    }


if __name__ == "__main__":
    main()
