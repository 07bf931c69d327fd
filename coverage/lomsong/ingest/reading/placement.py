"""Tell whether coordinates can be in the CRS they claim, and what they look like where they cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from lomsong.errors import Faults
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, Extent, Floats, to_crs

VIETNAM: Final = Extent(102.0, 6.0, 118.0, 24.0)
"""Degrees of WGS 84; the islands of Trường Sa included."""
MOST_LONGITUDE_DEG: Final = 180.0
MOST_LATITUDE_DEG: Final = 90.0

_AREA_MARGIN_DEG: Final = 3.0
"""People draw past the edge of a zone; a swapped or mistaken CRS misses it by far more."""
_METRIC: Final = 1000.0
"""No degree reaches this number."""
_VN2000_NORTHING_M: Final = (850_000.0, 2_700_000.0)
_VN2000_EASTING_M: Final = (100_000.0, 900_000.0)
_EACH_ROW: Final = 0.5
"""Where more than this share of the rows is wrong, the whole file is: one fault says it."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Placement:
    """Whether the rows may go on to WGS 84, and what the user should know about where they lie."""

    usable: bool
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class _Symptom:
    """A way in which coordinates can be wrong."""

    rows: Mask
    problem: Sentence
    remedy: str


def check_placement(
    geometry: npt.NDArray[np.object_],
    crs: CRS,
    *,
    rows: npt.NDArray[np.int64],
    file: Path,
    faults: Faults,
) -> Placement:
    """Note a fault for each feature, or one for all, that cannot lie where its CRS says.

    Degrees called metres, metres called degrees, axes exchanged, and places outside the area the CRS is made for
    are refused. What merely lies outside Vietnam is told.
    """
    west, south, east, north = shapely.bounds(geometry).T
    drawn = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    endless = drawn & ~_is_finite(geometry)
    # Halves first: two finite numbers may have no finite sum.
    x, y = west / 2 + east / 2, south / 2 + north / 2
    looked_at = drawn & ~endless
    symptoms = [_Symptom(endless, Sentence("a coordinate is not a number"), "Mend the outline")]
    check: Callable[[Floats, Floats, CRS], list[_Symptom]] = (
        _degree_symptoms if crs.is_geographic else _metre_symptoms
    )
    with np.errstate(invalid="ignore"):
        found = check(np.where(looked_at, x, np.nan), np.where(looked_at, y, np.nan), crs)
        if crs.is_geographic:
            far = np.maximum(np.abs(west), np.abs(east)) > MOST_LONGITUDE_DEG
            far |= np.maximum(np.abs(south), np.abs(north)) > MOST_LATITUDE_DEG
            found.append(
                _Symptom(
                    looked_at & far, Sentence("a corner lies where no place is"), "Mend the outline"
                )
            )
    usable = True
    told = np.zeros(len(rows), bool)
    for symptom in [*symptoms, *found]:
        wrong = symptom.rows & ~told
        told |= wrong
        usable = usable and not wrong.any()
        _tell(symptom, wrong, (x, y), looked_at | endless, rows=rows, file=file, faults=faults)
    if not usable or not looked_at.any():
        return Placement(usable=usable)
    return Placement(usable=True, notes=_outside_vietnam(x[looked_at], y[looked_at], crs))


def _is_finite(geometry: npt.NDArray[np.object_]) -> Mask:
    """Tell which geometries have only numbers for coordinates; bounds pass over what is none."""
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _tell(
    symptom: _Symptom,
    wrong: Mask,
    place: tuple[Floats, Floats],
    present: Mask,
    *,
    rows: npt.NDArray[np.int64],
    file: Path,
    faults: Faults,
) -> None:
    positions = np.flatnonzero(wrong)
    of_all = len(positions) > _EACH_ROW * present.sum()
    for position in positions[:1] if of_all else positions:
        faults.add(
            Sentence(
                "{problem} ({n} of {rows} rows)",
                problem=symptom.problem,
                n=len(positions),
                rows=int(present.sum()),
            )
            if of_all
            else symptom.problem,
            symptom.remedy,
            file=file,
            row=int(rows[position]),
            value=f"x {place[0][position]:.10g}, y {place[1][position]:.10g}",
        )


