"""Type the office's lists by hand, as offices do: head lines, mixed spelling, gaps, and disagreement with the truth."""

import datetime as dt
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from lomsong.demo.district import District
from lomsong.demo.naming import other_tone_style
from lomsong.demo.truth import ANY
from lomsong.demo.world import LABEL

POWER_AS_OF = dt.date(2025, 6, 30)
SIGNAL_AS_OF = dt.date(2025, 3, 31)
HABITS = (0.5, 0.3, 0.12, 0.08)
"""How often a clerk uses the other tone style, a prefix, decomposed accents, a space too many."""
BLANK_SHARE = 0.03
CREATED = dt.datetime(2025, 12, 31, tzinfo=dt.UTC).replace(tzinfo=None)


def write_lists(district: District, folder: Path) -> None:
    """Write the lists of power, of official signal classes and of extremely difficult hamlets."""
    stream = np.random.Generator(np.random.PCG64(district.seed + 2))
    hamlets = district.hamlets.assign(typed=_typed(stream, district.hamlets["name"]))
    _power(district, stream, hamlets, folder / "dien_luoi.xlsx")
    _signal(district, stream, hamlets, folder / "trang_song_lom_song.xlsx")
    _difficult(hamlets, folder / "thon_dbkk.xlsx")


def _typed(stream: np.random.Generator, names: pd.Series) -> list[str]:
    """Spell names as different clerks do: other tone style, a prefix, decomposed accents, a stray space."""
    typed = []
    for name in names:
        other, prefixed, decomposed, spaced = stream.random(4) < HABITS
        spelt = other_tone_style(name) if other else name
        if prefixed:
            spelt = f"{stream.choice(['Thôn', 'T.'])} {spelt}"
        if decomposed:
            spelt = unicodedata.normalize("NFD", spelt)
        typed.append(f"{spelt} " if spaced else spelt)
    return typed


def _power(
    district: District, stream: np.random.Generator, hamlets: pd.DataFrame, file: Path
) -> None:
    groups = district.homes.groups
    dark = groups.groupby("hamlet")["grid"].apply(lambda grid: int((~grid).sum())).to_list()
    kept = stream.random(len(hamlets)) >= district.world.power_list_missing
    blank = stream.random(len(hamlets)) < BLANK_SHARE
    rows = []
    for number in np.flatnonzero(kept).tolist():
        lit = bool(district.lit[number])
        state = "" if blank[number] else "Có" if lit else "Chưa"
        note = f"{dark[number]} nhóm hộ chưa có điện lưới" if lit and dark[number] else ""
        rows.append([*_place(hamlets, number), state, note])
    _sheet(
        file,
        title="BIỂU TỔNG HỢP TÌNH HÌNH ĐIỆN LƯỚI QUỐC GIA TẠI CÁC THÔN, BẢN",
        under=f"Tính đến ngày {POWER_AS_OF:%d/%m/%Y}. Nguồn: Điện lực huyện (mẫu)",
        head=["Xã", "Thôn/bản", "Số hộ", "Điện lưới quốc gia", "Ghi chú"],
        rows=rows,
    )


def _signal(
    district: District, stream: np.random.Generator, hamlets: pd.DataFrame, file: Path
) -> None:
    """List what the office believes: some losses missing, some mended ones still there, some classes swapped."""
    truth = district.truth.hamlets
    official = truth[truth["carrier"] == ANY].set_index("hamlet_id")["official_class"]
    words = {"trang_song": "Trắng sóng", "lom_song": "Lõm sóng"}
    rows = []
    for number, true_class in enumerate(official[hamlets["hamlet_id"]].to_list()):
        draw = stream.random()
        believed = words.get(true_class, "")
        if believed and draw < district.world.official_errors:
            believed = "" if draw < district.world.official_errors / 2 else _other(believed, words)
        elif not believed and draw < district.world.official_errors / 5:
            believed = words["lom_song"]
        if believed:
            rows.append([*_place(hamlets, number), believed, ""])
    _sheet(
        file,
        title="DANH SÁCH THÔN, BẢN TRẮNG SÓNG, LÕM SÓNG DI ĐỘNG",
        under=f"Tính đến ngày {SIGNAL_AS_OF:%d/%m/%Y}. Nguồn: Phòng Văn hóa - Xã hội (mẫu)",
        head=["Xã", "Thôn/bản", "Số hộ", "Phân loại", "Ghi chú"],
        rows=rows,
    )


def _place(hamlets: pd.DataFrame, number: int) -> list[object]:
    """Return commune, name as typed, and households of a hamlet."""
    columns = ("commune_name", "typed", "households")
    return [hamlets[column].to_list()[number] for column in columns]


def _other(word: str, words: dict[str, str]) -> str:
    return next(other for other in words.values() if other != word)


def _difficult(hamlets: pd.DataFrame, file: Path) -> None:
    chosen = np.flatnonzero(hamlets["difficult"]).tolist()
    rows = [[*_place(hamlets, number), ""] for number in chosen]
    _sheet(
        file,
        title="DANH SÁCH THÔN ĐẶC BIỆT KHÓ KHĂN",
        under="Giai đoạn 2021-2025 (mẫu)",
        head=["Xã", "Thôn/bản", "Số hộ", "Ghi chú"],
        rows=rows,
    )


def _sheet(
    file: Path, *, title: str, under: str, head: list[str], rows: list[list[object]]
) -> None:
    """Write one sheet with a title across the columns and a serial number before each row."""
    with xlsxwriter.Workbook(file) as book:
        book.set_properties({"title": title, "comments": LABEL, "created": CREATED})
        bold = book.add_format({"bold": True, "align": "center"})
        sheet = book.add_worksheet("Biểu")
        width = len(head)
        sheet.merge_range(0, 0, 0, width, title, bold)
        sheet.merge_range(1, 0, 1, width, under)
        sheet.merge_range(2, 0, 2, width, LABEL)
        sheet.write_row(4, 0, ["STT", *head], bold)
        for number, row in enumerate(rows, 1):
            sheet.write_row(4 + number, 0, [number, *row])
        sheet.set_column(1, 2, 24)
        sheet.set_column(4, width, 20)
