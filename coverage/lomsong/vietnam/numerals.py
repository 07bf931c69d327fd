"""Read the numbers in hamlet names, written as digits, Roman numerals or words, without guessing."""

import re

from lomsong.vietnam.spelling import bare, toned

_ROMAN = re.compile(r"(?=[ivx])(x{0,3})(ix|iv|v?i{0,3})", re.IGNORECASE)
_ROMAN_VALUE = {"i": 1, "v": 5, "x": 10}
_SYLLABLES_THAT_LOOK_ROMAN = frozenset({"vi", "xi"})
_DIGITS = re.compile(r"\d+")
_SINGLE_LETTER = re.compile(r"[a-zđ]", re.IGNORECASE)
_UNITS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def _number_words() -> dict[str, int]:
    units = {word: value for value, word in enumerate(_UNITS, start=1)} | {"tư": 4, "bẩy": 7}
    words = units | {"mười": 10}
    words |= {f"mười {word}": 10 + value for word, value in units.items()} | {"mười lăm": 15}
    for tens, value in (("hai mươi", 20), ("ba mươi", 30)):
        words |= {tens: value, f"{tens} mốt": value + 1, f"{tens} lăm": value + 5}
        words |= {f"{tens} {word}": value + unit for word, unit in units.items()}
    return {toned(word): value for word, value in words.items()}


_NUMBER_WORDS = _number_words()
_SO = toned("số")
_GLUED = re.compile(r"(\D+)(\d.*)")

# Kinds whose hamlets are numbered in words too. Bản, buôn, làng and the like are named in
# many languages, and ba, tư or năm after them is as likely a name.
_KINDS_NUMBERED_IN_WORDS = frozenset(
    {"thôn", "ấp", "xóm", "khóm", "khu", "khu phố", "khu dân cư", "khu vực", "khối", "khối phố"}
    | {"phố", "tổ", "tổ dân phố", "tổ nhân dân", "tổ dân cư", "tiểu khu", "đội"}
    | {"cụm", "cụm dân cư"}
)

# Words that tell two parts of one settlement apart: never taken for a typing error.
_DISTINGUISHING = frozenset(
    bare(word)
    for word in (
        *("đông", "tây", "nam", "bắc", "trung", "giữa", "trong", "ngoài", "trên", "dưới"),
        *("thượng", "hạ", "trước", "sau", "cũ", "mới", "lớn", "nhỏ", "to", "bé"),
        *("nhất", "nhị", "tam", "tứ", "ngũ", "lục", "thất", "bát", "cửu", "thập"),
        *(*_UNITS, "tư", "bẩy", "mười", "mươi", "mốt", "lăm"),
    )
)


def with_numbers_read(words: list[str], *, kind: str, capitals: bool) -> list[str]:
    """Write every number among the words of a name (without its kind) in digits without leading zeros.

    Parameters
    ----------
    words
        The words as typed.
    kind
        The kind that was split off; empty where there was none.
    capitals
        Whether the whole text is in capitals, so that capitals prove nothing.

    Notes
    -----
    The rule, made so that no name is taken for a number: digits are read anywhere. The last word is a Roman
    numeral when it spells I to XXXIX, except VI and XI, which are syllables too: these only in capitals
    within a text that is not all capitals. Number words are read only where they are all that follows a
    kind that is numbered in words (thôn, ấp, khu phố ...; not bản, buôn, làng). `số` before a number goes,
    glued to it or not. A single letter beside a number joins it: 3 A, 3A and 3a are one.
    """
    words = [part for word in words for part in _so_parted(word)]
    if kind in _KINDS_NUMBERED_IN_WORDS:
        named = words[1:] if words and _is_so(words[0]) else words
        spoken = _NUMBER_WORDS.get(toned(" ".join(named)))
        if spoken is not None:
            return [str(spoken)]
    read = [_DIGITS.sub(lambda digits: str(int(digits[0])), word) for word in words]
    if read and (roman := _roman(read[-1], capitals=capitals)):
        read[-1] = str(roman)
    return _letters_joined(_without_so(read))


def distinguishing(words: list[str]) -> tuple[str, ...]:
    """Return the words that have to agree exactly: numbers, single letters, directions, old and new."""
    plain = [bare(word) for word in words]
    return tuple(
        word
        for word in plain
        if _DIGITS.search(word) or len(word) == 1 or word in _DISTINGUISHING or _is_roman(word)
    )


def _is_roman(word: str) -> bool:
    return bool(_ROMAN.fullmatch(word))


def _roman(word: str, *, capitals: bool) -> int | None:
    if not _is_roman(word):
        return None
    if word.casefold() in _SYLLABLES_THAT_LOOK_ROMAN and (capitals or not word.isupper()):
        return None
    values = [_ROMAN_VALUE[letter] for letter in word.casefold()]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )


def _without_so(words: list[str]) -> list[str]:
    following = [*words, ""][1:]
    return [
        word
        for word, after in zip(words, following, strict=True)
        if not (_DIGITS.match(after) and _is_so(word))
    ]


def _is_so(word: str) -> bool:
    return toned(word) in (_SO, bare(_SO))


def _so_parted(word: str) -> list[str]:
    """Return "số1" as "số" and "1", any other word as it is."""
    glued = _GLUED.fullmatch(word)
    return [glued[1], glued[2]] if glued and _is_so(glued[1]) else [word]


def _letters_joined(words: list[str]) -> list[str]:
    joined: list[str] = []
    for word in words:
        before = joined[-1] if joined else ""
        number_then_letter = before.isdecimal() and _SINGLE_LETTER.fullmatch(word)
        letter_then_number = _SINGLE_LETTER.fullmatch(before) and word.isdecimal()
        if number_then_letter or letter_then_number:
            joined[-1] = before + word
        else:
            joined.append(word)
    return joined
