"""Read features and tables of points alike: attributes under known fields, geometry in WGS 84."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from lomsong.errors import Faults
from lomsong.ingest.reading.drivers import Geometries
from lomsong.ingest.reading.headings import POINT_HEADINGS, Columns, find_columns
from lomsong.ingest.reading.kinds import TABLES, is_readable, sniff
from lomsong.ingest.reading.placement import VIETNAM, check_placement, in_extent
from lomsong.ingest.reading.values import is_missing
from lomsong.ingest.reading.vector import (
    Features,
    Found,
    parse_crs,
    read_features,
    to_wgs84,
    unplaced,
)
from lomsong.ingest.reading.workbook import SECTION, Table, read_table
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, Floats
from lomsong.vietnam.coordinates import parse_coordinate
from lomsong.vietnam.encodings import Repaired, repair_column

PlaceRows = Callable[[Path, pd.DataFrame, Columns, Geometries, Faults], Found | None]
"""Places the rows of a file by their attributes, whose columns are known, and their geometry as it stands."""

_MOSTLY: Final = 0.5
_LARGEST_DEGREE: Final = 360.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Source:
    """Features of one file with the column of each field."""

    features: Features
    columns: Columns

    def cells(self, field: str) -> pd.Series:
        """Return the raw cells of a field, all missing where the file has no such column."""
        column = self.columns.used.get(field)
        attributes = self.features.attributes
        if column is None:
            return pd.Series([None] * len(attributes), dtype=object)
        return attributes[column].astype(object).reset_index(drop=True)

    def typed(self, field: str) -> pd.Series:
        """Return the cells of a field that people typed; in Vietnam from the encodings of old fonts to Unicode."""
        cells = self.cells(field)
        return from_old_fonts(cells).texts if lies_in_vietnam(self.features.geometry) else cells


def lies_in_vietnam(geometry: Geometries) -> bool:
    """Tell whether most features lie in the box of Vietnam."""
    bounds = shapely.bounds(geometry)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    inside = in_extent(bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1), VIETNAM)
    return bool(len(inside)) and float(inside.mean()) > _MOSTLY


def from_old_fonts(cells: pd.Series) -> Repaired:
    """Return cells with texts of old fonts in Unicode; before they are cleaned, for TCVN3 writes ư as a soft hyphen."""
    is_text = cells.map(lambda cell: isinstance(cell, str))
    composed = cells[is_text].map(lambda text: unicodedata.normalize("NFC", text))
    mended = repair_column(composed.astype("str"))
    texts = cells.astype(object).where(~is_text, mended.texts.astype(object))
    return Repaired(texts, mended.encoding)


def as_paths(path: str | Path | Iterable[str | Path]) -> tuple[Path, ...]:
    """Return one path or several as a tuple."""
    return (Path(path),) if isinstance(path, str | Path) else tuple(Path(p) for p in path)


def read_source(
    file: Path,
    headings: Mapping[str, Sequence[str]],
    *,
    layer: str | None = None,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    unstated: PlaceRows | None = None,
    keep_unplaced: bool = False,
    faults: Faults,
) -> Source | None:
    """Read one file of features, or a CSV or XLSX of points; None where nothing could be read.

    `unstated` places rows whose CRS neither the file nor `crs` states; without it degrees are assumed of tables, and
    other files are at fault. With `keep_unplaced` rows come even where their coordinates are at fault, so that their
    attributes are looked at in the same go.
    """
    if not is_readable(file, faults=faults):
        return None
    read = _read_points if sniff(file) in TABLES else _read_drawn
    source = read(
        file,
        headings,
        layer=layer,
        crs=crs,
        columns=columns or {},
        unstated=unstated,
        faults=faults,
    )
    return source if source is None or source.features.is_placed or keep_unplaced else None


def refuse_other_shapes(
    source: Source, kinds: Sequence[int], *, problem: str, faults: Faults
) -> None:
    """Add a fault for each row that is empty or of another kind of geometry (GEOS type ids)."""
    geometry = source.features.geometry
    wrong = ~np.isin(shapely.get_type_id(geometry), kinds) | shapely.is_empty(geometry)
    for position in np.flatnonzero(wrong):
        faults.add(
            problem,
            "Leave the row out, or draw it",
            file=source.features.file,
            row=int(source.features.rows[position]),
        )


def _read_drawn(
    file: Path,
    headings: Mapping[str, Sequence[str]],
    *,
    layer: str | None,
    crs: str | None,
    columns: Mapping[str, str],
    unstated: PlaceRows | None,
    faults: Faults,
) -> Source | None:
    stated = {f: c for f, c in columns.items() if f not in POINT_HEADINGS}

    def find_place(attributes: pd.DataFrame, geometry: Geometries) -> Found | None:
        if unstated is None:
            return None
        # Faults of the columns are told once, below.
        found = find_columns(list(attributes.columns), stated, headings, file=file, faults=Faults())
        return unstated(file, attributes, found, geometry, faults)

    features = read_features(
        file, layer=layer, crs=crs, unstated=find_place if unstated else None, faults=faults
    )
    if features is None:
        return None
    found = find_columns(
        list(features.attributes.columns), stated, headings, file=file, faults=faults
    )
    return Source(features=features, columns=found)


def _read_points(
    file: Path,
    headings: Mapping[str, Sequence[str]],
    *,
    layer: str | None,
    crs: str | None,
    columns: Mapping[str, str],
    unstated: PlaceRows | None,
    faults: Faults,
) -> Source | None:
    wanted = {**headings, **POINT_HEADINGS}
    table = read_table(file, wanted, sheet=layer, stated=columns.values(), faults=faults)
    if table is None:
        return None
    found = columns_of_table(table, columns, wanted, faults)
    source = parse_crs(crs, faults=faults, file=file) if crs else WGS84
    placed = _has_coordinates(table, found, file, faults)
    if not placed or source is None:
        return None
    known = len(faults)
    points = _points(table, found, faults)
    if len(faults) > known:
        return _unplaced_points(table, found)
    numbers = shapely.get_x(points), shapely.get_y(points)
    if crs is None and unstated is not None and _look_projected(*numbers):
        return _found_points(table, found, points, unstated, faults)
    return _placed_points(table, found, points, source, faults)


def _has_coordinates(table: Table, found: Columns, file: Path, faults: Faults) -> bool:
    """Tell whether both coordinates have a column; a list that names no place at all is told so once."""
    lacking = [field for field in POINT_HEADINGS if field not in found.used]
    held = ", ".join(map(repr, table.body))
    if len(lacking) == len(POINT_HEADINGS):
        faults.add(
            "no column tells where they are",
            Sentence(
                "Add two columns, longitude and latitude, or give a map layer; the file has {columns}",
                columns=held,
            ),
            file=file,
            row=table.header_row,
        )
        return False
    for field in lacking:
        faults.add(
            Sentence("no column holds the coordinate {field}", field=field),
            Sentence(
                'Say which under columns: {field} = "…"; the file has {columns}',
                field=field,
                columns=held,
            ),
            file=file,
            row=table.header_row,
        )
    return not lacking


def columns_of_table(
    table: Table, stated: Mapping[str, str], headings: Mapping[str, Sequence[str]], faults: Faults
) -> Columns:
    """Return the columns of a typed table; a commune that stands above its hamlets counts as its column."""
    found = find_columns(
        [str(c) for c in table.body.columns if c != SECTION],
        stated,
        headings,
        file=table.file,
        faults=faults,
        row=table.header_row,
        lowest=table.lowest,
    )
    if SECTION in table.body and not {"commune_code", "commune_name"} & set(found.used):
        return Columns(
            used={**found.used, "commune_name": SECTION},
            recognised=(*found.recognised, "commune_name"),
        )
    return found


def _points(table: Table, columns: Columns, faults: Faults) -> Geometries:
    x, y = (_read_coordinates(table, columns.used[field], faults) for field in POINT_HEADINGS)
    return np.array(
        [
            None if np.isnan(a) or np.isnan(b) else shapely.Point(a, b)
            for a, b in zip(x, y, strict=True)
        ],
        dtype=object,
    )


def _found_points(
    table: Table, columns: Columns, points: Geometries, unstated: PlaceRows, faults: Faults
) -> Source | None:
    """Return points of numbers whose CRS nobody states."""
    found = unstated(table.file, table.body, columns, points, faults)
    if found is None:
        return None
    features = Features(
        file=table.file,
        rows=table.rows,
        attributes=table.body,
        geometry=found.geometry,
        notes=(*table.notes, found.note),
    )
    return Source(features=features, columns=columns)


def _look_projected(x: Floats, y: Floats) -> bool:
    """Tell whether most numbers are too large for degrees."""
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return False
    return bool(np.median(np.abs(x[known])) > _LARGEST_DEGREE)


def _placed_points(
    table: Table, columns: Columns, points: Geometries, source: CRS, faults: Faults
) -> Source | None:
    known = len(faults)
    x, y = shapely.get_x(points), shapely.get_y(points)
    if source.is_geographic:
        for position in np.flatnonzero((x == 0) & (y == 0)):
            faults.add(
                "0, 0 is no place of a hamlet",
                "Give its coordinates",
                file=table.file,
                row=int(table.rows[position]),
            )
    placed = check_placement(points, source, rows=table.rows, file=table.file, faults=faults)
    if not placed.usable or len(faults) > known:
        return _unplaced_points(table, columns)
    features = Features(
        file=table.file,
        rows=table.rows,
        attributes=table.body,
        geometry=to_wgs84(points, source),
        notes=(*table.notes, *(note.of(table.file.name) for note in placed.notes)),
    )
    return Source(features=features, columns=columns)


def _unplaced_points(table: Table, columns: Columns) -> Source:
    return Source(features=unplaced(table.file, table.rows, table.body), columns=columns)


def _read_coordinates(table: Table, column: str, faults: Faults) -> Floats:
    numbers = np.full(len(table.body), np.nan)
    for position, cell in enumerate(table.body[column]):
        if is_missing(cell):
            continue
        number = parse_coordinate(cell)
        if number is None:
            faults.add(
                "this is no coordinate",
                "Type it as a number, as 105.7581 or 105°45'30\"",
                file=table.file,
                row=int(table.rows[position]),
                column=column,
                value=cell,
            )
        else:
            numbers[position] = number
    return numbers
