"""Hold a georeferenced grid of numbers and read it at points."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS

from lomsong.errors import DefectError
from lomsong.space.crs import Extent, Floats

RASTER_AXES = 2


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
        if self.transform.b or self.transform.d or self.transform.a <= 0 or self.transform.e >= 0:
            raise DefectError("a raster here is north-up")

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
        total = np.zeros(px.shape)
        for r, c, weight in (
            (top, left, (1 - fy) * (1 - fx)),
            (top, right, (1 - fy) * fx),
            (bottom, left, fy * (1 - fx)),
            (bottom, right, fy * fx),
        ):
            # A void with no weight must not blank a point that stands exactly on a known centre.
            total += np.where(weight > 0, weight * self.values[r, c].astype(float), 0.0)
        return np.where(inside, total, np.nan)
