"""Facts of predicting from sites: a ridge hides what lies behind it, and nothing is said without sites."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from lomsong.assess.modelled import MOST_FOR, Landscape, predict
from lomsong.evidence.clusters import Clusters
from lomsong.space.crs import WGS84, to_crs
from lomsong.space.raster import Raster

METRIC = CRS.from_epsg(32648)
WEST, NORTH, STEP, CELLS = 560_000.0, 2_500_000.0, 60.0, 200
RIDGE_COLUMN = 100


def point(x, y):
    lon, lat = to_crs(np.array([x]), np.array([y]), source=METRIC, target=WGS84)
    return float(lon[0]), float(lat[0])


@pytest.fixture(scope="module")
def landscape():
    """Flat land, cut by a ridge of 500 m from north to south."""
    height = np.full((CELLS, CELLS), 200, np.float32)
    height[:, RIDGE_COLUMN - 2 : RIDGE_COLUMN + 3] = 700
    return Landscape(Raster(height, Affine(STEP, 0, WEST, 0, -STEP, NORTH), METRIC))


def sites(carrier="viettel"):
    lon, lat = point(WEST + 3000, NORTH - 6000)
    return pd.DataFrame(
        {
            "carrier": [carrier],
            "lon": [lon],
            "lat": [lat],
            "height_m": np.nan,
            "frequency_mhz": 1800,
        }
    )


def clusters():
    x = np.array([WEST + 4500, WEST + 7000])
    y = np.full(2, NORTH - 6000)
    table = gpd.GeoDataFrame(
        {"cluster_id": ["near", "behind"]},
        geometry=[shapely.Point(point(a, b)) for a, b in zip(x, y, strict=True)],
        crs=4326,
    )
    return Clusters(
        table=table,
        hamlet=np.arange(2),
        reach_m=np.full(2, 250.0),
        place_x=x,
        place_y=y,
        place_cluster=np.arange(2),
        crs=METRIC,
    )


def blocks(carrier="viettel"):
    """Return places that are served before the ridge and not behind it."""
    chance = np.random.default_rng(4)
    x = WEST + chance.uniform(500, 11_500, 400)
    y = NORTH - chance.uniform(500, 11_500, 400)
    served = (x < WEST + RIDGE_COLUMN * STEP).astype(float)
    return pd.DataFrame(
        {"carrier": carrier, "x": x, "y": y, "served": served, "good": served, "weight": 1.0}
    )


def test_a_ridge_hides_what_lies_behind_it(landscape):
    x, y = clusters().place_x, clusters().place_y
    before, behind = landscape.levels(sites(), x, y)
    assert before > behind + 20


def test_clusters_are_predicted_by_what_samples_taught_of_sites(landscape):
    found = predict(landscape, sites(), blocks(), clusters())["viettel"]
    assert found.served_high[1] < 0.2
    assert found.served_low[0] > 0.8
    assert (found.served_high <= 1 / (1 + np.exp(-MOST_FOR)) + 1e-12).all()
    assert (found.good_low <= found.served_low).all()
    assert found.loss[found.model] < found.loss["constant"]


def test_nothing_is_said_without_sites_or_where_samples_teach_nothing(landscape):
    assert predict(landscape, sites(), blocks("vnpt"), clusters()) == {}
    assert predict(landscape, sites(), blocks().assign(served=1.0), clusters()) == {}
    chance = np.random.default_rng(5)
    noise = chance.permutation(blocks()["served"].to_numpy())
    said = predict(landscape, sites(), blocks().assign(served=noise, good=noise), clusters())
    for found in said.values():
        assert found.served_low.min() > 0.2
        assert found.served_high.max() < 0.8


def test_the_same_evidence_gives_the_same_bits(landscape):
    first, second = (predict(landscape, sites(), blocks(), clusters()) for _ in range(2))
    np.testing.assert_array_equal(first["viettel"].served_low, second["viettel"].served_low)
