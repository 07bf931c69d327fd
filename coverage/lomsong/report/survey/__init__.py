"""Write the survey plan: the table, the form that teams fill in, and the KMZ for their phones."""

from dataclasses import replace
from pathlib import Path

from lomsong.assess.survey import COLUMNS, replanned
from lomsong.errors import Fault, InputError
from lomsong.report import csv_table, text
from lomsong.report.survey import form, kmz
from lomsong.report.text import Language
from lomsong.report.text.survey import SAID
from lomsong.result import Result

TABLE = "survey.csv"
FORM = "survey_form.csv"
PLACES = "survey.kmz"
_FIRST = 10


def write(result: Result, folder: Path, *, language: Language | None = None) -> list[Path]:
    """Write `survey.csv` with every place worth a visit, and form and KMZ with those that have a day.

    Two writes of the same result are byte-identical. The language is the project's where none is given.
    """
    language = language or result.settings.project.language
    files = [folder / name for name in (TABLE, FORM, PLACES)]
    csv_table.write(result.survey, files[0])
    csv_table.write(form.table(result, language=language), files[1])
    kmz.write(result, files[2], language=language)
    return files


def planned_anew(
    result: Result,
    *,
    places_per_day: int | None = None,
    days: int | None = None,
    teams: int | None = None,
) -> Result:
    """Return a result whose survey is laid on other days; what is not given is as in the run.

    Raises
    ------
    InputError
        Where the run was made by a version whose survey had no days.
    """
    if result.survey.empty:
        return result
    if not set(COLUMNS) <= set(result.survey.columns):
        fault = Fault(
            file=result.folder,
            problem="holds a survey without teams and days",
            remedy="`lomsong run PROJECT.toml` makes it anew",
        )
        raise InputError([fault])
    own = {"places_per_day": places_per_day, "days": days}
    settings = result.settings.survey.model_copy(
        update={name: value for name, value in own.items() if value is not None}
    )
    return replace(result, survey=replanned(result.survey, settings=settings, teams=teams))


def summary(result: Result) -> str:
    """Return the first places of each team's first day, and how many there are in all."""
    language = result.settings.project.language
    visits = form.planned(result.survey)
    if visits.empty:
        return SAID["no_places"].in_language(language)
    counts = ((len(result.survey), "places"), (len(visits), "planned"))
    lines = [
        ", ".join(
            f"{text.number(n, language)} {SAID[key].in_language(language)}" for n, key in counts
        )
    ]
    first = visits.sort_values("rank").head(_FIRST)
    for visit in first.to_dict("records"):
        commune = visit["commune_name"]
        where = visit["name"] if text.is_missing(commune) else f"{visit['name']}, {commune}"
        when = f"{SAID['day'].in_language(language)} {visit['day']}.{visit['stop']}"
        people = text.number(visit["people"], language)
        lines.append(f"{visit['rank']:>4}  {where}  {people}  {when}  {visit['carriers_unknown']}")
    return "\n".join(lines)
