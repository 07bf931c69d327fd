"""Find which column means what, from Vietnamese and English headings."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from lomsong.errors import Faults
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.vietnam.spelling import bare


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


HAMLET_HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    "hamlet_id": _phrases(
        "hamlet id, hamlet code, ma thon, ma thon ban, ma ban, ma ap, ma xom, ma buon, ma hamlet, id thon, "
        "thon id, village id, village code, ma diem dan cu, ma dinh danh, ma don vi, id, ma"
    ),
    "name": _phrases(
        "hamlet name, hamlet, ten thon, ten thon ban, ten ban, ten ap, ten xom, ten buon, ten lang, "
        "ten thon to dan pho, ten thon ban to dan pho, thon ban, thon ban to dan pho, thon to dan pho, thon xom, "
        "thon, ban, ap, buon, lang, xom, to dan pho, khu pho, ten to dan pho, ten diem dan cu, diem dan cu, "
        "village name, village, ten don vi, ten goi, name vi, ten, name"
    ),
    "commune_code": _phrases(
        "commune code, ma xa, ma xa phuong, ma phuong xa, ma xa phuong thi tran, ward code, gso code, xa code, "
        "ma dvhc, ma dvhc cap xa, ma don vi hanh chinh, commune id, ward id"
    ),
    "commune_name": _phrases(
        "commune name, ten xa, ten xa phuong, ten phuong xa, ten xa phuong thi tran, xa phuong, phuong xa, "
        "xa phuong thi tran, xa thi tran, xa, commune vn, commune, ward name, ward"
    ),
    "households": _phrases(
        "households, so ho, tong so ho, so ho dan, so ho gia dinh, tong ho, ho dan, ho, sl ho"
    ),
    "people": _phrases(
        "people, people listed, dan so, so dan, nhan khau, so nhan khau, tong nhan khau, so khau, tong so khau, "
        "khau, so nguoi, tong dan so, population, pop, ds"
    ),
    "extremely_difficult": _phrases(
        "extremely difficult, dbkk, thon dbkk, la thon dbkk, dac biet kho khan, thon dac biet kho khan"
    ),
}
"""Accent-free headings of a list of hamlets, the most telling first."""

POINT_HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    "lon": _phrases(
        "lon, long, lng, longitude, kinh do, kinh do wgs84, easting, x, toa do x, x vn2000, x m"
    ),
    "lat": _phrases("lat, latitude, vi do, vi do wgs84, northing, y, toa do y, y vn2000, y m"),
}
"""X and Y are taken in this order; surveys of Vietnam exchange them, which `placement` tells or `unstated_crs` sees."""

COMMUNE_HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    "commune_code": (*HAMLET_HEADINGS["commune_code"], "code", "ma", "id"),
    "commune_name": (*HAMLET_HEADINGS["commune_name"], "full name", "ten", "name"),
}

_ABBREVIATED: Final[Mapping[str, str]] = MappingProxyType(
    {"qg": "quoc gia", "lqg": "luoi quoc gia", "dlqg": "dien luoi quoc gia"}
)
"""How offices shorten words of headings."""
_Rank = tuple[int, int]
_BY_LOWEST: Final = 2
"""Added where the lowest line of a heading alone means something."""
_SHAPEFILE_FIELD = 10
"""A Shapefile cuts the names of its columns to so many characters."""

_HARMLESS: Final = frozenset(
    _phrases(
        "nam, hien, nay, tong, cong, so, nguoi, ho, khau, xom, ap, buon, lang, to, dan, pho, khu, khom, phum, "
        "soc, ban, thon, phuong, thi, tran, moi, wgs84, gia, dinh, tdp, quoc"
    )
)
"""Words that may follow a heading without changing what it means: "số hộ năm 2024", "xã mới"."""


@dataclass(frozen=True)
class Columns:
    """Which column of a file holds which field, and which of them were recognised rather than stated."""

    used: Mapping[str, str]
    recognised: tuple[str, ...]

    def notes(self, file: Path) -> list[Note]:
        """Say what was recognised, if anything was."""
        if not self.recognised:
            return []
        columns = ", ".join(f"{field} = {self.used[field]!r}" for field in self.recognised)
        return [
            Note(
                "columns recognised by their headings: {columns}", about=file.name, columns=columns
            )
        ]


def words(heading: str) -> str:
    """Return a heading as plain lower-case words without accents."""
    found = [
        word
        for short in re.findall(r"[a-z0-9]+", bare(heading))
        for word in _ABBREVIATED.get(short, short).split()
    ]
    # "a03_ten": publishers number their columns.
    return " ".join(w for w in found if not re.fullmatch(r"[a-z]\d+", w)) or " ".join(found)


def find_columns(
    available: Sequence[str],
    stated: Mapping[str, str] | None,
    headings: Mapping[str, Sequence[str]],
    *,
    file: Path,
    faults: Faults,
    row: int | None = None,
    lowest: Mapping[str, str] = MappingProxyType({}),
) -> Columns:
    """Return the column of each field: the stated one, else the one whose heading means it best.

    A stated column that is not there, a field that nobody knows, and a field that two columns could equally be
    are faults. Where a heading of several lines means nothing as a whole, its `lowest` line speaks for it, if no other
    column has the same: "Tọa độ" above "Kinh độ" is the longitude, two of "Số hộ" are nothing.
    """
    ranks = {field: _ranks(available, patterns, lowest) for field, patterns in headings.items()}
    used: dict[str, str] = {}
    for field, name in (stated or {}).items():
        if field not in headings:
            faults.add(
                "nobody knows this field",
                Sentence("Name one of {names}", names=", ".join(headings)),
                file=file,
                column=field,
            )
        elif (column := _same_heading(name, available)) is None:
            near = difflib.get_close_matches(name, list(available), n=1)
            has = _listed(available)
            faults.add(
                "there is no such column",
                Sentence("The file has {columns}; did you mean {near!r}", columns=has, near=near[0])
                if near
                else Sentence("The file has {columns}", columns=has),
                file=file,
                row=row,
                column=name,
            )
        else:
            used[field] = column
    recognised = []
    for field in _by_strength(set(headings) - set(stated or {}), ranks):
        best, is_sure = _best({c: r for c, r in ranks[field].items() if c not in used.values()})
        if len(best) > 1 and not is_sure:
            continue
        if len(best) > 1:
            faults.add(
                Sentence(
                    "{columns} could each be the {field}",
                    columns=", ".join(map(repr, best)),
                    field=field,
                ),
                Sentence('Say which under columns: {field} = "…"', field=field),
                file=file,
                row=row,
            )
        elif best:
            used[field] = best[0]
            recognised.append(field)
    return Columns(used=used, recognised=tuple(f for f in headings if f in recognised))


def meaning(heading: str, headings: Mapping[str, Sequence[str]]) -> str | None:
    """Return the field that a heading means best, None where it means none."""
    ranked = [(rank, field) for field in headings if (rank := _rank(heading, headings[field]))]
    return min(ranked)[1] if ranked else None


def _listed(available: Iterable[str]) -> str:
    return ", ".join(map(repr, available)) or Sentence("no columns")


def _same_heading(name: str, available: Sequence[str]) -> str | None:
    def plain(text: str) -> str:
        return " ".join(unicodedata.normalize("NFC", text).split()).casefold()

    if name in available:
        return name
    same = [c for c in available if plain(c) == plain(name)]
    return same[0] if len(same) == 1 else None


def _by_strength(fields: set[str], ranks: Mapping[str, Mapping[str, _Rank]]) -> list[str]:
    """Return fields so that the one with the surer claim to a column takes it first."""
    return sorted(fields, key=lambda field: (min(ranks[field].values(), default=(9, 0)), field))


def _best(ranked: Mapping[str, _Rank]) -> tuple[list[str], bool]:
    """Return the columns with the surest claim, and whether their whole headings make it."""
    best = min(ranked.values(), default=(_BY_LOWEST, 0))
    return [c for c, rank in ranked.items() if rank == best], best[0] < _BY_LOWEST


def _ranks(
    available: Sequence[str], patterns: Sequence[str], lowest: Mapping[str, str]
) -> dict[str, _Rank]:
    """Return how well each column means a field, as far as it does."""
    found = {}
    for column in available:
        if rank := _rank(column, patterns):
            found[column] = rank
        elif rank := _rank(lowest.get(column, ""), patterns):
            found[column] = (_BY_LOWEST + rank[0], rank[1])
    return found


def _rank(heading: str, patterns: Sequence[str]) -> tuple[int, int] | None:
    """Return how well a heading means a field, lower is better: 0 exactly, 1 with harmless words behind it."""
    full = words(heading)
    short = words(re.sub(r"\(.*?\)|\[.*?\]", " ", heading))
    for order, pattern in enumerate(patterns):
        joined = pattern.replace(" ", "")
        if full == pattern or full.replace(" ", "") == joined:
            return 0, order
        cut = joined[:_SHAPEFILE_FIELD]
        if len(joined) > _SHAPEFILE_FIELD and full.replace(" ", "") in {cut, cut[:-1]}:
            return 0, order
    for order, pattern in enumerate(patterns):
        for text in (full, short):
            rest = text.removeprefix(pattern + " ") if text.startswith(pattern + " ") else None
            if text == pattern or (rest and _is_harmless(rest)):
                return 1, order
    return None


def _is_harmless(rest: str) -> bool:
    return all(w in _HARMLESS or w.isdigit() for w in rest.split())
