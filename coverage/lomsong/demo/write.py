"""Write a world to a folder, as a planner's office would hand it over, with the truth beside it."""

from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from rasterio.transform import from_origin

from lomsong.demo.cells import cells_export
from lomsong.demo.district import District, generate
from lomsong.demo.files import (
    write_csv,
    write_grid,
    write_layer,
    write_parquet,
    write_points,
    write_text,
)
from lomsong.demo.lists import POWER_AS_OF, write_lists
from lomsong.demo.logs import (
    CELL_INFO_FILES,
    G_NETTRACK_FILES,
    TOWER_COLLECTOR_FILE,
    write_logs,
)
from lomsong.demo.world import LABEL, SEED, Floats, World

MISSING_FIGURES, MISSING_FLAGS = 0.02, 0.04
"""Shares of hamlets whose households, people or hardship the register does not know."""
PROJECT = f"""\
# {LABEL}
[project]
name = "{{name}}"
as_of = {{as_of}}
language = "vi"
synthetic = true

[hamlets]
path = "boundaries/hamlets.gpkg"
columns = {{{{ hamlet_id = "ma_thon", name = "ten_thon", commune_code = "ma_xa", commune_name = "ten_xa", households = "so_ho", people = "dan_so", extremely_difficult = "dbkk" }}}}
centres = "boundaries/centres.gpkg"

[[signal]]
path = {{signal}}
timezone = "Asia/Ho_Chi_Minh"

[sites]
path = "signal/cells_452.csv.gz"

[power]
list = "boundaries/dien_luoi.xlsx"
columns = {{{{ name = "Thôn/bản", commune_name = "Xã", power = "Điện lưới quốc gia" }}}}
source = "Điện lực huyện (mẫu)"
as_of = {POWER_AS_OF.isoformat()}
lines = "boundaries/duong_day.gpkg"

[terrain]
path = "boundaries/dem.tif"

[people]
raster = "boundaries/people.tif"
unit = "people_per_pixel"
buildings = "boundaries/buildings.geojson"

[levels]
minimum_rsrp_dbm = {{minimum:g}}
good_rsrp_dbm = {{good:g}}

[siting]
max_sites = 10
roads = "boundaries/roads.gpkg"
"""
README = f"""\
# Huyện mẫu / the built-in district
**{LABEL}**

Made by `python -m lomsong.demo FOLDER` (seed {{seed}}); never edit by hand, change the generator. Places, names, people,
networks and measurements are invented; the carriers' names only say which network code a row bears. Commune codes
99001 and up are no real codes. Released under CC0-1.0.

| file | content |
|---|---|
| `project.toml` | project file: `lomsong run data/project.toml` |
| `boundaries/hamlets.gpkg` | {{hamlets}} hamlets of {{communes}} communes (layer `thon`): code, name, commune, households, people, extremely difficult or not; some figures missing |
| `boundaries/communes.gpkg` | communes (layer `xa`) |
| `boundaries/centres.gpkg` | culture houses (layer `nha_van_hoa`) |
| `boundaries/buildings.geojson` | {{houses}} dwellings |
| `boundaries/roads.gpkg`, `duong_day.gpkg` | roads; medium-voltage lines |
| `boundaries/dem.tif`, `people.tif` | terrain [m], 2"; people per pixel, 6", off by some per cent as such products are |
| `boundaries/dien_luoi.xlsx` | who has grid power, typed by hand: mixed spelling, hamlets missing |
| `boundaries/trang_song_lom_song.xlsx`, `thon_dbkk.xlsx` | official lists; the first disagrees with the truth |
| `signal/towercollector.csv.gz` | Tower Collector export of many phones; they upload only where they have service |
| `signal/synthetic_OpenCellID_*.csv.gz` | Network Cell Info uploads, no device named, some uploaded twice |
| `signal/gnettrack/*.txt*` | G-NetTrack Pro logs: official drive test, community teams, a few volunteers; these record no service |
| `signal/cells_452.csv.gz` | cells export in OpenCelliD's format: positions are estimates, drawn toward roads |
| `truth/` | what is true: per dwelling cluster and carrier, per hamlet and carrier, power, sites |

{{kept}} moments were recorded; {{lost}} more left no trace, because the phone had no service. The truth follows the
program's definitions: a cluster is served where at least half of its houses have a best-server outdoor 4G RSRP of at
least {{minimum:g}} dBm, good where the median house has at least {{good:g}} dBm. Its radio (knife edges after Epstein and
Peterson, log-distance law, forest, correlated shadowing) has nothing in common with the program's own.
"""


