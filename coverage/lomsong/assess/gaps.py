"""Bring class, power, people and priority of every hamlet together into one row."""

import geopandas as gpd
import numpy as np
import pandas as pd

from lomsong.assess.assessment import Assessment
from lomsong.assess.priority import priorities
from lomsong.config import PrioritySection
from lomsong.evidence.clusters import Clusters
from lomsong.tables import ANY_CARRIER, GAPS, JUDGED_TECHNOLOGY, Hamlets, checked


def find_gaps(
    hamlets: Hamlets,
    clusters: Clusters,
    assessment: Assessment,
    *,
    people: pd.DataFrame,
    power: pd.DataFrame,
    weights: PrioritySection,
) -> gpd.GeoDataFrame:
    """Return the gaps table (`tables.GAPS`): 4G by any carrier, a row per hamlet.

    Parameters
    ----------
    hamlets, clusters, assessment
        The stages before.
    people
        Columns `people` and `people_raster`, in the order of `hamlets.table`.
    power
        Table `tables.POWER`; hamlets it does not name are `unknown`.
    weights
        Of the priority's parts.
    """
    table = hamlets.table
    whole = (
        assessment.table[
            (assessment.table["cluster_id"] == "")
            & (assessment.table["carrier"] == ANY_CARRIER)
            & (assessment.table["technology"] == JUDGED_TECHNOLOGY)
        ]
        .set_index("hamlet_id")
        .reindex(table["hamlet_id"])
    )
    known = power.set_index("hamlet_id").reindex(table["hamlet_id"])
    gaps = table.drop(columns=["people_listed", "centre_lon", "centre_lat"]).assign(
        people=people["people"].to_numpy(),
        people_raster=people["people_raster"].to_numpy(),
        official_class=assessment.any_4g.official_class.astype(str),
        power=known["power"].fillna("unknown").to_numpy(),
        power_source=known["power_source"].to_numpy(),
        power_as_of=known["power_as_of"].to_numpy(),
        people_unserved=_people(clusters, assessment, "no_signal"),
        people_unknown=_people(clusters, assessment, "unknown"),
        **{c: whole[c].to_numpy() for c in ("class", "quality_uncertain", "evidence", "p_served")},
    )
    gaps = gaps.astype({"official_class": str, "power_source": str, "power_as_of": str})
    gaps["gap_no_grid"] = _gap_no_grid(gaps)
    gaps["funding_route"] = _funding_routes(gaps)
    gaps = gaps.join(priorities(gaps, weights))
    return checked(gaps, GAPS)


def _people(clusters: Clusters, assessment: Assessment, wanted: str) -> np.ndarray:
    """Sum the people of clusters of one class; null where a hamlet's people are not known."""
    chosen = assessment.any_4g.cluster_class == wanted
    people = clusters.table["people"]
    frame = pd.DataFrame(
        {"hamlet": clusters.hamlet, "all": people, "chosen": people.where(chosen, people * 0)}
    )
    sums = frame.groupby("hamlet", sort=True)["chosen"].sum(min_count=1)
    return sums.to_numpy(float)


def _gap_no_grid(gaps: pd.DataFrame) -> pd.Series:
    """Mark no or weak 4G without grid power; null where either is unknown and could still make it one."""
    lacking = gaps["class"].isin(["no_signal", "partial", "weak"])
    decided = (
        ((gaps["class"] != "unknown") & (gaps["power"] != "unknown"))
        | (gaps["class"] == "covered")
        | (gaps["power"] == "grid")
    )
    return (lacking & (gaps["power"] == "no_grid")).astype("boolean").where(decided, pd.NA)


def _funding_routes(gaps: pd.DataFrame) -> pd.Series:
    """Return who pays, from power and difficulty."""
    difficult = gaps["extremely_difficult"]
    route = np.select(
        [
            gaps["power"] == "no_grid",
            (gaps["power"] == "grid") & difficult.fillna(value=False).astype(bool),
            (gaps["power"] == "grid") & ~difficult.fillna(value=True).astype(bool),
        ],
        ["wait_for_grid_or_solar", "universal_service_fund", "carrier"],
        default="unknown",
    )
    return pd.Series(route, index=gaps.index, dtype=str)
