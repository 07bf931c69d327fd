"""Summarise the samples behind a class, and withhold what would give people away."""

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from lomsong.config import PrivacySection
from lomsong.evidence.cube import NO_SERVICE
from lomsong.tables import ANY_CARRIER, NO_CARRIER, RSRP_TECHNOLOGIES

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
_COUNTED = ["carrier", "technology", "device", "day", "level_dbm", "n"]


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
    # Devices as numbers, and no column more than is counted: copies for any carrier double all of it.
    rows = witnesses[_COUNTED].assign(unit=unit, device=witnesses["device"].astype("category"))
    rows = by_carrier_and_technology(rows[rows["unit"] >= 0], technologies)
    return _published(_counted(rows), privacy)


def by_carrier_and_technology(rows: pd.DataFrame, technologies: tuple[str, ...]) -> pd.DataFrame:
    """Return witnesses under each carrier and technology that they speak of.

    No service counts for every technology, and carrier "any" holds all rows, those of no carrier included.
    """
    silent = rows["technology"] == ""
    copies = [rows[silent].assign(technology=t) for t in technologies]
    rows = pd.concat([rows[~silent], *copies], ignore_index=True)
    named = rows[rows["carrier"] != NO_CARRIER]
    return pd.concat([named, rows.assign(carrier=ANY_CARRIER)], ignore_index=True)


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    heard = rows[rows["level_dbm"] != NO_SERVICE]
    silent = rows[rows["level_dbm"] == NO_SERVICE]
    known = rows[rows["device"] != ""]
    table = rows.groupby(_KEY, sort=True).agg(n_samples=("n", "sum"), newest=("day", "max"))
    table["n_no_service"] = silent.groupby(_KEY)["n"].sum()
    table["n_devices"] = known.groupby(_KEY)["device"].nunique()
    table["n_days"] = rows[rows["day"] >= 0].groupby(_KEY)["day"].nunique()
    table["unnamed"] = rows[rows["device"] == ""].groupby(_KEY).size()
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
