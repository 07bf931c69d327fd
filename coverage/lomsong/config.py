"""Read the project file into frozen settings; unknown keys are refused, each default names its source."""

import datetime as dt
import difflib
import glob
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from lomsong.errors import Fault, Faults, InputError


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Patterns = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
"""One path or several, relative to the project file, globs allowed."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
MastHeight = Annotated[float, Field(ge=1, le=200)]


class Section(BaseModel):
    """What every section shares: it cannot change, and a misspelt key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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


class LevelsSection(Section):
    """From which level a place counts as served, and as good."""

    minimum_rsrp_dbm: float = Field(
        -121.0, description="served from here [dBm]; QCVN 81:2019 (chưa đối chiếu văn bản)"
    )
    good_rsrp_dbm: float = Field(-105.0, description="good from here [dBm] (assumption)")
    minimum_level_2g_dbm: float = Field(-102.0, description="RXLEV for 2G [dBm] (assumption)")
    good_level_2g_dbm: float = Field(-90.0, description="good RXLEV for 2G [dBm] (assumption)")
    minimum_level_3g_dbm: float = Field(-110.0, description="RSCP for 3G [dBm] (assumption)")
    good_level_3g_dbm: float = Field(-95.0, description="good RSCP for 3G [dBm] (assumption)")

    @model_validator(mode="after")
    def _good_is_above_minimum(self) -> "LevelsSection":
        pairs = (
            ("rsrp", self.minimum_rsrp_dbm, self.good_rsrp_dbm),
            ("level_2g", self.minimum_level_2g_dbm, self.good_level_2g_dbm),
            ("level_3g", self.minimum_level_3g_dbm, self.good_level_3g_dbm),
        )
        for name, minimum, good in pairs:
            if good < minimum:
                raise ValueError(
                    f"good_{name}_dbm ({good}) lies below minimum_{name}_dbm ({minimum})"
                )
        return self


class EvidenceSection(Section):
    """What counts as evidence, and how sure a class has to be."""

    catchment_m: Positive = Field(
        250.0, description="a sample speaks for the nearest cluster within this distance [m]"
    )
    cluster_gap_m: Positive = Field(
        150.0,
        description="dwellings further apart than this [m] form clusters of their own (assumption)",
    )
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = Field(
        0.9, description="a class is given when its probability reaches this"
    )
    maximum_accuracy_m: Positive = Field(
        100.0, description="samples placed worse than this [m] are left out (assumption)"
    )
    carriers: tuple[str, ...] | None = Field(
        None,
        description='judge these carriers only, as ["viettel", "vnpt"]; default: all in the data',
    )
    decide_by: tuple[Literal["measured", "inferred", "modelled"], ...] = Field(
        ("measured", "inferred", "modelled"),
        description="what may decide a class: measured (samples there), inferred (silence where others are heard), "
        "modelled (known sites over terrain); samples always count",
    )
    silence: tuple[Literal["others_heard", "older_heard", "nobody_heard"], ...] = Field(
        ("others_heard", "older_heard", "nobody_heard"),
        description="kinds of silence that count where inferred evidence decides",
    )
    store: str | None = Field(
        None,
        description="folder that keeps what each file counted, so that a new month is added without reading the old "
        "ones again; what it holds counts, until you delete it",
    )


class TechnologiesSection(Section):
    """Technologies that end: what is off counts as no service, and who loses the last one is told."""

    switched_off: tuple[Literal["2G", "3G", "4G", "5G"], ...] | None = Field(
        None,
        description='tell who loses the last service without these, as ["2G", "3G"]; default: the next one to end',
    )
    last_day: dict[Literal["2G", "3G", "4G", "5G"], dt.date] | None = Field(
        None,
        description='last day on air, as { "3G" = 2028-09-30 }; default in Vietnam: 2G 2026-09-15 (TT 03 and 04/2024), '
        "3G 2028-09-30 (planned for that month)",
    )


class PrivacySection(Section):
    """What may be published about the people who measured."""

    minimum_devices: Annotated[int, Field(ge=1)] = Field(
        3,
        description="sample statistics are published where at least so many devices stand behind them",
    )
    publish_without_devices: bool = Field(
        default=False, description="publish statistics also where the source names no device"
    )
    salt: str = Field(
        "", description="secret mixed into device hashes; keep it out of shared files"
    )


class PrioritySection(Section):
    """Weights of the parts of the priority score; each part lies between 0 and its weight."""

    severity: NotNegative = Field(
        30.0, description="no signal 1, partial 2/3, weak 1/3 (assumption)"
    )
    people: NotNegative = Field(
        40.0, description="people unserved, against people_scale (assumption)"
    )
    no_grid: NotNegative = Field(15.0, description="no grid power (assumption)")
    difficult: NotNegative = Field(15.0, description="thôn đặc biệt khó khăn (assumption)")
    people_scale: Positive = Field(
        500.0, description="people unserved that earn the whole weight (assumption)"
    )


