"""Lay out the form of a survey: one row per spot and carrier, the answers left empty."""

import pandas as pd

from lomsong.assess.survey import COLUMNS, spots_of
from lomsong.ingest.samples.formats.survey_form import HEADINGS
from lomsong.report import text
from lomsong.report.text import Language
from lomsong.result import Result
from lomsong.tables import ANY_CARRIER
from lomsong.vietnam.carriers import CARRIERS


def planned(survey: pd.DataFrame) -> pd.DataFrame:
    """Return the visits that have a day, in the order of the teams' ways."""
    if survey.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    return survey[survey["day"].notna()].sort_values(["team", "day", "stop"], ignore_index=True)


def carriers_of(result: Result) -> list[str]:
    """Return the carriers that teams are to measure: all that the run judged."""
    judged = set(result.assessment["carrier"]) - {ANY_CARRIER}
    known = [carrier for carrier in CARRIERS if carrier in judged]
    return known + sorted(judged.difference(known))


def table(result: Result, *, language: Language) -> pd.DataFrame:
    """Return the form; `ingest.samples.formats.survey_form` reads it back.

    A row without an answer says nothing, so a form may come back half empty. Whoever measures somewhere else than at
    the spot writes the place of the phone over latitude and longitude.
    """
    carriers = carriers_of(result)
    rows = [
        {
            "spot": f"{visit['cluster_id']}/{number}",
            "team": visit["team"],
            "day": visit["day"],
            "stop": visit["stop"],
            "commune": visit["commune_name"],
            "hamlet": visit["name"],
            "lat": lat,
            "lon": lon,
            "plmn": text.value("carrier", carrier, language),
        }
        for visit in planned(result.survey).to_dict("records")
        for number, (lon, lat) in enumerate(spots_of(visit["spots"]), start=1)
        for carrier in carriers
    ]
    form = pd.DataFrame(rows, columns=list(HEADINGS))
    headings = {
        name: heading.vi if language == "vi" else heading.en for name, heading in HEADINGS.items()
    }
    return form.rename(columns=headings)
