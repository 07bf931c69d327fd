"""Recognise text of old Vietnamese encodings (TCVN3, VNI) and mojibake, and repair it; leave good text alone."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple

import ftfy
import pandas as pd

from lomsong.vietnam import units
from lomsong.vietnam.spelling import TONES

Encoding = Literal["unicode", "tcvn3", "vni", "mojibake"]

# TCVN3 (ABC fonts, TCVN 5712:1993): one byte per letter, here as Windows shows it in Latin-1.
# Accented capitals have no codes of their own: capital fonts show the small ones.
_TCVN3_PAIRS = (
    "µà¸á¶ả·ã¹ạ¨ă»ằ¾ắ¼ẳ½ẵÆặ©âÇầÊấÈẩÉẫËậ®đÌèÐéÎẻÏẽÑẹªêÒềÕếÓểÔễÖệ×ìÝíØỉÜĩÞị"
    "ßòãóáỏâõäọ«ôåồèốæổçỗéộ¬ơêờíớëởìỡîợïùóúñủòũôụ\u00adưõừøứöử÷ữùựúỳýýûỷüỹþỵ"
    "¡Ă¢Â§Đ£Ê¤Ô¥Ơ¦Ư"
)
_TCVN3 = dict(zip(_TCVN3_PAIRS[::2], _TCVN3_PAIRS[1::2], strict=True))

# VNI (VNI fonts for Windows): a plain vowel, then one sign that carries hat and tone together.
_VNI_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_HAT = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_VNI_BREVE = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_VNI_SINGLE = {
    "ô": "ơ",
    "ö": "ư",
    "í": "í",
    "ì": "ì",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
    "î": "ỵ",
    "ñ": "đ",
}


def _vni_table() -> dict[str, str]:
    table = dict(_VNI_SINGLE)
    for vowel, letter in zip("aeouyôö", "aeouyơư", strict=True):
        table |= {vowel + sign: letter + tone for sign, tone in _VNI_TONES.items()}
    for vowel in "aeo":
        table |= {vowel + sign: f"{vowel}\u0302{tone}" for sign, tone in _VNI_HAT.items()}
    table |= {f"a{sign}": f"a\u0306{tone}" for sign, tone in _VNI_BREVE.items()}
    composed = {code: unicodedata.normalize("NFC", letter) for code, letter in table.items()}
    return {**composed, **{code.upper(): letter.upper() for code, letter in composed.items()}}


_VNI = _vni_table()
_VNI_CODES = re.compile(
    "|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)), re.IGNORECASE
)

_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
_CELL = re.compile(r'[^\n\r\t,;|"]+')
_ORDINARY = re.compile(r"[\w\s!-~\u0300-\u036f–—‘’“”…°º²³′″№]*")
_LETTERS = re.compile("[a-zà-ãè-êìíò-õùúýăđĩũơưạ-ỹčƀĕĭŏŭñ\u0300-\u036f]*")
_VOWEL_GROUPS = frozenset(
    word
    for line in (
        "a ai ao au ay âu ây e eo ê êu i ia iu iê iêu o oa oai oao oay oă oe oeo oi oo ô ôi ơ ơi u ua",
        "uâ uây uê ui uô uôi uơ uy uya uyê uyu uyêu ư ưa ưi ươ ươi ươu ưu y ya yê yêu ă â",
        # after q and gi, which end in a vowel letter
        "uai uay uau uao ue ueo uă uơi uêu uôu iai iao iay iâ iâu iây iă ie ieo io iơ iơi iô iôi",
        "iua iuô iư iưa iươ",
        # in names of the Central Highlands, of the Thái and the Mông
        "ea oê ôê êa êô ơu ưo ơa uôa iêô ôa eê ơơ yiê yô ăi oăi êy",
    )
    for word in line.split()
)
_SPELLED = re.compile(
    r"[bcdđghjklmnpqrstvwxzčƀñ]{0,3}(?P<vowels>[aăâeêioôơuưyĕĭŏŭ]+)(?:ch|ng|nh|[bcdhjklmnprstwč])?"
)
_CAPITAL_INSIDE = re.compile(r"(?<=[^\W\d_])[A-Z]")
_SMALL = re.compile("[a-z]")
_LEAST_PART_OF_COLUMN = 0.5
_LEAST_GAIN = 0.5


def repair_text(text: str) -> str:
    """Return the text in Unicode, where it is surely of an old encoding or mojibake; else as it is.

    A text is changed only when it holds letters or words that Vietnamese cannot have, and one of the known repairs
    removes them all. What could be good text stays: `Thân` is Thân, though TCVN3 writes Thõn so. Where a whole
    column is at hand, `repair_column` sees more.
    """
    encoding = encoding_of(text)
    return text if encoding == "unicode" else _READERS[encoding](text)


@lru_cache(maxsize=1 << 16)
def encoding_of(text: str) -> Encoding:
    """Return the encoding that explains the text best; `unicode` where the text is good or beyond repair."""
    if text.isascii() or not (before := _oddities(text)):
        return "unicode"
    readings = [(encoding, read(text)) for encoding, read in _READERS.items()]
    ranked = [
        (_oddities(repaired), -_known_words(repaired), encoding)
        for encoding, repaired in readings
        if repaired != text
    ]
    if not ranked:
        return "unicode"
    oddities, known, encoding = min(ranked, key=lambda rank: rank[:2])
    some_known = -known > _known_words(text) and oddities <= _LEAST_GAIN * before
    return encoding if oddities == 0 or some_known else "unicode"


class Repaired(NamedTuple):
    """A column after repair."""

    texts: pd.Series
    encoding: Encoding
    """What the column was taken for."""


def repair_column(texts: pd.Series) -> Repaired:
    """Repair a column of one encoding as a whole, so that texts which look good by chance are read right too.

    The column is of an old encoding when most of its texts that are not plain ASCII show so; what shows itself as
    Unicode beyond Latin-1 stays as it is in any case.
    """
    known = texts.dropna().astype("str").unique()
    telling = [text for text in known if not text.isascii()]
    votes = pd.Series([encoding_of(text) for text in telling], dtype="str").value_counts()
    for encoding in ("tcvn3", "vni"):
        if votes.get(encoding, 0) > _LEAST_PART_OF_COLUMN * len(telling):
            read = _READERS[encoding]
            fixed = {text: read(text) if _is_latin1(text) else repair_text(text) for text in known}
            return Repaired(_mapped(texts, fixed), encoding)
    fixed = {text: repair_text(text) for text in known}
    mojibake = votes.get("mojibake", 0) > 0
    return Repaired(_mapped(texts, fixed), "mojibake" if mojibake else "unicode")


def legacy_column(texts: pd.Series) -> pd.Series:
    """Return texts that are no UTF-8, given as Latin-1 shows their bytes, as Windows-1258 where it is what they are.

    Old fonts take their letters from Latin-1 itself: a column in one stays as it is, for `repair_column`. Windows-1258
    would read some of its bytes as marks on the letter before, and they could not be told apart any more.
    """
    if repair_column(texts).encoding in {"tcvn3", "vni"}:
        return texts
    return texts.map(_from_windows_1258, na_action="ignore").astype(texts.dtype)


def legacy_text(content: bytes) -> str:
    """Return a text that is no UTF-8 in Unicode: all of it from the font or code page that most of its cells tell.

    A cell alone may not tell: "Cã" is "Có" in TCVN3, and a word of its own.
    """
    text = content.decode("latin-1")
    cells = pd.Series(sorted(set(_CELL.findall(text))), dtype="str")
    encoding = repair_column(cells).encoding
    if encoding in {"tcvn3", "vni"}:
        return _CELL.sub(lambda cell: _READERS[encoding](cell[0]), text)
    return _from_windows_1258(text)


def _from_windows_1258(text: str) -> str:
    return text.encode("latin-1").decode("cp1258", errors="replace")


def _mapped(texts: pd.Series, fixed: dict[str, str]) -> pd.Series:
    return texts.map(lambda text: fixed[str(text)], na_action="ignore")


def _from_tcvn3(text: str) -> str:
    if not _is_latin1(text):
        return text
    read = "".join(_TCVN3.get(letter, letter) for letter in text)
    return read.upper() if _is_shouted(text) else read


def _from_vni(text: str) -> str:
    if not _is_latin1(text):
        return text
    return _VNI_CODES.sub(lambda code: _vni_letter(code[0]), text)


def _vni_letter(code: str) -> str:
    letter = _VNI.get(code) or _VNI[code.lower()]
    return letter.upper() if code[0].isupper() else letter


def _from_mojibake(text: str) -> str:
    return unicodedata.normalize("NFC", ftfy.fix_encoding(text))


# The first one wins where several repairs are equally good: mojibake has the longest traces.
_READERS: dict[Encoding, Callable[[str], str]] = {
    "mojibake": _from_mojibake,
    "tcvn3": _from_tcvn3,
    "vni": _from_vni,
}


def _is_latin1(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)  # noqa: PLR2004 -- the size of Latin-1


def _is_shouted(text: str) -> bool:
    """Say whether the text is in capitals, not only its first letters: then a capital font showed all so."""
    return bool(_CAPITAL_INSIDE.search(text)) and not _SMALL.search(text)


def _oddities(text: str) -> int:
    """Count what good Vietnamese text cannot hold: foreign signs and letters, words that cannot be spelled."""
    flat = unicodedata.normalize("NFC", text)
    foreign = len(_ORDINARY.sub("", flat)) + flat.count("\u00ad")
    return foreign + sum(not _is_word(word) for word in _WORD.findall(flat) if not word.isascii())


@lru_cache(maxsize=1 << 16)
def _is_word(word: str) -> bool:
    lower = word.lower()
    if lower in _vocabulary():
        return True
    if not _LETTERS.fullmatch(lower):
        return False
    decomposed = unicodedata.normalize("NFD", lower)
    toneless = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in TONES))
    if sum(c in TONES for c in decomposed) > 1:
        return False
    found = _SPELLED.fullmatch(toneless)
    return found is not None and _plain_vowels(found["vowels"]) in _VOWEL_GROUPS


def _known_words(text: str) -> int:
    words = _WORD.findall(unicodedata.normalize("NFC", text).lower())
    return sum(word in _vocabulary() for word in words if not word.isascii())


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Return every word with accents in the names of communes, districts and provinces."""
    names = {
        name
        for vintage in units.VINTAGES
        for column in ("name", "district", "province")
        for name in units.table(vintage)[column]
    }
    words = {word for name in names for word in _WORD.findall(name.lower())}
    return frozenset(word for word in words if not word.isascii())


def _plain_vowels(vowels: str) -> str:
    return vowels.translate(str.maketrans("ĕĭŏŭ", "eiou"))
