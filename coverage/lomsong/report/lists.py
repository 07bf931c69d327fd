"""List the hamlets that a carrier should act on, best first, and write the lists as XLSX, CSV and KMZ."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lomsong.errors import Fault, InputError
from lomsong.report import csv_table, list_kmz, list_rows, list_xlsx, text
from lomsong.report.list_columns import Column, of_list
from lomsong.report.list_content import ListContent, content
from lomsong.report.list_rows import carriers
from lomsong.report.text import Language
from lomsong.result import Result
from lomsong.tables import ANY_CARRIER
from lomsong.vietnam.names import key, split_commune_kind

ALL: Final = "all"
"""What files call the list that is no single carrier's."""
_KEPT: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


def rows(result: Result, *, carrier: str | None = None, commune: str | None = None) -> pd.DataFrame:
    """Return a row per hamlet that needs action, best first.

    A hamlet is listed where its 4G is no signal, partial or weak, for the carrier or for the best of all (what
    nobody serves well, this carrier does not either). Where the class is unknown nothing is listed: that is the
    business of the survey list. Areas without residents are no hamlets and are not listed.

    Every figure is a column of a written table, except: people not served or not known of one carrier (sums over
    its clusters in the assessment), `candidate_people` (a sum over the coverage of candidates), distances
    (geodesics on WGS 84) and VN-2000 coordinates.

    Parameters
    ----------
    carrier
        Whose list; None, "all" or "any" for the list of all.
    commune
        Code or name of a commune, to list its hamlets only; names are compared as people do.

    Raises
    ------
    InputError
        Where nobody knows the carrier or the commune.
    """
    subject = _subject(result, carrier)
    hamlets = result.hamlets
    wanted = (hamlets["kind"] == "hamlet").to_numpy() & _in_commune(hamlets, commune)
    return list_rows.build(result, subject=subject, hamlets=hamlets[wanted])


def columns(result: Result, *, carrier: str | None = None) -> tuple[Column, ...]:
    """Return the columns of a list: names, headings, meanings."""
    subject = _subject(result, carrier)
    return of_list(subject=subject, others=list_rows.others(result, subject))


def export(
    result: Result,
    file: Path,
    *,
    carrier: str | None = None,
    commune: str | None = None,
    language: Language | None = None,
) -> None:
    """Write one list; the suffix of the file says as what.

    Raises
    ------
    InputError
        Where nobody knows the carrier, the commune or the suffix.
    """
    writer = WRITERS.get(file.suffix.lower())
    if writer is None:
        known = ", ".join(WRITERS)
        fault = Fault(
            file=file, problem="nobody knows this kind of list", remedy=f"Use one of {known}"
        )
        raise InputError([fault])
    table = rows(result, carrier=carrier, commune=commune)
    subject = _subject(result, carrier)
    writer(content(result, table, subject=subject, commune=commune, language=language), file)


def write(result: Result, folder: Path, *, language: Language | None = None) -> list[Path]:
    """Write `priority_<carrier>` of every carrier and `priority_all`, each as XLSX, CSV and KMZ.

    Two writes of the same result are byte-identical. The language is the project's where none is given.
    """
    written = []
    for carrier in (ALL, *carriers(result)):
        table = rows(result, carrier=carrier)
        subject = _subject(result, carrier)
        filled = content(result, table, subject=subject, commune=None, language=language)
        for suffix, writer in WRITERS.items():
            file = folder / f"priority_{_safe(carrier)}{suffix}"
            writer(filled, file)
            written.append(file)
    return written


def _safe(carrier: str) -> str:
    """Return a carrier as part of a file name; names of networks in no known form come from input."""
    kept = "".join(c if c in _KEPT else "_" for c in carrier.lower())[:40]
    if kept == carrier:
        return kept
    # Different names stay different files, in any order of carriers.
    return f"{kept}_{hashlib.sha256(carrier.encode()).hexdigest()[:8]}"


def _write_csv(filled: ListContent, file: Path) -> None:
    """Write the rows for programs: names of columns and values as in the tables."""
    csv_table.write(filled.rows, file)


WRITERS: Final[Mapping[str, Callable[[ListContent, Path], None]]] = MappingProxyType(
    {".xlsx": list_xlsx.write, ".csv": _write_csv, ".kmz": list_kmz.write}
)


def _subject(result: Result, carrier: str | None) -> str:
    if carrier in {None, ALL, ANY_CARRIER}:
        return ANY_CARRIER
    known = carriers(result)
    if carrier in known:
        return carrier
    fault = Fault(
        column="carrier",
        value=carrier,
        problem="this run judged no such carrier",
        remedy=f"Use one of {', '.join((ALL, *known))}",
    )
    raise InputError([fault])


def _in_commune(hamlets: pd.DataFrame, commune: str | None) -> npt.NDArray[np.bool_]:
    if commune is None:
        return np.ones(len(hamlets), dtype=bool)
    found = (hamlets["commune_code"] == commune).to_numpy(bool, na_value=False)
    if not found.any():
        wanted = _name_key(commune)
        keys = [
            None if text.is_missing(name) else _name_key(name) for name in hamlets["commune_name"]
        ]
        found = np.array([name == wanted for name in keys], dtype=bool)
    if found.any():
        return found
    fault = Fault(
        column="commune",
        value=commune,
        problem="this run has no such commune",
        remedy="Give the code or the name of one of its communes",
    )
    raise InputError([fault])


def _name_key(commune: str) -> str:
    """Return the key of a commune's name without its kind: Xã and Phường are often left out."""
    return key(split_commune_kind(commune).rest)
