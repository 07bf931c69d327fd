"""Facts and laws of the communes before and since 1 July 2025."""

from pathlib import Path

import pandas as pd
import pytest

from lomsong.errors import InputError
from lomsong.vietnam import refresh, units


def test_the_tables_hold_every_commune():
    assert len(units.table("new")) == 3321
    assert len(units.table("old")) == 10047 + 5
    kinds = units.table("new")["kind"].value_counts().to_dict()
    assert kinds == {"xã": 2621, "phường": 687, "đặc khu": 13}
    assert units.table("old")["province_code"].nunique() == 63
    assert units.table("new")["province_code"].nunique() == 34
    for vintage in units.VINTAGES:
        table = units.table(vintage)
        assert table["code"].is_unique
        assert (table["name"] != "").all()


def test_a_table_is_the_callers_own():
    mine = units.table("new")
    mine.loc[0, "name"] = "spoilt"
    assert units.table("new").loc[0, "name"] == "Phường Ba Đình"


def test_links_lead_from_every_old_commune_to_new_ones_and_back():
    for link in units.links():
        assert link in units.became(link.old_code)
        assert link in units.made_of(link.new_code)
    assert all(units.became(code) for code in units.table("old")["code"])
    assert all(units.made_of(code) for code in units.table("new")["code"])


def test_a_whole_commune_went_to_one_and_a_divided_one_to_several():
    for code in units.table("old")["code"]:
        parts = {link.part for link in units.became(code)}
        assert len(parts) == 1
        assert (parts == {"full"}) == (len(units.became(code)) == 1)


def test_a_code_that_changed_its_meaning_is_caught():
    assert units.meaning("00004") == "changed"
    assert units.meaning("00001") == "old_only"
    assert units.meaning("99999") == "unknown"
    old, new = units.by_code("00004", vintage="old"), units.by_code("00004", vintage="new")
    assert old is not None
    assert new is not None
    assert (old.name, new.name) == ("Phường Trúc Bạch", "Phường Ba Đình")


def test_communes_are_found_by_name_with_district_and_without():
    in_district = units.find(
        "Tân Lập", vintage="old", province="Thái Nguyên", district="Thái Nguyên"
    )
    assert [commune.name for commune in in_district] == ["Phường Tân Lập"]
    everywhere = units.find("xã tân lập", vintage="old")
    assert len(everywhere) > 10
    assert {commune.kind for commune in everywhere} == {"xã"}
    assert units.find("P. 1", vintage="old", province="79", district="Quận 3")[0].code == "27160"
    assert units.find("Tủa Chùa", vintage="new", province="tinh Dien Bien")
    assert [c.name for c in units.find("Xa Dung", vintage="new")] == ["Xã Xa Dung"]
    assert units.find("Không Có", vintage="new") == ()


@pytest.mark.parametrize("vintage", units.VINTAGES)
def test_the_vintage_of_a_list_is_seen_from_codes_and_names(vintage: units.Vintage):
    here = units.table(vintage).query("province == 'Tỉnh Điện Biên'")
    assert units.vintage_of(here["code"], names=here["name"]).vintage == vintage
    verdict = units.vintage_of(here["code"], names=here["short_name"])
    assert verdict.vintage == vintage
    assert verdict.contradictions.empty
    assert verdict.agree[vintage] == len(here)


def test_rows_that_contradict_the_vintage_are_listed():
    codes = pd.Series(["00001", "00006", "00004", "77777"], index=[5, 6, 7, 8])
    names = pd.Series(["Phúc Xá", "Vĩnh Phúc", "Ba Đình", "?"], index=codes.index)
    verdict = units.vintage_of(codes, names=names)
    assert verdict.vintage == "old"
    assert verdict.contradictions.index.tolist() == [7, 8]
    assert verdict.contradictions["meaning"].tolist() == ["changed", "unknown"]
    assert verdict.contradictions.loc[7, "new_name"] == "Phường Ba Đình"


def test_codes_that_fit_both_vintages_decide_nothing():
    assert units.vintage_of(pd.Series(["00004"])).vintage is None


def test_old_codes_become_new_ones_only_where_it_is_certain():
    codes = pd.Series(["00001", "00007", "99999", None], index=list("abcd"), dtype="str")
    became = units.to_new(codes)
    assert became.index.equals(codes.index)
    assert became.loc["a", "new_code"] == "00097"
    assert became["new_code"].isna().tolist() == [False, True, True, True]
    assert became.loc["b", "choices"] == ("00008", "00025")
    assert became.loc["c", "choices"] == became.loc["d", "choices"] == ()


def test_the_shipped_tables_are_what_the_refresh_makes(shared_data: Path, tmp_path: Path):
    refresh.main(
        [
            str(shared_data / "boundaries/crosswalk_communes_old_to_2025.csv"),
            str(shared_data / "vietnam/vn2000.csv"),
            str(shared_data / "vietnam/vn2000_epsg.csv"),
            "--out",
            str(tmp_path),
        ]
    )
    shipped = Path(refresh.__file__).parent / "data"
    assert sorted(f.name for f in tmp_path.iterdir()) == sorted(f.name for f in shipped.iterdir())
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (shipped / file.name).read_bytes()


def test_a_crosswalk_without_its_columns_is_refused(tmp_path: Path):
    empty = tmp_path / "empty.csv"
    empty.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(InputError, match="the column is missing"):
        refresh.refresh(empty, empty, empty, out=tmp_path / "out")