def make(
    folder: Path | str, *, world: World | None = None, seed: int = SEED, lost: bool = False
) -> Path:
    """Make a world and write it to a folder; equal arguments give equal bytes.

    Parameters
    ----------
    folder
        Made where it does not exist; files of the same names are replaced.
    world
        Knobs; default: the district that ships.
    seed
        Any whole number from 0 up.
    lost
        Write also `truth/lost.parquet`: observations that left no trace, for an oracle to know.

    Returns
    -------
    Path
        The folder; its project file is `project.toml`.
    """
    folder = Path(folder)
    write_district(generate(world, seed=seed), folder, lost=lost)
    return folder


def write_district(district: District, folder: Path, *, lost: bool = False) -> None:
    """Write a world that is made already; see `make`."""
    parts = {name: folder / name for name in ("boundaries", "signal", "truth")}
    for part in parts.values():
        part.mkdir(parents=True, exist_ok=True)
    _write_units(district, parts["boundaries"])
    _write_land(district, parts["boundaries"])
    write_lists(district, parts["boundaries"])
    write_logs(district, parts["signal"])
    cells = cells_export(district)
    write_text(parts["signal"] / "cells_452.csv.gz", cells.to_csv(index=False, lineterminator="\n"))
    _write_truth(district, parts["truth"])
    if lost:
        write_parquet(parts["truth"] / "lost.parquet", _lost(district))
    _write_words(district, folder)


def _write_words(district: District, folder: Path) -> None:
    world = district.world
    levels = {"minimum": world.minimum_rsrp_dbm, "good": world.good_rsrp_dbm}
    # A world may have no phones with one of the apps; a pattern that names no file would be a fault.
    patterns = (TOWER_COLLECTOR_FILE, CELL_INFO_FILES, G_NETTRACK_FILES)
    present = [f'"signal/{p}"' for p in patterns if any((folder / "signal").glob(p))]
    signal = f"[{', '.join(present)}]"
    project = PROJECT.format(name=world.name, as_of=world.last_day, signal=signal, **levels)
    write_text(folder / "project.toml", project)
    readme = README.format(
        seed=district.seed,
        hamlets=len(district.hamlets),
        communes=district.hamlets["commune_code"].nunique(),
        houses=len(district.homes.dwellings),
        kept=len(district.crowd.rows),
        lost=len(district.crowd.lost),
        **levels,
    )
    write_text(folder / "README.md", readme)


def _write_units(district: District, folder: Path) -> None:
    """Write hamlets, communes and culture houses."""
    stream = np.random.Generator(np.random.PCG64(district.seed + 3))
    hamlets, polygons = district.hamlets, district.units.polygons
    count = len(hamlets)
    listed = np.rint(hamlets["people"] * (1 + 0.02 * stream.standard_normal(count)))
    table = pd.DataFrame(
        {
            "ma_thon": hamlets["hamlet_id"],
            "ten_thon": hamlets["name"],
            "ma_xa": hamlets["commune_code"],
            "ten_xa": hamlets["commune_name"],
            "so_ho": hamlets["households"]
            .where(stream.random(count) > MISSING_FIGURES)
            .astype("Int64"),
            "dan_so": listed.where(stream.random(count) > MISSING_FIGURES).astype("Int64"),
            "dbkk": hamlets["difficult"]
            .astype("Int64")
            .where(stream.random(count) > MISSING_FLAGS),
        }
    )
    write_layer(folder / "hamlets.gpkg", "thon", table, polygons)
    communes = table[["ma_xa", "ten_xa"]].drop_duplicates()
    outlines = [
        shapely.union_all([polygons[i] for i in np.flatnonzero(table["ma_xa"] == code)])
        for code in communes["ma_xa"]
    ]
    write_layer(folder / "communes.gpkg", "xa", communes.reset_index(drop=True), outlines)
    centres = table[["ma_thon", "ten_thon"]].rename(columns={"ten_thon": "ten"})
    places = district.homes.centres
    points = shapely.points(*_degrees(district, places["x"], places["y"]))
    write_layer(folder / "centres.gpkg", "nha_van_hoa", centres, list(points))


