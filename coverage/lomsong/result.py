"""Hold what a run found, write it into a folder and read it back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import rasterio
from affine import Affine
from pyproj import CRS

from lomsong.config import Project, Settings, load, parse
from lomsong.errors import Fault, InputError
from lomsong.sentences import Sentence
from lomsong.space.raster import Raster
from lomsong.tables import (
    CHANCES,
    FOOTPRINTS,
    GROUNDS,
    MEASURED_CELLS,
    PREDICTED,
    SERVICE_AREAS,
    empty,
)

MANIFEST: Final = "manifest.json"
CONTEXT: Final = "context"
"""Folder inside a run with what maps and later plans need beside the result itself."""
SWEPT: Final = "swept.parquet"
"""In the context: what the run swept over terrain, and nothing older."""
MOST_TERRAIN_CELLS: Final = 800


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """Everything that maps, lists and notebooks show; every figure they show is a column of one of these."""

    settings: Settings
    hamlets: gpd.GeoDataFrame
    """`tables.GAPS`: a row per hamlet, 4G, any carrier."""
    assessment: pd.DataFrame
    """`tables.ASSESSMENT`."""
    clusters: gpd.GeoDataFrame
    """`tables.CLUSTERS`."""
    candidates: gpd.GeoDataFrame
    """`tables.CANDIDATES`."""
    coverage: pd.DataFrame
    """`tables.COVERAGE`: which candidate serves which cluster."""
    sites: pd.DataFrame
    """`tables.SITES`: known sites."""
    chances: pd.DataFrame = field(default_factory=lambda: empty(CHANCES))
    """`tables.CHANCES`: how likely each candidate would serve each cluster."""
    footprints: gpd.GeoDataFrame = field(
        default_factory=lambda: gpd.GeoDataFrame(empty(FOOTPRINTS))
    )
    """`tables.FOOTPRINTS`: the ground that each selected candidate serves."""
    measured_cells: pd.DataFrame = field(default_factory=lambda: empty(MEASURED_CELLS))
    """`tables.MEASURED_CELLS`: what was measured in which square, as far as it may be published."""
    communes: gpd.GeoDataFrame | None = None
    """Commune borders (commune_code, commune_name, geometry), where they were given."""
    terrain: Raster | None = None
    """Heights [m] in the run's metric CRS, coarse enough for a picture."""
    survey: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Where to measure next, best first."""
    service_areas: gpd.GeoDataFrame = field(
        default_factory=lambda: gpd.GeoDataFrame(empty(SERVICE_AREAS))
    )
    """`tables.SERVICE_AREAS`: where people without service live together."""
    swept: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Levels of candidates over terrain (`siting.swept`), for later runs; commands on a finished run do not read it."""
    predicted: pd.DataFrame = field(default_factory=lambda: empty(PREDICTED))
    """`tables.PREDICTED`: what known sites and terrain alone say, which decides nothing by itself."""
    grounds: pd.DataFrame = field(default_factory=lambda: empty(GROUNDS))
    """`tables.GROUNDS`: silence, its witnesses, and what was expected, behind each carrier's 4G."""
    review: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Rows of the power list that join no hamlet for certain, with the candidates."""
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)
    """How often what was expected of hamlets left out came true (`assess.joint.Together`); empty where sites decide nothing."""
    folder: Path | None = None
    """Where the result is written."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    """Version, settings, hashes of inputs, row counts, warnings, `data_date` (newest day in the data)."""


def write(result: Result, folder: Path) -> None:
    """Write the tables of a result; maps and lists are the business of `lomsong.report`."""
    context = folder / CONTEXT
    context.mkdir(parents=True, exist_ok=True)
    result.hamlets.to_parquet(folder / "hamlets.parquet", index=False)
    result.assessment.to_parquet(folder / "assessment.parquet", index=False)
    result.clusters.to_parquet(folder / "clusters.parquet", index=False)
    result.candidates.to_parquet(folder / "candidates.parquet", index=False)
    result.measured_cells.to_parquet(folder / "measured_cells.parquet", index=False)
    result.coverage.to_parquet(context / "coverage.parquet", index=False)
    result.chances.to_parquet(context / "chances.parquet", index=False)
    result.footprints.to_parquet(context / "footprints.parquet", index=False)
    result.sites.to_parquet(context / "sites.parquet", index=False)
    if len(result.swept):
        result.swept.to_parquet(context / SWEPT, index=False)
    result.survey.to_parquet(context / "survey.parquet", index=False)
    result.predicted.to_parquet(folder / "predicted.parquet", index=False)
    result.grounds.to_parquet(folder / "grounds.parquet", index=False)
    result.service_areas.to_parquet(folder / "service_areas.parquet", index=False)
    if result.communes is not None:
        result.communes.to_parquet(context / "communes.parquet", index=False)
    if result.terrain is not None:
        _write_terrain(result.terrain, context / "terrain.tif")
    write_manifest(result, folder)


def write_manifest(result: Result, folder: Path) -> None:
    """Write the manifest alone."""
    text = json.dumps(dict(result.manifest), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read(folder: Path | str) -> Result:
    """Read a finished run.

    Raises
    ------
    InputError
        Where the folder holds no finished run, or not all tables that this version writes.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        fault = Fault(
            file=folder,
            problem="holds no finished run",
            remedy="`lomsong run PROJECT.toml` makes one",
        )
        raise InputError([fault])
    try:
        manifest = dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        return _tables_read(folder, manifest)
    except (ValueError, TypeError, pa.ArrowException, rasterio.RasterioIOError) as damaged:
        fault = Fault(
            file=folder,
            problem=Sentence("holds a damaged file ({reason})", reason=str(damaged)),
            remedy="`lomsong run PROJECT.toml` makes it anew",
        )
        raise InputError([fault]) from None
    except FileNotFoundError as missing:
        fault = Fault(
            file=folder,
            problem=Sentence("lacks a table of a run: {table}", table=Path(str(missing)).name),
            remedy="It is of another version, or a file was taken out; `lomsong run PROJECT.toml` makes it anew",
        )
        raise InputError([fault]) from None


