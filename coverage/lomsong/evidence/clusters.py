"""Find where people live inside each hamlet: clusters of dwellings and the hamlet's centre."""

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

from lomsong.progress import SILENT, Progress, each
from lomsong.space import PolygonIndex
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster
from lomsong.tables import CLUSTERS, Hamlets, checked

CENTRE_WITHIN_M: Final = 150.0
"""A culture house no further than this [m] from dwellings is the centre of their cluster."""
SPAN_M: Final = 1000.0
"""Dwellings in a chain longer than this [m] are cut into clusters no wider (assumption): a ridge fits between."""
FEWEST_DWELLINGS: Final = 3
STRAY_M: Final = 500.0
"""Fewer dwellings than that join the nearest cluster of their hamlet within this distance [m] (assumption)."""
UNKNOWN_CENTRE_REACH_M: Final = 1000.0
"""Where nothing tells where people live, samples up to this far [m] from the middle speak for it (assumption)."""
FINE_RASTER_M: Final = 250.0
"""A population raster with wider cells [m] says how many people there are, not where they live."""
FEWEST_PEOPLE_IN_CELL: Final = 1.0

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Clusters:
    """Clusters (`tables.CLUSTERS`, sorted by `cluster_id`) and the places that make them up."""

    table: gpd.GeoDataFrame
    hamlet: Integers
    """Position of each cluster's hamlet."""
    reach_m: Floats
    """How far from its places [m] a sample still speaks for the cluster."""
    place_x: Floats
    place_y: Floats
    place_cluster: Integers
    crs: CRS
    """The metric CRS of the places."""


@dataclass(frozen=True, eq=False)
class _Places:
    """Dwellings, or cells with people, as weighted points inside hamlets."""

    x: Floats
    y: Floats
    weight: Floats
    hamlet: Integers


def find_clusters(
    hamlets: Hamlets,
    people: pd.Series,
    *,
    crs: CRS,
    raster: Raster | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    gap_m: float = 150.0,
    catchment_m: float = 250.0,
    progress: Progress = SILENT,
) -> Clusters:
    """Return the clusters of all hamlets.

    Dwellings come from building footprints, else from a population raster of fine cells, else the hamlet's known
    centre stands for all its people, else the middle of its area with a wider reach. Where no culture house is
    known, the most populous cluster stands for the centre.

    Parameters
    ----------
    hamlets
        Areas to judge.
    people
        People of each hamlet, in the order of `hamlets.table`; a hamlet's clusters sum to it.
    crs
        Metric CRS of the run.
    raster
        People per pixel.
    buildings
        Points in WGS 84.
    gap_m
        Dwellings further apart than this [m] stand in different clusters.
    catchment_m
        A sample speaks for dwellings within this distance [m].
    progress
        Who is told how far the work is.
    """
    places = _dwellings(hamlets, crs=crs, raster=raster, buildings=buildings)
    label = _grouped(places, gap_m=gap_m, progress=progress)
    rows = _rows_of_dwellings(places, label)
    parts = [rows, _rows_of_centres(hamlets, rows, crs=crs), _rows_of_areas(hamlets, rows, crs=crs)]
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    rows = _with_centres(rows, hamlets, crs=crs)
    rows["reach_m"] = rows["reach_m"].fillna(catchment_m)
    rows = rows.sort_values(["hamlet", "y", "x"], ascending=[True, False, True], ignore_index=True)
    rows["people"] = _shared_out(rows, people)
    return _assembled(rows, hamlets, crs=crs)


def _dwellings(
    hamlets: Hamlets, *, crs: CRS, raster: Raster | None, buildings: gpd.GeoDataFrame | None
) -> _Places:
    table = hamlets.table
    index = PolygonIndex(table.geometry.to_numpy(), rank=table["hamlet_id"].to_numpy())
    lon, lat, weight = np.empty(0), np.empty(0), np.empty(0)
    if buildings is not None and len(buildings):
        lon, lat = buildings.geometry.x.to_numpy(), buildings.geometry.y.to_numpy()
        weight = np.ones(len(buildings))
    elif raster is not None and max(_cell_m(raster)) <= FINE_RASTER_M:
        rows, columns = np.nonzero(raster.values >= FEWEST_PEOPLE_IN_CELL)
        x = raster.transform.c + (columns + 0.5) * raster.transform.a
        y = raster.transform.f + (rows + 0.5) * raster.transform.e
        lon, lat = to_crs(x, y, source=raster.crs, target=WGS84)
        weight = raster.values[rows, columns].astype(float)
    hamlet = index.locate(lon, lat)
    inhabited = (hamlet >= 0) & (table["kind"].to_numpy() == "hamlet")[hamlet]
    x, y = to_crs(lon[inhabited], lat[inhabited], source=WGS84, target=crs)
    hamlet, weight = hamlet[inhabited], weight[inhabited]
    order = np.lexsort((weight, y, x, hamlet))
    return _Places(x[order], y[order], weight[order], hamlet[order])


