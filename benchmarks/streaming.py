"""Stream a gzipped OpenCelliD-like CSV into samples, beside the fastest CSV readers alone, in one run.

python benchmarks/streaming.py [--rows 2000000] [--files 2]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

HEADER = (
    "mcc,net,area,cell,lon,lat,signal,measured,created,rating,speed,direction,radio,ta,rnc,cid,psc,"
    "tac,pci,sid,nid,bid"
)
BLOCK_ROWS = 200_000
CELLS = 20_000
ROWS_PER_DRIVE = 200


def main() -> None:
    """Print CPU and wall time, rate, ratio to the fastest reader alone, and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of each file")
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--one", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(*measured(READERS[options.one[0]], options.one[1:]))
        return
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"452_{number}.csv.gz" for number in range(options.files)]
        for number, file in enumerate(files):
            write(file, options.rows, seed=number)
        total = options.rows * options.files
        size = sum(file.stat().st_size for file in files) / 2**20
        print(f"{total:,} rows in {len(files)} gz files of {size:.0f} MiB together")
        compare(files, total)


def compare(files: list[Path], total: int) -> None:
    """Run every reader in a process of its own, and print how they compare."""
    found = {name: in_own_process(name, files) for name in READERS}
    for name, (cpu, wall, peak_gb, rows) in found.items():
        if rows != total:
            raise SystemExit(f"{name} read {rows:,.0f} of {total:,} rows")
        print(
            f"  {name:<28} {cpu:7.2f} CPU s {wall:7.2f} s {total / cpu:12,.0f} rows per CPU s"
            f" {total / wall:12,.0f} rows/s {peak_gb:6.2f} GB"
        )
    ours = found.pop("lomsong: read and judged")
    for place, what in ((0, "CPU"), (1, "wall")):
        name = min(found, key=lambda reader: found[reader][place])
        ratio = found[name][place] / ours[place]
        print(f"  {ratio:.2f} of the rate of the fastest reader alone by {what} time ({name})")


def in_own_process(name: str, files: list[Path]) -> tuple[float, ...]:
    """Return CPU and wall seconds, peak memory [GB] and rows of one reader."""
    command = [sys.executable, __file__, "--one", name, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 -- itself
    return tuple(map(float, done.stdout.split()))


def measured(read: Callable[[list[str]], int], files: list[str]) -> tuple[float, ...]:
    """Read files once, after a few rows that load and compile what is needed."""
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.csv.gz"
        write(few, 1000, seed=9)
        read([str(few)])
    start, cpu = time.monotonic(), time.process_time()
    rows = read(files)
    cpu, wall = time.process_time() - cpu, time.monotonic() - start
    return cpu, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, rows


def with_lomsong(files: list[str]) -> int:
    """Decode, validate and write in one vocabulary; files in parallel, as a run reads them."""
    from lomsong.ingest import stream_samples  # noqa: PLC0415 -- each reader loads only its own
    from lomsong.ingest.samples.duplicates import Duplicates  # noqa: PLC0415 -- as above

    duplicates = Duplicates()

    def read(file: str) -> int:
        return sum(batch.n_rows for batch in stream_samples(file, duplicates=duplicates))

    with ThreadPoolExecutor(min(os.cpu_count() or 1, len(files))) as pool:
        return sum(pool.map(read, files))


def with_pyarrow(files: list[str]) -> int:
    """Read block by block, all columns, types inferred."""
    return sum(block.num_rows for file in files for block in pa_csv.open_csv(file))


def with_pyarrow_whole(files: list[str]) -> int:
    """Read each file at once, on all threads."""
    return sum(pa_csv.read_csv(file).num_rows for file in files)


def with_polars(files: list[str]) -> int:
    """Read all columns, types inferred."""
    import polars as pl  # noqa: PLC0415 -- each reader loads only its own

    return sum(pl.read_csv(file).height for file in files)


def with_duckdb(files: list[str]) -> int:
    """Read all columns into Arrow batches, types inferred."""
    import duckdb  # noqa: PLC0415 -- each reader loads only its own

    found = duckdb.sql("select * from read_csv(?)", params=[files])
    return sum(batch.num_rows for batch in found.fetch_arrow_reader(1 << 18))


READERS: dict[str, Callable[[list[str]], int]] = {
    "lomsong: read and judged": with_lomsong,
    "pyarrow.csv streaming": with_pyarrow,
    "pyarrow.csv at once": with_pyarrow_whole,
    "polars": with_polars,
    "duckdb": with_duckdb,
}


def write(path: Path, rows: int, *, seed: int) -> None:
    """Write drives of phones past cells as the bulk files of OpenCelliD hold them."""
    rng = np.random.default_rng(seed)
    with pa.CompressedOutputStream(str(path), "gzip") as file:
        file.write(f"{HEADER}\n".encode())
        for start in range(0, rows, BLOCK_ROWS):
            table = some_rows(min(BLOCK_ROWS, rows - start), rng)
            pa_csv.write_csv(
                table, file, pa_csv.WriteOptions(include_header=False, quoting_style="none")
            )


def some_rows(count: int, rng: np.random.Generator) -> pa.Table:
    """Return rows of drives: a step of some 20 m and a second from each to the next."""
    drives = -(-count // ROWS_PER_DRIVE)
    drive = np.arange(count) // ROWS_PER_DRIVE
    step = rng.normal(0, 2e-4, (count, 2)).cumsum(axis=0)
    lon = np.round(rng.uniform(102.2, 109.4, drives)[drive] + step[:, 0] % 0.1, 7)
    lat = np.round(rng.uniform(8.6, 23.3, drives)[drive] + step[:, 1] % 0.1, 7)
    moment = rng.integers(1_735_689_600_000, 1_767_225_600_000, drives)[drive]
    moment = moment + np.arange(count) * 1000 + rng.integers(0, 1000, count)
    cell = rng.integers(1_000_000, 30_000_000, CELLS)[rng.integers(0, CELLS, drives)[drive]]
    nothing = pa.nulls(count, pa.string())
    return pa.table(
        {
            "mcc": np.full(count, 452),
            "net": rng.choice([1, 2, 4, 5], drives, p=[0.25, 0.25, 0.45, 0.05])[drive],
            "area": cell % 60_000 + 1,
            "cell": cell,
            "lon": lon,
            "lat": lat,
            "signal": rng.normal(-98, 12, count).clip(-139, -50).astype(int),
            "measured": moment,
            "created": moment + 86_400_000,
            "rating": np.round(rng.gamma(2, 4, count) + 3, 1),
            "speed": np.round(rng.gamma(2, 4, count), 2),
            "direction": np.round(rng.uniform(0, 360, count), 1),
            "radio": rng.choice(["LTE", "LTE", "LTE", "UMTS", "GSM", "NR"], drives)[drive],
            "ta": np.zeros(count, int),
            "rnc": nothing,
            "cid": nothing,
            "psc": nothing,
            "tac": cell % 60_000 + 1,
            "pci": cell % 504,
            "sid": nothing,
            "nid": nothing,
            "bid": nothing,
        }
    )


if __name__ == "__main__":
    main()
