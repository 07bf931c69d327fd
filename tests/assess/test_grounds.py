"""What stands behind inferred and modelled classes is written down: silence with its witnesses, and what was expected."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from lomsong.assess.beyond import Beyond
from lomsong.assess.grounds import grounds_of
from lomsong.assess.joint import Silences
from lomsong.config import PrivacySection
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.cube import NO_SERVICE
from lomsong.evidence.silence import weigh
from lomsong.tables import GROUNDS, Hamlets, checked

CARRIERS = ("mobifone", "viettel")
N = 5
X = np.arange(N) * 1000.0
COLUMNS = ["cluster", "carrier", "technology", "device", "day", "cell_x", "cell_y", "level_dbm"]


def phones(cluster, carrier, n, *, technology="4G", days=1, named=True):
    level = NO_SERVICE if not technology else -100
    return [
        (
            cluster,
            carrier,
            technology,
            f"{carrier}{cluster}{p}" if named else "",
            d,
            4 * p,
            0,
            level,
        )
        for p in range(n)
        for d in range(days)
    ]


SERVED = [row for cluster in (2, 3, 4) for name in CARRIERS for row in phones(cluster, name, 4)]


def grounds(*observed, minimum=3, **privacy):
    seen = [*SERVED, *(row for part in observed for row in part)]
    text = dict.fromkeys(("carrier", "technology", "device"), str)
    witnesses = pd.DataFrame(seen, columns=COLUMNS).astype(text).assign(hamlet=0, n=1)
    silence = weigh(witnesses, carriers=CARRIERS, x=X, y=np.zeros(N), dwellings=np.full(N, 20.0))
    table = gpd.GeoDataFrame(
        {"cluster_id": [f"c{i}" for i in range(N)]}, geometry=[shapely.Point(0, 0)] * N, crs=4326
    )
    clusters = Clusters(
        table=table,
        hamlet=np.zeros(N, np.int64),
        reach_m=np.full(N, 250.0),
        place_x=X,
        place_y=np.zeros(N),
        place_cluster=np.arange(N),
        crs=CRS.from_epsg(32648),
    )
    hamlets = Hamlets(table=gpd.GeoDataFrame({"hamlet_id": ["H"]}, geometry=[None], crs=4326))
    beyond = Beyond(
        carriers=CARRIERS, silences=Silences(silence=silence, x=X, y=np.zeros(N)), alike=0.5
    )
    found = grounds_of(
        witnesses,
        hamlets,
        clusters,
        beyond=beyond,
        privacy=PrivacySection(minimum_devices=minimum, **privacy),
    )
    checked(found, GROUNDS)
    return found.set_index(["cluster_id", "carrier"]), silence


def test_a_silent_carrier_names_how_many_devices_of_others_were_heard_on_how_many_days():
    found, silence = grounds(phones(0, "viettel", 5, days=7))
    row = found.loc["c0", "mobifone"]
    assert (row["silence"], row["n_devices"], row["n_days"]) == ("others_heard", 5, 7)
    assert row["silence_ratio"] == silence.ratio[0, 0] < 1
    assert ("c0", "viettel") not in found.index
    assert not set(found.index.get_level_values(0)) & {"c2", "c3", "c4"}


def test_own_phones_on_older_technology_are_told_and_not_those_of_others():
    found, silence = grounds(
        phones(0, "mobifone", 3, technology="2G", days=2), phones(0, "viettel", 9)
    )
    row = found.loc["c0", "mobifone"]
    assert (row["silence"], row["n_devices"], row["n_days"]) == ("older_heard", 3, 2)
    assert row["silence_ratio"] == silence.ratio[0, 0]


@pytest.mark.parametrize("older", [False, True])
def test_fewer_devices_than_asked_are_withheld_and_so_is_the_ratio_that_tells_their_number(older):
    seen = phones(0, "mobifone" if older else "viettel", 2, technology="2G" if older else "4G")
    row = grounds(seen, minimum=3)[0].loc["c0", "mobifone"]
    assert row["silence"] == ("older_heard" if older else "others_heard")
    assert row[["n_devices", "n_days", "silence_ratio"]].isna().all()
    shown = grounds(seen, minimum=2)[0].loc["c0", "mobifone"]
    assert shown["n_devices"] == 2


def test_where_no_device_is_named_the_owner_decides_and_their_number_stays_unknown():
    seen = phones(0, "viettel", 6, named=False)
    assert np.isnan(grounds(seen)[0].loc["c0", "mobifone"]["silence_ratio"])
    shown = grounds(seen, publish_without_devices=True)[0].loc["c0", "mobifone"]
    assert shown["silence_ratio"] < 1
    assert pd.isna(shown["n_devices"])


def test_no_service_is_no_silence():
    found, _ = grounds(phones(0, "viettel", 6, technology=""))
    assert "c0" not in found.index.get_level_values(0)
