"""Hold the knobs of a synthetic world, its local plane, and its streams of chance."""

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SEED = 20
"""Seed of the district that ships in `data/`."""

METRES_PER_DEGREE = 111_195.0
LABEL = (
    "DỮ LIỆU MÔ PHỎNG, không phải dữ liệu thật / SYNTHETIC DATA, not real; lomsong.demo; CC0-1.0"
)
"""Written into every file that has room for it."""


@dataclass(frozen=True, kw_only=True)
class CarrierKnobs:
    """One network: how many phones it has, and how much radio."""

    name: str
    plmn: str
    share: float
    """Share of the market where every network is heard."""
    sites: int
    low_band_share: float
    """Share of sites that also have 4G on a low band."""
    umts_share: float
    gsm_share: float


DEFAULT_CARRIERS = (
    CarrierKnobs(
        name="viettel",
        plmn="452-04",
        share=0.56,
        sites=20,
        low_band_share=0.35,
        umts_share=0.35,
        gsm_share=0.8,
    ),
    CarrierKnobs(
        name="vnpt",
        plmn="452-02",
        share=0.25,
        sites=13,
        low_band_share=0.15,
        umts_share=0.7,
        gsm_share=0.7,
    ),
    CarrierKnobs(
        name="mobifone",
        plmn="452-01",
        share=0.16,
        sites=9,
        low_band_share=0.0,
        umts_share=0.8,
        gsm_share=0.7,
    ),
    CarrierKnobs(
        name="vietnamobile",
        plmn="452-05",
        share=0.03,
        sites=2,
        low_band_share=0.0,
        umts_share=1.0,
        gsm_share=1.0,
    ),
)


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything about a synthetic world but the seed; the defaults make the district that ships."""

    name: str = "Huyện Nặm Sương (dữ liệu mô phỏng)"
    lon: float = 105.70
    lat: float = 22.60
    size_m: float = 30_000.0
    cell_arcsec: float = 2.0

    relief_m: float = 1250.0
    """Height of the highest ridge above the lowest valley [m]."""
    base_m: float = 180.0
    plain_m: float = 260.0
    """Half-width of the plain along the largest river [m]."""

    district_share: float = 0.52
    """Part of the square that the district covers; the rest is its neighbours'."""
    communes: int = 10
    hamlets: int = 115
    households_median: float = 42.0
    people_per_household: float = 4.7
    groups_mean: float = 3.0
    """Household groups of a hamlet, on average."""
    high_share: float = 0.3
    """Share of hamlets high above the valleys, away from roads."""
    lone_centre_share: float = 0.06
    """Share of culture houses that stand apart from all dwellings."""
    no_grid_hamlets: int = 13
    no_grid_group_share: float = 0.12
    """Share of outlying groups without grid power in hamlets that have it."""
    difficult_share: float = 0.6

    carriers: tuple[CarrierKnobs, ...] = DEFAULT_CARRIERS
    shared_towers: float = 0.35
    """Chance that a carrier hangs its antennas on a tower that stands."""
    off_road_sites: float = 0.3
    """Share of sites on high ground away from roads and centres."""
    path_exponent: float = 3.2
    shadow_db: float = 6.5
    shadow_m: float = 180.0
    """Correlation length of the shadowing [m]."""
    forest_db: float = 9.0

    minimum_rsrp_dbm: float = -121.0
    good_rsrp_dbm: float = -105.0

    days: int = 420
    last_day: str = "2025-12-20"
    devices: int = 300
    """Phones of residents that contribute."""
    through_devices: int = 60
    """Phones of people who only pass on the main roads."""
    home_rows_median: float = 32.0
    home_rows_sigma: float = 1.2
    """Spread of ln(rows at home): the larger, the more one phone uploads thousands of rows."""
    trips_mean: float = 3.0
    walks_mean: float = 1.2
    """Visits to another household group of the same hamlet, per phone."""
    indoor_share: float = 0.5
    indoor_db: float = 5.0
    device_offset_db: float = 3.0
    noise_db: float = 2.5
    """Spread of repeated readings at one place."""
    gps_error_m: float = 7.0
    loyalty: float = 0.12
    """Weight of a carrier without service at home, against its market share."""
    survivorship: float = 1.0
    """Chance that an observation without any service leaves no trace, in an app that has no such row."""
    reporter_share: float = 0.04
    """Share of phones with an app that records no service."""
    neighbour_rows: float = 0.35
    duplicate_share: float = 0.015

    drive_communes: int = 5
    drive_hamlets_share: float = 0.75
    """Share of the hamlets of those communes that the official drive test enters."""
    team_hamlets: int = 24
    """Hamlets that a community team walks through, with an app that records no service."""

    team_focus: float = 15.0
    """How much likelier a team goes where nobody has service than where everybody has."""
    team_phones: float = 0.9
    """Chance that a team has a phone of a carrier; of the largest one it always has."""

    power_list_missing: float = 0.06
    official_errors: float = 0.25


@dataclass(frozen=True)
class Plane:
    """Local metres around a point, true within 0.2 % over the size of a district."""

    lon: float
    lat: float

    @property
    def metres_per_lon(self) -> float:
        """Length of a degree of longitude [m]."""
        return METRES_PER_DEGREE * float(np.cos(np.radians(self.lat)))

    def to_lonlat(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Turn metres into degrees."""
        return self.lon + x / self.metres_per_lon, self.lat + y / METRES_PER_DEGREE


class Chance:
    """Independent streams of one seed, by name, so that a new one leaves the others alone."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def stream(self, name: str) -> np.random.Generator:
        """Return a fresh generator for one purpose."""
        entropy = np.random.SeedSequence((self._seed, zlib.crc32(name.encode())))
        return np.random.Generator(np.random.PCG64(entropy))
