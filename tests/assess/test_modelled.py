"""Facts of predicting levels: ridges hide, masts are found by who hears them, neighbours teach, missing samples do not."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from threadpoolctl import threadpool_limits

from lomsong.assess.corrected import correct_levels
from lomsong.assess.joint import Foretold
from lomsong.assess.modelled import Prediction, predict
from lomsong.assess.modelled.candidates import Mast, places_around
from lomsong.assess.modelled.choose import STACK, folds_like
from lomsong.assess.modelled.field import propagation_of
from lomsong.assess.modelled.levels import Asked, level_by_samples
from lomsong.assess.modelled.masts import Search, _greater, masts_of
from lomsong.assess.modelled.standing import ERRORS
from lomsong.assess.modelled.units import Units, units_of
from lomsong.config import LevelsSection
from lomsong.evidence.clusters import Clusters
from lomsong.evidence.tally import CELLS_PER_DEGREE, NO_SERVICE
from lomsong.space.crs import WGS84, to_crs
from lomsong.space.raster import Raster
from lomsong.tables import CORRECTED_BY, PREDICTED, checked, empty

METRIC = CRS.from_epsg(32648)
WEST, NORTH, STEP, CELLS = 560_000.0, 2_500_000.0, 60.0, 200
RIDGE_COLUMN = 100
MAST = (WEST + 3000, NORTH - 6000)


def degrees(x, y):
    return to_crs(np.atleast_1d(x), np.atleast_1d(y), source=METRIC, target=WGS84)


@pytest.fixture(scope="module")
def terrain():
    """Flat land, cut by a ridge of 500 m from north to south."""
    height = np.full((CELLS, CELLS), 200, np.float32)
    height[:, RIDGE_COLUMN - 2 : RIDGE_COLUMN + 3] = 700
    return Raster(height, Affine(STEP, 0, WEST, 0, -STEP, NORTH), METRIC)


def sites(carrier="viettel", *, off_m=0.0, error_m=0.0):
    lon, lat = degrees(MAST[0] + off_m, MAST[1])
    return pd.DataFrame(
        {
            "site_id": "452-04-4G-1001",
            "carrier": carrier,
            "position_error_m": error_m,
            "lon": lon,
            "lat": lat,
            "height_m": np.nan,
            "frequency_mhz": 1800.0,
        }
    )


def placed(x, y, *, node=None, error_m=0.0):
    """Return a list of one mast at a place [m]."""
    lon, lat = degrees(x, y)
    name = f"452-04-4G-{node}"
    return sites(error_m=error_m).assign(lon=lon, lat=lat, node=node, site_id=name)


def possible(x, y):
    return Mast(
        x=np.array([x]), y=np.array([y]), weight=np.ones(1), height_m=40.0, frequency_mhz=1800.0
    )


def clusters():
    """Return one cluster before the ridge and one behind it."""
    x, y = np.array([WEST + 4500, WEST + 7000]), np.full(2, NORTH - 6000)
    table = gpd.GeoDataFrame(
        {"cluster_id": ["near", "behind"], "hamlet_id": ["a", "b"]},
        geometry=[shapely.Point(a, b) for a, b in zip(*degrees(x, y), strict=True)],
        crs=4326,
    )
    return Clusters(
        table=table,
        hamlet=np.arange(2),
        reach_m=np.full(2, 250.0),
        place_x=x,
        place_y=y,
        place_cluster=np.arange(2),
        crs=METRIC,
    )


def witnesses(x, y, level, *, carrier="viettel", cluster=-1, device="a"):
    lon, lat = degrees(x, y)
    level = np.asarray(level, float)
    heard = level > -124
    return pd.DataFrame(
        {
            "hamlet": 0,
            "cluster": cluster,
            "carrier": carrier,
            "technology": np.where(heard, "4G", ""),
            "device": device,
            "day": 1,
            "cell_x": np.floor(lon * CELLS_PER_DEGREE).astype(int),
            "cell_y": np.floor(lat * CELLS_PER_DEGREE).astype(int),
            "level_dbm": np.where(heard, level, NO_SERVICE).astype(int),
            "n": 1,
        }
    ).astype({"technology": "str", "carrier": "str", "device": "str"})


def drive(terrain, *, traced=0.3, carrier="viettel", seed=4, worse_db=12.0):
    """Return what phones tell that hear the mast `worse_db` below the usual budget; most losses leave no trace."""
    chance = np.random.default_rng(seed)
    x = WEST + chance.uniform(500, 11_500, 500)
    y = NORTH - chance.uniform(500, 11_500, 500)
    exact = masts_of(sites(carrier), terrain)
    empty = units_of(witnesses(x[:0], y[:0], x[:0]), crs=METRIC)
    search = Search(terrain, exact, empty, most_places=1)
    level = search.network(search.found()).heard(x, y).level_dbm - worse_db
    level += chance.normal(0, 6, len(x))
    told = (level > -124) | (chance.random(len(x)) < traced)
    return witnesses(x[told], y[told], level[told], carrier=carrier)


def said(rows, terrain, known, *, carriers=("viettel",)) -> dict[str, Prediction]:
    units = units_of(rows[rows["carrier"].isin(carriers)], crs=METRIC)
    propagation = propagation_of(known, terrain, units)
    learnt = None if propagation is None else propagation.learnt()
    return predict(rows, clusters(), carriers=carriers, learnt=learnt, terrain=terrain)


def test_a_ridge_hides_what_lies_behind_it_though_no_phone_tells(terrain):
    found = said(drive(terrain, traced=0.0), terrain, sites())["viettel"]
    assert found.mean_dbm[0] > -100
    assert found.mean_dbm[1] < -130
    minimum = LevelsSection().minimum_rsrp_dbm
    assert (minimum - found.mean_dbm[1]) / found.sigma_db[1] > 1
    assert set(found.source) <= set(CORRECTED_BY)


@pytest.mark.parametrize("off_m", [900.0, 5000.0])
def test_a_mast_is_found_where_phones_hear_it_though_its_list_errs_by_more_than_it_says(
    terrain, off_m
):
    listed = sites(off_m=off_m, error_m=1300.0)
    units = units_of(drive(terrain), crs=METRIC)
    propagation = propagation_of(listed, terrain, units)
    (mast,) = propagation.learnt().masts["viettel"]
    off = np.array([mast.x - MAST[0], mast.y - MAST[1]])
    assert np.hypot(*off @ mast.weight) < 450


def test_the_greater_of_two_levels_has_the_mean_and_variance_of_draws():
    chance = np.random.default_rng(3)
    one, other = chance.normal(-110, 6, 200_000), chance.normal(-114, 9, 200_000)
    greater = np.maximum(one, other)
    mean, variance = _greater(*(np.array([v]) for v in (-110.0, 36.0, -114.0, 81.0)))
    assert mean[0] == pytest.approx(greater.mean(), abs=0.1)
    assert variance[0] == pytest.approx(greater.var(), rel=0.02)
    # Of two levels that are known the greater one stays.
    known = _greater(*(np.array([v]) for v in (-110.0, 0.0, -114.0, 0.0)))
    assert known == (pytest.approx(-110.0), pytest.approx(0.0, abs=1e-6))


def test_two_masts_are_told_apart_by_who_served(terrain):
    """One list names them crosswise: levels alone fit either way, the served cells only one."""
    chance = np.random.default_rng(8)
    own = {1001: (WEST + 2400, NORTH - 4200), 1002: (WEST + 2400, NORTH - 7800)}
    x, y = WEST + chance.uniform(600, 5400, 400), NORTH - chance.uniform(2400, 9600, 400)
    flat = units_of(witnesses(x[:0], y[:0], x[:0]), crs=METRIC)
    levels = np.column_stack(
        [
            Search(terrain, masts_of(placed(*at), terrain), flat, most_places=1)
            .network([possible(*at)])
            .heard(x, y)
            .level_dbm
            for at in own.values()
        ]
    )
    rows = witnesses(x, y, levels.max(axis=1) - 12 + chance.normal(0, 4, 400))
    rows["node"] = np.array(list(own))[levels.argmax(axis=1)] % 65_535
    crossed = pd.concat(
        [
            placed(*own[1001], node=1002, error_m=3000.0),
            placed(*own[1002], node=1001, error_m=3000.0),
        ]
    )

    def off(table):
        propagation = propagation_of(crossed, terrain, units_of(table, crs=METRIC))
        found = propagation.learnt().masts["viettel"]
        # Masts stand in the order of their names.
        pairs = zip(found, own.values(), strict=True)
        return max(np.hypot(m.x - at[0], m.y - at[1]) @ m.weight for m, at in pairs)

    assert off(rows) < 1300
    assert off(rows.assign(node=-1)) > 2000


def test_served_cells_that_nobody_lists_change_nothing(terrain):
    rows = drive(terrain)
    listed = sites(off_m=900.0, error_m=1300.0)
    plain = said(rows, terrain, listed)["viettel"]
    for node in (-1, 77):
        told = said(rows.assign(node=node), terrain, listed.assign(node=1001))["viettel"]
        assert told.mean_dbm.tobytes() == plain.mean_dbm.tobytes()


def test_what_a_cluster_measured_says_nothing_of_itself(terrain):
    rows = drive(terrain)
    own = witnesses(clusters().place_x[1], clusters().place_y[1], [-60.0], cluster=1, device="b")
    without = said(rows, terrain, sites())["viettel"]
    with_own = said(pd.concat([rows, own], ignore_index=True), terrain, sites())["viettel"]
    # It moves the trend of the whole district a little, not its own place.
    assert abs(with_own.mean_dbm[1] - without.mean_dbm[1]) < 6


def test_many_rows_of_one_phone_teach_as_one(terrain):
    rows = drive(terrain)
    often = rows.assign(n=np.where(np.arange(len(rows)) % 2, 1, 5000))
    first, second = (said(r, terrain, sites())["viettel"] for r in (rows, often))
    np.testing.assert_array_equal(first.mean_dbm, second.mean_dbm)


def test_uploads_that_were_copied_teach_nothing_and_fall_into_one_block(terrain):
    rows = drive(terrain)
    copied = pd.concat([rows, rows, rows.sample(frac=1, random_state=1)], ignore_index=True)
    once, again = (units_of(r, crs=METRIC) for r in (rows, copied))
    for name in ("x", "y", "level_dbm", "phones", "lost"):
        np.testing.assert_array_equal(getattr(once, name), getattr(again, name))
    # A cell is one unit, so that no copy of a reading can lie on the other side of a block.
    assert not pd.DataFrame({"x": again.x, "y": again.y}).duplicated().any()
    folds = [folds_like(u.x, u.y, away_m=np.full(9, 500.0)) for u in (once, again)]
    np.testing.assert_array_equal(*folds)


def test_order_of_rows_changes_no_bit(terrain):
    rows = drive(terrain)
    first = said(rows, terrain, sites())["viettel"]
    second = said(rows.sample(frac=1, random_state=3), terrain, sites())["viettel"]
    for name in ("mean_dbm", "sigma_db"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def corrected(predicted, rows, learnt, terrain, **more):
    return correct_levels(
        predicted,
        rows,
        clusters(),
        carriers=("viettel", "vnpt"),
        learnt=learnt,
        terrain=terrain,
        **more,
    )


def test_corrected_levels_stand_beside_predicted_ones(terrain):
    rows = drive(terrain)
    learnt = propagation_of(sites(), terrain, units_of(rows, crs=METRIC)).learnt()
    columns = dict.fromkeys(PREDICTED.columns)
    own = {"cluster_id": "near", "hamlet_id": "a", "carrier": "viettel", "technology": "4G"}
    one = pd.DataFrame([{**columns, **own, "site_id": "m", "level_dbm": -80.0}])
    before = checked(one.astype(empty(PREDICTED).dtypes), PREDICTED)
    found = corrected(before, rows, learnt, terrain)
    near, behind = (found.table.set_index("cluster_id").loc[name] for name in ("near", "behind"))
    # What sites promise stays as it was, and nothing is made up where they promise nothing.
    assert near["level_dbm"] == -80
    assert np.isnan(behind["level_dbm"])
    assert near["corrected_dbm"] > -100 > -130 > behind["corrected_dbm"]
    weights = [row["weight"] for name, row in found.models["viettel"].items() if name != STACK]
    assert sum(weights) == pytest.approx(1, abs=1e-3)


def test_what_the_judgement_expects_goes_before_and_models_fill_what_it_leaves_open(terrain):
    rows = drive(terrain)
    expected = Foretold(
        level_dbm=np.array([np.nan, -131.5]),
        sigma_db=np.array([np.nan, 7.0]),
        p_served=np.array([np.nan, 0.1]),
    )
    plain = corrected(empty(PREDICTED), rows, None, terrain).table
    found = corrected(
        empty(PREDICTED), rows, None, terrain, expected={"viettel": expected, "vnpt": expected}
    ).table
    levels = found.set_index(["carrier", "cluster_id"])
    both = ["corrected_dbm", "corrected_sigma_db", "corrected_by"]
    assert levels.loc[("viettel", "behind"), both].tolist() == [-131.5, 7.0, "judgement"]
    near = plain.set_index("cluster_id").loc["near", both].tolist()
    assert levels.loc[("viettel", "near"), both].tolist() == near
    assert near[2] == "samples"
    # A carrier that has sites and no samples is expected somewhere, too.
    assert levels.loc[("vnpt", "behind"), "corrected_dbm"] == -131.5
    assert levels.loc[("vnpt", "near"), both].isna().all()


def test_samples_alone_say_nothing_beyond_their_reach_and_too_few_nothing_at_all(terrain):
    rows = drive(terrain)
    nearby = rows[np.arange(len(rows)) % 3 == 0]
    far = nearby.assign(cell_x=nearby["cell_x"] + 5000)
    found = corrected(empty(PREDICTED), far, None, terrain)
    assert found.table["corrected_dbm"].isna().all()
    assert found.table["corrected_by"].isna().all()
    few = corrected(empty(PREDICTED), rows[:6], None, terrain)
    assert len(few.table) == 0
    assert few.models == {}


def test_a_carrier_of_few_samples_is_told_by_its_sites_as_the_others_teach_them(terrain):
    rows = drive(terrain, traced=0.0)
    few = drive(terrain, traced=0.0, carrier="vnpt", seed=5)[:6]
    both = pd.concat([rows, few], ignore_index=True)
    known = pd.concat([sites(), sites("vnpt")], ignore_index=True)
    found = said(both, terrain, known, carriers=("vnpt", "viettel"))
    assert found["vnpt"].mean_dbm[0] > -110 > -125 > found["vnpt"].mean_dbm[1]
    assert found["vnpt"].sigma_db.min() > 3
    # Without a list, six cells teach nothing.
    assert set(said(both, terrain, sites(), carriers=("vnpt", "viettel"))) == {"viettel"}


@pytest.mark.parametrize(
    "shape", ["one road", "one level", "twelve places", "two clumps", "one home"]
)
def test_samples_of_any_shape_are_carried_to_levels_as_phones_know_them(shape):
    chance = np.random.default_rng(3)
    x, y = WEST + chance.uniform(500, 6000, 150), NORTH - chance.uniform(500, 6000, 150)
    level = chance.normal(-95, 6, 150).round()
    if shape == "one road":
        y = np.full(150, NORTH - 3000.0)
    if shape == "one level":
        level = np.full(150, -100.0)
    if shape == "two clumps":
        x = np.where(np.arange(150) % 2, x, x + 90_000)
    if shape == "one home":
        x[10:], y[10:] = x[9], y[9]
    n = 12 if shape == "twelve places" else 150
    units = units_of(witnesses(x[:n], y[:n], level[:n]), crs=METRIC)
    asked = WEST + np.linspace(0, 9000, 40)
    places = Asked(x=asked, y=np.full(40, NORTH - 2000.0), group=np.full(40, -1))
    with threadpool_limits(1):
        found = level_by_samples(units, places)
    assert (found.mean_dbm > units.level_dbm.min() - 1).all()
    assert (found.mean_dbm < units.level_dbm.max() + 1).all()
    assert (found.sigma_db > 0.5).all()
    assert (found.sigma_db < 30).all()


def test_figures_that_no_unit_tells_are_null_in_the_manifest(terrain):
    x, y = np.linspace(WEST + 2500, WEST + 5000, 20), np.full(20, NORTH - 6000.0)
    found = corrected(empty(PREDICTED), witnesses(x, y, np.full(20, -200.0)), None, terrain)
    told = json.loads(json.dumps(dict(found.models), allow_nan=False))
    assert told["viettel"][STACK]["mae_db"] is None


def test_a_mast_is_looked_for_on_the_terrain_where_phones_beyond_it_hear_it_best(terrain):
    mast = {"x": MAST[0], "y": MAST[1], "error_m": 300, "height_m": 40, "frequency_mhz": 1800}
    beyond = (WEST - 9000.0, MAST[1])
    found, listed = places_around(terrain, mast, 121, beyond)
    assert found.weight.sum() == pytest.approx(1)
    assert listed.sum(axis=1) == pytest.approx(np.ones(len(ERRORS)))
    assert found.x.min() > WEST
    # The more the list errs, the further places lie off it.
    assert (np.diff(listed @ np.hypot(found.x - MAST[0], found.y - MAST[1])) > 0).all()


def test_a_unit_is_the_median_of_its_phones():
    x, y = np.full(5, WEST + 3010.0), np.full(5, NORTH - 3010.0)
    rows = witnesses(x, y, [-80, -90, -100, -100, -130]).assign(
        device=["a", "b", "c", "c", "c"], day=[1, 1, 1, 2, 3], n=[1, 900, 1, 1, 1]
    )
    units: Units = units_of(rows, crs=METRIC)
    assert len(units) == 1
    assert units.level_dbm.tolist() == [-90.0]
    assert units.phones.tolist() == [4.0]


def test_a_mast_that_no_list_knows_stands_where_it_served(terrain):
    chance = np.random.default_rng(8)
    hidden = (WEST + 2400, NORTH - 7800)
    x, y = WEST + chance.uniform(600, 5400, 400), NORTH - chance.uniform(2400, 9600, 400)
    nobody = units_of(witnesses(x[:0], y[:0], x[:0]), crs=METRIC)
    own = [(WEST + 2400, NORTH - 4200), hidden]
    levels = np.column_stack(
        [
            Search(terrain, masts_of(placed(*at), terrain), nobody, most_places=1)
            .network([possible(*at)])
            .heard(x, y)
            .level_dbm
            for at in own
        ]
    )
    rows = witnesses(x, y, levels.max(axis=1) - 12 + chance.normal(0, 4, 400))
    rows["node"] = np.array([1001, 1002])[levels.argmax(axis=1)]
    listed = placed(*own[0], node=1001, error_m=500.0)

    def masts(table, known):
        propagation = propagation_of(known, terrain, units_of(table, crs=METRIC))
        return propagation.learnt().masts["viettel"]

    _, found = masts(rows, listed)
    assert np.hypot(found.x - hidden[0], found.y - hidden[1]) @ found.weight < 700
    # Where the list does not number its masts, the node may be that of one of them.
    assert len(masts(rows, listed.assign(node=np.nan))) == 1
    # Samples that count otherwise than the list name no mast.
    assert len(masts(rows.assign(node=rows["node"] + 7), listed)) == 1
