"""Read the geometry of many paths: zones, horizons, smooth-earth heights (ITU-R P.1812-8, section 3 and attachment 1).

Everything here counts as the Recommendation does: distances in km, heights in m, angles in mrad. Arrays have the
shape (paths, points) or (paths,).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lomsong.space.crs import Floats

EARTH_RADIUS_KM: Final = 6371.0
SPEED_OF_LIGHT_M_GHZ: Final = 0.2998
"""Wavelength [m] times frequency [GHz], rounded as the Recommendation's reference results have it."""
BETA_EFFECTIVE_EARTH_RADIUS_KM: Final = 3 * EARTH_RADIUS_KM
"""Effective Earth radius exceeded for β0 % of time (section 3.5)."""

SEA: Final = 1
COASTAL: Final = 3
INLAND: Final = 4
ZONES: Final = {"sea": SEA, "coastal": COASTAL, "inland": INLAND}

Zones = npt.NDArray[np.int8]


@dataclass(frozen=True, kw_only=True, eq=False)
class Paths:
    """Paths of equally many points, and what is asked about each of them."""

    distance_km: Floats
    terrain_m: Floats
    surface_m: Floats
    """Terrain with representative clutter on all points but the two terminals (section 3.2)."""
    zone: Zones
    frequency_ghz: Floats
    tx_height_m: Floats
    rx_height_m: Floats
    time_percent: Floats
    location_percent: Floats
    sigma_l_db: Floats
    vertical: npt.NDArray[np.bool_]
    delta_n: Floats
    n0: Floats
    latitude_deg: Floats
    tx_coast_km: Floats
    rx_coast_km: Floats

    @property
    def length_km(self) -> Floats:
        """Length of each path [km]."""
        return np.asarray(self.distance_km[:, -1])

    @property
    def tx_antenna_m(self) -> Floats:
        """Height of the transmitting antenna above sea level [m]."""
        return np.asarray(self.terrain_m[:, 0] + self.tx_height_m)

    @property
    def rx_antenna_m(self) -> Floats:
        """Height of the receiving antenna above sea level [m]."""
        return np.asarray(self.terrain_m[:, -1] + self.rx_height_m)


@dataclass(frozen=True, kw_only=True, eq=False)
class Climate:
    """What zones, latitude and refractivity say about each path."""

    sea_fraction: Floats
    longest_land_km: Floats
    longest_inland_km: Floats
    beta0_percent: Floats
    effective_earth_radius_km: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Horizons:
    """Where each path's terminals see their horizons over bare terrain (attachment 1, section 4)."""

    transhorizon: npt.NDArray[np.bool_]
    tx_distance_km: Floats
    rx_distance_km: Floats
    tx_angle_mrad: Floats
    rx_angle_mrad: Floats
    angular_distance_mrad: Floats
    tx_index: npt.NDArray[np.intp]
    rx_index: npt.NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class SmoothEarth:
    """The smooth surface under each path at its two ends, as three models need it (attachment 1, section 5)."""

    tx_fitted_m: Floats
    rx_fitted_m: Floats
    tx_ducting_m: Floats
    rx_ducting_m: Floats
    tx_diffraction_m: Floats
    rx_diffraction_m: Floats
    tx_effective_m: Floats
    rx_effective_m: Floats
    roughness_m: Floats


def effective_earth_radius_km(delta_n: Floats) -> Floats:
    """Return the median effective Earth radius [km] for a lapse rate [N-units/km] (section 3.5)."""
    return np.asarray(EARTH_RADIUS_KM * 157 / (157 - delta_n))


def climate(paths: Paths) -> Climate:
    """Return zone lengths, the share of sea, β0 and the median effective Earth radius (sections 3.3 to 3.6)."""
    share = _widths(paths.distance_km)
    sea = paths.zone == SEA
    longest_inland = _longest(share, paths.zone == INLAND)
    longest_land = _longest(share, ~sea)
    return Climate(
        sea_fraction=np.where(sea, share, 0).sum(axis=1) / paths.length_km,
        longest_land_km=longest_land,
        longest_inland_km=longest_inland,
        beta0_percent=_beta0_percent(longest_land, longest_inland, np.abs(paths.latitude_deg)),
        effective_earth_radius_km=effective_earth_radius_km(paths.delta_n),
    )


def inland_share(longest_inland_km: Floats) -> Floats:
    """Return τ, which grows from 0 to 1 with the longest inland section (section 3.4)."""
    return np.asarray(1 - np.exp(-4.12e-4 * longest_inland_km**2.41))


def _widths(distance_km: Floats) -> Floats:
    """Give each point the part of the path that is nearer to it than to any other point."""
    half = np.diff(distance_km, axis=1) / 2
    widths = np.zeros_like(distance_km)
    widths[:, :-1] += half
    widths[:, 1:] += half
    return widths


def _longest(widths: Floats, member: npt.NDArray[np.bool_]) -> Floats:
    """Return the length of the longest unbroken run of member points."""
    total = np.cumsum(np.where(member, widths, 0), axis=1)
    before_run = np.maximum.accumulate(np.where(member, 0, total), axis=1)
    return np.asarray((total - before_run).max(axis=1))


def _beta0_percent(land_km: Floats, inland_km: Floats, latitude_deg: Floats) -> Floats:
    tau = inland_share(inland_km)
    mu1 = (10 ** (-land_km / (16 - 6.6 * tau)) + 10 ** (-5 * (0.496 + 0.354 * tau))) ** 0.2
    mu1 = np.minimum(mu1, 1)
    polar_circle_deg = 70
    temperate = 10 ** (1.67 - 0.015 * latitude_deg) * mu1 ** (1 - 0.935 + 0.0176 * latitude_deg)
    polar = 4.17 * mu1**1.3
    return np.where(latitude_deg <= polar_circle_deg, temperate, polar)


