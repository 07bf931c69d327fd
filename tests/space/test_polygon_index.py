"""The index answers as GEOS does, point by point, whatever the order of things."""

import pickle
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from lomsong.errors import DefectError, InputError
from lomsong.space import PolygonIndex

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


def canonical_order(polygons: Geometries) -> list[int]:
    names = [shapely.to_wkb(shapely.normalize(polygon)) for polygon in polygons]
    return sorted(range(len(names)), key=lambda position: names[position])


def by_geos(polygons: Geometries, x: Floats, y: Floats) -> npt.NDArray[np.int64]:
    """Ask GEOS about every pair; the first in canonical order wins."""
    found = np.full(len(x), -1)
    for position in reversed(canonical_order(polygons)):
        found[shapely.covered_by(shapely.points(x, y), polygons[position])] = position
    return found


def by_tree(polygons: Geometries, x: Floats, y: Floats) -> npt.NDArray[np.int64]:
    """Ask GEOS through its tree; for many polygons."""
    order = np.array(canonical_order(polygons))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    point, polygon = shapely.STRtree(polygons).query(shapely.points(x, y), predicate="covered_by")
    best = np.full(len(x), len(order))
    np.minimum.at(best, point, place[polygon])
    return np.append(order, -1)[best]


def mean_points(
    polygons: Geometries, rng: np.random.Generator, count: int
) -> tuple[Floats, Floats]:
    """Return vertices, parts of edges, and what lies one step of floating point beside them."""
    xy = shapely.get_coordinates(polygons)
    nth = rng.integers(0, len(xy) - 1, count)
    part = rng.choice([0, 1, 0.5, 0.25, 1 / 3], (count, 1))
    points = xy[nth] + (xy[nth + 1] - xy[nth]) * part
    for _ in range(2):
        beside = np.nextafter(points, rng.choice([-np.inf, np.inf], points.shape))
        points = np.where(rng.random(points.shape) < 0.3, beside, points)
    return points[:, 0], points[:, 1]


def anywhere(polygons: Geometries, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    west, south, east, north = shapely.total_bounds(polygons)
    return rng.uniform(west, east, count), rng.uniform(south, north, count)


def assert_as_geos(polygons: list[Polygon | MultiPolygon], *, seed: int = 1) -> None:
    array = np.array(polygons, dtype=object)
    rng = np.random.default_rng(seed)
    index = PolygonIndex(polygons)
    for x, y in (mean_points(array, rng, 600), anywhere(array, rng, 300)):
        np.testing.assert_array_equal(index.locate(x, y), by_geos(array, x, y))


def star(*, spikes: int, x: float = 0, y: float = 0, size: float = 1, seed: int = 0) -> Polygon:
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, spikes, endpoint=False)
    radius = size * rng.uniform(0.2, 1, spikes)
    return Polygon(np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1))


ISLANDS = MultiPolygon([star(spikes=30, x=3 * k, seed=k) for k in range(4)])
RING = Polygon(star(spikes=40, size=5).exterior, [star(spikes=20, size=0.9, seed=3).exterior])
SLIVER = Polygon([(0, 0), (10, 10), (10, 10 + 1e-13), (0, 1e-13)])


