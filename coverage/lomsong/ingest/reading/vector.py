"""Read files of features into WGS 84, and refuse coordinates that cannot be in the CRS they claim."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from lomsong.errors import Faults
from lomsong.ingest.reading.drivers import KINDS, READERS, Geometries, Raw
from lomsong.ingest.reading.kinds import is_readable, sniff
from lomsong.ingest.reading.placement import check_placement
from lomsong.notes import Note
from lomsong.space.crs import WGS84, to_crs

CRS_REMEDY: Final = (
    "State it under the key of its section (crs, communes_crs, centres_crs, buildings_crs, lines_crs), or assign it and export "
    'again where there is none: "EPSG:4326" for degrees, "EPSG:32648" for UTM 48N, or, for VN-2000, the zone of the '
    'central meridian, as "EPSG:5897" (105°00\'), "EPSG:9211" (106°00\'), "EPSG:9217" (108°15\')'
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Features:
    """Features of one file: attributes as they stand, geometry in WGS 84, None where there is none."""

    file: Path
    rows: npt.NDArray[np.int64]
    """Row as the user counts it, for messages."""
    attributes: pd.DataFrame
    geometry: Geometries
    notes: tuple[Note, ...] = ()
    is_placed: bool = True
    """Whether the coordinates could be read; where not, faults say why, and no row has a geometry."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """Geometry in WGS 84 whose CRS nobody stated, and how it was found."""

    geometry: Geometries
    note: Note


FindPlace = Callable[[pd.DataFrame, Geometries], Found | None]
"""Places features by their attributes and geometry; None, and a fault, where it cannot."""


def parse_crs(text: str, *, faults: Faults, file: Path | None = None) -> CRS | None:
    """Return the CRS of a setting, None (and a fault) where it names none."""
    try:
        return CRS.from_user_input(text)
    except CRSError:
        faults.add("this names no CRS", CRS_REMEDY, file=file, column="crs", value=text)
        return None


def read_features(
    file: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    unstated: FindPlace | None = None,
    faults: Faults,
) -> Features | None:
    """Read one layer of a file of features.

    Parameters
    ----------
    file
        GeoPackage, GeoJSON, Shapefile (plain or zipped), GeoParquet, KML or KMZ, MapInfo, DGN V7.
    layer
        Layer, where the file holds several; those of a KML (its folders) are read together by default.
    crs
        CRS where the file states none; it never overrides the file.
    unstated
        Finds where features are whose CRS neither the file nor `crs` states; without it that is a fault.
    faults
        Takes what is wrong; None is returned then, unless the rows are readable one by one.
    """
    if not is_readable(file, faults=faults):
        return None
    kind = sniff(file)
    reader = READERS.get(kind)
    if reader is None:
        faults.add("this is no file of features that can be read", KINDS, file=file)
        return None
    known = len(faults)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        raw = reader(file, layer, faults)
    if raw is None or len(faults) > known:
        return None
    if not len(raw.geometry):
        faults.add("the file holds no features", "Export it again", file=file)
        return None
    messages = sorted({str(w.message) for w in heard})
    raw.notes += [Note("{message}", about=file.name, message=message) for message in messages]
    if unstated is not None and crs is None and (raw.crs is None or _is_undefined(raw.crs)):
        return _found(file, raw, unstated)
    return _placed(file, raw, crs, faults)


def _found(file: Path, raw: Raw, unstated: FindPlace) -> Features | None:
    flat = shapely.force_2d(raw.geometry)
    found = unstated(raw.attributes, flat)
    if found is None:
        return None
    return Features(
        file=file,
        rows=np.arange(1, len(flat) + 1),
        attributes=raw.attributes,
        geometry=found.geometry,
        notes=(*raw.notes, found.note),
    )


def _placed(file: Path, raw: Raw, stated: str | None, faults: Faults) -> Features | None:
    source = _settle_crs(file, raw, stated, faults)
    if source is None:
        return None
    flat = shapely.force_2d(raw.geometry)
    rows = np.arange(1, len(flat) + 1)
    if shapely.has_z(raw.geometry).any():
        raw.notes.append(Note("heights of the outline were dropped", about=file.name))
    placed = check_placement(flat, source, rows=rows, file=file, faults=faults)
    if not placed.usable:
        return unplaced(file, rows, raw.attributes)
    raw.notes += [note.of(file.name) for note in placed.notes]
    return Features(
        file=file,
        rows=rows,
        attributes=raw.attributes,
        geometry=to_wgs84(flat, source),
        notes=tuple(raw.notes),
    )


def unplaced(file: Path, rows: npt.NDArray[np.int64], attributes: pd.DataFrame) -> Features:
    """Return features whose coordinates are at fault, so that their attributes are still looked at."""
    nowhere = np.full(len(rows), None, object)
    return Features(file=file, rows=rows, attributes=attributes, geometry=nowhere, is_placed=False)


def to_wgs84(geometry: Geometries, source: CRS) -> Geometries:
    """Return geometry in longitude and latitude of WGS 84."""

    def move(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(
            to_crs(coordinates[:, 0], coordinates[:, 1], source=source, target=WGS84)
        )

    if source.equals(WGS84, ignore_axis_order=True):
        return geometry
    moved: Geometries = shapely.transform(geometry, move)
    return moved


def _settle_crs(file: Path, raw: Raw, stated: str | None, faults: Faults) -> CRS | None:
    own = None if raw.crs is None or _is_undefined(raw.crs) else raw.crs
    if stated is None:
        if own is None:
            faults.add("the file states no CRS", CRS_REMEDY, file=file)
        return own
    given = parse_crs(stated, faults=faults, file=file)
    if own is None or given is None:
        return given
    if not raw.crs_is_stated:
        return given
    if not own.equals(given, ignore_axis_order=True):
        raw.notes.append(
            Note(
                "the file states {own}, so the setting {stated} was not used",
                about=file.name,
                own=own.name,
                stated=stated,
            )
        )
    return own


def _is_undefined(crs: CRS) -> bool:
    """Tell whether a GeoPackage says by its "undefined" CRSs that it knows none."""
    return not (crs.is_geographic or crs.is_projected) or crs.name.lower().startswith("undefined")
