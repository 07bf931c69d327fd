"""A hand-made workbook per trap of official lists: each is read right, or says what is missing."""

import datetime as dt
import unicodedata

import openpyxl
import pandas as pd
import pytest

from lomsong.errors import InputError
from lomsong.ingest.official.join import join_official
from lomsong.ingest.official.lists import communes_missing, read_official_list
from lomsong.ingest.official.words import signal_of_cell, signal_of_title

REGISTER = pd.DataFrame(
    [
        ("1", "Bản Nậm Pồ 1", "99001", "Xã Thuận Hòa"),
        ("2", "Bản Nậm Pồ 2", "99001", "Xã Thuận Hòa"),
        ("3", "Tà Lèng", "99001", "Xã Thuận Hòa"),
        ("4", "Tà Lẻng", "99001", "Xã Thuận Hòa"),
        ("5", "Bản Hoà Bình", "99001", "Xã Thuận Hòa"),
        ("6", "Bản Phiêng", "99001", "Xã Thuận Hòa"),
        ("7", "Bản Phiêng Hay", "99001", "Xã Thuận Hòa"),
        ("8", "Thôn 1", "99002", "Xã Đắk Ơ"),
        ("9", "Thôn 11", "99002", "Xã Đắk Ơ"),
        ("10", "Bon Đắk R'Lấp", "99002", "Xã Đắk Ơ"),
        ("11", "Khu phố 3A", "99002", "Xã Đắk Ơ"),
        ("12", "Bản Phiêng", "99002", "Xã Đắk Ơ"),
    ],
    columns=["hamlet_id", "name", "commune_code", "commune_name"],
    dtype="str",
)
TITLE = "DANH SÁCH THÔN, BẢN TRẮNG SÓNG, LÕM SÓNG"
HEAD = ["STT", "Xã", "Thôn/bản", "Phân loại"]


def book(tmp_path, *sheets, merged=(), name="danh_sach.xlsx"):
    """Write sheets of rows; each is a list of rows, or a pair of title and rows."""
    written = openpyxl.Workbook()
    written.remove(written.active)
    for number, rows in enumerate(sheets):
        title, lines = rows if isinstance(rows, tuple) else (f"Sheet{number + 1}", rows)
        sheet = written.create_sheet(title)
        for line in lines:
            sheet.append(line)
        for cells in merged:
            sheet.merge_cells(cells)
    written.save(tmp_path / name)
    return tmp_path / name


def joined(path, register=REGISTER, **options):
    """Return what the list says by hamlet, and the reasons by name of the rows left to a person."""
    listed = read_official_list(path, **options)
    rows = listed.rows.reset_index(drop=True)
    found = join_official(rows, register)
    says = rows["says_signal"].fillna(rows["says_power"])
    sure = found["hamlet_id"].notna()
    return (
        dict(zip(found["hamlet_id"][sure], says[sure], strict=True)),
        dict(zip(rows["name"][~sure], found["reason"][~sure], strict=True)),
    )


def simple(tmp_path, *names, commune="Thuận Hòa"):
    return book(
        tmp_path, [[TITLE], [], HEAD, *([i, commune, n, "Trắng sóng"] for i, n in enumerate(names))]
    )


def mojibake(text):
    return text.encode("utf-8").decode("latin-1")


@pytest.mark.parametrize(
    ("typed", "hamlet"),
    [
        (unicodedata.normalize("NFD", "Bản Nậm Pồ 1"), "1"),
        ("BẢN NẬM PỒ I", "1"),
        ("B. Nậm Pồ 02", "2"),
        ("Bản\u00a0Hòa  Bình ", "5"),
        ("Tà Lèng", "3"),
        ("Thôn Tà Lẻng", "4"),
        ("Phiêng", "6"),
        ("bản phiêng hay", "7"),
    ],
)
def test_ways_of_typing_find_their_hamlet(tmp_path, typed, hamlet):
    says, review = joined(simple(tmp_path, typed))
    assert says == {hamlet: "trang_song"}
    assert not review


