"""Tell files in which no row with service keeps its level: what is left of them would speak of dead places only."""

from collections.abc import Iterator
from typing import Final

from lomsong.errors import Fault
from lomsong.ingest.samples.reasons import Reason
from lomsong.sentences import Sentence
from lomsong.tables import Samples

FEWEST: Final = 10
"""A file with fewer rows of impossible or missing levels may be an honest log of a bad hour."""


class Unheard:
    """Whether a file has any usable row with service."""

    def __init__(self) -> None:
        self.n_heard = self.n_missing = self.n_impossible = 0

    def look_at(self, samples: Samples) -> None:
        """Count the rows of one batch; a repeated row was usable where it came first."""
        repeated = samples.dropped.get(Reason.DUPLICATE.value, 0)
        self.n_heard += int((~samples.table["no_service"]).sum()) + repeated
        self.n_missing += samples.dropped.get(Reason.NO_LEVEL.value, 0)
        self.n_impossible += samples.dropped.get(Reason.LEVEL_OUT_OF_RANGE.value, 0)

    def add_all(self, other: "Unheard") -> None:
        """Take in the counts of another part of the file."""
        self.n_heard += other.n_heard
        self.n_missing += other.n_missing
        self.n_impossible += other.n_impossible

    def faults(self, file: str) -> Iterator[Fault]:
        """Say what is wrong where no level is usable."""
        if self.n_heard or self.n_missing + self.n_impossible < FEWEST:
            return
        yield Fault(
            file=file,
            problem=Sentence(
                "no row with service has a usable level ({impossible:,} impossible, {missing:,} missing)",
                impossible=self.n_impossible,
                missing=self.n_missing,
            ),
            remedy="Give levels in dBm, which are negative, under the column that columns names for them",
        )
