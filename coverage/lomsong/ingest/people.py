"""Read where people live: a raster of people, and buildings."""

from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from lomsong.errors import Faults, InputError
from lomsong.ingest.reading.features import read_source
from lomsong.ingest.reading.rasters import read_window
from lomsong.ingest.reading.values import MOST_PEOPLE
from lomsong.space.crs import WGS84, Extent, Floats, to_crs
from lomsong.space.raster import Raster

PeopleUnit = Literal["people_per_pixel", "people_per_km2"]
PEOPLE_UNITS: Final = ("people_per_pixel", "people_per_km2")

_EQUAL_AREA: Final = CRS.from_proj4("+proj=cea +lat_ts=0 +ellps=WGS84 +datum=WGS84 +units=m")
_M2_PER_KM2: Final = 1e6
_PLACES: Final = (0, 3, 4, 6)


def read_people(path: str | Path, *, unit: PeopleUnit, extent: Extent | None) -> Raster:
    """Read people per pixel over a region.

    Parameters
    ----------
    path
        GeoTIFF in any stated CRS.
    unit
        What a pixel counts. People per km2 are multiplied by the pixel's true area on the ellipsoid.
    extent
        Region in degrees of WGS 84; only the pixels it touches (and one around them) are read. None reads all.

    Returns
    -------
    Raster
        People per pixel in the raster's own CRS; NaN where the source knows nothing or states less than none.

    Raises
    ------
    InputError
        Where the file cannot be used.
    """
    faults = Faults()
    if unit not in PEOPLE_UNITS:
        faults.add(
            "nobody knows this unit",
            f"Say one of {', '.join(PEOPLE_UNITS)}",
            column="unit",
            value=unit,
        )
    raster = read_window(Path(path), extent=extent, faults=faults)
    if raster is None or len(faults):
        raise InputError(faults)
    most = float(np.nanmax(raster.values, initial=0.0))
    if most > MOST_PEOPLE:
        faults.add(
            "no pixel holds so many people",
            "Declare which value means that nothing is known (nodata), and export it again",
            file=Path(path),
            value=most,
        )
        raise InputError(faults)
    values = np.where(raster.values < 0, np.nan, raster.values)
    if unit == "people_per_km2":
        values = values * pixel_areas_m2(raster) / _M2_PER_KM2
    return Raster(values, raster.transform, raster.crs)


def pixel_areas_m2(raster: Raster) -> Floats:
    """Return the area of each pixel on the ellipsoid of WGS 84 [m2]; of shape (rows, 1) in a geographic CRS.

    Corners are carried into a cylindrical equal-area projection, where plane areas are true.
    """
    rows, columns = raster.values.shape
    if raster.crs.is_geographic:
        columns = 1  # along a parallel all pixels are alike
    x, y = _corners(raster.transform, rows, columns)
    east, north = to_crs(x, y, source=raster.crs, target=_EQUAL_AREA)
    # Shoelace formula over the two diagonals of each pixel.
    falling_x, falling_y = east[1:, 1:] - east[:-1, :-1], north[1:, 1:] - north[:-1, :-1]
    rising_x, rising_y = east[:-1, 1:] - east[1:, :-1], north[:-1, 1:] - north[1:, :-1]
    areas: Floats = np.abs(falling_x * rising_y - falling_y * rising_x) / 2
    return areas


def _corners(transform: Affine, rows: int, columns: int) -> tuple[Floats, Floats]:
    x = transform.c + np.arange(columns + 1) * transform.a
    y = transform.f + np.arange(rows + 1) * transform.e
    grid_x, grid_y = np.meshgrid(x, y)
    return grid_x, grid_y


def read_buildings(path: str | Path, *, crs: str | None = None) -> gpd.GeoDataFrame:
    """Read buildings as points in longitude and latitude; of a footprint, a point inside it.

    Parameters
    ----------
    path
        Any file of points or polygons, or a CSV or XLSX of points.
    crs
        CRS where the file states none.

    Raises
    ------
    InputError
        Where the file cannot be used, or a row is neither point nor polygon.
    """
    faults = Faults()
    source = read_source(Path(path), {}, crs=crs, faults=faults)
    if source is not None:
        geometry = source.features.geometry
        wrong = ~np.isin(shapely.get_type_id(geometry), _PLACES) | shapely.is_empty(geometry)
        for position in np.flatnonzero(wrong):
            faults.add(
                "the building is neither point nor polygon",
                "Leave the row out, or draw it",
                file=source.features.file,
                row=int(source.features.rows[position]),
            )
    if source is None or len(faults):
        raise InputError(faults)
    # The order of the rows is the file's business, not the result's.
    points = shapely.point_on_surface(source.features.geometry)
    order = np.lexsort((shapely.get_y(points), shapely.get_x(points)))
    return gpd.GeoDataFrame(geometry=points[order], crs=WGS84)
