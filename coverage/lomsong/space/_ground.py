"""Give ground that several polygons claim to the one of lowest rank."""

import numpy as np
import numpy.typing as npt
import shapely

from lomsong.space._shapes import Geometries, Longs, order_by_rank

INTERIORS_MEET = "T********"


def disjoint(geometries: Geometries, rank: Longs) -> Geometries:
    """Return valid polygons without the ground that polygons of lower rank claim too; None and empty ones stay."""
    whole = _valid(geometries)
    place = np.empty(len(whole), np.int64)
    place[order_by_rank(geometries, rank)] = np.arange(len(whole))
    higher, lower = _overlaps(whole)
    swap = place[higher] < place[lower]
    higher, lower = np.where(swap, lower, higher), np.where(swap, higher, lower)
    order = np.lexsort((place[lower], higher))
    higher, lower = higher[order], lower[order]
    nth = np.arange(len(higher)) - np.searchsorted(higher, higher)
    left = whole.copy()
    for turn in range(nth.max(initial=-1) + 1):
        now = nth == turn
        left[higher[now]] = shapely.difference(left[higher[now]], whole[lower[now]])
    return left


def _valid(geometries: Geometries) -> Geometries:
    """Return polygons with every invalid one repaired: shells are merged, then holes cut out."""
    broken = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    repaired = geometries.copy()
    if broken.any():
        repaired[broken] = shapely.make_valid(
            geometries[broken], method="structure", keep_collapsed=False
        )
    return repaired


def _overlaps(polygons: Geometries) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the pairs whose interiors meet."""
    one, other = shapely.STRtree(polygons).query(polygons)
    once = one < other
    one, other = one[once], other[once]
    meet = shapely.relate_pattern(polygons[one], polygons[other], INTERIORS_MEET)
    return one[meet], other[meet]
