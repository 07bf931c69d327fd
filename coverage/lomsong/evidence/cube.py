"""Count observations: a witness table from which every histogram follows; two of them add to the whole."""

import datetime as dt
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from lomsong.evidence.crossings import crossings_of
from lomsong.evidence.join import Locator
from lomsong.evidence.tally import NO_SERVICE, Counting, Tally, packed
from lomsong.tables import CROSSINGS, NO_CARRIER, Samples, empty

__all__ = ["NO_SERVICE", "Evidence", "count", "counted", "evidence_of", "merge"]

WITNESS_KEYS: Final = (
    "hamlet",
    "cluster",
    "carrier",
    "technology",
    "node",
    "device",
    "day",
    "cell_x",
    "cell_y",
    "level_dbm",
)
CUBE_KEYS: Final = ("hamlet", "cluster", "carrier", "technology", "level_dbm")
WAITING: Final = 2
"""Batches that may be read before they are counted: reading and counting go on at once, in bounded memory."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """What was observed, counted and not judged.

    `witnesses` has the columns `WITNESS_KEYS` and `n`: `hamlet` and `cluster` are positions (-1: none), `technology`
    is empty for no service, `node` is the number of the eNodeB that served modulo 65,535 (-1: unknown, or no 4G),
    `device` is empty where the source names none, `day` counts days since 1970 (-1: unknown), `level_dbm` is the level
    rounded down to a whole dB or `NO_SERVICE`. Comparing whole dB with a threshold of whole dB is exact.
    """

    witnesses: pd.DataFrame
    crossings: pd.DataFrame = field(default_factory=lambda: empty(CROSSINGS))
    """Gaps that devices crossed (`tables.CROSSINGS`), sorted by its columns."""
    dropped: dict[str, int] = field(default_factory=dict)
    n_samples: int = 0
    newest: dt.date | None = None
    """The newest day in the data, samples outside all hamlets included."""

    @property
    def carriers(self) -> tuple[str, ...]:
        """Carriers that were observed, sorted."""
        return tuple(sorted({*self.witnesses["carrier"].unique()} - {NO_CARRIER}))

    @property
    def cube(self) -> pd.DataFrame:
        """Histogram per cluster × carrier × technology in 1-dB steps; no service under `NO_SERVICE`."""
        return self.witnesses.groupby(list(CUBE_KEYS), as_index=False)[["n"]].sum()


def count(batches: Iterable[Samples], locator: Locator) -> Evidence:
    """Locate and count samples batch by batch; their order and cut change nothing."""
    return evidence_of(counted(batches, locator), locator)


def counted(batches: Iterable[Samples], locator: Locator) -> Tally:
    """Locate and count samples while the next ones are being read."""
    running: deque[Future[None]] = deque()
    # One thread counts: reading, which holds the interpreter for most of its time, takes longer.
    with Counting() as found, ThreadPoolExecutor(1) as pool:
        for batch in batches:
            running.append(
                pool.submit(lambda one: found.add(packed(one, locator, threads=1)), batch)
            )
            while len(running) > WAITING:
                running.popleft().result()
        for last in running:
            last.result()
        return found.total()


def evidence_of(total: Tally, locator: Locator) -> Evidence:
    """Write a tally in the words of tables."""
    return Evidence(
        witnesses=total.witnesses(locator),
        crossings=crossings_of(total.trails),
        dropped=dict(sorted(total.dropped.items())),
        n_samples=total.n_samples,
        newest=total.newest,
    )


def merge(parts: Iterable[Evidence]) -> Evidence:
    """Add counts; none at all is the count of nothing."""
    known = [Evidence(witnesses=_nobody()), *parts]
    dropped: Counter[str] = Counter()
    for part in known:
        dropped.update(part.dropped)
    crossings = pd.concat([part.crossings for part in known], ignore_index=True)
    together = pd.concat([part.witnesses for part in known], ignore_index=True)
    return Evidence(
        witnesses=together.groupby(list(WITNESS_KEYS), as_index=False, sort=True)[["n"]].sum(),
        crossings=crossings.sort_values(list(CROSSINGS.columns), ignore_index=True),
        dropped=dict(sorted(dropped.items())),
        n_samples=sum(part.n_samples for part in known),
        newest=max((part.newest for part in known if part.newest), default=None),
    )


def _nobody() -> pd.DataFrame:
    kinds = {
        **dict.fromkeys(WITNESS_KEYS, "int32"),
        **dict.fromkeys(("carrier", "technology", "device"), "str"),
        "level_dbm": "int16",
        "n": "int64",
    }
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
