"""Find which communes of a run the ones of a list mean, whichever side of July 2025 each of them is of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from lomsong.ingest.hamlets.communes import commune_key
from lomsong.ingest.hamlets.identity import padded_code
from lomsong.vietnam import units
from lomsong.vietnam.units import Commune
from lomsong.vietnam.zones import Vintage

LinkKind = Literal["same", "full", "partial"]
"""How the list's commune leads to the run's: it is the same, went over whole, or only in part."""

_LINKS: Final[tuple[LinkKind, ...]] = ("same", "full", "partial")
_MOSTLY: Final = 0.5


@dataclass(frozen=True)
class Place:
    """The commune that a row of a list states."""

    code: str | None
    name: str | None
    old: str | None
    district: str | None
    province: str | None

    @property
    def is_stated(self) -> bool:
        """Whether the row says anything about its commune."""
        return bool(self.code or self.name or self.old)


def places_of(rows: pd.DataFrame) -> list[Place]:
    """Return what each row of a list says of where its hamlet lies."""
    columns = ["commune_code", "commune_name", "commune_old", "district", "province"]
    table = rows[columns].astype(object).where(rows[columns].notna(), None)
    return [Place(*line) for line in table.itertuples(index=False, name=None)]


class Ground:
    """The communes of a run, and which vintage they are of."""

    def __init__(self, hamlets: pd.DataFrame) -> None:
        self.hamlets = hamlets.reset_index(drop=True)
        names = self.hamlets["commune_name"].map(commune_key, na_action="ignore").astype("str")
        self.keys = self.hamlets["commune_code"].fillna("~" + names).astype("str")
        pairs = pd.DataFrame(
            {"code": self.hamlets["commune_code"], "key": self.keys, "name": names}
        ).drop_duplicates()
        self.by_code = dict(
            pairs.dropna(subset=["code"])[["code", "key"]].itertuples(index=False, name=None)
        )
        self.by_name: dict[str, set[str]] = {}
        for key, name in pairs[["key", "name"]].dropna().itertuples(index=False, name=None):
            self.by_name.setdefault(name, set()).add(key)
        stated = self.hamlets[["commune_code", "commune_name"]].dropna(subset=["commune_code"])
        stated = stated.drop_duplicates()
        verdict = units.vintage_of(
            stated["commune_code"], names=stated["commune_name"].fillna("").astype("str")
        )
        fit = max(verdict.agree.values(), default=0)
        self.is_real = bool(len(stated)) and fit > _MOSTLY * len(stated)
        """Whether its codes are those of the register; made-up districts have others."""
        self.vintage = verdict.vintage if self.is_real else None
        self.provinces = frozenset(
            commune.province_code
            for code in stated["commune_code"]
            for vintage in self.vintages()
            if (commune := units.by_code(code, vintage=vintage))
        )

    def vintages(self) -> tuple[Vintage, ...]:
        """Return the vintages that its communes may be of."""
        return (self.vintage,) if self.vintage else units.VINTAGES

    def keys_of(self, commune: Commune) -> set[str]:
        """Return the run's commune that this one is, if it is there."""
        if self.by_code:
            return {self.by_code[commune.code]} if commune.code in self.by_code else set()
        return self.by_name.get(commune_key(commune.name), set())


