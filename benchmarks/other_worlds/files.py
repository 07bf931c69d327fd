"""Write a world as a project folder, with its truth beside it."""

import gzip
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from pyproj import Transformer
from rasterio.transform import from_origin
from scipy.ndimage import gaussian_filter

from other_worlds.knobs import CRS, GOOD_DBM, MINIMUM_DBM, NETWORKS, Floats, World
from other_worlds.land import CELL_M, EAST_M, SIDE, SOUTH_M, Homes, Land
from other_worlds.radio import Levels

LAST_DAY: Final = pd.Timestamp("2025-11-30", tz="UTC")
LOW_MHZ: Final = 1000
EPOCH: Final = pd.Timestamp(0, tz="UTC")
FEWEST_ROWS: Final = 4
"""A cell that was heard less is in no export."""
SERVED_SHARE: Final = 0.5
RADIO: Final = {"4G": "LTE", "3G": "UMTS", "2G": "GSM"}
SIGNAL: Final = """
[[signal]]
path = "signal/{file}"
timezone = "UTC"
columns = {{ time = "luc", lon = "kinh_do", lat = "vi_do", accuracy_m = "sai_so", plmn = "mang", technology = "the_he", \
rsrp_dbm = "rsrp", level_dbm = "muc", no_service = "mat_song"{device} }}
"""
PROJECT: Final = """# DỮ LIỆU MÔ PHỎNG / SYNTHETIC DATA
[project]
name = "Another author's world"
language = "en"
synthetic = true

[hamlets]
path = "hamlets.gpkg"
columns = {{ hamlet_id = "ma", name = "ten", commune_code = "xa", commune_name = "ten_xa", people = "nguoi" }}
{signal}
[sites]
path = [{sites}]

[terrain]
path = "heights.tif"

[people]
buildings = "houses.gpkg"
"""
_TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude, in millionths of a degree."""
    lon, lat = _TO_DEGREES.transform(x, y)
    return np.round(lon, 6), np.round(lat, 6)


def write_land(folder: Path, land: Land, homes: Homes, chance: np.random.Generator) -> None:
    """Write hamlets, houses, and heights as a coarse survey from above knows them."""
    ids = _hamlet_ids(homes)
    square = shapely.box(
        EAST_M, SOUTH_M, EAST_M + (SIDE - 1) * CELL_M, SOUTH_M + (SIDE - 1) * CELL_M
    )
    middles = shapely.multipoints(homes.hamlets[["x", "y"]].to_numpy())
    cells = [
        part.intersection(square)
        for part in shapely.voronoi_polygons(middles, extend_to=square).geoms
    ]
    owner = shapely.STRtree(cells).nearest(shapely.points(homes.hamlets[["x", "y"]].to_numpy()))
    people = homes.dwellings.groupby("hamlet")["people"].sum()
    table = pd.DataFrame(
        {
            "ma": ids,
            "ten": [f"Bản {number}" for number in range(len(ids))],
            "xa": "90001",
            "ten_xa": "Xã Thử",
            "nguoi": people.reindex(range(len(ids)), fill_value=0).to_numpy(),
        }
    )
    frame = gpd.GeoDataFrame(table, geometry=[cells[i] for i in owner], crs=CRS)
    frame.to_file(folder / "hamlets.gpkg")
    houses = gpd.points_from_xy(homes.dwellings["x"], homes.dwellings["y"])
    gpd.GeoDataFrame(geometry=houses, crs=CRS).to_file(folder / "houses.gpkg")
    seen = gaussian_filter(land.height, 1.0) + 6 * land.forest
    seen += gaussian_filter(chance.normal(0, 12, seen.shape), 1.5)
    with rasterio.open(
        folder / "heights.tif",
        "w",
        driver="GTiff",
        width=SIDE,
        height=SIDE,
        count=1,
        dtype="float32",
        crs=CRS,
        transform=from_origin(EAST_M - CELL_M / 2, SOUTH_M + (SIDE - 0.5) * CELL_M, CELL_M, CELL_M),
        compress="deflate",
    ) as target:
        target.write(np.round(seen[::-1], 1).astype("float32"), 1)


def _hamlet_ids(homes: Homes) -> list[str]:
    return [f"90001{number:03d}" for number in range(len(homes.hamlets))]


def write_samples(folder: Path, world: World, rows: pd.DataFrame) -> str:
    """Write what was uploaded, a file per app and car; return the sections of the project."""
    (folder / "signal").mkdir(exist_ok=True)
    sections = []
    for name, own in rows.groupby("file", sort=True):
        lon, lat = to_degrees(own["x"].to_numpy(), own["y"].to_numpy())
        newest = own["technology"] == "4G"
        table = pd.DataFrame(
            {
                "luc": times(own["time_s"], own["days"]).dt.strftime("%Y-%m-%d %H:%M:%S"),
                "kinh_do": lon,
                "vi_do": lat,
                "sai_so": np.round(own["accuracy_m"], 1),
                "mang": [NETWORKS[c].plmn for c in own["carrier"]],
                "the_he": own["technology"],
                "rsrp": own["level_dbm"].where(newest),
                "muc": own["level_dbm"].where(~newest),
                "mat_song": (own["technology"] == "").astype(int),
            }
        )
        device = ""
        if name != "tester" and world.names_devices:
            table["may"] = [f"{name}-{phone}" for phone in own["phone"]]
            device = ', device = "may"'
        table.sample(frac=1, random_state=1).to_csv(folder / "signal" / f"{name}.csv", index=False)
        sections.append(SIGNAL.format(file=f"{name}.csv", device=device))
    return "".join(sections)


def times(time_s: pd.Series, days: pd.Series) -> pd.Series:
    """Return times of day, the last day being fixed."""
    return LAST_DAY - pd.to_timedelta(days, unit="D") + pd.to_timedelta(time_s.round(), unit="s")


def write_sites(folder: Path, world: World, levels: Levels, rows: pd.DataFrame) -> list[str]:
    """Write what is known of sites: own lists, and where a crowd heard the cells of the others."""
    files = []
    cells = levels.cells
    exact = cells[cells["carrier"].isin(world.exact_lists)]
    if len(exact):
        lon, lat = to_degrees(exact["x"].to_numpy(), exact["y"].to_numpy())
        table = pd.DataFrame(
            {
                "site_id": exact["carrier"] + "-" + exact["site"].astype(str),
                "plmn": exact["plmn"],
                "technology": exact["technology"],
                "lon": lon,
                "lat": lat,
                "azimuth": exact["azimuth_deg"].round(),
                "height_m": exact["mast_m"],
                "frequency_mhz": exact["frequency_mhz"],
            }
        )
        table.to_csv(folder / "own_list.csv", index=False)
        files.append("own_list.csv")
    crowd = _crowd(cells[~cells["carrier"].isin([*world.exact_lists, *world.unlisted])], rows)
    if not len(crowd):
        return files
    with gzip.open(folder / "cells.csv.gz", "wt", encoding="utf-8") as target:
        crowd.to_csv(target, index=False)
    return [*files, "cells.csv.gz"]


def _crowd(cells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Place cells in the middle of those who heard them, a phone a place once; cells rarely heard are missing."""
    heard = rows[rows["technology"] != ""]
    found = []
    for number, own in heard.groupby("cell", sort=True):
        if number not in cells.index or len(own) < FEWEST_ROWS:
            continue
        cell = cells.loc[number]
        places = own.drop_duplicates(["phone", "spot"])
        x, y = places["x"].mean(), places["y"].mean()
        lon, lat = to_degrees(np.array([x]), np.array([y]))
        seen = (times(own["time_s"], own["days"]) - EPOCH) // pd.Timedelta(seconds=1)
        unit = 1000 * (1 + [n.name for n in NETWORKS].index(cell["carrier"])) + cell["site"]
        found.append(
            {
                "radio": RADIO[cell["technology"]],
                "mcc": 452,
                "net": int(cell["plmn"][-2:]),
                "area": 7001,
                "cell": int(unit * 256 + cell["sector"] + 10 * (cell["frequency_mhz"] < LOW_MHZ))
                if cell["technology"] == "4G"
                else int(cell["site"] * 10 + cell["sector"] + 20_000),
                "unit": 0,
                "lon": lon[0],
                "lat": lat[0],
                "range": int(np.hypot(places["x"] - x, places["y"] - y).quantile(0.9)) + 100,
                "samples": len(own),
                "changeable": 1,
                "created": int(seen.min()),
                "updated": int(seen.max()),
                "averageSignal": 0,
            }
        )
    return pd.DataFrame(found)


