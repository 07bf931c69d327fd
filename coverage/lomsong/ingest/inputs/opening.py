"""Open every input that a project names, and tell the faults of all of them together."""

import datetime as dt
import difflib
import os
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np

from lomsong.config import (
    AreasSection,
    HamletsSection,
    PeopleSection,
    PowerSection,
    Project,
    SitesSection,
    SitingSection,
    TerrainSection,
)
from lomsong.errors import DefectError, Fault, Faults, InputError
from lomsong.ingest.hamlets import read_hamlets
from lomsong.ingest.inputs.bundle import Inputs, extent_of
from lomsong.ingest.inputs.crowded import heights_as_people, too_many_people
from lomsong.ingest.inputs.elsewhere import (
    AROUND_M,
    areas_off_terrain,
    cells_elsewhere,
    in_forbidden,
    lies_elsewhere,
    off_terrain,
)
from lomsong.ingest.inputs.passing import Passing
from lomsong.ingest.inputs.sample_files import samples_of
from lomsong.ingest.people import read_buildings, read_people
from lomsong.ingest.places import (
    Surroundings,
    read_forbidden,
    read_given_places,
    read_interest,
    read_roads,
)
from lomsong.ingest.power import PowerList, read_lights, read_power_lines, read_power_list
from lomsong.ingest.reading.kinds import is_readable
from lomsong.ingest.samples.reasons import Reason
from lomsong.ingest.sites import find_masts, read_cells
from lomsong.ingest.squares import squares_around
from lomsong.ingest.terrain import Terrain, read_terrain
from lomsong.ingest.terrain.tiles import open_tiles
from lomsong.notes import Note
from lomsong.progress import SILENT, Progress
from lomsong.sentences import Sentence
from lomsong.space.crs import METRES_PER_DEGREE, Extent, local_metric_crs
from lomsong.space.raster import Raster
from lomsong.tables import SITES, Hamlets, Sites, empty
from lomsong.vietnam.carriers import CARRIERS, carrier_of


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
            deque(samples_of(project, progress), maxlen=0)
        told = {str(fault) for fault in opened.faults}  # a missing file was found before
        opened.faults.extend(fault for fault in of_samples if str(fault) not in told)
        opened.faults.raise_if_any()
    return opened.inputs()


def check(project: Project, *, progress: Progress = SILENT) -> Inputs:
    """Read all inputs to their last row, and raise with the faults of all of them.

    The inputs' notes also say what a look at all samples shows.
    """
    inputs = open_inputs(project, progress=progress)
    passing = Passing(extent=inputs.extent)
    for batch in inputs.samples(progress):
        passing.look_at(batch)
    as_of, today = project.settings.project.as_of, dt.datetime.now(dt.UTC).date()
    return replace(inputs, notes=(*inputs.notes, *passing.notes(as_of=as_of, today=today)))


