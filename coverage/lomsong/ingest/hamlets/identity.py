"""Make codes and ids that stay the same however the rows are ordered."""

import hashlib
import re
from typing import Final

import shapely

from lomsong.vietnam.names import fold, key

COMMUNE_CODE_DIGITS: Final = 5
_LONGEST_WORDS: Final = 40
_DIGEST: Final = 6


def padded_code(code: str) -> str:
    """Return a commune code of Vietnam with the leading zeros that a spreadsheet took."""
    return code.zfill(COMMUNE_CODE_DIGITS) if re.fullmatch(r"[0-9]{1,5}", code) else code


def made_id(*, commune_code: str | None, commune_name: str | None, name: str) -> str:
    """Return an id from commune and name, readable and, by a digest of their keys, telling accents apart."""
    commune = commune_code or key(commune_name or "")
    readable = commune_code or (_slug(commune_name) if commune_name else "x")
    return f"{readable}-{_slug(name)}-{_digest(f'{commune}|{key(name)}'.encode())}"


def told_apart(hamlet_id: str, outline: shapely.Geometry) -> str:
    """Return the id of one of several hamlets of the same name: it ends in a digest of the outline."""
    return f"{hamlet_id}-{_digest(shapely.to_wkb(shapely.normalize(outline), byte_order=1))}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(text))[:_LONGEST_WORDS].strip("-") or "x"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGEST]
