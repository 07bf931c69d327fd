"""Put beside each predicted level what the carrier's samples elsewhere make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lomsong.assess.modelled import Prediction, predict
from lomsong.assess.modelled.field import Learnt
from lomsong.evidence.clusters import Clusters
from lomsong.space.raster import Raster
from lomsong.tables import JUDGED_TECHNOLOGY, PREDICTED, checked

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
) -> Corrected:
    """Say each carrier's 4G level at each cluster by its sites and its samples elsewhere (`assess.modelled`).

    A cluster's own samples have no say in it, and it decides no class. Where a carrier has too few samples, what its sites
    say stands alone; where it has no known sites either, nothing is said.

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
    """
    found = predict(witnesses, clusters, carriers=carriers, learnt=learnt, terrain=terrain)
    if not found:
        return Corrected(table=predicted)
    key = ["cluster_id", "hamlet_id", "carrier", "technology"]
    said = pd.concat([_rows(name, one, clusters) for name, one in found.items()])
    both = predicted.drop(columns=list(_CORRECTED)).merge(said, on=key, how="outer")
    ordered = both[list(PREDICTED.columns)].sort_values(key, ignore_index=True)
    return Corrected(
        table=checked(ordered, PREDICTED),
        models={name: _figures(one) for name, one in found.items()},
    )


def _rows(carrier: str, said: Prediction, clusters: Clusters) -> pd.DataFrame:
    source = pd.Series(said.source, dtype="str")
    rows = pd.DataFrame(
        {
            "cluster_id": clusters.table["cluster_id"],
            "hamlet_id": clusters.table["hamlet_id"],
            "carrier": carrier,
            "technology": JUDGED_TECHNOLOGY,
            "corrected_dbm": said.mean_dbm,
            "corrected_sigma_db": said.sigma_db,
            "corrected_by": source.where(source != "none"),
        }
    )
    return rows.astype(dict.fromkeys(("carrier", "technology"), "str"))


def _figures(said: Prediction) -> dict[str, Any]:
    models = said.trial.set_index("model").astype(float).round(4)
    # What no block left out tells is null: JSON has no word for NaN.
    known = models.astype(object).where(models.notna(), None)
    return {str(name): dict(row) for name, row in known.iterrows()}
