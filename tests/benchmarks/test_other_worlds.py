"""Facts about the worlds that the judgement is scored on: made by another mind, the same every time, and hard."""

import ast
import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SMALL = {"hamlets": 10, "devices": 20, "traders": 2, "sites": (2, 1, 1, 1), "days": 60}
FIXED = (3, 7)
"""Worlds that are made here; all eight are too dear."""


@pytest.fixture(scope="module")
def other(truth):
    return truth.other_worlds


@pytest.fixture(scope="module")
def small(other, tmp_path_factory):
    return other.make(tmp_path_factory.mktemp("small"), world=other.World(**SMALL), seed=5)


@pytest.fixture(scope="module")
def cases(truth, other, tmp_path_factory):
    worlds, folder = dict(other.worlds()), tmp_path_factory.mktemp("fixed")
    return [truth.case(seed, worlds[seed], folder) for seed in FIXED]


def imported(file):
    tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    names = [n for n in tree if isinstance(n, ast.Import | ast.ImportFrom)]
    return {
        name.split(".")[0]
        for node in names
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
        )
    }


def test_no_code_is_shared_with_the_program():
    files = sorted((BENCHMARKS / "other_worlds").glob("*.py"))
    assert len(files) > 4
    assert not any("lomsong" in imported(file) for file in files)
    loads = "import sys, other_worlds; sys.exit('lomsong' in sys.modules)"
    assert not subprocess.run([sys.executable, "-c", loads], cwd=BENCHMARKS, check=False).returncode


def contents(folder):
    """Return what each file of a world says; packed text unpacked, tables as rows."""
    found = {}
    for file in sorted(
        p for p in folder.rglob("*") if p.suffix in {".csv", ".gz", ".toml", ".tif"}
    ):
        data = file.read_bytes()
        name = str(file.relative_to(folder))
        found[name] = gzip.decompress(data) if file.suffix == ".gz" else data
    for file in sorted(folder.rglob("*.parquet")):
        found[str(file.relative_to(folder))] = pd.read_parquet(file).to_csv().encode()
    return found


def test_the_same_seed_makes_the_same_world_and_another_one_another(other, small, tmp_path):
    world = other.World(**SMALL)
    again = contents(other.make(tmp_path / "again", world=world, seed=5))
    assert again == contents(small)
    assert len(again) > 6
    assert contents(other.make(tmp_path / "next", world=world, seed=6)) != again


def test_any_carrier_serves_where_one_does_and_hamlets_follow_from_clusters(small):
    clusters = pd.read_parquet(small / "truth" / "truth_clusters.parquet")
    wide = clusters.pivot_table(index="cluster_id", columns="carrier", values="served")
    own = wide.drop(columns="any")
    np.testing.assert_array_equal(wide["any"].to_numpy(), own.max(axis=1).to_numpy())
    hamlets = pd.read_csv(small / "truth" / "truth_hamlets.csv", dtype={"hamlet_id": str})
    served = clusters.groupby(["hamlet_id", "carrier"])["served"]
    said = hamlets.set_index(["hamlet_id", "carrier"])["class"].sort_index()
    assert ((said == "no_signal") == ~served.any()).all()
    assert (said.isin(["weak", "covered"]) == served.all()).all()


def test_what_is_lost_is_in_no_file_of_the_project(small):
    lost = pd.read_parquet(small / "truth" / "lost.parquet")
    sent = pd.concat([pd.read_csv(file) for file in (small / "signal").glob("*.csv")])
    told = sent[["kinh_do", "vi_do"]].apply(tuple, axis=1)
    assert len(lost) > 0
    assert not set(lost[["lon", "lat"]].apply(tuple, axis=1)) & set(told)


def test_the_fixed_worlds_differ_in_one_line_each_from_the_same_base(other):
    for varied in (False, True):
        worlds = list(other.worlds(varied=varied))
        assert len({seed for seed, _ in worlds}) == len(worlds) >= 8
        assert len({world.land for _, world in worlds}) >= 2


def test_they_are_hard(truth, cases):
    lost = [one.lost_share for one in cases]
    assert 0.25 < np.mean(lost) < 0.4
    hamlets = pd.concat([truth.judged(one, truth.naive(one))[0] for one in cases])
    dead = hamlets[hamlets["dead"] & hamlets["carrier"].isin(truth.LARGE)]
    assert len(dead) > 20
    assert 0.2 <= (dead["class"] == "no_signal").mean() <= 0.5


def test_perfect_answers_score_perfectly_and_silence_scores_nothing(truth, cases):
    one = cases[0]
    of_hamlets = one.true_hamlets.assign(cluster_id="", p_served=np.nan)
    of_clusters = one.true_clusters.drop_duplicates(["cluster_id", "carrier"])
    of_clusters = of_clusters.assign(p_served=of_clusters["served"].astype(float))
    classes = np.where(of_clusters["served"], "covered", "no_signal")
    said = pd.concat([of_hamlets, of_clusters.assign(**{"class": classes})])
    best = truth.figures(*truth.judged(one, said))
    assert best["h recall"] == best["h precision"] == 1
    assert best["h unknown"] == 0
    nothing = truth.figures(*truth.judged(one, said.iloc[:0]))
    assert nothing["h recall"] == 0
    assert nothing["h unknown"] == 1
    assert nothing["brier"] == pytest.approx(0.25)
