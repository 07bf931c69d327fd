"""State what every format of samples must say: its columns, and how a row becomes an observation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from lomsong.ingest.reading.fields import Fields, key
from lomsong.ingest.reading.typed_text import Kind
from lomsong.ingest.reading.words import coded, is_missing
from lomsong.ingest.samples.identity import combined, hashes_of_codes, whole_numbers
from lomsong.ingest.samples.reasons import Reason
from lomsong.vietnam import carriers

UNAVAILABLE: Final = 2_147_483_647
"""What Android writes where it knows nothing (`CellInfo.UNAVAILABLE`)."""
MOST_CELL: Final = 2**36
"""Numbers of cells lie below this: an NCI has 36 bits (3GPP TS 38.413, section 9.3.1.7), the others fewer."""
NO_CELL: Final = (2**16 - 1, 2**28 - 1, UNAVAILABLE, 2**32 - 1, 2**36 - 1)
"""Numbers that stand where no cell is known: all bits of a CI, an ECI, an int or an NCI."""
CELLS_PER_NODE: Final = 2**8
"""An ECI is the number of the eNodeB times this, and the number of the cell there (3GPP TS 36.413, section 9.2.1.38)."""
MOST_NODE: Final = 2**20 - 1
"""Numbers of macro eNodeBs have 20 bits; all of them set means nothing."""
KINDS: Final = MappingProxyType(
    dict.fromkeys(("lon", "lat", "accuracy_m", "level", "rsrp_dbm", "level_dbm"), Kind.NUMBER)
    | dict.fromkeys(("asu", "dbm", "rsrp", "ss_rsrp", "rscp"), Kind.NUMBER)
    | dict.fromkeys(("plmn", "mcc", "mnc", "operator", "operator_name"), Kind.WORD)
    | dict.fromkeys(("technology", "device", "no_service", "neighboring"), Kind.WORD)
    | dict.fromkeys(("area", "tac", "cell", "pci", "psc", "lac", "node", "arfcn"), Kind.CODE)
    | dict.fromkeys(("raw_cell",), Kind.CODE)
    | {"time": Kind.TIME}
)
"""What the fields of all formats hold, which makes reading them quick; any other is read as text."""

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
    technology: pd.Categorical
    """What `technology_of` returns."""
    level_dbm: np.ndarray
    """RSRP on 4G and 5G, RSCP on 3G, RXLEV on 2G; NaN where missing."""
    plmn: pd.Categorical
    cell: np.ndarray
    """A number that tells cells apart, for finding duplicates."""
    serving: np.ndarray
    """Number of the serving cell as the network writes it (CI, UTRAN cell id, ECI, NCI); -1 where it is not known."""
    accuracy_m: np.ndarray
    device: pd.Categorical
    no_service: np.ndarray
    refused: Mapping[Reason, np.ndarray] = field(default_factory=dict)
    """Rows that are no observation at all, by reason."""

    def rows(self, kept: np.ndarray) -> "Observations":
        """Return some of the rows, which none of `refused` are."""
        own = {one.name: getattr(self, one.name) for one in fields_of(self)}
        return Observations(
            **{name: values[kept] for name, values in own.items() if name != "refused"}
        )


def plmn_of(fields: Fields) -> pd.Categorical:
    """Return the carrier's PLMN from `plmn`, or from `mcc` and `mnc`; virtual operators give their host."""
    if "plmn" in fields:
        return fields.word("plmn", host_plmn)
    country, network = fields.word("mcc", str), fields.word("mnc", str)
    width = len(network.categories) + 1  # the last place of each row of pairs is a missing network
    places = country.codes.astype(np.int64) * width + network.codes.astype(np.int64) % width
    used, where = np.unique(np.where(is_missing(country), -1, places), return_inverse=True)
    pairs = [None if place < 0 else divmod(place, width) for place in used.tolist()]
    return coded(
        where,
        [
            None
            if pair is None or pair[1] == width - 1
            else _host(carriers.plmn(country.categories[pair[0]], mnc=network.categories[pair[1]]))
            for pair in pairs
        ],
    )


def host_plmn(code: str) -> str | None:
    """Return the PLMN of the carrier whose radio a PLMN, a carrier's name or the name of its brand uses."""
    word = key(code)
    brand = _BRANDS.get(word) or _BRANDS.get(word.removeprefix("vn").removesuffix("vn"))
    return brand or _host(carriers.plmn(code))


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
    carrier: Callable[[Fields], pd.Categorical] = plmn_of
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


def cell_of(fields: Fields, *names: str) -> np.ndarray:
    """Return one number that tells cells apart."""
    return combined([hashes_of_codes(fields.codes(name)) for name in names], len(fields))


def serving_cell(fields: Fields, name: str = "cell") -> np.ndarray:
    """Return the number of the serving cell, -1 where there is none or what stands there means nothing."""
    if name not in fields:
        return nobody(fields)
    number = whole_numbers(fields.codes(name))
    possible = (number > 0) & (number < MOST_CELL)
    return np.where(possible & ~np.isin(number, NO_CELL), number, -1)


def serving_cell_of_node(fields: Fields, node: str, cell: str) -> np.ndarray:
    """Return the number of the serving cell of 4G from its eNodeB and its number there, -1 where there is none."""
    if node not in fields:
        return nobody(fields)
    nodes, own = (whole_numbers(fields.codes(name)) for name in (node, cell))
    possible = (nodes > 0) & (nodes < MOST_NODE)
    # A file that does not tell the cells of a node apart tells the node all the same.
    return np.where(possible, nodes * CELLS_PER_NODE + np.maximum(own, 0) % CELLS_PER_NODE, -1)


def nobody(fields: Fields) -> np.ndarray:
    """Return -1 for every row: no serving cell is known."""
    return np.full(len(fields), -1, np.int64)


def accuracy(fields: Fields, name: str = "accuracy_m") -> np.ndarray:
    """Return the accuracy of the position [m]; 0 and negative values mean that it is not known."""
    metres = fields.number(name)
    known = np.isfinite(metres) & (metres > 0)
    return metres if known.all() else np.where(known, metres, np.nan)


def without(levels: np.ndarray, sentinels: Sequence[float]) -> np.ndarray:
    """Return levels, NaN where they are a number that means nothing."""
    if not len(levels):
        return levels
    low, high = np.fmin.reduce(levels), np.fmax.reduce(levels)
    possible = [sentinel for sentinel in sentinels if low <= sentinel <= high]
    return np.where(np.isin(levels, possible), np.nan, levels) if possible else levels


def devices(fields: Fields) -> pd.Categorical:
    """Return the device as the file names it, missing where it does not."""
    return fields.word("device", str)


def nothing(fields: Fields) -> np.ndarray:
    """Return False for every row."""
    return np.zeros(len(fields), dtype=bool)
