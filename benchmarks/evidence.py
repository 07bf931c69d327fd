"""Count samples in 90,000 hamlets stage by stage, beside geopandas and beside shapely with polars, in one run.

python benchmarks/evidence.py [--samples 1000000 10000000] [--hamlets 90000] [--geopandas-up-to 10000000]
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from hamlets import hamlets, samples
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.cube import counted
from lomsong.evidence.join import Locator
from lomsong.evidence.tally import added, tally
from lomsong.ingest import stream_samples
from lomsong.space.crs import Extent, local_metric_crs
from lomsong.tables import Samples

Geometries = npt.NDArray[np.object_]
Result = TypeVar("Result")

ROWS_PER_GROUP = 262_144
PHONES_PER_MILLION = 2_000
SHARE_SILENT = 0.05
PLMNS = ("452-04", "452-02", "452-01", "452-05")
COLUMNS = ["time", "lon", "lat", "plmn", "technology", "rsrp_dbm", "no_service", "device"]


def main() -> None:
    """Print CPU time and rows per second of each stage, ratios, and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--hamlets", type=int, default=90_000)
    parser.add_argument(
        "--geopandas-up-to",
        type=int,
        default=10_000_000,
        help="more samples are counted by us alone",
    )
    parser.add_argument(
        "--clusters",
        type=int,
        default=0,
        help="clusters of one dwelling per hamlet to join to as well",
    )
    options = parser.parse_args()
    outlines = hamlets(options.hamlets)
    print(f"{len(outlines)} hamlets, {options.clusters} clusters in each")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        locator, built = timed(lambda: located_in(outlines, options.clusters, place))
        _, cached = timed(lambda: located_in(outlines, options.clusters, place))
        print(f"index built {built:.2f} CPU s, from its cache {cached:.2f} CPU s")
        count_some(place, outlines, locator, 1000, others=False, quiet=True)
        for size in options.samples:
            count_some(place, outlines, locator, size, others=size <= options.geopandas_up_to)


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what some work returns, and the CPU seconds it took on all processors."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def located_in(outlines: Geometries, per_hamlet: int, folder: Path) -> Locator:
    """Return the locator of hamlets, with some clusters of one dwelling in each."""
    ids = np.char.mod("H%06d", np.arange(len(outlines)))
    table = gpd.GeoDataFrame({"hamlet_id": ids, "kind": "hamlet"}, geometry=outlines, crs=4326)
    crs = local_metric_crs(Extent(*table.total_bounds))
    middle = shapely.get_coordinates(table.to_crs(crs).representative_point().to_numpy())
    rng = np.random.default_rng(7)
    xy = np.repeat(middle, per_hamlet, axis=0)
    xy += rng.uniform(-600, 600, xy.shape)
    clusters = Clusters(
        table=gpd.GeoDataFrame({"cluster_id": []}, geometry=[], crs=4326),
        hamlet=np.repeat(np.arange(len(table)), per_hamlet),
        reach_m=np.full(len(xy), 250.0),
        place_x=xy[:, 0],
        place_y=xy[:, 1],
        place_cluster=np.arange(len(xy)),
        crs=crs,
    )
    return Locator(table, clusters, folder=folder)


def count_some(
    folder: Path,
    outlines: Geometries,
    locator: Locator,
    size: int,
    *,
    others: bool,
    quiet: bool = False,
) -> None:
    """Count one file of samples in every way, and print what each took."""
    path = folder / f"{size}.parquet"
    write(path, outlines, size)
    stages: dict[str, float] = {}
    _, stages["decoding alone"] = timed(lambda: [None for _ in blocks(path)])
    _, stages["decoding and locating"] = timed(
        lambda: [locator.locate(b["lon"].to_numpy(), b["lat"].to_numpy()) for b in blocks(path)]
    )
    total, stages["decoding, locating, witnesses"] = timed(
        lambda: added(tally(Samples(table=as_table(b)), locator) for b in blocks(path))
    )
    cube, stages["histograms of the witnesses"] = timed(lambda: total.histogram(locator))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    start = time.monotonic()
    whole, stages["lomsong run: judged, no duplicates, witnesses"] = timed(
        lambda: counted(stream_samples(path), locator)
    )
    wall = time.monotonic() - start
    if others:
        theirs, stages["geopandas sjoin(within) + groupby"] = timed(
            lambda: with_geopandas(path, outlines)
        )
        engine, stages["shapely STRtree + polars"] = timed(lambda: with_polars(path, outlines))
    if quiet:
        return
    print(
        f"{size:,} samples, {len(total.n):,} distinct witnesses, {len(cube):,} bars of histograms"
    )
    for stage, cpu in stages.items():
        print(f"  {stage:<46} {cpu:8.2f} CPU s {size / max(cpu, 1e-9):14,.0f} rows/s")
    print(f"  lomsong run took {wall:.2f} s for {whole.n_samples:,} samples")
    ours = stages["decoding, locating, witnesses"] + stages["histograms of the witnesses"]
    print(f"  {ours / stages['decoding alone']:.1f} times the decoding; peak so far {peak:.2f} GB")
    if others:
        for name in ("geopandas sjoin(within) + groupby", "shapely STRtree + polars"):
            print(f"  {stages[name] / ours:.1f} times less CPU than {name}")
        print(f"  bars: {len(cube):,} ours, {theirs:,} geopandas, {engine:,} polars")


