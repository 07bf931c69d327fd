"""Define the one vocabulary: every table that passes from stage to stage, its columns, units and values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from lomsong.errors import DefectError
from lomsong.notes import Note

TECHNOLOGIES: Final = ("2G", "3G", "4G", "5G")
JUDGED_TECHNOLOGY: Final = "4G"
"""The technology that classes, levels and plans are told of; it is judged in every run."""
RSRP_TECHNOLOGIES: Final = ("4G", "5G")
"""Technologies whose level is an RSRP; the others' quantity stays in `level_dbm`, never mixed with it."""
CLASSES: Final = ("no_signal", "partial", "weak", "covered", "unknown")
"""From worst to best; `unknown` stands outside the order."""
OFFICIAL_CLASSES: Final = ("trang_song", "lom_song", "co_song", "unknown")
GRADES: Final = ("measured", "inferred", "modelled", "none")
POWERS: Final = ("grid", "no_grid", "unknown")
FUNDING_ROUTES: Final = (
    "wait_for_grid_or_solar",
    "universal_service_fund",
    "carrier",
    "unknown",
)
AREA_KINDS: Final = ("hamlet", "area")
"""An `area` (a square of a grid, a stretch of road, a field) is judged like a hamlet, but nobody lives there."""
GEOMETRY_SOURCES: Final = ("surveyed", "derived", "grid")
CLUSTER_KINDS: Final = ("centre", "dwellings")
REPAIR_COLUMNS: Final = ("file", "row", "hamlet_id", "name", "problem", "repair")
ANY_CARRIER: Final = "any"
NO_CARRIER: Final = ""
"""The carrier of a no-service observation that belongs to none."""


def _text(
    *, nullable: bool = False, values: tuple[str, ...] = (), unique: bool = False
) -> pa.Column:
    checks = [pa.Check.isin(values)] if values else []
    return pa.Column(str, checks=checks, nullable=nullable, unique=unique)


def _number(
    *, nullable: bool = True, low: float | None = None, high: float | None = None
) -> pa.Column:
    checks = []
    if low is not None:
        checks.append(pa.Check.ge(low))
    if high is not None:
        checks.append(pa.Check.le(high))
    return pa.Column(float, checks=checks, nullable=nullable)


def _count(*, nullable: bool = False) -> pa.Column:
    return pa.Column("Int64" if nullable else "int64", checks=pa.Check.ge(0), nullable=nullable)


def _flag() -> pa.Column:
    return pa.Column("boolean", nullable=True)


_GEOMETRY = pa.Column("geometry")

HAMLETS: Final = pa.DataFrameSchema(
    {
        "hamlet_id": _text(unique=True),
        "name": _text(),
        "commune_code": _text(nullable=True),
        "commune_name": _text(nullable=True),
        "households": _count(nullable=True),
        "people_listed": _count(nullable=True),  # the list's own figure
        "extremely_difficult": _flag(),  # thôn đặc biệt khó khăn
        "kind": _text(values=AREA_KINDS),
        "geometry_source": _text(values=GEOMETRY_SOURCES),
        "centre_lon": _number(low=-180, high=180),  # culture house, where it is known
        "centre_lat": _number(low=-90, high=90),
        "geometry": _GEOMETRY,
    },
    strict=True,
    name="hamlets",
)

SAMPLES: Final = pa.DataFrameSchema(
    {
        "time": pa.Column("datetime64[ms, UTC]", nullable=True),
        "lon": _number(nullable=False, low=-180, high=180),
        "lat": _number(nullable=False, low=-90, high=90),
        "accuracy_m": _number(low=0),
        "plmn": _text(nullable=True),  # "452-04"; null where the observation belongs to no carrier
        "technology": _text(nullable=True, values=TECHNOLOGIES),  # null on a row without service
        "rsrp_dbm": _number(low=-160, high=-20),
        "level_dbm": _number(low=-160, high=-10),  # 2G RXLEV or 3G RSCP
        "no_service": pa.Column(bool),
        "device": _text(nullable=True),
        "source": _text(),
        # Serving cell: CI, UTRAN cell id, ECI or NCI; null where the source does not name it.
        "cell": pa.Column("Int64", checks=pa.Check.gt(0), nullable=True, required=False),
    },
    strict=True,
    name="samples",
)

