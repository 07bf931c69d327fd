"""Open files of heights: GeoTIFF and SRTM HGT, plain, gz or zip; nothing that is no height leaves as one."""

import gzip
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.errors import RasterioIOError
from rasterio.io import MemoryFile
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from lomsong.errors import Faults
from lomsong.ingest.reading.files import is_litter
from lomsong.ingest.reading.kinds import is_readable
from lomsong.ingest.reading.rasters import is_picture, read_band
from lomsong.ingest.reading.vector import parse_crs
from lomsong.sentences import Sentence
from lomsong.space.crs import METRES_PER_DEGREE, WGS84, Extent

Heights: TypeAlias = npt.NDArray[np.float32]

LOWEST_M: Final = -500.0
"""Nothing on dry land lies lower (the Dead Sea: -430 m); voids of all makers (-32768, -32767, -9999) do."""
HIGHEST_M: Final = 9000.0
"""Everest is 8,849 m; the void 32767 is not."""

_HGT_NAME: Final = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
_HGT_SIDES: Final = {2 * n * n: n for n in (1201, 3601, 6001, 10801)}
_TIFF: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_REMEDY: Final = (
    "Give GeoTIFF, or HGT named after its south-western corner (N21E105.hgt), plain, gz or zip"
)
_MARGIN: Final = 2
"""Pixels read around what is asked for, so that interpolation has its neighbours."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Tile:
    """A grid of heights that is read when it is needed."""

    name: str
    crs: CRS
    transform: Affine
    shape: tuple[int, int]
    load: Callable[[Window], Heights]

    @property
    def resolution_m(self) -> float:
        """Height of a pixel on the ground [m]."""
        step = abs(self.transform.e)
        unit: float = self.crs.axis_info[0].unit_conversion_factor
        return step * METRES_PER_DEGREE if self.crs.is_geographic else step * unit

    @property
    def extent(self) -> Extent:
        """Outer edges in degrees of WGS 84."""
        rows, columns = self.shape
        west, north = self.transform.c, self.transform.f
        east, south = west + columns * self.transform.a, north + rows * self.transform.e
        return Extent(*transform_bounds(self.crs, WGS84, west, south, east, north))

    def window(self, extent: Extent) -> Window | None:
        """Return the pixels that an extent in the tile's own CRS needs, None where they do not meet."""
        rows, columns = self.shape
        left, top = ~self.transform @ (extent.west, extent.north)
        right, bottom = ~self.transform @ (extent.east, extent.south)
        first_row, last_row = (
            max(math.floor(top) - _MARGIN, 0),
            min(math.ceil(bottom) + _MARGIN, rows),
        )
        first, last = max(math.floor(left) - _MARGIN, 0), min(math.ceil(right) + _MARGIN, columns)
        if first_row >= last_row or first >= last:
            return None
        return Window(first, first_row, last - first, last_row - first_row)


def open_tiles(file: Path, *, crs: str | None, faults: Faults) -> list[Tile]:
    """Return the tiles of a file (an archive may hold several); faults where it holds none."""
    if not is_readable(file, faults=faults):
        return []
    try:
        return [
            tile
            for name, content in _contents(file)
            if (tile := _tile(file, name, content, crs, faults)) is not None
        ]
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as broken:
        problem = Sentence("the archive is damaged ({reason})", reason=str(broken))
        faults.add(problem, "Download it again", file=file)
    except (RasterioIOError, _NoHeightsError) as broken:
        reason = broken.args[0] if broken.args else ""
        problem = Sentence("the file holds no heights that can be read ({reason})", reason=reason)
        faults.add(problem, _REMEDY, file=file)
    return []


class _NoHeightsError(Exception):
    """A file holds no heights that can be read."""


