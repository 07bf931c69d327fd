"""Look for places where a mast would see far: known masts, places given, and high ground near each group of demand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.spatial import cKDTree

from lomsong.config import SitingSection
from lomsong.ingest.places import Surroundings
from lomsong.propagation import BANDS, UNKNOWN_MAST_M
from lomsong.propagation.network import USUAL_MHZ
from lomsong.siting.demand import Demand
from lomsong.siting.land import Land, cell_centres
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Integers, Raster
from lomsong.vietnam.carriers import carriers_of

SPACING_M: Final = 500.0
"""Two candidates of one group stand at least this far apart [m] (assumption), or one hill would take all places."""
CLEARLY_LOWER: Final = 0.9
"""A band reaches further than another where its frequency is below this share of the other's (assumption)."""
NEW_TECHNOLOGY: Final = "new_technology"
LOWER_BAND: Final = "lower_band_or_carrier"


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
    existing_carriers: Mapping[int, str] = field(default_factory=dict)
    """Whose radio hangs on known masts, by place, joined by "/"."""
    lower_bands: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Bands that reach further than the 4G which hangs there already, by place; other places have no 4G."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Names of places that were given with one."""

    def existing_use(self, place: int) -> str | None:
        """Return what would be added at a known mast, None where a new one is needed."""
        if self.existing_site[place] is None:
            return None
        return LOWER_BAND if place in self.lower_bands else NEW_TECHNOLOGY


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
    surroundings: Surroundings | None = None,
    lines: gpd.GeoDataFrame | None = None,
) -> Places:
    """Return where sites could stand.

    Places that were given come first, however many. Then each group of demand names: known masts within the search
    radius, nearest first; the cell in its middle; in turn the highest cells and the highest beside roads or power
    lines, each `SPACING_M` apart, the more northern and then the more western where heights tie. No more than
    `candidates_per_group` of each kind. Groups take turns, those with most waiting people first, until all have named
    theirs or `max_candidates` places are found beside those given. A place named before is not taken twice, and
    nothing stands in a forbidden area.
    """
    groups = [int(g) for g in np.unique(demand.group[demand.group >= 0])]
    groups.sort(key=lambda g: (-demand.waiting[demand.group == g].sum(), g))
    around = surroundings or Surroundings()
    land = Land(
        terrain,
        forbidden=around.forbidden,
        beside=[layer for layer in (around.roads, lines) if layer is not None],
        near_m=settings.near_road_m,
    )
    known = _known_masts(sites, land, crs=crs, settings=settings)
    given = _given(around.places, demand, land, crs=crs)
    named = {g: _named(demand, g, land, known, settings=settings) for g in groups}
    chosen: dict[_Name, int] = {("given", i, 0): g for i, g in enumerate(given.group)}
    most = settings.max_candidates + len(chosen)
    for turn in range(max(map(len, named.values()), default=0)):
        for group in groups:
            if turn < len(named[group]) and len(chosen) < most:
                chosen.setdefault(named[group][turn], group)
    return _places(chosen, terrain, known, given)


_Name = tuple[str, int, int]
"""A known mast ("mast", position, 0), a place given ("given", position, 0) or a cell ("cell", row, column)."""


@dataclass(frozen=True, eq=False)
class _Masts:
    """Known masts that are placed well enough, sorted by place, one for all carriers that hang on it."""

    site_id: list[str]
    x: Floats
    y: Floats
    ground_m: Floats
    mast_m: Floats
    carriers: list[str]
    lower: list[tuple[str, ...] | None]
    """Bands below the lowest 4G that hangs there; None without 4G."""


@dataclass(frozen=True, eq=False)
class _Given:
    """Places that were given."""

    x: Floats
    y: Floats
    ground_m: Floats
    group: list[int]
    name: list[str | None]


