"""State what every format of samples must say: its columns, and how a row becomes an observation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lomsong.ingest.reading.fields import Fields, key, meanings
from lomsong.ingest.samples.reasons import Reason
from lomsong.vietnam import carriers

UNAVAILABLE: Final = 2_147_483_647
"""What Android writes where it knows nothing (`CellInfo.UNAVAILABLE`)."""


_BRANDS: Final = MappingProxyType(
    {carrier.name: carrier.plmn for carrier in carriers.CARRIERS.values()}
    | dict.fromkeys(("vinaphone", "vnptvinaphone", "vinaphonevnpt"), "452-02")
    | dict.fromkeys(("viettelmobile", "vietteltelecom"), "452-04")
)
"""What phones and people call a carrier, as `key` writes it, without the country before or behind it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a user says about files that do not say it themselves."""

    timezone: str
    plmn: str | None = None
    device: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Observations:
    """What the rows of one batch say, one value per row, not yet judged."""

    time: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    technology: np.ndarray
    """What `technology_of` returns, None where missing."""
    level_dbm: np.ndarray
    """RSRP on 4G and 5G, RSCP on 3G, RXLEV on 2G; NaN where missing."""
    plmn: np.ndarray
    cell: pa.Array
    """Anything that tells cells apart, for finding duplicates."""
    accuracy_m: np.ndarray
    device: np.ndarray
    no_service: np.ndarray
    refused: Mapping[Reason, np.ndarray] = field(default_factory=dict)
    """Rows that are no observation at all, by reason."""


def plmn_of(fields: Fields) -> np.ndarray:
    """Return the carrier's PLMN from `plmn`, or from `mcc` and `mnc`; virtual operators give their host."""
    if "plmn" in fields:
        return fields.word("plmn", host_plmn)
    pairs = pc.binary_join_element_wise(fields.text("mcc"), fields.text("mnc"), " ")
    return meanings(pairs, _host_of_pair)


def host_plmn(code: str) -> str | None:
    """Return the PLMN of the carrier whose radio a PLMN, a carrier's name or the name of its brand uses."""
    word = key(code)
    brand = _BRANDS.get(word) or _BRANDS.get(word.removeprefix("vn").removesuffix("vn"))
    return brand or _host(carriers.plmn(code))


def _host_of_pair(pair: str) -> str | None:
    mcc, _, mnc = pair.partition(" ")
    return _host(carriers.plmn(mcc, mnc=mnc))


def _host(own: str | None) -> str | None:
    virtual = carriers.VIRTUAL_OPERATORS.get(own) if own else None
    return virtual.host_plmn if virtual else own


@dataclass(frozen=True, kw_only=True)
class CsvFormat:
    """One layout of delimited text."""

    name: str
    title: str
    aliases: Mapping[str, tuple[str, ...]]
    """Names that each field goes by; case, spaces and underscores do not matter."""
    required: Sequence[str]
    observe: Callable[[Fields, Options], Observations]
    carrier: Callable[[Fields], np.ndarray] = plmn_of
    honest_repeats: bool = False
    """A phone's own log: rows that agree within a second are two looks, not an upload made twice."""

    def columns_in(self, header: Sequence[str]) -> dict[str, str] | None:
        """Return the file's name for each field, or None where a required one is missing."""
        by_key: dict[str, str] = {}
        for column in header:
            by_key.setdefault(key(column), column)
        found = {
            name: by_key[key(alias)]
            for name, aliases in self.aliases.items()
            for alias in reversed(aliases)
            if key(alias) in by_key
        }
        return found if all(name in found for name in self.required) else None


def cell_of(fields: Fields, *names: str) -> pa.Array:
    """Return one text that tells cells apart."""
    parts = [pc.fill_null(fields.text(name), "") for name in names]
    return pc.binary_join_element_wise(*parts, " ") if len(parts) > 1 else parts[0]


def accuracy(fields: Fields, name: str = "accuracy_m") -> np.ndarray:
    """Return the accuracy of the position [m]; 0 and negative values mean that it is not known."""
    metres = fields.number(name)
    return np.where(np.isfinite(metres) & (metres > 0), metres, np.nan)


def devices(fields: Fields) -> np.ndarray:
    """Return the device as the file names it, None where it does not."""
    return meanings(fields.text("device"), str)


def nothing(fields: Fields) -> np.ndarray:
    """Return False for every row."""
    return np.zeros(len(fields), dtype=bool)
