"""Make masts of cells: cells of one node and place hang on one mast, masts of several carriers share a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lomsong.ingest.samples.reasons import Reason
from lomsong.space.crs import WGS84, Extent, Floats, local_metric_crs, to_crs
from lomsong.tables import SITES, TECHNOLOGIES, Cells, Sites, checked, empty

CELL_BITS: Final = {"4G": 8, "5G": 12}
"""How many last bits of a cell's number tell the cells of one node apart: 8 of an ECI (3GPP TS 36.413, section
9.2.1.38); 4 to 14 of an NCI by the network's choice, 12 taken (assumption)."""
UNKNOWN_RANGE_M: Final = 1000.0
"""Range [m] taken for a cell whose own is not known, when asking what may hang together (assumption)."""
FURTHEST_M: Final = 10_000.0
"""Estimates of one mast's cells lie no further from each other than this [m], whatever their numbers say
(assumption)."""
OFFSET: Final = 0.42
"""Share of its range that the middle of those who hear a sector lies off the mast: half a disc's centre of mass lies
4 / 3π of the radius off its straight side (assumption)."""
JOINED_ERRORS: Final = 1.5
"""Nodes of different technologies within so many of their joint errors are one mast (assumption)."""
_NEWEST_FIRST: Final = TECHNOLOGIES[::-1]

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Nodes:
    """Cells that hang on one mast by their numbers, or rows of a list at one place; sorted by carrier and name."""

    name: list[str]
    plmn: list[str]
    technology: list[str]
    x: Floats
    y: Floats
    error_m: Floats
    """Root mean square error of the position [m]; 0 where it is stated, NaN where it is not known."""
    weight: Floats
    stated: npt.NDArray[np.bool_]


def find_masts(
    cells: Cells,
    *,
    extent: Extent | None = None,
    crs: CRS | None = None,
    minimum_samples: int = 0,
    shared_within_m: float = 100.0,
) -> Sites:
    """Return the masts on which cells hang.

    Cells of an export form a node by their numbers (eNodeB, gNB, or consecutive numbers of 2G and 3G) as far as their
    ranges meet. A node stands at the mean of its cells, weighted by observations. Nodes of one carrier and different
    technologies that stand within their errors of each other, and rows of a carrier's list within `shared_within_m`,
    are one mast; masts of several carriers within `shared_within_m` share a place.

    Parameters
    ----------
    cells
        `tables.CELLS`.
    extent
        Box in degrees of WGS 84; cells outside it are left out.
    crs
        Metric CRS to measure in; by default a local one.
    minimum_samples
        Estimated masts with fewer observations of all their cells are left out.
    shared_within_m
        Masts nearer to each other than this share a place [m].

    Returns
    -------
    `tables.SITES`, a row per mast, technology and, in a carrier's own list, sector.
    """
    table, dropped = _inside(cells, extent)
    if not len(table):
        return Sites(table=empty(SITES), dropped=dropped)
    order = ["plmn", "technology", "site_id", "azimuth_deg", "frequency_mhz", "lon", "lat"]
    table = table.sort_values(order, kind="stable", ignore_index=True)
    metric = crs if crs is not None else local_metric_crs(_box(table))
    x, y = to_crs(table["lon"].to_numpy(), table["lat"].to_numpy(), source=WGS84, target=metric)
    nodes, node = _nodes(table, x, y)
    mast = _joined(nodes, shared_within_m=shared_within_m)
    sites = _table(table, nodes, node, mast, metric)
    sites, left_out, few = _without_few(sites, minimum_samples)
    if few:
        dropped[Reason.FEW_OBSERVATIONS.value] = few
    sites = sites.assign(place_id=_places(sites, metric, shared_within_m))
    order = ["site_id", "technology", "azimuth_deg", "frequency_mhz"]
    sites = sites.sort_values(order, kind="stable", ignore_index=True)
    return Sites(
        table=checked(sites, SITES), dropped=dict(sorted(dropped.items())), left_out=left_out
    )


def masts_of(sites: pd.DataFrame) -> pd.DataFrame:
    """Return a row per mast of `tables.SITES`, sorted by name.

    `technologies` names all that are known there, joined by "/"; `height_m` is the highest that is known, and
    `n_samples` counts all.
    """
    first = ["place_id", "plmn", "lon", "lat", "position", "position_error_m"]
    grouped = sites.sort_values(["site_id", "technology"], kind="stable").groupby("site_id")
    masts = grouped[first].first()
    return masts.assign(
        technologies=grouped["technology"].agg(lambda found: "/".join(sorted(set(found)))),
        height_m=grouped["height_m"].max(),
        n_samples=grouped["n_samples"].sum(min_count=1),
    ).reset_index()


