"""Explain on the terminal: the evidence behind a hamlet's class, and what a run found in short."""

import difflib
from pathlib import Path
from typing import Final

import pandas as pd

from lomsong.errors import Fault, InputError
from lomsong.ingest.samples.convert import Contents
from lomsong.propagation.draw import draw_profile, save
from lomsong.report import explain_grounds, sunset
from lomsong.report.manifest import warnings_of
from lomsong.report.paths import nearest_sites
from lomsong.report.text import Language, date, is_missing, number, value
from lomsong.report.text.explain import say
from lomsong.report.text.notes import reason_told
from lomsong.result import Result
from lomsong.sentences import Sentence
from lomsong.tables import ANY_CARRIER, CLASSES, JUDGED_TECHNOLOGY
from lomsong.vietnam.names import fold

MOST_CANDIDATES: Final = 5
PICTURES: Final = (".png", ".svg")


def of_hamlet(result: Result, wanted: str) -> str:
    """Return the evidence behind the class of a hamlet, named by its code or by its name.

    Raises
    ------
    InputError
        Where no hamlet, or more than one, is called so.
    """
    language = result.settings.project.language
    row = result.hamlets.iloc[_position(result, wanted)]
    lines = [
        f"{row['name']} ({row['hamlet_id']}), {_or_missing(row['commune_name'], language)}",
        *_verdict(result, row, language),
        "",
        say("evidence_of", language),
        *_evidence(result, row["hamlet_id"], language),
        "",
        say("nearest", language),
        *_nearest(result, row["hamlet_id"], language),
        "",
        say("candidates", language),
        *_candidates(result, row["hamlet_id"], language),
    ]
    return "\n".join(lines)


def draw_path(result: Result, wanted: str, file: Path) -> None:
    """Draw the terrain between a hamlet and its nearest known site, as PNG or SVG by the suffix of the file.

    Raises
    ------
    InputError
        Where the hamlet, a site within reach or the terrain is not known, or the suffix names no picture.
    """
    if file.suffix.lower() not in PICTURES:
        raise _refused(
            str(file), "is no picture", Sentence("Use one of {names}", names=", ".join(PICTURES))
        )
    row = result.hamlets.iloc[_position(result, wanted)]
    ways = [way for way in nearest_sites(result, row["hamlet_id"]) if way.ground is not None]
    if not ways or ways[0].ground is None:
        raise _refused(
            wanted, "no known 4G site or no terrain around it", "Give [sites] and [terrain]"
        )
    way = ways[0]
    figure = draw_profile(
        ways[0].ground,
        frequency_mhz=way.frequency_mhz,
        tx_height_m=way.mast_m,
        rx_height_m=way.receiver_m,
        title=f"{way.site_id} – {row['name'][:60]}",
        language=result.settings.project.language,
    )
    save(figure, file)


def summary(result: Result) -> str:
    """Return what a run found, in some lines."""
    language = result.settings.project.language
    hamlets = result.hamlets[result.hamlets["kind"] == "hamlet"]
    squares = result.hamlets[result.hamlets["kind"] == "area"]
    lines = [] if hamlets.empty and len(squares) else _hamlets_by_class(hamlets, language)
    if len(squares):
        lines += _squares_by_class(squares, language)
    chosen = result.candidates[result.candidates["selected"]]
    gained = number(chosen["people_gained"].sum(), language)
    lines.append(say("sites", language, n=len(chosen), people=gained))
    if losing := sunset.line(result, language):
        lines.append(losing)
    dropped = result.manifest.get("dropped_samples", {})
    if dropped:
        reasons = ", ".join(
            f"{reason_told(reason, language)} {number(n, language)}"
            for reason, n in dropped.items()
        )
        lines.append(say("dropped", language, reasons=reasons))
    lines += [
        say("warning", language, text=text) for text in warnings_of(result.manifest, language)
    ]
    if result.folder is not None:
        lines.append(say("written", language, folder=result.folder))
    return "\n".join(lines)


def _hamlets_by_class(hamlets: pd.DataFrame, language: Language) -> list[str]:
    lines = [say("found", language, hamlets=len(hamlets), people=_people(hamlets, language))]
    for name in CLASSES:
        chosen = hamlets[hamlets["class"] == name]
        figures = {"hamlets": len(chosen), "people": _people(chosen, language)}
        called = value("class", name, language)
        lines.append("  " + say("of_class", language, name=called, **figures))
    if len(hamlets) and hamlets["power"].eq("unknown").all():
        return [*lines, say("no_power_known", language)]
    dark = hamlets[hamlets["gap_no_grid"].fillna(value=False)]
    lines.append(say("gap_no_grid", language, hamlets=len(dark), people=_people(dark, language)))
    return lines


