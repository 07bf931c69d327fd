"""Laws of the stage as a whole, on small lands of known shape."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import sparse

from lands import METRIC, SOUTH, WEST, Land, settings
from lomsong.propagation import BANDS, LinkBudget, sweep_exact
from lomsong.siting.candidates import Places, options_at
from lomsong.siting.demand import Demand, find_demand
from lomsong.siting.layers import CHANCES, in_layers
from lomsong.siting.problem import Limits, Problem
from lomsong.siting.reach import needed_dbm, predict
from lomsong.siting.received import Reach
from lomsong.siting.replan import limits_from, replan
from lomsong.siting.sites import plan_sites
from lomsong.siting.stability import perturbed

PARTS = ["radio", "mast", "civil", "power", "backhaul"]


def ridge(x, _):
    """Return a wall of 400 m across the land, 200 m wide."""
    return np.where(np.abs(x - 6000) < 100, 600.0, 200.0)


def plan(land, *known, lines=None, **siting):
    defaults = {"stability_draws": 0, "candidates_per_group": 4, "search_radius_m": 1500.0}
    return plan_sites(
        land.clusters,
        land.assessment,
        land.gaps,
        terrain=land.terrain,
        sites=known[0] if known else land.sites(),
        lines=lines,
        settings=settings(**{**defaults, **siting}),
    )


def again(land, found, limits, **options):
    return replan(
        found.candidates,
        found.coverage,
        clusters=land.clusters.table,
        assessment=land.assessment,
        gaps=land.gaps,
        settings=settings(),
        limits=limits,
        **{"chances": found.chances, **options},
    )


def at(land, places, masts, **siting):
    """Return options at given places, and their levels at clusters."""
    x, y = np.transpose(places) + np.array([[WEST], [SOUTH]])
    n = len(places)
    found = Places(
        x=x,
        y=y,
        ground_m=land.terrain.at(x, y),
        group=np.zeros(n, int),
        existing_site=[None] * n,
        existing_mast_m=np.full(n, np.nan),
    )
    options = options_at(found, masts)
    return options, predict(
        land.terrain,
        land.clusters,
        options,
        settings=settings(**siting).siting,
        minimum_dbm=-121.0,
    )


def test_a_wall_that_hides_hamlets_from_each_other_takes_two_sites():
    open_land, walled = Land(), Land(height_m=ridge)
    low = {"masts_m": (30.0,), "transmit_power_dbm": 38.0}
    assert plan(open_land, **low).candidates["selected"].sum() == 1
    found = plan(walled, candidates_per_group=1, **low).candidates
    assert found["selected"].sum() == 2
    assert found["people_gained"][found["selected"]].sum() == 160


def test_levels_are_those_of_the_exact_path():
    land = Land(height_m=ridge)
    even = {"transmit_power_dbm": 60.0, "azimuths_deg": ()}
    options, reach = at(land, [(2000.0, 6000.0)], (42.0,), **even)
    loss = sweep_exact(
        land.terrain,
        x=float(options.places.x[0]),
        y=float(options.places.y[0]),
        mast_m=42.0,
        rx_m=1.5,
        radius_m=8000.0,
        frequency_mhz=BANDS["B3"].downlink_mhz,
    )
    budget = LinkBudget(transmit_power_dbm=60.0, bandwidth_mhz=20)
    home = np.array([3000.0, 9000.0])
    expected = budget.reference_eirp_dbm - loss.at(WEST + home, [SOUTH + 6000.0] * 2)
    assert reach.cluster.tolist() == [0, 1]
    assert reach.rsrp_dbm == pytest.approx(expected, abs=1.5)


def test_a_higher_mast_and_one_more_band_never_serve_less():
    land = Land(height_m=lambda x, y: 300 + 150 * np.sin(x / 700) * np.cos(y / 500))
    _, one = at(land, [(5000.0, 3000.0), (6100.0, 8000.0)], (15.0, 30.0, 60.0))
    _, more = at(
        land, [(5000.0, 3000.0), (6100.0, 8000.0)], (15.0, 30.0, 60.0), bands=("B3", "B28")
    )
    served, wider = (r.served(-105.0).toarray() for r in (one, more))
    assert (wider >= served).all()
    for low, high in ((0, 1), (1, 2), (3, 4), (4, 5)):
        assert (served[high] >= served[low]).all()


@pytest.mark.parametrize(("offset_m", "served"), [(0.0, True), (20.0, True), (40.0, False)])
def test_a_cluster_is_served_where_at_least_half_of_its_dwellings_are(offset_m, served):
    # Dwellings stand 30 and 10 m before and behind the cluster's place; nothing is looked at beyond the radius.
    land = Land(homes=[(5000.0 + offset_m - 10.0, 6000.0)], people=(50.0,), dead=(True,))
    _, reach = at(land, [(3000.0, 6000.0)], (42.0,), radius_m=2000.0)
    assert bool(reach.served(-121.0).sum()) == served


def test_unknown_terrain_is_never_covered():
    land = Land()
    land.terrain.values[:, 120:] = np.nan
    found = plan(land)
    assert set(found.coverage["cluster_id"]) == {"H0-1"}


def test_the_fading_margin_is_that_of_the_asked_probability():
    assert needed_dbm(-121.0, settings().siting) == pytest.approx(-121 + 10.25, abs=0.01)
    assert needed_dbm(-121.0, settings(cell_edge_probability=0.5).siting) == -121
    inside = settings(cell_edge_probability=0.5, indoor_loss_db=12.0, in_vehicle_loss_db=10.0)
    assert needed_dbm(-121.0, inside.siting) == -109


def test_order_of_rows_changes_no_bit():
    land = Land(height_m=ridge)
    known = land.sites((1000.0, 1000.0), (11_000.0, 9000.0), (7000.0, 7000.0))
    first = plan(land, known, stability_draws=10)
    land.assessment = land.assessment.iloc[::-1]
    land.gaps = land.gaps.iloc[::-1]
    second = plan(land, known.iloc[::-1], stability_draws=10)
    pd.testing.assert_frame_equal(first.candidates, second.candidates, check_exact=True)
    pd.testing.assert_frame_equal(first.coverage, second.coverage, check_exact=True)


def test_a_known_mast_is_named_first_and_costs_the_radio_alone():
    land = Land()
    found = plan(land, land.sites((3200.0, 6100.0), height_m=45.0)).candidates
    chosen = found[found["selected"]]
    assert chosen["existing_site"].tolist() == ["K0"]
    assert chosen["mast_m"].tolist() == [45.0]
    assert chosen["cost_vnd"].tolist() == [settings().cost.radio_vnd]
    assert chosen["backhaul_clear"].isna().all()


def test_a_mast_placed_roughly_is_no_candidate():
    land = Land()
    rough = land.sites((3200.0, 6100.0), position="estimated", position_error_m=900.0)
    assert plan(land, rough).candidates["existing_site"].isna().all()


def test_no_more_places_than_allowed_and_every_group_has_its_turn():
    land = Land()
    found = plan(land, max_candidates=3).candidates
    assert len(found) == 3
    assert set(found["cluster_of_demand"]) == {"G001", "G002"}


def test_parts_of_the_cost_add_up():
    land = Land(height_m=ridge)
    line = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(WEST + 1000, SOUTH), (WEST + 1000, SOUTH + 12_000)])],
        crs=METRIC,
    ).to_crs(4326)
    found = plan(land, land.sites((10_500.0, 1000.0)), lines=line).candidates
    total = sum(found[f"cost_{part}_vnd"] for part in PARTS)
    np.testing.assert_allclose(total, found["cost_vnd"])
    np.testing.assert_allclose(found["cost_operation_vnd"], 0.1 * total)
    assert set(found["power_solution"]) == {"grid", "solar"}
    solar = found["power_solution"] == "solar"
    assert (found["grid_distance_m"][solar] > 3000).all()


def test_nobody_is_gained_twice_and_covered_people_attract_no_site():
    land = Land(dead=(True, False))
    found = plan(land)
    newly = found.coverage[found.coverage["newly_served"]]
    assert newly["cluster_id"].tolist() == ["H0-1"]
    assert found.candidates["people_gained"][found.candidates["selected"]].tolist() == [100]
    assert (found.candidates["cluster_of_demand"] == "G001").all()


def test_people_count_with_the_probability_of_being_without_service():
    land = Land(height_m=ridge)
    land.assessment["p_served"] = [0.5, 0.0]
    low = {"masts_m": (30.0,), "transmit_power_dbm": 38.0}
    found = plan(land, max_sites=1, candidates_per_group=1, **low).candidates
    # 100 people at one half count less than 60 for sure.
    assert found["people_gained"][found["selected"]].tolist() == [60]


@pytest.mark.parametrize(
    ("p_served", "evidence", "include_unknown", "waits"),
    [
        (0.3, "modelled", False, True),
        (0.7, "modelled", False, False),
        (0.7, "modelled", True, True),
        (0.3, "none", False, False),
        (np.nan, "none", False, False),
        (np.nan, "none", True, True),
    ],
)
def test_the_undecided_wait_where_evidence_finds_them_likelier_without_service(
    p_served: float,
    evidence: str,
    *,
    include_unknown: bool,
    waits: bool,
):
    land = Land(homes=[(3000.0, 6000.0)], people=(80.0,), dead=(True,))
    land.assessment[["class", "p_served", "evidence"]] = ["unknown", p_served, evidence]
    demand = find_demand(
        land.clusters.table,
        land.assessment,
        land.gaps,
        crs=METRIC,
        include_unknown=include_unknown,
    )
    assert demand.waiting.tolist() == [80.0 if waits else 0.0]


def test_a_plan_without_rivals_is_chosen_in_every_world_and_others_in_none():
    land = Land(homes=[(3000.0, 6000.0)], people=(80.0,), dead=(True,))
    found = plan(land, land.sites((3000.0, 6000.0)), stability_draws=25, transmit_power_dbm=60.0)
    table = found.candidates
    assert table["stability"][table["selected"]].tolist() == [1.0]
    assert (table["stability_alike"] >= table["stability"]).all()
    assert (table["stability"][~table["selected"]] == 0).all()
    assert table["rank_low"].dropna().tolist() == [1]
    assert table["rank_high"].dropna().tolist() == [1]


def test_places_that_serve_the_same_count_as_one_and_evidence_decides_how_often():
    """Two equal hills before one hamlet that is without service in four worlds of ten, and a far hamlet nobody reaches."""
    reach = sparse.csr_array(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    problem = Problem(
        reach=sparse.csr_array(np.repeat(reach.toarray(), len(CHANCES), axis=1)),
        value=in_layers(np.array([40.0, 1.0])),
        cost_vnd=np.array([2.0, 1.0, 1.0]) * 1e9,
        order=["a", "b", "c"],
        place=np.arange(3),
    )
    demand = demand_of(people=[100.0, 1.0], p_unserved=[0.4, 1.0])
    option, cluster = reach.tocoo().coords
    levels = Reach(option=option, cluster=cluster, rsrp_dbm=np.full(3, np.inf), shape=(3, 2))
    found = perturbed(
        problem,
        levels,
        demand,
        settings().priority,
        Limits(max_sites=1),
        least_dbm=-121.0,
        sigma_db=8.0,
        draws=1000,
    )
    assert found.share == pytest.approx([0.0, 0.4, 0.6], abs=0.05)
    assert found.alike == pytest.approx([0.4, 0.4, 0.6], abs=0.05)
    assert found.alike[0] == found.alike[1] == found.share[1]


def demand_of(*, people, p_unserved):
    """Return hamlets of one cluster each."""
    n = len(people)
    names = pd.Series([f"H{i}" for i in range(n)], dtype="str")
    people, none = np.array(people), np.zeros(n)
    return Demand(
        cluster_id=names,
        hamlet_id=names,
        x=none,
        y=none,
        people=people,
        waiting=people,
        p_unserved=np.array(p_unserved),
        no_grid=none,
        difficult=none,
        interest=none,
        silent=none > 0,
        group=np.zeros(n, int),
    )


def test_planning_anew_within_the_same_limits_gives_the_same_plan():
    land = Land(height_m=ridge)
    found = plan(land)
    second = again(land, found, limits_from(settings()))
    columns = ["site_id", "rank", "selected", "people_gained", "score", "cost_vnd"]
    pd.testing.assert_frame_equal(found.candidates[columns], second.candidates[columns])
    pd.testing.assert_frame_equal(found.coverage, second.coverage)


def test_planning_anew_obeys_new_limits_and_the_carrier():
    land = Land(height_m=ridge)
    found = plan(land)
    assert not again(land, found, Limits(max_sites=0)).candidates["selected"].any()
    half = again(land, found, Limits(target_share=0.5))
    assert half.candidates["people_gained"][half.candidates["selected"]].sum() >= 80
    land.assessment = pd.concat(
        [land.assessment, land.assessment.assign(carrier="viettel", **{"class": "covered"})]
    )
    none = again(land, found, Limits(max_sites=5), carrier="viettel")
    assert not none.candidates["selected"].any()


def test_without_terrain_or_need_there_is_no_candidate():
    assert not len(plan(Land(dead=(False, False))).candidates)
    land = Land()
    land.terrain = None
    assert not len(plan(land).candidates)
