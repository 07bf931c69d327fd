"""Count samples in 90,000 hamlets beside geopandas and other engines, each alone in its process, all in one command.

python benchmarks/evidence.py [--rows 1M 10M] [--hamlets 90000] [--clusters 0] [--peers-up-to 10M] [--folder DIR]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from counting import WARM_UP_ROWS, Job, locator_of
from hamlets import hamlets, samples

Geometries = npt.NDArray[np.object_]
Told = dict[str, dict[str, Any]]

ROWS_PER_GROUP = 262_144
ROWS_PER_DRIVE = 200
ROWS_AT_A_TIME = 5_000_000
PHONES_PER_MILLION = 2_000
SHARE_SILENT = 0.05
PLMNS = ("452-04", "452-02", "452-01", "452-05")
COLD_UP_TO = 1_000_000
RUN_UP_TO = 10_000_000
PEERS = ("geopandas", "polars", "duckdb")
TITLES = {
    "decoding": "decoding alone, columns of histograms",
    "lomsong": "lomsong: located, histograms",
    "cold": "lomsong: the same, index built in the run",
    "decoding_all": "decoding alone, columns of witnesses",
    "witnesses": "lomsong: located, witnesses, trails",
    "run": "lomsong run: judged, no duplicates, witnesses",
    "geopandas": "geopandas sjoin(within) + groupby",
    "polars": "shapely STRtree + polars",
    "duckdb": "DuckDB spatial",
}


def main() -> None:
    """Print CPU time, rows per second, ratios and peak memory of each way, and how cost grows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=number, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--hamlets", type=int, default=90_000)
    parser.add_argument(
        "--clusters", type=int, default=0, help="clusters of one dwelling in each hamlet"
    )
    parser.add_argument(
        "--peers-up-to", type=number, default=10_000_000, help="more are counted by us alone"
    )
    parser.add_argument("--folder", type=Path, help="where the files are kept; default: nowhere")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        extent = prepare(folder, options.hamlets, options.clusters)
        rates: dict[str, float] = {}
        for rows in options.rows:
            write(folder / f"{rows}.parquet", extent, rows)
            print(
                f"\n{rows:,} samples, {options.hamlets:,} hamlets, {options.clusters} clusters each"
            )
            ways = ["decoding", "lomsong", "decoding_all", "witnesses"]
            ways += ["cold"] * (rows <= COLD_UP_TO) + ["run"] * (rows <= RUN_UP_TO)
            ways += PEERS if rows <= options.peers_up_to else ()
            told = {way: in_own_process(way, folder, rows, options.clusters) for way in ways}
            print_ways(told, rows)
            rates |= {
                way: told[way]["cpu_s"] / rows for way in PEERS if "cpu_s" in told.get(way, {})
            }
            print_ratios(told, rates, rows)
        print_growth(folder, options.rows, options.hamlets)


def number(text: str) -> int:
    """Return how many 10M are."""
    millions = text.upper().endswith("M")
    return int(float(text.upper().removesuffix("M")) * (1_000_000 if millions else 1))


def prepare(folder: Path, count: int, clusters: int) -> tuple[float, ...]:
    """Write outlines, the index of them, and the few samples of the warm-up; return the extent."""
    folder.mkdir(parents=True, exist_ok=True)
    outlines = hamlets(count)
    np.save(folder / "hamlets.npy", shapely.to_wkb(outlines))
    locator_of(Job(Path(), outlines, clusters, 1, folder))
    extent = tuple(shapely.total_bounds(outlines).tolist())
    write(folder / f"{WARM_UP_ROWS}.parquet", extent, WARM_UP_ROWS)
    return extent


