"""Laws of the sweep: against the exact path, brute force, threads, and awkward sites."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from lomsong.errors import DefectError, InputError
from lomsong.propagation import line_of_sight, losses_at, sweep, sweep_exact
from lomsong.space.raster import Raster

UTM = CRS.from_epsg(32648)
RADIUS_M = 6371e3 * 157 / 112


def _terrain(heights: np.ndarray, *, width: float = 30, height: float = 30) -> Raster:
    north = 2_300_000 + height * heights.shape[0]
    return Raster(heights.astype(np.float32), Affine(width, 0, 500_000, 0, -height, north), UTM)


def _hills(*, rows: int = 121, columns: int = 141, seed: int = 3) -> np.ndarray:
    """Smooth random hills of some hundred metres."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns] / 30
    waves = random.normal(size=(12, 4))
    waved = sum(a * np.sin(b * 1.5 * x + c * 1.5 * y + 9 * p) for a, b, c, p in waves)
    return 300 + 60 * np.asarray(waved)


def _at(terrain: Raster, row: float, column: float) -> dict[str, float]:
    x, y = terrain.transform @ (column + 0.5, row + 0.5)
    return {"x": x, "y": y}


def _distance(result: Raster, x: float, y: float) -> np.ndarray:
    rows, columns = np.indices(result.values.shape)
    east, north = result.transform @ (columns + 0.5, rows + 0.5)
    return np.hypot(east - x, north - y)


@pytest.fixture(scope="module")
def mountains(shared_data: Path) -> Raster:
    with rasterio.open(shared_data / "dem" / "bigtujunga_srtm30m_utm11.tif") as source:
        return Raster(
            source.read(1).astype(np.float32), source.transform, CRS.from_wkt(source.crs.to_wkt())
        )


LINK = {"mast_m": 40.0, "rx_m": 1.5}


@pytest.mark.parametrize(("row", "column"), [(321.4, 600.2), (150.0, 900.5), (500.7, 250.3)])
@pytest.mark.parametrize("frequency_mhz", [700.0, 1800.0, 3600.0])
def test_sweep_holds_to_the_exact_path_on_real_mountains(
    mountains: Raster, row: float, column: float, frequency_mhz: float
):
    site = _at(mountains, row, column)
    asked = {**site, **LINK, "radius_m": 9_000.0, "frequency_mhz": frequency_mhz}
    fast = sweep(mountains, **asked).values
    some = np.random.default_rng(7).random(fast.shape) < 0.01
    exact = sweep_exact(mountains, **asked, select=some).values
    known = ~np.isnan(exact)
    assert known.sum() > 1_000
    difference = np.abs(fast[known] - exact[known])
    assert np.percentile(difference, 90) < 1
    for threshold in (120, 130, 140, 150):
        same = (fast[known] < threshold) == (exact[known] < threshold)
        assert same.mean() >= 0.99


def test_sight_equals_brute_force_on_real_mountains(mountains: Raster):
    site = _at(mountains, 321.4, 600.2)
    found = line_of_sight(mountains, **site, **LINK, radius_m=6_000.0)
    distance = _distance(found, site["x"], site["y"])
    picked = np.argwhere((distance > 100) & (distance < 6_000))
    picked = picked[np.random.default_rng(1).choice(len(picked), 3_000, replace=False)]
    antenna = float(mountains.at(site["x"], site["y"])) + 40
    same = 0
    for row, column in picked:
        x, y = found.transform @ (column + 0.5, row + 0.5)
        d = distance[row, column]
        share = np.linspace(0, 1, int(np.ceil(d / 10)) + 1)[1:-1]
        ground = mountains.at(
            site["x"] + share * (x - site["x"]), site["y"] + share * (y - site["y"])
        )
        bulged = ground + d * d * share * (1 - share) / (2 * RADIUS_M)
        line = antenna + share * (float(mountains.at(x, y)) + 1.5 - antenna)
        same += bool((bulged < line).all()) == bool(found.values[row, column])
    assert same / len(picked) >= 0.99


