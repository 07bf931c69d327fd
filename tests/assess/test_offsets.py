"""Laws of phones' offsets: found where phones overlap, drawn to zero, of sum zero, the same in any order."""

import numpy as np
import pandas as pd
import pytest

from lomsong.assess.joint.offsets import corrected, offsets_of
from lomsong.evidence.cube import NO_SERVICE

PHONES = [f"p{number:02d}" for number in range(20)]


def seen(true_offset, *, places=30, beside=5, noise=4.0, seed=1):
    """Return phones that come to some of the places, each place of a level of its own."""
    chance = np.random.default_rng(seed)
    level = chance.uniform(-108, -80, places)
    rows = [
        (place, PHONES[phone], level[place] + true_offset[phone] + chance.normal(0, noise))
        for place in range(places)
        for phone in chance.choice(len(PHONES), beside, replace=False)
    ]
    table = pd.DataFrame(rows, columns=["cell_x", "device", "level_dbm"])
    return table.assign(
        carrier="viettel",
        technology="4G",
        cell_x=table["cell_x"] * 2,
        cell_y=0,
        level_dbm=table["level_dbm"].round().astype("int64"),
        n=1,
    ).astype(dict.fromkeys(("carrier", "technology", "device"), str))


@pytest.mark.parametrize("spread", [3.0, 6.0])
def test_offsets_are_found_where_phones_overlap(spread):
    true = np.random.default_rng(5).normal(0, spread, len(PHONES))
    found = offsets_of(seen(true)).reindex(PHONES)
    before, after = true - true.mean(), true - true.mean() - found
    assert after.std() < before.std() / 1.6
    assert found.sum() == pytest.approx(0, abs=1e-9)


def test_phones_that_do_not_differ_are_left_alone():
    found = offsets_of(seen(np.zeros(len(PHONES))))
    assert found.std() < 0.8  # their own deviations would be of 1.5 dB


def test_a_phone_that_was_beside_others_once_is_drawn_to_zero():
    true = np.zeros(len(PHONES))
    true[::2] = 8.0
    table = seen(true)
    stranger = table.iloc[[0]].assign(device="stranger", level_dbm=table["level_dbm"].max() + 20)
    found = offsets_of(pd.concat([table, stranger], ignore_index=True))
    own = stranger["level_dbm"].iloc[0] - table.loc[table["cell_x"] == 0, "level_dbm"].mean()
    assert 0 < found["stranger"] < own * 0.8


def test_few_phones_teach_nothing():
    few = seen(np.arange(len(PHONES), dtype=float))
    assert offsets_of(few[few["device"].isin(PHONES[:9])]).empty


def test_only_levels_of_4g_are_corrected():
    table = seen(np.zeros(len(PHONES))).iloc[:3].reset_index(drop=True)
    table.loc[1, "technology"] = "3G"
    table.loc[2, "level_dbm"] = NO_SERVICE
    offsets = pd.Series(3.4, pd.Index(PHONES, dtype="str"))
    fallen = table["level_dbm"] - corrected(table, offsets)["level_dbm"]
    assert fallen.tolist() == [3, 0, 0]


def test_the_order_of_rows_changes_no_bit():
    table = seen(np.random.default_rng(5).normal(0, 4, len(PHONES)))
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_series_equal(offsets_of(table), offsets_of(shuffled), check_exact=True)
