"""Write hamlets, clusters and candidates as one GeoPackage that QGIS opens with its colours."""

import datetime as dt
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio

from lomsong.report.geopackage import qgis_style
from lomsong.report.lists.content import day
from lomsong.report.plain import printable
from lomsong.report.text import Language
from lomsong.result import Result

_STYLES_TABLE: Final = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256),
    f_table_schema TEXT(256),
    f_table_name TEXT(256),
    f_geometry_column TEXT(256),
    styleName TEXT(30),
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner TEXT(30),
    ui TEXT(30),
    update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)
"""
FORMAT_VERSION: Final = "1.2"
"""Newest version that no QGIS in use warns about."""
_CHANGE_COUNTERS: Final = (24, 92)
GEOMETRY_COLUMN: Final = "geom"
GEOMETRY_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {"hamlets": "MultiPolygon", "clusters": "Unknown", "candidates": "Point"}
)


def write(result: Result, file: Path, *, language: Language | None = None) -> None:
    """Write `gaps.gpkg`: layers hamlets, clusters and candidates, and `layer_styles` as QGIS keeps them.

    Two writes of the same result are byte-identical: rows are sorted, and every date that the format asks for is
    the date of the data. The language of the legends is the project's where none is given.
    """
    file.unlink(missing_ok=True)
    layers = {
        "hamlets": result.hamlets.sort_values("hamlet_id"),
        "clusters": result.clusters.sort_values("cluster_id"),
        "candidates": result.candidates.sort_values("site_id"),
    }
    for name, table in layers.items():
        pyogrio.write_dataframe(
            _plain(table),
            file,
            layer=name,
            driver="GPKG",
            geometry_type=GEOMETRY_TYPES[name],
            promote_to_multi=GEOMETRY_TYPES[name].startswith("Multi"),
            dataset_options={"VERSION": FORMAT_VERSION},
            layer_options={"GEOMETRY_NAME": GEOMETRY_COLUMN},
        )
    _add_styles(file, day=day(result), language=language or result.settings.project.language)


def _plain(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with texts that every reader takes: no character that ends or breaks a string."""
    texts = [
        name
        for name in table.columns
        if isinstance(table[name].dtype, pd.StringDtype) or table[name].dtype == object
    ]
    changed = {name: table[name].map(printable, na_action="ignore").astype("str") for name in texts}
    return table.assign(**changed)


def _add_styles(file: Path, *, day: dt.date, language: Language) -> None:
    written = f"{day.isoformat()}T00:00:00.000Z"
    database = sqlite3.connect(file)
    try:
        with database:
            database.execute(_STYLES_TABLE)
            database.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) "
                "VALUES ('layer_styles', 'attributes', 'layer_styles', '')"
            )
            for layer, qml in qgis_style.styles(language).items():
                database.execute(
                    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                    "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                    "owner, ui, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', NULL, ?)",
                    (layer, GEOMETRY_COLUMN, "lomsong", qml, written),
                )
            database.execute("UPDATE gpkg_contents SET last_change = ?", (written,))
        # Free pages keep old bytes: a fresh copy of all pages keeps none.
        database.execute("VACUUM")
    finally:
        database.close()
    _forget_how_often_it_was_written(file)


def _forget_how_often_it_was_written(file: Path) -> None:
    """Set the counter of changes to 1, in both places of the header: GDAL now and then writes in one turn more.

    SQLite only asks that the two agree (file format, sections 1.3.9 and 1.3.17).
    """
    with file.open("r+b") as stream:
        for place in _CHANGE_COUNTERS:
            stream.seek(place)
            stream.write((1).to_bytes(4, "big"))
