"""Places given, forbidden areas, roads, points of interest and known masts decide where sites may stand and why."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lands import METRIC, SOUTH, WEST, Land, settings
from lomsong.ingest.places import Surroundings
from lomsong.siting.demand import with_interest
from lomsong.siting.replan import limits_from, replan
from lomsong.siting.sites import plan_sites


def ridge(x, _):
    """Return a wall of 400 m across the land, 200 m wide."""
    return np.where(np.abs(x - 6000) < 100, 600.0, 200.0)


def drawn(*shapes, **columns):
    """Return shapes, in metres from the land's corner, as a layer in degrees."""
    moved = [shapely.transform(shape, lambda at: at + np.array([WEST, SOUTH])) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=METRIC).to_crs(4326)


def plan(land, *, known=None, lines=None, around=None, **siting):
    defaults = {"stability_draws": 0, "candidates_per_group": 4, "search_radius_m": 1500.0}
    return plan_sites(
        land.clusters,
        land.assessment,
        land.gaps,
        terrain=land.terrain,
        sites=land.sites() if known is None else known,
        lines=lines,
        settings=settings(**{**defaults, **siting}),
        surroundings=around,
    )


def metres(candidates):
    there = candidates.geometry.to_crs(METRIC)
    return there.x.to_numpy() - WEST, there.y.to_numpy() - SOUTH


def test_places_given_are_always_candidates_and_keep_their_names():
    land = Land()
    places = drawn(
        shapely.Point(3100, 6100), shapely.Point(100, 100), name=pd.array(["Đồi 1", None], "str")
    )
    found = plan(land, around=Surroundings(places=places), max_candidates=1).candidates
    assert len(found) == 3
    assert "Đồi 1" in set(found["site_id"])
    x, y = metres(found)
    assert np.hypot(x - 100, y - 100).min() < 1


def test_nothing_stands_in_a_forbidden_area():
    land = Land()
    forest = drawn(shapely.box(0, 0, 12_000, 6000), shapely.box(8000, 5000, 10_000, 7000))
    known = land.sites((3200.0, 5900.0), (3200.0, 6100.0))
    free, kept = (
        plan(land, known=known, around=around).candidates
        for around in (None, Surroundings(forbidden=forest))
    )
    assert (metres(free)[1] < 6000).any()
    x, y = metres(kept)
    assert (y > 6000).all()
    assert not ((x > 8000) & (x < 10_000) & (y < 7000)).any()
    assert set(kept["existing_site"].dropna()) == {"K1"}


def test_roads_bring_candidates_and_make_access_dearer_with_distance():
    land = Land(height_m=lambda x, y: 200 + x / 100 + y / 1000)
    road = drawn(shapely.LineString([(0, 5500), (12_000, 5500)]))
    found = plan(land, around=Surroundings(roads=road)).candidates
    _, y = metres(found)
    np.testing.assert_allclose(found["road_distance_m"], np.abs(y - 5500), atol=1)
    assert (found["road_distance_m"] <= 230).sum() >= 4
    cost = settings().cost
    access = found["road_distance_m"] / 1000 * cost.road_vnd_per_km
    np.testing.assert_allclose(found["cost_civil_vnd"], cost.civil_vnd + access)
    assert plan(land).candidates["road_distance_m"].isna().all()


def test_people_near_points_of_interest_count_for_more_and_planning_anew_remembers_it():
    land = Land(people=(100.0, 98.0), height_m=ridge)
    low = {"max_sites": 1, "masts_m": (30.0,), "transmit_power_dbm": 38.0}
    school = drawn(shapely.Point(9100, 6100))
    table = with_interest(
        land.clusters.table, {"school": school}, crs=METRIC, weight=0.1, within_m=500.0
    )
    assert table["interest_weight"].tolist() == [0.0, 0.1]
    plain = plan(land, candidates_per_group=1, **low)
    assert plain.coverage.query("newly_served")["cluster_id"].tolist() == ["H0-1"]
    land.clusters.table["interest_weight"] = table["interest_weight"]
    found = plan(land, candidates_per_group=1, **low)
    assert found.coverage.query("newly_served")["cluster_id"].tolist() == ["H1-1"]
    chosen = found.candidates[found.candidates["selected"]].iloc[0]
    assert chosen["score_interest"] == pytest.approx(9.8)
    parts = [f"score_{part}" for part in ("people", "no_grid", "difficult", "interest")]
    np.testing.assert_allclose(found.candidates[parts].sum(axis=1), found.candidates["score"])
    again = replan(
        found.candidates,
        found.coverage,
        clusters=land.clusters.table,
        assessment=land.assessment,
        gaps=land.gaps,
        settings=settings(),
        limits=limits_from(settings(), max_sites=1),
    )
    assert again.candidates["score"].tolist() == found.candidates["score"].tolist()


