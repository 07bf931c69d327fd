"""Keep the list of what was mended in an input on the way in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Literal, TypedDict

import pandas as pd

from lomsong.notes import Note
from lomsong.tables import REPAIR_COLUMNS

Place = tuple[str, int]
"""File and row."""

Kind = Literal["outline", "twin", "encoding", "other"]
_MOST_ROWS: Final = 5
_OF_HAMLETS: Final = ["hamlet_id", "name"]


@dataclass(frozen=True)
class _Repair:
    place: Place
    problem: str
    repair: str
    hamlet_at: Place
    kind: Kind


class _Found(TypedDict):
    about: str
    n: int
    rows: str


class Repairs:
    """Collect repairs by place; the hamlet's id is looked up when all ids are known."""

    def __init__(self) -> None:
        self._repairs: list[_Repair] = []

    def add(
        self,
        place: Place,
        problem: str,
        repair: str,
        *,
        kind: Kind = "other",
        hamlet_at: Place | None = None,
    ) -> None:
        """Note one repair; `hamlet_at` is where the hamlet stands, if its own row was given up."""
        self._repairs.append(_Repair(place, problem, repair, hamlet_at or place, kind))

    def notes(self) -> list[Note]:
        """Say what was mended most often, and in which rows; the rest is only listed."""
        return [
            *(
                Note(
                    "{n} texts were in an encoding of old fonts and were converted to Unicode (row {rows})",
                    **found,
                )
                for found in self._found("encoding")
            ),
            *(
                Note(
                    "{n} outlines crossed or touched themselves and were mended (row {rows})",
                    **found,
                )
                for found in self._found("outline")
            ),
            *(
                Note(
                    "{n} rows repeat another one in everything and were merged with it (row {rows})",
                    **found,
                )
                for found in self._found("twin")
            ),
        ]

    def _found(self, kind: Kind) -> Iterator[_Found]:
        """Yield the figures of a note for each file with repairs of a kind."""
        rows_of: dict[str, list[int]] = {}
        for repair in self._repairs:
            if repair.kind == kind:
                rows_of.setdefault(repair.place[0], []).append(repair.place[1])
        for file, rows in sorted(rows_of.items()):
            several = sorted(set(rows))
            more = ", …" if len(several) > _MOST_ROWS else ""
            shown = ", ".join(map(str, several[:_MOST_ROWS])) + more
            yield {"about": PurePath(file).name, "n": len(rows), "rows": shown}

    def table(self, hamlets: pd.DataFrame) -> pd.DataFrame:
        """Return the list (`REPAIR_COLUMNS`, all text) in the order of files and rows."""
        at = hamlets.set_index(["file", "row"])[_OF_HAMLETS].to_dict("index")
        ordered = sorted(self._repairs, key=lambda r: (r.place, r.problem))
        rows = [
            {
                "file": r.place[0],
                "row": str(r.place[1]),
                **at.get(r.hamlet_at, dict.fromkeys(_OF_HAMLETS, "")),
                "problem": r.problem,
                "repair": r.repair,
            }
            for r in ordered
        ]
        return pd.DataFrame(rows, columns=list(REPAIR_COLUMNS), dtype=str)
