"""Gather what one list says beside its rows: its columns, the thresholds in force, and where it comes from."""

import datetime as dt
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from lomsong.config import EvidenceSection, LevelsSection, PrivacySection
from lomsong.errors import Fault, InputError
from lomsong.report import kml, text
from lomsong.report.lists.columns import Column, carrier_label
from lomsong.report.lists.hamlet_columns import of_list
from lomsong.report.lists.rows_of import build, carriers, classes_of, others
from lomsong.report.lists.site_columns import of_sites
from lomsong.report.lists.sites_of import build as build_sites
from lomsong.report.text import Language
from lomsong.report.text.lists import LABEL, SOLUTION, SOLUTION_MEANING, Words
from lomsong.result import Result
from lomsong.sentences import Sentence
from lomsong.tables import ANY_CARRIER, CLASSES
from lomsong.vietnam.names import fold, key, split_commune_kind

ALL: Final = "all"
"""What files call the list that is no single carrier's."""
EPOCH: Final = dt.date(1980, 1, 1)
"""Date of files whose data has none; the first day a zip archive can name."""


class Borders:
    """Outlines of hamlets as KML, each drawn when it is first asked for."""

    def __init__(self, hamlets: gpd.GeoDataFrame) -> None:
        self._areas = pd.Series(hamlets.geometry.to_numpy(), index=hamlets["hamlet_id"])
        self._drawn: dict[str, str] = {}

    def of(self, hamlet_ids: Sequence[str]) -> list[str]:
        """Return the outlines of hamlets."""
        missing = [each for each in hamlet_ids if each not in self._drawn]
        drawn = kml.borders(self._areas.reindex(missing).to_numpy())
        self._drawn.update(zip(missing, drawn, strict=True))
        return [self._drawn[each] for each in hamlet_ids]


@dataclass(frozen=True, eq=False, kw_only=True)
class ListContent:
    """One list, whatever it is written as."""

    result: Result
    rows: pd.DataFrame
    """As `lists.rows` returns them."""
    columns: Sequence[Column]
    subject: str
    """Whose list: a carrier, or "any"."""
    hamlets: gpd.GeoDataFrame
    """Hamlets that the rows were chosen from, sorted by `hamlet_id`."""
    commune: str | None
    """Name of the one commune that the list is about."""
    language: Language
    borders: Borders
    """Outlines of hamlets as KML, drawn once for all lists of a run."""

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Proposed sites of this carrier, or that a row names (`sites_of.build`)."""
        among = None if self.commune is None else self.hamlets["hamlet_id"]
        return build_sites(self.result, subject=self.subject, rows=self.rows, among=among)

    @property
    def site_columns(self) -> Sequence[Column]:
        """Columns of the sites."""
        return of_sites(self.sites)

    def say(self, words: Words) -> str:
        """Return words in the list's language."""
        return words.in_language(self.language)

    @property
    def title(self) -> str:
        """What stands on top of the list."""
        return f"{self.say(LABEL['title'])}: {self.whose}"

    @property
    def whose(self) -> str:
        """The carrier's name, or the words for all of them."""
        if self.subject == ANY_CARRIER:
            return self.say(LABEL["all_carriers"])
        return carrier_label(self.subject, self.language)

    @property
    def synthetic(self) -> bool:
        """Whether the list is made from synthetic data, which it has to say."""
        return self.result.settings.project.synthetic


def content(
    result: Result,
    *,
    carrier: str | None = None,
    commune: str | None = None,
    language: Language | None = None,
    borders: Borders | None = None,
) -> ListContent:
    """Return a list with its rows and columns; `lists.rows` tells what the options mean.

    Raises
    ------
    InputError
        Where nobody knows the carrier or the commune.
    """
    subject = _subject(result, carrier)
    hamlets = result.hamlets
    hamlets = hamlets[(hamlets["kind"] == "hamlet").to_numpy() & _in_commune(hamlets, commune)]
    hamlets = hamlets.sort_values("hamlet_id", ignore_index=True)
    return ListContent(
        result=result,
        rows=build(result, subject=subject, hamlets=hamlets),
        columns=of_list(subject=subject, others=others(result, subject)),
        subject=subject,
        hamlets=hamlets,
        commune=None if commune is None else _name_of_commune(hamlets, commune),
        language=language or result.settings.project.language,
        borders=borders or Borders(result.hamlets),
    )


def day(result: Result) -> dt.date:
    """Return the date that files of a result carry: of the data, else what ages are counted from, else 1980."""
    for said in (result.manifest.get("data_date"), result.settings.project.as_of):
        if isinstance(said, dt.date):
            return max(said, EPOCH)
        try:
            return max(dt.date.fromisoformat(str(said)[:10]), EPOCH)
        except ValueError:
            continue
    return EPOCH


def version(result: Result) -> str:
    """Return the version of the program that made a result."""
    return str(result.manifest.get("program", {}).get("version", ""))


def classes(language: Language) -> list[tuple[str, str, str]]:
    """Return each class: how it is called, its name in files, what it means."""
    return [
        (text.value("class", name, language), name, text.say(f"about.class.{name}", language))
        for name in CLASSES
    ]


def solutions(language: Language) -> list[tuple[str, str, str]]:
    """Return each solution: how it is called, its name in files, when it is advised."""
    return [
        (called.in_language(language), name, SOLUTION_MEANING[name].in_language(language))
        for name, called in SOLUTION.items()
    ]


