"""Tell what lies where it cannot be meant to lie: layers wholly elsewhere, places on forbidden or unknown ground."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from lomsong.errors import Fault
from lomsong.ingest.places import Surroundings
from lomsong.ingest.terrain import Terrain
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, Extent, to_crs
from lomsong.tables import Cells, Hamlets

AROUND_M: Final = 50_000.0
"""What lies further from all areas than this [m] has nothing to do with them: beyond the longest microwave hop and
any phone."""


def lies_elsewhere(
    layer: gpd.GeoDataFrame, *, around: Extent, file: Path, key: str
) -> Iterator[Fault]:
    """Yield a fault where no feature of a layer (WGS 84) meets a box in degrees: the wrong file, or the wrong CRS."""
    west, south, east, north = shapely.bounds(layer.geometry.to_numpy()).T
    meets = (west <= around.east) & (east >= around.west)
    meets &= (south <= around.north) & (north >= around.south)
    if len(layer) and not meets.any():
        box = (west.min(), south.min(), east.max(), north.max())
        yield _elsewhere(file, key, there=Extent(*map(float, box)), around=around)


def cells_elsewhere(cells: Cells, *, around: Extent, file: Path, key: str) -> Iterator[Fault]:
    """Yield a fault where no known cell lies in a box in degrees."""
    lon, lat = cells.table["lon"], cells.table["lat"]
    meets = lon.between(around.west, around.east) & lat.between(around.south, around.north)
    if len(cells.table) and not meets.any():
        there = Extent(lon.min(), lat.min(), lon.max(), lat.max())
        yield _elsewhere(file, key, there=there, around=around)


def _elsewhere(file: Path, key: str, *, there: Extent, around: Extent) -> Fault:
    return Fault(
        file=file,
        column=key,
        problem=Sentence(
            "covers {there}, and the areas with 50 km around them {around}: they do not meet",
            there=there.told(),
            around=around.told(),
        ),
        remedy="Give the file of this region, mend the CRS of either, or take it out of the project file",
    )


def areas_off_terrain(hamlets: Hamlets, terrain: Terrain) -> Iterator[Note]:
    """Say how many areas lie where no height is known: no ridge and no site is known there."""
    points = hamlets.table.geometry.representative_point()
    x, y = to_crs(points.x.to_numpy(), points.y.to_numpy(), source=WGS84, target=terrain.crs)
    n = int((~np.isfinite(terrain.at(x, y))).sum())
    if n:
        pattern = "{n} of {areas} areas lie where no height is known"
        yield Note(pattern, about="terrain", n=n, areas=len(points))


def off_terrain(places: gpd.GeoDataFrame, terrain: Terrain) -> Iterator[Note]:
    """Say which given places can be no candidates, because nobody knows how high they lie."""
    x, y = to_crs(
        places.geometry.x.to_numpy(), places.geometry.y.to_numpy(), source=WGS84, target=terrain.crs
    )
    for position in np.flatnonzero(~np.isfinite(terrain.at(x, y))):
        place = _called(places, int(position))
        pattern = "{place} lies where no height is known, and is no candidate"
        yield Note(pattern, about="siting.places", place=place)


def _called(places: gpd.GeoDataFrame, position: int) -> str:
    """Return the name of a given place, else its latitude and longitude."""
    point, name = places.geometry.iloc[position], places["name"].iloc[position]
    return name if isinstance(name, str) else f"{point.y:.5f}, {point.x:.5f}"


def in_forbidden(surroundings: Surroundings, *, file: Path) -> Iterator[Fault]:
    """Yield a fault for each given place that lies where nothing may be built."""
    places, forbidden = surroundings.places, surroundings.forbidden
    if places is None or forbidden is None:
        return
    tree = shapely.STRtree(forbidden.geometry.to_numpy())
    inside, _ = tree.query(places.geometry.to_numpy(), predicate="intersects")
    for position in np.unique(inside):
        yield Fault(
            file=file,
            column="siting.places",
            value=_called(places, int(position)),
            problem="this place lies in a forbidden area",
            remedy="Take it out of siting.places, or mend siting.forbidden",
        )
