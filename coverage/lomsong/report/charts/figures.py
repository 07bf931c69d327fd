"""Compute the figures that charts show, so that anyone can check a bar against the tables."""

from typing import Final

import numpy as np
import pandas as pd

from lomsong.report.lists.rows_of import SHARED, carriers
from lomsong.result import Result
from lomsong.tables import ANY_CARRIER, JUDGED_TECHNOLOGY

PLANNED_CLASS: Final = "planned"
BAR_CLASSES: Final = ("covered", PLANNED_CLASS, "weak", "no_signal", "unknown")
"""Order of the parts of a bar: served on the left, unserved on the right, unknown outside."""


def people_by_class(result: Result) -> pd.DataFrame:
    """Return people per carrier and class of their cluster, as it is (`before`) and with the plan (`after`).

    A row per carrier ("any" first) and class. People of clusters that a chosen site serves move to `planned`
    where they are decided not served by that carrier, or where the plan counts them as newly served; nobody
    else moves, so both sums are equal. Only sites of the carrier itself or shared ones count for a carrier.
    Clusters whose people are not known count nowhere.
    """
    table = result.assessment
    clusters = table[(table["technology"] == JUDGED_TECHNOLOGY) & (table["cluster_id"] != "")]
    clusters = clusters.sort_values(["carrier", "cluster_id"])
    parts = []
    for carrier in (ANY_CARRIER, *carriers(result)):
        own = clusters[clusters["carrier"] == carrier]
        before = own.groupby("class")["people"].sum()
        planned = own["class"].where(~_served_by_plan(result, own, carrier), PLANNED_CLASS)
        after = own.groupby(planned)["people"].sum()
        part = pd.DataFrame({"before": before, "after": after}).reindex(BAR_CLASSES).fillna(0.0)
        part.index.name = "class"
        parts.append(part.reset_index().assign(carrier=carrier))
    return pd.concat(parts, ignore_index=True)[["carrier", "class", "before", "after"]]


def gains(result: Result) -> pd.DataFrame:
    """Return, per chosen site in order of building, people and cost so far; a row of zeros stands first."""
    chosen = result.candidates[result.candidates["selected"]].sort_values("rank")
    return pd.DataFrame(
        {
            "n_sites": np.arange(len(chosen) + 1),
            "people_gained": np.cumsum([0.0, *chosen["people_gained"]]),
            "cost_vnd": np.cumsum([0.0, *chosen["cost_vnd"]]),
        }
    )


def _served_by_plan(result: Result, own: pd.DataFrame, carrier: str) -> pd.Series:
    sites = result.candidates
    usable = sites["selected"] & (
        (sites["carrier"] == carrier) | (sites["carrier"] == SHARED) | (carrier == ANY_CARRIER)
    )
    reached = result.coverage[result.coverage["site_id"].isin(sites.loc[usable, "site_id"])]
    new = reached.loc[reached["newly_served"], "cluster_id"]
    without = own["class"] == "no_signal"
    served: pd.Series = (own["cluster_id"].isin(reached["cluster_id"]) & without) | own[
        "cluster_id"
    ].isin(new)
    return served & (own["class"] != "covered")
