"""A candidate is explained by the columns of its row, and its hop drawn over the run's terrain."""

from dataclasses import replace
from pathlib import Path

import pytest
from worlds import world

from lomsong.errors import InputError
from lomsong.report import explain_site
from lomsong.space.crs import WGS84, to_crs


@pytest.fixture(scope="module")
def result():
    return world(40, language="en")


def first(result, kind):
    candidates = result.candidates
    return str(candidates.loc[candidates["backhaul_kind"] == kind, "site_id"].iloc[0])


def test_the_figures_are_those_of_the_table(result):
    site = first(result, "microwave")
    row = result.candidates.set_index("site_id").loc[site]
    said = explain_site.of_site(result, site)
    assert explain_site.is_candidate(result, site)
    assert f"to {row['backhaul_site']}, 4.2 km" in said
    assert f"Investment {row['cost_vnd'] / 1e6:,.0f}" in said
    assert "The direct way is clear: 1.20 Fresnel radii" in said


def test_the_same_hop_gives_the_same_picture_between_the_two_sites(result, tmp_path: Path):
    sites = set(result.sites["site_id"])
    table = result.candidates
    known = table[table["backhaul_site"].isin(sites)]
    if not len(known):
        result.candidates.loc[table.index[0], "backhaul_site"] = result.sites["site_id"].iloc[0]
        known = result.candidates.iloc[:1]
    site = str(known["site_id"].iloc[0])
    path, mast_m, far_m = explain_site.hop(result, site)
    assert (mast_m, far_m) == (42.0, 42.0)
    assert path.distance_m[-1] > 0
    for name in ("a.svg", "b.svg"):
        explain_site.draw_hop(result, site, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_what_cannot_be_drawn_is_told(result, tmp_path: Path):
    site = first(result, "fibre")
    with pytest.raises(InputError, match="is no picture"):
        explain_site.draw_hop(result, site, tmp_path / "a.txt")
    table = result.candidates
    lonely = str(table.loc[table["backhaul_site"].isna(), "site_id"].iloc[0])
    with pytest.raises(InputError, match="no way to another site"):
        explain_site.draw_hop(result, lonely, tmp_path / "a.png")


def test_a_hop_to_another_new_site_ends_at_its_mast(result):
    candidates = result.candidates.copy()
    ids = candidates["site_id"]
    candidates.loc[candidates.index[0], ["backhaul_site", "backhaul_kind"]] = [
        ids.iloc[1],
        "microwave",
    ]
    candidates.loc[candidates.index[1], "mast_m"] = 60.0
    path, _, far_m = explain_site.hop(replace(result, candidates=candidates), ids.iloc[0])
    assert far_m == 60.0
    x, y = to_crs(
        [candidates.geometry.x.iloc[1]],
        [candidates.geometry.y.iloc[1]],
        source=WGS84,
        target=result.terrain.crs,
    )
    assert (path.x[-1], path.y[-1]) == (x[0], y[0])
