"""Laws of what phones tell by being on older technology."""

import numpy as np
import pandas as pd
import pytest

from lomsong.assess.joint.phones import LEAVES, OLD, phones_of
from lomsong.assess.joint.units import GRID_DBM, Reading, units_of
from lomsong.config import LevelsSection

LEVELS = LevelsSection()
NEVER, SOMETIMES, STRANGER = "never", "sometimes", "stranger"


def rows(cluster, device, technology, level, *, cells=1):
    return [
        {
            "hamlet": 0,
            "cluster": cluster,
            "carrier": "viettel",
            "technology": technology,
            "device": device,
            "day": 0,
            "cell_x": 4 * cell,
            "cell_y": 0,
            "level_dbm": level,
            "n": 1,
        }
        for cell in range(cells)
    ]


def good_place(cluster, *visitors):
    """Return a place where three phones have good 4G, and what others are on there."""
    seen = [row for name in "abc" for row in rows(cluster, name, "4G", -90)]
    return seen + [row for visitor in visitors for row in visitor]


def table(*parts):
    return pd.DataFrame([row for part in parts for row in part]).astype(
        dict.fromkeys(("carrier", "technology", "device"), str)
    )


def stays(phones, device):
    return phones.stays_on_older(pd.DataFrame({"carrier": ["viettel"], "device": [device]}))[0]


def test_who_never_has_4g_where_others_have_it_is_old_the_surer_the_oftener():
    often, once = (
        phones_of(table(good_place(0, rows(0, NEVER, "3G", -90, cells=cells))), LEVELS)
        for cells in (3, 1)
    )
    assert OLD < stays(once, NEVER) < stays(often, NEVER) < 1
    assert stays(often, NEVER) > 0.99


def test_who_has_4g_anywhere_is_not_old():
    phones = phones_of(
        table(good_place(0, rows(0, SOMETIMES, "3G", -90)), rows(1, SOMETIMES, "4G", -118)),
        LEVELS,
    )
    assert stays(phones, SOMETIMES) == pytest.approx(phones.leaves)
    assert phones.leaves > LEAVES


def test_nothing_is_learnt_where_nobody_else_has_4g():
    phones = phones_of(table(rows(0, NEVER, "3G", -90, cells=5)), LEVELS)
    assert (phones.old, phones.leaves) == (OLD, LEAVES)
    assert stays(phones, NEVER) == pytest.approx(OLD + (1 - OLD) * LEAVES)


def test_an_old_phone_tells_less_than_one_that_knows_4g():
    seen = table(
        good_place(0, rows(0, NEVER, "3G", -90, cells=3)),
        rows(1, NEVER, "3G", -90),
        rows(2, SOMETIMES, "3G", -90),
        good_place(3, rows(3, SOMETIMES, "4G", -90)),
    )
    reading = Reading(lost_dbm=-125.0, unit_db=8.0, phones=phones_of(seen, LEVELS))
    units = units_of(seen, carriers=("viettel",), levels=LEVELS, reading=reading)
    high, low = np.searchsorted(GRID_DBM, [-90, -150])
    told = units.ln_likelihood()
    fall = told[:, low] - told[:, high]
    assert fall[units.cluster == 2] > 2
    assert 0 <= fall[units.cluster == 1] < 0.1


def test_the_order_of_rows_changes_no_bit():
    seen = table(
        good_place(0, rows(0, NEVER, "3G", -90, cells=3), rows(0, SOMETIMES, "2G", -80)),
        good_place(1, rows(1, SOMETIMES, "4G", -110)),
        rows(2, STRANGER, "3G", -90),
    )
    one, other = (phones_of(t, LEVELS) for t in (seen, seen.sample(frac=1, random_state=1)))
    assert (one.old, one.leaves) == (other.old, other.leaves)
    pd.testing.assert_series_equal(one.is_old, other.is_old, check_exact=True)


def test_who_knows_no_4g_tells_nothing_of_levels_but_where_there_is_no_service():
    witnesses = table(
        good_place(0, rows(0, NEVER, "3G", -90, cells=3), rows(0, SOMETIMES, "3G", -90)),
        rows(1, SOMETIMES, "4G", -118),
        rows(1, NEVER, "2G", -80),
        rows(1, NEVER, "", 0),
        rows(1, STRANGER, "3G", -90),
    )
    kept = phones_of(witnesses, LEVELS).that_may_know(witnesses)
    gone = witnesses.drop(kept.index)
    assert set(gone["device"]) == {NEVER}
    assert set(gone["technology"]) == {"2G", "3G"}
    assert (kept.loc[kept["device"] == NEVER, "technology"] == "").all()


def test_a_phone_is_old_for_the_carrier_that_it_never_hears_alone():
    witnesses = table(good_place(0, rows(0, NEVER, "3G", -90, cells=3)))
    others = witnesses.assign(carrier="vnpt")
    both = pd.concat([witnesses, others[others["device"] == NEVER]], ignore_index=True)
    kept = phones_of(both, LEVELS).that_may_know(both)
    assert set(kept.loc[kept["device"] == NEVER, "carrier"]) == {"vnpt"}