CROSSINGS: Final = pa.DataFrameSchema(
    {
        "device": _text(),
        "carrier": _text(),
        "day": _count(),  # since 1970, in UTC, at the start
        "from_x": pa.Column("int64"),  # cells of 1/1600 degree, as those of witnesses
        "from_y": pa.Column("int64"),
        "to_x": pa.Column("int64"),
        "to_y": pa.Column("int64"),
        "seconds": _count(),  # from the last observation before to the first one after
        "metres": _count(),  # between the two cells
        "fixes_around": _count(),  # more observations in the 5 minutes before and the 5 after
    },
    strict=True,
    name="crossings",
)
"""Gaps that devices crossed: with service of this carrier on both sides, and no observation on the way.

At the pace of the minutes around it, a hole of `seconds` would have seen `fixes_around × seconds / 600` observations.
The table is empty where sources name no devices, or days without a time.
"""

POSITIONS: Final = ("exact", "estimated")

CELLS: Final = pa.DataFrameSchema(
    {
        "site_id": _text(),  # as the file names the cell or the site
        "plmn": _text(),
        "technology": _text(values=TECHNOLOGIES),
        "lon": _number(nullable=False, low=-180, high=180),
        "lat": _number(nullable=False, low=-90, high=90),
        "position": _text(values=POSITIONS),
        "range_m": _number(low=0),  # how far from an estimated position the cell was heard
        "n_samples": _count(nullable=True),
        "area": _count(nullable=True),  # LAC or TAC
        "cell": _count(nullable=True),  # CI, UTRAN cell id, ECI or NCI
        "azimuth_deg": _number(low=0, high=360),
        "downtilt_deg": _number(low=-90, high=90),
        "height_m": _number(low=0),
        "frequency_mhz": _number(low=0),
        "power_dbm": _number(),
        "updated": pa.Column("datetime64[ms, UTC]", nullable=True),
        "first_seen": pa.Column("datetime64[ms, UTC]", nullable=True, required=False),
    },
    strict=True,
    name="cells",
)

SITES: Final = pa.DataFrameSchema(
    {
        "place_id": _text(),  # one for the masts of all carriers that share a place
        "site_id": _text(),  # a carrier's mast; its sectors and technologies are rows of one name and position
        "plmn": _text(),
        "technology": _text(values=TECHNOLOGIES),
        "lon": _number(nullable=False, low=-180, high=180),
        "lat": _number(nullable=False, low=-90, high=90),
        "position": _text(values=POSITIONS),
        "position_error_m": _number(low=0),  # root mean square; 0 where stated, null where unknown
        "n_cells": _count(),
        "n_samples": _count(nullable=True),
        "azimuth_deg": _number(low=0, high=360),  # null: not known, taken as every direction
        "downtilt_deg": _number(low=-90, high=90),
        "height_m": _number(low=0),
        "frequency_mhz": _number(low=0),
        "power_dbm": _number(),
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
        "hamlet_id": _text(unique=True),
        "power": _text(values=POWERS),
        "power_source": _text(nullable=True),
        "power_as_of": _text(nullable=True),  # ISO date, as far as it is known
    },
    strict=True,
    name="power",
)

CLUSTERS: Final = pa.DataFrameSchema(
    {
        "cluster_id": _text(unique=True),
        "hamlet_id": _text(),
        "kind": _text(values=CLUSTER_KINDS),
        "is_centre": pa.Column(bool),  # the culture house stands here
        "people": _number(low=0),
        "interest_weight": pa.Column(float, checks=pa.Check.ge(0), required=False),  # added to 1
        "service_area": pa.Column(str, nullable=True, required=False),  # of `SERVICE_AREAS`
        "geometry": _GEOMETRY,
    },
    strict=True,
    name="clusters",
)

