"""Carry radio over the land: Okumura-Hata and COST 231 with Deygout's edges, sectors, shadows that masts share."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.ndimage import map_coordinates

from other_worlds.knobs import NETWORKS, Floats, Integers, Network, World
from other_worlds.land import CELL_M, EAST_M, SIDE, SOUTH_M, Homes, Land

TECHNOLOGIES: Final = ("4G", "3G", "2G")
PHONE_M: Final = 1.5
EARTH_M: Final = 8_495_000.0
"""Four thirds of its radius."""
ON_PATH: Final = 128
NOWHERE_DBM: Final = -200.0
SHARES_TOWER, BUYS_HIGH_GROUND = 0.3, 0.6
"""How often a carrier hangs its antennas on a tower that stands, and how often it buys the highest of some plots."""
COST_231_MHZ: Final = 1500.0
GSM_DBM, GSM_MHZ = 52.0, 900.0
UMTS_DBM, UMTS_MHZ = 43.0, 2100.0


@dataclass(frozen=True, eq=False)
class Levels:
    """Of each carrier, technology and epoch (before and after new sites) at each spot."""

    dbm: dict[tuple[str, str], Floats]
    """Shape (2, spots)."""
    cell: dict[tuple[str, str], Integers]
    """Which cell serves, of `cells`; -1 for none."""
    cells: pd.DataFrame
    """carrier, plmn, technology, site, sector, x, y, mast_m, azimuth_deg, frequency_mhz, eirp_dbm, is_new."""


def build(world: World, land: Land, homes: Homes, chance: np.random.Generator) -> pd.DataFrame:
    """Put up sites: in towns first, beside main roads, on hilltops; some share a tower."""
    people = homes.dwellings.groupby("hamlet")["people"].sum().to_numpy(float)
    hamlets = homes.hamlets
    rows: list[dict[str, object]] = []
    towers: list[tuple[float, float]] = []
    for network, count in zip(NETWORKS, world.sites, strict=True):
        own: list[tuple[float, float]] = []
        weight = people * (1 + 4 * hamlets["town"].to_numpy())
        while len(own) < count:
            at = _place(land, hamlets, weight, towers, chance)
            if own and np.hypot(*(np.array(own) - at).T).min() < 1800 + 400 * chance.random():
                continue
            own.append(at)
        towers += own
        for number, (x, y) in enumerate(own):
            new = network.name in {"viettel", "vnpt"} and number >= count - world.new_sites
            rows += _cells(network, number, (x, y), chance, is_new=new)
    return pd.DataFrame(rows)


def _place(
    land: Land,
    hamlets: pd.DataFrame,
    weight: Floats,
    towers: list[tuple[float, float]],
    chance: np.random.Generator,
) -> tuple[float, float]:
    if towers and chance.random() < SHARES_TOWER:
        return towers[int(chance.integers(len(towers)))]
    hamlet = int(chance.choice(len(hamlets), p=weight / weight.sum()))
    x = hamlets["x"][hamlet] + chance.normal(0, 500, 12)
    y = hamlets["y"][hamlet] + chance.normal(0, 500, 12)
    # On the best of some plots that are for sale: the highest, or any.
    best = int(np.argmax(land.at(x, y))) if chance.random() < BUYS_HIGH_GROUND else 0
    return float(x[best]), float(y[best])


def _cells(
    network: Network,
    number: int,
    at: tuple[float, float],
    chance: np.random.Generator,
    *,
    is_new: bool,
) -> list[dict[str, object]]:
    mast = float(chance.choice([24.0, 30.0, 36.0, 45.0]))
    turn = chance.uniform(0, 120)
    bands = [("4G", network.lte_mhz, network.lte_dbm)]
    if network.low_mhz and number % 2 == 0:
        bands.append(("4G", network.low_mhz, network.lte_dbm - 3))
    if chance.random() < network.umts:
        bands.append(("3G", UMTS_MHZ, UMTS_DBM))
    if chance.random() < network.gsm:
        bands.append(("2G", GSM_MHZ, GSM_DBM))
    return [
        {
            "carrier": network.name,
            "plmn": network.plmn,
            "technology": technology,
            "site": number,
            "sector": sector,
            "x": at[0],
            "y": at[1],
            "mast_m": mast,
            "azimuth_deg": (turn + 120 * sector) % 360,
            "frequency_mhz": mhz,
            "eirp_dbm": dbm,
            "is_new": is_new,
        }
        for technology, mhz, dbm in bands
        for sector in range(3)
    ]


def levels(
    world: World,
    land: Land,
    cells: pd.DataFrame,
    *,
    x: Floats,
    y: Floats,
    chance: np.random.Generator,
) -> Levels:
    """Return the best level of each carrier and technology at all spots, before and after new sites."""
    shared = _field(world.shadow_m, chance, x, y)
    woods = np.where(land.is_forest(x, y), world.forest_db * chance.lognormal(-0.1, 0.4, len(x)), 0)
    keys = [(n.name, t) for n in NETWORKS for t in TECHNOLOGIES]
    dbm = {key: np.full((2, len(x)), NOWHERE_DBM) for key in keys}
    best = {key: np.full((2, len(x)), -1) for key in keys}
    for (carrier, _), of_site in cells.groupby(["carrier", "site"], sort=True):
        first = of_site.iloc[0]
        path = _Path.over(land, (first["x"], first["y"], first["mast_m"]), x, y)
        own = _field(world.shadow_m, chance, x, y)
        shadow = world.shadow_db * (np.sqrt(world.alike) * shared + np.sqrt(1 - world.alike) * own)
        for number, cell in of_site.iterrows():
            loss = (
                path.loss(cell["frequency_mhz"], world.decade_db)
                + woods * (cell["frequency_mhz"] / 1800) ** 0.3
            )
            level = cell["eirp_dbm"] + path.gain(cell["azimuth_deg"]) - loss - shadow
            key = (carrier, cell["technology"])
            for epoch in (1,) if cell["is_new"] else (0, 1):
                higher = level > dbm[key][epoch]
                dbm[key][epoch][higher] = level[higher]
                best[key][epoch][higher] = number
    return Levels(dbm, best, cells)


def _field(scale_m: float, chance: np.random.Generator, x: Floats, y: Floats) -> Floats:
    """Return a Gaussian field of exponential correlation, of standard deviation 1, at places."""
    wave = np.fft.fftfreq(SIDE, CELL_M) * 2 * np.pi
    power = (1 + (wave[:, None] ** 2 + wave**2) * scale_m**2) ** -0.75
    grid = np.fft.ifft2(np.fft.fft2(chance.normal(size=(SIDE, SIDE))) * power).real
    grid = (grid - grid.mean()) / grid.std()
    where = [(y - SOUTH_M) / CELL_M, (x - EAST_M) / CELL_M]
    return np.asarray(map_coordinates(grid, where, order=1, mode="nearest"))


@dataclass(frozen=True, eq=False)
class _Path:
    """The ways from one mast to all spots."""

    distance_m: Floats
    bearing_deg: Floats
    mast_m: Floats
    """Over the spot's surroundings."""
    down_deg: Floats
    edges: tuple[Floats, Floats, Floats]
    """Of the main edge and those before and behind it, v times the root of the wavelength."""

    @classmethod
    def over(
        cls, land: Land, mast: tuple[float, float, float], to_x: Floats, to_y: Floats
    ) -> "_Path":
        x, y, mast_m = mast
        away = np.maximum(np.hypot(to_x - x, to_y - y), 50.0)
        part = np.linspace(0, 1, ON_PATH)
        east, north = x + np.outer(to_x - x, part), y + np.outer(to_y - y, part)
        ground = land.at(east.ravel(), north.ravel()).reshape(east.shape)
        along = away[:, None] * part
        bulge = along * (away[:, None] - along) / (2 * EARTH_M)
        line = ground + bulge
        top, phone = ground[:, 0] + mast_m, ground[:, -1] + PHONE_M
        line[:, 0], line[:, -1] = top, phone
        edges = _deygout(line, along)
        bearing = np.degrees(np.arctan2(to_x - x, to_y - y)) % 360
        over = np.clip(top - phone, 20, 200)
        down = np.degrees(np.arctan2(top - phone, away))
        return cls(away, bearing, over, down, edges)

    def loss(self, mhz: float, decade_db: float | None) -> Floats:
        """Return Hata's loss in open country, or a line over the logarithm of distance, with the knife edges on top [dB]."""
        root = np.sqrt(299.792 / mhz)
        main, before, behind = (_edge(v / root) for v in self.edges)
        edges = main + np.where(main > 0, 0.6 * (before + behind), 0)
        if decade_db is None:
            return np.asarray(self._hata(mhz) + edges)
        from_100_m = np.log10(np.maximum(self.distance_m, 100) / 100)
        return np.asarray(32.45 - 20 + 20 * np.log10(mhz) + decade_db * from_100_m + edges)

    def _hata(self, mhz: float) -> Floats:
        km, log = np.maximum(self.distance_m, 100) / 1000, np.log10(mhz)
        high = np.log10(self.mast_m)
        base = (69.55 + 26.16 * log) if mhz < COST_231_MHZ else (46.3 + 33.9 * log)
        phone = (1.1 * log - 0.7) * PHONE_M - (1.56 * log - 0.8)
        loss = base - 13.82 * high - phone + (44.9 - 6.55 * high) * np.log10(km)
        return np.asarray(loss - 4.78 * log**2 + 18.33 * log - 40.94 + 7)

    def gain(self, azimuth_deg: float) -> Floats:
        """Return a sector's pattern: 65 degrees wide, 8 degrees high, tilted by 3 [dB]."""
        off = (self.bearing_deg - azimuth_deg + 180) % 360 - 180
        flat = np.minimum(12 * (off / 65) ** 2, 25)
        upright = np.minimum(12 * ((self.down_deg - 3) / 8) ** 2, 20)
        return np.asarray(-np.minimum(flat + upright, 25))