class SurveySection(Section):
    """Where teams go to measure next."""

    places_per_day: Annotated[int, Field(ge=1, le=100)] = Field(
        6, description="places that a team measures on one day (assumption)"
    )
    days: Annotated[int, Field(ge=1)] = Field(
        5, description="days planned for the team of each commune; later places have no day"
    )
    spots_per_place: Annotated[int, Field(ge=1, le=9)] = Field(
        4,
        description="spots measured at a place; three that agree decide a cluster, four a hamlet of three clusters",
    )
    people_exponent: Share = Field(
        0.5,
        description="how much people weigh: 1 plans for people, 0 for places, which official lists count (assumption)",
    )
    walk_m: NotNegative = Field(
        2000.0, description="a way longer than this [m] is driven (assumption)"
    )


class SitingSection(Section):
    """How new sites are looked for."""

    max_sites: Annotated[int, Field(ge=0)] | None = Field(
        10,
        description="at most so many new sites; leave out and give budget_vnd for a budget alone",
    )
    budget_vnd: NotNegative | None = Field(None, description="at most this much money [VND]")
    target_share: Share | None = Field(
        None,
        description="instead of the most people: the cheapest plan that serves this share of those who wait, "
        "if the limits allow it",
    )
    radius_m: Annotated[float, Field(gt=0, le=50_000)] = Field(
        8000.0,
        description="a site is looked at this far [m]; terrain decides inside it (assumption)",
    )
    places: Patterns | None = Field(
        None,
        description="points that are always candidates, with a name or without; any file of points",
    )
    forbidden: Patterns | None = Field(
        None,
        description="polygons in which nothing is built: protected forest, border strip",
    )
    roads: Patterns | None = Field(
        None, description="roads, for the cost of access and for candidates beside them"
    )
    near_road_m: NotNegative = Field(
        200.0,
        description="ground this near to a road or a power line [m] is beside it (assumption)",
    )
    interest: dict[str, Patterns] = Field(
        default_factory=dict,
        description='points of interest by kind, as { school = "schools.gpkg", clinic = "clinics.csv" }',
    )
    interest_within_m: NotNegative = Field(
        1000.0, description="a point of interest speaks for clusters this near [m] (assumption)"
    )
    interest_weight: NotNegative = Field(
        0.1,
        description="people near a point of interest count for so much more, for each kind (assumption)",
    )
    group_span_m: Positive = Field(
        6000.0,
        description="no group of demand is wider than this [m]: one site in its middle would serve 3 km (assumption)",
    )
    group_distance_m: Positive = Field(
        1500.0,
        description="unserved clusters closer than this [m] form one group of demand (assumption)",
    )
    search_radius_m: Positive = Field(
        3000.0, description="candidates stand within this distance [m] of their group (assumption)"
    )
    candidates_per_group: Annotated[int, Field(ge=1)] = Field(
        12,
        description="so many are looked at for each group: known masts; high ground; high ground beside roads and "
        "power lines (assumption)",
    )
    max_candidates: Annotated[int, Field(ge=1)] = Field(
        400,
        description="places looked at in all; the groups with most people have their first, then their second, "
        "and so on (assumption)",
    )
    masts_m: Annotated[tuple[MastHeight, ...], Field(min_length=1)] = Field(
        (30.0, 42.0, 60.0),
        description="heights of a new mast to choose from [m] (42 m usual, 60 m the highest guyed; unverified)",
    )
    receiver_m: Annotated[float, Field(ge=1, le=3000)] = Field(
        1.5, description="height of a phone [m]"
    )
    bands: Annotated[tuple[Literal["B28", "B8", "B3", "B1"], ...], Field(min_length=1)] = Field(
        ("B3",),
        description="4G bands of a new site, the strongest counts: B28 (700 MHz), B8 (900), B3 (1800), B1 (2100)",
    )
    transmit_power_dbm: Annotated[float, Field(ge=-20, le=60)] = Field(
        46.0, description="power of a sector [dBm]; 20 to 40 W are usual (assumption)"
    )
    antenna_gain_dbi: Annotated[float, Field(ge=-10, le=35)] = Field(
        17.0, description="gain of a sector antenna [dBi]; 15 to 18 are usual (assumption)"
    )
    losses_db: Annotated[float, Field(ge=0, le=30)] = Field(
        3.0, description="feeder, connectors, combiner [dB]; 2 to 4 are usual (assumption)"
    )
    cell_edge_probability: Annotated[float, Field(ge=0.5, lt=1)] = Field(
        0.9,
        description="a cluster counts as served by a new site where its median dwelling reaches the minimum level "
        "with this probability (assumption)",
    )
    shadow_sigma_db: NotNegative = Field(
        8.0, description="shadow fading [dB]; 3GPP TR 36.814 table A.2.1.1-3, macro cells"
    )
    indoor_loss_db: NotNegative = Field(
        0.0,
        description="to serve people inside their houses add what walls take [dB]: 10 to 20, 12 for light rural houses "
        "(assumption); by default service is meant outdoors, as classes are",
    )
    in_vehicle_loss_db: NotNegative = Field(
        0.0, description="to serve people inside vehicles add this [dB]: 10 to 20 (assumption)"
    )
    existing_uncertainty_m: NotNegative = Field(
        100.0,
        description="known masts placed at least this well [m] are candidates for sharing (assumption)",
    )
    carrier: str | None = Field(
        None,
        description="plan for those whom this carrier does not serve; leave out for those whom no carrier serves",
    )
    roaming: bool = Field(
        default=False,
        description="let one carrier run all new sites of a service area, while those of the others roam there",
    )
    optimality_gap: Share = Field(
        0.0, description="the search may stop when at most this share more is possible"
    )
    search_nodes: Annotated[int, Field(ge=1)] = Field(
        200, description="the search stops after so many nodes; the gap that is left is told"
    )
    stability_draws: Annotated[int, Field(ge=0)] = Field(
        200, description="worlds drawn to see which sites are always chosen; 0 for none"
    )
    include_unknown: bool = Field(
        default=False,
        description="count people whose service is unknown as demand too, even where they are likelier to have it",
    )


