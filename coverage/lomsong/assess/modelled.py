"""Predict service where nobody measured: from a carrier's known sites over terrain, taught by the district's samples."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from scipy.ndimage import uniform_filter
from scipy.spatial import cKDTree
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from lomsong.assess.classify import Flags
from lomsong.config import LevelsSection
from lomsong.evidence.clusters import Clusters, Integers
from lomsong.evidence.tally import CELLS_PER_DEGREE, NO_SERVICE
from lomsong.propagation import BANDS, LinkBudget, sweep
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster

TECHNOLOGY: Final = "4G"
CELL_M: Final = 60.0
"""Terrain is read no finer than this [m]: known sites stand hundreds of metres from where lists put them."""
RADIUS_M: Final = 12_000.0
"""A site is looked at this far [m] (assumption)."""
MAST_M: Final = 40.0
RECEIVER_M: Final = 1.5
UNHEARD_DBM: Final = -160.0
"""Level of places that no site reaches [dBm]."""
FOLD_M: Final = 2000.0
"""Samples this near to each other [m] are left out together, so that a place never teaches about itself."""
FOLDS: Final = 5
FEWEST_PLACES: Final = 30
FEWEST_OF_A_KIND: Final = 5
"""Fewer places with, or without, service teach nothing."""
NEIGHBOURS: Final = 8
MOST_AGAINST: Final = 3.0
"""No prediction against service is surer than these log-odds, 0.95 (assumption): nobody knows all sites and clutter."""
MOST_FOR: Final = 2.0
"""No prediction for service is surer than these log-odds, 0.88 (assumption): what teaches comes from where phones are
heard, so that sites and terrain alone never promise service at the usual confidence."""
MODELS: Final = ("level", "features", "neighbours")
NEAR_M: Final = 100.0
HILL_M: Final = (400.0, 1500.0)
"""Widths over which a place is compared with its surroundings [m]."""

_BLOCK_CELLS: Final = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Prediction:
    """What sites and terrain say about each cluster: P(served) and P(good) with what the folds leave open."""

    served_low: Floats
    served_high: Floats
    good_low: Floats
    good_high: Floats
    model: str
    """Which model was chosen, by blocked validation."""
    loss: Mapping[str, float]
    """Mean logarithmic loss of each model on places left out; `constant` is the loss of the mean."""


@dataclass(frozen=True, eq=False)
class _Places:
    """Places: position [m], features, fold."""

    x: Floats
    y: Floats
    features: Floats
    fold: Integers


@dataclass(frozen=True, eq=False)
class _Lesson:
    """Places with evidence of all carriers, what was found there and how much it counts."""

    places: _Places
    target: Floats
    weight: Floats
    own: Flags
    """Places of the carrier that is asked for."""


def coarse_enough(terrain: Raster) -> Raster:
    """Return terrain of cells no smaller than `CELL_M`, by means over whole blocks."""
    step = int(CELL_M // min(terrain.cell))
    if step <= 1:
        return terrain
    rows, columns = (n // step * step for n in terrain.values.shape)
    blocks = terrain.values[:rows, :columns].astype(float)
    blocks = blocks.reshape(rows // step, step, columns // step, step).mean(axis=(1, 3))
    scale = type(terrain.transform).scale(step)
    return Raster(blocks.astype(np.float32), terrain.transform @ scale, terrain.crs)


class Landscape:
    """Terrain and the features of places in it; built once for all carriers."""

    def __init__(self, terrain: Raster) -> None:
        self._terrain = coarse_enough(terrain)
        known = np.isfinite(self._terrain.values)
        filled = np.where(known, self._terrain.values, np.nanmean(self._terrain.values))
        self._hills = []
        for width in HILL_M:
            size = max(int(width / min(self._terrain.cell)) | 1, 3)
            rise = filled - uniform_filter(filled.astype(float), size, mode="nearest")
            self._hills.append(Raster(rise, self._terrain.transform, self._terrain.crs))

    def levels(self, sites: pd.DataFrame, x: Floats, y: Floats) -> Floats:
        """Return the best predicted RSRP of the sites at each place [dBm]."""
        sx, sy = to_crs(
            sites["lon"].to_numpy(),
            sites["lat"].to_numpy(),
            source=WGS84,
            target=self._terrain.crs,
        )
        best = np.full(len(x), UNHEARD_DBM)
        box = self._terrain.extent
        eirp = LinkBudget().reference_eirp_dbm
        usual = BANDS["B3"].downlink_mhz
        for k, site in enumerate(sites.to_dict("records")):
            inside = box.west <= sx[k] <= box.east and box.south <= sy[k] <= box.north
            if not inside:
                continue
            loss = sweep(
                self._terrain,
                x=float(sx[k]),
                y=float(sy[k]),
                mast_m=_known(site["height_m"], MAST_M),
                rx_m=RECEIVER_M,
                radius_m=RADIUS_M,
                frequency_mhz=_known(site["frequency_mhz"], usual),
            )
            level = eirp - loss.at(x, y)
            best = np.fmax(best, level)
        return best

    def features(self, sites: pd.DataFrame, x: Floats, y: Floats) -> Floats:
        """Return the features of places, a row each: level, distance to the nearest site, rise over surroundings."""
        sx, sy = to_crs(
            sites["lon"].to_numpy(),
            sites["lat"].to_numpy(),
            source=WGS84,
            target=self._terrain.crs,
        )
        nearest = np.hypot(x[:, None] - sx, y[:, None] - sy).min(axis=1)
        hills = [np.nan_to_num(hill.at(x, y)) / 100 for hill in self._hills]
        level = (self.levels(sites, x, y) + 110) / 10
        return np.column_stack([level, np.log10(np.maximum(nearest, 100)) - 3.5, *hills])


def _known(value: float, usual: float) -> float:
    return usual if np.isnan(value) else float(value)


def predict(
    landscape: Landscape,
    sites: pd.DataFrame,
    blocks: pd.DataFrame,
    clusters: Clusters,
) -> dict[str, Prediction]:
    """Return per carrier what its sites and terrain say of each cluster; carriers without sites are missing.

    Three models compete for each carrier on its own places left out, blocks of `FOLD_M` at a time: the predicted level
    alone and the level with further features, both taught by all carriers' places, since ridges are the same for all,
    and the carrier's nearest neighbours. What is said of a cluster is always said by a model that has not seen its
    surroundings, so that samples taken there can be weighed against it without counting twice. Where no model is
    better than the mean, nothing is said.

    Parameters
    ----------
    landscape
        Terrain.
    sites
        Known 4G sites (`tables.SITES`) and their `carrier`.
    blocks
        Places with evidence: `carrier, x, y` [m], `served` and `good` in [0, 1], `weight`.
    clusters
        Clusters to predict for.
    """
    carriers = sorted(set(sites["carrier"]) & set(blocks["carrier"]))
    blocks = blocks[blocks["carrier"].isin(carriers)].reset_index(drop=True)
    served = blocks["served"].to_numpy(float)
    weight = blocks["weight"].to_numpy(float)
    fewest = min((weight * served).sum(), (weight * (1 - served)).sum())
    if len(blocks) < FEWEST_PLACES or fewest < FEWEST_OF_A_KIND:
        return {}
    x, y = blocks["x"].to_numpy(), blocks["y"].to_numpy()
    features = np.empty((len(blocks), 2 + len(HILL_M)))
    for carrier in carriers:
        own = (blocks["carrier"] == carrier).to_numpy()
        features[own] = landscape.features(sites[sites["carrier"] == carrier], x[own], y[own])
    known = _Places(x, y, features, _folds(x, y))
    middle = middles(clusters)
    good = np.minimum(blocks["good"].to_numpy(float), served)
    result = {}
    for carrier in carriers:
        asked_features = landscape.features(sites[sites["carrier"] == carrier], *middle)
        asked = _Places(*middle, asked_features, _folds(*middle))
        own = (blocks["carrier"] == carrier).to_numpy()
        lesson = _Lesson(known, served, weight, own)
        found = _predicted(lesson, good, asked)
        if found is not None:
            result[carrier] = found
    return result


def _predicted(lesson: _Lesson, good: Floats, asked: _Places) -> Prediction | None:
    own, weight = lesson.own, lesson.weight
    mean = np.average(lesson.target[own], weights=weight[own])
    losses = {"constant": _loss(lesson, np.full(len(own), mean))}
    for name in MODELS:
        losses[name] = _loss(lesson, _held_out(name, lesson))
    model = min(MODELS, key=lambda name: losses[name])
    if losses[model] >= losses["constant"]:
        return None
    low, high = _of_clusters(model, lesson, asked)
    good_low, good_high = _of_clusters(model, replace(lesson, target=good), asked)
    return Prediction(
        served_low=low,
        served_high=high,
        good_low=np.minimum(good_low, low),
        good_high=np.minimum(good_high, high),
        model=model,
        loss=losses,
    )


def places_with_evidence(
    witnesses: pd.DataFrame, *, levels: LevelsSection, clusters: Clusters
) -> pd.DataFrame:
    """Return blocks of 138 m where a carrier was heard or missed: `carrier, x, y, served, good`.

    A phone speaks with the mean share of its rows at or above the threshold; older technology and no service are
    below any.
    """
    rows = witnesses[witnesses["carrier"] != ""]
    heard = rows["technology"] == TECHNOLOGY
    minimum, good = np.ceil(levels.minimum_rsrp_dbm), np.ceil(levels.good_rsrp_dbm)
    level = rows["level_dbm"]
    counted = pd.DataFrame(
        {
            "carrier": rows["carrier"],
            "block_x": rows["cell_x"] // _BLOCK_CELLS,
            "block_y": rows["cell_y"] // _BLOCK_CELLS,
            "device": rows["device"],
            "n": rows["n"],
            "served": rows["n"].where(heard & (level != NO_SERVICE) & (level >= minimum), 0),
            "good": rows["n"].where(heard & (level != NO_SERVICE) & (level >= good), 0),
        }
    )
    counted = counted[rows["technology"] != "5G"]
    key = ["carrier", "block_x", "block_y"]
    phones = counted.groupby([*key, "device"], as_index=False, sort=True)[
        ["n", "served", "good"]
    ].sum()
    phones = phones.assign(served=phones["served"] / phones["n"], good=phones["good"] / phones["n"])
    blocks = phones.groupby(key, as_index=False, sort=True)[["served", "good"]].mean()
    size = _BLOCK_CELLS / CELLS_PER_DEGREE
    lon, lat = ((blocks[c].to_numpy() + 0.5) * size for c in ("block_x", "block_y"))
    x, y = to_crs(lon, lat, source=WGS84, target=clusters.crs)
    return blocks.assign(x=x, y=y, weight=1.0)


def middles(clusters: Clusters) -> tuple[Floats, Floats]:
    """Return the median place of each cluster [m]."""
    places = pd.DataFrame(
        {"cluster": clusters.place_cluster, "x": clusters.place_x, "y": clusters.place_y}
    )
    middle = places.groupby("cluster", sort=True)[["x", "y"]].median()
    return middle["x"].to_numpy(float), middle["y"].to_numpy(float)


def _folds(x: Floats, y: Floats) -> Integers:
    """Lay squares over the land and share them out, neighbours to different folds."""
    column, row = np.floor(x / FOLD_M).astype(np.int64), np.floor(y / FOLD_M).astype(np.int64)
    return np.asarray((column + 2 * row) % FOLDS, np.int64)


def _held_out(name: str, lesson: _Lesson) -> Floats:
    result = np.full(len(lesson.target), lesson.target.mean())
    for fold in range(FOLDS):
        here = lesson.places.fold == fold
        if here.any():
            result[here] = _said(name, lesson, ~here, _chosen(lesson.places, here))
    return result


def _chosen(places: _Places, chosen: Flags) -> _Places:
    return _Places(places.x[chosen], places.y[chosen], places.features[chosen], places.fold[chosen])


def _of_clusters(name: str, lesson: _Lesson, asked: _Places) -> tuple[Floats, Floats]:
    """Return bounds at the clusters: of the model that left their surroundings out, spread by what all folds say."""
    answers = np.array(
        [_said(name, lesson, lesson.places.fold != fold, asked) for fold in range(FOLDS)]
    )
    steep = _steepness(_held_out(name, lesson), lesson)
    sure = np.clip(steep * logit(answers), -MOST_AGAINST, MOST_FOR)
    own = sure[asked.fold, np.arange(len(asked.x))]
    spread = sure.std(axis=0)
    return expit(own - spread), expit(np.minimum(own + spread, MOST_FOR))


def _steepness(said: Floats, lesson: _Lesson) -> float:
    """Return by how much to shrink log-odds so that what was said of places left out holds there; never above 1."""
    steps = np.linspace(0.1, 1.0, 19)
    losses = [_loss(lesson, expit(step * logit(said))) for step in steps]
    return float(steps[int(np.argmin(losses))])


def _said(name: str, lesson: _Lesson, taught: Flags, asked: _Places) -> Floats:
    """Return what a model says at places, taught by some of the known ones."""
    chosen = taught & lesson.own if name == "neighbours" else taught
    target, weight = lesson.target[chosen], lesson.weight[chosen]
    known = _chosen(lesson.places, chosen)
    mean = float(np.average(target, weights=weight)) if len(target) else 0.5
    hits, misses = float((weight * target).sum()), float((weight * (1 - target)).sum())
    if min(hits, misses) < 1:
        said = np.full(len(asked.x), (hits + 1) / (hits + misses + 2))
    elif name == "neighbours":
        said = _by_neighbours(known, target, weight, asked, mean)
    else:
        columns = slice(0, 1) if name == "level" else slice(None)
        model = LogisticRegression(C=1.0, max_iter=500)
        model.fit(
            np.vstack([known.features[:, columns]] * 2),
            np.repeat([1, 0], len(target)),
            sample_weight=np.r_[weight * target, weight * (1 - target)],
        )
        said = model.predict_proba(asked.features[:, columns])[:, 1]
    return np.asarray(np.clip(said, 1e-3, 1 - 1e-3), float)


def _by_neighbours(
    known: _Places, target: Floats, weight: Floats, asked: _Places, mean: float
) -> Floats:
    """Return the mean of the nearest places, with some of the mean of all beside them, since neighbours agree by chance."""
    tree = cKDTree(np.column_stack([known.x, known.y]))
    k = min(NEIGHBOURS, len(target))
    distance, place = tree.query(np.column_stack([asked.x, asked.y]), k=np.arange(1, k + 1))
    near = weight[place] / (distance + NEAR_M)
    # As much as two places at a kilometre.
    calm = 2 / (1000 + NEAR_M)
    return np.asarray(
        ((near * target[place]).sum(axis=1) + calm * mean) / (near.sum(axis=1) + calm), float
    )


def _loss(lesson: _Lesson, said: Floats) -> float:
    """Return the mean logarithmic loss at the carrier's own places."""
    own = lesson.own
    p, target = np.clip(said, 1e-3, 1 - 1e-3)[own], lesson.target[own]
    loss = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    return float(np.average(loss, weights=lesson.weight[own]))
