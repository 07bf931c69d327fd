"""Tell what was measured where, in squares fine enough to be of use and coarse enough that nobody is given away."""

from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.statistics import by_carrier_and_technology, quantile, with_categories
from lomsong.config import PrivacySection
from lomsong.evidence.cube import NO_SERVICE
from lomsong.tables import (
    CELL_SIZES,
    MEASURED_CELLS,
    RSRP_TECHNOLOGIES,
    SAMPLE_BANDS,
    checked,
    empty,
)

_LAYER: Final = ["carrier", "technology"]
_SQUARE: Final = ["size", "column", "row"]


def measured_cells(
    witnesses: pd.DataFrame, *, technologies: tuple[str, ...], privacy: PrivacySection
) -> pd.DataFrame:
    """Return a row per carrier, technology and square that may be published (`tables.MEASURED_CELLS`).

    Squares do not overlap. The largest one is cut into four, and these again, as long as each part in which anybody
    measured has the asked number of devices behind it; what stays below that number even in the largest square is
    not told at all. So no square can be had by taking others away from it. Samples of a source that names no device
    are left out unless the user publishes them.
    """
    if not privacy.publish_without_devices:
        witnesses = witnesses[witnesses["device"] != ""]
    columns = [*_LAYER, "device", "cell_x", "cell_y", "level_dbm", "n"]
    rows = by_carrier_and_technology(with_categories(witnesses[columns]), technologies)
    rows = rows.assign(size=_sizes(rows, privacy.minimum_devices))
    rows = rows[rows["size"] > 0]
    if rows.empty:
        return empty(MEASURED_CELLS)
    rows = rows.assign(
        column=rows["cell_x"] // rows["size"],
        row=rows["cell_y"] // rows["size"],
    )
    return checked(_told(rows), MEASURED_CELLS)


def _sizes(rows: pd.DataFrame, least: int) -> np.ndarray:
    """Return the side of the square in which each row is published, 0 where it is not."""
    chosen = np.zeros(len(rows), np.int64)
    for size in reversed(CELL_SIZES):
        enough = _has_enough(rows, size, least)
        if size == CELL_SIZES[-1]:
            chosen[enough] = size
            continue
        # A square is cut only where all its parts may be told: one that may not would follow from the others.
        parent = _square(rows, 2 * size)
        whole = pd.Series(enough, index=rows.index).groupby(parent).transform("all").to_numpy()
        chosen[(chosen == 2 * size) & whole] = size
    return chosen


def _has_enough(rows: pd.DataFrame, size: int, least: int) -> np.ndarray:
    """Tell of each row whether enough devices stand behind its square; an opted-in row without device is enough."""
    square = _square(rows, size)
    named = rows["device"] != ""
    devices = pd.DataFrame({"square": square[named], "device": rows["device"][named]})
    n_devices = devices.drop_duplicates().groupby("square").size()
    enough = square.map(n_devices).fillna(0) >= least
    return (enough | square.isin(square[~named].unique())).to_numpy()


def _square(rows: pd.DataFrame, size: int) -> pd.Series:
    """Return a number for each carrier, technology and square of a size."""
    keys = [*(rows[name] for name in _LAYER), rows["cell_x"] // size, rows["cell_y"] // size]
    return rows.groupby(keys, sort=False).ngroup()


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    key = [*_LAYER, *_SQUARE]
    silent = rows["level_dbm"] == NO_SERVICE
    table = rows.groupby(key, sort=True).agg(n=("n", "sum"))
    n_silent = rows[silent].groupby(key)["n"].sum().reindex(table.index, fill_value=0)
    heard = rows[~silent & rows["technology"].isin(RSRP_TECHNOLOGIES)]
    table["rsrp_median_dbm"] = quantile(heard, 0.5, key=key).reindex(table.index)
    table["no_service_share"] = (n_silent / table["n"]).round(1)
    band = np.searchsorted(SAMPLE_BANDS, table["n"], side="right") - 1
    table["n_samples_at_least"] = np.array(SAMPLE_BANDS)[band]
    return table.drop(columns="n").reset_index().astype({"carrier": str, "technology": str})
