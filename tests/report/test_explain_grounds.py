"""Explanations name the witnesses of silence and the expected level, with the figures of the written tables."""

from dataclasses import replace

import pandas as pd
import pytest
from worlds import world

from lomsong.report import explain
from lomsong.tables import ANY_CARRIER, GROUNDS, PREDICTED, checked, empty


def told(language, **figures):
    result = world(40, language=language)
    table = result.assessment
    row = table[
        (table["cluster_id"] != "")
        & (table["technology"] == "4G")
        & (table["carrier"] != ANY_CARRIER)
    ].iloc[0]
    ground = {
        "cluster_id": row["cluster_id"],
        "hamlet_id": row["hamlet_id"],
        "carrier": row["carrier"],
        **figures,
    }
    grounds = pd.DataFrame([{**dict.fromkeys(GROUNDS.columns), **ground}])
    grounds = grounds.astype({name: str(column.dtype) for name, column in GROUNDS.columns.items()})
    result = replace(result, grounds=checked(grounds, GROUNDS), predicted=empty(PREDICTED))
    return explain.of_hamlet(result, row["hamlet_id"])


@pytest.mark.parametrize(
    ("language", "silent", "expected"),
    [
        (
            "en",
            "Silent: 7 devices of other carriers were heard on 12 days",
            "118 ± 9 dBm, probability of service 0.37",
        ),
        (
            "vi",
            "nghe được 7 thiết bị của nhà mạng khác trong 12 ngày",
            "118 ± 9 dBm, xác suất có sóng 0,37",
        ),
    ],
)
def test_witnesses_and_expected_level_are_told_in_both_languages(language, silent, expected):
    said = told(
        language,
        silence="others_heard",
        silence_ratio=0.125,
        n_devices=7,
        n_days=12,
        expected_dbm=-118.0,
        expected_sigma_db=9.0,
        p_expected=0.37,
    )
    assert silent in said
    assert expected in said
    assert ("0.125" if language == "en" else "0,125") in said


@pytest.mark.parametrize("kind", ["others_heard", "older_heard", "passed"])
def test_what_is_withheld_is_said_to_be(kind):
    said = told("en", silence=kind)
    assert "figures withheld: fewer than" in said.split("Silent:")[1].splitlines()[0]


def test_nobody_heard_is_told_without_witnesses():
    assert "no device was heard here" in told("en", silence="nobody_heard", silence_ratio=0.4)
