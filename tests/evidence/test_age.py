"""Laws of age: what is older counts less, and a new site makes the silence before it worthless."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from lomsong.assess.served import measured_beliefs
from lomsong.config import LevelsSection
from lomsong.evidence.age import AGE, aged, outdated, present_day, weight_of
from lomsong.evidence.cube import NO_SERVICE
from lomsong.evidence.silence import weigh

CARRIERS = ("viettel", "vnpt")
METRIC = CRS.from_epsg(32648)
LON, LAT = 105.7, 22.6
TODAY = 20_000
HALF_LIFE = 365.0


def rows(*observed):
    """Return witnesses from cluster, carrier, device, day and level."""
    columns = ["cluster", "carrier", "device", "day", "level_dbm"]
    table = pd.DataFrame(observed, columns=columns).astype({"carrier": str, "device": str})
    technology = np.where(table["level_dbm"] == NO_SERVICE, "", "4G")
    return table.assign(
        hamlet=0,
        technology=pd.Series(technology, dtype=str),
        cell_x=int(LON * 1600) + 4 * np.arange(len(table)),
        cell_y=int(LAT * 1600),
        n=1,
    )


def mast(carrier_plmn, first_seen, *, east_deg=0.0):
    return pd.DataFrame(
        {
            "site_id": ["m"],
            "plmn": [carrier_plmn],
            "technology": ["4G"],
            "lon": [LON + east_deg],
            "lat": [LAT],
            "first_seen": pd.Series([first_seen], dtype="datetime64[ms, UTC]"),
        }
    )


def day_of(number):
    return pd.Timestamp(number, unit="D", tz="UTC")


def served(observed, half_life_days):
    witnesses = aged(observed, half_life_days=half_life_days, as_of=None)
    return measured_beliefs(witnesses, technologies=("4G",), levels=LevelsSection())


def test_ages_are_whole_half_lives_counted_from_the_newest_day_or_the_one_that_is_set():
    seen = rows(*((0, "vnpt", "a", TODAY - days, -90) for days in (0, 364, 365, 1100)))
    assert aged(seen, half_life_days=HALF_LIFE, as_of=None)[AGE].tolist() == [0, 0, 1, 3]
    later = dt.date(1970, 1, 1) + dt.timedelta(days=TODAY + 365)
    found = aged(seen, half_life_days=HALF_LIFE, as_of=later)
    assert found[AGE].tolist() == [1, 1, 2, 4]
    assert weight_of(found).tolist() == [0.5, 0.5, 0.25, 0.0625]


def test_what_has_no_day_or_comes_after_the_day_that_is_set_counts_whole():
    seen = rows((0, "vnpt", "a", -1, -90), (0, "vnpt", "a", TODAY, -90))
    early = dt.date(1970, 1, 1) + dt.timedelta(days=TODAY - 900)
    assert aged(seen, half_life_days=HALF_LIFE, as_of=early)[AGE].tolist() == [0, 0]


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=6))
def test_a_very_long_half_life_lets_all_count_alike(days):
    old = rows(*((0, "vnpt", str(i), TODAY - d, -90) for i, d in enumerate(days)))
    new = old.assign(day=TODAY)
    pd.testing.assert_frame_equal(served(old, 1e9), served(new, HALF_LIFE))


@pytest.mark.parametrize("level", [-90, NO_SERVICE])
def test_older_samples_decide_less(level):
    today = (1, "vnpt", "z", TODAY, -90)
    beliefs = [
        served(rows(*((0, "vnpt", d, TODAY - age, level) for d in "abc"), today), HALF_LIFE)
        for age in (0, 500, 1500)
    ]
    sure = [abs(b.loc[b["cluster"] == 0, "served_low"].iloc[0] - 0.5) for b in beliefs]
    assert sure[0] > sure[1] > sure[2] > 0


def silence_at_the_second(witnesses, **options):
    x = np.array([0.0, 1000.0])
    ones = np.ones(2)
    found = weigh(witnesses, carriers=CARRIERS, x=x, y=x, dwellings=ones, **options)
    return found.ratio[0, 1]


def heard(day):
    """Return a cluster where both carriers are heard, and one where phones of one are heard on some day."""
    both = [(0, c, f"{c}{i}", TODAY, -90) for c in CARRIERS for i in range(4)]
    return rows(*both, *((1, "vnpt", f"other{i}", day, -90) for i in range(4)))


def test_silence_weighs_the_less_the_longer_ago_others_were_heard():
    ratios = [
        silence_at_the_second(aged(heard(TODAY - age), half_life_days=HALF_LIFE, as_of=None))
        for age in (0, 400, 1200)
    ]
    assert ratios[0] < ratios[1] < ratios[2] < 1


@pytest.mark.parametrize(
    ("plmn", "first", "east_deg", "counts"),
    [
        ("452-04", TODAY - 5, 0.0, False),
        ("452-04", TODAY - 50, 0.0, True),  # it was there already
        ("452-04", TODAY - 5, 0.1, True),  # it is too far away
        ("452-02", TODAY - 5, 0.0, True),  # it is another carrier's
    ],
)
def test_silence_before_a_new_site_nearby_says_nothing(plmn, first, east_deg, counts):
    seen = heard(TODAY - 20)
    sites = mast(plmn, day_of(first), east_deg=east_deg)
    then = outdated(seen, sites, carriers=CARRIERS, crs=METRIC)
    ratio = silence_at_the_second(seen, outdated=then)
    assert (ratio < 1) == counts
    assert counts == (ratio == silence_at_the_second(seen))


def test_sites_of_which_nobody_knows_since_when_they_are_seen_change_nothing():
    seen = heard(TODAY)
    assert outdated(seen, mast("452-04", pd.NaT), carriers=CARRIERS, crs=METRIC) == {}
    without = mast("452-04", pd.NaT).drop(columns="first_seen")
    assert outdated(seen, without, carriers=CARRIERS, crs=METRIC) == {}


def test_one_clock_that_runs_ahead_makes_nothing_else_old():
    days = [20_000 + n % 30 for n in range(60)]
    witnesses = pd.DataFrame({"day": [*days, 22_000, -1], "n": 1})
    aged_by = aged(witnesses, half_life_days=30.0, as_of=None)[AGE]
    assert (aged_by == 0).all()
    assert present_day(witnesses) == dt.date(1970, 1, 1) + dt.timedelta(days=20_029)
    assert present_day(witnesses[witnesses["day"] < 0]) is None


def test_a_new_month_is_no_mistake_of_a_clock():
    witnesses = pd.DataFrame({"day": [*range(20_000, 20_900), 20_930], "n": 1})
    assert present_day(witnesses) == dt.date(1970, 1, 1) + dt.timedelta(days=20_930)
