"""A sample speaks for a cluster only where its position tells that it was not in another one."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.evidence.clusters import Clusters
from lomsong.evidence.cube import count
from lomsong.evidence.join import COARSE_M, Locator, coarse_of
from lomsong.space.crs import WGS84, Extent, local_metric_crs, to_crs
from lomsong.tables import Samples

BORDER_X, Y = 500_000.0, 2_433_000.0
"""Where the two hamlets meet; west of it lie a lone cluster and one that touches that of the other hamlet."""
PLACES_X = BORDER_X + np.array([-1000.0, -400.0, -100.0, 100.0])
CRS = local_metric_crs(Extent(104.9, 21.9, 105.1, 22.1))


@pytest.fixture(scope="module")
def locator():
    """Return a locator of two hamlets that touch, with three clusters and one of one dwelling each."""
    edges = [BORDER_X - 3000, BORDER_X, BORDER_X + 3000]
    outlines = gpd.GeoSeries(
        [shapely.box(a, Y - 3000, b, Y + 3000) for a, b in pairwise(edges)],
        crs=CRS,
    ).to_crs(WGS84)
    hamlets = gpd.GeoDataFrame({"hamlet_id": ["H0", "H1"], "kind": "hamlet"}, geometry=outlines)
    clusters = Clusters(
        table=gpd.GeoDataFrame({"cluster_id": []}, geometry=[], crs=WGS84),
        hamlet=np.array([0, 0, 0, 1]),
        reach_m=np.full(4, 250.0),
        place_x=PLACES_X,
        place_y=np.full(4, Y),
        place_cluster=np.arange(4),
        crs=CRS,
    )
    return Locator(hamlets, clusters)


def told(locator, x, accuracy_m, *, y=Y):
    """Return hamlets and clusters of samples at these places."""
    x, accuracy_m = np.broadcast_arrays(np.asarray(x, float), np.asarray(accuracy_m, float))
    lon, lat = to_crs(x, np.full(len(x), y), source=CRS, target=WGS84)
    areas = locator.areas(lon, lat, coarse=coarse_of(accuracy_m))
    return [list(map(int, part)) for part in locator.hamlet_and_cluster(areas)]


def test_a_coarse_sample_at_the_border_of_two_clusters_speaks_for_the_rest_of_its_hamlet(locator):
    beside = [
        BORDER_X - 270,
        BORDER_X - 230,
    ]  # 20 m on either side of the middle of the second and third place
    assert told(locator, beside, 5.0) == [[0, 0], [1, 2]]
    assert told(locator, beside, 60.0) == [[0, 0], [-1, -1]]


def test_a_cluster_of_another_hamlet_is_another_cluster(locator):
    beside = [BORDER_X - 10, BORDER_X + 10]
    assert told(locator, beside, 5.0) == [[0, 1], [2, 3]]
    assert told(locator, beside, 60.0) == [[0, 1], [-1, -1]]


def test_deep_inside_of_a_cluster_or_at_its_edge_to_nobody_a_coarse_sample_stays(locator):
    assert told(locator, [BORDER_X - 400, PLACES_X[0] - 240], 90.0) == [[0, 0], [1, 0]]


def test_unknown_accuracy_and_the_bound_itself_stay(locator):
    assert told(locator, [BORDER_X - 10] * 3, [np.nan, COARSE_M, COARSE_M + 0.1]) == [
        [0, 0, 0],
        [2, 2, -1],
    ]


def test_who_is_in_no_cluster_stays_in_none(locator):
    assert told(locator, [PLACES_X[0] - 260, BORDER_X + 2900], 99.0)[1] == [-1, -1]


@settings(max_examples=20)  # most of the time goes into preparing projections
@given(st.floats(-1500, 900), st.floats(-300, 300), st.floats(0, 100))
def test_accuracy_never_moves_a_sample_to_another_hamlet_or_cluster(locator, x, y, accuracy_m):
    fine = told(locator, [BORDER_X + x], np.nan, y=Y + y)
    found = told(locator, [BORDER_X + x], accuracy_m, y=Y + y)
    assert found[0] == fine[0]
    assert found[1] in (fine[1], [-1])


def test_counting_leaves_out_of_clusters_what_coarse_accuracy_makes_doubtful(land, observed):
    table = observed(4000).table
    clusters = [
        count([Samples(table=table.assign(accuracy_m=accuracy_m))], land.locator).witnesses
        for accuracy_m in (np.nan, 5.0, 95.0)
    ]
    unknown, fine, coarse = [w.loc[w["cluster"] >= 0, "n"].sum() for w in clusters]
    assert unknown == fine
    assert 0 < coarse < fine
    assert len({w["n"].sum() for w in clusters}) == 1
