"""Laws of judging: nothing invented, nothing bettered by worse news, order without meaning."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.assess.classify import Belief, classes_of_clusters, classes_of_hamlets, nothing_known
from lomsong.assess.served import measured_beliefs
from lomsong.config import LevelsSection
from lomsong.evidence.cube import NO_SERVICE

ORDER = {"no_signal": 0, "partial": 1, "weak": 2, "covered": 3}
LEVELS = LevelsSection()
CONFIDENCE = 0.9
few = settings(max_examples=30)  # an example judges many worlds
FOUR_G = ("4G",)

rows = st.tuples(
    st.integers(0, 2),  # cluster
    st.sampled_from(["", "a", "b", "c", "d"]),  # device
    st.integers(0, 3),  # day
    st.integers(0, 5),  # cell_x
    st.integers(0, 5),  # cell_y
    st.one_of(st.just(NO_SERVICE), st.integers(-130, -80)),
    st.integers(1, 50),  # how often
)


def witnesses(observed):
    """Make a witness table of one carrier from tuples of `rows`."""
    table = pd.DataFrame(
        observed, columns=["cluster", "device", "day", "cell_x", "cell_y", "level_dbm", "n"]
    ).astype({"device": str})
    silent = table["level_dbm"] == NO_SERVICE
    return table.assign(
        hamlet=0, carrier="viettel", technology=np.where(silent, "", "4G").astype(object)
    ).astype({"technology": str, "carrier": str})


def belief_of(observed, *, levels=LEVELS, n=3):
    beliefs = measured_beliefs(witnesses(observed), technologies=FOUR_G, levels=levels)
    belief = nothing_known(n)
    for name in ("served_low", "served_high", "good_low", "good_high"):
        getattr(belief, name)[beliefs["cluster"].to_numpy()] = beliefs[name].to_numpy()
    return belief


def hamlet_class(belief):
    classes, _ = classes_of_hamlets(belief, first_cluster=np.array([0]), confidence=CONFIDENCE)
    return classes[0]


def never_better(later, earlier):
    return "unknown" in {later, earlier} or ORDER[later] <= ORDER[earlier]


@few
@given(st.lists(rows, min_size=1, max_size=25), st.integers(-121, -60), st.integers(0, 20))
def test_a_higher_threshold_never_improves_a_class(observed, minimum, gap):
    low = LevelsSection(minimum_rsrp_dbm=-121, good_rsrp_dbm=-105)
    high = LevelsSection(minimum_rsrp_dbm=minimum, good_rsrp_dbm=max(minimum, -105) + gap)
    earlier, later = belief_of(observed, levels=low), belief_of(observed, levels=high)
    assert never_better(hamlet_class(later), hamlet_class(earlier))
    for a, b in zip(
        classes_of_clusters(later, confidence=CONFIDENCE)[0],
        classes_of_clusters(earlier, confidence=CONFIDENCE)[0],
        strict=True,
    ):
        assert never_better(a, b)


@few
@given(st.lists(rows, min_size=1, max_size=25), rows, st.integers(-105, -60))
def test_another_good_sample_never_worsens(observed, added, level):
    earlier = belief_of(observed)
    later = belief_of([*observed, (*added[:5], level, added[6])])
    assert never_better(hamlet_class(earlier), hamlet_class(later))
    assert (later.served_low >= earlier.served_low - 1e-12).all() or _newly_known(earlier, later)


@few
@given(st.lists(rows, min_size=1, max_size=25), rows)
def test_another_no_service_observation_never_improves(observed, added):
    earlier = belief_of(observed)
    later = belief_of([*observed, (*added[:5], NO_SERVICE, added[6])])
    assert never_better(hamlet_class(later), hamlet_class(earlier))


def _newly_known(earlier: Belief, later: Belief):
    return ((earlier.served_high - earlier.served_low == 1) & (later.served_high < 1)).any()


@few
@given(st.lists(rows, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(observed, random):
    shuffled = list(observed)
    random.shuffle(shuffled)
    first, second = belief_of(observed), belief_of(shuffled)
    np.testing.assert_array_equal(first.served_low, second.served_low)
    np.testing.assert_array_equal(first.good_high, second.good_high)


def test_nothing_known_is_unknown_in_any_number_of_clusters():
    for n in (1, 2, 50):
        assert hamlet_class(nothing_known(n)) == "unknown"


@few
@given(st.lists(rows, min_size=0, max_size=25))
def test_a_cluster_without_evidence_is_never_dead_or_covered(observed):
    elsewhere = [(0, *row[1:]) for row in observed]
    if not elsewhere:
        return
    classes, _ = classes_of_clusters(belief_of(elsewhere), confidence=CONFIDENCE)
    assert list(classes[1:]) == ["unknown", "unknown"]
    # A hamlet with an unmeasured cluster can be partial or unknown, but nothing that speaks for every cluster.
    assert hamlet_class(belief_of(elsewhere)) == "unknown"


@few
@given(st.integers(1, 5000), st.integers(-100, -60), st.integers(0, 1), st.integers(0, 1))
def test_one_phone_at_one_house_decides_nothing(rows_of_phone, level, dx, dy):
    # Fixes scatter over the four cells around a corner, day after day.
    home = [
        (0, "a", day, 3 + x, 3 + y, level, rows_of_phone)
        for day in range(30)
        for x in (0, dx)
        for y in (0, dy)
    ]
    classes, _ = classes_of_clusters(belief_of(home), confidence=CONFIDENCE)
    assert classes[0] == "unknown"


def test_three_phones_in_three_homes_decide():
    homes = [(0, device, 0, 2 * i, 0, -90, 5) for i, device in enumerate("abc")]
    assert classes_of_clusters(belief_of(homes), confidence=CONFIDENCE)[0][0] == "covered"
    silent = [(0, device, 0, 2 * i, 0, NO_SERVICE, 5) for i, device in enumerate("abc")]
    assert classes_of_clusters(belief_of(silent), confidence=CONFIDENCE)[0][0] == "no_signal"


def test_classes_of_a_hamlet_follow_their_definitions():
    sure, none = 0.99, 0.01

    def belief(served, good):
        s, g = np.array(served), np.array(good)
        return Belief(served_low=s, served_high=s, good_low=g, good_high=g)

    assert hamlet_class(belief([none, none], [0.0, 0.0])) == "no_signal"
    assert hamlet_class(belief([sure, none], [sure, 0.0])) == "partial"
    assert hamlet_class(belief([sure, sure], [sure, none])) == "weak"
    assert hamlet_class(belief([sure, sure], [sure, sure])) == "covered"
    assert hamlet_class(belief([sure, 0.5], [sure, 0.2])) == "unknown"


def test_quality_uncertain_marks_weak_that_may_be_covered():
    served, good = np.array([0.99]), np.array([0.5])
    belief = Belief(served_low=served, served_high=served, good_low=good, good_high=good)
    classes, uncertain = classes_of_clusters(belief, confidence=CONFIDENCE)
    assert (classes[0], uncertain[0]) == ("weak", True)
