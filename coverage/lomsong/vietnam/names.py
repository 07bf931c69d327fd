"""Everything about names in one place: keys, kinds, old encodings, and matching a list with a register."""

from lomsong.vietnam.encodings import Encoding, encoding_of, repair_column, repair_text
from lomsong.vietnam.keys import fold, key, rest_key
from lomsong.vietnam.kinds import KINDS, Split, split_commune_kind, split_kind
from lomsong.vietnam.matching import Grade, Matches, MatchSettings, match

__all__ = [
    "KINDS",
    "Encoding",
    "Grade",
    "MatchSettings",
    "Matches",
    "Split",
    "encoding_of",
    "fold",
    "key",
    "match",
    "repair_column",
    "repair_text",
    "rest_key",
    "split_commune_kind",
    "split_kind",
]
