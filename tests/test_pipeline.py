"""The whole way from files to files, on a district whose right answer is known."""

import json
import shutil

import geopandas as gpd
import pandas as pd
import pytest

import lomsong
from districts import District
from lomsong.errors import InputError
from lomsong.siting import reach


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    return District(tmp_path_factory.mktemp("district"))


@pytest.fixture(scope="module")
def out(district, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "run"
    lomsong.run(district.write(), folder)
    return folder


@pytest.fixture(scope="module")
def hamlets(out):
    return gpd.read_parquet(out / "hamlets.parquet").set_index("hamlet_id")


def test_every_hamlet_gets_the_class_its_phones_tell(hamlets):
    assert hamlets["class"].to_dict() == {
        "H0": "covered",
        "H1": "weak",
        "H2": "no_signal",
        "H3": "unknown",
    }
    assert hamlets["evidence"].to_dict() == {
        "H0": "measured",
        "H1": "measured",
        "H2": "measured",
        "H3": "none",
    }


def test_power_is_what_the_list_says_and_blank_is_unknown(hamlets):
    assert hamlets["power"].tolist() == ["grid", "no_grid", "no_grid", "unknown"]
    assert hamlets["gap_no_grid"].tolist()[:3] == [False, True, True]
    assert pd.isna(hamlets["gap_no_grid"].iloc[3])
    assert hamlets.loc["H2", "funding_route"] == "wait_for_grid_or_solar"


def test_people_without_service_are_those_of_dead_clusters(hamlets):
    assert hamlets["people_unserved"].tolist() == [0, 0, 90, 0]
    assert hamlets["people_unknown"].tolist() == [0, 0, 0, 90]


def test_a_site_is_planned_for_the_dead_hamlet(out):
    candidates = gpd.read_parquet(out / "candidates.parquet")
    chosen = candidates[candidates["selected"]]
    assert chosen["people_gained"].sum() == 90
    assert (chosen["carrier"] == "shared").all()


def test_all_files_of_the_contract_are_there_and_named_in_the_manifest(out):
    names = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert names >= {
        "map.html",
        "hamlets.parquet",
        "assessment.parquet",
        "clusters.parquet",
        "candidates.parquet",
        "gaps.gpkg",
        "survey.csv",
        "manifest.json",
        *(
            f"priority_{who}.{kind}"
            for who in ("viettel", "all")
            for kind in ("xlsx", "csv", "kmz")
        ),
    }
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(manifest["files"]) == names - {"manifest.json"}


def test_statistics_show_where_enough_devices_stand_behind_them(out):
    table = pd.read_parquet(out / "assessment.parquet")
    whole = table[(table["cluster_id"] == "") & (table["carrier"] == "viettel")].set_index(
        "hamlet_id"
    )
    assert whole.loc["H0", "n_samples"] == 18
    assert whole.loc["H0", "n_devices"] == 3
    assert whole.loc["H0", "n_days"] == 2
    assert whole.loc["H0", "rsrp_median_dbm"] == -86
    assert whole.loc["H2", "n_no_service"] == 18
    assert pd.isna(whole.loc["H3", "n_samples"])


def test_the_same_inputs_give_the_same_bytes(district, out, tmp_path):
    lomsong.run(district.folder / "project.toml", tmp_path / "again")
    for file in sorted(p for p in out.rglob("*") if p.is_file() and p.name != "manifest.json"):
        name = file.relative_to(out)
        assert (tmp_path / "again" / name).read_bytes() == file.read_bytes(), name


def test_another_run_into_the_same_folder_sweeps_no_candidate_again(
    district, out, tmp_path, monkeypatch
):
    folder = shutil.copytree(out, tmp_path / "again")
    monkeypatch.setattr(reach, "sweep", None)
    lomsong.run(district.write(), folder)
    for name in ("candidates.parquet", "context/chances.parquet", "context/swept.parquet"):
        assert (folder / name).read_bytes() == (out / name).read_bytes()


def test_the_order_of_rows_and_the_split_of_files_change_no_table(district, out, tmp_path):
    copy = tmp_path / "shuffled"
    shutil.copytree(district.folder, copy)
    shuffled = district.samples.sample(frac=1, random_state=7)
    shuffled.iloc[:20].to_csv(copy / "samples.csv", index=False)
    shuffled.iloc[20:].to_csv(copy / "samples2.csv", index=False)
    district.hamlets.iloc[::-1].to_file(copy / "hamlets.gpkg", engine="pyogrio")
    project = copy / "project.toml"
    project.write_text(project.read_text().replace('"samples.csv"', '"samples*.csv"'))
    lomsong.run(project, tmp_path / "out")
    for name in ("hamlets.parquet", "assessment.parquet", "clusters.parquet", "candidates.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (out / name).read_bytes(), name


def test_a_run_that_fails_leaves_the_outputs_untouched(district, out, tmp_path):
    earlier = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    copy = tmp_path / "broken"
    shutil.copytree(district.folder, copy)
    text = (copy / "samples.csv").read_text().replace("-86.0", "strong")
    (copy / "samples.csv").write_text(text)
    (copy / "dem.tif").write_bytes(b"")
    with pytest.raises(InputError) as raised:
        lomsong.run(copy / "project.toml", out)
    told = str(raised.value)
    assert "strong" in told
    assert "dem.tif" in told
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == earlier


def test_without_samples_nothing_is_dead_or_covered(district, tmp_path):
    copy = tmp_path / "silent"
    shutil.copytree(district.folder, copy)
    project = copy / "project.toml"
    text = project.read_text()
    start, end = text.index("[[signal]]"), text.index("[power]")
    project.write_text(text[:start] + text[end:])
    result = lomsong.run(project, tmp_path / "out")
    assert set(result.hamlets["class"]) == {"unknown"}
    assert result.hamlets["p_served"].isna().all()
    assert not len(result.candidates)
