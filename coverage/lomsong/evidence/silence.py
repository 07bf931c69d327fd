"""Weigh silence: how unlikely it is that a carrier serves a cluster where others are heard and it is not.

A phone without service uploads nothing, so a dead place deletes its own evidence. What is left is that others speak
there. Each kind of silence below is a likelihood ratio: how likely it is where the carrier serves, against where it
does not. No ratio is ever above 1: silence never speaks for service.

References
----------
.. [1] J. G. Skellam, "A probability distribution derived from the binomial distribution by regarding the probability
   of success as variable between the sets of trials", J. R. Stat. Soc. B 10 (1948): the beta-binomial.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import betaln

from lomsong.evidence.age import AGE, weight_of, with_ages
from lomsong.evidence.cells import BLOCK_CELLS
from lomsong.evidence.clusters import Flags
from lomsong.evidence.cube import NO_SERVICE
from lomsong.evidence.loyal import UNSEEN, WITH_4G, WITHOUT_4G, Loyalty, Seen, loyalty
from lomsong.evidence.passed import Passed
from lomsong.evidence.shares import ALIKE, shares_of
from lomsong.space.crs import Floats
from lomsong.tables import JUDGED_TECHNOLOGY, NO_CARRIER

Kind = Literal["others_heard", "older_heard", "passed", "nobody_heard"]
KINDS: Final[tuple[Kind, ...]] = ("others_heard", "older_heard", "passed", "nobody_heard")

NEARBY_M: Final = 5000.0
"""Shares are those of clusters around, with a weight that falls by e at this distance [m] (assumption)."""
SHARE_PRIOR_WITNESSES: Final = 10.0
"""The district's share counts as much as so many witnesses nearby (assumption)."""
MOST_SHARE: Final = 0.98
"""No carrier has more of the phones around [1] (assumption)."""
CAMPS_ON_OLDER: Final = (1.0, 4.0)
"""Phones on older technology and others, before any is counted, where 4G serves: old phones, calls (assumption)."""
OLDER_WHERE_UNSERVED: Final = 0.9
"""Chance that a phone heard where 4G does not serve is on older technology (assumption)."""
LEAST_RATIO: Final = 0.02
"""No silence counts for more than this, whoever is heard (assumption: apps, roaming and fashions are not modelled)."""

UNEVEN: Final = 0.5
"""How alike clusters are in phones per dwelling, as the shape of a gamma distribution: below 1, many served clusters
have none that uploads (assumption)."""
LEAST_RATIO_OF_NOBODY: Final = 0.35
"""Nobody heard never counts for more than this, of however many carriers (assumption): it never decides alone, and phones of dead
places are heard too, at their edges and on older technology."""

_AT_ONCE: Final = 1 << 20
"""Pairs of clusters whose distances are held at once."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Silence:
    """How silent each carrier is in each cluster; arrays of (carriers, clusters)."""

    ratio: Floats
    """P(what is heard | served) / P(what is heard | not served), in (0, 1]; 1 where nothing is silent."""
    taught: Floats
    """The same, were every phone silent where its carrier does not serve: what teaches of other places. Most dead places tell
    nothing at all, so those whose silence is heard stand for them too and count whole."""
    alone: Floats
    """The ratio where nobody is heard and the carrier is the only one that may serve; 1 elsewhere."""
    expected: Floats
    """How many phones of the carrier would be heard there if it served; 0 where anybody is heard."""
    witnesses: Floats
    """Phones that were heard there, of others or on older technology; 0 where nothing is silent."""
    passed: Floats
    """The same ratio by phones that fell silent on the way; 1 where none did. It speaks of the cluster alone: what stands
    around a road is taught by other silence."""
    passed_devices: Floats
    """How many phones did, and on how many days."""
    passed_days: Floats
    share: Floats
    """Share of the carrier among phones around, where it serves; NaN where it is not known."""
    loyal: Floats
    """Share of each carrier's phones that are seen where it does not serve; an entry per carrier (`evidence.loyal`)."""
    alike: float = ALIKE
    """How alike places are in shares (`evidence.shares`)."""

    @property
    def named(self) -> Floats:
        """The ratio of all silence that names witnesses."""
        return np.maximum(self.ratio * self.passed, LEAST_RATIO)


