"""Shared arcs give back the polygons they came from, and a border between neighbours exists once."""

from collections import Counter

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from worlds import world

from lomsong.report.map.pack import _varints
from lomsong.report.map.topology import Topology, mercator, topology


def _polygon(shapes: Topology, number: int) -> shapely.Geometry:
    """Walk the arcs of a polygon, without using anything of the builder."""
    outlines = []
    for ring in shapes.rings[number]:
        points: list[np.ndarray] = []
        for reference in ring:
            arc = shapes.arcs[~reference][::-1] if reference < 0 else shapes.arcs[reference]
            if points:
                assert (points[-1][-1] == arc[0]).all()
            points.append(arc)
        outline = np.concatenate(points)
        assert (outline[0] == outline[-1]).all()
        outlines.append(shapely.Polygon(outline * shapes.step_m + [shapes.west_m, shapes.south_m]))
    whole = outlines[0]
    for other in outlines[1:]:
        whole = shapely.symmetric_difference(whole, other)
    return whole


def _projected(polygon: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(polygon, lambda xy: mercator(xy[:, 0], xy[:, 1]))


def test_arcs_give_back_the_polygons_to_the_grid_step():
    polygons = world(24, seed=5).hamlets.geometry.to_numpy()
    shapes = topology(polygons)
    for number, polygon in enumerate(polygons):
        kept = _polygon(shapes, number)
        assert (
            shapely.hausdorff_distance(kept.exterior, _projected(polygon).exterior) <= shapes.step_m
        )


def test_an_inner_border_is_stored_once_and_used_twice():
    polygons = world(24, seed=5).hamlets.geometry.to_numpy()
    shapes = topology(polygons)
    uses = Counter(
        ~arc if arc < 0 else arc for rings in shapes.rings for ring in rings for arc in ring
    )
    assert shapes.glued
    assert set(uses.values()) == {1, 2}
    inner = sum(len(shapes.arcs[arc]) for arc, n in uses.items() if n == 2)
    assert inner > sum(len(shapes.arcs[arc]) for arc, n in uses.items() if n == 1) / 2


def test_simplified_neighbours_stay_glued():
    polygons = world(24, seed=5).hamlets.geometry.to_numpy()
    shapes = topology(polygons, max_vertices=200)
    assert sum(map(len, shapes.arcs)) < sum(map(len, topology(polygons).arcs)) / 2
    kept = [_polygon(shapes, number) for number in range(len(polygons))]
    overlap = sum(shapely.area(kept)) - shapely.area(shapely.union_all(kept))
    assert overlap <= 1e-6 * sum(shapely.area(kept))


def test_a_hole_and_what_fills_it_share_the_arc():
    hole = shapely.box(0.4, 0.4, 0.6, 0.6)
    around = shapely.difference(shapely.box(0, 0, 1, 1), hole)
    shapes = topology(np.array([around, hole], dtype=object))
    assert len(shapes.arcs) == 2
    (inner,) = shapes.rings[1][0]
    assert any(inner in (arc, ~arc) for ring in shapes.rings[0] for arc in ring)


def test_overlapping_polygons_are_kept_ring_by_ring():
    polygons = world(12, glued=False).hamlets.geometry.to_numpy()
    shapes = topology(polygons)
    assert not shapes.glued
    for number, polygon in enumerate(polygons):
        assert (
            shapely.hausdorff_distance(_polygon(shapes, number), _projected(polygon))
            <= 2 * shapes.step_m
        )


def test_what_is_no_polygon_gets_no_ring():
    shapes = topology(
        np.array([shapely.Point(105, 21), None, shapely.box(105, 21, 106, 22)], dtype=object)
    )
    assert [len(rings) for rings in shapes.rings] == [0, 0, 1]


@given(st.lists(st.integers(0, 2**53)))
def test_varints_come_back(values: list[int]):
    encoded = _varints(np.array(values, dtype=np.uint64))
    read, unit, current = [], 1, 0
    for byte in encoded:
        current += (byte & 127) * unit
        unit *= 128
        if byte < 128:
            read.append(current)
            unit, current = 1, 0
    assert read == values
