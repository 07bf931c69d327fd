"""Squares of what was measured: nobody is given away, no square overlaps another, and order changes nothing."""

import itertools

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.assess.cells import measured_cells
from lomsong.config import PrivacySection
from lomsong.evidence.cube import NO_SERVICE
from lomsong.tables import MEASURED_CELLS, checked

LEAST = 3
observations = st.lists(
    st.tuples(
        st.sampled_from(["viettel", "vnpt", ""]),
        st.sampled_from(["4G", "2G", ""]),
        st.sampled_from(["", "a", "b", "c", "d", "e"]),
        st.integers(-9, 9),
        st.integers(-9, 9),
        st.integers(-125, -70),
        st.integers(1, 30),
    ),
    max_size=60,
)


def witnesses(rows):
    columns = ["carrier", "technology", "device", "cell_x", "cell_y", "level_dbm", "n"]
    table = pd.DataFrame(rows, columns=columns).astype(
        {"carrier": "str", "technology": "str", "device": "str", "cell_x": "int64"}
        | dict.fromkeys(("cell_y", "level_dbm", "n"), "int64")
    )
    # What belongs to no carrier or no technology is an observation of no service.
    silent = (table["technology"] == "") | (table["carrier"] == "")
    table.loc[silent, "technology"] = ""
    table.loc[silent, "level_dbm"] = NO_SERVICE
    return table


def told(table, **privacy):
    settings = PrivacySection(minimum_devices=LEAST, **privacy)
    return measured_cells(table, technologies=("2G", "4G"), privacy=settings)


def behind(table, square):
    """Return the observations that a published square stands for, found one by one."""
    own = (table["technology"] == square["technology"]) | (table["technology"] == "")
    if square["carrier"] != "any":
        own &= table["carrier"] == square["carrier"]
    own &= np.floor_divide(table["cell_x"], square["size"]) == square["column"]
    own &= np.floor_divide(table["cell_y"], square["size"]) == square["row"]
    return table[own]


@settings(max_examples=15)
@given(observations)
def test_enough_devices_stand_behind_every_square_and_its_figures_are_theirs(rows):
    table = witnesses(rows)
    named = table[table["device"] != ""]
    cells = told(table)
    checked(cells, MEASURED_CELLS)
    for _, square in cells.iterrows():
        own = behind(named, square)
        assert own["device"].nunique() >= LEAST
        n, silent = own["n"].sum(), own.loc[own["level_dbm"] == NO_SERVICE, "n"].sum()
        assert square["n_samples_at_least"] <= n
        assert abs(square["no_service_share"] - silent / n) <= 0.05 + 1e-9
        heard = own[own["level_dbm"] != NO_SERVICE]
        if heard.empty or square["technology"] == "2G":
            assert np.isnan(square["rsrp_median_dbm"])
        else:
            levels = np.sort(np.repeat(heard["level_dbm"], heard["n"]))
            assert square["rsrp_median_dbm"] == levels[(len(levels) - 1) // 2]


@settings(max_examples=15)
@given(observations)
def test_no_square_lies_in_another_and_none_can_be_had_by_subtraction(rows):
    cells = told(witnesses(rows))
    for (_, one), (_, other) in itertools.permutations(list(cells.iterrows()), 2):
        if (one["carrier"], one["technology"]) != (other["carrier"], other["technology"]):
            continue
        if one["size"] >= other["size"]:
            factor = one["size"] // other["size"]
            inside = (other["column"] // factor, other["row"] // factor)
            assert inside != (one["column"], one["row"])


@settings(max_examples=15)
@given(observations, st.randoms(use_true_random=False))
def test_order_changes_nothing(rows, random):
    turned = list(rows)
    random.shuffle(turned)
    pd.testing.assert_frame_equal(told(witnesses(rows)), told(witnesses(turned)))


def test_a_source_without_devices_is_told_only_where_the_user_says_so():
    table = witnesses([("viettel", "4G", "", 3, 5, -100, 400)])
    assert told(table).empty
    open_ones = told(table, publish_without_devices=True)
    assert set(open_ones["carrier"]) == {"any", "viettel"}
    assert list(open_ones["size"].unique()) == [1]


def test_many_devices_are_told_finely_and_a_lone_one_coarsens_its_neighbours():
    here = [("viettel", "4G", device, 0, 0, -100, 5) for device in "abc"]
    beside = [("viettel", "4G", device, 1, 0, -110, 5) for device in "abc"]
    fine = told(witnesses(here + beside))
    assert list(fine["size"].unique()) == [1]
    alone = told(witnesses([*here, ("viettel", "4G", "a", 1, 0, -110, 5)]))
    assert list(alone["size"].unique()) == [2]
    assert told(witnesses(here[:2])).empty
