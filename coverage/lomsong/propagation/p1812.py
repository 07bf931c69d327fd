"""Predict the basic transmission loss between two points over terrain: ITU-R P.1812-8 (09/2025).

References
----------
.. [1] Recommendation ITU-R P.1812-8, "A path-specific propagation prediction method for point-to-area terrestrial
   services in the frequency range 30 MHz to 6 000 MHz", 2025.
.. [2] Recommendation ITU-R P.526-16, "Propagation by diffraction", 2025.
"""

from dataclasses import fields

import numpy as np
import numpy.typing as npt

from lomsong.propagation import diffraction, geometry
from lomsong.propagation.geometry import Climate, Horizons, Paths, SmoothEarth
from lomsong.propagation.mechanisms import ducting_db, line_of_sight, troposcatter_db
from lomsong.propagation.p1812_detail import PathLossDetail, Result
from lomsong.propagation.p1812_input import Numbers, Profiles, Words, blocks
from lomsong.space.crs import Floats

ANGLE_BLEND_MRAD, ANGLE_STEEPNESS = 0.3, 0.8
DISTANCE_BLEND_KM, DISTANCE_STEEPNESS = 20.0, 0.5
ENHANCEMENT_BLEND_DB = 2.5


def path_loss(
    *,
    distance_m: Profiles,
    height_m: Profiles,
    clutter_m: Profiles | None = None,
    frequency_mhz: Numbers,
    tx_height_m: Numbers,
    rx_height_m: Numbers,
    time_percent: Numbers = 50,
    location_percent: Numbers = 50,
    sigma_l_db: Numbers = 0,
    polarization: Words = "vertical",
    delta_n: Numbers = 45,
    n0: Numbers = 325,
    path_centre_latitude_deg: Numbers,
    zone: Words = "inland",
    tx_coast_distance_m: Numbers | None = None,
    rx_coast_distance_m: Numbers | None = None,
) -> Result:
    """Return the basic transmission loss not exceeded for p % of time and pL % of locations, ITU-R P.1812-8 [1]_.

    Many paths are computed at once: `height_m` may be one profile, an array (paths, points) or a sequence of profiles
    of different lengths. Numbers and words may be one for all or one per path. A path gives the same bits alone and
    in company.

    Parameters
    ----------
    distance_m
        Distance of each profile point from the transmitter [m], rising from 0; one array may serve all paths.
    height_m
        Ground height of each point [m above sea level]. An unknown height (NaN) makes the path's loss NaN.
    clutter_m
        Representative clutter height of each point [m]; the terminals' own points are taken without.
    frequency_mhz
        Frequency [MHz], 30 to 6000.
    tx_height_m, rx_height_m
        Height of the antennas above ground [m], 1 to 3000.
    time_percent
        Time for which the loss is not exceeded [%], 1 to 50.
    location_percent
        Locations for which the loss is not exceeded [%], above 0 and below 100.
    sigma_l_db
        Standard deviation of the location variability [dB].
    polarization
        "vertical" or "horizontal".
    delta_n
        Average lapse rate of refractivity in the lowest kilometre [N-units/km], below 157.
    n0
        Refractivity at sea level in the path's centre [N-units].
    path_centre_latitude_deg
        Latitude of the path's centre [°].
    zone
        "inland", "coastal" or "sea"; one word, or one per point.
    tx_coast_distance_m, rx_coast_distance_m
        Distance over land from each terminal to the coast along the path [m]. By default 500 km for a terminal on
        land, as the Recommendation's reference results have it, and always 0 at sea. `coast_distance_m` measures it.

    Returns
    -------
    Basic transmission loss [dB]; a number for one profile, an array for many.

    Raises
    ------
    InputError
        With every fault of the input.

    """
    return path_loss_detail(
        distance_m=distance_m,
        height_m=height_m,
        clutter_m=clutter_m,
        frequency_mhz=frequency_mhz,
        tx_height_m=tx_height_m,
        rx_height_m=rx_height_m,
        time_percent=time_percent,
        location_percent=location_percent,
        sigma_l_db=sigma_l_db,
        polarization=polarization,
        delta_n=delta_n,
        n0=n0,
        path_centre_latitude_deg=path_centre_latitude_deg,
        zone=zone,
        tx_coast_distance_m=tx_coast_distance_m,
        rx_coast_distance_m=rx_coast_distance_m,
    ).loss_db


