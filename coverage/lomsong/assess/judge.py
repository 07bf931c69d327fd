"""Turn beliefs in clusters into classes of clusters and hamlets, and sum clusters up over their hamlets."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lomsong.assess.classify import (
    Belief,
    Flags,
    Integers,
    Texts,
    classes_of_clusters,
    classes_of_hamlets,
    official_classes,
)
from lomsong.assess.joint import Together
from lomsong.assess.posterior import strongest
from lomsong.evidence.clusters import Clusters
from lomsong.space.crs import Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Judgement:
    """One carrier and technology, judged at every cluster and hamlet."""

    p_served: Floats
    """Of each cluster, as its bounds and its grade of evidence."""
    p_served_low: Floats
    p_served_high: Floats
    grade: Texts
    cluster_class: Texts
    cluster_uncertain: Flags
    hamlet_class: Texts
    hamlet_uncertain: Flags
    official_class: Texts


class Judge:
    """Judge beliefs on one set of clusters.

    Parameters
    ----------
    clusters
        Sorted by hamlet.
    n_hamlets
        How many hamlets there are, clusters of each or none.
    confidence
        A class is given where its probability reaches this.
    alike
        See `classify.classes_of_hamlets`.
    """

    def __init__(
        self, clusters: Clusters, *, n_hamlets: int, confidence: float, alike: float
    ) -> None:
        self.n = len(clusters.table)
        self.confidence = confidence
        self.alike = alike
        self.is_centre = clusters.table["is_centre"].to_numpy(bool)
        self.first: Integers = np.searchsorted(clusters.hamlet, np.arange(n_hamlets))
        people = clusters.table["people"].to_numpy(float)
        total = self._sum(np.nan_to_num(people))
        count = np.diff(np.r_[self.first, len(people)])
        # Where nobody is known to live, every cluster weighs the same.
        self.weight = np.where(
            np.repeat(total > 0, count),
            np.nan_to_num(people) / np.repeat(np.where(total > 0, total, 1), count),
            1 / np.repeat(count, count),
        )

    def judge(self, belief: Belief, grade: Texts) -> Judgement:
        """Judge one carrier, or any, by beliefs in each cluster for itself."""
        cluster_class, cluster_uncertain = classes_of_clusters(belief, confidence=self.confidence)
        hamlet_class, hamlet_uncertain = classes_of_hamlets(
            belief, first_cluster=self.first, confidence=self.confidence, alike=self.alike
        )
        return Judgement(
            p_served=belief.served,
            p_served_low=belief.served_low,
            p_served_high=belief.served_high,
            grade=grade,
            cluster_class=cluster_class,
            cluster_uncertain=cluster_uncertain,
            hamlet_class=hamlet_class,
            hamlet_uncertain=hamlet_uncertain,
            official_class=official_classes(
                belief, self.is_centre, first_cluster=self.first, confidence=self.confidence
            ),
        )

    def judge_together(self, together: Together) -> Iterator[Judgement]:
        """Judge each carrier, then any."""
        grades = [*together.grade, strongest(list(together.grade), len(self.is_centre))]
        for case, grade in enumerate(grades):
            clusters, hamlets = together.clusters[case], together.hamlets[case]
            cluster_class, cluster_uncertain = clusters.classes(confidence=self.confidence)
            hamlet_class, hamlet_uncertain = hamlets.classes(confidence=self.confidence)
            yield Judgement(
                p_served=together.served[case],
                p_served_low=together.served_low[case],
                p_served_high=together.served_high[case],
                grade=grade,
                cluster_class=cluster_class,
                cluster_uncertain=cluster_uncertain,
                hamlet_class=hamlet_class,
                hamlet_uncertain=hamlet_uncertain,
                official_class=hamlets.official_classes(confidence=self.confidence),
            )

    def mean(self, values: Floats) -> Floats:
        """Return the mean over each hamlet's clusters, weighted by people."""
        return np.clip(self._sum(values * self.weight), 0.0, 1.0)

    def weakest(self, grade: Texts) -> Texts:
        """Return the weakest grade among those clusters of each hamlet that have evidence."""
        found = np.full(len(self.first), "none", dtype=object)
        for name in ("measured", "inferred", "modelled"):
            found[self._sum((grade == name).astype(float)) > 0] = name
        return found

    def _sum(self, values: Floats) -> Floats:
        return np.add.reduceat(values, self.first) if len(self.first) else np.empty(0)
