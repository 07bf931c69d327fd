"""Join the rows of an official list to the hamlets of a run, across the communes of before and since July 2025."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from lomsong.ingest.hamlets.communes import commune_key
from lomsong.ingest.hamlets.naming import SURE
from lomsong.ingest.official.communes import CommuneReader, Ground, LinkKind, Place, places_of
from lomsong.vietnam import units
from lomsong.vietnam.likeness import forms
from lomsong.vietnam.matching import match
from lomsong.vietnam.names import rest_key, split_kind
from lomsong.vietnam.spelling import cleaned

REASONS: Final = (
    "no_commune",
    "commune_unknown",
    "id_unknown",
    "id_and_name_differ",
    "name_unknown",
    "name_alike",
    "name_ambiguous",
    "name_merged",
    "name_without_accents",
    "number_after_merger",
    "several_rows_one_hamlet",
    "name_stands_twice",
)
"""Why a row is for a person to look at."""

_EVERYWHERE: Final = "*"
"""The one group of names where communes are left out."""
_DOUBTS: Final[Mapping[str, str]] = {
    "fuzzy": "name_alike",
    "ambiguous": "name_ambiguous",
    "merged": "name_merged",
    "none": "name_unknown",
}


def join_official(
    rows: pd.DataFrame, hamlets: pd.DataFrame, *, by_name_alone: bool = False
) -> pd.DataFrame:
    """Return, on the list's index, `hamlet_id` (null where not certain), `link`, `reason` and `candidates`.

    Parameters
    ----------
    rows
        `official_list.OfficialList.rows`.
    hamlets
        `hamlet_id, name, commune_code, commune_name` of a run.
    by_name_alone
        Leave communes out: a name is joined where it stands once in the list and once in the whole run, spelled
        alike, and is no mere number.

    Notes
    -----
    A name is looked for in each commune of the run that the stated one may mean, and joined where it is found for
    certain in exactly one. Where communes were merged, a name that is only a number is never joined: each of the
    merged ones had its Thôn 1. Two rows of different communes that lead to one hamlet are both left to a person.
    """
    rows = rows.reset_index(drop=True)
    ground = Ground(hamlets)
    places = places_of(rows)
    if by_name_alone:
        targets: list[Mapping[str, LinkKind]] = [{_EVERYWHERE: "same"}] * len(rows)
    else:
        reader = CommuneReader(ground, rows)
        targets = [reader.targets(place) for place in places]
    found = _by_name(rows, targets, ground, whole=by_name_alone)
    for position, place in enumerate(places):
        if by_name_alone or targets[position]:
            continue
        found.loc[position, "reason"] = "commune_unknown" if place.is_stated else "no_commune"
    if by_name_alone:
        found = _only_single(found, rows)
    found = _by_id(rows, hamlets, found)
    return _without_rivals(found, places)


def _by_name(
    rows: pd.DataFrame,
    targets: list[Mapping[str, LinkKind]],
    ground: Ground,
    *,
    whole: bool,
) -> pd.DataFrame:
    """Match each name in each commune it may lie in, and bring the answers together row by row."""
    tries = pd.DataFrame(
        [
            (position, key, link)
            for position, of_row in enumerate(targets)
            for key, link in of_row.items()
        ],
        columns=["position", "commune", "link"],
    )
    tries["name"] = rows["name"].fillna("").reindex(tries["position"]).to_numpy()
    register = ground.hamlets[["hamlet_id", "name"]].assign(
        commune=_EVERYWHERE if whole else ground.keys
    )
    if whole:
        tries["commune"] = _EVERYWHERE
    matches = match(tries[["name", "commune"]], register[["name", "commune"]], commune="commune")
    odd = matches.review[matches.review["grade"] == "folded"]
    odd_names = set(odd[["commune", "name"]].itertuples(index=False, name=None))
    tries["grade"] = matches.table["grade"].to_numpy()
    at = matches.table["register_position"]
    tries["hamlet_id"] = at.map(register["hamlet_id"], na_action="ignore").astype("str")
    reasons = tries["grade"].map(_DOUBTS).astype("str")
    unsure_accents = [
        (commune, cleaned(name)) in odd_names
        for commune, name in zip(tries["commune"], tries["name"], strict=True)
    ]
    reasons = reasons.mask(pd.Series(unsure_accents, dtype=bool), "name_without_accents")
    if whole:
        reasons = reasons.mask(tries["grade"] == "folded", "name_without_accents")
    merged = _is_merger(tries) if not whole else pd.Series(data=True, index=tries.index)
    numbers = pd.Series([forms(name).number_only for name in tries["name"]], dtype=bool)
    sure = tries["grade"].isin(SURE) & reasons.isna()
    reasons = reasons.mask(sure & merged & numbers, "number_after_merger")
    tries = tries.assign(reason=reasons, sure=sure & reasons.isna())
    return _gathered(rows, tries, _offered(matches.review, register))


def _is_merger(tries: pd.DataFrame) -> pd.Series:
    """Say which tries lead through a change of communes in which several were put together or one divided."""
    crossing = tries["link"] != "same"
    several = tries["position"].duplicated(keep=False)
    news = {key: len(units.made_of(key)) > 1 for key in tries["commune"].unique()}
    return crossing & (
        several | tries["commune"].map(news).astype(bool) | (tries["link"] == "partial")
    )


def _offered(review: pd.DataFrame, register: pd.DataFrame) -> Mapping[tuple[str, str], list[str]]:
    shown = review.dropna(subset=["candidate_position"])
    ids = shown["candidate_position"].map(register["hamlet_id"])
    offered: dict[tuple[str, str], list[str]] = {}
    for commune, name, hamlet_id in zip(shown["commune"], shown["name"], ids, strict=True):
        offered.setdefault((commune, name), []).append(hamlet_id)
    return offered


def _gathered(
    rows: pd.DataFrame,
    tries: pd.DataFrame,
    offered: Mapping[tuple[str, str], list[str]],
) -> pd.DataFrame:
    """Return one answer per row: the hamlet found for certain in exactly one of its communes, else why not."""
    n = len(rows)
    ids: list[str | None] = [None] * n
    links: list[str | None] = [None] * n
    reasons = ["name_unknown"] * n
    candidates: list[list[str]] = [[] for _ in range(n)]
    certain: dict[int, list[tuple[str, str]]] = {}
    doubtful: dict[int, list[str]] = {}
    columns = ["position", "commune", "name", "hamlet_id", "link", "reason", "sure"]
    for position, commune, name, hamlet_id, link, reason, sure in tries[columns].itertuples(
        index=False, name=None
    ):
        if sure:
            certain.setdefault(position, []).append((hamlet_id, link))
        else:
            doubtful.setdefault(position, []).append(reason)
            candidates[position] += offered.get((commune, cleaned(name)), [])
            if isinstance(hamlet_id, str):
                candidates[position].append(hamlet_id)
    for position, found in certain.items():
        doubts = set(doubtful.get(position, ())) & {"name_ambiguous", "number_after_merger"}
        if len(found) == 1 and not doubts:
            ids[position], links[position] = found[0]
            reasons[position] = ""
            candidates[position] = []
        else:
            reasons[position] = "name_ambiguous"
            candidates[position] += [hamlet_id for hamlet_id, _ in found]
    for position, doubts_of_row in doubtful.items():
        if position not in certain:
            reasons[position] = min(doubts_of_row, key=_weight)
    return pd.DataFrame(
        {
            "hamlet_id": pd.array(ids, dtype="str"),
            "link": pd.array(links, dtype="str"),
            "reason": pd.array(reasons, dtype="str"),
            "candidates": pd.array(
                [" ".join(dict.fromkeys(of_row)) for of_row in candidates], dtype="str"
            ),
        },
        index=rows.index,
    )


def _weight(reason: str) -> int:
    """Order reasons: of several communes the one that came nearest to a match is told."""
    return -REASONS.index(reason) if reason != "name_unknown" else 1


def _only_single(found: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Take back what was joined by a name that stands in the list more than once."""
    keys = rows["name"].map(lambda name: rest_key(split_kind(name).rest), na_action="ignore")
    twice = keys.duplicated(keep=False) & keys.notna() & found["hamlet_id"].notna()
    return _taken_back(found, twice, "name_stands_twice")