class CostSection(Section):
    """What a site costs; figures to be replaced by the carrier's own. Those in USD are at VND 25,000."""

    radio_vnd: NotNegative = Field(
        640_000_000.0,
        description="three sectors, baseband, router [VND]; USD 25,500 (Oughton, pobis)",
    )
    mast_vnd_per_m: NotNegative = Field(
        6_000_000.0, description="mast [VND per m]; USD 10,000 for 42 m (Oughton, pobis)"
    )
    civil_vnd: NotNegative = Field(
        375_000_000.0,
        description="civil works, transport, installation [VND]; USD 15,000 (Oughton, pobis)",
    )
    road_vnd_per_km: NotNegative = Field(
        500_000_000.0,
        description="access from the nearest road, part of the civil works [VND/km] (assumption, unverified)",
    )
    power_vnd: NotNegative = Field(
        125_000_000.0,
        description="power equipment of every site [VND]; USD 5,000 (Oughton, pobis)",
    )
    grid_vnd_per_km: NotNegative = Field(
        400_000_000.0, description="grid connection [VND/km] (assumption)"
    )
    grid_reach_m: NotNegative = Field(
        3000.0,
        description="further from the grid than this [m] a site gets solar (2 to 5 km, unverified)",
    )
    solar_vnd: NotNegative = Field(
        900_000_000.0, description="solar with battery [VND] (USD 20-50 thousand, unverified)"
    )
    microwave_vnd: NotNegative = Field(
        250_000_000.0,
        description="microwave hop up to 15 km [VND], twice that up to 30 km, four times that per 30 km beyond; "
        "USD 10,000 (Oughton, pobis)",
    )
    microwave_reach_m: NotNegative = Field(
        30_000.0, description="no microwave hop is longer than this [m] (Oughton, pobis)"
    )
    relay_vnd: NotNegative = Field(
        600_000_000.0,
        description="relay on a ridge between two hops: small mast, solar, access [VND] (assumption, unverified)",
    )
    relay_mast_m: MastHeight = Field(
        15.0, description="height of a relay's antennas [m] (assumption)"
    )
    microwave_hops: Annotated[int, Field(ge=1, le=10)] = Field(
        3,
        description="hops between a new site and a known one, over other new sites where that costs less (assumption)",
    )
    fibre_reach_m: NotNegative = Field(
        30_000.0,
        description="no fibre is laid further than this [m]; such a site needs a hop to another new one (assumption)",
    )
    transmission_vnd_per_km: NotNegative = Field(
        500_000_000.0,
        description="fibre where no hop is clear [VND/km]; Tuyên Quang names about 0.5 bn",
    )
    operation_share: Share = Field(
        0.1, description="operation in a year as a share of the investment (Oughton, pobis)"
    )
    years: Annotated[int, Field(ge=0, le=50)] = Field(
        10, description="years of operation in the net present cost (Oughton, pobis)"
    )
    discount_rate: Share = Field(
        0.05, description="interest at which later costs are discounted (Oughton, pobis)"
    )