ASSESSMENT: Final = pa.DataFrameSchema(
    {
        "hamlet_id": _text(),
        "cluster_id": _text(),  # empty on the row of the whole hamlet
        "carrier": _text(),
        "plmn": _text(nullable=True),  # null for "any"
        "technology": _text(values=TECHNOLOGIES),
        "class": _text(values=CLASSES),
        "quality_uncertain": pa.Column(bool),
        "evidence": _text(values=GRADES),
        "p_served": _number(low=0, high=1),
        "p_served_low": _number(low=0, high=1),
        "p_served_high": _number(low=0, high=1),
        "rsrp_median_dbm": _number(),
        "rsrp_p10_dbm": _number(),
        "n_samples": _count(nullable=True),
        "n_no_service": _count(nullable=True),
        "n_devices": _count(nullable=True),
        "n_days": _count(nullable=True),
        "newest": _text(nullable=True),  # ISO date
        "people": _number(low=0),
    },
    strict=True,
    unique=["hamlet_id", "cluster_id", "carrier", "technology"],
    name="assessment",
)

CORRECTED_BY: Final = ("propagation+residual", "propagation", "samples")
"""What a corrected level follows from: sites, terrain and samples nearby; sites and terrain alone, as samples elsewhere
straighten them; samples alone, where no sites of the carrier are known."""

PREDICTED: Final = pa.DataFrameSchema(
    {
        "cluster_id": _text(),
        "hamlet_id": _text(),
        "carrier": _text(),
        "technology": _text(values=TECHNOLOGIES),
        "level_dbm": _number(),  # what half of the dwellings receive outdoors; null: no site in reach
        "sigma_db": _number(low=0),  # shadow fading and the mast's uncertain place together
        # The same as samples outside of the cluster correct it, 4G alone; null: nothing follows from them.
        "corrected_dbm": _number(),
        "corrected_sigma_db": _number(low=0),
        "corrected_by": _text(nullable=True, values=CORRECTED_BY),
        "site_id": _text(nullable=True),  # the strongest known site there
        "distance_m": _number(low=0),
        "blocked": _flag(),  # whether the ground reaches the direct line; null: terrain not known
        "ridge_lon": _number(low=-180, high=180),  # the point that obstructs most
        "ridge_lat": _number(low=-90, high=90),
        "ridge_ground_m": _number(),
        "ridge_excess_m": _number(),  # above the direct line; negative: below it
    },
    strict=True,
    unique=["cluster_id", "carrier", "technology"],
    name="predicted",
)

SILENCES: Final = ("others_heard", "older_heard", "passed", "nobody_heard")
"""Phones of other carriers were heard and none of its own; its own on older technology only; nobody at all."""

GROUNDS: Final = pa.DataFrameSchema(
    {
        "cluster_id": _text(),
        "hamlet_id": _text(),
        "carrier": _text(),
        "silence": _text(
            nullable=True, values=SILENCES
        ),  # null: not silent in 4G, or it tells nothing
        "silence_ratio": _number(
            low=0, high=1
        ),  # P(so silent | served) / P(so silent | not served)
        "n_devices": _count(nullable=True),  # that were heard while the carrier's 4G was silent
        "n_days": _count(nullable=True),  # on which they were
        "expected_dbm": _number(),  # by sites, terrain and other hamlets; null: no site in reach
        "expected_sigma_db": _number(low=0),
        "p_expected": _number(low=0, high=1),  # P(served) by that alone
    },
    strict=True,
    unique=["cluster_id", "carrier"],
    name="grounds",
)

CELL_SIZES: Final = (1, 2, 4, 8)
"""Sides of the squares of `MEASURED_CELLS` in cells of 1/1600 degree: 69, 139, 278 and 556 m of latitude."""
SAMPLE_BANDS: Final = (1, 10, 100, 1000)
"""Lower ends of the bands in which the number of samples in a square is told."""

