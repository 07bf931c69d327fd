"""Say what files of samples hold, and write them as one Parquet file, in bounded memory."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lomsong.errors import Fault, InputError
from lomsong.sentences import Sentence
from lomsong.tables import Samples

_SCHEMA: Final = pa.schema(
    [
        ("time", pa.timestamp("ms", "UTC")),
        *((name, pa.float64()) for name in ("lon", "lat", "accuracy_m")),
        *((name, pa.string()) for name in ("plmn", "technology")),
        *((name, pa.float64()) for name in ("rsrp_dbm", "level_dbm")),
        ("no_service", pa.bool_()),
        *((name, pa.string()) for name in ("device", "source")),
        ("cell", pa.int64()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What files of samples hold."""

    n_rows: int
    """Rows read, dropped ones included."""
    dropped: Mapping[str, int]
    counts: Mapping[tuple[str, str], int]
    """Samples by carrier, empty where none is known, and technology, empty where there is no service."""


def summed(batches: Iterable[Samples]) -> Contents:
    """Count samples while they pass."""
    n_rows = 0
    dropped: Counter[str] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    for batch in batches:
        n_rows += batch.n_rows
        dropped.update(batch.dropped)
        service = batch.table["technology"].mask(batch.table["no_service"])
        groups = batch.table["plmn"].groupby([batch.table["plmn"], service], dropna=False)
        sizes = groups.size()
        for (plmn, technology), count in zip(sizes.index.to_list(), sizes.tolist(), strict=True):
            counts[_text(plmn), _text(technology)] += count
    return Contents(
        n_rows=n_rows,
        dropped=dict(sorted(dropped.items())),
        counts=dict(sorted(counts.items())),
    )


def written(batches: Iterable[Samples], file: Path) -> Iterator[Samples]:
    """Write samples to a Parquet file while they pass; it appears when the last one is written."""
    if file.exists() and not file.is_file():  # a folder, or a device that must not be put aside
        fault = Fault(file=file, problem="is no plain file", remedy="Name another place")
        raise InputError([fault])
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("wb") as sink, pq.ParquetWriter(sink, _SCHEMA, compression="zstd") as to:
            for batch in batches:
                table = pa.Table.from_pandas(batch.table, preserve_index=False)
                to.write_table(table.cast(_SCHEMA))
                yield batch
        beside.replace(file)
    except OSError as broken:
        fault = Fault(
            file=file,
            problem=Sentence("cannot be written: {reason}", reason=broken.strerror or str(broken)),
            remedy="Name another place",
        )
        raise InputError([fault]) from None
    finally:
        beside.unlink(missing_ok=True)


def _text(word: object) -> str:
    return word if isinstance(word, str) else ""
