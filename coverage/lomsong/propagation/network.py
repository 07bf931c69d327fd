"""Predict what is heard of networks: the strongest known site at each place, by terrain and what is known of antennas."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from lomsong.progress import SILENT, Task
from lomsong.propagation.antenna import Sector3gpp, direction_deg
from lomsong.propagation.link_budget import BANDS, LinkBudget, rsrp_dbm
from lomsong.propagation.sweeps import losses_at
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster, coarsened
from lomsong.threads import in_order

UNKNOWN_MAST_M: Final = 30.0
"""Height of a known mast whose own is unknown [m] (assumption)."""
SURE_M: Final = 60.0
"""A mast placed better than this [m] stands where it is said to: two cells of the terrain that most have."""
ROUGH_CELL_M: Final = 120.0
"""Around a mast whose place is an estimate, terrain is read no finer than this [m]."""
USUAL_MHZ: Final[Mapping[str, float]] = {"2G": 942.5, "3G": 2140.0, "4G": 1842.5, "5G": 2593.0}
"""Downlink [MHz] taken where a site's own is not known: GSM 900, UMTS 2100, B3, n41 (assumption)."""
USUAL_POWER_DBM: Final[Mapping[str, float]] = {"2G": 43.0, "3G": 43.0, "4G": 46.0, "5G": 46.0}
"""Power of a transmitter [dBm] taken where its own is not known: 20 and 40 W (assumption)."""
_SAME_BAND: Final = 0.1
_HEIGHTS_M: Final = (1.0, 500.0)

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class BestServer:
    """The strongest of a network's sites at each place."""

    level_dbm: Floats
    """Median outdoor level [dBm]: RSRP of 4G and 5G, RSCP of 3G, RXLEV of 2G; NaN where no site is in reach."""
    spread_db: Floats
    """Standard deviation of the level that comes of not knowing where the mast stands [dB]."""
    site: Integers
    """Row of the site in the table that was given; -1 where none is in reach."""


def usual_budget(technology: str, *, frequency_mhz: float, power_dbm: float) -> LinkBudget:
    """Return the link budget of a known site; NaN stands for a power that is not known.

    The bandwidth is that of the nearest band in use (`BANDS`).
    """
    power = USUAL_POWER_DBM[technology] if np.isnan(power_dbm) else float(power_dbm)
    if technology not in {"4G", "5G"}:
        return LinkBudget(technology=technology, transmit_power_dbm=power)
    mark = "n" if technology == "5G" else "B"
    own = [band for name, band in sorted(BANDS.items()) if name.startswith(mark)]
    nearest = min(own, key=lambda band: abs(np.log(band.downlink_mhz / frequency_mhz)))
    spacing = 15 if technology == "5G" and nearest.downlink_mhz < 1000 else 30  # noqa: PLR2004 -- bands below 1 GHz are too narrow for 30 kHz
    return LinkBudget(
        technology=technology,
        transmit_power_dbm=power,
        bandwidth_mhz=nearest.bandwidth_mhz,
        subcarrier_spacing_khz=spacing,
    )


