"""The page is the same in every render, holds no text of the input but in its payload, and asks nobody for anything."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pytest
from folium.plugins import Search
from worlds import HOSTILE, SCHEMAS, free_text, world

from lomsong.config import ProjectSection
from lomsong.errors import DefectError
from lomsong.report import map as maps
from lomsong.report import palette, text
from lomsong.report.map import offline
from lomsong.result import Result

SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)


@pytest.fixture(scope="module")
def district() -> Result:
    return world(40, seed=3)


@pytest.fixture(scope="module")
def hostile_page() -> str:
    return maps.render(world(40, seed=3, hostile=True, n_areas=6))


def _payload(page: str) -> str:
    found = re.search(r'id="payload">([^<]*)</script>', page)
    assert found
    return found[1]


def _data(page: str) -> dict[str, Any]:
    content = gzip.decompress(base64.b64decode(_payload(page)))
    length = int.from_bytes(content[:4], "little")
    data: dict[str, Any] = json.loads(content[4 : 4 + length])["data"]
    return data


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for own in value.values():
            yield from _texts(own)
    elif isinstance(value, list):
        for own in value:
            yield from _texts(own)


def test_two_renders_are_the_same_to_the_byte(district: Result):
    assert maps.render(district) == maps.render(district)


def test_row_order_of_the_input_changes_no_class_and_no_total(district: Result):
    turned = replace(district, assessment=district.assessment.iloc[::-1].reset_index(drop=True))
    assert maps.render(turned) == maps.render(district)


def test_the_hostile_world_is_hostile_in_every_column_that_may_hold_any_text():
    hostile = world(40, seed=3, hostile=True, n_areas=6)
    for name, schema in SCHEMAS.items():
        assert free_text(schema)
        for column in free_text(schema):
            values = getattr(hostile, name)[column]
            assert values.str.contains("|".join(map(re.escape, HOSTILE))).any(), (name, column)


def test_no_hostile_text_stands_outside_the_payload(hostile_page: str):
    outside = hostile_page.replace(_payload(hostile_page), "")
    for planted in HOSTILE:
        assert planted not in outside


def test_hostile_text_reaches_the_payload_letter_for_letter(hostile_page: str):
    told = set(_texts(_data(hostile_page)))
    for planted in HOSTILE:
        assert planted in told


def test_the_policy_names_exactly_the_scripts_and_styles_of_the_page(hostile_page: str):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', hostile_page)
    assert policy
    scripts = [code for kind, code in SCRIPT.findall(hostile_page) if "octet-stream" not in kind]
    styles = re.findall(r"<style>(.*?)</style>", hostile_page, re.DOTALL)

    def hashes(contents: list[str]) -> set[str]:
        digests = (hashlib.sha256(content.encode()).digest() for content in contents)
        return {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}

    parts = dict(part.strip().split(" ", 1) for part in policy[1].split(";"))
    assert set(parts["script-src"].split()) == hashes(scripts)
    assert set(parts["style-src"].split()) == hashes(styles)
    assert parts["default-src"] == "'none'"
    assert "unsafe" not in policy[1]


def test_the_charset_stands_before_the_policy_in_the_first_kilobyte(hostile_page: str):
    place = hostile_page.encode().index(b'<meta charset="utf-8">')
    assert place < 1024
    assert place < hostile_page.index("Content-Security-Policy")


def test_the_page_points_to_no_other_file(hostile_page: str):
    outside = hostile_page.replace(_payload(hostile_page), "")
    markup = SCRIPT.sub("", outside)
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', markup) == []
    styles = "".join(re.findall(r"<style>(.*?)</style>", outside, re.DOTALL))
    assert re.findall(r"url\((?!\"?data:)[^)]*\)|@import", styles) == []


def test_own_scripts_parse_no_markup():
    for file in (offline.ASSETS / "js").iterdir():
        source = file.read_text(encoding="utf-8")
        for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert unsafe not in source, file.name


def test_vendored_files_are_the_recorded_ones():
    for name in offline.VENDORED:
        assert offline.vendored(name)


def test_an_element_that_needs_another_file_is_refused():
    chart = folium.Map(tiles=None)
    layer = folium.FeatureGroup().add_to(chart)
    Search(layer).add_to(chart)
    with pytest.raises(DefectError, match="not vendored"):
        offline.folium_script(chart)


def test_other_folium_maps_of_the_process_keep_their_files(district: Result):
    maps.render(district)
    assert folium.Map.default_js
    assert "leaflet" in folium.Map(tiles=None).get_root().render()


def test_the_language_is_the_projects_unless_it_is_given(district: Result):
    assert '<html lang="vi">' in maps.render(district)
    assert '<html lang="en">' in maps.render(district, language="en")


def test_the_synthetic_mark_is_told_where_the_project_is_synthetic():
    assert _data(maps.render(world(9, synthetic=True)))["about"]["synthetic"] is True
    assert _data(maps.render(world(9, synthetic=False)))["about"]["synthetic"] is False


@pytest.mark.parametrize("shape", [{"n_areas": 30}, {"glued": False}, {"terrain": False}])
def test_every_shape_of_world_can_be_drawn(shape: dict[str, Any], tmp_path: Path):
    file = tmp_path / "map.html"
    maps.write(world(20, **shape), file)
    assert _data(file.read_text(encoding="utf-8"))["hamlets"]["ids"]


def test_a_result_without_hamlets_is_a_page_as_well():
    full = world(9)
    empty = replace(
        full,
        hamlets=full.hamlets.iloc[:0],
        assessment=full.assessment.iloc[:0],
        clusters=full.clusters.iloc[:0],
        candidates=full.candidates.iloc[:0],
        coverage=full.coverage.iloc[:0],
        sites=full.sites.iloc[:0],
    )
    assert _data(maps.render(empty))["hamlets"]["ids"] == []


def test_the_salt_of_device_hashes_never_reaches_the_page(district: Result):
    settings = district.settings
    salted = settings.model_copy(
        update={
            "privacy": settings.privacy.model_copy(update={"salt": "sea-salt-2931"}),
            "project": ProjectSection(name="x"),
        }
    )
    content = gzip.decompress(
        base64.b64decode(_payload(maps.render(replace(district, settings=salted))))
    )
    assert b"sea-salt-2931" not in content


# Machado, Oliveira and Fernandes 2009, severity 1: linear RGB as people without one kind of cone see it.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def _lab(colour: str, seen_as: np.ndarray) -> np.ndarray:
    coded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.asarray(seen_as) @ linear, 0, 1)
    xyz = (
        np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        @ linear
        / [0.9505, 1.0, 1.089]
    )
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_class_colours_stay_apart_for_every_eye(blindness: str):
    names = list(palette.CLASS_COLOURS)
    seen = [_lab(palette.CLASS_COLOURS[name], np.array(BLINDNESS[blindness])) for name in names]
    for i, one in enumerate(seen):
        for other in seen[i + 1 :]:
            assert np.linalg.norm(one - other) > 15


def test_class_colours_stay_apart_in_grey_print():
    grey = sorted(_lab(colour, np.eye(3))[0] for colour in palette.CLASS_COLOURS.values())
    assert min(np.diff(grey)) > 14


def test_every_word_that_the_script_says_exists():
    source = "".join(f.read_text(encoding="utf-8") for f in (offline.ASSETS / "js").iterdir())
    said = set(re.findall(r'say\(\s*"([a-z_.]+)"', source))
    assert said
    assert said <= text.WORDS["vi"].keys()


def test_measured_layers_come_whole_or_not_at_all(
    district: Result, monkeypatch: pytest.MonkeyPatch
):
    cells = district.measured_cells
    sizes = cells.groupby(["carrier", "technology"]).size()
    everything = _data(maps.render(district))["cells"]
    assert everything["left_out"] == []
    assert len(everything["layers"]) == len(sizes)
    monkeypatch.setattr("lomsong.report.map.measured.MOST_SQUARES", int(sizes.max()))
    few = _data(maps.render(district))["cells"]
    assert few["layers"] == [{"carrier": "any", "technology": "4G"}]
    assert len(few["left_out"]) == len(sizes) - 1
