"""Laws and facts of carriers, bands and sunsets."""

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.vietnam import carriers


@pytest.mark.parametrize(
    ("code", "mnc", "written"),
    [
        (45204, None, "452-04"),
        ("45204", None, "452-04"),
        ("452-04", None, "452-04"),
        ("452-4", None, "452-04"),
        ("4524", None, "452-04"),
        ("452-004", None, "452-04"),
        (45204.0, None, "452-04"),
        ("45204.0", None, "452-04"),
        (" 452 04 ", None, "452-04"),
        (452, 4, "452-04"),
        ("452", "04", "452-04"),
        (452.0, 4.0, "452-04"),
        (np.int64(452), np.int64(4), "452-04"),
        (310410, None, "310-410"),
        (310, 4, "310-004"),
        (302720, None, "302-720"),
        (302, 720, "302-720"),
        ("60802", None, "608-02"),
        (608, 2, "608-02"),
        (740, 2, "740-02"),
        ("405-025", None, "405-025"),
    ],
)
def test_every_way_to_write_a_plmn_gives_one(code: object, mnc: object, written: str):
    assert carriers.plmn(code, mnc=mnc) == written


@pytest.mark.parametrize("code", [None, pd.NA, np.nan, 0, "", "-", 2147483647, "Viettel", 452, -1])
def test_what_is_no_plmn_is_none(code: object):
    assert carriers.plmn(code) is None
    assert carriers.carrier_of(code) is None
    assert carriers.refusal(code)


@pytest.mark.parametrize("mnc", [None, pd.NA, np.nan, 2147483647, -1])
def test_an_mcc_with_a_missing_mnc_is_read_as_no_plmn_of_its_own(mnc: object):
    assert carriers.plmn(452, mnc=mnc) is None


def test_carriers_have_the_codes_of_the_register():
    expected = {
        "452-01": "mobifone",
        "452-02": "vnpt",
        "452-04": "viettel",
        "452-05": "vietnamobile",
        "452-07": "gmobile",
        "452-08": "vnpt",
        "452-09": "vnpt",
        "608-02": "608-02",
        "310-410": "310-410",
    }
    assert {code: carriers.carrier_of(code) for code in expected} == expected


@pytest.mark.parametrize("code", ["452-03", 45206])
def test_withdrawn_codes_are_refused_with_a_reason(code: object):
    assert carriers.carrier_of(code) is None
    assert "withdrawn" in (carriers.refusal(code) or "")


def test_the_host_of_a_virtual_operator_can_be_changed():
    other = dict(carriers.VIRTUAL_OPERATORS)
    other["452-08"] = carriers.VirtualOperator(
        name="iTel", host_plmn="452-05", source=other["452-09"].source
    )
    assert carriers.carrier_of("452-08", virtual_operators=other) == "vietnamobile"


def test_columns_agree_with_single_values_and_keep_the_index():
    codes = pd.Series([45204, 45203, None, "608-02"], index=[7, 3, 3, 9], dtype=object)
    named = carriers.carriers_of(codes)
    assert named.index.equals(codes.index)
    assert named.isna().tolist() == [False, True, True, False]
    assert named.dropna().tolist() == ["viettel", "608-02"]
    mcc, mnc = pd.Series([452, 452.0, np.nan, 310]), pd.Series([4, np.nan, 1, 410])
    assert carriers.plmns(mcc, mnc=mnc).tolist()[::3] == ["452-04", "310-410"]
    assert carriers.plmns(mcc, mnc=mnc).isna().tolist() == [False, True, True, False]


@given(st.integers(200, 799), st.integers(0, 999))
def test_writing_a_plmn_twice_changes_nothing(mcc: int, mnc: int):
    once = carriers.plmn(mcc, mnc=mnc)
    if once is not None:
        assert carriers.plmn(once) == once
        assert carriers.plmn(once[:3], mnc=once[4:]) == once


@pytest.mark.parametrize(
    ("earfcn", "band", "mhz"),
    [
        (0, 1, 2110.0),
        (1849, 3, 1869.9),
        (1850, 3, 1870.0),
        (3450, 8, 925.0),
        (9260, 28, 763.0),
        (9360, 28, 773.0),
        (40620, 41, 2593.0),
        (66436, 66, 2110.0),
        (68611, 71, 619.5),
    ],
)
def test_bands_and_frequencies_of_known_channels(earfcn: int, band: int, mhz: float):
    assert carriers.band_of_earfcn(earfcn) == band
    assert carriers.downlink_mhz(earfcn) == mhz


@pytest.mark.parametrize("earfcn", [-1, 4950, 5400, 20000, 70646, 2147483647, 1850.5, np.nan])
def test_channels_outside_the_table_have_no_band(earfcn: float):
    assert carriers.band_of_earfcn(earfcn) is None
    assert carriers.downlink_mhz(earfcn) is None


def test_bands_are_in_order_and_never_overlap():
    for low, high in itertools.pairwise(carriers.BANDS):
        assert low.first_earfcn <= low.last_earfcn < high.first_earfcn


def test_a_technology_counts_to_its_last_day():
    assert carriers.on_air("2G", day=dt.date(2026, 9, 15))
    assert not carriers.on_air("2G", day=dt.date(2026, 9, 16))
    assert carriers.on_air("3G", day=dt.date(2028, 9, 1))
    assert carriers.on_air("4G", day=dt.date(2040, 1, 1))
