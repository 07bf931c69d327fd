"""Measure the way from terrain to a plan: 120 candidates over 60 × 35 km of 30 m cells, with people in the valleys.

Run `python benchmarks/planning.py [TERRAIN…]`: files of heights, one tile or many, in degrees or metres; without any, the
land is made from a seed. People live in hamlets of 30 to 400 on gentle ground low in its surroundings; nobody has service
yet. The plan allows 20 sites, and its stability is asked 200 times, as a run does. The same land is planned a second time
from what was swept.

`python benchmarks/planning.py --run FOLDER` measures `lomsong plan --sites 5` from a finished run instead, as a command with
everything it loads, beside an interpreter that does no more than import geopandas.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine
from pyproj import CRS
from rasterio.warp import transform_bounds
from scipy.ndimage import uniform_filter

from lomsong.config import Settings
from lomsong.evidence.clusters import Clusters
from lomsong.ingest import read_terrain
from lomsong.siting import areas, backhaul, candidates, demand, reach, swept
from lomsong.siting.sites import plan_sites
from lomsong.space.crs import WGS84, Extent, local_metric_crs, to_crs
from lomsong.space.raster import Raster
from lomsong.tables import SITES, empty

WIDTH_M, HEIGHT_M, CELL_M = 60_000.0, 35_000.0, 30.0
HAMLETS, DWELLINGS = 500, 12
LIMIT_S = 180.0


def made_land(crs: CRS) -> Raster:
    """Return ridges of all sizes with a mean slope of 20°."""
    rows, columns = round(HEIGHT_M / CELL_M), round(WIDTH_M / CELL_M)
    random = np.random.default_rng(20_251_231)
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None, :])
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(random.normal(size=(rows, columns)))
    heights = np.fft.irfft2(spectrum / np.maximum(frequency, 0.002) ** 2, s=(rows, columns))
    heights *= np.tan(np.radians(20)) * CELL_M / np.hypot(*np.gradient(heights)).mean()
    transform = Affine(CELL_M, 0, 500_000, 0, -CELL_M, 2_500_000)
    return Raster((heights - heights.min()).astype(np.float32), transform, crs)


def read_land(files: list[str]) -> Raster:
    """Return 60 × 35 km, or what there is, around the middle of some files, at 30 m."""
    with rasterio.open(files[0]) as source:
        west, south, east, north = transform_bounds(source.crs, "EPSG:4326", *source.bounds)
    lon, lat = (west + east) / 2, (south + north) / 2
    crs = local_metric_crs(Extent(lon, lat, lon, lat))
    x, y = to_crs([lon], [lat], source=WGS84, target=crs)
    corners = to_crs(
        [x[0] - WIDTH_M / 2, x[0] + WIDTH_M / 2],
        [y[0] - HEIGHT_M / 2, y[0] + HEIGHT_M / 2],
        source=crs,
        target=WGS84,
    )
    box = Extent(corners[0][0], corners[1][0], corners[0][1], corners[1][1])
    return read_terrain(files, extent=box, crs=crs, cell_m=CELL_M)


def settled(land: Raster) -> tuple[Clusters, pd.DataFrame, pd.DataFrame]:
    """Return hamlets of one cluster each, and that nobody there has service."""
    random = np.random.default_rng(7)
    known = np.isfinite(land.values)
    heights = np.where(known, land.values, np.nanmean(land.values)).astype(float)
    low = heights - uniform_filter(heights, 67) < -20  # noqa: PLR2004 -- metres below the mean of 2 km
    gentle = np.hypot(*np.gradient(heights, CELL_M)) < np.tan(np.radians(12))
    places = np.argwhere(low & gentle & known)
    places = places[random.choice(len(places), min(HAMLETS, len(places)), replace=False)]
    x, y = land.transform @ (places[:, 1] + 0.5, places[:, 0] + 0.5)
    lon, lat = to_crs(x, y, source=land.crs, target=WGS84)
    n = len(places)
    ids = pd.Series([f"H{i:04d}" for i in range(n)], dtype="str")
    table = gpd.GeoDataFrame(
        {
            "cluster_id": ids + "-1",
            "hamlet_id": ids,
            "kind": "dwellings",
            "is_centre": True,
            "people": np.round(np.exp(random.uniform(np.log(30), np.log(400), n))),
        },
        geometry=shapely.points(lon, lat),
        crs=WGS84,
    )
    spread = random.normal(0, 80, (2, n, DWELLINGS))
    clusters = Clusters(
        table=table,
        hamlet=np.arange(n),
        reach_m=np.full(n, 250.0),
        place_x=(np.asarray(x)[:, None] + spread[0]).ravel(),
        place_y=(np.asarray(y)[:, None] + spread[1]).ravel(),
        place_cluster=np.repeat(np.arange(n), DWELLINGS),
        crs=land.crs,
    )
    assessment = pd.DataFrame(
        {
            "cluster_id": table["cluster_id"],
            "carrier": "any",
            "technology": "4G",
            "class": "no_signal",
            "p_served": 0.0,
            "evidence": "measured",
        }
    )
    gaps = pd.DataFrame(
        {
            "hamlet_id": ids,
            "name": ids,
            "power": "grid",
            "extremely_difficult": pd.array([False] * n, dtype="boolean"),
        }
    )
    return clusters, assessment, gaps


def known_sites(land: Raster) -> pd.DataFrame:
    """Return four masts at the corners of the inner half, for backhaul."""
    box = land.extent
    x = box.west + (box.east - box.west) * np.array([0.2, 0.8, 0.2, 0.8])
    y = box.south + (box.north - box.south) * np.array([0.2, 0.2, 0.8, 0.8])
    lon, lat = to_crs(x, y, source=land.crs, target=WGS84)
    names = [f"K{i}" for i in range(len(x))]
    own: dict[str, object] = {
        "place_id": names,
        "site_id": names,
        "plmn": "452-04",
        "technology": "4G",
    }
    own |= {"lon": lon, "lat": lat, "position": "exact", "position_error_m": 0.0, "n_cells": 1}
    table = pd.DataFrame(own)
    lacking = {name: np.nan for name in empty(SITES).columns if name not in table}
    return table.assign(**lacking)


def commands(folder: str) -> None:
    """Print what planning anew costs as a command, the second of two calls."""
    plan = "from lomsong.cli import main; main()"
    for name, words in {
        "lomsong plan": [plan, "plan", "--run", folder, "--sites", "5"],
        "import geopandas": ["import geopandas"],
    }.items():
        for _ in range(2):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(  # noqa: S603 -- this interpreter, with words of our own
                [sys.executable, "-c", *words], check=True, capture_output=True
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{name}: {spent:.1f} CPU-s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("terrain", nargs="*")
    parser.add_argument("--run")
    asked = parser.parse_args()
    if asked.run:
        commands(asked.run)
    else:
        measure(asked.terrain)


def measure(files: list[str]) -> None:
    """Print what the way from terrain to a plan costs."""
    land = read_land(files) if files else made_land(CRS.from_epsg(32648))
    clusters, assessment, gaps = settled(land)
    asked = {
        "max_candidates": 120,
        "max_sites": 20,
        "masts_m": [30, 42, 60],
        "bands": ["B28", "B3"],
        "optimality_gap": 0.01,
    }
    settings = Settings.model_validate(
        {"project": {"name": "x"}, "hamlets": {"path": "x"}, "siting": asked}
    )
    rows, columns = land.values.shape
    print(
        f"{columns * CELL_M / 1e3:.0f} × {rows * CELL_M / 1e3:.0f} km, {rows * columns / 1e6:.1f} M cells, "
        f"heights {np.nanmin(land.values):.0f} to {np.nanmax(land.values):.0f} m, {len(clusters.table)} hamlets, "
        f"{clusters.table['people'].sum():.0f} people"
    )
    sites = known_sites(land)
    stages(land, (clusters, assessment, gaps), sites, settings)
    cpu, wall = time.process_time(), time.perf_counter()
    plan = plan_sites(
        clusters, assessment, gaps, terrain=land, sites=sites, lines=None, settings=settings
    )
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    with TemporaryDirectory() as folder:
        plan.swept.to_parquet(file := Path(folder) / "swept.parquet", index=False)
        again = time.process_time()
        second = plan_sites(
            clusters,
            assessment,
            gaps,
            terrain=land,
            sites=sites,
            lines=None,
            settings=settings,
            swept=swept.read(file),
        )
        again = time.process_time() - again
    same = "the same" if second.candidates.equals(plan.candidates) else "ANOTHER"
    print(f"once more from what was swept: {same} plan, {again:.0f} CPU-s")
    chosen = plan.candidates[plan.candidates["selected"]]
    told = "met" if cpu / 2 <= LIMIT_S else "MISSED"
    print(
        f"from nothing to a plan: {len(plan.candidates)} candidates, {len(chosen)} sites for "
        f"{chosen['people_gained'].sum():.0f} people: {cpu:.0f} CPU-s, {wall:.0f} s elapsed "
        f"(limit {LIMIT_S:.0f} s on two cores): {told}"
    )
    print(
        "backhaul: "
        + ", ".join(f"{k} {n}" for k, n in plan.candidates["backhaul_kind"].value_counts().items())
    )


def stages(
    land: Raster,
    people: tuple[Clusters, pd.DataFrame, pd.DataFrame],
    sites: pd.DataFrame,
    settings: Settings,
) -> None:
    """Measure the parts: candidates, levels, backhaul."""
    clusters, assessment, gaps = people
    siting = settings.siting
    started = time.process_time()
    wanted = demand.find_demand(
        clusters.table,
        assessment,
        gaps,
        crs=land.crs,
        include_unknown=False,
    )
    wanted = areas.grouped(wanted, gap_m=siting.group_distance_m, span_m=siting.group_span_m)
    places = candidates.find_places(wanted, land, sites=sites, crs=land.crs, settings=siting)
    options = candidates.options_at(places, siting.masts_m)
    print(f"demand and candidates: {time.process_time() - started:.1f} CPU-s")
    started = time.process_time()
    found = reach.predict(land, clusters, options, settings=siting, minimum_dbm=-121.0)
    seconds = time.process_time() - started
    sweeps = len(options.place) * len(siting.bands)
    print(
        f"levels: {sweeps} sweeps, {len(found.option)} pairs: {seconds:.1f} CPU-s (compiling included)"
    )
    started = time.process_time()
    backhaul.find_hops(options, sites, terrain=land, crs=land.crs, cost=settings.cost)
    print(f"backhaul of {len(options.place)} options: {time.process_time() - started:.1f} CPU-s")


if __name__ == "__main__":
    main()
