"""Say who runs each new site: all carriers together, one of them, or one per area while the others roam."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from lomsong.errors import Fault, InputError
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, Extent, local_metric_crs, to_crs
from lomsong.tables import ANY_CARRIER
from lomsong.vietnam.carriers import carriers_of

SHARED = "shared"
"""A site for people whom no carrier serves is planned for all carriers together."""


def check_carrier(carrier: str, assessment: pd.DataFrame) -> None:
    """Raise `InputError` where nothing is known of a carrier."""
    known = sorted(set(assessment["carrier"]))
    if carrier in known:
        return
    fault = Fault(
        problem="the run knows no such carrier",
        remedy=Sentence(
            "Use one of {names}", names=", ".join(c for c in known if c != ANY_CARRIER)
        ),
        column="carrier",
        value=carrier,
    )
    raise InputError([fault])


def one_per_area(candidates: gpd.GeoDataFrame, sites: pd.DataFrame) -> pd.Series:
    """Return the one carrier that runs all sites of a service area, so that those of the others roam there.

    It is the carrier whose known sites lie nearest to what is built in the area, every site counting with the people
    it gains: it brings traffic and staff the shortest way. Where nothing is built in an area, all its candidates count.
    Ties go to the carrier with more known sites, then by name. Without known sites, sites stay shared.
    """
    name = carriers_of(sites["plmn"]).fillna(sites["plmn"])
    if not len(sites) or not len(candidates):
        return pd.Series(SHARED, index=candidates.index, dtype="str")
    crs = local_metric_crs(Extent(*map(float, candidates.total_bounds)))
    here = np.column_stack(
        to_crs(
            candidates.geometry.x.to_numpy(),
            candidates.geometry.y.to_numpy(),
            source=WGS84,
            target=crs,
        )
    )
    there = np.column_stack(
        to_crs(sites["lon"].to_numpy(), sites["lat"].to_numpy(), source=WGS84, target=crs)
    )
    counted = name.value_counts()
    carriers = sorted(counted.index, key=lambda carrier: (-counted[carrier], carrier))
    distance = np.column_stack(
        [cKDTree(there[(name == carrier).to_numpy()]).query(here)[0] for carrier in carriers]
    )
    return _nearest(candidates, distance, carriers)


def _nearest(
    candidates: gpd.GeoDataFrame, distance_m: np.ndarray, carriers: Sequence[str]
) -> pd.Series:
    running = pd.Series(SHARED, index=candidates.index, dtype="str")
    weight = candidates["people_gained"].fillna(0.0).to_numpy(float) + 1.0
    selected = candidates["selected"].to_numpy(bool)
    area = candidates["cluster_of_demand"].to_numpy()
    for one in np.unique(area):
        inside = area == one
        counted = inside & selected if (inside & selected).any() else inside
        far = (weight[counted, None] * distance_m[counted]).sum(axis=0)
        running[inside] = carriers[int(np.argmin(far))]
    return running