def _inside(cells: Cells, extent: Extent | None) -> tuple[pd.DataFrame, dict[str, int]]:
    table, dropped = cells.table, dict(cells.dropped)
    if extent is None:
        return table, dropped
    near = table["lon"].between(extent.west, extent.east)
    near &= table["lat"].between(extent.south, extent.north)
    if not near.all():
        dropped[Reason.FAR_AWAY.value] = int((~near).sum())
    return table[near], dropped


def _box(table: pd.DataFrame) -> Extent:
    lon, lat = table["lon"], table["lat"]
    return Extent(float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))


def _nodes_of(table: pd.DataFrame, x: Floats, y: Floats) -> tuple[Integers, list[str]]:
    """Return the node of each cell, same numbers as far as ranges meet, and what the numbers have in common."""
    range_m = table["range_m"].fillna(UNKNOWN_RANGE_M).to_numpy(float)
    number = _numbers(table)
    by_number = table.groupby(
        ["plmn", "technology", pd.Series(number, index=table.index)], sort=False
    ).indices
    node = np.full(len(table), -1, np.int64)
    following = 0
    for members in by_number.values():
        rows = np.sort(np.asarray(members, np.int64))
        apart = np.hypot(x[rows, None] - x[rows], y[rows, None] - y[rows])
        meet = np.minimum(range_m[rows, None] + range_m[rows], FURTHEST_M)
        if table["technology"].iloc[rows[0]] in CELL_BITS:
            meet = np.full_like(apart, FURTHEST_M)
        n, label = connected_components(coo_array(apart <= meet), directed=False)
        node[rows] = following + label
        following += n
    # Numbered by the first of their rows, so that the order follows the table.
    _, first, inverse = np.unique(node, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], np.int64), number


