"""What a reader meets in a real browser: pixels, names, search, filters, keyboard, language, print, and no network."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import numpy as np
import numpy.typing as npt
import pandas as pd
import pypdf
import pytest
import rasterio
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright
from rasterio.io import MemoryFile
from worlds import HOSTILE, STEP_DEG, world

from lomsong.report import map as maps
from lomsong.report import palette, text
from lomsong.result import Result
from machine import require

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DRAWN = "html[data-ready][data-drawn]"


class Visit:
    """An opened page with everything it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._dialog)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        self.complaints.append(message.text)

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def settle(self) -> None:
        """Wait until every tile has been painted."""
        self.page.wait_for_selector(DRAWN)
        # Not by a predicate of the page's own: its policy forbids to evaluate text.
        while self.page.evaluate("lomsong.busy()"):
            self.page.wait_for_timeout(20)


Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require(CHROMIUM.exists(), "no Chromium at /usr/bin/chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def district() -> Result:
    return world(110, seed=4, n_areas=20)


@pytest.fixture(scope="module")
def files(district: Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("maps")
    made = {
        "district": district,
        "flat": world(110, seed=4, n_areas=20, terrain=False),
        "hostile": world(60, seed=4, hostile=True, n_areas=8),
    }
    for name, result in made.items():
        maps.write(result, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture
def visit(browser: Browser, files: dict[str, Path]) -> Iterator[Open]:
    contexts = []

    def opened(
        name: str = "district", address: str = "", *, before: str = "", **options: Any
    ) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1300, "height": 900}, **options})
        contexts.append(context)
        if before:
            context.add_init_script(before)
        own = Visit(context.new_page())
        own.page.goto(files[name].as_uri() + address)
        own.settle()
        return own

    yield opened
    for context in contexts:
        context.close()


def _pixels(png: bytes) -> npt.NDArray[np.int64]:
    with MemoryFile(png) as memory, rasterio.Env(), memory.open() as picture:
        return np.moveaxis(picture.read()[:3], 0, -1).astype(np.int64)


def _rgb(colour: str) -> npt.NDArray[np.int64]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


SPOTS = """() => {
  const { map, model, judged } = lomsong.app;
  const box = map.getContainer().getBoundingClientRect();
  return model.hamlets.ids.map((id, row) => {
    const p = map.latLngToContainerPoint(model.placeOf(row));
    return { id, x: p.x + box.x, y: p.y + box.y, name: judged.shown[row], area: model.isArea(row) };
  }).filter((spot) => !spot.area && spot.x > box.x && spot.y > box.y && spot.x < box.right && spot.y < box.bottom);
}"""
HIDE_MARKS = (
    "document.getElementById('legend-place').hidden = true;"
    "lomsong.layers.candidates.remove(); lomsong.layers.sites.remove(); lomsong.layers.clusters.remove();"
)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("scale", [1, 2])
def test_pixels_at_hamlet_centres_have_their_class_colour(
    visit: Open, district: Result, scale: int
):
    own = visit("flat", device_scale_factor=scale)
    own.page.evaluate(HIDE_MARKS)
    own.settle()
    spots = own.page.evaluate(SPOTS)
    picture = _pixels(own.page.screenshot())
    classes = dict(zip(district.hamlets["hamlet_id"], district.hamlets["class"], strict=True))
    assert len(spots) == 110
    wrong = []
    for spot in spots:
        x, y = round(spot["x"] * scale), round(spot["y"] * scale)
        reach = 8 * scale
        around = picture[y - reach : y + reach, x - reach : x + reach].reshape(-1, 3)
        colours = {name: _rgb(colour) for name, colour in palette.CLASS_COLOURS.items()}
        near = {name: (np.abs(around - c).max(axis=1) < 12).sum() for name, c in colours.items()}
        # White also draws evidence and dots, so a coloured class wins wherever its colour is there.
        best = max((n for n in near if n != "unknown"), key=lambda n: near[n])
        seen = best if near[best] >= 12 else "unknown"
        if seen != classes[spot["id"]]:
            wrong.append((spot["id"], seen, classes[spot["id"]]))
    assert wrong == []


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_the_relief_lies_below_the_hamlets_and_hides_none(visit: Open):
    own = visit("district")
    own.page.evaluate(HIDE_MARKS)
    own.settle()
    picture = _pixels(own.page.screenshot())
    dead = [s for s in own.page.evaluate(SPOTS) if s["name"] == "no_signal"]
    assert dead
    for spot in dead:
        x, y = round(spot["x"]), round(spot["y"])
        darkest = picture[y - 5 : y + 6, x - 5 : x + 6].reshape(-1, 3).sum(axis=1).min()
        assert darkest <= _rgb(palette.CLASS_COLOURS["no_signal"]).sum() + 30
    own.page.evaluate("lomsong.layers.relief.remove()")
    assert (_pixels(own.page.screenshot()) != picture).any()


