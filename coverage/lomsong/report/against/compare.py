"""Compare two runs: who is newly served, newly dark, now known, and which sites their plans add or drop."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
import shapely

from lomsong.errors import Fault, InputError
from lomsong.report import text
from lomsong.report.against.telling import worded
from lomsong.report.sheets import Sheet, write_book_or_tables
from lomsong.report.text import Language
from lomsong.report.text.against import (
    CHANGE,
    CHANGE_MEANING,
    HEADING,
    SHEET,
    SITE_CHANGE,
    say,
    word,
)
from lomsong.report.text.lists import Words
from lomsong.result import Result
from lomsong.sentences import Sentence
from lomsong.siting.outcome import steps
from lomsong.tables import ANY_CARRIER, CLASSES, JUDGED_TECHNOLOGY

CHANGES: Final = (
    "newly_served",
    "newly_dark",
    "better",
    "worse",
    "now_known",
    "no_longer_known",
    "same",
    "only_before",
    "only_after",
)
SITE_CHANGES: Final = ("added", "removed", "kept")
COLUMNS: Final = (
    "carrier",
    "change",
    "hamlet_id",
    "name",
    "commune_code",
    "commune_name",
    "people",
    "class_before",
    "class_after",
    "p_served_before",
    "p_served_after",
    "evidence_before",
    "evidence_after",
)
SITE_COLUMNS: Final = (
    "change",
    "site_id",
    "carrier",
    "longitude",
    "latitude",
    "mast_m",
    "people_gained",
    "cost_vnd",
)

CURVE_COLUMNS: Final = (
    "n_sites",
    "people_before",
    "people_after",
    "people_more",
    "cost_before_vnd",
    "cost_after_vnd",
    "cost_more_vnd",
)

_RANK: Final[Mapping[str, int]] = {name: i for i, name in enumerate(CLASSES) if name != "unknown"}
BILLION: Final = 1e9
_DEGREE_DIGITS: Final = 5
"""Sites nearer than a metre are one."""
_WORDS: Final[Mapping[str, Mapping[str, Words]]] = MappingProxyType({"change": CHANGE})
_SITE_WORDS: Final[Mapping[str, Mapping[str, Words]]] = MappingProxyType({"change": SITE_CHANGE})


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What changed from one run to another."""

    table: pd.DataFrame
    """`COLUMNS`, a row per carrier (`any` among them) and hamlet of either run; 4G, the whole hamlet."""
    sites: pd.DataFrame
    """`SITE_COLUMNS`: sites that either plan chose."""
    before: Result
    after: Result

    @property
    def levels_differ(self) -> bool:
        """Whether part of the change is of the counting: other levels, or another confidence."""
        one, other = self.before.settings, self.after.settings
        return one.levels != other.levels or (one.evidence.confidence != other.evidence.confidence)

    @property
    def curves(self) -> pd.DataFrame:
        """`CURVE_COLUMNS`: people newly served and cost of the first so many sites of either plan, and the difference.

        A plan that has no more sites stays where it ends.
        """
        before, after = (steps(r.candidates) for r in (self.before, self.after))
        n_sites = np.arange(max(len(before), len(after)) + 1)
        table = {"n_sites": n_sites}
        for name, column, unit in (
            ("people", "people_so_far", ""),
            ("cost", "cost_so_far_vnd", "_vnd"),
        ):
            one, other = (_curve(part[column], n_sites) for part in (before, after))
            table |= {
                f"{name}_before{unit}": one,
                f"{name}_after{unit}": other,
                f"{name}_more{unit}": other - one,
            }
        return pd.DataFrame(table)

    def counts(self) -> pd.DataFrame:
        """Return hamlets and people by carrier and change, what did not change included."""
        counted = self.table.groupby(["carrier", "change"], as_index=False, sort=True).agg(
            hamlets=("hamlet_id", "size"), people=("people", lambda p: p.sum(min_count=1))
        )
        return _ordered(counted, [])