def _numbers(table: pd.DataFrame) -> list[str]:
    """Return what cells of one node have in common; what has no number is a node of its own.

    4G and 5G number their nodes; of 2G and 3G, cells with consecutive numbers in one area are taken for sectors of one
    node, named by its first.
    """
    number = [f"row {row}" for row in range(len(table))]
    numbered = (table["position"] == "estimated") & table["cell"].notna()
    rows = table.assign(row=np.arange(len(table)))[numbered].astype({"cell": "int64"})
    for technology, bits in CELL_BITS.items():
        own = rows[rows["technology"] == technology]
        for row, node in zip(own["row"], own["cell"] // 2**bits, strict=True):
            number[row] = str(node)
    keys = ["plmn", "technology", "area"]
    old = rows[rows["technology"].isin(["2G", "3G"])].sort_values([*keys, "cell"], kind="stable")
    if len(old):
        starts = ~(old.groupby(keys, dropna=False)["cell"].diff() <= 1)
        head = old["cell"].where(starts).ffill().astype("int64")
        for row, area, first in zip(old["row"], old["area"], head, strict=True):
            number[row] = f"{0 if pd.isna(area) else area}-{first}"
    return number


def _nodes(table: pd.DataFrame, x: Floats, y: Floats) -> tuple[_Nodes, Integers]:
    """Return nodes with their middle and its error, and the node of each cell."""
    node, number = _nodes_of(table, x, y)
    weight: Floats = table["n_samples"].fillna(1).clip(lower=1).to_numpy(np.float64)
    stated = (table["position"] == "exact").to_numpy(bool)
    n = int(node.max()) + 1
    total = np.bincount(node, weight, n)
    middle_x, middle_y = (np.bincount(node, weight * at, n) / total for at in (x, y))
    first = np.unique(node, return_index=True)[1]
    # What a carrier states is repeated as it stands, to the last bit.
    middle_x[stated[first]], middle_y[stated[first]] = (
        x[first][stated[first]],
        y[first][stated[first]],
    )
    rows = table.iloc[first]
    names = [
        str(row["site_id"]) if own else f"{row['plmn']}-{row['technology']}-{number[position]}"
        for row, own, position in zip(rows.to_dict("records"), stated[first], first, strict=True)
    ]
    nodes = _Nodes(
        name=names,
        plmn=list(rows["plmn"]),
        technology=list(rows["technology"]),
        x=middle_x,
        y=middle_y,
        error_m=_errors(table, node, weight, (x - middle_x[node], y - middle_y[node]), stated),
        weight=np.asarray(total, np.float64),
        stated=stated[first],
    )
    return nodes, node


def _errors(
    table: pd.DataFrame,
    node: Integers,
    weight: Floats,
    off: tuple[Floats, Floats],
    stated: npt.NDArray[np.bool_],
) -> Floats:
    """Return the root mean square error of each node's position [m].

    The larger of two answers: what the ranges say, each cell lying `OFFSET` of its range off the mast in a direction
    of its own and by chance as samples are few; and what the spread of the cells says. NaN where neither is known.
    """
    n = int(node.max()) + 1
    total = np.bincount(node, weight, n)
    few = 1 + 1 / weight
    offset = OFFSET * table["range_m"].to_numpy(float) * few
    known = np.bincount(node, np.isnan(offset), n) == 0
    by_range = np.sqrt(np.bincount(node, (weight * np.nan_to_num(offset)) ** 2, n)) / total
    squared = np.bincount(node, weight * (off[0] ** 2 + off[1] ** 2), n) / total
    effective = total**2 / np.bincount(node, weight**2, n)
    several = effective > 1 + 1e-9
    by_spread = np.sqrt(squared / np.where(several, effective - 1, 1.0))
    error = np.fmax(np.where(known, by_range, np.nan), np.where(several, by_spread, np.nan))
    return np.where(np.bincount(node, stated, n) > 0, 0.0, error)


def _joined(nodes: _Nodes, *, shared_within_m: float) -> Integers:
    """Return the mast of each node, as the position of the node that leads it.

    Stated positions lead, then newer technologies, then more observations; each node joins the nearest leader of its
    carrier within reach: `shared_within_m`, for estimates of different technologies their errors together.
    """
    rank = {technology: place for place, technology in enumerate(_NEWEST_FIRST)}
    order = sorted(
        range(len(nodes.name)),
        key=lambda i: (
            not nodes.stated[i],
            rank[nodes.technology[i]],
            -nodes.weight[i],
            nodes.plmn[i],
            nodes.name[i],
            nodes.x[i],
            nodes.y[i],
        ),
    )
    error = np.nan_to_num(nodes.error_m)
    places = np.column_stack([nodes.x, nodes.y])
    tree = cKDTree(places)
    reach = np.maximum(
        shared_within_m, np.minimum(JOINED_ERRORS * (error + error.max()), FURTHEST_M)
    )
    near = tree.query_ball_point(places, reach, return_sorted=True)
    mast = np.full(len(order), -1, np.int64)
    taken: set[tuple[int, str]] = set()
    for i in order:
        found = []
        for other in near[i]:
            if mast[other] != other or nodes.plmn[other] != nodes.plmn[i]:
                continue
            apart = float(np.hypot(*(places[i] - places[other])))
            together = apart <= JOINED_ERRORS * float(np.hypot(error[i], error[other]))
            # Two nodes of one technology are two masts, however roughly their places are known.
            together &= not nodes.stated[i] and (other, nodes.technology[i]) not in taken
            if apart <= shared_within_m or together:
                found.append((apart, other))
        mast[i] = min(found)[1] if found else i
        taken.add((int(mast[i]), nodes.technology[i]))
    return mast


def _table(
    table: pd.DataFrame, nodes: _Nodes, node: Integers, mast: Integers, crs: CRS
) -> pd.DataFrame:
    """Write masts as rows: a sector each where a carrier's list tells them, else a technology each."""
    middle_x, middle_y, error = _middles(nodes, mast)
    lon, lat = to_crs(middle_x, middle_y, source=crs, target=WGS84)
    first = np.unique(node, return_index=True)[1]
    stated = nodes.stated[mast]
    # Degrees of a stated position are the list's own, not carried to metres and back.
    lon = np.where(stated, table["lon"].to_numpy()[first][mast], lon)
    lat = np.where(stated, table["lat"].to_numpy()[first][mast], lat)
    names = _unique_names(nodes, mast)
    own = mast[node]
    rows = table.drop(columns=["range_m", "area", "cell"]).assign(
        site_id=[names[int(m)] for m in own],
        lon=lon[node],
        lat=lat[node],
        position=np.where(stated[node], "exact", "estimated"),
        position_error_m=error[node],
        n_cells=1,
        node=_enodebs(table),
    )
    keys = ["site_id", "technology", "azimuth_deg", "downtilt_deg", "height_m", "frequency_mhz"]
    keys += ["power_dbm", "node"]
    grouped = rows.groupby(keys, sort=True, dropna=False)
    summed = grouped[["plmn", "lon", "lat", "position", "position_error_m"]].first()
    summed = summed.assign(
        n_cells=grouped["n_cells"].sum(),
        n_samples=grouped["n_samples"].sum(min_count=1),
        updated=grouped["updated"].max(),
    )
    if "first_seen" in rows:
        summed["first_seen"] = grouped["first_seen"].min()
    return summed.reset_index().astype({"site_id": "str", "position": "str", "n_cells": "int64"})


def _enodebs(table: pd.DataFrame) -> pd.Series:
    """Return the number of the eNodeB of each cell of 4G, null where its number does not tell it."""
    number = table["cell"].astype("Int64") // 2 ** CELL_BITS["4G"]
    known: pd.Series = number.where((table["technology"] == "4G") & (number > 0))
    return known


def _middles(nodes: _Nodes, mast: Integers) -> tuple[Floats, Floats, Floats]:
    """Return position and error of each node's mast: the leader's where it is stated, else the mean by observations.

    Errors are averaged and not pooled: the phones that heard one technology heard the others on the same roads.
    """
    n = len(mast)
    total = np.maximum(np.bincount(mast, nodes.weight, n), np.finfo(float).tiny)
    x, y = (np.bincount(mast, nodes.weight * at, n) / total for at in (nodes.x, nodes.y))
    known = ~np.isnan(nodes.error_m)
    informed = np.bincount(mast, nodes.weight * known, n)
    error = np.bincount(mast, nodes.weight * np.nan_to_num(nodes.error_m), n)
    error = np.where(informed > 0, error / np.where(informed > 0, informed, 1.0), np.nan)
    fixed = nodes.stated | (np.bincount(mast, minlength=n) == 1)
    x, y = np.where(fixed, nodes.x, x), np.where(fixed, nodes.y, y)
    error = np.where(fixed, nodes.error_m, error)
    return x[mast], y[mast], np.asarray(error[mast], np.float64)


def _unique_names(nodes: _Nodes, mast: Integers) -> dict[int, str]:
    """Return the name of each mast; those of one name are numbered from north-west on."""
    leaders = [int(m) for m in np.unique(mast)]
    leaders.sort(key=lambda m: (nodes.name[m], nodes.plmn[m], nodes.x[m], -nodes.y[m]))
    names: dict[int, str] = {}
    seen: dict[str, int] = {}
    for leader in leaders:
        name = nodes.name[leader]
        seen[name] = seen.get(name, 0) + 1
        names[leader] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def _without_few(
    sites: pd.DataFrame, minimum_samples: int
) -> tuple[pd.DataFrame, tuple[Mapping[str, object], ...], int]:
    """Leave out estimated masts of which too little is known; return them, and the number of their cells."""
    counted = sites.groupby("site_id")["n_samples"].transform("sum", min_count=1)
    samples = counted.to_numpy(float, na_value=np.nan)
    few = (sites["position"] == "estimated") & (samples < minimum_samples)
    told = sites[few].assign(samples=samples[few]).drop_duplicates("site_id")
    left_out = tuple(
        {"site_id": site, "reason": Reason.FEW_OBSERVATIONS.value, "n_samples": int(count)}
        for site, count in zip(told["site_id"], told["samples"], strict=True)
    )
    return sites[~few].reset_index(drop=True), left_out, int(sites.loc[few, "n_cells"].sum())


def _places(sites: pd.DataFrame, crs: CRS, shared_within_m: float) -> pd.Series:
    """Return the place of each row: masts join the nearest leader, the best placed first, whoever's it is."""
    if not len(sites):
        return pd.Series(dtype="str")
    masts = masts_of(sites.assign(place_id=""))
    x, y = to_crs(masts["lon"].to_numpy(), masts["lat"].to_numpy(), source=WGS84, target=crs)
    places = np.column_stack([x, y])
    error = masts["position_error_m"].fillna(np.inf).to_numpy(float)
    order = sorted(range(len(masts)), key=lambda i: (error[i], masts["site_id"].iloc[i]))
    near = cKDTree(places).query_ball_point(places, shared_within_m)
    leader = np.full(len(masts), -1, np.int64)
    for i in order:
        found = [
            (float(np.hypot(*(places[i] - places[other]))), int(other))
            for other in near[i]
            if leader[other] == other
        ]
        leader[i] = min(found)[1] if found else i
    named = masts["site_id"].to_list()
    place = {site: named[int(led)] for site, led in zip(named, leader, strict=True)}
    return sites["site_id"].map(place).astype("str")
