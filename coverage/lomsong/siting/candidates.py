"""Look for places where a mast would see far: known masts, and high ground near each group of demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.spatial import cKDTree

from lomsong.config import SitingSection
from lomsong.evidence.clusters import Integers
from lomsong.siting.demand import Demand
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster

SPACING_M: Final = 500.0
"""Two candidates of one group stand at least this far apart [m] (assumption), or one hill would take all places."""
EXISTING_MAST_M: Final = 30.0
"""Height of a known mast whose own is unknown [m] (assumption)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Places:
    """Candidate places in the run's metric CRS."""

    x: Floats
    y: Floats
    ground_m: Floats
    group: Integers
    existing_site: Sequence[str | None]
    """Known site whose mast would be shared; None where a new mast is needed."""
    existing_mast_m: Floats
    """Height of that mast [m]; NaN where a new mast is needed."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Options:
    """What can be built: at each place every height of mast, or at a known mast its own."""

    places: Places
    place: Integers
    """Position of each option's place, sorted, heights rising."""
    mast_m: Floats

    def of_place(self, place: int) -> range:
        """Return the options at a place."""
        return range(*np.searchsorted(self.place, [place, place + 1]))


def options_at(places: Places, masts_m: Sequence[float]) -> Options:
    """Return every option at every place."""
    place: list[int] = []
    mast: list[float] = []
    for position, known in enumerate(places.existing_mast_m):
        heights = sorted(set(masts_m)) if np.isnan(known) else [float(known)]
        place += [position] * len(heights)
        mast += heights
    return Options(places=places, place=np.array(place, np.int64), mast_m=np.array(mast, float))


def find_places(
    demand: Demand,
    terrain: Raster,
    *,
    sites: pd.DataFrame,
    crs: CRS,
    settings: SitingSection,
) -> Places:
    """Return where sites could stand.

    Each group of demand names, in this order: known masts within the search radius, nearest first; the cell in its
    middle; the highest cells, `SPACING_M` apart, the more northern and then the more western where heights tie.
    No more than `candidates_per_group` each of known masts and high cells. Groups take turns, those with most waiting
    people first, until all have named theirs or `max_candidates` places are found. A place named before is not taken
    twice.
    """
    groups = [int(g) for g in np.unique(demand.group[demand.group >= 0])]
    groups.sort(key=lambda g: (-demand.waiting[demand.group == g].sum(), g))
    known = _known_masts(sites, terrain, crs=crs, settings=settings)
    named = {g: _named(demand, g, terrain, known, settings=settings) for g in groups}
    chosen: dict[_Name, int] = {}
    for turn in range(max(map(len, named.values()), default=0)):
        for group in groups:
            if turn < len(named[group]) and len(chosen) < settings.max_candidates:
                chosen.setdefault(named[group][turn], group)
    return _places(chosen, terrain, known)


_Name = tuple[str, int, int]
"""A known mast ("mast", position, 0) or a cell of terrain ("cell", row, column)."""


@dataclass(frozen=True, eq=False)
class _Masts:
    """Known masts, sorted by site_id, one for all cells that hang on it."""

    site_id: list[str]
    x: Floats
    y: Floats
    ground_m: Floats
    mast_m: Floats


def _known_masts(
    sites: pd.DataFrame, terrain: Raster, *, crs: CRS, settings: SitingSection
) -> _Masts:
    close = sites["position"].eq("exact") | sites["position_error_m"].le(
        settings.existing_uncertainty_m
    )
    usable = sites[close.to_numpy(bool)].sort_values("site_id")
    usable = usable.drop_duplicates(["lon", "lat"], ignore_index=True)
    x, y = to_crs(usable["lon"].to_numpy(), usable["lat"].to_numpy(), source=WGS84, target=crs)
    ground = terrain.at(x, y)
    on_land = np.isfinite(ground)
    mast = usable["height_m"].fillna(EXISTING_MAST_M).clip(lower=1.0).to_numpy(float)
    return _Masts(
        [str(i) for i in usable["site_id"][on_land]],
        x[on_land],
        y[on_land],
        ground[on_land],
        mast[on_land],
    )