@pytest.mark.parametrize("name", ["district", "hostile"])
def test_the_page_is_the_only_request_and_the_console_stays_clean(
    visit: Open, files: dict[str, Path], name: str
):
    own = visit(name)
    page = own.page
    for row in range(0, 40, 5):
        page.evaluate(f"lomsong.app.openHamlet({row})")
        page.mouse.move(700, 400 + row)
    page.evaluate("for (const c of lomsong.app.model.candidates) lomsong.app.openSite(c)")
    page.evaluate("for (const l of Object.values(lomsong.layers)) l.addTo(lomsong.app.map)")
    page.evaluate("lomsong.app.map.setZoom(14, {animate: false})")
    own.settle()
    page.mouse.move(800, 500)
    for carrier in page.evaluate("lomsong.app.model.carriers"):
        page.select_option('[data-key="carrier"]', carrier)
    for key in ("view-plan", "tab-sites", "preset", "language-en"):
        page.click(f'[data-key="{key}"]')
    page.fill("#search", "a")
    own.settle()
    assert own.requests == [files[name].as_uri()]
    assert own.complaints == []


def test_hostile_text_appears_letter_for_letter(visit: Open):
    own = visit("hostile")
    page = own.page
    for index, planted in enumerate(HOSTILE):
        page.evaluate(f"lomsong.app.openHamlet({index})")
        assert page.inner_text(".card h2") == planted
    told = page.evaluate(
        "lomsong.app.model.candidates.map((c) => (lomsong.app.openSite(c), document.querySelector('.card').textContent))"
    )
    assert all(any(planted in card for card in told) for planted in HOSTILE)
    listed = page.locator("#list .row b").all_inner_texts()
    assert set(listed) == set(HOSTILE)
    assert page.title().endswith(HOSTILE[1] + HOSTILE[3])
    assert page.inner_text("#panel h1") == HOSTILE[1] + HOSTILE[3]
    footer = page.inner_text("#panel footer")
    assert all(planted in footer for planted in HOSTILE)
    assert page.locator("img[src='x'], #panel svg, .card svg").count() == 0
    assert own.complaints == []


def test_hostile_addresses_change_nothing(visit: Open):
    own = visit(
        "district",
        "#c=<img src=x onerror=alert(1)>&l=xx&t=9G&v=</script>&h=nobody&s=__proto__&k=constructor",
    )
    assert own.complaints == []
    assert own.page.evaluate("lomsong.app.store.state.carrier") == "any"
    assert own.page.get_attribute("html", "lang") == "vi"


def test_old_browsers_read_the_payload_as_well(visit: Open):
    own = visit(
        "district", before="delete window.DecompressionStream; delete Uint8Array.fromBase64;"
    )
    assert own.page.evaluate("lomsong.app.listed.length") == 110


def test_search_needs_no_accents_and_arrows_and_enter_open(visit: Open):
    own = visit()
    page = own.page
    page.fill("#search", "lung pu")
    names = page.locator("#found li b").all_inner_texts()
    assert names
    assert all("Lũng Pù" in name for name in names)
    page.fill("#search", "doan ket")
    assert "Đoàn Kết" in page.locator("#found li b").first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#found li b").nth(1).inner_text()
    page.keyboard.press("Enter")
    assert page.inner_text(".card h2") == second
    assert page.evaluate("document.activeElement.className") == "card"
    page.keyboard.press("Escape")
    assert page.locator(".card").count() == 0
    assert page.evaluate("document.activeElement.id") == "search"


def _downloaded(page: Page) -> list[list[str]]:
    with page.expect_download() as waiting:
        page.click('[data-key="download"]')
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_filters_count_is_the_tables_count_and_the_csvs(visit: Open, district: Result):
    own = visit()
    page = own.page
    page.click(".chip:has(input[data-key='classes-no_signal'])")
    page.click(".chip:has(input[data-key='classes-weak'])")
    table = district.hamlets[district.hamlets["kind"] == "hamlet"]
    kept = table[table["class"].isin(["no_signal", "weak"])]
    assert page.inner_text('[data-total="hamlets"] b') == text.number(len(kept), "vi")
    assert page.inner_text('[data-total="people"] b') == text.number(
        math.fsum(kept["people"].dropna()), "vi"
    )
    assert page.inner_text('[data-total="households"] b') == text.number(
        kept["households"].sum(), "vi"
    )
    rows = _downloaded(page)
    assert len(rows) - 1 == len(kept)
    assert {row[0] for row in rows[1:]} == set(kept["hamlet_id"])


