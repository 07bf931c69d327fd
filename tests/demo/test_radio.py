"""The world's radio obeys physics, checked by a second computation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong import demo
from lomsong.demo import radio
from lomsong.demo.truth import find_truth


def profile(heights: list[float], length: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    share = np.arange(1, len(heights) + 1) / (len(heights) + 1)
    return np.array([heights]), length * share[None, :], np.array([length])


def slow_v(at: float, top: float, left: tuple[float, float], right: tuple[float, float]) -> float:
    """v of an edge between two points at 1 m wavelength, written out."""
    before, after = at - left[0], right[0] - at
    line = left[1] + (right[1] - left[1]) * before / (before + after)
    return (top - line) * math.sqrt(2 * (before + after) / (before * after))


def test_grazing_edge_costs_six_decibels() -> None:
    assert radio.knife_edge_db(np.array([0.0]))[0] == pytest.approx(6.0, abs=0.1)


@given(st.floats(-5, 30), st.floats(0, 10))
def test_a_higher_edge_never_costs_less(v: float, more: float) -> None:
    low, high = radio.knife_edge_db(np.array([v, v + more]))
    assert 0 <= low <= high + 1e-9


def test_one_edge_is_the_textbook_edge() -> None:
    height, along, length = profile([0, 0, 120, 0, 0], 6000.0)
    edges = radio.knife_edges(
        height, along, mast_m=np.array([40.0]), phone_m=np.array([2.0]), distance_m=length
    )[0]
    expected = slow_v(3000.0, 120.0, (0.0, 40.0), (6000.0, 2.0))
    assert edges[1] == pytest.approx(expected)
    assert not np.isfinite(edges[[0, 2]]).any()


def test_two_edges_count_from_edge_to_edge() -> None:
    height, along, length = profile([0, 150, 0, 110, 0], 6000.0)
    left, main, right = radio.knife_edges(
        height, along, mast_m=np.array([40.0]), phone_m=np.array([2.0]), distance_m=length
    )[0]
    assert not np.isfinite(left)
    first, second = (2000.0, 150.0), (4000.0, 110.0)
    assert main == pytest.approx(slow_v(*first, (0.0, 40.0), second))
    assert right == pytest.approx(slow_v(*second, first, (6000.0, 2.0)))


def test_free_sight_costs_no_diffraction() -> None:
    height, along, length = profile([0.0] * 9, 3000.0)
    edges = radio.knife_edges(
        height, along, mast_m=np.array([300.0]), phone_m=np.array([200.0]), distance_m=length
    )
    assert radio.knife_edge_db(edges).sum() == 0


def test_free_space_part_is_the_law(small: demo.District) -> None:
    one = radio.Paths(
        place=np.array([0]),
        distance_m=np.array([100.0]),
        bearing_deg=np.zeros(1),
        elevation_deg=np.zeros(1),
        edges=np.full((1, 3), -np.inf),
        forest=np.zeros(1),
        shadow_db=np.zeros(1),
    )
    metres, hertz = 100.0, 1.8e9
    expected = 20 * math.log10(4 * math.pi * metres * hertz / 299_792_458.0)
    assert small.radio.loss_db(one, frequency_mhz=1800.0)[0] == pytest.approx(expected, abs=0.01)


def test_antenna_is_strongest_ahead(small: demo.District) -> None:
    houses = small.homes.dwellings
    paths = small.radio.paths((0.0, 0.0, 40.0), houses["x"].to_numpy(), houses["y"].to_numpy())
    gain = radio.antenna_db(paths, azimuth_deg=90.0, tilt_deg=3.0)
    behind = radio.antenna_db(paths, azimuth_deg=270.0, tilt_deg=3.0)
    ahead = np.abs((paths.bearing_deg - 90 + 180) % 360 - 180) < 60
    assert (gain <= 0).all()
    assert (gain[ahead] >= behind[ahead]).all()


def test_one_more_sector_never_lowers_a_level(small: demo.District) -> None:
    houses = small.homes.dwellings.iloc[::7]
    x, y = houses["x"].to_numpy(), houses["y"].to_numpy()
    fewer = small.radio.best(small.sectors.iloc[:-6], x, y)
    every = small.radio.best(small.sectors, x, y)
    for key, level in fewer.level.items():
        assert (every.level[key] >= level).all()


def test_levels_do_not_depend_on_which_places_are_asked(small: demo.District) -> None:
    houses = small.homes.dwellings
    x, y = houses["x"].to_numpy(), houses["y"].to_numpy()
    whole = small.radio.best(small.sectors, x, y).level["viettel", "4G"]
    part = small.radio.best(small.sectors, x[::3], y[::3]).level["viettel", "4G"]
    np.testing.assert_array_equal(part, whole[::3])


def test_truth_follows_the_definitions(small: demo.District) -> None:
    """Judge again, house by house, in plain loops."""
    homes, world = small.homes, small.world
    ids = small.hamlets["hamlet_id"].to_list()
    level = small.best.level["vnpt", "4G"]
    truth = find_truth(
        world, homes, small.best, first_centre=small.spots.first_centre, hamlet_ids=ids
    )
    rows = truth.hamlets[truth.hamlets["carrier"] == "vnpt"].set_index("hamlet_id")
    for hamlet, hamlet_id in enumerate(ids):
        states = []
        for group in np.flatnonzero(homes.groups["hamlet"] == hamlet):
            heard = level[: len(homes.dwellings)][(homes.dwellings["group"] == group).to_numpy()]
            served = sum(value >= -121 for value in heard) * 2 >= len(heard)
            states.append((served, served and float(np.median(heard)) >= -105))
        if homes.centres["group"][hamlet] < 0:
            here = level[small.spots.first_centre + hamlet]
            states.append((here >= -121, here >= -105))
        served = [state[0] for state in states]
        expected = (
            "no_signal"
            if not any(served)
            else "partial"
            if not all(served)
            else "covered"
            if all(state[1] for state in states)
            else "weak"
        )
        assert rows.loc[hamlet_id, "class"] == expected
