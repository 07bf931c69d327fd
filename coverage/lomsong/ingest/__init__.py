"""Read what users bring into validated tables of one vocabulary."""

from lomsong.ingest.samples import read_samples, stream_samples
from lomsong.ingest.sites import read_sites

__all__ = ["read_samples", "read_sites", "stream_samples"]
