"""Group the people without service into areas that one site could serve."""

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from sklearn.cluster import DBSCAN, AgglomerativeClustering

from lomsong.siting.demand import Demand
from lomsong.space.crs import WGS84, Floats
from lomsong.space.raster import Integers
from lomsong.tables import SERVICE_AREAS, checked, empty

MARGIN_M: Final = 250.0
"""A service area reaches so far beyond its clusters [m]: the catchment of a cluster, and enough to be seen."""


def grouped(demand: Demand, *, gap_m: float, span_m: float) -> Demand:
    """Return demand whose waiting clusters are grouped: those that stand closer than `gap_m` [m] belong together.

    Groups wider than `span_m` [m] are cut: a chain of hamlets along a valley is no service area.
    """
    group = np.full(len(demand.waiting), -1, np.int64)
    places = np.flatnonzero(demand.waiting > 0)
    group[places] = _groups(demand.x[places], demand.y[places], gap_m=gap_m, span_m=span_m)
    return replace(demand, group=group)


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


def _groups(x: Floats, y: Floats, *, gap_m: float, span_m: float) -> Integers:
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
