"""Bring the rows of all hamlet files into one draft, and check them against each other."""

import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import numpy as np
import pandas as pd
import shapely

from lomsong.errors import Faults
from lomsong.ingest.hamlets.identity import made_id, padded_code, told_apart
from lomsong.ingest.hamlets.outlines import mend
from lomsong.ingest.hamlets.repairs import Place, Repairs
from lomsong.ingest.reading.features import Source, from_old_fonts, lies_in_vietnam
from lomsong.ingest.reading.values import clean_text, read_count, read_flag
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.vietnam.names import key

HEADINGS: Final = {"hamlet_id": "hamlet_id_heading", "name": "name_heading"}
"""Column of a draft that tells under which heading a field stands in its file."""
FIELDS: Final = (
    "hamlet_id",
    "name",
    "commune_code",
    "commune_name",
    "households",
    "people_listed",
    "extremely_difficult",
)
_COUNTS: Final = {"households": "households", "people": "people_listed"}
_TEXTS: Final = ("hamlet_id", "name", "commune_code", "commune_name")
_WRITTEN_BY_PEOPLE: Final = ("name", "commune_name")
_POINT, _MULTIPOINT = 0, 4
_POLYGONS: Final = (3, 6, 7)
_Value = TypeVar("_Value")


def read_draft(
    source: Source, *, repairs: Repairs, faults: Faults
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the fields of one file with `file` and `row`, and notes on how they were read."""
    features = source.features
    notes = [*features.notes]
    notes += source.columns.notes(features.file)
    if "name" not in source.columns.used:
        faults.add(
            "no column holds the name of the hamlet",
            Sentence(
                'Say which under columns: {field} = "…"; the file has {columns}',
                field="name",
                columns=", ".join(map(repr, features.attributes.columns)),
            ),
            file=features.file,
        )
    draft = pd.DataFrame({"file": str(features.file), "row": features.rows})
    in_vietnam = lies_in_vietnam(features.geometry)
    for field in _TEXTS:
        cells = source.cells(field)
        if in_vietnam and field in _WRITTEN_BY_PEOPLE:
            cells = _in_unicode(cells, source, field, repairs)
        draft[field] = pd.array(_texts(cells, source, field, repairs), dtype="str")
    for field, column in _COUNTS.items():
        counts = _values(source, field, partial(read_count, kind=field), faults)
        draft[column] = pd.array(counts, dtype="Int64")
    flags = _values(source, "extremely_difficult", read_flag, faults)
    draft["extremely_difficult"] = pd.array(flags, dtype="boolean")
    for field, heading in HEADINGS.items():
        draft[heading] = source.columns.used.get(field, field)
    draft["geometry"] = features.geometry
    if in_vietnam:
        codes = draft["commune_code"].map(padded_code, na_action="ignore").astype("str")
        padded = int((codes.notna() & (codes != draft["commune_code"])).sum())
        draft["commune_code"] = codes
        if padded:
            about = features.file.name
            notes.append(
                Note("{n} commune codes got back the zeros they had lost", about=about, n=padded)
            )
    return draft, notes


def _texts(cells: pd.Series, source: Source, field: str, repairs: Repairs) -> list[str | None]:
    texts = []
    file = str(source.features.file)
    for row, cell in zip(source.features.rows, cells, strict=True):
        text, was_dirty = clean_text(cell)
        texts.append(text if text.strip("-—–?. ") else None)
        if was_dirty:
            repairs.add(
                (file, int(row)), f"unprintable characters in the {field}", "taken out of the text"
            )
    return texts


def _in_unicode(cells: pd.Series, source: Source, field: str, repairs: Repairs) -> pd.Series:
    """Convert texts typed in TCVN3 or VNI fonts, or read in a wrong encoding, and list what was changed."""
    mended = from_old_fonts(cells)
    for row, before, after in zip(source.features.rows, cells, mended.texts, strict=True):
        if isinstance(before, str) and unicodedata.normalize("NFC", before) != after:
            repairs.add(
                (str(source.features.file), int(row)),
                f"the {field} is written in {mended.encoding}",
                "converted to Unicode",
                kind="encoding",
            )
    return mended.texts


def _values(
    source: Source, field: str, read: Callable[[object], _Value | None], faults: Faults
) -> list[_Value | None]:
    values = []
    for row, cell in zip(source.features.rows, source.cells(field), strict=True):
        try:
            values.append(read(cell))
        except ValueError as wrong:
            values.append(None)
            faults.add(
                wrong.args[0],
                "Mend the cell, or leave it empty where nothing is known",
                file=source.features.file,
                row=int(row),
                column=source.columns.used[field],
                value=cell,
            )
    return values


def drop_twins(draft: pd.DataFrame, *, repairs: Repairs) -> pd.DataFrame:
    """Return the draft without rows that repeat another in every field and in their outline."""
    outline = shapely.to_wkb(shapely.normalize(shapely.force_2d(draft["geometry"].to_numpy())))
    alike = draft[list(FIELDS)].assign(outline=outline)
    first = alike.groupby(list(alike.columns), dropna=False, sort=False).ngroup()
    kept = ~first.duplicated()
    place_of_first = dict(zip(first[kept], _places(draft[kept]), strict=True))
    for place, group in zip(_places(draft[~kept]), first[~kept], strict=True):
        earlier = place_of_first[group]
        repairs.add(
            place,
            f"repeats row {earlier[1]} in everything",
            "merged with it",
            kind="twin",
            hamlet_at=earlier,
        )
    return draft[kept].reset_index(drop=True)


def _places(draft: pd.DataFrame) -> list[Place]:
    return [(str(f), int(r)) for f, r in zip(draft["file"], draft["row"], strict=True)]


def are_points(draft: pd.DataFrame, *, faults: Faults) -> bool:
    """Tell whether the hamlets are points; faults where a row has no geometry, or they are of both kinds."""
    geometry = draft["geometry"].to_numpy()
    kinds = shapely.get_type_id(geometry)
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    many = (kinds == _MULTIPOINT) & (shapely.get_num_geometries(geometry) > 1)
    points = np.isin(kinds, (_POINT, _MULTIPOINT)) & ~empty & ~many
    polygons = np.isin(kinds, _POLYGONS) & ~empty
    for wrong, problem, remedy in (
        (empty, "the row has no place", "Draw the hamlet, or leave the row out"),
        (many, "the hamlet is several points", "Give it one point"),
        (~(empty | many | points | polygons), "the hamlet is a line", "Draw it as a polygon"),
    ):
        for position in np.flatnonzero(wrong):
            _fault_at(draft, int(position), problem, remedy, faults)
    if points.any() and polygons.any():
        fewer = points if points.sum() <= polygons.sum() else polygons
        _fault_at(
            draft,
            int(np.flatnonzero(fewer)[0]),
            Sentence(
                "{points} hamlets are points and {polygons} are polygons",
                points=int(points.sum()),
                polygons=int(polygons.sum()),
            ),
            "Give one kind only, from one layer",
            faults,
        )
    return bool(points.any())


def _fault_at(
    draft: pd.DataFrame, position: int, problem: str, remedy: str, faults: Faults
) -> None:
    line = draft.iloc[position]
    name = None if pd.isna(line["name"]) else line["name"]
    column = line[HEADINGS["name"]]
    faults.add(problem, remedy, file=line["file"], row=int(line["row"]), column=column, value=name)


def mend_outlines(draft: pd.DataFrame, *, repairs: Repairs, faults: Faults) -> pd.DataFrame:
    """Return the draft with valid polygons; each that was not is listed."""
    outlines = draft["geometry"].to_numpy(copy=True)
    for position, place in enumerate(_places(draft)):
        mended = mend(outlines[position])
        if mended is None:
            continue
        if mended.geometry is None:
            _fault_at(
                draft,
                position,
                Sentence("the outline encloses nothing ({reason})", reason=mended.problem),
                "Draw it again",
                faults,
            )
            continue
        outlines[position] = mended.geometry
        repairs.add(place, mended.problem, mended.repair, kind="outline")
    return draft.assign(geometry=outlines)


def identify(
    draft: pd.DataFrame, *, repairs: Repairs, faults: Faults
) -> tuple[pd.DataFrame, list[Note]]:
    """Give every hamlet an id and a name; faults where two share an id or a row names nothing."""
    nameless = draft["name"].isna()
    lacking = draft["hamlet_id"].isna()
    for position in np.flatnonzero(nameless & lacking):
        _fault_at(draft, int(position), "the hamlet has neither name nor id", "Name it", faults)
    for place in _places(draft[nameless & ~lacking]):
        repairs.add(place, "the hamlet has no name", "called by its id")
    draft = draft.assign(name=draft["name"].fillna(draft["hamlet_id"]).fillna(""))
    notes = []
    if lacking.any():
        draft = draft.assign(hamlet_id=draft["hamlet_id"].fillna(_made_ids(draft)))
        notes.append(
            Note(
                "{lacking} of {n} hamlets have no hamlet_id in the file; it was made from commune and name",
                lacking=int(lacking.sum()),
                n=len(draft),
            )
        )
        if not lacking.all():
            for place in _places(draft[lacking]):
                repairs.add(place, "the hamlet has no id", "made from commune and name")
    _check_ids(draft, faults)
    return draft, notes + _double_names(draft)


def _made_ids(draft: pd.DataFrame) -> pd.Series:
    commune = (
        draft[["commune_code", "commune_name"]].astype(object).where(lambda t: t.notna(), None)
    )
    ids = pd.Series(
        [
            made_id(commune_code=code, commune_name=commune_name, name=name)
            for code, commune_name, name in zip(
                commune["commune_code"], commune["commune_name"], draft["name"], strict=True
            )
        ],
        index=draft.index,
        dtype="str",
    )
    shared = ids.duplicated(keep=False)
    return pd.Series(
        [
            told_apart(hamlet_id, outline) if is_shared else hamlet_id
            for hamlet_id, is_shared, outline in zip(ids, shared, draft["geometry"], strict=True)
        ],
        index=draft.index,
        dtype="str",
    )


def _check_ids(draft: pd.DataFrame, faults: Faults) -> None:
    repeated = draft[draft["hamlet_id"].duplicated(keep=False)]
    for hamlet_id, group in repeated.groupby("hamlet_id", sort=True):
        first, *others = _places(group)
        for (file, row), heading in zip(others, group[HEADINGS["hamlet_id"]].iloc[1:], strict=True):
            faults.add(
                Sentence("the hamlet_id stands in row {row} too", row=str(first[1]))
                if first[0] == file
                else Sentence(
                    "the hamlet_id stands in row {row} of {file} too",
                    row=str(first[1]),
                    file=first[0],
                ),
                "Give each hamlet an id of its own, or merge the two",
                file=file,
                row=row,
                column=heading,
                value=hamlet_id,
            )


def _double_names(draft: pd.DataFrame) -> list[Note]:
    commune = draft["commune_code"].fillna(draft["commune_name"]).fillna("")
    keys = pd.DataFrame({"commune": commune, "key": draft["name"].map(key)})
    double = keys.duplicated(keep=False) & (keys["key"] != "")
    groups = draft[double].groupby([keys["commune"], keys["key"]], sort=True)
    return [
        Note(
            "{n} hamlets of commune {commune} are called {name!r}",
            n=len(group),
            commune=where[0] or "?",
            name=min(group["name"]),
        )
        for where, group in groups
    ]