def _write_land(district: District, folder: Path) -> None:
    """Write terrain, people, houses, roads and power lines."""
    land, houses = district.land, district.homes.dwellings
    transform = from_origin(land.west, land.north, land.step, land.step)
    height = land.height_m.astype(np.int16)
    write_grid(
        folder / "dem.tif",
        height,
        transform=transform,
        nodata=-32768,
        what="Height above the sea [m]",
    )
    coarse = from_origin(land.west, land.north, land.step * 3, land.step * 3)
    people = district.people.astype(np.float32)
    write_grid(
        folder / "people.tif", people, transform=coarse, nodata=-99999, what="People per pixel"
    )
    lon, lat = _degrees(district, houses["x"], houses["y"])
    write_points(folder / "buildings.geojson", "nha_o", lon, lat)
    kinds = pd.DataFrame({"loai": [kind for kind, _ in district.ways.lines]})
    write_layer(
        folder / "roads.gpkg",
        "duong",
        kinds,
        [_moved(district, line) for _, line in district.ways.lines],
    )
    volts = pd.DataFrame({"kv": [35] * len(district.power_lines)})
    write_layer(
        folder / "duong_day.gpkg",
        "duong_day",
        volts,
        [_moved(district, line) for line in district.power_lines],
    )


def _write_truth(district: District, folder: Path) -> None:
    clusters = district.truth.clusters
    lon, lat = _degrees(district, clusters["x"], clusters["y"])
    placed = clusters.drop(columns=["x", "y"]).assign(lon=np.round(lon, 6), lat=np.round(lat, 6))
    write_parquet(folder / "truth_clusters.parquet", placed)
    names = district.hamlets[["hamlet_id", "name", "commune_name"]]
    write_csv(folder / "truth_hamlets.csv", names.merge(district.truth.hamlets, on="hamlet_id"))
    groups = district.homes.groups
    dark = groups["dwellings"].where(~groups["grid"], 0).groupby(groups["hamlet"]).sum()
    power = names.assign(
        power=np.where(district.hamlets["lit"], "grid", "no_grid"),
        households_no_grid=dark.to_numpy(),
    )
    write_csv(folder / "truth_power.csv", power)
    sectors = district.sectors
    lon, lat = _degrees(district, sectors["x"], sectors["y"])
    sites = sectors.drop(columns=["x", "y"]).assign(lon=np.round(lon, 6), lat=np.round(lat, 6))
    write_csv(folder / "truth_sites.csv", sites)


def _lost(district: District) -> pd.DataFrame:
    lost = district.crowd.lost
    lon, lat = _degrees(district, lost["x"], lost["y"])
    return pd.DataFrame(
        {
            "device": lost["device"],
            "carrier": district.crowd.devices["carrier"].to_numpy()[lost["device"]],
            "time_ms": lost["time_ms"],
            "lon": np.round(lon, 6),
            "lat": np.round(lat, 6),
            "accuracy_m": lost["accuracy_m"],
        }
    )


def _degrees(district: District, x: pd.Series, y: pd.Series) -> tuple[Floats, Floats]:
    return district.land.plane.to_lonlat(x.to_numpy(float), y.to_numpy(float))


def _moved(district: District, line: shapely.LineString) -> shapely.LineString:
    at = shapely.get_coordinates(line)
    return shapely.LineString(np.column_stack(district.land.plane.to_lonlat(at[:, 0], at[:, 1])))