class _Opened:
    """Inputs while they are being read, one after the other, each allowed to fail."""

    def __init__(self, project: Project, progress: Progress) -> None:
        self.project = project
        self.progress = progress
        self.faults = Faults()
        self.files: list[tuple[str, Path]] = []
        self.notes: list[Note] = []
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
        self.faults.extend(_unusable_store(self.project))
        self.faults.extend(_unknown_carriers(self.project))
        for number, signal in enumerate(settings.signal):
            with self.faults.gathering():
                self._files("signal", f"signal.{number}.path", signal.path)
        self.faults.extend(_named_twice(self.files))
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
        self.faults.extend(self._no_people())

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
            n = len(others) + 1
            problem = Sentence("names {n} files, and one is read here", n=n)
            fault = Fault(
                file=self.project.file,
                column=key,
                value=pattern,
                problem=problem,
                remedy="Name one",
            )
            raise InputError([fault])
        return first

    def _can_read(self, file: Path) -> bool:
        """Look at what is only read beside areas, so that its faults are told where the areas have some too."""
        return self.hamlets is not None or is_readable(file, faults=self.faults)

    def _around(self) -> Extent | None:
        """Return the box in which what is known of sites, roads and lines matters, in degrees."""
        return None if self.hamlets is None else _grown(extent_of(self.hamlets), AROUND_M)

    def _require_near(self, layer: gpd.GeoDataFrame, files: Sequence[Path], *, key: str) -> None:
        around = self._around()
        if around is not None:
            self.faults.extend(lies_elsewhere(layer, around=around, file=files[0], key=key))

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
                samples_of(self.project, self.progress), side_m=squares.square_m, beside=hamlets
            )
        self.hamlets = hamlets

    def _read_sites(self, section: SitesSection) -> None:
        files = self._files("sites", "sites.path", section.path)
        around = self._around()
        cells = read_cells(files, columns=section.columns or None)
        self.sites = find_masts(
            cells,
            extent=around,
            minimum_samples=section.minimum_samples,
            shared_within_m=section.shared_within_m,
        )
        if around is not None:
            self.faults.extend(
                cells_elsewhere(cells, around=around, file=files[0], key="sites.path")
            )
        self.notes.extend(_left_out(cells.dropped, len(cells.table)))

    def _read_power(self, section: PowerSection) -> None:
        with self.faults.gathering():
            file = self._file("power list", "power.list", section.list)
            if file is not None and self._can_read(file) and self.hamlets is not None:
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
            if lines is not None:
                self.lines = read_power_lines(lines, crs=section.lines_crs)
                self._require_near(self.lines, (lines,), key="power.lines")
        with self.faults.gathering():
            lights = self._file("night lights", "power.lights", section.lights)
            if lights is not None and self._can_read(lights) and self.hamlets is not None:
                self.lights = read_lights(lights, extent=extent_of(self.hamlets))

    def _read_terrain(self, section: TerrainSection, siting: SitingSection) -> None:
        files = self._files("terrain", "terrain.path", section.path)
        fill = self._files("terrain", "terrain.fill", section.fill) if section.fill else None
        if self.hamlets is None:
            for file in (*files, *(fill or ())):
                open_tiles(file, crs=None, faults=self.faults)
            return
        extent = extent_of(self.hamlets)
        self.terrain = read_terrain(
            files,
            extent=_grown(extent, siting.radius_m + siting.search_radius_m),
            crs=local_metric_crs(extent),
            fill=fill,
        )
        self.notes.extend(self.terrain.notes)
        self.notes.extend(areas_off_terrain(self.hamlets, self.terrain))

    def _read_surroundings(self, section: SitingSection) -> None:
        for name, read in (
            ("places", read_given_places),
            ("forbidden", read_forbidden),
            ("roads", read_roads),
        ):
            patterns = getattr(section, name)
            with self.faults.gathering():
                if patterns is not None:
                    files = self._files(name, f"siting.{name}", patterns)
                    table = read(files)
                    self.surroundings = replace(self.surroundings, **{name: table})
                    if name != "places":  # a place far away is no candidate, and is named
                        self._require_near(table, files, key=f"siting.{name}")
        found = {}
        for kind, patterns in sorted(section.interest.items()):
            with self.faults.gathering():
                files = self._files("points of interest", f"siting.interest.{kind}", patterns)
                found[kind] = read_interest(files)
                self._require_near(found[kind], files, key=f"siting.interest.{kind}")
        self.surroundings = replace(self.surroundings, interest=found)
        self.faults.extend(in_forbidden(self.surroundings, file=self.project.file))
        if self.terrain is not None and self.surroundings.places is not None:
            self.notes.extend(off_terrain(self.surroundings.places, self.terrain))

    def _read_people(self, section: PeopleSection) -> None:
        with self.faults.gathering():
            raster = self._file("people", "people.raster", section.raster)
            if (
                raster is not None
                and self._can_read(raster)
                and section.unit
                and self.hamlets is not None
            ):
                self.people = read_people(raster, unit=section.unit, extent=extent_of(self.hamlets))
        with self.faults.gathering():
            buildings = self._file("buildings", "people.buildings", section.buildings)
            if buildings is not None:
                self.buildings = read_buildings(buildings, crs=section.buildings_crs)
                self._require_near(self.buildings, (buildings,), key="people.buildings")

    def _no_people(self) -> Iterator[Fault]:
        """Yield a fault where the raster of people cannot be one."""
        file = next((file for role, file in self.files if role == "people"), None)
        if self.people is None or file is None:
            return
        dense = list(too_many_people(self.people, file=file))
        if self.terrain is not None and not dense:
            dense = list(heights_as_people(self.people, self.terrain, file=file))
        yield from dense


def _unusable_store(project: Project) -> Iterator[Fault]:
    named = project.settings.evidence.store
    if (
        named is not None
        and (project.folder / named).exists()
        and not (project.folder / named).is_dir()
    ):
        yield Fault(
            file=project.file,
            column="evidence.store",
            value=named,
            problem="is a file, and the store is a folder",
            remedy="Name another folder; it is made where there is none",
        )


def _unknown_carriers(project: Project) -> Iterator[Fault]:
    """Yield a fault for each carrier of the project file that has neither a name nor a PLMN."""
    settings = project.settings
    named = [("evidence.carriers", name) for name in settings.evidence.carriers or ()]
    if settings.siting.carrier is not None:
        named.append(("siting.carrier", settings.siting.carrier))
    for key, name in named:
        host = carrier_of(name)
        if name in CARRIERS or name == host:
            continue
        close = [host] if host else difflib.get_close_matches(name.casefold(), CARRIERS, n=1)
        hint = (
            Sentence('Did you mean "{name}"?', name=close[0])
            if close
            else Sentence('Elsewhere give the PLMN, as "608-02".')
        )
        yield Fault(
            file=project.file,
            column=key,
            value=name,
            problem="nobody knows this carrier",
            remedy=Sentence(
                "{hint} Known by name are {names}", hint=hint, names=", ".join(CARRIERS)
            ),
        )


def _named_twice(files: Sequence[tuple[str, Path]]) -> Iterator[Fault]:
    """Yield a fault for each file that is named twice, also by a link: its samples would count twice."""
    for path, n in Counter(Path(os.path.realpath(path)) for _, path in files).items():
        if n > 1:
            problem = Sentence("is named {n} times under [[signal]]", n=n)
            yield Fault(file=path, problem=problem, remedy="Name it once")


def _left_out(dropped: Mapping[str, int], kept: int) -> Iterator[Note]:
    """Say how many rows of known cells cannot be used, and why."""
    n = kept + sum(dropped.values())
    for reason, count in dropped.items():
        yield Note(
            "{count} of {n} rows left out: {reason}",
            about="sites.path",
            count=count,
            n=n,
            reason=Reason(reason),
        )


def _grown(extent: Extent, margin_m: float) -> Extent:
    """Return a box in degrees, larger by at least `margin_m` [m] on every side."""
    furthest = max(abs(extent.south), abs(extent.north))
    narrow = max(float(np.cos(np.radians(furthest))), 0.1)
    return extent.grown(margin_m / (METRES_PER_DEGREE * narrow))
