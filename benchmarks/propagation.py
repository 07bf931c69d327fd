"""Measure the sweep: CPU seconds for 120 sites within 10 km at 30 m, against a plain loop over the same cells.

Run `python benchmarks/propagation.py [terrain.tif]`; without a file the terrain is made from a seed, as rough as
mountains with a mean slope of 20°. The plain loops compute the same model with a profile of its own for each cell: once
compiled by numba like the sweep, once as numpy functions with many cells to a call.
"""

import math
import sys
import time

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS

from lomsong.propagation import line_of_sight, sweep, sweep_exact
from lomsong.propagation._kernels import RAY_ROWS, diffraction_db, push
from lomsong.propagation.geometry import SPEED_OF_LIGHT_M_GHZ
from lomsong.propagation.rays import Link, make_link
from lomsong.propagation.site_window import site_window
from lomsong.space.compiled import compiled
from lomsong.space.raster import Raster

SITES = 120
RADIUS_M = 10_000.0
LINK = {"mast_m": 40.0, "rx_m": 1.5, "frequency_mhz": 1800.0}
LIMIT_CPU_S = 15
LIMIT_RATIO = 15
LOOP_CELLS = 40_000
BATCH_SHARE = 0.01


def made_terrain(side: int = 1001) -> Raster:
    """Return ridges of all sizes: noise whose amplitude falls with the square of its frequency."""
    random = np.random.default_rng(20251231)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(random.normal(size=(side, side))) / np.maximum(frequency, 0.004) ** 2
    heights = np.fft.irfft2(spectrum, s=(side, side))
    rough = np.tan(np.radians(20)) * 30 / np.hypot(*np.gradient(heights)).mean()
    heights = rough * (heights - heights.min())
    return Raster(
        heights.astype(np.float32),
        Affine(30, 0, 500_000, 0, -30, 2_500_000),
        CRS.from_epsg(32648),
    )


def read_terrain(path: str) -> Raster:
    """Return a terrain file in a metric CRS."""
    with rasterio.open(path) as source:
        heights = source.read(1, masked=True).astype(np.float32).filled(np.nan)
        return Raster(heights, source.transform, CRS.from_wkt(source.crs.to_wkt()))


def main() -> None:
    """Measure and print."""
    terrain = read_terrain(sys.argv[1]) if len(sys.argv) > 1 else made_terrain()
    box = terrain.extent
    random = np.random.default_rng(1)
    # Made terrain is large enough for full circles around the middle; on a file circles may be cut.
    slack_x = max((box.east - box.west) / 2 - RADIUS_M - 60, (box.east - box.west) / 8)
    slack_y = max((box.north - box.south) / 2 - RADIUS_M - 60, (box.north - box.south) / 8)
    sites = [
        {
            "x": (box.west + box.east) / 2 + slack_x * random.uniform(-1, 1),
            "y": (box.south + box.north) / 2 + slack_y * random.uniform(-1, 1),
        }
        for _ in range(SITES)
    ]
    started = time.perf_counter()
    sweep(terrain, **sites[0], **LINK, radius_m=500.0)
    print(f"first call (loads or compiles): {time.perf_counter() - started:.1f} s")

    cells, cpu = 0, time.process_time()
    for site in sites:
        loss = sweep(terrain, **site, **LINK, radius_m=RADIUS_M, threads=1)
        cells += int(np.isfinite(loss.values).sum())
    cpu, wall = time.process_time() - cpu, time.perf_counter()
    for site in sites:
        sweep(terrain, **site, **LINK, radius_m=RADIUS_M)
    print(
        f"sweep: {SITES} sites × {RADIUS_M / 1e3:g} km, {cells / 1e6:.1f} M cells: {cpu:.1f} CPU-s on one thread "
        f"(limit {LIMIT_CPU_S}), {cells / cpu / 1e6:.2f} M cells per CPU-s; "
        f"{time.perf_counter() - wall:.1f} s elapsed on all cores"
    )

    mast = {name: LINK[name] for name in ("mast_m", "rx_m")}
    sight_cpu = time.process_time()
    for site in sites[:10]:
        line_of_sight(terrain, **site, **mast, radius_m=RADIUS_M)
    sight_cpu = (time.process_time() - sight_cpu) / 10
    print(f"line of sight: {cells / SITES / sight_cpu / 1e6:.1f} M cells per CPU-s")

    compare(terrain, sites[0], cells / cpu)


