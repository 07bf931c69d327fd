"""List the hamlets that a carrier should act on, best first, and write the lists as XLSX, CSV, KMZ and PDF."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from lomsong.errors import Fault, InputError
from lomsong.progress import SILENT, Progress, each
from lomsong.report import csv_table
from lomsong.report.lists import kmz as list_kmz
from lomsong.report.lists import pdf
from lomsong.report.lists import xlsx as list_xlsx
from lomsong.report.lists.columns import Column
from lomsong.report.lists.content import ALL, Borders, ListContent, content
from lomsong.report.lists.rows_of import carriers
from lomsong.report.text import Language
from lomsong.result import Result
from lomsong.sentences import Sentence

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
    return content(result, carrier=carrier, commune=commune).rows


def columns(result: Result, *, carrier: str | None = None) -> tuple[Column, ...]:
    """Return the columns of a list: names, headings, meanings."""
    return tuple(content(result, carrier=carrier).columns)


def export(
    result: Result,
    file: Path,
    *,
    carrier: str | None = None,
    commune: str | None = None,
    language: Language | None = None,
) -> list[Path]:
    """Write one list; the suffix of the file says as what. Return the files: beside a CSV stands one of its sites.

    Raises
    ------
    InputError
        Where nobody knows the carrier, the commune or the suffix.
    """
    writer = WRITERS.get(file.suffix.lower())
    if writer is None:
        known = ", ".join(WRITERS)
        fault = Fault(
            file=file,
            problem="nobody knows this kind of list",
            remedy=Sentence("Use one of {names}", names=known),
        )
        raise InputError([fault])
    return writer(content(result, carrier=carrier, commune=commune, language=language), file)


def write(
    result: Result,
    folder: Path,
    *,
    language: Language | None = None,
    progress: Progress = SILENT,
) -> list[Path]:
    """Write `priority_<carrier>` of every carrier and `priority_all`, each as XLSX, CSV (two files) and KMZ.

    Two writes of the same result are byte-identical. The language is the project's where none is given.
    """
    written = []
    borders = Borders(result.hamlets)
    for carrier in each((ALL, *carriers(result)), progress, "lists", unit="lists"):
        filled = content(result, carrier=carrier, language=language, borders=borders)
        for suffix in EVERY_RUN:
            file = folder / f"priority_{_safe(carrier)}{suffix}"
            written += WRITERS[suffix](filled, file)
    return written


def _safe(carrier: str) -> str:
    """Return a carrier as part of a file name; names of networks in no known form come from input."""
    kept = "".join(c if c in _KEPT else "_" for c in carrier.lower())[:40]
    if kept == carrier:
        return kept
    # Different names stay different files, in any order of carriers.
    return f"{kept}_{hashlib.sha256(carrier.encode()).hexdigest()[:8]}"


def _write_csv(filled: ListContent, file: Path) -> list[Path]:
    """Write the rows, and the sites, for programs: names of columns and values as in the tables."""
    sites = file.with_name(f"{file.stem}_sites{file.suffix}")
    csv_table.write(filled.rows, file)
    csv_table.write(filled.sites, sites)
    return [file, sites]


def _alone(
    write_one: Callable[[ListContent, Path], None],
) -> Callable[[ListContent, Path], list[Path]]:
    def writing(filled: ListContent, file: Path) -> list[Path]:
        write_one(filled, file)
        return [file]

    return writing


WRITERS: Final[Mapping[str, Callable[[ListContent, Path], list[Path]]]] = MappingProxyType(
    {
        ".xlsx": _alone(list_xlsx.write),
        ".csv": _write_csv,
        ".kmz": _alone(list_kmz.write),
        ".pdf": _alone(pdf.write_list),
    }
)
EVERY_RUN: Final = (".xlsx", ".csv", ".kmz")
"""What a run writes by itself; a printed list is made when it is asked for."""
