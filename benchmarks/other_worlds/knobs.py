"""Hold the knobs of another author's worlds."""

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MINIMUM_DBM: Final = -121.0
GOOD_DBM: Final = -105.0
CRS: Final = "EPSG:32648"


@dataclass(frozen=True, kw_only=True)
class Network:
    """One carrier's radio."""

    name: str
    plmn: str
    lte_mhz: float
    low_mhz: float | None
    """A second 4G band, on every other site."""
    lte_dbm: float
    """Of a reference signal, behind antenna and feeder [dBm EIRP]."""
    keeps_dbm: float
    """Phones leave 4G below this [dBm]."""
    gsm: float
    """Share of sites with 2G on 900 MHz; `umts` with 3G on 2100 MHz."""
    umts: float


NETWORKS: Final = (
    Network(
        name="viettel",
        plmn="452-04",
        lte_mhz=1800,
        low_mhz=900,
        lte_dbm=30,
        keeps_dbm=-125,
        gsm=1.0,
        umts=0.6,
    ),
    Network(
        name="vnpt",
        plmn="452-02",
        lte_mhz=1800,
        low_mhz=None,
        lte_dbm=31,
        keeps_dbm=-122,
        gsm=0.8,
        umts=0.8,
    ),
    Network(
        name="mobifone",
        plmn="452-01",
        lte_mhz=2100,
        low_mhz=None,
        lte_dbm=30,
        keeps_dbm=-120,
        gsm=0.9,
        umts=0.9,
    ),
    Network(
        name="vietnamobile",
        plmn="452-05",
        lte_mhz=900,
        low_mhz=None,
        lte_dbm=27,
        keeps_dbm=-126,
        gsm=0.0,
        umts=1.0,
    ),
)


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything about a world but its seed."""

    land: Literal["canyon", "karst", "rolling", "delta"] = "canyon"
    hamlets: int = 40
    sites: tuple[int, ...] = (4, 3, 2, 1)
    share: tuple[float, ...] = (0.5, 0.27, 0.18, 0.05)
    new_sites: int = 0
    """So many of the first two carriers' sites went on air after three fifths of the days."""
    exact_lists: tuple[str, ...] = ()
    """Carriers that hand in their own list; of the others stands what a crowd's cells export knows."""
    unlisted: tuple[str, ...] = ()
    """Carriers whose cells nobody lists."""
    decade_db: float | None = None
    """Loss over ten times the distance, from free space at 100 m on, in the place of Hata's curve."""
    shadow_db: float = 7.0
    shadow_m: float = 120.0
    alike: float = 0.5
    """Share of the shadowing that all masts have in common at a place."""
    forest_db: float = 8.0

    days: int = 300
    devices: int = 130
    traders: int = 10
    drive_tests: int = 2
    loyalty: float = 0.25
    """Weight of a carrier that is not heard at home, against its share."""
    switchers: float = 0.15
    """Share of phones that go to another carrier on some day."""
    apps: dict[str, float] = field(
        default_factory=lambda: {"logger": 0.45, "tester": 0.25, "wifi": 0.3}
    )
    tells_no_service: dict[str, float] = field(
        default_factory=lambda: {"logger": 0.0, "tester": 0.0, "wifi": 0.15}
    )
    """How often an app's rows without service are kept and sent."""
    uneven: float | None = None
    """How unlike hamlets are in how many use the apps, as the shape of a gamma distribution; None: all alike."""
    names_devices: bool = True
    home_rows: float = 25.0
    """Median number of a phone's rows at home."""
    gps_m: float = 12.0

    @property
    def first_day_of_new(self) -> float:
        """Day on which new sites go on air."""
        return 0.6 * self.days