class Settings(Section):
    """A whole project file."""

    project: ProjectSection
    hamlets: HamletsSection | None = None
    areas: AreasSection | None = None
    signal: tuple[SignalSection, ...] = ()
    sites: SitesSection | None = None
    power: PowerSection | None = None
    terrain: TerrainSection | None = None
    people: PeopleSection | None = None
    levels: LevelsSection = LevelsSection()
    evidence: EvidenceSection = EvidenceSection()
    technologies: TechnologiesSection = TechnologiesSection()
    privacy: PrivacySection = PrivacySection()
    priority: PrioritySection = PrioritySection()
    survey: SurveySection = SurveySection()
    siting: SitingSection = SitingSection()
    cost: CostSection = CostSection()

    @model_validator(mode="after")
    def _something_to_judge(self) -> "Settings":
        if self.hamlets is None and self.areas is None:
            raise ValueError("neither [hamlets] nor [areas] is given, so there is nothing to judge")
        if self.hamlets is None and not self.signal:
            raise ValueError("[areas] makes its squares where samples are: give [[signal]] too")
        if self.areas is not None and self.evidence.store is not None:
            raise ValueError(
                "[areas] depends on all samples, so evidence.store cannot keep old ones"
            )
        return self


@dataclass(frozen=True)
class Project:
    """A project file that has been read: its settings, and where its relative paths start."""

    settings: Settings
    file: Path

    @property
    def folder(self) -> Path:
        """Folder that relative paths start from."""
        return self.file.parent

    def files(self, patterns: str | tuple[str, ...], *, key: str) -> tuple[Path, ...]:
        """Return the files that patterns name, sorted, each once; raise `InputError` where one names none."""
        faults = Faults()
        found: dict[Path, None] = {}
        for pattern in (patterns,) if isinstance(patterns, str) else patterns:
            named = self.folder / pattern
            # Path.glob refuses absolute patterns, which a project file may well hold.
            hits = [str(named)] if named.exists() else glob.glob(str(named), recursive=True)  # noqa: PTH207 -- see above
            matches = sorted(map(Path, hits))
            if not matches:
                faults.add(
                    "no such file",
                    "Mend the path; it is relative to the project file",
                    file=self.file,
                    column=key,
                    value=pattern,
                )
            found.update(dict.fromkeys(matches))
        faults.raise_if_any()
        return tuple(found)


def load(file: Path) -> Project:
    """Read a project file.

    Raises
    ------
    InputError
        With every fault of the file: no TOML, unknown keys, missing keys, values of a wrong kind.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(
            [_fault(file, "no such file", "`lomsong init DIR` writes a project file")]
        ) from None
    except (IsADirectoryError, PermissionError, UnicodeDecodeError) as broken:
        problem = f"cannot be read: {broken}"
        raise InputError([_fault(file, problem, "Give a TOML file in UTF-8")]) from None
    except tomllib.TOMLDecodeError as broken:
        raise InputError([_fault(file, f"is not TOML: {broken}", "Mend that line")]) from None
    return Project(settings=parse(content, file=file), file=file)


def parse(content: dict[str, Any], *, file: Path) -> Settings:
    """Validate the content of a project file; `file` is named in faults."""
    try:
        return Settings.model_validate(content)
    except ValidationError as broken:
        raise InputError([_told(error, file=file) for error in broken.errors()]) from None


def _fault(file: Path, problem: str, remedy: str) -> Fault:
    return Fault(file=file, problem=problem, remedy=remedy)


def _told(error: ErrorDetails, *, file: Path) -> Fault:
    """Say one fault of a setting in our own words."""
    place = error["loc"]
    key = ".".join(str(part) for part in place)
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(place[-1]), _keys_at(place[:-1]), n=1)
        hint = f'Did you mean "{close[0]}"?' if close else "`lomsong init DIR` shows every key"
        return Fault(file=file, column=key, problem="nobody knows this key", remedy=hint)
    if error["type"] == "missing":
        return Fault(
            file=file, column=key, problem="is missing", remedy="Add it to the project file"
        )
    problem = error["msg"].removeprefix("Value error, ")
    value = error["input"] if isinstance(error["input"], str | int | float) else None
    return Fault(
        file=file, column=key or None, value=value, problem=problem, remedy="Mend this setting"
    )


def _keys_at(place: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in place:
        field = model.model_fields.get(str(part))
        if field is None:
            continue
        inner = [
            a
            for a in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if _is_model(a)
        ]
        if inner:
            model = inner[0]
    return list(model.model_fields)


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
