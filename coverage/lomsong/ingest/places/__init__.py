"""Read what else matters for where to build: places given, forbidden areas, roads, points of interest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lomsong.errors import Faults
from lomsong.ingest.reading.features import read_source
from lomsong.ingest.reading.files import Paths, as_paths
from lomsong.ingest.reading.values import clean_text
from lomsong.space.crs import WGS84

_POINT: Final = (shapely.GeometryType.POINT,)
_POINTS: Final = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
_LINES: Final = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
_AREAS: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_NAME_HEADINGS: Final = {
    "name": ["name", "ten", "ten vi tri", "ten diem", "vi tri", "place", "site", "ma", "id"]
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Surroundings:
    """What else matters for where to build; None where no file says it. Geometry is in WGS 84."""

    places: gpd.GeoDataFrame | None = None
    """Points that are always candidates: `name` (null where they have none), sorted by place."""
    forbidden: gpd.GeoDataFrame | None = None
    """Polygons in which nothing is built."""
    roads: gpd.GeoDataFrame | None = None
    interest: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    """Points of interest by kind."""


def read_given_places(path: Paths) -> gpd.GeoDataFrame:
    """Read points that are always candidates: `name`, null where they have none; a point given twice counts once.

    Raises
    ------
    InputError
        With the faults of all files.
    """
    table = _read(path, _POINT, "Give one point per place", named=True)
    table = table.assign(x=table.geometry.x, y=table.geometry.y)
    table = table.sort_values(["y", "x", "name"], ascending=[False, True, True], kind="stable")
    table = table.drop_duplicates(["x", "y"], ignore_index=True)
    return gpd.GeoDataFrame(table.drop(columns=["x", "y"]), crs=WGS84)


def read_forbidden(path: Paths) -> gpd.GeoDataFrame:
    """Read polygons in which nothing is built.

    Raises
    ------
    InputError
        With the faults of all files.
    """
    table = _read(path, _AREAS, "Give polygons")
    # Outlines that cross themselves still say where not to build.
    return gpd.GeoDataFrame(geometry=shapely.make_valid(table.geometry.to_numpy()), crs=WGS84)


def read_roads(path: Paths) -> gpd.GeoDataFrame:
    """Read roads, as lines.

    Raises
    ------
    InputError
        With the faults of all files.
    """
    return _read(path, _LINES, "Give lines")


def read_interest(path: Paths) -> gpd.GeoDataFrame:
    """Read points of interest; a polygon, as of a school's ground, stands for a point inside it.

    Raises
    ------
    InputError
        With the faults of all files.
    """
    table = _read(path, (*_POINTS, *_AREAS), "Give points or polygons")
    return gpd.GeoDataFrame(geometry=shapely.point_on_surface(table.geometry.to_numpy()), crs=WGS84)


def _read(
    path: Paths, kinds: tuple[shapely.GeometryType, ...], remedy: str, *, named: bool = False
) -> gpd.GeoDataFrame:
    faults = Faults()
    parts = []
    for file in as_paths(path):
        source = read_source(file, _NAME_HEADINGS if named else {}, faults=faults)
        if source is None:
            continue
        geometry = source.features.geometry
        kind = shapely.get_type_id(geometry)
        right = np.isin(kind, kinds) & ~shapely.is_empty(geometry)
        for position in np.flatnonzero(~right):
            faults.add(
                "has no place" if kind[position] < 0 else "is of another kind of geometry",
                remedy,
                file=source.features.file,
                row=int(source.features.rows[position]),
            )
        if not len(geometry):
            faults.add("has no row", "Give the file again", file=source.features.file)
        names = [clean_text(cell)[0] or None for cell in source.cells("name")] if named else []
        columns = {"name": pd.array(names, dtype="str")} if named else {}
        parts.append(gpd.GeoDataFrame(columns, geometry=geometry, crs=WGS84))
    faults.raise_if_any()
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)
