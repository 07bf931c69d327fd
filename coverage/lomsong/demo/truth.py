"""Know what is true: service of every household group and class of every hamlet, by the program's own definitions.

A group is served by a carrier where at least half of its houses have a best-server outdoor 4G RSRP at or above the
minimum; it is good where the median of its houses is at or above the good level. A hamlet's class follows from its
groups and its culture house, which is a group of its own where it stands apart.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lomsong.demo.radio import Best
from lomsong.demo.settle import Settlements
from lomsong.demo.world import Floats, World

ANY = "any"
SERVED_SHARE = 0.5
CENTRE, DWELLINGS = "centre", "dwellings"


@dataclass(frozen=True)
class Truth:
    """What a perfect judge would say."""

    clusters: pd.DataFrame
    """A row per cluster x carrier: served_share, rsrp_median_dbm, served, good."""
    hamlets: pd.DataFrame
    """A row per hamlet x carrier: class, people_unserved."""


def find_truth(
    world: World, homes: Settlements, best: Best, *, first_centre: int, hamlet_ids: list[str]
) -> Truth:
    """Judge every group of houses by its true levels; spots are the houses, then the culture houses."""
    places = _places(homes, hamlet_ids, first_centre)
    tables = []
    for carrier in world.carriers:
        level = best.level[carrier.name, "4G"][places["spot"]]
        tables.append(_cluster_rows(world, places, level, carrier.name, carrier.plmn))
    clusters = pd.concat([*tables, _best_of_all(tables)], ignore_index=True)
    return Truth(clusters, _hamlet_rows(clusters))


def _places(homes: Settlements, hamlet_ids: list[str], first_centre: int) -> pd.DataFrame:
    """List the places that count: every house, and culture houses that stand apart."""
    houses = homes.dwellings
    ids = np.array(hamlet_ids)
    lived_in = pd.DataFrame(
        {
            "spot": np.arange(len(houses)),
            "hamlet_id": ids[houses["hamlet"]],
            "cluster_id": [
                f"{ids[h]}-{g:03d}" for h, g in zip(houses["hamlet"], houses["group"], strict=True)
            ],
            "kind": DWELLINGS,
            "people": houses["people"].to_numpy(),
            "x": houses["x"].to_numpy(),
            "y": houses["y"].to_numpy(),
        }
    )
    alone = np.flatnonzero(homes.centres["group"] < 0)
    centres = pd.DataFrame(
        {
            "spot": first_centre + alone,
            "hamlet_id": ids[alone],
            "cluster_id": [f"{ids[h]}-nvh" for h in alone],
            "kind": CENTRE,
            "people": 0,
            "x": homes.centres["x"].to_numpy()[alone],
            "y": homes.centres["y"].to_numpy()[alone],
        }
    )
    has_centre = set(homes.centres.loc[homes.centres["group"] >= 0, "group"])
    is_centre = houses["group"].isin(has_centre).to_numpy()
    lived_in["is_centre"] = is_centre
    centres["is_centre"] = True
    return pd.concat([lived_in, centres], ignore_index=True)


def _cluster_rows(
    world: World, places: pd.DataFrame, level: Floats, carrier: str, plmn: str
) -> pd.DataFrame:
    judged = places.assign(level=level, above=level >= world.minimum_rsrp_dbm)
    rows = judged.groupby("cluster_id", as_index=False).agg(
        hamlet_id=("hamlet_id", "first"),
        kind=("kind", "first"),
        is_centre=("is_centre", "first"),
        x=("x", "median"),
        y=("y", "median"),
        people=("people", "sum"),
        served_share=("above", "mean"),
        rsrp_median_dbm=("level", "median"),
    )
    rows.insert(2, "carrier", carrier)
    rows.insert(3, "plmn", plmn)
    rows["served_share"] = rows["served_share"].round(4)
    rows["served"] = rows["served_share"] >= SERVED_SHARE
    rows["good"] = rows["served"] & (rows["rsrp_median_dbm"] >= world.good_rsrp_dbm)
    return rows


def _best_of_all(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Call a cluster served (good) by any carrier where at least one serves it (well)."""
    best = tables[0].assign(carrier=ANY, plmn="")
    for column in ("served_share", "rsrp_median_dbm", "served", "good"):
        best[column] = np.column_stack([table[column].to_numpy() for table in tables]).max(axis=1)
    return best


def _hamlet_rows(clusters: pd.DataFrame) -> pd.DataFrame:
    lost = clusters["people"].where(~clusters["served"], 0)
    found = clusters.assign(people_unserved=lost).groupby(["hamlet_id", "carrier"], as_index=False)
    rows = found.agg(
        people=("people", "sum"),
        people_unserved=("people_unserved", "sum"),
        clusters=("served", "size"),
        clusters_served=("served", "sum"),
        clusters_good=("good", "sum"),
    )
    all_served = rows["clusters_served"] == rows["clusters"]
    rows["class"] = np.select(
        [rows["clusters_served"] == 0, ~all_served, rows["clusters_good"] < rows["clusters"]],
        ["no_signal", "partial", "weak"],
        "covered",
    )
    centre = clusters[clusters["is_centre"]].set_index(["hamlet_id", "carrier"])["served"]
    at_centre = centre.reindex(pd.MultiIndex.from_frame(rows[["hamlet_id", "carrier"]])).to_numpy()
    rows["official_class"] = np.select(
        [~at_centre.astype(bool), ~all_served], ["trang_song", "lom_song"], "co_song"
    )
    return rows