def weigh(
    witnesses: pd.DataFrame,
    *,
    carriers: tuple[str, ...],
    x: Floats,
    y: Floats,
    dwellings: Floats,
    kinds: tuple[Kind, ...] = KINDS,
    outdated: Mapping[str, Flags] | None = None,
    passed: Passed | None = None,
) -> Silence:
    """Return the weight of silence in 4G of each carrier at each cluster.

    `others_heard`: among `m` phones of other carriers heard in a cluster, none of the carrier's own is heard in 4G.
    Where it served with share `s`, that would have the chance of none in `m` draws of a beta-binomial distribution
    [1]_ with mean `s`. Where it does not, a share of its phones is seen all the same (`evidence.loyal`), and none of them has
    the same chance to the power of that share. `older_heard`: the carrier's own phones are heard, every one of them on older technology only.
    `passed`: phones of the carrier that upload on both sides fall silent on the way (`evidence.passed`).
    `nobody_heard`: the carrier's phones are heard on all sides and nobody's inside. Where it served, their number
    would be negative binomial, with as many per dwelling as in the clusters around where the carrier is heard. This stands
    apart (`alone`, `expected`): it names no witness in the cluster and may only sharpen what something else says, and that
    nobody is heard is one thing, however many carriers it is asked of.

    A phone is a device, or, where the source names none, a block of 2 × 2 cells: rows and days do not count. It counts
    the less, the longer ago it was heard last (`evidence.age`).

    Parameters
    ----------
    witnesses
        `Evidence.witnesses`.
    carriers
        Carriers that are judged.
    x, y
        Clusters, in the run's metric CRS [m].
    dwellings
        How many places make up each cluster.
    kinds
        Kinds of silence that count.
    outdated
        Of each carrier, witnesses whom it may not have served because a site of its own was not yet there.
    passed
        Gaps over clusters, where they count.
    """
    witnesses = with_ages(witnesses)
    phones = _phones(witnesses)
    n = len(x)
    visited = witnesses["cluster"].to_numpy()
    unvisited = np.bincount(visited[visited >= 0], minlength=n) == 0
    total = _per_cluster(phones, n)
    newest = np.zeros((len(carriers), n))
    any_own = np.zeros((len(carriers), n))
    for i, carrier in enumerate(carriers):
        own = phones[phones["carrier"] == carrier]
        any_own[i] = _per_cluster(own, n)
        newest[i] = _per_cluster(own[own["newest"]], n)
    found = shares_of(newest, total)
    served = [_Served.by(own, total, dwellings) for own in newest]
    near = _sums_around(x, y, [column for own in served for column in own])
    around = [_Served(*near[3 * i : 3 * i + 3]) for i in range(len(carriers))]
    share = np.array(list(map(_share, served, around, found.share))).reshape(len(carriers), n)
    expected = np.array([_expected(own, dwellings) for own in around]).reshape(len(carriers), n)
    none = np.array(
        [
            none_of(total - own, np.nan_to_num(of_carrier), alike=found.alike)
            for own, of_carrier in zip(any_own, share, strict=True)
        ]
    ).reshape(len(carriers), n)
    loyal = _loyal(witnesses, carriers, newest=newest, others=total - any_own, none=none)
    ratio = np.ones((len(carriers), n))
    taught = np.ones((len(carriers), n))
    missing = np.zeros((len(carriers), n))
    on_the_way = np.ones((len(carriers), n))
    heard = np.zeros((len(carriers), n))
    for i in range(len(carriers)):
        silent = newest[i] == 0
        then = (outdated or {}).get(carriers[i])
        heard_since = total if then is None else _per_cluster(_phones(witnesses[~then]), n)
        # Where its own phones are heard on older technology, it is they that tell.
        others = np.where(any_own[i] == 0, heard_since, 0.0)
        older = np.where(silent, any_own[i], 0.0)
        if "others_heard" in kinds:
            heard[i] += others
            of_others = none_of(others, np.nan_to_num(share[i]), alike=found.alike)
            of_others = np.where(np.isnan(share[i]), 1.0, of_others)
            ratio[i] *= of_others ** (loyal.sure * (1 - loyal.share[i]))
            taught[i] *= of_others
        if "older_heard" in kinds:
            heard[i] += older
            of_older = _all_of(older, _older_share(newest[i], any_own[i]), alike=found.alike)
            ratio[i] *= of_older
            taught[i] *= of_older
        if "passed" in kinds and passed is not None:
            on_the_way[i] = np.where(silent, np.maximum(passed.ratio[i], LEAST_RATIO), 1.0)
        if "nobody_heard" in kinds:
            missing[i] = np.where(unvisited, expected[i], 0.0)
    return Silence(
        ratio=np.clip(ratio, LEAST_RATIO, 1.0),
        taught=np.clip(taught, LEAST_RATIO, 1.0),
        alone=np.maximum((1 + missing / UNEVEN) ** -UNEVEN, LEAST_RATIO_OF_NOBODY),
        expected=missing,
        witnesses=heard,
        passed=on_the_way,
        passed_devices=np.zeros_like(ratio) if passed is None else passed.devices,
        passed_days=np.zeros_like(ratio) if passed is None else passed.days,
        share=share,
        loyal=loyal.share,
        alike=found.alike,
    )


