"""Measure the map against a plain folium.GeoJson build of the same hamlets, in one run, on one machine.

Printed are the size of the HTML, the time from opening to all drawn, and the longest freeze while panning; each also
with the processor slowed four times. Trust the ratios. The plain build gets Leaflet put inside and everything else
that folium loads left out, so that it runs without a network as well.

    python benchmarks/map.py [--hamlets 12000] [--vertices 80]
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import folium
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "report"))

from worlds import world

from lomsong.report import map as maps
from lomsong.report import palette
from lomsong.report.map import offline
from lomsong.result import Result

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
MOST_MB = 3.0
MOST_SHARE = 1 / 4
SETTLED_MS = 400
PANS = 6

PROBE = """
window.probe = { last: performance.now(), busy: 0, drawn: 0 };
const beat = () => {
  const now = performance.now();
  const gap = now - probe.last;
  if (gap > 50) probe.busy = now;
  probe.last = now;
  setTimeout(beat, 0);
};
beat();
new MutationObserver(() => {
  if (document.documentElement.dataset.drawn && !probe.drawn) probe.drawn = performance.now();
}).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-drawn"] });
"""
"""A heartbeat: where it stops, the page is frozen; and the moment when our page says that all is drawn."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One build in one browser: all drawn after [s], longest freeze while panning [ms]."""

    drawn_s: float
    freeze_ms: float


def plain(result: Result, file: Path) -> None:
    """Write what folium makes of the hamlets by itself: GeoJson with a style, a tooltip and a popup."""
    hamlets = result.hamlets[["name", "class", "power", "people", "geometry"]]
    west, south, east, north = hamlets.total_bounds
    chart = folium.Map(tiles=None, location=[(south + north) / 2, (west + east) / 2], zoom_start=9)
    folium.GeoJson(
        hamlets,
        style_function=lambda feature: {
            "fillColor": palette.CLASS_COLOURS[feature["properties"]["class"]],
            "color": "#333",
            "weight": 0.5,
            "fillOpacity": 0.8,
        },
        tooltip=folium.GeoJsonTooltip(["name"]),
        popup=folium.GeoJsonPopup(["name", "class", "power", "people"]),
    ).add_to(chart)
    chart.fit_bounds([[south, west], [north, east]])
    chart.default_js, chart.default_css = [], []
    header = chart.get_root().header
    header.add_child(offline.Verbatim(f"<style>{offline.vendored('leaflet.css')}</style>"), index=0)
    header.add_child(
        offline.Verbatim(f"<script>{offline.vendored('leaflet.js')}</script>"), index=0
    )
    file.write_text(chart.get_root().render(), encoding="utf-8")


def _longest_task(trace: bytes) -> float:
    """Return the longest task of the page's main thread, in the processor time it took [ms].

    Not in time of the wall: on a shared machine that would count what others do as well.
    """
    events = json.loads(trace)["traceEvents"]
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = (
        event.get("tdur", 0)
        for event in events
        if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in main
    )
    return max(tasks) / 1000


def measure(browser: Browser, file: Path, *, slowed: int) -> Measured:
    """Open a page, wait until it has been still for a while, then drag it about."""
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = context.new_page()
    page.add_init_script(PROBE)
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.goto(file.as_uri(), wait_until="commit", timeout=300_000)
    drawn = _still(page)
    browser.start_tracing(page=page, categories=["toplevel"])
    _panned(page, session)
    freeze = _longest_task(browser.stop_tracing())
    context.close()
    return Measured(drawn_s=drawn / 1000, freeze_ms=freeze)


def _still(page: Page) -> float:
    """Return when the last frozen moment ended and everything was drawn, once the page is at rest [ms]."""
    page.wait_for_load_state("load", timeout=300_000)
    while True:
        now, busy, waiting = page.evaluate(
            "[performance.now(), Math.max(probe.busy, probe.drawn), "
            "window.lomsong ? lomsong.busy() || !document.documentElement.dataset.drawn "
            ": !document.querySelector('path.leaflet-interactive')]"
        )
        if not waiting and now - busy > SETTLED_MS:
            return float(busy)
        time.sleep(0.05)


def _panned(page: Page, session: CDPSession) -> None:
    for number in range(PANS):
        x, y = 900, 450
        session.send("Input.dispatchMouseEvent", _mouse("mousePressed", x, y))
        for step in range(1, 11):
            towards = 1 if number % 2 else -1
            session.send(
                "Input.dispatchMouseEvent",
                _mouse("mouseMoved", x + towards * 22 * step, y + 12 * step),
            )
        session.send(
            "Input.dispatchMouseEvent", _mouse("mouseReleased", x + towards * 220, y + 120)
        )
        page.wait_for_timeout(500)


def _mouse(kind: str, x: float, y: float) -> dict[str, object]:
    return {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}


def _table(sizes: dict[str, float], times: dict[tuple[str, int], Measured]) -> bool:
    print(
        f"{'build':<16}{'HTML MB':>9}{'drawn s':>9}{'freeze ms':>11}{'4x drawn':>10}{'4x freeze':>11}"
    )
    for name, size in sizes.items():
        fast, slow = times[name, 1], times[name, 4]
        print(
            f"{name:<16}{size:>9.2f}{fast.drawn_s:>9.2f}{fast.freeze_ms:>11.0f}"
            f"{slow.drawn_s:>10.2f}{slow.freeze_ms:>11.0f}"
        )
    good = sizes["lomsong"] <= MOST_MB
    print(f"size {sizes['lomsong']:.2f} MB, at most {MOST_MB:.0f}: {'held' if good else 'MISSED'}")
    for slowed in (1, 4):
        ours, theirs = times["lomsong", slowed], times["folium.GeoJson", slowed]
        for label, share in (
            ("all drawn", ours.drawn_s / theirs.drawn_s),
            ("longest freeze", ours.freeze_ms / theirs.freeze_ms),
        ):
            held = share <= MOST_SHARE
            good &= held
            print(
                f"{label}, {slowed}x: {share:.2f} of plain, at most {MOST_SHARE}: {'held' if held else 'MISSED'}"
            )
    return good


def main() -> int:
    """Print the comparison; exit 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hamlets", type=int, default=12_000)
    parser.add_argument("--vertices", type=int, default=80)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    result = world(asked.hamlets, n_vertices=asked.vertices)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        files = {
            "folium.GeoJson": Path(folder) / "plain.html",
            "lomsong": Path(folder) / "map.html",
        }
        plain(result, files["folium.GeoJson"])
        started = time.perf_counter()
        maps.write(result, files["lomsong"])
        print(
            f"written in {time.perf_counter() - started:.1f} s: {asked.hamlets} hamlets of {asked.vertices} vertices"
        )
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        times = {}
        for slowed in (1, 4):
            for name, file in files.items():
                runs = [measure(browser, file, slowed=slowed) for _ in range(asked.repeats)]
                times[name, slowed] = Measured(
                    drawn_s=min(run.drawn_s for run in runs),
                    freeze_ms=min(run.freeze_ms for run in runs),
                )
        browser.close()
        good = _table({name: file.stat().st_size / 1e6 for name, file in files.items()}, times)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