def _deygout(line: Floats, along: Floats) -> tuple[Floats, Floats, Floats]:
    last = np.full(len(line), line.shape[1] - 1)
    first = np.zeros_like(last)
    main, top = _worst(line, along, first, last)
    before, _ = _worst(line, along, first, top)
    behind, _ = _worst(line, along, top, last)
    return main, before, behind


def _worst(line: Floats, along: Floats, start: Integers, end: Integers) -> tuple[Floats, Integers]:
    """Return the most obstructing point between two of each way, as v times the root of the wavelength."""
    rows = np.arange(len(line))
    a, b = along[rows, start][:, None], along[rows, end][:, None]
    low, high = line[rows, start][:, None], line[rows, end][:, None]
    inside = (along > a) & (along < b)
    to, left = np.where(inside, along - a, 1.0), np.where(inside, b - along, 1.0)
    clear = low + (high - low) * to / np.maximum(to + left, 1)
    v = np.where(inside, (line - clear) * np.sqrt(2 * (to + left) / (to * left)), -np.inf)
    at = np.argmax(v, axis=1)
    return v[rows, at], at


def _edge(v: Floats) -> Floats:
    v = np.maximum(v, -0.78)
    return np.asarray(6.9 + 20 * np.log10(np.sqrt((v - 0.1) ** 2 + 1) + v - 0.1))