def compare(before: Result, after: Result) -> Comparison:
    """Compare the classes of every hamlet and carrier, and the two plans.

    People are those of the later run, of the earlier one where a hamlet is gone.

    Raises
    ------
    InputError
        Where the two runs have no hamlet in common.
    """
    shared = set(before.hamlets["hamlet_id"]) & set(after.hamlets["hamlet_id"])
    if not shared:
        fault = Fault(
            file=after.folder,
            problem=Sentence(
                "the two runs share no hamlet_id with {folder}", folder=str(before.folder)
            ),
            remedy="Compare runs of one area, whose hamlets have the same codes",
        )
        raise InputError([fault])
    keys = ["hamlet_id", "carrier"]
    told = ["class", "p_served", "evidence"]
    both = _whole(before)[[*keys, *told]].merge(
        _whole(after)[[*keys, *told]], on=keys, how="outer", suffixes=("_before", "_after")
    )
    places = (
        pd.concat([_places(after), _places(before)])
        .drop_duplicates("hamlet_id")
        .set_index("hamlet_id")
    )
    table = both.join(places, on="hamlet_id")
    table["change"] = pd.array(
        _changes(
            table,
            was_there=table["hamlet_id"].isin(before.hamlets["hamlet_id"]),
            is_there=table["hamlet_id"].isin(after.hamlets["hamlet_id"]),
        ),
        dtype="str",
    )
    return Comparison(
        table=_ordered(table, ["commune_code", "hamlet_id"])[list(COLUMNS)],
        sites=_sites(before, after),
        before=before,
        after=after,
    )


def _whole(result: Result) -> pd.DataFrame:
    table = result.assessment
    return table[(table["cluster_id"] == "") & (table["technology"] == JUDGED_TECHNOLOGY)]


def _places(result: Result) -> pd.DataFrame:
    columns = ["hamlet_id", "name", "commune_code", "commune_name", "people"]
    return pd.DataFrame(result.hamlets[columns])


def _changes(table: pd.DataFrame, *, was_there: pd.Series, is_there: pd.Series) -> np.ndarray:
    # A carrier that one of the runs never saw there is not known there; that is no change of the hamlets.
    was = table["class_before"].fillna("unknown")
    now = table["class_after"].fillna("unknown")
    before, after = was.map(_RANK).astype(float), now.map(_RANK).astype(float)
    return np.select(
        [
            ~is_there,
            ~was_there,
            was == now,
            was == "unknown",
            now == "unknown",
            (before == 0) & (after > 0),
            (after == 0) & (before > 0),
            after > before,
        ],
        [
            "only_before",
            "only_after",
            "same",
            "now_known",
            "no_longer_known",
            "newly_served",
            "newly_dark",
            "better",
        ],
        default="worse",
    )


def _ordered(table: pd.DataFrame, then: list[str]) -> pd.DataFrame:
    order = table["change"].map({name: i for i, name in enumerate(CHANGES)})
    first = table["carrier"] != ANY_CARRIER
    return (
        table.assign(_first=first, _order=order)
        .sort_values(["_first", "carrier", "_order", *then], ignore_index=True)
        .drop(columns=["_first", "_order"])
    )


def _sites(before: Result, after: Result) -> pd.DataFrame:
    """Return the chosen sites of either plan; one place, one carrier, is one site."""
    keys = ["longitude", "latitude", "carrier"]
    both = _chosen(after).merge(
        _chosen(before), on=keys, how="outer", suffixes=("", "_before"), indicator=True
    )
    change = (
        both["_merge"]
        .astype("str")
        .map({"left_only": "added", "right_only": "removed", "both": "kept"})
    )
    both["change"] = change.astype("str")
    for name in ("site_id", "mast_m", "people_gained", "cost_vnd"):
        both[name] = both[name].where(change != "removed", both[f"{name}_before"])
    order = both["change"].map({name: i for i, name in enumerate(SITE_CHANGES)})
    return (
        both.assign(_order=order)
        .sort_values(["_order", *keys], ignore_index=True)[list(SITE_COLUMNS)]
        .reset_index(drop=True)
    )