def test_what_hangs_on_a_mast_does_not_reach_who_is_silent_there():
    land = Land(homes=[(3000.0, 6000.0)], people=(80.0,), dead=(True,))
    lte = land.sites((3500.0, 6000.0), technology="4G")
    alone = plan(land, known=lte)
    mast = alone.candidates[alone.candidates["existing_site"].notna()].iloc[0]
    assert mast["people_covered"] == 0
    assert mast["existing_use"] == "lower_band_or_carrier"
    lower = plan(land, known=lte, bands=("B3", "B28")).candidates
    assert lower.set_index("existing_site").loc["K0", "people_covered"] == 80
    old = plan(land, known=land.sites((3500.0, 6000.0), technology="3G")).candidates
    mast = old.set_index("existing_site").loc["K0"]
    assert mast["people_covered"] == 80
    assert mast["existing_use"] == "new_technology"
    assert mast["existing_carriers"] == "vnpt"


def test_carriers_at_one_place_are_one_candidate():
    land = Land()
    known = land.sites((3200.0, 6100.0), (3220.0, 6100.0), plmn=["452-02", "452-04"])
    known["place_id"] = "K0"
    found = plan(land, known=known).candidates
    shared = found[found["existing_site"].notna()]
    assert shared["existing_carriers"].tolist() == ["viettel/vnpt"]


def test_service_areas_hold_their_clusters_and_everybody_who_waits():
    land = Land(
        homes=[(3000.0, 6000.0), (3800.0, 6000.0), (9000.0, 6000.0)],
        people=(100.0, 5, 60),
        dead=(True,) * 3,
    )
    found = plan(land)
    areas = found.service_areas.set_index("service_area")
    assert areas["people_waiting"].sum() == 165
    assert areas["hamlets"].tolist() == ["Bản H0, Bản H1", "Bản H2"]
    assert areas["n_clusters"].tolist() == [2, 1]
    for cluster, area in found.area_of_cluster.items():
        point = land.clusters.table.set_index("cluster_id").geometry[cluster]
        assert areas.geometry[area].contains(point)
    assert set(found.candidates["cluster_of_demand"]) <= set(areas.index)


def test_a_chain_of_hamlets_is_cut_into_areas_no_wider_than_asked():
    homes = [(600.0 * i + 500, 6000.0) for i in range(19)]
    land = Land(homes=homes, people=(10.0,) * 19, dead=(True,) * 19)
    areas = plan(land, group_span_m=4000.0).service_areas.to_crs(METRIC)
    assert len(areas) >= 3
    width = areas.geometry.bounds
    assert ((width["maxx"] - width["minx"]) <= 4000 + 2 * 250 + 1).all()
    assert areas["people_waiting"].sum() == 190


def test_order_of_layers_changes_no_bit():
    land = Land(height_m=lambda x, y: 300 + 150 * np.sin(x / 700) * np.cos(y / 500))
    places = drawn(
        shapely.Point(3100, 6100), shapely.Point(8000, 5000), name=pd.array(["a", "b"], "str")
    )
    road = drawn(
        shapely.LineString([(0, 5500), (12_000, 5500)]), shapely.LineString([(0, 0), (9000, 9000)])
    )
    forest = drawn(shapely.box(0, 0, 4000, 4000), shapely.box(8000, 8000, 9000, 9000))
    first = plan(land, around=Surroundings(places=places, roads=road, forbidden=forest))
    again = plan(
        land,
        around=Surroundings(places=places, roads=road.iloc[::-1], forbidden=forest.iloc[::-1]),
    )
    pd.testing.assert_frame_equal(first.candidates, again.candidates, check_exact=True)
