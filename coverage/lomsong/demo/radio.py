"""Know the true level of every sector everywhere: the world's own radio, apart from the one that judges it.

The judging code predicts by ITU-R P.1812. This module is on purpose something else: knife edges after Epstein and
Peterson over up to three edges, a log-distance law, forest at the phone, and shadowing that is alike at places
close together. Nothing of `lomsong.propagation` is used.

References
----------
.. [1] J. Epstein and D. W. Peterson, "An experimental study of wave propagation at 850 Mc", Proc. IRE 41 (1953).
.. [2] ITU-R P.526, the approximation J(v) of the loss over one knife edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from lomsong.demo.land import Land, bilinear, fractal
from lomsong.demo.world import Chance, Floats, Ints, World

PHONE_M = 1.5
REACH_M = 15_000.0
EFFECTIVE_EARTH_M = 4 / 3 * 6_371_000.0
NEAR_M = 90.0
"""Ground closer than this to an end is the end's own surroundings, no edge [m]."""
MOST_DIFFRACTION_DB = 60.0
SAMPLES = ((1_500.0, 24), (4_000.0, 56), (8_000.0, 104), (REACH_M, 192))
"""Profiles up to a length have so many inner samples."""
CHUNK = 2_560_000
"""Samples looked at in one go."""
CLEAR_V = -0.78
"""An edge below this v costs nothing."""
UNHEARD_DBM = -160.0
SHARED_SHADOW = 0.45
"""Share of the shadowing's variance that all sites have in common at one place."""


@dataclass(frozen=True)
class Paths:
    """Paths from one mast to places it may reach."""

    place: Ints
    """Which places these are."""
    distance_m: Floats
    bearing_deg: Floats
    elevation_deg: Floats
    """Angle at the mast, positive upward."""
    edges: Floats
    """v of up to three knife edges at a wavelength of 1 m; -inf where there is no edge."""
    forest: Floats
    shadow_db: Floats


class _Antenna(NamedTuple):
    """One row of the table of sectors, as far as radio asks."""

    sector: int
    carrier: str
    technology: str
    x: float
    y: float
    mast_m: float
    frequency_mhz: float
    eirp_dbm: float
    azimuth_deg: float
    tilt_deg: float


def _antennas(sectors: pd.DataFrame) -> Iterator[_Antenna]:
    table = sectors.reset_index()
    return map(
        _Antenna._make, zip(*(table[name].to_list() for name in _Antenna._fields), strict=True)
    )


