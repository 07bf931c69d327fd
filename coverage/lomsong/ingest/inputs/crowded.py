"""Tell rasters that were given as people and count none: heights of the ground, or a wrong unit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from lomsong.errors import Fault
from lomsong.ingest.terrain import Terrain
from lomsong.sentences import Sentence
from lomsong.space.crs import to_crs
from lomsong.space.raster import Raster, cell_areas_m2

MOST_PEOPLE_PER_KM2: Final = 100_000.0
"""No ward lives so densely as a whole: the densest of Hà Nội and Hồ Chí Minh City reach about half (assumption)."""
_FOLLOWS: Final = 0.8
"""People live in valleys; what rises with the ground to this correlation is the ground (assumption)."""
_FEWEST: Final = 30
_LOOKED_AT: Final = 20_000
_M2_PER_KM2: Final = 1e6


def too_many_people(people: Raster, *, file: Path) -> Iterator[Fault]:
    """Yield a fault where the land as a whole holds more people than any can."""
    known = np.isfinite(people.values)
    area_km2 = float(cell_areas_m2(people)[known].sum()) / _M2_PER_KM2
    density = float(people.values[known].sum()) / area_km2 if area_km2 else 0.0
    if density > MOST_PEOPLE_PER_KM2:
        yield Fault(
            file=file,
            column="people.raster",
            problem=Sentence(
                "holds {n:,} people per km² on average, more than any land", n=round(density)
            ),
            remedy="Give a raster of people, and say under unit what a pixel counts",
        )


def heights_as_people(people: Raster, terrain: Terrain, *, file: Path) -> Iterator[Fault]:
    """Yield a fault where people grow with the height of the ground: the raster is the terrain."""
    rows, columns = np.nonzero(np.isfinite(people.values))
    some = slice(None, None, max(1, len(rows) // _LOOKED_AT))
    step = people.transform  # north-up, as rasters are read
    x, y = step.c + step.a * (columns[some] + 0.5), step.f + step.e * (rows[some] + 0.5)
    heights = terrain.at(*to_crs(x, y, source=people.crs, target=terrain.crs))
    both = np.isfinite(heights)
    counted, heights = people.values[rows[some], columns[some]][both], heights[both]
    if len(counted) < _FEWEST or not (counted.std() and heights.std()):
        return
    if np.corrcoef(counted, heights)[0, 1] > _FOLLOWS:
        yield Fault(
            file=file,
            column="people.raster",
            problem="holds the heights of the ground, not people",
            remedy="Give a raster of people, and say under unit what a pixel counts",
        )
