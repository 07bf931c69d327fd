"""Read a carrier's own list of sites: CSV, XLSX or features, one row per site or sector."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely

from lomsong.errors import Faults
from lomsong.ingest.reading.features import Source, read_source
from lomsong.ingest.reading.fields import number_of
from lomsong.ingest.reading.values import is_missing
from lomsong.ingest.samples.formats.base import host_plmn
from lomsong.ingest.samples.levels import CDMA, technology_of
from lomsong.ingest.samples.reasons import Reason
from lomsong.sentences import Sentence
from lomsong.tables import Cells
from lomsong.vietnam import carriers

SITE_HEADINGS: Final = {
    "site_id": [
        "site id",
        "ma tram",
        "ma site",
        "ma bts",
        "cell id",
        "ma cell",
        "ten tram",
        "ten site",
        "site name",
        "site",
        "cell",
        "tram",
        "id",
    ],
    "plmn": ["plmn", "nha mang", "carrier", "operator", "doanh nghiep", "mang"],
    "technology": [
        "technology",
        "cong nghe",
        "loai cong nghe",
        "rat",
        "tech",
        "radio",
        "loai tram",
    ],
    "azimuth_deg": ["azimuth deg", "azimuth", "goc phuong vi", "phuong vi", "huong anten"],
    "downtilt_deg": [
        "downtilt deg",
        "downtilt",
        "total tilt",
        "tilt",
        "goc cup",
        "goc ngang",
        "cup",
    ],
    "height_m": [
        "height m",
        "height",
        "do cao anten",
        "do cao cot",
        "chieu cao cot",
        "chieu cao anten",
        "do cao",
        "chieu cao",
    ],
    "frequency_mhz": ["frequency mhz", "frequency", "tan so"],
    "power_dbm": ["power dbm", "power", "cong suat phat", "cong suat"],
}
"""Accent-free headings of a list of sites, the most telling first."""
_SEPARATORS: Final = re.compile(r"[/,;&\s]+")


@dataclass(frozen=True)
class _Limits:
    """What a number of a list can be, and what is said where it cannot."""

    low: float
    high: float
    problem: str
    remedy: str


_LIMITS: Final[Mapping[str, _Limits]] = {
    "azimuth_deg": _Limits(
        0, 360, "is no azimuth", "Give degrees from 0 to 360, or leave the cell empty"
    ),
    "downtilt_deg": _Limits(
        -30, 90, "is no downtilt", "Give degrees below the horizon, or leave the cell empty"
    ),
    "height_m": _Limits(
        0,
        500,
        "is no height",
        "Give the antenna's height above ground in metres, or leave the cell empty",
    ),
    "frequency_mhz": _Limits(
        0,
        6000,
        "is no frequency",
        "Give the downlink's middle in MHz, or leave the cell empty",
    ),
    "power_dbm": _Limits(
        -20,
        60,
        "is no power",
        "Give the power of the transmitter in dBm (40 W are 46 dBm), or leave the cell empty",
    ),
}
_LITERALS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "plmn": host_plmn,
    "technology": technology_of,
}
"""Fields that may be one value for all rows: a carrier's own list does not name the carrier."""

_EXAMPLES: Final = {"plmn": '"452-04" or "viettel"', "technology": '"4G" or "3G/4G"'}


def read_site_list(file: Path, *, columns: Mapping[str, str]) -> Cells:
    """Read one list; a row that names several technologies becomes one row for each.

    Raises
    ------
    InputError
        With every fault of the list.
    """
    faults = Faults()
    stated = {name: value for name, value in columns.items() if not _literal(name, value)}
    source = read_source(file, SITE_HEADINGS, columns=stated, keep_unplaced=True, faults=faults)
    if source is None or source.features.is_placed:
        faults.raise_if_any()
    if source is None:
        return Cells(table=pd.DataFrame())
    literals = {name: value for name, value in columns.items() if name not in stated}
    table, dropped = _sites(source, literals, faults)
    faults.raise_if_any()
    return Cells(table=table, dropped=dropped)


def _literal(name: str, value: str) -> str | None:
    meaning = _LITERALS.get(name)
    return meaning(value) if meaning else None