def test_the_headline_counts_the_people_of_the_chosen_carriers_clusters(
    visit: Open, district: Result
):
    page = visit().page
    told = district.assessment[district.assessment["technology"] == "4G"]
    people = district.clusters.set_index("cluster_id")["people"]
    headlines = set()
    for carrier in ("any", "viettel", "vnpt"):
        page.select_option('[data-key="carrier"]', carrier)
        rows = told[(told["carrier"] == carrier) & (told["cluster_id"] != "")]
        for key, wanted in (("people_unserved", "no_signal"), ("people_unknown", "unknown")):
            expected = math.fsum(people[rows.loc[rows["class"] == wanted, "cluster_id"]].dropna())
            assert page.inner_text(f'[data-total="{key}"]') == text.number(expected, "vi")
        headlines.add(page.inner_text(".headline"))
        name = text.value("carrier", carrier, "vi")
        assert page.inner_text(".totals p.wide") == f"4G · {name}"
    assert len(headlines) > 1


def test_one_press_shows_gaps_without_grid_power(visit: Open, district: Result):
    own = visit()
    own.page.click('[data-key="preset"]')
    shown = {row[0] for row in _downloaded(own.page)[1:]}
    table = district.hamlets[district.hamlets["kind"] == "hamlet"]
    assert shown == set(table.loc[table["gap_no_grid"].fillna(value=False), "hamlet_id"])


def test_no_cell_of_the_csv_starts_a_formula(visit: Open):
    rows = _downloaded(visit("hostile").page)
    cells = [cell for row in rows for cell in row]
    assert '\'=HYPERLINK("http://example.invalid","x")' in cells
    assert [cell for cell in cells if re.match(r"\s*[=+@]|\s*-(?!\d)", cell)] == []


def test_every_carriers_class_is_that_of_the_assessment(visit: Open, district: Result):
    own = visit()
    whole = district.assessment[district.assessment["cluster_id"] == ""]
    for carrier, technology in (("viettel", "4G"), ("vnpt", "2G"), ("any", "4G")):
        rows = whole[(whole["carrier"] == carrier) & (whole["technology"] == technology)]
        shown = own.page.evaluate(
            f"(lomsong.app.store.change({{carrier: '{carrier}', technology: '{technology}'}}),"
            "Object.fromEntries(lomsong.app.model.hamlets.ids.map((id, row) => [id, "
            "[lomsong.app.judged.shown[row], lomsong.app.judged.evidence[row]]])))"
        )
        expected = {
            hamlet: [name, grade]
            for hamlet, name, grade in zip(
                rows["hamlet_id"], rows["class"], rows["evidence"], strict=True
            )
        }
        assert shown == expected


def test_the_plan_serves_what_the_coverage_table_says_and_worsens_nothing(
    visit: Open, district: Result
):
    own = visit("district", "#v=plan")
    selected = set(district.candidates.loc[district.candidates["selected"], "site_id"])
    new = district.coverage[
        district.coverage["newly_served"] & district.coverage["site_id"].isin(selected)
    ]
    people = text.number(math.fsum(new["people"]), "vi")
    assert people in own.page.inner_text(".note strong")
    now, plan = own.page.evaluate("[lomsong.app.judged.now, lomsong.app.judged.shown]")
    order = {"no_signal": 0, "partial": 1, "weak": 2, "covered": 3, "planned": 4}
    reached = set(new.merge(district.clusters[["cluster_id", "hamlet_id"]])["hamlet_id"])
    for hamlet, before, after in zip(district.hamlets["hamlet_id"], now, plan, strict=True):
        if hamlet not in reached:
            assert before == after
        elif "unknown" not in (before, after):
            assert order[after] >= order[before]
    assert "planned" in plan


