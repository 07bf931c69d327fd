"""Cut terrain along a path and find the point that stands in its way."""

import math
from dataclasses import dataclass

import numpy as np

from lomsong.errors import Faults
from lomsong.propagation import geometry
from lomsong.propagation.geometry import SPEED_OF_LIGHT_M_GHZ
from lomsong.propagation.p1812_input import LIMITS, check_limits
from lomsong.space.crs import Floats, require_metric
from lomsong.space.raster import Raster


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """Ground heights at equal steps from one point to another; NaN where the terrain is unknown."""

    distance_m: Floats
    """Distance from the first point [m]."""
    height_m: Floats
    """Ground height [m above sea level]."""
    x: Floats
    y: Floats

    @property
    def known(self) -> bool:
        """Whether the terrain is known all the way."""
        return bool(np.isfinite(self.height_m).all())


@dataclass(frozen=True, kw_only=True)
class BlockingPoint:
    """The point between two terminals that obstructs their path most."""

    distance_m: float
    """Distance from the transmitter [m]."""
    x: float
    y: float
    ground_m: float
    """Its height [m above sea level]."""
    excess_m: float
    """How far ground and Earth's bulge stand above the direct line [m]; negative where they stay below."""
    fresnel_radius_m: float
    """Radius of the first Fresnel zone there [m]."""
    fresnel_clearance: float
    """Free height below the direct line in radii of the first Fresnel zone; 0.6 is practically free."""
    blocked: bool
    """Whether the ground there reaches the direct line."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Clearance:
    """The direct line over a profile, point by point, as it is seen on an Earth of the effective radius."""

    bulge_m: Floats
    line_m: Floats
    fresnel_m: Floats
    excess_m: Floats


def profile(
    terrain: Raster, *, x0: float, y0: float, x1: float, y1: float, step_m: float | None = None
) -> Profile:
    """Return the terrain profile between two points, bilinear between the terrain's cells.

    Parameters
    ----------
    terrain
        Ground height [m above sea level] in a metric CRS, NaN where unknown.
    x0, y0, x1, y1
        Ends of the path in the terrain's CRS [m].
    step_m
        Longest distance between points [m], by default the shorter side of a cell. There is always at least one
        point between the ends.

    Returns
    -------
    Profile with NaN heights where the terrain is unknown or ends.

    """
    require_metric(terrain.crs)
    faults = Faults()
    ends = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
    for name, value in ends.items():
        if not math.isfinite(value):
            faults.add("is no coordinate", "Give metres in the terrain's CRS", column=name)
    length = math.hypot(x1 - x0, y1 - y0)
    if length == 0:
        faults.add("both ends are the same point", "Give two points", column="x1, y1")
    step = min(terrain.cell) if step_m is None else step_m
    if not step > 0:
        faults.add("is no step", "Give metres above 0", column="step_m", value=step_m)
    faults.raise_if_any()
    share = np.linspace(0, 1, max(math.ceil(length / step - 1e-9), 2) + 1)
    x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    return Profile(distance_m=share * length, height_m=terrain.at(x, y), x=x, y=y)


def clearance(
    path: Profile,
    *,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    delta_n: float = 45,
) -> Clearance:
    """Return bulge, direct line, first Fresnel zone and excess of ground and bulge over the line [m].

    Heights are those of `path` plus the Earth's bulge d1 d2 / (2 ae) for the median effective radius ae (ITU-R
    P.1812-8, section 3.5); the Fresnel radius is sqrt(λ d1 d2 / d) (P.526-16, section 2).
    """
    faults = Faults()
    for name, value in (
        ("frequency_mhz", frequency_mhz),
        ("tx_height_m", tx_height_m),
        ("rx_height_m", rx_height_m),
        ("delta_n", delta_n),
    ):
        check_limits(name, LIMITS[name], np.asarray(float(value)), faults)
    faults.raise_if_any()
    length = path.distance_m[-1]
    ahead = length - path.distance_m
    radius_m = 1e3 * float(geometry.effective_earth_radius_km(np.asarray(delta_n, float)))
    wavelength_m = SPEED_OF_LIGHT_M_GHZ / (frequency_mhz / 1e3)
    product = path.distance_m * ahead
    tx, rx = path.height_m[0] + tx_height_m, path.height_m[-1] + rx_height_m
    bulge = product / (2 * radius_m)
    line = tx + (rx - tx) * path.distance_m / length
    return Clearance(
        bulge_m=bulge,
        line_m=line,
        fresnel_m=np.sqrt(wavelength_m * product / length),
        excess_m=path.height_m + bulge - line,
    )


def blocking_point(
    path: Profile,
    *,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    delta_n: float = 45,
) -> BlockingPoint | None:
    """Return the point with the largest diffraction parameter, or None where the terrain is not known all the way.

    Parameters
    ----------
    path
        Terrain profile from transmitter to receiver.
    frequency_mhz
        Frequency [MHz].
    tx_height_m, rx_height_m
        Height of the antennas above ground [m].
    delta_n
        Average lapse rate of refractivity in the lowest kilometre [N-units/km].

    """
    found = clearance(
        path,
        frequency_mhz=frequency_mhz,
        tx_height_m=tx_height_m,
        rx_height_m=rx_height_m,
        delta_n=delta_n,
    )
    if not path.known:
        return None
    relative = found.excess_m[1:-1] / found.fresnel_m[1:-1]
    worst = 1 + int(relative.argmax())
    return BlockingPoint(
        distance_m=float(path.distance_m[worst]),
        x=float(path.x[worst]),
        y=float(path.y[worst]),
        ground_m=float(path.height_m[worst]),
        excess_m=float(found.excess_m[worst]),
        fresnel_radius_m=float(found.fresnel_m[worst]),
        fresnel_clearance=float(-relative[worst - 1]),
        blocked=bool(found.excess_m[worst] >= 0),
    )
