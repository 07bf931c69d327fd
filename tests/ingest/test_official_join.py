"""Rows of a list find their hamlets across 1 July 2025, and stay open where the merger leaves a doubt."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lomsong.ingest.official.join import REASONS, join_official
from lomsong.ingest.official.lists import ROW_COLUMNS

# Since July 2025 code 01864 is Xã Bằng Thành, made of Bằng Thành 01858, Nhạn Môn 01861, Bộc Bố 01864, Giáo Hiệu 01870.
NEW_RUN = pd.DataFrame(
    [
        ("a", "Bản Khuổi Lè", "01864", "Xã Bằng Thành"),
        ("b", "Thôn 1", "01864", "Xã Bằng Thành"),
        ("c", "Nặm Mây", "01864", "Xã Bằng Thành"),
        ("d", "Phiêng Tạc", "01864", "Xã Bằng Thành"),
        ("e", "Phiêng Tạc", "01882", "Xã Nghiên Loan"),
    ],
    columns=["hamlet_id", "name", "commune_code", "commune_name"],
    dtype="str",
)
OLD_RUN = pd.DataFrame(
    [
        ("a", "Khuổi Lè", "01861", "Xã Nhạn Môn"),
        ("b", "Thôn 1", "01861", "Xã Nhạn Môn"),
        ("c", "Nặm Mây", "01858", "Xã Bằng Thành"),
        ("d", "Phiêng Tạc", "01858", "Xã Bằng Thành"),
        ("e", "Phiêng Tạc", "01861", "Xã Nhạn Môn"),
    ],
    columns=["hamlet_id", "name", "commune_code", "commune_name"],
    dtype="str",
)


def rows(*lines, as_of="2025-03-31"):
    table = pd.DataFrame([dict(line) for line in lines]).reindex(columns=list(ROW_COLUMNS))
    texts = {c: "str" for c in ROW_COLUMNS if c != "row"}
    return table.assign(row=range(len(table)), sheet="s", as_of=as_of).astype(texts)


def old(name, commune, code=None):
    return {
        "name": name,
        "commune_name": commune,
        "commune_code": code,
        "district": "Huyện Pác Nặm",
    }


def answers(found):
    return list(
        zip(found["hamlet_id"].fillna(""), found["link"].fillna(""), found["reason"], strict=True)
    )


def test_an_old_commune_leads_to_the_new_one_it_went_into():
    found = join_official(
        rows(old("Khuổi Lè", "Nhạn Môn"), old("Nặm Mây", "Xã Bằng Thành")), NEW_RUN
    )
    assert answers(found) == [("a", "full", ""), ("c", "full", "")]


def test_a_code_that_changed_its_meaning_is_read_with_the_name_beside_it():
    found = join_official(
        rows(old("Khuổi Lè", "Xã Bộc Bố", "01864"), old("Nặm Mây", "Xã Nhạn Môn", "01864")), NEW_RUN
    )
    # 01864 was Bộc Bố; it never was Nhạn Môn.
    assert answers(found) == [("a", "full", ""), ("", "", "commune_unknown")]


def test_a_number_alone_is_not_joined_after_a_merger():
    found = join_official(rows(old("Thôn 1", "Nhạn Môn")), NEW_RUN)
    assert answers(found) == [("", "", "number_after_merger")]
    new = {"name": "Thôn 1", "commune_name": "Bằng Thành"}
    undated = join_official(rows(new, as_of=None), NEW_RUN)
    assert answers(undated) == [("", "", "number_after_merger")]
    assert answers(join_official(rows(new, as_of="2025-12-31"), NEW_RUN)) == [("b", "same", "")]
    coded = rows(new | {"commune_code": "01864"}, as_of=None)
    assert answers(join_official(coded, NEW_RUN)) == [("b", "same", "")]


def test_namesakes_of_two_merged_communes_are_both_left_open():
    found = join_official(rows(old("Khuổi Lè", "Nhạn Môn"), old("Khuổi Lè", "Giáo Hiệu")), NEW_RUN)
    assert [reason for _, _, reason in answers(found)] == ["several_rows_one_hamlet"] * 2
    assert found["candidates"].tolist() == ["a", "a"]


def test_a_commune_outside_the_run_is_not_replaced_by_a_namesake():
    # Cao Thượng of the same province is in the register, and not in this run.
    found = join_official(rows(old("Phiêng Tạc", "Xã Cao Thượng") | {"district": None}), NEW_RUN)
    assert answers(found) == [("", "", "commune_unknown")]


def test_a_new_commune_leads_to_each_old_one_it_was_made_of():
    listed = rows(
        {"name": "Khuổi Lè", "commune_code": "01864", "commune_name": "Bằng Thành"},
        {"name": "Phiêng Tạc", "commune_code": "01864", "commune_name": "Bằng Thành"},
        as_of="2025-12-31",
    )
    assert answers(join_official(listed, OLD_RUN)) == [
        ("a", "full", ""),
        ("", "", "name_ambiguous"),
    ]


def test_old_and_new_commune_in_two_columns_have_to_agree():
    listed = rows(
        {"name": "Phiêng Tạc", "commune_name": "Bằng Thành", "commune_old": "Nhạn Môn"},
        as_of="2025-12-31",
    )
    assert answers(join_official(listed, OLD_RUN)) == [("e", "same", "")]


LINES = [
    old("Khuổi Lè", "Nhạn Môn"),
    old("Khuổi Lè", "Giáo Hiệu"),
    old("Nặm Mây", "Bằng Thành"),
    old("Thôn 1", "Bộc Bố"),
    old("Phieng Tac", "Nhạn Môn"),
    old("Nà Lạ", "Nhạn Môn"),
    {"name": "Nặm Mây"},
]


@given(st.permutations(range(len(LINES))))
def test_the_order_of_rows_changes_nothing_and_no_row_is_lost(order):
    straight = answers(join_official(rows(*LINES), NEW_RUN))
    mixed = answers(join_official(rows(*(LINES[i] for i in order)), NEW_RUN))
    assert mixed == [straight[i] for i in order]
    assert all(bool(hamlet) != bool(reason) for hamlet, _, reason in mixed)
    assert {reason for _, _, reason in mixed} <= {"", *REASONS}