def in_own_process(
    way: str, folder: Path, rows: int, clusters: int, *, threads: int | None = None
) -> dict[str, Any]:
    """Return what one way told, by default with as many threads as it takes of itself."""
    script = Path(__file__).with_name("counting.py")
    words = [way, folder, rows, "--clusters", clusters]
    words += ["--threads", threads] if threads else []
    done = subprocess.run(  # noqa: S603 -- our own script, words of our own
        [sys.executable, str(script), *map(str, words)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1] if done.stderr else f"exit {done.returncode}"
        return {"skipped": f"it failed: {last}"}
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def print_ways(told: Told, rows: int) -> None:
    """Print what each way took."""
    for way, took in told.items():
        if "skipped" in took:
            print(f"  {TITLES[way]:<46} skipped: {took['skipped']}")
            continue
        found = f"{took['samples']:,} samples in {took['bars']:,}" if took["bars"] else ""
        print(
            f"  {TITLES[way]:<46} {took['cpu_s']:8.2f} CPU s {took['wall_s']:8.2f} s "
            f"{rows / took['cpu_s']:13,.0f} rows/CPU s {took['peak_gb']:6.2f} GB  {found}"
        )


def print_ratios(told: Told, rates: dict[str, float], rows: int) -> None:
    """Print how the ways compare; rivals that did not count so many samples are taken by their rate."""
    ours = told["lomsong"]["cpu_s"]
    print(f"  histograms take {ours / told['decoding']['cpu_s']:.1f} times the decoding")
    extra = told["witnesses"]["cpu_s"] - ours
    print(f"  witnesses take {extra:.2f} CPU s more, {extra / ours:.2f} times the histograms")
    for way, rate in rates.items():
        by_rate = "" if "cpu_s" in told.get(way, {}) else ", by rate"
        for mine in ("lomsong", "cold"):
            if mine in told:
                times = rate * rows / told[mine]["cpu_s"]
                print(f"  {TITLES[mine]}: {times:.1f} times less CPU than {TITLES[way]}{by_rate}")


def print_growth(folder: Path, sizes: Sequence[int], count: int) -> None:
    """Print how the cost of histograms grows with samples, with hamlets and with workers."""
    print("\ngrowth of histograms")
    for rows in sizes:
        took = in_own_process("lomsong", folder, rows, 0)
        print(f"  {rows:>13,} samples {took['cpu_s']:8.2f} CPU s")
    rows = sizes[0]
    for part in (count // 9, count // 3, count):
        own = folder / f"of_{part}"
        extent = prepare(own, part, 0)
        write(own / f"{rows}.parquet", extent, rows)
        took = in_own_process("lomsong", own, rows, 0)
        print(f"  {part:>13,} hamlets {took['cpu_s']:8.2f} CPU s")
    for threads in (1, 2):
        took = in_own_process("lomsong", folder, sizes[-1], 0, threads=threads)
        print(f"  {threads:>13} workers {took['cpu_s']:8.2f} CPU s {took['wall_s']:8.2f} s")


def write(path: Path, extent: tuple[float, ...], size: int) -> None:
    """Write samples of drives with several carriers, technologies, phones and days, some at a time."""
    if path.exists():
        return
    rng = np.random.default_rng(11)
    phones = max(10, PHONES_PER_MILLION * size // 1_000_000)
    device = [f"{phone:016x}" for phone in rng.integers(0, 2**63, phones)]
    beside = path.with_suffix(".part")
    writer = None
    for start in range(0, size, ROWS_AT_A_TIME):
        part = part_of(min(ROWS_AT_A_TIME, size - start), extent, device, seed=start)
        writer = writer or pq.ParquetWriter(beside, part.schema, compression="zstd")
        writer.write_table(part, row_group_size=ROWS_PER_GROUP)
    if writer:
        writer.close()
    beside.rename(path)


def part_of(size: int, extent: tuple[float, ...], device: list[str], *, seed: int) -> pa.Table:
    """Return some samples."""
    rng = np.random.default_rng((seed, 12))
    lon, lat = samples(size, extent=extent, seed=seed + 2)
    drive = np.arange(size) // ROWS_PER_DRIVE
    drives = int(drive[-1]) + 1
    silent = rng.random(size) < SHARE_SILENT
    start = rng.integers(1_735_689_600, 1_767_225_600, drives)[drive]
    technology = pa.array(rng.integers(0, 2, size), mask=silent).cast(pa.int32())
    return pa.table(
        {
            "time": pa.array(
                (start + np.arange(size) % ROWS_PER_DRIVE) * 1000, pa.timestamp("ms", "UTC")
            ),
            "lon": lon,
            "lat": lat,
            "plmn": dictionary(rng.integers(0, len(PLMNS), drives)[drive], PLMNS),
            "technology": pa.DictionaryArray.from_arrays(technology, pa.array(["4G", "5G"])),
            "rsrp_dbm": pa.array(rng.normal(-100, 12, size).clip(-140, -45).round(), mask=silent),
            "no_service": silent,
            # Words and no dictionary: of that of all phones, each group of rows would be given a copy.
            "device": pa.array(device).take(rng.integers(0, len(device), drives)[drive]),
        }
    )


def dictionary(places: npt.NDArray[np.int64], words: Sequence[str]) -> pa.DictionaryArray:
    """Return words by their places, packed."""
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(list(words)))


if __name__ == "__main__":
    main()
