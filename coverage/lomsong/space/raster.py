"""Hold a georeferenced grid of numbers and read it at points."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS, Geod

from lomsong.errors import DefectError
from lomsong.space.crs import Extent, Floats, to_crs

Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

RASTER_AXES = 2
ELLIPSOID = Geod(ellps="WGS84")
EQUAL_AREA = CRS.from_proj4("+proj=cea +lat_ts=0 +ellps=WGS84 +datum=WGS84 +units=m")


@dataclass(frozen=True)
class Grid:
    """Where the cells of a raster lie: north-up, row 0 in the north."""

    rows: int
    columns: int
    transform: Affine
    crs: CRS


@dataclass(frozen=True, eq=False)
class Raster:
    """A north-up grid; NaN where nothing is known.

    `values` has shape (rows, columns), row 0 in the north; `transform` maps (column, row) corners to (x, y) of
    `crs`, so a cell's centre lies at half a step.
    """

    values: npt.NDArray[np.float32] | Floats
    transform: Affine
    crs: CRS

    def __post_init__(self) -> None:
        if self.values.ndim != RASTER_AXES or not self.values.size:
            raise DefectError("a raster has rows and columns")
        skewed = self.transform.b != 0 or self.transform.d != 0
        if skewed or not (self.transform.a > 0 and self.transform.e < 0):
            raise DefectError("a raster here is north-up")

    @property
    def grid(self) -> Grid:
        """Where the cells lie."""
        rows, columns = self.values.shape
        return Grid(rows, columns, self.transform, self.crs)

    @property
    def extent(self) -> Extent:
        """Outer edges, in the unit of the CRS."""
        rows, columns = self.values.shape
        west, north = self.transform.c, self.transform.f
        return Extent(
            west, north + rows * self.transform.e, west + columns * self.transform.a, north
        )

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell, in the unit of the CRS."""
        return self.transform.a, -self.transform.e

    def at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Floats:
        """Return bilinear values at points; NaN outside and wherever a needed neighbour is unknown.

        Within half a cell of the outer edge the nearest row or column is used, so the whole extent answers.
        """
        inside, corners = self._corners(x, y)
        total = np.zeros(inside.shape)
        for r, c, weight in corners:
            # A void with no weight must not blank a point that stands exactly on a known centre.
            total += np.where(weight > 0, weight * self.values[r, c].astype(float), 0.0)
        return np.where(inside, total, np.nan)

    def cells_at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Flags:
        """Return which cells `at` reads to answer for points."""
        inside, corners = self._corners(x, y)
        read = np.zeros(self.values.shape, bool)
        for r, c, weight in corners:
            needed = inside & (weight > 0)
            read[r[needed], c[needed]] = True
        return read

    def _corners(
        self, x: npt.ArrayLike, y: npt.ArrayLike
    ) -> tuple[Flags, tuple[tuple[Integers, Integers, Floats], ...]]:
        """Return which points are inside, and row, column and weight of the four cells around each."""
        px, py = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        rows, columns = self.values.shape
        column = (px - self.transform.c) / self.transform.a
        row = (py - self.transform.f) / self.transform.e
        inside = (column >= 0) & (column <= columns) & (row >= 0) & (row <= rows)
        column = np.clip(np.where(inside, column, 0) - 0.5, 0, columns - 1)
        row = np.clip(np.where(inside, row, 0) - 0.5, 0, rows - 1)
        left = np.minimum(column.astype(np.int64), max(columns - 2, 0))
        top = np.minimum(row.astype(np.int64), max(rows - 2, 0))
        right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
        fx, fy = column - left, row - top
        return inside, (
            (top, left, (1 - fy) * (1 - fx)),
            (top, right, (1 - fy) * fx),
            (bottom, left, fy * (1 - fx)),
            (bottom, right, fy * fx),
        )


def coarsened(raster: Raster, *, cell_m: float) -> Raster:
    """Return a raster of whole blocks of cells, their means, as large as fits into `cell_m` [m]; NaN where one is."""
    step = int(cell_m / min(raster.cell) + 1e-9)
    rows, columns = (n // step * step if step else n for n in raster.values.shape)
    if step <= 1 or not rows or not columns:
        return raster
    blocks = raster.values[:rows, :columns].astype(float)
    blocks = blocks.reshape(rows // step, step, columns // step, step)
    return Raster(
        values=blocks.mean(axis=(1, 3)).astype(np.float32),
        transform=raster.transform @ Affine.scale(step),
        crs=raster.crs,
    )


def cell_areas_m2(raster: Raster | Grid) -> Floats:
    """Return the area of each cell on the WGS 84 ellipsoid [m²], shape (rows, columns).

    In degrees the area between two parallels is exact [1]_; in other CRSs, of whatever unit, corners
    are carried into a cylindrical equal-area projection, where plane areas are true.

    References
    ----------
    .. [1] J. P. Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395, 1987, eq. 3-12.
    """
    grid = raster.grid if isinstance(raster, Raster) else raster
    north = grid.transform.f + grid.transform.e * np.arange(grid.rows + 1)
    if grid.crs.is_geographic:
        zone = _area_from_equator_m2(np.clip(north, -90, 90))
        strips = (zone[:-1] - zone[1:]) * np.radians(grid.transform.a)
        return np.broadcast_to(strips[:, None], (grid.rows, grid.columns))
    west = grid.transform.c + grid.transform.a * np.arange(grid.columns + 1)
    x, y = to_crs(*np.meshgrid(west, north), source=grid.crs, target=EQUAL_AREA)
    # Shoelace formula over the two diagonals of each cell.
    falling_x, falling_y = x[1:, 1:] - x[:-1, :-1], y[1:, 1:] - y[:-1, :-1]
    rising_x, rising_y = x[:-1, 1:] - x[1:, :-1], y[:-1, 1:] - y[1:, :-1]
    return np.asarray(np.abs(falling_x * rising_y - falling_y * rising_x) / 2, np.float64)


def _area_from_equator_m2(latitude: Floats) -> Floats:
    """Return the area from the equator to a parallel, for one radian of longitude [m²]."""
    sine, eccentricity = np.sin(np.radians(latitude)), np.sqrt(ELLIPSOID.es)
    q = sine / (1 - ELLIPSOID.es * sine**2) + np.arctanh(eccentricity * sine) / eccentricity
    return np.asarray(ELLIPSOID.b**2 / 2 * q)
