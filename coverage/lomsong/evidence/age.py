"""Say how much old observations still count, and which silence a new site has made worthless."""

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd
from pyproj import CRS

from lomsong.evidence.cells import middles_of_cells
from lomsong.evidence.clusters import Flags
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.tables import JUDGED_TECHNOLOGY
from lomsong.vietnam.carriers import carriers_of

AGE: Final = "half_lives"
"""Column of witnesses: how many half-lives have passed since, whole ones, so that what is counted together is of one age."""
NEW_SITE_M: Final = 3000.0
"""A new site may have changed what is heard within this distance [m] (assumption)."""
USUAL_SHARE: Final = 0.95
STRAY_AFTER_DAYS: Final = 366
"""Days that come so long after this share of all observations are mistakes of a clock (assumption)."""
_EPOCH: Final = dt.date(1970, 1, 1)


def present_day(witnesses: pd.DataFrame) -> dt.date | None:
    """Return the newest day in the data that is no mistake of a clock; None where no day is known.

    One phone whose clock runs years ahead would make everything else look old.
    """
    known = witnesses[witnesses["day"] >= 0]
    if not len(known):
        return None
    counted = known.groupby("day", sort=True)["n"].sum()
    passed = counted.cumsum()
    usual = int(counted.index[(passed >= USUAL_SHARE * passed.iloc[-1]).argmax()])
    day = int(counted.index[counted.index <= usual + STRAY_AFTER_DAYS].max())
    return _EPOCH + dt.timedelta(days=day)


def aged(witnesses: pd.DataFrame, *, half_life_days: float, as_of: dt.date | None) -> pd.DataFrame:
    """Put beside each witness how many half-lives have passed since; where no day is known, none.

    Parameters
    ----------
    witnesses
        `Evidence.witnesses`.
    half_life_days
        After so many days an observation counts half.
    as_of
        Ages are counted from here; by default from the newest day in the data (`present_day`).
    """
    day = witnesses["day"].to_numpy()
    passed = np.zeros(len(day), np.int32)
    today = as_of or present_day(witnesses)
    if today is not None:
        now = (today - _EPOCH).days
        passed = np.where(day < 0, 0, np.maximum(now - day, 0) // half_life_days).astype(np.int32)
    return witnesses.assign(**{AGE: passed})


def with_ages(witnesses: pd.DataFrame) -> pd.DataFrame:
    """Return witnesses with ages; where nobody asked for them, all are new."""
    return witnesses if AGE in witnesses else witnesses.assign(**{AGE: np.int32(0)})


def weight_of(table: pd.DataFrame) -> Floats:
    """Return how much each row still counts."""
    return np.asarray(0.5 ** table[AGE].to_numpy(float), float)


def outdated(
    witnesses: pd.DataFrame, sites: pd.DataFrame, *, carriers: tuple[str, ...], crs: CRS
) -> dict[str, Flags]:
    """Tell for each carrier which witnesses were there before one of its sites nearby was first observed.

    That a carrier was silent then, or a phone of its own without 4G, says nothing of today. A crowd may notice an old
    site late; then silence is lost, never invented. Carriers of which no witness is outdated are left out.

    Parameters
    ----------
    sites
        `tables.SITES`.
    crs
        The run's metric CRS.
    """
    if "first_seen" not in sites:
        return {}
    known = sites[(sites["technology"] == JUDGED_TECHNOLOGY) & sites["first_seen"].notna()]
    known = known.assign(carrier=carriers_of(known["plmn"]))
    masts = known.groupby(["carrier", "site_id"], sort=True, as_index=False).agg(
        {"lon": "first", "lat": "first", "first_seen": "min"}
    )
    passed = (masts["first_seen"] - pd.Timestamp(_EPOCH, tz="UTC")) // pd.Timedelta(days=1)
    since = passed.to_numpy(np.int64)
    x, y = to_crs(masts["lon"].to_numpy(), masts["lat"].to_numpy(), source=WGS84, target=crs)
    cells = witnesses[["cell_x", "cell_y"]].drop_duplicates()
    cell = witnesses.groupby(["cell_x", "cell_y"], sort=False).ngroup().to_numpy()
    at_x, at_y = middles_of_cells(cells["cell_x"], cells["cell_y"], crs=crs)
    day = witnesses["day"].to_numpy()
    found: dict[str, Flags] = {}
    for carrier in sorted(set(masts["carrier"]) & set(carriers)):
        newest = np.full(len(cells), -1, np.int64)
        for mast in np.flatnonzero(masts["carrier"] == carrier):
            near = np.hypot(at_x - x[mast], at_y - y[mast]) <= NEW_SITE_M
            newest[near] = np.maximum(newest[near], since[mast])
        then = (day >= 0) & (day < newest[cell])
        if then.any():
            found[carrier] = then
    return found
