"""Predict real samples on blocks of land that were left out, beside what anybody would try first.

`python benchmarks/holdout.py SHARED_DATA_DIR` reads the real samples of Dakar, Ottawa and Virginia, one unit per carrier
and cell of 69 m, leaves out a part of the land at a time, and prints for every set, kind of blocks and method, over all draws:

mae, rmse            of the level on units left out [dB]
crps                 continuous ranked probability score [dB]: error and honesty of the whole distribution
in50, in80, in90     share of units inside the interval that should hold 50, 80, 90 %
calibration          mean distance between P(level >= t) and how often that came true, by tenths, t = -105, -95, -85 dBm

Methods: `ours` (samples alone: no sites are known there) and those of `holdout_peers.py`: the mean of the 5 or 10 nearest, of
8 by distance; kriging with an exponential covariance and a nugget, by likelihood or laid through the variogram; a random
forest on x and y. Neighbours and forest get the spread of their errors on training units that they had not seen.

The last table puts ours beside the best of all of them by each figure, who is found out afterwards and so has luck on his side:
how far it lies behind (+) or before (-) [%; of in90, how much further from .9], twice with the standard error of that.
`draws`: over draws of the blocks (would others be like these?), `land`: as squares of land are left out of the sums in turn
(a jackknife: would other land be?). The words tell `before` and `behind` where it is more than two of them, else `level`.

Before, it tells what was left out of each set: copies of uploads that ingest knows, and those that it cannot know, which
have device, time and level of another but lie in another cell. So no reading stands on both sides of a block's edge.

`--blocks cells 500 2000 strips` leaves out cells one by one in ten parts; squares of 500 and 2000 m with an origin drawn by
chance, a fifth at a time; and strips from one side of the land to the other, in a direction drawn by chance.
`--rows` scores every reading at its own place in place of the unit; the others then learn from readings, too.
`--first-draw 10` takes others, `--thin 150` takes so many units of each set alone.
`--samples FILE ...` reads other files than those of SHARED_DATA_DIR.
"""

import argparse
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from holdout_peers import PEERS, Peer, Readings, Said
from lomsong.assess.modelled.levels import Asked, level_by_samples
from lomsong.assess.modelled.units import Units, units_of
from lomsong.evidence.clusters import Flags, Integers
from lomsong.evidence.tally import CELLS_PER_DEGREE
from lomsong.ingest import read_samples
from lomsong.space.crs import Extent, Floats, local_metric_crs

SETS = {
    "dakar": ("gnettrack_dakar", "*.txt", ("cells", "200", "400", "strips")),
    "ottawa": ("netcellinfo_ottawa", "*.csv", ("cells", "500", "1000", "2000", "strips")),
    "virginia": ("netcellinfo_virginia", "*.csv", ("cells", "500", "1000", "2000", "strips")),
}
OF_OTHER_FILES = ("cells", "200", "500", "1000", "strips")
PARTS = 5
PARTS_OF_CELLS = 10
THRESHOLDS_DBM = (-105.0, -95.0, -85.0)
SHARES = (50, 80, 90)
LAND_SQUARES = 6
"""Squares of land that the jackknife leaves out lie so many to the longer side."""
SURE = 2.0
"""Standard errors that make a difference more than chance."""
COMPARED = ("mae", "rmse", "crps", "in90", "calibration")
_SUMMED = ("n", "off", "off2", "crps", *(f"in{share}" for share in SHARES))


@dataclass(frozen=True, eq=False, kw_only=True)
class Set:
    """What one carrier's phones told in one set of files."""

    name: str
    units: Units
    rows: Readings
    """Every reading at its own place."""
    unit_of_row: Integers
    blocks: Sequence[str]

    def thinned(self, n: int) -> "Set":
        """Return some of the units, drawn by chance."""
        kept = np.sort(np.random.default_rng(n).permutation(len(self.units))[:n])
        number = np.full(len(self.units), -1, np.int64)
        number[kept] = np.arange(len(kept))
        unit = number[self.unit_of_row]
        rows = self.rows.chosen(unit >= 0)
        return replace(self, units=self.units.chosen(kept), rows=rows, unit_of_row=unit[unit >= 0])

    @property
    def readings(self) -> Readings:
        """Each unit as a reading at the middle of its cell."""
        return Readings(
            x=self.units.x,
            y=self.units.y,
            level_dbm=self.units.level_dbm,
            phones=self.units.phones,
        )


def sets(folder: Path) -> Iterator[Set]:
    """Read every set; a carrier each."""
    for name, (place, pattern, blocks) in SETS.items():
        yield from read(name, sorted((folder / "signal" / place).glob(pattern)), blocks)


def read(name: str, files: Sequence[Path], blocks: Sequence[str]) -> Iterator[Set]:
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
        yield gathered(f"{name} {plmn}", table[table["plmn"] == plmn], crs, blocks)


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


