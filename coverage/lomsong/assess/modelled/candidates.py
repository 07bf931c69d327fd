"""Choose the high points around a listed place where a mast may stand, and say how likely the list makes them.

Lists made from crowds err by more than they say, each in its own measure. So a mast is looked for far around its listed
place too, and how likely a point is by the list is told for each measure by which the list may err.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.spatial import cKDTree

from lomsong.assess.classify import Integers
from lomsong.assess.modelled.standing import ERRORS, USUAL_ERRORS
from lomsong.assess.modelled.units import Units
from lomsong.propagation import BANDS
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

MAST_M: Final = 40.0
SURE_M: Final = 60.0
"""A mast placed better than this [m] is not looked for."""
SEARCHED: Final = 2.5
"""A mast is looked for within so many standard deviations of its listed place, and no further than this:"""
SEARCHED_M: Final = 3000.0
WIDER: Final = 3.0
WIDER_M: Final = 9000.0
WIDE_SHARE: Final = 0.5
"""As lists err by more than they say, this share of a mast's places lies so many times further around it, and no further
than that (assumption)."""
LOUDEST_SHARE: Final = 0.4
LOUDEST_M: Final = 2000.0
"""Where it is known whom a mast served, this share of its other places lies so far around those who hear it best [m]
(assumption)."""
LOUD_SHARE: Final = 0.25
FEWEST_LOUD: Final = 6
"""Those are this share of the units that it served, of which there have to be so many (assumption)."""
HIGH_M: Final = 180.0
"""Masts stand on the highest ground within this distance of any other place nobody can tell from it [m]."""
LAND_POINTS: Final = 1500
"""So many points tell how likely each place of a mast is by its list: those to which it is the nearest place."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Mast:
    """Places where a mast may stand, and how likely each is."""

    x: Floats
    y: Floats
    weight: Floats
    height_m: float
    frequency_mhz: float


def places_around(
    terrain: Raster, mast: Mapping[Hashable, Any], most: int, loudest: tuple[float, float] | None
) -> tuple[Mast, Floats]:
    """Return high points around a listed place, and how likely the list alone makes them if it errs by `ERRORS`.

    `loudest` is where phones hear the mast best, if that is known: no list makes them look elsewhere.
    """
    x, y, error = (float(mast[name]) for name in ("x", "y", "error_m"))
    height, frequency = (float(mast[name]) for name in ("height_m", "frequency_mhz"))
    height = MAST_M if np.isnan(height) else height
    frequency = BANDS["B3"].downlink_mhz if np.isnan(frequency) else frequency
    px, py, listed = np.array([x]), np.array([y]), np.ones((len(ERRORS), 1))
    if error > SURE_M and most > 1:
        near = min(SEARCHED * error, SEARCHED_M)
        wide, few = int(most * WIDE_SHARE), 0
        discs = [(x, y, min(WIDER * near, WIDER_M), wide)]
        if loudest is not None:
            few = int((most - wide) * LOUDEST_SHARE)
            discs.append((*loudest, min(near, LOUDEST_M), few))
        discs.append((x, y, near, most - wide - few))
        found = [_highest(terrain, *_sunflower(*disc)) for disc in discs]
        px, py = np.unique(np.hstack(found), axis=1)
        listed = np.stack([_land(terrain, (x, y, error * more), px, py) for more in ERRORS])
    usual = np.asarray(USUAL_ERRORS @ listed, float)
    return Mast(x=px, y=py, weight=usual, height_m=height, frequency_mhz=frequency), listed


def _land(terrain: Raster, around: tuple[float, float, float], px: Floats, py: Floats) -> Floats:
    """Return the share of a normal distribution around a place [m] to which each place is the nearest."""
    x, y, error = around
    step = np.arange(LAND_POINTS)
    away = error * np.sqrt(-2 * np.log1p(-(step + 0.5) / LAND_POINTS))
    turn = step * np.pi * (3 - np.sqrt(5))
    at_x, at_y = x + away * np.cos(turn), y + away * np.sin(turn)
    box = terrain.extent
    inside = (at_x >= box.west) & (at_x <= box.east) & (at_y >= box.south) & (at_y <= box.north)
    points = np.column_stack([at_x, at_y])[inside]
    _, nearest = cKDTree(np.column_stack([px, py])).query(points)
    count = np.bincount(nearest, minlength=len(px)).astype(float)
    return np.asarray(count / count.sum(), float)


def _sunflower(x: float, y: float, radius_m: float, n: int) -> tuple[Floats, Floats]:
    """Return places of which one is near every place of a disc, the middle first."""
    step = np.arange(n)
    away = radius_m * np.sqrt(step / n)
    turn = step * np.pi * (3 - np.sqrt(5))
    return x + away * np.cos(turn), y + away * np.sin(turn)


def loudest_of(units: Units, serving: Integers, mast: int) -> tuple[float, float] | None:
    """Return the middle of the units that hear best the mast that served them; None where they are few or far apart."""
    own = np.flatnonzero(serving == mast)
    if len(own) < FEWEST_LOUD:
        return None
    level = units.level_dbm[own]
    loud = own[level >= np.quantile(level, 1 - LOUD_SHARE)]
    x, y = float(np.median(units.x[loud])), float(np.median(units.y[loud]))
    apart = np.median(np.hypot(units.x[loud] - x, units.y[loud] - y))
    return (x, y) if apart <= LOUDEST_M else None


def _highest(terrain: Raster, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the middle of the highest cell near each place; a place off the terrain goes to its border."""
    grid, values = terrain.transform, terrain.values
    reach = max(int(HIGH_M // min(terrain.cell)), 1)
    rows, columns = values.shape
    column = np.clip(((x - grid.c) / grid.a).astype(np.int64), 0, columns - 1)
    row = np.clip(((y - grid.f) / grid.e).astype(np.int64), 0, rows - 1)
    steps = np.arange(-reach, reach + 1)
    down, right = (step.ravel() for step in np.meshgrid(steps, steps, indexing="ij"))
    near_row = np.clip(row[:, None] + down, 0, rows - 1)
    near_column = np.clip(column[:, None] + right, 0, columns - 1)
    best = np.nan_to_num(values[near_row, near_column], nan=-1e4).argmax(axis=1)
    every = np.arange(len(x))
    row, column = near_row[every, best], near_column[every, best]
    return grid.c + (column + 0.5) * grid.a, grid.f + (row + 0.5) * grid.e
