"""Compare a run with an official list: agreed, only on the list, only in the data, unknown; nothing is changed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from lomsong.ingest.official.join import join_official
from lomsong.ingest.official.lists import OfficialList, communes_missing, read_official_list
from lomsong.ingest.official.words import LACKING_SIGNAL
from lomsong.result import Result

OUTCOMES: Final = ("agreed", "only_list", "only_data", "unknown", "unlisted")
SUBJECTS: Final = ("signal", "power")
COLUMNS: Final = (
    "subject",
    "outcome",
    "hamlet_id",
    "name",
    "commune_code",
    "commune_name",
    "households",
    "people",
    "list_says",
    "run_says",
    "same_class",
    "class",
    "official_class",
    "evidence",
    "p_served",
    "power",
    "power_source",
    "power_as_of",
    "list_name",
    "list_commune",
    "list_sheet",
    "list_row",
    "list_source",
    "list_as_of",
    "link",
)
REVIEW_COLUMNS: Final = (
    "sheet",
    "row",
    "hamlet_id",
    "name",
    "commune",
    "district",
    "list_says",
    "reason",
    "candidates",
)

_SAID: Final[Mapping[str, str]] = {"signal": "says_signal", "power": "says_power"}
_RUN: Final[Mapping[str, str]] = {"signal": "official_class", "power": "power"}
_LACKING: Final[Mapping[str, frozenset[str]]] = {
    "signal": frozenset({"trang_song", "lom_song"}),
    "power": frozenset({"no_grid"}),
}
_LISTED_AS_LACKING: Final[Mapping[str, frozenset[str]]] = {
    "signal": frozenset(LACKING_SIGNAL),
    "power": frozenset({"no_grid"}),
}
_WORSE_THAN_GOOD: Final = ("no_signal", "partial", "weak")
_UNDECIDED: Final = frozenset({"unclear", "unknown"})


@dataclass(frozen=True, eq=False, kw_only=True)
class Reconciliation:
    """What list and run say of each hamlet, and the rows of the list that join none for certain."""

    table: pd.DataFrame
    """`COLUMNS`, a row per hamlet and subject; `list_says` is null where the list does not name the hamlet."""
    review: pd.DataFrame
    """`REVIEW_COLUMNS`."""
    listed: OfficialList
    n_joined: int
    """Rows of the list that were joined; with those that no hamlet was found for they are all rows."""
    by_name_alone: bool

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the list tells of."""
        return tuple(s for s in SUBJECTS if (self.table["subject"] == s).any())

    def counts(self) -> pd.DataFrame:
        """Return hamlets and people by subject, outcome, list, data and power."""
        keys = ["subject", "outcome", "list_says", "run_says", "power"]
        shown = self.table.assign(list_says=self.table["list_says"].fillna("not_listed"))
        counted = shown.groupby(keys, as_index=False, sort=True).agg(
            hamlets=("hamlet_id", "size"), people=("people", lambda p: p.sum(min_count=1))
        )
        order = counted["outcome"].map({name: i for i, name in enumerate(OUTCOMES)})
        return (
            counted.assign(order=order)
            .sort_values(
                ["subject", "order", "list_says", "run_says", "power"],
                ascending=[False, True, True, True, True],
                ignore_index=True,
            )
            .drop(columns="order")
        )


def reconcile(
    result: Result,
    official: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    about: str | None = None,
    source: str | None = None,
    as_of: dt.date | None = None,
    by_name_alone: bool = False,
) -> Reconciliation:
    """Compare a finished run with an official list of hamlets without signal or without grid power.

    A list never decides a class: it is put beside what the run found, with its source and date.

    Parameters
    ----------
    result
        A finished run.
    official
        The list, XLSX or CSV.
    columns, about, source, as_of
        As for `read_official_list`.
    by_name_alone
        Join names without communes, where they stand once in the list and once in the run.

    Raises
    ------
    InputError
        Where the list cannot be read, saying what is missing; where it names no communes, unless `by_name_alone`.
    """
    listed = read_official_list(official, columns=columns, about=about, source=source, as_of=as_of)
    if not (listed.tells_communes or by_name_alone):
        raise communes_missing(listed)
    hamlets = pd.DataFrame(result.hamlets.drop(columns="geometry"))
    hamlets = hamlets[hamlets["kind"] == "hamlet"].reset_index(drop=True)
    rows = listed.rows.reset_index(drop=True)
    alone = by_name_alone and not listed.tells_communes
    joined = rows.drop(columns="hamlet_id").join(join_official(rows, hamlets, by_name_alone=alone))
    parts, contradictions = [], []
    for subject in SUBJECTS:
        said, torn = _said(joined, subject)
        contradictions.append(torn)
        everywhere = listed.of_signal if subject == "signal" else listed.of_powerless
        compared = _compared(hamlets, said, subject)
        parts.append(compared if everywhere else compared[compared["list_says"].notna()])
    table = pd.concat(parts, ignore_index=True).astype({"list_says": "str"})
    order = table["outcome"].map({name: i for i, name in enumerate(OUTCOMES)})
    table = table.assign(order=order).sort_values(
        ["subject", "order", "commune_code", "hamlet_id"],
        ascending=[False, True, True, True],
        ignore_index=True,
    )
    return Reconciliation(
        table=table[list(COLUMNS)],
        review=_review(joined.assign(typed_id=rows["hamlet_id"]), pd.concat(contradictions)),
        listed=listed,
        n_joined=int(joined["hamlet_id"].notna().sum()),
        by_name_alone=alone,
    )