def test_the_address_restores_what_was_chosen(visit: Open):
    first = visit()
    page = first.page
    page.click('[data-key="view-plan"]')
    page.select_option('[data-key="carrier"]', "viettel")
    page.click(".chip:has(input[data-key='classes-weak'])")
    page.click('[data-key="language-en"]')
    page.locator("#list .row").first.click()
    name = page.inner_text(".card h2")
    seen = page.evaluate("[lomsong.app.listed, lomsong.app.map.getZoom()]")
    address = "#" + page.url.split("#", 1)[1]
    again = visit("district", address).page
    assert again.evaluate("[lomsong.app.listed, lomsong.app.map.getZoom()]") == seen
    assert again.inner_text(".card h2") == name
    assert again.get_attribute("html", "lang") == "en"
    assert again.input_value('[data-key="carrier"]') == "viettel"


def test_the_language_switch_reaches_every_word(visit: Open):
    page = visit().page
    vietnamese = page.inner_text("body")
    page.click('[data-key="language-en"]')
    assert page.get_attribute("html", "lang") == "en"
    english = page.inner_text("body")
    for key in ("map.preset", "map.totals", "map.legend", "class.no_signal", "map.view_plan"):
        assert text.say(key, "vi") in vietnamese or key == "map.totals"
        assert text.say(key, "vi") not in english
    assert page.evaluate("document.activeElement.dataset.key") == "language-en"
    page.hover(".leaflet-control-layers")
    assert text.say("map.layer_relief", "en") in page.inner_text(".leaflet-control-layers")


def test_the_keyboard_alone_reaches_a_hamlet_and_comes_back(visit: Open):
    page = visit().page
    page.locator("#list .row").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".card").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".card").count() == 0
    assert page.evaluate("document.activeElement.className") == "row"
    page.locator("#tab-list").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-sites", "aria-selected") == "true"
    page.locator("#list .row").first.focus()
    page.keyboard.press("Enter")
    assert text.say("map.site", "vi", rank="1") in page.inner_text(".card")


def test_choosing_a_site_shows_what_it_newly_serves(visit: Open, district: Result):
    page = visit().page
    page.click('[data-key="tab-sites"]')
    first = district.candidates[district.candidates["rank"] == 1].iloc[0]
    page.click(f'[data-key="site-{first["site_id"]}"]')
    new = district.coverage[
        (district.coverage["site_id"] == first["site_id"]) & district.coverage["newly_served"]
    ]
    names = new.merge(district.clusters[["cluster_id", "hamlet_id"]]).merge(
        district.hamlets[["hamlet_id", "name", "households"]]
    )
    people = names.groupby("name")["people"].sum()
    rows = [row.split("\t") for row in page.locator(".card .served tbody tr").all_inner_texts()]
    assert {row[0]: row[1] for row in rows} == {
        name: text.number(figure, "vi") for name, figure in people.items()
    }
    outlined = page.evaluate("lomsong.app.highlight.getLayers().length")
    reach = (district.coverage["site_id"] == first["site_id"]).sum()
    footprint = 3
    assert outlined == 2 * names["hamlet_id"].nunique() + 2 * reach + footprint