class CommuneReader:
    """Find what communes of a run the stated ones of a list may mean."""

    def __init__(self, ground: Ground, rows: pd.DataFrame) -> None:
        self._ground = ground
        self._vintages = _vintages_of_list(rows)
        self._known: dict[Place, Mapping[str, LinkKind]] = {}

    def targets(self, place: Place) -> Mapping[str, LinkKind]:
        """Return the possible communes by their key in the run, with how each is reached."""
        if place not in self._known:
            self._known[place] = self._targets(place)
        return self._known[place]

    def _targets(self, place: Place) -> Mapping[str, LinkKind]:
        if not place.is_stated:
            return {}
        own = self._reached(place.code, place.name, place, self._vintages)
        if not place.old:
            return own
        of_old = self._reached(None, place.old, place, ("old",))
        if not own:
            return of_old
        return {key: link for key, link in of_old.items() if key in own} or own

    def _reached(
        self,
        code: str | None,
        name: str | None,
        place: Place,
        vintages: tuple[Vintage, ...],
    ) -> Mapping[str, LinkKind]:
        if not (code or name):
            return {}
        named = self._in_register(code, name, place, vintages) if self._ground.is_real else []
        found: dict[str, LinkKind] = {}
        for commune in named:
            for key, link in self._to_run(commune):
                # Where the list may be of either vintage, the reading that promises less holds.
                found[key] = max(found.get(key, link), link, key=_LINKS.index)
        if found or named:
            # A commune that the register knows and that lies elsewhere is not replaced by a namesake.
            return found
        return dict.fromkeys(self._directly(code, name), "same")

    def _in_register(
        self, code: str | None, name: str | None, place: Place, vintages: tuple[Vintage, ...]
    ) -> list[Commune]:
        found = []
        for vintage in vintages:
            if code:
                commune = units.by_code(padded_code(code), vintage=vintage)
                if commune and (not name or _same_name(commune, name)):
                    found.append(commune)
            elif name:
                named = units.find(
                    name, vintage=vintage, province=place.province, district=place.district
                ) or units.find(name, vintage=vintage, district=place.district)
                found += [c for c in named if self._is_near(c)]
        return found

    def _is_near(self, commune: Commune) -> bool:
        if not self._ground.provinces:
            return True
        reached = {commune, *(c for c, _ in _linked(commune))}
        return any(c.province_code in self._ground.provinces for c in reached)

    def _to_run(self, commune: Commune) -> Iterator[tuple[str, LinkKind]]:
        if self._ground.vintage in (None, commune.vintage):
            for key in self._ground.keys_of(commune):
                yield key, "same"
        if self._ground.vintage != commune.vintage:
            for other, link in _linked(commune):
                for key in self._ground.keys_of(other):
                    yield key, link

    def _directly(self, code: str | None, name: str | None) -> set[str]:
        if code and self._ground.by_code:
            known = self._ground.by_code
            coded = {known[c] for c in (code, padded_code(code)) if c in known}
            return coded & self._named(name) if name and self._ground.is_real else coded
        return self._named(name) if name else set()

    def _named(self, name: str) -> set[str]:
        return self._ground.by_name.get(commune_key(name), set())


def _vintages_of_list(rows: pd.DataFrame) -> tuple[Vintage, ...]:
    """Return the vintages that the communes of a list may be of, from its codes, districts and date."""
    coded = rows.dropna(subset=["commune_code"])
    if len(coded):
        verdict = units.vintage_of(
            coded["commune_code"].map(padded_code).astype("str"),
            names=coded["commune_name"].fillna("").astype("str"),
        )
        if verdict.vintage:
            return (verdict.vintage,)
    if rows["commune_old"].notna().any():
        # The other column of communes is the new one then.
        return ("new",)
    dates = rows["as_of"].dropna()
    if not len(dates):
        return units.VINTAGES
    newest = str(dates.max())
    if newest < units.CHANGE_DAY.isoformat()[: len(newest)]:
        return ("old",)
    # Lists go on naming districts, and old communes with them.
    if newest > units.CHANGE_DAY.isoformat()[: len(newest)] and rows["district"].isna().all():
        return ("new",)
    return units.VINTAGES


def _linked(commune: Commune) -> list[tuple[Commune, LinkKind]]:
    """Return the communes of the other vintage that hold part of this one."""
    if commune.vintage == "old":
        pairs = [(k.new_code, k.part) for k in units.became(commune.code)]
        vintage: Vintage = "new"
    else:
        pairs = [(k.old_code, k.part) for k in units.made_of(commune.code)]
        vintage = "old"
    found = [(units.by_code(code, vintage=vintage), part) for code, part in pairs]
    return [(other, part) for other, part in found if other]


def _same_name(commune: Commune, name: str) -> bool:
    return commune_key(commune.name) == commune_key(name)
