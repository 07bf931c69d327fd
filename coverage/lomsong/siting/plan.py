"""Hold a plan: candidates in the order of the table, whom each serves, and how good the choice is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from lomsong.siting.correction import Correction
from lomsong.space.crs import Floats
from lomsong.tables import CHANCES, SERVICE_AREAS, empty


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """Candidates (`tables.CANDIDATES`) and which clusters each of them serves (`tables.COVERAGE`)."""

    candidates: gpd.GeoDataFrame
    coverage: pd.DataFrame
    chances: pd.DataFrame = field(default_factory=lambda: empty(CHANCES))
    """How likely each candidate serves each cluster (`tables.CHANCES`)."""
    service_areas: gpd.GeoDataFrame = field(
        default_factory=lambda: gpd.GeoDataFrame(empty(SERVICE_AREAS))
    )
    """Where people wait together (`tables.SERVICE_AREAS`)."""
    area_of_cluster: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    """Name of each waiting cluster's service area, by `cluster_id`."""
    correction: Correction | None = None
    """What known sites teach of new ones; None where nothing was planned."""
    swept: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Levels over terrain, for later runs (`siting.swept`)."""
    summary: Mapping[str, object] = field(default_factory=dict)
    """How good the plan is: value, bound, `optimality_gap`, and the same in words."""


def in_table_order(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return candidates as the table has them: chosen ones by rank, then the others by score."""
    return candidates.sort_values(
        ["rank", "score", "site_id"],
        ascending=[True, False, True],
        na_position="last",
        ignore_index=True,
    )


def whole(values: Floats) -> pd.arrays.IntegerArray:
    """Return whole numbers, null where there is none."""
    return pd.array([pd.NA if np.isnan(v) else int(v) for v in values], dtype="Int64")
