"""Know the communes of Vietnam before and since 1 July 2025, and what became of each."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import pandas as pd

from lomsong.vietnam.facts import load
from lomsong.vietnam.keys import rest_key
from lomsong.vietnam.kinds import split_commune_kind
from lomsong.vietnam.spelling import bare, has_accents
from lomsong.vietnam.zones import Vintage

CHANGE_DAY = dt.date(2025, 7, 1)
"""First day of the new communes; districts ended with the day before."""

VINTAGES: tuple[Vintage, Vintage] = ("old", "new")


@dataclass(frozen=True, kw_only=True)
class Commune:
    """A commune of one vintage; codes alone do not name one, because they were used again."""

    vintage: Vintage
    code: str
    name: str
    """With its kind, as the register writes it."""
    kind: str
    """xã, phường, thị trấn, đặc khu; empty for the five island districts that had no communes."""
    short_name: str
    """Without its kind."""
    district_code: str
    district: str
    """Both empty for the new communes."""
    province_code: str
    province: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """An old commune and a new one that took it over, wholly or in part."""

    old_code: str
    new_code: str
    part: Literal["full", "partial"]


CodeMeaning = Literal["unknown", "old_only", "new_only", "same", "grown", "changed"]
"""What a code says about its vintage.

`same`: the code names one commune of unchanged name and territory. `grown`: of unchanged name, but the new
one holds more or less than the old. `changed`: the name differs, so that joining the two would be wrong.
"""


def table(vintage: Vintage) -> pd.DataFrame:
    """Return all communes of a vintage, a row each with the columns of `Commune` but the vintage.

    10,047 old communes and five island districts without communes, or 3,321 new ones; in the order of codes.
    """
    columns = [field.name for field in fields(Commune)]
    rows = [
        [getattr(commune, column) for column in columns] for commune in _communes(vintage).values()
    ]
    return pd.DataFrame(rows, columns=columns, dtype="str").drop(columns="vintage")


@lru_cache(maxsize=1)
def links() -> tuple[Link, ...]:
    """Return every link from an old commune to a new one."""
    return tuple(
        Link(
            old_code=row["old_code"],
            new_code=row["new_code"],
            part="full" if row["part"] == "full" else "partial",
        )
        for row in load("links.csv.gz")
    )


def by_code(code: str, *, vintage: Vintage) -> Commune | None:
    """Return the commune that a code named then; None where it named none."""
    return _communes(vintage).get(code)


def became(old_code: str) -> tuple[Link, ...]:
    """Return what an old commune became: one full link, or several where it was divided."""
    return _links_by("old_code").get(old_code, ())


def made_of(new_code: str) -> tuple[Link, ...]:
    """Return the old communes a new one was made of, wholly or in part."""
    return _links_by("new_code").get(new_code, ())


def meaning(code: str) -> CodeMeaning:
    """Say what a commune's code means across 1 July 2025; `changed` is the trap."""
    old, new = by_code(code, vintage="old"), by_code(code, vintage="new")
    if old is None or new is None:
        return "old_only" if old else "new_only" if new else "unknown"
    if _name_key(old.name) != _name_key(new.name):
        return "changed"
    parts = made_of(code)
    whole = len(parts) == 1 and parts[0].old_code == code and parts[0].part == "full"
    return "same" if whole and len(became(code)) == 1 else "grown"


def find(
    name: str,
    *,
    vintage: Vintage,
    province: str | None = None,
    district: str | None = None,
) -> tuple[Commune, ...]:
    """Return every commune of that name, in the order of codes.

    Parameters
    ----------
    name
        With its kind or without. With one, communes of that kind come alone where there are any.
    vintage
        Before or since 1 July 2025.
    province, district
        By name or code, where the list tells; a district of the new vintage is ignored, there is none.
    """
    kind = split_commune_kind(name).kind
    found = [
        commune
        for key in sorted(_keys_read(name))
        for commune in _communes_by_name(vintage).get(key, ())
        if _is_unit(province, commune.province_code, commune.province)
        and (vintage == "new" or _is_unit(district, commune.district_code, commune.district))
    ]
    of_kind = [commune for commune in found if commune.kind == kind]
    return tuple(sorted(of_kind or found, key=lambda commune: commune.code))


@dataclass(frozen=True, kw_only=True)
class VintageVerdict:
    """Which vintage the codes of a list are of, and what speaks against."""

    vintage: Vintage | None
    """None where nothing decides."""
    agree: Mapping[Vintage, int]
    """Rows whose code, and name where given, fit each vintage."""
    contradictions: pd.DataFrame
    """Rows that fit no vintage, or not the decided one: `code, name, meaning, old_name, new_name`."""


