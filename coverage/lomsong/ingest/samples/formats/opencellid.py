"""Read OpenCelliD measurements: app exports (Network Cell Info), uploads by Tower Collector, bulk files."""

import numpy as np

from lomsong.ingest.reading.fields import Fields
from lomsong.ingest.samples.formats import base
from lomsong.ingest.samples.formats.base import CsvFormat, Observations, Options
from lomsong.ingest.samples.levels import dbm_of_asu, technology_of

_ALIASES = {
    "mcc": ("mcc",),
    "mnc": ("mnc", "net"),
    "area": ("lac", "area"),
    "tac": ("tac",),
    "cell": ("cellid", "cell", "cid"),
    "pci": ("pci",),
    "psc": ("psc", "unit"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
    "level": ("signal", "rsrp"),
    "time": ("measured_at", "measured", "timestamp"),
    "accuracy_m": ("rating", "accuracy"),
    "technology": ("act", "networktype", "radio"),
    "device": ("devn",),
}
_REQUIRED = ("mcc", "mnc", "cell", "lat", "lon", "level", "time")
_NO_LEVEL = (0.0, -1.0, base.UNAVAILABLE, -base.UNAVAILABLE)


def _observe_measurements(fields: Fields, options: Options) -> Observations:
    del options  # times are Unix times, every row names its carrier
    level = fields.number("level")
    return _observed(fields, level_dbm=base.without(level, _NO_LEVEL))


def _observe_upload(fields: Fields, options: Options) -> Observations:
    """Read `signal` as the program writes it: the ASU where the phone tells it, else dBm, which is negative."""
    del options  # times state UTC, every row names its carrier
    signal = fields.number("level")
    technology = fields.word("technology", technology_of)
    negative = np.where(signal < -1, signal, np.nan)
    level = np.where(signal >= 0, dbm_of_asu(signal, technology), negative)
    return _observed(fields, level_dbm=level)


def _observed(fields: Fields, *, level_dbm: np.ndarray) -> Observations:
    return Observations(
        time=fields.time("time", timezone="UTC"),
        lon=fields.number("lon"),
        lat=fields.number("lat"),
        accuracy_m=base.accuracy(fields),
        technology=fields.word("technology", technology_of),
        level_dbm=level_dbm,
        plmn=base.plmn_of(fields),
        cell=base.cell_of(fields, "area", "tac", "cell", "psc", "pci"),
        serving=base.serving_cell(fields),
        device=base.devices(fields),
        no_service=base.nothing(fields),
    )


MEASUREMENTS = CsvFormat(
    name="opencellid",
    title="OpenCelliD measurements (Network Cell Info export, bulk file)",
    aliases=_ALIASES,
    required=_REQUIRED,
    observe=_observe_measurements,
)
UPLOAD = CsvFormat(
    name="opencellid_upload",
    title="OpenCelliD upload of Tower Collector",
    aliases=_ALIASES,
    required=(*_REQUIRED, "technology", "device"),
    observe=_observe_upload,
)
