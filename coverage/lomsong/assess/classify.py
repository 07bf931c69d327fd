"""Give clusters and hamlets their class where the evidence decides it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lomsong.space.crs import Floats

Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Belief:
    """Bounds on P(served) and P(good), an entry per cluster; 0 and 1 where nothing is known."""

    served_low: Floats
    served_high: Floats
    good_low: Floats
    good_high: Floats

    @property
    def served(self) -> Floats:
        """P(served): what lies between the bounds closest to one half, so that doubt shows."""
        return np.asarray(np.clip(0.5, self.served_low, self.served_high), float)


@dataclass(frozen=True, eq=False, kw_only=True)
class Chances:
    """Chances of the classes of clusters or hamlets, an entry each, as far as they are sure."""

    no_signal: Floats
    partial: Floats
    all_served: Floats
    """Weak or covered."""
    covered: Floats
    centre_dead: Floats | None = None
    """Of hamlets: the centre is not served."""
    centre_alone: Floats | None = None
    """Of hamlets: the centre is served and some other cluster is not."""

    def classes(self, *, confidence: float) -> tuple[Texts, Flags]:
        """Return each class, and whether it is weak only because its quality is uncertain."""
        return _decided(
            no_signal=self.no_signal,
            partial=self.partial,
            weak=self.all_served - self.covered,
            weak_or_covered=self.all_served,
            covered=self.covered,
            confidence=confidence,
        )

    def official_classes(self, *, confidence: float) -> Texts:
        """Return the class by the provinces' wording (see `official_classes`); unknown where no centre is told of."""
        result = np.full(len(self.no_signal), "unknown", dtype=object)
        if self.centre_dead is None or self.centre_alone is None:
            return result
        result[self.all_served >= confidence] = "co_song"
        result[self.centre_alone >= confidence] = "lom_song"
        result[self.centre_dead >= confidence] = "trang_song"
        return result


def nothing_known(n: int) -> Belief:
    """Return the belief of `n` clusters about which nothing is known."""
    return Belief(
        served_low=np.zeros(n), served_high=np.ones(n), good_low=np.zeros(n), good_high=np.ones(n)
    )


def best_of(beliefs: list[Belief], *, together: Belief, alike: float = 0.0) -> Belief:
    """Return the belief that at least one of several carriers serves.

    Carriers share ridges and roads, so they help each other or are independent, but never exclude each other. Then
    the best carrier alone is a lower bound, and independence an upper one. `together` holds the upper bounds from
    places where all carriers were observed, which are sharper: walks see the same place with every phone.

    `alike` moves the upper bound from independence (0) to the best carrier alone (1): how far carriers are served by
    the same towers and cut off by the same ridges.
    """
    served_low = np.max([b.served_low for b in beliefs], axis=0)
    good_low = np.max([b.good_low for b in beliefs], axis=0)
    served_high = _at_most([b.served_high for b in beliefs], alike)
    good_high = _at_most([b.good_high for b in beliefs], alike)
    return Belief(
        served_low=served_low,
        served_high=np.maximum(np.minimum(served_high, together.served_high), served_low),
        good_low=good_low,
        good_high=np.maximum(np.minimum(good_high, together.good_high), good_low),
    )


def _at_most(highs: list[Floats], alike: float) -> Floats:
    independent = 1 - np.prod([1 - high for high in highs], axis=0)
    if not alike:
        return np.asarray(independent, float)
    return np.asarray(alike * np.max(highs, axis=0) + (1 - alike) * independent, float)


def classes_of_clusters(belief: Belief, *, confidence: float) -> tuple[Texts, Flags]:
    """Return the class of each cluster, and whether it is weak only because its quality is uncertain."""
    return _decided(
        no_signal=1 - belief.served_high,
        partial=np.zeros_like(belief.served_low),
        weak=belief.served_low - belief.good_high,
        weak_or_covered=belief.served_low,
        covered=belief.good_low,
        confidence=confidence,
    )


def classes_of_hamlets(
    belief: Belief, *, first_cluster: Integers, confidence: float, alike: float = 0.0
) -> tuple[Texts, Flags]:
    """Return the class of each hamlet from its clusters.

    Every probability below is a lower bound of its class's: what lies between the bounds stays unknown.
    `first_cluster` holds the position of each hamlet's first cluster; clusters are sorted by hamlet. `alike` says
    how far clusters of a hamlet are served or not together: 0 takes them as independent, 1 as one.
    """
    dead = _all(1 - belief.served_high, first_cluster, alike)
    some_served = 1 - _all(1 - belief.served_low, first_cluster, alike)
    some_not_served = 1 - _all(belief.served_high, first_cluster, alike)
    all_served = _all(belief.served_low, first_cluster, alike)
    return _decided(
        no_signal=dead,
        partial=some_served + some_not_served - 1,
        weak=all_served - _all(belief.good_high, first_cluster, alike),
        weak_or_covered=all_served,
        covered=_all(belief.good_low, first_cluster, alike),
        confidence=confidence,
    )


def official_classes(
    belief: Belief, is_centre: Flags, *, first_cluster: Integers, confidence: float
) -> Texts:
    """Return the class by the provinces' wording, which looks at the centre first (an assumption, see `standards`).

    Centre not served: trắng sóng. Centre served and some other cluster not: lõm sóng.
    """
    centre_low = _product(np.where(is_centre, belief.served_low, 1.0), first_cluster)
    centre_high = _product(np.where(is_centre, belief.served_high, 1.0), first_cluster)
    rest_low = _product(np.where(is_centre, 1.0, belief.served_low), first_cluster)
    rest_high = _product(np.where(is_centre, 1.0, belief.served_high), first_cluster)
    result = np.full(len(first_cluster), "unknown", dtype=object)
    result[centre_low * rest_low >= confidence] = "co_song"
    result[centre_low * (1 - rest_high) >= confidence] = "lom_song"
    result[1 - centre_high >= confidence] = "trang_song"
    return result


def _decided(
    *,
    no_signal: Floats,
    partial: Floats,
    weak: Floats,
    weak_or_covered: Floats,
    covered: Floats,
    confidence: float,
) -> tuple[Texts, Flags]:
    result = np.full(len(no_signal), "unknown", dtype=object)
    uncertain = (weak_or_covered >= confidence) & (weak < confidence) & (covered < confidence)
    result[uncertain | (weak >= confidence)] = "weak"
    result[covered >= confidence] = "covered"
    result[partial >= confidence] = "partial"
    result[no_signal >= confidence] = "no_signal"
    return result, uncertain


def _all(values: Floats, first_cluster: Integers, alike: float) -> Floats:
    """Return the probability that all clusters of each hamlet are so."""
    together = _product(values, first_cluster)
    if not alike or not len(first_cluster):
        return together
    weakest = np.minimum.reduceat(values, first_cluster)
    return np.asarray(alike * weakest + (1 - alike) * together, float)


def _product(values: Floats, first_cluster: Integers) -> Floats:
    if not len(first_cluster):
        return np.empty(0)
    return np.multiply.reduceat(values, first_cluster)