def _cell_m(raster: Raster) -> tuple[float, float]:
    width, height = raster.cell
    if raster.crs.is_geographic:
        middle = np.radians((raster.extent.south + raster.extent.north) / 2)
        return width * 111_320 * float(np.cos(middle)), height * 111_320
    return width, height


def _grouped(places: _Places, *, gap_m: float, progress: Progress) -> Integers:
    """Label the places of each hamlet: chained within `gap_m`, cut at `SPAN_M`, strays taken in."""
    label = np.empty(len(places.x), np.int64)
    next_label = 0
    for chosen in each(_runs(places.hamlet), progress, "where people live", unit="hamlets"):
        xy = np.column_stack([places.x[chosen], places.y[chosen]])
        own = _spanned(xy, DBSCAN(eps=gap_m, min_samples=1).fit_predict(xy))
        own = _strays_taken_in(xy, own)
        _, own = np.unique(own, return_inverse=True)
        label[chosen] = own + next_label
        next_label += int(own.max()) + 1
    return label


def _runs(keys: Integers) -> list[slice]:
    """Return the slices of equal neighbours of a sorted array."""
    if not len(keys):
        return []
    edges = np.flatnonzero(np.diff(keys)) + 1
    return [
        slice(int(a), int(b)) for a, b in zip(np.r_[0, edges], np.r_[edges, len(keys)], strict=True)
    ]


def _spanned(xy: Floats, label: Integers) -> Integers:
    result = label.copy()
    for group in np.unique(label):
        chosen = label == group
        if np.hypot(*np.ptp(xy[chosen], axis=0)) <= SPAN_M:
            continue
        # Complete linkage needs every distance; a hamlet's dwellings are some hundreds.
        cut = AgglomerativeClustering(
            n_clusters=None, distance_threshold=SPAN_M, linkage="complete"
        )
        result[chosen] = cut.fit_predict(xy[chosen]) + result.max() + 1
    return result


def _strays_taken_in(xy: Floats, label: Integers) -> Integers:
    groups, size = np.unique(label, return_counts=True)
    settled = np.isin(label, groups[size >= FEWEST_DWELLINGS])
    if settled.all() or not settled.any():
        return label
    distance, nearest = cKDTree(xy[settled]).query(xy[~settled])
    result = label.copy()
    result[~settled] = np.where(distance <= STRAY_M, label[settled][nearest], label[~settled])
    return result


def _rows_of_dwellings(places: _Places, label: Integers) -> pd.DataFrame:
    order = np.argsort(label, kind="stable")
    x, y, weight = places.x[order], places.y[order], places.weight[order]
    runs = _runs(label[order])
    return pd.DataFrame(
        {
            "hamlet": places.hamlet[order][[run.start for run in runs]],
            "kind": "dwellings",
            "x": np.array([np.average(x[run], weights=weight[run]) for run in runs], float),
            "y": np.array([np.average(y[run], weights=weight[run]) for run in runs], float),
            "weight": np.array([weight[run].sum() for run in runs], float),
            "reach_m": np.nan,
            "places": [np.column_stack([x[run], y[run]]) for run in runs],
        }
    )


def _rows_of_centres(hamlets: Hamlets, dwellings: pd.DataFrame, *, crs: CRS) -> pd.DataFrame:
    """Make a cluster of each culture house away from dwellings; alone in its hamlet it stands for all people."""
    table = hamlets.table
    hamlet = np.flatnonzero(table["centre_lon"].notna().to_numpy())
    x, y = _centres(hamlets, hamlet, crs=crs)
    alone = np.isin(hamlet, dwellings["hamlet"].to_numpy(), invert=True)
    places, rows_of = dwellings["places"].to_numpy(), dwellings.groupby("hamlet").indices
    far = [
        all(_distance_m(places[row], cx, cy) > CENTRE_WITHIN_M for row in rows_of.get(h, ()))
        for h, cx, cy in zip(hamlet, x, y, strict=True)
    ]
    kept = alone | np.array(far, bool)
    return pd.DataFrame(
        {
            "hamlet": hamlet[kept],
            "kind": "centre",
            "x": x[kept],
            "y": y[kept],
            "weight": np.where(alone[kept], 1.0, 0.0),
            "reach_m": np.nan,
            "places": [np.array([[cx, cy]]) for cx, cy in zip(x[kept], y[kept], strict=True)],
        }
    )


