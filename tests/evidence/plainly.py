"""Count samples in the plainest way there is, and say what equal evidence is."""

import numpy as np
import pandas as pd
import shapely

from lomsong.config import EvidenceSection, ProjectSection, Settings, SignalSection
from lomsong.evidence.cube import NO_SERVICE, WITNESS_KEYS
from lomsong.ingest.inputs import SampleFile
from lomsong.space.crs import METRES_PER_DEGREE, WGS84, to_crs
from lomsong.vietnam import carriers

SECTION = SignalSection(path=("*.parquet",))
SETTINGS = Settings.model_construct(
    project=ProjectSection(name="Thử"), signal=(SECTION,), evidence=EvidenceSection()
)


def sample_file(path):
    return SampleFile(path=path, section=SECTION, number=0, settings=SETTINGS)


def same(found, expected):
    pd.testing.assert_frame_equal(found.witnesses, expected.witnesses)
    pd.testing.assert_frame_equal(found.crossings, expected.crossings)
    assert found.n_samples == expected.n_samples
    assert found.dropped == expected.dropped
    assert found.newest == expected.newest


def witnesses(table, hamlets, clusters):
    """Return what `count(...).witnesses` has to be, for hamlets that lie in the order of their ids."""
    hamlet, cluster = placed(table, hamlets, clusters)
    carrier = carriers.carriers_of(table["plmn"])
    kept = (hamlet >= 0) & ~(carrier.isna() & table["plmn"].notna()).to_numpy()
    rows = table[kept]
    days = rows["time"].dt.floor("D").astype("int64") // 86_400_000
    node = rows.get("cell", pd.Series(pd.NA, rows.index, dtype="Int64")) // 256
    served = (rows["technology"] == "4G") & ~rows["no_service"] & node.between(1, 2**20 - 2)
    level = np.floor(rows["rsrp_dbm"].fillna(rows["level_dbm"]).fillna(NO_SERVICE).to_numpy(float))
    found = pd.DataFrame(
        {
            "hamlet": hamlet[kept],
            "cluster": cluster[kept],
            "carrier": carrier[kept].fillna("").to_numpy(),
            "technology": rows["technology"].where(~rows["no_service"]).fillna("").to_numpy(),
            "node": (node % 65_535).where(served).fillna(-1).to_numpy(np.int64),
            "device": rows["device"].fillna("").to_numpy(),
            "day": days.where(rows["time"].notna(), -1).to_numpy(np.int64),
            "cell_x": np.floor(rows["lon"].to_numpy() * 1600).astype(np.int64),
            "cell_y": np.floor(rows["lat"].to_numpy() * 1600).astype(np.int64),
            "level_dbm": np.where(rows["no_service"], NO_SERVICE, level).astype(np.int64),
            "n": 1,
        }
    )
    return found.groupby(list(WITNESS_KEYS), as_index=False, sort=True)[["n"]].sum()


def placed(table, hamlets, clusters):
    """Return hamlet and cluster of samples, no cluster where a coarse position may lie in another one as well."""
    hamlet, cluster = located(table["lon"], table["lat"], hamlets, clusters)
    sure = cluster.copy()
    coarse = np.flatnonzero((table["accuracy_m"] > 35).to_numpy())
    rows = table.iloc[coarse]
    step = rows["accuracy_m"].to_numpy() / METRES_PER_DEGREE
    wider = np.cos(np.radians(rows["lat"].to_numpy()))
    for east, north in [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)]:
        away = step / np.hypot(east, north)
        beside = rows["lon"] + east * away / wider, rows["lat"] + north * away
        other = located(*beside, hamlets, clusters)[1]
        sure[coarse[(other >= 0) & (other != cluster[coarse])]] = -1
    return hamlet, sure


def located(lon, lat, hamlets, clusters):
    """Return the first hamlet that covers each point, and the cluster of its nearest place within reach."""
    points = shapely.points(lon, lat)
    covers = np.array([shapely.covers(outline, points) for outline in hamlets.geometry])
    hamlet = np.where(covers.any(axis=0), covers.argmax(axis=0), -1)
    x, y = to_crs(lon, lat, source=WGS84, target=clusters.crs)
    place_hamlet = clusters.hamlet[clusters.place_cluster]
    cluster = np.full(len(hamlet), -1)
    for i, own in enumerate(hamlet):
        places = np.flatnonzero(place_hamlet == own)
        if not len(places):
            continue
        away = np.sqrt(
            (x[i] - clusters.place_x[places]) ** 2 + (y[i] - clusters.place_y[places]) ** 2
        )
        best = clusters.place_cluster[places[away == away.min()]].min()
        cluster[i] = best if away.min() <= clusters.reach_m[best] else -1
    return hamlet, cluster
