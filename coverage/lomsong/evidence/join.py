"""Say which hamlet and which cluster a sample speaks for."""

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from lomsong.errors import DefectError
from lomsong.evidence.clusters import Clusters, Integers
from lomsong.space import PolygonIndex
from lomsong.space._shapes import Ints
from lomsong.space.compiled import compiled
from lomsong.space.crs import METRES_PER_DEGREE, WGS84, Floats, to_crs

COARSE_M: Final = 35.0
"""Positions that are stated better than this [m] speak where they lie (assumption): it is half of a witness's cell, within which
nobody asks where a sample was."""
_DIAGONAL: Final = 0.5**0.5
_AROUND: Final = (
    *((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)),
    *((x, y) for x in (-_DIAGONAL, _DIAGONAL) for y in (-_DIAGONAL, _DIAGONAL)),
)
"""Where else a phone may have been whose position is coarse: east and north, in units of its accuracy."""


class Coarse(NamedTuple):
    """Rows whose positions are coarser than `COARSE_M`."""

    rows: Integers
    accuracy_m: Floats


def coarse_of(accuracy_m: Floats) -> Coarse:
    """Return which of some rows are coarse; unknown accuracy is not."""
    rows = np.flatnonzero(accuracy_m > COARSE_M)
    return Coarse(rows, accuracy_m[rows])


NOTHING_COARSE: Final = coarse_of(np.empty(0))


class Locator:
    """Find hamlet and cluster of points; built once, used for any number of batches.

    A point belongs to one hamlet (`PolygonIndex`: on a shared edge the one with the lowest `hamlet_id`, hamlets before squares), and within
    it to the cluster with the nearest place, if that lies within the cluster's reach; of clusters equally near, to the first.
    A coarse position belongs to no cluster, but to the rest of its hamlet, where one of eight points around it, as far away
    as its accuracy, lies in another cluster.

    Parameters
    ----------
    hamlets
        Areas as in `tables.HAMLETS`.
    clusters
        Their clusters, sorted by hamlet.
    folder
        Where to keep the index of the polygons for the next run.
    """

    def __init__(
        self, hamlets: gpd.GeoDataFrame, clusters: Clusters, *, folder: Path | None = None
    ) -> None:
        if (np.diff(clusters.hamlet) < 0).any():
            raise DefectError("the clusters are not sorted by hamlet")
        # Where a square of a grid overlaps a hamlet, its people's samples stay the hamlet's.
        standing = (hamlets["kind"] == "hamlet").map({True: "0", False: "1"})
        outlines = hamlets.geometry.to_numpy()
        rank = (standing + hamlets["hamlet_id"]).to_numpy()
        self._polygons = (
            PolygonIndex(outlines, rank=rank)
            if folder is None
            else PolygonIndex.cached(outlines, rank=rank, folder=folder)
        )
        self.n_hamlets = len(hamlets)
        self.cluster_hamlet = clusters.hamlet
        self._crs = clusters.crs
        self._reach_m = clusters.reach_m
        hamlet = clusters.hamlet[clusters.place_cluster]
        order = np.lexsort((clusters.place_cluster, clusters.place_x, clusters.place_y, hamlet))
        self._x, self._y = clusters.place_x[order], clusters.place_y[order]
        self._owner = clusters.place_cluster[order]
        self._first = np.searchsorted(hamlet[order], np.arange(len(hamlets) + 1))
        self._answers_of = (outlines, rank)
        # Each hamlet owns areas that follow each other: what belongs to none of its clusters, then these.
        self._first_area = np.arange(len(hamlets)) + np.searchsorted(
            clusters.hamlet, np.arange(len(hamlets))
        )
        # Of each area what belongs to none of its hamlet's clusters; position -1 points to the last value.
        sizes = np.diff(np.append(self._first_area, self.n_areas))
        self._rest = np.append(np.repeat(self._first_area, sizes), -1)

    def __len__(self) -> int:
        """Return how many clusters there are."""
        return len(self.cluster_hamlet)

    @property
    def n_areas(self) -> int:
        """How many areas there are: clusters, and of each hamlet what belongs to none of them."""
        return self.n_hamlets + len(self)

    @property
    def key(self) -> str:
        """Digest of everything that an answer depends on."""
        digest = hashlib.blake2b(digest_size=16)
        outlines, rank = self._answers_of
        for outline in shapely.to_wkb(outlines):
            digest.update(outline or b"")
        digest.update("\n".join(map(str, rank)).encode())
        digest.update(self._crs.to_wkt().encode())
        doubt = np.array([COARSE_M, *np.ravel(_AROUND)])
        for part in (self.cluster_hamlet, self._reach_m, self._x, self._y, self._owner, doubt):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def locate(
        self, lon: Floats, lat: Floats, *, threads: int | None = None
    ) -> tuple[Integers, Integers]:
        """Return positions of hamlets and clusters, -1 where there is none."""
        hamlet = self._polygons.locate(lon, lat, threads=threads)
        return hamlet, self._clusters(lon, lat, hamlet)

    def areas(
        self,
        lon: Floats,
        lat: Floats,
        *,
        coarse: Coarse = NOTHING_COARSE,
        threads: int | None = None,
    ) -> Integers:
        """Return one number for hamlet and cluster, in the order of both; -1 outside of all hamlets."""
        hamlet, cluster = self.locate(lon, lat, threads=threads)
        areas = self._areas(hamlet, cluster)
        doubtful = self._doubtful(lon, lat, coarse, areas[coarse.rows], threads=threads)
        areas[doubtful] = self._rest[areas[doubtful]]
        return areas

    def locate_by_tile(
        self,
        lon: Floats,
        lat: Floats,
        order: Ints,
        areas: Integers,
        *,
        coarse: Coarse = NOTHING_COARSE,
    ) -> None:
        """Write an order of points in which neighbours stand together, and their `areas` in that order."""
        self._polygons.locate_by_tile(lon, lat, order, areas)
        if not len(self):
            return
        areas[:] = self._areas(areas, self._clusters(lon[order], lat[order], areas))
        if len(coarse.rows):
            nth = np.empty(len(order), np.int64)
            nth[order] = np.arange(len(order))
            doubtful = nth[self._doubtful(lon, lat, coarse, areas[nth[coarse.rows]], threads=1)]
            areas[doubtful] = self._rest[areas[doubtful]]

    def _doubtful(
        self, lon: Floats, lat: Floats, coarse: Coarse, areas: Integers, *, threads: int | None
    ) -> Integers:
        """Return those of coarse rows, in these areas, that may belong to another cluster than their own."""
        inside = np.flatnonzero(self._rest[areas] != areas)
        rows, own = coarse.rows[inside], areas[inside]
        found = np.zeros(len(rows), np.bool_)
        # One direction after the other, and only those not yet found: in as little memory as the rows themselves.
        for east, north in _AROUND:
            left = np.flatnonzero(~found)
            if not len(left):
                break
            some, away_m = rows[left], coarse.accuracy_m[inside[left]]
            beside = _moved(lon[some], lat[some], east * away_m, north * away_m)
            other = self._areas(*self.locate(*beside, threads=threads))
            found[left] = (other != own[left]) & (other != self._rest[other])
        return rows[found]

    def _clusters(self, lon: Floats, lat: Floats, hamlet: Integers) -> Integers:
        """Return the clusters of points whose hamlets are known."""
        cluster = np.full(len(hamlet), -1, np.int64)
        # Position -1, outside of all hamlets, points to the last value.
        lived_in = np.append(np.diff(self._first) > 0, False)
        near = np.flatnonzero(lived_in[hamlet])
        if len(near):
            x, y = to_crs(lon[near], lat[near], source=WGS84, target=self._crs)
            cluster[near] = _nearest(
                x, y, hamlet[near], self._first, self._x, self._y, self._owner, self._reach_m
            )
        return cluster

    def _areas(self, hamlet: Integers, cluster: Integers) -> Integers:
        # Position -1 points to the last value.
        rest = np.append(self._first_area, -1)[hamlet]
        return np.where(cluster >= 0, hamlet + cluster + 1, rest)

    def hamlet_and_cluster(self, areas: Integers) -> tuple[Integers, Integers]:
        """Return what areas stand for; cluster -1 is none."""
        cluster = np.full(self.n_areas, -1, np.int64)
        cluster[np.arange(len(self)) + self.cluster_hamlet + 1] = np.arange(len(self))
        hamlet = np.searchsorted(self._first_area, areas, side="right") - 1
        return hamlet, cluster[areas]


