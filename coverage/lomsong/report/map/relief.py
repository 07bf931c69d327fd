"""Shade the terrain into a small picture for the ground of the map."""

import base64
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.io import MemoryFile

from lomsong.report.map.topology import mercator
from lomsong.space.crs import WGS84, Extent, Floats, to_crs
from lomsong.space.raster import Raster

WEB_MERCATOR: Final = CRS.from_epsg(3857)
PIXELS: Final = 1000
"""Longer side of the picture."""
FADED: Final = 0.06
"""Share of each side over which the relief fades out, so that it ends nowhere in a line."""
DARKEST: Final = 168
"""Grey of the deepest shadow: lighter than any class but the covered one, so that relief never reads as a class."""
SUNS_DEG: Final = ((315.0, 0.55), (270.0, 0.2), (0.0, 0.25))
"""Azimuths of the light with their weights: several, so that valleys along the main one do not vanish."""
SUN_HEIGHT_DEG: Final = 45.0
RELIEF_FACTOR: Final = 1.6
"""Heights are stretched by this much for the eye."""
QUALITY: Final = 62


@dataclass(frozen=True, kw_only=True)
class Relief:
    """A picture and where it lies, in degrees of WGS 84."""

    uri: str
    extent: Extent


def relief(terrain: Raster, *, extent: Extent) -> Relief:
    """Shade the terrain over an extent given in degrees of WGS 84; unknown ground stays white."""
    (west, south), (east, north) = mercator(
        np.array([extent.west, extent.east]), np.array([extent.south, extent.north])
    )
    size = max(east - west, north - south) / PIXELS
    columns = max(2, round((east - west) / size))
    rows = max(2, round((north - south) / size))
    x, y = np.meshgrid(
        west + (np.arange(columns) + 0.5) * (east - west) / columns,
        north - (np.arange(rows) + 0.5) * (north - south) / rows,
    )
    shape = x.shape
    there = to_crs(x.ravel(), y.ravel(), source=WEB_MERCATOR, target=terrain.crs)
    height = terrain.at(*there).reshape(shape)
    middle = np.radians((extent.south + extent.north) / 2)
    shade = _hillshade(height, cell_m=size * float(np.cos(middle)))
    return Relief(uri=_jpeg(_faded(shade)), extent=extent)


def around(bounds: Floats, terrain: Raster) -> Extent:
    """Return the bounds with a margin, cut to where the terrain is known, in degrees of WGS 84."""
    west, south, east, north = bounds
    margin = 0.09 * max(east - west, north - south)
    known = terrain.extent
    lon, lat = to_crs(
        [known.west, known.west, known.east, known.east],
        [known.south, known.north, known.south, known.north],
        source=terrain.crs,
        target=WGS84,
    )
    return Extent(
        max(west - margin, float(lon.min())),
        max(south - margin, float(lat.min())),
        min(east + margin, float(lon.max())),
        min(north + margin, float(lat.max())),
    )


def _hillshade(height: Floats, *, cell_m: float) -> npt.NDArray[np.uint8]:
    down, right = np.gradient(height * RELIEF_FACTOR, cell_m)
    steep = np.sqrt(1 + right**2 + down**2)
    sun = np.radians(SUN_HEIGHT_DEG)
    light = np.zeros_like(height)
    for azimuth, weight in SUNS_DEG:
        towards = np.radians(azimuth)
        slope = -right * np.sin(towards) + down * np.cos(towards)
        light += weight * np.clip((np.sin(sun) + np.cos(sun) * slope) / steep, 0, 1)
    flat = float(np.sin(sun))
    # Flat ground is white, light slopes too; only what turns away from the light is drawn.
    grey = 255 - (255 - DARKEST) * np.clip((flat - light) / flat, 0, 1) ** 0.8
    return np.where(np.isnan(grey), 255, np.rint(grey)).astype(np.uint8)


def _faded(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Let the picture go over into the white of the ground at its edges."""
    rows, columns = grey.shape

    def ramp(n: int) -> Floats:
        inward = np.minimum(np.arange(n) + 0.5, n - np.arange(n) - 0.5) / n
        share = np.clip(inward / FADED, 0, 1)
        return np.asarray(share * share * (3 - 2 * share), float)

    strength = ramp(rows)[:, None] * ramp(columns)[None, :]
    return np.rint(255 - (255.0 - grey) * strength).astype(np.uint8)


def _jpeg(grey: npt.NDArray[np.uint8]) -> str:
    rows, columns = grey.shape
    with MemoryFile() as memory, rasterio.Env(GDAL_PAM_ENABLED="NO"):
        with memory.open(
            driver="JPEG",
            height=rows,
            width=columns,
            count=1,
            dtype="uint8",
            quality=QUALITY,
            transform=Affine(
                1, 0, 0, 0, -1, rows
            ),  # a picture's own pixels; without any, rasterio warns
        ) as picture:
            picture.write(grey, 1)
        content = memory.read()
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
