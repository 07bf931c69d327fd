"""Read known cells: a cells export (OpenCelliD, MLS) or a carrier's own list."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from lomsong.errors import Faults
from lomsong.ingest.reading.fields import CellFaults, Fields, key
from lomsong.ingest.reading.files import Paths, as_paths, encoding_of, members
from lomsong.ingest.reading.ragged import Batch
from lomsong.ingest.reading.text_tables import TextTable
from lomsong.ingest.samples.formats.base import UNAVAILABLE, plmn_of
from lomsong.ingest.samples.levels import CDMA, technology_of
from lomsong.ingest.samples.positions import Misplaced, is_possible
from lomsong.ingest.samples.reasons import Reason
from lomsong.ingest.sites.lists import read_site_list
from lomsong.sentences import Sentence
from lomsong.tables import CELLS, Cells, checked, empty
from lomsong.vietnam import carriers

CELL_COLUMNS: Final = (
    *("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"),
    *("changeable", "created", "updated", "averageSignal"),
)
"""Header of a cells export; some downloads come without it. `averageSignal` is 0, missing, nearly everywhere."""
UNKNOWN_RANGE_M: Final = 91_204.0
"""Range [m] that stands where none could be estimated; so does 0."""
MOST_CELL: Final = 2.0**36
"""Cell numbers lie below this: 5G has 36 bits (3GPP TS 38.413, section 9.3.1.7), the others fewer."""
_REQUIRED: Final = ("radio", "mcc", "net", "area", "cell", "lon", "lat")
_BATCH_ROWS: Final = 262_144


def read_cells(path: Paths, *, columns: Mapping[str, str] | None = None) -> Cells:
    """Read known cells, one row per cell.

    Parameters
    ----------
    path
        One file or several: a cells export with or without header, plain, gz or zip; or a carrier's own list as
        CSV, XLSX or features.
    columns
        For a list: our word (`tables.CELLS`, and lon, lat) to its column; `plmn` and `technology` may be a value
        that holds for all rows, as "452-04" and "4G".

    Returns
    -------
    Cells in the order of the sorted paths. `range_m` is how far from an estimated position the cell was heard, null
    where the export does not know it and where the carrier states the position. A cell that is listed twice stands
    once, as it was updated last.

    Raises
    ------
    InputError
        With the faults of all files together.
    """
    faults = Faults()
    read = _Read()
    for file in as_paths(path):
        with faults.gathering():
            exports = [] if columns else _cells_exports(file)
            for export in exports:
                read.add_all(_read_export(export))
            if not exports:
                listed = read_site_list(file, columns=columns or {})
                read.add(listed.table, listed.dropped)
    faults.raise_if_any()
    return read.cells()


@dataclass(eq=False)
class _Read:
    """What has been read so far."""

    tables: list[pd.DataFrame] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def add(self, table: pd.DataFrame, dropped: Mapping[str, int]) -> None:
        self.tables.append(table)
        self.dropped.update(dropped)

    def add_all(self, parts: Iterator[tuple[pd.DataFrame, Mapping[str, int]]]) -> None:
        for table, dropped in parts:
            self.add(table, dropped)

    def cells(self) -> Cells:
        filled = [table for table in self.tables if len(table)]
        table = pd.concat(filled, ignore_index=True) if filled else empty(CELLS)
        newest = _newest(table)
        self.dropped[Reason.DUPLICATE.value] += len(table) - len(newest)
        return Cells(
            table=checked(newest, CELLS),
            dropped={reason: count for reason, count in sorted(self.dropped.items()) if count},
        )


def _newest(table: pd.DataFrame) -> pd.DataFrame:
    """Keep each cell once: as it was updated last, then by observations, then by place."""
    best_first = table.sort_values(
        ["updated", "n_samples", "lon", "lat"], ascending=False, na_position="last", kind="stable"
    )
    # A list, which tells no update, may call the sectors of one site, or two sites, by one name.
    listed = best_first["updated"].isna()
    places = best_first[["lon", "lat"]].where(listed)
    names = ["site_id", "plmn", "technology", "azimuth_deg", "frequency_mhz"]
    kept = best_first[names].join(places).drop_duplicates().index
    return table.loc[kept.sort_values()].reset_index(drop=True)


def _cells_exports(path: Path) -> list[TextTable]:
    """Return the cells exports in a file, none where it is something else."""
    exports = []
    for member in members(path):
        if encoding_of(member.head()) is None:
            return []
        table = TextTable(member, assumed_columns=CELL_COLUMNS)
        if not {key(column) for column in table.heading.columns} >= set(_REQUIRED):
            return []
        exports.append(table)
    return exports


def _read_export(export: TextTable) -> Iterator[tuple[pd.DataFrame, Mapping[str, int]]]:
    known = {key(column): column for column in reversed(export.heading.columns)}
    columns = {name: known[key(name)] for name in CELL_COLUMNS if key(name) in known}
    columns["mnc"] = columns["net"]
    file = export.member.name
    cell_faults, misplaced, n_rows, n_kept = CellFaults(), Misplaced(), 0, 0
    dropped: Counter[str] = Counter()
    for batch in export.batches(list(dict.fromkeys(columns.values())), batch_rows=_BATCH_ROWS):
        cells = Fields(batch, columns=columns, file=file, faults=cell_faults)
        table = _cells(cells)
        misplaced.look_at(table["lon"].to_numpy(), table["lat"].to_numpy(), rows=batch.rows)
        n_rows += len(batch) + batch.n_cut
        kept, refused = _judged(table, batch)
        n_kept += len(kept)
        dropped.update(refused)
        yield kept, refused
    faults = Faults()
    faults.extend(cell_faults.faults())
    faults.extend(misplaced.faults(file))
    if not n_rows:
        faults.add("has a header and no rows", "Give the file again", file=file)
    elif not n_kept and not len(faults):
        why = ", ".join(f"{reason} {n:,}" for reason, n in sorted(dropped.items()) if n)
        remedy = (
            "Give a cells export as OpenCelliD or MLS writes it, or name the columns under columns"
        )
        problem = Sentence("none of its {n:,} rows is a known cell ({why})", n=n_rows, why=why)
        faults.add(problem, remedy, file=file)
    faults.raise_if_any()


def _cells(cells: Fields) -> pd.DataFrame:
    """Write the rows of an export in our words, not yet judged."""
    identity = [cells.text(name).to_pandas() for name in ("radio", "mcc", "net", "area", "cell")]
    exact = cells.number("changeable") == 0
    reach_m = cells.number("range")
    known = (reach_m > 0) & (reach_m < UNKNOWN_RANGE_M)
    samples = np.floor(cells.number("samples"))
    counted = (samples >= 0) & (samples < UNAVAILABLE)
    nothing = np.full(len(cells), np.nan)
    return pd.DataFrame(
        {
            "site_id": identity[0].str.upper().str.cat(identity[1:], sep="-"),
            "plmn": pd.Series(plmn_of(cells), dtype="str"),
            "technology": pd.Series(cells.word("radio", technology_of), dtype="str"),
            "lon": cells.number("lon"),
            "lat": cells.number("lat"),
            "position": pd.Series(np.where(exact, "exact", "estimated"), dtype="str"),
            "range_m": np.where(known & ~exact, reach_m, np.nan),
            "n_samples": pd.Series(np.where(counted, samples, np.nan)).astype("Int64"),
            "area": _whole(cells.number("area")),
            "cell": _whole(cells.number("cell")),
            "azimuth_deg": nothing,
            "downtilt_deg": nothing,
            "height_m": nothing,
            "frequency_mhz": nothing,
            "power_dbm": nothing,
            "updated": pd.DatetimeIndex(cells.time("updated", timezone="UTC"), tz="UTC"),
            "first_seen": pd.DatetimeIndex(cells.time("created", timezone="UTC"), tz="UTC"),
        }
    )


def _whole(numbers: np.ndarray) -> pd.Series:
    """Return numbers of an area or a cell, null where there is none."""
    usable = np.isfinite(numbers) & (numbers >= 0) & (numbers < MOST_CELL)
    return pd.Series(np.where(usable, np.floor(numbers), np.nan)).astype("Int64")


def _judged(table: pd.DataFrame, batch: Batch) -> tuple[pd.DataFrame, Mapping[str, int]]:
    """Leave out what is no known cell, by the first reason that meets it."""
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    refusals = (
        (Reason.NO_POSITION, ~(np.isfinite(lon) & np.isfinite(lat))),
        (Reason.POSITION_ZERO, (lon == 0) & (lat == 0)),
        (Reason.POSITION_IMPOSSIBLE, ~is_possible(lon, lat)),
        (Reason.NO_CARRIER, (table["plmn"].isna() | table["site_id"].isna()).to_numpy()),
        (Reason.WITHDRAWN_CARRIER, table["plmn"].isin(list(carriers.WITHDRAWN)).to_numpy()),
        (Reason.CDMA, (table["technology"] == CDMA).to_numpy()),
        (Reason.NO_TECHNOLOGY, table["technology"].isna().to_numpy()),
    )
    kept = np.ones(len(table), dtype=bool)
    dropped = {Reason.CUT_SHORT.value: batch.n_cut}
    for reason, hit in refusals:
        dropped[reason.value] = int((kept & hit).sum())
        kept &= ~hit
    return table[kept].reset_index(drop=True), dropped
