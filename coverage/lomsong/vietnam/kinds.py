"""Split the kind of a settlement (thôn, bản, ấp, tổ dân phố ...) from its name."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from lomsong.vietnam.spelling import bare, cleaned, has_accents, toned

# Kinds of settlement below the commune, each with the other ways to write it out.
_KINDS: dict[str, tuple[str, ...]] = {
    "thôn": (),
    "bản": (),
    "ấp": (),
    "buôn": (),
    "bon": (),
    "làng": (),
    "plei": ("plây", "plơi", "pley", "plêi"),
    "xóm": (),
    "khóm": (),
    "khu": (),
    "khu phố": (),
    "khu dân cư": (),
    "khu vực": (),
    "khối": (),
    "khối phố": (),
    "phố": (),
    "tổ": (),
    "tổ dân phố": (),
    "tổ nhân dân": (),
    "tổ dân cư": (),
    "tiểu khu": (),
    "đội": (),
    "phum": (),
    "sóc": (),
    "đảo": (),
    "cụm": (),
    "cụm dân cư": (),
    "điểm": (),
    "điểm dân cư": (),
}
KINDS = tuple(_KINDS)

# Abbreviations of several letters stand with or without stops; those of one letter need theirs,
# because T1 and K1 are names too. K. is khu, khóm or khối, T. is thôn or tổ: what is
# returned is the commoner, and matching does not lean on it.
_LONG_ABBREVIATIONS = {
    "kp": "khu phố",
    "tdp": "tổ dân phố",
    "tnd": "tổ nhân dân",
    "tdc": "tổ dân cư",
    "kdc": "khu dân cư",
    "kv": "khu vực",
    "tk": "tiểu khu",
}
_SHORT_ABBREVIATIONS = {"t": "thôn", "b": "bản", "â": "ấp", "k": "khu", "x": "xóm"}

COMMUNE_KINDS = ("xã", "phường", "thị trấn", "đặc khu")
_COMMUNE_ABBREVIATIONS = {"x": "xã", "p": "phường", "tt": "thị trấn", "đk": "đặc khu"}


class Split(NamedTuple):
    """A name in two parts."""

    kind: str
    """Written out in lower case; empty where the name has none."""
    rest: str


class Reading(NamedTuple):
    """A `Split` that also tells how its kind was typed."""

    kind: str
    rest: str
    typed: str
    """The kind for comparison: as `toned` gives it, or without accents where it was typed so."""
    sure: bool
    """False where the kind was one letter, which may mean another kind too."""


def split_kind(text: str) -> Split:
    """Split a hamlet's name into kind and rest: "KP. 3" into ("khu phố", "3").

    Only the outermost kind is split off ("Thôn Bản Phiêng": thôn), and none where nothing would be left. The
    rest keeps its spelling, with spaces tidied. A kind without accents ("Thon") is one only in a text that
    has none anywhere.
    """
    return Split(*read_kind(text)[:2])


@lru_cache(maxsize=1 << 17)
def read_kind(text: str) -> Reading:
    """Split as `split_kind` does, and say whether the kind is sure."""
    return _read(cleaned(text), _PATTERN, _PATTERN_BARE, _MEANING)


def split_commune_kind(text: str) -> Split:
    """Split a commune's name into kind (xã, phường, thị trấn, đặc khu) and rest; "TT. Tủa Chùa" too."""
    return Split(*read_commune_kind(text)[:2])


@lru_cache(maxsize=1 << 17)
def read_commune_kind(text: str) -> Reading:
    """Split as `split_commune_kind` does, and say whether the kind is sure."""
    return _read(cleaned(text), _COMMUNE_PATTERN, _COMMUNE_PATTERN_BARE, _COMMUNE_MEANING)


def _read(
    text: str, pattern: re.Pattern[str], pattern_bare: re.Pattern[str], meaning: dict[str, str]
) -> Reading:
    found = pattern.match(toned(text))
    with_accents = bool(found)
    if not found and not has_accents(text):
        found = pattern_bare.match(bare(text))
    # Tones move within their vowels only, so that the rest of the original is found by counting letters.
    rest = _after(text, found["kind"]).lstrip(" .:-–—") if found else ""
    if not found or not rest:
        return Reading("", text, "", sure=True)
    word = found["kind"].replace(".", "").replace(" ", "")
    kind = meaning[word]
    abbreviated = word not in (toned(kind).replace(" ", ""), bare(kind).replace(" ", ""))
    typed = toned(kind) if with_accents or abbreviated else bare(kind)
    return Reading(kind, rest, typed, sure=len(word) > 1)


def _after(text: str, kind: str) -> str:
    """Return what follows as many letters as the kind has; marks that stand alone belong to their letter."""
    wanted = sum(not unicodedata.combining(c) for c in kind)
    end = seen = 0
    for end, character in enumerate(text):  # noqa: B007 -- the position is needed after the loop
        if not unicodedata.combining(character):
            if seen == wanted:
                break
            seen += 1
    return "" if "'" in text[:end] else text[end:]


def _pattern(words: dict[str, str], long: dict[str, str], short: dict[str, str]) -> re.Pattern[str]:
    written = sorted(words, key=len, reverse=True)
    whole = "|".join(re.escape(word).replace(r"\ ", " ") for word in written)
    several = "|".join(r"\.?".join(map(re.escape, word)) for word in long)
    single = "|".join(map(re.escape, short))
    end = r"(?=[\s.:\-–—\d])"
    return re.compile(
        rf"(?P<kind>(?:{whole}){end}|(?:{several}){end}|(?:{single})(?=\.))", re.UNICODE
    )


def _tables(
    kinds: dict[str, tuple[str, ...]], long: dict[str, str], short: dict[str, str]
) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]:
    words = {toned(word): kind for kind, others in kinds.items() for word in (kind, *others)}
    long = {toned(word): kind for word, kind in long.items()}
    short = {toned(word): kind for word, kind in short.items()}
    words_bare = {bare(word): kind for word, kind in words.items()}
    short_bare = {bare(word): kind for word, kind in short.items() if word == bare(word)}
    meaning = {
        word.replace(" ", ""): kind
        for table in (short_bare, words_bare, short, long, words)
        for word, kind in table.items()
    }
    return _pattern(words, long, short), _pattern(words_bare, long, short_bare), meaning


_PATTERN, _PATTERN_BARE, _MEANING = _tables(_KINDS, _LONG_ABBREVIATIONS, _SHORT_ABBREVIATIONS)
_COMMUNE_PATTERN, _COMMUNE_PATTERN_BARE, _COMMUNE_MEANING = _tables(
    dict.fromkeys(COMMUNE_KINDS, ()),
    {word: kind for word, kind in _COMMUNE_ABBREVIATIONS.items() if len(word) > 1},
    {word: kind for word, kind in _COMMUNE_ABBREVIATIONS.items() if len(word) == 1},
)
