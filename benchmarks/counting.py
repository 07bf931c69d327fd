"""Count a file of samples per hamlet × carrier × technology × dB in one way, alone in its process.

python benchmarks/counting.py WAY FOLDER ROWS [--clusters 0] [--threads N] prints one line of JSON; `evidence.py` starts it.
"""

import argparse
import json
import resource
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from lomsong.evidence.clusters import Clusters
from lomsong.evidence.cube import counted
from lomsong.evidence.histogram import histogram
from lomsong.evidence.join import Locator
from lomsong.evidence.tally import Counting, Tally, packed
from lomsong.ingest import stream_samples
from lomsong.space.crs import Extent, local_metric_crs

Geometries = npt.NDArray[np.object_]

WARM_UP_ROWS = 1000
COLUMNS = ["lon", "lat", "plmn", "technology", "rsrp_dbm", "no_service"]
ALL_COLUMNS = [*COLUMNS, "time", "device"]


class Job(NamedTuple):
    """What is to be counted."""

    samples: Path
    outlines: Geometries
    clusters: int
    threads: int | None
    folder: Path | None
    """Where the index of the outlines is kept; None: it is built anew."""


class Answer(NamedTuple):
    """How many bars the histograms have, and how many samples are in them."""

    bars: int
    samples: int


def main() -> None:
    """Print what one way finds and takes, once it has warmed up on a few samples."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=sorted(WAYS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("--clusters", type=int, default=0)
    parser.add_argument("--threads", type=int, help="default: as many as the program takes")
    options = parser.parse_args()
    outlines = shapely.from_wkb(np.load(options.folder / "hamlets.npy", allow_pickle=True))
    way = WAYS[options.way]
    kept = None if options.way == "cold" else options.folder
    job = Job(
        options.folder / f"{options.rows}.parquet",
        outlines,
        options.clusters,
        options.threads,
        kept,
    )
    # Compiling and loading happens once per process and is not what is measured.
    few = job._replace(samples=options.folder / f"{WARM_UP_ROWS}.parquet")
    try:
        way(few if kept else few._replace(outlines=outlines[:9]))
    except Unavailable as reason:
        print(json.dumps({"skipped": str(reason)}))
        return
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    answer = way(job)
    after, wall = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() - start
    told = {
        "cpu_s": after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime,
        "wall_s": wall,
        "peak_gb": peak_gb(),
        **answer._asdict(),
    }
    print(json.dumps(told))


class Unavailable(Exception):  # noqa: N818 -- it is no error
    """A way that cannot be gone on this machine, and why."""


def peak_gb() -> float:
    """Return the most memory that this process has held [GB]; what `resource` tells includes who started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak_kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak_kib) * 1024 / 1e9


def locator_of(job: Job) -> Locator:
    """Return the locator of hamlets, with some clusters of one dwelling in each."""
    ids = np.char.mod("H%06d", np.arange(len(job.outlines)))
    table = gpd.GeoDataFrame({"hamlet_id": ids, "kind": "hamlet"}, geometry=job.outlines, crs=4326)
    crs = local_metric_crs(Extent(*table.total_bounds))
    xy = np.empty((0, 2))
    if job.clusters:
        middle = shapely.get_coordinates(table.to_crs(crs).representative_point().to_numpy())
        xy = np.repeat(middle, job.clusters, axis=0)
        xy += np.random.default_rng(7).uniform(-600, 600, xy.shape)
    clusters = Clusters(
        table=gpd.GeoDataFrame({"cluster_id": []}, geometry=[], crs=4326),
        hamlet=np.repeat(np.arange(len(table)), job.clusters),
        reach_m=np.full(len(xy), 250.0),
        place_x=xy[:, 0],
        place_y=xy[:, 1],
        place_cluster=np.arange(len(xy)),
        crs=crs,
    )
    return Locator(table, clusters, folder=job.folder)


