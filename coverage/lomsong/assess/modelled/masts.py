"""Find where a carrier's masts stand, as well as lists and samples tell, and what is heard of them.

Lists made from crowds put a mast where phones heard it, hundreds of metres from where it stands. Behind ridges that
decides everything, so each mast is looked for among high points around its listed place: those count most from which
the carrier's samples would be heard as they were (`standing`).

References
----------
.. [1] C. E. Clark, "The greatest of a finite set of random variables", Operations Research 9 (1961).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtr

from lomsong.assess.classify import Flags, Integers
from lomsong.assess.modelled.candidates import SURE_M, Mast, loudest_of, places_around
from lomsong.assess.modelled.standing import places_drawn
from lomsong.assess.modelled.units import Units
from lomsong.evidence.coding import NO_NODE, node_of_number
from lomsong.progress import SILENT, Task
from lomsong.propagation import LinkBudget, losses_at
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster, coarsened
from lomsong.threads import in_order

CELL_M: Final = 60.0
"""Terrain is read no finer than this [m]: known sites stand hundreds of metres from where lists put them."""
RADIUS_M: Final = 10_000.0
"""Units teach where a mast stands from no further [m] (assumption)."""
REACH_M: Final = 20_000.0
"""A mast is listened to this far [m]: beyond it, no phone holds a cell of 4G (assumption)."""
RECEIVER_M: Final = 1.5
NEAREST_M: Final = 100.0
MIDDLE_M: Final = 3000.0
"""Distances are told in decades from here, and none is shorter than the other [m]."""
UNKNOWN: Final = -1
"""Stands for no mast."""
UNHEARD_DBM: Final = -160.0
"""Level of places that no mast reaches [dBm]."""
UNKNOWN_ERROR_M: Final = 700.0
"""A mast may stand this far from its listed place where the list does not tell [m] (assumption)."""
MOST_PLACES: Final = 240
MOST_SWEEPS: Final = 3600
"""Places that are looked at for one mast, and for all together."""
FEWEST_PLACES: Final = 9
KEPT: Final = 8
LEAST_WEIGHT: Final = 0.05
"""Likeliest places of a mast that predictions are made from, and how likely against the likeliest they have to be."""
BLOCK_M: Final = 300.0
"""Units of one block of this side speak as one, since their errors are alike."""
MOST_UNITS: Final = 600
_LEAST_DB2: Final = 1e-6


@dataclass(frozen=True, eq=False, kw_only=True)
class Heard:
    """What is heard of a carrier's masts at places."""

    level_dbm: Floats
    """Level of the strongest mast by terrain and a usual link budget, `UNHEARD_DBM` where none is in reach."""
    spread_db: Floats
    """How much that depends on where the mast really stands."""
    distance_m: Floats
    mast: Integers
    """The strongest mast, -1 where none is in reach."""

    def chosen(self, at: slice | Integers) -> "Heard":
        """Return some of the places."""
        return Heard(
            level_dbm=self.level_dbm[at],
            spread_db=self.spread_db[at],
            distance_m=self.distance_m[at],
            mast=self.mast[at],
        )


def coarse_enough(terrain: Raster) -> Raster:
    """Return terrain in blocks of cells as large as fits into `CELL_M`."""
    return coarsened(terrain, cell_m=CELL_M)


def masts_of(sites: pd.DataFrame, terrain: Raster) -> pd.DataFrame:
    """Return a row per mast, sorted; masts off the terrain are left out.

    Columns are `carrier, site_id, x, y, error_m, height_m, frequency_mhz` and `nodes`, the numbers of its eNodeBs as
    witnesses name them.

    Parameters
    ----------
    sites
        Masts (`tables.SITES`) and their `carrier`; several rows of one `site_id` are one mast.
    terrain
        Ground, in a metric CRS.
    """
    x, y = to_crs(
        sites["lon"].to_numpy(), sites["lat"].to_numpy(), source=WGS84, target=terrain.crs
    )
    # Root mean square in the plane; each direction has half of the square.
    error = sites["position_error_m"].fillna(UNKNOWN_ERROR_M) / np.sqrt(2)
    node = [NO_NODE] * len(sites)
    if "node" in sites:
        node = [NO_NODE if pd.isna(own) else node_of_number(int(own)) for own in sites["node"]]
    masts = (
        sites.assign(x=x, y=y, error_m=error, node=node)
        .groupby(["carrier", "site_id"], as_index=False, sort=True)
        .agg(
            x=("x", "mean"),
            y=("y", "mean"),
            error_m=("error_m", "max"),
            height_m=("height_m", "max"),
            frequency_mhz=("frequency_mhz", "min"),
            nodes=("node", lambda own: tuple(sorted(set(own) - {NO_NODE}))),
        )
    )
    box = terrain.extent
    inside = masts["x"].between(box.west, box.east) & masts["y"].between(box.south, box.north)
    return masts[inside].reset_index(drop=True)


