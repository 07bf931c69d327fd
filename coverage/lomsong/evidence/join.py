"""Say which hamlet and which cluster a sample speaks for."""

from typing import Final

import geopandas as gpd
import numpy as np
from scipy.spatial import cKDTree

from lomsong.evidence.clusters import Clusters, Integers
from lomsong.space import PolygonIndex
from lomsong.space.crs import WGS84, Floats, to_crs

APART: Final = 1e8
"""Distance put between hamlets [m], so that a search for near places stays inside one."""
TIES: Final = 4
"""Places at the very same distance that are told apart by the clusters' order."""


class Locator:
    """Find hamlet and cluster of points; built once, used for any number of batches.

    A point belongs to one hamlet (`PolygonIndex`: on a shared edge the one with the lowest `hamlet_id`, hamlets before squares), and within
    it to the cluster with the nearest place, if that lies within the cluster's reach.
    """

    def __init__(self, hamlets: gpd.GeoDataFrame, clusters: Clusters) -> None:
        # Where a square of a grid overlaps a hamlet, its people's samples stay the hamlet's.
        standing = (hamlets["kind"] == "hamlet").map({True: "0", False: "1"})
        self._polygons = PolygonIndex(
            hamlets.geometry.to_numpy(), rank=(standing + hamlets["hamlet_id"]).to_numpy()
        )
        self._clusters = clusters
        hamlet = clusters.hamlet[clusters.place_cluster]
        self._tree = cKDTree(np.column_stack([clusters.place_x, clusters.place_y, hamlet * APART]))
        self._furthest = float(clusters.reach_m.max(initial=0.0))

    def locate(self, lon: Floats, lat: Floats) -> tuple[Integers, Integers]:
        """Return positions of hamlets and clusters, -1 where there is none."""
        hamlet = self._polygons.locate(lon, lat)
        inside = np.flatnonzero(hamlet >= 0)
        cluster = np.full(len(hamlet), -1, np.int64)
        if len(inside) and len(self._clusters.place_cluster):
            x, y = to_crs(lon[inside], lat[inside], source=WGS84, target=self._clusters.crs)
            cluster[inside] = self._nearest(x, y, hamlet[inside])
        return hamlet, cluster

    def _nearest(self, x: Floats, y: Floats, hamlet: Integers) -> Integers:
        k = min(TIES, len(self._clusters.place_cluster))
        distance, place = self._tree.query(
            np.column_stack([x, y, hamlet * APART]),
            k=np.arange(1, k + 1),
            distance_upper_bound=np.nextafter(self._furthest, np.inf),
        )
        found = np.isfinite(distance)
        owner = self._clusters.place_cluster[np.where(found, place, 0)]
        tied = found & (distance == distance[:, :1])
        best = np.where(tied, owner, np.iinfo(np.int64).max).min(axis=1)
        near = found[:, 0]
        best = np.where(near, best, 0)
        return np.where(near & (distance[:, 0] <= self._clusters.reach_m[best]), best, -1)
