"""Write down what stands behind 4G beside a carrier's own samples: silence with its witnesses, and what was expected."""

import numpy as np
import pandas as pd

from lomsong.assess.beyond import Beyond
from lomsong.assess.classify import Flags, Texts
from lomsong.config import PrivacySection
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.silence import Silence, heard_at_clusters
from lomsong.space.crs import Floats
from lomsong.tables import GROUNDS, Hamlets, checked, empty


def grounds_of(
    witnesses: pd.DataFrame,
    hamlets: Hamlets,
    clusters: Clusters,
    *,
    beyond: Beyond,
    privacy: PrivacySection,
) -> pd.DataFrame:
    """Return `tables.GROUNDS`: a row per cluster and carrier of which silence or sites tell anything.

    How many devices were heard, and the ratio that follows from their number, is told only where enough devices stand
    behind it.
    """
    if (beyond.silences is None and beyond.together is None) or not len(clusters.table):
        return empty(GROUNDS)
    heard = heard_at_clusters(witnesses)
    ids = clusters.table["cluster_id"].to_numpy()
    hamlet_ids = hamlets.table["hamlet_id"].to_numpy()[clusters.hamlet]
    parts = []
    for number, carrier in enumerate(beyond.carriers):
        own = heard[heard["carrier"] == carrier]
        has_own = np.bincount(own["cluster"].to_numpy(), minlength=len(ids)) > 0
        silence, ratio = _silence(beyond, number, has_own)
        rows = pd.DataFrame({"cluster_id": ids, "hamlet_id": hamlet_ids, "carrier": carrier})
        rows = rows.assign(silence=silence, silence_ratio=ratio, **_expected(beyond, number))
        of_others, of_own = _counted(heard, privacy), _counted(own, privacy)
        instead = of_others[~of_others.index.isin(of_own.index)]
        counts = pd.concat([of_own, instead]).reindex(rows.index)
        on_the_way = silence == "passed"
        if beyond.silences is not None:
            passed = _passed(beyond.silences.silence, number, privacy)
            counts = pd.concat([counts[~on_the_way], passed[on_the_way]]).sort_index()
        named = np.isin(silence.astype(str), ["others_heard", "older_heard", "passed"])
        told = named & counts["enough"].eq(other=True).to_numpy(bool, na_value=False)
        for column in ("n_devices", "n_days"):
            rows[column] = counts[column].where(told).astype("Int64")
        rows["silence_ratio"] = rows["silence_ratio"].mask(named & ~told)
        parts.append(rows[rows["silence"].notna() | rows["expected_dbm"].notna()])
    table = pd.concat(parts, ignore_index=True) if parts else empty(GROUNDS)
    texts = ("cluster_id", "hamlet_id", "carrier", "silence")
    table = table.astype(dict.fromkeys(texts, "str"))
    return checked(table.sort_values(["cluster_id", "carrier"], ignore_index=True), GROUNDS)


def _silence(beyond: Beyond, number: int, has_own: Flags) -> tuple[Texts, Floats]:
    """Return which silence counted for a carrier at each cluster, and its likelihood ratio."""
    ratio, alone = np.ones(len(has_own)), np.ones(len(has_own))
    if beyond.silences is not None:
        ratio = ratio * beyond.silences.silence.named[number]
    if beyond.together is not None:
        ratio = ratio * beyond.together.older_ratio[number]
        if beyond.silences is not None:
            # Nobody heard at all counts only beside what sites let expect.
            foretold = np.isfinite(beyond.together.foretold.level_dbm[number])
            alone = np.where(foretold, beyond.silences.silence.alone[number], 1.0)
    kinds = np.full(len(has_own), None, dtype=object)
    kinds[alone < 1] = "nobody_heard"
    kinds[(ratio < 1) & ~has_own] = "others_heard"
    kinds[(ratio < 1) & has_own] = "older_heard"
    if beyond.silences is not None:
        # Of several kinds, the one that weighs most is told.
        passed = beyond.silences.silence.passed[number]
        kinds[(passed < 1) & (passed <= ratio / np.maximum(passed, ratio))] = "passed"
    told = np.where(ratio < 1, ratio, alone)
    return kinds, np.where(told < 1, told, np.nan)


def _passed(silence: Silence, number: int, privacy: PrivacySection) -> pd.DataFrame:
    """Return by cluster how many devices fell silent on the way on how many days, and whether that may be told."""
    devices, days = silence.passed_devices[number], silence.passed_days[number]
    return pd.DataFrame(
        {
            "n_devices": pd.array(devices, "Int64"),
            "n_days": pd.array(days, "Int64"),
            "enough": pd.array(devices >= privacy.minimum_devices, "boolean"),
        }
    )


def _expected(beyond: Beyond, number: int) -> dict[str, Floats]:
    """Return what sites, terrain and other hamlets let expect, in whole dB."""
    if beyond.together is None:
        nothing = np.full(len(beyond.silences.x) if beyond.silences is not None else 0, np.nan)
        return dict.fromkeys(("expected_dbm", "expected_sigma_db", "p_expected"), nothing)
    foretold = beyond.together.foretold
    return {
        "expected_dbm": np.round(foretold.level_dbm[number]),
        "expected_sigma_db": np.round(foretold.sigma_db[number]),
        "p_expected": foretold.p_served[number],
    }


def _counted(heard: pd.DataFrame, privacy: PrivacySection) -> pd.DataFrame:
    """Return by cluster how many devices were heard on how many days, and whether that may be told."""
    groups = heard.assign(
        device=heard["device"].mask(heard["device"] == ""), day=heard["day"].mask(heard["day"] < 0)
    ).groupby("cluster", sort=True)
    table = groups.agg(n_devices=("device", "nunique"), n_days=("day", "nunique"))
    enough = table["n_devices"] >= privacy.minimum_devices
    if privacy.publish_without_devices:
        unnamed = heard.loc[heard["device"] == "", "cluster"].unique()
        enough |= table.index.isin(unnamed)
    # Where the source names no device, their number is not known.
    named = table["n_devices"] > 0
    return pd.DataFrame(
        {
            "n_devices": table["n_devices"].where(named).astype("Int64"),
            "n_days": table["n_days"].astype("Int64"),
            "enough": enough.astype("boolean"),
        }
    )