def horizons(paths: Paths, *, earth_radius_km: Floats) -> Horizons:
    """Return horizon distances and elevation angles; on a path in sight, those of its most obstructing point."""
    d, h = paths.distance_km[:, 1:-1], paths.terrain_m[:, 1:-1]
    length, tx, rx = paths.length_km, paths.tx_antenna_m, paths.rx_antenna_m
    back = length[:, None] - d
    radius = earth_radius_km[:, None]
    from_tx = _elevation_mrad(h - tx[:, None], d, radius)
    from_rx = _elevation_mrad(h - rx[:, None], back, radius)
    direct_tx = _elevation_mrad(rx - tx, length, earth_radius_km)
    direct_rx = _elevation_mrad(tx - rx, length, earth_radius_km)
    transhorizon = from_tx.max(axis=1) > direct_tx

    bulge = 500 * d * back / radius
    excess = h + bulge - (tx[:, None] * back + rx[:, None] * d) / length[:, None]
    obstructing = _last_maximum(excess * np.sqrt(length[:, None] / (d * back)))
    tx_index = 1 + np.where(transhorizon, from_tx.argmax(axis=1), obstructing)
    rx_index = 1 + np.where(transhorizon, _last_maximum(from_rx), obstructing)
    row = np.arange(len(length))
    tx_angle = np.maximum(from_tx.max(axis=1), direct_tx)
    rx_angle = np.where(transhorizon, from_rx.max(axis=1), direct_rx)
    return Horizons(
        transhorizon=transhorizon,
        tx_distance_km=paths.distance_km[row, tx_index],
        rx_distance_km=length - paths.distance_km[row, rx_index],
        tx_angle_mrad=tx_angle,
        rx_angle_mrad=rx_angle,
        angular_distance_mrad=1e3 * length / earth_radius_km + tx_angle + rx_angle,
        tx_index=tx_index,
        rx_index=rx_index,
    )


def _elevation_mrad(rise_m: Floats, distance_km: Floats, radius_km: Floats) -> Floats:
    return np.asarray(1e3 * np.arctan(rise_m / (1e3 * distance_km) - distance_km / (2 * radius_km)))


def _last_maximum(values: Floats) -> npt.NDArray[np.intp]:
    return np.asarray(values.shape[1] - 1 - values[:, ::-1].argmax(axis=1))


def smooth_earth(paths: Paths, seen: Horizons) -> SmoothEarth:
    """Fit a straight surface to the bare terrain and lower it as each model asks (attachment 1, section 5)."""
    d, h = paths.distance_km, paths.terrain_m
    tx_fitted, rx_fitted = _fitted_surface(paths)
    tx_diffraction, rx_diffraction = diffraction_surface(paths)
    tx_ground, rx_ground = h[:, 0], h[:, -1]
    tx_ducting, rx_ducting = np.minimum(tx_fitted, tx_ground), np.minimum(rx_fitted, rx_ground)
    slope = (rx_ducting - tx_ducting) / paths.length_km
    above = h - (tx_ducting[:, None] + slope[:, None] * d)
    point = np.arange(d.shape[1])
    between = (point >= seen.tx_index[:, None]) & (point <= seen.rx_index[:, None])
    return SmoothEarth(
        tx_fitted_m=tx_fitted,
        rx_fitted_m=rx_fitted,
        tx_ducting_m=tx_ducting,
        rx_ducting_m=rx_ducting,
        tx_diffraction_m=tx_diffraction,
        rx_diffraction_m=rx_diffraction,
        tx_effective_m=paths.tx_height_m + tx_ground - tx_ducting,
        rx_effective_m=paths.rx_height_m + rx_ground - rx_ducting,
        roughness_m=np.where(between, above, -np.inf).max(axis=1),
    )


def diffraction_surface(paths: Paths) -> tuple[Floats, Floats]:
    """Return the smooth surface at both ends for the diffraction model [m above sea level] (section 5.6.2)."""
    tx_fitted, rx_fitted = _fitted_surface(paths)
    tx_drop, rx_drop = _obstruction(paths)
    return (
        np.minimum(tx_fitted - tx_drop, paths.terrain_m[:, 0]),
        np.minimum(rx_fitted - rx_drop, paths.terrain_m[:, -1]),
    )


def _fitted_surface(paths: Paths) -> tuple[Floats, Floats]:
    """Return both ends of the straight surface of least squares [m above sea level] (section 5.6.1)."""
    d, h, length = paths.distance_km, paths.terrain_m, paths.length_km
    step = np.diff(d, axis=1)
    near, far = d[:, :-1], d[:, 1:]
    area = (step * (h[:, 1:] + h[:, :-1])).sum(axis=1)
    moment = (step * (h[:, 1:] * (2 * far + near) + h[:, :-1] * (far + 2 * near))).sum(axis=1)
    return (2 * area * length - moment) / length**2, (moment - area * length) / length**2


def _obstruction(paths: Paths) -> tuple[Floats, Floats]:
    """Return how far the highest obstruction of the straight line lowers each end of the fitted surface [m]."""
    d, length = paths.distance_km[:, 1:-1], paths.length_km[:, None]
    back = length - d
    line = (paths.tx_antenna_m[:, None] * back + paths.rx_antenna_m[:, None] * d) / length
    excess = paths.terrain_m[:, 1:-1] - line
    highest = np.maximum(excess.max(axis=1), 0)
    from_tx, from_rx = (excess / d).max(axis=1), (excess / back).max(axis=1)
    slopes = np.where(highest > 0, from_tx + from_rx, 1)
    return highest * from_tx / slopes, highest * from_rx / slopes
