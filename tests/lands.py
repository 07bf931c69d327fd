"""Make small lands of known shape, with hamlets and masts at chosen places."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from pyproj import CRS

from lomsong.config import Settings
from lomsong.evidence.clusters import Clusters
from lomsong.space.crs import WGS84, to_crs
from lomsong.space.raster import Raster
from lomsong.tables import SITES, empty

METRIC = CRS.from_proj4(
    "+proj=tmerc +lat_0=0 +lon_0=106 +k=1 +x_0=500000 +y_0=0 +datum=WGS84 +units=m +no_defs"
)
WEST, SOUTH, SIDE, CELL = 480_000.0, 2_490_000.0, 12_000.0, 60.0


def degrees(x, y):
    """Return places of the land, in metres from its south-western corner, as longitude and latitude."""
    return to_crs(WEST + np.asarray(x), SOUTH + np.asarray(y), source=METRIC, target=WGS84)


@dataclass(eq=False)
class Land:
    """Hamlets of one cluster each, with four dwellings 20 m apart unless told otherwise."""

    homes: list = field(default_factory=lambda: [(3000.0, 6000.0), (9000.0, 6000.0)])
    people: tuple[float, ...] = (100.0, 60.0)
    height_m: object = None
    """Ground height at (x, y) from the corner; flat without it."""
    dead: tuple[bool, ...] = (True, True)

    def __post_init__(self):
        n = round(SIDE / CELL)
        x = (np.arange(n) + 0.5) * CELL
        height = np.zeros((n, n)) + 200.0
        if self.height_m is not None:
            height = self.height_m(x[None, :], SIDE - x[:, None]) + np.zeros((n, n))
        self.terrain = Raster(
            height.astype(np.float32), Affine(CELL, 0, WEST, 0, -CELL, SOUTH + SIDE), METRIC
        )
        ids = [f"H{i}" for i in range(len(self.homes))]
        lon, lat = degrees(*np.transpose(self.homes))
        table = gpd.GeoDataFrame(
            {
                "cluster_id": [f"{i}-1" for i in ids],
                "hamlet_id": ids,
                "kind": "dwellings",
                "is_centre": True,
                "people": self.people,
            },
            geometry=shapely.points(lon, lat),
            crs=WGS84,
        )
        places = np.array([(x + d, y) for x, y in self.homes for d in (-30, -10, 10, 30)])
        self.clusters = Clusters(
            table=table,
            hamlet=np.arange(len(ids)),
            reach_m=np.full(len(ids), 250.0),
            place_x=WEST + places[:, 0],
            place_y=SOUTH + places[:, 1],
            place_cluster=np.repeat(np.arange(len(ids)), 4),
            crs=METRIC,
        )
        self.assessment = pd.DataFrame(
            {
                "hamlet_id": ids,
                "cluster_id": table["cluster_id"],
                "carrier": "any",
                "technology": "4G",
                "class": np.where(self.dead, "no_signal", "covered"),
                "p_served": np.where(self.dead, 0.0, 1.0),
                "evidence": "measured",
            }
        )
        self.gaps = pd.DataFrame(
            {
                "hamlet_id": ids,
                "name": [f"Bản {i}" for i in ids],
                "power": "no_grid",
                "extremely_difficult": pd.array([pd.NA] * len(ids), dtype="boolean"),
            }
        )

    def sites(self, *places, **columns):
        """Return a table of known masts at places of the land."""
        if not places:
            return empty(SITES)
        lon, lat = degrees(*np.transpose(places))
        table = pd.DataFrame(
            {
                "place_id": [f"K{i}" for i in range(len(places))],
                "site_id": [f"K{i}" for i in range(len(places))],
                "plmn": "452-02",
                "technology": "3G",
                "lon": lon,
                "lat": lat,
                "position": "exact",
                "position_error_m": 0.0,
                "n_samples": pd.array([pd.NA] * len(places), dtype="Int64"),
                "azimuth_deg": np.nan,
                "downtilt_deg": np.nan,
                "height_m": np.nan,
                "frequency_mhz": np.nan,
                "power_dbm": np.nan,
            }
        )
        return table.assign(**columns)


def settings(**siting):
    """Return settings with the given `[siting]` ones."""
    content = {"project": {"name": "x"}, "hamlets": {"path": "h.gpkg"}, "siting": siting}
    return Settings.model_validate(content)
