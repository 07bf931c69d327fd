"""Lose power over edges and the Earth's bulge: delta-Bullington (ITU-R P.1812-8, section 4.3; P.526-16)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lomsong.propagation.geometry import SPEED_OF_LIGHT_M_GHZ, Paths
from lomsong.space.crs import Floats

NO_LOSS_BELOW_NU: Final = -0.78
"""Below this diffraction parameter a knife edge costs nothing."""
LAND_PERMITTIVITY, LAND_CONDUCTIVITY_S_M = 22.0, 0.003
SEA_PERMITTIVITY, SEA_CONDUCTIVITY_S_M = 80.0, 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Diffraction:
    """Delta-Bullington loss for one effective Earth radius, with its parts [dB]."""

    loss_db: Floats
    bullington_actual_db: Floats
    bullington_smooth_db: Floats
    spherical_db: Floats


def knife_edge_db(nu: Floats) -> Floats:
    """Return J(ν), the loss over a knife edge [dB] (section 4.3, equation 12)."""
    shifted = np.maximum(nu, NO_LOSS_BELOW_NU) - 0.1
    loss = 6.9 + 20 * np.log10(np.sqrt(shifted**2 + 1) + shifted)
    return np.where(nu > NO_LOSS_BELOW_NU, loss, 0.0)


def delta_bullington(
    paths: Paths,
    *,
    tx_smooth_m: Floats,
    rx_smooth_m: Floats,
    earth_radius_km: Floats,
    sea_fraction: Floats,
) -> Diffraction:
    """Return the diffraction loss of each path [dB] for one effective Earth radius (section 4.3.4)."""
    tx, rx = paths.tx_antenna_m, paths.rx_antenna_m
    tx_above, rx_above = tx - tx_smooth_m, rx - rx_smooth_m
    actual = _bullington_db(
        paths, surface_m=paths.surface_m, tx_m=tx, rx_m=rx, radius_km=earth_radius_km
    )
    smooth = _bullington_db(
        paths,
        surface_m=np.zeros_like(paths.surface_m),
        tx_m=tx_above,
        rx_m=rx_above,
        radius_km=earth_radius_km,
    )
    spherical = _spherical_earth_db(
        paths,
        tx_m=tx_above,
        rx_m=rx_above,
        radius_km=earth_radius_km,
        sea_fraction=sea_fraction,
    )
    return Diffraction(
        loss_db=actual + np.maximum(spherical - smooth, 0),
        bullington_actual_db=actual,
        bullington_smooth_db=smooth,
        spherical_db=spherical,
    )


def _bullington_db(
    paths: Paths, *, surface_m: Floats, tx_m: Floats, rx_m: Floats, radius_km: Floats
) -> Floats:
    """Return the loss over the one edge that stands for all of a path's edges (section 4.3.1)."""
    d, length = paths.distance_km[:, 1:-1], paths.length_km
    back = length[:, None] - d
    tx, rx = tx_m[:, None], rx_m[:, None]
    wavelength = SPEED_OF_LIGHT_M_GHZ / paths.frequency_ghz
    bulged = surface_m[:, 1:-1] + 500 * d * back / radius_km[:, None]
    slope_tx = ((bulged - tx) / d).max(axis=1)
    slope_direct = (rx_m - tx_m) / length

    line = (tx * back + rx * d) / length[:, None]
    in_sight_nu = (
        (bulged - line) * np.sqrt(0.002 * length[:, None] / (wavelength[:, None] * d * back))
    ).max(axis=1)

    hidden = slope_tx >= slope_direct
    slope_rx = ((bulged - rx) / back).max(axis=1)
    # On paths in sight the horizon lines need not meet between the terminals; where a point grazes the direct line
    # they are one, and the diffraction parameter is 0 wherever they meet.
    meet = hidden & (slope_tx + slope_rx > 0)
    rise = np.where(meet, slope_tx + slope_rx, 1)
    edge = np.where(meet, (rx_m - tx_m + slope_rx * length) / rise, length / 2)
    edge_back = length - edge
    edge_line = (tx_m * edge_back + rx_m * edge) / length
    hidden_nu = (tx_m + slope_tx * edge - edge_line) * np.sqrt(
        0.002 * length / (wavelength * edge * edge_back)
    )
    edge_db = knife_edge_db(np.where(hidden, hidden_nu, in_sight_nu))
    return np.asarray(edge_db + (1 - np.exp(-edge_db / 6)) * (10 + 0.02 * length))