class _Served(NamedTuple):
    """What clusters tell in which a carrier is heard in 4G; 0 in all others.

    A cluster is counted because one phone of the carrier was heard there, so that phone is left out everywhere.
    """

    own: Floats
    """Phones of the carrier."""
    total: Floats
    """Phones of all carriers."""
    dwellings: Floats

    @classmethod
    def by(cls, own: Floats, total: Floats, dwellings: Floats) -> "_Served":
        serves = own > 0
        others, all_others = np.maximum(own - 1, 0), np.maximum(total - 1, 0)
        return cls(*(np.where(serves, told, 0.0) for told in (others, all_others, dwellings)))


def _sums_around(x: Floats, y: Floats, values: Sequence[Floats]) -> Floats:
    """Return a row of sums over the clusters around each cluster, the nearer the heavier, itself left out.

    All are summed at once: every pair of clusters is looked at, which takes the time.
    """
    if not values:
        return np.empty((0, len(x)))
    columns = np.column_stack(values)
    result = np.empty((len(values), len(x)))
    step = max(_AT_ONCE // max(len(x), 1), 1)
    for start in range(0, len(x), step):
        part = slice(start, start + step)
        east, north = x[part, None] - x, y[part, None] - y
        weight = np.exp(np.sqrt(east * east + north * north) / -NEARBY_M)
        own = np.arange(len(weight))
        weight[own, own + start] = 0.0
        result[:, part] = (weight @ columns).T
    return result


def heard_at_clusters(witnesses: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of witnesses by which a phone of a carrier was heard in a cluster, on whatever technology."""
    return witnesses[
        (witnesses["cluster"] >= 0)
        & (witnesses["carrier"] != NO_CARRIER)
        & (witnesses["level_dbm"] != NO_SERVICE)
    ]


def _phones(witnesses: pd.DataFrame) -> pd.DataFrame:
    """Return the phones heard in each cluster: cluster, carrier, and whether one was heard in 4G."""
    rows = heard_at_clusters(witnesses)
    unnamed = rows["device"] == ""
    block = [(rows[c] // BLOCK_CELLS).where(unnamed, 0) for c in ("cell_x", "cell_y")]
    # 5G is heard where a phone has left 4G behind, not where 4G is missing.
    newest = rows["technology"].isin([JUDGED_TECHNOLOGY, "5G"])
    named = rows[["cluster", "carrier", "device", AGE]].assign(
        block_x=block[0], block_y=block[1], newest=newest
    )
    key = ["cluster", "carrier", "device", "block_x", "block_y"]
    phones = named.groupby(key, as_index=False, sort=True).agg(
        newest=("newest", "any"), **{AGE: (AGE, "min")}
    )
    return phones.assign(weight=weight_of(phones))


def _loyal(
    witnesses: pd.DataFrame,
    carriers: tuple[str, ...],
    *,
    newest: Floats,
    others: Floats,
    none: Floats,
) -> Loyalty:
    """Return what share of each carrier's phones is seen where it does not serve, and how sure they are where it does."""
    at = witnesses[witnesses["cluster"] >= 0]
    told = np.zeros(newest.shape, bool)
    for i, name in enumerate(carriers):
        told[i, at.loc[at["carrier"] == name, "cluster"].to_numpy()] = True
    heard = (newest > 0).any(axis=1, keepdims=True)
    carrier, place = np.nonzero((others > 0) & heard)
    how = np.where(newest > 0, WITH_4G, np.where(told, WITHOUT_4G, UNSEEN))
    seen = Seen(
        carrier=carrier,
        how=how[carrier, place],
        others=others[carrier, place],
        none=none[carrier, place],
    )
    return loyalty(seen, n_carriers=len(carriers))


def _per_cluster(phones: pd.DataFrame, n: int) -> Floats:
    weight = phones["weight"].to_numpy(float)
    return np.bincount(phones["cluster"].to_numpy(), weights=weight, minlength=n).astype(float)


def _share(here: _Served, around: _Served, district: float) -> Floats:
    """Return a carrier's share among phones around each cluster: the district's, as far as it is higher or lower around.

    Whether it is, is counted where the carrier serves. A cluster has no say about how its surroundings differ.
    """
    n = len(here.own)
    if np.isnan(district) or not here.total.sum():
        return np.full(n, np.nan)
    usual = here.own.sum() / here.total.sum()
    if not usual:
        return np.full(n, district)
    prior = SHARE_PRIOR_WITNESSES
    nearby = (around.own + prior * usual) / (around.total + prior)
    return np.asarray(np.minimum(district * nearby / usual, MOST_SHARE), float)


def _expected(around: _Served, dwellings: Floats) -> Floats:
    """Return how many phones a cluster would have by the clusters around where the carrier is heard; too few rather than too many.

    A cluster has no say about itself.
    """
    houses = np.maximum(around.dwellings, np.finfo(float).tiny)
    return np.asarray(dwellings * around.own / houses, float)


def _older_share(newest: Floats, own: Floats) -> float:
    """Return how often a phone is on older technology only, where others of its carrier have 4G."""
    serves = newest > 0
    older, others = CAMPS_ON_OLDER
    older += float((own - newest)[serves].sum())
    others += float(np.maximum(newest - 1, 0)[serves].sum())
    return older / (older + others)


def none_of(m: Floats, share: Floats, *, alike: float) -> Floats:
    """Return the chance of none in `m` draws, shares differing from place to place."""
    a, b = np.maximum(share * alike, 1e-9), np.maximum((1 - share) * alike, 1e-9)
    return np.asarray(np.exp(betaln(a, b + m) - betaln(a, b)), float)


def _all_of(m: Floats, share: float, *, alike: float) -> Floats:
    """Return how much likelier `m` phones are all on older technology where 4G serves than where it does not."""
    a, b = share * alike, (1 - share) * alike
    served = np.exp(betaln(a + m, b) - betaln(a, b))
    return np.asarray(np.minimum(served / OLDER_WHERE_UNSERVED**m, 1.0), float)
