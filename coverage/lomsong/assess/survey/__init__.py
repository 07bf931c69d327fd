"""Say where a measurement is worth most, and lay the places of each team on days and ways."""

from typing import Final

import pandas as pd

from lomsong.assess.assessment import Assessment
from lomsong.assess.survey.spots import choose_spots
from lomsong.assess.survey.tours import lay_tours
from lomsong.assess.survey.worth import worth_of_visits
from lomsong.config import SurveySection
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.join import Locator
from lomsong.tables import Hamlets

COLUMNS: Final = (
    "rank",
    "team",  # code of the commune, else its name
    "day",  # of that team; null where the days asked for are full
    "stop",  # order of the way on that day
    "leg_m",  # from the stop before, as the crow flies
    "travel",  # walk, drive
    "commune_code",
    "commune_name",
    "hamlet_id",
    "name",
    "cluster_id",
    "lon",
    "lat",
    "people",
    "carriers_unknown",
    "p_served",  # by any carrier, before the visit
    "expected_gain",
    "worth",
    "spots",  # where to measure there: "lat lon; lat lon"
)
DIGITS: Final = 6
"""Of a degree: 0.1 m."""


def plan_survey(
    hamlets: Hamlets,
    clusters: Clusters,
    assessment: Assessment,
    locator: Locator,
    *,
    settings: SurveySection,
) -> pd.DataFrame:
    """Return a row per cluster that is worth a visit, the most worthwhile first.

    These are the clusters of hamlets where the 4G class of some carrier, or of the best of all, is unknown.
    `worth_of_visits` says what a visit is worth, `lay_tours` how places become days of a team, `choose_spots` where
    to stand at each place so that the class is decided afterwards.
    """
    visits = worth_of_visits(
        assessment.table,
        clusters.table,
        spots=settings.spots_per_place,
        people_exponent=settings.people_exponent,
    )
    lived_in = hamlets.table.loc[hamlets.table["kind"] == "hamlet"]
    points = clusters.table[["cluster_id", "hamlet_id", "people"]].assign(
        lon=clusters.table.geometry.x.round(DIGITS),
        lat=clusters.table.geometry.y.round(DIGITS),
        position=range(len(clusters.table)),
    )
    visits = (
        visits.merge(pd.DataFrame(points), on="cluster_id")
        .merge(lived_in[["hamlet_id", "name", "commune_code", "commune_name"]], on="hamlet_id")
        .sort_values(["worth", "cluster_id"], ascending=[False, True], ignore_index=True)
    )
    visits["rank"] = range(1, len(visits) + 1)
    places = choose_spots(
        clusters, locator, visits["position"].to_numpy(), number=settings.spots_per_place
    )
    visits["spots"] = pd.Series([_written(each) for each in places], dtype="str")
    visits = lay_tours(
        visits,
        places_per_day=settings.places_per_day,
        days=settings.days,
        walk_m=settings.walk_m,
    )
    return visits[list(COLUMNS)]


def replanned(survey: pd.DataFrame, *, settings: SurveySection, teams: int | None) -> pd.DataFrame:
    """Lay the tours of a survey anew, for other days; `teams` as in `lay_tours`."""
    visits = lay_tours(
        survey,
        places_per_day=settings.places_per_day,
        days=settings.days,
        walk_m=settings.walk_m,
        teams=teams,
    )
    return visits[list(COLUMNS)]


def spots_of(written: str) -> list[tuple[float, float]]:
    """Return the spots of a visit, as its column `spots` writes them, as longitude and latitude."""
    pairs = [spot.split() for spot in written.split("; ") if spot]
    return [(float(lon), float(lat)) for lat, lon in pairs]


def _written(spots: list[tuple[float, float]]) -> str:
    return "; ".join(f"{lat:.{DIGITS}f} {lon:.{DIGITS}f}" for lon, lat in spots)
