"""Define the tables of what is believed, and of what stands behind it."""

from typing import Final

import pandera.pandas as pa

from lomsong.tables.schema import GEOMETRY, count, flag, number, text
from lomsong.tables.words import (
    AREA_KINDS,
    CLASSES,
    CORRECTED_BY,
    FUNDING_ROUTES,
    GEOMETRY_SOURCES,
    GRADES,
    OFFICIAL_CLASSES,
    POWERS,
    SILENCES,
    TECHNOLOGIES,
)

ASSESSMENT: Final = pa.DataFrameSchema(
    {
        "hamlet_id": text(),
        "cluster_id": text(),  # empty on the row of the whole hamlet
        "carrier": text(),
        "plmn": text(nullable=True),  # null for "any"
        "technology": text(values=TECHNOLOGIES),
        "class": text(values=CLASSES),
        "quality_uncertain": pa.Column(bool),
        "evidence": text(values=GRADES),
        "p_served": number(low=0, high=1),
        "p_served_low": number(low=0, high=1),
        "p_served_high": number(low=0, high=1),
        "rsrp_median_dbm": number(),
        "rsrp_p10_dbm": number(),
        "n_samples": count(nullable=True),
        "n_no_service": count(nullable=True),
        "n_devices": count(nullable=True),
        "n_days": count(nullable=True),
        "newest": text(nullable=True),  # ISO date
        "people": number(low=0),
    },
    strict=True,
    unique=["hamlet_id", "cluster_id", "carrier", "technology"],
    name="assessment",
)


PREDICTED: Final = pa.DataFrameSchema(
    {
        "cluster_id": text(),
        "hamlet_id": text(),
        "carrier": text(),
        "technology": text(values=TECHNOLOGIES),
        "level_dbm": number(),  # what half of the dwellings receive outdoors; null: no site in reach
        "sigma_db": number(low=0),  # shadow fading and the mast's uncertain place together
        # The same as samples outside of the cluster correct it, 4G alone; null: nothing follows from them.
        "corrected_dbm": number(),
        "corrected_sigma_db": number(low=0),
        "corrected_by": text(nullable=True, values=CORRECTED_BY),
        "site_id": text(nullable=True),  # the strongest known site there
        "distance_m": number(low=0),
        "blocked": flag(),  # whether the ground reaches the direct line; null: terrain not known
        "ridge_lon": number(low=-180, high=180),  # the point that obstructs most
        "ridge_lat": number(low=-90, high=90),
        "ridge_ground_m": number(),
        "ridge_excess_m": number(),  # above the direct line; negative: below it
    },
    strict=True,
    unique=["cluster_id", "carrier", "technology"],
    name="predicted",
)


GROUNDS: Final = pa.DataFrameSchema(
    {
        "cluster_id": text(),
        "hamlet_id": text(),
        "carrier": text(),
        "silence": text(
            nullable=True, values=SILENCES
        ),  # null: not silent in 4G, or it tells nothing
        "silence_ratio": number(low=0, high=1),  # P(so silent | served) / P(so silent | not served)
        "n_devices": count(nullable=True),  # that were heard while the carrier's 4G was silent
        "n_days": count(nullable=True),  # on which they were
        "expected_dbm": number(),  # by sites, terrain and other hamlets; null: no site in reach
        "expected_sigma_db": number(low=0),
        "p_expected": number(low=0, high=1),  # P(served) by that alone
    },
    strict=True,
    unique=["cluster_id", "carrier"],
    name="grounds",
)

GAPS: Final = pa.DataFrameSchema(
    {
        "hamlet_id": text(unique=True),
        "name": text(),
        "commune_code": text(nullable=True),
        "commune_name": text(nullable=True),
        "kind": text(values=AREA_KINDS),
        "households": count(nullable=True),
        "people": number(low=0),
        "people_raster": number(low=0),
        "class": text(values=CLASSES),
        "quality_uncertain": pa.Column(bool),
        "official_class": text(values=OFFICIAL_CLASSES),
        "evidence": text(values=GRADES),
        "p_served": number(low=0, high=1),
        "power": text(values=POWERS),
        "power_source": text(nullable=True),
        "power_as_of": text(nullable=True),
        "extremely_difficult": flag(),
        "gap_no_grid": flag(),  # null where class or power is unknown
        "funding_route": text(values=FUNDING_ROUTES),
        "priority": number(low=0),
        "priority_severity": number(low=0),
        "priority_people": number(low=0),
        "priority_no_grid": number(low=0),
        "priority_difficult": number(low=0),
        "people_unserved": number(low=0),
        "people_unknown": number(low=0),
        "geometry_source": text(values=GEOMETRY_SOURCES),
        "geometry": GEOMETRY,
    },
    strict=True,
    name="gaps",
)
