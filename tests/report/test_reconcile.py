"""A list beside a run: every hamlet has one outcome, every row is joined or left to a person, nothing is decided."""

import openpyxl
import pandas as pd
import pytest
import worlds

from lomsong.errors import InputError
from lomsong.report.against import telling as reconcile_text
from lomsong.report.against.reconcile import COLUMNS, OUTCOMES, REVIEW_COLUMNS, reconcile

CLAIMS = {"trang_song": "Trắng sóng", "lom_song": "Lõm sóng", "co_song": "Có sóng"}


@pytest.fixture(scope="module")
def result():
    return worlds.world(120, n_areas=5)


def hamlets_of(result):
    return result.hamlets[result.hamlets["kind"] == "hamlet"]


def write(
    tmp_path, rows, *, head=("STT", "Mã thôn", "Thôn", "Mã xã", "Phân loại"), title="Lõm sóng"
):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([title])
    sheet.append(["Tính đến ngày 31/03/2025. Nguồn: Sở KH&CN"])
    sheet.append(list(head))
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row])
    book.save(tmp_path / "list.xlsx")
    return tmp_path / "list.xlsx"


def listed(hamlets, claim):
    return [
        (h["hamlet_id"], h["name"], h["commune_code"], claim(h)) for h in hamlets.to_dict("records")
    ]


def outcomes(found, subject="signal"):
    table = found.table[found.table["subject"] == subject]
    return dict(zip(table["hamlet_id"], table["outcome"], strict=True))


def test_a_list_that_says_what_the_run_says_agrees_wherever_the_run_knows(tmp_path, result):
    hamlets = hamlets_of(result)
    known = hamlets[hamlets["official_class"] != "unknown"]
    found = reconcile(result, write(tmp_path, listed(known, lambda h: CLAIMS[h["official_class"]])))
    by_hamlet = outcomes(found)
    assert {by_hamlet[i] for i in known["hamlet_id"]} == {"agreed"}
    others = hamlets.loc[hamlets["official_class"] == "unknown", "hamlet_id"]
    assert {by_hamlet[i] for i in others} <= {"unlisted"}
    assert found.table["same_class"].dropna().all()


def test_each_outcome_follows_from_list_and_run_alone(tmp_path, result):
    hamlets = hamlets_of(result)
    found = reconcile(result, write(tmp_path, listed(hamlets.iloc[::2], lambda _: "Trắng sóng")))
    table = found.table
    assert sorted(table["hamlet_id"]) == sorted(hamlets["hamlet_id"])
    on_list = table["hamlet_id"].isin(hamlets["hamlet_id"].iloc[::2])
    lacking = table["official_class"].isin(["trang_song", "lom_song"])
    unknown = table["official_class"] == "unknown"
    expected = {
        "agreed": on_list & lacking,
        "unknown": on_list & unknown,
        "only_list": on_list & ~lacking & ~unknown,
        "only_data": ~on_list & lacking,
        "unlisted": ~on_list & ~lacking,
    }
    for name, rows in expected.items():
        assert (table.loc[rows, "outcome"] == name).all(), name
    counted = found.counts()
    assert counted["hamlets"].sum() == len(hamlets)
    assert set(counted["outcome"]) <= set(OUTCOMES)
    assert set(table.loc[on_list, "list_as_of"]) == {"2025-03-31"}
    assert set(table.loc[on_list, "list_source"]) == {"Sở KH&CN"}
    assert tuple(table.columns) == COLUMNS


def test_every_row_is_joined_or_for_review_and_the_run_is_unchanged(tmp_path, result):
    hamlets = hamlets_of(result)
    rows = listed(hamlets.head(10), lambda _: "Lõm sóng")
    rows += [
        (None, "Bản Không Có", hamlets["commune_code"].iloc[0], "Lõm sóng"),
        (None, "X", None, "?"),
    ]
    before = result.hamlets.copy()
    found = reconcile(result, write(tmp_path, rows))
    assert found.n_joined == 10
    assert len(found.review) == 2
    assert tuple(found.review.columns) == REVIEW_COLUMNS
    assert set(found.review["reason"]) == {"name_unknown", "no_commune"}
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(result.hamlets))


def test_rows_that_contradict_each_other_decide_nothing(tmp_path, result):
    one = hamlets_of(result).iloc[[0]]
    rows = listed(one, lambda _: "Trắng sóng") + listed(one, lambda _: "Có sóng")
    found = reconcile(result, write(tmp_path, rows))
    first = found.table[found.table["hamlet_id"] == one["hamlet_id"].iloc[0]].iloc[0]
    assert first["list_says"] == "unclear"
    assert first["outcome"] in {"unknown", "only_data"}
    assert set(found.review["reason"]) == {"rows_contradict"}


def test_a_list_of_powerless_hamlets_is_compared_by_power(tmp_path, result):
    hamlets = hamlets_of(result)
    chosen = hamlets[hamlets["power"] != "unknown"].head(20)
    path = write(
        tmp_path,
        [row[:3] for row in listed(chosen, lambda _: "")],
        head=("STT", "Mã thôn", "Thôn", "Mã xã"),
        title="DANH SÁCH THÔN CHƯA CÓ ĐIỆN LƯỚI",
    )
    found = reconcile(result, path)
    assert found.subjects == ("power",)
    by_hamlet = outcomes(found, "power")
    for hamlet_id, power in chosen[["hamlet_id", "power"]].itertuples(index=False):
        assert by_hamlet[hamlet_id] == ("agreed" if power == "no_grid" else "only_list")
    missed = set(hamlets.loc[hamlets["power"] == "no_grid", "hamlet_id"]) - set(chosen["hamlet_id"])
    assert {by_hamlet[i] for i in missed} <= {"only_data"}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_workbook_has_a_sheet_per_outcome_and_the_same_bytes_twice(tmp_path, result, language):
    path = write(tmp_path, listed(hamlets_of(result).head(30), lambda _: "Lõm sóng"))
    found = reconcile(result, path)
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    reconcile_text.write(found, first, language)
    reconcile_text.write(found, second, language)
    assert first.read_bytes() == second.read_bytes()
    sheets = openpyxl.load_workbook(first)
    assert len(sheets.sheetnames) == len(OUTCOMES) + 2
    told = reconcile_text.summary(found, language)
    assert "list.xlsx" in told
    assert ("31/03/2025" if language == "vi" else "31 Mar 2025") in told


def test_csv_has_the_review_beside_it(tmp_path, result):
    path = write(tmp_path, [(None, "Không Có", "99999", "Lõm sóng")])
    found = reconcile(result, path)
    written = reconcile_text.write(found, tmp_path / "out.csv", "vi")
    assert [file.name for file in written] == ["out.csv", "out_review.csv"]
    assert len(pd.read_csv(written[0], dtype=str)) == len(found.table)
    assert len(pd.read_csv(written[1], dtype=str)) == 1
    with pytest.raises(InputError, match="not written"):
        reconcile_text.write(found, tmp_path / "out.doc", "vi")


def test_a_list_without_communes_asks(tmp_path, result):
    names = [(name, "Lõm sóng") for name in hamlets_of(result)["name"].head(3)]
    path = write(tmp_path, names, head=("STT", "Thôn", "Phân loại"))
    with pytest.raises(InputError, match="no commune"):
        reconcile(result, path)
    assert reconcile(result, path, by_name_alone=True).by_name_alone
