"""Find weighted medians of levels in groups of rows, millions of rows at a time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd


def medians(rows: pd.DataFrame, key: Sequence[str], *, lower: bool = False) -> pd.DataFrame:
    """Return the median of `level` in each group, a row each, sorted by the key.

    Parameters
    ----------
    rows
        `level`, the columns of the key, and `n`: how many times each row counts, in whole numbers.
    key
        Rows that have all of these in common are a group.
    lower
        Where the median lies between two levels, the lower one is taken, else their middle.
    """
    columns = [_sortable(rows[name]) for name in key]
    level, n = rows["level"].to_numpy(float), rows["n"].to_numpy(float)
    order = np.lexsort([level, *reversed(columns)])
    begins = np.zeros(len(order), bool)
    begins[:1] = True
    for column in columns:
        ordered = column[order]
        begins[1:] |= ordered[1:] != ordered[:-1]
    first = np.flatnonzero(begins)
    level, upto = level[order], np.cumsum(n[order])
    # Sums of whole numbers are exact, so that half of a group is met or passed in the same row wherever it lies.
    before = np.r_[0.0, upto[first[1:] - 1]] if len(first) else np.empty(0)
    half = (before + np.r_[before[1:], upto[-1:]]) / 2
    median = level[np.searchsorted(upto, half)]
    if not lower:
        median = (median + level[np.searchsorted(upto, half, side="right")]) / 2
    groups = rows[list(key)].iloc[order[first]].reset_index(drop=True)
    return groups.assign(level=median)


def _sortable(column: pd.Series) -> npt.NDArray[np.generic]:
    """Return numbers in the order of the values: words sort alike as their numbers, and cost a fraction."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy()
    return column.astype("category").cat.codes.to_numpy()
