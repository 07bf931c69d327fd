"""Sum witnesses up as places that teach: where a carrier was heard, where it was lost, where only others were heard."""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.classify import Flags
from lomsong.assess.joint.units import numbered
from lomsong.assess.medians import medians
from lomsong.evidence.cells import middles_of_cells
from lomsong.evidence.clusters import Clusters, Integers
from lomsong.evidence.silence import LEAST_RATIO, Silence, none_of
from lomsong.space.crs import Floats
from lomsong.tables import JUDGED_TECHNOLOGY, chosen

HEARD: Final = 0
LOST: Final = 1
SILENT: Final = 2
BETWEEN: Final = -1
LEAST_TOLD: Final = 0.9
"""Silence that is likelier than this where the carrier serves tells nothing."""

_WIDE_CELLS: Final = 4
"""Levels are summed up over 276 m: closer ones tell the same."""
_ROAD_CELLS: Final = 8
"""Silence along roads is summed up over 552 m: phones in motion leave a row now and then."""
_COLUMNS: Final = ("carrier", "x", "y", "hamlet", "kind", "level_dbm", "phones", "ratio")
_UNHEARD_DBM: Final = -999.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Places:
    """Places where something is known of a carrier's level, sorted by carrier, kind, hamlet and place."""

    carrier: Integers
    x: Floats
    y: Floats
    hamlet: Integers
    """Whose clusters it speaks for; `BETWEEN` on the way from one to another."""
    kind: Integers
    level_dbm: Floats
    """What was heard; elsewhere the level below which phones lose 4G."""
    phones: Floats
    ratio: Floats
    """P(what is heard | served) / P(what is heard | not served) where there is silence, else 0."""

    def __len__(self) -> int:
        """Return how many places there are."""
        return len(self.x)

    def chosen(self, at: Flags | Integers) -> "Places":
        """Return some of the places."""
        return Places(**{name: getattr(self, name)[at] for name in _COLUMNS})


@dataclass(frozen=True, eq=False, kw_only=True)
class Silences:
    """Silence at clusters, and the clusters' middles [m]."""

    silence: Silence
    x: Floats
    y: Floats

    def of(self, carriers: list[int]) -> "Silences":
        """Return the silence of some carriers, by their positions."""
        every = {f.name: getattr(self.silence, f.name) for f in fields(self.silence)}
        own = {name: values[carriers] for name, values in every.items() if name != "alike"}
        return replace(self, silence=replace(self.silence, **own))


def places_of(
    witnesses: pd.DataFrame,
    clusters: Clusters,
    *,
    carriers: tuple[str, ...],
    silences: Silences | None,
    lost_dbm: float,
) -> Places:
    """Return the places of all carriers; without `silences` those where a carrier was heard or lost."""
    wanted = witnesses["carrier"].isin(carriers) & (witnesses["technology"] != "5G")
    rows = chosen(witnesses, wanted)
    # Carriers share nothing here, and one after the other they take a fraction of the memory.
    parts = [
        _observed(rows[rows["carrier"] == name], clusters, number, lost_dbm)
        for number, name in enumerate(carriers)
    ]
    if silences is not None:
        parts.append(_silent_clusters(silences, clusters))
        parts += _silent_roads(rows, clusters, carriers, silences)
    table = pd.concat([part for part in parts if len(part)] or parts[-1:], ignore_index=True)
    table["level_dbm"] = table["level_dbm"].fillna(lost_dbm)
    table = table.sort_values(["carrier", "kind", "hamlet", "y", "x"], ignore_index=True)
    whole = ("carrier", "hamlet", "kind")
    return Places(
        **{name: table[name].to_numpy(np.int64 if name in whole else float) for name in _COLUMNS}
    )


def _observed(rows: pd.DataFrame, clusters: Clusters, number: int, lost_dbm: float) -> pd.DataFrame:
    """Return a carrier's blocks with the median over phones of each phone's median; lost where that is no 4G."""
    heard = rows["technology"] == JUDGED_TECHNOLOGY
    counted = pd.DataFrame(
        {
            "carrier": np.full(len(rows), number),
            "hamlet": rows["hamlet"].where(rows["cluster"] >= 0, BETWEEN),
            "block_x": rows["cell_x"] // _WIDE_CELLS,
            "block_y": rows["cell_y"] // _WIDE_CELLS,
            "device": numbered(rows["device"]),
            "level": rows["level_dbm"].astype(float).where(heard, _UNHEARD_DBM),
            "n": rows["n"],
        }
    )
    key = ["carrier", "hamlet", "block_x", "block_y"]
    of_phones = medians(counted, [*key, "device"], lower=True)
    blocks = medians(of_phones.assign(n=1), key, lower=True)
    phones = of_phones.groupby(key, sort=True).size().to_numpy(float)
    blocks = _placed(blocks.assign(phones=phones), clusters, _WIDE_CELLS)
    lost = blocks["level"] == _UNHEARD_DBM
    return blocks.assign(
        kind=np.where(lost, LOST, HEARD),
        level_dbm=blocks["level"].where(~lost, lost_dbm),
        ratio=0.0,
    )[list(_COLUMNS)]


def _silent_clusters(silences: Silences, clusters: Clusters) -> pd.DataFrame:
    # That nobody is heard is one thing of all carriers: it is weighed where it is, and teaches nothing.
    ratio = silences.silence.taught
    carrier, cluster = np.nonzero(ratio < LEAST_TOLD)
    return pd.DataFrame(
        {
            "carrier": carrier,
            "x": silences.x[cluster],
            "y": silences.y[cluster],
            "hamlet": clusters.hamlet[cluster],
            "kind": SILENT,
            "level_dbm": np.nan,
            "phones": 1.0,
            "ratio": ratio[carrier, cluster],
        }
    )


def _silent_roads(
    rows: pd.DataFrame, clusters: Clusters, carriers: tuple[str, ...], silences: Silences
) -> list[pd.DataFrame]:
    """Return stretches outside of clusters where phones of others pass and none of a carrier's."""
    roads = rows[(rows["cluster"] < 0) & (rows["technology"] != "") & (rows["device"] != "")]
    key = ["block_x", "block_y"]
    phones = roads.assign(
        block_x=roads["cell_x"] // _ROAD_CELLS, block_y=roads["cell_y"] // _ROAD_CELLS
    )[[*key, "carrier", "device"]].drop_duplicates()
    table = pd.crosstab([phones[name] for name in key], phones["carrier"])
    table = table.reindex(columns=list(carriers), fill_value=0).reset_index()
    table = _placed(table, clusters, _ROAD_CELLS)
    counts = table[list(carriers)].to_numpy(float)
    total = counts.sum(axis=1)
    parts = []
    for number in range(len(carriers)):
        shares = silences.silence.share[number]
        known = shares[np.isfinite(shares)]
        usual = np.full(len(total), np.median(known) if len(known) else 0.0)
        ratio = none_of(total, usual, alike=silences.silence.alike)
        silent = (counts[:, number] == 0) & (ratio < LEAST_TOLD)
        part = table.loc[silent, ["x", "y"]].assign(
            carrier=number, hamlet=BETWEEN, kind=SILENT, level_dbm=np.nan, phones=1.0
        )
        parts.append(part.assign(ratio=np.maximum(ratio[silent], LEAST_RATIO))[list(_COLUMNS)])
    return parts


def _placed(table: pd.DataFrame, clusters: Clusters, cells: int) -> pd.DataFrame:
    """Put the middle of each block beside it [m]."""
    x, y = middles_of_cells(table["block_x"], table["block_y"], crs=clusters.crs, wide=cells)
    return table.assign(x=x, y=y)