def _squares_by_class(squares: pd.DataFrame, language: Language) -> list[str]:
    """Return what was found of squares, in which nobody lives."""
    lines = [say("found_squares", language, n=number(len(squares), language))]
    for name in CLASSES:
        n = int((squares["class"] == name).sum())
        called = value("class", name, language)
        lines.append("  " + say("squares_of_class", language, name=called, n=number(n, language)))
    return lines


def of_samples(samples: Contents, language: Language) -> str:
    """Return what samples hold by carrier and technology, and what was dropped and why."""
    n_kept = sum(samples.counts.values())
    lines = [
        say("rows", language, n=number(samples.n_rows, language), kept=number(n_kept, language))
    ]
    counts = {
        f"{plmn or '?'} {technology or say('none', language)}": n
        for (plmn, technology), n in samples.counts.items()
    }
    lines += [f"  {who}: {number(n, language)}" for who, n in sorted(counts.items())]
    lines += [
        f"  {say('dropped_one', language, reason=reason_told(reason, language))}: {number(n, language)}"
        for reason, n in samples.dropped.items()
    ]
    return "\n".join(lines)


def of_list(rows: pd.DataFrame, language: Language) -> str:
    """Return the head of a list as lines for the terminal."""
    if not len(rows):
        return say("nothing", language)
    return "\n".join(
        f"{position}. {row['name']} ({row['hamlet_id']}), {_or_missing(row['commune_name'], language)}: "
        f"{value('class', row['class'], language)}, {number(row['priority'], language, digits=1)}"
        for position, (_, row) in enumerate(rows.iterrows(), start=1)
    )


def _people(rows: pd.DataFrame, language: Language) -> str:
    return number(rows["people"].sum(min_count=min(len(rows), 1)), language)


def _position(result: Result, wanted: str) -> int:
    """Return where the hamlet stands: its code, else its exact name, else its name without accents."""
    hamlets = result.hamlets
    names = hamlets["name"]
    for matches in (
        hamlets["hamlet_id"] == wanted,
        names == wanted,
        names.map(fold) == fold(wanted),
    ):
        found = matches.to_numpy().nonzero()[0]
        if len(found) == 1:
            return int(found[0])
        if len(found):
            several = ", ".join(
                f"{hamlets['hamlet_id'].iloc[i]} ({names.iloc[i]}, {hamlets['commune_name'].iloc[i]})"
                for i in found[:10]
            )
            fault = Fault(
                value=wanted,
                problem=Sentence("{n} hamlets are called so: {names}", n=len(found), names=several),
                remedy="Give the code",
            )
            raise InputError([fault])
    known = {fold(name): name for name in sorted(names)}
    close = [known[name] for name in difflib.get_close_matches(fold(wanted), known, n=3)]
    remedy = (
        Sentence("Did you mean {names}?", names=", ".join(close))
        if close
        else "Give a code or name of hamlets.parquet"
    )
    raise InputError([Fault(value=wanted, problem="no hamlet is called so", remedy=remedy)])


def _verdict(result: Result, row: pd.Series, language: Language) -> list[str]:
    settings = result.settings
    confidence = number(settings.evidence.confidence, language, digits=2)
    whole = _rows(result, row["hamlet_id"], cluster_id="", carrier=ANY_CARRIER).iloc[0]
    rule = "rule_unknown" if row["class"] == "unknown" else "rule_decided"
    figures = {
        part: number(row[f"priority_{part}"], language, digits=1)
        for part in ("severity", "people", "no_grid", "difficult")
    }
    lines = [
        say("class_is", language, name=value("class", row["class"], language)),
        "  "
        + say(
            rule,
            language,
            confidence=confidence,
            minimum=number(settings.levels.minimum_rsrp_dbm, language),
            good=number(settings.levels.good_rsrp_dbm, language),
        ),
        "  " + _probability(whole, language),
        say("official", language, name=value("official_class", row["official_class"], language)),
        say(
            "people",
            language,
            people=number(row["people"], language),
            unserved=number(row["people_unserved"], language),
            unknown=number(row["people_unknown"], language),
        ),
        say(
            "power",
            language,
            name=value("power", row["power"], language),
            source=_or_missing(row["power_source"], language),
            date=date(row["power_as_of"], language),
        ),
        say("funding", language, name=value("funding_route", row["funding_route"], language)),
        say("priority", language, total=number(row["priority"], language, digits=1), **figures),
    ]
    if row["quality_uncertain"]:
        lines.insert(2, "  " + say("rule_uncertain", language))
    return lines


