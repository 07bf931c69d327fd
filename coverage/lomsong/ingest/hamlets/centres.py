"""Join culture houses (nhà văn hóa) to their hamlets, by id or by place."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lomsong.errors import Faults
from lomsong.ingest.reading.features import Source, read_source
from lomsong.ingest.reading.headings import HAMLET_HEADINGS
from lomsong.ingest.reading.values import clean_text
from lomsong.notes import Note
from lomsong.space import PolygonIndex
from lomsong.vietnam.names import rest_key, split_kind

_HEADINGS = {"hamlet_id": HAMLET_HEADINGS["hamlet_id"][:-2], "name": HAMLET_HEADINGS["name"]}
"""A bare "id" numbers the houses, not the hamlets."""


def join_centres(
    draft: pd.DataFrame, file: Path, *, layer: str | None, crs: str | None, faults: Faults
) -> tuple[pd.DataFrame, list[Note]]:
    """Return hamlets with `centre_lon` and `centre_lat`, and notes on houses that were not joined.

    Of several houses in one hamlet the one that carries its name is taken, else none: nobody knows which it is.
    """
    known = len(faults)
    source = read_source(file, _HEADINGS, layer=layer, crs=crs, faults=faults)
    if source is None or len(faults) > known:
        return draft, []
    points = source.features.geometry
    for position in np.flatnonzero(shapely.get_type_id(points) != 0):
        faults.add(
            "the culture house is no point",
            "Give points here",
            file=file,
            row=int(source.features.rows[position]),
        )
    if len(faults) > known:
        return draft, []
    place = _place(draft, source, faults)
    chosen, notes = _chosen(draft, source, place)
    found = draft["hamlet_id"].map(chosen)
    lon = found.map(lambda p: shapely.get_x(points[int(p)]), na_action="ignore")
    lat = found.map(lambda p: shapely.get_y(points[int(p)]), na_action="ignore")
    joined = draft.assign(
        centre_lon=lon.astype(float).fillna(draft["centre_lon"]),
        centre_lat=lat.astype(float).fillna(draft["centre_lat"]),
    )
    return joined, notes


def _place(draft: pd.DataFrame, source: Source, faults: Faults) -> npt.NDArray[np.int64]:
    """Return the position of each house's hamlet, -1 where it has none."""
    points = source.features.geometry
    if "hamlet_id" not in source.columns.used:
        index = PolygonIndex(draft["geometry"].to_numpy())
        inside: npt.NDArray[np.int64] = index.locate(shapely.get_x(points), shapely.get_y(points))
        return inside
    at = {hamlet_id: position for position, hamlet_id in enumerate(draft["hamlet_id"])}
    place = np.full(len(points), -1)
    for position, cell in enumerate(source.cells("hamlet_id")):
        hamlet_id, _ = clean_text(cell)
        if hamlet_id in at:
            place[position] = at[hamlet_id]
        elif hamlet_id:
            faults.add(
                "no hamlet has this id",
                "Mend the id, or leave the column out to join by place",
                file=source.features.file,
                row=int(source.features.rows[position]),
                column=source.columns.used["hamlet_id"],
                value=hamlet_id,
            )
    return place


def _chosen(
    draft: pd.DataFrame, source: Source, place: npt.NDArray[np.int64]
) -> tuple[dict[str, int], list[Note]]:
    """Return the one house of each hamlet."""
    file = source.features.file.name
    names = [_bare_key(clean_text(cell)[0]) for cell in source.typed("name")]
    chosen, notes = {}, []
    for hamlet in sorted(set(place.tolist()) - {-1}):
        houses = np.flatnonzero(place == hamlet)
        hamlet_id, name = draft["hamlet_id"].iloc[hamlet], draft["name"].iloc[hamlet]
        same = [h for h in houses if names[h] and names[h] == _bare_key(name)]
        of_it = same if len(same) == 1 else list(houses)
        if len(of_it) == 1:
            chosen[hamlet_id] = int(of_it[0])
        else:
            notes.append(
                Note(
                    "{n} culture houses for {name!r} ({hamlet_id}): none was taken",
                    about=file,
                    n=len(of_it),
                    name=name,
                    hamlet_id=hamlet_id,
                )
            )
    lost = int((place == -1).sum())
    if lost:
        notes.append(Note("{n} culture houses lie in no hamlet", about=file, n=lost))
    return chosen, notes


def _bare_key(name: str) -> str:
    return rest_key(split_kind(name).rest) if name else ""