@pytest.mark.parametrize(
    ("typed", "hamlet"),
    [
        ("Thôn Một", "8"),
        ("T. 01", "8"),
        ("Thôn XI", "9"),
        ("Bon Ðắk R’Lấp", "10"),  # Icelandic eth, typographic apostrophe
        ("KP. 3A", "11"),
        ("KP 3a", "11"),
    ],
)
def test_numbers_look_alikes_and_abbreviations_find_their_hamlet(tmp_path, typed, hamlet):
    says, review = joined(simple(tmp_path, typed, commune="xã Đắk Ơ"))
    assert says == {hamlet: "trang_song"}
    assert not review


@pytest.mark.parametrize(
    "typed", ["Ta Leng", "Tà Leng", "Nậm Pồ", "Nậm Pồ 3", "Bản Hòa", "Nậm Bồ 1"]
)
def test_what_could_be_another_hamlet_is_left_to_a_person(tmp_path, typed):
    says, review = joined(simple(tmp_path, typed))
    assert says == {}
    assert list(review) == [typed]


def test_a_name_of_another_commune_is_never_taken(tmp_path):
    says, review = joined(simple(tmp_path, "Khu phố 3A", "Thôn 1"))
    assert says == {}
    assert set(review.values()) == {"name_unknown"}


@pytest.mark.parametrize(
    ("typed", "hamlet"),
    [
        (["X·", "ThuËn Hßa", "B¶n Phiªng"], "6"),
        (["Xaõ", "Thuaän Hoøa", "Baûn Phieâng"], "6"),
        ([mojibake("Xã"), mojibake("Thuận Hòa"), mojibake("Bản Phiêng")], "6"),
    ],
    ids=["TCVN3", "VNI", "mojibake"],
)
def test_old_encodings_are_read(tmp_path, typed, hamlet):
    _, commune, name = typed
    path = book(tmp_path, [[TITLE], HEAD, [1, commune, name, "Trắng sóng"]])
    assert joined(path) == ({hamlet: "trang_song"}, {})


def test_title_date_source_merged_cells_numbering_total_and_signature(tmp_path):
    path = book(
        tmp_path,
        [
            [TITLE, None, None, None],
            ["(Kèm theo Kế hoạch số 467/KH-UBND ngày 25/12/2024)", None, None, None],
            ["Tính đến ngày 31/03/2025. Nguồn: Sở Thông tin và Truyền thông", None, None, None],
            [],
            ["STT", "Địa bàn", None, "Phân loại"],
            [None, "Xã", "Thôn/bản", None],
            ["(1)", "(2)", "(3)", "(4)"],
            [1, "Thuận Hòa", "Tà Lèng", "Trắng sóng"],
            [2, None, "Tà Lẻng", "Lõm sóng"],
            ["Tổng cộng", None, 2, None],
            ["Người lập biểu", None, None, "TM. UBND"],
        ],
        merged=("A1:D1", "A5:A6", "B5:C5", "D5:D6", "B8:B9"),
    )
    assert joined(path) == ({"3": "trang_song", "4": "lom_song"}, {})
    listed = read_official_list(path)
    assert set(listed.rows["as_of"]) == {"2025-03-31"}
    assert set(listed.rows["source"]) == {"Sở Thông tin và Truyền thông"}
    assert listed.rows["row"].tolist() == [8, 9]
    stated = read_official_list(path, as_of=dt.date(2025, 12, 31), source="Công văn 12")
    assert set(stated.rows["as_of"]) == {"2025-12-31"}
    assert set(stated.rows["source"]) == {"Công văn 12"}


