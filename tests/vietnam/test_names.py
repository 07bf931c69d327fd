"""Laws of names: equal keys, equal names; numbers exact; kinds kept."""

import csv
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.vietnam import names
from lomsong.vietnam.kinds import KINDS
from lomsong.vietnam.variants import EQUAL, Variant, without_accents

_HAMLETS = (
    "Bản Nậm Pồ",
    "Thôn Hoà Bình",
    "Xóm Thuỷ Lợi",
    "Đắk R'Lấp",
    "Buôn Ea H'đinh",
    "Ấp Nguyễn Úy",
    "Khu phố 3A",
    "Tổ dân phố số 05",
    "Thôn Khoẻ",
    "Nà Lầu II",
)


def _without_number(name: str) -> str:
    plain = " ".join(without_accents(name).casefold().replace("' ", "'").replace("'", "").split())
    return re.sub(r" ([ivx]+|\d+)$", "", plain)


@pytest.fixture(scope="module")
def communes(shared_data: Path) -> set[str]:
    with (shared_data / "boundaries/crosswalk_communes_old_to_2025.csv").open(
        encoding="utf-8"
    ) as file:
        rows = list(csv.DictReader(file))
    return ({row["old_name"] for row in rows} | {row["new_name"] for row in rows}) - {""}


@pytest.mark.parametrize("variant", EQUAL.values(), ids=EQUAL)
@pytest.mark.parametrize("name", _HAMLETS)
def test_a_way_of_typing_changes_no_key(name: str, variant: Variant):
    assert names.key(variant(name)) == names.key(name)


@pytest.mark.parametrize("variant", EQUAL.values(), ids=EQUAL)
def test_a_way_of_typing_changes_no_key_of_a_commune(communes: set[str], variant: Variant):
    changed = {name for name in communes if names.key(variant(name)) != names.key(name)}
    assert not changed


def test_the_fold_of_a_commune_is_the_fold_of_its_name_without_accents(communes: set[str]):
    assert not {name for name in communes if names.fold(without_accents(name)) != names.fold(name)}


def test_communes_share_a_key_only_when_they_share_the_spelling(communes: set[str]):
    by_key: dict[str, set[str]] = {}
    for name in communes:
        by_key.setdefault(names.key(name), set()).add(name)
    spelled_twice = [group for group in by_key.values() if len(group) > 1]
    for group in spelled_twice:
        assert len({_without_number(name) for name in group}) == 1


@given(st.text(max_size=30))
def test_a_key_of_a_key_is_itself_whatever_the_text(text: str):
    once = names.key(text)
    assert names.key(once) == once
    assert names.key(unicodedata.normalize("NFD", text)) == once


@pytest.mark.parametrize(
    "same",
    [
        (
            "Thôn 1",
            "Thôn 01",
            "Thôn I",
            "Thôn Một",
            "thôn số 1",
            "T. 1",
            "THÔN  1",
            "thôn i",
            "thôn số1",
            "Thôn số Một",
        ),
        ("Thôn 11", "Thôn XI", "Thôn mười một"),
        ("Khu phố 3A", "KP3A", "KP. 3 a", "khu phố 03A", "K.P 3A"),
        (
            "Tổ dân phố 5",
            "TDP số 5",
            "T.D.P 5",
            "TDP5",
            "Tổ dân phố V",
            "TDP số5",
            "Tổ dân phố số Năm",
        ),
        ("Tam Xuân II", "Tam Xuân 2", "tam xuân ii"),
        ("Đắk R'Lấp", "Ðắk R’Lấp", "ĐẮK R' LẤP", "Đắk RLấp"),
        ("Bà Rịa - Vũng Tàu", "Bà Rịa-Vũng Tàu", "Bà Rịa – Vũng Tàu"),
        ("Trường Sơn", "Trƣờng Sơn"),
    ],
)
def test_spellings_of_one_name_share_a_key(same: tuple[str, ...]):
    assert len({names.key(name) for name in same}) == 1


@pytest.mark.parametrize(
    "different",
    [
        ("Khuê", "Khuế"),
        ("Thôn 1", "Thôn 11", "Thôn 1A", "Thôn 2", "Thôn 10"),
        ("Tà Lèng", "Tà Lẻng"),
        ("Bản Vi", "Bản 6"),
        ("BẢN VI", "Bản 6"),
        ("Bản Ba", "Bản 3"),
        ("Khu C", "Khu 100"),
        ("Nậm Pồ 1", "Nậm Pồ 2"),
        ("Thôn 1²", "Thôn 12"),
        ("Thôn Nam", "Thôn Năm"),
    ],
)
def test_different_names_never_share_a_key(different: tuple[str, ...]):
    assert len({names.key(name) for name in different}) == len(different)


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("Thôn Bản Phiêng", "thôn", "Bản Phiêng"),
        ("BẢN NẬM PỒ", "bản", "NẬM PỒ"),
        ("Â. 3", "ấp", "3"),
        ("T. Phiêng", "thôn", "Phiêng"),
        ("B.Nà Tấu", "bản", "Nà Tấu"),
        ("TK. 5", "tiểu khu", "5"),
        ("KDC số 3", "khu dân cư", "số 3"),
        ("Plơi Kần", "plei", "Kần"),
        ("Thon Phieng", "thôn", "Phieng"),
        ("Xóm: Tát Nga", "xóm", "Tát Nga"),
        ("Tổ dân phố", "tổ", "dân phố"),
        ("Thôn", "", "Thôn"),
        ("Bàn Ủi", "", "Bàn Ủi"),
        ("T1", "", "T1"),
        ("Nậm Pồ", "", "Nậm Pồ"),
        ("", "", ""),
    ],
)
def test_kinds_are_split_off(text: str, kind: str, rest: str):
    assert names.split_kind(text) == (kind, rest)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variant", EQUAL.values(), ids=EQUAL)
def test_every_kind_is_known_however_it_is_typed(kind: str, variant: Variant):
    split = names.split_kind(variant(f"{kind} Huổi Hạ"))
    assert split.kind == kind
    assert names.key(split.rest) == names.key("Huổi Hạ")


@given(st.sampled_from(KINDS), st.text(max_size=20))
def test_nothing_of_a_name_is_lost_in_the_split(kind: str, text: str):
    split = names.split_kind(f"{kind} {text}")
    assert split.rest or not split.kind
