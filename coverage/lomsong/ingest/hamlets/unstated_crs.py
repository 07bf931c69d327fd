"""Find the CRS of a file that states none, from the communes its rows lie in."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely

from lomsong.errors import Faults
from lomsong.ingest.hamlets.communes import NOWHERE, Communes
from lomsong.ingest.hamlets.identity import padded_code
from lomsong.ingest.reading.drivers import Geometries
from lomsong.ingest.reading.features import from_old_fonts
from lomsong.ingest.reading.headings import Columns
from lomsong.ingest.reading.values import clean_text
from lomsong.ingest.reading.vector import Found
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.vietnam import units
from lomsong.vietnam.vn2000 import Candidate, propose

_NAMELESS: Final = "~{}"
"""What stands for the code of a commune that has none."""


def place_by_communes(
    file: Path,
    attributes: pd.DataFrame,
    columns: Columns,
    geometry: Geometries,
    faults: Faults,
    *,
    communes: Communes,
) -> Found | None:
    """Return geometry in the one CRS that brings it into its communes; a fault lists the candidates otherwise.

    Parameters
    ----------
    file, attributes, columns
        The file, its rows, and which column states the commune of each; where none does, any commune will do.
    geometry
        Points or outlines, in numbers as the file has them.
    communes
        Where communes lie.
    """
    drawn = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    inside = np.full(len(geometry), None, object)
    inside[drawn] = shapely.point_on_surface(geometry[drawn])
    numbers = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
    keys = communes.table["commune_code"].fillna(
        pd.Series([_NAMELESS.format(i) for i in range(len(communes.table))], dtype="str")
    )
    stated = _stated(
        communes,
        keys,
        codes=_texts(attributes, columns.used.get("commune_code")),
        names=_texts(attributes, columns.used.get("commune_name")),
    )
    proposal = propose(
        numbers,
        communes.table.assign(commune_code=keys),
        stated=stated if any(stated) else None,
    )
    if proposal.verdict != "one":
        _tell(proposal.kept, proposal.candidates, file, faults)
        return None
    chosen = proposal.kept[0]
    moved = np.full(len(geometry), None, object)
    moved[drawn] = shapely.transform(
        geometry[drawn], lambda c: np.column_stack(chosen.to_wgs84(c[:, 0], c[:, 1]))
    )
    return Found(
        geometry=moved,
        note=Note(
            "the file states no CRS; its coordinates were read as {crs}: {n} of {total} points lie in their communes",
            about=file.name,
            crs=f"EPSG:{chosen.epsg} {chosen.name}{' (X = N, Y = E)' if chosen.swapped else ''}",
            n=chosen.inside,
            total=chosen.points,
        ),
    )


def _texts(attributes: pd.DataFrame, column: str | None) -> pd.Series:
    if column is None:
        return pd.Series([None] * len(attributes), dtype="str")
    cells = from_old_fonts(attributes[column].astype(object)).texts
    return pd.Series([clean_text(cell)[0] or None for cell in cells], dtype="str")


def _stated(
    communes: Communes, keys: pd.Series, *, codes: pd.Series, names: pd.Series
) -> list[str]:
    """Return the commune each row states by code, else by name; an empty text where it states none that is known."""
    by_name = communes.by_name(names)
    known = set(keys)
    stated = []
    for code, place in zip(codes, by_name, strict=True):
        written = "" if pd.isna(code) else padded_code(str(code))
        if written in known or units.became(written):
            stated.append(written)
        else:
            stated.append("" if place == NOWHERE or written else str(keys.iloc[place]))
    return stated


def _tell(
    kept: tuple[Candidate, ...], tried: tuple[Candidate, ...], file: Path, faults: Faults
) -> None:
    listed = "; ".join(map(str, kept or tried))
    problem = Sentence(
        "the file states no CRS, and its coordinates, read in any, lie nowhere near Vietnam"
    )
    if kept:
        problem = Sentence(
            "the file states no CRS, and several fit its coordinates: {crss}", crss=listed
        )
    elif tried:
        problem = Sentence(
            "the file states no CRS, and none brings its coordinates into their communes: {crss}",
            crss=listed,
        )
    faults.add(problem, 'State the right one: crs = "EPSG:…"', file=file)
