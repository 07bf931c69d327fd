"""By how much expectations are too cautious is found again in clusters that were made so."""

import numpy as np
import pytest
from scipy.special import ndtr

from lomsong.assess.joint.newcomer import Outlook
from lomsong.assess.joint.prior import Prior
from lomsong.assess.joint.sharpness import BOUNDS, sharpness_of


def made(factor: float, *, seed: int, told: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Return scores of clusters, and what their samples say; served clusters answer twice as often."""
    rng = np.random.default_rng(seed)
    score = rng.normal(0, 1.5, 3000)
    served = rng.random(len(score)) < ndtr(factor * score)
    answers = rng.random(len(score)) < np.where(served, 0.8, 0.4)
    right = rng.random(len(score)) < 1 / (1 + np.exp(-told))
    return score[answers], np.where(served == right, told, -told)[answers]


@pytest.mark.parametrize("factor", [1.0, 1.4, 1.8])
def test_caution_is_found_again_whoever_answers(factor: float) -> None:
    assert sharpness_of(*made(factor, seed=1)) == pytest.approx(factor, rel=0.12)


def test_samples_that_tell_nothing_change_nothing() -> None:
    score, _ = made(1.8, seed=2)
    assert sharpness_of(score, np.zeros(len(score))) == pytest.approx(1.0, abs=0.02)
    assert sharpness_of(np.empty(0), np.empty(0)) == pytest.approx(1.0)


def test_it_stays_within_bounds() -> None:
    low, high = BOUNDS
    for factor in (0.2, 5.0):
        assert low <= sharpness_of(*made(factor, seed=3)) <= high


def test_a_sharper_prior_expects_the_same_levels_with_smaller_spreads_where_anything_is_promised() -> (
    None
):
    promised = np.array([[True, True, False], [True, False, True]])
    variance = np.arange(1.0, 7.0).reshape(2, 3)
    of_hamlets = [
        (np.zeros(4), np.diag(variance[:, :2].ravel()) + 0.1),
        (np.zeros(2), np.diag(variance[:, 2])),
    ]
    newcomers = [
        Outlook(mean=np.zeros(n), variance=np.ones(n), towards=np.ones((2 * n, n))) for n in (2, 1)
    ]
    prior = Prior(
        of_hamlets=of_hamlets,
        mean=np.zeros((2, 3)),
        variance=variance,
        promised=promised,
        own=np.zeros((2, 3, 1)),
        newcomers=newcomers,
        newcomer_db2=4.0,
    )
    sharper = prior.sharpened(2.0)
    np.testing.assert_allclose(sharper.variance, np.where(promised, variance / 4, variance))
    np.testing.assert_array_equal(sharper.mean, prior.mean)
    for (_, before), (_, after), own in zip(
        prior.of_hamlets, sharper.of_hamlets, (promised[:, :2], promised[:, 2]), strict=True
    ):
        scale = np.where(own.ravel(), 0.5, 1.0)
        np.testing.assert_allclose(after, before * np.outer(scale, scale))
        np.testing.assert_allclose(np.diag(after), np.diag(before) * scale**2)
    assert sharper.newcomer_db2 == 1.0
    for known, surer in zip(prior.newcomers, sharper.newcomers, strict=True):
        np.testing.assert_allclose(surer.variance, known.variance / 4)
