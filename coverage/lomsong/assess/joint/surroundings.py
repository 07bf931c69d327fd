"""Foretell levels at a hamlet's clusters, of all carriers together, from everything outside of it."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial import cKDTree

from lomsong.assess.classify import Flags
from lomsong.assess.joint.moments import log_score, moved
from lomsong.assess.joint.places import BETWEEN, HEARD, Places
from lomsong.assess.joint.trend import Trend
from lomsong.evidence.clusters import Integers
from lomsong.progress import SILENT, Progress, Task
from lomsong.space.crs import Floats

NEAR_M: Final = 300.0
"""Length of the shadows of knolls and forests [m] (assumption, as in 3GPP TR 36.873 for hills: 50 to 300)."""
FEW: Final = 8
NEIGHBOURS: Final = 24
"""Places of each carrier that a place listens to, while the kernel is chosen, and in the end."""
TESTED: Final = 500
"""So many places are left out, hamlet by hamlet, to choose the kernel."""
COUNTS: Final = 0.5
"""Places left out count half each when kernels compete: neighbours tell much the same (assumption)."""
SIGMA_UNSURE: Final = 0.2
FAR_UNSURE: Final = 0.5
NOISE_UNSURE: Final = 0.5
NEAR_UNSURE: Final = 0.15
COMMON_UNSURE: Final = 0.25
"""How far a kernel may lie from the usual one: its spread, length and noise as logarithms, its shares as they are (assumptions).
Where places hardly tell kernels apart, the usual one stays."""
MICRO_DB2: Final = 4.0
"""What differs between the middle of a place and its phones [dB²] (assumption)."""
NOTHING_DB2: Final = 1e6
_DEAF_DB2: Final = 1e9
_LEAST_DB2: Final = 1.0
_BETTER: Final = 1e-4
_AT_ONCE: Final = 2048


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """How alike what the trend leaves over is, by distance and between carriers."""

    sigma_db: float
    far_m: float = 1500.0
    near_share: float = 0.3
    common: float = 0.5
    """Share that all carriers have in common: the same ridges and forests stand around each place."""
    noise_db: float = 8.0
    """Of one phone at its place."""

    def between(self, distance_m: Floats, same: Flags) -> Floats:
        """Return the covariance of two places, of the same carrier or not [dB²]."""
        near = self.near_share * np.exp(-distance_m / NEAR_M)
        far = (1 - self.near_share) * np.exp(-distance_m / self.far_m)
        alike = np.where(same, 1.0, self.common)
        return np.asarray(self.sigma_db**2 * (near + far) * alike, float)

    def noise(self, places: Places) -> Floats:
        """Return the variance of what places tell around their levels [dB²]."""
        return self.noise_db**2 / np.sqrt(places.phones) + MICRO_DB2


@dataclass(frozen=True, eq=False, kw_only=True)
class Surroundings:
    """Places, and what the trend leaves over there, as if each level had been read with Gaussian noise."""

    places: Places
    residual: Floats
    noise: Floats
    """Variance [dB²]."""
    kernel: Kernel
    score: float
    """Mean log-probability of what places left out by hamlets tell; by the trend alone `score_of_trend`."""
    score_of_trend: float

    def of_hamlet(
        self, hamlet: int, near: Integers, asked: "Asked", *, trend: Floats
    ) -> tuple[Floats, Floats]:
        """Return mean [dBm] and covariance [dB²] of levels at and around a hamlet's clusters.

        Parameters
        ----------
        hamlet
            Its position; places of its clusters are not listened to, since they are weighed there.
        near
            Places near to its clusters, -1 for none.
        asked
            Where levels are asked for.
        trend
            What is expected there [dBm].
        """
        at = np.unique(near[near >= 0])
        at = at[self.places.hamlet[at] != hamlet]
        mean, covariance = trend.copy(), _between(self.kernel, asked, asked)
        if len(at):
            places = self.places.chosen(at)
            known = Asked(x=places.x, y=places.y, carrier=places.carrier)
            inner = _between(self.kernel, known, known)
            inner[np.diag_indices(len(at))] += self.noise[at]
            towards = _between(self.kernel, known, asked)
            weight = cho_solve(cho_factor(inner, lower=True), towards)
            mean += weight.T @ self.residual[at]
            covariance -= towards.T @ weight
        covariance[np.diag_indices(len(covariance))] += _LEAST_DB2
        return mean, (covariance + covariance.T) / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """Points in the plane [m], each of a carrier."""

    x: Floats
    y: Floats
    carrier: Integers


def _between(kernel: Kernel, a: Asked, b: Asked) -> Floats:
    away = np.hypot(a.x[:, None] - b.x, a.y[:, None] - b.y)
    return kernel.between(away, a.carrier[:, None] == b.carrier)


def neighbours(places: Places, x: Floats, y: Floats, *, n_carriers: int, most: int) -> Integers:
    """Return the nearest places of each carrier, of shape (points, carriers × most), -1 where there are fewer."""
    found = np.full((len(x), n_carriers, most), -1)
    for carrier in range(n_carriers):
        own = np.flatnonzero(places.carrier == carrier)
        k = min(most, len(own))
        if k:
            tree = cKDTree(np.column_stack([places.x[own], places.y[own]]))
            _, near = tree.query(np.column_stack([x, y]), k=np.arange(1, k + 1))
            found[:, carrier, :k] = own[near]
    return found.reshape(len(x), -1)


def surroundings_of(
    places: Places, trend: Trend, *, noise_db: float, progress: Progress = SILENT
) -> Surroundings:
    """Return what places tell of their surroundings, under the kernel that foretells hamlets left out best."""
    said, _ = trend.at(places.carrier, places.x, places.y)
    near = neighbours(places, places.x, places.y, n_carriers=len(trend.carriers), most=FEW)
    tested = np.sort(np.random.default_rng(len(places)).permutation(len(places))[:TESTED])
    listened = np.unique(np.r_[near[tested].ravel(), tested, 0])
    choice = _Choice(places, said, near, tested, listened[listened >= 0])
    with progress.task("how alike places are", unit="models") as task:
        kernel, score = choice.best(Kernel(sigma_db=trend.sigma_db, noise_db=noise_db), task)
    flat = choice.score_of_trend(kernel, trend.sigma_db)
    everything = np.arange(len(places))
    residual, noise = _as_read(places, said, kernel, near, wanted=everything, rounds=3)
    return Surroundings(
        places=places,
        residual=residual,
        noise=noise,
        kernel=kernel,
        score=score,
        score_of_trend=flat,
    )


class _Choice:
    """Kernels compete on places whose hamlets are left out."""

    def __init__(
        self, places: Places, said: Floats, near: Integers, tested: Integers, listened: Integers
    ) -> None:
        self._places, self._said, self._near = places, said, near
        self._tested, self._listened = tested, listened
        self._own = places.chosen(tested)
        hamlet, own = places.hamlet, tested[:, None]
        same = (hamlet[np.maximum(near[tested], 0)] == hamlet[own]) & (hamlet[own] != BETWEEN)
        self._deaf = same | (near[tested] == own)

    def score(self, kernel: Kernel) -> float:
        read = _as_read(
            self._places, self._said, kernel, self._near, wanted=self._listened, rounds=1
        )
        mean, variance = _forecast(
            self._places,
            read,
            kernel,
            self._near[self._tested],
            asked=self._tested,
            deaf=self._deaf,
        )
        mean += self._said[self._tested]
        return float(log_score(mean, variance, self._own, kernel.noise(self._own)).mean())

    def score_of_trend(self, kernel: Kernel, sigma_db: float) -> float:
        variance = np.full(len(self._tested), sigma_db**2)
        noise = kernel.noise(self._own)
        return float(log_score(self._said[self._tested], variance, self._own, noise).mean())

    def best(self, start: Kernel, task: Task) -> tuple[Kernel, float]:
        """Return the likeliest kernel, and its score."""

        def worth(kernel: Kernel) -> tuple[float, float]:
            score = self.score(kernel)
            return score + _ln_usual(kernel, start) / (len(self._tested) * COUNTS), score

        best, (top, score) = start, worth(start)
        for _ in range(2):
            before = top
            for candidate in (
                *(("far_m", v) for v in (500.0, 1000.0, 2000.0, 4000.0)),
                *(("sigma_db", start.sigma_db * v) for v in (0.6, 0.7, 0.85, 1.0, 1.2, 1.4)),
                *(("common", v) for v in (0.0, 0.25, 0.5, 0.75)),
                *(("near_share", v) for v in (0.1, 0.3, 0.5)),
                *(("noise_db", start.noise_db * v) for v in (1.0, 1.4, 2.0)),
            ):
                tried = replace(best, **dict([candidate]))
                task.advance()
                if tried == best:
                    continue
                own, own_score = worth(tried)
                if own > top + _BETTER:
                    best, top, score = tried, own, own_score
            if top <= before + _BETTER:
                break
        return best, score


def _ln_usual(kernel: Kernel, start: Kernel) -> float:
    """Return how usual a kernel is, as the logarithm of a density."""
    off = (
        np.log(kernel.sigma_db / start.sigma_db) / SIGMA_UNSURE,
        np.log(kernel.far_m / start.far_m) / FAR_UNSURE,
        (kernel.near_share - start.near_share) / NEAR_UNSURE,
        (kernel.common - start.common) / COMMON_UNSURE,
        np.log(kernel.noise_db / start.noise_db) / NOISE_UNSURE,
    )
    return -0.5 * float(np.sum(np.square(off)))


def _forecast(
    places: Places,
    read: tuple[Floats, Floats],
    kernel: Kernel,
    near: Integers,
    *,
    asked: Integers,
    deaf: Flags,
) -> tuple[Floats, Floats]:
    """Return what neighbours say of the residual at some of the places, and its variance; what is `deaf` stays unheard."""
    mean, variance = np.empty(len(asked)), np.empty(len(asked))
    for start in range(0, len(asked), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        at, gone = np.maximum(near[part], 0), deaf[part] | (near[part] < 0)
        x, y, carrier = places.x[at], places.y[at], places.carrier[at]
        inner = kernel.between(
            np.hypot(x[:, :, None] - x[:, None, :], y[:, :, None] - y[:, None, :]),
            carrier[:, :, None] == carrier[:, None, :],
        )
        diagonal = np.arange(at.shape[1])
        inner[:, diagonal, diagonal] += np.where(gone, _DEAF_DB2, read[1][at])
        own = asked[part]
        away = np.hypot(x - places.x[own][:, None], y - places.y[own][:, None])
        towards = kernel.between(away, carrier == places.carrier[own][:, None])
        towards = np.where(gone, 0.0, towards)
        weight = np.linalg.solve(inner, towards[:, :, None])[:, :, 0]
        mean[part] = (weight * np.where(gone, 0.0, read[0][at])).sum(axis=1)
        variance[part] = kernel.sigma_db**2 - (weight * towards).sum(axis=1)
    return mean, np.maximum(variance, _LEAST_DB2)


def _as_read(
    places: Places, said: Floats, kernel: Kernel, near: Integers, *, wanted: Integers, rounds: int
) -> tuple[Floats, Floats]:
    """Return residuals and variances that move beliefs as the places do (expectation propagation [1]_).

    References
    ----------
    .. [1] T. P. Minka, "Expectation propagation for approximate Bayesian inference", UAI (2001).
    """
    heard = places.kind == HEARD
    noise = kernel.noise(places)
    residual = np.where(heard, places.level_dbm - said, 0.0)
    variance = np.where(heard, noise, NOTHING_DB2)
    rest = wanted[~heard[wanted]]
    own, deaf = places.chosen(rest), near[rest] == rest[:, None]
    for _ in range(rounds if len(rest) else 0):
        mean, before = _forecast(
            places, (residual, variance), kernel, near[rest], asked=rest, deaf=deaf
        )
        mean = mean + said[rest]
        middle, after = moved(mean, before, own, noise[rest])
        precision = 1 / after - 1 / before
        told = precision > 1 / NOTHING_DB2
        width = np.where(told, 1 / np.where(told, precision, 1.0), NOTHING_DB2)
        reading = np.where(told, (middle / after - mean / before) * width, mean)
        residual, variance = residual.copy(), variance.copy()
        residual[rest], variance[rest] = reading - said[rest], np.maximum(width, _LEAST_DB2)
    return residual, variance
