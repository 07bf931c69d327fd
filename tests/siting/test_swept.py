"""Laws of levels that are kept: another run sweeps nothing that it knows, and finds the same bits."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from lands import Land, settings
from lomsong.siting import reach, swept
from lomsong.siting.sites import plan_sites

USUAL = {"stability_draws": 0, "candidates_per_group": 3, "search_radius_m": 800.0}


def ridge(x, _):
    return np.where(np.abs(x - 6000) < 100, 400.0, 200.0)


def planned(land, known=None, *, minimum_dbm=-121.0, **siting):
    asked = settings(**{**USUAL, **siting})
    levels = asked.levels.model_copy(update={"minimum_rsrp_dbm": minimum_dbm})
    return plan_sites(
        land.clusters,
        land.assessment,
        land.gaps,
        terrain=land.terrain,
        sites=land.sites(),
        lines=None,
        settings=asked.model_copy(update={"levels": levels}),
        swept=known,
    )


@pytest.fixture(scope="module")
def land():
    return Land(height_m=ridge)


@pytest.fixture(scope="module")
def kept(land, tmp_path_factory):
    """Return a file of what a plan swept."""
    file = tmp_path_factory.mktemp("kept") / "swept.parquet"
    planned(land).swept.to_parquet(file, index=False)
    return file


@pytest.fixture
def sweeps(monkeypatch):
    """Count sweeps."""
    done = []
    sweep = reach.sweep
    monkeypatch.setattr(reach, "sweep", lambda *a, **k: done.append(1) or sweep(*a, **k))
    return done


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"max_sites": 1},
        {"budget_vnd": 3e9},
        {"target_share": 0.5},
        {"minimum_dbm": -105.0},
        {"cell_edge_probability": 0.95},
        {"shadow_sigma_db": 12.0},
    ],
)
def test_another_threshold_weight_or_limit_sweeps_nothing_and_plans_as_if_it_had(
    land, kept, sweeps, other
):
    again = planned(land, swept.read(kept), **other)
    assert not sweeps
    afresh = planned(land, **other)
    assert sweeps
    assert_frame_equal(again.candidates, afresh.candidates)
    assert_frame_equal(again.chances, afresh.chances)
    assert_frame_equal(again.swept, afresh.swept)


@pytest.mark.parametrize(
    "other",
    [
        {"antenna_gain_dbi": 12.0},
        {"azimuths_deg": [10.0, 130.0, 250.0]},
        {"bands": ["B28"]},
        {"downtilt_deg": 2.0},
        {"losses_db": 5.0},
        {"radius_m": 5000.0},
        {"receiver_m": 2.0},
        {"transmit_power_dbm": 30.0},
        {"masts_m": [25.0, 42.0]},
    ],
)
def test_another_radio_or_mast_is_swept_anew(land, kept, sweeps, other):
    again = planned(land, swept.read(kept), **other)
    assert sweeps
    assert_frame_equal(again.chances, planned(land, **other).chances)


def test_a_cell_of_other_terrain_is_swept_anew(land, kept, sweeps):
    heights = land.terrain.values.copy()
    heights[0, 0] += 1
    other = Land(height_m=ridge)
    other.terrain = replace(land.terrain, values=heights)
    planned(other, swept.read(kept))
    assert sweeps


def test_every_setting_of_the_radio_is_known_to_be_one():
    """Whatever the antennas and the link budget ask of the settings is part of the name."""
    asked = set()

    class Watched:
        def __getattr__(self, name):
            asked.add(name)
            return getattr(settings().siting, name)

    land = Land()
    empty = np.empty(0, np.int64)
    for homes in (empty, np.arange(4)):
        reach._levels(
            land.terrain,
            land.clusters,
            homes,
            x=float(land.clusters.place_x[0]),
            y=float(land.clusters.place_y[0]) + 500.0,
            ground_m=200.0,
            mast_m=30.0,
            settings=Watched(),
            lower=(),
            deaf=None,
        )
    assert asked == set(swept.RADIO)


def cut(data):
    return data[: len(data) // 2]


def flipped(data):
    """Turn a bit of the levels themselves, which Parquet alone does not notice."""
    at = len(data) // 4
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("damage", [cut, flipped, lambda _: b"", lambda _: b"PAR1"])
def test_what_is_damaged_is_swept_anew_and_told(land, kept, tmp_path, caplog, damage):
    broken = tmp_path / "swept.parquet"
    broken.write_bytes(damage(kept.read_bytes()))
    with caplog.at_level(logging.WARNING):
        found = planned(land, swept.read(broken))
    assert "damaged" in caplog.text
    assert_frame_equal(found.swept, planned(land).swept)


def test_where_nothing_was_kept_nothing_is_read(tmp_path):
    assert swept.read(tmp_path / "swept.parquet") == {}


def test_what_does_not_fit_is_told_and_the_rest_is_kept(monkeypatch, caplog):
    levels = {name: np.full(10, float(n)) for n, name in enumerate("dbca")}
    monkeypatch.setattr(swept, "MOST_BYTES", 200)
    kept = swept.as_table(levels)
    assert list(kept["name"]) == ["a", "b"]
    assert "2 of 4 places" in caplog.text
