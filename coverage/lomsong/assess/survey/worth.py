"""Reckon what one visit to a cluster would change."""

from typing import Final

import numpy as np
import pandas as pd

from lomsong.space.crs import Floats
from lomsong.tables import ANY_CARRIER, JUDGED_TECHNOLOGY

EVEN: Final = 0.5
"""What is believed where nobody measured and nothing speaks."""
FEWEST_PEOPLE: Final = 1.0
"""A place is never worth nothing: a culture house nobody lives in decides the official class of its hamlet."""


def worth_of_visits(
    assessment: pd.DataFrame, clusters: pd.DataFrame, *, spots: int, people_exponent: float
) -> pd.DataFrame:
    """Return the clusters that a visit would decide: `cluster_id, carriers_unknown, p_served, expected_gain, worth`.

    A belief p is expected to be wrong by p (1 - p), its expected squared error (Brier). A visit with a phone of each
    carrier finds out: samples at n spots that agree leave the belief 1 - 2^-(n + 1), whichever way they speak
    (`assess.served`), so what stays is that belief's own small error. `expected_gain` is the difference, summed over
    the carriers and the best of all; where nobody measured it is 0.25 each, less what stays. It follows whatever
    evidence the probabilities come from: a place that silence or terrain has all but decided is worth little.

    `worth` is that gain times the people whom it concerns, raised to an exponent: 1 plans for people, 0 for places,
    which official lists count. These are the people of the cluster; where a culture house stands apart from all
    dwellings, the mean of its hamlet's clusters; where no figure is known, the mean of all clusters.

    Parameters
    ----------
    assessment
        `tables.ASSESSMENT`.
    clusters
        `tables.CLUSTERS`.
    spots
        Spots measured at a place.
    people_exponent
        How much people weigh, 0 to 1.
    """
    rows = assessment[
        (assessment["cluster_id"] != "") & (assessment["technology"] == JUDGED_TECHNOLOGY)
    ].sort_values(["cluster_id", "carrier"])
    rows = rows.assign(gain=_gain(rows["p_served"].fillna(EVEN).to_numpy(float), spots=spots))
    unknown = rows[rows["class"] == "unknown"]
    named = unknown[unknown["carrier"] != ANY_CARRIER].groupby("cluster_id")["carrier"]
    best = rows[rows["carrier"] == ANY_CARRIER].set_index("cluster_id")["p_served"]
    found = pd.DataFrame({"cluster_id": np.sort(unknown["cluster_id"].unique())}).astype(str)
    at = found["cluster_id"]
    gain = rows.groupby("cluster_id")["gain"].sum().reindex(at).to_numpy(float)
    concerned = _people_concerned(clusters).reindex(at).to_numpy(float)
    return found.assign(
        carriers_unknown=named.agg(" ".join).reindex(at).fillna("").to_numpy(),
        p_served=best.reindex(at).to_numpy(float),
        expected_gain=gain,
        worth=gain * concerned**people_exponent,
    )


def _gain(p: Floats, *, spots: int) -> Floats:
    afterwards = 1 - 0.5 ** (spots + 1)
    return np.maximum(p * (1 - p) - afterwards * (1 - afterwards), 0.0)


def _people_concerned(clusters: pd.DataFrame) -> pd.Series:
    """Return by cluster the people whom an answer there concerns."""
    people = clusters["people"].astype(float)
    of_hamlet = people.groupby(clusters["hamlet_id"]).transform("mean")
    apart = clusters["is_centre"].to_numpy(bool) & (people == 0).to_numpy()
    concerned = people.where(~apart, of_hamlet)
    usual = concerned.mean() if concerned.notna().any() else FEWEST_PEOPLE
    return (
        concerned.fillna(usual)
        .clip(lower=FEWEST_PEOPLE)
        .set_axis(pd.Index(clusters["cluster_id"], name="cluster_id"))
    )
