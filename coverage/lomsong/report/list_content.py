"""Gather what one list says beside its rows: its columns, the thresholds in force, and where it comes from."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lomsong.report import text
from lomsong.report.list_columns import Column, carrier_label, of_list
from lomsong.report.list_rows import others
from lomsong.report.text import Language
from lomsong.report.text_lists import LABEL, SOLUTION, SOLUTION_MEANING, Words
from lomsong.result import Result
from lomsong.tables import ANY_CARRIER, CLASSES

EPOCH: Final = dt.date(1980, 1, 1)
"""Date of files whose data has none; the first day a zip archive can name."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ListContent:
    """One list, whatever it is written as."""

    result: Result
    rows: pd.DataFrame
    """As `lists.rows` returns them."""
    columns: Sequence[Column]
    subject: str
    """Whose list: a carrier, or "any"."""
    commune: str | None
    language: Language

    def say(self, words: Words) -> str:
        """Return words in the list's language."""
        return words.in_language(self.language)

    @property
    def title(self) -> str:
        """What stands on top of the list."""
        return f"{self.say(LABEL['title'])}: {self.whose}"

    @property
    def whose(self) -> str:
        """The carrier's name, or the words for all of them."""
        if self.subject == ANY_CARRIER:
            return self.say(LABEL["all_carriers"])
        return carrier_label(self.subject, self.language)

    @property
    def synthetic(self) -> bool:
        """Whether the list is made from synthetic data, which it has to say."""
        return self.result.settings.project.synthetic


def content(
    result: Result,
    rows: pd.DataFrame,
    *,
    subject: str,
    commune: str | None = None,
    language: Language | None = None,
) -> ListContent:
    """Return a list with its columns; the language is the project's where none is given."""
    return ListContent(
        result=result,
        rows=rows,
        columns=of_list(subject=subject, others=others(result, subject)),
        subject=subject,
        commune=commune,
        language=language or result.settings.project.language,
    )


def day(result: Result) -> dt.date:
    """Return the date that files of a result carry: of the data, else what ages are counted from, else 1980."""
    for said in (result.manifest.get("data_date"), result.settings.project.as_of):
        if isinstance(said, dt.date):
            return max(said, EPOCH)
        try:
            return max(dt.date.fromisoformat(str(said)[:10]), EPOCH)
        except ValueError:
            continue
    return EPOCH


def classes(language: Language) -> list[tuple[str, str, str]]:
    """Return each class: how it is called, its name in files, what it means."""
    return [
        (text.value("class", name, language), name, text.say(f"about.class.{name}", language))
        for name in CLASSES
    ]


def solutions(language: Language) -> list[tuple[str, str, str]]:
    """Return each solution: how it is called, its name in files, when it is advised."""
    return [
        (called.in_language(language), name, SOLUTION_MEANING[name].in_language(language))
        for name, called in SOLUTION.items()
    ]


def thresholds(filled: ListContent) -> list[tuple[str, float, str]]:
    """Return what decided the classes: name, value, source."""
    settings = filled.result.settings
    assumption = filled.say(LABEL["assumption"])
    return [
        (
            filled.say(LABEL["minimum_rsrp"]),
            settings.levels.minimum_rsrp_dbm,
            filled.say(LABEL["minimum_rsrp_source"]),
        ),
        (filled.say(LABEL["good_rsrp"]), settings.levels.good_rsrp_dbm, assumption),
        (filled.say(LABEL["confidence"]), settings.evidence.confidence, assumption),
        (filled.say(LABEL["minimum_devices"]), settings.privacy.minimum_devices, assumption),
    ]


def sources(filled: ListContent) -> list[tuple[str, str | int]]:
    """Return where a list comes from: a name and a value per line, the synthetic mark first."""
    result, say = filled.result, filled.say
    lines: list[tuple[str, str | int]] = []
    if filled.synthetic:
        lines.append((say(LABEL["mind"]), text.say("map.synthetic", filled.language)))
        lines.append(("", text.say("map.synthetic_about", filled.language)))
    settings = result.settings.project
    lines += [
        (say(LABEL["project"]), settings.name),
        (say(LABEL["carrier"]), filled.whose),
    ]
    if filled.commune is not None:
        lines.append((say(LABEL["commune"]), filled.commune))
    lines.append((say(LABEL["data_date"]), _date(result.manifest.get("data_date"), filled)))
    if settings.as_of is not None:
        lines.append((say(LABEL["as_of"]), _date(settings.as_of, filled)))
    lines.append((say(LABEL["version"]), str(result.manifest.get("version", ""))))
    lines.append((say(LABEL["hamlets_listed"]), len(filled.rows)))
    if filled.commune is None:
        lines.append((say(LABEL["hamlets_unknown"]), _n_unknown(filled)))
    inputs = result.manifest.get("inputs", ())
    lines += [(say(LABEL["input"]), _told(entry)) for entry in inputs]
    return lines


def _date(said: object, filled: ListContent) -> str:
    return text.date(None if said is None else str(said), filled.language)


def _n_unknown(filled: ListContent) -> int:
    """Count hamlets whose class nobody knows, so that nobody takes their absence for coverage."""
    hamlets = filled.result.hamlets
    rest = hamlets[
        (hamlets["kind"] == "hamlet") & ~hamlets["hamlet_id"].isin(filled.rows["hamlet_id"])
    ]
    if filled.subject == ANY_CARRIER:
        return int((rest["class"] == "unknown").sum())
    table = filled.result.assessment
    known = table[
        (table["technology"] == "4G")
        & (table["cluster_id"] == "")
        & (table["carrier"] == filled.subject)
        & (table["class"] != "unknown")
    ]
    return int((~rest["hamlet_id"].isin(known["hamlet_id"])).sum())


def _told(entry: object) -> str:
    """Return an input's name with the start of its hash."""
    if not isinstance(entry, dict):
        return str(entry)
    name = entry.get("path", entry.get("file", ""))
    digest = str(entry.get("sha256", ""))[:12]
    return f"{name} (SHA-256 {digest}…)" if digest else str(name)
