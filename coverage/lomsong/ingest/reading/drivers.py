"""Read files of features by the driver of their kind, as they stand."""

import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from lomsong.errors import Faults
from lomsong.ingest.reading.files import is_litter
from lomsong.ingest.reading.kinds import ZIPPED, sniff
from lomsong.ingest.reading.kml import read_kml
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84
from lomsong.vietnam.encodings import legacy_column

Geometries = npt.NDArray[np.object_]
_LONGEST_REASON: Final = 160
"""Drivers tell their whole history; the first of it is enough."""
KINDS: Final = (
    "Give GeoPackage, GeoJSON, Shapefile (also zipped), GeoParquet, KML, KMZ, MapInfo (TAB, MIF) or DGN V7; for points "
    "also CSV or XLSX"
)


@dataclass(eq=False, kw_only=True)
class Raw:
    """What a driver returned, before its CRS is settled."""

    attributes: pd.DataFrame
    geometry: Geometries
    crs: CRS | None
    crs_is_stated: bool = True
    notes: list[Note] = field(default_factory=list)


def _frame(table: gpd.GeoDataFrame | pd.DataFrame) -> Raw:
    if not isinstance(table, gpd.GeoDataFrame):
        return Raw(attributes=table, geometry=np.full(len(table), None, object), crs=None)
    plain = pd.DataFrame(table.drop(columns=table.geometry.name))
    plain.columns = plain.columns.astype(str)
    return Raw(
        attributes=plain.reset_index(drop=True),
        geometry=np.asarray(table.geometry.array, dtype=object),
        crs=None if table.crs is None else CRS(table.crs),
    )


def _read_ogr(file: Path, layer: str | None, faults: Faults) -> Raw | None:
    try:
        return _ogr(file, layer, faults)
    except UnicodeDecodeError as broken:
        _unreadable(file, broken, faults)
        return None


def _ogr(
    file: Path, layer: str | None, faults: Faults, *, encoding: str | None = None
) -> Raw | None:
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
    for end in ZIPPED:
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
        faults.add("the file holds no layer with geometry", KINDS, file=file)
    return None


def _read_geojson(file: Path, layer: str | None, faults: Faults) -> Raw | None:
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


def _read_shapefile(file: Path, layer: str | None, faults: Faults) -> Raw | None:
    if sniff(file) == "shapefile" and file.suffix.lower() == ".shp":
        remedy = "Copy all files of the Shapefile, or zip them together"
        if not _is_whole(file, (".shx", ".dbf"), remedy, faults):
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


def _is_whole(file: Path, suffixes: tuple[str, ...], remedy: str, faults: Faults) -> bool:
    """Tell whether the files that belong to a file are beside it; else say which are not."""
    lacking = [suffix for suffix in suffixes if not _beside(file, suffix)]
    if lacking:
        faults.add(
            Sentence("not all of its files are beside it: {files}", files=", ".join(lacking)),
            remedy,
            file=file,
        )
    return not lacking


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


def _read_parquet(file: Path, layer: str | None, faults: Faults) -> Raw | None:
    del layer
    try:
        return _frame(gpd.read_parquet(file))
    except (ValueError, pa.ArrowException, shapely.errors.GEOSException) as broken:
        _unreadable(file, broken, faults)
        return None


def _read_mapinfo(file: Path, layer: str | None, faults: Faults) -> Raw | None:
    needed = (".mid",) if file.suffix.lower() == ".mif" else (".dat", ".map", ".id")
    if not _is_whole(file, needed, "Copy all files of the layer", faults):
        return None
    return _read_ogr(file, layer, faults)


def _read_kml(file: Path, layer: str | None, faults: Faults) -> Raw | None:
    attributes, geometry = read_kml(file, layer=layer, faults=faults)
    array = np.empty(len(geometry), object)
    array[:] = geometry
    return Raw(attributes=attributes, geometry=array, crs=WGS84)


READERS: Final[dict[str, Callable[[Path, str | None, Faults], Raw | None]]] = {
    "gpkg": _read_ogr,
    "geojson": _read_geojson,
    "shapefile": _read_shapefile,
    "parquet": _read_parquet,
    "kml": _read_kml,
    "mapinfo": _read_mapinfo,
    "dgn": _read_ogr,
}
