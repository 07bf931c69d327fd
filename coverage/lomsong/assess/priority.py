"""Say which hamlet comes first, in parts that add up and that anyone can weigh anew."""

from typing import Final

import numpy as np
import pandas as pd

from lomsong.config import PrioritySection

SEVERITY: Final = {
    "no_signal": 1.0,
    "partial": 2 / 3,
    "weak": 1 / 3,
    "covered": 0.0,
    "unknown": 0.0,
}
PARTS: Final = ("severity", "people", "no_grid", "difficult")


def priorities(gaps: pd.DataFrame, weights: PrioritySection) -> pd.DataFrame:
    """Return `priority` and its parts, on the index of `gaps`.

    Each part is its weight times a share between 0 and 1; nothing depends on the other rows, so that a list keeps its
    figures when a district is added. The parts for power and difficulty count only where people lack 4G: they say how
    pressing a gap is and never make one. Where the class is unknown, the priority is 0: such hamlets belong to the
    survey.
    """
    gap = gaps["class"].isin(["no_signal", "partial", "weak"]).to_numpy()
    people = gaps["people_unserved"].to_numpy(float)
    shares = {
        "severity": gaps["class"].map(SEVERITY).to_numpy(float),
        "people": np.minimum(np.nan_to_num(people) / weights.people_scale, 1.0),
        "no_grid": (gaps["power"] == "no_grid").to_numpy(float),
        "difficult": gaps["extremely_difficult"].fillna(value=False).to_numpy(float),
    }
    parts = pd.DataFrame(
        {
            f"priority_{part}": np.where(gap, getattr(weights, part) * shares[part], 0.0)
            for part in PARTS
        },
        index=gaps.index,
    )
    parts.insert(0, "priority", parts.sum(axis=1))
    return parts