@pytest.mark.parametrize(
    "polygons",
    [
        [box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)],
        [star(spikes=50), star(spikes=50, x=0.3, seed=2), star(spikes=9, x=-0.4, seed=4)],
        [ISLANDS, star(spikes=60, x=4, size=6, seed=8)],
        [RING, star(spikes=20, size=0.9, seed=3)],
        [
            SLIVER,
            Polygon([(0, 0), (10, 10), (10, 0)]),
            Polygon([(0, 1e-13), (10, 10 + 1e-13), (0, 10)]),
        ],
        [Polygon([(0, 0), (4, 4), (4, 0), (0, 4)]), box(1, 1, 2, 2)],
        [MultiPolygon([box(0, 0, 3, 3), box(1, 1, 2, 2), box(2, 2, 5, 5)]), box(2, 0, 4, 4)],
        [MultiPolygon([box(0, 0, 2, 2), box(2, 2, 4, 4)]), box(1, 1, 3, 3)],
        [star(spikes=7, size=1e-9), box(-1, -1, 1, 1), star(spikes=300, size=1e3)],
        [box(0, 0, 1, 0), box(0, 0, 0, 1)],
        [Polygon([(0, 0), (1, 0), (2, 0)]), box(0.5, -1, 0.5, 1)],
    ],
    ids=[
        "lattice",
        "overlaps",
        "islands",
        "hole filled",
        "slivers",
        "bow tie",
        "nested shells",
        "parts that touch",
        "sizes far apart",
        "without area",
        "collapsed",
    ],
)
@pytest.mark.parametrize(
    ("scale", "shift"), [(1, 0), (1e-7, 105.5), (1e5, 5e5), (1e-3, 1e9), (1e90, 0), (1e-120, 0)]
)
def test_answers_equal_geos(polygons, scale, shift):
    assert_as_geos(
        [
            shapely.transform(polygon, lambda xy: np.asarray(xy) * scale + shift)
            for polygon in polygons
        ]
    )


corner = st.tuples(st.integers(0, 6), st.integers(0, 6))
outline = st.lists(corner, min_size=3, max_size=8).map(Polygon)


@settings(max_examples=150)
@given(st.lists(outline, min_size=1, max_size=5), st.floats(0.01, 100), st.floats(-200, 200))
def test_answers_equal_geos_on_any_lattice_polygons_even_crossing_themselves(
    polygons, scale, shift
):
    moved = [shapely.transform(p, lambda xy: np.asarray(xy) * scale + shift) for p in polygons]
    x, y = (np.arange(13) / 2 * scale + shift for _ in range(2))
    x, y = (part.ravel() for part in np.meshgrid(x, y))
    array = np.array(moved, dtype=object)
    np.testing.assert_array_equal(PolygonIndex(moved).locate(x, y), by_geos(array, x, y))


def tiles(count: int) -> Geometries:
    """Return crooked tiles that share their edges."""
    rng = np.random.default_rng(4)
    nodes = np.stack(np.meshgrid(*[np.arange(count + 1.0)] * 2), axis=-1)
    nodes += rng.uniform(-0.3, 0.3, nodes.shape)
    rings = np.stack([nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]], axis=2)
    return shapely.polygons(rings.reshape(-1, 4, 2) / 57 + 105)


def test_the_order_of_polygons_and_points_changes_nothing():
    polygons = tiles(12)
    rng = np.random.default_rng(9)
    x, y = (
        np.concatenate(pair)
        for pair in zip(
            mean_points(polygons, rng, 4000), anywhere(polygons, rng, 4000), strict=True
        )
    )
    found = PolygonIndex(polygons).locate(x, y)
    shuffled, turned = rng.permutation(len(polygons)), rng.permutation(len(x))
    again = PolygonIndex(polygons[shuffled]).locate(x[turned], y[turned])
    np.testing.assert_array_equal(np.append(shuffled, -1)[again], found[turned])


def test_the_cut_into_chunks_and_threads_changes_nothing(monkeypatch):
    polygons = tiles(12)
    x, y = anywhere(polygons, np.random.default_rng(2), 10_000)
    index = PolygonIndex(polygons)
    whole = index.locate(x, y, threads=1)
    monkeypatch.setattr("lomsong.space.polygon_index.SMALLEST_CHUNK", 128)
    for threads in (2, 5, None):
        np.testing.assert_array_equal(index.locate(x, y, threads=threads), whole)


def test_coarse_and_fine_cells_answer_alike():
    polygons = tiles(30)
    x, y = mean_points(polygons, np.random.default_rng(8), 3000)
    index = PolygonIndex(polygons)
    coarse = index.locate(x, y)
    index.locate(*anywhere(polygons, np.random.default_rng(8), 1_000_000))
    np.testing.assert_array_equal(index.locate(x, y), coarse)


def test_a_pickled_index_answers_alike(tmp_path: Path):
    fresh = answers(PolygonIndex(tiles(6)))
    for index in (PolygonIndex(tiles(6)), PolygonIndex.cached(tiles(6), folder=tmp_path)):
        assert answers(pickle.loads(pickle.dumps(index))) == fresh  # noqa: S301 -- our own


