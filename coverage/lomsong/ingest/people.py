"""Read where people live: a raster of people, and buildings."""

from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import shapely

from lomsong.errors import Faults, InputError
from lomsong.ingest.reading.features import read_source, refuse_other_shapes
from lomsong.ingest.reading.rasters import read_window
from lomsong.ingest.reading.values import MOST_PEOPLE
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, Extent
from lomsong.space.raster import Raster, cell_areas_m2

PeopleUnit = Literal["people_per_pixel", "people_per_km2"]
PEOPLE_UNITS: Final = ("people_per_pixel", "people_per_km2")

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
            Sentence("Say one of {names}", names=", ".join(PEOPLE_UNITS)),
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
        values = values * cell_areas_m2(raster) / _M2_PER_KM2
    return Raster(values, raster.transform, raster.crs)


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
        problem = "the building is neither point nor polygon"
        refuse_other_shapes(source, _PLACES, problem=problem, faults=faults)
    if source is None or len(faults):
        raise InputError(faults)
    # The order of the rows is the file's business, not the result's.
    points = shapely.point_on_surface(source.features.geometry)
    order = np.lexsort((shapely.get_y(points), shapely.get_x(points)))
    return gpd.GeoDataFrame(geometry=points[order], crs=WGS84)
