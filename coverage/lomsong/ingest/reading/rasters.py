"""Read the part of a GeoTIFF that a region needs."""

import math
from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.enums import ColorInterp
from rasterio.errors import CRSError, RasterioIOError
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from lomsong.errors import Fault, Faults, InputError
from lomsong.ingest.reading.kinds import is_readable
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, Extent
from lomsong.space.raster import Raster

_MARGIN: Final = 1
"""Pixels read around the region, so that those it only touches come whole."""
_EDGE_POINTS: Final = 41
_MOST_PIXELS: Final = 200_000_000


def read_window(file: Path, *, extent: Extent | None, faults: Faults) -> Raster | None:
    """Return band 1 over a region (degrees of WGS 84), in the raster's own CRS, NaN where it knows nothing.

    None, and a fault, where the file is no georeferenced raster or lies elsewhere.
    """
    if not is_readable(file, faults=faults):
        return None
    try:
        with faults.gathering(), rasterio.open(file, driver="GTiff") as data:
            return _read(file, data, extent, faults)
    except RasterioIOError as broken:
        faults.add(
            Sentence("the raster cannot be read ({reason})", reason=str(broken)),
            "Give a GeoTIFF; export it again",
            file=file,
        )
    return None


def is_picture(data: rasterio.DatasetReader) -> bool:
    """Tell whether the first band holds colours: a map or a shaded relief instead of what it shows."""
    return data.colorinterp[0] in {ColorInterp.red, ColorInterp.palette}


def read_band(
    data: rasterio.DatasetReader, window: Window, *, file: Path
) -> np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]:
    """Return band 1 over a window; raise `InputError` where the file ends before it."""
    try:
        band: np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]
        band = data.read(1, window=window, masked=True)
    except RasterioIOError as broken:
        reason = str(broken.__cause__ or broken)
        problem = Sentence("is damaged or cut off in the middle ({reason})", reason=reason)
        remedy = "Copy or download it again"
        raise InputError([Fault(file=file, problem=problem, remedy=remedy)]) from None
    return band


def _read(
    file: Path, data: rasterio.DatasetReader, extent: Extent | None, faults: Faults
) -> Raster | None:
    if data.crs is None:
        faults.add(
            "the raster states no CRS", "Assign its projection and export it again", file=file
        )
        return None
    step = data.transform
    if step.is_identity or step.b or step.d or step.a <= 0 or step.e >= 0:
        faults.add("the raster is not laid north-up on the ground", "Warp it first", file=file)
        return None
    window = Window(0, 0, data.width, data.height)
    if extent is not None:
        inside = _window(data, extent)
        if inside is None:
            there = transform_bounds(data.crs, WGS84, *data.bounds)
            faults.add(
                Sentence(
                    "the raster covers {there}, the hamlets {wanted}: they do not meet",
                    there=Extent(*there).told(),
                    wanted=extent.told(),
                ),
                "Give the raster of this region, or mend the coordinates",
                file=file,
            )
            return None
        window = inside
    if window.width * window.height > _MOST_PIXELS:
        faults.add(
            Sentence("the region needs {n:,} pixels", n=window.width * window.height),
            "Give a coarser raster, or cut the project into districts",
            file=file,
        )
        return None
    if is_picture(data) or "complex" in data.dtypes[0]:
        faults.add(
            "the raster is a picture, whose pixels are no quantity",
            "Give the raster of the values themselves",
            file=file,
        )
        return None
    band = read_band(data, window, file=file).astype(np.float64)
    values = np.ma.filled(band * data.scales[0] + data.offsets[0], np.nan)
    values[~np.isfinite(values)] = np.nan
    return Raster(
        values=values,
        transform=step @ Affine.translation(window.col_off, window.row_off),
        crs=CRS.from_wkt(data.crs.to_wkt()),
    )


def _window(data: rasterio.DatasetReader, extent: Extent) -> Window | None:
    """Return the pixels that a region needs, None where the raster has none of them."""
    box = (extent.west, extent.south, extent.east, extent.north)
    try:
        there = transform_bounds(WGS84, data.crs, *box, densify_pts=_EDGE_POINTS)
    except CRSError:  # the region lies where the raster's CRS ends
        return None
    if not np.isfinite(there).all():
        return None
    left, top = ~data.transform @ (there[0], there[3])
    right, bottom = ~data.transform @ (there[2], there[1])
    if right <= 0 or bottom <= 0 or left >= data.width or top >= data.height:
        return None
    first, last = max(math.floor(left) - _MARGIN, 0), min(math.ceil(right) + _MARGIN, data.width)
    upper, lower = max(math.floor(top) - _MARGIN, 0), min(math.ceil(bottom) + _MARGIN, data.height)
    return Window(first, upper, last - first, lower - upper)