def test_a_sites_card_tells_every_part_of_its_cost_its_backhaul_and_its_stability(
    visit: Open, district: Result
):
    page = visit("district", "#l=en").page
    for _, site in district.candidates[district.candidates["selected"]].iterrows():
        page.evaluate(
            f"lomsong.app.openSite(lomsong.app.model.candidates.find((c) => c.site_id === {site['site_id']!r}))"
        )
        told = page.inner_text(".card")
        for column in [c for c in district.candidates if re.fullmatch(r"cost_\w+_vnd", c)]:
            assert text.say(f"column.{column}", "en").split(" (")[0] in told
        clear = site["backhaul_clear"]
        if clear is not pd.NA:
            assert text.say("site.path_clear" if clear else "site.path_blocked", "en") in told
        shares = re.findall(r"(\d+) %", told)
        for share, column in zip(shares, ("stability", "stability_alike"), strict=True):
            assert abs(int(share) - 100 * site[column]) <= 0.5
        assert (text.say("site.unstable", "en") in told) == (site["stability_alike"] < 0.5)
        if not pd.isna(site["existing_site"]):
            assert site["existing_site"] in told


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_chosen_sites_footprint_is_painted_over_the_ground(visit: Open, district: Result):
    own = visit("flat")
    page = own.page
    page.evaluate("lomsong.app.openSite(lomsong.app.model.candidates[0])")
    own.settle()
    site = district.candidates.sort_values("rank").iloc[0]
    x, y = page.evaluate(
        f"(() => {{ const p = lomsong.app.map.latLngToContainerPoint([{site.geometry.y}, {site.geometry.x - STEP_DEG * 0.55}]);"
        "const b = lomsong.app.map.getContainer().getBoundingClientRect(); return [p.x + b.x, p.y + b.y]; })()"
    )
    with_it = _pixels(page.screenshot())[round(y), round(x)]
    page.evaluate("document.querySelectorAll('.footprint').forEach((e) => e.remove())")
    assert (with_it != _pixels(page.screenshot())[round(y), round(x)]).any()


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_measured_squares_show_their_level_when_zoomed_in(visit: Open, district: Result):
    own = visit("flat")
    page = own.page
    page.evaluate(HIDE_MARKS + "lomsong.layers.names.remove();")
    cells = district.measured_cells
    chosen = cells[
        (cells["carrier"] == "any") & (cells["technology"] == "4G") & (cells["size"] == 8)
    ]
    levels = district.settings.levels
    for _, square in chosen.head(6).iterrows():
        lon, lat = ((square[axis] + 0.5) * 8 / 1600 for axis in ("column", "row"))
        page.evaluate(f"lomsong.app.map.setView([{lat}, {lon}], 14, {{animate: false}})")
        own.settle()
        x, y = page.evaluate(
            "(() => { const b = lomsong.app.map.getContainer().getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        level = square["rsrp_median_dbm"]
        bands = {
            "excellent": levels.good_rsrp_dbm + 10,
            "good": levels.good_rsrp_dbm,
            "fair": levels.minimum_rsrp_dbm + 6,
            "poor": levels.minimum_rsrp_dbm,
            "below": -np.inf,
        }
        band = next(name for name, start in bands.items() if level >= start)
        band = "silent" if square["no_service_share"] >= 0.5 else band
        seen = _pixels(page.screenshot())[round(y) + 4, round(x) + 4]
        assert np.abs(seen - _rgb(palette.LEVEL_COLOURS[band])).max() < 6, band
        page.mouse.move(x + 4, y + 4)
        page.wait_for_timeout(100)
        assert text.number(level, "vi") in page.inner_text("#hint")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_filter_leaves_no_measured_square_of_hamlets_that_fail_it(visit: Open, district: Result):
    own = visit("flat")
    page = own.page
    page.evaluate(HIDE_MARKS + "lomsong.layers.names.remove();")
    owners = page.evaluate(
        "(() => { const { app } = lomsong, layer = app.measured;"
        "return app.model.cells.hamletsOf(layer, app.model.shapes)"
        ".map((row, i) => [row, ...app.model.cells.edges(layer, i)]).filter(([row]) => row >= 0); })()"
    )
    row, west, south, east, north = owners[0]
    page.evaluate(
        f"lomsong.app.map.setView([{(south + north) / 2}, {(west + east) / 2}], 14, {{animate: false}})"
    )
    own.settle()
    commune = page.evaluate(
        f"lomsong.app.model.hamlets.communes[lomsong.app.model.hamlets.commune[{row}]][0]"
    )
    before = _pixels(page.screenshot())
    other = next(name for name in district.hamlets["commune_code"].unique() if name != commune)
    page.evaluate(f"lomsong.app.store.change({{commune: '{other}'}})")
    own.settle()
    x, y = page.evaluate(
        "(() => { const b = lomsong.app.map.getContainer().getBoundingClientRect();"
        "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    after = _pixels(page.screenshot())
    assert (before[round(y) + 4, round(x) + 4] != after[round(y) + 4, round(x) + 4]).any()
    page.mouse.move(x + 4, y + 4)
    page.wait_for_timeout(100)
    assert "dBm" not in page.inner_text("#hint")


def test_a_phone_scrolls_sideways_nowhere(visit: Open):
    own = visit(
        viewport={"width": 360, "height": 740},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
    )
    page = own.page
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= 360
    page.click("#toggle")
    assert page.locator("#panel").is_visible()
    assert page.evaluate(wide) <= 360
    assert page.evaluate("document.getElementById('panel').scrollWidth") <= 360
    page.locator("#list .row").first.click()
    box = page.locator("#drawer").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.evaluate(wide) <= 360


FILLED = """() => {
  const { map } = lomsong.app;
  const full = lomsong.app.fullBounds();
  const [a, b] = [full.getNorthWest(), full.getSouthEast()].map((place) => map.latLngToContainerPoint(place));
  const size = map.getSize();
  return { wide: (b.x - a.x) / size.x, high: (b.y - a.y) / size.y };
}"""


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844), (768, 1024), (1024, 768)])
def test_all_areas_fill_a_screen_of_any_size(visit: Open, width: int, height: int):
    own = visit(viewport={"width": width, "height": height})
    filled = own.page.evaluate(FILLED)
    assert max(filled.values()) <= 1
    # A quarter of a zoom level, and the margins of a small screen.
    assert max(filled.values()) > 2**-0.25 * (1 - 16 / min(width, height)) - 0.02


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("zoom", [12.25, 12.5, 12.75])
def test_colours_stand_where_hamlets_are_between_whole_zooms(visit: Open, zoom: float):
    own = visit("flat")
    page = own.page
    page.evaluate(f"lomsong.app.map.setZoom({zoom}, {{ animate: false }})")
    page.evaluate(HIDE_MARKS)
    own.settle()
    page.wait_for_timeout(400)
    assert page.evaluate("lomsong.app.map.getZoom()") == zoom
    picture = _pixels(page.screenshot())
    spots = [
        spot for spot in page.evaluate(SPOTS) if spot["name"] in ("no_signal", "weak", "covered")
    ]
    near = 0
    for spot in spots:
        x, y = round(spot["x"]), round(spot["y"])
        box = picture[max(y - 6, 0) : y + 7, max(x - 6, 0) : x + 7].reshape(-1, 3)
        near += bool(
            (np.abs(box - _rgb(palette.CLASS_COLOURS[spot["name"]])).max(axis=1) < 12).any()
        )
    assert len(spots) > 5
    assert near > 0.9 * len(spots)


