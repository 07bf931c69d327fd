"""What is predicted of known networks follows their antennas, their places and the terrain."""

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from pyproj import CRS

from lomsong import threads
from lomsong.propagation import LinkBudget, best_server, sweep, usual_budget
from lomsong.space.crs import WGS84, to_crs
from lomsong.space.raster import Raster

METRIC = CRS.from_epsg(32648)
WEST, NORTH, CELL, SIDE = 500_000.0, 2_500_000.0, 30.0, 400


def land(wall_m: float = 0.0) -> Raster:
    """Return flat ground, with a wall in the middle of its columns."""
    heights = np.full((SIDE, SIDE), 100.0, np.float32)
    heights[:, SIDE // 2 : SIDE // 2 + 3] += wall_m
    return Raster(heights, Affine(CELL, 0, WEST, 0, -CELL, NORTH), METRIC)


def sites(*rows: dict[str, object]) -> pd.DataFrame:
    """Return 4G sites at metres east and south of the land's corner."""
    usual = {
        "technology": "4G",
        "east": 3000.0,
        "south": 6000.0,
        "position_error_m": 0.0,
        **dict.fromkeys(("azimuth_deg", "downtilt_deg", "height_m"), np.nan),
        **dict.fromkeys(("frequency_mhz", "power_dbm"), np.nan),
    }
    table = pd.DataFrame([{"site_id": f"S{i}", **usual, **row} for i, row in enumerate(rows)])
    lon, lat = to_crs(WEST + table["east"], NORTH - table["south"], source=METRIC, target=WGS84)
    return table.assign(lon=lon, lat=lat)


X = WEST + np.array([5000.0, 4000.0, 1000.0, 9000.0])
Y = NORTH - np.array([6000.0, 9000.0, 6000.0, 6000.0])


def levels(*rows: dict[str, object], wall_m: float = 0.0) -> np.ndarray:
    return best_server(
        land(wall_m), sites(*rows), x=X, y=Y, receiver_m=1.5, radius_m=8000.0
    ).level_dbm


def test_the_level_is_that_of_the_sweep_and_the_usual_budget():
    loss = sweep(
        land(),
        x=WEST + 3000.0,
        y=NORTH - 6000.0,
        mast_m=42.0,
        rx_m=1.5,
        radius_m=8000.0,
        frequency_mhz=1842.5,
    )
    expected = LinkBudget().reference_eirp_dbm - loss.at(X, Y)
    np.testing.assert_allclose(levels({"height_m": 42.0}), expected, atol=1e-3)


def test_height_band_power_and_direction_count_where_they_are_known():
    usual = levels({})
    assert levels({"height_m": 60.0})[3] > usual[3] + 3
    assert (levels({"frequency_mhz": 780.5}) > usual).all()
    np.testing.assert_allclose(levels({"power_dbm": 40.0}), usual - 6.0)
    east = levels({"azimuth_deg": 90.0})
    assert east[0] == pytest.approx(usual[0], abs=1e-6)
    # Behind the antenna a sector is 25 dB weaker.
    assert east[2] == pytest.approx(usual[2] - 25.0, abs=0.1)
    tilted = levels({"azimuth_deg": 90.0, "downtilt_deg": 10.0})
    assert tilted[0] < east[0] - 5


def test_the_strongest_site_serves_whatever_the_order():
    near, far = {"east": 4800.0, "site_id": "near"}, {"east": 3000.0, "site_id": "far"}
    for rows in ((near, far), (far, near)):
        table = sites(*rows)
        found = best_server(land(), table, x=X, y=Y, receiver_m=1.5, radius_m=8000.0)
        assert [table["site_id"].iloc[i] for i in found.site] == ["near", "near", "far", "near"]


def test_two_equal_sites_are_decided_by_name():
    for names in (["a", "b"], ["b", "a"]):
        table = sites(*({"site_id": name} for name in names))
        found = best_server(land(), table, x=X, y=Y, receiver_m=1.5, radius_m=8000.0)
        assert {table["site_id"].iloc[i] for i in found.site} == {"a"}


def test_an_uncertain_place_spreads_the_level_behind_a_wall():
    known = best_server(land(300.0), sites({}), x=X, y=Y, receiver_m=1.5, radius_m=8000.0)
    rough = best_server(
        land(300.0), sites({"position_error_m": 900.0}), x=X, y=Y, receiver_m=1.5, radius_m=8000.0
    )
    assert (known.spread_db == 0).all()
    assert (rough.spread_db[:3] > 1).all()


def test_no_site_in_reach_is_no_number():
    away = best_server(
        land(), sites({"east": -90_000.0}), x=X, y=Y, receiver_m=1.5, radius_m=8000.0
    )
    assert np.isnan(away.level_dbm).all()
    assert (away.site == -1).all()
    short = best_server(land(), sites({}), x=X, y=Y, receiver_m=1.5, radius_m=2500.0)
    assert np.isfinite(short.level_dbm).tolist() == [True, False, True, False]


def test_threads_change_no_bit_and_places_out_of_reach_change_nothing(monkeypatch):
    rng = np.random.default_rng(3)
    many = sites(
        *(
            {"east": east, "south": south, "position_error_m": error, "azimuth_deg": azimuth}
            for east, south, error in rng.uniform(500, [11_000, 11_000, 900], (9, 3))
            for azimuth in (0.0, 120.0)
        )
    )
    x, y = WEST + rng.uniform(0, 12_000, 60), NORTH - rng.uniform(0, 12_000, 60)

    def found(cores: int, at: slice) -> list[np.ndarray]:
        monkeypatch.setattr(threads, "cores", lambda: cores)
        best = best_server(land(200.0), many, x=x[at], y=y[at], receiver_m=1.5, radius_m=4000.0)
        return [best.level_dbm, best.spread_db, best.site]

    whole = found(1, slice(None))
    for one, other in zip(whole, found(4, slice(None)), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(whole, found(2, slice(20)), strict=True):
        np.testing.assert_array_equal(one[:20], other)


@pytest.mark.parametrize("technology", ["2G", "3G", "4G", "5G"])
@pytest.mark.parametrize("frequency_mhz", [450.0, 780.0, 1842.5, 3800.0])
def test_every_technology_and_band_has_a_budget(technology, frequency_mhz):
    budget = usual_budget(technology, frequency_mhz=frequency_mhz, power_dbm=np.nan)
    assert np.isfinite(budget.reference_eirp_dbm)
