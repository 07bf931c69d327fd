"""Read what tells of grid power: lists by hamlet, lines, night lights."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lomsong.errors import Faults, InputError
from lomsong.ingest.power.lists import PowerList, read_power_list
from lomsong.ingest.reading.features import read_source, refuse_other_shapes
from lomsong.ingest.reading.rasters import read_window
from lomsong.ingest.reading.values import clean_text
from lomsong.space.crs import WGS84, Extent
from lomsong.space.raster import Raster

__all__ = ["PowerList", "read_lights", "read_power_lines", "read_power_list"]

_LINE_HEADINGS: Final = {
    "voltage": ("voltage", "voltage kv", "dien ap", "cap dien ap", "kv", "max voltage")
}
_DRAWN: Final = (0, 1, 2, 4, 5)


def read_power_lines(path: str | Path, *, crs: str | None = None) -> gpd.GeoDataFrame:
    """Read lines of the grid, or points on them: distances for the cost of a site, never a decision.

    Far lines do not make a hamlet dark and near ones do not light it.

    Parameters
    ----------
    path
        Any file of lines or points, or a CSV or XLSX of points.
    crs
        CRS where the file states none.

    Returns
    -------
    GeoDataFrame
        `voltage`, as the file says it, null where it does not; geometry in WGS 84.

    Raises
    ------
    InputError
        Where the file cannot be used, or a row is neither line nor point.
    """
    faults = Faults()
    source = read_source(Path(path), _LINE_HEADINGS, crs=crs, faults=faults)
    if source is not None:
        problem = "this is neither a line nor a point"
        refuse_other_shapes(source, _DRAWN, problem=problem, faults=faults)
    if source is None or len(faults):
        raise InputError(faults)
    voltage = [clean_text(cell)[0] or None for cell in source.cells("voltage")]
    return gpd.GeoDataFrame(
        {"voltage": pd.array(voltage, dtype="str")},
        geometry=source.features.geometry,
        crs=WGS84,
    )


def read_lights(path: str | Path, *, extent: Extent | None = None) -> Raster:
    """Read night lights [nW/cm2/sr] over a region (degrees of WGS 84), in the raster's own CRS.

    Light above a threshold says that a hamlet has power; darkness says nothing: a hamlet of 45 households is below
    what the satellite sees. Values under zero, which come of subtracting the background, are darkness.

    Raises
    ------
    InputError
        Where the file cannot be used.
    """
    faults = Faults()
    raster = read_window(Path(path), extent=extent, faults=faults)
    if raster is None or len(faults):
        raise InputError(faults)
    return Raster(np.maximum(raster.values, 0.0), raster.transform, raster.crs)
