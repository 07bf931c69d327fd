"""Open every input that a project names, and tell the faults of all of them together."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from lomsong.config import (
    AreasSection,
    HamletsSection,
    PeopleSection,
    PowerSection,
    Project,
    Settings,
    SignalSection,
    SitesSection,
    SitingSection,
    TerrainSection,
)
from lomsong.errors import DefectError, Fault, Faults, InputError
from lomsong.ingest.hamlets import read_hamlets
from lomsong.ingest.people import read_buildings, read_people
from lomsong.ingest.places import (
    Surroundings,
    read_forbidden,
    read_given_places,
    read_interest,
    read_roads,
)
from lomsong.ingest.power import PowerList, read_lights, read_power_lines, read_power_list
from lomsong.ingest.reading.files import Paths, as_paths
from lomsong.ingest.samples import reader_with
from lomsong.ingest.samples.duplicates import Duplicates
from lomsong.ingest.samples.reader import Findings, has_honest_repeats, raise_for
from lomsong.ingest.samples.sources import PART_ROWS, Part, parts_of
from lomsong.ingest.sites import read_sites
from lomsong.ingest.squares import squares_around
from lomsong.ingest.terrain import Terrain, read_terrain
from lomsong.progress import SILENT, Progress, Task
from lomsong.space.crs import METRES_PER_DEGREE, WGS84, Extent, Floats, local_metric_crs, to_crs
from lomsong.space.raster import Raster
from lomsong.space.zonal import area_shares, zonal_sums
from lomsong.tables import SITES, Hamlets, Samples, Sites, empty

SITES_WITHIN_M: Final = 50_000.0
"""Known sites further from all areas than this [m] are left out: beyond the longest microwave hop and any phone."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """What a project brings, read and validated; samples are streamed when they are asked for."""

    project: Project
    hamlets: Hamlets
    sites: Sites
    power_list: PowerList | None = None
    power_lines: gpd.GeoDataFrame | None = None
    lights: Raster | None = None
    people_raster: Raster | None = None
    buildings: gpd.GeoDataFrame | None = None
    surroundings: Surroundings = field(default_factory=Surroundings)
    """What else matters for where to build."""
    terrain: Terrain | None = None
    """Heights [m] in the run's CRS, as far around the areas as sites are looked for."""
    files: tuple[tuple[str, Path], ...] = ()
    """Role and path of every input file."""
    notes: tuple[str, ...] = ()

    @property
    def extent(self) -> Extent:
        """Box of all areas, in degrees."""
        return _extent(self.hamlets)

    @property
    def crs(self) -> CRS:
        """The metric CRS of the run."""
        return local_metric_crs(self.extent)

    def samples(self, progress: Progress = SILENT) -> Iterator[Samples]:
        """Stream the samples of all files; the faults of all files are told together, at the end."""
        return _samples(self.project, progress)

    def people(self) -> pd.DataFrame:
        """Return `people` and `people_raster` of each hamlet: the list's figure, else the raster's.

        People of the raster are conserved: what falls in no hamlet is unassigned, and ground that two outlines claim
        counts once. Nobody lives in areas that are no hamlets.
        """
        table = self.hamlets.table
        counted = np.full(len(table), np.nan)
        lived_in = np.flatnonzero(table["kind"] == "hamlet")
        if self.people_raster is not None and len(lived_in):
            shares = area_shares(table.geometry.iloc[lived_in].to_numpy(), self.people_raster)
            known = shares @ np.isfinite(self.people_raster.values).ravel().astype(float) > 0
            sums, _ = zonal_sums(shares, self.people_raster)
            # Where the raster knows nothing about a hamlet, nobody knows its people: that is not 0.
            counted[lived_in] = np.where(known, sums, np.nan)
        listed = table["people_listed"].to_numpy(float, na_value=np.nan)
        return pd.DataFrame(
            {"people": np.where(np.isnan(listed), counted, listed), "people_raster": counted}
        )

    def brightest_light(self) -> Floats | None:
        """Return the brightest night light over each hamlet [nW/cm2/sr]; None without a raster of lights."""
        if self.lights is None:
            return None
        shares = area_shares(self.hamlets.table.geometry.to_numpy(), self.lights).tocsr()
        values = self.lights.values.ravel()
        brightest = np.full(len(self.hamlets.table), np.nan)
        for hamlet, (start, end) in enumerate(zip(shares.indptr, shares.indptr[1:], strict=False)):
            seen = values[shares.indices[start:end]]
            if np.isfinite(seen).any():
                brightest[hamlet] = np.nanmax(seen)
        return brightest