@compiled
def _moved(lon: Floats, lat: Floats, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """Return points moved by some metres."""
    # Point by point: the cosine of a whole array may depend on where in it a value stands.
    moved_lon, moved_lat = np.empty(len(lon)), np.empty(len(lon))
    for point in range(len(lon)):
        per_degree_m = METRES_PER_DEGREE * np.cos(np.radians(lat[point]))
        moved_lon[point] = lon[point] + east_m[point] / per_degree_m
        moved_lat[point] = lat[point] + north_m[point] / METRES_PER_DEGREE
    return moved_lon, moved_lat


@compiled
def _nearest(  # noqa: PLR0917 -- compiled code is called by position
    x: Floats,
    y: Floats,
    hamlet: Integers,
    first: Integers,
    place_x: Floats,
    place_y: Floats,
    owner: Integers,
    reach_m: Floats,
) -> Integers:
    """Return the cluster of the nearest place of each point's hamlet, -1 where it does not reach so far.

    Places are sorted by y within their hamlet: the search goes out from the point's own y on both sides, until a
    place is further away in y alone than the best one.
    """
    found = np.empty(len(x), np.int64)
    for point in range(len(x)):
        start, end = first[hamlet[point]], first[hamlet[point] + 1]
        low, high = start, end
        while low < high:
            middle = (low + high) // 2
            if place_y[middle] < y[point]:
                low = middle + 1
            else:
                high = middle
        nearest_m, best = np.inf, -1
        for step in (1, -1):
            place = low if step == 1 else low - 1
            while start <= place < end and abs(place_y[place] - y[point]) <= nearest_m:
                dx, dy = x[point] - place_x[place], y[point] - place_y[place]
                distance_m = np.sqrt(dx * dx + dy * dy)
                if distance_m < nearest_m or (distance_m == nearest_m and owner[place] < best):
                    nearest_m, best = distance_m, owner[place]
                place += step
        found[point] = best if best >= 0 and nearest_m <= reach_m[best] else -1
    return found
