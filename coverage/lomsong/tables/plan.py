"""Define the tables of where sites may stand, and of what they would serve."""

from typing import Final

import pandera.pandas as pa

from lomsong.tables.schema import GEOMETRY, count, flag, number, text
from lomsong.tables.words import BACKHAULS, EXISTING_USES

SERVICE_AREAS: Final = pa.DataFrameSchema(
    {
        "service_area": text(unique=True),
        "n_clusters": count(),
        "n_hamlets": count(),
        "people_waiting": number(low=0),
        "people_no_grid": number(low=0),  # of those
        "people_difficult": number(low=0),  # of those, in extremely difficult hamlets
        "hamlets": text(),  # their names, most people first
        "geometry": GEOMETRY,
    },
    strict=True,
    name="service_areas",
)


CANDIDATES: Final = pa.DataFrameSchema(
    {
        "site_id": text(unique=True),
        "rank": count(nullable=True),  # 1 is built first; null where not selected
        "selected": pa.Column(bool),
        "geometry": GEOMETRY,
        "ground_m": number(),
        "mast_m": number(low=0),
        "carrier": text(),  # a carrier, or "shared"
        "existing_site": text(nullable=True),  # known site whose mast is shared; null: a new mast
        "existing_carriers": text(nullable=True),  # whose radio hangs there, joined by "/"
        "existing_use": text(nullable=True, values=EXISTING_USES),  # what would be added there
        "cluster_of_demand": text(),
        "people_gained": number(
            low=0
        ),  # newly served when built at its rank; alone, where not selected
        "people_expected": number(
            low=0
        ),  # the same counted by chances: of being without service now, and of being served then
        "hamlets_gained": count(),
        "people_covered": number(low=0),  # alone, whoever else covers them
        "cost_vnd": number(low=0),  # investment: the sum of radio to backhaul
        "cost_radio_vnd": number(low=0),
        "cost_mast_vnd": number(low=0),
        "cost_civil_vnd": number(low=0),
        "cost_power_vnd": number(low=0),
        "cost_backhaul_vnd": number(low=0),
        "cost_operation_vnd": number(low=0),  # in a year, on top
        "cost_present_vnd": number(
            low=0
        ),  # investment, years of operation and new batteries, discounted
        "cost_vnd_per_person": number(low=0),
        "road_distance_m": number(low=0),
        "grid_distance_m": number(low=0),
        "power_solution": text(values=("grid", "solar", "unknown")),
        "backhaul_site": text(nullable=True),
        "backhaul_distance_m": number(low=0),
        "backhaul_clear": flag(),  # of the direct way
        "backhaul_kind": text(values=BACKHAULS),
        "backhaul_clearance": number(),  # free radii of the first Fresnel zone at the worst point
        "backhaul_loss_db": number(low=0),  # that the worst point costs the direct way
        "backhaul_relay_lon": number(low=-180, high=180),  # a relay between, where one is needed
        "backhaul_relay_lat": number(low=-90, high=90),
        "backhaul_exact": flag(),  # whether the far mast stands where it is said to
        "score": number(low=0),
        "score_people": number(low=0),
        "score_no_grid": number(low=0),
        "score_difficult": number(low=0),
        "score_interest": number(low=0),
        "stability": number(low=0, high=1),  # share of drawn worlds in which the place is chosen
        # the same, places that serve mostly the same people counted as one
        "stability_alike": number(low=0, high=1),
        "rank_low": count(nullable=True),  # nine in ten of its ranks there lie between these
        "rank_high": count(nullable=True),
    },
    strict=True,
    name="candidates",
)

COVERAGE: Final = pa.DataFrameSchema(
    {
        "site_id": text(),  # a candidate of `CANDIDATES`
        "cluster_id": text(),
        "newly_served": pa.Column(bool),  # by this site when it is built at its rank
        "people": number(low=0),  # of the cluster
    },
    strict=True,
    unique=["site_id", "cluster_id"],
    name="coverage",
)


CHANCES: Final = pa.DataFrameSchema(
    {
        "site_id": text(),  # a candidate of `CANDIDATES`
        "cluster_id": text(),
        "p_covered": number(nullable=False, low=0, high=1),  # that the site alone would serve it
    },
    strict=True,
    unique=["site_id", "cluster_id"],
    name="chances",
)


FOOTPRINTS: Final = pa.DataFrameSchema(
    {
        "site_id": text(unique=True),  # a selected candidate of `CANDIDATES`
        "area_km2": number(nullable=False, low=0),  # ground that it serves outdoors
        "geometry": GEOMETRY,
    },
    strict=True,
    name="footprints",
)