def _degree_symptoms(x: Floats, y: Floats, crs: CRS) -> list[_Symptom]:
    beyond = (np.abs(x) > MOST_LONGITUDE_DEG) | (np.abs(y) > MOST_LATITUDE_DEG)
    metric = (np.abs(x) > _METRIC) | (np.abs(y) > _METRIC)
    exchangeable = (np.abs(y) <= MOST_LONGITUDE_DEG) & (np.abs(x) <= MOST_LATITUDE_DEG)
    return [
        _Symptom(
            beyond & metric,
            _metres(crs, x[beyond & metric], y[beyond & metric]),
            "State the CRS the coordinates are in under crs, and let the file state none or the right one",
        ),
        _Symptom(
            (beyond & exchangeable) | _swapped_into_vietnam(x, y),
            Sentence("longitude and latitude look swapped"),
            "Exchange them: x is the longitude (102 to 118 in Vietnam), y the latitude",
        ),
        _Symptom(
            beyond,
            Sentence("no place has these coordinates in {crs}", crs=crs.name),
            "Longitude lies within ±180, latitude within ±90: mend the coordinates or the CRS",
        ),
    ]


def _metres(crs: CRS, x: Floats, y: Floats) -> Sentence:
    """Return what metres called degrees look like."""
    mid_x, mid_y = (float(np.median(v)) if len(v) else np.nan for v in (x, y))
    if _within(mid_x, _VN2000_EASTING_M) and _within(mid_y, _VN2000_NORTHING_M):
        return Sentence(
            "the CRS is {crs}, in degrees, but the coordinates look like metres of VN-2000 or UTM",
            crs=crs.name,
        )
    if _within(mid_y, _VN2000_EASTING_M) and _within(mid_x, _VN2000_NORTHING_M):
        return Sentence(
            "the CRS is {crs}, in degrees, but the coordinates look like metres of VN-2000 or UTM "
            "with northing (X) and easting (Y) exchanged",
            crs=crs.name,
        )
    return Sentence(
        "the CRS is {crs}, in degrees, but the coordinates look like metres", crs=crs.name
    )


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _swapped_into_vietnam(x: Floats, y: Floats) -> Mask:
    return in_extent(y, x, VIETNAM) & ~in_extent(x, y, VIETNAM)


def in_extent(x: Floats, y: Floats, extent: Extent) -> Mask:
    """Tell which points lie in a box."""
    inside: Mask = (
        (x >= extent.west) & (x <= extent.east) & (y >= extent.south) & (y <= extent.north)
    )
    return inside


def _metre_symptoms(x: Floats, y: Floats, crs: CRS) -> list[_Symptom]:
    degrees = (np.abs(x) <= MOST_LONGITUDE_DEG) & (np.abs(y) <= MOST_LONGITUDE_DEG)
    away = ~_in_area(x, y, crs) & np.isfinite(x)
    swapped = away & _in_area(y, x, crs)
    return [
        _Symptom(
            degrees,
            Sentence(
                "the CRS is {crs}, in metres, but the coordinates look like degrees", crs=crs.name
            ),
            'State the right CRS: degrees of GPS and web maps are "EPSG:4326"',
        ),
        _Symptom(
            swapped,
            Sentence("easting and northing look swapped (Vietnamese surveys call the northing X)"),
            "Exchange them: x is the easting, y the northing",
        ),
        _Symptom(
            away,
            _outside(crs),
            "State the CRS the coordinates are really in",
        ),
    ]


def _outside(crs: CRS) -> Sentence:
    area = crs.area_of_use
    if area is None or not area.name:
        return Sentence("the place lies outside the area that {crs} is made for", crs=crs.name)
    return Sentence(
        "the place lies outside the area that {crs} is made for ({area})",
        crs=crs.name,
        area=area.name,
    )


def _in_area(x: Floats, y: Floats, crs: CRS) -> Mask:
    """Tell which points lie where the CRS is made for; everywhere on Earth where it does not say."""
    lon, lat = to_crs(x, y, source=crs, target=WGS84)
    area = crs.area_of_use
    if area is None:
        return np.isfinite(lon) & np.isfinite(lat)
    if area.west > area.east:  # across the antimeridian
        lon = np.where(lon < 0, lon + 360, lon)
    east = area.east + 360 * (area.west > area.east)
    return in_extent(
        lon, lat, Extent(area.west, area.south, east, area.north).grown(_AREA_MARGIN_DEG)
    )


def _outside_vietnam(x: Floats, y: Floats, crs: CRS) -> tuple[Note, ...]:
    lon, lat = to_crs(x, y, source=crs, target=WGS84)
    outside = int((~in_extent(lon, lat, VIETNAM)).sum())
    if not outside:
        return ()
    return (
        Note(
            "{outside} of {n} features lie outside Vietnam "
            "(the middle one at longitude {lon}, latitude {lat})",
            outside=outside,
            n=len(lon),
            lon=f"{np.median(lon):.4f}",
            lat=f"{np.median(lat):.4f}",
        ),
    )
