"""Lay rays from a site over terrain, and state once what all paths of a sweep share.

Rays belong to four faces (east, west, south and north of the site). On a face, x counts columns (or rows) away from the
site and a ray holds a constant slope of minor over major axis, so that its samples fall on grid lines, where bilinear
interpolation needs two heights only. Section numbers are those of ITU-R P.1812-8.
"""

import math
from typing import NamedTuple

from lomsong.propagation.diffraction import LAND_CONDUCTIVITY_S_M, LAND_PERMITTIVITY
from lomsong.propagation.geometry import SPEED_OF_LIGHT_M_GHZ


class Link(NamedTuple):
    """What all paths of a sweep have in common [m]."""

    site_ground: float
    mast: float
    rx: float
    earth_radius: float
    wavelength: float
    sight_only: bool
    cubic_ghz: float
    """Cubic root of the frequency in GHz."""
    admittance: float
    """Normalised admittance of land, vertical polarization, times the cubic root of the radius in km."""


def make_link(
    *,
    site_ground: float,
    mast: float,
    rx: float,
    earth_radius: float,
    frequency_ghz: float,
    sight_only: bool,
) -> Link:
    """Compute once what all paths share."""
    tangent = (18 * LAND_CONDUCTIVITY_S_M / frequency_ghz) ** 2
    horizontal = 0.036 * ((LAND_PERMITTIVITY - 1) ** 2 + tangent) ** -0.25
    cubic = frequency_ghz ** (1 / 3)
    return Link(
        site_ground=float(site_ground),
        mast=float(mast),
        rx=float(rx),
        earth_radius=float(earth_radius),
        wavelength=SPEED_OF_LIGHT_M_GHZ / frequency_ghz,
        sight_only=sight_only,
        cubic_ghz=cubic,
        admittance=horizontal * math.sqrt(LAND_PERMITTIVITY**2 + tangent) / cubic,
    )


class Face(NamedTuple):
    """The rays to one side of the site, in cells of the terrain's window."""

    along_columns: bool
    sign: int
    """+1 where the index of the major axis grows away from the site."""
    major: float
    """The site's place on the major axis, whole numbers being the centres of cells."""
    minor: float
    major_m: float
    minor_m: float
    rays: int
    """Rays between slope 0 and slope 1."""
    radius_m: float
