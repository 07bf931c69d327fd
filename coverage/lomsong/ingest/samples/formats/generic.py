"""Read a table of the user's own: CSV or Parquet, with a map from our words to its columns."""

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from lomsong.errors import Fault, Faults
from lomsong.ingest.reading.fields import Fields
from lomsong.ingest.reading.words import is_missing, meant, replaced
from lomsong.ingest.samples.formats import base
from lomsong.ingest.samples.formats.base import CsvFormat, Observations, Options
from lomsong.ingest.samples.levels import technology_of
from lomsong.sentences import Sentence

COLUMNS: Final = (
    *("time", "lon", "lat", "accuracy_m", "plmn", "mcc", "mnc", "technology"),
    *("rsrp_dbm", "level_dbm", "no_service", "device", "cell"),
)
"""What can be mapped; a table whose own columns bear these names needs no map."""
_LEVELS: Final = ("rsrp_dbm", "level_dbm", "no_service")
_YES: Final = frozenset({"true", "yes", "y", "x", "t", "co", "có", "1", "1.0"})
_NO: Final = frozenset({"false", "no", "n", "f", "khong", "không", "0", "0.0"})
_NO_LEVEL: Final = (0.0, -1.0, -2000.0, base.UNAVAILABLE, -base.UNAVAILABLE)


def mapped(
    header: Sequence[str], columns: Mapping[str, str] | None, *, file: str
) -> tuple[dict[str, str], Faults]:
    """Return the column of each field, and what is wrong with the map.

    What the map leaves out is taken from the column that bears our word for it, if there is one.
    """
    faults = Faults()
    by_word = {_word(column): column for column in reversed(header)}
    found: dict[str, str] = {}
    for name, column in (columns or {}).items():
        if name not in COLUMNS:
            faults.add("nobody knows this key", _did_you_mean(name, COLUMNS), column=name)
        elif column in header:
            found[name] = column
        elif _word(column) in by_word:
            found[name] = by_word[_word(column)]
        else:
            faults.add(
                Sentence('no such column, wanted for "{name}"', name=name),
                _did_you_mean(column, header),
                file=file,
                column=column,
            )
    free = {word: column for word, column in by_word.items() if column not in found.values()}
    known = set(columns or {})
    found |= {name: free[name] for name in COLUMNS if name in free and name not in known}
    if "plmn" in known or {"mcc", "mnc"} & known:  # a carrier is stated in one way
        found = {n: c for n, c in found.items() if n in known or n not in {"plmn", "mcc", "mnc"}}
    faults.extend(_lacking(known | set(found), file=file))
    return found, faults


def _word(column: str) -> str:
    """Return a column's name without regard to case and to how its accents are composed."""
    return unicodedata.normalize("NFC", column).strip().casefold()


def is_ours(header: Iterable[str]) -> bool:
    """Tell whether a table speaks our own words and needs no map."""
    names = {_word(column) for column in header}
    return {"lon", "lat"} <= names and bool(names & set(_LEVELS))


def _lacking(columns: Collection[str], *, file: str) -> list[Fault]:
    remedy = "Add it to columns = {…}"
    faults = [
        Fault(file=file, column=name, problem="must be mapped", remedy=remedy)
        for name in ("lon", "lat")
        if name not in columns
    ]
    if not set(_LEVELS) & set(columns):
        problem = "nothing is measured: rsrp_dbm, level_dbm or no_service must be mapped"
        faults.append(Fault(file=file, problem=problem, remedy=remedy))
    if ("mcc" in columns) != ("mnc" in columns):
        problem = "mcc and mnc make a carrier only together"
        faults.append(Fault(file=file, problem=problem, remedy=remedy))
    return faults


def _did_you_mean(word: str, words: Sequence[str]) -> Sentence:
    close = difflib.get_close_matches(word, list(words), n=1)
    listed = ", ".join(f'"{known}"' for known in list(words)[:30])
    if not close:
        return Sentence("There are {names}", names=listed)
    return Sentence('Did you mean "{name}"? There are {names}', name=close[0], names=listed)


def _observe(fields: Fields, options: Options) -> Observations:
    no_service = _flags(fields, "no_service")
    rsrp, level = _level(fields, "rsrp_dbm"), _level(fields, "level_dbm")
    technology = fields.word("technology", technology_of)
    if "technology" not in fields:  # what is called RSRP without a word is taken for 4G
        technology = replaced(technology, np.isfinite(rsrp), "4G")
    return Observations(
        time=fields.time("time", timezone=options.timezone),
        lon=fields.number("lon"),
        lat=fields.number("lat"),
        accuracy_m=base.accuracy(fields),
        technology=technology,
        level_dbm=np.where(np.isnan(rsrp), level, rsrp) if "level_dbm" in fields else rsrp,
        plmn=_carrier(fields),
        cell=base.cell_of(fields, "cell"),
        serving=base.serving_cell(fields),
        device=base.devices(fields),
        no_service=no_service,
    )


def _carrier(fields: Fields) -> pd.Categorical:
    """Return the carrier; a word that names none is a fault, a number that is no PLMN means that none is known."""
    plmn = base.plmn_of(fields)
    unknown = is_missing(plmn)
    if "plmn" in fields and unknown.any():
        text = fields.text("plmn")
        named = meant(text, lambda word: any(map(str.isalpha, word)))
        bad = unknown & (named == True)  # noqa: E712 -- missing is not True
        if bad.any():
            fields.refuse("plmn", bad, text, problem="is neither a PLMN, as 452-04, nor a carrier")
    return plmn


def _level(fields: Fields, name: str) -> np.ndarray:
    return base.without(fields.number(name), _NO_LEVEL)


def _flags(fields: Fields, name: str) -> np.ndarray:
    """Return a column of yes and no; empty is no, any other word a fault."""
    stored = fields.flags(name)
    if stored is not None:
        return stored
    text = fields.text(name)
    said = meant(text, _yes)
    bad = is_missing(said) & text.is_valid().to_numpy(zero_copy_only=False)
    if bad.any():
        fields.refuse(name, bad, text, problem="is neither yes nor no")
    return said == True  # noqa: E712 -- missing is not True


def _yes(word: str) -> bool | None:
    folded = word.casefold()
    return True if folded in _YES else False if folded in _NO else None


FORMAT = CsvFormat(
    name="csv",
    title="a table of your own, CSV or Parquet, with columns = {…}",
    aliases={},
    required=(),
    observe=_observe,
)
