"""Two runs: every hamlet and carrier has one change, exchanging the runs mirrors it, the plans are told apart."""

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
import worlds

from lomsong.errors import InputError
from lomsong.report.against import compare as comparisons
from lomsong.report.against.compare import CHANGES, compare

MIRROR = {
    "newly_served": "newly_dark",
    "newly_dark": "newly_served",
    "better": "worse",
    "worse": "better",
    "now_known": "no_longer_known",
    "no_longer_known": "now_known",
    "same": "same",
    "only_before": "only_after",
    "only_after": "only_before",
}


@pytest.fixture(scope="module")
def before():
    return worlds.world(120)


def with_class(result, hamlet_id, name, *, carrier="any"):
    table = result.assessment.copy()
    row = (
        (table["hamlet_id"] == hamlet_id)
        & (table["cluster_id"] == "")
        & (table["carrier"] == carrier)
        & (table["technology"] == "4G")
    )
    assert row.sum() == 1
    table.loc[row, "class"] = name
    return replace(result, assessment=table)


def change_of(found, hamlet_id):
    table = found.table
    return table.loc[
        (table["hamlet_id"] == hamlet_id) & (table["carrier"] == "any"), "change"
    ].item()


def test_a_run_compared_with_itself_has_not_changed(before):
    found = compare(before, before)
    assert set(found.table["change"]) == {"same"}
    assert set(found.sites["change"]) <= {"kept"}
    assert not found.levels_differ
    assert found.counts()["hamlets"].sum() == len(found.table)


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        ("no_signal", "partial", "newly_served"),
        ("no_signal", "covered", "newly_served"),
        ("weak", "no_signal", "newly_dark"),
        ("weak", "covered", "better"),
        ("covered", "partial", "worse"),
        ("unknown", "no_signal", "now_known"),
        ("covered", "unknown", "no_longer_known"),
        ("unknown", "unknown", "same"),
    ],
)
def test_each_change_by_hand_and_its_mirror(before, was, now, change):
    hamlet_id = before.hamlets["hamlet_id"].iloc[0]
    one, other = with_class(before, hamlet_id, was), with_class(before, hamlet_id, now)
    assert change_of(compare(one, other), hamlet_id) == change
    assert change_of(compare(other, one), hamlet_id) == MIRROR[change]


def test_hamlets_and_carriers_of_either_run_are_told_once(before):
    gone = before.hamlets["hamlet_id"].iloc[0]
    after = replace(
        before,
        hamlets=before.hamlets[before.hamlets["hamlet_id"] != gone],
        assessment=before.assessment[before.assessment["hamlet_id"] != gone],
    )
    found = compare(before, after)
    assert change_of(found, gone) == "only_before"
    assert not found.table.duplicated(["hamlet_id", "carrier"]).any()
    assert set(found.table["change"]) <= set(CHANGES)
    none = replace(before, hamlets=before.hamlets.iloc[:0])
    with pytest.raises(InputError, match="share no hamlet_id"):
        compare(before, none)


def test_sites_of_two_plans_are_told_apart(before):
    chosen = before.candidates["selected"]
    assert chosen.any()
    fewer = before.candidates.copy()
    fewer.loc[chosen[chosen].index[0], "selected"] = False
    after = replace(before, candidates=fewer)
    there, back = compare(before, after).sites, compare(after, before).sites
    assert there["change"].tolist().count("removed") == 1
    assert back["change"].tolist().count("added") == 1
    assert len(there) == len(back) == chosen.sum()
    assert there["site_id"].notna().all()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_written_is_what_is_told(tmp_path, before, language):
    hamlet_id = before.hamlets["hamlet_id"].iloc[0]
    one = with_class(before, hamlet_id, "no_signal")
    other = with_class(before, hamlet_id, "covered")
    found = compare(one, other)
    told = comparisons.summary(found, language)
    assert ("Mới có sóng: 1 thôn" if language == "vi" else "Newly served: 1 hamlets") in told
    (book,) = comparisons.write(found, tmp_path / "c.xlsx", language)
    changed = openpyxl.load_workbook(book).worksheets[1]
    assert changed.max_row == 1 + (found.table["change"] != "same").sum()
    table, sites, curves = comparisons.write(found, tmp_path / "c.csv", language)
    assert len(pd.read_csv(table, dtype=str)) == len(found.table)
    assert len(pd.read_csv(sites, dtype=str)) == len(found.sites)
    assert len(pd.read_csv(curves)) == len(found.curves)
    with pytest.raises(InputError, match="not written"):
        comparisons.write(found, tmp_path / "c.txt", language)


def test_curves_start_at_nothing_end_at_the_plans_and_mirror(before):
    after = replace(before, candidates=before.candidates.assign(selected=False))
    found, mirror = compare(before, after), compare(after, before)
    chosen = before.candidates[before.candidates["selected"]]
    curves = found.curves
    assert curves["n_sites"].tolist() == list(range(len(chosen) + 1))
    assert (curves.iloc[0] == 0).all()
    assert curves["people_before"].iloc[-1] == pytest.approx(chosen["people_gained"].sum())
    assert curves["cost_before_vnd"].iloc[-1] == pytest.approx(chosen["cost_vnd"].sum())
    assert curves["people_before"].is_monotonic_increasing
    assert (curves["people_after"] == 0).all()
    pd.testing.assert_series_equal(
        mirror.curves["people_more"], -curves["people_more"], check_names=False
    )
