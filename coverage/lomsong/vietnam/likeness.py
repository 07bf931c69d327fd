"""Read one name in all the forms in which two names may be found alike."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lomsong.vietnam.keys import rest_key, words_of
from lomsong.vietnam.kinds import read_commune_kind, read_kind
from lomsong.vietnam.numerals import distinguishing
from lomsong.vietnam.spelling import bare, cleaned, has_accents, toned

Level = Literal["hamlet", "commune"]
"""Whose kinds to split off: thôn, bản, ấp ..., or xã, phường, thị trấn, đặc khu."""

_READERS = {"hamlet": read_kind, "commune": read_commune_kind}
_NUMBER_ONLY = re.compile(r"\d+[a-zđ]?|[a-zđ]\d+")
_SPACE_BETWEEN_DIGITS = re.compile(r"(?<=\d) (?=\d)")
_FINAL_Y = re.compile(r"(?<=[hklmst])y(?=[\u0300\u0301\u0303\u0309\u0323]?(?: |$))")
_POSSIBLE_WORD = re.compile(
    # Generous on purpose, so that no word of Vietnamese, Tày, Thái, H'Mông, Ê Đê, Gia Rai ... counts as
    # an error: any three consonants, any vowels, one final; but no letter doubled that never doubles, no
    # f, j or z at the end (tones of Telex and VNI left in the text).
    r"(?!.*(?:([bcdghjklmnpqrstvwx])\1|aa|ee|ii|yy))"
    r"[bcdghjklmnpqrstvwx]{0,3}[aeiouy]{1,3}(?:ch|ng|nh|[bcdhklmnprstw])?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Forms:
    """A name in every form that is compared."""

    kind: str
    """Empty where there is none, or where its one letter may mean several."""
    rest: str
    """Key without the kind."""
    full: str
    """Key with the kind."""
    literal: str
    """As typed, numbers unread, but for case, spaces and the place of tones."""
    loose: frozenset[str]
    """Keys with the kind and without, spaces left out, final y as i (Mỹ Lý, Mĩ Lí); accents stay."""
    plain: frozenset[str]
    """The same without accents."""
    plain_full: str
    """Key with the kind, without accents."""
    accents: bool
    marks: tuple[str, ...]
    """Words that have to agree exactly: numbers, single letters, directions."""
    number_only: bool


@lru_cache(maxsize=1 << 17)
def forms(text: str, level: Level = "hamlet") -> Forms:
    """Read a name in every form that is compared."""
    reading = _READERS[level](text)
    flat = cleaned(text)
    rest = rest_key(reading.rest, kind=reading.kind, capitals=flat.isupper())
    full = f"{reading.typed} {rest}".strip()
    loose = frozenset({_loose(rest), _loose(full)})
    return Forms(
        kind=reading.kind if reading.sure else "",
        rest=rest,
        full=full,
        literal=toned(" ".join(words_of(flat))),
        loose=loose,
        plain=frozenset(map(bare, loose)),
        plain_full=bare(full),
        accents=has_accents(flat),
        marks=tuple(sorted(distinguishing(rest.split()))),
        number_only=bool(_NUMBER_ONLY.fullmatch(rest)),
    )


def one_error_apart(typed: str, meant: str) -> bool:
    """Say whether two keys differ in one word only, and the typed one is a word that cannot be.

    Phú and Phúc, Hương and Cương are one letter apart and name different places; Khươngg names none.
    """
    words, others = typed.split(), meant.split()
    if len(words) != len(others):
        return False
    differing = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    return (
        len(differing) == 1 and not _is_possible(differing[0][0]) and _is_possible(differing[0][1])
    )


def _is_possible(word: str) -> bool:
    return bool(_POSSIBLE_WORD.fullmatch(bare(word)))


def _loose(comparable: str) -> str:
    return _FINAL_Y.sub("i", _SPACE_BETWEEN_DIGITS.sub("|", comparable)).replace(" ", "")