def thresholds(filled: ListContent) -> list[tuple[str, float, str]]:
    """Return what decided the classes: name, value, source; a value that the project changed is the project's."""
    settings = filled.result.settings
    levels, usual = settings.levels, LevelsSection()
    minimum_devices = settings.privacy.minimum_devices
    rows = (
        ("minimum_rsrp", levels.minimum_rsrp_dbm, usual.minimum_rsrp_dbm, "minimum_rsrp_source"),
        ("good_rsrp", levels.good_rsrp_dbm, usual.good_rsrp_dbm, "assumption"),
        (
            "confidence",
            settings.evidence.confidence,
            EvidenceSection().confidence,
            "assumption",
        ),
        ("minimum_devices", minimum_devices, PrivacySection().minimum_devices, "assumption"),
    )
    return [
        (
            filled.say(LABEL[name]),
            value,
            filled.say(LABEL[source if value == default else "set_in_project"]),
        )
        for name, value, default, source in rows
    ]


def sources(filled: ListContent) -> list[tuple[str, str | int]]:
    """Return where a list comes from: a name and a value per line, the synthetic mark first."""
    result, say = filled.result, filled.say
    lines: list[tuple[str, str | int]] = []
    if filled.synthetic:
        lines.append((say(LABEL["mind"]), text.say("map.synthetic", filled.language)))
        lines.append(("", text.say("map.synthetic_about", filled.language)))
    settings = result.settings.project
    lines += [
        (say(LABEL["project"]), settings.name),
        (say(LABEL["carrier"]), filled.whose),
    ]
    if filled.commune is not None:
        lines.append((say(LABEL["commune"]), filled.commune))
    lines.append((say(LABEL["data_date"]), _date(result.manifest.get("data_date"), filled)))
    if settings.as_of is not None:
        lines.append((say(LABEL["as_of"]), _date(settings.as_of, filled)))
    lines.append((say(LABEL["version"]), version(result)))
    lines.append((say(LABEL["hamlets_listed"]), len(filled.rows)))
    lines.append((say(LABEL["hamlets_unknown"]), _n_unknown(filled)))
    inputs = result.manifest.get("inputs", ())
    lines += [(say(LABEL["input"]), _told(entry)) for entry in inputs]
    return lines


def _date(said: object, filled: ListContent) -> str:
    return text.date(None if said is None else str(said), filled.language)


def _n_unknown(filled: ListContent) -> int:
    """Count hamlets whose class nobody knows, so that nobody takes their absence for coverage."""
    names = classes_of(filled.result, filled.hamlets, filled.subject)
    listed = filled.hamlets["hamlet_id"].isin(filled.rows["hamlet_id"])
    return int(((names == "unknown") & ~listed).sum())


def _told(entry: object) -> str:
    """Return an input's name with the start of its hash."""
    if not isinstance(entry, dict):
        return str(entry)
    name = entry.get("path", "")
    digest = str(entry.get("sha256", ""))[:12]
    return f"{name} (SHA-256 {digest}…)" if digest else str(name)


def _subject(result: Result, carrier: str | None) -> str:
    if carrier in {None, ALL, ANY_CARRIER}:
        return ANY_CARRIER
    known = carriers(result)
    if carrier in known:
        return carrier
    fault = Fault(
        column="carrier",
        value=carrier,
        problem="this run judged no such carrier",
        remedy=Sentence("Use one of {names}", names=", ".join((ALL, *known))),
    )
    raise InputError([fault])


def _in_commune(hamlets: pd.DataFrame, commune: str | None) -> npt.NDArray[np.bool_]:
    """Tell the hamlets of a commune: by its code, else by its name, else by its name without accents."""
    if commune is None:
        return np.ones(len(hamlets), dtype=bool)
    named = hamlets["commune_name"]
    for call in (_name_key, _plain_name):
        keys = named.map(call, na_action="ignore")
        matches = (hamlets["commune_code"] == commune) | (keys == call(commune))
        found = matches.to_numpy(bool, na_value=False)
        called = sorted(set(named[found].dropna().map(_name_key)))
        if len(called) > 1:
            several = ", ".join(sorted(set(named[found].dropna())))
            raise _no_commune(
                commune,
                Sentence("several communes are called so: {names}", names=several),
                "Give the code",
            )
        if found.any():
            return found
    known = {_plain_name(name): name for name in sorted(set(named.dropna()))}
    close = difflib.get_close_matches(_plain_name(commune), known, n=3)
    alike = ", ".join(known[name] for name in close)
    remedy = (
        Sentence("Did you mean {names}?", names=alike)
        if close
        else "Give the code or the name of one of its communes"
    )
    raise _no_commune(commune, "this run has no such commune", remedy)


def _no_commune(commune: str, problem: str, remedy: str) -> InputError:
    return InputError([Fault(column="commune", value=commune, problem=problem, remedy=remedy)])


def _name_key(commune: str) -> str:
    """Return the key of a commune's name without its kind: Xã and Phường are often left out."""
    return key(split_commune_kind(commune).rest)


def _plain_name(commune: str) -> str:
    """Return a commune's name without its kind and without accents."""
    return fold(split_commune_kind(commune).rest)


def _name_of_commune(hamlets: pd.DataFrame, commune: str) -> str:
    """Return the commune's own name, else what it was asked for by."""
    names = hamlets["commune_name"].dropna()
    return str(names.iloc[0]) if len(names) else commune
