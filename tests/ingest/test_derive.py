"""Derived areas tile the ground of their communes, whatever the order of the points."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from lomsong.errors import DefectError
from lomsong.ingest.hamlets.derive import derive_areas

coordinate = st.integers(-1000, 6000).map(float)
points = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=12, unique=True)
LEFT, RIGHT = shapely.box(0, 0, 3000, 5000), shapely.box(2500, 0, 5000, 5000)


def areas_of(places, communes, polygons, radius_m):
    xy = np.array(places, float)
    return derive_areas(
        xy[:, 0], xy[:, 1], np.array(communes), np.array(polygons, object), radius_m=radius_m
    )


def overlap(areas):
    known = [a for a in areas if a is not None]
    return sum(a.area for a in known) - shapely.union_all(known).area if known else 0.0


@given(points, st.floats(100, 9000))
@example([(0.0, 0.0), (-147.0, 213.0), (-194.0, 278.0), (947.0, 3.0)], 1026.0)
def test_areas_tile_the_ground_within_reach(places, radius_m):
    areas = areas_of(places, [0] * len(places), [LEFT], radius_m)
    known = [a for a in areas if a is not None]
    reach = shapely.union_all([shapely.Point(p).buffer(radius_m, quad_segs=32) for p in places])
    assert overlap(areas) < 1e-3
    assert sum(a.area for a in known) == pytest.approx(
        reach.intersection(LEFT).area, rel=1e-4, abs=0.1
    )


@given(points, st.integers(0, 2**31))
def test_the_order_of_points_changes_no_bit(places, seed):
    communes = [int(x > 2700) for x, _ in places]
    order = np.random.default_rng(seed).permutation(len(places))
    one = areas_of(places, communes, [LEFT, RIGHT], 1500)
    other = areas_of([places[i] for i in order], [communes[i] for i in order], [LEFT, RIGHT], 1500)
    assert [shapely.to_wkb(a) for a in one[order]] == [shapely.to_wkb(a) for a in other]


@given(points)
def test_overlapping_communes_share_no_ground_and_lose_none(places):
    communes = [i % 2 for i in range(len(places))]
    areas = areas_of(places, communes, [LEFT, RIGHT], 20_000)
    ground = shapely.union_all([[LEFT, RIGHT][c] for c in set(communes)])
    assert overlap(areas) < 1e-3
    assert sum(a.area for a in areas if a is not None) == pytest.approx(ground.area, rel=1e-9)


@given(points)
def test_every_area_lies_in_its_own_commune_and_is_nearest_to_its_point(places):
    areas = areas_of(places, [0] * len(places), [LEFT], 4000)
    for position, area in enumerate(areas):
        if area is None:
            continue
        assert area.difference(LEFT).area < 1e-6
        inner = area.point_on_surface()
        distances = [inner.distance(shapely.Point(p)) for p in places]
        assert distances[position] <= min(distances) + 1e-6


def test_one_hamlet_takes_its_whole_commune():
    areas = areas_of([(1000, 1000)], [0], [LEFT], 20_000)
    assert areas[0].equals(LEFT)


def test_a_point_far_from_its_commune_gets_nothing():
    assert areas_of([(9000, 9000)], [0], [LEFT], 100)[0] is None


def test_two_hamlets_on_one_point_are_our_defect_here():
    with pytest.raises(DefectError):
        areas_of([(1000, 1000), (1000, 1000), (5, 5)], [0, 0, 0], [LEFT], 100)


def test_three_communes_over_each_other_divide_the_ground():
    third = shapely.box(2000, 2000, 4000, 4000)
    places = [(1000.0, 1000.0), (4000.0, 1000.0), (2700.0, 3000.0), (3900.0, 3900.0)]
    areas = areas_of(places, [0, 1, 2, 2], [LEFT, RIGHT, third], 20_000)
    assert overlap(areas) < 1e-3
    assert sum(a.area for a in areas) == pytest.approx(shapely.union_all([LEFT, RIGHT, third]).area)
