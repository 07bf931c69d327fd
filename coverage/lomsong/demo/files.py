"""Write files that come out the same to the byte, whatever the day, each with its label and licence inside."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import rasterio
import shapely
from rasterio.transform import Affine

from lomsong.demo.world import LABEL, Floats

CREATED = "2025-12-31T00:00:00.000Z"
DEGREES = 6
"""Decimals of a degree in vector files: a tenth of a metre."""


def write_layer(
    file: Path, layer: str, table: pd.DataFrame, geometry: list[shapely.Geometry]
) -> None:
    """Write one GeoPackage of one layer, EPSG:4326."""
    rounded = shapely.transform(np.array(geometry, dtype=object), lambda at: np.round(at, DEGREES))
    frame = gpd.GeoDataFrame(
        table.assign(du_lieu="mô phỏng (synthetic), CC0"), geometry=rounded, crs=4326
    )
    # Writing over a file would keep free pages of the old one.
    file.unlink(missing_ok=True)
    with _fixed_date():
        pyogrio.write_dataframe(
            frame,
            file,
            layer=layer,
            driver="GPKG",
            layer_options={"DESCRIPTION": LABEL, "IDENTIFIER": layer},
        )


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Keep the day of writing out of GeoPackages."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": CREATED})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_points(file: Path, name: str, lon: Floats, lat: Floats) -> None:
    """Write GeoJSON points, one a line."""
    head = f'{{"type":"FeatureCollection","name":"{name}","description":"{LABEL}","features":[\n'
    lines = [
        f'{{"type":"Feature","properties":{{}},"geometry":{{"type":"Point","coordinates":[{x:.5f},{y:.5f}]}}}}'
        for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
    ]
    file.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8", newline="\n")


def write_grid(
    file: Path,
    grid: np.ndarray[tuple[int, int], np.dtype[np.generic]],
    *,
    transform: Affine,
    nodata: float,
    what: str,
) -> None:
    """Write a GeoTIFF, EPSG:4326, row 0 in the north."""
    predictor = 2 if np.issubdtype(grid.dtype, np.integer) else 3
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        height=grid.shape[0],
        width=grid.shape[1],
        count=1,
        dtype=grid.dtype,
        crs="EPSG:4326",
        transform=transform,
        nodata=nodata,
        compress="deflate",
        predictor=predictor,
        zlevel=9,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    ) as target:
        target.write(grid, 1)
        target.update_tags(TIFFTAG_IMAGEDESCRIPTION=f"{what}. {LABEL}", TIFFTAG_COPYRIGHT="CC0-1.0")


def write_text(file: Path, text: str) -> None:
    """Write text as UTF-8, compressed where the name ends in .gz."""
    content = text.encode()
    if file.suffix == ".gz":
        # No file name and no time in the header.
        content = gzip.compress(content, 9, mtime=0)
    file.write_bytes(content)


def write_csv(file: Path, table: pd.DataFrame) -> None:
    """Write a table with a byte order mark, so that spreadsheets read the accents."""
    text = io.StringIO(newline="")
    table.assign(data="synthetic, CC0").to_csv(text, index=False, lineterminator="\n")
    file.write_bytes(text.getvalue().encode("utf-8-sig"))


def write_parquet(file: Path, table: pd.DataFrame) -> None:
    """Write a Parquet table with its label in the metadata."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    labelled = arrow.replace_schema_metadata(
        {**(arrow.schema.metadata or {}), b"description": LABEL.encode()}
    )
    pq.write_table(labelled, file, compression="zstd")
