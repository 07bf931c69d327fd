"""Tell a comparison with an official list: in some lines, as a workbook, as CSV."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from lomsong.report import text
from lomsong.report.against.reconcile import OUTCOMES, Reconciliation
from lomsong.report.sheets import Sheet, write_book_or_tables
from lomsong.report.text import Language
from lomsong.report.text.against import (
    HEADING,
    LINK,
    OUTCOME,
    OUTCOME_MEANING,
    REASON,
    SAYS,
    SHEET,
    SUBJECT,
    say,
    word,
)
from lomsong.report.text.lists import Words
from lomsong.report.text.notes import told

_WORDS: Final[Mapping[str, Mapping[str, Words]]] = MappingProxyType(
    {
        "subject": SUBJECT,
        "outcome": OUTCOME,
        "list_says": SAYS,
        "run_says": SAYS,
        "link": LINK,
        "reason": REASON,
    }
)
_VALUES: Final = ("class", "official_class", "evidence", "power")
_OWN_HEADING: Final[Mapping[str, str]] = MappingProxyType(
    {"sheet": "list_sheet", "row": "list_row", "commune": "list_commune"}
)
_DISTRICT: Final = Words("Huyện", "District")


def summary(found: Reconciliation, language: Language) -> str:
    """Return what agrees and what does not, in some lines."""
    return "\n".join([*_head(found, language), *_counts(found, language), *_notes(found, language)])


def write(found: Reconciliation, file: Path, language: Language) -> list[Path]:
    """Write XLSX with a sheet per outcome, or CSV with the rows to review in a file beside it.

    Raises
    ------
    InputError
        Where the name of the file ends in neither.
    """
    return write_book_or_tables(
        file,
        sheets=lambda: _sheets(found, language),
        tables={"": found.table, "review": found.review},
    )


def _sheets(found: Reconciliation, language: Language) -> list[Sheet]:
    counted = found.counts()
    meaning = counted["outcome"].map(lambda o: word(OUTCOME_MEANING, o, language))
    sheets = [
        Sheet(
            title=word(SHEET, "summary", language),
            table=worded(counted.assign(meaning=meaning), language),
            above=[*_head(found, language), *_notes(found, language)],
        )
    ]
    for outcome in OUTCOMES:
        rows = found.table[found.table["outcome"] == outcome]
        title = word(OUTCOME, outcome, language)
        about = word(OUTCOME_MEANING, outcome, language)
        sheets.append(Sheet(title=title, table=worded(rows, language), above=[f"{title}: {about}"]))
    review = worded(found.review, language)
    return [*sheets, Sheet(title=word(SHEET, "review", language), table=review)]


def worded(
    table: pd.DataFrame,
    language: Language,
    *,
    words: Mapping[str, Mapping[str, Words]] = _WORDS,
) -> pd.DataFrame:
    """Return a table as people read it: headings and values in their language."""
    shown = {}
    for name in table.columns:
        column = str(name)
        teller = _teller(column, language, words)
        values = table[name].tolist()
        shown[_heading(column, language)] = pd.Series(
            [None if text.is_missing(v) else teller(v) for v in values], dtype=object
        )
    return pd.DataFrame(shown)


def _teller(
    column: str, language: Language, words: Mapping[str, Mapping[str, Words]]
) -> Callable[[object], object]:
    base = column.removesuffix("_before").removesuffix("_after")
    if column in words:
        return lambda value: word(words[column], str(value), language)
    if base in (*_VALUES, "carrier", "technology"):
        return lambda value: text.value(base, value, language)
    if column == "same_class":
        return lambda value: text.value("flag", str(bool(value)).lower(), language)
    return lambda value: value


def _heading(column: str, language: Language) -> str:
    key = _OWN_HEADING.get(column, column)
    if column == "district":
        return _DISTRICT.in_language(language)
    if key in HEADING:
        return word(HEADING, key, language)
    return text.say(f"column.{key}", language)


def _head(found: Reconciliation, language: Language) -> list[str]:
    rows = found.listed.rows
    lines = [
        say(
            "reconciled",
            language,
            list=found.listed.file.name,
            rows=text.number(len(rows), language),
            joined=text.number(found.n_joined, language),
            hamlets=text.number(
                found.table.loc[found.table["list_says"].notna(), "hamlet_id"].nunique(), language
            ),
            review=text.number(len(found.review[["sheet", "row"]].drop_duplicates()), language),
        )
    ]
    for source, as_of in sorted(
        set(zip(rows["source"].fillna("?"), rows["as_of"].fillna(""), strict=True))
    )[:5]:
        date = text.date(as_of, language) if as_of else say("no_date", language)
        lines.append(say("list_from", language, source=source, date=date))
    return lines


def _counts(found: Reconciliation, language: Language) -> list[str]:
    counted = found.counts()
    lines = []
    for subject in found.subjects:
        lines.append(say("subject_line", language, subject=word(SUBJECT, subject, language)))
        for outcome in OUTCOMES:
            part = counted[(counted["subject"] == subject) & (counted["outcome"] == outcome)]
            lines.append(
                say(
                    "outcome_line",
                    language,
                    outcome=word(OUTCOME, outcome, language),
                    hamlets=text.number(part["hamlets"].sum(), language),
                    people=text.number(part["people"].sum(min_count=1), language)
                    if len(part)
                    else "0",
                )
            )
            if outcome == "unlisted":
                continue
            lines += [
                say(
                    "cross_line",
                    language,
                    list_says=word(SAYS, str(row["list_says"]), language),
                    run_says=word(SAYS, str(row["run_says"]), language),
                    power=text.value("power", row["power"], language),
                    hamlets=text.number(row["hamlets"], language),
                )
                for row in part.to_dict("records")
            ]
    return lines


def _notes(found: Reconciliation, language: Language) -> list[str]:
    notes = [say("never_decides", language)]
    if found.by_name_alone:
        notes.append(say("alone", language))
    return notes + [say("note", language, text=told(note, language)) for note in found.listed.notes]
