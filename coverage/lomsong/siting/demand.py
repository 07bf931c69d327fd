"""Say who waits for service, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.spatial import cKDTree

from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Integers
from lomsong.tables import ANY_CARRIER, JUDGED_TECHNOLOGY

EVEN: Final = 0.5
"""Below this probability of service a cluster that nothing decides counts as demand, by that probability."""


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
    """People who wait for service: nobody has it, or likelier not."""
    p_unserved: Floats
    """Probability that people have none now; 0 where they are decided to have it, and where nobody knows and nobody asks."""
    no_grid: Floats
    """People in hamlets without grid power."""
    difficult: Floats
    """People in extremely difficult hamlets."""
    interest: Floats
    """By how much each person there counts for more, for points of interest nearby."""
    silent: npt.NDArray[np.bool_]
    """Whether it is decided that no service is there now; where nobody knows it is not."""
    group: Integers
    """Group of demand (`siting.areas`); -1 where nobody waits, or nobody asked for groups."""


def find_demand(
    clusters: gpd.GeoDataFrame,
    assessment: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    *,
    crs: CRS,
    include_unknown: bool,
    carrier: str = ANY_CARRIER,
) -> Demand:
    """Return who waits for 4G service.

    A cluster waits when it is decided not served by the carrier, or by any, and where evidence that decides nothing
    finds it likelier without service than with it; with `include_unknown`, wherever nothing is decided. Tables are
    `tables.CLUSTERS`, `tables.ASSESSMENT` and `tables.GAPS`; positions are in `crs`.
    """
    table = clusters.sort_values("cluster_id", ignore_index=True)
    x, y = to_crs(
        table.geometry.x.to_numpy(), table.geometry.y.to_numpy(), source=WGS84, target=crs
    )
    judged = assessment[
        (assessment["carrier"] == carrier)
        & (assessment["technology"] == JUDGED_TECHNOLOGY)
        & (assessment["cluster_id"] != "")
    ]
    judged = judged.set_index("cluster_id").reindex(table["cluster_id"])
    undecided = judged["class"] == "unknown"
    likely = (judged["evidence"] != "none") & (judged["p_served"] < EVEN)
    wanted = (judged["class"] == "no_signal") | (undecided & (likely | include_unknown))
    people = np.nan_to_num(table["people"].to_numpy(float))
    waiting = np.where(wanted.to_numpy(bool), people, 0.0)
    # Who is likelier to have service, but not for certain, waits nowhere and still counts by the chance of having none.
    counted = wanted | (undecided & (judged["evidence"] != "none"))
    unserved = 1 - judged["p_served"].fillna(0.0).to_numpy(float)
    hamlet = gaps.set_index("hamlet_id").loc[table["hamlet_id"]]
    # Where one carrier is silent, others may be heard, whose masts are known.
    silent = (judged["class"] == "no_signal").to_numpy(bool) & (carrier == ANY_CARRIER)
    return Demand(
        cluster_id=table["cluster_id"],
        hamlet_id=table["hamlet_id"],
        x=x,
        y=y,
        people=people,
        waiting=waiting,
        p_unserved=np.where(counted.to_numpy(bool), unserved, 0.0),
        no_grid=people * (hamlet["power"] == "no_grid").to_numpy(),
        difficult=people * hamlet["extremely_difficult"].fillna(value=False).to_numpy(bool),
        interest=np.zeros(len(table))
        if "interest_weight" not in table
        else table["interest_weight"].to_numpy(float),
        silent=silent,
        group=np.full(len(table), -1, np.int64),
    )


def with_interest(
    clusters: gpd.GeoDataFrame,
    interest: Mapping[str, gpd.GeoDataFrame],
    *,
    crs: CRS,
    weight: float,
    within_m: float,
) -> gpd.GeoDataFrame:
    """Return clusters with `interest_weight`: `weight` for each kind of point of interest within `within_m` [m]."""
    near = np.zeros(len(clusters))
    x, y = to_crs(
        clusters.geometry.x.to_numpy(), clusters.geometry.y.to_numpy(), source=WGS84, target=crs
    )
    for points in interest.values():
        if not len(points):
            continue
        there = to_crs(
            points.geometry.x.to_numpy(), points.geometry.y.to_numpy(), source=WGS84, target=crs
        )
        distance, _ = cKDTree(np.column_stack(there)).query(np.column_stack([x, y]))
        near += distance <= within_m
    return clusters.assign(interest_weight=weight * near)
