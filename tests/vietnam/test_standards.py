"""Facts of the standards and how they are labelled."""

import itertools

import pytest

from lomsong.vietnam import standards


def test_a_figure_that_was_not_read_says_so():
    assert standards.MINIMUM_RSRP.value == -121
    assert standards.MINIMUM_RSRP.source.label == "QCVN 81:2019/BTTTT (chưa đối chiếu văn bản)"
    assert standards.ANDROID.source.label == standards.ANDROID.source.title


@pytest.mark.parametrize("scheme", standards.SCHEMES, ids=lambda scheme: scheme.name)
def test_schemes_fall_and_a_bound_belongs_to_the_better_class(
    scheme: standards.Scheme,
):
    assert len(scheme.labels) == len(scheme.lower_bounds_dbm) + 1
    assert all(a > b for a, b in itertools.pairwise(scheme.lower_bounds_dbm))
    for bound, label, below in zip(
        scheme.lower_bounds_dbm, scheme.labels, scheme.labels[1:], strict=False
    ):
        assert scheme.label_of(bound) == label
        assert scheme.label_of(bound - 0.01) == below
