"""Laws of judging carriers whose sites are not known: places around lend weight, and decide no class by themselves."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from lomsong.assess.beyond import FEWEST_HAMLETS, look_beyond
from lomsong.assess.joint import posterior
from lomsong.assess.unsited import flat_land
from lomsong.config import EvidenceSection, HamletsSection, ProjectSection, Settings
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.cube import NO_SERVICE
from lomsong.space.crs import WGS84, to_crs
from lomsong.tables import CROSSINGS, empty

METRIC = CRS.from_epsg(32648)
CARRIERS = ("mobifone", "viettel")
N, APART = 24, 700.0
HEARD = range(12)
"""Mobifone is heard in the west and lost in the east; in every third hamlet it tells nothing."""
SILENT = [i for i in range(N) if i % 3 == 1]
NOBODY = 13
"""There, nobody tells anything."""


@cache
def clusters():
    x, y = 560_000.0 + APART * np.arange(N), np.full(N, 2_500_000.0)
    lon, lat = to_crs(x, y, source=METRIC, target=WGS84)
    table = gpd.GeoDataFrame(
        {"cluster_id": [f"c{i:02d}" for i in range(N)], "is_centre": True},
        geometry=shapely.points(lon, lat),
        crs=WGS84,
    )
    return Clusters(
        table=table,
        hamlet=np.arange(N),
        reach_m=np.full(N, 250.0),
        place_x=x,
        place_y=y,
        place_cluster=np.arange(N),
        crs=METRIC,
    )


def phones(cluster, carrier, n, level):
    point = clusters().table.geometry.iloc[cluster]
    cell_x, cell_y = int(np.floor(point.x * 1600)), int(np.floor(point.y * 1600))
    place = (cluster, cluster)
    technology = "" if level == NO_SERVICE else "4G"
    return [
        (*place, carrier, technology, f"{carrier}{cluster}{p}", 0, cell_x + p, cell_y, level, 1)
        for p in range(n)
    ]


def look(*, witnesses_each=6, hamlets=N, **evidence):
    """Look at a row of hamlets, each with so many phones of Viettel."""
    seen = []
    for i in range(hamlets):
        if i == NOBODY:
            continue
        seen += phones(i, "viettel", witnesses_each, -75 - 7 * i % 48)
        if i not in SILENT:
            seen += phones(i, "mobifone", 3, -75 - 11 * i % 48 if i in HEARD else NO_SERVICE)
    names = ["hamlet", "cluster", "carrier", "technology", "device", "day", "cell_x", "cell_y"]
    table = pd.DataFrame(seen, columns=[*names, "level_dbm", "n"])
    return look_beyond(
        table.astype(dict.fromkeys(("carrier", "technology", "device"), str)),
        clusters(),
        carriers=CARRIERS,
        settings=Settings(
            project=ProjectSection(name="x"),
            hamlets=HamletsSection(path="x"),
            evidence=EvidenceSection(**evidence),
        ),
        sites=None,
        terrain=None,
        n_hamlets=N,
        crossings=empty(CROSSINGS),
    )


def test_places_around_decide_what_silence_is_worth():
    p = look().together.served[0]
    west, east = ([i for i in SILENT if (i in HEARD) == near and i != NOBODY] for near in (1, 0))
    assert p[west].min() > 0.5 > p[east].max()


def test_nothing_is_graded_modelled_and_nothing_is_told_of_sites():
    found = look().together
    assert set(found.grade.ravel()) == {"measured", "inferred", "none"}
    assert np.isnan(found.foretold.level_dbm).all()


@pytest.mark.parametrize(("telling", "decides"), [(1.0, True), (0.01, False)])
def test_silence_never_serves_and_decides_only_where_it_tells_enough(monkeypatch, telling, decides):
    monkeypatch.setattr(posterior, "TELLING_RATIO", telling)
    own = look().together.clusters[0]
    silent = [i for i in SILENT if i != NOBODY]
    assert (own.all_served[silent] < 0.01).all()
    east = [i for i in silent if i not in HEARD]
    assert ((own.no_signal[east] > 0.5) == decides).all()


def test_where_nobody_tells_anything_nothing_is_said():
    found = look().together
    assert found.grade[0, NOBODY] == "none"
    assert found.clusters[0].no_signal[NOBODY] < 0.01
    assert found.clusters[0].all_served[NOBODY] < 0.01


def test_few_hamlets_and_settings_without_neighbours_leave_each_cluster_to_itself():
    assert look(hamlets=FEWEST_HAMLETS - 1).together is None
    assert look(decide_by=("measured", "inferred")).together is None


def test_flat_land_reaches_as_far_as_masts_are_heard():
    land, at = flat_land(clusters()), clusters()
    for step in (-19_000.0, 0.0, 19_000.0):
        assert (land.at(at.place_x + step, at.place_y + step) == 0).all()
