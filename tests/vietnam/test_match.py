"""Laws of matching: inside one commune only, nothing uncertain joined, everything uncertain shown."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.errors import InputError
from lomsong.vietnam import names, units
from lomsong.vietnam.variants import EQUAL, Variant, without_accents

_REGISTER = [
    "Bản Nậm Pồ 1",
    "Bản Nậm Pồ 2",
    "Bản Tà Lẻng",
    "Bản Nà Lầu",
    "Bản Nà Lau",
    "Bản Huổi Khương",
    "Thôn Bản Phiêng",
    "Tổ dân phố Đông Thành",
    "Bản Phiêng Hay",
    "Xóm Mỹ Lý",
]


def _grade(listed: list[str], register: list[str]) -> list[tuple[str, str | None]]:
    table = names.match(listed, register).table
    return [
        (grade, None if pd.isna(name) else name)
        for grade, name in zip(table["grade"], table["register_name"], strict=True)
    ]


@pytest.mark.parametrize(
    ("typed", "grade", "meant"),
    [
        ("Nậm Pồ I", "exact", "Bản Nậm Pồ 1"),
        ("BẢN NẬM PỒ 02", "exact", "Bản Nậm Pồ 2"),
        ("ban nam po 2", "folded", "Bản Nậm Pồ 2"),
        ("Bản NậmPồ 2", "folded", "Bản Nậm Pồ 2"),
        ("Xóm Mĩ Lí", "folded", "Xóm Mỹ Lý"),
        ("Bản Phiêng", "exact", "Thôn Bản Phiêng"),
        ("Thôn Đông Thành", "exact", "Tổ dân phố Đông Thành"),
        ("Huổi Khươngg", "fuzzy", "Bản Huổi Khương"),
        ("Nà Lau", "exact", "Bản Nà Lau"),
        ("na lau", "ambiguous", None),
        ("Tà Lèng", "none", None),
        ("Nậm Pồ 3", "none", None),
        ("Nậm Pồ", "none", None),
        ("Huổi Khướng", "none", None),
        ("Huổi Cương", "none", None),
        ("", "none", None),
    ],
)
def test_what_is_certain_is_joined_and_nothing_else(typed: str, grade: str, meant: str | None):
    assert _grade([typed], _REGISTER) == [(grade, meant)]


@pytest.mark.parametrize("variant", EQUAL.values(), ids=EQUAL)
def test_every_way_of_typing_finds_the_same(variant: Variant):
    found = names.match([variant(name) for name in _REGISTER], _REGISTER).table
    assert found["register_position"].tolist() == list(range(len(_REGISTER)))


def test_numbers_never_meet_other_numbers():
    register = ["Thôn 1", "Thôn 11", "Thôn 1A", "Thôn 2", "Thôn 12"]
    typed = ["Thôn Một", "Thôn XI", "thôn 01a", "Thôn II", "T. 12", "Thôn 10", "Thôn 111"]
    expected = ["Thôn 1", "Thôn 11", "Thôn 1A", "Thôn 2", "Thôn 12", None, None]
    assert [name for _, name in _grade(typed, register)] == expected


def test_a_number_crosses_kinds_only_where_one_kind_was_renamed():
    assert _grade(["Thôn 1", "Thôn 2"], ["Tổ dân phố 1", "Tổ dân phố 2"]) == [
        ("exact", "Tổ dân phố 1"),
        ("exact", "Tổ dân phố 2"),
    ]
    assert _grade(["Thôn 1", "Ấp 2"], ["Tổ dân phố 1", "Tổ dân phố 2"])[0][0] == "ambiguous"
    assert _grade(["Thôn 1"], ["Tổ dân phố 1", "Thôn 1"]) == [("exact", "Thôn 1")]


def test_two_list_names_of_different_kind_never_take_one_register_name():
    assert _grade(["Thôn Đông", "Xóm Đông"], ["Thôn Đông"]) == [
        ("exact", "Thôn Đông"),
        ("ambiguous", None),
    ]
    assert {grade for grade, _ in _grade(["Thôn Đông", "Xóm Đông"], ["Khu Đông"])} == {"ambiguous"}


def test_a_name_twice_in_the_register_is_ambiguous():
    found = names.match(["Bản Lập"], ["Bản Lập", "Thôn Xa", "Bản Lập"])
    assert found.table["grade"].tolist() == ["ambiguous"]
    assert found.review["candidate_position"].tolist() == [0, 2]


def test_merged_names_are_proposed_both_ways_and_joined_in_neither():
    found = names.match(["Bản Tấu", "Bản Nong", "Bản Lập"], ["Bản Nong Tấu", "Bản Lập"])
    assert found.table["grade"].tolist() == ["merged", "merged", "exact"]
    assert found.table["register_position"].isna().tolist() == [True, True, False]
    proposed = found.review[["name", "candidate_name"]].to_numpy().tolist()
    assert proposed == [["Bản Nong", "Bản Nong Tấu"], ["Bản Tấu", "Bản Nong Tấu"]]
    back = names.match(["Bản Nong Tấu"], ["Bản Tấu", "Bản Nong"])
    assert back.table["grade"].tolist() == ["merged"]
    assert sorted(back.review["candidate_name"]) == ["Bản Nong", "Bản Tấu"]


def test_names_meet_inside_one_commune_only():
    listed = pd.DataFrame({"xa": ["1", "2", None, "9"], "ten": ["Bản Lập"] * 4}, index=list("abcd"))
    register = pd.DataFrame({"commune_code": ["1", "3"], "name": ["Bản Lập", "Bản Lập"]})
    found = names.match(
        listed,
        register,
        name="ten",
        register_name="name",
        commune="xa",
        register_commune="commune_code",
    )
    assert found.table.index.tolist() == list("abcd")
    assert found.table["grade"].tolist() == ["exact", "none", "none", "none"]
    assert found.counts["exact"] == 1


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(InputError, match="commune_code"):
        names.match(pd.DataFrame({"name": ["Bản Lập"]}), ["Bản Lập"])


def test_everything_that_is_not_certain_is_in_the_review():
    typed = ["na lau", "Huổi Khươngg", "Tà Lèng", "Nậm Pồ 1", "không có gì", "Tà Lèng"]
    found = names.match(typed, _REGISTER)
    assert set(found.review["name"]) == set(typed) - {"Nậm Pồ 1"}
    assert found.review.loc[found.review["name"] == "Tà Lèng", "rows"].unique().tolist() == [2]
    assert (found.review["reason"] != "").all()


def test_a_name_without_accents_among_others_is_joined_but_shown():
    found = names.match(["Long Hoa", "Bản Lập"], ["Xóm Long Hòa", "Bản Lập"])
    assert found.table["grade"].tolist() == ["folded", "exact"]
    assert found.review["name"].tolist() == ["Long Hoa"]
    assert names.match(["Long Hoa", "Ban Lap"], ["Xóm Long Hòa", "Bản Lập"]).review.empty


_NAMES = st.lists(st.sampled_from(units.table("old")["name"].head(300).tolist()), max_size=8)


@given(_NAMES, _NAMES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(listed, register, random):
    listed = [without_accents(name) if i % 2 else name for i, name in enumerate(listed)]
    before = names.match(listed, register, level="commune").table
    order = random.sample(range(len(register)), len(register))
    after = names.match(
        list(reversed(listed)), [register[i] for i in order], level="commune"
    ).table.iloc[::-1]
    assert before["grade"].tolist() == after["grade"].tolist()
    assert before["register_name"].isna().tolist() == after["register_name"].isna().tolist()
    joined = before["register_name"].notna().tolist()
    assert before["register_name"][joined].tolist() == [
        name for name in after["register_name"] if not pd.isna(name)
    ]


@pytest.mark.parametrize("write", [*EQUAL.values(), without_accents], ids=[*EQUAL, "no accents"])
def test_no_commune_is_ever_taken_for_another(write: Variant):
    register = units.table("new").rename(columns={"province_code": "commune_code"})
    typed = register.assign(name=register["name"].map(write))
    found = names.match(typed, register, level="commune").table
    joined = found["register_position"].notna()
    assert (found.loc[joined, "register_position"] == register.index[joined]).all()
    assert (found.loc[~joined, "grade"] == "ambiguous").all()
    assert (~joined).sum() <= 20