@pytest.mark.parametrize("width", [30.0, 20.0])
def test_sweep_writes_every_cell_once_and_none_beyond_the_radius(width: float):
    terrain = _terrain(_hills(), width=width)
    for row, column in [(60, 70), (60.5, 70.5), (60.3, 70.49), (0, 0), (-0.5, -0.5), (120.4, 33)]:
        site = _at(terrain, row, column)
        loss = sweep(terrain, **site, **LINK, radius_m=1_500.0, frequency_mhz=1800.0)
        inside = _distance(loss, **site) <= 1_500.0
        assert np.array_equal(np.isfinite(loss.values), inside)
        column_shift, row_shift = ~terrain.transform @ (loss.transform.c, loss.transform.f)
        assert column_shift == pytest.approx(round(column_shift), abs=1e-6)
        assert row_shift == pytest.approx(round(row_shift), abs=1e-6)


def test_threads_and_repetition_change_no_bit():
    terrain = _terrain(_hills(rows=200, columns=220))
    asked = {**_at(terrain, 99.3, 101.8), **LINK, "radius_m": 2_900.0, "frequency_mhz": 900.0}
    alone = sweep(terrain, **asked, threads=1).values.tobytes()
    for threads in (2, 3, None):
        assert sweep(terrain, **asked, threads=threads).values.tobytes() == alone


@given(
    row=st.floats(-0.5, 60.5),
    column=st.floats(-0.5, 72.5),
    height=st.sampled_from([30.0, 47.0]),
    radius_m=st.sampled_from([40.0, 900.0, 5_000.0]),
    seed=st.integers(0, 1_000),
)
@settings(max_examples=40)
def test_losses_at_places_are_those_of_the_whole_sweep_to_the_bit(
    row: float, column: float, height: float, radius_m: float, seed: int
):
    random = np.random.default_rng(seed)
    heights = _hills(rows=61, columns=73)
    heights[random.random(heights.shape) < 0.002] = np.nan
    terrain = _terrain(heights, height=height)
    box = terrain.extent
    # Some places are off the terrain, some on centres of cells, one is the site itself.
    site = _at(terrain, row, column)
    spots = [_at(terrain, int(r), int(c)) for r, c in random.integers(0, 60, (9, 2))]
    x = np.r_[random.uniform(box.west - 99, box.east + 99, 30), [p["x"] for p in (*spots, site)]]
    y = np.r_[random.uniform(box.south - 99, box.north + 99, 30), [p["y"] for p in (*spots, site)]]
    asked = {**site, **LINK, "radius_m": radius_m, "frequency_mhz": 1800.0}
    found = losses_at(terrain, **asked, at_x=x, at_y=y)
    assert found.tobytes() == sweep(terrain, **asked).at(x, y).tobytes()


def test_a_higher_mast_never_loses_sight():
    terrain = _terrain(_hills())
    asked = {**_at(terrain, 55.2, 66.6), "rx_m": 1.5, "radius_m": 2_000.0}
    before = line_of_sight(terrain, **asked, mast_m=10.0).values
    for mast in (20.0, 42.0, 60.0, 300.0):
        now = line_of_sight(terrain, **asked, mast_m=mast).values
        assert not ((before == 1) & (now == 0)).any()
        before = now


@pytest.mark.parametrize("frequency_mhz", [450.0, 1800.0, 3800.0])
@pytest.mark.parametrize("mast_m", [10.0, 60.0])
def test_flat_land_and_sea_agree_with_the_exact_path(frequency_mhz: float, mast_m: float):
    for height in (0.0, 812.0):
        terrain = _terrain(np.full((61, 341), height), width=90, height=90)
        site = _at(terrain, 30, 5)
        asked = {**site, "mast_m": mast_m, "rx_m": 1.5, "radius_m": 30_000.0}
        asked["frequency_mhz"] = frequency_mhz
        fast, exact = sweep(terrain, **asked).values, sweep_exact(terrain, **asked).values
        known = ~np.isnan(exact)
        assert np.isfinite(fast[known]).all()
        difference = np.abs(fast - exact)[known]
        # Samples near the receiver fall differently; on flat land they decide the loss near the smooth Earth.
        assert np.percentile(difference, 90) < 1
        assert (
            line_of_sight(terrain, **site, mast_m=mast_m, rx_m=1.5, radius_m=5_000.0).values[30, 20]
            == 1
        )