def test_a_point_on_a_shared_edge_belongs_to_the_lowest_rank():
    west, east = box(0, 0, 1, 1), box(1, 0, 2, 1)
    assert PolygonIndex([west, east], rank=["b", "a"]).locate(1, 0.5) == 1
    assert PolygonIndex([west, east], rank=["a", "b"]).locate(1, 0.5) == 0
    assert PolygonIndex([west, east]).locate(1, 0.5) == canonical_order(np.array([west, east]))[0]


def test_equal_ranks_are_told_apart_by_canonical_wkb():
    polygons = [box(k, 0, k + 2, 1) for k in (5, 3, 1, 4, 2, 0)]
    x, y = np.arange(0.5, 7), np.full(7, 0.5)
    np.testing.assert_array_equal(
        PolygonIndex(polygons, rank=[7] * 6).locate(x, y), PolygonIndex(polygons).locate(x, y)
    )
    assert PolygonIndex(polygons, rank=[7, 7, 7, 7, 7, 1]).locate(1.5, 0.5) == 5


def test_what_is_no_place_is_outside():
    index = PolygonIndex([None, Polygon(), box(0, 0, 1, 1), MultiPolygon()])
    x = [np.nan, 0.5, np.inf, -np.inf, 0.5, 1e308, -1e308, 0.5]
    y = [0.5, np.nan, 0.5, 0.5, -np.inf, 1e308, 0.5, 0.5]
    assert index.locate(x, y).tolist() == [-1] * 7 + [2]
    assert len(index) == 4


def test_an_index_of_nothing_finds_nothing():
    for polygons in ([], [None], [Polygon(), None]):
        assert PolygonIndex(polygons).locate([0, 1], [0, 1]).tolist() == [-1, -1]
    assert PolygonIndex([box(0, 0, 1, 1)]).locate([], []).shape == (0,)


def test_answers_have_the_shape_of_the_points():
    index = PolygonIndex(gpd.GeoSeries([box(0, 0, 1, 1)], index=["a"]))
    x, y = np.meshgrid([0.5, 2, 3], [0.5, 0.6])
    assert index.locate(x, y).tolist() == [[0, -1, -1]] * 2
    assert index.locate(0.5, 0.5).shape == ()


def test_every_unusable_geometry_is_refused_with_its_row():
    with pytest.raises(InputError) as refused:
        PolygonIndex([box(0, 0, 1, 1), shapely.Point(1, 2), shapely.LineString([(0, 0), (1, 1)])])
    assert [fault.row for fault in refused.value.faults] == [2, 3]
    for bad in (np.nan, np.inf, 1e200):
        with np.errstate(invalid="ignore"):
            ring = Polygon([(0, 0), (1, 0), (bad, 1)])
        with pytest.raises(InputError, match="row 2"):
            PolygonIndex([box(0, 0, 1, 1), ring])
    with pytest.raises(DefectError):
        PolygonIndex([box(0, 0, 1, 1)], rank=[1, 2])


@pytest.mark.parametrize(
    "name",
    [
        "communes_2025_vietnam_simplified30m.gpkg",
        "communes_2025_4areas_fullres.gpkg",
        "communes_2025_real_invalid_geometries.geojson",
        "communes_pre2025_4areas.geojson",
    ],
)
def test_real_communes_answer_as_geos_does(shared_data, name):
    layer = {"layer": "communes_2025"} if "vietnam" in name else {}
    polygons = np.asarray(gpd.read_file(shared_data / "boundaries" / name, **layer).geometry.array)
    index = PolygonIndex(polygons)
    rng = np.random.default_rng(17)
    for x, y in (mean_points(polygons, rng, 30_000), anywhere(polygons, rng, 60_000)):
        np.testing.assert_array_equal(index.locate(x, y), by_tree(polygons, x, y))