def _contents(file: Path) -> Iterator[tuple[str, bytes | None]]:
    """Yield name and bytes of what a file packs; no bytes where it can be read in place."""
    with file.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(file) as stream:
            yield file.name.removesuffix(".gz"), stream.read()
    elif head.startswith(b"PK"):
        with zipfile.ZipFile(file) as archive:
            names = sorted(
                n for n in archive.namelist() if re.search(r"\.(hgt|tiff?)$", n, re.IGNORECASE)
            )
            names = [n for n in names if not is_litter(n)]
            if not names:
                raise _NoHeightsError(Sentence("the archive holds neither .hgt nor .tif"))
            for name in names:
                yield name.rpartition("/")[2], archive.read(name)
    else:
        yield file.name, None if head in _TIFF else file.read_bytes()


def _tile(
    file: Path, name: str, content: bytes | None, crs: str | None, faults: Faults
) -> Tile | None:
    if content is None or content[:4] in _TIFF:
        return _geotiff(file, name, content, crs, faults)
    return _hgt(name, content)


def _hgt(name: str, content: bytes) -> Tile:
    side = _HGT_SIDES.get(len(content))
    corner = _HGT_NAME.search(name)
    if side is None:
        sizes = ", ".join(map(str, _HGT_SIDES))
        raise _NoHeightsError(
            Sentence(
                "{file} has {n:,} bytes; an HGT has one of {sizes}",
                file=name,
                n=len(content),
                sizes=sizes,
            )
        )
    if corner is None:
        raise _NoHeightsError(
            Sentence("the name {file} does not tell the south-western corner", file=name)
        )
    south = int(corner[2]) * (1 if corner[1].upper() == "N" else -1)
    west = int(corner[4]) * (1 if corner[3].upper() == "E" else -1)
    step = 1 / (side - 1)
    heights = _known(np.frombuffer(content, ">i2").reshape(side, side).astype(np.float32))

    def load(window: Window) -> Heights:
        rows, columns = window.toslices()
        part: Heights = heights[rows, columns]
        return part

    # The posts of row 0 stand on the northern edge: a pixel reaches half a step beyond it.
    origin = Affine.translation(west - step / 2, south + 1 + step / 2)
    return Tile(
        name=name,
        crs=WGS84,
        transform=origin @ Affine.scale(step, -step),
        shape=heights.shape,
        load=load,
    )


def _geotiff(
    file: Path, name: str, content: bytes | None, crs: str | None, faults: Faults
) -> Tile | None:
    source = MemoryFile(content) if content is not None else None

    def reopened() -> rasterio.DatasetReader:
        return source.open() if source is not None else rasterio.open(file, driver="GTiff")

    with reopened() as data:
        transform, shape, own, complex_ = (
            data.transform,
            data.shape,
            data.crs,
            "complex" in data.dtypes[0],
        )
        if is_picture(data):
            raise _NoHeightsError(
                Sentence("{file} is a picture, whose pixels are colours", file=name)
            )
    if (
        transform.is_identity
        or transform.b
        or transform.d
        or transform.a <= 0
        or transform.e >= 0
        or complex_
    ):
        raise _NoHeightsError(Sentence("{file} is not laid north-up on the ground", file=name))
    if own is None and crs is None:
        faults.add("the file states no CRS", "Assign its projection and export it again", file=file)
        return None
    known = (
        CRS.from_wkt(own.to_wkt())
        if own is not None
        else parse_crs(str(crs), faults=faults, file=file)
    )
    if known is None:
        return None

    def load(window: Window) -> Heights:
        with reopened() as data:
            band = read_band(data, window, file=file)
            heights = band.astype(np.float32) * data.scales[0] + data.offsets[0]
        return _known(np.ma.filled(heights, np.nan).astype(np.float32))

    return Tile(name=name, crs=known, transform=transform, shape=shape, load=load)


def _known(heights: Heights) -> Heights:
    """Return heights with NaN for whatever no place on Earth has."""
    with np.errstate(invalid="ignore"):
        possible = (heights >= LOWEST_M) & (heights <= HIGHEST_M)
    known: Heights = np.where(possible, heights, np.float32(np.nan))
    return known
