"""Write the map of a result: one page that needs no network and takes no text of the input for markup or code."""

import html
from pathlib import Path
from typing import Final, cast

import folium
from branca.element import Figure
from folium.map import CustomPane, Layer, LayerControl
from folium.raster_layers import ImageOverlay

from lomsong.report import text
from lomsong.report.map import offline, relief
from lomsong.report.map.payload import bounds, payload
from lomsong.result import Result
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

SCRIPTS: Final = (
    "decode",
    "words",
    "dom",
    "shapes",
    "model",
    "cells",
    "store",
    "paint",
    "layers",
    "popup",
    "search",
    "csv",
    "legend",
    "panel",
    "print",
    "main",
)
"""Parts of the page's own script, in the order they are joined."""
STYLES: Final = ("base", "panel", "map", "print")
PANES: Final = {
    "relief": 250,
    "hamlets": 300,
    "areas": 310,
    "borders": 350,
    "points": 400,
    "highlight": 450,
    "marks": 620,
}
"""Height of each pane [z-index]: the ground lies below the hamlets, which are multiplied onto it."""
LAYERS: Final = (
    # name, pane, from this zoom on, shown at first
    ("areas", "areas", 0, False),
    ("hamlets", "hamlets", 0, True),
    ("borders", "borders", 0, True),
    ("cells", "points", 13, True),
    ("sites", "points", 13, True),
    ("clusters", "points", 13, True),
    ("names", "points", 0, True),
    ("candidates", "marks", 0, True),
    ("others", "marks", 0, False),
)
MIDDLE_OF_VIETNAM: Final = (16.0, 106.5)


class _Scripted(Layer):
    """A layer whose script is a plain text of this module, never a template."""

    def script(self, chart: str) -> str:
        """Return the script; `chart` is the name of the map in it."""
        raise NotImplementedError

    def render(self, **_: object) -> str:
        """Put the script into the page."""
        figure = cast("Figure", self.get_root())
        chart = cast("folium.Map", self._parent).get_name()
        line = offline.Verbatim(self.script(chart) + "\n")
        figure.script.add_child(line, name=self.get_name())
        return ""


class _OwnLayer(_Scripted):
    """A layer that the page's own script draws; folium adds it and lists it."""

    def __init__(self, key: str, *, label: str, pane: str, minimum_zoom: int, show: bool) -> None:
        super().__init__(name=label, overlay=True, control=key != "hamlets", show=show)
        self._name = "Layer"
        self.maker = f'lomsong.layer("{key}", "{pane}", {minimum_zoom})'

    def script(self, chart: str) -> str:
        """Make the layer, and add it where it shows at first."""
        added = f".addTo({chart})" if self.show else ""
        return f"var {self.get_name()} = {self.maker}{added};"


class _Start(_Scripted):
    """The last line of the page's script."""

    def __init__(self, ground: ImageOverlay | None) -> None:
        super().__init__(name="start", control=False)
        self.ground = ground

    def script(self, chart: str) -> str:
        """Hand the map, and the relief where there is one, to the page's own script."""
        ground = f"lomsong.layers.relief = {self.ground.get_name()};\n" if self.ground else ""
        return f"{ground}lomsong.start({chart});"


def write(result: Result, file: Path, *, language: text.Language | None = None) -> None:
    """Write the map of a result as one HTML file; the language is the project's unless it is given."""
    file.write_text(render(result, language=language), encoding="utf-8", newline="\n")


def render(result: Result, *, language: text.Language | None = None) -> str:
    """Return the page; two renders of one result are the same to the byte."""
    spoken = language or result.settings.project.language
    return offline.page(
        language=spoken,
        title=text.say("map.title", spoken),  # the script puts the project's name there
        styles={
            "leaflet": offline.vendored("leaflet.css"),
            "own": offline.own(*(f"css/{name}.css" for name in STYLES)),
        },
        body=_body(spoken),
        payload=payload(result, language=spoken),
        scripts={
            "leaflet": offline.vendored("leaflet.js"),
            "gunzip": offline.vendored("fflate-gunzip.js"),
            "own": _own_script(),
            "folium": offline.folium_script(_chart(result, language=spoken)),
        },
    )


def _own_script() -> str:
    parts = offline.own(*(f"js/{name}.js" for name in SCRIPTS))
    return f'(() => {{\n"use strict";\n{parts}\n}})();'


def _body(language: text.Language) -> str:
    """Return the page's bones; every word in it is ours."""

    def said(key: str) -> str:
        return html.escape(text.say(key, language))

    return "\n".join(
        [
            f'<noscript><p class="notice">{said("map.noscript")}</p></noscript>',
            '<a id="skip" href="#list"></a>',
            '<aside id="panel"></aside>',
            "<main>",
            '<button id="toggle" type="button" aria-controls="panel"></button>',
            '<div class="folium-map" id="map_lomsong" role="region"></div>',
            '<div id="legend-place"></div>',
            '<div id="hint" hidden></div>',
            '<p id="brief" aria-hidden="true"></p>',
            '<div id="drawer" hidden></div>',
            f'<p id="loading" class="notice" data-broken="{said("map.broken")}">{said("map.loading")}</p>',
            "</main>",
            '<section id="sheet" aria-hidden="true"></section>',
        ]
    )


def _chart(result: Result, *, language: text.Language) -> folium.Map:
    extent = bounds(result)
    middle = MIDDLE_OF_VIETNAM
    if extent is not None:
        middle = (float(extent[1] + extent[3]) / 2, float(extent[0] + extent[2]) / 2)
    chart = folium.Map(
        location=middle,
        zoom_start=10,
        zoom_snap=0.25,  # so that a district fills the screen, whatever its size
        tiles=None,
        zoom_control="topleft",
        control_scale=True,
        fade_animation=False,
        attribution_control=False,
    )
    for name, height in PANES.items():
        chart.add_child(CustomPane(name, z_index=height, pointer_events=name == "marks"))
    ground = None
    if result.terrain is not None and extent is not None:
        ground = _ground(result.terrain, extent, language=language)
        chart.add_child(ground)
    only_squares = bool((result.hamlets["kind"] == "area").all())
    for key, pane, minimum_zoom, shown_at_first in LAYERS:
        show = shown_at_first or (key == "areas" and only_squares)
        label = text.say(f"map.layer_{key}", language) if key != "hamlets" else key
        chart.add_child(
            _OwnLayer(key, label=label, pane=pane, minimum_zoom=minimum_zoom, show=show)
        )
    chart.add_child(LayerControl(position="topright", collapsed=True))
    chart.add_child(_Start(ground))
    return chart


def _ground(terrain: Raster, extent: Floats, *, language: text.Language) -> ImageOverlay:
    picture = relief.relief(terrain, extent=relief.around(extent, terrain))
    edge = picture.extent
    return ImageOverlay(
        picture.uri,
        bounds=[[edge.south, edge.west], [edge.north, edge.east]],
        pane="relief",
        name=text.say("map.layer_relief", language),
        alt="",
    )
