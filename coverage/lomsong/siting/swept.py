"""Keep levels swept over terrain under a name made of all they follow from, so that the same is never swept twice.

Thresholds, weights, limits and what samples teach come after the sweep: another of these finds everything here.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from lomsong.config import SitingSection
from lomsong.provenance import program
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

logger = logging.getLogger(__name__)

COLUMNS: Final = ("name", "check", "levels")
VERSION: Final = 1
"""Changes whenever a sweep gives other levels of the same land than before, so that kept ones are not taken for new ones."""
MOST_BYTES: Final = 200_000_000
"""A run keeps no more (assumption): a province sweeps gigabytes, and each run would write them anew."""
RADIO: Final = (
    "antenna_gain_dbi",
    "azimuths_deg",
    "bands",
    "downtilt_deg",
    "losses_db",
    "radius_m",
    "receiver_m",
    "transmit_power_dbm",
)
"""Settings that levels follow from."""


def name_of(*parts: object) -> str:
    """Return a name made of content: of text, of bytes, and of the bits of arrays."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.tobytes() if isinstance(part, np.ndarray) else str(part).encode()
        digest.update(len(data).to_bytes(8))
        digest.update(data)
    return digest.hexdigest()


def name_of_land(terrain: Raster, settings: SitingSection) -> str:
    """Return the name of what all places have in common: version, terrain and radio."""
    radio = json.dumps({name: getattr(settings, name) for name in RADIO}, sort_keys=True)
    shape = (*terrain.values.shape, terrain.values.dtype, *terrain.transform)
    values = np.ascontiguousarray(terrain.values)
    return name_of(program(), VERSION, radio, shape, terrain.crs.to_wkt(), values)


def as_table(levels: Mapping[str, Floats]) -> pd.DataFrame:
    """Return levels by name as a table, in the order of names; the last ones are left out where they are too many."""
    names = sorted(levels)
    size = np.cumsum([levels[name].nbytes for name in names])
    kept = names[: int(np.searchsorted(size, MOST_BYTES, side="right"))]
    if len(kept) < len(names):
        logger.warning(
            "%d of %d places are not kept and will be swept anew: %d MB are kept at most",
            len(names) - len(kept),
            len(names),
            MOST_BYTES // 1_000_000,
        )
    data = [levels[name].astype("<f8").tobytes() for name in kept]
    rows = {"name": kept, "check": [_check(one) for one in data], "levels": data}
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"name": "str", "check": "str", "levels": object})


def read(file: Path) -> Mapping[str, Floats]:
    """Return the levels that an earlier run kept; nothing where there was none, and what is damaged is left out."""
    if not file.is_file():
        return {}
    try:
        table = pd.read_parquet(file, columns=list(COLUMNS))
    except (OSError, ValueError, pa.ArrowException) as damaged:
        logger.warning("%s is damaged and swept anew: %s", file.name, damaged)
        return {}
    whole = [
        isinstance(d, bytes) and _check(d) == c
        for d, c in zip(table["levels"], table["check"], strict=True)
    ]
    if not all(whole):
        logger.warning(
            "%d places of %s are damaged and swept anew", len(whole) - sum(whole), file.name
        )
    kept = table[whole]
    return {
        str(n): np.frombuffer(d, "<f8") for n, d in zip(kept["name"], kept["levels"], strict=True)
    }


def _check(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()
