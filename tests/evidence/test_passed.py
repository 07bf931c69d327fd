"""Laws of gaps that phones crossed: more phones weigh more, pauses are learnt where a carrier is heard, nothing speaks for it."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from lomsong.evidence.age import aged
from lomsong.evidence.passed import PAUSES, passed_of
from lomsong.evidence.silence import weigh
from lomsong.space.crs import WGS84, to_crs

METRIC = CRS.from_epsg(32648)
LON, LAT, STEP_M = 105.7, 22.6, 1600.0
CARRIERS = ("viettel", "vnpt")
N = 4
X0, Y0 = (
    float(v[0]) for v in to_crs(np.array([LON]), np.array([LAT]), source=WGS84, target=METRIC)
)
X, Y = X0 + STEP_M * np.arange(N), np.full(N, Y0)


def cell(x, y=Y0):
    lon, lat = to_crs(np.array([x]), np.array([y]), source=METRIC, target=WGS84)
    return int(lon[0] * 1600), int(lat[0] * 1600)


def gap(cluster, device, *, carrier="viettel", day=0, aside_m=0.0, half_m=600.0, fixes=40):
    (from_x, from_y), (to_x, to_y) = (
        cell(X[cluster] + side * half_m, Y0 + aside_m) for side in (-1, 1)
    )
    return {
        "device": device,
        "carrier": carrier,
        "day": day,
        "from_x": from_x,
        "from_y": from_y,
        "to_x": to_x,
        "to_y": to_y,
        "seconds": 180,
        "metres": int(2 * half_m),
        "fixes_around": fixes,
    }


COLUMNS = list(gap(0, "a"))


def gaps(*rows):
    return pd.DataFrame(list(rows), columns=COLUMNS).astype({"device": str, "carrier": str})


def heard(*places):
    """Return witnesses from cluster, carrier, device and day, in 4G."""
    rows = [
        (cluster, cluster, carrier, "4G", device, day, *cell(X[cluster]), -90, 1)
        for cluster, carrier, device, day in places
    ]
    columns = ["hamlet", "cluster", "carrier", "technology", "device", "day", "cell_x", "cell_y"]
    table = pd.DataFrame(rows, columns=[*columns, "level_dbm", "n"])
    return table.astype(dict.fromkeys(("carrier", "technology", "device"), str))


def passed(crossings, witnesses=None):
    seen = heard() if witnesses is None else witnesses
    return passed_of(crossings, seen, carriers=CARRIERS, x=X, y=Y, crs=METRIC)


def test_a_phone_that_falls_silent_on_the_way_speaks_of_the_place_it_passed_alone():
    found = passed(gaps(gap(1, "a")))
    assert found.ratio[0, 1] < 0.5
    assert np.delete(found.ratio.ravel(), 1).tolist() == [1.0] * (2 * N - 1)
    assert (found.devices[0, 1], found.days[0, 1]) == (1, 1)


@given(st.integers(1, 8))
def test_more_phones_weigh_more(phones):
    few, more = (
        passed(gaps(*(gap(1, f"p{i}") for i in range(n)))).ratio[0, 1] for n in (phones, phones + 1)
    )
    assert 0 < more < few < 1


def test_many_gaps_of_one_phone_are_one_witness():
    once, often = (
        passed(gaps(*(gap(1, "a", day=day) for day in range(n)))).ratio[0, 1] for n in (1, 9)
    )
    assert often == once


@pytest.mark.parametrize(
    "far",
    [
        {"aside_m": 400.0},  # it passes elsewhere
        {"half_m": 200.0},  # it was heard at the cluster
        {"half_m": 2300.0},  # it may have gone any way
        {"fixes": 2},  # it seldom uploads
    ],
)
def test_gaps_that_tell_nothing_of_a_place_say_nothing(far):
    assert (passed(gaps(gap(1, "a", **far))).ratio == 1).all()


def test_pauses_are_counted_where_the_carrier_is_heard():
    through = heard(
        *((c, "viettel", f"p{i}", day) for c in (2, 3) for i in range(5) for day in range(6))
    )
    resting = gaps(*(gap(2, f"p{i}", day=day + 9) for i in range(5) for day in range(9)))
    prior = PAUSES[0] / sum(PAUSES)
    assert passed(gaps()).pauses == pytest.approx(prior)
    assert passed(gaps(), through).pauses < prior < passed(resting, through).pauses
    one = gaps(gap(1, "a"))
    seldom = passed(one, through).ratio[0, 1]
    often = passed(pd.concat([one, resting], ignore_index=True), through).ratio[0, 1]
    assert seldom < often


def test_older_gaps_weigh_less():
    old, new = gap(1, "a", day=0), gap(2, "b", day=4000)
    today = dt.date(1970, 1, 1) + dt.timedelta(days=4000)
    table = aged(gaps(old, new), half_life_days=1000.0, as_of=today)
    found = passed(table).ratio[0]
    assert found[2] < found[1] < 1


@pytest.mark.parametrize(("kinds", "weighs"), [(("passed",), True), (("others_heard",), False)])
def test_a_carrier_that_is_heard_is_not_silent_and_the_kind_can_be_switched_off(kinds, weighs):
    crossings = gaps(*(gap(c, d) for c in (1, 2) for d in "abc"))
    witnesses = heard((2, "viettel", "z", 0))
    found = weigh(
        witnesses,
        carriers=CARRIERS,
        x=X,
        y=Y,
        dwellings=np.ones(N),
        kinds=kinds,
        passed=passed(crossings, witnesses),
    )
    assert (found.named[0, 1] < 1) == weighs
    assert found.named[0, 2] == 1


def test_the_order_of_rows_changes_no_bit():
    table = gaps(*(gap(c % N, f"p{c % 5}", day=c, fixes=20 + c) for c in range(30)))
    one, other = passed(table), passed(table.sample(frac=1, random_state=4))
    assert one.ratio.tobytes() == other.ratio.tobytes()
    assert one.pauses == other.pauses
