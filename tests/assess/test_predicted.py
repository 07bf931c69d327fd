"""Predicted levels stand beside the measured ones: a row for each cluster, and the ridge between."""

import numpy as np
import pandas as pd
import pytest

from lands import SOUTH, WEST, Land
from lomsong.assess.predicted import predict_levels, typical_places
from lomsong.propagation import sweep, usual_budget
from lomsong.space.crs import WGS84, to_crs


def ridge(x, _):
    return np.where(np.abs(x - 6000) < 100, 600.0, 200.0)


def test_the_ridge_between_is_named_and_the_level_is_that_of_the_sweep():
    land = Land(height_m=ridge)
    known = land.sites((2000.0, 6000.0), height_m=42.0, technology="4G")
    found = predict_levels(land.clusters, known, terrain=land.terrain)
    assert found["cluster_id"].tolist() == ["H0-1", "H1-1"]
    assert found["site_id"].tolist() == ["K0", "K0"]
    assert found["carrier"].tolist() == ["vnpt", "vnpt"]
    assert found["blocked"].tolist() == [False, True]
    x, _ = to_crs(found["ridge_lon"], found["ridge_lat"], source=WGS84, target=land.terrain.crs)
    assert x[1] - WEST == pytest.approx(6000, abs=160)
    assert found["ridge_ground_m"].iloc[1] == 600
    loss = sweep(
        land.terrain,
        x=WEST + 2000.0,
        y=SOUTH + 6000.0,
        mast_m=42.0,
        rx_m=1.5,
        radius_m=10_000.0,
        frequency_mhz=1842.5,
    )
    budget = usual_budget("4G", frequency_mhz=1842.5, power_dbm=np.nan)
    at = budget.reference_eirp_dbm - loss.at(land.clusters.place_x, land.clusters.place_y)
    third = np.sort(at.reshape(2, 4), axis=1)[:, 2]
    np.testing.assert_allclose(found["level_dbm"], third, atol=1e-3)
    assert (found["sigma_db"] == 8.0).all()


def test_what_no_site_reaches_is_null_and_order_changes_no_bit():
    land = Land()
    known = pd.concat(
        [
            land.sites((2000.0, 6000.0), (8000.0, 3000.0), position_error_m=700.0),
            land.sites((90_000.0, 6000.0), plmn="452-04", site_id="far"),
        ]
    )
    first = predict_levels(land.clusters, known, terrain=land.terrain)
    again = predict_levels(land.clusters, known.iloc[::-1], terrain=land.terrain)
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    lost = first[first["carrier"] == "viettel"]
    assert len(lost) == 2
    columns = ["level_dbm", "sigma_db", "site_id", "distance_m", "blocked", "ridge_lon"]
    assert lost[columns].isna().all(axis=None)
    assert (first["sigma_db"].dropna() > 8).any()


def test_without_terrain_or_sites_nothing_is_said():
    land = Land()
    assert not len(predict_levels(land.clusters, land.sites((1.0, 1.0)), terrain=None))
    assert not len(predict_levels(land.clusters, land.sites(), terrain=land.terrain))


def test_half_of_the_places_reach_the_typical_one():
    land = Land()
    level = np.array([4.0, 1.0, 3.0, 2.0, np.nan, 5.0, 7.0, 6.0])
    place = typical_places(np.nan_to_num(level, nan=-np.inf), land.clusters)
    assert level[place].tolist() == [3.0, 6.0]
