"""Charts show the written figures, lose nobody, and are the same whenever they are drawn."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from worlds import CARRIERS, HOSTILE, world

from lomsong.report import charts, text
from lomsong.report.charts import reliability
from lomsong.report.charts.drawing import LONGEST, drawable
from lomsong.report.charts.figures import gains, people_by_class
from lomsong.report.palette import CLASS_COLOURS
from lomsong.result import Result

NAMES = {
    f"chart_{name}.{suffix}"
    for name in ("people_by_class", "people_gained")
    for suffix in ("png", "svg")
}


@pytest.fixture(scope="module")
def result():
    return world(80, n_vertices=8, terrain=False)


def test_everybody_with_a_figure_is_in_one_class_before_and_after(result: Result):
    figures = people_by_class(result)
    assert set(figures["carrier"]) == {"any", *CARRIERS}
    sums = figures.groupby("carrier")[["before", "after"]].sum()
    everybody = result.clusters["people"].sum()
    np.testing.assert_allclose(sums, everybody)


def test_the_plan_moves_people_to_served_and_nowhere_else(result: Result):
    figures = people_by_class(result).set_index("class")
    assert (figures.loc["planned", "before"] == 0).all()
    rest = figures.drop(index="planned")
    assert (rest["after"] <= rest["before"] + 1e-9).all()
    pd.testing.assert_series_equal(
        figures.loc["covered", "before"], figures.loc["covered", "after"], check_names=False
    )


def test_what_the_plan_adds_for_any_carrier_is_what_its_sites_newly_serve(result: Result):
    chosen = result.candidates.loc[result.candidates["selected"], "site_id"]
    new = result.coverage[result.coverage["newly_served"] & result.coverage["site_id"].isin(chosen)]
    figures = people_by_class(result).set_index(["carrier", "class"])
    assert figures.loc[("any", "planned"), "after"] == pytest.approx(new["people"].sum())


def test_gains_add_up_in_order_of_building(result: Result):
    steps = gains(result)
    chosen = result.candidates[result.candidates["selected"]]
    assert steps["people_gained"].iloc[0] == 0
    assert steps["people_gained"].iloc[-1] == pytest.approx(chosen["people_gained"].sum())
    assert steps["cost_vnd"].iloc[-1] == pytest.approx(chosen["cost_vnd"].sum())
    assert steps["people_gained"].is_monotonic_increasing
    assert steps["n_sites"].tolist() == list(range(len(chosen) + 1))


def _written(result: Result, folder: Path, **options: text.Language) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    return {file.name: file.read_bytes() for file in charts.write(result, folder, **options)}


def test_two_writes_are_byte_identical_whatever_the_style_and_order_of_rows(
    result: Result, tmp_path: Path
):
    first = _written(result, tmp_path / "first")
    assert set(first) == NAMES
    other = replace(
        result,
        assessment=result.assessment.sample(frac=1, random_state=5),
        candidates=result.candidates.sample(frac=1, random_state=5),
        coverage=result.coverage.sample(frac=1, random_state=5),
    )
    with mpl.rc_context({"font.size": 20, "axes.grid": True, "svg.hashsalt": None}):
        assert _written(other, tmp_path / "second") == first


def test_drawing_leaves_the_settings_of_matplotlib_alone(result: Result, tmp_path: Path):
    before = dict(mpl.rcParams)
    _written(result, tmp_path)
    assert dict(mpl.rcParams) == before


def test_class_colours_are_in_the_picture(result: Result, tmp_path: Path):
    _written(result, tmp_path)
    picture = matplotlib.image.imread(tmp_path / "chart_people_by_class.png")[..., :3]
    colours, counts = np.unique(
        np.round(picture.reshape(-1, 3) * 255).astype(int), axis=0, return_counts=True
    )
    seen = {tuple(colour): count for colour, count in zip(colours.tolist(), counts, strict=True)}
    for name in ("covered", "weak", "no_signal"):
        rgb = tuple(round(255 * part) for part in to_rgb(CLASS_COLOURS[name]))
        assert seen.get(rgb, 0) > 2000, name


def test_classes_stay_apart_in_grey():
    def lightness(colour: str) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)
        ]
        luminance = float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
        return 116 * luminance ** (1 / 3) - 16

    greys = sorted(map(lightness, CLASS_COLOURS.values()))
    assert min(np.diff(greys)) > 14


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_svg_is_xml_without_dates_and_links(
    result: Result, tmp_path: Path, language: text.Language
):
    written = _written(result, tmp_path, language=language)
    for name in sorted(NAMES):
        if name.endswith(".svg"):
            content = written[name].decode()
            ET.fromstring(content)  # noqa: S314 -- our own file
            assert "<dc:date>" not in content
            assert "<script" not in content


def test_text_of_the_input_is_drawn_as_text(tmp_path: Path):
    result = world(20, n_vertices=8, terrain=False, hostile=True)
    for name in ("$\\frac{a}{b", "$x^2$ & <b>", "漢字 \x00 \n tên", HOSTILE[0], "x" * 200):
        project = result.settings.project.model_copy(update={"name": name})
        settings = result.settings.model_copy(update={"project": project})
        assert set(_written(replace(result, settings=settings), tmp_path)) == NAMES


def test_drawable_text_is_one_line_of_known_letters():
    assert drawable("Điện Biên\nLũng") == "Điện Biên Lũng"
    assert drawable("漢") == "�"
    assert len(drawable("x" * 500)) == LONGEST


def test_without_a_plan_the_chart_says_so(result: Result, tmp_path: Path):
    bare = replace(result, candidates=result.candidates.iloc[:0], coverage=result.coverage.iloc[:0])
    assert set(_written(bare, tmp_path)) == NAMES
    figures = people_by_class(bare)
    pd.testing.assert_series_equal(figures["before"], figures["after"], check_names=False)


def test_ends_of_an_interval_are_as_far_from_what_was_found_as_nine_in_ten_samples_are():
    found, n = np.array([0.0, 0.3, 0.8, 1.0]), np.array([1.0, 10.0, 25.0, 400.0])
    for share in reliability.interval(found, n):
        # Where nothing or everything was found, one end is that itself.
        end = np.abs(found - share) > 1e-9
        spread = np.sqrt(share[end] * (1 - share[end]) / n[end])
        np.testing.assert_allclose(np.abs(found - share)[end] / spread, 1.6449)


@pytest.mark.parametrize("n_carriers", [1, 3])
def test_reliability_is_drawn_the_same_twice_with_a_panel_for_each_carrier(
    result: Result, tmp_path: Path, n_carriers: int
):
    rows = pd.DataFrame(
        {
            "carrier": list(CARRIERS)[:n_carriers] * 2,
            "expected_low": [0.1] * n_carriers + [0.9] * n_carriers,
            "expected_high": [0.2] * n_carriers + [1.0] * n_carriers,
            "clusters": range(1, 2 * n_carriers + 1),
            "expected": [0.15] * n_carriers + [0.97] * n_carriers,
            "served": [0.0] * n_carriers + [1.0] * n_carriers,
        }
    )
    told = replace(result, calibration=rows)
    drawn = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        reliability.write(told, tmp_path / name)
        drawn.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {"calibration.csv", "calibration.png", "calibration.svg"}
