"""Find the hamlets that the rows of a list mean, by id or by name, and never guess."""

from typing import Final

import numpy as np
import pandas as pd

from lomsong.ingest.hamlets.communes import commune_key
from lomsong.ingest.hamlets.identity import padded_code
from lomsong.vietnam.matching import match

SURE: Final = ("exact", "folded")
"""Grades of a match that may be joined; a likeness is for a person to confirm."""
_WHOLE: Final = ""
"""Key of the one group that all names are compared in, where no communes are told."""


def join_hamlets(listed: pd.DataFrame, hamlets: pd.DataFrame) -> pd.DataFrame:
    """Return, on the list's index, `joined` (hamlet_id or null), `reason` and `candidates` (hamlet_ids).

    Parameters
    ----------
    listed
        `hamlet_id, name, commune_code, commune_name`, each possibly null.
    hamlets
        Hamlets with the same columns, `hamlet_id` complete.

    Notes
    -----
    An id that a hamlet has is taken; one that none has is not replaced by the name, because one of the two is wrong.
    A row without id is joined by its name within its commune (`lomsong.vietnam.matching`). Where the list tells no
    commune, its names are compared with all hamlets, and a name that stands twice stays open.
    """
    by_id = _by_id(listed["hamlet_id"], hamlets["hamlet_id"])
    by_name = _by_name(listed, hamlets)
    has_id = listed["hamlet_id"].notna()
    joined = by_name["joined"].where(~has_id, by_id)
    reason = by_name["reason"].where(~has_id, "no hamlet has this hamlet_id")
    return pd.DataFrame(
        {
            "joined": joined.astype("str"),
            "reason": reason.where(joined.isna(), "").astype("str"),
            "candidates": by_name["candidates"].astype("str"),
        },
        index=listed.index,
    )


def _by_id(wanted: pd.Series, known: pd.Series) -> pd.Series:
    """Return the hamlet of each id; zeros that a spreadsheet took are no difference where one id is left."""
    exact = wanted.where(wanted.isin(set(known)))
    stripped = known.str.lstrip("0")
    single = known[~stripped.duplicated(keep=False)]
    without_zeros = dict(zip(single.str.lstrip("0"), single, strict=True))
    return exact.fillna(wanted.str.lstrip("0").map(without_zeros))


def _by_name(listed: pd.DataFrame, hamlets: pd.DataFrame) -> pd.DataFrame:
    commune, register_commune = _communes(listed, hamlets)
    matches = match(
        pd.DataFrame({"name": listed["name"].fillna(""), "commune": commune}).reset_index(
            drop=True
        ),
        pd.DataFrame({"name": hamlets["name"], "commune": register_commune}).reset_index(drop=True),
        commune="commune",
    )
    found = matches.table.set_axis(listed.index)
    ids = hamlets["hamlet_id"].reset_index(drop=True)
    sure = found["grade"].isin(SURE) & listed["name"].notna() & commune.notna()
    joined = found["register_position"].where(sure).map(ids, na_action="ignore")
    candidates = matches.review.dropna(subset=["candidate_position"])
    offered = (
        candidates.assign(hamlet_id=candidates["candidate_position"].map(ids))
        .groupby(["commune", "name"])["hamlet_id"]
        .agg(" ".join)
    )
    pairs = pd.MultiIndex.from_frame(
        pd.DataFrame({"commune": commune.fillna("?"), "name": listed["name"].fillna("")})
    )
    return pd.DataFrame(
        {
            "joined": joined,
            "reason": _reasons(listed, commune, found["grade"]),
            "candidates": pd.Series(offered.reindex(pairs).to_numpy(), index=listed.index).fillna(
                ""
            ),
        }
    )


def _reasons(listed: pd.DataFrame, commune: pd.Series, grade: pd.Series) -> pd.Series:
    told = {
        "fuzzy": "the name is only alike",
        "ambiguous": "several hamlets could be meant",
        "merged": "this looks like a merged name",
        "none": "no hamlet of the commune has this name",
    }
    reason = grade.map(told).astype(object)
    reason = reason.where(commune.notna(), "no hamlet lies in this commune")
    return reason.where(listed["name"].notna(), "the row names no hamlet")


def _communes(listed: pd.DataFrame, hamlets: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return one key of the commune for list and register; null where the list's commune is not among theirs."""
    told = listed[["commune_code", "commune_name"]].notna().any().any()
    known = hamlets[["commune_code", "commune_name"]].notna().any().any()
    if not told or not known:
        return _whole(listed), _whole(hamlets)
    keys = hamlets["commune_name"].map(commune_key, na_action="ignore").astype("str")
    register = hamlets["commune_code"].fillna("~" + keys).fillna(_WHOLE)
    codes = set(hamlets["commune_code"].dropna())
    pairs = pd.DataFrame({"key": keys, "register": register}).dropna().drop_duplicates()
    single = pairs[~pairs["key"].duplicated(keep=False)]
    by_key = dict(zip(single["key"], single["register"], strict=True))
    code = listed["commune_code"].map(padded_code, na_action="ignore").astype("str")
    as_typed = listed["commune_code"].where(listed["commune_code"].isin(codes))
    by_code = as_typed.fillna(code.where(code.isin(codes)))
    name = (
        listed["commune_name"].map(commune_key, na_action="ignore").map(by_key, na_action="ignore")
    )
    # A code that no hamlet has is not replaced by a name: the two may be of different years.
    return by_code.astype("str").where(listed["commune_code"].notna(), name.astype("str")), register


def _whole(table: pd.DataFrame) -> pd.Series:
    return pd.Series(np.full(len(table), _WHOLE, object), index=table.index, dtype="str")
