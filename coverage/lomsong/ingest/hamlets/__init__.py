"""Read the areas to judge: hamlets as polygons, or as points within communes."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from lomsong.errors import Faults
from lomsong.ingest.hamlets.centres import join_centres
from lomsong.ingest.hamlets.communes import Communes, read_communes
from lomsong.ingest.hamlets.draft import (
    HEADINGS,
    are_points,
    drop_twins,
    identify,
    mend_outlines,
    read_draft,
)
from lomsong.ingest.hamlets.overlaps import overlap_notes
from lomsong.ingest.hamlets.points import place_points, with_areas
from lomsong.ingest.hamlets.repairs import Repairs
from lomsong.ingest.hamlets.unstated_crs import place_by_communes
from lomsong.ingest.reading.features import as_paths, read_source
from lomsong.ingest.reading.headings import HAMLET_HEADINGS
from lomsong.notes import Note
from lomsong.space.crs import WGS84
from lomsong.tables import HAMLETS, Hamlets, checked


def read_hamlets(
    path: str | Path | Iterable[str | Path],
    *,
    layer: str | None = None,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    communes: str | Path | None = None,
    communes_layer: str | None = None,
    communes_crs: str | None = None,
    commune_columns: Mapping[str, str] | None = None,
    radius_m: float = 3000.0,
    centres: str | Path | None = None,
    centres_layer: str | None = None,
    centres_crs: str | None = None,
) -> Hamlets:
    """Read hamlets from polygons, or derive their areas from points and commune polygons.

    Parameters
    ----------
    path
        One file or several: GeoPackage, GeoJSON, Shapefile (plain or zipped), GeoParquet, KML or KMZ; for points
        also CSV or XLSX.
    layer
        Layer or sheet, where a file holds several.
    crs
        CRS where a file states none; never overrides it. Without it, projected numbers are tried in the zones of
        VN-2000 and UTM, and used where exactly one brings the hamlets into their `communes`.
    columns
        Column of each field (`HAMLET_HEADINGS`, and lon, lat of a table of points); fields left out are
        recognised by usual headings, and `notes` says which were.
    communes, communes_layer, communes_crs, commune_columns
        Commune polygons: needed for points; for polygons they fill in missing communes.
    radius_m
        Areas derived from points end at this distance [m].
    centres, centres_layer, centres_crs
        Culture houses, joined by hamlet_id or, without one, by place.

    Raises
    ------
    InputError
        With every fault of all files.
    """
    faults, repairs = Faults(), Repairs()
    where = None
    if communes is not None:
        where = read_communes(
            Path(communes),
            layer=communes_layer,
            crs=communes_crs,
            columns=commune_columns,
            faults=faults,
        )
    draft, notes = _read_files(
        as_paths(path),
        layer=layer,
        crs=crs,
        columns=columns,
        communes=where,
        repairs=repairs,
        faults=faults,
    )
    if where is not None:
        notes += where.notes
    faults.raise_if_any()
    draft, told = _outlined(draft, where, radius_m=radius_m, repairs=repairs, faults=faults)
    notes += told
    if centres is not None:
        draft, told = join_centres(
            draft, Path(centres), layer=centres_layer, crs=centres_crs, faults=faults
        )
        notes += told
    faults.raise_if_any()
    return Hamlets(
        table=_table(draft),
        repairs=repairs.table(draft),
        communes=None if where is None else where.table,
        notes=(*notes, *repairs.notes(), *overlap_notes(draft)),
    )


def _read_files(
    files: tuple[Path, ...],
    *,
    layer: str | None,
    crs: str | None,
    columns: Mapping[str, str] | None,
    communes: Communes | None,
    repairs: Repairs,
    faults: Faults,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the rows of all files in one draft, each hamlet once."""
    drafts: list[pd.DataFrame] = []
    notes: list[Note] = []
    for file in files:
        source = read_source(
            file,
            HAMLET_HEADINGS,
            layer=layer,
            crs=crs,
            columns=columns,
            unstated=None if communes is None else partial(place_by_communes, communes=communes),
            keep_unplaced=True,
            faults=faults,
        )
        if source is not None:
            draft, told = read_draft(source, repairs=repairs, faults=faults)
            drafts.append(draft)
            notes += told
    if not drafts:
        faults.raise_if_any()
        faults.add("no file is given", "Name at least one under path")
        faults.raise_if_any()
    return drop_twins(pd.concat(drafts, ignore_index=True), repairs=repairs), notes


def _outlined(
    draft: pd.DataFrame,
    where: Communes | None,
    *,
    radius_m: float,
    repairs: Repairs,
    faults: Faults,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return hamlets with valid areas and ids, drawn as they stand or derived from points."""
    points = are_points(draft, faults=faults)
    if points and where is None and not len(faults):
        faults.add(
            "the hamlets are points, and there are no communes to divide between them",
            "Give commune polygons under communes",
            file=draft["file"].iloc[0],
        )
    faults.raise_if_any()
    if points and where is not None:
        placed = place_points(draft, where, faults=faults)
        draft, notes = identify(placed.draft, repairs=repairs, faults=faults)
        faults.raise_if_any()
        return with_areas(draft, placed, radius_m=radius_m, faults=faults), [*placed.notes, *notes]
    draft = mend_outlines(draft, repairs=repairs, faults=faults).assign(
        geometry_source="surveyed", centre_lon=np.nan, centre_lat=np.nan
    )
    if where is not None and not len(faults):
        draft = where.fill_in(draft)
    return identify(draft, repairs=repairs, faults=faults)


def _table(draft: pd.DataFrame) -> gpd.GeoDataFrame:
    ordered = draft.assign(kind="hamlet").sort_values("hamlet_id", kind="stable")
    table = gpd.GeoDataFrame(
        ordered.drop(columns=["file", "row", *HEADINGS.values()]).reset_index(drop=True),
        geometry="geometry",
        crs=WGS84,
    )
    return checked(table, HAMLETS)