class Radio:
    """The true radio of one world."""

    def __init__(self, world: World, chance: Chance, land: Land) -> None:
        self._world = world
        self._chance = chance
        self._land = land
        length = world.shadow_m / float(np.mean(land.cell_m))
        self._shadow_cells = length
        self._common = fractal(chance.stream("shadow"), land.shape, slope=1.6, cut=length)

    def paths(
        self, mast: tuple[float, float, float], x: Floats, y: Floats, *, shadowed: bool = True
    ) -> Paths:
        """Look along the terrain from one mast (x, y, height over ground) to many places, in local metres.

        Without shadowing the result is what a planner could know.
        """
        mast_x, mast_y, mast_m = mast
        span = np.hypot(x - mast_x, y - mast_y)
        place = np.flatnonzero(span <= REACH_M)
        distance = np.maximum(span[place], 20.0)
        land = self._land
        foot = land.sample(land.height_m, np.array([mast_x]), np.array([mast_y]))[0]
        top = foot + mast_m
        phone = land.sample(land.height_m, x[place], y[place]) + PHONE_M
        edges = self._edges((mast_x, mast_y, top), (x[place], y[place], phone), distance)
        return Paths(
            place=place,
            distance_m=distance,
            bearing_deg=np.degrees(np.arctan2(x[place] - mast_x, y[place] - mast_y)) % 360,
            elevation_deg=np.degrees(np.arctan2(phone - top, distance)),
            edges=edges,
            forest=land.sample(land.forest, x[place], y[place]),
            shadow_db=self._shadow(mast_x, mast_y, x[place], y[place])
            if shadowed
            else np.zeros(len(place)),
        )

    def _edges(
        self,
        mast: tuple[float, float, float],
        phones: tuple[Floats, Floats, Floats],
        distance: Floats,
    ) -> Floats:
        """Find the edges between a mast's top and phones, in chunks that fit into memory."""
        edges = np.full((len(distance), 3), -np.inf)
        shorter = 0.0
        for longest, samples in SAMPLES:
            rows = np.flatnonzero((distance > shorter) & (distance <= longest))
            for part in np.array_split(rows, max(1, -(-len(rows) * samples // CHUNK))):
                x, y, top = (of_phone[part] for of_phone in phones)
                height, along = self._profile(mast, x, y, distance[part], samples)
                edges[part] = knife_edges(
                    height,
                    along,
                    mast_m=np.full(len(part), mast[2]),
                    phone_m=top,
                    distance_m=distance[part],
                )
            shorter = longest
        return edges

    def _profile(
        self, mast: tuple[float, float, float], x: Floats, y: Floats, distance: Floats, samples: int
    ) -> tuple[Floats, Floats]:
        """Return ground with the earth's bulge, and distance from the mast, along each path [m]."""
        share = np.arange(1, samples + 1) / (samples + 1)
        row_mast, column_mast = self._land.fractional(np.array([mast[0]]), np.array([mast[1]]))
        row, column = self._land.fractional(x, y)
        height = bilinear(
            self._land.height_m,
            row_mast + (row - row_mast)[:, None] * share,
            column_mast + (column - column_mast)[:, None] * share,
        )
        along = distance[:, None] * share
        rest = distance[:, None] - along
        bulging = height + along * rest / (2 * EFFECTIVE_EARTH_M)
        return np.where((along < NEAR_M) | (rest < NEAR_M), -np.inf, bulging), along

    def _shadow(self, mast_x: float, mast_y: float, x: Floats, y: Floats) -> Floats:
        own = fractal(
            self._chance.stream(f"shadow of {mast_x:.0f} {mast_y:.0f}"),
            self._land.shape,
            slope=1.6,
            cut=self._shadow_cells,
        )
        field = np.sqrt(SHARED_SHADOW) * self._common + np.sqrt(1 - SHARED_SHADOW) * own
        return self._world.shadow_db * self._land.sample(field, x, y)

    def loss_db(self, paths: Paths, *, frequency_mhz: float) -> Floats:
        """Return the loss between isotropic antennas [dB]."""
        kilometres = paths.distance_m / 1000
        free = 32.45 + 20 * np.log10(frequency_mhz) + 20 * np.log10(kilometres)
        further = 10 * (self._world.path_exponent - 2) * np.log10(np.maximum(kilometres, 0.1) / 0.1)
        wavelength = 299.792458 / frequency_mhz
        edges = knife_edge_db(paths.edges / np.sqrt(wavelength)).sum(axis=1)
        forest = self._world.forest_db * paths.forest * (frequency_mhz / 1800) ** 0.3
        return np.asarray(
            free + further + np.minimum(edges, MOST_DIFFRACTION_DB) + forest + paths.shadow_db
        )

    def best(self, sectors: pd.DataFrame, x: Floats, y: Floats) -> "Best":
        """Return the best server of each carrier and technology at each place."""
        keys = list(dict.fromkeys(zip(sectors["carrier"], sectors["technology"], strict=True)))
        level = {key: np.full(len(x), UNHEARD_DBM) for key in keys}
        server = {key: np.full(len(x), -1, dtype=np.int64) for key in keys}
        for _, here in sectors.groupby(["x", "y", "mast_m"], sort=True):
            first, *_ = antennas = list(_antennas(here))
            paths = self.paths((first.x, first.y, first.mast_m), x, y)
            bands = sorted({antenna.frequency_mhz for antenna in antennas})
            losses = {mhz: self.loss_db(paths, frequency_mhz=mhz) for mhz in bands}
            for antenna in antennas:
                key = (antenna.carrier, antenna.technology)
                gain = antenna_db(paths, azimuth_deg=antenna.azimuth_deg, tilt_deg=antenna.tilt_deg)
                # Hundredths, so that no last bit of any machine decides a class.
                heard = np.round(antenna.eirp_dbm + gain - losses[antenna.frequency_mhz], 2)
                better = heard > level[key][paths.place]
                at = paths.place[better]
                level[key][at] = heard[better]
                server[key][at] = antenna.sector
        return Best(level, server)


@dataclass(frozen=True)
class Best:
    """Level [dBm] and sector of the best server per (carrier, technology), by place; -1: none."""

    level: dict[tuple[str, str], Floats]
    server: dict[tuple[str, str], Ints]


def knife_edges(
    height: Floats, along: Floats, *, mast_m: Floats, phone_m: Floats, distance_m: Floats
) -> Floats:
    """Find up to three edges of each profile and their v after Epstein and Peterson, at 1 m wavelength.

    Parameters
    ----------
    height
        Ground with the earth's bulge [m], a row per path; -inf where it counts for nothing.
    along
        Distance from the mast [m], same shape.
    mast_m, phone_m
        Heights of the two ends above the sea [m].
    distance_m
        Length of each path [m].

    Returns
    -------
    Floats
        v of the edges from the mast to the phone, three per path; -inf where there is none.
    """
    start, end = np.zeros(len(distance_m)), distance_m
    middle = _highest(height, along, (start, mast_m), (end, phone_m))
    left = _highest(height, along, (start, mast_m), middle)
    right = _highest(height, along, middle, (end, phone_m))
    has_left, has_right = left[2] > 0, right[2] > 0
    before = (np.where(has_left, left[0], start), np.where(has_left, left[1], mast_m))
    after = (np.where(has_right, right[0], end), np.where(has_right, right[1], phone_m))
    return np.column_stack(
        [
            np.where(has_left, _v(left, (start, mast_m), middle), -np.inf),
            np.where(np.isfinite(middle[2]), _v(middle, before, after), -np.inf),
            np.where(has_right, _v(right, middle, (end, phone_m)), -np.inf),
        ]
    )


def _highest(
    height: Floats, along: Floats, start: tuple[Floats, ...], end: tuple[Floats, ...]
) -> tuple[Floats, Floats, Floats]:
    """Return place, height and v of the worst edge strictly between two points; v is -inf without one."""
    (from_m, from_height), (to_m, to_height) = start[:2], end[:2]
    left = along - from_m[:, None]
    right = to_m[:, None] - along
    inside = (left > 1) & (right > 1) & np.isfinite(height)
    span = np.maximum(to_m - from_m, 1.0)[:, None]
    line = (from_height[:, None] * right + to_height[:, None] * left) / span
    with np.errstate(invalid="ignore", divide="ignore"):
        v = np.where(inside, (height - line) * np.sqrt(2 * span / (left * right)), -np.inf)
    at = v.argmax(axis=1)
    rows = np.arange(len(at))
    worst = v[rows, at]
    found = np.isfinite(worst)
    return (
        np.where(found, along[rows, at], (from_m + to_m) / 2),
        np.where(found, height[rows, at], (from_height + to_height) / 2),
        worst,
    )


def _v(edge: tuple[Floats, ...], before: tuple[Floats, ...], after: tuple[Floats, ...]) -> Floats:
    left, right = np.maximum(edge[0] - before[0], 1.0), np.maximum(after[0] - edge[0], 1.0)
    line = (before[1] * right + after[1] * left) / (left + right)
    return np.asarray((edge[1] - line) * np.sqrt(2 * (left + right) / (left * right)))


def knife_edge_db(v: Floats) -> Floats:
    """Return the loss over a knife edge [dB], never negative."""
    bent = np.maximum(v, CLEAR_V) - 0.1
    loss = 6.9 + 20 * np.log10(np.sqrt(bent**2 + 1) + bent)
    return np.asarray(np.where(v > CLEAR_V, np.maximum(loss, 0), 0.0))


def antenna_db(paths: Paths, *, azimuth_deg: float, tilt_deg: float) -> Floats:
    """Return the gain of a sector's antenna against its greatest [dB], at most 0."""
    aside = (paths.bearing_deg - azimuth_deg + 180) % 360 - 180
    below = -paths.elevation_deg - tilt_deg
    across = np.minimum(12 * (aside / 68) ** 2, 25)
    upright = np.minimum(12 * (below / 10) ** 2, 18)
    return np.asarray(-np.minimum(across + upright, 25))
