"""Name what a file is that nothing here reads, and say how it becomes one that is read."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

HEAD_BYTES: Final = 1 << 12
_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins every file of old Office, of Office with a password, and of MicroStation V8."""
_MOST_SEARCHED: Final = 1 << 26
_WORD: Final = b"word/document.xml"
_WEB_PAGE: Final = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html|<head|<meta|<table)", re.IGNORECASE
)


class Foreign(NamedTuple):
    """What a file is, and what to do with it."""

    problem: str
    remedy: str


_WEB: Final = Foreign(
    "is a web page",
    "Open it: a table in it is saved as XLSX by Excel; if it tells of an error or asks for a login, download the file "
    "again",
)
_STARTS: Final[Sequence[tuple[bytes, Foreign]]] = (
    (b"%PDF", Foreign("is a PDF", "Give the table or the map that it was made from")),
    (
        b"Rar!\x1a\x07",
        Foreign("is a RAR archive", "Unpack it and name its files, or pack them as zip"),
    ),
    (
        b"7z\xbc\xaf\x27\x1c",
        Foreign("is a 7z archive", "Unpack it and name its files, or pack them as zip"),
    ),
    (b"AC10", Foreign("is an AutoCAD drawing (DWG)", "Save it as Shapefile, GeoPackage or KML")),
    (b"\x89PNG", Foreign("is a picture", "Give the table or the map that it shows")),
    (b"\xff\xd8\xff", Foreign("is a picture", "Give the table or the map that it shows")),
    (b"PK\x05\x06", Foreign("is an archive without files", "Pack it again")),
)
_INSIDE_OFFICE: Final[Sequence[tuple[str, Foreign]]] = (
    (
        "EncryptedPackage",
        Foreign(
            "is protected by a password",
            "Open it in Excel, take the password out (File, Info, Protect Workbook) and save it",
        ),
    ),
    ("Dgn~", Foreign("is a MicroStation V8 drawing (DGN)", "Save it as DGN V7, KML or Shapefile")),
    (
        "WordDocument",
        Foreign("is a Word document", "Copy its table into a workbook and save it as XLSX"),
    ),
    (
        "Workbook",
        Foreign("is a workbook of old Excel (.xls)", "Open it in Excel and save it as XLSX"),
    ),
    ("Book", Foreign("is a workbook of old Excel (.xls)", "Open it in Excel and save it as XLSX")),
)
"""By the name of a stream that only this kind has, in the order in which they are asked for."""


def foreign(head: bytes) -> Foreign | None:
    """Name a file by its first bytes; None where it is none of those that nothing here reads."""
    if head.startswith(_OFFICE):
        return _office(head)
    for start, what in _STARTS:
        if head.startswith(start):
            return what
    return _WEB if _WEB_PAGE.match(head) else None


def foreign_file(file: Path) -> Foreign | None:
    """Name a file by its content; None where it is none of those that nothing here reads."""
    with file.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if head.startswith(_OFFICE):
            return _office(head + stream.read(_MOST_SEARCHED))
    if head.startswith(b"PK\x03\x04") and _WORD in file.read_bytes()[-HEAD_BYTES:]:
        return dict(_INSIDE_OFFICE)["WordDocument"]
    return foreign(head)


def _office(content: bytes) -> Foreign:
    for stream, what in _INSIDE_OFFICE:
        if stream.encode("utf-16-le") in content:
            return what
    return Foreign("is a file of old Office", "Save it as XLSX")
