"""Predict from known sites and terrain what each cluster receives, kept apart from what was measured."""

from typing import Final

import numpy as np
import pandas as pd

from lomsong.evidence.clusters import Clusters, Integers
from lomsong.progress import SILENT, Progress
from lomsong.propagation import UNKNOWN_MAST_M, best_server, blocking_point, profile
from lomsong.propagation.network import USUAL_MHZ
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster
from lomsong.tables import PREDICTED, checked, empty
from lomsong.vietnam.carriers import carriers_of

RADIUS_M: Final = 10_000.0
"""A known site is looked at this far [m] (assumption)."""
_NUMBERS: Final = ("level_dbm", "sigma_db", "distance_m")
_RIDGE: Final = ("ridge_lon", "ridge_lat", "ridge_ground_m", "ridge_excess_m")


def predict_levels(
    clusters: Clusters,
    sites: pd.DataFrame,
    *,
    terrain: Raster | None,
    receiver_m: float = 1.5,
    shadow_sigma_db: float = 8.0,
    progress: Progress = SILENT,
) -> pd.DataFrame:
    """Return `tables.PREDICTED`: level, its uncertainty, serving site and ridge, by cluster, carrier and technology.

    Nothing of it was measured, and by itself it decides no class.

    Parameters
    ----------
    clusters
        Where people live, in the terrain's CRS.
    sites
        Known sites (`tables.SITES`) of all carriers.
    terrain
        Ground height [m above sea level]; None gives an empty table.
    receiver_m
        Height of a phone [m].
    shadow_sigma_db
        Shadow fading, which no terrain tells [dB].
    progress
        Who is told how far the work is.
    """
    if terrain is None or not len(sites) or not len(clusters.table):
        return empty(PREDICTED)
    known = sites.assign(carrier=carriers_of(sites["plmn"])).dropna(subset=["carrier"])
    parts = []
    with progress.task("known sites over terrain", total=len(known), unit="sites") as task:
        for (carrier, technology), own in known.groupby(["carrier", "technology"], sort=True):
            rows = own.reset_index(drop=True)
            best = best_server(
                terrain,
                rows,
                x=clusters.place_x,
                y=clusters.place_y,
                receiver_m=receiver_m,
                radius_m=RADIUS_M,
                task=task,
            )
            place = typical_places(np.nan_to_num(best.level_dbm, nan=-np.inf), clusters)
            part = pd.DataFrame(
                {
                    "cluster_id": clusters.table["cluster_id"],
                    "hamlet_id": clusters.table["hamlet_id"],
                    "carrier": carrier,
                    "technology": technology,
                    "level_dbm": best.level_dbm[place],
                    "sigma_db": np.hypot(best.spread_db[place], shadow_sigma_db),
                    "corrected_dbm": np.nan,
                    "corrected_sigma_db": np.nan,
                    "corrected_by": None,
                }
            )
            ways = _ways(clusters, rows, place, best.site[place], terrain, receiver_m=receiver_m)
            parts.append(pd.concat([part, ways], axis=1))
    if not parts:
        return empty(PREDICTED)
    table = pd.concat(parts, ignore_index=True)
    table.loc[table["site_id"].isna(), list(_NUMBERS)] = np.nan
    texts = ("cluster_id", "hamlet_id", "carrier", "technology", "corrected_by", "site_id")
    table = table.astype({**dict.fromkeys(texts, "str"), "blocked": "boolean"})
    order = ["cluster_id", "carrier", "technology"]
    return checked(table.sort_values(order, ignore_index=True), PREDICTED)


def typical_places(level: Floats, clusters: Clusters) -> Integers:
    """Return for each cluster the place whose level at least half of its places reach."""
    cluster = clusters.place_cluster
    every = np.arange(len(level))
    order = np.lexsort([every, -level, cluster])
    count = np.bincount(cluster, minlength=len(clusters.table))
    first = np.cumsum(count) - count
    return np.asarray(order[first + (count + 1) // 2 - 1], np.int64)


def _ways(
    clusters: Clusters,
    sites: pd.DataFrame,
    place: Integers,
    server: Integers,
    terrain: Raster,
    *,
    receiver_m: float,
) -> pd.DataFrame:
    """Return the serving site of each cluster, how far it is, and the point that obstructs the way most."""
    sx, sy = to_crs(
        sites["lon"].to_numpy(), sites["lat"].to_numpy(), source=WGS84, target=terrain.crs
    )
    x, y = clusters.place_x[place], clusters.place_y[place]
    distance = np.where(server >= 0, np.hypot(sx[server] - x, sy[server] - y), np.nan)
    blocked: list[bool | None] = [None] * len(place)
    ridge = np.full((len(place), len(_RIDGE)), np.nan)
    masts = sites["height_m"].fillna(UNKNOWN_MAST_M).clip(lower=1.0).to_numpy(float)
    usual = sites["technology"].map(dict(USUAL_MHZ)).astype(float)
    frequency = sites["frequency_mhz"].fillna(usual).to_numpy(float)
    for cluster in np.flatnonzero((server >= 0) & (distance > 0)):
        own = server[cluster]
        path = profile(
            terrain,
            x0=float(sx[own]),
            y0=float(sy[own]),
            x1=float(x[cluster]),
            y1=float(y[cluster]),
        )
        point = blocking_point(
            path,
            frequency_mhz=float(frequency[own]),
            tx_height_m=float(masts[own]),
            rx_height_m=receiver_m,
        )
        if point is not None:
            blocked[cluster] = point.blocked
            ridge[cluster] = (point.x, point.y, point.ground_m, point.excess_m)
    ridge[:, 0], ridge[:, 1] = to_crs(ridge[:, 0], ridge[:, 1], source=terrain.crs, target=WGS84)
    ridge[~np.isfinite(ridge)] = np.nan
    names = sites["site_id"].to_numpy(object)
    return pd.DataFrame(
        {
            "site_id": [names[own] if own >= 0 else None for own in server],
            "distance_m": distance,
            "blocked": pd.array(blocked, dtype="boolean"),
            **{name: ridge[:, column] for column, name in enumerate(_RIDGE)},
        }
    )
