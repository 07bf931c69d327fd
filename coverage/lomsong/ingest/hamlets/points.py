"""Place hamlets that are points into their communes, and give them areas."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from lomsong.errors import Faults
from lomsong.ingest.hamlets.communes import NOWHERE, Communes, commune_key
from lomsong.ingest.hamlets.derive import derive_areas
from lomsong.ingest.hamlets.outlines import polygon_parts
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, Extent, Floats, local_metric_crs, to_crs

OUTSIDE_TOLERANCE_M: Final = 300.0
"""Outlines are simplified and drawn by several hands: so far [m] outside its commune a point is believed."""
_M_PER_KM: Final = 1000

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Placed:
    """Hamlet points with their communes, in metres."""

    draft: pd.DataFrame
    commune: Positions
    """Position of each hamlet's polygon in `polygons`."""
    x: Floats
    y: Floats
    polygons: npt.NDArray[np.object_]
    crs: CRS
    notes: tuple[Note, ...]


def place_points(draft: pd.DataFrame, communes: Communes, *, faults: Faults) -> Placed:
    """Find the commune of each point: the one its row names, else the one it lies in.

    A commune that nobody knows, a point that lies too far outside the commune it names, one that names none and
    lies in none, and two hamlets on one point are faults.
    """
    draft = draft.assign(geometry=[shapely.get_parts(g)[0] for g in draft["geometry"]])
    points = draft["geometry"].to_numpy()
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    crs = local_metric_crs(Extent(lon.min(), lat.min(), lon.max(), lat.max()))
    inside = communes.locate(lon, lat)
    named = _named(draft, communes, inside)
    place = np.where(named == NOWHERE, inside, named)
    used, commune = np.unique(place, return_inverse=True)
    polygons = _metric_polygons(communes, used, crs)
    x, y = to_crs(lon, lat, source=WGS84, target=crs)
    outside_m = np.nan_to_num(shapely.distance(shapely.points(x, y), polygons[commune]))
    says = draft[["commune_code", "commune_name"]].notna().any(axis=1).to_numpy()
    _tell_unplaced(draft, unknown=says & (named == NOWHERE), place=place, faults=faults)
    notes = _tell_outside(draft, communes, outside_m, place=place, inside=inside, faults=faults)
    placed = communes.named(draft, place)
    _tell_same_point(placed, x, y, commune, faults)
    return Placed(
        draft=placed, commune=commune, x=x, y=y, polygons=polygons, crs=crs, notes=tuple(notes)
    )


def with_areas(
    draft: pd.DataFrame, placed: Placed, *, radius_m: float, faults: Faults
) -> pd.DataFrame:
    """Return hamlets with derived areas; the point remains as their centre."""
    areas = derive_areas(placed.x, placed.y, placed.commune, placed.polygons, radius_m=radius_m)
    points = draft["geometry"].to_numpy()
    for position in np.flatnonzero(shapely.is_missing(areas)):
        _fault(draft, int(position), "no ground of its commune is nearest to this point", faults)
    return draft.assign(
        geometry=_valid(_moved(areas, placed.crs, WGS84)),
        geometry_source="derived",
        centre_lon=shapely.get_x(points),
        centre_lat=shapely.get_y(points),
    )


def _named(draft: pd.DataFrame, communes: Communes, inside: Positions) -> Positions:
    """Return the commune each row names by code, else by name; several of one name are told by the point."""
    here = communes.table["commune_name"].reindex(inside).map(commune_key, na_action="ignore")
    wanted = draft["commune_name"].map(commune_key, na_action="ignore")
    agrees = (here.reset_index(drop=True) == wanted.reset_index(drop=True)).fillna(value=False)
    by_name = np.where(agrees, inside, communes.by_name(draft["commune_name"]))
    by_code = communes.by_code(draft["commune_code"])
    # A code that nobody knows is not replaced by a name: the two may be of different years.
    unsaid = draft["commune_code"].isna().to_numpy() | (communes.table["commune_code"].isna().all())
    return np.where(unsaid, by_name, by_code)


