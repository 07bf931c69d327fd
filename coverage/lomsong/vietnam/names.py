"""Everything about names in one place: keys, kinds, old encodings, and matching a list with a register."""

from lomsong.vietnam.keys import fold, key, rest_key
from lomsong.vietnam.kinds import KINDS, Split, split_commune_kind, split_kind
from lomsong.vietnam.matching import Grade, Matches, MatchSettings, match

__all__ = [
    "KINDS",
    "Grade",
    "MatchSettings",
    "Matches",
    "Split",
    "fold",
    "key",
    "match",
    "rest_key",
    "split_commune_kind",
    "split_kind",
]
