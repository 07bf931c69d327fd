"""Define the tables that inputs are read into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from lomsong.notes import Note
from lomsong.tables.schema import GEOMETRY, count, flag, number, text
from lomsong.tables.words import (
    AREA_KINDS,
    GEOMETRY_SOURCES,
    POSITIONS,
    POWERS,
    REPAIR_COLUMNS,
    TECHNOLOGIES,
)

HAMLETS: Final = pa.DataFrameSchema(
    {
        "hamlet_id": text(unique=True),
        "name": text(),
        "commune_code": text(nullable=True),
        "commune_name": text(nullable=True),
        "households": count(nullable=True),
        "people_listed": count(nullable=True),  # the list's own figure
        "extremely_difficult": flag(),  # thôn đặc biệt khó khăn
        "kind": text(values=AREA_KINDS),
        "geometry_source": text(values=GEOMETRY_SOURCES),
        "centre_lon": number(low=-180, high=180),  # culture house, where it is known
        "centre_lat": number(low=-90, high=90),
        "geometry": GEOMETRY,
    },
    strict=True,
    name="hamlets",
)

SAMPLES: Final = pa.DataFrameSchema(
    {
        "time": pa.Column("datetime64[ms, UTC]", nullable=True),
        "lon": number(nullable=False, low=-180, high=180),
        "lat": number(nullable=False, low=-90, high=90),
        "accuracy_m": number(low=0),
        "plmn": text(nullable=True),  # "452-04"; null where the observation belongs to no carrier
        "technology": text(nullable=True, values=TECHNOLOGIES),  # null on a row without service
        "rsrp_dbm": number(low=-160, high=-20),
        "level_dbm": number(low=-160, high=-10),  # 2G RXLEV or 3G RSCP
        "no_service": pa.Column(bool),
        "device": text(nullable=True),
        "source": text(),
        # Serving cell: CI, UTRAN cell id, ECI or NCI; null where the source does not name it.
        "cell": pa.Column("Int64", checks=pa.Check.gt(0), nullable=True, required=False),
    },
    strict=True,
    name="samples",
)

CELLS: Final = pa.DataFrameSchema(
    {
        "site_id": text(),  # as the file names the cell or the site
        "plmn": text(),
        "technology": text(values=TECHNOLOGIES),
        "lon": number(nullable=False, low=-180, high=180),
        "lat": number(nullable=False, low=-90, high=90),
        "position": text(values=POSITIONS),
        "range_m": number(low=0),  # how far from an estimated position the cell was heard
        "n_samples": count(nullable=True),
        "area": count(nullable=True),  # LAC or TAC
        "cell": count(nullable=True),  # CI, UTRAN cell id, ECI or NCI
        "azimuth_deg": number(low=0, high=360),
        "downtilt_deg": number(low=-90, high=90),
        "height_m": number(low=0),
        "frequency_mhz": number(low=0),
        "power_dbm": number(),
        "updated": pa.Column("datetime64[ms, UTC]", nullable=True),
        "first_seen": pa.Column("datetime64[ms, UTC]", nullable=True, required=False),
    },
    strict=True,
    name="cells",
)

SITES: Final = pa.DataFrameSchema(
    {
        "place_id": text(),  # one for the masts of all carriers that share a place
        "site_id": text(),  # a carrier's mast; its sectors and technologies are rows of one name and position
        "plmn": text(),
        "technology": text(values=TECHNOLOGIES),
        "lon": number(nullable=False, low=-180, high=180),
        "lat": number(nullable=False, low=-90, high=90),
        "position": text(values=POSITIONS),
        "position_error_m": number(low=0),  # root mean square; 0 where stated, null where unknown
        "n_cells": count(),
        "n_samples": count(nullable=True),
        "azimuth_deg": number(low=0, high=360),  # null: not known, taken as every direction
        "downtilt_deg": number(low=-90, high=90),
        "height_m": number(low=0),
        "frequency_mhz": number(low=0),
        "power_dbm": number(),
        "updated": pa.Column("datetime64[ms, UTC]", nullable=True),
        "first_seen": pa.Column("datetime64[ms, UTC]", nullable=True, required=False),
        # Number of the eNodeB, of 4G; null where the cells' numbers do not tell it.
        "node": pa.Column("Int64", checks=pa.Check.gt(0), nullable=True, required=False),
    },
    strict=True,
    name="sites",
)

POWER: Final = pa.DataFrameSchema(
    {
        "hamlet_id": text(unique=True),
        "power": text(values=POWERS),
        "power_source": text(nullable=True),
        "power_as_of": text(nullable=True),  # ISO date, as far as it is known
    },
    strict=True,
    name="power",
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Hamlets:
    """Areas to judge (`HAMLETS`, WGS 84), sorted by `hamlet_id`, with what was mended on the way in."""

    table: gpd.GeoDataFrame
    repairs: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(REPAIR_COLUMNS), dtype=str)
    )
    communes: gpd.GeoDataFrame | None = None
    notes: tuple[Note, ...] = ()
    """What was decided on the way in and may surprise, in words."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Samples:
    """Observations (`SAMPLES`), in the order of the files, and how many rows were dropped for which reason."""

    table: pd.DataFrame
    dropped: Mapping[str, int] = field(default_factory=dict)
    n_rows: int = 0
    """Rows read, dropped ones included."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """Known cells, or the rows of a carrier's own list (`CELLS`)."""

    table: pd.DataFrame
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Sites:
    """Masts (`SITES`), and what was left out on the way from cells to them."""

    table: pd.DataFrame
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Cells left out, by reason."""
    left_out: tuple[Mapping[str, object], ...] = ()
    """Masts left out, by name, with the reason."""
    notes: tuple[Note, ...] = ()
