"""Make the comparison keys of names: equal keys, equal names."""

import re
from functools import lru_cache

from lomsong.vietnam.kinds import read_kind
from lomsong.vietnam.numerals import with_numbers_read
from lomsong.vietnam.spelling import bare, cleaned, toned

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
    shouted = cleaned(rest).isupper() if capitals is None else capitals
    words = words_of(rest)
    return toned(" ".join(with_numbers_read(words, kind=kind, capitals=shouted)))


def words_of(text: str) -> list[str]:
    """Return the words of a text as typed, without the signs between them."""
    return [word for word in _BETWEEN_WORDS.split(cleaned(text)) if word]
