"""Say what a project brings: the sections of its files."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lomsong.config.section import NotNegative, Patterns, Positive, Section


class ProjectSection(Section):
    """What the run is called and how it speaks."""

    name: str = Field(min_length=1, max_length=200, description="shown on the map and in the lists")
    as_of: dt.date | None = Field(
        None, description="ages are counted from this day; default: the newest day in the data"
    )
    language: Literal["vi", "en"] = Field("vi", description="language of the outputs")
    synthetic: bool = Field(
        default=False, description="true marks every output as made from synthetic data"
    )


class HamletsSection(Section):
    """Areas to judge: polygons, or points with commune polygons from which areas are derived."""

    path: Patterns = Field(
        description="GeoPackage, GeoJSON, Shapefile, GeoParquet or KML; for points also CSV and XLSX"
    )
    layer: str | None = Field(None, description="layer of a GeoPackage or KML that holds several")
    crs: str | None = Field(
        None, description='CRS where the file states none, as "EPSG:5897"; never overrides the file'
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="hamlet_id, name, commune_code, commune_name, households, people, "
        "extremely_difficult; lon, lat of a table of points",
    )
    communes: str | None = Field(
        None, description="commune polygons, needed where hamlets are points"
    )
    communes_layer: str | None = Field(None, description="layer of the commune polygons")
    communes_crs: str | None = Field(
        None, description="CRS of the commune file where it states none"
    )
    commune_columns: dict[str, str] = Field(
        default_factory=dict, description="commune_code, commune_name"
    )
    radius_m: Positive = Field(
        3000.0, description="areas derived from points end at this distance [m] (assumption)"
    )
    centres: str | None = Field(
        None, description="culture houses, joined by hamlet_id or, without one, by place"
    )
    centres_layer: str | None = Field(None, description="layer of the culture houses")
    centres_crs: str | None = Field(
        None, description="CRS of the centres file where it states none"
    )


class AreasSection(Section):
    """Squares to judge where there are no boundaries: roads, fields, forest. Nobody lives in them."""

    square_m: Annotated[float, Field(ge=20)] = Field(200.0, description="side of a square [m]")


class SignalSection(Section):
    """A set of files with samples."""

    path: Patterns = Field(description="files; plain, gz or zip; the format is found by content")
    format: str | None = Field(
        None, description='format, where it is not to be found by content: "csv"'
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="for a csv or parquet of your own: time, lon, lat, accuracy_m, plmn (or mcc, mnc), "
        "technology, rsrp_dbm, level_dbm, no_service, device",
    )
    timezone: str = Field(
        "Asia/Ho_Chi_Minh", description="zone of times that state none (phones log local time)"
    )
    plmn: str | None = Field(
        None, description='carrier of all rows, "452-04", where the files do not say it'
    )
    device: str | None = Field(None, description="device of all rows, where the files name none")


class SitesSection(Section):
    """Known cells: a cells export or a carrier's own list."""

    path: Patterns = Field(description="cells export (OpenCelliD), or csv/xlsx/vector with columns")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="site_id, plmn, technology, lon, lat, azimuth_deg, downtilt_deg, height_m, frequency_mhz, "
        "power_dbm",
    )
    minimum_samples: Annotated[int, Field(ge=0)] = Field(
        5,
        description="estimated masts with fewer observations of all their cells are left out (assumption)",
    )
    shared_within_m: NotNegative = Field(
        100.0,
        description="masts nearer to each other than this [m] share a place; Hải Dương asks for 100 m in towns and "
        "400 m outside, else to share",
    )


class PowerSection(Section):
    """Who has grid power, and how that is known."""

    list: str | None = Field(None, description="list by hamlet: csv or xlsx")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="hamlet_id, or name and commune_code or commune_name; power",
    )
    source: str | None = Field(None, description="who made the list; default: its file name")
    as_of: dt.date | None = Field(None, description="date of the list")
    lines: str | None = Field(
        None, description="lines or points of the grid; distances for cost, never a decision"
    )
    lines_crs: str | None = Field(None, description="CRS of the lines where the file states none")
    lights: str | None = Field(None, description="night lights raster [nW/cm2/sr]")
    lit_threshold: Positive = Field(
        1.0,
        description="night light [nW/cm2/sr] from which a hamlet counts as lit (secondary source); "
        "darkness decides nothing",
    )


class TerrainSection(Section):
    """Height above sea level."""

    path: Patterns = Field(description="GeoTIFF or HGT (plain, gz, zip), one tile or many")
    fill: Patterns | None = Field(None, description="a second source where the first has voids")


class PeopleSection(Section):
    """How many people live where."""

    raster: str | None = Field(None, description="population raster")
    unit: Literal["people_per_pixel", "people_per_km2"] | None = Field(
        None, description="what a pixel counts: people_per_pixel or people_per_km2; must be stated"
    )
    buildings: str | None = Field(None, description="dwellings, points or footprints, for clusters")
    buildings_crs: str | None = Field(
        None, description="CRS of the buildings where the file states none"
    )

    @model_validator(mode="after")
    def _raster_needs_unit(self) -> "PeopleSection":
        if self.raster and not self.unit:
            raise ValueError('unit is missing: say "people_per_pixel" or "people_per_km2"')
        return self