def test_a_phone_tells_the_headline_before_anything_is_opened(visit: Open):
    own = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = own.page
    assert not page.locator("#panel").is_visible()
    headline = page.inner_text("#brief").split()
    page.click("#toggle")
    assert headline == page.inner_text("#panel .headline").split()
    page.locator("#list .row").first.click()
    table = "document.querySelector('#drawer .scroll')"
    assert page.evaluate(f"{table}.scrollWidth <= {table}.clientWidth")


AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
SERIOUS = "axe.run().then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 120) + ' ' + (n.any[0]?.message ?? ''))]))"


@pytest.mark.parametrize("width", [1300, 360])
def test_axe_finds_nothing_serious(visit: Open, width: int):
    require(AXE.exists(), "no axe-core")
    # axe comes in by the debugger's door, which the page's policy does not guard.
    own = visit(viewport={"width": width, "height": 800}, bypass_csp=False)
    page = own.page
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(SERIOUS) == []
    if width < 700:
        page.click("#toggle")
    page.locator("details.filters summary").click()
    assert page.evaluate(SERIOUS) == []
    page.locator("#list .row").first.click()
    assert page.evaluate(SERIOUS) == []
    page.evaluate("lomsong.app.openSite(lomsong.app.model.candidates[0])")
    assert page.evaluate(SERIOUS) == []


@pytest.mark.parametrize(("paper", "millimetres"), [("A4", (297, 210)), ("A3", (420, 297))])
def test_print_is_one_page_of_vectors_with_the_class_colours(
    visit: Open, tmp_path: Path, paper: str, millimetres: tuple[int, int]
):
    page = visit("district", f"#a={paper}").page
    page.pdf(path=tmp_path / "map.pdf", prefer_css_page_size=True, print_background=True)
    document = pypdf.PdfReader(tmp_path / "map.pdf")
    assert len(document.pages) == 1
    sheet = document.pages[0]
    size = [float(side) / 72 * 25.4 for side in (sheet.mediabox.width, sheet.mediabox.height)]
    assert size == pytest.approx(millimetres, abs=1)
    told = sheet.extract_text()
    for key in ("class.no_signal", "class.unknown", "map.synthetic"):
        assert text.say(key, "vi") in told
    assert "31/12/2025" in told
    fills = np.array(re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) rg", _drawings(sheet)), dtype=float)
    for name in ("no_signal", "partial", "weak", "covered"):
        wanted = _rgb(palette.CLASS_COLOURS[name]) / 255
        assert np.abs(fills - wanted).max(axis=1).min() < 0.01, name


def _drawings(sheet: pypdf.PageObject) -> str:
    """Return the drawing commands of a page and of the forms inside it."""
    contents = sheet.get_contents()
    parts = [contents.get_data().decode("latin-1")] if contents is not None else []
    waiting = [sheet["/Resources"]]
    while waiting:
        resources = waiting.pop().get_object()
        for form in resources.get("/XObject", {}).values():
            own = form.get_object()
            if own["/Subtype"] == "/Form":
                parts.append(own.get_data().decode("latin-1"))
                if "/Resources" in own:
                    waiting.append(own["/Resources"])
    return "\n".join(parts)
