# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A tour of one run
# Every figure of the map and the lists is a column of a written table. This notebook walks through the tables of the
# built-in synthetic district; point `RUN` at a folder of your own to walk through yours.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from lomsong import demo, pipeline, result

RUN = Path("../outputs/demo")
if not (RUN / "manifest.json").exists():
    district = demo.built_in(RUN.parent / "district")
    pipeline.run(district / "project.toml", RUN)
run = result.read(RUN)

# %% [markdown]
# ## What was read
# The manifest keeps the program's version, the settings, a hash of every input, how many rows were used, and which were
# dropped for which reason.

# %%
pd.Series(run.manifest["counts"], name="count").to_frame()

# %%
pd.Series(run.manifest["dropped_samples"], name="rows dropped", dtype="int64").to_frame()

# %% [markdown]
# ## Hamlets
# One row per hamlet: 4G of any carrier. `unknown` is a class of its own: the evidence decides nothing at the asked confidence.

# %%
hamlets = run.hamlets
lived_in = hamlets[hamlets["kind"] == "hamlet"]
classes = ["no_signal", "partial", "weak", "covered", "unknown"]
by_class = lived_in.groupby("class").agg(hamlets=("hamlet_id", "size"), people=("people", "sum"))
by_class.reindex(classes, fill_value=0)

# %% [markdown]
# No or weak 4G and no grid power: the hamlets that are worst off. The flag is empty where either is not known.

# %%
columns = ["hamlet_id", "name", "commune_name", "class", "power", "people", "priority"]
lived_in.loc[lived_in["gap_no_grid"].fillna(False), columns].sort_values("priority", ascending=False)

# %% [markdown]
# ## Priority, in its parts
# The parts add up, and their weights are settings.

# %%
parts = [c for c in hamlets.columns if c.startswith("priority_")]
top = lived_in.sort_values(["priority", "hamlet_id"], ascending=[False, True]).head(10)
assert (top[parts].sum(axis=1) - top["priority"]).abs().max() < 1e-9
top[["name", "class", "priority", *parts]]

# %% [markdown]
# ## Carriers
# The assessment has a row per hamlet × cluster × carrier × technology; on the row of a whole hamlet `cluster_id` is empty.

# %%
assessment = run.assessment
whole = assessment[(assessment["cluster_id"] == "") & (assessment["technology"] == "4G")]
table = pd.crosstab(whole["carrier"], whole["class"]).reindex(columns=classes, fill_value=0)
table

# %%
axes = table.plot.barh(
    stacked=True, color=["#5c1049", "#a8487c", "#d98200", "#a6d0e4", "#f2f2f2"], edgecolor="#555555", figsize=(8, 3)
)
axes.set(xlabel="hamlets", ylabel="")
plt.tight_layout()

# %% [markdown]
# ## The plan
# Candidates that were chosen, in the order of building. `people_gained` counts people who are newly served when a site is
# built at its rank: nobody is counted twice.

# %%
candidates = run.candidates
candidates.loc[
    candidates["selected"],
    ["rank", "site_id", "mast_m", "people_gained", "hamlets_gained", "cost_vnd", "power_solution"],
]

# %% [markdown]
# ## On a map of one's own
# Tables with a geometry are GeoDataFrames in WGS 84; on disk they are GeoParquet, which GeoPandas, QGIS and DuckDB read as
# they are: `geopandas.read_parquet("outputs/demo/hamlets.parquet")`.

# %%
axes = lived_in.plot("p_served", cmap="cividis", vmin=0, vmax=1, legend=True, figsize=(7, 7), missing_kwds={"color": "white"})
lived_in.boundary.plot(ax=axes, linewidth=0.3, color="#555555")
chosen = candidates[candidates["selected"]].sort_values("rank")
chosen.plot(ax=axes, marker="^", color="black", markersize=45)
axes.set(title="Probability of 4G from any carrier, and proposed sites")
axes.set_axis_off()

# %% [markdown]
# ## Beside what was measured: what sites and terrain promise
# `predicted` has a level for each cluster and carrier, before (`level_dbm`) and after samples elsewhere corrected it
# (`corrected_dbm`).

# %%
predicted = run.predicted[run.predicted["technology"] == "4G"]
predicted.groupby("carrier")[["level_dbm", "corrected_dbm", "corrected_sigma_db"]].median().round(1)

# %% [markdown]
# ## Where to measure next
# Where one visit is expected to mend most wrong beliefs of most people, best first.

# %%
run.survey.head(10)
