"""Build the sites part of a list: what each proposed site would bring, to whom, and who could share it."""

from typing import Final

import numpy as np
import pandas as pd

from lomsong.report.lists.columns import FIGURE, SEPARATOR
from lomsong.report.lists.places import DEGREE_DIGITS, vn2000
from lomsong.report.lists.rows_of import SERVED_CLASSES, SHARED, carriers, in_vietnam
from lomsong.report.lists.site_columns import NOT_SHOWN, of_sites
from lomsong.result import Result
from lomsong.tables import ANY_CARRIER, JUDGED_TECHNOLOGY

ALWAYS: Final = 0.9
USUALLY: Final = 0.5
"""Shares of drawn worlds from which a choice is called so."""


def build(
    result: Result, *, subject: str, rows: pd.DataFrame, among: pd.Series | None = None
) -> pd.DataFrame:
    """Return the sites of the plan that are this carrier's or shared, and others that a row of the list names.

    Built first comes first; sites that were not chosen come last. With `among`, hamlets by `hamlet_id`, only those
    sites of the plan that serve one of them anew. Columns are those of the candidates that
    `site_columns` shows, and:

    `hamlets_served`, `hamlet_ids_served`, `households_gained`
        Whose clusters the site newly serves when it is built at its rank; of a site that was not chosen, whose
        clusters it would serve that nobody is known to serve. Households are counted by the share of
        the hamlet's people in those clusters.
    `carriers_lacking`
        Which carriers leave people unserved within its reach, and how many.
    """
    sites = result.candidates
    usable = sites["carrier"].isin([subject, SHARED]) | (subject == ANY_CARRIER)
    wanted = sites["selected"] & usable
    if among is not None:
        wanted &= sites["site_id"].isin(_serving(result, among))
    wanted |= sites["site_id"].isin(rows["candidate_site"])
    sites = sites[wanted].sort_values(["rank", "site_id"], na_position="last", ignore_index=True)
    served = _served(result, sites)
    table = pd.DataFrame(sites.drop(columns="geometry")).assign(
        lon=np.round(sites.geometry.x, DEGREE_DIGITS),
        lat=np.round(sites.geometry.y, DEGREE_DIGITS),
        carriers_lacking=_lacking(result, sites, subject),
        stability_said=_stability_said(sites, draws=result.settings.siting.stability_draws),
    )
    if "existing_carriers" in table:
        table["existing_carriers"] = table["existing_carriers"].str.replace("/", SEPARATOR)
    table = table.join(_zones(result, table, served)).join(_whom(result, served), on="site_id")
    names = [column.name for column in of_sites(table)]
    return table[[name for name in names if name not in NOT_SHOWN]]


def _serving(result: Result, hamlet_ids: pd.Series) -> pd.Series:
    """Return the sites that newly serve some of these hamlets."""
    own = result.clusters.loc[result.clusters["hamlet_id"].isin(hamlet_ids), "cluster_id"]
    reached = result.coverage
    found: pd.Series = reached.loc[
        reached["newly_served"] & reached["cluster_id"].isin(own), "site_id"
    ]
    return found


