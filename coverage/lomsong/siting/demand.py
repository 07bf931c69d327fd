"""Group the people without service into areas that one site could serve."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import DBSCAN

from lomsong.evidence.clusters import Clusters, Integers
from lomsong.space.crs import WGS84, Floats, to_crs


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
    no_grid: Floats
    """Of those, people in hamlets without grid power."""
    difficult: Floats
    """Of those, people in extremely difficult hamlets."""
    group: Integers
    """Group of demand; -1 where nobody waits."""


def find_demand(
    clusters: Clusters,
    classes: npt.NDArray[np.object_],
    gaps: gpd.GeoDataFrame,
    *,
    group_distance_m: float,
    include_unknown: bool,
) -> Demand:
    """Return who waits for service, in groups of clusters that stand closer than `group_distance_m` [m].

    A cluster waits when it is decided not served; with `include_unknown`, also where nobody knows.
    """
    table = clusters.table
    x, y = to_crs(
        table.geometry.x.to_numpy(), table.geometry.y.to_numpy(), source=WGS84, target=clusters.crs
    )
    wanted = np.isin(classes.astype(str), ["no_signal", *(["unknown"] if include_unknown else [])])
    people = np.nan_to_num(table["people"].to_numpy(float))
    waiting = np.where(wanted, people, 0.0)
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
        no_grid=waiting * (hamlet["power"] == "no_grid").to_numpy(),
        difficult=waiting * hamlet["extremely_difficult"].fillna(value=False).to_numpy(bool),
        group=group,
    )
