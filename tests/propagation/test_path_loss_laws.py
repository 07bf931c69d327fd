"""Laws of the point-to-point method that hold without any reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.errors import InputError
from lomsong.propagation import coast_distance_m, path_loss, path_loss_detail

heights = st.lists(st.floats(0, 1_500), min_size=3, max_size=40)


def _ask(height: list[float] | np.ndarray, **more: object) -> dict[str, object]:
    asked = {
        "distance_m": 90.0 * np.arange(np.shape(height)[-1]),
        "height_m": np.asarray(height, float),
        "frequency_mhz": 1800.0,
        "tx_height_m": 40.0,
        "rx_height_m": 1.5,
        "path_centre_latitude_deg": 21.5,
    }
    return asked | more


@given(heights, st.sampled_from([450.0, 900.0, 1800.0, 3800.0]))
def test_diffraction_is_reciprocal(height: list[float], frequency: float):
    ways = [
        path_loss_detail(
            **_ask(way, tx_height_m=tx, rx_height_m=rx, frequency_mhz=frequency)
        ).with_diffraction_median_db
        for way, tx, rx in ((height, 40.0, 3.0), (height[::-1], 3.0, 40.0))
    ]
    assert ways[0] == pytest.approx(ways[1], abs=1e-6)


@given(heights)
def test_loss_for_equal_heights_is_reciprocal(height: list[float]):
    forth, back = (path_loss(**_ask(way, rx_height_m=40.0)) for way in (height, height[::-1]))
    # Horizon distances of a path in sight follow the last of equal maxima, which may swap ends.
    assert forth == pytest.approx(back, abs=0.05)


@given(heights, st.floats(1, 50), st.floats(1, 99), st.floats(0, 12))
def test_loss_is_finite_and_never_below_the_path_in_sight(
    height: list[float], time: float, places: float, sigma: float
):
    found = path_loss_detail(
        **_ask(height, time_percent=time, location_percent=places, sigma_l_db=sigma)
    )
    assert np.isfinite(found.loss_db)
    assert found.loss_db >= found.line_of_sight_db
    assert found.diffraction_median_db >= 0


@given(heights)
def test_more_places_and_more_time_cost_more(height: list[float]):
    places = path_loss(**_ask([height] * 4, location_percent=[10, 50, 90, 99], sigma_l_db=5.5))
    assert (np.diff(places) >= 0).all()
    time = path_loss(**_ask([height] * 3, time_percent=[1, 10, 50]))
    assert (np.diff(time) >= -1e-6).all()


@given(heights, st.floats(0, 30))
def test_clutter_never_helps_a_path_that_it_hides(height: list[float], clutter: float):
    bare = path_loss_detail(**_ask(height))
    dressed = path_loss_detail(**_ask(height, clutter_m=clutter))
    assert dressed.bullington_actual_db >= bare.bullington_actual_db - 1e-9


def test_grazing_terrain_is_finite():
    height = np.zeros(11)
    asked = _ask(height, tx_height_m=1.0, rx_height_m=1.0, delta_n=0)
    asked["height_m"] = -(np.asarray(asked["distance_m"]) * (900 - np.asarray(asked["distance_m"])))
    asked["height_m"] = asked["height_m"] / (2 * 6_371_000) + np.r_[0, np.ones(9), 0]
    assert np.isfinite(path_loss(**asked))


@settings(max_examples=20)
@given(st.integers(0, 39))
def test_one_unknown_height_makes_the_loss_unknown_and_no_other(position: int):
    height = np.random.default_rng(position).uniform(0, 300, (3, 40))
    whole = path_loss(**_ask(height))
    height[1, position] = np.nan
    torn = path_loss(**_ask(height))
    assert np.isnan(torn[1])
    assert np.array_equal(torn[[0, 2]], whole[[0, 2]])


def test_one_profile_gives_a_number_and_many_an_array():
    height = np.random.default_rng(1).uniform(0, 300, (3, 40))
    assert np.ndim(path_loss(**_ask(height[0]))) == 0
    assert path_loss(**_ask(height)).shape == (3,)
    ragged = [height[0], height[1, :20], height[2, :7]]
    asked = _ask(height[0]) | {"height_m": ragged}
    asked["distance_m"] = [90.0 * np.arange(len(row)) for row in ragged]
    alone = [path_loss(**_ask(row)) for row in ragged]
    assert path_loss(**asked).tolist() == alone


def test_zones_may_be_one_word_or_one_per_point():
    height = np.linspace(5, 40, 30)
    by_word = path_loss(**_ask(height, zone="coastal"))
    assert path_loss(**_ask(height, zone=["coastal"] * 30)) == by_word
    sea = path_loss_detail(**_ask(height * 0, zone=["inland"] * 10 + ["sea"] * 20))
    assert sea.sea_fraction == pytest.approx(19.5 / 29)
    assert sea.longest_inland_km == pytest.approx(0.09 * 9.5)
    assert (sea.tx_coast_km, sea.rx_coast_km) == (500, 0)


def test_coast_distance_ends_between_land_and_sea():
    distance = [0, 100, 300, 400, 1_000]
    zone = ["inland", "coastal", "sea", "sea", "inland"]
    assert coast_distance_m(distance_m=distance, zone=zone) == (200, 300)
    assert coast_distance_m(distance_m=distance, zone=["sea"] * 5) == (0, 0)
    assert coast_distance_m(distance_m=distance, zone=["inland"] * 5) == (np.inf, np.inf)


def test_a_near_coast_couples_a_low_terminal_to_the_duct_over_the_sea():
    height = np.zeros(600)
    zone = ["inland"] * 5 + ["sea"] * 590 + ["inland"] * 5
    asked = _ask(height, zone=zone, time_percent=1)
    far = path_loss_detail(**asked)
    near = path_loss_detail(**asked, tx_coast_distance_m=400, rx_coast_distance_m=400)
    assert near.ducting_db < far.ducting_db


def test_all_faults_are_told_together():
    with pytest.raises(InputError) as raised:
        path_loss(
            distance_m=[0, 100, 100, 300],
            height_m=[1, -32767, 3, 4],
            clutter_m=[0, 0, 0],
            frequency_mhz=10,
            tx_height_m=np.nan,
            rx_height_m=1.5,
            time_percent=51,
            polarization="round",
            path_centre_latitude_deg=21,
        )
    assert {fault.column for fault in raised.value.faults} == {
        "distance_m",
        "height_m",
        "clutter_m",
        "frequency_mhz",
        "tx_height_m",
        "time_percent",
        "polarization",
    }
