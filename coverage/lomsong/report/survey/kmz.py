"""Write the survey plan for phones: each team's days as a way from place to place, and the spots to stand at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lomsong.assess.survey import spots_of
from lomsong.report import kml, text
from lomsong.report.lists.content import day as day_of
from lomsong.report.palette import INK, PLANNED
from lomsong.report.survey.form import carriers_of, planned
from lomsong.report.text import Language
from lomsong.report.text.survey import SAID, TRAVEL
from lomsong.result import Result

PLACE, SPOT, WAY = "place", "spot", "way"
_STYLES: Final = (
    kml.style(PLACE, PLANNED, icon="disc", scale=0.9),
    kml.style(SPOT, INK, icon="triangle", scale=0.5),
    kml.style(WAY, PLANNED, line=3),
)


def write(result: Result, file: Path, *, language: Language) -> None:
    """Write the visits that have a day; the same plan gives the same bytes, whatever the day."""
    visits = planned(result.survey)
    project = result.settings.project
    name = f"{SAID['title'].in_language(language)}: {project.name}"
    if project.synthetic:
        name = f"{text.say('map.synthetic', language)} – {name}"
    carriers = ", ".join(text.value("carrier", c, language) for c in carriers_of(result))
    kml.write(
        file,
        name=name,
        description=kml.described(
            [
                ("", SAID["what_to_do"].in_language(language)),
                (text.say("column.carrier", language), carriers),
            ]
        ),
        styles=_STYLES,
        folders=_teams(visits, language),
        icons=("disc", "triangle"),
        date=day_of(result),
    )


def _teams(visits: pd.DataFrame, language: Language) -> Iterator[str]:
    for team, of_team in visits.groupby("team", sort=True):
        names = of_team["commune_name"].dropna()
        called = str(names.iloc[0]) if len(names) else str(team)
        days = [
            kml.folder(f"{SAID['day'].in_language(language)} {number}", _day(of_day, language))
            for number, of_day in of_team.groupby("day", sort=True)
        ]
        yield kml.folder(f"{SAID['team'].in_language(language)} {called}", days)


def _day(visits: pd.DataFrame, language: Language) -> Iterator[str]:
    stops = visits.to_dict("records")
    for stop in stops:
        name = f"{stop['stop']}. {stop['name']}"
        described = kml.described([("", name), *_told(stop, language)])
        yield kml.placemark(name, described, kml.point(stop["lon"], stop["lat"]), style=PLACE)
        for number, (lon, lat) in enumerate(spots_of(stop["spots"]), start=1):
            spot = f"{stop['stop']}.{number}"
            said = kml.described([("", f"{stop['cluster_id']}/{number}"), ("", str(stop["name"]))])
            yield kml.placemark(spot, said, kml.point(lon, lat), style=SPOT)
    if len(stops) > 1:
        way = kml.way((stop["lon"], stop["lat"]) for stop in stops)
        yield kml.placemark(SAID["way"].in_language(language), "", way, style=WAY)


def _told(stop: dict[Any, Any], language: Language) -> Iterator[tuple[str, str]]:
    def said(key: str) -> str:
        return SAID[key].in_language(language)

    yield said("cluster"), str(stop["cluster_id"])
    if not text.is_missing(stop["people"]):
        yield text.say("column.people", language), text.number(stop["people"], language)
    unknown = [text.value("carrier", c, language) for c in stop["carriers_unknown"].split()]
    yield said("carriers_unknown"), ", ".join(unknown)
    if not text.is_missing(stop["p_served"]):
        share = text.number(100 * stop["p_served"], language)
        yield said("p_served"), f"{share} %"
    yield said("n_spots"), str(len(spots_of(stop["spots"])))
    if not text.is_missing(stop["leg_m"]):
        travel = TRAVEL[stop["travel"]].in_language(language)
        yield said("leg"), f"{text.number(stop['leg_m'] / 1000, language, digits=1)} km ({travel})"
