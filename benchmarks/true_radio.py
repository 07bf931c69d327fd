"""Ask worlds whose truth is known what new masts would truly serve: those of `lomsong.demo` and those of `other_worlds`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from pyproj import Transformer

import other_worlds
from lomsong.config import SitingSection
from lomsong.demo import World, generate
from lomsong.demo.district import District
from lomsong.demo.radio import antenna_db
from lomsong.demo.write import write_district
from lomsong.propagation import BANDS, LinkBudget
from lomsong.space.crs import WGS84
from other_worlds.land import settle, shape
from other_worlds.radio import levels

OTHER_MINIMUM_DBM = -121.0
STREAMS, RADIO = 9, 4
"""Of `other_worlds.make`: streams of chance, and which of them is that of the radio."""


@dataclass(frozen=True)
class Masts:
    """Masts by longitude, latitude and height."""

    lon: np.ndarray
    lat: np.ndarray
    mast_m: np.ndarray

    def only(self, chosen: Sequence[int]) -> "Masts":
        """Return some of them."""
        at = list(chosen)
        return Masts(self.lon[at], self.lat[at], self.mast_m[at])


class Radio(Protocol):
    """A world's own radio."""

    minimum_dbm: float

    def level(self, mast: tuple[float, float, float], siting: SitingSection) -> np.ndarray:
        """Return the level of a new site (longitude, latitude, height) at all houses [dBm]."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Houses of a world, who waits there, and what serves them."""

    radio: Radio
    lon: np.ndarray
    lat: np.ndarray
    group: np.ndarray
    """Group of each house, counted from 0."""
    people: np.ndarray
    """Of each group."""
    waiting: np.ndarray
    """People of each group whom no carrier serves."""
    siting: SitingSection = field(default_factory=SitingSection)

    def reach(self, masts: Masts) -> np.ndarray:
        """Return which groups (columns) each mast truly serves: half of their houses receive the minimum."""
        houses = np.bincount(self.group)
        rows = []
        for mast in zip(masts.lon, masts.lat, masts.mast_m, strict=True):
            above = self.radio.level(mast, self.siting) >= self.radio.minimum_dbm
            rows.append(2 * np.bincount(self.group, above) >= houses)
        return np.array(rows, bool).reshape(len(masts.lon), len(houses))

    def served(self, masts: Masts) -> float:
        """Return the people truly newly served by masts together."""
        return float(self.waiting[self.reach(masts).any(axis=0)].sum())


def reference_dbm(siting: SitingSection) -> tuple[float, float]:
    """Return what a new site sends [dBm], and at which frequency [MHz]: the first of its bands."""
    band = BANDS[siting.bands[0]]
    budget = LinkBudget(
        transmit_power_dbm=siting.transmit_power_dbm,
        antenna_gain_dbi=siting.antenna_gain_dbi,
        losses_db=siting.losses_db,
        bandwidth_mhz=band.bandwidth_mhz,
    )
    return budget.reference_eirp_dbm, band.downlink_mhz


class _Demo:
    """The radio of `lomsong.demo`."""

    def __init__(self, district: District, x: np.ndarray, y: np.ndarray) -> None:
        self.minimum_dbm = district.world.minimum_rsrp_dbm
        self._district, self._x, self._y = district, x, y

    def level(self, mast: tuple[float, float, float], siting: SitingSection) -> np.ndarray:
        """Return the level at all houses [dBm]."""
        eirp, mhz = reference_dbm(siting)
        x, y = (float(at) for at in _local(self._district, mast[0], mast[1]))
        radio = self._district.radio
        paths = radio.paths((x, y, mast[2]), self._x, self._y)
        gains = [
            antenna_db(paths, azimuth_deg=a, tilt_deg=siting.downtilt_deg)
            for a in siting.azimuths_deg
        ]
        level = np.full(len(self._x), -np.inf)
        level[paths.place] = eirp + np.max(gains, axis=0) - radio.loss_db(paths, frequency_mhz=mhz)
        return level


