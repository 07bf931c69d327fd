"""Look for the way of each option's traffic: a clear microwave hop, two over a relay on the ridge between, or fibre."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.spatial import cKDTree

from lomsong.config import CostSection
from lomsong.propagation import UNKNOWN_MAST_M, BlockingPoint, Profile, blocking_point, profile
from lomsong.siting.candidates import Options
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster

HOP_MHZ: Final = 6000.0
"""The lowest of the usual microwave bands [MHz]: its Fresnel zone is the widest, so what is clear here is clear above."""
CLEAR_ZONES: Final = 0.6
"""Free radii of the first Fresnel zone that make a hop clear (ITU-R P.530, for median refraction)."""
NEIGHBOURS: Final = 4
"""Known sites tried for each place, nearest first (assumption)."""
RELAY_PATHS: Final = 2
"""Known sites to which a relay is looked for, nearest first (assumption)."""
RELAY_POINTS: Final = 6
"""Points of a profile at which a relay is tried, the highest above the direct line first (assumption)."""
RELAY_SPACING_M: Final = 200.0
"""Relays that are tried stand so far apart [m] (assumption)."""
NEAREST_M: Final = 1.0
SHORT_HOP_M: Final = 15_000.0
LONG_HOP_M: Final = 30_000.0
"""Up to the former a hop costs once, up to the latter twice, beyond four times for each 30 km (Oughton, pobis)."""
CAPABLE: Final = ("4G", "5G")
"""A site with one of these has backhaul that takes more traffic (assumption); without any such site all count."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Hops:
    """Backhaul of each option."""

    site: list[str | None]
    """Known site that takes the traffic; None where no site is known."""
    distance_m: Floats
    """Distance to it [m]."""
    clear: npt.NDArray[np.bool_]
    """Whether the direct hop is clear; false also where nobody knows."""
    known: npt.NDArray[np.bool_]
    """Whether terrain tells."""
    kind: list[str]
    """`microwave`, `relay`, `fibre`, or `unknown` without known sites."""
    cost_vnd: Floats
    clearance: Floats
    """Free radii of the first Fresnel zone at the worst point of the direct way; NaN where nobody knows."""
    loss_db: Floats
    """What that point costs, as a single knife edge [dB]."""
    relay_x: Floats
    relay_y: Floats
    """Where the relay stands; NaN without one."""
    exact: npt.NDArray[np.bool_]
    """Whether the far mast stands where it is said to."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Hop:
    """One option's way to one known site."""

    mast: int
    distance_m: float
    point: BlockingPoint | None
    """The worst point of the direct way; None where terrain is unknown, or both are one place."""
    kind: str
    cost_vnd: float
    same_place: bool = False
    relay: tuple[float, float] | None = None

    @property
    def clear(self) -> bool:
        return self.same_place or (
            self.point is not None and self.point.fresnel_clearance >= CLEAR_ZONES
        )


def find_hops(
    options: Options, sites: pd.DataFrame, *, terrain: Raster, crs: CRS, cost: CostSection
) -> Hops:
    """Return the backhaul of each option.

    The nearest known site to which a hop is clear takes the traffic by microwave: terrain and the Earth's bulge leave
    `CLEAR_ZONES` of the first Fresnel zone free. Where none is, a relay is looked for on the profiles to the nearest
    sites, two hops that are both clear; where that is dearer than fibre to the nearest site, or there is none, fibre
    is laid. The far antenna hangs at the known mast's height, or at `UNKNOWN_MAST_M`.
    """
    places = options.places
    n = len(options.place)
    if not len(sites) or not n:
        return _no_hops(n)
    capable = sites[sites["technology"].isin(CAPABLE)]
    masts = (capable if len(capable) else sites).sort_values(["site_id", "plmn"])
    masts = masts.drop_duplicates(["lon", "lat"], ignore_index=True)
    x, y = to_crs(masts["lon"].to_numpy(), masts["lat"].to_numpy(), source=WGS84, target=crs)
    far_m = masts["height_m"].fillna(UNKNOWN_MAST_M).clip(lower=1.0).to_numpy(float)
    near = min(NEIGHBOURS, len(x))
    distance, index = cKDTree(np.column_stack([x, y])).query(
        np.column_stack([places.x, places.y]), k=list(range(1, near + 1))
    )
    found: list[_Hop] = []
    for place in range(len(places.x)):
        start = (float(places.x[place]), float(places.y[place]))
        ways = [
            (int(i), float(far_m[i]), float(length), _path(terrain, start, (x[i], y[i])))
            for i, length in zip(index[place], distance[place], strict=True)
        ]
        found += [_best(ways, float(options.mast_m[o]), cost) for o in options.of_place(place)]
    stated = (masts["position"] == "exact").to_numpy(bool)
    points = [hop.point for hop in found]
    return Hops(
        site=[str(masts["site_id"].iloc[hop.mast]) for hop in found],
        distance_m=np.array([hop.distance_m for hop in found]),
        clear=np.array([hop.clear for hop in found], bool),
        known=np.array([hop.same_place or hop.point is not None for hop in found], bool),
        kind=[hop.kind for hop in found],
        cost_vnd=np.array([hop.cost_vnd for hop in found]),
        clearance=np.array([np.nan if p is None else p.fresnel_clearance for p in points]),
        loss_db=np.array([np.nan if p is None else knife_edge_db(p) for p in points]),
        relay_x=np.array([np.nan if hop.relay is None else hop.relay[0] for hop in found]),
        relay_y=np.array([np.nan if hop.relay is None else hop.relay[1] for hop in found]),
        exact=np.array([stated[hop.mast] for hop in found], bool),
    )


