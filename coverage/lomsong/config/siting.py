"""Say where new sites may stand, what they are, and what they cost."""

from typing import Annotated, Literal

from pydantic import Field

from lomsong.config.section import MastHeight, NotNegative, Patterns, Positive, Section, Share


class SitingSection(Section):
    """How new sites are looked for."""

    max_sites: Annotated[int, Field(ge=0)] | None = Field(
        10,
        description="at most so many new sites; leave out and give budget_vnd for a budget alone",
    )
    budget_vnd: NotNegative | None = Field(None, description="at most this much money [VND]")
    target_share: Share | None = Field(
        None,
        description="instead of the most people: the cheapest plan that serves this share of those who wait, "
        "if the limits allow it",
    )
    radius_m: Annotated[float, Field(gt=0, le=50_000)] = Field(
        8000.0,
        description="a site is looked at this far [m]; terrain decides inside it (assumption)",
    )
    places: Patterns | None = Field(
        None,
        description="points that are always candidates, with a name or without; any file of points",
    )
    forbidden: Patterns | None = Field(
        None,
        description="polygons in which nothing is built: protected forest, border strip",
    )
    roads: Patterns | None = Field(
        None, description="roads, for the cost of access and for candidates beside them"
    )
    near_road_m: NotNegative = Field(
        200.0,
        description="ground this near to a road or a power line [m] is beside it (assumption)",
    )
    interest: dict[str, Patterns] = Field(
        default_factory=dict,
        description='points of interest by kind, as { school = "schools.gpkg", clinic = "clinics.csv" }',
    )
    interest_within_m: NotNegative = Field(
        1000.0, description="a point of interest speaks for clusters this near [m] (assumption)"
    )
    interest_weight: NotNegative = Field(
        0.1,
        description="people near a point of interest count for so much more, for each kind (assumption)",
    )
    group_span_m: Positive = Field(
        6000.0,
        description="no group of demand is wider than this [m]: one site in its middle would serve 3 km (assumption)",
    )
    group_distance_m: Positive = Field(
        1500.0,
        description="unserved clusters closer than this [m] form one group of demand (assumption)",
    )
    search_radius_m: Positive = Field(
        3000.0, description="candidates stand within this distance [m] of their group (assumption)"
    )
    candidates_per_group: Annotated[int, Field(ge=1)] = Field(
        12,
        description="so many are looked at for each group: known masts; high ground; high ground beside roads and "
        "power lines (assumption)",
    )
    max_candidates: Annotated[int, Field(ge=1)] = Field(
        400,
        description="places looked at in all; the groups with most people have their first, then their second, "
        "and so on (assumption)",
    )
    masts_m: Annotated[tuple[MastHeight, ...], Field(min_length=1)] = Field(
        (30.0, 42.0, 60.0),
        description="heights of a new mast to choose from [m] (42 m usual, 60 m the highest guyed; unverified)",
    )
    receiver_m: Annotated[float, Field(ge=1, le=3000)] = Field(
        1.5, description="height of a phone [m]"
    )
    bands: Annotated[tuple[Literal["B28", "B8", "B3", "B1"], ...], Field(min_length=1)] = Field(
        ("B3",),
        description="4G bands of a new site, the strongest counts: B28 (700 MHz), B8 (900), B3 (1800), B1 (2100)",
    )
    transmit_power_dbm: Annotated[float, Field(ge=-20, le=60)] = Field(
        46.0, description="power of a sector [dBm]; 20 to 40 W are usual (assumption)"
    )
    antenna_gain_dbi: Annotated[float, Field(ge=-10, le=35)] = Field(
        17.0, description="gain of a sector antenna [dBi]; 15 to 18 are usual (assumption)"
    )
    azimuths_deg: tuple[Annotated[float, Field(ge=0, lt=360)], ...] = Field(
        (0.0, 120.0, 240.0),
        description="directions of the sectors of a new site, clockwise from north; [] sends evenly everywhere (assumption)",
    )
    downtilt_deg: Annotated[float, Field(ge=-10, le=30)] = Field(
        3.0, description="downtilt of the sectors of a new site; 2 to 6 are usual (assumption)"
    )
    losses_db: Annotated[float, Field(ge=0, le=30)] = Field(
        3.0, description="feeder, connectors, combiner [dB]; 2 to 4 are usual (assumption)"
    )
    cell_edge_probability: Annotated[float, Field(ge=0.5, lt=1)] = Field(
        0.9,
        description="people are named as newly served, and ground is drawn, where the minimum level is reached with this "
        "probability (assumption); the choice of sites counts everybody by the probability itself",
    )
    shadow_sigma_db: NotNegative = Field(
        8.0, description="shadow fading [dB]; 3GPP TR 36.814 table A.2.1.1-3, macro cells"
    )
    indoor_loss_db: NotNegative = Field(
        0.0,
        description="to serve people inside their houses add what walls take [dB]: 10 to 20, 12 for light rural houses "
        "(assumption); by default service is meant outdoors, as classes are",
    )
    in_vehicle_loss_db: NotNegative = Field(
        0.0, description="to serve people inside vehicles add this [dB]: 10 to 20 (assumption)"
    )
    existing_uncertainty_m: NotNegative = Field(
        100.0,
        description="known masts placed at least this well [m] are candidates for sharing (assumption)",
    )
    carrier: str | None = Field(
        None,
        description="plan for those whom this carrier does not serve; leave out for those whom no carrier serves",
    )
    roaming: bool = Field(
        default=False,
        description="let one carrier run all new sites of a service area, while those of the others roam there",
    )
    optimality_gap: Share = Field(
        0.0, description="the search may stop when at most this share more is possible"
    )
    search_nodes: Annotated[int, Field(ge=1)] = Field(
        200, description="the search stops after so many nodes; the gap that is left is told"
    )
    stability_draws: Annotated[int, Field(ge=0)] = Field(
        200, description="worlds drawn to see which sites are always chosen; 0 for none"
    )
    include_unknown: bool = Field(
        default=False,
        description="count people whose service is unknown as demand too, even where they are likelier to have it",
    )