def path_loss_detail(
    *,
    distance_m: Profiles,
    height_m: Profiles,
    clutter_m: Profiles | None = None,
    frequency_mhz: Numbers,
    tx_height_m: Numbers,
    rx_height_m: Numbers,
    time_percent: Numbers = 50,
    location_percent: Numbers = 50,
    sigma_l_db: Numbers = 0,
    polarization: Words = "vertical",
    delta_n: Numbers = 45,
    n0: Numbers = 325,
    path_centre_latitude_deg: Numbers,
    zone: Words = "inland",
    tx_coast_distance_m: Numbers | None = None,
    rx_coast_distance_m: Numbers | None = None,
) -> PathLossDetail:
    """Return every intermediate value of `path_loss`, which explains the parameters."""
    asked = blocks(
        distance_m=distance_m,
        height_m=height_m,
        clutter_m=clutter_m,
        zone=zone,
        polarization=polarization,
        numbers={
            "frequency_mhz": frequency_mhz,
            "tx_height_m": tx_height_m,
            "rx_height_m": rx_height_m,
            "time_percent": time_percent,
            "location_percent": location_percent,
            "sigma_l_db": sigma_l_db,
            "delta_n": delta_n,
            "n0": n0,
            "path_centre_latitude_deg": path_centre_latitude_deg,
            "tx_coast_distance_m": tx_coast_distance_m,
            "rx_coast_distance_m": rx_coast_distance_m,
        },
    )
    values = {field.name: np.full(asked.count, np.nan) for field in fields(PathLossDetail)}
    for rows, paths in asked.blocks:
        found = _detail(paths)
        for name, whole in values.items():
            whole[rows] = found[name]
    if asked.single:
        return PathLossDetail(**{name: np.float64(whole[0]) for name, whole in values.items()})
    return PathLossDetail(**values)


def inverse_normal(share: Floats) -> Floats:
    """Return the standard normal deviate exceeded with probability `share`, by the fit of attachment 2."""
    bounded: Floats = np.clip(share, 1e-6, 1 - 1e-6)
    tail = np.sqrt(-2 * np.log(np.minimum(bounded, 1 - bounded)))
    above = (0.010328 * tail + 0.802853) * tail + 2.515516698
    below = ((0.001308 * tail + 0.189269) * tail + 1.432788) * tail + 1
    deviate = tail - above / below
    upper = bounded <= 0.5  # noqa: PLR2004 -- the median
    return np.asarray(np.where(upper, deviate, -deviate))


def _detail(paths: Paths) -> dict[str, Floats]:
    """Combine the mechanisms of section 4; the names are those of `PathLossDetail`."""
    weather = geometry.climate(paths)
    seen = geometry.horizons(paths, earth_radius_km=weather.effective_earth_radius_km)
    smooth = geometry.smooth_earth(paths, seen)
    found = _geometry_values(paths, weather, seen, smooth)
    found |= _diffraction_values(paths, weather, seen, smooth)
    found |= _enhanced_values(paths, weather, seen, smooth, found)
    scatter = troposcatter_db(paths, seen)
    median_location = -5 * np.log10(
        10 ** (-0.2 * scatter) + 10 ** (-0.2 * found["without_troposcatter_db"])
    )
    location = np.where(
        paths.zone[:, -1] == geometry.SEA,
        0.0,
        -inverse_normal(paths.location_percent / 100) * paths.sigma_l_db,
    )
    loss = np.maximum(found["line_of_sight_db"], median_location + location)
    return found | {
        "troposcatter_db": scatter,
        "median_location_db": median_location,
        "location_db": location,
        "loss_db": loss,
        "field_strength_dbuv_m": 199.36 + 20 * np.log10(paths.frequency_ghz) - loss,
    }


def _geometry_values(
    paths: Paths, weather: Climate, seen: Horizons, smooth: SmoothEarth
) -> dict[str, Floats]:
    return {
        "path_length_km": paths.length_km,
        "tx_antenna_m": paths.tx_antenna_m,
        "rx_antenna_m": paths.rx_antenna_m,
        "tx_horizon_distance_km": seen.tx_distance_km,
        "rx_horizon_distance_km": seen.rx_distance_km,
        "tx_horizon_angle_mrad": seen.tx_angle_mrad,
        "rx_horizon_angle_mrad": seen.rx_angle_mrad,
        "angular_distance_mrad": seen.angular_distance_mrad,
        "transhorizon": seen.transhorizon.astype(float),
        "sea_fraction": weather.sea_fraction,
        "longest_land_km": weather.longest_land_km,
        "longest_inland_km": weather.longest_inland_km,
        "tx_coast_km": paths.tx_coast_km,
        "rx_coast_km": paths.rx_coast_km,
        "beta0_percent": weather.beta0_percent,
        "effective_earth_radius_km": weather.effective_earth_radius_km,
        "tx_smooth_fitted_m": smooth.tx_fitted_m,
        "rx_smooth_fitted_m": smooth.rx_fitted_m,
        "tx_smooth_ducting_m": smooth.tx_ducting_m,
        "rx_smooth_ducting_m": smooth.rx_ducting_m,
        "tx_smooth_diffraction_m": smooth.tx_diffraction_m,
        "rx_smooth_diffraction_m": smooth.rx_diffraction_m,
        "tx_above_smooth_m": paths.tx_antenna_m - smooth.tx_diffraction_m,
        "rx_above_smooth_m": paths.rx_antenna_m - smooth.rx_diffraction_m,
        "tx_effective_m": smooth.tx_effective_m,
        "rx_effective_m": smooth.rx_effective_m,
        "roughness_m": smooth.roughness_m,
    }


