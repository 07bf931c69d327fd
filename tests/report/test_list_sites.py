"""The sites part of a list: every site says whom it serves, what it costs, and how sure its choice is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from worlds import world

from lomsong import tables
from lomsong.report import lists, text
from lomsong.report.lists.content import content
from lomsong.report.lists.site_columns import NOT_SHOWN
from lomsong.report.palette import CLASS_COLOURS
from lomsong.report.text.lists import STABILITY
from lomsong.result import Result


@pytest.fixture(scope="module")
def result() -> Result:
    return world(60, n_vertices=16, terrain=False)


@pytest.fixture(scope="module")
def sites(result: Result) -> pd.DataFrame:
    return content(result).sites


def test_every_column_of_the_candidates_is_shown_or_left_out_on_purpose(result, sites):
    assert set(result.candidates.columns) - NOT_SHOWN <= set(sites.columns)
    assert set(tables.CANDIDATES.columns) - NOT_SHOWN <= set(sites.columns)
    for column in content(result).site_columns:
        assert column.heading.vi != column.name, f"{column.name} has no words"


def test_a_column_that_nobody_listed_is_shown_under_its_own_name(result):
    more = replace(
        result,
        candidates=result.candidates.assign(cost_drone_vnd=5e6, drone_m=7.0, blessed=True),
    )
    kinds = {c.name: c.kind for c in content(more).site_columns}
    assert kinds["cost_drone_vnd"] == "money"
    assert kinds["drone_m"] == "metres"
    assert kinds["blessed"] == "word"


def test_the_plan_comes_first_in_the_order_of_building(result, sites):
    chosen = result.candidates[result.candidates["selected"]].sort_values("rank")
    assert list(sites["site_id"].head(len(chosen))) == list(chosen["site_id"])
    assert sites["rank"].iloc[len(chosen) :].isna().all()
    assert set(sites["site_id"]) >= set(lists.rows(result)["candidate_site"].dropna())


def test_a_carriers_list_has_its_own_sites_and_shared_ones(result):
    filled = content(result, carrier="vnpt")
    chosen = result.candidates[result.candidates["selected"]]
    own = chosen[chosen["carrier"].isin(["vnpt", "shared"])]
    assert set(own["site_id"]) <= set(filled.sites["site_id"])
    assert not set(filled.sites["carrier"]) - {"vnpt", "shared"}


def test_whom_a_site_serves_is_whom_the_coverage_says(result, sites):
    served = result.coverage[result.coverage["newly_served"]].merge(
        result.clusters[["cluster_id", "hamlet_id"]], on="cluster_id"
    )
    known = result.hamlets.set_index("hamlet_id")
    for _, site in sites[sites["rank"].notna()].iterrows():
        here = served[served["site_id"] == site["site_id"]]
        people = here.groupby("hamlet_id")["people"].sum()
        if people.empty:
            assert pd.isna(site["hamlets_served"])
            continue
        ids = site["hamlet_ids_served"].split("; ")
        assert set(ids) == set(people.index)
        assert [people[i] for i in ids] == sorted(people, reverse=True)
        said = [f"{known.loc[i, 'name']}: {people[i]:.0f}" for i in ids]
        assert site["hamlets_served"] == "; ".join(said)
        homes = sum(
            known.loc[i, "households"] * min(1, people[i] / known.loc[i, "people"]) for i in ids
        )
        if pd.isna(homes):
            assert pd.isna(site["households_gained"])
        else:
            assert site["households_gained"] == pytest.approx(homes, abs=0.06)


def test_who_could_share_are_carriers_that_leave_people_dark_there(result):
    sites = content(result, carrier="viettel").sites
    table = result.assessment
    dark = table[(table["class"] == "no_signal") & (table["technology"] == "4G")]
    dark = dark[dark["cluster_id"] != ""]
    for _, site in sites.iterrows():
        reached = result.coverage[result.coverage["site_id"] == site["site_id"]]
        expected = {
            carrier: reached.loc[
                reached["cluster_id"].isin(dark.loc[dark["carrier"] == carrier, "cluster_id"]),
                "people",
            ].sum()
            for carrier in ("vnpt", "mobifone")
        }
        said = site["carriers_lacking"]
        found = {} if pd.isna(said) else dict(part.split(": ") for part in said.split("; "))
        assert {c: f"{n:.0f}" for c, n in expected.items() if n > 0} == found


def test_missing_figures_stay_missing(result):
    unknown = replace(result, hamlets=result.hamlets.assign(households=pd.NA))
    unknown.hamlets["households"] = unknown.hamlets["households"].astype("Int64")
    assert content(unknown).sites["households_gained"].isna().all()


@pytest.mark.parametrize(
    ("share", "selected", "said"),
    [
        (1.0, True, "always"),
        (0.6, True, "usually"),
        (0.1, True, "seldom"),
        (1 / 200, True, "one_world"),
        (1 / 200, False, "one_world"),
        (0.0, True, "assumed_only"),
        (0.0, False, None),
        (np.nan, True, None),
    ],
)
def test_a_site_that_wins_in_one_world_only_says_so(result, share, selected, said):
    first = result.candidates["site_id"] == result.candidates["site_id"].iloc[0]
    candidates = result.candidates.assign(
        stability_alike=np.where(first, share, result.candidates["stability_alike"]),
        selected=np.where(first, selected, result.candidates["selected"]),
        carrier="shared",
    )
    coverage = result.coverage
    table = content(replace(result, candidates=candidates, coverage=coverage)).sites
    row = table[table["site_id"] == result.candidates["site_id"].iloc[0]]
    if len(row):
        word = row["stability_said"].iloc[0]
        assert (None if pd.isna(word) else word) == said
        assert said is None or said in STABILITY


def test_workbook_csv_and_table_say_the_same(result, sites, tmp_path: Path):
    files = lists.export(result, tmp_path / "list.csv")
    assert [file.name for file in files] == ["list.csv", "list_sites.csv"]
    table = pd.read_csv(files[1], encoding="utf-8-sig", dtype={"hamlet_ids_served": str})
    assert list(table.columns) == list(sites.columns)
    assert table["cost_vnd"].tolist() == sites["cost_vnd"].tolist()
    lists.export(result, tmp_path / "list.xlsx")
    sheet = load_workbook(tmp_path / "list.xlsx")["Trạm đề xuất"]
    place = list(sites.columns).index("cost_backhaul_vnd") + 1
    found = [row[0].value for row in sheet.iter_rows(min_row=2, min_col=place, max_col=place)]
    assert found == sites["cost_backhaul_vnd"].tolist()
    assert sheet.cell(2, place).number_format == "#,##0"
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref.endswith(str(len(sites) + 1))


def test_texts_that_look_like_coded_letters_or_have_edges_arrive_letter_for_letter(tmp_path: Path):
    run = world(20, n_vertices=8, terrain=False)
    odd = ["_x0041_", " two  spaces ", "a\nb", "tab\there", "a\r\nb", "𝔸 emoji 🛰️", "Bản <b>&amp;"]
    names = [odd[i % len(odd)] for i in range(len(run.hamlets))]
    run = replace(run, hamlets=run.hamlets.assign(name=pd.Series(names, dtype="str")))
    lists.export(run, tmp_path / "list.xlsx")
    sheet = load_workbook(tmp_path / "list.xlsx").worksheets[0]
    expected = lists.rows(run)["name"].tolist()
    assert [cell.value.replace("_x000D_", "\r") for cell in sheet["C"][1:]] == expected


def test_classes_wear_their_colours_by_what_their_cells_say(result, tmp_path: Path):
    lists.export(result, tmp_path / "list.xlsx", carrier="viettel")
    sheet = load_workbook(tmp_path / "list.xlsx").worksheets[0]
    painted = {
        str(area.sqref): {
            rule.formula[0].strip('"'): rule.dxf.fill.bgColor.rgb[-6:].lower() for rule in rules
        }
        for area, rules in sheet.conditional_formatting._cf_rules.items()
    }
    expected = {
        text.value("class", name, "vi"): colour.lstrip("#").lower()
        for name, colour in CLASS_COLOURS.items()
    }
    columns = lists.rows(result, carrier="viettel").columns
    assert len(painted) == sum(name == "class" or name.startswith("class_") for name in columns)
    assert all(colours == expected for colours in painted.values())