def _evidence(result: Result, hamlet_id: str, language: Language) -> list[str]:
    clusters = result.clusters[result.clusters["hamlet_id"] == hamlet_id]
    lines = []
    for _, cluster in clusters.iterrows():
        lines.append(
            "  "
            + say(
                "cluster",
                language,
                id=cluster["cluster_id"],
                kind=value("cluster_kind", cluster["kind"], language),
                people=number(cluster["people"], language),
            )
        )
        rows = _rows(result, hamlet_id, cluster_id=cluster["cluster_id"])
        for _, row in rows.iterrows():
            lines.append(f"    {_line(row, result, language)}")
            lines += [f"      {ground}" for ground in explain_grounds.of_row(row, result, language)]
    lines.append("  " + say("rest", language))
    rows = _rows(result, hamlet_id, cluster_id="")
    lines += [f"    {_line(row, result, language)}" for _, row in rows.iterrows()]
    return lines


def _line(row: pd.Series, result: Result, language: Language) -> str:
    parts = [
        f"{value('carrier', row['carrier'], language)}: {value('class', row['class'], language)}",
        _probability(row, language),
        _statistics(row, result, language),
    ]
    return "; ".join(parts)


def _probability(row: pd.Series, language: Language) -> str:
    if is_missing(row["p_served"]):
        return say("not_served_known", language)
    p, low, high = (
        number(row[c], language, digits=2) for c in ("p_served", "p_served_low", "p_served_high")
    )
    return say("served", language, p=p, low=low, high=high)


def _statistics(row: pd.Series, result: Result, language: Language) -> str:
    if not is_missing(row["n_samples"]):
        return say(
            "stats",
            language,
            n=number(row["n_samples"], language),
            none=number(row["n_no_service"], language),
            devices=number(row["n_devices"], language),
            days=number(row["n_days"], language),
            newest=date(row["newest"], language),
            median=number(row["rsrp_median_dbm"], language),
        )
    if row["evidence"] == "none":
        return say("no_sample", language)
    key = "withheld" if row["evidence"] == "measured" else "withheld_or_none"
    return say(key, language, k=result.settings.privacy.minimum_devices)


def _candidates(result: Result, hamlet_id: str, language: Language) -> list[str]:
    clusters = result.clusters.loc[result.clusters["hamlet_id"] == hamlet_id, "cluster_id"]
    serving = result.coverage.loc[result.coverage["cluster_id"].isin(clusters), "site_id"]
    sites = result.candidates[result.candidates["site_id"].isin(serving)].head(MOST_CANDIDATES)
    if not len(sites):
        return ["  " + say("nothing", language)]
    return [
        "  "
        + say(
            "candidate",
            language,
            id=site["site_id"],
            rank=number(site["rank"], language),
            mast=number(site["mast_m"], language),
            people=number(site["people_gained"], language),
        )
        for _, site in sites.iterrows()
    ]


def _nearest(result: Result, hamlet_id: str, language: Language) -> list[str]:
    ways = nearest_sites(result, hamlet_id)
    if not ways:
        return ["  " + say("nothing", language)]
    lines = []
    for way in ways:
        if way.blocking is None:
            sight = say("sight_unknown", language)
        elif way.blocking.excess_m > 0:
            sight = say(
                "sight_blocked",
                language,
                excess=number(way.blocking.excess_m, language),
                at=number(way.blocking.distance_m / 1000, language, digits=1),
                ground=number(way.blocking.ground_m, language),
            )
        else:
            sight = say("sight_clear", language)
        lines.append(
            "  "
            + say(
                "site",
                language,
                carrier=value("carrier", way.carrier, language),
                id=way.site_id,
                km=number(way.distance_m / 1000, language, digits=1),
                position=say("site_exact" if way.exact else "site_estimated", language),
                sight=sight,
            )
        )
    return lines


def _refused(wanted: str, problem: str, remedy: str) -> InputError:
    return InputError([Fault(value=wanted, problem=problem, remedy=remedy)])


def _rows(
    result: Result, hamlet_id: str, *, cluster_id: str, carrier: str | None = None
) -> pd.DataFrame:
    table = result.assessment
    chosen = (
        (table["hamlet_id"] == hamlet_id)
        & (table["cluster_id"] == cluster_id)
        & (table["technology"] == JUDGED_TECHNOLOGY)
    )
    return table[chosen if carrier is None else chosen & (table["carrier"] == carrier)]


def _or_missing(content: object, language: Language) -> str:
    return say("nothing", language) if is_missing(content) else str(content)
