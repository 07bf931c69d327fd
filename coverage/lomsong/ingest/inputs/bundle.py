"""Hold what a project brings, read and validated."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from lomsong.config import Project
from lomsong.ingest.inputs.sample_files import samples_of
from lomsong.ingest.places import Surroundings
from lomsong.ingest.power import PowerList
from lomsong.ingest.terrain import Terrain
from lomsong.notes import Note
from lomsong.progress import SILENT, Progress
from lomsong.space.crs import Extent, Floats, local_metric_crs
from lomsong.space.raster import Raster
from lomsong.space.zonal import area_shares, zonal_sums
from lomsong.tables import Hamlets, Samples, Sites


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
    notes: tuple[Note, ...] = ()

    @property
    def extent(self) -> Extent:
        """Box of all areas, in degrees."""
        return extent_of(self.hamlets)

    @property
    def crs(self) -> CRS:
        """The metric CRS of the run."""
        return local_metric_crs(self.extent)

    def samples(self, progress: Progress = SILENT) -> Iterator[Samples]:
        """Stream the samples of all files; the faults of all files are told together, at the end."""
        return samples_of(self.project, progress)

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


def extent_of(hamlets: Hamlets) -> Extent:
    """Return the box of all areas, in degrees."""
    west, south, east, north = (float(edge) for edge in hamlets.table.total_bounds)
    return Extent(west, south, east, north)