def _served(result: Result, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the clusters that each site serves anew: `site_id, cluster_id, hamlet_id, people`."""
    reached = result.coverage[result.coverage["site_id"].isin(sites["site_id"])]
    chosen = reached["site_id"].isin(sites.loc[sites["selected"], "site_id"])
    waiting = ~reached["cluster_id"].isin(_served_by_somebody(result))
    anew = reached[(chosen & reached["newly_served"]) | (~chosen & waiting)]
    found = anew.drop(columns="newly_served").merge(
        result.clusters[["cluster_id", "hamlet_id"]], on="cluster_id"
    )
    return pd.DataFrame(found.sort_values(["site_id", "cluster_id"], ignore_index=True))


def _served_by_somebody(result: Result) -> pd.Series:
    table = result.assessment
    clusters: pd.Series = table.loc[
        (table["technology"] == JUDGED_TECHNOLOGY)
        & (table["cluster_id"] != "")
        & (table["carrier"] == ANY_CARRIER)
        & table["class"].isin(SERVED_CLASSES),
        "cluster_id",
    ]
    return clusters


def _whom(result: Result, served: pd.DataFrame) -> pd.DataFrame:
    """Return by site the names, codes and households of the hamlets that it serves, most people first."""
    people = served.groupby(["site_id", "hamlet_id"])["people"].sum(min_count=1).reset_index()
    known = result.hamlets[["hamlet_id", "name", "households", "people"]].rename(
        columns={"people": "people_in_all"}
    )
    of_hamlets = people.merge(pd.DataFrame(known), on="hamlet_id").sort_values(
        ["site_id", "people", "hamlet_id"], ascending=[True, False, True], na_position="last"
    )
    share = (of_hamlets["people"] / of_hamlets["people_in_all"]).clip(upper=1.0)
    homes = of_hamlets["households"].astype("Float64").to_numpy(float, na_value=np.nan)
    of_hamlets = of_hamlets.assign(
        households=homes * share.to_numpy(float),
        said=[
            str(name) if np.isnan(count) else f"{name}{FIGURE}{count:.0f}"
            for name, count in zip(of_hamlets["name"], of_hamlets["people"], strict=True)
        ],
    )
    by_site = of_hamlets.groupby("site_id")
    return pd.DataFrame(
        {
            # One hamlet without a figure leaves the sum without one: missing is never 0.
            "households_gained": by_site["households"].sum(skipna=False).round(1),
            "hamlets_served": by_site["said"].agg(SEPARATOR.join).astype("str"),
            "hamlet_ids_served": by_site["hamlet_id"].agg(SEPARATOR.join).astype("str"),
        }
    )


def _lacking(result: Result, sites: pd.DataFrame, subject: str) -> pd.Series:
    """Return which other carriers leave people unserved within the reach of each site, most people first."""
    table = result.assessment
    dark = table[
        (table["technology"] == JUDGED_TECHNOLOGY)
        & (table["cluster_id"] != "")
        & (table["class"] == "no_signal")
        & table["carrier"].isin([c for c in carriers(result) if c != subject])
    ]
    reached = result.coverage[result.coverage["site_id"].isin(sites["site_id"])]
    sums = (
        reached[["site_id", "cluster_id", "people"]]
        .merge(dark[["cluster_id", "carrier"]], on="cluster_id")
        .sort_values(["site_id", "carrier", "cluster_id"])
        .groupby(["site_id", "carrier"])["people"]
        .sum()
        .reset_index()
        .sort_values(["site_id", "people", "carrier"], ascending=[True, False, True])
    )
    sums = sums[sums["people"] > 0]
    said = sums["carrier"] + FIGURE + sums["people"].map("{:.0f}".format).astype("str")
    by_site = said.groupby(sums["site_id"]).agg(SEPARATOR.join)
    found: pd.Series = by_site.reindex(sites["site_id"]).astype("str").reset_index(drop=True)
    return found


def _stability_said(sites: pd.DataFrame, *, draws: int) -> pd.Series:
    """Return a word on each share, like places counted as one, missing where no world was drawn."""
    share = sites["stability_alike"].to_numpy(float)
    worlds = np.nan_to_num(share) * draws
    said = np.select(
        [np.isnan(share), share >= ALWAYS, share >= USUALLY, worlds > 1.5, worlds > 0.5],  # noqa: PLR2004 -- one world is one
        ["", "always", "usually", "seldom", "one_world"],
        default="assumed_only",
    )
    words = pd.Series(said, index=sites.index, dtype="str")
    # What neither the plan nor any other world chose needs no word on how sure that is.
    kept: pd.Series = words.where((words != "") & (sites["selected"] | (worlds > 0)))
    return kept


def _zones(result: Result, sites: pd.DataFrame, served: pd.DataFrame) -> pd.DataFrame:
    """Return VN-2000 coordinates, in the zone of the commune where most of those served live."""
    by_people = served.groupby(["site_id", "hamlet_id"])["people"].sum().reset_index()
    most = by_people.sort_values(["people", "hamlet_id"], ascending=[False, True])
    home = most.drop_duplicates("site_id").set_index("site_id")["hamlet_id"]
    communes = result.hamlets.set_index("hamlet_id")[["commune_code", "commune_name"]]
    of_site = communes.reindex(home.reindex(sites["site_id"])).reset_index(drop=True)
    west, _, east, _ = result.hamlets.total_bounds
    return vn2000(
        sites,
        of_site,
        home_lon=float(west + east) / 2,
        in_vietnam=in_vietnam(result),
    )