def gathered(name: str, samples: pd.DataFrame, crs: CRS, blocks: Sequence[str]) -> Set:
    """Return one carrier's samples, and their units as a run would gather them."""
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
    to_metres = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = to_metres.transform(samples["lon"].to_numpy(), samples["lat"].to_numpy())
    level = samples["rsrp_dbm"].to_numpy(float)
    return Set(
        name=name,
        units=units_of(witnesses, crs=crs),
        rows=Readings(x=x, y=y, level_dbm=level, phones=np.ones(len(x))),
        # Units are sorted by cell.
        unit_of_row=witnesses.groupby(["cell_x", "cell_y"], sort=True).ngroup().to_numpy(),
        blocks=blocks,
    )


def dealt(units: Units, blocks: str, draw: int) -> Integers:
    """Deal out cells, squares or strips of land by chance; return which part each unit is left out with."""
    chance = np.random.default_rng(draw)
    if blocks == "cells":
        return np.asarray(chance.permutation(len(units)) % PARTS_OF_CELLS, np.int64)
    if blocks == "strips":
        turn = chance.uniform(0, np.pi)
        rank = np.argsort(np.argsort(units.x * np.cos(turn) + units.y * np.sin(turn)))
        return np.asarray(rank * PARTS // len(units), np.int64)
    width = float(blocks)
    number = squares(units.x + chance.uniform(0, width), units.y + chance.uniform(0, width), width)
    return np.asarray(chance.permutation(number.max() + 1)[number] % PARTS, np.int64)


def squares(x: Floats, y: Floats, width_m: float) -> Integers:
    """Return the number of the square that each place lies in."""
    table = pd.DataFrame({"x": x // width_m, "y": y // width_m})
    return np.asarray(table.groupby(["x", "y"]).ngroup(), np.int64)


def ours(taught: Units, asked: Readings, within_db: float) -> Said:
    """Return what a run says where no site is known; readings lie around their cell's level by `within_db`."""
    nobody = np.full(len(asked), -1, np.int64)
    said = level_by_samples(taught, Asked(x=asked.x, y=asked.y, group=nobody))
    noise = said.covariance.noise_db / asked.phones**0.25
    return said.mean_dbm, np.sqrt(said.sigma_db**2 + noise**2 + within_db**2)


def left_out(one: Set, part: Integers, peer: Peer | None, *, rows: bool) -> Said:
    """Return what a peer, or ours, says of every reading without having seen its block."""
    readings = one.rows if rows else one.readings
    unit = one.unit_of_row if rows else np.arange(len(one.units))
    mean, spread = np.full(len(readings), np.nan), np.full(len(readings), np.nan)
    for number in np.unique(part):
        out = part[unit] == number
        taught, asked = readings.chosen(~out), readings.chosen(out)
        if peer is None:
            apart = taught.level_dbm - one.units.level_dbm[unit[~out]]
            within = float(np.sqrt((apart**2).mean()))
            said = ours(one.units.chosen(part != number), asked, within)
        else:
            said = peer(taught, asked)
        mean[out], spread[out] = said
    return mean, spread


def sums(level: Floats, mean: Floats, spread: Floats, square: Integers) -> Floats:
    """Return a row per square of land: what all figures follow from, added up."""
    off = level - mean
    z = off / spread
    crps = spread * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    inside = [np.abs(off) <= spread * norm.ppf(0.5 + share / 200) for share in SHARES]
    columns = [np.ones(len(level)), np.abs(off), off**2, crps, *inside]
    for threshold in THRESHOLDS_DBM:
        chance, came = norm.sf(threshold, mean, spread), level >= threshold
        tenth = np.minimum((chance * 10).astype(int), 9)
        columns += [np.where(tenth == t, chance - came, 0.0) for t in range(10)]
    return np.array([np.bincount(square, column) for column in columns]).T


def figures(total: Floats) -> dict[str, float]:
    """Return how far off a method is, and how honest about it, from its sums."""
    mean = dict(zip(_SUMMED, total / total[0], strict=False))
    gaps = np.abs(total[len(_SUMMED) :]) / total[0]
    return {
        "mae": float(mean["off"]),
        "rmse": float(np.sqrt(mean["off2"])),
        "crps": float(mean["crps"]),
        **{f"in{share}": float(mean[f"in{share}"]) for share in SHARES},
        "calibration": float(gaps.sum() / len(THRESHOLDS_DBM)),
    }


def badness(total: Floats, figure: str) -> float:
    """Return a figure that is the better, the smaller."""
    value = figures(total)[figure]
    return abs(value - 0.9) if figure == "in90" else value


@dataclass(frozen=True, eq=False, kw_only=True)
class Held:
    """What was found of all methods on one set and kind of blocks."""

    name: str
    sums: Mapping[str, Floats]
    """Of each method: draws x squares of land x what is added up."""

    def figures(self) -> pd.DataFrame:
        """Return a row per method, over all draws."""
        rows = {method: figures(own.sum(axis=(0, 1))) for method, own in self.sums.items()}
        return pd.DataFrame(rows).T

    def beside_best(self, figure: str) -> dict[str, str | float]:
        """Return how far ours lies behind the best of the others by one figure, and how sure that is."""
        best = min(PEERS, key=lambda peer: badness(self.sums[peer].sum(axis=(0, 1)), figure))
        both = np.stack([self.sums["ours"], self.sums[best]])

        def behind(of_both: Floats) -> float:
            mine, its = of_both.reshape(2, -1, both.shape[-1]).sum(axis=1)
            return badness(mine, figure) - badness(its, figure)

        _, n_draws, n_squares, _ = both.shape
        by_draw = np.array([behind(both[:, draw]) for draw in range(n_draws)])
        without = np.array([behind(np.delete(both, n, axis=2)) for n in range(n_squares)])
        error = {
            "draws": by_draw.std(ddof=1) / np.sqrt(n_draws) if n_draws > 1 else np.nan,
            "land": np.sqrt((n_squares - 1) * without.var()),
        }
        off = behind(both)
        base = badness(both[1].sum(axis=(0, 1)), figure)
        share = 100 if figure == "in90" else 100 / base
        row: dict[str, str | float] = {"figure": figure, "best": best, "off": share * off}
        for over, one in error.items():
            row |= {f"± {over}": share * one, f"by {over}": _word(off, one)}
        return row


def _word(off: float, error: float) -> str:
    if not np.isfinite(error):
        return "untold"
    if abs(off) <= SURE * error:
        return "level"
    return "behind" if off > 0 else "before"


def held(one: Set, blocks: str, draws: Sequence[int], *, rows: bool) -> Held:
    """Let all methods say what was left out, in every draw."""
    readings = one.rows if rows else one.readings
    width = max(np.ptp(readings.x), np.ptp(readings.y)) / LAND_SQUARES
    square = squares(readings.x, readings.y, float(width))
    found: dict[str, list[Floats]] = {method: [] for method in ("ours", *PEERS)}
    for draw in draws:
        part = dealt(one.units, blocks, draw)
        for method, own in found.items():
            said = left_out(one, part, PEERS.get(method), rows=rows)
            own.append(sums(readings.level_dbm, *said, square))
    return Held(
        name=f"{one.name}, {blocks}", sums={method: np.array(own) for method, own in found.items()}
    )


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("shared_data", type=Path, nargs="?")
    parser.add_argument("--samples", type=Path, nargs="+")
    parser.add_argument("--blocks", nargs="+", help="cells, strips, widths of squares [m]")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--first-draw", type=int, default=0)
    parser.add_argument("--rows", action="store_true")
    parser.add_argument("--thin", type=int)
    parser.add_argument("--only", help="sets whose name begins so")
    chosen = parser.parse_args()
    if chosen.samples is None and chosen.shared_data is None:
        parser.error("name SHARED_DATA_DIR or --samples")
    return chosen


def main() -> None:
    """Print a table per set and kind of blocks, then how far ours lies behind the best of the others."""
    chosen = arguments()
    if chosen.samples is not None:
        found = read("samples", chosen.samples, OF_OTHER_FILES)
    else:
        found = sets(chosen.shared_data)
    draws = range(chosen.first_draw, chosen.first_draw + chosen.draws)
    beside = []
    # Kriging by a library warns where a length lies at its bound.
    with (
        threadpool_limits(1),
        warnings.catch_warnings(category=ConvergenceWarning, action="ignore"),
    ):
        for one in found:
            if chosen.only is not None and not one.name.startswith(chosen.only):
                continue
            some = one if chosen.thin is None else one.thinned(chosen.thin)
            for blocks in chosen.blocks or one.blocks:
                result = held(some, blocks, draws, rows=chosen.rows)
                n = len(some.rows) if chosen.rows else len(some.units)
                print(f"{result.name}: {n} readings, draws {min(draws)} to {max(draws)}")
                print(f"{result.figures().to_string(float_format='%.3f')}\n", flush=True)
                beside += [{"set": result.name, **result.beside_best(f)} for f in COMPARED]
    tell(pd.DataFrame(beside))


def tell(beside: pd.DataFrame) -> None:
    """Print how far ours lies behind the best of the others, and how often it does."""
    print("ours behind (+) or before (-) the best of the others by each figure")
    print(beside.to_string(index=False, float_format="%.1f"))
    ahead = beside["off"].le(0).groupby(beside["figure"]).agg(["sum", "count"])
    print(f"\nno further off than the best\n{ahead.to_string()}")
    for over in ("draws", "land"):
        print(f"\n{pd.crosstab(beside['figure'], beside[f'by {over}']).to_string()}")


if __name__ == "__main__":
    main()