@compiled
def plain_loop(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    ground: np.ndarray, cells: np.ndarray, out: np.ndarray, row: float, column: float, link: Link
) -> None:
    """Compute cells one after another, each over a bilinear profile of its own on square cells of 30 m."""
    cell_m, flat = 30.0, 1 / (2 * link.earth_radius)
    tx = link.site_ground + link.mast
    ray = np.empty((RAY_ROWS, ground.shape[0] + ground.shape[1]))
    for number in range(cells.shape[0]):
        down, right = cells[number, 0] - row, cells[number, 1] - column
        length = cell_m * math.sqrt(down * down + right * right)
        steps = max(math.ceil(length / cell_m - 1e-9), 1)
        span = length / steps
        steepest, raw, area, moment, top = -math.inf, -math.inf, 0.0, 0.0, -1
        last_length, last_height, height = 0.0, link.site_ground, link.site_ground
        for i in range(1, steps + 1):
            r, c = row + down * i / steps, column + right * i / steps
            r0 = min(math.floor(r), ground.shape[0] - 2)
            c0 = min(math.floor(c), ground.shape[1] - 2)
            fr, fc = r - r0, c - c0
            upper = ground[r0, c0] * (1 - fc) + ground[r0, c0 + 1] * fc
            lower = ground[r0 + 1, c0] * (1 - fc) + ground[r0 + 1, c0 + 1] * fc
            height = upper * (1 - fr) + lower * fr
            d = span * i
            area += span * (height + last_height)
            moment += span * (height * (2 * d + last_length) + last_height * (d + 2 * last_length))
            last_length, last_height = d, height
            if i < steps:
                z = height - d * d * flat
                toward = (z - tx) / d
                steepest, raw = max(steepest, toward), max(raw, toward + d * flat)
                top = push(ray, i - 1, top, d, z, toward)
        rise = height + link.rx - tx
        loss = 32.4 + 20 * math.log10(SPEED_OF_LIGHT_M_GHZ / link.wavelength)
        loss += 10 * math.log10(max(length * length + rise * rise, 1.0))
        if steps > 1:
            loss += diffraction_db(
                ray, steps - 1, top, length, height, steepest, raw, area, moment, link
            )
        out[number] = loss


def compare(terrain: Raster, site: dict[str, float], cells_per_cpu_s: float) -> None:
    """Run the plain loops over some cells of one site and print how much slower they are, and how different."""
    fast = sweep(terrain, **site, **LINK, radius_m=RADIUS_M)
    window = site_window(terrain, **site, radius_m=RADIUS_M)
    link = make_link(
        site_ground=window.site_ground,
        mast=LINK["mast_m"],
        rx=LINK["rx_m"],
        earth_radius=6_371_000 * 157 / 112,
        frequency_ghz=LINK["frequency_mhz"] / 1e3,
        sight_only=False,
    )
    known = np.argwhere(np.isfinite(fast.values))
    picked = known[np.random.default_rng(2).choice(len(known), LOOP_CELLS, replace=False)]
    place = (window.site_row, window.site_column)
    loop = np.empty(LOOP_CELLS)
    plain_loop(window.ground, picked[:2], loop, *place, link)
    started = time.process_time()
    plain_loop(window.ground, picked, loop, *place, link)
    rate = LOOP_CELLS / (time.process_time() - started)
    print(
        f"plain loop over cells, compiled: {rate / 1e6:.3f} M cells per CPU-s, "
        f"ratio {cells_per_cpu_s / rate:.1f} (at least {LIMIT_RATIO})"
    )

    some = np.random.default_rng(3).random(fast.values.shape) < BATCH_SHARE
    started = time.process_time()
    exact = sweep_exact(terrain, **site, **LINK, radius_m=RADIUS_M, select=some).values
    batch = np.isfinite(exact).sum() / (time.process_time() - started)
    print(
        f"the same in numpy: {batch / 1e6:.3f} M cells per CPU-s, ratio {cells_per_cpu_s / batch:.0f}"
    )
    both = np.isfinite(exact) & np.isfinite(fast.values)
    for name, difference in (
        ("compiled", loop - fast.values[picked[:, 0], picked[:, 1]]),
        ("numpy", (exact - fast.values)[both]),
    ):
        print(
            f"difference to the plain loop ({name}): "
            f"90th percentile {np.percentile(np.abs(difference), 90):.2f} dB"
        )


if __name__ == "__main__":
    main()