def write(path: Path, outlines: Geometries, size: int) -> None:
    """Write samples of drives with several carriers, technologies, phones and days."""
    rng = np.random.default_rng(11)
    lon, lat = samples(size, extent=tuple(shapely.total_bounds(outlines)))
    drive = np.arange(size) // 200
    drives = int(drive[-1]) + 1
    phones = max(10, PHONES_PER_MILLION * size // 1_000_000)
    device = np.array([f"{phone:016x}" for phone in rng.integers(0, 2**63, phones)])
    silent = rng.random(size) < SHARE_SILENT
    start = rng.integers(1_735_689_600, 1_767_225_600, drives)[drive] + np.arange(size) % 200
    technology = pa.array(rng.integers(0, 2, size), mask=silent).cast(pa.int32())
    table = pa.table(
        {
            "time": pa.array(start * 1000, pa.timestamp("ms", "UTC")),
            "lon": lon,
            "lat": lat,
            "plmn": dictionary(rng.integers(0, len(PLMNS), drives)[drive], PLMNS),
            "technology": pa.DictionaryArray.from_arrays(technology, pa.array(["4G", "5G"])),
            "rsrp_dbm": pa.array(rng.normal(-100, 12, size).clip(-140, -45).round(), mask=silent),
            "no_service": silent,
            "device": dictionary(rng.integers(0, phones, drives)[drive], device),
        }
    )
    pq.write_table(table, path, row_group_size=ROWS_PER_GROUP, compression="zstd")


def dictionary(places: npt.NDArray[np.int64], words: npt.ArrayLike) -> pa.DictionaryArray:
    """Return words by their places, packed."""
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(list(words)))


def blocks(path: Path) -> Iterator[pa.RecordBatch]:
    """Read a file batch by batch."""
    return pq.ParquetFile(path).iter_batches(batch_size=1 << 20, columns=COLUMNS)


def as_table(block: pa.RecordBatch) -> pd.DataFrame:
    """Return a batch in the words of `tables.SAMPLES`, as far as counting needs them."""
    return block.to_pandas().assign(level_dbm=np.nan)


def with_geopandas(path: Path, outlines: Geometries) -> int:
    """Return in how many bars geopandas and pandas count the same file."""
    table = pq.read_table(path, columns=COLUMNS).to_pandas()
    places = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=4326
    )
    areas = gpd.GeoDataFrame(geometry=outlines, crs=4326)
    joined = places.sjoin(areas, how="inner", predicate="within")
    joined["level"] = np.floor(joined["rsrp_dbm"]).fillna(-999)
    keys = ["index_right", "plmn", "technology", "level"]
    return len(joined.groupby(keys, observed=True, dropna=False).size())


def with_polars(path: Path, outlines: Geometries) -> int:
    """Return in how many bars shapely's tree and polars count the same file."""
    import polars as pl  # noqa: PLC0415 -- a rival that only this function needs

    table = pl.read_parquet(path, columns=COLUMNS)
    points = shapely.points(table["lon"].to_numpy(), table["lat"].to_numpy())
    row, hamlet = shapely.STRtree(outlines).query(points, predicate="within")
    return (
        table[row]
        .with_columns(
            hamlet=pl.Series(hamlet),
            level=pl.col("rsrp_dbm").floor().fill_null(-999).cast(pl.Int16),
        )
        .group_by("hamlet", "plmn", "technology", "level")
        .len()
        .height
    )


if __name__ == "__main__":
    main()
