"""Group the people without service into areas that one site could serve."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from sklearn.cluster import DBSCAN

from lomsong.evidence.clusters import Integers
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.tables import ANY_CARRIER


@dataclass(frozen=True, eq=False, kw_only=True)
class Demand:
    """Every cluster as a place that a site may serve, and the part of it that waits for service."""

    cluster_id: pd.Series
    hamlet_id: pd.Series
    x: Floats
    y: Floats
    people: Floats
    """People of each cluster; 0 where nobody knows."""
    waiting: Floats
    """People who wait for service."""
    p_unserved: Floats
    """Probability that they have none now; 1 where nobody knows it."""
    no_grid: Floats
    """Of those, people in hamlets without grid power."""
    difficult: Floats
    """Of those, people in extremely difficult hamlets."""
    group: Integers
    """Group of demand; -1 where nobody waits."""


def find_demand(
    clusters: gpd.GeoDataFrame,
    assessment: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    *,
    crs: CRS,
    group_distance_m: float,
    include_unknown: bool,
    carrier: str = ANY_CARRIER,
) -> Demand:
    """Return who waits for 4G service, in groups of clusters that stand closer than `group_distance_m` [m].

    A cluster waits when it is decided not served by the carrier, or by any; with `include_unknown`, also where nobody
    knows. Tables are `tables.CLUSTERS`, `tables.ASSESSMENT` and `tables.GAPS`; positions are in `crs`.
    """
    table = clusters.sort_values("cluster_id", ignore_index=True)
    x, y = to_crs(
        table.geometry.x.to_numpy(), table.geometry.y.to_numpy(), source=WGS84, target=crs
    )
    judged = assessment[
        (assessment["carrier"] == carrier)
        & (assessment["technology"] == "4G")
        & (assessment["cluster_id"] != "")
    ]
    judged = judged.set_index("cluster_id").reindex(table["cluster_id"])
    wanted = judged["class"].isin(["no_signal", *(["unknown"] if include_unknown else [])])
    people = np.nan_to_num(table["people"].to_numpy(float))
    waiting = np.where(wanted.to_numpy(bool), people, 0.0)
    hamlet = gaps.set_index("hamlet_id").loc[table["hamlet_id"]]
    group = np.full(len(table), -1, np.int64)
    places = np.flatnonzero(waiting > 0)
    if len(places):
        near = DBSCAN(eps=group_distance_m, min_samples=1)
        # Clusters are sorted by id, so labels follow the data and not the order of rows.
        group[places] = near.fit_predict(np.column_stack([x[places], y[places]]))
    return Demand(
        cluster_id=table["cluster_id"],
        hamlet_id=table["hamlet_id"],
        x=x,
        y=y,
        people=people,
        waiting=waiting,
        p_unserved=1 - judged["p_served"].fillna(0.0).to_numpy(float),
        no_grid=waiting * (hamlet["power"] == "no_grid").to_numpy(),
        difficult=waiting * hamlet["extremely_difficult"].fillna(value=False).to_numpy(bool),
        group=group,
    )