def _said(joined: pd.DataFrame, subject: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the list says of each hamlet it names, and the rows that are unclear or contradict each other."""
    own = joined.assign(list_says=joined[_SAID[subject]])
    own = own[own["hamlet_id"].notna() & own["list_says"].notna()]
    clear = own[~own["list_says"].isin(_UNDECIDED)]
    ways = clear.groupby("hamlet_id")["list_says"].nunique()
    torn = own["hamlet_id"].isin(ways[ways > 1].index)
    unclear = (own["list_says"] == "unclear") & ~own["hamlet_id"].isin(clear["hamlet_id"])
    own = own.assign(list_says=own["list_says"].mask(torn, "unclear"))
    silent = own["list_says"].isin(_UNDECIDED)
    first = (
        own.assign(silent=silent)
        .sort_values(["hamlet_id", "silent", "sheet", "row"], kind="stable")
        .drop_duplicates("hamlet_id")
    )
    doubtful = own[torn | unclear]
    reason = np.where(torn[torn | unclear], "rows_contradict", "words_unclear")
    return first.drop(columns="silent"), doubtful.assign(
        reason=pd.array(reason, dtype="str"), candidates=doubtful["hamlet_id"]
    )


def _compared(hamlets: pd.DataFrame, said: pd.DataFrame, subject: str) -> pd.DataFrame:
    """Return every hamlet with what list and run say of it."""
    commune = said["commune_name"].fillna(said["commune_old"]).fillna(said["commune_code"])
    of_list = pd.DataFrame(
        {
            "hamlet_id": said["hamlet_id"],
            "list_says": said["list_says"],
            "list_name": said["name"],
            "list_commune": commune,
            "list_sheet": said["sheet"],
            "list_row": said["row"].astype("Int64"),
            "list_source": said["source"],
            "list_as_of": said["as_of"],
            "link": said["link"],
        }
    )
    table = hamlets.merge(of_list, on="hamlet_id", how="left", validate="one_to_one")
    run = table[_RUN[subject]]
    lacks_in_run = run.isin(_LACKING[subject])
    if subject == "signal":
        # "Sóng yếu" is a claim about quality, which the wording of the provinces does not know.
        weak = table["list_says"] == "song_yeu"
        run = run.mask(weak & (table["class"] == "weak"), "song_yeu")
        lacks_in_run = lacks_in_run | (weak & table["class"].isin(_WORSE_THAN_GOOD))
    lacks_in_list = table["list_says"].isin(_LISTED_AS_LACKING[subject])
    listed = table["list_says"].notna()
    undecided = (run == "unknown") | table["list_says"].isin(_UNDECIDED)
    outcome = np.select(
        [
            listed & undecided & ~(lacks_in_run & ~lacks_in_list),
            listed & (lacks_in_list == lacks_in_run),
            listed & lacks_in_list,
            lacks_in_run,
        ],
        ["unknown", "agreed", "only_list", "only_data"],
        default="unlisted",
    )
    same = (table["list_says"] == run) | ((table["list_says"] == "gap") & lacks_in_run)
    return table.assign(
        subject=subject,
        outcome=outcome,
        run_says=run,
        same_class=same.astype("boolean").where(listed & ~undecided, pd.NA),
    )


def _review(joined: pd.DataFrame, contradictions: pd.DataFrame) -> pd.DataFrame:
    open_rows = joined[joined["hamlet_id"].isna()]
    torn = contradictions.assign(typed_id=contradictions["hamlet_id"]).drop(columns="list_says")
    rows = pd.concat([open_rows, torn]).sort_values(["sheet", "row", "reason"], kind="stable")
    says = rows["says_signal"].fillna(rows["says_power"])
    commune = rows["commune_name"].fillna(rows["commune_old"]).fillna(rows["commune_code"])
    table = rows.assign(hamlet_id=rows["typed_id"], commune=commune, list_says=says)
    return table[list(REVIEW_COLUMNS)].reset_index(drop=True)
