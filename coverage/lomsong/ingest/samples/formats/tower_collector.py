"""Read the CSV export of Tower Collector: one row per cell, several rows per moment."""

import numpy as np
import pandas as pd

from lomsong.ingest.reading.fields import Fields
from lomsong.ingest.samples.formats import base
from lomsong.ingest.samples.formats.base import CsvFormat, Observations, Options
from lomsong.ingest.samples.levels import dbm_of_asu, in_range, technology_of
from lomsong.ingest.samples.reasons import Reason

_TRUE = ("true", "1", "yes")
_LEVELS = {"4G": ("rsrp", "dbm"), "5G": ("ss_rsrp", "dbm"), "3G": ("rscp", "dbm"), "2G": ("dbm",)}
"""Columns that hold the level of each technology, the best first; after them its ASU is asked."""


def _observe(fields: Fields, options: Options) -> Observations:
    del options  # every time in it states UTC, every row its carrier and device
    technology = fields.word("technology", technology_of)
    neighbour = fields.word("neighboring", lambda word: word.casefold() in _TRUE)
    return Observations(
        time=fields.time("time", timezone="UTC"),
        lon=fields.number("lon"),
        lat=fields.number("lat"),
        accuracy_m=base.accuracy(fields),
        technology=technology,
        level_dbm=_level(fields, technology),
        plmn=base.plmn_of(fields),
        cell=base.cell_of(fields, "lac", "cell", "psc", "arfcn"),
        serving=base.serving_cell(fields),
        device=base.devices(fields),
        no_service=base.nothing(fields),
        # The phone is served by one cell at a time; what it hears beside it says nothing that the
        # serving cell, the best of them, does not say, and must not count as a second look.
        refused={Reason.NEIGHBOUR_CELL: neighbour == True},  # noqa: E712 -- missing is not True
    )


def _level(fields: Fields, technology: pd.Categorical) -> np.ndarray:
    level = np.full(len(fields), np.nan)
    numbers = {
        column: fields.number(column) for column in ("rsrp", "ss_rsrp", "rscp", "dbm", "asu")
    }
    for name, columns in _LEVELS.items():
        for column in columns:
            usable = (technology == name) & np.isnan(level) & in_range(numbers[column], technology)
            level[usable] = numbers[column][usable]
    from_asu = dbm_of_asu(numbers["asu"], technology)
    level = np.where(np.isnan(level), from_asu, level)
    return np.where(np.isnan(level), numbers["dbm"], level)  # what is out of range is said to be


EXPORT = CsvFormat(
    name="tower_collector",
    title="Tower Collector CSV export",
    aliases={
        "mcc": ("mcc",),
        "mnc": ("mnc",),
        "lac": ("lac",),
        "cell": ("cell_id",),
        "psc": ("psc",),
        "arfcn": ("arfcn",),
        "asu": ("asu",),
        "dbm": ("dbm",),
        "rsrp": ("rsrp",),
        "ss_rsrp": ("ss_rsrp",),
        "rscp": ("rscp",),
        "lat": ("lat",),
        "lon": ("lon",),
        "accuracy_m": ("accuracy",),
        "time": ("measured_at",),
        "technology": ("net_type",),
        "neighboring": ("neighboring",),
        "device": ("device",),
    },
    required=(*("mcc", "mnc", "cell", "dbm", "lat", "lon", "time", "technology", "neighboring"),),
    observe=_observe,
)
