"""Make text of the input harmless for the file it is written into, and keep every other letter as it is."""

import re
from typing import Final

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
CELL_LIMIT: Final = 32_767
"""UTF-16 units that one cell of an XLSX can hold (ECMA-376)."""
CUT_MARK: Final = " […]"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text of a CSV for a formula."""

# XML 1.0, production 2: everything else may stand in no document, not even escaped.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """Return the text with what no XML document may hold replaced by a visible mark."""
    return _NOT_XML.sub(REPLACEMENT, text)


def cell(text: str) -> str:
    """Return the text as one cell of an XLSX can hold it, cut with a mark where it is longer."""
    shown = printable(text)
    if 2 * len(shown) <= CELL_LIMIT or _utf16_length(shown) <= CELL_LIMIT:
        return shown
    room = CELL_LIMIT - len(CUT_MARK)
    # Half of a surrogate pair at the cut is dropped, never written.
    kept = shown.encode("utf-16-le")[: 2 * room].decode("utf-16-le", errors="ignore")
    return kept + CUT_MARK


def csv_cell(text: str) -> str:
    """Return the text with a quote before what a spreadsheet would run as a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(FORMULA_STARTS) else shown


def _utf16_length(text: str) -> int:
    return len(text) + sum(ord(c) > 0xFFFF for c in text)  # noqa: PLR2004 -- last code point of one unit