def _curve(so_far: pd.Series, n_sites: np.ndarray) -> np.ndarray:
    sums = np.concatenate([[0.0], so_far.to_numpy(float)])
    return np.asarray(sums[np.minimum(n_sites, len(sums) - 1)])


def _chosen(result: Result) -> pd.DataFrame:
    chosen = result.candidates[result.candidates["selected"]]
    points = chosen.geometry.to_numpy()
    columns = ["site_id", "carrier", "mast_m", "people_gained", "cost_vnd"]
    return pd.DataFrame(chosen[columns]).assign(
        longitude=np.round(shapely.get_x(points), _DEGREE_DIGITS),
        latitude=np.round(shapely.get_y(points), _DEGREE_DIGITS),
    )


def summary(found: Comparison, language: Language) -> str:
    """Return what changed, in some lines; what did not is left out."""
    lines = [say("compared", language, before=_called(found.before), after=_called(found.after))]
    if found.levels_differ:
        lines.append(say("levels_differ", language))
    counted = found.counts()
    for carrier in counted["carrier"].unique():
        lines.append(say("of_carrier", language, carrier=text.value("carrier", carrier, language)))
        part = counted[(counted["carrier"] == carrier) & (counted["change"] != "same")]
        lines += [
            say(
                "outcome_line",
                language,
                outcome=word(CHANGE, row["change"], language),
                hamlets=text.number(row["hamlets"], language),
                people=text.number(row["people"], language),
            )
            for row in part.to_dict("records")
        ] or [say("nothing_changed", language)]
    return "\n".join([*lines, _of_plans(found, language), *_of_curves(found, language)])


def _called(result: Result) -> str:
    return str(result.folder or result.settings.project.name)


def _of_plans(found: Comparison, language: Language) -> str:
    counted = found.sites["change"].value_counts()
    gained = [
        text.number(r.candidates.loc[r.candidates["selected"], "people_gained"].sum(), language)
        for r in (found.before, found.after)
    ]
    return say(
        "plans",
        language,
        before=gained[0],
        after=gained[1],
        **{name: text.number(int(counted.get(name, 0)), language) for name in SITE_CHANGES},
    )


def _of_curves(found: Comparison, language: Language) -> list[str]:
    """Return a line per number of sites: people newly served for what money, before and after."""
    lines = []
    for row in found.curves.iloc[1:].to_dict("records"):
        billions = {
            name: text.number(row[f"cost_{name}_vnd"] / BILLION, language, digits=2)
            for name in ("before", "after")
        }
        lines.append(
            say(
                "curve_line",
                language,
                sites=text.number(row["n_sites"], language),
                people_before=text.number(row["people_before"], language),
                people_after=text.number(row["people_after"], language),
                cost_before=billions["before"],
                cost_after=billions["after"],
            )
        )
    return lines


def write(found: Comparison, file: Path, language: Language) -> list[Path]:
    """Write XLSX with sheets of counts, changes, sites and curves, or CSV with the last two in files beside it.

    Raises
    ------
    InputError
        Where the name of the file ends in neither.
    """
    return write_book_or_tables(
        file,
        sheets=lambda: _sheets(found, language),
        tables={"": found.table, "sites": found.sites, "curves": found.curves},
    )


def _sheets(found: Comparison, language: Language) -> list[Sheet]:
    counted = found.counts()
    meaning = counted["change"].map(lambda change: word(CHANGE_MEANING, change, language))
    changed = found.table[found.table["change"] != "same"]
    return [
        Sheet(
            title=word(SHEET, "summary", language),
            table=worded(counted.assign(meaning=meaning), language, words=_WORDS),
            above=summary(found, language).splitlines()[:1],
        ),
        Sheet(
            title=word(HEADING, "change", language),
            table=worded(changed, language, words=_WORDS),
        ),
        Sheet(
            title=word(SHEET, "sites", language),
            table=worded(found.sites, language, words=_SITE_WORDS),
        ),
        Sheet(
            title=word(SHEET, "curves", language),
            table=worded(found.curves, language, words=_SITE_WORDS),
        ),
    ]
