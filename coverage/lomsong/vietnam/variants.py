"""Write a Vietnamese name as other people and machines type it, to try whatever has to read it."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from lomsong.vietnam.spelling import TONES

Variant = Callable[[str], str]

_OPEN_PAIR = re.compile(
    # In "quý" the u belongs to the consonant: there is one style only.
    rf"(?<![qQ])([ou])([{TONES}]?)([aey])([{TONES}]?)(?![\w\u0300-\u036f])",
    re.IGNORECASE,
)
_PAIRS = frozenset({"oa", "oe", "uy"})
_LOOK_ALIKES = str.maketrans({"đ": "ð", "Đ": "Ð", "'": "’", " ": "\u00a0 "})


def nfc(text: str) -> str:
    """Compose every letter with its marks."""
    return unicodedata.normalize("NFC", text)


def nfd(text: str) -> str:
    """Write every mark as a character of its own, as file names of macOS do."""
    return unicodedata.normalize("NFD", text)


def windows_1258(text: str) -> str:
    """Keep hats, breves and horns in their letter, and let the tone follow as a character of its own."""
    written = []
    for letter in nfc(text):
        marks = nfd(letter)
        written.append(nfc("".join(mark for mark in marks if mark not in TONES)))
        written.append("".join(mark for mark in marks if mark in TONES))
    return "".join(written)


def other_tone_style(text: str) -> str:
    """Write hoà for hòa and the reverse, in open syllables of oa, oe and uy."""
    return nfc(_OPEN_PAIR.sub(_swapped, nfd(text)))


def look_alikes(text: str) -> str:
    """Use Icelandic eth for đ, typographic apostrophes, no-break spaces and invisible characters."""
    return f"\u200b{text.translate(_LOOK_ALIKES)}\ufeff "


def without_accents(text: str) -> str:
    """Type as on a phone without Vietnamese keys; case stays."""
    plain = nfd(text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in plain if not unicodedata.combining(c))


EQUAL: Mapping[str, Variant] = MappingProxyType(
    {
        "NFC": nfc,
        "NFD": nfd,
        "upper": str.upper,
        "lower": str.lower,
        "other tone style": other_tone_style,
        "windows-1258": windows_1258,
        "look-alikes": look_alikes,
    }
)
"""Ways of typing that change no name."""


def _swapped(pair: re.Match[str]) -> str:
    first, tone, second, other = pair.groups()
    return first + other + second + tone if (first + second).lower() in _PAIRS else pair[0]