def _by_id(rows: pd.DataFrame, hamlets: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Join rows by the code of their hamlet, where its name does not speak against it."""
    has_id = rows["hamlet_id"].notna()
    if not has_id.any():
        return found
    names = dict(zip(hamlets["hamlet_id"], hamlets["name"], strict=True))
    bare_ids: dict[str, list[str]] = {}
    for hamlet_id in names:
        bare_ids.setdefault(hamlet_id.lstrip("0"), []).append(hamlet_id)
    result = found.copy()
    for position in np.flatnonzero(has_id):
        typed, name = rows["hamlet_id"].iloc[position], rows["name"].iloc[position]
        meant = [typed] if typed in names else bare_ids.get(typed.lstrip("0"), [])
        if len(meant) != 1:
            alike = found.iloc[position]
            by_name = alike["candidates"] if pd.isna(alike["hamlet_id"]) else alike["hamlet_id"]
            answer: tuple[str | None, str, str] = (None, "id_unknown", by_name)
        elif pd.isna(name) or _agree(name, names[meant[0]]):
            answer = (meant[0], "", "")
        else:
            answer = (None, "id_and_name_differ", meant[0])
        result.loc[position, ["hamlet_id", "reason", "candidates"]] = answer
        result.loc[position, "link"] = "same" if answer[0] else None
    return result


def _agree(name: str, other: str) -> bool:
    mine, theirs = forms(name), forms(other)
    return bool(mine.loose & theirs.loose) or (
        not (mine.accents and theirs.accents) and bool(mine.plain & theirs.plain)
    )


def _without_rivals(found: pd.DataFrame, places: list[Place]) -> pd.DataFrame:
    """Take back rows of different communes that lead to one hamlet: at most one of them means it."""
    keys = [
        (
            place.code,
            commune_key(place.name) if place.name else None,
            commune_key(place.old) if place.old else None,
            place.district,
        )
        for place in places
    ]
    table = pd.DataFrame(
        {"hamlet_id": found["hamlet_id"], "place": pd.factorize(pd.Series(keys, dtype=object))[0]},
        index=found.index,
    )
    several = table.groupby("hamlet_id")["place"].transform("nunique") > 1
    return _taken_back(
        found,
        several.reindex(found.index).fillna(value=False).astype(bool),
        "several_rows_one_hamlet",
    )


def _taken_back(found: pd.DataFrame, chosen: pd.Series, reason: str) -> pd.DataFrame:
    return found.assign(
        candidates=found["candidates"].mask(chosen, found["hamlet_id"]),
        reason=found["reason"].mask(chosen, reason),
        hamlet_id=found["hamlet_id"].mask(chosen),
        link=found["link"].mask(chosen),
    )