def _named(
    demand: Demand, group: int, terrain: Raster, known: _Masts, *, settings: SitingSection
) -> list[_Name]:
    members = np.flatnonzero(demand.group == group)
    names: list[_Name] = []
    if len(known.site_id):
        homes = cKDTree(np.column_stack([demand.x[members], demand.y[members]]))
        distance, _ = homes.query(np.column_stack([known.x, known.y]))
        near = np.flatnonzero(distance <= settings.search_radius_m)
        nearest = near[np.lexsort([near, distance[near]])][: settings.candidates_per_group]
        names += [("mast", int(i), 0) for i in nearest]
    cells = _cells(
        demand,
        members,
        terrain,
        search_radius_m=settings.search_radius_m,
        most=settings.candidates_per_group,
    )
    return names + [("cell", row, column) for row, column in cells]


def _places(chosen: dict[_Name, int], terrain: Raster, known: _Masts) -> Places:
    x, y, ground, mast = (np.empty(len(chosen)) for _ in range(4))
    site: list[str | None] = []
    for position, (kind, first, second) in enumerate(chosen):
        if kind == "mast":
            x[position], y[position] = known.x[first], known.y[first]
            ground[position], mast[position] = known.ground_m[first], known.mast_m[first]
            site.append(known.site_id[first])
        else:
            here_x, here_y = _centres(terrain, np.array([first]), np.array([second]))
            x[position], y[position] = here_x[0], here_y[0]
            ground[position], mast[position] = terrain.values[first, second], np.nan
            site.append(None)
    return Places(
        x=x,
        y=y,
        ground_m=ground,
        group=np.array(list(chosen.values()), np.int64),
        existing_site=site,
        existing_mast_m=mast,
    )


def _cells(
    demand: Demand, members: Integers, terrain: Raster, *, search_radius_m: float, most: int
) -> list[tuple[int, int]]:
    rows, columns = _window(terrain, demand.x[members], demand.y[members], search_radius_m)
    grid_rows, grid_columns = np.meshgrid(rows, columns, indexing="ij")
    x, y = _centres(terrain, grid_rows, grid_columns)
    height = terrain.values[grid_rows, grid_columns].astype(float)
    near = np.zeros(height.shape, bool)
    for member in members:
        near |= np.hypot(x - demand.x[member], y - demand.y[member]) <= search_radius_m
    usable = near & np.isfinite(height)
    chosen: list[tuple[int, int]] = []
    middle = _middle(demand, members, x, y, usable)
    if middle is not None:
        chosen.append((int(grid_rows[middle]), int(grid_columns[middle])))
    height = np.where(usable, height, -np.inf)
    while len(chosen) <= most:
        top = np.unravel_index(int(np.argmax(height)), height.shape)
        if height[top] == -np.inf:
            break
        chosen.append((int(grid_rows[top]), int(grid_columns[top])))
        height[np.hypot(x - x[top], y - y[top]) < SPACING_M] = -np.inf
    return chosen


def _middle(
    demand: Demand, members: Integers, x: Floats, y: Floats, usable: np.ndarray
) -> tuple[int, ...] | None:
    if not usable.any():
        return None
    weight = demand.waiting[members]
    centre_x = np.average(demand.x[members], weights=weight)
    centre_y = np.average(demand.y[members], weights=weight)
    distance = np.where(usable, np.hypot(x - centre_x, y - centre_y), np.inf)
    return tuple(int(i) for i in np.unravel_index(int(np.argmin(distance)), distance.shape))


def _window(terrain: Raster, x: Floats, y: Floats, margin_m: float) -> tuple[Integers, Integers]:
    height, width = terrain.values.shape
    left = (x.min() - margin_m - terrain.transform.c) / terrain.transform.a
    right = (x.max() + margin_m - terrain.transform.c) / terrain.transform.a
    top = (y.max() + margin_m - terrain.transform.f) / terrain.transform.e
    bottom = (y.min() - margin_m - terrain.transform.f) / terrain.transform.e
    return (
        np.arange(max(int(top), 0), min(int(bottom) + 1, height)),
        np.arange(max(int(left), 0), min(int(right) + 1, width)),
    )


def _centres(terrain: Raster, rows: Integers, columns: Integers) -> tuple[Floats, Floats]:
    transform = terrain.transform
    x = transform.c + (columns + 0.5) * transform.a
    y = transform.f + (rows + 0.5) * transform.e
    return np.asarray(x, float), np.asarray(y, float)
