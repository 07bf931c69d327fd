"""Choose and change coordinate reference systems; metres inside, degrees only at the borders."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer

from lomsong.errors import DefectError
from lomsong.sentences import Sentence

WGS84 = CRS.from_epsg(4326)
EARTH_RADIUS_M = 6_371_000.0
METRES_PER_DEGREE = EARTH_RADIUS_M * np.pi / 180

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Extent:
    """A box: west, south, east, north, in the unit of the CRS it is spoken of in."""

    west: float
    south: float
    east: float
    north: float

    def grown(self, margin: float) -> "Extent":
        """Return the box with `margin` added on every side."""
        return Extent(
            self.west - margin, self.south - margin, self.east + margin, self.north + margin
        )

    def told(self) -> Sentence:
        """Return a box in degrees as words."""
        return Sentence(
            "longitude {west} to {east}, latitude {south} to {north}",
            west=f"{self.west:.4f}",
            east=f"{self.east:.4f}",
            south=f"{self.south:.4f}",
            north=f"{self.north:.4f}",
        )


def local_metric_crs(extent: Extent) -> CRS:
    """Return a metric CRS for a region given in degrees of WGS 84.

    A transverse Mercator on the whole degree of longitude nearest to the region's middle, scale 1, so that
    lengths are true within 0.3 % up to 450 km from it: all provinces of the mainland fit. Being a function of the whole
    run's extent, it does not depend on how the work is cut.
    """
    meridian = round((extent.west + extent.east) / 2)
    return CRS.from_proj4(
        f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0=500000 +y_0=0 +datum=WGS84 +units=m +no_defs"
    )


def to_crs(
    x: npt.ArrayLike, y: npt.ArrayLike, *, source: CRS, target: CRS
) -> tuple[Floats, Floats]:
    """Move points from one CRS to another; x is easting or longitude always."""
    transformer = Transformer.from_crs(source, target, always_xy=True)
    moved_x, moved_y = transformer.transform(np.asarray(x, float), np.asarray(y, float))
    return np.asarray(moved_x, float), np.asarray(moved_y, float)


def require_same(first: CRS, second: CRS) -> None:
    """Raise where two things of different CRS meet; x is easting or longitude always, so axis order is no matter."""
    if not first.equals(second, ignore_axis_order=True):
        raise DefectError(f"two CRSs meet: {first.name} and {second.name}")


def require_metric(crs: CRS) -> None:
    """Raise where a CRS does not count in metres."""
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        raise DefectError(f"{crs.name} does not count in metres")
