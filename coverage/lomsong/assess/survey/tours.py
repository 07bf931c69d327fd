"""Lay the places worth a visit on the days of each commune's team, and each day's places on a short way."""

from typing import Final

import numpy as np
import pandas as pd
from pyproj import Geod

from lomsong.space.crs import METRES_PER_DEGREE, Floats

FURTHER_M: Final = 3000.0
"""A place this much further off the day's way [m] must be worth twice as much to be taken (assumption)."""
WALK, DRIVE = "walk", "drive"
_ELLIPSOID: Final = Geod(ellps="WGS84")
_SHORTER: Final = 1e-6
"""A way is shorter only by more than this [m]: rounding decides nothing."""


def lay_tours(
    visits: pd.DataFrame,
    *,
    places_per_day: int,
    days: int,
    walk_m: float,
    teams: int | None = None,
) -> pd.DataFrame:
    """Return the visits with `team`, `day`, `stop`, `leg_m` [m] and `travel`, in their order.

    Each commune has a team. A team's day starts from the most worthwhile place that is left and is filled with those
    that are worth most for the way they add. The day's places are put in the order of a short way (nearest neighbour
    from every start, then 2-opt), whatever the order of the rows. Ways are as the crow flies: paths are longer.

    Parameters
    ----------
    visits
        `cluster_id, lon, lat, worth, commune_code, commune_name`.
    places_per_day
        Places that a day can hold.
    days
        Days of each team; the places beyond them have no day.
    walk_m
        A longer leg [m] is driven.
    teams
        Only so many teams go out: those whose days are worth most; by default all.
    """
    team = visits["commune_code"].fillna(visits["commune_name"]).fillna("").to_numpy(str)
    ranked = np.lexsort((visits["cluster_id"].to_numpy(str), -visits["worth"].to_numpy(float)))
    x, y = _flat(visits)
    worth = visits["worth"].to_numpy(float)
    lon, lat = visits["lon"].to_numpy(float), visits["lat"].to_numpy(float)
    day = np.zeros(len(visits), np.int64)
    stop = np.zeros(len(visits), np.int64)
    leg = np.full(len(visits), np.nan)
    plans: dict[str, list[list[int]]] = {}
    for name in np.unique(team):
        own = ranked[team[ranked] == name]
        plans[name] = _days(own, x, y, worth, places_per_day=places_per_day, days=days)
    for name in _best_teams(plans, worth, teams):
        for number, places in enumerate(plans[name], start=1):
            way = _short_way(places, x, y)
            day[way] = number
            stop[way] = np.arange(1, len(way) + 1)
            before, after = way[:-1], way[1:]
            leg[after] = _ELLIPSOID.inv(lon[before], lat[before], lon[after], lat[after])[2]
    planned = day > 0
    travel = pd.Series(np.where(leg <= walk_m, WALK, DRIVE), index=visits.index, dtype="str")
    return visits.assign(
        team=pd.Series(team, index=visits.index, dtype="str"),
        day=pd.Series(day, index=visits.index, dtype="Int64").where(planned),
        stop=pd.Series(stop, index=visits.index, dtype="Int64").where(planned),
        leg_m=np.round(leg, 0),
        travel=travel.where(np.isfinite(leg)),
    )


def _flat(visits: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return positions on a plane [m], true enough to choose between ways inside a commune."""
    lat = visits["lat"].to_numpy(float)
    east = visits["lon"].to_numpy(float) * np.cos(np.radians(lat))
    return east * METRES_PER_DEGREE, lat * METRES_PER_DEGREE


def _days(
    own: np.ndarray, x: Floats, y: Floats, worth: Floats, *, places_per_day: int, days: int
) -> list[list[int]]:
    """Fill the days of one team; `own` are its places, best first."""
    left = np.ones(len(own), dtype=bool)
    plan: list[list[int]] = []
    while left.any() and len(plan) < days:
        chosen = [int(np.argmax(left))]
        left[chosen[0]] = False
        detour = np.full(len(own), np.inf)
        while left.any() and len(chosen) < places_per_day:
            last = own[chosen[-1]]
            detour = np.minimum(detour, np.hypot(x[own] - x[last], y[own] - y[last]))
            value = np.where(left, worth[own] / (1 + detour / FURTHER_M), -1.0)
            chosen.append(int(np.argmax(value)))
            left[chosen[-1]] = False
        plan.append([int(own[place]) for place in chosen])
    return plan


def _best_teams(plans: dict[str, list[list[int]]], worth: Floats, teams: int | None) -> list[str]:
    total = {name: sum(worth[p].sum() for p in plan) for name, plan in plans.items()}
    return sorted(plans, key=lambda name: (-total[name], name))[:teams]


def _short_way(places: list[int], x: Floats, y: Floats) -> np.ndarray:
    """Return the places in the order of a short open way: the best of the ways from every start."""
    spots = np.array(sorted(places, key=lambda place: (x[place], y[place], place)))
    apart = np.hypot(x[spots][:, None] - x[spots], y[spots][:, None] - y[spots])
    best: list[int] = []
    for start in range(len(spots)):
        way = _untangled(_nearest_next(apart, start), apart)
        if not best or _length(way, apart) < _length(best, apart) - _SHORTER:
            best = way
    return spots[best]


def _nearest_next(apart: Floats, start: int) -> list[int]:
    way, left = [start], set(range(len(apart))) - {start}
    while left:
        way.append(min(left, key=lambda place: (apart[way[-1], place], place)))
        left.remove(way[-1])
    return way


def _untangled(way: list[int], apart: Floats) -> list[int]:
    """Turn stretches of the way round as long as that makes it shorter (2-opt on an open way)."""
    improved = True
    while improved:
        improved = False
        for first in range(len(way) - 1):
            for last in range(first + 1, len(way)):
                if _saved(way, apart, first, last) > _SHORTER:
                    way = [*way[:first], *way[first : last + 1][::-1], *way[last + 1 :]]
                    improved = True
    return way


def _saved(way: list[int], apart: Floats, first: int, last: int) -> float:
    """Return how much shorter the way is with the stretch from `first` to `last` turned round [m]."""
    saved = 0.0
    if first > 0:
        saved += apart[way[first - 1], way[first]] - apart[way[first - 1], way[last]]
    if last < len(way) - 1:
        saved += apart[way[last], way[last + 1]] - apart[way[first], way[last + 1]]
    return float(saved)


def _length(way: list[int], apart: Floats) -> float:
    return float(apart[way[:-1], way[1:]].sum())