class Network:
    """One carrier's masts over terrain, each at a few places where it may stand."""

    def __init__(self, terrain: Raster, masts: Sequence[Mast]) -> None:
        self._terrain = terrain
        self.masts = tuple(map(_likeliest, masts))

    def heard(self, x: Floats, y: Floats, *, task: Task = SILENT) -> Heard:
        """Return what is heard of the network at places; `task` is told of each mast."""
        levels = in_order(partial(_levels, self._terrain, x=x, y=y, radius_m=REACH_M), self.masts)
        return _strongest(_told(levels, task), self.masts, x, y)


class Search:
    """One carrier's masts, each at all places where it may stand, and what its units would hear of them."""

    def __init__(
        self,
        terrain: Raster,
        masts: pd.DataFrame,
        units: Units,
        *,
        most_places: int,
        task: Task = SILENT,
    ) -> None:
        self._terrain = terrain
        self._units = units
        self._serving = _serving(masts, units)
        around = [
            places_around(terrain, row, most_places, loudest_of(units, self._serving, number))
            for number, row in enumerate(masts.to_dict("records"))
        ]
        self._masts = [mast for mast, _ in around]
        self._listed = [listed for _, listed in around]
        self._levels = []
        for levels in in_order(partial(_levels, terrain, x=units.x, y=units.y), self._masts):
            self._levels.append(levels)
            task.advance()
        self._far = [_decades(mast, units.x, units.y) for mast in self._masts]

    def found(self, taught: Flags | None = None, *, task: Task = SILENT) -> list[Mast]:
        """Return the masts as all units, or some, make them likely; `task` is told of each sweep."""
        chosen = np.ones(len(self._units), bool) if taught is None else taught
        if not chosen.any():
            return self._masts
        weights = places_drawn(
            [level[chosen] for level in self._levels],
            [far[chosen] for far in self._far],
            self._listed,
            self._units.chosen(chosen),
            self._serving[chosen],
            task=task,
        )
        pairs = zip(self._masts, weights, strict=True)
        return [replace(mast, weight=weight) for mast, weight in pairs]

    def heard(self, masts: Sequence[Mast]) -> Heard:
        """Return what the units hear of masts that were found."""
        return _strongest(iter(self._levels), masts, self._units.x, self._units.y)

    def network(self, masts: Sequence[Mast]) -> Network:
        """Return masts that were found as what can be heard anywhere."""
        return Network(self._terrain, masts)


def with_known_nodes(units: Units, masts: pd.DataFrame) -> Units:
    """Forget nodes that hang on none of a carrier's masts, or on one too far away to be true."""
    return replace(units, node=np.where(_serving(masts, units) < 0, NO_NODE, units.node))


def _serving(masts: pd.DataFrame, units: Units) -> Integers:
    """Return the position of the mast that served each unit, -1 where it is not known."""
    of_node: dict[int, int] = {}
    for position, nodes in enumerate(masts["nodes"]):
        for node in nodes:
            of_node[node] = UNKNOWN if node in of_node else position
    found = np.array([of_node.get(node, UNKNOWN) for node in units.node.tolist()], np.int64)
    x, y = (masts[name].to_numpy(float)[found] for name in ("x", "y"))
    error = masts["error_m"].to_numpy(float)[found]
    far = np.hypot(units.x - x, units.y - y) > REACH_M + 3 * error
    return np.where(far, UNKNOWN, found)


def _levels(
    terrain: Raster, mast: Mast, *, x: Floats, y: Floats, radius_m: float = RADIUS_M
) -> Floats:
    """Return the level of a mast at places [dBm], a column for each place where it may stand."""
    result = np.full((len(x), len(mast.x)), UNHEARD_DBM)
    eirp = LinkBudget().reference_eirp_dbm
    middle_x, middle_y = float(mast.x.mean()), float(mast.y.mean())
    around = np.hypot(mast.x - middle_x, mast.y - middle_y).max()
    # A cell more than the radius: levels are read between the middles of cells.
    reach = radius_m + around + max(terrain.cell)
    near = np.flatnonzero(np.hypot(x - middle_x, y - middle_y) <= reach)
    for column, (mast_x, mast_y) in enumerate(zip(mast.x, mast.y, strict=True)):
        loss = losses_at(
            terrain,
            x=float(mast_x),
            y=float(mast_y),
            mast_m=mast.height_m,
            rx_m=RECEIVER_M,
            radius_m=radius_m,
            frequency_mhz=mast.frequency_mhz,
            at_x=x[near],
            at_y=y[near],
        )
        heard = eirp - loss
        result[near, column] = np.where(np.isnan(heard), UNHEARD_DBM, heard)
    return result


