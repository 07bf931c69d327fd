"""Predict loss cell by cell, each by a terrain profile of its own: the slow reference for the sweep."""

import math

import numpy as np
import numpy.typing as npt

from lomsong.propagation import diffraction, geometry
from lomsong.propagation.geometry import Paths
from lomsong.propagation.site_window import check_sweep, site_window
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

BLOCK_SAMPLES = 1_000_000


def sweep_exact(
    terrain: Raster,
    *,
    x: float,
    y: float,
    mast_m: float,
    rx_m: float,
    radius_m: float,
    frequency_mhz: float,
    delta_n: float = 45,
    select: npt.NDArray[np.bool_] | None = None,
) -> Raster:
    """Return what `sweep` does, slowly, by a terrain profile of its own to the centre of each cell.

    It is the reference for `sweep` and shares no code with it but the terrain's window. `select` (of the result's
    shape) restricts the work to some cells.
    """
    check_sweep(
        terrain,
        x=x,
        y=y,
        mast_m=mast_m,
        rx_m=rx_m,
        radius_m=radius_m,
        frequency_mhz=frequency_mhz,
        delta_n=delta_n,
    )
    window = site_window(terrain, x=x, y=y, radius_m=radius_m)
    out = np.full(window.ground.shape, np.nan, np.float32)
    rows, columns = np.indices(out.shape)
    east = np.asarray(window.transform.c + (columns + 0.5) * window.transform.a, float)
    north = np.asarray(window.transform.f + (rows + 0.5) * window.transform.e, float)
    length = np.hypot(east - x, north - y)
    wanted = length <= radius_m
    if select is not None:
        wanted &= select
    points = np.maximum(np.ceil(length / min(terrain.cell) - 1e-9), 1).astype(int)
    for count in np.unique(points[wanted]):
        cells = np.flatnonzero(wanted & (points == count))
        for some in np.array_split(cells, 1 + cells.size * int(count) // BLOCK_SAMPLES):
            share = np.linspace(0, 1, count + 1)
            heights = terrain.at(
                x + np.multiply.outer(east.flat[some] - x, share),
                y + np.multiply.outer(north.flat[some] - y, share),
            )
            known = ~np.isnan(heights).any(axis=1)
            out.flat[some[known]] = _exact_db(
                distance_m=np.multiply.outer(length.flat[some[known]], share),
                height_m=heights[known],
                mast_m=mast_m,
                rx_m=rx_m,
                frequency_mhz=frequency_mhz,
                delta_n=delta_n,
            )
    return Raster(out, window.transform, terrain.crs)


def _exact_db(
    *,
    distance_m: Floats,
    height_m: Floats,
    mast_m: float,
    rx_m: float,
    frequency_mhz: float,
    delta_n: float,
) -> Floats:
    def all_paths(value: float) -> Floats:
        return np.full(len(height_m), float(value))

    paths = Paths(
        distance_km=distance_m / 1e3,
        terrain_m=height_m,
        surface_m=height_m,
        zone=np.full(height_m.shape, geometry.INLAND, np.int8),
        frequency_ghz=all_paths(frequency_mhz / 1e3),
        tx_height_m=all_paths(mast_m),
        rx_height_m=all_paths(rx_m),
        time_percent=all_paths(50),
        location_percent=all_paths(50),
        sigma_l_db=all_paths(0),
        vertical=np.ones(len(height_m), bool),
        delta_n=all_paths(delta_n),
        n0=all_paths(325),
        latitude_deg=all_paths(0),
        tx_coast_km=all_paths(math.inf),
        rx_coast_km=all_paths(math.inf),
    )
    rise_km = (paths.tx_antenna_m - paths.rx_antenna_m) / 1e3
    # A receiver in the antenna itself is taken to be one metre away.
    squared_km = np.maximum(paths.length_km**2 + rise_km**2, 1e-6)
    loss = 92.4 + 20 * np.log10(paths.frequency_ghz) + 10 * np.log10(squared_km)
    if height_m.shape[1] < 3:  # noqa: PLR2004 -- no point between the terminals, nothing to bend around
        return np.asarray(loss)
    tx_smooth, rx_smooth = geometry.diffraction_surface(paths)
    bent = diffraction.delta_bullington(
        paths,
        tx_smooth_m=tx_smooth,
        rx_smooth_m=rx_smooth,
        earth_radius_km=geometry.effective_earth_radius_km(paths.delta_n),
        sea_fraction=all_paths(0),
    )
    return np.asarray(loss + bent.loss_db)
