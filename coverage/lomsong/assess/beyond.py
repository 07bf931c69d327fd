"""Gather the evidence that lies beyond a carrier's own samples in a cluster: silence, and known sites over terrain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.classify import Belief
from lomsong.assess.modelled import (
    TECHNOLOGY,
    Prediction,
    middles,
    predict,
)
from lomsong.assess.posterior import Posterior, posterior
from lomsong.config import Settings
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.silence import Silence, weigh
from lomsong.space.raster import Raster
from lomsong.vietnam.carriers import carriers_of

ALIKE: Final = 0.5
"""Carriers are taken to be halfway between independent and served by the very same towers (assumption)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Beyond:
    """Silence and predictions of all carriers in 4G; empty where the settings want none."""

    carriers: tuple[str, ...]
    silence: Silence | None = None
    predictions: Mapping[str, Prediction] = field(default_factory=dict)
    alike: float = 0.0
    """See `classify.best_of`; 0 where samples alone decide."""

    def posterior(self, measured: Belief, carrier: str) -> Posterior:
        """Return the belief in a carrier's 4G after all evidence."""
        number = self.carriers.index(carrier)
        ratio = alone = None
        if self.silence is not None:
            ratio, alone = self.silence.ratio[number], self.silence.alone[number]
        prediction = self.predictions.get(carrier)
        return posterior(measured, ratio=ratio, alone=alone, prediction=prediction)


def look_beyond(
    witnesses: pd.DataFrame,
    clusters: Clusters,
    *,
    carriers: tuple[str, ...],
    settings: Settings,
    sites: pd.DataFrame | None,
    terrain: Raster | None,
) -> Beyond:
    """Return the evidence beyond samples that the settings let decide."""
    decide_by = settings.evidence.decide_by
    if not {"inferred", "modelled"} & set(decide_by) or not len(clusters.table):
        return Beyond(carriers=carriers)
    silence = None
    if "inferred" in decide_by:
        x, y = middles(clusters)
        silence = weigh(
            witnesses,
            carriers=carriers,
            x=x,
            y=y,
            dwellings=np.bincount(clusters.place_cluster, minlength=len(x)).astype(float),
            kinds=settings.evidence.silence,
        )
    predictions: Mapping[str, Prediction] = {}
    if "modelled" in decide_by:
        known = None
        if sites is not None:
            known = sites[sites["technology"] == TECHNOLOGY]
            known = known.assign(carrier=carriers_of(known["plmn"]))
            known = known[known["carrier"].isin(carriers)]
            known = known.sort_values(["carrier", "lon", "lat", "site_id"])
        predictions = predict(
            witnesses,
            clusters,
            carriers=carriers,
            levels=settings.levels,
            sites=known,
            terrain=terrain,
        )
    return Beyond(carriers=carriers, silence=silence, predictions=predictions, alike=ALIKE)
