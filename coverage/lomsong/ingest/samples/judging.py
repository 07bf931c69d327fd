"""Leave out what is no observation, count it by reason, and write the rest in our words."""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from lomsong.ingest.reading.words import all_alike, is_any_of, is_missing, renamed, replaced
from lomsong.ingest.samples.duplicates import FileDuplicates
from lomsong.ingest.samples.formats.base import Observations
from lomsong.ingest.samples.identity import hashes_of_rows
from lomsong.ingest.samples.levels import CDMA, in_range
from lomsong.ingest.samples.positions import is_possible
from lomsong.ingest.samples.reasons import Reason
from lomsong.tables import RSRP_TECHNOLOGIES, Samples
from lomsong.vietnam import carriers

_KEY_BYTES = 32
_DEVICE_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class Judge:
    """What turns the observations of any file into samples."""

    salt: str
    """Secret that makes the hashes of device ids unguessable."""
    maximum_accuracy_m: float | None

    def samples(
        self, observed: Observations, duplicates: FileDuplicates, *, source: str, n_cut: int
    ) -> Samples:
        """Return the samples among the observations of one batch."""
        n_rows = len(observed.lon)
        kept = np.ones(n_rows, dtype=bool)
        dropped: Counter[str] = Counter({Reason.CUT_SHORT.value: n_cut})
        for reason, refused in self._refusals(observed):
            hit = kept & refused
            if hit.any():
                dropped[reason.value] += int(hit.sum())
                kept &= ~hit
        table, repeated = self._table(
            observed if kept.all() else observed.rows(kept), duplicates, source=source
        )
        if repeated.any():
            dropped[Reason.DUPLICATE.value] += int(repeated.sum())
            table = table[~repeated].reset_index(drop=True)
        return Samples(
            table=table,
            dropped={reason: count for reason, count in sorted(dropped.items()) if count},
            n_rows=n_rows + n_cut,
        )

    def _refusals(self, observed: Observations) -> Iterator[tuple[Reason, np.ndarray]]:
        """Say for each reason in turn which rows it refuses; a row goes by the first that meets it."""
        yield from observed.refused.items()
        lon, lat, technology = observed.lon, observed.lat, observed.technology
        yield Reason.NO_POSITION, ~(np.isfinite(lon) & np.isfinite(lat))
        yield Reason.POSITION_ZERO, (lon == 0) & (lat == 0)
        yield Reason.POSITION_IMPOSSIBLE, ~is_possible(lon, lat)
        if self.maximum_accuracy_m is not None:
            yield Reason.POSITION_INACCURATE, observed.accuracy_m > self.maximum_accuracy_m
        yield Reason.WITHDRAWN_CARRIER, is_any_of(observed.plmn, tuple(carriers.WITHDRAWN))
        served = ~observed.no_service
        yield Reason.CDMA, served & (technology == CDMA)
        yield Reason.NO_TECHNOLOGY, served & is_missing(technology)
        yield Reason.NO_LEVEL, served & np.isnan(observed.level_dbm)
        yield Reason.LEVEL_OUT_OF_RANGE, served & ~in_range(observed.level_dbm, technology)

    def _table(
        self, observed: Observations, duplicates: FileDuplicates, *, source: str
    ) -> tuple[pd.DataFrame, np.ndarray]:
        """Return observations that are samples as a table, and which of them came before."""
        silent = observed.no_service
        technology, level = observed.technology, observed.level_dbm
        if silent.any():
            technology = replaced(technology, silent, None)
            level = np.where(silent, np.nan, level)
        device = renamed(observed.device, self._hashed)
        repeated = duplicates.repeated(
            hashes_of_rows(
                time=observed.time,
                lon=observed.lon,
                lat=observed.lat,
                accuracy_m=observed.accuracy_m,
                level_dbm=level,
                plmn=observed.plmn,
                technology=technology,
                device=device,
                no_service=silent,
                cell=observed.cell,
            )
        )
        is_rsrp = is_any_of(technology, RSRP_TECHNOLOGIES)
        columns = {
            "time": pd.Series(observed.time, copy=False).dt.tz_localize("UTC"),
            "lon": observed.lon,
            "lat": observed.lat,
            "accuracy_m": observed.accuracy_m,
            "plmn": observed.plmn,
            "technology": technology,
            "rsrp_dbm": np.where(is_rsrp, level, np.nan),
            "level_dbm": np.where(is_rsrp, np.nan, level),
            "no_service": silent,
            "device": device,
            "source": all_alike(source, len(level)),
            "cell": _numbers(np.where(silent, -1, observed.serving)),
        }
        return pd.DataFrame(columns, copy=False), repeated

    def _hashed(self, device: Hashable) -> str:
        return _hashed(str(device), self.salt)


def _numbers(cells: np.ndarray) -> pd.arrays.IntegerArray:
    """Return cells as a column that may lack some."""
    unknown = cells < 0
    return pd.arrays.IntegerArray(np.where(unknown, 1, cells), unknown)


@lru_cache(1 << 16)
def _hashed(device: str, salt: str) -> str:
    key = hashlib.blake2b(salt.encode(), digest_size=_KEY_BYTES).digest()
    return hashlib.blake2b(device.encode(), key=key, digest_size=_DEVICE_BYTES).hexdigest()
