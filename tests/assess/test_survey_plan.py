"""Laws of the survey plan: what a visit is worth, how places become days, where to stand."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.assess.survey.spots import APART, _spread
from lomsong.assess.survey.tours import _short_way, lay_tours
from lomsong.assess.survey.worth import worth_of_visits


def _visits(n: int, *, seed: int = 0, communes: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "cluster_id": [f"c{i:03d}" for i in range(n)],
            "lon": 105.0 + random.uniform(0, 0.1, n),
            "lat": 22.0 + random.uniform(0, 0.1, n),
            "worth": random.integers(1, 50, n).astype(float),
            "commune_code": pd.Series([f"{i % communes:05d}" for i in range(n)], dtype="str"),
            "commune_name": pd.Series(["Xã"] * n, dtype="str"),
        }
    )


def _table(p: list[float], classes: list[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = [f"c{i}" for i in range(len(p))]
    rows = pd.DataFrame(
        {
            "cluster_id": ids,
            "technology": "4G",
            "carrier": "any",
            "class": classes or ["unknown"] * len(p),
            "p_served": p,
        }
    )
    clusters = pd.DataFrame(
        {"cluster_id": ids, "hamlet_id": "h", "is_centre": False, "people": 10.0}
    )
    return rows, clusters


def test_the_more_doubtful_of_two_places_is_worth_more_and_nothing_known_most():
    rows, clusters = _table([np.nan, 0.5, 0.7, 0.3, 0.88])
    worth = worth_of_visits(rows, clusters, spots=4, people_exponent=1.0)["worth"]
    assert worth[2] == pytest.approx(worth[3])
    assert worth[0] == worth[1] > worth[2] > worth[4] >= 0


def test_worth_grows_with_people_and_a_missing_figure_is_not_nobody():
    rows, clusters = _table([np.nan] * 4)
    clusters["people"] = [10.0, 40.0, np.nan, 0.0]
    clusters.loc[3, "is_centre"] = True
    worth = worth_of_visits(rows, clusters, spots=4, people_exponent=1.0)["worth"]
    assert worth[1] == pytest.approx(4 * worth[0])
    assert worth[0] < worth[2] < worth[1]
    assert worth[3] > worth[0]
    places = worth_of_visits(rows, clusters, spots=4, people_exponent=0.0)["worth"]
    assert places.min() == places.max()


def test_a_place_that_is_decided_is_not_visited():
    rows, clusters = _table([0.02, 0.5], ["no_signal", "unknown"])
    assert list(worth_of_visits(rows, clusters, spots=4, people_exponent=0.5)["cluster_id"]) == [
        "c1"
    ]


@given(
    n=st.integers(1, 25),
    seed=st.integers(0, 99),
    per_day=st.integers(1, 7),
    days=st.integers(1, 4),
    communes=st.integers(1, 3),
)
def test_every_day_holds_what_it_can_and_every_place_stands_once(n, seed, per_day, days, communes):
    visits = _visits(n, seed=seed, communes=communes)
    laid = lay_tours(visits, places_per_day=per_day, days=days, walk_m=2000)
    for _, of_team in laid.groupby("team"):
        assert of_team["day"].notna().sum() == min(len(of_team), per_day * days)
        for day, places in of_team.groupby("day"):
            assert day <= days
            assert sorted(places["stop"]) == list(range(1, len(places) + 1))
            assert len(places) <= per_day
            assert places["leg_m"].isna().sum() == 1
    # The best place of each team goes out on its first day.
    best = laid.sort_values(["worth", "cluster_id"], ascending=[False, True])
    assert (best.groupby("team")["day"].first() == 1).all()


@given(seed=st.integers(0, 99), order=st.permutations(range(12)))
def test_the_order_of_rows_changes_nothing(seed, order):
    visits = _visits(12, seed=seed, communes=2)
    mixed = visits.iloc[list(order)].reset_index(drop=True)
    laid, other = (
        lay_tours(v, places_per_day=4, days=2, walk_m=2000)
        .sort_values("cluster_id")
        .reset_index(drop=True)
        for v in (visits, mixed)
    )
    pd.testing.assert_frame_equal(laid, other)


@given(seed=st.integers(0, 200), n=st.integers(2, 6))
def test_the_way_of_a_day_is_near_the_shortest_of_all(seed, n):
    random = np.random.default_rng(seed)
    x, y = random.uniform(0, 1000, (2, n))

    def length(way):
        return float(np.hypot(np.diff(x[way]), np.diff(y[way])).sum())

    shortest = min(length(list(way)) for way in permutations(range(n)))
    assert length(_short_way(list(range(n)), x, y)) <= 1.05 * shortest + 1e-9


def test_only_the_teams_asked_for_go_out():
    visits = _visits(30, communes=3)
    laid = lay_tours(visits, places_per_day=3, days=1, walk_m=2000, teams=1)
    everybody = lay_tours(visits, places_per_day=3, days=1, walk_m=2000)
    sums = everybody[everybody["day"].notna()].groupby("team")["worth"].sum()
    assert set(laid.loc[laid["day"].notna(), "team"]) == {sums.idxmax()}


def test_a_longer_leg_is_driven():
    laid = lay_tours(_visits(20), places_per_day=20, days=1, walk_m=2000)
    legs = laid.dropna(subset="leg_m")
    assert ((legs["leg_m"] > 2000) == (legs["travel"] == "drive")).all()
    assert set(legs["travel"]) == {"walk", "drive"}


@given(
    dwellings=st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), max_size=12),
    number=st.integers(1, 6),
)
def test_spots_stand_in_different_blocks_however_blocks_are_laid(dwellings, number):
    around = np.array([(x, y) for x in (-APART, 0, APART) for y in (-APART, 0, APART)])
    places = np.array(dwellings).reshape(-1, 2) + 1000.25
    spots = _spread(places, around + 1000.25, middle=np.array([1000.25] * 2), number=number)
    assert 1 <= len(spots) <= number
    for shift in ((0, 0), (0, 1), (1, 0), (1, 1)):
        blocks = {tuple(block) for block in (np.floor(spots).astype(int) + shift) // 2}
        assert len(blocks) == len(spots)
