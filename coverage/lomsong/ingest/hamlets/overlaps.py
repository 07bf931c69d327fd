"""Note hamlets that lie on the same ground, since what stands there can belong to one of them alone."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lomsong.notes import Note

_LEAST_SHARE: Final = 0.1
"""Of the smaller area; borders drawn by hand overlap by less (assumption)."""
_MOST_TOLD: Final = 5
_SAME: Final = 0.999


def overlap_notes(draft: pd.DataFrame) -> list[Note]:
    """Return a note on hamlets with one outline, and one on pairs that overlap by much of the smaller."""
    outlines = draft["geometry"].to_numpy()
    names = draft["name"].to_numpy()
    first, second = _pairs(outlines)
    area = shapely.area(outlines)
    common = shapely.area(shapely.intersection(outlines[first], outlines[second]))
    of_smaller = common / np.minimum(area[first], area[second])
    of_larger = common / np.maximum(area[first], area[second])
    pairs = [
        (str(names[a]), str(names[b]), float(share), bool(whole > _SAME))
        for a, b, share, whole in zip(first, second, of_smaller, of_larger, strict=True)
        if share > _LEAST_SHARE
    ]
    same = [f"{a} = {b}" for a, b, _, is_same in pairs if is_same]
    others = [f"{a} / {b} ({100 * share:.0f} %)" for a, b, share, is_same in pairs if not is_same]
    notes = []
    if same:
        pattern = (
            "{n} pairs of hamlets have one and the same outline, and what lies in it counts for one of them alone: "
            "{pairs}"
        )
        notes.append(Note(pattern, n=len(same), pairs=_listed(same)))
    if others:
        pattern = "{n} pairs of hamlets overlap by more than a tenth of the smaller one: {pairs}"
        notes.append(Note(pattern, n=len(others), pairs=_listed(others)))
    return notes


def _pairs(
    outlines: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return pairs of which one has its inner point in the other, each once: cheap, and enough for much common ground."""
    tree = shapely.STRtree(outlines)
    inner, holder = tree.query(shapely.point_on_surface(outlines), predicate="intersects")
    apart = inner != holder
    low, high = np.minimum(inner, holder)[apart], np.maximum(inner, holder)[apart]
    once = np.unique(np.column_stack([low, high]), axis=0)
    return once[:, 0], once[:, 1]


def _listed(texts: list[str]) -> str:
    more = "; …" if len(texts) > _MOST_TOLD else ""
    return "; ".join(texts[:_MOST_TOLD]) + more