def _metric_polygons(communes: Communes, used: Positions, crs: CRS) -> npt.NDArray[np.object_]:
    polygons = np.full(len(used), None, object)
    known = used != NOWHERE
    outlines = communes.table.geometry.to_numpy()[used[known]]
    polygons[known] = _valid(_moved(outlines, WGS84, crs))
    return polygons


def _moved(geometry: npt.NDArray[np.object_], source: CRS, target: CRS) -> npt.NDArray[np.object_]:
    moved: npt.NDArray[np.object_] = shapely.transform(
        geometry,
        lambda c: np.column_stack(to_crs(c[:, 0], c[:, 1], source=source, target=target)),
    )
    return moved


def _valid(polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return polygons mended where turning degrees into metres, or back, let a corner cross its neighbour."""
    broken = ~shapely.is_missing(polygons) & ~shapely.is_valid(polygons)
    mended = polygons.copy()
    for position in np.flatnonzero(broken):
        mended[position] = polygon_parts(
            shapely.make_valid(polygons[position], method="structure", keep_collapsed=False)
        )
    return mended


def _called(communes: Communes, place: int) -> str:
    if place == NOWHERE:
        return Sentence("no commune")
    commune = communes.table.iloc[place]
    return " ".join(
        str(p) for p in (commune["commune_name"], commune["commune_code"]) if not pd.isna(p)
    )


def _tell_unplaced(
    draft: pd.DataFrame, *, unknown: npt.NDArray[np.bool_], place: Positions, faults: Faults
) -> None:
    for position in np.flatnonzero(unknown):
        _fault(
            draft,
            int(position),
            "the commune polygons hold no such commune, or several",
            faults,
            remedy="Give commune polygons of the same year as the list, or mend the commune",
        )
    for position in np.flatnonzero((place == NOWHERE) & ~unknown):
        _fault(draft, int(position), "the point lies in no commune", faults)


def _tell_outside(
    draft: pd.DataFrame,
    communes: Communes,
    outside_m: Floats,
    *,
    place: Positions,
    inside: Positions,
    faults: Faults,
) -> list[Note]:
    notes = []
    for position in map(int, np.flatnonzero(outside_m > 0)):
        commune = _called(communes, place[position])
        if outside_m[position] > OUTSIDE_TOLERANCE_M:
            _fault(
                draft,
                position,
                Sentence(
                    "the point lies {km} km outside its commune {commune}, in {other}",
                    km=f"{outside_m[position] / _M_PER_KM:.1f}",
                    commune=commune,
                    other=_called(communes, inside[position]),
                ),
                faults,
            )
        else:
            line = draft.iloc[position]
            notes.append(
                Note(
                    "{name!r} (row {row}) lies {outside_m} m outside its commune {commune}; "
                    "it is believed, and its area lies inside",
                    name=line["name"],
                    row=line["row"],
                    outside_m=f"{outside_m[position]:.0f}",
                    commune=commune,
                )
            )
    return notes


def _tell_same_point(
    draft: pd.DataFrame, x: Floats, y: Floats, commune: Positions, faults: Faults
) -> None:
    at = pd.DataFrame({"x": x, "y": y, "commune": commune})
    for _, group in at[at.duplicated(keep=False)].groupby(["x", "y", "commune"]):
        first, *others = group.index
        for position in others:
            _fault(
                draft,
                position,
                Sentence(
                    "the hamlet stands on the same point as row {row}",
                    row=str(draft["row"].iloc[first]),
                ),
                faults,
                remedy="Give each hamlet its own point; no line can be drawn between them",
            )


def _fault(
    draft: pd.DataFrame,
    position: int,
    problem: str,
    faults: Faults,
    *,
    remedy: str = "Mend the point or the commune",
) -> None:
    line = draft.iloc[position]
    told = [str(v) for v in line[["commune_code", "commune_name", "name"]] if not pd.isna(v)]
    faults.add(
        problem,
        remedy,
        file=line["file"],
        row=int(line["row"]),
        value=", ".join(told) or None,
    )
