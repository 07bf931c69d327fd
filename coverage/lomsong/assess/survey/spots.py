"""Choose where to stand at a place, so that what is measured there counts as several looks and not as one."""

from itertools import product
from typing import Final

import numpy as np

from lomsong.evidence.clusters import Clusters, Integers
from lomsong.evidence.join import Locator
from lomsong.evidence.tally import CELLS_PER_DEGREE
from lomsong.space.crs import WGS84, Floats, to_crs

APART: Final = 2.3
"""Spots stand this many cells of 1/1600 degree apart, east-west or north-south: two would put them into different
blocks however blocks are laid (`assess.served`), the rest is room for the error of a phone's position."""
_AROUND: Final = np.array(
    sorted(product((-APART, 0.0, APART), repeat=2), key=lambda step: abs(step[0]) + abs(step[1]))
)
"""The point of the cluster and eight spots around it."""


def choose_spots(
    clusters: Clusters, locator: Locator, wanted: Integers, *, number: int
) -> list[list[tuple[float, float]]]:
    """Return the spots of each wanted cluster as longitude and latitude.

    The first is the dwelling nearest to the cluster's point, each further one the dwelling furthest from those
    chosen. Where dwellings stand too close together for `number` spots, places right around them are taken. Every
    spot is one whose samples speak for this cluster (`Locator`); there may be fewer than asked, never none: the
    point of the cluster is the last resort.

    Parameters
    ----------
    wanted
        Positions of clusters.
    number
        Spots at a place.
    """
    lon, lat = to_crs(clusters.place_x, clusters.place_y, source=clusters.crs, target=WGS84)
    order = np.lexsort((lon, lat, clusters.place_cluster))
    dwellings = np.column_stack([lon, lat])[order] * CELLS_PER_DEGREE
    owner = clusters.place_cluster[order]
    points = np.column_stack([clusters.table.geometry.x, clusters.table.geometry.y])
    points = points * CELLS_PER_DEGREE
    around = (points[wanted][:, None, :] + _AROUND).reshape(-1, 2)
    dwellings_speak = locator.locate(*_degrees(dwellings))[1] == owner
    around_speaks = locator.locate(*_degrees(around))[1] == np.repeat(wanted, len(_AROUND))
    bounds = np.searchsorted(owner, np.arange(len(points) + 1))
    chosen = []
    for turn, cluster in enumerate(wanted):
        here = slice(bounds[cluster], bounds[cluster + 1])
        near = slice(turn * len(_AROUND), (turn + 1) * len(_AROUND))
        spots = _spread(
            dwellings[here][dwellings_speak[here]],
            around[near][around_speaks[near]],
            middle=points[cluster],
            number=number,
        )
        chosen.append(list(zip(*(part.tolist() for part in _degrees(spots)), strict=True)))
    return chosen


def _degrees(cells: Floats) -> tuple[Floats, Floats]:
    degrees = np.ascontiguousarray((cells / CELLS_PER_DEGREE).T)
    return degrees[0], degrees[1]


def _spread(dwellings: Floats, around: Floats, *, middle: Floats, number: int) -> Floats:
    first = dwellings if len(dwellings) else around
    if not len(first):
        return middle[None, :]
    chosen = [first[np.argmin(_apart(first, middle))]]
    for places in (dwellings, around):
        distance = np.min([_apart(places, spot) for spot in chosen], axis=0)
        while len(chosen) < number and len(places):
            # Dwellings as far from each other as there are; around them, as near as counts.
            far = distance >= APART * (1 - 1e-9)
            best = int(np.argmax(distance) if places is dwellings else np.argmax(far))
            if not far[best]:
                break
            chosen.append(places[best])
            distance = np.minimum(distance, _apart(places, places[best]))
    return np.array(chosen)


def _apart(places: Floats, spot: Floats) -> Floats:
    """Return the greater of the distances east-west and north-south [cells]."""
    distance: Floats = np.abs(places - spot).max(axis=1)
    return distance
