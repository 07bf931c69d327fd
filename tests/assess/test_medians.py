"""Weighted medians against the plainest way to find them."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lomsong.assess.medians import medians

rows = st.lists(
    st.tuples(
        st.sampled_from(["", "a", "b"]),
        st.integers(-2, 2),
        st.integers(-130, -60),
        st.integers(1, 4),
    ),
    max_size=40,
)


@given(rows, st.booleans())
def test_medians_are_those_of_rows_written_out_as_often_as_they_count(told, lower):
    table = pd.DataFrame(told, columns=["device", "cell", "level", "n"])
    table = table.astype({"device": "str", "cell": "int32", "level": float, "n": "int64"})
    written = table.loc[table.index.repeat(table["n"])]
    plain = {
        group: np.quantile(own, 0.5, method="inverted_cdf" if lower else "averaged_inverted_cdf")
        for group, own in written.groupby(["device", "cell"])["level"]
    }
    found = medians(table, ["device", "cell"], lower=lower)
    assert list(zip(found["device"], found["cell"], strict=True)) == sorted(plain)
    assert found["level"].tolist() == [plain[group] for group in sorted(plain)]


@given(rows.filter(bool), st.randoms())
def test_the_order_of_rows_changes_nothing(told, chance):
    mixed = list(told)
    chance.shuffle(mixed)
    names = ["device", "cell", "level", "n"]
    one, other = (medians(pd.DataFrame(some, columns=names), names[:2]) for some in (told, mixed))
    pd.testing.assert_frame_equal(one, other)