MEASURED_CELLS: Final = pa.DataFrameSchema(
    {
        "carrier": _text(),
        "technology": _text(values=TECHNOLOGIES),
        "size": pa.Column("int64", checks=pa.Check.isin(CELL_SIZES)),
        "column": pa.Column("int64"),  # the west edge lies at column * size / 1600 degree
        "row": pa.Column("int64"),  # the south edge lies at row * size / 1600 degree
        "rsrp_median_dbm": _number(),  # of the samples with service; null for 2G and 3G
        "no_service_share": _number(nullable=False, low=0, high=1),  # in whole tenths
        "n_samples_at_least": pa.Column("int64", checks=pa.Check.isin(SAMPLE_BANDS)),
    },
    strict=True,
    unique=["carrier", "technology", "size", "column", "row"],
    name="measured_cells",
)

GAPS: Final = pa.DataFrameSchema(
    {
        "hamlet_id": _text(unique=True),
        "name": _text(),
        "commune_code": _text(nullable=True),
        "commune_name": _text(nullable=True),
        "kind": _text(values=AREA_KINDS),
        "households": _count(nullable=True),
        "people": _number(low=0),
        "people_raster": _number(low=0),
        "class": _text(values=CLASSES),
        "quality_uncertain": pa.Column(bool),
        "official_class": _text(values=OFFICIAL_CLASSES),
        "evidence": _text(values=GRADES),
        "p_served": _number(low=0, high=1),
        "power": _text(values=POWERS),
        "power_source": _text(nullable=True),
        "power_as_of": _text(nullable=True),
        "extremely_difficult": _flag(),
        "gap_no_grid": _flag(),  # null where class or power is unknown
        "funding_route": _text(values=FUNDING_ROUTES),
        "priority": _number(low=0),
        "priority_severity": _number(low=0),
        "priority_people": _number(low=0),
        "priority_no_grid": _number(low=0),
        "priority_difficult": _number(low=0),
        "people_unserved": _number(low=0),
        "people_unknown": _number(low=0),
        "geometry_source": _text(values=GEOMETRY_SOURCES),
        "geometry": _GEOMETRY,
    },
    strict=True,
    name="gaps",
)

SERVICE_AREAS: Final = pa.DataFrameSchema(
    {
        "service_area": _text(unique=True),
        "n_clusters": _count(),
        "n_hamlets": _count(),
        "people_waiting": _number(low=0),
        "people_no_grid": _number(low=0),  # of those
        "people_difficult": _number(low=0),  # of those, in extremely difficult hamlets
        "hamlets": _text(),  # their names, most people first
        "geometry": _GEOMETRY,
    },
    strict=True,
    name="service_areas",
)

EXISTING_USES: Final = ("new_technology", "lower_band_or_carrier")
"""At a known mast without 4G, its first 4G; with 4G, a lower band, or another carrier's radio."""
BACKHAULS: Final = ("existing", "microwave", "relay", "fibre", "unknown")

