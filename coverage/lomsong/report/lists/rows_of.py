"""Build the rows of a list: which hamlets need action, what is known of them, and what a carrier should do."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lomsong.report.lists.columns import SEPARATOR
from lomsong.report.lists.hamlet_columns import of_list
from lomsong.report.lists.places import (
    DEGREE_DIGITS,
    masts,
    nearest,
    representative_points,
    vn2000,
)
from lomsong.result import Result
from lomsong.tables import ANY_CARRIER, JUDGED_TECHNOLOGY
from lomsong.vietnam.carriers import CARRIERS

GAP_CLASSES: Final = ("no_signal", "partial", "weak")
"""From worst to best."""
SERVED_CLASSES: Final = ("covered", "weak")
"""Best first: in a hamlet of one of these, every cluster is served."""
SHARED: Final = "shared"
_COPIED: Final = (
    *("hamlet_id", "name", "commune_code", "commune_name", "households", "people"),
    *("official_class", "power", "power_source", "power_as_of", "extremely_difficult"),
    *("gap_no_grid", "funding_route", "priority", "priority_severity", "priority_people"),
    *("priority_no_grid", "priority_difficult"),
)
_OWN: Final = ("class", "evidence", "p_served", "quality_uncertain")
_OF_CANDIDATE: Final = (
    *("rank", "carrier", "mast_m", "existing_site", "power_solution", "backhaul_site"),
    *("backhaul_distance_m", "backhaul_clear", "stability"),
)


def carriers(result: Result) -> tuple[str, ...]:
    """Return the carriers of an assessment: those of Vietnam in their usual order, then others by name."""
    found = set(result.assessment["carrier"].unique()) - {ANY_CARRIER}
    known = [carrier for carrier in CARRIERS if carrier in found]
    return (*known, *sorted(found.difference(known)))


def others(result: Result, subject: str) -> tuple[str, ...]:
    """Return the carriers that a list shows beside its own; a carrier's list shows the best of all too."""
    rest = tuple(carrier for carrier in carriers(result) if carrier != subject)
    return rest if subject == ANY_CARRIER else (ANY_CARRIER, *rest)


def in_vietnam(result: Result) -> bool:
    """Tell whether a carrier of Vietnam was judged, so that VN-2000 means something."""
    return not CARRIERS.keys().isdisjoint(carriers(result))


def classes_of(result: Result, hamlets: gpd.GeoDataFrame, subject: str) -> pd.Series:
    """Return the 4G class of each hamlet for a carrier (for the best of all, where it is "any")."""
    return _own(hamlets, _whole_hamlets(result), subject)["class"].set_axis(hamlets.index)


