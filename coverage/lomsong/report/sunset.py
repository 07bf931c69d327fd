"""Tell of a run what is off already and who loses the last service with what goes: a table, figures, a line."""

import datetime as dt
from typing import Any

import pandas as pd

from lomsong.assess.sunset import Endings, endings, losers
from lomsong.report import text
from lomsong.report.text import Language
from lomsong.report.text.against import say
from lomsong.result import Result
from lomsong.tables import ANY_CARRIER, TECHNOLOGIES


def of_run(result: Result) -> Endings:
    """Return what is off on the day that the run counts from, and what is asked about."""
    told = result.manifest.get("as_of")
    as_of = dt.date.fromisoformat(told) if told else None
    return endings(result.assessment, result.settings.technologies, as_of=as_of)


def table(result: Result) -> pd.DataFrame:
    """Return `assess.sunset.losers` with the names of hamlets and communes, empty where nothing is to go."""
    ends = of_run(result)
    found = losers(result.assessment, ends)
    if not ends.switched_off:
        found = found.iloc[:0]
    places = result.hamlets.set_index("hamlet_id")[["name", "commune_code", "commune_name"]]
    named = found.join(pd.DataFrame(places), on="hamlet_id")
    first = ["hamlet_id", "cluster_id", "name", "commune_code", "commune_name"]
    return named[[*first, *(c for c in found.columns if c not in first)]]


def figures(result: Result, *, rows: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return what the manifest says: what is off and by whom, what goes, and how many lose by any carrier.

    `rows` are those of `table`, where they are at hand.
    """
    ends = of_run(result)
    rows = table(result) if rows is None else rows
    whole = rows[(rows["cluster_id"] == "") & (rows["carrier"] == ANY_CARRIER)]
    judged = set(result.assessment["technology"])
    return {
        "off": [
            {
                "technology": ending.technology,
                "last_day": ending.last_day.isoformat(),
                "source": ending.source,
                "exceptions": ending.exceptions,
                "evidence_before": ending.technology in judged,
            }
            for ending in ends.off
        ],
        "switched_off": list(ends.switched_off),
        "not_judged": [
            t for t in TECHNOLOGIES if t not in judged and t not in ends.technologies_off
        ],
        "hamlets_losing": int((whole["outcome"] == "loses").sum()),
        "people_losing": _people(whole["people_lose"]),
        "hamlets_perhaps_losing": int((whole["outcome"] == "may_lose").sum()),
        "people_perhaps_losing": _people(whole["people_may_lose"]),
    }


def line(result: Result, language: Language) -> str | None:
    """Return what is off already although it was heard, and who loses the last service; None where neither is so."""
    counted = figures(result)
    lines = [
        say(
            "off_already",
            language,
            technology=ended["technology"],
            date=text.date(ended["last_day"], language),
        )
        for ended in counted["off"]
        if ended["evidence_before"]
    ]
    if counted["switched_off"]:
        lines.append(
            say(
                "sunset",
                language,
                technologies=", ".join(counted["switched_off"]),
                hamlets=text.number(counted["hamlets_losing"], language),
                people=text.number(counted["people_losing"], language),
                may_people=text.number(counted["people_perhaps_losing"], language),
            )
        )
    return "\n".join(lines) or None


def _people(column: pd.Series) -> float | None:
    total = column.sum(min_count=1)
    return None if pd.isna(total) else round(float(total), 3)
