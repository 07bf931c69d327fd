"""A small land with its clusters, and samples of every kind upon it."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from plainly import sample_file

from lomsong.evidence.clusters import find_clusters
from lomsong.evidence.gather import gather
from lomsong.evidence.join import Locator
from lomsong.space.crs import Extent, local_metric_crs
from lomsong.tables import HAMLETS, SAMPLES, Hamlets, Samples, checked

WEST, SOUTH, STEP, SIDE = 105.0, 22.0, 0.02, 4


@pytest.fixture(scope="session")
def land():
    """Return sixteen hamlets that touch, with dwellings in twelve of them and a centre in one more."""
    rng = np.random.default_rng(5)
    corners = [(WEST + STEP * i, SOUTH + STEP * j) for j in range(SIDE) for i in range(SIDE)]
    table = gpd.GeoDataFrame(
        {
            "hamlet_id": [f"H{i:02}" for i in range(len(corners))],
            "name": "Nà Lầu",
            "commune_code": pd.Series(pd.NA, index=range(len(corners)), dtype="str"),
            "commune_name": pd.Series(pd.NA, index=range(len(corners)), dtype="str"),
            "households": pd.Series(pd.NA, index=range(len(corners)), dtype="Int64"),
            "people_listed": pd.Series(pd.NA, index=range(len(corners)), dtype="Int64"),
            "extremely_difficult": pd.Series(pd.NA, index=range(len(corners)), dtype="boolean"),
            "kind": "hamlet",
            "geometry_source": "surveyed",
            "centre_lon": np.nan,
            "centre_lat": np.nan,
        },
        geometry=[shapely.box(x, y, x + STEP, y + STEP) for x, y in corners],
        crs=4326,
    )
    table.loc[12, ["centre_lon", "centre_lat"]] = (corners[12][0] + 0.01, corners[12][1] + 0.01)
    hamlets = Hamlets(table=checked(table, HAMLETS))
    homes = [
        (x + d[0], y + d[1]) for x, y in corners[:12] for d in rng.uniform(0.004, 0.016, (9, 2))
    ]
    clusters = find_clusters(
        hamlets,
        pd.Series(np.full(len(corners), 90.0)),
        crs=local_metric_crs(Extent(WEST, SOUTH, WEST + 0.08, SOUTH + 0.08)),
        buildings=gpd.GeoDataFrame(geometry=shapely.points(homes), crs=4326),
    )
    return SimpleNamespace(
        hamlets=hamlets, clusters=clusters, locator=Locator(hamlets.table, clusters)
    )


def _cells(rng, size):
    """Return cells of few nodes, of numbers that are none, of names that nodes share, and none at all."""
    nodes = [880_001, 880_002, 880_001 - 65_535, 0, 2**20 - 1, 2**27]
    cells = 256 * rng.choice(nodes, size) + rng.integers(1, 4, size)
    return [None if rng.random() < 0.3 else int(cell) for cell in cells]


@pytest.fixture(scope="session")
def observed():
    """Return a maker of samples, reproducible by their number and seed."""

    def made(size, *, seed=0):
        rng = np.random.default_rng(seed)
        technology = rng.choice(["2G", "3G", "4G", "5G"], size)
        silent = rng.random(size) < 0.2
        level = rng.uniform(-125, -60, size).round(1)
        rsrp = np.isin(technology, ["4G", "5G"])
        device = [f"{d:016x}" for d in rng.integers(0, 2**63, 5)]
        plmn = ["452-04", "452-02", "452-01", "608-02", "310-410", "310-41", "452-08", "452-06"]
        # Multiples of 1/3200 lie on borders of hamlets and of cells.
        place = (np.round(rng.uniform(-0.01, 0.09, (size, 2)) * 3200)) / 3200
        wobble = np.where(rng.random((size, 2)) < 0.7, rng.normal(0, 1e-4, (size, 2)), 0)
        time = pd.Timestamp("2025-12-01", tz="UTC") + pd.to_timedelta(
            rng.integers(0, 3 * 86400, size), unit="s"
        )
        table = pd.DataFrame(
            {
                "time": pd.Series(time).dt.as_unit("ms").where(rng.random(size) < 0.9),
                "lon": WEST + place[:, 0] + wobble[:, 0],
                "lat": SOUTH + place[:, 1] + wobble[:, 1],
                "accuracy_m": rng.choice([np.nan, 5.0, 35.0, 60.0, 99.0], size),
                "plmn": pd.Series(rng.choice([*plmn, None], size), dtype="str"),
                "technology": pd.Series(np.where(silent, None, technology), dtype="str"),
                "rsrp_dbm": np.where(rsrp & ~silent, level, np.nan),
                "level_dbm": np.where(~rsrp & ~silent, level, np.nan),
                "no_service": silent,
                "device": pd.Series(rng.choice([*device, None], size), dtype="str"),
                "source": "log.csv",
                "cell": pd.Series(_cells(rng, size), dtype="Int64"),
            }
        )
        return Samples(table=checked(table, SAMPLES), dropped={"no position": 2}, n_rows=size + 2)

    return made


@pytest.fixture(scope="session")
def months(observed, tmp_path_factory):
    """Return four files; each repeats some rows of the one before."""
    folder = tmp_path_factory.mktemp("months")
    table = observed(4000).table.drop(columns="source")
    table = table.assign(device=table["device"].fillna("unknown phone"))
    for month in range(4):
        table.iloc[month * 900 : month * 900 + 1300].to_parquet(folder / f"m{month}.parquet")
    return tuple(map(sample_file, sorted(folder.iterdir())))


@pytest.fixture(scope="session")
def whole(months, land):
    return gather(months, land.locator)
