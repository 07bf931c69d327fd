"""Share the cells of rasters out among polygons, so that nobody is lost and nobody counted twice."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse

from lomsong.errors import DefectError
from lomsong.space._coverage import cover
from lomsong.space._ground import disjoint
from lomsong.space._shapes import Polygons, dense_rank, polygon_array, rings_of
from lomsong.space.crs import Floats, require_same
from lomsong.space.raster import Grid, Raster


def area_shares(
    polygons: Polygons | gpd.GeoSeries,
    raster_grid: Raster | Grid,
    *,
    rank: npt.ArrayLike | None = None,
) -> sparse.csr_array:
    """Return the share of each cell's area that each polygon takes.

    Ground that several polygons cover goes to the one of lowest rank alone, as in `PolygonIndex`, so the shares
    of a cell never sum to more than 1. Invalid polygons are repaired first. The shares depend on the grid only:
    keep them for every further raster of that grid.

    Parameters
    ----------
    polygons
        Polygons and multipolygons in the CRS of the grid.
    raster_grid
        The grid, or a raster that lies on it.
    rank
        A comparable value per polygon; by default, and where equal, the order of their canonical WKB.

    Returns
    -------
    scipy.sparse.csr_array
        Shape (polygons, rows × columns), cells row by row from the north-west.
    """
    grid = raster_grid.grid if isinstance(raster_grid, Raster) else raster_grid
    if isinstance(polygons, gpd.GeoSeries) and polygons.crs is not None:
        require_same(polygons.crs, grid.crs)
    geometries = polygon_array(polygons)
    ground = disjoint(geometries, dense_rank(rank, len(geometries)))
    rings = rings_of(shapely.orient_polygons(ground))
    to_cells = ~grid.transform
    in_cells = np.stack(
        [
            rings.xy[:, 0] * to_cells.a + to_cells.c,
            rings.xy[:, 1] * to_cells.e + to_cells.f,
        ],
        axis=1,
    )
    starts, cells, shares = cover(rings._replace(xy=in_cells), grid.rows, grid.columns)
    return sparse.csr_array(
        (shares, cells, starts), shape=(len(geometries), grid.rows * grid.columns)
    )


def zonal_sums(shares: sparse.csr_array, raster: Raster) -> tuple[Floats, float]:
    """Return the sum over each polygon, and what lies in no polygon; cells without a value count nothing.

    The sums and the rest together are the raster's total. The raster counts per cell (people, not people per
    km²): see `cell_areas_m2`.
    """
    values = raster.values.astype(np.float64).ravel()
    if shares.shape[1] != values.size:
        raise DefectError(f"shares of {shares.shape[1]} cells for a raster of {values.size}")
    values[~np.isfinite(values)] = 0
    rest = 1 - np.asarray(shares.sum(axis=0), np.float64)
    return np.asarray(shares @ values, np.float64), float(rest @ values)
