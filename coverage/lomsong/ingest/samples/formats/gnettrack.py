"""Read G-NetTrack: the raw log of a phone, its events, and the processed form of UCC (Cork)."""

import numpy as np
import pandas as pd

from lomsong.ingest.reading.fields import Fields
from lomsong.ingest.samples.formats import base
from lomsong.ingest.samples.formats.base import CsvFormat, Observations, Options
from lomsong.ingest.samples.levels import technology_of
from lomsong.ingest.samples.reasons import Reason

NO_SERVICE_DBM = -200.0
"""Written as level where the phone has no service; under a carrier's name it is that carrier's."""
NO_SERVICE_NAME = "NO_COVERAGE"
_NO_LEVEL = (0.0, -1.0, base.UNAVAILABLE, -base.UNAVAILABLE)


def _observe_log(fields: Fields, options: Options) -> Observations:
    technology = fields.word("technology", technology_of)
    unserved = fields.word("operator_name", lambda name: name.upper() == NO_SERVICE_NAME)
    # "--" is how the log writes a missing technology: the phone was camped nowhere.
    nowhere = ~fields.text("technology").is_valid().to_numpy(zero_copy_only=False)
    level = fields.number("level")
    no_service = (unserved == True) | nowhere | (level == NO_SERVICE_DBM)  # noqa: E712 -- missing is not True
    return _observed(
        fields,
        options,
        technology=technology,
        level=level,
        no_service=no_service,
        cell=base.cell_of(fields, "lac", "node", "cell", "arfcn", "psc"),
        serving=np.where(technology == "4G", base.serving_cell_of_node(fields, "node", "cell"), -1),
    )


def _observe_ucc(fields: Fields, options: Options) -> Observations:
    level = fields.number("level")  # on 3G the column named RSRP holds the RSCP
    return _observed(
        fields,
        options,
        technology=fields.word("technology", technology_of),
        level=level,
        no_service=level == NO_SERVICE_DBM,
        cell=base.cell_of(fields, "raw_cell", "lac", "node", "cell"),
        serving=base.serving_cell(fields, "raw_cell"),
    )


def _observe_events(fields: Fields, options: Options) -> Observations:
    """Refuse every row: the events happen within the log that lies beside them, which holds the levels."""
    nothing = np.full(len(fields), np.nan)
    return _observed(
        fields,
        options,
        technology=fields.word("technology", technology_of),
        level=nothing,
        no_service=base.nothing(fields),
        cell=base.cell_of(fields, "cell"),
        serving=base.nobody(fields),
        refused={Reason.EVENT: np.ones(len(fields), dtype=bool)},
    )


def _observed(
    fields: Fields,
    options: Options,
    *,
    technology: pd.Categorical,
    level: np.ndarray,
    no_service: np.ndarray,
    cell: np.ndarray,
    serving: np.ndarray,
    refused: dict[Reason, np.ndarray] | None = None,
) -> Observations:
    return Observations(
        time=fields.time("time", timezone=options.timezone),
        lon=fields.number("lon"),
        lat=fields.number("lat"),
        accuracy_m=base.accuracy(fields),
        technology=technology,
        level_dbm=base.without(level, _NO_LEVEL),
        plmn=_carrier(fields),
        cell=cell,
        serving=serving,
        device=base.devices(fields),
        no_service=no_service,
        refused=refused or {},
    )


def _carrier(fields: Fields) -> pd.Categorical:
    """Return the PLMN of `Operator`; where only a name is written, the carrier of that name if we know it."""
    return fields.word("operator" if "operator" in fields else "operator_name", base.host_plmn)


_PLACE_AND_TIME = {
    "time": ("Timestamp",),
    "lon": ("Longitude",),
    "lat": ("Latitude",),
    "accuracy_m": ("Accuracy",),
    "operator_name": ("Operatorname",),
    "lac": ("LAC", "LACHEX"),
    "node": ("Node", "NODEHEX"),
    "cell": ("CellID",),
}

LOG = CsvFormat(
    name="gnettrack",
    title="G-NetTrack Pro log (tab separated)",
    aliases={
        **_PLACE_AND_TIME,
        "operator": ("Operator",),
        "technology": ("NetworkTech",),
        "level": ("Level",),
        "arfcn": ("ARFCN",),
        "psc": ("PSC",),
    },
    required=("time", "lon", "lat", "operator_name", "operator", "technology", "level"),
    observe=_observe_log,
    carrier=_carrier,
    honest_repeats=True,
)
EVENTS = CsvFormat(
    name="gnettrack_events",
    title="G-NetTrack Pro events (read without samples)",
    aliases={
        **_PLACE_AND_TIME,
        "technology": ("NetworkTech",),
        "event": ("EventType",),
        "details": ("EventDetails",),
    },
    required=("time", "lon", "lat", "event", "details"),
    observe=_observe_events,
)
UCC = CsvFormat(
    name="gnettrack_ucc",
    title="G-NetTrack as processed by UCC",
    aliases={
        **_PLACE_AND_TIME,
        "technology": ("NetworkMode",),
        "level": ("RSRP",),
        "raw_cell": ("RAWCELLID",),
    },
    required=("time", "lon", "lat", "operator_name", "technology", "level"),
    observe=_observe_ucc,
    carrier=_carrier,
    honest_repeats=True,
)
