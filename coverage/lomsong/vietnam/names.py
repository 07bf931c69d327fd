"""Compare names of hamlets and communes as Vietnamese read them; the face of everything about names."""

import re
from functools import lru_cache

from lomsong.vietnam.kinds import Split, read_kind, split_commune_kind, split_kind
from lomsong.vietnam.numerals import with_numbers_read
from lomsong.vietnam.spelling import bare, cleaned, toned

__all__ = ["Split", "fold", "key", "rest_key", "split_commune_kind", "split_kind"]

_BETWEEN_WORDS = re.compile(r"[\s.,;:_\-–—()\[\]{}\"“”«»]+")


@lru_cache(maxsize=1 << 17)
def key(text: str) -> str:
    """Return the comparison key of a name: equal keys, equal names.

    NFC, NFD and Windows-1258 style, the place of the tone mark (hoà, hòa), đ and its look-alikes, apostrophes,
    spaces and zero-width characters, hyphens and case make no difference; accents do (Khuê, Khuế). Kinds are
    written out (KP. 3 is Khu phố 3) and belong to the key. Numbers are equal in digits, Roman numerals and
    words where they can mean nothing else; `numerals.with_numbers_read` states that rule.
    """
    reading = read_kind(text)
    rest = rest_key(reading.rest, kind=reading.kind, capitals=cleaned(text).isupper())
    return f"{reading.typed} {rest}".strip()


def fold(text: str) -> str:
    """Return the key without any accent, đ as d; different names may share it (Tà Lèng, Tà Lẻng)."""
    return bare(key(text))


def rest_key(rest: str, *, kind: str = "", capitals: bool | None = None) -> str:
    """Return the comparison key of a name whose kind is already split off.

    Parameters
    ----------
    rest
        The name without its kind.
    kind
        The kind it had, which decides whether words are read as numbers.
    capitals
        Whether the whole text was in capitals; by default, whether `rest` is.
    """
    flat = cleaned(rest)
    words = [word for word in _BETWEEN_WORDS.split(flat) if word]
    shouted = flat.isupper() if capitals is None else capitals
    return toned(" ".join(with_numbers_read(words, kind=kind, capitals=shouted)))