def build(result: Result, *, subject: str, hamlets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the rows of a carrier's list (of the best of all, where `subject` is "any") among some hamlets."""
    hamlets = hamlets.sort_values("hamlet_id", ignore_index=True)
    whole = _whole_hamlets(result)
    by_carrier = _classes(whole, hamlets)
    own = _own(hamlets, whole, subject)
    listed = (own["class"].isin(GAP_CLASSES) | hamlets["class"].isin(GAP_CLASSES)).to_numpy()
    hamlets, by_carrier, own = (
        table[listed].reset_index(drop=True) for table in (hamlets, by_carrier, own)
    )
    table = pd.concat(
        [
            hamlets[list(_COPIED)],
            own,
            _people(result, hamlets, subject),
            _other_carriers(result, hamlets, whole, by_carrier, subject),
            _what_to_do(hamlets, own, by_carrier, subject),
            _places(result, hamlets, subject),
            _candidates(result, hamlets, subject),
        ],
        axis=1,
    )
    table["notes"] = _notes(table, hamlets, synthetic=result.settings.project.synthetic)
    table = _best_first(table)
    return table[
        [column.name for column in of_list(subject=subject, others=others(result, subject))]
    ]


def _whole_hamlets(result: Result) -> pd.DataFrame:
    """Return the 4G rows of whole hamlets, indexed by hamlet and carrier."""
    table = result.assessment
    whole = table[(table["technology"] == JUDGED_TECHNOLOGY) & (table["cluster_id"] == "")]
    return whole.set_index(["hamlet_id", "carrier"]).sort_index()


def _of_carrier(whole: pd.DataFrame, hamlets: pd.DataFrame, carrier: str) -> pd.DataFrame:
    """Return one carrier's rows in the order of the hamlets, missing where it was not judged."""
    places = pd.MultiIndex.from_product(
        [hamlets["hamlet_id"], [carrier]], names=["hamlet_id", "carrier"]
    )
    return whole.reindex(places).reset_index(drop=True)


def _classes(whole: pd.DataFrame, hamlets: pd.DataFrame) -> pd.DataFrame:
    """Return the class of each hamlet by carrier, `unknown` where it was not judged."""
    names = sorted(set(whole.index.get_level_values("carrier")) - {ANY_CARRIER})
    return pd.DataFrame(
        {name: _of_carrier(whole, hamlets, name)["class"].fillna("unknown") for name in names},
        index=hamlets.index,
        dtype="str",
    )


def _own(hamlets: pd.DataFrame, whole: pd.DataFrame, subject: str) -> pd.DataFrame:
    """Return what is known of the carrier whose list it is."""
    judged = _of_carrier(whole, hamlets, subject)
    source = hamlets if subject == ANY_CARRIER else judged
    table = pd.DataFrame({name: source[name] for name in _OWN})
    table["class"] = table["class"].fillna("unknown")
    table["evidence"] = table["evidence"].fillna("none")
    table["newest"] = judged["newest"]
    table["rsrp_median_dbm"] = judged["rsrp_median_dbm"]
    return table


def _people(result: Result, hamlets: pd.DataFrame, subject: str) -> pd.DataFrame:
    """Return people not served and not known: the written columns, or one carrier's sums over its clusters."""
    if subject == ANY_CARRIER:
        return hamlets[["people_unserved", "people_unknown"]]
    table = result.assessment
    clusters = table[
        (table["technology"] == JUDGED_TECHNOLOGY)
        & (table["cluster_id"] != "")
        & (table["carrier"] == subject)
    ].sort_values(["hamlet_id", "cluster_id"])
    sums = {
        name: clusters["people"].where(clusters["class"] == word, 0.0)
        for name, word in (("people_unserved", "no_signal"), ("people_unknown", "unknown"))
    }
    # One cluster without a figure leaves the sum without one: missing is never 0.
    summed = pd.DataFrame(sums).groupby(clusters["hamlet_id"]).sum(skipna=False)
    return summed.reindex(hamlets["hamlet_id"]).reset_index(drop=True)


def _other_carriers(
    result: Result,
    hamlets: pd.DataFrame,
    whole: pd.DataFrame,
    by_carrier: pd.DataFrame,
    subject: str,
) -> pd.DataFrame:
    """Return class and median RSRP [dBm] of the carriers beside the list's own."""
    table: dict[str, pd.Series] = {}
    for carrier in others(result, subject):
        if carrier == ANY_CARRIER:
            table[f"class_{carrier}"] = hamlets["class"]
        else:
            table[f"class_{carrier}"] = by_carrier[carrier]
        table[f"rsrp_{carrier}_dbm"] = _of_carrier(whole, hamlets, carrier)["rsrp_median_dbm"]
    return pd.DataFrame(table, index=hamlets.index)


def _what_to_do(
    hamlets: pd.DataFrame, own: pd.DataFrame, by_carrier: pd.DataFrame, subject: str
) -> pd.DataFrame:
    """Return the solution, and with whom it could be shared.

    Another carrier that serves the whole hamlet can host; where nobody does, a new site is needed; a carrier that
    is weak itself strengthens, or shares with one that is good. Where only this carrier's class is unknown, the
    first thing to do is to measure.
    """
    rivals = by_carrier.drop(columns=subject, errors="ignore")
    weak = (own["class"] == "weak").to_numpy()
    serving = [
        SEPARATOR.join(
            name
            for word in (SERVED_CLASSES[:1] if is_weak else SERVED_CLASSES)
            for name, found in zip(rivals.columns, classes, strict=True)
            if found == word
        )
        for classes, is_weak in zip(rivals.itertuples(index=False, name=None), weak, strict=True)
    ]
    share_with = pd.Series(serving, index=hamlets.index, dtype="str")
    somebody = (share_with != "").to_numpy()
    unknown = (own["class"] == "unknown").to_numpy()
    best_is_weak = (hamlets["class"] == "weak").to_numpy()
    solution = np.select(
        [weak, unknown & best_is_weak, somebody],
        ["strengthen", "measure", "share"],
        default="new_site",
    )
    return pd.DataFrame(
        {
            "solution": pd.Series(solution, index=hamlets.index, dtype="str"),
            "share_with": share_with.where(somebody),
        }
    )


def _places(result: Result, hamlets: gpd.GeoDataFrame, subject: str) -> pd.DataFrame:
    """Return coordinates of each hamlet and the known sites nearest to them."""
    points = representative_points(hamlets, result.clusters)
    known = masts(result.sites)
    is_own = (known["carrier"] == subject).to_numpy() | (subject == ANY_CARRIER)
    own = nearest(points, known[is_own])
    host = nearest(points, known[~is_own])
    west, _, east, _ = result.hamlets.total_bounds
    projected = vn2000(
        points,
        hamlets,
        home_lon=float(west + east) / 2,
        in_vietnam=in_vietnam(result),
    )
    table = points.join(projected)
    table["nearest_site"] = own["site_id"]
    table["nearest_site_carrier"] = own["carrier"]
    table["nearest_site_m"] = own["distance_m"]
    table["nearest_site_position"] = own["position"]
    table["nearest_site_technologies"] = own["technologies"]
    if subject == ANY_CARRIER:
        return table
    table["host_site"] = host["site_id"]
    table["host_carrier"] = host["carrier"]
    table["host_technologies"] = host["technologies"]
    table["host_m"] = host["distance_m"]
    return table


def _candidates(result: Result, hamlets: pd.DataFrame, subject: str) -> pd.DataFrame:
    """Return the candidate site that would serve each hamlet: of the plan by rank, else by people served here."""
    sites = result.candidates
    usable = (
        sites
        if subject == ANY_CARRIER
        else sites[(sites["carrier"] == subject) | (sites["carrier"] == SHARED)]
    )
    served = result.coverage[result.coverage["cluster_id"].isin(_in_need(result, subject))]
    served = served.merge(result.clusters[["cluster_id", "hamlet_id"]], on="cluster_id")
    served = served.sort_values(["hamlet_id", "site_id", "cluster_id"])
    here = served.groupby(["hamlet_id", "site_id"])["people"].sum(min_count=1).reset_index()
    offers = here.rename(columns={"people": "candidate_people"}).merge(
        pd.DataFrame(usable.drop(columns="geometry")), on="site_id"
    )
    offers = offers.sort_values(
        ["rank", "candidate_people", "cost_vnd", "site_id"],
        ascending=[True, False, True, True],
        na_position="last",
    )
    best = offers.drop_duplicates("hamlet_id").set_index("hamlet_id")
    chosen = best.reindex(hamlets["hamlet_id"]).reset_index(drop=True)
    table = pd.DataFrame({"candidate_site": chosen["site_id"]})
    for name in _OF_CANDIDATE:
        table[f"candidate_{name}"] = chosen[name]
    where = sites.set_index("site_id").geometry.reindex(chosen["site_id"]).to_numpy()
    table["candidate_lat"] = np.round(shapely.get_y(where), DEGREE_DIGITS)
    table["candidate_lon"] = np.round(shapely.get_x(where), DEGREE_DIGITS)
    for name in ("candidate_people", "cost_vnd", "cost_vnd_per_person"):
        table[name] = chosen[name]
    return table


def _in_need(result: Result, subject: str) -> pd.Series:
    """Return the clusters that a new site would help: all but those that the carrier covers well."""
    table = result.assessment
    covered = table[
        (table["technology"] == JUDGED_TECHNOLOGY)
        & (table["cluster_id"] != "")
        & (table["carrier"] == subject)
        & (table["class"] == "covered")
    ]
    clusters: pd.Series = result.clusters["cluster_id"]
    return clusters[~clusters.isin(covered["cluster_id"])]


def _notes(table: pd.DataFrame, hamlets: pd.DataFrame, *, synthetic: bool) -> pd.Series:
    """Return what to mind at each row, as words of the vocabulary `note`."""
    flags: dict[str, npt.NDArray[np.bool_]] = {
        "synthetic": np.full(len(table), synthetic),
        "quality_uncertain": table["quality_uncertain"].fillna(value=False).to_numpy(bool),
        "not_measured": (table["evidence"] != "measured").to_numpy(bool),
        "withheld": ((table["evidence"] == "measured") & table["rsrp_median_dbm"].isna()).to_numpy(
            bool
        ),
        "power_unknown": (table["power"] == "unknown").to_numpy(bool),
        "people_unknown": table["people"].isna().to_numpy(bool),
        "derived_area": (hamlets["geometry_source"] == "derived").to_numpy(bool),
        "site_estimated": (table["nearest_site_position"] == "estimated").to_numpy(bool),
    }
    said = [
        SEPARATOR.join(word for word, holds in zip(flags, row, strict=True) if holds)
        for row in zip(*flags.values(), strict=True)
    ]
    notes = pd.Series(said, index=table.index, dtype="str")
    kept: pd.Series = notes.where(notes != "")
    return kept


def _best_first(table: pd.DataFrame) -> pd.DataFrame:
    """Sort by priority, then by the severity of this carrier's class, then by people not served."""
    severity = table["class"].map({word: step for step, word in enumerate(GAP_CLASSES)})
    ordered = (
        table.assign(_severity=severity)
        .sort_values(
            ["priority", "_severity", "people_unserved", "hamlet_id"],
            ascending=[False, True, False, True],
            na_position="last",
        )
        .drop(columns="_severity")
        .reset_index(drop=True)
    )
    return ordered.assign(rank=np.arange(1, len(ordered) + 1))
