"""Match the names of a list with a register, commune by commune, and never join what is not certain."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from lomsong.errors import Faults
from lomsong.vietnam.commune_match import (
    GRADES,
    NOTHING,
    Decision,
    Entry,
    Grade,
    Group,
    MatchSettings,
)
from lomsong.vietnam.likeness import Level, forms
from lomsong.vietnam.spelling import cleaned

__all__ = ["GRADES", "Grade", "MatchSettings", "Matches", "match"]


@dataclass(frozen=True, kw_only=True)
class Matches:
    """What became of each name of a list."""

    table: pd.DataFrame
    """On the list's index: `name, commune, grade, register_position, register_name, score`."""
    review: pd.DataFrame
    """What a person has to look at, a row per name and candidate: `commune, name, rows, first_row, grade,
    candidate_position, candidate_name, score, reason`."""

    @property
    def counts(self) -> dict[str, int]:
        """Rows of the list by grade."""
        found = self.table["grade"].value_counts()
        return {grade: int(found.get(grade, 0)) for grade in GRADES}


def match(
    names: pd.DataFrame | Iterable[str],
    register: pd.DataFrame | Iterable[str],
    *,
    name: str = "name",
    register_name: str | None = None,
    commune: str = "commune_code",
    register_commune: str | None = None,
    level: Level = "hamlet",
    settings: MatchSettings | None = None,
) -> Matches:
    """Match each name of a list with the register of the same commune.

    Parameters
    ----------
    names, register
        Tables with a name and the code of the commune in each row; or names alone, then of one commune.
    name, register_name
        Column of the names in the list and in the register, by default the same.
    commune, register_commune
        Column of the commune, likewise. Any key that both tables share will do: only names under one key
        are compared.
    level
        What the names are of: hamlets, or communes (then the key is the province or the district).
    settings
        When names are alike.

    Notes
    -----
    Equal keys come first. A name typed without any accents may fit several of the register: then it is
    ambiguous, even where one of them has no accents itself. Accents that contradict each other are never
    overlooked (Tà Lèng, Tà Lẻng), nor are numbers, single letters and directions. The kind decides between
    candidates and is no condition, because thôn became tổ dân phố; but names that are numbers only are joined across
    kinds only where the commune renamed one kind to one other. Two different names of the list never take the
    same name of the register.
    """
    wanted = _columns(names, name=name, commune=commune, problem="the list lacks a column")
    known = _columns(
        register,
        name=register_name or name,
        commune=register_commune or commune,
        problem="the register lacks a column",
    )
    entries = {
        key: [
            Entry(position, forms(text, level))
            for text, positions in texts.items()
            for position in positions
        ]
        for key, texts in _grouped(known).items()
    }
    rules = settings or MatchSettings()
    decisions: dict[tuple[str, str], Decision] = {}
    for key, texts in _grouped(wanted).items():
        queries = {text: forms(text, level) for text in sorted(texts)}
        decided = Group(queries, entries.get(key, []), rules).decide()
        decisions |= {(key, text): decision for text, decision in decided.items()}
    return Matches(table=_table(wanted, known, decisions), review=_review(wanted, known, decisions))


_ONE_COMMUNE = "-"
_NO_NAME = Decision(grade="none", reason="the row has no name or no commune")


def _columns(
    table: pd.DataFrame | Iterable[str], *, name: str, commune: str, problem: str
) -> pd.DataFrame:
    """Return the two columns that matter, cleaned: `name, typed, commune`, missing where empty."""
    if not isinstance(table, pd.DataFrame):
        names = table if isinstance(table, pd.Series) else pd.Series(list(table), dtype="str")
        table = pd.DataFrame({name: names, commune: _ONE_COMMUNE})
    faults = Faults()
    for column in (name, commune):
        if column not in table:
            faults.add(problem, "Name the column that holds it", column=column)
    faults.raise_if_any()
    return pd.DataFrame(
        {
            "name": table[name],
            "commune": table[commune],
            "text": [_text(value) for value in table[name].tolist()],
            "key": [_text(value) for value in table[commune].tolist()],
        },
        index=table.index,
    )


def _text(value: object) -> str:
    """Return a cell as cleaned text; a whole number without the `.0` that a column with gaps gives it."""
    if value is None or value is pd.NA:
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:g}"
    return cleaned(str(value))


def _pairs(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(table["key"].tolist(), table["text"].tolist(), strict=True)


def _grouped(table: pd.DataFrame) -> dict[str, dict[str, list[int]]]:
    """Return the positions of each name of each commune; rows without either are left out."""
    found: dict[str, dict[str, list[int]]] = {}
    for position, (key, text) in enumerate(_pairs(table)):
        if key and text:
            found.setdefault(key, {}).setdefault(text, []).append(position)
    return found


def _table(
    wanted: pd.DataFrame, known: pd.DataFrame, decisions: Mapping[tuple[str, str], Decision]
) -> pd.DataFrame:
    taken = [decisions.get(pair, _NO_NAME) for pair in _pairs(wanted)]
    names = known["name"].tolist()
    return pd.DataFrame(
        {
            "name": wanted["name"],
            "commune": wanted["commune"],
            "grade": pd.Series([d.grade for d in taken], index=wanted.index, dtype="str"),
            "register_position": pd.array([d.position for d in taken], dtype="Int64"),
            "register_name": pd.Series(
                [None if d.position is None else names[d.position] for d in taken],
                index=wanted.index,
                dtype="str",
            ),
            "score": pd.array([d.score for d in taken], dtype="Float64"),
        },
        index=wanted.index,
    )


_REVIEW = {
    "commune": "str",
    "name": "str",
    "rows": "int64",
    "first_row": "object",
    "grade": "str",
    "candidate_position": "Int64",
    "candidate_name": "str",
    "score": "Float64",
    "reason": "str",
}


def _review(
    wanted: pd.DataFrame, known: pd.DataFrame, decisions: Mapping[tuple[str, str], Decision]
) -> pd.DataFrame:
    names = known["name"].tolist()
    lines = []
    for key, texts in sorted(_grouped(wanted).items()):
        for text, positions in sorted(texts.items()):
            decision = decisions.get((key, text), NOTHING)
            if not decision.reason:
                continue
            shown = decision.candidates or (None,)
            lines += [
                (
                    key,
                    text,
                    len(positions),
                    wanted.index[positions[0]],
                    decision.grade,
                    candidate.position if candidate else None,
                    names[candidate.position] if candidate else None,
                    candidate.score if candidate else None,
                    decision.reason,
                )
                for candidate in shown
            ]
    columns = list(zip(*lines, strict=True)) if lines else [()] * len(_REVIEW)
    return pd.DataFrame(
        {
            column: pd.Series(list(values), dtype=kind)
            for (column, kind), values in zip(_REVIEW.items(), columns, strict=True)
        }
    )