def _sites(
    source: Source, literals: Mapping[str, str], faults: Faults
) -> tuple[pd.DataFrame, dict[str, int]]:
    points = source.features.geometry
    placed = shapely.get_type_id(points) == shapely.GeometryType.POINT
    drawn = ~(shapely.is_missing(points) | shapely.is_empty(points))
    for row in source.features.rows[drawn & ~placed]:
        faults.add(
            "is no point", "Give one point per site", file=source.features.file, row=int(row)
        )
    table = pd.DataFrame(
        {
            "site_id": _ids(source),
            "plmn": _words(source, "plmn", literals, faults),
            "technology": _technologies(source, literals, faults),
            "lon": shapely.get_x(points),
            "lat": shapely.get_y(points),
            "position": pd.Series(["exact"] * len(points), dtype="str"),
            "range_m": np.nan,
            "n_samples": pd.Series([pd.NA] * len(points), dtype="Int64"),
            "area": pd.Series([pd.NA] * len(points), dtype="Int64"),
            "cell": pd.Series([pd.NA] * len(points), dtype="Int64"),
            "azimuth_deg": _within(source, "azimuth_deg", faults),
            "downtilt_deg": _within(source, "downtilt_deg", faults),
            "height_m": _known(_within(source, "height_m", faults)),
            "frequency_mhz": _known(_within(source, "frequency_mhz", faults)),
            "power_dbm": _within(source, "power_dbm", faults),
            **dict.fromkeys(
                ("updated", "first_seen"),
                pd.Series([pd.NaT] * len(points), dtype="datetime64[ms, UTC]"),
            ),
        }
    )
    lost = ~placed
    withdrawn = ~lost & table["plmn"].isin(list(carriers.WITHDRAWN)).to_numpy()
    dropped = {
        Reason.NO_POSITION.value: int(lost.sum()),
        Reason.WITHDRAWN_CARRIER.value: int(withdrawn.sum()),
    }
    table = table[~lost & ~withdrawn].explode("technology", ignore_index=True)
    return table.astype({"technology": "str"}), dropped


def _ids(source: Source) -> pd.Series:
    """Return the sites' names; a site without one is called by its file and row."""
    names = [
        f"{source.features.file.stem}-{row}" if is_missing(cell) else str(cell).strip()
        for cell, row in zip(source.cells("site_id"), source.features.rows, strict=True)
    ]
    return pd.Series(names, dtype="str")


def _words(source: Source, name: str, literals: Mapping[str, str], faults: Faults) -> pd.Series:
    """Return what each cell means; a missing or unknown word is a fault."""
    if name in literals:
        return pd.Series([_literal(name, literals[name])] * len(source.features), dtype="str")
    if name not in source.columns.used:
        remedy = Sentence(
            'Say which column, or the value of all rows, under columns: {field} = "…"', field=name
        )
        problem = Sentence("no column holds the {field}", field=name)
        faults.add(problem, remedy, file=source.features.file)
        return pd.Series([None] * len(source.features), dtype="str")
    return pd.Series(_each(source, name, _LITERALS[name], faults), dtype="str")


def _technologies(source: Source, literals: Mapping[str, str], faults: Faults) -> pd.Series:
    """Return the technologies of each row as a tuple: lists write "2G/3G/4G" into one cell."""
    if "technology" in literals or "technology" not in source.columns.used:
        return _words(source, "technology", literals, faults).map(lambda word: (word,))
    return pd.Series(_each(source, "technology", _several, faults), dtype=object)


def _several(text: str) -> tuple[str, ...] | None:
    found = [technology_of(word) for word in _SEPARATORS.split(text.strip()) if word]
    known = [word for word in found if word is not None and word != CDMA]
    return tuple(dict.fromkeys(known)) if known and None not in found else None


def _each(
    source: Source, name: str, meaning: Callable[[str], object], faults: Faults
) -> list[object]:
    words = []
    for cell, row in zip(source.cells(name), source.features.rows, strict=True):
        word = None if is_missing(cell) else meaning(_plain(cell))
        if word is None:
            faults.add(
                Sentence("this says no {field}", field=name),
                Sentence("Write it as {example}", example=_EXAMPLES[name]),
                file=source.features.file,
                row=int(row),
                column=source.columns.used[name],
                value=None if is_missing(cell) else _plain(cell),
            )
        words.append(word)
    return words


def _plain(cell: object) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else str(cell)  # type: ignore[call-overload]  # a float, as the line says


def _numbers(source: Source, name: str, faults: Faults) -> np.ndarray:
    numbers = np.full(len(source.features), np.nan)
    cells = source.cells(name)
    for place, (cell, row) in enumerate(zip(cells, source.features.rows, strict=True)):
        number = np.nan if is_missing(cell) else number_of(str(cell))
        if number is None:
            faults.add(
                "is no number",
                "Type a number, or leave the cell empty",
                file=source.features.file,
                row=int(row),
                column=source.columns.used[name],
                value=str(cell),
            )
        else:
            numbers[place] = number
    return numbers


def _within(source: Source, name: str, faults: Faults) -> np.ndarray:
    """Return numbers that lie between their limits; others are faults."""
    numbers, limits = _numbers(source, name, faults), _LIMITS[name]
    for place in np.flatnonzero((numbers < limits.low) | (numbers > limits.high)):
        faults.add(
            limits.problem,
            limits.remedy,
            file=source.features.file,
            row=int(source.features.rows[place]),
            column=source.columns.used[name],
            value=float(numbers[place]),
        )
    return numbers


def _known(numbers: np.ndarray) -> np.ndarray:
    """Return numbers of which 0 means that nobody knows."""
    return np.where(numbers > 0, numbers, np.nan)
