"""Write any table as CSV that Excel opens rightly: UTF-8 with BOM, no text that runs as a formula."""

from pathlib import Path

import pandas as pd

from lomsong.report.plain import csv_cell


def write(table: pd.DataFrame, file: Path) -> None:
    """Write a table; figures stay figures, a missing value is an empty cell."""
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            places, distinct = pd.factorize(safe[column])
            said = [*(csv_cell(str(cell)) for cell in distinct), None]  # place -1: missing
            safe[column] = [said[place] for place in places.tolist()]
    safe.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\r\n")
