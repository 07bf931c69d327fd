"""Look at samples as they pass by, and note what a person should know of all of them together."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from lomsong.ingest.reading.placement import VIETNAM, in_extent
from lomsong.ingest.samples.reasons import Reason
from lomsong.notes import Note
from lomsong.space.crs import Extent
from lomsong.tables import Samples

OF_VIETNAM: Final = "452-"
"""PLMNs of Vietnam begin so."""


@dataclass(eq=False, kw_only=True)
class Passing:
    """What was seen of the samples so far."""

    extent: Extent
    """Box of all areas, in degrees."""
    n_rows: int = 0
    n_kept: int = 0
    n_inside: int = 0
    newest: dt.date | None = None
    dropped: Counter[str] = field(default_factory=Counter)
    abroad: Counter[str] = field(default_factory=Counter)
    """Samples of networks of other countries."""

    def look_at(self, batch: Samples) -> None:
        """Look at one more batch."""
        table, box = batch.table, self.extent
        self.n_rows += batch.n_rows
        self.n_kept += len(table)
        self.dropped.update(batch.dropped)
        networks = table["plmn"].value_counts()
        self.abroad.update(
            {
                str(plmn): int(n)
                for plmn, n in networks.items()
                if not str(plmn).startswith(OF_VIETNAM)
            }
        )
        inside = table["lon"].between(box.west, box.east)
        self.n_inside += int((inside & table["lat"].between(box.south, box.north)).sum())
        times = table["time"].dropna()
        if len(times):
            latest = times.max().date()
            self.newest = latest if self.newest is None else max(self.newest, latest)

    def notes(self, *, as_of: dt.date | None, today: dt.date) -> list[Note]:
        """Say how many samples there are, what was left out, and which dates are strange."""
        if not self.n_rows:
            return []
        said = [
            Note("{n} of {rows} rows are samples", about="signal", n=self.n_kept, rows=self.n_rows)
        ]
        said += [
            Note("{n} rows left out: {reason}", about="signal", n=n, reason=Reason(reason))
            for reason, n in sorted(self.dropped.items())
        ]
        if self.n_kept and not self.n_inside:
            said.append(
                Note("no sample lies near any area: every class will be unknown", about="signal")
            )
        if self.abroad and _lies_in_vietnam(self.extent):
            networks = ", ".join(sorted(self.abroad))
            pattern = "{n} samples are of networks of other countries ({networks})"
            said.append(Note(pattern, about="signal", n=self.abroad.total(), networks=networks))
        return [*said, *newer_than(as_of, newest=self.newest), *in_future(self.newest, today=today)]


def _lies_in_vietnam(box: Extent) -> bool:
    middle = np.array([box.west + box.east]) / 2, np.array([box.south + box.north]) / 2
    return bool(in_extent(*middle, VIETNAM).all())


def newer_than(as_of: dt.date | None, *, newest: dt.date | None) -> list[Note]:
    """Say that samples are newer than the day from which their ages are counted."""
    if as_of is None or newest is None or newest <= as_of:
        return []
    pattern = "the newest sample is of {newest}, and ages are counted from {as_of}"
    return [Note(pattern, about="signal", newest=newest.isoformat(), as_of=as_of.isoformat())]


def in_future(newest: dt.date | None, *, today: dt.date) -> list[Note]:
    """Say that a sample is dated after today, whatever the time zone: a clock was wrong, or a day and a month swapped."""
    if newest is None or newest <= today + dt.timedelta(days=1):
        return []
    pattern = "the newest sample is dated {newest}, in the future: a clock was wrong, or day and month are exchanged"
    return [Note(pattern, about="signal", newest=newest.isoformat())]