def test_groups_by_class_district_and_commune_stand_above_their_rows(tmp_path):
    path = book(
        tmp_path,
        [
            ["DANH SÁCH CÁC THÔN CẦN PHỦ SÓNG"],
            ["TT", "Tên thôn", "Số hộ"],
            ["A", "Thôn trắng sóng", 93],
            ["I", "HUYỆN MẪU", 93],
            ["1", "Xã Thuận Hòa (2 thôn)", 93],
            [1, "Tà Lèng", 45],
            [2, "Bản Phiêng", 48],
            ["B", "Thôn lõm sóng", 20],
            ["I", "HUYỆN MẪU", 20],
            ["1", "Xã Đắk Ơ", 20],
            [1, "Bản Phiêng", 20],
        ],
    )
    assert joined(path) == ({"3": "trang_song", "6": "trang_song", "12": "lom_song"}, {})
    assert set(read_official_list(path).rows["district"]) == {"HUYỆN MẪU"}


def test_a_commune_written_once_for_its_rows_is_filled_down_and_told(tmp_path):
    rows = [
        [1, "Thuận Hòa", "Tà Lèng", "Trắng sóng"],
        [2, None, "Phiêng", "Lõm sóng"],
        [3, "Đắk Ơ", "Bản Phiêng", "Lõm sóng"],
    ]
    path = book(tmp_path, [[TITLE], HEAD, *rows])
    assert joined(path) == ({"3": "trang_song", "6": "lom_song", "12": "lom_song"}, {})
    assert any("1 empty cells of commune_name" in n for n in read_official_list(path).notes)
    # Where the list repeats the commune, an empty cell is not known.
    rows.insert(1, [9, "Thuận Hòa", "Tà Lẻng", "Trắng sóng"])
    says, review = joined(book(tmp_path, [[TITLE], HEAD, *rows]))
    assert set(says) == {"3", "4", "12"}
    assert review == {"Phiêng": "no_commune"}


def test_several_sheets_with_the_class_in_their_names(tmp_path):
    head = ["STT", "Xã", "Thôn"]
    path = book(
        tmp_path,
        ("Bìa", [["UBND HUYỆN MẪU"]]),
        ("Trắng sóng", [head, [1, "Thuận Hòa", "Tà Lèng"]]),
        ("Lõm sóng", [["Phụ lục II"], head, [1, "Đắk Ơ", "Thôn 11"]]),
    )
    assert joined(path) == ({"3": "trang_song", "9": "lom_song"}, {})


def test_classes_in_ticked_columns(tmp_path):
    path = book(
        tmp_path,
        [
            ["STT", "Xã", "Thôn", "Hiện trạng sóng", None],
            [None, None, None, "Trắng sóng", "Lõm sóng"],
            [1, "Thuận Hòa", "Tà Lèng", "x", None],
            [2, "Thuận Hòa", "Tà Lẻng", None, "X"],
            [3, "Thuận Hòa", "Phiêng", "x", "x"],
        ],
        merged=("A1:A2", "B1:B2", "C1:C2", "D1:E1"),
    )
    assert joined(path) == ({"3": "trang_song", "4": "lom_song", "6": "unclear"}, {})


def test_a_list_of_powerless_hamlets_by_its_title(tmp_path):
    path = book(
        tmp_path,
        [
            ["DANH SÁCH THÔN CHƯA CÓ ĐIỆN LƯỚI QUỐC GIA"],
            ["STT", "Xã", "Thôn"],
            [1, "Đắk Ơ", "Thôn 1"],
        ],
    )
    assert joined(path) == ({"8": "no_grid"}, {})
    listed = read_official_list(path)
    assert listed.of_powerless
    assert not listed.of_signal


def test_codes_lose_their_zeros_in_a_spreadsheet_and_get_them_back(tmp_path):
    register = REGISTER.assign(commune_code=REGISTER["commune_code"].str.replace("99", "00"))
    head = ["STT", "Mã xã", "Thôn", "Phân loại"]
    path = book(
        tmp_path, [[TITLE], head, [1, 1, "Tà Lèng", "Lõm sóng"], [2, 2.0, "T.1", "Lõm sóng"]]
    )
    assert joined(path, register) == ({"3": "lom_song", "8": "lom_song"}, {})


