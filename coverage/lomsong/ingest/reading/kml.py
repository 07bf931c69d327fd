"""Read the placemarks of KML and KMZ with everything their folders and ExtendedData say."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import shapely

from lomsong.errors import Faults
from lomsong.sentences import Sentence

FOLDER: Final = "kml_folder"
"""Column of the names of the folders a placemark lies in, outermost first."""

_CELLS: Final = re.compile(
    r"<t[dh][^>]*>(.*?)</t[dh]>\s*<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL | re.IGNORECASE
)
_MULTIPLE: Final = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
}


def read_kml(
    file: Path, *, layer: str | None = None, faults: Faults
) -> tuple[pd.DataFrame, list[shapely.Geometry | None]]:
    """Return the attributes and the geometry (WGS 84) of every placemark, in the order of the file.

    A layer is a folder; without one, all are read together.
    """
    try:
        root = _parse(_document(file))
    except (ET.ParseError, zipfile.BadZipFile, LookupError, ValueError, EOFError) as broken:
        own = broken.args[0] if broken.args else ""
        faults.add(
            Sentence(
                "this is no readable KML ({reason})",
                reason=own if isinstance(own, Sentence) else str(broken),
            ),
            "Export it again, as KML or KMZ",
            file=file,
        )
        return pd.DataFrame(), []
    rows, geometries = [], []
    for folders, placemark in _placemarks(root, ()):
        if layer is not None and layer not in folders:
            continue
        rows.append(_attributes(placemark) | {FOLDER: " / ".join(folders) or None})
        geometries.append(_geometry(placemark))
    return pd.DataFrame(rows, dtype=object), geometries


def _document(file: Path) -> bytes:
    content = file.read_bytes()
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = [n for n in archive.namelist() if n.lower().endswith(".kml")]
        main = [n for n in inside if n.lower() == "doc.kml"] or inside
        if not main:
            raise ValueError(Sentence("the archive holds no .kml"))
        return archive.read(main[0])


def _parse(content: bytes) -> ET.Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError(Sentence("a document type has no place in KML"))
    return ET.fromstring(content)  # noqa: S314 -- entities, the danger of XML, were refused above


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _child(element: ET.Element, tag: str) -> ET.Element | None:
    return next((c for c in element if _tag(c) == tag), None)


def _text(element: ET.Element | None) -> str | None:
    text = (element.text or "").strip() if element is not None else ""
    return text or None


def _placemarks(
    element: ET.Element, folders: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], ET.Element]]:
    for child in element:
        if _tag(child) == "Placemark":
            yield folders, child
        elif _tag(child) == "Folder":
            name = _text(_child(child, "name"))
            yield from _placemarks(child, (*folders, name) if name else folders)
        elif _tag(child) == "Document":
            yield from _placemarks(child, folders)


def _attributes(placemark: ET.Element) -> dict[str, str | None]:
    """Return what ExtendedData says, however deep it nests; the placemark's own name comes last."""
    description = _text(_child(placemark, "description")) or ""
    found: dict[str, str | None] = {
        _plain(key): _plain(value) or None for key, value in _CELLS.findall(description)
    }
    for item in placemark.iter():
        key = item.get("name")
        if key and _tag(item) == "SimpleData":
            found[key] = _text(item)
        elif key and _tag(item) == "Data":
            found[key] = _text(_child(item, "value"))
    own = _text(_child(placemark, "name"))
    taken = {key.casefold() for key in found}
    return found if "name" in taken else found | {"name": own}


def _plain(cell: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", cell)).strip()


def _geometry(element: ET.Element) -> shapely.Geometry | None:
    parts = [_part(e) for e in _shapes(element)]
    known = [p for p in parts if p is not None]
    if len(known) != len(parts) or not known:
        return None
    if len(known) == 1:
        return known[0]
    kinds = {p.geom_type for p in known}
    return _MULTIPLE[kinds.pop()](known) if len(kinds) == 1 else shapely.GeometryCollection(known)


def _shapes(element: ET.Element) -> Iterator[ET.Element]:
    for child in element:
        if _tag(child) in _MULTIPLE:
            yield child
        elif _tag(child) == "MultiGeometry":
            yield from _shapes(child)


def _part(element: ET.Element) -> shapely.Geometry | None:
    """Return one geometry, None where its coordinates cannot be read or make none."""
    try:
        if _tag(element) == "Polygon":
            rings = {
                side: [
                    _coordinates(ring)
                    for boundary in element
                    if _tag(boundary) == side
                    for ring in boundary
                    if _tag(ring) == "LinearRing"
                ]
                for side in ("outerBoundaryIs", "innerBoundaryIs")
            }
            return shapely.Polygon(rings["outerBoundaryIs"][0], rings["innerBoundaryIs"])
        coordinates = _coordinates(element)
        if _tag(element) == "Point":
            return shapely.Point(coordinates[0])
        return shapely.LineString(coordinates)
    except (ValueError, IndexError, shapely.errors.GEOSException):
        return None


def _coordinates(element: ET.Element) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    text = _text(_child(element, "coordinates")) or ""
    # Some writers put blanks behind the commas.
    tuples = re.sub(r"\s*,\s*", ",", text).split()
    return np.array([[float(v) for v in item.split(",")[:2]] for item in tuples], float)