def _known_masts(sites: pd.DataFrame, land: Land, *, crs: CRS, settings: SitingSection) -> _Masts:
    close = sites["position"].eq("exact") | sites["position_error_m"].le(
        settings.existing_uncertainty_m
    )
    usable = sites[close.to_numpy(bool)].sort_values(["place_id", "position_error_m", "site_id"])
    usual = usable["frequency_mhz"].fillna(USUAL_MHZ["4G"])
    usable = usable.assign(
        carrier=carriers_of(usable["plmn"]).fillna(usable["plmn"]),
        lte_mhz=usual.where(usable["technology"] == "4G"),
    )
    grouped = usable.groupby("place_id", sort=True)
    first = grouped[["site_id", "lon", "lat"]].first()
    x, y = to_crs(first["lon"].to_numpy(), first["lat"].to_numpy(), source=WGS84, target=crs)
    ground = land.terrain.at(x, y)
    kept = np.flatnonzero(np.isfinite(ground) & ~land.is_forbidden(x, y))
    height = grouped["height_m"].max().fillna(UNKNOWN_MAST_M).clip(lower=1.0).to_numpy(float)
    carriers = grouped["carrier"].agg(lambda names: "/".join(sorted(set(names)))).tolist()
    lowest = grouped["lte_mhz"].min().to_numpy(float)
    return _Masts(
        [str(first["site_id"].iloc[i]) for i in kept],
        x[kept],
        y[kept],
        ground[kept],
        height[kept],
        [str(carriers[i]) for i in kept],
        [_lower_bands(lowest[i], settings.bands) for i in kept],
    )


def _lower_bands(lowest_mhz: float, bands: Sequence[str]) -> tuple[str, ...] | None:
    if np.isnan(lowest_mhz):
        return None
    limit = CLEARLY_LOWER * lowest_mhz
    return tuple(band for band in bands if BANDS[band].downlink_mhz < limit)


def _given(places: gpd.GeoDataFrame | None, demand: Demand, land: Land, *, crs: CRS) -> _Given:
    """Return given places on known terrain, each with the group it lies nearest to."""
    nothing = np.empty(0)
    if places is None or not len(places):
        return _Given(nothing, nothing, nothing, [], [])
    x, y = to_crs(
        places.geometry.x.to_numpy(), places.geometry.y.to_numpy(), source=WGS84, target=crs
    )
    ground = land.terrain.at(x, y)
    kept = np.flatnonzero(np.isfinite(ground) & ~land.is_forbidden(x, y))
    waiting = np.flatnonzero(demand.group >= 0)
    homes = cKDTree(np.column_stack([demand.x[waiting], demand.y[waiting]]))
    _, nearest = homes.query(np.column_stack([x[kept], y[kept]]))
    names = [places["name"].iloc[int(i)] for i in kept]
    return _Given(
        x[kept],
        y[kept],
        ground[kept],
        [int(demand.group[waiting[i]]) for i in nearest],
        [name if isinstance(name, str) else None for name in names],
    )


def _named(
    demand: Demand, group: int, land: Land, known: _Masts, *, settings: SitingSection
) -> list[_Name]:
    members = np.flatnonzero(demand.group == group)
    homes = cKDTree(np.column_stack([demand.x[members], demand.y[members]]))
    names: list[_Name] = []
    if len(known.site_id):
        distance, _ = homes.query(np.column_stack([known.x, known.y]))
        near = np.flatnonzero(distance <= settings.search_radius_m)
        nearest = near[np.lexsort([near, distance[near]])][: settings.candidates_per_group]
        names += [("mast", int(i), 0) for i in nearest]
    return names + [
        ("cell", row, column)
        for row, column in _cells(demand, members, homes, land, settings=settings)
    ]


