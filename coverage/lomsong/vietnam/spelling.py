"""Bring Vietnamese text typed in many ways to one spelling, with accents or without."""

import re
import unicodedata
from functools import lru_cache

TONES = "\u0300\u0301\u0303\u0309\u0323"
"""The five tone marks as combining characters: huyền, sắc, ngã, hỏi, nặng."""

_TONE = re.compile(f"[{TONES}]")
_NO_TONE = str.maketrans("", "", TONES)
_VOWELS = re.compile("(?:[aeiouy][\u0300-\u036f]*)+")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘‛′`´ʼʻʹʽˈ＇\u201b\u055a\ua78c"), "'")
_SUPERSCRIPTS = {ord(high): f" {digit}" for digit, high in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_LETTER_LOOK_ALIKES = str.maketrans(
    # Eth and African D stand for đ in old fonts; oi (ƣ) for ư in texts taken out of PDF files;
    # the others are Cyrillic and Greek letters that look like Latin ones.
    "ÐðƉɖƢƣıаеорсухіАВЕКМНОРСТХІΑΒΕΗΙΚΜΝΟΡΤΥΧο",
    "ĐđĐđƯưiaeopcyxiABEKMHOPCTXIABEHIKMNOPTYXo",
)
_CARON_A = re.compile("([aA])((?:[\u0300\u0301\u0303\u0309\u0323])*)\u030c")
_INVISIBLE = re.compile(
    # Every format character (category Cf) of the Basic Multilingual Plane that text can pick up on its way.
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_SPACES = re.compile(r"\s+")
_CONSONANT_APOSTROPHE = re.compile(
    # Names of the Central Highlands: B' Lá, H' Neng, Tr'Hy; but not a quoted word.
    r"(?<![^\W\d_])([bcdđghjklmnprstvw]{1,3})' ?(?=[^\W\d_])",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 17)
def cleaned(text: str) -> str:
    """Return the text in NFC with one kind of space, apostrophe and đ; case and accents stay.

    Zero-width characters and soft hyphens go; no-break spaces become spaces; letters of other scripts that look
    like Latin ones become Latin; ǎ becomes ă.
    """
    flat = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES).translate(_SUPERSCRIPTS))
    flat = _INVISIBLE.sub("", flat)
    flat = flat.translate(_LETTER_LOOK_ALIKES)
    flat = _CARON_A.sub("\\1\\2\u0306", unicodedata.normalize("NFD", flat))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", flat)).strip()


@lru_cache(maxsize=1 << 17)
def toned(text: str) -> str:
    """Return the form in which two spellings of one name are equal: lower case, each tone behind its vowels.

    Where the tone mark sits (hoà, hòa) is a matter of style; which vowel carries a hat or a horn is not.
    Equal: hoà/hòa, uý/úy, thuỷ/thủy. Different: Khuê/Khuế. The apostrophe of names of the Central Highlands
    goes, with the space that may follow it.
    """
    decomposed = unicodedata.normalize("NFD", cleaned(text).casefold())
    joined = _CONSONANT_APOSTROPHE.sub(r"\1", decomposed).replace("'", "")
    return _VOWELS.sub(_tone_last, joined)


@lru_cache(maxsize=1 << 17)
def bare(text: str) -> str:
    """Return the text without any accent, in lower case, đ as d: what a phone without Vietnamese keys types."""
    return _MARKS.sub("", unicodedata.normalize("NFD", toned(text).replace("đ", "d")))


def has_accents(text: str) -> bool:
    """Say whether anything in the text cannot be typed without Vietnamese keys."""
    flat = cleaned(text).casefold()
    return "đ" in flat or bool(_MARKS.search(unicodedata.normalize("NFD", flat)))


def _tone_last(vowels: re.Match[str]) -> str:
    letters = vowels[0]
    tones = _TONE.findall(letters)
    return letters.translate(_NO_TONE) + "".join(tones) if tones else letters
