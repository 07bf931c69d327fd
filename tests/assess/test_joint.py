"""Laws of judging together: worse news never betters, ridges stand for all clusters, nothing known stays unknown."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.special import ndtr

from lomsong.assess.joint import Question, judge_together
from lomsong.assess.joint.draws import Nobody, chances, drawn
from lomsong.assess.joint.places import BETWEEN, places_of
from lomsong.assess.joint.spots import carried, spots_of, tie_by_distance, tie_of
from lomsong.assess.joint.units import GRID_DBM, Reading, units_of
from lomsong.assess.modelled.field import Expected
from lomsong.config import LevelsSection
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.cube import NO_SERVICE
from lomsong.evidence.silence import LEAST_RATIO_OF_NOBODY
from lomsong.space.crs import WGS84, to_crs

METRIC = CRS.from_epsg(32648)
WEST, SOUTH, APART = 560_000.0, 2_500_000.0, 900.0
CARRIERS = ("mobifone", "viettel")
LEVELS = LevelsSection()
SHADOW_DB2 = 81.0
READING = Reading(lost_dbm=-125.0, unit_db=8.0)
ORDER = ("no_signal", "partial", "weak", "covered")
CONFIDENCE = 0.9
HAMLETS, EACH = 12, 2
few = settings(max_examples=12)


class Falling:
    """A promise that falls from west to east."""

    def at(self, carrier, x, y, *, task=None):
        del carrier, task
        return Expected(
            mean_dbm=-80 - (x - WEST) / 250,
            sigma_db=np.full(len(y), 10.0),
            features=np.empty((len(x), 0)),
            in_reach=np.ones(len(x), bool),
        )


@cache
def clusters():
    """Return hamlets of two clusters each in a row from west to east."""
    x = WEST + APART * np.arange(HAMLETS * EACH)
    y = np.full(len(x), SOUTH)
    lon, lat = to_crs(x, y, source=METRIC, target=WGS84)
    table = gpd.GeoDataFrame(
        {
            "cluster_id": [f"c{i:02d}" for i in range(len(x))],
            "is_centre": np.arange(len(x)) % EACH == 0,
        },
        geometry=shapely.points(lon, lat),
        crs=WGS84,
    )
    return Clusters(
        table=table,
        hamlet=np.repeat(np.arange(HAMLETS), EACH),
        reach_m=np.full(len(x), 250.0),
        place_x=x,
        place_y=y,
        place_cluster=np.arange(len(x)),
        crs=METRIC,
    )


def rows(cluster, carrier, device, level, *, dx=0, n=1):
    at = clusters()
    lon, lat = at.table.geometry.x.iloc[cluster], at.table.geometry.y.iloc[cluster]
    technology = "" if level == NO_SERVICE else "4G"
    cell_x, cell_y = int(np.floor(lon * 1600)) + dx, int(np.floor(lat * 1600))
    place = (int(at.hamlet[cluster]), cluster)
    return (*place, carrier, technology, device, 0, cell_x, cell_y, level, n)


def table(observed):
    columns = [
        "hamlet",
        "cluster",
        "carrier",
        "technology",
        "device",
        "day",
        "cell_x",
        "cell_y",
        "level_dbm",
        "n",
    ]
    found = pd.DataFrame(observed, columns=columns)
    return found.astype(dict.fromkeys(("carrier", "technology", "device"), str))


def neighbourhood():
    """Return what follows the promise, in all hamlets but the fifth."""
    seen = []
    for cluster in range(HAMLETS * EACH):
        level = int(-80 - cluster * APART / 250)
        if cluster // EACH != 5:
            for carrier in CARRIERS:
                heard = level if level >= -124 else NO_SERVICE
                seen += [rows(cluster, carrier, f"{carrier}{p}", heard, dx=p) for p in (0, 1)]
    return seen


def judged(observed, *, promised=CARRIERS, levels=LEVELS):
    question = Question(
        clusters=clusters(),
        carriers=CARRIERS,
        promised=promised,
        sited=promised,
        levels=levels,
        n_hamlets=HAMLETS,
    )
    return judge_together(table(observed), question, Falling(), silences=None, older=True)


ONE = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.one_of(st.just(NO_SERVICE), st.integers(-128, -70)),
    st.integers(0, 5),
    st.integers(1, 9),
)
LIKELIHOOD = st.lists(ONE, max_size=8)
MEAN, SPREAD = np.array([-118.0, -121.0]), np.array([[150.0, 70.0], [70.0, 150.0]])


def tie_to_first(spots):
    """Return how spots hang on the first cluster, with hills that are alike over 800 m."""
    x, y = np.r_[WEST, spots.x], np.r_[SOUTH, spots.y]
    away = np.hypot(x[:, None] - x, y[:, None] - y)
    return tie_by_distance(SHADOW_DB2 * np.exp(-away / 800))


def classes(observed, *, levels=LEVELS):
    """Judge a hamlet of two clusters of one carrier, with a fixed belief before its own samples at the first."""
    seen = [rows(0, "viettel", d, level, dx=dx, n=n) for d, level, dx, n in observed]
    units = units_of(table(seen), carriers=("viettel",), levels=levels, reading=READING)
    spots = spots_of(units, clusters())
    own = np.zeros((2, len(GRID_DBM)))
    if len(spots):
        own[0] = carried(spots.ln_likelihood, tie_to_first(spots))
    level = drawn(MEAN, SPREAD, own, GRID_DBM, chances(2))
    served, good = level >= levels.minimum_rsrp_dbm, level >= levels.good_rsrp_dbm
    shares = {
        "no_signal": (~served).all(axis=1).mean(),
        "covered": good.all(axis=1).mean(),
        "all served": served.all(axis=1).mean(),
    }
    return level, shares


@few
@given(LIKELIHOOD, ONE, st.integers(-105, -70))
def test_another_good_sample_raises_every_draw(observed, added, level):
    before, earlier = classes(observed)
    after, later = classes([*observed, (added[0], level, *added[2:])])
    assert (after >= before - 1e-6).mean() > 0.999
    assert later["no_signal"] <= earlier["no_signal"] + 0.01
    assert later["covered"] >= earlier["covered"] - 0.01
    assert later["all served"] >= earlier["all served"] - 0.01


@few
@given(LIKELIHOOD, ONE)
def test_another_no_service_observation_lowers_every_draw(observed, added):
    before, earlier = classes(observed)
    after, later = classes([*observed, (added[0], NO_SERVICE, *added[2:])])
    assert (after <= before + 1e-6).mean() > 0.999
    assert later["no_signal"] >= earlier["no_signal"] - 0.01
    assert later["all served"] <= earlier["all served"] + 0.01


@few
@given(LIKELIHOOD, st.integers(-121, -110), st.integers(0, 20))
def test_a_higher_minimum_never_serves_more(observed, minimum, more):
    higher = LevelsSection(minimum_rsrp_dbm=minimum, good_rsrp_dbm=-105 + more)
    _, earlier = classes(observed)
    _, later = classes(observed, levels=higher)
    decided = {name for name, share in later.items() if share >= CONFIDENCE}
    assert not ("covered" in decided and earlier["covered"] < 1 - CONFIDENCE)
    assert not (earlier["no_signal"] >= CONFIDENCE and "all served" in decided)


def test_draws_are_those_of_the_normal_distribution_where_nothing_else_is_known():
    level = drawn(MEAN, SPREAD, np.zeros((2, len(GRID_DBM))), GRID_DBM, chances(2))
    np.testing.assert_allclose(level.mean(axis=0), MEAN, atol=0.8)
    np.testing.assert_allclose(np.cov(level.T), SPREAD, rtol=0.12)


def test_a_known_level_weighs_as_the_product_of_two_normal_distributions():
    sigma, read = 8.0, -110.0
    told = -0.5 * ((GRID_DBM - read) / sigma) ** 2
    level = drawn(MEAN[:1], SPREAD[:1, :1], told[None], GRID_DBM, chances(1))[:, 0]
    variance = 1 / (1 / SPREAD[0, 0] + 1 / sigma**2)
    mean = variance * (MEAN[0] / SPREAD[0, 0] + read / sigma**2)
    expected = ndtr((mean + 115) / np.sqrt(variance))
    assert abs((level >= -115).mean() - expected) < 0.03


ALONE = np.array([-118.0, -118.0]), np.diag([100.0, 100.0])


def dead_of_nobody(expected, *, cluster=(0, 0)):
    """Return how often each of two levels, and both at once, are dead where so many phones are missing."""
    below = (GRID_DBM < -121).astype(float)
    nobody = Nobody(expected=np.array(expected), cluster=np.array(cluster), below=below)
    level = drawn(*ALONE, np.zeros((2, len(GRID_DBM))), GRID_DBM, chances(2), nobody=nobody)
    dead = level < -121
    return dead.mean(axis=0), dead.all(axis=1).mean()


def test_that_nobody_is_heard_is_one_thing_of_all_carriers():
    neither, _ = dead_of_nobody([0.0, 0.0])
    own, together = dead_of_nobody([40.0, 40.0])
    apart, twice = dead_of_nobody([40.0, 40.0], cluster=(0, 1))
    prior = ndtr((-121 - ALONE[0][0]) / 10)
    ratio = LEAST_RATIO_OF_NOBODY
    assert abs(together - prior**2 / (prior**2 + ratio * (1 - prior**2))) < 0.04
    assert (neither < own).all()
    assert (own < apart).all()
    assert together < twice


@few
@given(st.floats(0, 60), st.floats(0, 60), st.floats(0, 60))
def test_more_missing_phones_never_speak_for_service(first, second, more):
    fewer, _ = dead_of_nobody([first, second])
    many, _ = dead_of_nobody([first + more, second])
    assert many[0] >= fewer[0] - 0.01


def test_neighbours_and_sites_foretell_a_hamlet_nobody_measured():
    found = judged(neighbourhood())
    served = found.served[1].reshape(HAMLETS, EACH)
    assert (np.diff(served.mean(axis=1)) < 0.1).all()
    assert (served[:3] > 0.9).all()
    assert (served[-1] < 0.1).all()
    assert set(found.grade[1][10:12]) == {"modelled"}
    assert (found.served_low <= found.served).all()
    assert (found.served_high >= found.served).all()
    classes_of_hamlets, _ = found.hamlets[1].classes(confidence=CONFIDENCE)
    assert classes_of_hamlets[0] == "covered"
    assert classes_of_hamlets[-1] == "no_signal"
    assert found.calibration["clusters"].sum() > 0


def test_of_a_carrier_without_sites_and_samples_nothing_is_said():
    seen = [row for row in neighbourhood() if row[2] == "viettel"]
    found = judged(seen, promised=("viettel",))
    assert set(found.grade[0]) == {"none"}
    for case in (found.hamlets[0], found.clusters[0]):
        assert set(case.classes(confidence=CONFIDENCE)[0]) == {"unknown"}
    assert set(found.hamlets[0].official_classes(confidence=CONFIDENCE)) == {"unknown"}
    best, _ = found.hamlets[2].classes(confidence=CONFIDENCE)
    # A carrier of which nothing is known may always be there.
    assert "no_signal" not in best
    assert best[0] == "covered"


def test_the_order_of_rows_changes_no_bit():
    seen = neighbourhood()
    shuffled = [seen[i] for i in np.random.default_rng(3).permutation(len(seen))]
    first, second = judged(seen), judged(shuffled)
    np.testing.assert_array_equal(first.served, second.served)
    assert first.model == second.model


def test_places_are_one_a_block_and_carrier():
    seen = table(neighbourhood())
    found = places_of(seen, clusters(), carriers=CARRIERS, silences=None, lost_dbm=READING.lost_dbm)
    keys = set(zip(found.carrier, found.x, found.y, found.hamlet, strict=True))
    assert len(keys) == len(found)
    assert set(found.hamlet) == set(range(HAMLETS)) - {5}


def test_what_was_heard_between_clusters_speaks_for_no_hamlet():
    seen = [(hamlet, -1, *rest) for hamlet, _, *rest in neighbourhood()]
    found = places_of(
        table(seen), clusters(), carriers=CARRIERS, silences=None, lost_dbm=READING.lost_dbm
    )
    assert set(found.hamlet) == {BETWEEN}


def test_what_the_road_hears_says_less_of_the_houses_the_further_they_are_away():
    def decided(away_m):
        spread = np.array([[0.0, away_m], [away_m, 0.0]])
        tie = tie_by_distance(SHADOW_DB2 * np.exp(-spread / 800))
        heard = -0.5 * ((GRID_DBM + 100) / 5.0) ** 2
        own = carried(heard[None], tie)
        odds = np.exp(own[GRID_DBM >= -121]).sum() / np.exp(own[GRID_DBM < -121]).sum()
        return float(np.log(odds))

    assert decided(20) > decided(100) > decided(250) > 0


def test_spots_at_one_place_count_about_once():
    alike = SHADOW_DB2 * np.exp(-np.array([[0, 250, 255], [250, 0, 5], [255, 5, 0]]) / 800)
    heard = np.repeat(-0.5 * ((GRID_DBM[None] + 100) / 5.0) ** 2, 2, axis=0)
    twice = carried(heard, tie_by_distance(alike))
    once = carried(heard[:1], tie_by_distance(alike[:2, :2]))
    assert np.ptp(twice) < 1.4 * np.ptp(once)


def test_a_tie_is_the_conditional_normal_distribution():
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 4))
    covariance, mean = root @ root.T + np.eye(4), rng.normal(size=4)
    covariance[0, 1:] = covariance[1:, 0] = np.abs(covariance[0, 1:])
    tie = tie_of(mean, covariance)
    np.testing.assert_allclose(tie.offset + tie.slope * mean[0], mean[1:])
    back = tie.open_db2 + covariance[0, 0] * tie.slope**2
    np.testing.assert_allclose(back[tie.slope < 1.5], np.diag(covariance)[1:][tie.slope < 1.5])
