"""Laws of repair: old encodings come back whole, good text is never touched."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.vietnam import encodings, names, units
from lomsong.vietnam.variants import nfd, windows_1258

_REAL = sorted(
    {
        name
        for vintage in units.VINTAGES
        for column in ("name", "district", "province")
        for name in units.table(vintage)[column]
    }
    - {""}
)
_TO_TCVN3 = {letter: code for code, letter in encodings._TCVN3.items()}
_TO_VNI = {letter: code for code, letter in reversed(encodings._VNI.items())}


def _tcvn3(text: str) -> str:
    """Write as an ABC font stores it; accented capitals become small letters there."""
    return "".join(c if c.isascii() else _TO_TCVN3.get(c) or _TO_TCVN3[c.lower()] for c in text)


def _vni(text: str) -> str:
    return "".join(_TO_VNI.get(c, c) for c in text)


def _mojibake(text: str) -> str:
    return text.encode("utf-8").decode("latin-1")


def test_no_real_name_is_touched_however_it_is_typed():
    for write in (str, str.upper, str.lower, nfd, windows_1258):
        assert not [name for name in _REAL if names.repair_text(write(name)) != write(name)]


def test_no_real_place_of_the_map_is_touched(shared_data: Path):
    path = shared_data / "boundaries/osm_places_partial_vietnam.geojson"
    places = json.loads(path.read_text(encoding="utf-8"))["features"]
    found = [str(place["properties"].get("name") or "") for place in places]
    assert not [name for name in found if names.repair_text(name) != name]


@pytest.mark.parametrize(
    ("spoil", "encoding"), [(_tcvn3, "tcvn3"), (_vni, "vni"), (_mojibake, "mojibake")]
)
def test_every_real_name_comes_back_from_a_column(spoil: Callable[[str], str], encoding: str):
    spoilt = pd.Series([spoil(name) for name in _REAL], index=range(5, 5 + len(_REAL)))
    repaired = names.repair_column(spoilt)
    assert repaired.encoding == encoding
    assert repaired.texts.index.equals(spoilt.index)
    wrong = [
        name
        for name, text in zip(_REAL, repaired.texts, strict=True)
        if text.casefold() != name.casefold()
    ]
    assert not wrong


@pytest.mark.parametrize(
    # VNI writes many words in letters that Vietnamese has too: alone, those are left as they are.
    ("spoil", "most_that_stay"),
    [(_tcvn3, 0.01), (_vni, 0.1), (_mojibake, 0.01)],
)
def test_alone_a_name_comes_back_or_stays_but_never_becomes_a_third(
    spoil: Callable[[str], str], most_that_stay: float
):
    wrong = [
        name
        for name in _REAL
        if names.repair_text(spoil(name)).casefold()
        not in (name.casefold(), spoil(name).casefold())
    ]
    stayed = [
        name for name in _REAL if names.repair_text(spoil(name)).casefold() != name.casefold()
    ]
    assert not wrong
    assert len(stayed) <= most_that_stay * len(_REAL)


@pytest.mark.parametrize(
    ("spoilt", "meant"),
    [
        ("Hµ Néi", "Hà Nội"),
        ("§iÖn Biªn", "Điện Biên"),
        ("HUYÖN §IÖN BI£N", "HUYỆN ĐIỆN BIÊN"),
        ("§¾k L¾k", "Đắk Lắk"),
        ("Haø Noäi", "Hà Nội"),
        ("AÁp 3", "Ấp 3"),
        ("Báº£n Náº­m Pá»“", "Bản Nậm Pồ"),
    ],
)
def test_known_texts_of_old_encodings(spoilt: str, meant: str):
    assert names.repair_text(spoilt) == meant


@pytest.mark.parametrize("good", ["Müller", "Café", "Thân", "TP. HOÀ BÌNH", "105°45'30\"", "20 m²"])
def test_good_text_that_looks_odd_stays(good: str):
    assert names.repair_text(good) == good


@given(st.text(max_size=30))
def test_repair_never_fails_and_repeats_nothing(text: str):
    repaired = names.repair_text(text)
    assert names.repair_text(repaired) == repaired or names.encoding_of(repaired) != "unicode"
    if text.isascii():
        assert repaired == text


def test_a_column_keeps_what_is_missing_and_what_is_unicode():
    column = pd.Series(["B¶n Th¸i", "Bản Lập", None, "X· Né", "§éi 5"], dtype="str")
    repaired = names.repair_column(column)
    assert repaired.texts.isna().tolist() == [False, False, True, False, False]
    assert repaired.texts.dropna().tolist() == ["Bản Thái", "Bản Lập", "Xã Nộ", "Đội 5"]