def test_points_on_borders_of_cells_and_of_their_pieces_answer_as_geos_does(tmp_path: Path):
    rng = np.random.default_rng(5)
    hole = Polygon(box(0, 0, 2, 2).exterior, [star(spikes=9, x=1, y=1, size=0.8).exterior.coords])
    several = [star(spikes=15, x=k / 4, y=1, seed=k) for k in range(8)]
    shared = shapely.transform(tiles(5), lambda xy: (xy - 105) * 57 - 2)
    polygons = np.array([hole, ISLANDS, *several, *shared], dtype=object)
    index = PolygonIndex.cached(polygons, folder=tmp_path)
    frame, cells = index._layout.frame, index._layout.cells  # where its borders are
    assert np.count_nonzero(cells.owners) > 100
    size = np.array([frame.columns, frame.rows]) * 8
    points = (frame.x, frame.y) + rng.integers(0, size, (20_000, 2)) / (frame.per_unit * 8)
    beside = np.nextafter(points, rng.choice([-np.inf, np.inf], points.shape))
    for x, y in (points.T, beside.T, rng.uniform((-2, -2), (11, 6), (20_000, 2)).T):
        np.testing.assert_array_equal(index.locate(x, y), by_tree(polygons, x, y))


def answers(index: PolygonIndex) -> list[int]:
    return index.locate(*anywhere(tiles(6), np.random.default_rng(0), 500)).tolist()


def test_a_kept_index_answers_as_a_new_one(tmp_path: Path, monkeypatch):
    fresh = answers(PolygonIndex(tiles(6)))
    assert answers(PolygonIndex.cached(tiles(6), folder=tmp_path)) == fresh
    (kept,) = tmp_path.iterdir()
    monkeypatch.setattr("lomsong.space.polygon_index.laid_out", None)
    assert answers(PolygonIndex.cached(tiles(6), folder=tmp_path)) == fresh
    assert list(tmp_path.iterdir()) == [kept]


def test_other_polygons_or_ranks_have_a_file_of_their_own(tmp_path: Path):
    PolygonIndex.cached(tiles(6), folder=tmp_path)
    PolygonIndex.cached(tiles(6)[::-1], folder=tmp_path)
    PolygonIndex.cached(tiles(6), rank=range(36), folder=tmp_path)
    PolygonIndex.cached(tiles(6), rank=[f"{k:02}" for k in range(36)], folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_damaged_or_foreign_file_is_built_anew(tmp_path: Path):
    fresh = answers(PolygonIndex.cached(tiles(6), folder=tmp_path))
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    PolygonIndex.cached(tiles(5), folder=tmp_path)
    (other,) = set(tmp_path.iterdir()) - {kept}
    flipped = [
        whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        for place in (0, 20, 30, 60, len(whole) // 2, len(whole) - 1)
    ]
    for damaged in (b"", b"x", whole[:-1], whole[:40], whole + b"x", other.read_bytes(), *flipped):
        # A file of its own: processes that still map the old one must keep what they see.
        kept.unlink()
        kept.write_bytes(damaged)
        assert answers(PolygonIndex.cached(tiles(6), folder=tmp_path)) == fresh
        assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, caplog):
    (tmp_path / "file").write_text("in the way")
    index = PolygonIndex.cached(tiles(6), folder=tmp_path / "file")
    assert answers(index) == answers(PolygonIndex(tiles(6)))
    assert "not kept" in caplog.text


def test_a_cell_with_many_meanings_still_fits_into_a_byte():
    """Small triangles in one block beside a large polygon that sets the scale."""
    rng = np.random.default_rng(1)
    small = [
        star(spikes=3, x=x, y=y, size=0.3, seed=k)
        for k, (x, y) in enumerate(rng.uniform(0, 40, (3000, 2)))
    ]
    polygons = np.array([*small, star(spikes=12, size=40)], dtype=object)
    x, y = anywhere(polygons, rng, 5000)
    np.testing.assert_array_equal(PolygonIndex(polygons).locate(x, y), by_tree(polygons, x, y))


def test_doubles_of_a_polygon_answer_by_the_first():
    index = PolygonIndex([star(spikes=20)] * 50)
    found = index.locate(*anywhere(np.array([star(spikes=20)]), np.random.default_rng(3), 200))
    assert set(found.tolist()) == {-1, 0}
