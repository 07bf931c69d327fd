"""Group the people without service into areas that one site could serve."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.spatial import cKDTree
from sklearn.cluster import DBSCAN, AgglomerativeClustering

from lomsong.evidence.clusters import Integers
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.tables import ANY_CARRIER, SERVICE_AREAS, checked, empty

EVEN: Final = 0.5
"""Below this probability of service a cluster that nothing decides counts as demand, by that probability."""
MARGIN_M: Final = 250.0
"""A service area reaches so far beyond its clusters [m]: the catchment of a cluster, and enough to be seen."""


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
    """Group of demand; -1 where nobody waits."""


def find_demand(
    clusters: gpd.GeoDataFrame,
    assessment: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    *,
    crs: CRS,
    group_distance_m: float,
    include_unknown: bool,
    group_span_m: float = 6000.0,
    carrier: str = ANY_CARRIER,
) -> Demand:
    """Return who waits for 4G service, in groups of clusters that stand closer than `group_distance_m` [m].

    Groups wider than `group_span_m` [m] are cut: a chain of hamlets along a valley is no service area.

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
        & (assessment["technology"] == "4G")
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
    group = np.full(len(table), -1, np.int64)
    places = np.flatnonzero(waiting > 0)
    group[places] = _grouped(x[places], y[places], gap_m=group_distance_m, span_m=group_span_m)
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
        group=group,
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


def service_areas(demand: Demand, hamlets: gpd.GeoDataFrame, *, crs: CRS) -> gpd.GeoDataFrame:
    """Return groups of demand as rows and polygons (`tables.SERVICE_AREAS`, WGS 84), by name.

    A polygon is the hull of the group's clusters, `MARGIN_M` wider. `hamlets` names them (`tables.GAPS`).
    """
    names = hamlets.set_index("hamlet_id")["name"]
    rows = []
    for group in np.unique(demand.group[demand.group >= 0]):
        members = np.flatnonzero(demand.group == group)
        people = pd.Series(demand.waiting[members]).groupby(
            demand.hamlet_id.to_numpy()[members], sort=True
        )
        by_hamlet = people.sum().sort_values(ascending=False, kind="stable")
        hull = shapely.convex_hull(
            shapely.multipoints(np.column_stack([demand.x[members], demand.y[members]]))
        )
        rows.append(
            {
                "service_area": area_name(int(group)),
                "n_clusters": len(members),
                "n_hamlets": len(by_hamlet),
                "people_waiting": float(demand.waiting[members].sum()),
                "people_no_grid": float(demand.no_grid[members].sum()),
                "people_difficult": float(demand.difficult[members].sum()),
                "hamlets": ", ".join(str(name) for name in names.loc[by_hamlet.index]),
                "geometry": shapely.buffer(hull, MARGIN_M, quad_segs=4),
            }
        )
    if not rows:
        return gpd.GeoDataFrame(empty(SERVICE_AREAS))
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=crs).to_crs(WGS84)
    texts = dict.fromkeys(("service_area", "hamlets"), "str")
    return checked(table.astype(texts), SERVICE_AREAS)


def area_names(demand: Demand) -> pd.Series:
    """Return the name of each cluster's service area, null where nobody waits."""
    names = [area_name(int(group)) if group >= 0 else None for group in demand.group]
    return pd.Series(names, index=demand.cluster_id.to_numpy(), dtype="str")


def area_name(group: int) -> str:
    """Return the name of a group of demand."""
    return f"G{group + 1:03d}"


def _grouped(x: Floats, y: Floats, *, gap_m: float, span_m: float) -> Integers:
    """Return the group of each place, numbered in the order of the places."""
    if not len(x):
        return np.empty(0, np.int64)
    places = np.column_stack([x, y])
    chained = DBSCAN(eps=gap_m, min_samples=1).fit_predict(places)
    label = np.zeros(len(x), np.int64)
    following = 0
    for chain in np.unique(chained):
        own = np.flatnonzero(chained == chain)
        wide = len(own) > 1 and float(np.hypot(*np.ptp(places[own], axis=0))) > span_m
        cut = AgglomerativeClustering(
            n_clusters=None, linkage="complete", distance_threshold=span_m
        )
        parts = cut.fit_predict(places[own]) if wide else np.zeros(len(own), np.int64)
        label[own] = following + parts
        following += int(parts.max()) + 1
    # Clusters are sorted by id, so groups follow the data and not the order of rows.
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], np.int64)
