"""Tell who loses the last service when a technology is switched off, and what is off already."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lomsong.config import TechnologiesSection
from lomsong.tables import ANY_CARRIER, TECHNOLOGIES
from lomsong.vietnam.carriers import MCC_VIETNAM, SUNSETS

OUTCOMES: Final = ("loses", "may_lose", "unknown", "keeps", "without")
"""What becomes of a cluster: it is served now only by what goes; served by what goes, and what stays is not decided;
not decided whether what goes serves it; served by what stays; not served by anything. Of several in a hamlet the
first in this order is the hamlet's."""
COLUMNS: Final = (
    "hamlet_id",
    "cluster_id",
    "carrier",
    "switched_off",
    "outcome",
    "service_today",
    "service_left",
    "people",
    "people_lose",
    "people_may_lose",
)
_SERVED: Final = ("weak", "covered")
_PERSON_OUTCOME: Final = {"people_lose": "loses", "people_may_lose": "may_lose"}

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One technology and its last day."""

    technology: str
    last_day: dt.date
    source: str
    exceptions: str = ""


@dataclass(frozen=True, kw_only=True)
class Endings:
    """What is off already, and what is asked about."""

    off: tuple[Ending, ...]
    switched_off: tuple[str, ...]
    """Empty where nothing is known to end."""

    @property
    def technologies_off(self) -> tuple[str, ...]:
        """Technologies that count as no service today."""
        return tuple(ending.technology for ending in self.off)


def endings(
    assessment: pd.DataFrame, settings: TechnologiesSection, *, as_of: dt.date | None
) -> Endings:
    """Return what is off on the day `as_of`, and what to ask about: as set, else the next technology to end.

    The last days of Vietnam hold where a carrier of Vietnam was seen; elsewhere only those that are set.
    """
    plmns = assessment["plmn"].dropna().unique()
    known = _of_vietnam() if any(p.startswith(f"{MCC_VIETNAM}-") for p in plmns) else []
    stated = [
        Ending(technology=name, last_day=day, source="project file")
        for name, day in sorted((settings.last_day or {}).items())
    ]
    days = {ending.technology: ending for ending in (*known, *stated)}
    in_order = sorted(days.values(), key=lambda ending: (ending.last_day, ending.technology))
    off = tuple(e for e in in_order if as_of is not None and as_of > e.last_day)
    coming = [e.technology for e in in_order if e not in off]
    asked = settings.switched_off if settings.switched_off is not None else tuple(coming[:1])
    return Endings(
        off=off,
        switched_off=tuple(
            t for t in TECHNOLOGIES if t in asked and t not in {e.technology for e in off}
        ),
    )


def _of_vietnam() -> list[Ending]:
    return [
        Ending(
            technology=end.technology,
            last_day=end.last_day,
            source=f"{end.source.title} ({end.source.note})",
            exceptions=end.exceptions,
        )
        for end in SUNSETS
    ]


def losers(assessment: pd.DataFrame, ends: Endings) -> pd.DataFrame:
    """Return what each cluster and hamlet keeps and loses (`COLUMNS`), for every carrier and the best of all.

    Parameters
    ----------
    assessment
        `tables.ASSESSMENT`.
    ends
        What is off already, which is nobody's service today, and what goes.

    Notes
    -----
    A technology that nobody observed anywhere in the run is not judged and helps nobody. Unknown is neither kept nor
    lost: where what stays is not decided, the people may lose their service. With more switched off, nobody who
    loses the last service stops losing it.
    """
    here = assessment[assessment["cluster_id"] != ""]
    here = here[~here["technology"].isin(ends.technologies_off)]
    keys = ["hamlet_id", "cluster_id", "carrier"]
    people = here.groupby(keys, sort=True)["people"].first()
    classes = here.set_index([*keys, "technology"])["class"]
    wide = classes.unstack().reindex(people.index)  # noqa: PD010 -- a pivot that keeps nulls holds each hamlet with all others' clusters
    technologies = [t for t in TECHNOLOGIES if t in wide]
    going = [t for t in technologies if t in ends.switched_off]
    staying = [t for t in technologies if t not in ends.switched_off]
    outcome = _outcomes(wide, going=going, staying=staying)
    clusters = people.reset_index().assign(
        switched_off=" ".join(ends.switched_off),
        outcome=pd.array(outcome, dtype="str"),
        service_today=_served_by(wide, technologies),
        service_left=_served_by(wide, staying),
    )
    for column, wanted in _PERSON_OUTCOME.items():
        clusters[column] = clusters["people"].where(
            clusters["outcome"] == wanted, clusters["people"] * 0
        )
    both = pd.concat([_hamlets(clusters), clusters], ignore_index=True)
    order = both["carrier"] != ANY_CARRIER
    return (
        both.assign(_other=order)
        .sort_values(["_other", "carrier", "hamlet_id", "cluster_id"], ignore_index=True)[
            list(COLUMNS)
        ]
        .reset_index(drop=True)
    )


def _outcomes(wide: pd.DataFrame, *, going: list[str], staying: list[str]) -> npt.NDArray[np.str_]:
    served_going = _any(wide[t].isin(_SERVED) for t in going) & _true(wide)
    served_staying = _any(wide[t].isin(_SERVED) for t in staying) & _true(wide)
    dark_going = _all((wide[t] == "no_signal" for t in going), wide)
    dark_staying = _all((wide[t] == "no_signal" for t in staying), wide)
    return np.select(
        [
            served_staying,
            served_going & dark_staying,
            served_going,
            dark_going & dark_staying,
        ],
        ["keeps", "loses", "may_lose", "without"],
        default="unknown",
    )


def _true(wide: pd.DataFrame) -> Flags:
    return np.ones(len(wide), bool)


def _any(columns: Iterable[pd.Series]) -> Flags | bool:
    found: Flags | bool = False
    for column in columns:
        found = found | column.to_numpy(bool)
    return found


def _all(columns: Iterable[pd.Series], wide: pd.DataFrame) -> Flags:
    found = _true(wide)
    for column in columns:
        found &= column.to_numpy(bool)
    return found


def _served_by(wide: pd.DataFrame, technologies: list[str]) -> pd.Series:
    """Return the technologies that serve each cluster, as text."""
    served = [np.where(wide[t].isin(_SERVED), f"{t} ", "") for t in technologies]
    texts = (
        ["".join(parts).strip() for parts in zip(*served, strict=True)]
        if served
        else [""] * len(wide)
    )
    return pd.Series(texts, dtype="str")


def _hamlets(clusters: pd.DataFrame) -> pd.DataFrame:
    """Return a row per hamlet and carrier: the worst that becomes of a cluster, and the people of all."""
    keys = ["hamlet_id", "carrier"]
    rank = clusters["outcome"].map({name: i for i, name in enumerate(OUTCOMES)})
    grouped = clusters.assign(rank=rank).groupby(keys, sort=True)
    people = grouped[["people", *_PERSON_OUTCOME]].sum(min_count=1)
    rows = people.assign(
        switched_off=grouped["switched_off"].first(),
        outcome=grouped["rank"].min().map(dict(enumerate(OUTCOMES))).astype("str"),
        **{
            column: _united(clusters.set_index(keys)[column])
            for column in ("service_today", "service_left")
        },
    )
    return rows.reset_index().assign(cluster_id="")


def _united(texts: pd.Series) -> pd.Series:
    """Return all words of the texts with the same key, in order."""
    texts_seen = texts.unique()
    words = sorted({word for text in texts_seen for word in text.split()})
    has = {word: texts.map({t: word in t.split() for t in texts_seen}) for word in words}
    united = pd.DataFrame(has, index=texts.index, dtype=bool).groupby(level=[0, 1], sort=True).any()
    parts = [np.where(united[word], f"{word} ", "") for word in words]
    joined = ["".join(each).strip() for each in zip(*parts, strict=True)]
    return pd.Series(joined or "", index=united.index, dtype="str")
