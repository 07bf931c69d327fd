"""Lose power by distance, scatter and ducts: the mechanisms beside diffraction (ITU-R P.1812-8, sections 4.2 to 4.5)."""

from typing import Final

import numpy as np

from lomsong.propagation.geometry import Climate, Horizons, Paths, SmoothEarth, inland_share
from lomsong.space.crs import Floats

DUCT_COUPLING_KM: Final = 5
"""Only a coast nearer than this couples a terminal to a duct over the sea."""
DUCT_COUPLING_SEA_FRACTION: Final = 0.75
LOW_FREQUENCY_GHZ: Final = 0.5
SMOOTH_ROUGHNESS_M: Final = 10


def line_of_sight(
    paths: Paths, seen: Horizons, beta0_percent: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the loss in free space, and with multipath and focusing for p % and β0 % of time (section 4.2)."""
    rise_km = (paths.tx_antenna_m - paths.rx_antenna_m) / 1e3
    free_space = (
        92.4 + 20 * np.log10(paths.frequency_ghz) + 10 * np.log10(paths.length_km**2 + rise_km**2)
    )
    focusing = 2.6 * (1 - np.exp(-0.1 * (seen.tx_distance_km + seen.rx_distance_km)))
    in_sight = free_space + focusing * np.log10(paths.time_percent / 50)
    return free_space, in_sight, free_space + focusing * np.log10(beta0_percent / 50)


def troposcatter_db(paths: Paths, seen: Horizons) -> Floats:
    """Return the loss by scatter in the troposphere not exceeded for p % of time (section 4.4)."""
    f = paths.frequency_ghz
    return np.asarray(
        190.1
        + 25 * np.log10(f)
        - 2.5 * np.log10(f / 2) ** 2
        + 20 * np.log10(paths.length_km)
        + 0.573 * seen.angular_distance_mrad
        - 0.15 * paths.n0
        - 10.125 * np.log10(50 / paths.time_percent) ** 0.7
    )


def ducting_db(paths: Paths, weather: Climate, seen: Horizons, smooth: SmoothEarth) -> Floats:
    """Return the loss by ducting and layer reflection not exceeded for p % of time (section 4.5)."""
    f = paths.frequency_ghz
    low = np.where(f < LOW_FREQUENCY_GHZ, 45.375 - 137 * f + 92.5 * f**2, 0)
    ends = (
        (seen.tx_angle_mrad, seen.tx_distance_km, paths.tx_coast_km, paths.tx_antenna_m),
        (seen.rx_angle_mrad, seen.rx_distance_km, paths.rx_coast_km, paths.rx_antenna_m),
    )
    coupling = sum(
        _site_shielding_db(f, angle, horizon)
        + _sea_duct_coupling_db(weather.sea_fraction, horizon, coast, antenna)
        for angle, horizon, coast, antenna in ends
    )
    bounded = sum(np.minimum(angle, 0.1 * horizon) for angle, horizon, _, _ in ends)
    angular = 1e3 * paths.length_km / weather.effective_earth_radius_km + bounded
    specific = 5e-5 * weather.effective_earth_radius_km * f ** (1 / 3)
    return np.asarray(
        102.45
        + 20 * np.log10(f)
        + 20 * np.log10(seen.tx_distance_km + seen.rx_distance_km)
        + low
        + coupling
        + specific * angular
        + _duct_time_variability_db(paths, weather, seen, smooth)
    )


def _site_shielding_db(f_ghz: Floats, angle_mrad: Floats, horizon_km: Floats) -> Floats:
    shielded = np.maximum(angle_mrad - 0.1 * horizon_km, 0)
    edge = 20 * np.log10(1 + 0.361 * shielded * np.sqrt(f_ghz * horizon_km))
    return np.asarray(edge + 0.264 * shielded * f_ghz ** (1 / 3))


def _sea_duct_coupling_db(
    sea_fraction: Floats, horizon_km: Floats, coast_km: Floats, antenna_m: Floats
) -> Floats:
    coupled = (
        (sea_fraction >= DUCT_COUPLING_SEA_FRACTION)
        & (coast_km <= horizon_km)
        & (coast_km <= DUCT_COUPLING_KM)
    )
    near = np.minimum(coast_km, DUCT_COUPLING_KM)
    gain = -3 * np.exp(-0.25 * near**2) * (1 + np.tanh(0.07 * (50 - antenna_m)))
    return np.where(coupled, gain, 0)


def _duct_time_variability_db(
    paths: Paths, weather: Climate, seen: Horizons, smooth: SmoothEarth
) -> Floats:
    length = paths.length_km
    between = np.minimum(length - seen.tx_distance_km - seen.rx_distance_km, 40)
    rough = np.maximum(smooth.roughness_m - SMOOTH_ROUGHNESS_M, 0)
    roughness_factor = np.exp(-4.6e-5 * rough * (43 + 6 * between))
    tau = inland_share(weather.longest_inland_km)
    exponent = np.maximum(-0.6 - 3.5e-9 * length**3.1 * tau, -3.4)
    heights = (np.sqrt(smooth.tx_effective_m) + np.sqrt(smooth.rx_effective_m)) ** 2
    shape = (500 * length**2 / (weather.effective_earth_radius_km * heights)) ** exponent
    beta = weather.beta0_percent * np.minimum(shape, 1) * roughness_factor
    log_beta = np.log10(beta)
    gamma = (
        1.076
        / (2.0058 - log_beta) ** 1.012
        * np.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta**2) * 1e-6 * length**1.13)
    )
    ratio = paths.time_percent / beta
    return np.asarray(-12 + (1.2 + 3.7e-3 * length) * np.log10(ratio) + 12 * ratio**gamma)
