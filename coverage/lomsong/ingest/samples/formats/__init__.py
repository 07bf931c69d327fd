"""Know what each provider's file looks like: one module per provider, one list of all formats."""

from lomsong.ingest.samples.formats import (
    generic,
    gnettrack,
    opencellid,
    survey_form,
    tower_collector,
)
from lomsong.ingest.samples.formats.base import CsvFormat, Observations, Options

TEXT_FORMATS: tuple[CsvFormat, ...] = (
    survey_form.FORM,
    tower_collector.EXPORT,
    opencellid.UPLOAD,
    opencellid.MEASUREMENTS,
    gnettrack.LOG,
    gnettrack.EVENTS,
    gnettrack.UCC,
)
"""From the most particular to the least: the first whose columns are all there reads the file."""

__all__ = ["TEXT_FORMATS", "CsvFormat", "Observations", "Options", "generic"]
