"""Make tiny districts of plain files, whose right answer is plain too."""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.transform import from_origin

WEST, SOUTH = 105.70, 22.60
STEP = 0.02  # degrees, about 2 km
BOX = 0.016


@dataclass
class District:
    """Four hamlets in a row, each with three homes and three phones, unless told otherwise."""

    folder: Path
    names: tuple[str, ...] = ("Nà Lầu", "Khuổi Bốc", "Lũng Pù", "Phiêng Dìu")
    levels: tuple[float | None, ...] = (-85.0, -112.0, None, np.nan)
    """Level of every phone in each hamlet [dBm]; None: no service; NaN: nobody measured."""
    extra: str = ""
    """More lines of the project file."""
    samples: pd.DataFrame = field(init=False)
    hamlets: gpd.GeoDataFrame = field(init=False)

    def __post_init__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.hamlets = gpd.GeoDataFrame(
            {
                "ma_thon": [f"H{i}" for i in range(len(self.names))],
                "ten_thon": list(self.names),
                "ma_xa": "01234",
                "ten_xa": "Xã Mẫu",
                "so_ho": 20,
                "dan_so": 90,
            },
            geometry=[shapely.box(*self.box(i)) for i in range(len(self.names))],
            crs=4326,
        )
        self.samples = pd.concat(
            [self.phones(i, level) for i, level in enumerate(self.levels)], ignore_index=True
        )

    def box(self, position):
        west = WEST + position * STEP
        return west, SOUTH, west + BOX, SOUTH + BOX

    def homes(self, position):
        """Return the homes of a hamlet: three dwellings, some 140 m apart."""
        west, south, east, north = self.box(position)
        lon, lat = (west + east) / 2, (south + north) / 2
        return [(lon + d, lat) for d in (-0.0013, 0.0, 0.0013)]

    def phones(self, position, level):
        if level is not None and np.isnan(level):
            return pd.DataFrame()
        rows = [
            {
                "time": f"2025-12-0{day}T08:00:0{n}Z",
                "lon": lon,
                "lat": lat,
                "plmn": "452-04",
                "technology": None if level is None else "4G",
                "rsrp_dbm": None if level is None else level - n,
                "no_service": level is None,
                "device": f"phone{position}{home}",
            }
            for home, (lon, lat) in enumerate(self.homes(position))
            for day in (1, 2)
            for n in range(3)
        ]
        return pd.DataFrame(rows)

    def write(self):
        """Write all files and return the project file."""
        self.hamlets.to_file(self.folder / "hamlets.gpkg", engine="pyogrio")
        self.samples.to_csv(self.folder / "samples.csv", index=False)
        homes = [home for i in range(len(self.names)) for home in self.homes(i)]
        gpd.GeoDataFrame(geometry=shapely.points(homes), crs=4326).to_file(
            self.folder / "homes.geojson", engine="pyogrio"
        )
        self._write_terrain()
        pd.DataFrame(
            {
                "ma_thon": self.hamlets["ma_thon"],
                "dien_luoi": ["Có", "Chưa", "Chưa", ""][: len(self.names)],
            }
        ).to_csv(self.folder / "power.csv", index=False)
        project = self.folder / "project.toml"
        project.write_text(
            f"""
[project]
name = "Huyện thử"
[hamlets]
path = "hamlets.gpkg"
[[signal]]
path = "samples.csv"
format = "csv"
columns = {{ time = "time", lon = "lon", lat = "lat", plmn = "plmn", technology = "technology", rsrp_dbm = "rsrp_dbm", no_service = "no_service", device = "device" }}
[power]
list = "power.csv"
[terrain]
path = "dem.tif"
[people]
buildings = "homes.geojson"
{self.extra}
""",
            encoding="utf-8",
        )
        return project

    def _write_terrain(self):
        size, cell = 240, 0.001
        y, x = np.mgrid[0:size, 0:size]
        heights = (500 + 120 * np.sin(x / 17.0) * np.cos(y / 23.0)).astype("int16")
        with rasterio.open(
            self.folder / "dem.tif",
            "w",
            driver="GTiff",
            height=size,
            width=size,
            count=1,
            dtype="int16",
            crs="EPSG:4326",
            transform=from_origin(WEST - 0.09, SOUTH + 0.13, cell, cell),
            nodata=-32768,
        ) as target:
            target.write(heights, 1)
