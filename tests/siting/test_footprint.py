"""Laws of footprints: they hold whom the plan serves, end in a ridge's shadow, and shrink as more is asked."""

import shapely
from test_planned_sites import plan, ridge

from lands import Land, degrees, settings
from lomsong.siting.footprint import footprints

SITING = {"stability_draws": 0, "candidates_per_group": 4, "search_radius_m": 1500.0}


def drawn(land, candidates, **siting):
    own = settings(**{**SITING, **siting})
    minimum = own.levels.minimum_rsrp_dbm
    return footprints(candidates, land.terrain, settings=own.siting, minimum_dbm=minimum)


def test_everybody_whom_a_site_newly_serves_lives_in_its_footprint():
    land = Land()
    found = plan(land)
    table = drawn(land, found.candidates)
    chosen = found.candidates[found.candidates["selected"]]
    assert set(table["site_id"]) == set(chosen["site_id"])
    new = found.coverage[found.coverage["newly_served"]]
    homes = land.clusters.table.set_index("cluster_id").geometry
    outline = table.set_index("site_id").geometry
    assert len(new)
    for site, cluster in zip(new["site_id"], new["cluster_id"], strict=True):
        assert outline[site].buffer(0.002).contains(homes[cluster])


def test_a_ridge_keeps_the_ground_behind_it_out():
    land = Land(height_m=ridge)
    found = plan(land, max_sites=1)
    table = drawn(land, found.candidates)
    site = found.candidates[found.candidates["selected"]].geometry.iloc[0]
    lon, lat = degrees([6000.0, 2500.0, 9500.0], [6000.0, 6000.0, 6000.0])
    near, far = (1, 2) if site.x < lon[0] else (2, 1)
    outline = table.geometry.iloc[0]
    assert outline.contains(shapely.Point(lon[near], lat[near]))
    assert not outline.contains(shapely.Point(lon[far], lat[far]))


def test_more_is_asked_less_is_served():
    land = Land(height_m=ridge)
    candidates = plan(land).candidates
    easy = drawn(land, candidates, cell_edge_probability=0.6)
    hard = drawn(land, candidates, cell_edge_probability=0.99)
    assert (hard["area_km2"] <= easy["area_km2"]).all()
    assert hard["area_km2"].sum() < easy["area_km2"].sum()


def test_without_a_chosen_site_or_terrain_there_is_no_footprint():
    land = Land()
    candidates = plan(land).candidates
    assert drawn(land, candidates.assign(selected=False)).empty
    own = settings(**SITING)
    assert footprints(candidates, None, settings=own.siting, minimum_dbm=-121.0).empty
