"""Laws of the whole way, tried on districts with any mix of inputs."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from districts import District
from lomsong import pipeline
from lomsong.config import load
from lomsong.report import explain

few = settings(max_examples=8)  # an example is a whole run
levels = st.tuples(*[st.sampled_from([np.nan, None, -85.0, -112.0, -125.0])] * 4).filter(
    lambda four: any(level is None or not np.isnan(level) for level in four)
)
sections = st.sets(st.sampled_from(["power", "terrain", "people"]))
MEASURED_ONLY = '[evidence]\ndecide_by = ["measured"]\n'


def computed(folder, levels, *, without=frozenset(), extra=""):
    """Run a district without some of its sections and without writing anything."""
    file = District(Path(folder), levels=levels, extra=extra).write()
    text = file.read_text(encoding="utf-8")
    for name in without:
        start = text.index(f"[{name}]")
        end = text.find("\n[", start)
        text = text[:start] + (text[end + 1 :] if end >= 0 else "")
    file.write_text(text, encoding="utf-8")
    return pipeline.compute(load(file))


@few
@given(levels, sections)
def test_a_hamlet_nobody_measured_is_neither_dead_nor_covered_in_any_mix_of_inputs(levels, without):
    with tempfile.TemporaryDirectory() as folder:
        run = computed(folder, levels, without=without, extra=MEASURED_ONLY)
    hamlets = run.hamlets.set_index("hamlet_id")
    for position, level in enumerate(levels):
        row = hamlets.loc[f"H{position}"]
        if level is not None and np.isnan(level):
            assert row["class"] == "unknown"
            assert row["official_class"] == "unknown"
            assert row["evidence"] == "none"
            assert pd.isna(row["p_served"])
            assert pd.isna(row["gap_no_grid"]) or not row["gap_no_grid"]
    none = run.assessment[run.assessment["evidence"] == "none"]
    assert set(none["class"]) <= {"unknown"}
    assert none[["p_served", "p_served_low", "p_served_high"]].isna().all(axis=None)


@few
@given(levels, sections)
def test_people_of_a_hamlet_are_those_of_its_clusters_and_no_sum_is_larger(levels, without):
    with tempfile.TemporaryDirectory() as folder:
        run = computed(folder, levels, without=without)
    hamlets = run.hamlets.set_index("hamlet_id")
    clusters = run.clusters.groupby("hamlet_id")["people"].sum()
    pd.testing.assert_series_equal(clusters, hamlets["people"], check_names=False)
    assert (
        hamlets["people_unserved"] + hamlets["people_unknown"] <= hamlets["people"] + 1e-9
    ).all()
    served_by_plan = run.coverage.loc[run.coverage["newly_served"], "people"].sum()
    selected = run.candidates[run.candidates["selected"]]
    assert served_by_plan == pytest.approx(selected["people_gained"].sum())


@few
@given(levels)
def test_every_class_is_explained_with_the_figures_of_the_tables(levels):
    with tempfile.TemporaryDirectory() as folder:
        run = computed(folder, levels)
    for _, row in run.hamlets.iterrows():
        told = explain.of_hamlet(run, row["hamlet_id"])
        assert row["name"] in told
        for cluster in run.clusters.loc[
            run.clusters["hamlet_id"] == row["hamlet_id"], "cluster_id"
        ]:
            assert cluster in told
        parts = [row[f"priority_{p}"] for p in ("severity", "people", "no_grid", "difficult")]
        assert sum(parts) == pytest.approx(row["priority"])


@few
@given(levels, st.integers(1, 6))
def test_statistics_need_as_many_devices_as_asked(levels, devices):
    with tempfile.TemporaryDirectory() as folder:
        run = computed(folder, levels, extra=f"[privacy]\nminimum_devices = {devices}\n")
    shown = run.assessment[run.assessment["n_samples"].notna()]
    assert (shown["n_devices"] >= devices).all()
    hidden = run.assessment[run.assessment["n_samples"].isna()]
    for column in (
        "n_no_service",
        "n_devices",
        "n_days",
        "newest",
        "rsrp_median_dbm",
        "rsrp_p10_dbm",
    ):
        assert hidden[column].isna().all()
