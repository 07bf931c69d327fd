"""Mend outlines that cross or touch themselves, without losing the ground they enclose."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

Geometries = npt.NDArray[np.object_]

GEOD: Final = Geod(ellps="WGS84")
_M2_PER_KM2: Final = 1e6
_POLYGONAL: Final = (3, 6)
_COLLECTION: Final = 7


@dataclass(frozen=True)
class Mended:
    """A polygon that is valid now, and what was wrong with it; None where it encloses nothing."""

    geometry: shapely.Geometry | None
    problem: str
    repair: str


def mend(polygon: shapely.Geometry) -> Mended | None:
    """Return the valid form of a polygon in longitude and latitude, None where it is valid as it stands.

    Ground enclosed twice, by a ring that overlaps itself or by nested shells, stays ground: the rings are mended
    one by one and united, instead of counting crossings. What has no width falls away.
    """
    collected = shapely.get_type_id(polygon) == _COLLECTION
    if not collected and shapely.is_valid(polygon):
        return None
    problem = (
        "a collection of several kinds of geometry"
        if collected
        else shapely.is_valid_reason(polygon)
    )
    valid = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    ground = polygon_parts(valid)
    if ground is None:
        return Mended(geometry=None, problem=problem, repair="none: it encloses nothing")
    before, after = area_m2(polygon) / _M2_PER_KM2, area_m2(ground) / _M2_PER_KM2
    return Mended(
        geometry=ground,
        problem=problem,
        repair=f"rings mended and united; {before:.6f} km2 before, {after:.6f} km2 now",
    )


def polygon_parts(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """Return the polygons of a geometry as one, None where there are none."""
    parts = shapely.get_parts(geometry)
    if (shapely.get_type_id(parts) == _COLLECTION).any():
        parts = shapely.get_parts(parts)
    ground = [p for p in parts if shapely.get_type_id(p) in _POLYGONAL and not p.is_empty]
    if not ground:
        return None
    if len(ground) == 1:
        return ground[0]
    return shapely.union_all(ground)


def area_m2(geometry: shapely.Geometry) -> float:
    """Return the area on the ellipsoid [m2] of polygons in longitude and latitude."""
    parts = shapely.get_parts(geometry)
    return float(
        sum(
            abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(p))[0])
            for p in parts
            if shapely.get_type_id(p) in _POLYGONAL
        )
    )