def _places(chosen: dict[_Name, int], terrain: Raster, known: _Masts, given: _Given) -> Places:
    x, y, ground, mast = (np.empty(len(chosen)) for _ in range(4))
    site: list[str | None] = []
    carriers: dict[int, str] = {}
    lower: dict[int, tuple[str, ...]] = {}
    names: dict[int, str] = {}
    for position, (kind, first, second) in enumerate(chosen):
        site.append(known.site_id[first] if kind == "mast" else None)
        mast[position] = np.nan
        if kind == "mast":
            x[position], y[position] = known.x[first], known.y[first]
            ground[position], mast[position] = known.ground_m[first], known.mast_m[first]
            carriers[position] = known.carriers[first]
            bands = known.lower[first]
            if bands is not None:
                lower[position] = bands
        elif kind == "given":
            x[position], y[position] = given.x[first], given.y[first]
            ground[position] = given.ground_m[first]
            name = given.name[first]
            if name is not None:
                names[position] = name
        else:
            here_x, here_y = cell_centres(terrain, np.array([first]), np.array([second]))
            x[position], y[position] = here_x[0], here_y[0]
            ground[position] = terrain.values[first, second]
    return Places(
        x=x,
        y=y,
        ground_m=ground,
        group=np.array(list(chosen.values()), np.int64),
        existing_site=site,
        existing_mast_m=mast,
        existing_carriers=carriers,
        lower_bands=lower,
        names=names,
    )


def _cells(
    demand: Demand, members: Integers, homes: cKDTree, land: Land, *, settings: SitingSection
) -> list[tuple[int, int]]:
    rows, columns = land.window(demand.x[members], demand.y[members], settings.search_radius_m)
    if not len(rows) or not len(columns):
        return []
    window = np.ix_(rows, columns)
    grid_rows, grid_columns = np.meshgrid(rows, columns, indexing="ij")
    x, y = cell_centres(land.terrain, grid_rows, grid_columns)
    distance, _ = homes.query(
        np.column_stack([x.ravel(), y.ravel()]), distance_upper_bound=settings.search_radius_m
    )
    height = land.terrain.values[window].astype(float)
    usable = np.isfinite(distance).reshape(height.shape) & np.isfinite(height)
    if land.forbidden is not None:
        usable &= ~land.forbidden[window]
    chosen: list[tuple[int, int]] = []
    middle = _middle(demand, members, x, y, usable)
    if middle is not None:
        chosen.append(middle)
    most = settings.candidates_per_group
    high = _highest(np.where(usable, height, -np.inf), x, y, chosen, most)
    beside: list[tuple[int, int]] = []
    if land.beside is not None:
        near = usable & land.beside[window]
        beside = _highest(np.where(near, height, -np.inf), x, y, chosen[:0], most)
    for pair in zip_longest(high, beside):
        chosen += [at for at in pair if at is not None and at not in chosen]
    return [(int(rows[row]), int(columns[column])) for row, column in chosen]


def _highest(
    height: Floats, x: Floats, y: Floats, taken: list[tuple[int, int]], most: int
) -> list[tuple[int, int]]:
    """Return the highest cells, `SPACING_M` apart; the first in the order of rows and columns where heights tie."""
    height = height.copy()
    found: list[tuple[int, int]] = []
    while len(found) < most:
        top = np.unravel_index(int(np.argmax(height)), height.shape)
        at = (int(top[0]), int(top[1]))
        if height[at] == -np.inf:
            break
        if at not in taken:
            found.append(at)
        height[np.hypot(x - x[at], y - y[at]) < SPACING_M] = -np.inf
    return found


def _middle(
    demand: Demand, members: Integers, x: Floats, y: Floats, usable: npt.NDArray[np.bool_]
) -> tuple[int, int] | None:
    if not usable.any():
        return None
    weight = demand.waiting[members]
    centre_x = np.average(demand.x[members], weights=weight)
    centre_y = np.average(demand.y[members], weights=weight)
    distance = np.where(usable, np.hypot(x - centre_x, y - centre_y), np.inf)
    row, column = np.unravel_index(int(np.argmin(distance)), distance.shape)
    return int(row), int(column)
