"""Tell what a file is by its content; a name may lie."""

import codecs
import re
import zipfile
from pathlib import Path
from typing import Final, Literal

from lomsong.errors import Faults
from lomsong.ingest.reading.files import GIVE_A_FILE, NO_FILE
from lomsong.ingest.reading.foreign import foreign_file

Kind = Literal[
    "gpkg", "geojson", "shapefile", "parquet", "kml", "mapinfo", "dgn", "xlsx", "table", "unknown"
]
TABLES: Final = ("xlsx", "table")
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
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ZIPPED: Final[dict[str, Kind]] = {
    ".kml": "kml",
    ".shp": "shapefile",
    ".gpkg": "gpkg",
    ".geojson": "geojson",
    ".json": "geojson",
}


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
    kinds = [kind for end, kind in ZIPPED.items() if any(n.endswith(end) for n in names)]
    return kinds[0] if kinds else "unknown"


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