@dataclass(frozen=True, kw_only=True)
class SampleFile:
    """One file of samples, and what its section of the project says about it."""

    path: Path
    section: SignalSection
    number: int
    """Number of the section; observations repeated within a section count once."""
    settings: Settings
    part: Part | None = None
    """The rows that are read, where they are not all."""

    @property
    def size_bytes(self) -> int:
        """Size of the file, 0 where there is none."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def parts(self, *, rows: int = PART_ROWS) -> tuple["SampleFile", ...]:
        """Return parts of at least `rows` rows that together hold all rows; most files are one part."""
        parts = parts_of(self.path, rows=rows)
        if len(parts) < 2 or self._has_honest_repeats():  # noqa: PLR2004 -- one part is the whole
            return (self,)
        return tuple(replace(self, part=part) for part in parts)

    def batches(
        self,
        duplicates: Duplicates,
        *,
        task: Task = SILENT,
        findings: Findings | None = None,
    ) -> Iterator[Samples]:
        """Stream the file or its part; what is wrong with the whole file is raised at its end, or left in `findings`."""
        found: Findings = {} if findings is None else findings
        reader = reader_with(
            format=self.section.format,
            columns=self.section.columns,
            timezone=self.section.timezone,
            plmn=self.section.plmn,
            device=self.section.device,
            salt=self.settings.privacy.salt,
            maximum_accuracy_m=self.settings.evidence.maximum_accuracy_m,
            duplicates=duplicates,
            task=task,
        )
        yield from reader.read(self.path, found, part=self.part)
        if findings is None:
            raise_for(found)

    def _has_honest_repeats(self) -> bool:
        """Tell a log whose equal rows are numbered from its first row to its last, so that it has to be read in one go."""
        return has_honest_repeats(
            self.path, format_name=self.section.format, columns=self.section.columns
        )


def open_inputs(project: Project, *, progress: Progress = SILENT) -> Inputs:
    """Read and validate everything but the samples, which are streamed later.

    Raises
    ------
    InputError
        With the faults of all inputs; where there are any, the samples are read too, for theirs.
    """
    opened = _Opened(project, progress)
    opened.read()
    if opened.faults:
        of_samples = Faults()
        with of_samples.gathering():
            _exhaust(_samples(project, progress))
        told = {str(fault) for fault in opened.faults}  # a missing file was found before
        opened.faults.extend(fault for fault in of_samples if str(fault) not in told)
        opened.faults.raise_if_any()
    return opened.inputs()


def check(project: Project, *, progress: Progress = SILENT) -> Inputs:
    """Read all inputs to their last row, and raise with the faults of all of them."""
    inputs = open_inputs(project, progress=progress)
    _exhaust(inputs.samples(progress))
    return inputs


def _exhaust(batches: Iterator[Samples]) -> None:
    for _ in batches:
        pass


def sample_files(project: Project) -> tuple[SampleFile, ...]:
    """Return the files of all sections, each section's sorted; raise for all sections that name none."""
    faults = Faults()
    found: list[SampleFile] = []
    for number in range(len(project.settings.signal)):
        with faults.gathering():
            found.extend(_section_files(project, number))
    faults.raise_if_any()
    return tuple(found)


def _section_files(project: Project, number: int) -> tuple[SampleFile, ...]:
    section = project.settings.signal[number]
    files = as_paths(project.files(section.path, key=f"signal.{number}.path"))
    return tuple(
        SampleFile(path=path, section=section, number=number, settings=project.settings)
        for path in files
    )


def more_sample_files(project: Project, paths: Paths) -> tuple[SampleFile, ...]:
    """Return files with the options of the section that names them, else of the only kind of section there is.

    Raises
    ------
    InputError
        Where sections differ and none of them names a file.
    """
    sections = project.settings.signal or (SignalSection(path=("*",)),)
    named = {file.path.resolve(): file.number for file in sample_files(project)}
    alike = (
        len({section.model_copy(update={"path": ("*",)}).model_dump_json() for section in sections})
        == 1
    )
    faults = Faults()
    found = []
    for path in as_paths(paths):
        number = named.get(path.resolve(), 0 if alike else None)
        if number is None:
            remedy = "Put it where one of their paths finds it"
            faults.add("belongs to none of several [[signal]] sections", remedy, file=path)
            continue
        section = sections[number]
        found.append(
            SampleFile(path=path, section=section, number=number, settings=project.settings)
        )
    faults.raise_if_any()
    return tuple(found)


