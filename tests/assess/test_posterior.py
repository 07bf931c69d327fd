"""Laws of bringing evidence together: samples alone stay as they are, silence never helps, nothing is invented."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lomsong.assess.classify import Belief, classes_of_clusters, classes_of_hamlets, nothing_known
from lomsong.assess.posterior import posterior, strongest

BOUNDS = ("served_low", "served_high", "good_low", "good_high")
shares = st.floats(0.02, 0.98)


def belief(low, high):
    return Belief(
        served_low=np.array([low]),
        served_high=np.array([high]),
        good_low=np.array([low / 2]),
        good_high=np.array([high / 2]),
    )


@given(shares, shares)
def test_samples_alone_stay_to_the_bit_as_they_are(a, b):
    own = belief(min(a, b), max(a, b))
    for after in (posterior(own), posterior(own, ratio=np.ones(1))):
        for name in BOUNDS:
            np.testing.assert_array_equal(getattr(after.belief, name), getattr(own, name))
        assert list(after.grade) == ["measured"]


def test_where_there_is_nothing_all_stays_open():
    after = posterior(nothing_known(2), ratio=np.ones(2))
    assert list(after.grade) == ["none", "none"]
    assert list(after.belief.served_low) == [0, 0]
    assert list(after.belief.served_high) == [1, 1]


@given(st.floats(0.02, 0.99))
def test_silence_alone_never_speaks_for_service(ratio):
    after = posterior(nothing_known(1), ratio=np.array([ratio]))
    assert after.belief.served_low[0] < 1e-6
    assert after.belief.served_high[0] <= 0.5
    assert list(after.grade) == ["inferred"]


@given(st.tuples(shares, shares), st.floats(0.02, 1))
def test_more_silence_never_raises_a_belief(samples, ratio):
    for measured in (belief(*sorted(samples)), nothing_known(1)):
        less = posterior(measured, ratio=np.array([ratio]))
        more = posterior(measured, ratio=np.array([ratio / 2]))
        for name in BOUNDS:
            assert getattr(more.belief, name) <= getattr(less.belief, name)


@given(shares, st.floats(0, 0.5), st.floats(0.02, 1))
def test_better_samples_never_lower_a_belief(low, better, ratio):
    silent, raised = np.array([ratio]), min(low + better, 0.98)
    earlier = posterior(belief(low, low), ratio=silent)
    later = posterior(belief(raised, raised), ratio=silent)
    for name in BOUNDS:
        assert getattr(later.belief, name) >= getattr(earlier.belief, name) - 1e-12


def test_the_grade_is_that_of_what_moved_most():
    silent = np.array([0.02])
    assert list(posterior(belief(0.4, 0.4), ratio=silent).grade) == ["inferred"]
    assert list(posterior(belief(0.01, 0.01), ratio=silent).grade) == ["measured"]
    assert list(posterior(belief(0.4, 0.4)).grade) == ["measured"]
    grades = [np.array(["none", "modelled"], object), np.array(["none", "inferred"], object)]
    assert list(strongest(grades, 2)) == ["none", "inferred"]


@given(st.lists(shares, min_size=2, max_size=6), st.floats(0, 1))
def test_clusters_that_stand_and_fall_together_lie_between_one_and_independent(values, alike):
    served = np.array(values) / 10
    own = Belief(
        served_low=served, served_high=served, good_low=np.zeros(len(served)), good_high=served
    )
    first = np.array([0])
    order = ["unknown", "no_signal"]
    found = [
        classes_of_hamlets(own, first_cluster=first, confidence=0.9, alike=a)[0][0]
        for a in (0.0, alike, 1.0)
    ]
    assert order.index(found[0]) <= order.index(found[1]) <= order.index(found[2])
    alone = classes_of_clusters(own, confidence=0.9)[0]
    assert (found[2] == "no_signal") == (alone == "no_signal").all()
