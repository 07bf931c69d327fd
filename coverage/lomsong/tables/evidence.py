"""Define the tables of where people live and of what was observed there."""

from typing import Final

import pandera.pandas as pa

from lomsong.tables.schema import GEOMETRY, count, number, text
from lomsong.tables.words import CELL_SIZES, CLUSTER_KINDS, SAMPLE_BANDS, TECHNOLOGIES

CLUSTERS: Final = pa.DataFrameSchema(
    {
        "cluster_id": text(unique=True),
        "hamlet_id": text(),
        "kind": text(values=CLUSTER_KINDS),
        "is_centre": pa.Column(bool),  # the culture house stands here
        "people": number(low=0),
        "interest_weight": pa.Column(float, checks=pa.Check.ge(0), required=False),  # added to 1
        "service_area": pa.Column(str, nullable=True, required=False),  # of `SERVICE_AREAS`
        "geometry": GEOMETRY,
    },
    strict=True,
    name="clusters",
)

CROSSINGS: Final = pa.DataFrameSchema(
    {
        "device": text(),
        "carrier": text(),
        "day": count(),  # since 1970, in UTC, at the start
        "from_x": pa.Column("int64"),  # cells of 1/1600 degree, as those of witnesses
        "from_y": pa.Column("int64"),
        "to_x": pa.Column("int64"),
        "to_y": pa.Column("int64"),
        "seconds": count(),  # from the last observation before to the first one after
        "metres": count(),  # between the two cells
        "fixes_around": count(),  # more observations in the 5 minutes before and the 5 after
    },
    strict=True,
    name="crossings",
)
"""Gaps that devices crossed: with service of this carrier on both sides, and no observation on the way.

At the pace of the minutes around it, a hole of `seconds` would have seen `fixes_around × seconds / 600` observations.
The table is empty where sources name no devices, or days without a time.
"""

MEASURED_CELLS: Final = pa.DataFrameSchema(
    {
        "carrier": text(),
        "technology": text(values=TECHNOLOGIES),
        "size": pa.Column("int64", checks=pa.Check.isin(CELL_SIZES)),
        "column": pa.Column("int64"),  # the west edge lies at column * size / 1600 degree
        "row": pa.Column("int64"),  # the south edge lies at row * size / 1600 degree
        "rsrp_median_dbm": number(),  # of the samples with service; null for 2G and 3G
        "no_service_share": number(nullable=False, low=0, high=1),  # in whole tenths
        "n_samples_at_least": pa.Column("int64", checks=pa.Check.isin(SAMPLE_BANDS)),
    },
    strict=True,
    unique=["carrier", "technology", "size", "column", "row"],
    name="measured_cells",
)