def write_truth(folder: Path, homes: Homes, levels: Levels, lost: pd.DataFrame) -> None:
    """Write what is true in the end, of each group and hamlet, and what was lost."""
    (folder / "truth").mkdir(exist_ok=True)
    ids = np.array(_hamlet_ids(homes))
    houses = homes.dwellings
    parts = []
    for network in NETWORKS:
        level = levels.dbm[network.name, "4G"][1, : len(houses)]
        judged = houses.assign(level=level, above=level >= MINIMUM_DBM).groupby("group")
        parts.append(
            pd.DataFrame(
                {
                    "hamlet_id": ids[judged["hamlet"].first()],
                    "x": judged["x"].median(),
                    "y": judged["y"].median(),
                    "people": judged["people"].sum(),
                    "served": judged["above"].mean() >= SERVED_SHARE,
                    "rsrp_median_dbm": judged["level"].median(),
                }
            ).assign(carrier=network.name, cluster_id=lambda t: [f"true-{i}" for i in t.index])
        )
    best = parts[0].assign(carrier="any")
    for name in ("served", "rsrp_median_dbm"):
        best[name] = np.column_stack([part[name] for part in parts]).max(axis=1)
    table = pd.concat([*parts, best], ignore_index=True)
    table["good"] = table["served"] & (table["rsrp_median_dbm"] >= GOOD_DBM)
    lon, lat = to_degrees(table.pop("x").to_numpy(), table.pop("y").to_numpy())
    table.assign(lon=lon, lat=lat).to_parquet(folder / "truth" / "truth_clusters.parquet")
    groups = table.groupby(["hamlet_id", "carrier"])
    all_served, any_served = groups["served"].all(), groups["served"].any()
    word = np.select(
        [~any_served, ~all_served, ~groups["good"].all()],
        ["no_signal", "partial", "weak"],
        "covered",
    )
    hamlets = all_served.index.to_frame(index=False).assign(**{"class": word})
    hamlets.to_csv(folder / "truth" / "truth_hamlets.csv", index=False)
    lon, lat = to_degrees(lost["x"].to_numpy(), lost["y"].to_numpy())
    moment = (times(lost["time_s"], lost["days"]) - EPOCH) // pd.Timedelta(milliseconds=1)
    pd.DataFrame(
        {
            "device": lost["phone"].to_numpy(),
            "carrier": [NETWORKS[c].name for c in lost["carrier"]],
            "time_ms": moment.to_numpy(),
            "lon": lon,
            "lat": lat,
            "accuracy_m": lost["accuracy_m"].to_numpy(),
        }
    ).to_parquet(folder / "truth" / "lost.parquet")


def write_project(folder: Path, *, signal: str, sites: list[str]) -> None:
    """Write the project file."""
    named = ", ".join(f'"{file}"' for file in sites)
    text = PROJECT.format(signal=signal, sites=named)
    (folder / "project.toml").write_text(text, encoding="utf-8")