def _samples(project: Project, progress: Progress) -> Iterator[Samples]:
    """Stream all files; a file with faults is told once the others have been read."""
    faults = Faults()
    for number in range(len(project.settings.signal)):
        duplicates = Duplicates()
        files: tuple[SampleFile, ...] = ()
        with faults.gathering():
            files = _section_files(project, number)
        total = sum(file.size_bytes for file in files)
        with progress.task("samples", total=total, unit="rows") as task:
            for file in files:
                with faults.gathering():
                    yield from file.batches(duplicates, task=task)
    faults.raise_if_any()


class _Opened:
    """Inputs while they are being read, one after the other, each allowed to fail."""

    def __init__(self, project: Project, progress: Progress) -> None:
        self.project = project
        self.progress = progress
        self.faults = Faults()
        self.files: list[tuple[str, Path]] = []
        self.notes: list[str] = []
        self.hamlets: Hamlets | None = None
        self.sites = Sites(table=empty(SITES))
        self.power: PowerList | None = None
        self.lines: gpd.GeoDataFrame | None = None
        self.lights: Raster | None = None
        self.people: Raster | None = None
        self.buildings: gpd.GeoDataFrame | None = None
        self.terrain: Terrain | None = None
        self.surroundings = Surroundings()

    def read(self) -> None:
        """Read input after input; faults gather."""
        settings = self.project.settings
        for number, signal in enumerate(settings.signal):
            with self.faults.gathering():
                self._files("signal", f"signal.{number}.path", signal.path)
        with self.progress.task("hamlets"), self.faults.gathering():
            self._read_areas(settings.hamlets, settings.areas)
        if settings.sites:
            with self.progress.task("sites"), self.faults.gathering():
                self._read_sites(settings.sites)
        if settings.power:
            with self.progress.task("power"):
                self._read_power(settings.power)
        if settings.people:
            with self.progress.task("people"):
                self._read_people(settings.people)
        if settings.terrain:
            with self.progress.task("terrain"), self.faults.gathering():
                self._read_terrain(settings.terrain, settings.siting)
        self._read_surroundings(settings.siting)

    def inputs(self) -> Inputs:
        """Return what was read, once nothing failed."""
        if self.hamlets is None:
            raise DefectError("areas are missing although no input failed")
        return Inputs(
            project=self.project,
            hamlets=self.hamlets,
            sites=self.sites,
            power_list=self.power,
            power_lines=self.lines,
            lights=self.lights,
            people_raster=self.people,
            buildings=self.buildings,
            surroundings=self.surroundings,
            terrain=self.terrain,
            files=tuple(self.files),
            notes=tuple(self.notes),
        )

    def _files(self, role: str, key: str, patterns: str | tuple[str, ...]) -> tuple[Path, ...]:
        files = self.project.files(patterns, key=key)
        self.files.extend((role, file) for file in files)
        return files

    def _file(self, role: str, key: str, pattern: str | None) -> Path | None:
        if pattern is None:
            return None
        first, *others = self._files(role, key, pattern)
        if others:
            problem = f"names {len(others) + 1} files, and one is read here"
            fault = Fault(
                file=self.project.file,
                column=key,
                value=pattern,
                problem=problem,
                remedy="Name one",
            )
            raise InputError([fault])
        return first

    def _read_areas(self, section: HamletsSection | None, squares: AreasSection | None) -> None:
        hamlets = None
        if section is not None:
            hamlets = read_hamlets(
                self._files("hamlets", "hamlets.path", section.path),
                layer=section.layer,
                crs=section.crs,
                columns=section.columns or None,
                communes=self._file("communes", "hamlets.communes", section.communes),
                communes_layer=section.communes_layer,
                communes_crs=section.communes_crs,
                commune_columns=section.commune_columns or None,
                radius_m=section.radius_m,
                centres=self._file("centres", "hamlets.centres", section.centres),
                centres_layer=section.centres_layer,
                centres_crs=section.centres_crs,
            )
            self.notes.extend(hamlets.notes)
        if squares is not None:
            hamlets = squares_around(
                _samples(self.project, self.progress), side_m=squares.square_m, beside=hamlets
            )
        self.hamlets = hamlets

    def _read_sites(self, section: SitesSection) -> None:
        files = self._files("sites", "sites.path", section.path)
        around = None if self.hamlets is None else _grown(_extent(self.hamlets), SITES_WITHIN_M)
        self.sites = read_sites(
            files,
            columns=section.columns or None,
            minimum_samples=section.minimum_samples,
            shared_within_m=section.shared_within_m,
            extent=around,
        )

    def _read_power(self, section: PowerSection) -> None:
        with self.faults.gathering():
            file = self._file("power list", "power.list", section.list)
            if file is not None and self.hamlets is not None:
                self.power = read_power_list(
                    file,
                    self.hamlets,
                    columns=section.columns or None,
                    source=section.source,
                    as_of=section.as_of,
                )
                self.notes.extend(self.power.notes)
        with self.faults.gathering():
            lines = self._file("power lines", "power.lines", section.lines)
            self.lines = None if lines is None else read_power_lines(lines)
        with self.faults.gathering():
            lights = self._file("night lights", "power.lights", section.lights)
            if lights is not None and self.hamlets is not None:
                self.lights = read_lights(lights, extent=_extent(self.hamlets))

    def _read_terrain(self, section: TerrainSection, siting: SitingSection) -> None:
        files = self._files("terrain", "terrain.path", section.path)
        fill = self._files("terrain", "terrain.fill", section.fill) if section.fill else None
        if self.hamlets is None:
            return
        extent = _extent(self.hamlets)
        self.terrain = read_terrain(
            files,
            extent=_grown(extent, siting.radius_m + siting.search_radius_m),
            crs=local_metric_crs(extent),
            fill=fill,
        )
        self.notes.extend(self.terrain.notes)

    def _read_surroundings(self, section: SitingSection) -> None:
        for name, read in (
            ("places", read_given_places),
            ("forbidden", read_forbidden),
            ("roads", read_roads),
        ):
            patterns = getattr(section, name)
            with self.faults.gathering():
                if patterns is not None:
                    table = read(self._files(name, f"siting.{name}", patterns))
                    self.surroundings = replace(self.surroundings, **{name: table})
        found = {}
        for kind, patterns in sorted(section.interest.items()):
            with self.faults.gathering():
                files = self._files("points of interest", f"siting.interest.{kind}", patterns)
                found[kind] = read_interest(files)
        self.surroundings = replace(self.surroundings, interest=found)
        self.faults.extend(_misplaced(self.surroundings, file=self.project.file))
        if self.terrain is not None and self.surroundings.places is not None:
            self.notes.extend(_off_terrain(self.surroundings.places, self.terrain))

    def _read_people(self, section: PeopleSection) -> None:
        with self.faults.gathering():
            raster = self._file("people", "people.raster", section.raster)
            if raster is not None and section.unit and self.hamlets is not None:
                self.people = read_people(raster, unit=section.unit, extent=_extent(self.hamlets))
        with self.faults.gathering():
            buildings = self._file("buildings", "people.buildings", section.buildings)
            if buildings is not None:
                self.buildings = read_buildings(buildings, crs=section.buildings_crs)


