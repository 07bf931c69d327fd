"""Gaps that devices crossed equal those of the plainest search, and whoever names no device crosses none."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.evidence.cube import count, evidence_of
from lomsong.evidence.tally import added, tally
from lomsong.tables import CROSSINGS, Samples
from lomsong.vietnam import carriers

METRES_PER_CELL = 111_195 / 1600


@pytest.fixture(scope="module")
def rides(observed):
    """Return samples whose times are so dense that rides have holes of every length."""
    table = observed(3000, seed=3).table
    seconds = pd.to_timedelta(np.random.default_rng(4).integers(0, 60_000, 3000), unit="s")
    start = pd.Timestamp("2025-12-01T16:00", tz="UTC")
    time = pd.Series(start + seconds).dt.as_unit("ms").where(table["time"].notna())
    return table.assign(time=time)


def plainly(table):
    """Look at each device and carrier in the order of time, one pair of observations after the other."""
    carrier = carriers.carriers_of(table["plmn"])
    fixes = pd.DataFrame(
        {
            "device": table["device"],
            "carrier": carrier,
            "time": table["time"],
            "served": ~table["no_service"],
            "x": np.floor(table["lon"] * 1600).astype(np.int64),
            "y": np.floor(table["lat"] * 1600).astype(np.int64),
        }
    ).dropna()
    found = []
    for (device, name), trail in fixes.groupby(["device", "carrier"]):
        ordered = trail.sort_values(["time", "served", "x", "y"])
        minute = ordered["time"].dt.floor("min")
        rows = list(ordered.itertuples())
        for a, b in itertools.pairwise(rows):
            seconds = (b.time - a.time).total_seconds()
            east = (b.x - a.x) * np.cos(np.radians((a.y + b.y + 1) / 3200))
            metres = np.hypot(east, b.y - a.y) * METRES_PER_CELL
            if not (a.served and b.served and 60 <= seconds < 1801 and metres >= 300):
                continue
            if int(metres) > 45 * int(seconds):
                continue
            before, after = a.time.floor("min"), b.time.floor("min")
            four = pd.Timedelta("4min")
            around = minute.between(before - four, before) | minute.between(after, after + four)
            day = (a.time - pd.Timestamp(0, tz="UTC")).days
            found.append(
                (device, name, day, a.x, a.y, b.x, b.y, int(seconds), int(metres), around.sum() - 2)
            )
    return pd.DataFrame(sorted(found), columns=list(CROSSINGS.columns))


def test_crossings_equal_those_of_the_plainest_search(land, rides):
    found = count([Samples(table=rides)], land.locator).crossings
    expected = plainly(rides)
    assert len(expected) > 100
    assert expected["fixes_around"].nunique() > 3
    pd.testing.assert_frame_equal(found, expected.astype(found.dtypes))


@settings(max_examples=10)  # each counts everything anew
@given(cuts=st.lists(st.integers(0, 3000), max_size=4), seed=st.integers(0, 9))
def test_order_and_cut_of_rows_change_no_crossing(land, rides, cuts, seed):
    whole = count([Samples(table=rides)], land.locator).crossings
    mixed = rides.sample(frac=1, random_state=seed)
    edges = [0, *sorted(cuts), len(mixed)]
    parts = [mixed.iloc[a:b].reset_index(drop=True) for a, b in itertools.pairwise(edges)]
    found = count([Samples(table=part) for part in parts], land.locator).crossings
    pd.testing.assert_frame_equal(found, whole)
    trails = added(tally(Samples(table=part), land.locator) for part in reversed(parts)).trails
    assert (
        trails.n.sum()
        == rides[["time", "plmn", "device"]].notna().all(axis=1).sum()
        - (rides["plmn"].eq("452-06") & rides["time"].notna() & rides["device"].notna()).sum()
    )


def ride(*fixes):
    """Return the samples of one phone: seconds, kilometres to the north, and whether there is service."""
    seconds, km, served = zip(*fixes, strict=True)
    time = pd.Timestamp("2025-12-01T02:00", tz="UTC") + pd.to_timedelta(seconds, unit="s")
    return pd.DataFrame(
        {
            "time": pd.Series(time).dt.as_unit("ms"),
            "lon": 105.01,
            "lat": 22.01 + np.array(km) / 111.195,
            "plmn": "452-04",
            "technology": pd.Series(np.where(served, "4G", None), dtype="str"),
            "rsrp_dbm": np.where(served, -100.0, np.nan),
            "level_dbm": np.nan,
            "no_service": ~np.array(served),
            "device": "00000000000000aa",
        }
    )


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ((), [(600, 2000)]),
        (((300, 1.0, True),), [(300, 1000), (300, 1000)]),
        (((300, 1.0, False),), []),  # no service is an observation, not a silence
        (((300, 0.0, True),), [(300, 2000)]),
        (((590, 2.0, True),), [(590, 2000)]),
    ],
)
def test_an_observation_on_the_way_ends_a_hole(land, between, expected):
    table = ride((0, 0.0, True), *between, (600, 2.0, True))
    found = count([Samples(table=table)], land.locator).crossings
    ends = list(zip(found["seconds"], found["metres"], strict=True))
    assert [s for s, _ in sorted(ends)] == [s for s, _ in sorted(expected)]
    assert np.abs(np.subtract(ends, expected)).max(initial=0) < 2 * METRES_PER_CELL


@pytest.mark.parametrize(
    "fixes",
    [
        ((0, 0.0, True), (59, 1.0, True)),  # no longer than a minute of a trail
        ((0, 0.0, True), (1860, 5.0, True)),  # anywhere in the meantime
        ((0, 0.0, True), (600, 0.1, True)),  # a stay
        ((0, 0.0, True), (60, 4.0, True)),  # faster than anybody rides
    ],
)
def test_what_is_no_ride_past_a_gap_is_no_crossing(land, fixes):
    assert not len(count([Samples(table=ride(*fixes))], land.locator).crossings)


def test_a_ride_may_go_on_in_another_file(land):
    halves = [
        tally(Samples(table=ride(fix)), land.locator) for fix in ((0, 0.0, True), (600, 2.0, True))
    ]
    assert [len(evidence_of(half, land.locator).crossings) for half in halves] == [0, 0]
    assert len(evidence_of(added(halves), land.locator).crossings) == 1


@pytest.mark.parametrize("lost", ["device", "plmn", "time"])
def test_who_names_no_device_carrier_or_time_crosses_nothing(land, rides, lost):
    table = rides.assign(**{lost: pd.Series(None, index=rides.index, dtype=rides[lost].dtype)})
    assert not len(count([Samples(table=table)], land.locator).crossings)


def test_days_without_a_time_cross_nothing(land, rides):
    table = rides.assign(time=rides["time"].dt.floor("D"))
    assert not len(count([Samples(table=table)], land.locator).crossings)
