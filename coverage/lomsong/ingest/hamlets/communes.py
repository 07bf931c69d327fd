"""Read commune polygons, and tell which commune a hamlet belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lomsong.errors import Faults
from lomsong.ingest.hamlets.identity import padded_code
from lomsong.ingest.hamlets.outlines import mend
from lomsong.ingest.reading.features import read_source
from lomsong.ingest.reading.headings import COMMUNE_HEADINGS
from lomsong.ingest.reading.values import clean_text
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.space import PolygonIndex
from lomsong.space.crs import WGS84
from lomsong.vietnam.names import rest_key, split_commune_kind

NOWHERE: Final = -1
_POLYGONAL: Final = (3, 6)


@dataclass(frozen=True, eq=False, kw_only=True)
class Communes:
    """Commune polygons (WGS 84, valid), sorted by code and name, and what was noticed while reading them."""

    table: gpd.GeoDataFrame
    notes: tuple[Note, ...] = ()

    def locate(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the position of the commune at each point, -1 outside of all."""
        found: npt.NDArray[np.int64] = PolygonIndex(self.table.geometry.to_numpy()).locate(lon, lat)
        return found

    def by_code(self, codes: pd.Series) -> npt.NDArray[np.int64]:
        """Return the position of each code, -1 where it is missing or unknown."""
        return _positions(self.table["commune_code"], codes)

    def by_name(self, names: pd.Series) -> npt.NDArray[np.int64]:
        """Return the position of the one commune of each name, -1 where none or several have it."""
        return _positions(
            self.table["commune_name"].map(commune_key, na_action="ignore"),
            names.map(commune_key, na_action="ignore"),
        )

    def fill_in(self, draft: pd.DataFrame) -> pd.DataFrame:
        """Return hamlets with the commune they name, else the one they lie in, where a field was empty."""
        inside = shapely.point_on_surface(draft["geometry"].to_numpy())
        place = self.locate(shapely.get_x(inside), shapely.get_y(inside))
        for known in (self.by_name(draft["commune_name"]), self.by_code(draft["commune_code"])):
            place = np.where(known == NOWHERE, place, known)
        return self.named(draft, place)

    def named(self, draft: pd.DataFrame, place: npt.NDArray[np.int64]) -> pd.DataFrame:
        """Return hamlets with code and name of the commune at `place` where theirs are empty."""
        filled = {}
        for field in ("commune_code", "commune_name"):
            known = self.table[field].reindex(place).set_axis(draft.index)
            filled[field] = draft[field].fillna(known).astype("str")
        return draft.assign(**filled)


def commune_key(name: str) -> str:
    """Return the key of a commune's name without its kind: "TT. Tủa Chùa" equals "Tủa Chùa"."""
    return rest_key(split_commune_kind(name).rest)


def _positions(register: pd.Series, wanted: pd.Series) -> npt.NDArray[np.int64]:
    single = register[register.notna() & ~register.duplicated(keep=False)]
    at = pd.Series(single.index.to_numpy(), index=single.to_numpy())
    found = wanted.map(at, na_action="ignore").astype("Float64").fillna(NOWHERE)
    return np.asarray(found, np.int64)


def read_communes(
    file: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    faults: Faults,
) -> Communes | None:
    """Read commune polygons; mend outlines, unite the parts of one commune."""
    source = read_source(
        file, COMMUNE_HEADINGS, layer=layer, crs=crs, columns=columns, faults=faults
    )
    if source is None:
        return None
    known = len(faults)
    if not source.columns.used:
        faults.add(
            "no column holds the code or the name of the commune",
            Sentence(
                'Say which under commune_columns: commune_code = "…"; the file has {columns}',
                columns=", ".join(map(repr, source.features.attributes.columns)),
            ),
            file=file,
        )
    texts = {
        field: pd.array([clean_text(c)[0] or None for c in source.typed(field)], dtype="str")
        for field in ("commune_code", "commune_name")
    }
    outlines, notes = _outlines(file, source.features.geometry, source.features.rows, faults)
    if len(faults) > known:
        return None
    table = gpd.GeoDataFrame(texts, geometry=outlines, crs=WGS84)
    codes = table["commune_code"].map(padded_code, na_action="ignore")
    table["commune_code"] = codes.astype("str")
    notes += source.columns.notes(file)
    return Communes(table=_united(table), notes=(*source.features.notes, *notes))


def _outlines(
    file: Path, geometry: npt.NDArray[np.object_], rows: npt.NDArray[np.int64], faults: Faults
) -> tuple[npt.NDArray[np.object_], list[Note]]:
    outlines, notes = geometry.copy(), []
    for position, outline in enumerate(outlines):
        row = int(rows[position])
        mended = None if outline is None or outline.is_empty else mend(outline)
        if mended is not None:
            outlines[position] = mended.geometry
            told = {"problem": mended.problem, "repair": mended.repair}
            notes.append(Note("row {row}: {problem}; {repair}", about=file.name, row=row, **told))
        if shapely.get_type_id(outlines[position]) not in _POLYGONAL or outlines[position].is_empty:
            faults.add(
                "the commune is no polygon", "Give commune polygons here", file=file, row=row
            )
    return outlines, notes


def _united(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one row per commune code, in an order that rows do not change.

    Without a code nothing tells whether two of one name are one: they stay apart, and place decides.
    """
    order = shapely.to_wkb(shapely.normalize(table.geometry.to_numpy()), byte_order=1)
    table = table.assign(order=order).sort_values(["commune_code", "commune_name", "order"])
    single = table["commune_code"].isna() | ~table["commune_code"].duplicated(keep=False)
    rows = [
        (code, name, outline)
        for code, name, outline in zip(
            table.loc[single, "commune_code"],
            table.loc[single, "commune_name"],
            table.geometry[single],
            strict=True,
        )
    ]
    for code, part in table[~single].groupby("commune_code", sort=True):
        name = part["commune_name"].iloc[0]
        rows.append((str(code), name, shapely.union_all(part.geometry.to_numpy())))
    rows.sort(key=lambda row: (pd.isna(row[0]), "" if pd.isna(row[0]) else row[0]))
    return gpd.GeoDataFrame(
        {
            "commune_code": pd.array([code for code, _, _ in rows], dtype="str"),
            "commune_name": pd.array([name for _, name, _ in rows], dtype="str"),
        },
        geometry=[outline for _, _, outline in rows],
        crs=WGS84,
    )
