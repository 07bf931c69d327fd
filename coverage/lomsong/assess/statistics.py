"""Summarise the samples behind a class, and withhold what would give people away."""

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from lomsong.config import PrivacySection
from lomsong.evidence.cube import NO_SERVICE
from lomsong.tables import ANY_CARRIER, NO_CARRIER, RSRP_TECHNOLOGIES, TECHNOLOGIES

STATISTICS: Final = (
    "n_samples",
    "n_no_service",
    "n_devices",
    "n_days",
    "newest",
    "rsrp_median_dbm",
    "rsrp_p10_dbm",
)
_KEY = ["unit", "carrier", "technology"]


def summarise(
    witnesses: pd.DataFrame,
    unit: pd.Series,
    *,
    technologies: tuple[str, ...],
    privacy: PrivacySection,
) -> pd.DataFrame:
    """Return a row of `STATISTICS` per unit × carrier × technology, indexed by those three.

    `unit` names for each witness row what is summarised (a hamlet's or a cluster's position; -1: left out). A sample
    is an observation with a level or one of no service; the latter counts for every technology. Carrier "any" holds
    all, those of no carrier included. Levels are quantiles of rows, in whole dB: the level that the asked share of
    rows does not exceed.
    """
    rows = with_categories(witnesses[["carrier", "technology", "device", "day", "level_dbm", "n"]])
    rows = rows.assign(unit=unit)
    rows = rows[rows["unit"] >= 0]

    def spread(counted: pd.DataFrame) -> pd.DataFrame:
        return by_carrier_and_technology(counted, technologies)

    # What is counted is much less than its rows, and copies for any carrier double it.
    levels = rows.groupby([*_KEY, "level_dbm"], sort=True, as_index=False)[["n"]].sum()
    devices, days = (rows[[*_KEY, name]].drop_duplicates() for name in ("device", "day"))
    return _published(_counted(spread(levels), spread(devices), spread(days)), privacy)


def with_categories(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the names of carriers, technologies and devices as numbers in the order of the names."""
    carriers = pd.CategoricalDtype(sorted({*rows["carrier"].unique(), ANY_CARRIER}))
    technologies = pd.CategoricalDtype(["", *TECHNOLOGIES])
    return rows.astype({"carrier": carriers, "technology": technologies, "device": "category"})


def by_carrier_and_technology(rows: pd.DataFrame, technologies: tuple[str, ...]) -> pd.DataFrame:
    """Return rows of `with_categories` under each carrier and technology that they speak of.

    No service counts for every technology, and carrier "any" holds all rows, those of no carrier included.
    """
    silent = rows["technology"] == ""
    copies = [_all_of(rows[silent], "technology", t) for t in technologies]
    rows = pd.concat([rows[~silent], *copies], ignore_index=True)
    named = rows[rows["carrier"] != NO_CARRIER]
    return pd.concat([named, _all_of(rows, "carrier", ANY_CARRIER)], ignore_index=True)


def _all_of(rows: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    """Put one name into a column of categories."""
    same = pd.Series(name, index=rows.index, dtype=rows[column].dtype)
    return rows.assign(**{column: same})


def _counted(levels: pd.DataFrame, devices: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return the statistics of each key from its levels and their numbers, its devices, and its days."""
    heard = levels[levels["level_dbm"] != NO_SERVICE]
    silent = levels[levels["level_dbm"] == NO_SERVICE]
    known = devices[devices["device"] != ""]
    table = levels.groupby(_KEY, sort=True).agg(n_samples=("n", "sum"))
    table["newest"] = days.groupby(_KEY, sort=True)["day"].max()
    table["n_no_service"] = silent.groupby(_KEY)["n"].sum()
    table["n_devices"] = known.groupby(_KEY)["device"].nunique()
    table["n_days"] = days[days["day"] >= 0].groupby(_KEY)["day"].nunique()
    table["unnamed"] = devices[devices["device"] == ""].groupby(_KEY).size()
    table["n_no_service"] = table["n_no_service"].fillna(0)
    table["n_days"] = table["n_days"].fillna(0)
    rsrp = heard[heard["technology"].isin(RSRP_TECHNOLOGIES)]
    table["rsrp_median_dbm"] = quantile(rsrp, 0.5, key=_KEY)
    table["rsrp_p10_dbm"] = quantile(rsrp, 0.1, key=_KEY)
    table["newest"] = [
        (dt.date(1970, 1, 1) + dt.timedelta(days=int(day))).isoformat() if day >= 0 else None
        for day in table["newest"]
    ]
    return table.astype({"newest": "str"})


def quantile(rows: pd.DataFrame, share: float, *, key: list[str]) -> pd.Series:
    """Return per key the smallest level that at least `share` of the rows do not exceed [dBm]."""
    histogram = rows.groupby([*key, "level_dbm"], sort=True, as_index=False)["n"].sum()
    groups = histogram.groupby(key, sort=True)["n"]
    reached = groups.cumsum() >= share * groups.transform("sum")
    lowest: pd.Series = histogram[reached].groupby(key, sort=True)["level_dbm"].first()
    return lowest.astype(float)


def _published(table: pd.DataFrame, privacy: PrivacySection) -> pd.DataFrame:
    """Blank the statistics of too few devices; class, probability and grade are not touched."""
    enough = table["n_devices"].fillna(0) >= privacy.minimum_devices
    if privacy.publish_without_devices:
        enough |= table["unnamed"].notna()
    shown = table[list(STATISTICS)].astype(
        {"n_samples": "Int64", "n_no_service": "Int64", "n_devices": "Int64", "n_days": "Int64"}
    )
    hidden = ~enough.to_numpy(bool)
    for column in STATISTICS:
        empty = np.nan if shown[column].dtype == float else pd.NA
        shown.loc[hidden, column] = empty
    return shown
