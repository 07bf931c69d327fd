"""Who loses the last service: laws of switching technologies off, and of what is off already."""

import datetime as dt
from itertools import product

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lomsong.assess.sunset import OUTCOMES, endings, losers
from lomsong.config import TechnologiesSection

CLASSES = ("no_signal", "weak", "covered", "unknown")
DAY = dt.date(2025, 12, 20)


def assessment(*clusters, carriers=("any",), plmn="452-04"):
    """Return rows of clusters of one hamlet each given as {technology: class}."""
    rows = [
        {
            "hamlet_id": "h1",
            "cluster_id": cluster_id,
            "carrier": carrier,
            "plmn": None if carrier == "any" else plmn,
            "technology": technology,
            "class": name,
            "people": None if cluster_id == "" else 10.0,
        }
        for carrier in carriers
        for number, classes in enumerate(clusters)
        for technology, name in classes.items()
        for cluster_id in (f"c{number}", "")
    ]
    return pd.DataFrame(rows).drop_duplicates(["cluster_id", "carrier", "technology"])


def told(table, *, off=(), without=("2G",), day=DAY):
    ends = endings(
        table,
        TechnologiesSection(
            switched_off=without, last_day=dict.fromkeys(off, dt.date(2020, 1, 1)) or None
        ),
        as_of=day,
    )
    return losers(table, ends).set_index(["carrier", "cluster_id"])


def outcome(classes, **options):
    return told(assessment(classes), **options).loc[("any", "c0"), "outcome"]


def test_each_case_by_hand():
    assert outcome({"2G": "covered", "4G": "no_signal"}) == "loses"
    assert outcome({"2G": "weak", "4G": "weak"}) == "keeps"
    assert outcome({"2G": "covered", "4G": "unknown"}) == "may_lose"
    assert outcome({"2G": "no_signal", "4G": "no_signal"}) == "without"
    assert outcome({"2G": "unknown", "4G": "no_signal"}) == "unknown"
    assert outcome({"2G": "covered", "3G": "covered", "4G": "no_signal"}) == "keeps"
    both = ("2G", "3G")
    assert outcome({"2G": "covered", "3G": "covered", "4G": "no_signal"}, without=both) == "loses"


def test_what_is_off_serves_nobody_and_is_lost_by_nobody():
    classes = {"2G": "covered", "3G": "no_signal", "4G": "no_signal"}
    found = told(assessment(classes), off=("2G",), without=("2G", "3G"))
    row = found.loc[("any", "c0")]
    assert row["outcome"] == "without"
    assert row["service_today"] == ""
    assert row["people_lose"] == 0


def test_sunsets_of_vietnam_hold_in_vietnam_only_and_the_next_one_is_asked_about():
    here = assessment({"4G": "weak"}, carriers=("any", "viettel"))
    there = assessment({"4G": "weak"}, carriers=("any", "608-02"), plmn="608-02")
    plain = TechnologiesSection()
    assert endings(here, plain, as_of=dt.date(2026, 9, 15)).switched_off == ("2G",)
    after = endings(here, plain, as_of=dt.date(2026, 9, 16))
    assert (after.technologies_off, after.switched_off) == (("2G",), ("3G",))
    assert endings(there, plain, as_of=dt.date(2030, 1, 1)).off == ()
    moved = TechnologiesSection(last_day={"2G": dt.date(2027, 1, 1)})
    assert endings(here, moved, as_of=dt.date(2026, 12, 31)).switched_off == ("2G",)


clusters = st.lists(
    st.fixed_dictionaries({t: st.sampled_from(CLASSES) for t in ("2G", "3G", "4G")}),
    min_size=1,
    max_size=4,
)


@given(clusters)
def test_with_more_switched_off_nobody_stops_losing(many):
    table = assessment(*many)
    fewer, more = told(table, without=("2G",)), told(table, without=("2G", "3G"))
    losing = fewer["outcome"] == "loses"
    assert (more.loc[losing, "outcome"] == "loses").all()
    assert (more["people_lose"] >= fewer["people_lose"]).all()


@given(clusters)
def test_people_of_a_hamlet_are_those_of_its_clusters(many):
    found = told(assessment(*many))
    whole, parts = found.loc[("any", "")], found.drop(("any", ""))
    for column in ("people", "people_lose", "people_may_lose"):
        assert whole[column] == parts[column].sum()
    assert OUTCOMES.index(whole["outcome"]) == min(parts["outcome"].map(OUTCOMES.index))


def test_every_combination_has_one_outcome_and_unknown_is_never_lost():
    for two, four in product(CLASSES, repeat=2):
        named = outcome({"2G": two, "4G": four})
        assert named in OUTCOMES
        if four == "unknown" or two == "unknown":
            assert named != "loses"
