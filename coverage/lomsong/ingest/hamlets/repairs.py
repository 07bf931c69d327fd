"""Keep the list of what was mended in an input on the way in."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from lomsong.tables import REPAIR_COLUMNS

Place = tuple[str, int]
"""File and row."""

_OF_HAMLETS: Final = ["hamlet_id", "name"]


@dataclass(frozen=True)
class _Repair:
    place: Place
    problem: str
    repair: str
    hamlet_at: Place


class Repairs:
    """Collect repairs by place; the hamlet's id is looked up when all ids are known."""

    def __init__(self) -> None:
        self._repairs: list[_Repair] = []

    def add(
        self, place: Place, problem: str, repair: str, *, hamlet_at: Place | None = None
    ) -> None:
        """Note one repair; `hamlet_at` is where the hamlet stands, if its own row was given up."""
        self._repairs.append(_Repair(place, problem, repair, hamlet_at or place))

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
