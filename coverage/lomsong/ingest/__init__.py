"""Read what users bring into validated tables of one vocabulary."""

from lomsong.ingest.samples import read_samples, stream_samples

__all__ = ["read_samples", "stream_samples"]
