"""Name every intermediate value of ITU-R P.1812-8."""

from dataclasses import dataclass

import numpy as np

from lomsong.space.crs import Floats

Result = np.float64 | Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class PathLossDetail:
    """Every intermediate value of P.1812-8, in the Recommendation's units; its symbol stands behind each.

    Each field is a number for one profile, an array for many, NaN where the profile has unknown heights.
    """

    path_length_km: Result
    """d [km]."""
    tx_antenna_m: Result
    """hts and htc [m above sea level]."""
    rx_antenna_m: Result
    """hrs and hrc [m above sea level]."""
    tx_horizon_distance_km: Result
    """dlt [km]."""
    rx_horizon_distance_km: Result
    """dlr [km]."""
    tx_horizon_angle_mrad: Result
    """θt [mrad]."""
    rx_horizon_angle_mrad: Result
    """θr [mrad]."""
    angular_distance_mrad: Result
    """θ [mrad]."""
    transhorizon: Result
    """1 where the terrain hides the terminals from each other, else 0."""
    sea_fraction: Result
    """ω."""
    longest_land_km: Result
    """dtm [km]."""
    longest_inland_km: Result
    """dlm [km]."""
    tx_coast_km: Result
    """dct [km]."""
    rx_coast_km: Result
    """dcr [km]."""
    beta0_percent: Result
    """β0 [%]."""
    effective_earth_radius_km: Result
    """ae [km]."""
    tx_smooth_fitted_m: Result
    """hst of the fitted surface [m above sea level]."""
    rx_smooth_fitted_m: Result
    """hsr of the fitted surface [m above sea level]."""
    tx_smooth_ducting_m: Result
    """hst, not above the ground [m above sea level]."""
    rx_smooth_ducting_m: Result
    """hsr, not above the ground [m above sea level]."""
    tx_smooth_diffraction_m: Result
    """hstd [m above sea level]."""
    rx_smooth_diffraction_m: Result
    """hsrd [m above sea level]."""
    tx_above_smooth_m: Result
    """h'ts = htc - hstd [m]."""
    rx_above_smooth_m: Result
    """h'rs = hrc - hsrd [m]."""
    tx_effective_m: Result
    """hte [m]."""
    rx_effective_m: Result
    """hre [m]."""
    roughness_m: Result
    """hm [m]."""
    time_factor: Result
    """Fi."""
    angle_factor: Result
    """Fj."""
    distance_factor: Result
    """Fk."""
    free_space_db: Result
    """Lbfs [dB]."""
    line_of_sight_db: Result
    """Lb0p [dB]."""
    line_of_sight_beta0_db: Result
    """Lb0β [dB]."""
    bullington_actual_db: Result
    """Lbulla at the median effective Earth radius [dB]."""
    bullington_smooth_db: Result
    """Lbulls at the median effective Earth radius [dB]."""
    spherical_earth_db: Result
    """Ldsph at the median effective Earth radius [dB]."""
    bullington_actual_beta0_db: Result
    """Lbulla at the radius exceeded for β0 % of time [dB]."""
    bullington_smooth_beta0_db: Result
    """Lbulls at the radius exceeded for β0 % of time [dB]."""
    spherical_earth_beta0_db: Result
    """Ldsph at the radius exceeded for β0 % of time [dB]."""
    diffraction_median_db: Result
    """Ld50 [dB]."""
    diffraction_beta0_db: Result
    """Ldβ [dB]."""
    diffraction_db: Result
    """Ldp [dB]."""
    with_diffraction_median_db: Result
    """Lbd50 [dB]."""
    with_diffraction_db: Result
    """Lbd [dB]."""
    minimum_over_sea_db: Result
    """Lminb0p [dB]."""
    ducting_db: Result
    """Lba [dB]."""
    minimum_enhanced_db: Result
    """Lminbap [dB]."""
    diffraction_or_ducting_db: Result
    """Lbda [dB]."""
    without_troposcatter_db: Result
    """Lbam [dB]."""
    troposcatter_db: Result
    """Lbs [dB]."""
    median_location_db: Result
    """Lbc [dB]."""
    location_db: Result
    """Lloc [dB]."""
    loss_db: Result
    """Lb [dB]."""
    field_strength_dbuv_m: Result
    """Ep for 1 kW effective radiated power [dB(µV/m)]."""