def test_loss_is_never_below_free_space():
    terrain = _terrain(_hills())
    site = _at(terrain, 40, 80)
    loss = sweep(terrain, **site, **LINK, radius_m=1_700.0, frequency_mhz=2600.0)
    distance = np.maximum(_distance(loss, **site), 1)
    free = 32.4 + 20 * np.log10(2.6) + 20 * np.log10(distance)
    assert (loss.values >= free - 0.01)[np.isfinite(loss.values)].all()


def test_unknown_terrain_hides_what_lies_behind_it_and_is_never_a_number():
    heights = _hills()
    heights[:, 90] = np.nan
    heights[20:24, 30:35] = np.nan
    terrain = _terrain(heights)
    site = _at(terrain, 60, 60)
    for found in (
        sweep(terrain, **site, **LINK, radius_m=1_500.0, frequency_mhz=1800.0),
        line_of_sight(terrain, **site, **LINK, radius_m=1_500.0),
    ):
        first_column = round((found.transform.c - terrain.transform.c) / 30)
        first_row = round((terrain.transform.f - found.transform.f) / 30)
        rows, columns = found.values.shape
        cut = heights[first_row : first_row + rows, first_column : first_column + columns]
        assert np.isnan(found.values[np.isnan(cut)]).all()
        assert np.isnan(found.values[:, 90 - first_column :]).all()
        assert np.isfinite(found.values[:, 60 - first_column : 85 - first_column]).any()


def test_a_site_in_a_void_predicts_nothing():
    heights = _hills()
    heights[58:63, 58:63] = np.nan
    terrain = _terrain(heights)
    site = _at(terrain, 60, 60)
    found = sweep(terrain, **site, **LINK, radius_m=900.0, frequency_mhz=1800.0)
    assert np.isnan(found.values).all()


def test_receiver_at_the_site_is_finite():
    terrain = _terrain(_hills())
    site = _at(terrain, 60, 60)
    loss = sweep(terrain, **site, mast_m=1.5, rx_m=1.5, radius_m=15.0, frequency_mhz=1800.0)
    assert loss.values.shape == (1, 1)
    assert loss.values[0, 0] == pytest.approx(32.4 + 20 * np.log10(1.8), abs=1e-3)


@settings(max_examples=25)
@given(
    row=st.floats(-0.5, 120.5),
    column=st.floats(-0.5, 140.5),
    mast=st.floats(1, 80),
    frequency=st.sampled_from([450.0, 758.0, 1842.5, 3800.0]),
    radius=st.floats(20, 9_000),
)
def test_any_site_gives_finite_losses_wherever_terrain_is_known(
    row: float, column: float, mast: float, frequency: float, radius: float
):
    terrain = _terrain(_hills())
    site = _at(terrain, row, column)
    box = terrain.extent
    site["x"] = min(max(site["x"], box.west), box.east)
    site["y"] = min(max(site["y"], box.south), box.north)
    loss = sweep(
        terrain, **site, mast_m=mast, rx_m=1.5, radius_m=radius, frequency_mhz=frequency, threads=1
    )
    inside = _distance(loss, **site) <= radius
    assert np.array_equal(np.isfinite(loss.values), inside)
    assert ((loss.values > 20) & (loss.values < 400))[inside].all()


def test_all_faults_are_told_together():
    terrain = _terrain(_hills())
    with pytest.raises(InputError) as raised:
        sweep(terrain, x=0, y=0, mast_m=np.nan, rx_m=0, radius_m=-5, frequency_mhz=9e9)
    assert {fault.column for fault in raised.value.faults} == {
        "mast_m",
        "rx_m",
        "radius_m",
        "frequency_mhz",
        "x, y",
    }


def test_degrees_are_refused():
    terrain = Raster(np.zeros((3, 3)), Affine(0.001, 0, 105, 0, -0.001, 22), CRS.from_epsg(4326))
    with pytest.raises(DefectError):
        sweep(terrain, x=105.001, y=21.999, **LINK, radius_m=100.0, frequency_mhz=1800.0)