def _local(
    district: District, lon: float | np.ndarray, lat: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return places in a world's own metres."""
    plane = district.land.plane
    origin_x, origin_y = plane.to_lonlat(np.zeros(1), np.zeros(1))
    east, north = plane.to_lonlat(np.full(1, 1000.0), np.full(1, 1000.0))
    x = (np.asarray(lon) - origin_x[0]) / (east[0] - origin_x[0]) * 1000.0
    y = (np.asarray(lat) - origin_y[0]) / (north[0] - origin_y[0]) * 1000.0
    return x, y


def heard_at(district: District, lon: np.ndarray, lat: np.ndarray) -> Mapping[str, np.ndarray]:
    """Return the level of each carrier's 4G at places of a world of `lomsong.demo` [dBm]."""
    best = district.radio.best(district.sectors, *_local(district, lon, lat))
    return {
        carrier: level for (carrier, technology), level in best.level.items() if technology == "4G"
    }


def demo_world(number: int, world: World, folder: Path) -> Truth:
    """Write a world of `lomsong.demo` into a folder, and return its truth."""
    district = generate(world, seed=number)
    write_district(district, folder, lost=False)
    houses = district.homes.dwellings
    x, y = houses["x"].to_numpy(), houses["y"].to_numpy()
    names, group = np.unique(houses["group"].to_numpy(), return_inverse=True)
    people = np.bincount(group, houses["people"].to_numpy(float))
    truth = district.truth.clusters
    served = truth[(truth["carrier"] == "any") & truth["served"]]["cluster_id"]
    known = [int(name.rsplit("-", 1)[1]) for name in served if not name.endswith("nvh")]
    lon, lat = district.land.plane.to_lonlat(x, y)
    waiting = np.where(np.isin(names, known), 0.0, people)
    return Truth(_Demo(district, x, y), lon, lat, group, people, waiting)


class _Other:
    """The radio of `other_worlds`."""

    minimum_dbm = OTHER_MINIMUM_DBM

    def __init__(self, number: int, world: other_worlds.World) -> None:
        self._number, self._world = number, world
        streams = self._streams()
        self._land = shape(world, streams[0])
        self.homes = settle(world, self._land, streams[1])
        self._metres = Transformer.from_crs(WGS84, other_worlds.files.CRS, always_xy=True)

    def _streams(self) -> list[np.random.Generator]:
        return np.random.default_rng([71, self._number]).spawn(STREAMS)

    def level(self, mast: tuple[float, float, float], siting: SitingSection) -> np.ndarray:
        """Return the level at all houses [dBm]; shadows of the place are the world's, those of the mast are its own."""
        eirp, mhz = reference_dbm(siting)
        x, y = self._metres.transform(mast[0], mast[1])
        cells = pd.DataFrame(
            {
                "carrier": "viettel",
                "technology": "4G",
                "site": 0,
                "x": x,
                "y": y,
                "mast_m": mast[2],
                "azimuth_deg": siting.azimuths_deg,
                "frequency_mhz": mhz,
                "eirp_dbm": eirp,
                "is_new": False,
            }
        )
        houses = self.homes.dwellings
        found = levels(
            self._world,
            self._land,
            cells,
            x=houses["x"].to_numpy(),
            y=houses["y"].to_numpy(),
            chance=self._streams()[RADIO],
        )
        return np.asarray(found.dbm["viettel", "4G"][0])


def other_world(number: int, world: other_worlds.World, folder: Path) -> Truth:
    """Write a world of `other_worlds` into a folder, and return its truth."""
    other_worlds.make(folder, world=world, seed=number)
    radio = _Other(number, world)
    houses = radio.homes.dwellings
    names, group = np.unique(houses["group"].to_numpy(), return_inverse=True)
    people = np.bincount(group, houses["people"].to_numpy(float))
    truth = pd.read_parquet(folder / "truth" / "truth_clusters.parquet")
    served = truth[(truth["carrier"] == "any") & truth["served"]]["cluster_id"]
    known = [int(name.rsplit("-", 1)[1]) for name in served]
    lon, lat = other_worlds.files.to_degrees(houses["x"].to_numpy(), houses["y"].to_numpy())
    waiting = np.where(np.isin(names, known), 0.0, people)
    return Truth(radio, lon, lat, group, people, waiting)
