"""Laws of sites that hang their traffic on each other, on small lands of known shape."""

import numpy as np
import pytest

from lands import Land, settings
from lomsong.siting.problem import Limits
from lomsong.siting.replan import replan
from lomsong.siting.sites import plan_sites


def ridge(x, _):
    """Return a wall of 400 m across the land, 600 m wide, with a hamlet on top."""
    return np.where(np.abs(x - 6000) < 300, 600.0, 200.0)


def planned(land, known, *, cost=None, **siting):
    chosen = settings(
        stability_draws=0,
        candidates_per_group=3,
        search_radius_m=600.0,
        transmit_power_dbm=15.0,
        **siting,
    )
    if cost:
        chosen = chosen.model_copy(update={"cost": chosen.cost.model_copy(update=cost)})
    plan = plan_sites(
        land.clusters,
        land.assessment,
        land.gaps,
        terrain=land.terrain,
        sites=known,
        lines=None,
        settings=chosen,
    )
    return plan, chosen


def chains(candidates):
    """Return the number of hops from each chosen site to a known one, failing on a circle or a gap."""
    chosen = candidates[candidates["selected"]].set_index("site_id")
    lengths = []
    for name in chosen.index:
        at, hops = name, 0
        while at in chosen.index and chosen.loc[at, "backhaul_kind"] != "existing":
            at, hops = chosen.loc[at, "backhaul_site"], hops + 1
            assert hops <= len(chosen)
        assert at not in set(candidates["site_id"]) or at in chosen.index
        lengths.append(hops)
    return lengths


@pytest.fixture(scope="module")
def land():
    # From the known site in the east one sees the ridge, and from the ridge the hamlets in the west.
    return Land(
        homes=[(3000.0, 6000.0), (6000.0, 5000.0), (2000.0, 9000.0)],
        people=(100.0, 60.0, 30.0),
        dead=(True, True, True),
        height_m=ridge,
    )


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_a_plan_is_a_forest_rooted_in_known_sites(land, hops):
    known = land.sites((11_000.0, 5000.0), height_m=40.0)
    cost = {"microwave_hops": hops, "fibre_reach_m": 0.0}
    plan, _ = planned(land, known, cost=cost)
    table = plan.candidates
    assert table["selected"].any()
    assert max(chains(table)) <= hops
    assert not (table["backhaul_kind"][table["selected"]] == "fibre").any()


def test_more_hops_never_serve_less_and_a_hop_is_chosen_where_fibre_costs_more(land):
    known = land.sites((11_000.0, 5000.0), height_m=40.0)
    served, spent = [], []
    for hops in (1, 2, 3):
        cost = {"microwave_hops": hops, "relay_vnd": 1e12}
        plan, _ = planned(land, known, cost=cost, target_share=1.0)
        chosen = plan.candidates[plan.candidates["selected"]]
        served.append(chosen["people_gained"].sum())
        spent.append(chosen["cost_vnd"].sum())
        parts = [f"cost_{part}_vnd" for part in ("radio", "mast", "civil", "power", "backhaul")]
        np.testing.assert_allclose(chosen[parts].sum(axis=1), chosen["cost_vnd"])
    assert served == sorted(served)
    assert spent == sorted(spent, reverse=True)
    assert spent[-1] < spent[0]


def test_planning_anew_keeps_sites_on_what_they_stand_on(land):
    known = land.sites((11_000.0, 5000.0), height_m=40.0)
    cost = {"fibre_reach_m": 0.0, "relay_vnd": 1e12}
    plan, chosen = planned(land, known, cost=cost)
    for sites in range(4):
        again = replan(
            plan.candidates,
            plan.coverage,
            clusters=land.clusters.table,
            assessment=land.assessment,
            gaps=land.gaps,
            settings=chosen,
            limits=Limits(max_sites=sites),
        )
        chains(again.candidates)
        assert again.candidates["selected"].sum() <= sites


def test_without_known_sites_nobody_asks_for_hops(land):
    plan, _ = planned(land, land.sites(), cost={"fibre_reach_m": 0.0})
    assert plan.candidates["selected"].any()
    assert set(plan.candidates["backhaul_kind"]) == {"unknown"}


def test_one_carrier_runs_all_sites_of_an_area(land):
    known = land.sites((3500.0, 6000.0), (6200.0, 4800.0), (2200.0, 9100.0), height_m=40.0)
    known = known.assign(plmn=["452-04", "452-01", "452-04"])
    plan, _ = planned(land, known, roaming=True)
    table = plan.candidates
    assert (table.groupby("cluster_of_demand")["carrier"].nunique() == 1).all()
    assert set(table["carrier"]) == {"viettel", "mobifone"}
    apart, _ = planned(land, known)
    assert set(apart.candidates["carrier"]) == {"shared"}
    shown = ["site_id", "selected", "people_gained"]
    assert table[shown].equals(apart.candidates[shown])
