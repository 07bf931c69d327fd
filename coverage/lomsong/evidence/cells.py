"""Tell where the cells lie that witnesses are counted in."""

from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from lomsong.evidence.coding import CELLS_PER_DEGREE
from lomsong.space.crs import WGS84, Floats, to_crs

BLOCK_CELLS: Final = 2
"""One device in a block of so many cells by so many is one unit of evidence, however many rows it has."""


def middles_of_cells(
    column: npt.ArrayLike, row: npt.ArrayLike, *, crs: CRS, wide: int = 1
) -> tuple[Floats, Floats]:
    """Return x and y of the middles of cells of 1/1600 degree [m], or of blocks of `wide` by `wide` of them."""
    lon, lat = (
        (np.asarray(number, float) + 0.5) * wide / CELLS_PER_DEGREE for number in (column, row)
    )
    return to_crs(lon, lat, source=WGS84, target=crs)
