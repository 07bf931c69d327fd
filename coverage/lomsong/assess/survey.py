"""Say where a measurement is worth most."""

import pandas as pd

from lomsong.assess.assessment import Assessment
from lomsong.evidence.clusters import Clusters
from lomsong.tables import ANY_CARRIER, Hamlets

COLUMNS = (
    "rank",
    "commune_code",
    "commune_name",
    "hamlet_id",
    "name",
    "cluster_id",
    "lon",
    "lat",
    "people",
    "carriers_unknown",
)


def plan_survey(hamlets: Hamlets, clusters: Clusters, assessment: Assessment) -> pd.DataFrame:
    """Return the clusters whose service by any carrier is unknown, most people first, with what is to be measured."""
    of_clusters = assessment.table[
        (assessment.table["cluster_id"] != "") & (assessment.table["technology"] == "4G")
    ]
    unknown = of_clusters[of_clusters["class"] == "unknown"]
    named = (
        unknown[unknown["carrier"] != ANY_CARRIER]
        .groupby("cluster_id")["carrier"]
        .agg(" ".join)
        .to_dict()
    )
    doubtful = unknown.loc[unknown["carrier"] == ANY_CARRIER, ["cluster_id"]]
    lived_in = hamlets.table.loc[hamlets.table["kind"] == "hamlet"]
    points = clusters.table.assign(lon=clusters.table.geometry.x, lat=clusters.table.geometry.y)
    visits = (
        doubtful.merge(points.drop(columns="geometry"), on="cluster_id")
        .merge(
            lived_in[["hamlet_id", "name", "commune_code", "commune_name"]],
            on="hamlet_id",
        )
        .assign(carriers_unknown=lambda t: [named.get(c, "") for c in t["cluster_id"]])
        .sort_values(
            ["people", "cluster_id"], ascending=[False, True], na_position="last", ignore_index=True
        )
    )
    visits["rank"] = range(1, len(visits) + 1)
    return visits[list(COLUMNS)]
