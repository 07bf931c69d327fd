"""Profiles, blocking points and their pictures."""

import hashlib
import io

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from lomsong.errors import InputError
from lomsong.propagation import Profile, blocking_point, clearance, path_loss, profile
from lomsong.propagation.draw import draw_profile
from lomsong.space.raster import Raster

LINK = {"frequency_mhz": 1800.0, "tx_height_m": 40.0, "rx_height_m": 1.5}


def _ridge(height: float, *, at_m: float = 3_000.0, length_m: float = 5_000.0) -> Profile:
    distance = np.linspace(0, length_m, 101)
    ground = np.where(np.abs(distance - at_m) < 26, height, 0.0)
    return Profile(distance_m=distance, height_m=ground, x=distance, y=np.zeros(101))


def test_profile_of_a_plane_is_the_plane():
    rows, columns = np.mgrid[:40, :50]
    terrain = Raster(
        (3.0 * columns - 2.0 * rows).astype(np.float32),
        Affine(30, 0, 1_000, 0, -30, 9_000),
        CRS.from_epsg(32648),
    )
    path = profile(terrain, x0=1_100, y0=8_800, x1=2_300, y1=8_100)
    expected = 3 * ((path.x - 1_000) / 30 - 0.5) - 2 * ((9_000 - path.y) / 30 - 0.5)
    assert np.allclose(path.height_m, expected, atol=1e-3)
    assert path.distance_m[-1] == pytest.approx(np.hypot(1_200, 700))
    assert np.diff(path.distance_m).max() <= 30
    assert path.known


def test_profile_beyond_the_terrain_is_unknown():
    terrain = Raster(np.zeros((5, 5)), Affine(30, 0, 0, 0, -30, 150), CRS.from_epsg(32648))
    path = profile(terrain, x0=75, y0=75, x1=300, y1=75)
    assert not path.known
    assert np.isnan(path.height_m[path.x > 150]).all()
    assert blocking_point(path, **LINK) is None
    loss = path_loss(
        distance_m=path.distance_m, height_m=path.height_m, path_centre_latitude_deg=21, **LINK
    )
    assert np.isnan(loss)


def test_a_ridge_above_the_line_blocks_and_its_excess_is_measured_from_the_line():
    found = blocking_point(_ridge(100.0), **LINK)
    assert found is not None
    assert found.blocked
    assert found.distance_m == pytest.approx(3_000)
    bulge = 3_000 * 2_000 / (2 * 6_371_000 * 157 / 112)
    line = 40 + (1.5 - 40) * 3 / 5
    assert found.excess_m == pytest.approx(100 + bulge - line)
    assert found.fresnel_radius_m == pytest.approx(np.sqrt(0.2998 / 1.8 * 3_000 * 2_000 / 5_000))
    assert found.fresnel_clearance == pytest.approx(-found.excess_m / found.fresnel_radius_m)


def test_a_low_ridge_does_not_block():
    found = blocking_point(_ridge(3.0), **LINK)
    assert found is not None
    assert not found.blocked


def test_terminals_lie_on_the_line():
    found = clearance(_ridge(50.0), **LINK)
    assert found.excess_m[[0, -1]] == pytest.approx([-40, -1.5])
    assert found.fresnel_m[[0, -1]] == pytest.approx([0, 0])


def test_faults_are_told_together():
    terrain = Raster(np.zeros((5, 5)), Affine(30, 0, 0, 0, -30, 150), CRS.from_epsg(32648))
    with pytest.raises(InputError) as raised:
        profile(terrain, x0=1, y0=1, x1=1, y1=1, step_m=-3)
    assert len(raised.value.faults) == 2


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("height", [0.0, 200.0, np.nan])
def test_the_same_path_gives_the_same_picture(language: str, height: float):
    pictures = []
    for _ in range(2):
        stream = io.BytesIO()
        figure = draw_profile(
            _ridge(height), **LINK, language=language, title=r"Bản $\frac{1}{0}$ Nậm Pồ"
        )
        figure.savefig(stream, format="png", metadata={"Software": None})
        pictures.append(hashlib.sha256(stream.getvalue()).hexdigest())
    assert pictures[0] == pictures[1]


def test_words_of_the_input_are_never_read_as_formulas():
    figure = draw_profile(_ridge(80.0), **LINK, title=r"$\bad{")
    axes = figure.axes[0]
    assert axes.title.get_text() == r"$\bad{"
    assert not axes.title.get_parse_math()
    assert not any(text.get_parse_math() for text in axes.texts)
    figure.canvas.draw()