CANDIDATES: Final = pa.DataFrameSchema(
    {
        "site_id": _text(unique=True),
        "rank": _count(nullable=True),  # 1 is built first; null where not selected
        "selected": pa.Column(bool),
        "geometry": _GEOMETRY,
        "ground_m": _number(),
        "mast_m": _number(low=0),
        "carrier": _text(),  # a carrier, or "shared"
        "existing_site": _text(nullable=True),  # known site whose mast is shared; null: a new mast
        "existing_carriers": _text(nullable=True),  # whose radio hangs there, joined by "/"
        "existing_use": _text(nullable=True, values=EXISTING_USES),  # what would be added there
        "cluster_of_demand": _text(),
        "people_gained": _number(
            low=0
        ),  # newly served when built at its rank; alone, where not selected
        "people_expected": _number(
            low=0
        ),  # the same counted by chances: of being without service now, and of being served then
        "hamlets_gained": _count(),
        "people_covered": _number(low=0),  # alone, whoever else covers them
        "cost_vnd": _number(low=0),  # investment: the sum of radio to backhaul
        "cost_radio_vnd": _number(low=0),
        "cost_mast_vnd": _number(low=0),
        "cost_civil_vnd": _number(low=0),
        "cost_power_vnd": _number(low=0),
        "cost_backhaul_vnd": _number(low=0),
        "cost_operation_vnd": _number(low=0),  # in a year, on top
        "cost_present_vnd": _number(
            low=0
        ),  # investment, years of operation and new batteries, discounted
        "cost_vnd_per_person": _number(low=0),
        "road_distance_m": _number(low=0),
        "grid_distance_m": _number(low=0),
        "power_solution": _text(values=("grid", "solar", "unknown")),
        "backhaul_site": _text(nullable=True),
        "backhaul_distance_m": _number(low=0),
        "backhaul_clear": _flag(),  # of the direct way
        "backhaul_kind": _text(values=BACKHAULS),
        "backhaul_clearance": _number(),  # free radii of the first Fresnel zone at the worst point
        "backhaul_loss_db": _number(low=0),  # that the worst point costs the direct way
        "backhaul_relay_lon": _number(low=-180, high=180),  # a relay between, where one is needed
        "backhaul_relay_lat": _number(low=-90, high=90),
        "backhaul_exact": _flag(),  # whether the far mast stands where it is said to
        "score": _number(low=0),
        "score_people": _number(low=0),
        "score_no_grid": _number(low=0),
        "score_difficult": _number(low=0),
        "score_interest": _number(low=0),
        "stability": _number(low=0, high=1),  # share of drawn worlds in which the place is chosen
        # the same, places that serve mostly the same people counted as one
        "stability_alike": _number(low=0, high=1),
        "rank_low": _count(nullable=True),  # nine in ten of its ranks there lie between these
        "rank_high": _count(nullable=True),
    },
    strict=True,
    name="candidates",
)


_Table = TypeVar("_Table", bound=pd.DataFrame)


def checked(table: _Table, schema: pa.DataFrameSchema) -> _Table:
    """Return the table with the schema's column order, or raise `DefectError` naming what breaks it.

    Faults of users are found and told in `ingest`; what fails here is our own doing. Geometry is never coerced.
    """
    ordered = table[[c for c in schema.columns if c in table]]
    if len(ordered.columns) != len(table.columns):
        surplus = sorted(set(table.columns) - set(schema.columns))
        raise DefectError(f"table {schema.name} has columns nobody knows: {surplus}")
    try:
        schema.validate(ordered, lazy=True)
    except SchemaErrors as broken:
        cases = broken.failure_cases[["column", "check", "failure_case"]].head(5).to_dict("records")
        raise DefectError(f"table {schema.name}: {cases}") from broken
    return ordered


COVERAGE: Final = pa.DataFrameSchema(
    {
        "site_id": _text(),  # a candidate of `CANDIDATES`
        "cluster_id": _text(),
        "newly_served": pa.Column(bool),  # by this site when it is built at its rank
        "people": _number(low=0),  # of the cluster
    },
    strict=True,
    unique=["site_id", "cluster_id"],
    name="coverage",
)


CHANCES: Final = pa.DataFrameSchema(
    {
        "site_id": _text(),  # a candidate of `CANDIDATES`
        "cluster_id": _text(),
        "p_covered": _number(nullable=False, low=0, high=1),  # that the site alone would serve it
    },
    strict=True,
    unique=["site_id", "cluster_id"],
    name="chances",
)


FOOTPRINTS: Final = pa.DataFrameSchema(
    {
        "site_id": _text(unique=True),  # a selected candidate of `CANDIDATES`
        "area_km2": _number(nullable=False, low=0),  # ground that it serves outdoors
        "geometry": _GEOMETRY,
    },
    strict=True,
    name="footprints",
)


def empty(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return a table of a schema without rows; with a geometry column it is a GeoDataFrame in WGS 84."""
    columns = {
        name: pd.Series(dtype=str(column.dtype))
        for name, column in schema.columns.items()
        if name != "geometry"
    }
    if "geometry" in schema.columns:
        places: pd.DataFrame = gpd.GeoDataFrame(columns, geometry=[], crs=4326)
        return checked(places, schema)
    return checked(pd.DataFrame(columns), schema)


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


def chosen(table: pd.DataFrame, wanted: pd.Series | npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return some rows of a table; where all are wanted, the table itself, for copies of millions of rows cost memory."""
    return table if bool(np.all(wanted)) else table[wanted]
