"""Locate samples in 90,000 hamlets or in polygons of a file, and set the CPU time against geopandas in the same run.

python benchmarks/locate.py [--samples 1000000] [--hamlets 90000 | --outlines FILE] [--check 10000000]
"""

import argparse
import gc
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from hamlets import hamlets, samples
from lomsong.space import PolygonIndex

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]
Result = TypeVar("Result")

CHECKED_AT_A_TIME = 500_000


def main() -> None:
    """Print CPU seconds and ratios, and with --check compare every answer with GEOS."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--hamlets", type=int, default=90_000)
    parser.add_argument(
        "--check", type=int, default=0, help="random and adversarial points to compare with GEOS"
    )
    parser.add_argument("--outlines", type=Path, help="a file of polygons to take instead")
    options = parser.parse_args()
    if options.outlines:
        layer = pyogrio.list_layers(options.outlines)[0, 0]
        polygons = gpd.read_file(options.outlines, layer=layer).geometry.to_numpy()
    else:
        polygons = hamlets(options.hamlets)
    vertices = shapely.get_num_coordinates(polygons)
    print(f"{len(polygons)} polygons of {vertices.mean():.0f} vertices")
    # Compiling happens once per installation and is not what is measured.
    PolygonIndex(polygons[:2]).locate([0.0], [0.0])
    with tempfile.TemporaryDirectory() as folder:
        index, kept = timed(lambda: PolygonIndex.cached(polygons, folder=Path(folder)))
        print(f"index built finely and kept in its cache  {kept:6.2f} CPU s")
        for count in options.samples:
            compare(polygons, index, count, folder=Path(folder))
    if options.check:
        check(polygons, index, options.check)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what some work returns, and the CPU seconds it took on all processors."""
    gc.collect()
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def compare(polygons: Geometries, index: PolygonIndex, count: int, *, folder: Path) -> None:
    """Print the CPU time of both programs for some samples, and in how many answers they differ."""
    x, y = samples(count, extent=tuple(shapely.total_bounds(polygons)))
    _, located = timed(lambda: index.locate(x, y))
    _, cached = timed(lambda: PolygonIndex.cached(polygons, folder=folder).locate(x, y))
    found, built = timed(lambda: PolygonIndex(polygons).locate(x, y))

    def joined() -> npt.NDArray[np.int64]:
        places = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4326)
        areas = gpd.GeoDataFrame(geometry=polygons, crs=4326)
        table = places.sjoin(areas, how="left", predicate="within")
        table = table[~table.index.duplicated()]
        return table["index_right"].fillna(-1).to_numpy(np.int64)

    theirs_found, theirs = timed(joined)
    print(f"{count:,} samples: geopandas sjoin(within) {theirs:.2f} CPU s")
    for state, ours in (("at hand", located), ("cached", cached), ("built", built)):
        print(f"  lomsong, index {state:<8} {ours:6.2f} CPU s, {theirs / ours:5.1f} times less")
    print(
        f"  {np.count_nonzero(found != theirs_found)} answers differ (points on edges are within none; overlaps are ranked)"
    )


def check(polygons: Geometries, index: PolygonIndex, count: int) -> None:
    """Compare random points and points on and beside edges with GEOS, ties by canonical WKB."""
    names = shapely.to_wkb(shapely.normalize(polygons))
    order = np.argsort(names, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    tree = shapely.STRtree(polygons)
    xy = shapely.get_coordinates(polygons)
    rng = np.random.default_rng(3)
    differing = on_edges = 0
    for start in range(0, count, CHECKED_AT_A_TIME):
        size = min(CHECKED_AT_A_TIME, count - start)
        x, y = points_to_check(polygons, xy, rng, size)
        point, polygon = tree.query(shapely.points(x, y), predicate="covered_by")
        best = np.full(size, len(order))
        np.minimum.at(best, point, place[polygon])
        differing += np.count_nonzero(np.append(order, -1)[best] != index.locate(x, y))
        on_edges += np.count_nonzero(np.bincount(point, minlength=size) > 1)
    print(
        f"{count:,} points checked, {on_edges:,} in several polygons: {differing} differ from GEOS"
    )


def points_to_check(
    polygons: Geometries, xy: Floats, rng: np.random.Generator, count: int
) -> tuple[Floats, Floats]:
    """Return points: half anywhere, half on vertices and edges or one step of floating point beside; some are no places."""
    west, south, east, north = shapely.total_bounds(polygons)
    anywhere = rng.uniform((west, south), (east, north), (count // 2, 2))
    nth = rng.integers(0, len(xy) - 1, count - len(anywhere))
    part = rng.choice([0, 0.5, 0.25, 1 / 3], (len(nth), 1))
    mean = xy[nth] + (xy[nth + 1] - xy[nth]) * part
    beside = np.nextafter(mean, rng.choice([-np.inf, np.inf], mean.shape))
    points = np.concatenate([anywhere, np.where(rng.random(mean.shape) < 1 / 3, beside, mean)])
    nowhere = rng.choice([np.nan, np.inf, -np.inf, 1e300, -180, 0, 5e-324], (count // 100, 2))
    antipodes = points[: count // 100] * -1
    points[: 2 * len(nowhere)] = np.concatenate([nowhere, antipodes])
    return points[:, 0], points[:, 1]


if __name__ == "__main__":
    main()
