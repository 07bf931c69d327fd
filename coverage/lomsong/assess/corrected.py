"""Put beside each predicted level what the carrier's samples elsewhere make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from lomsong.assess.joint import Foretold
from lomsong.assess.modelled import Prediction, predict
from lomsong.assess.modelled.field import Learnt
from lomsong.evidence.clusters import Clusters
from lomsong.progress import SILENT, Task
from lomsong.space.raster import Raster
from lomsong.tables import JUDGED_TECHNOLOGY, PREDICTED, checked

NOTHING_EXPECTED: Final[Mapping[str, Foretold]] = MappingProxyType({})
_CORRECTED = ("corrected_dbm", "corrected_sigma_db", "corrected_by")


@dataclass(frozen=True, eq=False, kw_only=True)
class Corrected:
    """Predicted levels as the district's samples correct them, and the models that competed for that."""

    table: pd.DataFrame
    """`tables.PREDICTED`."""
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Per carrier how much each model says, and what was found of it on blocks of land left out."""


def correct_levels(
    predicted: pd.DataFrame,
    witnesses: pd.DataFrame,
    clusters: Clusters,
    *,
    carriers: tuple[str, ...],
    learnt: Learnt | None,
    terrain: Raster | None,
    expected: Mapping[str, Foretold] = NOTHING_EXPECTED,
    task: Task = SILENT,
) -> Corrected:
    """Say each carrier's 4G level at each cluster by all that is known elsewhere.

    A cluster's own samples have no say in it, and it decides no class. Where the judgement of all carriers together expects
    a level, it is that one: beside sites and samples it hears silence, and so tells best what nobody measured. Elsewhere
    it is what the carrier's samples say, and its sites where nothing is judged by them (`assess.modelled`).

    Parameters
    ----------
    predicted
        What `predicted.predict_levels` returned.
    witnesses
        `Evidence.witnesses`.
    clusters
        Where people live.
    carriers
        Carriers that are judged.
    learnt
        What known sites over terrain say, taught by the same witnesses; None where they decide nothing.
    terrain
        Ground height [m above sea level].
    expected
        What the judgement expects of each carrier at each cluster.
    task
        Is told of each step.
    """
    found = predict(
        witnesses, clusters, carriers=carriers, learnt=learnt, terrain=terrain, task=task
    )
    if not found and not expected:
        return Corrected(table=predicted)
    key = ["cluster_id", "hamlet_id", "carrier", "technology"]
    names = [name for name in carriers if name in found or name in expected]
    said = pd.concat([_rows(n, found.get(n), expected.get(n), clusters) for n in names])
    both = predicted.drop(columns=list(_CORRECTED)).merge(said, on=key, how="outer")
    ordered = both[list(PREDICTED.columns)].sort_values(key, ignore_index=True)
    return Corrected(
        table=checked(ordered, PREDICTED),
        models={name: _figures(one) for name, one in found.items()},
    )


def _rows(
    carrier: str, said: Prediction | None, expected: Foretold | None, clusters: Clusters
) -> pd.DataFrame:
    nothing = np.full(len(clusters.table), np.nan)
    level, sigma = nothing, nothing
    by = np.full(len(clusters.table), None, dtype=object)
    if said is not None:
        level, sigma = said.mean_dbm, said.sigma_db
        by = said.source.copy()
        by[by == "none"] = None
    if expected is not None:
        told = np.isfinite(expected.level_dbm)
        level = np.where(told, expected.level_dbm, level)
        sigma = np.where(told, expected.sigma_db, sigma)
        by[told] = "judgement"
    rows = pd.DataFrame(
        {
            "cluster_id": clusters.table["cluster_id"],
            "hamlet_id": clusters.table["hamlet_id"],
            "carrier": carrier,
            "technology": JUDGED_TECHNOLOGY,
            "corrected_dbm": level,
            "corrected_sigma_db": sigma,
            "corrected_by": pd.Series(by, dtype="str"),
        }
    )
    return rows.astype(dict.fromkeys(("carrier", "technology"), "str"))


def _figures(said: Prediction) -> dict[str, Any]:
    models = said.trial.set_index("model").astype(float).round(4)
    # What no block left out tells is null: JSON has no word for NaN.
    known = models.astype(object).where(models.notna(), None)
    return {str(name): dict(row) for name, row in known.iterrows()}