def _centres(hamlets: Hamlets, hamlet: Integers, *, crs: CRS) -> tuple[Floats, Floats]:
    chosen = hamlets.table.iloc[hamlet]
    return to_crs(
        chosen["centre_lon"].to_numpy(), chosen["centre_lat"].to_numpy(), source=WGS84, target=crs
    )


def _distance_m(places: Floats, x: float, y: float) -> float:
    return float(np.hypot(places[:, 0] - x, places[:, 1] - y).min())


def _rows_of_areas(hamlets: Hamlets, dwellings: pd.DataFrame, *, crs: CRS) -> pd.DataFrame:
    """Make one cluster of each area about which nothing tells where people live."""
    table = hamlets.table
    known = table["centre_lon"].notna().to_numpy() | np.isin(
        np.arange(len(table)), dwellings["hamlet"].to_numpy()
    )
    hamlet = np.flatnonzero(~known)
    shapes = table.geometry.iloc[hamlet].to_crs(crs)
    middle = shapes.representative_point()
    radius = np.sqrt(shapes.area.to_numpy() / np.pi)
    is_area = table["kind"].iloc[hamlet].to_numpy() == "area"
    # A square is small and judged whole; a hamlet's middle is a guess, so its reach is bounded.
    whole = shapes.hausdorff_distance(middle).to_numpy() if len(shapes) else np.empty(0)
    x, y = middle.x.to_numpy(), middle.y.to_numpy()
    return pd.DataFrame(
        {
            "hamlet": hamlet,
            "kind": "centre",
            "x": x,
            "y": y,
            "weight": 1.0,
            "reach_m": np.where(is_area, whole, np.minimum(radius, UNKNOWN_CENTRE_REACH_M)),
            "places": [np.array([[cx, cy]]) for cx, cy in zip(x, y, strict=True)],
        }
    )


def _with_centres(rows: pd.DataFrame, hamlets: Hamlets, *, crs: CRS) -> pd.DataFrame:
    """Mark in each hamlet the cluster where its centre is."""
    known = np.flatnonzero(hamlets.table["centre_lon"].notna().to_numpy())
    centre = dict(zip(known, zip(*_centres(hamlets, known, crs=crs), strict=True), strict=True))
    kind, places = rows["kind"].to_numpy(), rows["places"].to_numpy()
    x, y, weight = (rows[name].to_numpy() for name in ("x", "y", "weight"))
    marks = []
    for hamlet, own in rows.groupby("hamlet").indices.items():
        apart = own[kind[own] == "centre"]
        if len(apart):
            marks.append(apart[0])
        elif hamlet in centre:
            away = [_distance_m(places[row], *centre[hamlet]) for row in own]
            marks.append(own[int(np.argmin(away))])
        else:
            marks.append(own[np.lexsort((x[own], -y[own], -weight[own]))[0]])
    return rows.assign(is_centre=rows.index.isin(marks))


def _shared_out(rows: pd.DataFrame, people: pd.Series) -> Floats:
    """Share each hamlet's people among its clusters by weight; unknown stays unknown."""
    total = rows.groupby("hamlet")["weight"].transform("sum").to_numpy()
    share = rows["weight"].to_numpy() / total
    return np.asarray(
        share * people.to_numpy(float, na_value=np.nan)[rows["hamlet"].to_numpy()], float
    )


def _assembled(rows: pd.DataFrame, hamlets: Hamlets, *, crs: CRS) -> Clusters:
    hamlet_id = hamlets.table["hamlet_id"].to_numpy()[rows["hamlet"].to_numpy()]
    number = rows.groupby("hamlet").cumcount() + 1
    lon, lat = to_crs(rows["x"].to_numpy(), rows["y"].to_numpy(), source=crs, target=WGS84)
    table = gpd.GeoDataFrame(
        {
            "cluster_id": [f"{h}-c{n}" for h, n in zip(hamlet_id, number, strict=True)],
            "hamlet_id": hamlet_id,
            "kind": rows["kind"].to_numpy(),
            "is_centre": rows["is_centre"].to_numpy(),
            "people": rows["people"].to_numpy(float),
        },
        geometry=shapely.points(lon, lat),
        crs=WGS84,
    ).astype({"cluster_id": str, "hamlet_id": str, "kind": str})
    sizes = [len(p) for p in rows["places"]]
    places = np.concatenate(list(rows["places"])) if len(rows) else np.empty((0, 2))
    return Clusters(
        table=checked(table, CLUSTERS),
        hamlet=rows["hamlet"].to_numpy(np.int64),
        reach_m=rows["reach_m"].to_numpy(float),
        place_x=places[:, 0],
        place_y=places[:, 1],
        place_cluster=np.repeat(np.arange(len(rows)), sizes),
        crs=crs,
    )
