"""Laws of what known sites tell of the clutter that new ones meet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lands import settings
from lomsong.assess.joint import Newcomer
from lomsong.siting.clutter import through_clutter
from lomsong.siting.correction import Correction
from lomsong.siting.received import Reach

LEAST_DBM = -121.0
USUAL_DB2 = 100.0
REACH = Reach(
    option=np.array([0, 0, 1]),
    cluster=np.array([0, 1, 1]),
    rsrp_dbm=np.array([-119.0, -125.0, -121.0]),
    shape=(2, 2),
)


def levels(mean_db, variance_db2, usual_db2=USUAL_DB2):
    around = Newcomer(
        mean_db=np.array(mean_db), variance_db2=np.array(variance_db2), usual_db2=usual_db2
    )
    return through_clutter(
        REACH,
        around,
        correction=Correction(sigma_db=9.0),
        settings=settings().siting,
        least_dbm=LEAST_DBM,
    ).rsrp_dbm


def test_where_nothing_is_told_levels_stay():
    assert levels([0.0, 0.0], [USUAL_DB2, USUAL_DB2]) == pytest.approx(REACH.rsrp_dbm)


@given(st.floats(-30, 0), st.floats(0, 10), st.floats(10, 100))
def test_more_clutter_never_promises_more(mean, less, variance):
    low = levels([mean, mean], [variance, variance])
    high = levels([mean + less, mean + less], [variance, variance])
    assert (low <= high + 1e-9).all()


@given(st.floats(20, 100), st.floats(0.5, 1.0))
def test_what_is_surer_lies_further_from_the_limit(variance, share):
    wide = levels([0.0, 0.0], [variance, variance]) - LEAST_DBM
    narrow = levels([0.0, 0.0], [variance * share, variance * share]) - LEAST_DBM
    assert (np.abs(narrow) >= np.abs(wide) - 1e-9).all()
    assert (np.sign(narrow) == np.sign(wide)).all()


def test_known_sites_that_stray_further_than_shadows_tell_less():
    near, far = (levels([-8.0, -8.0], [usual, usual], usual) for usual in (64.0, 256.0))
    assert near - REACH.rsrp_dbm == pytest.approx(-8.0)
    assert far - REACH.rsrp_dbm == pytest.approx(-2.0)