def _tables_read(folder: Path, manifest: Mapping[str, Any]) -> Result:
    context = folder / CONTEXT
    communes = context / "communes.parquet"
    terrain = context / "terrain.tif"
    return Result(
        settings=_settings(manifest, folder),
        hamlets=gpd.read_parquet(folder / "hamlets.parquet"),
        assessment=pd.read_parquet(folder / "assessment.parquet"),
        clusters=gpd.read_parquet(folder / "clusters.parquet"),
        candidates=gpd.read_parquet(folder / "candidates.parquet"),
        coverage=pd.read_parquet(context / "coverage.parquet"),
        chances=pd.read_parquet(context / "chances.parquet"),
        sites=pd.read_parquet(context / "sites.parquet"),
        survey=pd.read_parquet(context / "survey.parquet"),
        predicted=pd.read_parquet(folder / "predicted.parquet"),
        grounds=pd.read_parquet(folder / "grounds.parquet"),
        service_areas=gpd.read_parquet(folder / "service_areas.parquet"),
        folder=folder,
        footprints=gpd.read_parquet(context / "footprints.parquet"),
        measured_cells=pd.read_parquet(folder / "measured_cells.parquet"),
        communes=gpd.read_parquet(communes) if communes.is_file() else None,
        terrain=_read_terrain(terrain) if terrain.is_file() else None,
        manifest=manifest,
    )


def coarse(terrain: Raster, *, most: int = MOST_TERRAIN_CELLS) -> Raster:
    """Return terrain for a picture: whole blocks of cells averaged until no side has more than `most` cells."""
    rows, columns = terrain.values.shape
    step = -(-max(rows, columns) // most)
    if step == 1:
        return terrain
    kept = terrain.values[: rows // step * step, : columns // step * step].astype(float)
    blocks = kept.reshape(rows // step, step, columns // step, step)
    return Raster(
        values=blocks.mean(axis=(1, 3)).astype(np.float32),
        transform=terrain.transform @ Affine.scale(step),
        crs=terrain.crs,
    )


def default_folder(project: Project) -> Path:
    """Return `outputs/<project name>` in the working directory, its name made safe for every file system."""
    kept = "".join(c if c.isalnum() or c in " -_." else "_" for c in project.settings.project.name)
    return Path("outputs") / (kept.strip(" .")[:80] or "run")


def folder_of(source: Path) -> Path:
    """Return the folder of a finished run that is named by itself or by its project file."""
    return default_folder(load(source)) if source.suffix.lower() == ".toml" else source


def latest_folder() -> Path:
    """Return the newest finished run in `outputs/` of the working directory.

    Raises
    ------
    InputError
        Where there is none.
    """
    runs = sorted(Path("outputs").glob(f"*/{MANIFEST}"), key=lambda m: (m.stat().st_mtime_ns, m))
    if not runs:
        fault = Fault(
            file=Path("outputs"),
            problem="holds no finished run",
            remedy="Name one with --run, or make one with `lomsong run PROJECT.toml`",
        )
        raise InputError([fault])
    return runs[-1].parent


def language_of_run(folder: Path | None) -> Literal["vi", "en"]:
    """Return the language of a finished run, the newest where none is named; Vietnamese where it cannot be read."""
    try:
        manifest = (folder or latest_folder()) / MANIFEST
        settings = json.loads(manifest.read_text(encoding="utf-8"))["settings"]
        return "en" if settings["project"]["language"] == "en" else "vi"
    except (InputError, OSError, ValueError, KeyError, TypeError):
        return "vi"


def _settings(manifest: Mapping[str, Any], folder: Path) -> Settings:
    """Read the settings that a run was made with; those of another version may not be known here."""
    try:
        return parse(manifest.get("settings", {}), file=folder / MANIFEST)
    except InputError:
        made_by = manifest.get("program", {}).get("version", "?")
        fault = Fault(
            file=folder,
            problem=Sentence(
                "was made by lomsong {version} with settings that this version does not know",
                version=made_by,
            ),
            remedy="`lomsong run PROJECT.toml` makes it anew",
        )
        raise InputError([fault]) from None


def _write_terrain(terrain: Raster, file: Path) -> None:
    rows, columns = terrain.values.shape
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        height=rows,
        width=columns,
        count=1,
        dtype="float32",
        crs=terrain.crs.to_wkt(),
        transform=terrain.transform,
        nodata=np.nan,
        compress="deflate",
    ) as target:
        target.write(terrain.values.astype(np.float32), 1)


def _read_terrain(file: Path) -> Raster:
    with rasterio.open(file) as source:
        return Raster(
            values=source.read(1),
            transform=source.transform,
            crs=CRS.from_user_input(source.crs.to_wkt()),
        )
