"""Open every input that a project names."""

from lomsong.ingest.inputs.bundle import Inputs
from lomsong.ingest.inputs.opening import check, open_inputs
from lomsong.ingest.inputs.sample_files import SampleFile, more_sample_files, sample_files

__all__ = [
    "Inputs",
    "SampleFile",
    "check",
    "more_sample_files",
    "open_inputs",
    "sample_files",
]
