"""Read files of features into WGS 84, and refuse coordinates that cannot be in the CRS they claim."""

import codecs
import json
import re
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from lomsong.errors import Faults
from lomsong.ingest.reading.files import GIVE_A_FILE, NO_FILE, is_litter
from lomsong.ingest.reading.foreign import foreign_file
from lomsong.ingest.reading.kml import read_kml
from lomsong.ingest.reading.placement import check_placement
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, to_crs
from lomsong.vietnam.encodings import legacy_column

Kind = Literal[
    "gpkg", "geojson", "shapefile", "parquet", "kml", "mapinfo", "dgn", "xlsx", "table", "unknown"
]
TABLES: Final = ("xlsx", "table")
Geometries = npt.NDArray[np.object_]

CRS_REMEDY: Final = (
    "State it under the key of its section (crs, communes_crs, centres_crs, buildings_crs, lines_crs), or assign it and export "
    'again where there is none: "EPSG:4326" for degrees, "EPSG:32648" for UTM 48N, or, for VN-2000, the zone of the '
    'central meridian, as "EPSG:5897" (105°00\'), "EPSG:9211" (106°00\'), "EPSG:9217" (108°15\')'
)
_MAGIC: Final[dict[bytes, Kind]] = {
    b"SQLite format 3": "gpkg",
    b"PAR1": "parquet",
    b"\x00\x00\x27\x0a": "shapefile",
    b"\x08\x09\xfe\x02": "dgn",
    b"\xc8\x09\xfe\x02": "dgn",
}
_MAPINFO: Final = re.compile(rb"!table\b|version\s+\d+\s+charset\s", re.IGNORECASE)
"""What a TAB and a MIF begin with."""
_NEVER_TABLES: Final = {
    *(
        ".gpkg",
        ".shp",
        ".geojson",
        ".json",
        ".kml",
        ".kmz",
        ".parquet",
        ".dgn",
        ".tab",
        ".mif",
        ".gml",
    )
}
"""A text of this name is a damaged file of features."""
_LONGEST_REASON: Final = 160
"""Drivers tell their whole history; the first of it is enough."""
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIPPED: Final[dict[str, Kind]] = {
    ".kml": "kml",
    ".shp": "shapefile",
    ".gpkg": "gpkg",
    ".geojson": "geojson",
    ".json": "geojson",
}
_KINDS: Final = (
    "Give GeoPackage, GeoJSON, Shapefile (also zipped), GeoParquet, KML, KMZ, MapInfo (TAB, MIF) or DGN V7; for points "
    "also CSV or XLSX"
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


@dataclass(eq=False, kw_only=True)
class _Raw:
    """What a driver returned, before its CRS is settled."""

    attributes: pd.DataFrame
    geometry: Geometries
    crs: CRS | None
    crs_is_stated: bool = True
    notes: list[Note] = field(default_factory=list)


def sniff(file: Path) -> Kind:
    """Tell the kind of a file by its content; a name may lie."""
    with file.open("rb") as stream:
        head = stream.read(4096)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head.startswith(b"PK"):
        return _sniff_archive(file)
    text = _as_utf8(head).removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[")):
        return "geojson"
    if text.startswith(b"<"):
        return "kml" if b"kml" in text.lower() else "unknown"
    if _MAPINFO.match(text):
        return "mapinfo"
    is_table = head and _is_text(head) and file.suffix.lower() not in _NEVER_TABLES
    return "table" if is_table else "unknown"


def _as_utf8(head: bytes) -> bytes:
    if head.startswith(_UTF16_MARKS):
        return head.decode("utf-16", "replace").encode()
    return head


def _is_text(head: bytes) -> bool:
    return b"\x00" not in head or head.startswith(_UTF16_MARKS)


def _sniff_archive(file: Path) -> Kind:
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name.lower() for name in archive.namelist()]
    except zipfile.BadZipFile:
        return "unknown"
    if "xl/workbook.xml" in names:
        return "xlsx"
    kinds = [kind for end, kind in _ZIPPED.items() if any(n.endswith(end) for n in names)]
    return kinds[0] if kinds else "unknown"


def parse_crs(text: str, *, faults: Faults, file: Path | None = None) -> CRS | None:
    """Return the CRS of a setting, None (and a fault) where it names none."""
    try:
        return CRS.from_user_input(text)
    except CRSError:
        faults.add("this names no CRS", CRS_REMEDY, file=file, column="crs", value=text)
        return None


def is_readable(file: Path, *, faults: Faults) -> bool:
    """Tell whether a file is there, holds anything, and is none that nothing here reads; note a fault where not."""
    if file.is_dir():
        faults.add("is a folder", "Name a file in it", file=file)
    elif not file.exists():
        faults.add("no such file", "Mend the path", file=file)
    elif not file.is_file():
        faults.add(NO_FILE, GIVE_A_FILE, file=file)
    elif not file.stat().st_size:
        faults.add("the file is empty", "Export it again", file=file)
    elif what := foreign_file(file):
        faults.add(what.problem, what.remedy, file=file)
    else:
        return True
    return False


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
    reader = _READERS.get(kind)
    if reader is None:
        faults.add("this is no file of features that can be read", _KINDS, file=file)
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


def _found(file: Path, raw: _Raw, unstated: FindPlace) -> Features | None:
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


def _placed(file: Path, raw: _Raw, stated: str | None, faults: Faults) -> Features | None:
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


def _settle_crs(file: Path, raw: _Raw, stated: str | None, faults: Faults) -> CRS | None:
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


def _frame(table: gpd.GeoDataFrame | pd.DataFrame) -> _Raw:
    if not isinstance(table, gpd.GeoDataFrame):
        return _Raw(attributes=table, geometry=np.full(len(table), None, object), crs=None)
    plain = pd.DataFrame(table.drop(columns=table.geometry.name))
    plain.columns = plain.columns.astype(str)
    return _Raw(
        attributes=plain.reset_index(drop=True),
        geometry=np.asarray(table.geometry.array, dtype=object),
        crs=None if table.crs is None else CRS(table.crs),
    )


def _read_ogr(file: Path, layer: str | None, faults: Faults) -> _Raw | None:
    try:
        return _ogr(file, layer, faults)
    except UnicodeDecodeError as broken:
        _unreadable(file, broken, faults)
        return None


def _ogr(
    file: Path, layer: str | None, faults: Faults, *, encoding: str | None = None
) -> _Raw | None:
    place = _place(file, faults)
    if place is None:
        return None
    try:
        name = _choose_layer(file, place, layer, faults)
        if name is None:
            return None
        return _frame(
            pyogrio.read_dataframe(place, layer=name, encoding=encoding, on_invalid="ignore")
        )
    except (DataSourceError, DataLayerError) as broken:
        _unreadable(file, broken, faults)
        return None


def _place(file: Path, faults: Faults) -> str | None:
    """Return what GDAL opens: the file, or the one member of an archive that holds features."""
    if not zipfile.is_zipfile(file):
        return str(file)
    members = _members(file)
    if len(members) == 1:
        return f"/vsizip/{{{file}}}/{members[0]}"
    faults.add(
        Sentence("the archive holds several files of features: {files}", files=", ".join(members)),
        "Unpack it and name one",
        file=file,
    )
    return None


def _members(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if not is_litter(name)]
    for end in _ZIPPED:
        if found := sorted(n for n in names if n.lower().endswith(end)):
            return found
    return []


def _unreadable(file: Path, broken: Exception, faults: Faults) -> None:
    reason = str(broken).splitlines()[0] if str(broken) else type(broken).__name__
    reason = reason.split("; ")[0][:_LONGEST_REASON]
    faults.add(
        Sentence("the file cannot be read ({reason})", reason=reason),
        "It may be cut short: export it again",
        file=file,
    )


def _choose_layer(file: Path, place: str, layer: str | None, faults: Faults) -> str | None:
    layers = [(str(n), kind) for n, kind in pyogrio.list_layers(place)]
    names = [n for n, _ in layers]
    if layer is not None:
        if layer in names:
            return layer
        faults.add(
            "there is no such layer",
            Sentence("The file has {columns}", columns=", ".join(names)),
            file=file,
            value=layer,
        )
        return None
    drawn = [n for n, kind in layers if kind is not None]
    if len(drawn) == 1:
        return drawn[0]
    if drawn:
        faults.add(
            Sentence("the file holds several layers: {layers}", layers=", ".join(drawn)),
            "Say which under layer",
            file=file,
        )
    else:
        faults.add("the file holds no layer with geometry", _KINDS, file=file)
    return None


def _read_geojson(file: Path, layer: str | None, faults: Faults) -> _Raw | None:
    try:
        content = json.loads(_bytes(file).decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as broken:
        _unreadable(file, broken, faults)
        return None
    raw = _read_ogr(file, layer, faults)
    if raw is not None:
        # RFC 7946 says WGS 84; older files name another CRS in a member of their own.
        raw.crs_is_stated = isinstance(content, dict) and "crs" in content
    return raw


def _read_shapefile(file: Path, layer: str | None, faults: Faults) -> _Raw | None:
    if sniff(file) == "shapefile" and file.suffix.lower() == ".shp":
        lacking = [e for e in (".shx", ".dbf") if not _beside(file, e)]
        if lacking:
            faults.add(
                Sentence("not all of its files are beside it: {files}", files=", ".join(lacking)),
                "Copy all files of the Shapefile, or zip them together",
                file=file,
            )
            return None
    stated = _cpg(file)
    # GDAL cuts the last letter off what it reads as Windows-1258.
    if stated is None or "1258" not in stated:
        with suppress(UnicodeDecodeError):  # what is no UTF-8 is of an old encoding
            # Without a .cpg the bytes say nothing of their encoding; UTF-8 is hard to fulfil by chance.
            return _ogr(file, layer, faults, encoding=None if stated else "utf-8")
    raw = _ogr(file, layer, faults, encoding="ISO-8859-1")
    if raw is not None:
        raw.attributes = _in_legacy(raw.attributes)
    return raw


def _in_legacy(attributes: pd.DataFrame) -> pd.DataFrame:
    """Read headings and texts, given as Latin-1 shows their bytes, in the old encoding that they are in."""
    read = attributes.copy()
    for name, column in attributes.items():
        if pd.api.types.is_string_dtype(column):
            read[name] = legacy_column(column)
    read.columns = pd.Index(legacy_column(pd.Series(attributes.columns, dtype="str")))
    return read


def _bytes(file: Path) -> bytes:
    if not zipfile.is_zipfile(file):
        return file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        return archive.read(_members(file)[0])


def _beside(file: Path, suffix: str) -> bool:
    return any(file.with_suffix(s).exists() for s in (suffix, suffix.upper()))


def _cpg(file: Path) -> str | None:
    """Return the encoding that a Shapefile states in a file of its own."""
    if not zipfile.is_zipfile(file):
        stated = [file.with_suffix(end) for end in (".cpg", ".CPG")]
        return next((f.read_text("ascii", "replace") for f in stated if f.is_file()), None)
    with zipfile.ZipFile(file) as archive:
        inside = [name for name in archive.namelist() if name.lower().endswith(".cpg")]
        return archive.read(inside[0]).decode("ascii", "replace") if inside else None


def _read_parquet(file: Path, layer: str | None, faults: Faults) -> _Raw | None:
    del layer
    try:
        return _frame(gpd.read_parquet(file))
    except (ValueError, pa.ArrowException, shapely.errors.GEOSException) as broken:
        _unreadable(file, broken, faults)
        return None


def _read_mapinfo(file: Path, layer: str | None, faults: Faults) -> _Raw | None:
    needed = (".mid",) if file.suffix.lower() == ".mif" else (".dat", ".map", ".id")
    lacking = [end for end in needed if not _beside(file, end)]
    if lacking:
        faults.add(
            Sentence("not all of its files are beside it: {files}", files=", ".join(lacking)),
            "Copy all files of the layer",
            file=file,
        )
        return None
    return _read_ogr(file, layer, faults)


def _read_kml(file: Path, layer: str | None, faults: Faults) -> _Raw | None:
    attributes, geometry = read_kml(file, layer=layer, faults=faults)
    array = np.empty(len(geometry), object)
    array[:] = geometry
    return _Raw(attributes=attributes, geometry=array, crs=WGS84)


_READERS: Final[dict[str, Callable[[Path, str | None, Faults], _Raw | None]]] = {
    "gpkg": _read_ogr,
    "geojson": _read_geojson,
    "shapefile": _read_shapefile,
    "parquet": _read_parquet,
    "kml": _read_kml,
    "mapinfo": _read_mapinfo,
    "dgn": _read_ogr,
}