def blocks(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Read a file one group of rows after the other."""
    packed = [name for name in ("plmn", "technology", "device") if name in columns]
    # Else all of the file that was read stays in memory.
    with pq.ParquetFile(path, read_dictionary=packed, pre_buffer=False) as file:
        for group in range(file.num_row_groups):
            yield from file.read_row_group(group, columns=columns).to_batches()


def decoded(job: Job) -> Answer:
    """Read the columns that histograms need, and nothing else."""
    return Answer(0, sum(block.num_rows for block in blocks(job.samples, COLUMNS)))


def all_decoded(job: Job) -> Answer:
    """Read the columns that witnesses need, and nothing else."""
    return Answer(0, sum(block.num_rows for block in blocks(job.samples, ALL_COLUMNS)))


def by_lomsong(job: Job) -> Answer:
    """Count histograms straight from the file."""
    found = histogram(blocks(job.samples, COLUMNS), locator_of(job), threads=job.threads)
    return Answer(len(found.n), found.n_samples)


def witnessed(job: Job) -> Answer:
    """Count witnesses, which know devices, days and cells, and the trails of devices."""
    locator = locator_of(job)
    running: deque[Future[Tally]] = deque()
    threads = job.threads or 2
    with Counting() as counting, ThreadPoolExecutor(threads) as pool:
        for block in blocks(job.samples, ALL_COLUMNS):
            running.append(pool.submit(packed, block, locator, threads=1))
            if len(running) > threads:
                counting.add(running.popleft().result())
        for last in running:
            counting.add(last.result())
        distinct = sum(len(n) for _, n in counting.observations())
        return Answer(distinct, counting.n_samples)


def run_by_lomsong(job: Job) -> Answer:
    """Count as `lomsong run` does: every field judged, observations made twice left out, witnesses kept."""
    found = counted(stream_samples(job.samples), locator_of(job))
    return Answer(len(found.n), found.n_samples)


def by_geopandas(job: Job) -> Answer:
    """Join and group with geopandas and pandas."""
    table = pq.read_table(job.samples, columns=COLUMNS).to_pandas()
    points = gpd.points_from_xy(table["lon"], table["lat"])
    places = gpd.GeoDataFrame(table, geometry=points, crs=4326)
    areas = gpd.GeoDataFrame(geometry=job.outlines, crs=4326)
    joined = places.sjoin(areas, how="inner", predicate="within")
    joined["level"] = np.floor(joined["rsrp_dbm"]).fillna(-999)
    keys = ["index_right", "plmn", "technology", "level"]
    return Answer(len(joined.groupby(keys, observed=True, dropna=False).size()), len(joined))


def by_polars(job: Job) -> Answer:
    """Join with shapely's tree and group with polars."""
    try:
        import polars as pl  # noqa: PLC0415 -- a rival that only this function needs
    except ModuleNotFoundError as missing:
        raise Unavailable(str(missing)) from None
    table = pl.read_parquet(job.samples, columns=COLUMNS)
    points = shapely.points(table["lon"].to_numpy(), table["lat"].to_numpy())
    row, hamlet = shapely.STRtree(job.outlines).query(points, predicate="within")
    level = pl.col("rsrp_dbm").floor().fill_null(-999).cast(pl.Int16)
    joined = table[row].with_columns(hamlet=pl.Series(hamlet), level=level)
    return Answer(
        joined.group_by("hamlet", "plmn", "technology", "level").len().height, len(joined)
    )


def by_duckdb(job: Job) -> Answer:
    """Join and group in DuckDB with its spatial extension."""
    try:
        import duckdb  # noqa: PLC0415 -- a rival that only this function needs
    except ModuleNotFoundError as missing:
        raise Unavailable(str(missing)) from None
    with duckdb.connect() as database:
        try:
            database.execute("load spatial")
        except duckdb.Error:
            raise Unavailable("its spatial extension is not installed") from None
        # Read by name in the query below.
        outlines = pa.table({"wkb": shapely.to_wkb(job.outlines)})
        database.register("outlines", outlines)
        database.execute(
            "create table hamlets as select row_number() over () as hamlet, st_geomfromwkb(wkb) as outline from outlines"
        )
        bars, samples = database.execute(
            "select count(*), sum(n) from (select hamlet, plmn, technology, floor(rsrp_dbm) as level, count(*) as n "
            "from read_parquet(?) join hamlets on st_within(st_point(lon, lat), outline) group by all)",
            [str(job.samples)],
        ).fetchall()[0]
    return Answer(bars, samples)


WAYS: dict[str, Callable[[Job], Answer]] = {
    "decoding": decoded,
    "decoding_all": all_decoded,
    "lomsong": by_lomsong,
    "cold": by_lomsong,
    "witnesses": witnessed,
    "run": run_by_lomsong,
    "geopandas": by_geopandas,
    "polars": by_polars,
    "duckdb": by_duckdb,
}

if __name__ == "__main__":
    main()