def best_server(
    terrain: Raster,
    sites: pd.DataFrame,
    *,
    x: Floats,
    y: Floats,
    receiver_m: float,
    radius_m: float,
    task: Task = SILENT,
) -> BestServer:
    """Return the strongest of some sites at places.

    Free space and delta-Bullington over terrain. Height, band, power, azimuth and downtilt count where they are known;
    an antenna of unknown azimuth sends everywhere alike, one of unknown downtilt points at every receiver. Where the
    mast's place is an estimate, the level is the mean over that place and four around it at the stated error.

    Parameters
    ----------
    terrain
        Ground height [m above sea level] in a metric CRS.
    sites
        `tables.SITES` of one network and technology; sites off the terrain are heard nowhere.
    x, y
        Places in the terrain's CRS [m].
    receiver_m
        Height of the phone [m].
    radius_m
        A site is looked at this far [m].
    task
        Is told of each site that is done.
    """
    best = np.full(len(x), -np.inf)
    spread, server = np.zeros(len(x)), np.full(len(x), -1, np.int64)
    sx, sy = to_crs(
        sites["lon"].to_numpy(), sites["lat"].to_numpy(), source=WGS84, target=terrain.crs
    )
    places = _Places(terrain, x, y, receiver_m=receiver_m, radius_m=radius_m)
    # Names decide between equals, so that the order of rows changes nothing.
    rows = sites.reset_index(drop=True).assign(x=sx, y=sy)
    rows = rows.sort_values(["site_id", "azimuth_deg", "frequency_mhz"]).reset_index(names="row")
    masts = groupby(rows.to_dict("records"), key=lambda row: (row["x"], row["y"]))
    for heard in in_order(places.hear, (list(sectors) for _, sectors in masts)):
        for position, level, off in heard.sectors:
            better = level > best[heard.places]
            at = heard.places[better]
            best[at], spread[at], server[at] = level[better], off[better], position
            task.advance()
    return BestServer(
        level_dbm=np.where(np.isfinite(best), best, np.nan), spread_db=spread, site=server
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Heard:
    """What is heard of the sectors of one mast at the places that it may reach."""

    places: Integers
    """Positions of these."""
    sectors: list[tuple[int, Floats, Floats]]
    """Row of each in the table of sites, its mean level [dBm], -inf out of reach, and the spread of that [dB]."""


class _Places:
    """Places over a terrain, and what they hear of masts."""

    def __init__(
        self, terrain: Raster, x: Floats, y: Floats, *, receiver_m: float, radius_m: float
    ) -> None:
        self.terrain, self.rough = terrain, coarsened(terrain, cell_m=ROUGH_CELL_M)
        self.x, self.y = x, y
        self.receiver_m, self.radius_m = receiver_m, radius_m
        self._ground = terrain.at(x, y)
        self._tree = cKDTree(np.column_stack([x, y])) if len(x) else None

    def hear(self, sectors: Sequence[Mapping[Hashable, Any]]) -> _Heard:
        """Return what is heard of the sectors of one mast."""
        error = np.nan_to_num([sector["position_error_m"] for sector in sectors]).max()
        # Losses are read between the middles of cells, so that places just beyond the radius answer.
        reach = self.radius_m + error + 2 * max(self.rough.cell)
        middle = float(sectors[0]["x"]), float(sectors[0]["y"])
        found = self._tree.query_ball_point(middle, reach) if self._tree else []
        near = np.array(found, np.int64)
        mast = _Mast(self, self.x[near], self.y[near], self._ground[near])
        return _Heard(
            places=near,
            sectors=[(int(sector["row"]), *mast.levels(sector)) for sector in sectors],
        )


class _Mast:
    """Places around one mast, and the loss to them from where it may stand, of each height and frequency."""

    def __init__(self, over: _Places, x: Floats, y: Floats, ground: Floats) -> None:
        self._over = over
        self._x, self._y, self._ground = x, y, ground
        self._losses: dict[tuple[float, float, float, float], Floats] = {}

    def levels(self, sector: Mapping[Hashable, Any]) -> tuple[Floats, Floats]:
        """Return the mean level of a sector at the places [dBm], -inf out of reach, and its spread [dB]."""
        number = {name: float(str(sector[name])) for name in _NUMBERS}
        technology = str(sector["technology"])
        mhz = number["frequency_mhz"]
        mhz = USUAL_MHZ[technology] if np.isnan(mhz) else mhz
        mast = number["height_m"]
        mast = UNKNOWN_MAST_M if np.isnan(mast) else float(np.clip(mast, *_HEIGHTS_M))
        budget = usual_budget(technology, frequency_mhz=mhz, power_dbm=number["power_dbm"])
        found = []
        around = _around(number["position_error_m"])
        terrain = self._over.terrain if len(around) == 1 else self._over.rough
        for east, north in around:
            px, py = number["x"] + east, number["y"] + north
            loss = self._loss(terrain, px, py, mast, mhz)
            gain = self._gain(px, py, mast, number["azimuth_deg"], number["downtilt_deg"])
            found.append(rsrp_dbm(budget=budget, path_loss_db=loss, antenna_relative_db=gain))
        levels = np.array(found)
        heard = np.isfinite(levels)
        count = np.maximum(heard.sum(axis=0), 1)
        mean = np.where(heard, levels, 0.0).sum(axis=0) / count
        squared = np.where(heard, (levels - mean) ** 2, 0.0).sum(axis=0) / count
        return np.where(heard.any(axis=0), mean, -np.inf), np.sqrt(squared)

    def _loss(
        self, terrain: Raster, x: float, y: float, mast_m: float, frequency_mhz: float
    ) -> Floats:
        """Return the loss to every place [dB], NaN out of reach and where the terrain is not known."""
        key = (x, y, mast_m, frequency_mhz)
        if key not in self._losses:
            box = terrain.extent
            if box.west <= x <= box.east and box.south <= y <= box.north:
                self._losses[key] = losses_at(
                    terrain,
                    x=x,
                    y=y,
                    mast_m=mast_m,
                    rx_m=self._over.receiver_m,
                    radius_m=self._over.radius_m,
                    frequency_mhz=frequency_mhz,
                    at_x=self._x,
                    at_y=self._y,
                )
            else:
                self._losses[key] = np.full(len(self._x), np.nan)
        return self._losses[key]

    def _gain(
        self, x: float, y: float, mast_m: float, azimuth_deg: float, downtilt_deg: float
    ) -> Floats:
        if np.isnan(azimuth_deg):
            return np.zeros(len(self._x))
        height = float(self._over.terrain.at(x, y)) + mast_m
        azimuth, elevation = direction_deg(
            dx_m=self._x - x,
            dy_m=self._y - y,
            rise_m=self._ground + self._over.receiver_m - height,
        )
        if np.isnan(downtilt_deg):
            # Pointed at every receiver: only the direction over ground is known.
            return Sector3gpp(azimuth_deg=azimuth_deg, downtilt_deg=0.0).relative_gain_db(
                azimuth_deg=azimuth, elevation_deg=np.zeros(len(azimuth))
            )
        return Sector3gpp(azimuth_deg=azimuth_deg, downtilt_deg=downtilt_deg).relative_gain_db(
            azimuth_deg=azimuth, elevation_deg=elevation
        )


_NUMBERS: Final = (
    *("x", "y", "height_m", "frequency_mhz", "power_dbm", "azimuth_deg", "downtilt_deg"),
    "position_error_m",
)


def _around(error_m: float) -> list[tuple[float, float]]:
    """Return where a mast may stand, east and north of its place [m]: there, and at its error to each side."""
    if not error_m > SURE_M:
        return [(0.0, 0.0)]
    return [(0.0, 0.0), (error_m, 0.0), (-error_m, 0.0), (0.0, error_m), (0.0, -error_m)]
