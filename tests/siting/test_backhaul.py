"""Traffic leaves by a clear hop, over a relay on the ridge, or by fibre, whichever the terrain and money allow."""

import dataclasses

import numpy as np
import pytest

from lands import SOUTH, WEST, Land, settings
from lomsong.config import CostSection
from lomsong.propagation import BlockingPoint, blocking_point, profile
from lomsong.siting.backhaul import CLEAR_ZONES, HOP_MHZ, knife_edge_db, microwave_vnd
from lomsong.siting.cost import renewals_now
from lomsong.siting.prices import years_now
from lomsong.siting.sites import plan_sites
from lomsong.space.crs import WGS84, to_crs


def ridge(x, _):
    """Return a wall of 400 m across the land, 200 m wide."""
    return np.where(np.abs(x - 6000) < 100, 600.0, 200.0)


def plan(land, known, **cost):
    asked = settings(stability_draws=0, candidates_per_group=1, search_radius_m=400.0)
    return plan_sites(
        land.clusters,
        land.assessment,
        land.gaps,
        terrain=land.terrain,
        sites=known,
        lines=None,
        settings=asked.model_copy(update={"cost": CostSection(**cost)}),
    ).candidates


def sides(found):
    west = found.geometry.x < found.geometry.x.mean()
    return found[west], found[~west]


def test_a_clear_hop_goes_by_microwave_and_a_blocked_one_by_fibre_where_relays_are_dear():
    land = Land(height_m=ridge)
    known = land.sites((11_000.0, 6000.0), height_m=40.0)
    west, east = sides(plan(land, known, relay_vnd=1e12))
    assert set(east["backhaul_kind"]) == {"microwave"}
    assert east["backhaul_clear"].all()
    assert (east["backhaul_clearance"] >= CLEAR_ZONES).all()
    assert (east["cost_backhaul_vnd"] == CostSection().microwave_vnd).all()
    assert set(west["backhaul_kind"]) == {"fibre"}
    assert not west["backhaul_clear"].any()
    assert (west["backhaul_clearance"] < 0).all()
    assert (west["backhaul_loss_db"] > 20).all()
    by_fibre = west["backhaul_distance_m"] / 1000 * CostSection().transmission_vnd_per_km
    np.testing.assert_allclose(west["cost_backhaul_vnd"], by_fibre)


def test_a_relay_on_the_ridge_sees_both_ends_and_costs_two_hops():
    land = Land(height_m=ridge)
    known = land.sites((11_000.0, 6000.0), height_m=40.0)
    west, east = sides(plan(land, known))
    assert set(west["backhaul_kind"]) == {"relay"}
    assert (west["cost_backhaul_vnd"] == 2 * 250e6 + 600e6).all()
    assert east["backhaul_relay_lon"].isna().all()
    x, y = to_crs(
        west["backhaul_relay_lon"],
        west["backhaul_relay_lat"],
        source=WGS84,
        target=land.terrain.crs,
    )
    assert np.abs(x - WEST - 6000) == pytest.approx(0, abs=160)
    for at in range(len(west)):
        for far, far_m in (
            ((WEST + 11_000.0, SOUTH + 6000.0), 40.0),
            (
                [
                    float(v[0])
                    for v in to_crs(
                        [west.geometry.x.iloc[at]],
                        [west.geometry.y.iloc[at]],
                        source=WGS84,
                        target=land.terrain.crs,
                    )
                ],
                float(west["mast_m"].iloc[at]),
            ),
        ):
            path = profile(land.terrain, x0=x[at], y0=y[at], x1=far[0], y1=far[1])
            point = blocking_point(path, frequency_mhz=HOP_MHZ, tx_height_m=15.0, rx_height_m=far_m)
            assert point.fresnel_clearance >= CLEAR_ZONES


def test_traffic_goes_to_a_site_that_takes_it_where_one_is_known():
    land = Land()
    old, new = (11_000.0, 6000.0), (1000.0, 1000.0)
    known = land.sites(old, new, height_m=40.0, technology=["2G", "4G"])
    found = plan(land, known)
    assert set(found["backhaul_site"]) == {"K1"}
    assert found["backhaul_exact"].all()
    rough = known.assign(position="estimated", position_error_m=900.0)
    assert not plan(land, rough)["backhaul_exact"].any()


def test_without_known_sites_nobody_knows_the_backhaul():
    found = plan(Land(), Land().sites())
    assert set(found["backhaul_kind"]) == {"unknown"}
    assert (found["cost_backhaul_vnd"] == 0).all()
    unknown = ["backhaul_site", "backhaul_distance_m", "backhaul_clear", "backhaul_clearance"]
    assert found[unknown].isna().all(axis=None)


@pytest.mark.parametrize(("clearance", "loss"), [(0.0, 6.03), (0.6, 0.0), (-1.0, 16.34)])
def test_a_knife_edge_costs_what_the_recommendation_says(clearance, loss):
    point = BlockingPoint(
        distance_m=1.0,
        x=0.0,
        y=0.0,
        ground_m=0.0,
        excess_m=0.0,
        fresnel_radius_m=1.0,
        fresnel_clearance=clearance,
        blocked=True,
    )
    assert knife_edge_db(point) == pytest.approx(loss, abs=0.1)
    worse = dataclasses.replace(point, fresnel_clearance=clearance - 0.3)
    assert knife_edge_db(worse) >= knife_edge_db(point)


def test_longer_hops_never_cost_less():
    cost = CostSection()
    lengths = np.linspace(100, 90_000, 500)
    paid = np.array([microwave_vnd(length, cost) for length in lengths])
    assert (np.diff(paid) >= 0).all()
    assert microwave_vnd(60_000, cost) == 8 * cost.microwave_vnd


def test_present_cost_counts_years_of_operation():
    assert years_now(0, 0.05) == 0
    assert years_now(10, 0.0) == 10
    # The annuity factor of 10 years at 5 %.
    assert years_now(10, 0.05) == pytest.approx(7.7217, abs=1e-4)
    found = plan(Land(), Land().sites((1000.0, 1000.0)), years=10, discount_rate=0.05)
    expected = found["cost_vnd"] + 7.721735 * found["cost_operation_vnd"]
    np.testing.assert_allclose(found["cost_present_vnd"], expected, rtol=1e-6)


def test_present_cost_of_solar_counts_new_batteries():
    # Bought after 7 of 10 years, and after 4 and 8.
    assert renewals_now(CostSection(discount_rate=0.05)) == pytest.approx(1.05**-7)
    twice = CostSection(battery_years=4, discount_rate=0.0)
    assert renewals_now(twice) == 2
    assert renewals_now(CostSection(years=7)) == 0