class CostSection(Section):
    """What a site costs; figures to be replaced by the carrier's own. Those in USD are at VND 25,000."""

    radio_vnd: NotNegative = Field(
        640_000_000.0,
        description="three sectors, baseband, router [VND]; USD 25,500 (Oughton, pobis)",
    )
    further_carrier_share: Share = Field(
        0.25,
        description="each further carrier on a shared site adds so much of the radio (assumption); none does where the "
        "others roam",
    )
    mast_vnd_per_m: NotNegative = Field(
        6_000_000.0, description="mast [VND per m]; USD 10,000 for 42 m (Oughton, pobis)"
    )
    civil_vnd: NotNegative = Field(
        375_000_000.0,
        description="civil works, transport, installation [VND]; USD 15,000 (Oughton, pobis)",
    )
    road_vnd_per_km: NotNegative = Field(
        500_000_000.0,
        description="access from the nearest road, part of the civil works [VND/km] (assumption, unverified)",
    )
    power_vnd: NotNegative = Field(
        125_000_000.0,
        description="power equipment of every site [VND]; USD 5,000 (Oughton, pobis)",
    )
    grid_vnd_per_km: NotNegative = Field(
        400_000_000.0, description="grid connection [VND/km] (assumption)"
    )
    grid_reach_m: NotNegative = Field(
        3000.0,
        description="further from the grid than this [m] a site gets solar (2 to 5 km, unverified)",
    )
    solar_vnd: NotNegative = Field(
        900_000_000.0, description="solar with battery [VND] (USD 20-50 thousand, unverified)"
    )
    battery_vnd: NotNegative = Field(
        250_000_000.0,
        description="a new battery of a solar site [VND] (assumption: somewhat over a quarter of solar_vnd)",
    )
    battery_years: Annotated[int, Field(ge=1, le=50)] = Field(
        7, description="years that such a battery lasts (assumption; 5 to 10 are usual)"
    )
    microwave_vnd: NotNegative = Field(
        250_000_000.0,
        description="microwave hop up to 15 km [VND], twice that up to 30 km, four times that per 30 km beyond; "
        "USD 10,000 (Oughton, pobis)",
    )
    microwave_reach_m: NotNegative = Field(
        30_000.0, description="no microwave hop is longer than this [m] (Oughton, pobis)"
    )
    relay_vnd: NotNegative = Field(
        600_000_000.0,
        description="relay on a ridge between two hops: small mast, solar, access [VND] (assumption, unverified)",
    )
    relay_mast_m: MastHeight = Field(
        15.0, description="height of a relay's antennas [m] (assumption)"
    )
    microwave_hops: Annotated[int, Field(ge=1, le=10)] = Field(
        3,
        description="hops between a new site and a known one, over other new sites where that costs less (assumption)",
    )
    fibre_reach_m: NotNegative = Field(
        30_000.0,
        description="no fibre is laid further than this [m]; such a site needs a hop to another new one (assumption)",
    )
    transmission_vnd_per_km: NotNegative = Field(
        500_000_000.0,
        description="fibre where no hop is clear [VND/km]; Tuyên Quang names about 0.5 bn",
    )
    operation_share: Share = Field(
        0.1, description="operation in a year as a share of the investment (Oughton, pobis)"
    )
    years: Annotated[int, Field(ge=0, le=50)] = Field(
        10, description="years of operation in the net present cost (Oughton, pobis)"
    )
    discount_rate: Share = Field(
        0.05, description="interest at which later costs are discounted (Oughton, pobis)"
    )