def _spherical_earth_db(
    paths: Paths, *, tx_m: Floats, rx_m: Floats, radius_km: Floats, sea_fraction: Floats
) -> Floats:
    """Return the loss around a smooth Earth between two heights above it (section 4.3.2)."""
    length = paths.length_km
    wavelength = SPEED_OF_LIGHT_M_GHZ / paths.frequency_ghz
    in_sight_km = np.sqrt(2 * radius_km) * (np.sqrt(0.001 * tx_m) + np.sqrt(0.001 * rx_m))
    beyond = length >= in_sight_km

    asymmetry = (tx_m - rx_m) / (tx_m + rx_m)
    curvature = 250 * length**2 / (radius_km * (tx_m + rx_m))
    third = np.arccos(1.5 * asymmetry * np.sqrt(3 * curvature / (curvature + 1) ** 3)) / 3
    offset = 2 * np.sqrt((curvature + 1) / (3 * curvature)) * np.cos(np.pi / 3 + third)
    near = length / 2 * (1 + offset)
    far = length - near
    clearance = (
        (tx_m - 500 * near**2 / radius_km) * far + (rx_m - 500 * far**2 / radius_km) * near
    ) / length
    required = 17.456 * np.sqrt(np.maximum(near * far, 0) * wavelength / length)
    grazing_radius_km = 500 * (length / (np.sqrt(tx_m) + np.sqrt(rx_m))) ** 2

    first_term = _first_term_db(
        paths,
        tx_m=tx_m,
        rx_m=rx_m,
        radius_km=np.where(beyond, radius_km, grazing_radius_km),
        sea_fraction=sea_fraction,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        partial = (1 - clearance / required) * np.maximum(first_term, 0)
    return np.where(beyond, first_term, np.where(clearance > required, 0.0, partial))


def _first_term_db(
    paths: Paths, *, tx_m: Floats, rx_m: Floats, radius_km: Floats, sea_fraction: Floats
) -> Floats:
    """Return the first term of the residue series over land and sea, weighted by the sea's share (section 4.3.3)."""
    land, sea = (
        _first_term_over_db(
            paths,
            tx_m=tx_m,
            rx_m=rx_m,
            radius_km=radius_km,
            permittivity=permittivity,
            conductivity_s_m=conductivity,
        )
        for permittivity, conductivity in (
            (LAND_PERMITTIVITY, LAND_CONDUCTIVITY_S_M),
            (SEA_PERMITTIVITY, SEA_CONDUCTIVITY_S_M),
        )
    )
    return np.asarray(sea_fraction * sea + (1 - sea_fraction) * land)


def _first_term_over_db(
    paths: Paths,
    *,
    tx_m: Floats,
    rx_m: Floats,
    radius_km: Floats,
    permittivity: float,
    conductivity_s_m: float,
) -> Floats:
    f = paths.frequency_ghz
    loss_tangent = (18 * conductivity_s_m / f) ** 2
    admittance = (
        0.036 * (radius_km * f) ** (-1 / 3) * ((permittivity - 1) ** 2 + loss_tangent) ** -0.25
    )
    admittance = np.where(
        paths.vertical, admittance * np.sqrt(permittivity**2 + loss_tangent), admittance
    )
    k2 = admittance**2
    beta = (1 + 1.6 * k2 + 0.67 * k2**2) / (1 + 4.5 * k2 + 1.53 * k2**2)
    x = 21.88 * beta * (f / radius_km**2) ** (1 / 3) * paths.length_km
    far, near_limit = np.maximum(x, 1.6), 1.6
    distance_term = np.where(
        x >= near_limit,
        11 + 10 * np.log10(far) - 17.6 * far,
        -20 * np.log10(x) - 5.6488 * np.minimum(x, near_limit) ** 1.425,
    )
    per_metre = 0.9575 * beta**2 * (f**2 / radius_km) ** (1 / 3)
    floor = 2 + 20 * np.log10(admittance)
    return np.asarray(
        -distance_term
        - _height_gain_db(per_metre * tx_m, floor)
        - _height_gain_db(per_metre * rx_m, floor)
    )


def _height_gain_db(height: Floats, floor_db: Floats) -> Floats:
    """Return the gain of an antenna at a normalised height above the smooth Earth [dB]."""
    high = np.maximum(height, 2) - 1.1
    gain = np.where(
        height > 2,  # noqa: PLR2004 -- the Recommendation's limit, named by the branch it separates
        17.6 * np.sqrt(high) - 5 * np.log10(high) - 8,
        20 * np.log10(height + 0.1 * height**3),
    )
    return np.maximum(gain, floor_db)