def test_csv_of_excel_with_semicolons_and_bom(tmp_path):
    path = tmp_path / "ds.csv"
    text = f"{TITLE};;;\nSTT;Xã;Thôn;Phân loại\n1;Thuận Hoà;Tà Lèng;trắng sóng\n"
    path.write_text(text, encoding="utf-8-sig")
    assert joined(path) == ({"3": "trang_song"}, {})


def test_a_merged_name_is_proposed_and_never_joined(tmp_path):
    says, review = joined(simple(tmp_path, "Tà Lèng Tà Lẻng"))
    assert says == {}
    assert review == {"Tà Lèng Tà Lẻng": "name_merged"}


def test_a_code_and_a_name_that_disagree_are_left_to_a_person(tmp_path):
    head = ["Mã thôn", "Xã", "Thôn", "Phân loại"]
    rows = [
        ["3", "Thuận Hòa", "Tà Lèng", "Trắng sóng"],
        ["4", "Thuận Hòa", "Phiêng Hay", "Trắng sóng"],
        ["77", "Thuận Hòa", "Phiêng", "Trắng sóng"],
    ]
    says, review = joined(book(tmp_path, [[TITLE], head, *rows]))
    assert says == {"3": "trang_song"}
    assert review == {"Phiêng Hay": "id_and_name_differ", "Phiêng": "id_unknown"}


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        ([["Báo cáo"], ["không có bảng"]], "no row of headings"),
        ([[TITLE], ["STT", "Xã", "Phân loại"], [1, "A", "Trắng sóng"]], "names of hamlets"),
        ([["STT", "Xã", "Thôn"], [1, "A", "B"]], "what its hamlets lack"),
        ([[TITLE], HEAD], "headings but no rows"),
    ],
)
def test_an_unreadable_list_says_what_is_missing(tmp_path, rows, missing):
    with pytest.raises(InputError, match=missing):
        read_official_list(book(tmp_path, rows))


def test_what_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "ds.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    with pytest.raises(InputError, match="no table that can be read"):
        read_official_list(path)


def test_a_list_without_communes_asks_or_joins_single_names_only(tmp_path):
    head = ["STT", "Thôn", "Phân loại"]
    names = ["Tà Lèng", "Phiêng", "Thôn 11", "Phiêng Hay", "Phiêng Hay"]
    path = book(tmp_path, [[TITLE], head, *([i, n, "Lõm sóng"] for i, n in enumerate(names))])
    listed = read_official_list(path)
    assert not listed.tells_communes
    assert "--by-name-alone" in str(communes_missing(listed))
    found = join_official(listed.rows, REGISTER, by_name_alone=True)
    assert found["hamlet_id"].fillna("").tolist() == ["3", "", "", "", ""]
    assert found["reason"].tolist() == [
        "",
        "name_ambiguous",
        "number_after_merger",
        "name_stands_twice",
        "name_stands_twice",
    ]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("Trắng sóng", "trang_song"),
        ("vùng lõm", "lom_song"),
        ("Không có sóng", "trang_song"),
        ("có sóng yếu", "song_yeu"),
        ("Đã có sóng", "co_song"),
        ("Đã xóa lõm sóng", "co_song"),
        ("Chưa", "gap"),
        ("", None),
        ("xem ghi chú", "unclear"),
        ("lom song", "lom_song"),
    ],
)
def test_words_of_classes(cell, says):
    assert signal_of_cell(cell) == says


def test_a_title_on_the_state_of_signal_is_no_list_of_dead_hamlets():
    assert signal_of_title("BÁO CÁO HIỆN TRẠNG SÓNG DI ĐỘNG") is None
    assert signal_of_title("Kế hoạch xóa vùng lõm sóng") == "lom_song"