def _off_terrain(places: gpd.GeoDataFrame, terrain: Terrain) -> Iterator[str]:
    """Say which given places can be no candidates, because nobody knows how high they lie."""
    x, y = to_crs(
        places.geometry.x.to_numpy(), places.geometry.y.to_numpy(), source=WGS84, target=terrain.crs
    )
    for position in np.flatnonzero(~np.isfinite(terrain.at(x, y))):
        place = _called(places, int(position))
        yield f"siting.places: {place} lies where no height is known, and is no candidate"


def _called(places: gpd.GeoDataFrame, position: int) -> str:
    """Return the name of a given place, else its latitude and longitude."""
    point, name = places.geometry.iloc[position], places["name"].iloc[position]
    return name if isinstance(name, str) else f"{point.y:.5f}, {point.x:.5f}"


def _misplaced(surroundings: Surroundings, *, file: Path) -> Iterator[Fault]:
    """Yield a fault for each given place that lies where nothing may be built."""
    places, forbidden = surroundings.places, surroundings.forbidden
    if places is None or forbidden is None:
        return
    tree = shapely.STRtree(forbidden.geometry.to_numpy())
    inside, _ = tree.query(places.geometry.to_numpy(), predicate="intersects")
    for position in np.unique(inside):
        yield Fault(
            file=file,
            column="siting.places",
            value=_called(places, int(position)),
            problem="this place lies in a forbidden area",
            remedy="Take it out of siting.places, or mend siting.forbidden",
        )


def _extent(hamlets: Hamlets) -> Extent:
    west, south, east, north = (float(edge) for edge in hamlets.table.total_bounds)
    return Extent(west, south, east, north)


def _grown(extent: Extent, margin_m: float) -> Extent:
    """Return a box in degrees, larger by at least `margin_m` [m] on every side."""
    furthest = max(abs(extent.south), abs(extent.north))
    narrow = max(float(np.cos(np.radians(furthest))), 0.1)
    return extent.grown(margin_m / (METRES_PER_DEGREE * narrow))