def knife_edge_db(point: BlockingPoint) -> float:
    """Return the diffraction loss of a point taken for a single knife edge [dB] (ITU-R P.526-16, section 4.1)."""
    v = -math.sqrt(2) * point.fresnel_clearance
    if v <= -0.78:  # noqa: PLR2004 -- the Recommendation's limit
        return 0.0
    loss = 6.9 + 20 * math.log10(math.sqrt((v - 0.1) ** 2 + 1) + v - 0.1)
    return max(loss, 0.0)


def microwave_vnd(distance_m: float, cost: CostSection) -> float:
    """Return what a hop costs by its length [VND]."""
    if distance_m <= SHORT_HOP_M:
        return cost.microwave_vnd
    if distance_m <= LONG_HOP_M:
        return 2 * cost.microwave_vnd
    return 4 * cost.microwave_vnd * distance_m / LONG_HOP_M


_Way = tuple[int, float, float, Profile | None]
"""A known mast, its height, its distance and the profile to it; None where both are one place."""


def _best(ways: list[_Way], mast_m: float, cost: CostSection) -> _Hop:
    direct = [_direct(way, mast_m, cost) for way in ways]
    for hop in direct:
        if hop.kind == "microwave":
            return hop
    over = [_relayed(way, hop, mast_m, cost) for way, hop in zip(ways, direct, strict=True)]
    relayed = [hop for hop in over[:RELAY_PATHS] if hop is not None]
    # The nearest comes first, and stays where costs are equal.
    return min([direct[0], *relayed], key=lambda hop: hop.cost_vnd)


def _direct(way: _Way, mast_m: float, cost: CostSection) -> _Hop:
    """Return the direct hop where it is clear and not too long, else fibre."""
    mast, far_m, length, path = way
    point = None
    if path is not None:
        point = blocking_point(path, frequency_mhz=HOP_MHZ, tx_height_m=mast_m, rx_height_m=far_m)
    fibre = length / 1000 * cost.transmission_vnd_per_km
    hop = _Hop(
        mast=mast,
        distance_m=length,
        point=point,
        kind="fibre",
        cost_vnd=fibre,
        same_place=path is None,
    )
    if not hop.clear or length > cost.microwave_reach_m:
        return hop
    return _Hop(
        mast=mast,
        distance_m=length,
        point=point,
        kind="microwave",
        cost_vnd=microwave_vnd(length, cost),
        same_place=path is None,
    )


def _relayed(way: _Way, direct: _Hop, mast_m: float, cost: CostSection) -> _Hop | None:
    """Return the cheapest way over a relay on the profile, None where there is none or fibre costs less."""
    mast, far_m, length, path = way
    if path is None or not path.known or direct.cost_vnd <= cost.relay_vnd:
        return None
    found = None
    for at in _relay_points(path, mast_m, far_m):
        near, far = _cut(path, 0, at), _cut(path, at, len(path.distance_m) - 1)
        lengths = float(path.distance_m[at]), length - float(path.distance_m[at])
        if max(lengths) > cost.microwave_reach_m:
            continue
        vnd = cost.relay_vnd + sum(microwave_vnd(part, cost) for part in lengths)
        dearer = vnd >= (direct.cost_vnd if found is None else found.cost_vnd)
        if dearer or not (
            _is_clear(near, mast_m, cost.relay_mast_m) and _is_clear(far, cost.relay_mast_m, far_m)
        ):
            continue
        found = _Hop(
            mast=mast,
            distance_m=length,
            point=direct.point,
            kind="relay",
            cost_vnd=vnd,
            relay=(float(path.x[at]), float(path.y[at])),
        )
    return found


def _relay_points(path: Profile, mast_m: float, far_m: float) -> list[int]:
    """Return inner points of a profile, the highest above the direct line first, `RELAY_SPACING_M` apart."""
    share = path.distance_m / path.distance_m[-1]
    start, end = path.height_m[0] + mast_m, path.height_m[-1] + far_m
    above = path.height_m - (start + (end - start) * share)
    chosen: list[int] = []
    # Two steps from either end, so that both hops have a point between.
    for at in 2 + np.argsort(-above[2:-2], kind="stable"):
        place = path.distance_m[at]
        if all(abs(place - path.distance_m[other]) >= RELAY_SPACING_M for other in chosen):
            chosen.append(int(at))
        if len(chosen) == RELAY_POINTS:
            break
    return chosen


def _cut(path: Profile, first: int, last: int) -> Profile:
    part = slice(first, last + 1)
    return Profile(
        distance_m=path.distance_m[part] - path.distance_m[first],
        height_m=path.height_m[part],
        x=path.x[part],
        y=path.y[part],
    )


def _is_clear(path: Profile, mast_m: float, far_m: float) -> bool:
    point = blocking_point(path, frequency_mhz=HOP_MHZ, tx_height_m=mast_m, rx_height_m=far_m)
    return point is not None and point.fresnel_clearance >= CLEAR_ZONES


def _path(terrain: Raster, start: tuple[float, float], end: tuple[float, float]) -> Profile | None:
    """Return the profile of a hop, None where both ends are one place."""
    if np.hypot(end[0] - start[0], end[1] - start[1]) < NEAREST_M:
        return None
    return profile(
        terrain, x0=float(start[0]), y0=float(start[1]), x1=float(end[0]), y1=float(end[1])
    )


def _no_hops(n: int) -> Hops:
    nothing, no = np.full(n, np.nan), np.zeros(n, bool)
    return Hops(
        site=[None] * n,
        distance_m=nothing,
        clear=no,
        known=no,
        kind=["unknown"] * n,
        cost_vnd=np.zeros(n),
        clearance=nothing,
        loss_db=nothing,
        relay_x=nothing,
        relay_y=nothing,
        exact=no,
    )