def _diffraction_values(
    paths: Paths, weather: Climate, seen: Horizons, smooth: SmoothEarth
) -> dict[str, Floats]:
    """Interpolate in time between median and β0 % conditions (sections 4.2 and 4.3)."""
    beta0, ae = weather.beta0_percent, weather.effective_earth_radius_km
    free_space, in_sight, in_sight_beta0 = line_of_sight(paths, seen, beta0)
    median, beta = (
        diffraction.delta_bullington(
            paths,
            tx_smooth_m=smooth.tx_diffraction_m,
            rx_smooth_m=smooth.rx_diffraction_m,
            earth_radius_km=radius,
            sea_fraction=weather.sea_fraction,
        )
        for radius in (ae, np.full_like(ae, geometry.BETA_EFFECTIVE_EARTH_RADIUS_KM))
    )
    time_factor = np.where(
        paths.time_percent >= beta0,
        inverse_normal(paths.time_percent / 100) / inverse_normal(beta0 / 100),
        1,
    )
    bent = median.loss_db + time_factor * (beta.loss_db - median.loss_db)
    return {
        "time_factor": time_factor,
        "free_space_db": free_space,
        "line_of_sight_db": in_sight,
        "line_of_sight_beta0_db": in_sight_beta0,
        "bullington_actual_db": median.bullington_actual_db,
        "bullington_smooth_db": median.bullington_smooth_db,
        "spherical_earth_db": median.spherical_db,
        "bullington_actual_beta0_db": beta.bullington_actual_db,
        "bullington_smooth_beta0_db": beta.bullington_smooth_db,
        "spherical_earth_beta0_db": beta.spherical_db,
        "diffraction_median_db": median.loss_db,
        "diffraction_beta0_db": beta.loss_db,
        "diffraction_db": bent,
        "with_diffraction_median_db": free_space + median.loss_db,
        "with_diffraction_db": in_sight + bent,
    }


def _enhanced_values(
    paths: Paths,
    weather: Climate,
    seen: Horizons,
    smooth: SmoothEarth,
    found: dict[str, Floats],
) -> dict[str, Floats]:
    """Blend diffraction with ducting and with sight over the sea (sections 4.5 and 4.6)."""
    in_sight, bent_db = found["line_of_sight_db"], found["with_diffraction_db"]
    median_db = found["with_diffraction_median_db"]
    over_land = (1 - weather.sea_fraction) * found["diffraction_db"]
    over_sea = np.where(
        paths.time_percent >= weather.beta0_percent,
        median_db
        + (found["line_of_sight_beta0_db"] + over_land - median_db) * found["time_factor"],
        in_sight + over_land,
    )
    ducting = ducting_db(paths, weather, seen, smooth)
    enhanced = ENHANCEMENT_BLEND_DB * np.logaddexp(
        ducting / ENHANCEMENT_BLEND_DB, in_sight / ENHANCEMENT_BLEND_DB
    )
    angle_factor = _fading_step(
        seen.angular_distance_mrad, centre=ANGLE_BLEND_MRAD, steepness=ANGLE_STEEPNESS
    )
    distance_factor = _fading_step(
        paths.length_km, centre=DISTANCE_BLEND_KM, steepness=DISTANCE_STEEPNESS
    )
    either = np.where(
        enhanced > bent_db, bent_db, enhanced + (bent_db - enhanced) * distance_factor
    )
    return {
        "angle_factor": angle_factor,
        "distance_factor": distance_factor,
        "minimum_over_sea_db": over_sea,
        "ducting_db": ducting,
        "minimum_enhanced_db": enhanced,
        "diffraction_or_ducting_db": either,
        "without_troposcatter_db": either + (over_sea - either) * angle_factor,
    }


def _fading_step(value: Floats, *, centre: float, steepness: float) -> Floats:
    """Return a smooth step from 1 below `centre` to 0 above it (section 4.6)."""
    return np.asarray(1 - 0.5 * (1 + np.tanh(3 * steepness * (value - centre) / centre)))


def coast_distance_m(*, distance_m: npt.ArrayLike, zone: npt.ArrayLike) -> tuple[float, float]:
    """Return the distance over land from each terminal to the sea along one path [m]; infinite without sea.

    Parameters
    ----------
    distance_m
        Distance of each point from the transmitter [m].
    zone
        "inland", "coastal" or "sea" for each point.

    Returns
    -------
    From the transmitter and from the receiver, to half way between the last point on land and the first at sea [m].

    """
    d = np.asarray(distance_m, float)
    at_sea = np.flatnonzero(np.asarray(zone) == "sea")
    if not at_sea.size:
        return float("inf"), float("inf")
    first, last = int(at_sea[0]), int(at_sea[-1])
    from_tx = (d[first - 1] + d[first]) / 2 if first else 0.0
    from_rx = d[-1] - (d[last] + d[last + 1]) / 2 if last < len(d) - 1 else 0.0
    return float(from_tx), float(from_rx)
