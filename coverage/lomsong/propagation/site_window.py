"""Check what is asked of a sweep and cut the terrain around its site."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from affine import Affine

from lomsong.errors import Faults
from lomsong.propagation.p1812_input import LIMITS, Limits, check_limits
from lomsong.sentences import Sentence
from lomsong.space.crs import require_metric
from lomsong.space.raster import Raster

RADIUS_LIMITS: Final = Limits(1, 100_000, "m")


@dataclass(frozen=True, eq=False)
class SiteWindow:
    """The part of the terrain that a site can reach, and the site in its cells."""

    ground: npt.NDArray[np.float32]
    transform: Affine
    site_row: float
    site_column: float
    site_ground: float


def check_sweep(
    terrain: Raster,
    *,
    x: float,
    y: float,
    mast_m: float,
    rx_m: float,
    radius_m: float,
    frequency_mhz: float,
    delta_n: float,
) -> None:
    """Raise every fault of a sweep's arguments as one."""
    require_metric(terrain.crs)
    faults = Faults()
    for name, limits, value in (
        ("mast_m", LIMITS["tx_height_m"], mast_m),
        ("rx_m", LIMITS["rx_height_m"], rx_m),
        ("radius_m", RADIUS_LIMITS, radius_m),
        ("frequency_mhz", LIMITS["frequency_mhz"], frequency_mhz),
        ("delta_n", LIMITS["delta_n"], delta_n),
    ):
        check_limits(name, limits, np.asarray(float(value)), faults)
    box = terrain.extent
    if not (box.west <= x <= box.east and box.south <= y <= box.north):
        faults.add(
            "the site lies outside the terrain",
            Sentence(
                "Give a site within x {west:g} to {east:g}, y {south:g} to {north:g}, or more terrain",
                west=box.west,
                east=box.east,
                south=box.south,
                north=box.north,
            ),
            column="x, y",
            value=f"{x:g}, {y:g}",
        )
    faults.raise_if_any()


def site_window(terrain: Raster, *, x: float, y: float, radius_m: float) -> SiteWindow:
    """Cut out the cells whose centres lie within the radius, or the site's own where there is none."""
    rows, columns = terrain.values.shape
    column, row = ~terrain.transform @ (x, y)
    column, row = column - 0.5, row - 0.5
    width, height = terrain.cell
    own_column = min(max(round(column), 0), columns - 1)
    own_row = min(max(round(row), 0), rows - 1)
    left = min(max(math.ceil(column - radius_m / width), 0), own_column)
    right = max(min(math.floor(column + radius_m / width), columns - 1), own_column)
    top = min(max(math.ceil(row - radius_m / height), 0), own_row)
    bottom = max(min(math.floor(row + radius_m / height), rows - 1), own_row)
    return SiteWindow(
        ground=np.ascontiguousarray(
            terrain.values[top : bottom + 1, left : right + 1], dtype=np.float32
        ),
        transform=terrain.transform @ Affine.translation(left, top),
        site_row=row - top,
        site_column=column - left,
        site_ground=float(terrain.at(x, y)),
    )