def _told(levels: Iterator[Floats], task: Task) -> Iterator[Floats]:
    for own in levels:
        yield own
        task.advance()


def _decades(mast: Mast, x: Floats, y: Floats) -> Floats:
    """Return decades of distance from places to where a mast may stand, counted from 3 km."""
    away = np.hypot(x[:, None] - mast.x, y[:, None] - mast.y)
    return np.asarray(np.log10(np.maximum(away, NEAREST_M) / MIDDLE_M), float)


def _strongest(levels: Iterator[Floats], masts: Sequence[Mast], x: Floats, y: Floats) -> Heard:
    """Return what is heard of masts, given their levels from each place where they may stand.

    Of two masts of which neither is surely the stronger one, phones hear more than the one that is stronger in the mean: mean and
    variance of the greater of two normal variables [1]_ are taken mast by mast.
    """
    level, variance = np.full(len(x), UNHEARD_DBM), np.zeros(len(x))
    distance, best = np.full(len(x), REACH_M), np.full(len(x), UNKNOWN, np.int64)
    highest = level.copy()
    for number, (own, mast) in enumerate(zip(levels, masts, strict=True)):
        mean = own @ mast.weight
        unsure = ((own - mean[:, None]) ** 2) @ mast.weight
        better = mean > highest
        highest[better], best[better] = mean[better], number
        away = np.hypot(x[:, None] - mast.x, y[:, None] - mast.y) @ mast.weight
        distance[better] = away[better]
        level, variance = _greater(level, variance, mean, unsure)
    return Heard(level_dbm=level, spread_db=np.sqrt(variance), distance_m=distance, mast=best)


def _greater(
    mean: Floats, variance: Floats, other: Floats, other_variance: Floats
) -> tuple[Floats, Floats]:
    """Return mean and variance of the greater of two normal variables."""
    spread = np.sqrt(np.maximum(variance + other_variance, _LEAST_DB2))
    off = (mean - other) / spread
    first, second = ndtr(off), ndtr(-off)
    both = spread * np.exp(-0.5 * off**2) / np.sqrt(2 * np.pi)
    greater = mean * first + other * second + both
    # Around the mean that was found, lest great squares cancel each other.
    square = (variance + (mean - greater) ** 2) * first
    square += (other_variance + (other - greater) ** 2) * second
    square += both * (mean - greater + other - greater)
    return greater, np.maximum(square, 0.0)


def _likeliest(mast: Mast) -> Mast:
    """Return a mast with its likeliest places alone."""
    best = np.argsort(-mast.weight, kind="stable")[:KEPT]
    kept = np.sort(best[mast.weight[best] >= LEAST_WEIGHT * mast.weight.max()])
    weight = mast.weight[kept]
    return replace(mast, x=mast.x[kept], y=mast.y[kept], weight=weight / weight.sum())


def places_for_each(masts: pd.DataFrame) -> int:
    """Return at how many places each mast is looked for, so that all together stay affordable."""
    unsure = int((masts["error_m"] > SURE_M).sum())
    return int(np.clip(MOST_SWEEPS // max(unsure, 1), FEWEST_PLACES, MOST_PLACES))


def thinned(units: Units, *, by_node: bool = False) -> Units:
    """Return one unit for each block, and no more than needed: the one nearest to its block's median level.

    `by_node` keeps one for each node that served in the block.
    """
    block = pd.DataFrame(
        {
            "x": units.x // BLOCK_M,
            "y": units.y // BLOCK_M,
            "node": units.node if by_node else NO_NODE,
            "l": units.level_dbm,
        }
    )
    key = ["x", "y", "node"]
    middle = block.groupby(key)["l"].transform("median")
    order = block.assign(off=(block["l"] - middle).abs()).sort_values([*key, "off", "l"])
    kept = order.drop_duplicates(key).index.to_numpy()
    if len(kept) > MOST_UNITS:
        kept = np.random.default_rng(len(kept)).permutation(kept)[:MOST_UNITS]
    return units.chosen(np.sort(kept))