def vintage_of(codes: pd.Series, *, names: pd.Series | None = None) -> VintageVerdict:
    """Find out whether a list's commune codes are of before or since 1 July 2025.

    A code that exists in one vintage only speaks for it; so does the name beside a code that
    changed its meaning. Rows that fit both say nothing.

    Parameters
    ----------
    codes
        Five-digit codes as text.
    names
        The communes' names beside them, if the list has them.
    """
    given = names if names is not None else pd.Series("", index=codes.index, dtype="str")
    rows = pd.DataFrame({"code": codes, "name": given})
    for vintage in VINTAGES:
        rows[vintage] = [
            _fits(code, name, vintage)
            for code, name in zip(rows["code"], rows["name"], strict=True)
        ]
    only = {
        "old": int((rows["old"] & ~rows["new"]).sum()),
        "new": int((rows["new"] & ~rows["old"]).sum()),
    }
    verdict: Vintage | None = None
    if only["old"] != only["new"]:
        verdict = "old" if only["old"] > only["new"] else "new"
    wrong = ~rows[verdict] if verdict else ~(rows["old"] | rows["new"])
    return VintageVerdict(
        vintage=verdict,
        agree=MappingProxyType({vintage: int(rows[vintage].sum()) for vintage in VINTAGES}),
        contradictions=_explained(rows.loc[wrong, ["code", "name"]]),
    )


def to_new(codes: pd.Series) -> pd.DataFrame:
    """Say what the old communes of a list became.

    Returns
    -------
    On the caller's index: `new_code` where the old commune went over whole, else missing; `choices`, the
    codes of all new communes that hold part of it, in a tuple: empty where the code is no old one.
    """
    links_of = {code: became(code) for code in codes.dropna().unique()}
    whole = {
        code: found[0].new_code
        for code, found in links_of.items()
        if len(found) == 1 and found[0].part == "full"
    }
    return pd.DataFrame(
        {
            "new_code": pd.Series([whole.get(c) for c in codes], index=codes.index, dtype="str"),
            "choices": pd.Series(
                [tuple(link.new_code for link in links_of.get(c, ())) for c in codes],
                index=codes.index,
                dtype="object",
            ),
        }
    )


def _explained(rows: pd.DataFrame) -> pd.DataFrame:
    found = {v: [by_code(code, vintage=v) for code in rows["code"]] for v in VINTAGES}
    return rows.assign(
        meaning=[meaning(code) for code in rows["code"]],
        old_name=_names(found["old"], rows.index),
        new_name=_names(found["new"], rows.index),
    )


def _names(communes: list[Commune | None], index: pd.Index) -> pd.Series:
    return pd.Series([c.name if c else None for c in communes], index=index, dtype="str")


def _fits(code: str, name: str, vintage: Vintage) -> bool:
    commune = by_code(code, vintage=vintage)
    if commune is None:
        return False
    return not isinstance(name, str) or not name or _name_key(commune.name) in _keys_read(name)


def _name_key(name: str) -> str:
    return rest_key(split_commune_kind(name).rest)


@lru_cache(maxsize=1 << 16)
def _keys_read(name: str) -> frozenset[str]:
    """Return the keys that a typed name may mean: Xa Dung is a name, or the commune Dung typed without accents."""
    return frozenset({_name_key(name), rest_key(name)})


def _is_unit(asked: str | None, code: str, name: str) -> bool:
    if not asked or asked == code:
        return True
    if has_accents(asked):
        return unit_key(asked) == unit_key(name)
    return bare(unit_key(asked)) == bare(unit_key(name))


_UNIT_KINDS = ("thành phố", "tp", "tỉnh", "huyện", "quận", "thị xã", "tx")


@lru_cache(maxsize=4096)
def unit_key(name: str) -> str:
    """Return the comparison key of a province or district without its kind: TP. Hà Nội is Hà Nội."""
    whole = rest_key(name)
    typed = _UNIT_KINDS if has_accents(name) else tuple(map(bare, _UNIT_KINDS))
    for kind in map(rest_key, typed):
        if whole.startswith(f"{kind} "):
            return whole.removeprefix(f"{kind} ")
    return whole


@lru_cache(maxsize=2)
def _communes(vintage: Vintage) -> Mapping[str, Commune]:
    found = {}
    for row in load("communes.csv.gz"):
        if row.pop("vintage") == vintage:
            kind, short_name = split_commune_kind(row["name"])
            found[row["code"]] = Commune(vintage=vintage, kind=kind, short_name=short_name, **row)
    return MappingProxyType(found)


@lru_cache(maxsize=2)
def _communes_by_name(vintage: Vintage) -> Mapping[str, tuple[Commune, ...]]:
    found: dict[str, list[Commune]] = {}
    for commune in _communes(vintage).values():
        found.setdefault(_name_key(commune.name), []).append(commune)
    return MappingProxyType({key: tuple(group) for key, group in found.items()})


@lru_cache(maxsize=2)
def _links_by(column: Literal["old_code", "new_code"]) -> Mapping[str, tuple[Link, ...]]:
    found: dict[str, list[Link]] = {}
    for link in links():
        found.setdefault(getattr(link, column), []).append(link)
    return MappingProxyType({code: tuple(group) for code, group in found.items()})
