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
# # Why is this hamlet on the list?
# Pick a hamlet, and follow its class back to the evidence: cluster by cluster, carrier by carrier. `lomsong explain HAMLET`
# prints the same on the command line.

# %%
from pathlib import Path

import pandas as pd
from scipy.special import betainc

from lomsong import demo, pipeline, result
from lomsong.report import explain

RUN = Path("../outputs/demo")
if not (RUN / "manifest.json").exists():
    district = demo.built_in(RUN.parent / "district")
    pipeline.run(district / "project.toml", RUN)
run = result.read(RUN)

# %% [markdown]
# The first hamlet of the list of all carriers:

# %%
hamlets = run.hamlets.sort_values(["priority", "hamlet_id"], ascending=[False, True])
hamlet = hamlets.iloc[0]
hamlet[["hamlet_id", "name", "commune_name", "class", "official_class", "evidence", "power", "priority"]]

# %%
print(explain.of_hamlet(run, hamlet["hamlet_id"]))

# %% [markdown]
# ## From clusters to the class
# Evidence is judged where people live. Where known sites and terrain take part in the judgement, as here, the bounds of
# `p_served` say what it would be if all expected levels lay 2 dB lower or higher; a probability is empty where nothing speaks.

# %%
rows = run.assessment[
    (run.assessment["hamlet_id"] == hamlet["hamlet_id"]) & (run.assessment["technology"] == "4G")
]
columns = ["cluster_id", "carrier", "class", "evidence", "p_served", "p_served_low", "p_served_high", "people"]
rows[columns]

# %% [markdown]
# ## What stands behind it
# `grounds` holds what speaks beside a cluster's own samples: the level that sites, terrain and other places let expect there,
# and what a carrier's silence is worth, as the factor by which it changes the odds of service (below one: against it).

# %%
here = run.grounds[run.grounds["cluster_id"].isin(rows["cluster_id"])]
here.dropna(axis="columns", how="all").set_index(["cluster_id", "carrier"])

# %% [markdown]
# ## Where a probability comes from
# In a cluster that only its own samples judge (without sites or terrain, or with `decide_by = ["measured"]`), one phone at one
# place is one unit of evidence. After `n` units, all for service, the probability that at least half of the dwellings are
# served is the mass of a Beta distribution above one half. That is why one phone at one house decides nothing, and three at
# three places do. With sites and terrain the same units weigh an expected level instead, as `docs/conventions.md` tells.

# %%
units = pd.Series(range(6), name="units")
pd.DataFrame(
    {
        "all served": [float(betainc(1, 1 + n, 0.5)) for n in units],
        "none served": [1 - float(betainc(1, 1 + n, 0.5)) for n in units],
    },
    index=units,
).round(3)

# %% [markdown]
# ## What the asked confidence changes
# A class is given when its probability reaches the asked confidence. The clusters below would be decided, served or not, at
# other confidences.

# %%
clusters = run.assessment[
    (run.assessment["cluster_id"] != "")
    & (run.assessment["carrier"] == "any")
    & (run.assessment["technology"] == "4G")
]
decided = {
    confidence: int(((clusters["p_served"] >= confidence) | (1 - clusters["p_served"] >= confidence)).sum())
    for confidence in (0.7, 0.8, 0.9, 0.95)
}
pd.Series(decided, name=f"clusters decided, of {len(clusters)}").rename_axis("confidence").to_frame()
