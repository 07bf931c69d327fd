"""Let a new site hang its traffic on another new one: clear hops between candidates, in chains of bounded length."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from lomsong.config import CostSection
from lomsong.propagation import BlockingPoint, blocking_point, profile
from lomsong.siting.backhaul import (
    CLEAR_ZONES,
    HOP_MHZ,
    NEAREST_M,
    Hops,
    knife_edge_db,
    microwave_vnd,
)
from lomsong.siting.candidates import Options
from lomsong.siting.cost import Costs
from lomsong.siting.problem import Mask
from lomsong.siting.received import Reach
from lomsong.space.crs import Floats
from lomsong.space.raster import Integers, Raster

NEIGHBOURS: Final = 6
"""Candidates tried as the far end of a hop: so many that reach a known site by air, and so many of all, nearest first
(assumption)."""


@dataclass(frozen=True)
class Link:
    """A clear hop between options of two places."""

    distance_m: float
    cost_vnd: float
    point: BlockingPoint


@dataclass(frozen=True, eq=False, kw_only=True)
class Linked:
    """Options by how their traffic goes: on their own way to a known site, or over another option."""

    options: Options
    costs: Costs
    origin: Integers
    """Which option before each is."""
    depth: Integers
    """Hops between an option and one with a way of its own; 0 has one."""
    needs: sparse.csr_array | None
    """1 where an option (row) may stand on another one (column); None where all stand alone."""
    links: Mapping[tuple[int, int], Link]
    """Clear hops between options as they were before."""

    def spread(self, reach: Reach) -> Reach:
        """Return levels of the options before as those of these."""
        order = np.argsort(self.origin, kind="stable")
        count = np.bincount(self.origin, minlength=reach.shape[0])
        first = np.concatenate([[0], np.cumsum(count)])
        times = count[reach.option]
        pair = np.repeat(np.arange(len(reach.option)), times)
        turn = np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times)
        option = order[first[reach.option[pair]] + turn]
        sort = np.lexsort([reach.cluster[pair], option])
        return Reach(
            option=option[sort],
            cluster=reach.cluster[pair][sort],
            rsrp_dbm=reach.rsrp_dbm[pair][sort],
            shape=(len(self.origin), reach.shape[1]),
        )

    def settled(self, chosen: Sequence[int], names: Sequence[str]) -> Costs:
        """Return costs whose backhaul names the place that each option stands on.

        That is the nearest chosen one, or where it is not chosen itself, the nearest of all. `names` are those of places.
        """
        if self.needs is None:
            return self.costs
        hops = self.costs.hops
        site = list(hops.site)
        distance, clearance, loss = (
            values.copy() for values in (hops.distance_m, hops.clearance, hops.loss_db)
        )
        for option in np.flatnonzero(self.depth > 0):
            below = self.needs.indices[self.needs.indptr[option] : self.needs.indptr[option + 1]]
            built = [int(i) for i in below if int(i) in set(chosen)] if option in chosen else []
            by_distance = {
                int(i): self.links[int(self.origin[option]), int(self.origin[i])]
                for i in built or below
            }
            far, link = min(by_distance.items(), key=lambda one: (one[1].distance_m, one[0]))
            site[option] = names[self.options.place[far]]
            distance[option] = link.distance_m
            clearance[option] = link.point.fresnel_clearance
            loss[option] = knife_edge_db(link.point)
        settled = replace(hops, site=site, distance_m=distance, clearance=clearance, loss_db=loss)
        return replace(self.costs, hops=settled)


def link(options: Options, costs: Costs, *, terrain: Raster, cost: CostSection) -> Linked:
    """Return options with every way of their traffic.

    An option keeps its own way to a known site unless that is fibre further than is laid. Where a hop to another
    candidate is clear and costs less, it may stand on that one instead, if it is built; and so on, up to
    `cost.microwave_hops` hops in all. Without known sites nobody knows, and all stand alone.
    """
    hops = costs.hops
    new = np.isnan(options.places.existing_mast_m)[options.place]
    kind = np.array(hops.kind, object)
    alone = ~new | (kind != "fibre") | (hops.distance_m <= cost.fibre_reach_m)
    by_air = ~new | np.isin(kind, ["microwave", "relay"])
    wants = new & (kind != "unknown") & (~alone | (hops.cost_vnd > cost.microwave_vnd))
    links = dict(_links(options, wants, by_air, terrain=terrain, cost=cost))
    found = _variants(alone, hops.cost_vnd, links, most=cost.microwave_hops - 1)
    order = sorted(found, key=lambda v: (int(options.place[v.option]), v.option, v.depth, v.vnd))
    origin = np.array([v.option for v in order], np.int64)
    depth = np.array([v.depth for v in order], np.int64)
    vnd = np.array([v.vnd for v in order])
    return Linked(
        options=replace(options, place=options.place[origin], mast_m=options.mast_m[origin]),
        costs=_costs(costs, origin, depth, vnd),
        origin=origin,
        depth=depth,
        needs=_needs(origin, depth, vnd, links) if (depth > 0).any() else None,
        links=links,
    )


@dataclass(frozen=True)
class _Variant:
    option: int
    depth: int
    vnd: float
    """Cost of its backhaul."""


def _links(
    options: Options, wants: Mask, by_air: Mask, *, terrain: Raster, cost: CostSection
) -> Iterator[tuple[tuple[int, int], Link]]:
    """Yield the clear hops from options that want one to options of places nearby."""
    places = options.places
    every = np.arange(len(places.x))
    airy = np.unique(options.place[by_air])
    for place in np.unique(options.place[wants]):
        tried = {
            int(far): None
            for some in (airy, every)
            for far in _near(places.x, places.y, int(place), some, cost.microwave_reach_m)
        }
        for far in tried:
            yield from _between(options, int(place), far, terrain=terrain, cost=cost)


def _near(x: Floats, y: Floats, place: int, some: Integers, reach_m: float) -> Integers:
    """Return the nearest others of some places, none that is the same place or beyond reach."""
    if not len(some):
        return some
    tree = cKDTree(np.column_stack([x[some], y[some]]))
    distance, at = tree.query(
        [x[place], y[place]], k=list(range(1, min(NEIGHBOURS + 1, len(some)) + 1))
    )
    return np.asarray(some[at[(distance > NEAREST_M) & (distance <= reach_m)]][:NEIGHBOURS])


def _between(
    options: Options, place: int, far: int, *, terrain: Raster, cost: CostSection
) -> Iterator[tuple[tuple[int, int], Link]]:
    """Yield the clear hops between all heights of two places."""
    places = options.places
    path = profile(
        terrain,
        x0=float(places.x[place]),
        y0=float(places.y[place]),
        x1=float(places.x[far]),
        y1=float(places.y[far]),
    )
    length = float(path.distance_m[-1])
    vnd = microwave_vnd(length, cost)
    # What is blocked between the highest is blocked between all.
    for one in reversed(options.of_place(place)):
        clear = False
        for other in reversed(options.of_place(far)):
            point = blocking_point(
                path,
                frequency_mhz=HOP_MHZ,
                tx_height_m=float(options.mast_m[one]),
                rx_height_m=float(options.mast_m[other]),
            )
            if point is None or point.fresnel_clearance < CLEAR_ZONES:
                break
            clear = True
            yield (one, other), Link(length, vnd, point)
        if not clear:
            return


def _variants(
    alone: Mask, own_vnd: Floats, links: Mapping[tuple[int, int], Link], *, most: int
) -> list[_Variant]:
    """Return each option with every way that may be worth building."""
    found = [_Variant(int(i), 0, float(own_vnd[i])) for i in np.flatnonzero(alone)]
    least = np.where(alone, 0, most + 1)
    for depth in range(1, most + 1):
        ways = {
            (one, link.cost_vnd)
            for (one, other), link in links.items()
            if least[other] < depth and (not alone[one] or link.cost_vnd < own_vnd[one])
        }
        found += [_Variant(one, depth, vnd) for one, vnd in sorted(ways)]
        for one, _ in ways:
            least[one] = min(least[one], depth)
    return found


def _needs(
    origin: Integers, depth: Integers, vnd: Floats, links: Mapping[tuple[int, int], Link]
) -> sparse.csr_array:
    of: dict[int, list[int]] = {}
    for variant, option in enumerate(origin):
        of.setdefault(int(option), []).append(variant)
    pairs = [
        (one, other)
        for (start, end), link in sorted(links.items(), key=lambda item: item[0])
        for one in of.get(start, [])
        for other in of.get(end, [])
        if depth[one] > depth[other] and vnd[one] == link.cost_vnd
    ]
    rows, columns = np.array(pairs, np.int64).reshape(-1, 2).T
    shape = (len(origin), len(origin))
    return sparse.csr_array((np.ones(len(pairs)), (rows, columns)), shape=shape)


def _costs(costs: Costs, origin: Integers, depth: Integers, vnd: Floats) -> Costs:
    """Return costs by way of the traffic; operation and present cost go with the investment."""
    over = depth > 0
    before = costs.total_vnd[origin]
    backhaul = np.where(over, vnd, costs.backhaul_vnd[origin])
    after = before - costs.backhaul_vnd[origin] + backhaul
    share = np.divide(after, before, out=np.ones(len(before)), where=before > 0)
    hops = costs.hops
    return replace(
        costs,
        radio_vnd=costs.radio_vnd[origin],
        mast_vnd=costs.mast_vnd[origin],
        civil_vnd=costs.civil_vnd[origin],
        power_vnd=costs.power_vnd[origin],
        backhaul_vnd=backhaul,
        operation_vnd=costs.operation_vnd[origin] * share,
        present_vnd=(costs.present_vnd - costs.battery_vnd)[origin] * share
        + costs.battery_vnd[origin],
        battery_vnd=costs.battery_vnd[origin],
        road_distance_m=costs.road_distance_m[origin],
        grid_distance_m=costs.grid_distance_m[origin],
        power_solution=costs.power_solution[origin],
        hops=Hops(
            site=[hops.site[i] for i in origin],
            distance_m=hops.distance_m[origin],
            clear=hops.clear[origin] | over,
            known=hops.known[origin] | over,
            kind=[
                "microwave" if far else hops.kind[i] for i, far in zip(origin, over, strict=True)
            ],
            cost_vnd=np.where(over, vnd, hops.cost_vnd[origin]),
            clearance=hops.clearance[origin],
            loss_db=hops.loss_db[origin],
            relay_x=np.where(over, np.nan, hops.relay_x[origin]),
            relay_y=np.where(over, np.nan, hops.relay_y[origin]),
            exact=hops.exact[origin] | over,
        ),
    )
