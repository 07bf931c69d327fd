"""Draw the small map of a printed list: classes, power, numbered hamlets, sites and a scale, as SVG."""

import io
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextPath
from pyproj import CRS

from lomsong.report import text
from lomsong.report.charts.drawing import style
from lomsong.report.lists.content import ListContent
from lomsong.report.lists.places import masts
from lomsong.report.lists.rows_of import SHARED, classes_of
from lomsong.report.palette import CLASS_COLOURS, INK, PLANNED
from lomsong.report.text.lists import LABEL
from lomsong.space.crs import WGS84, Extent, local_metric_crs, to_crs
from lomsong.tables import ANY_CARRIER, CLASSES

WIDTH_IN: Final = 6.5
HEIGHT_IN: Final = 4.2
FEWEST_M: Final = 500.0
"""Half a side of the smallest map [m]."""
DRAWN_STEPS: Final = 1500.0
"""Borders are drawn no more exactly than the map's side by this."""
MOST_NUMBERED: Final = 80
"""More numbers than these hide the map."""
MOST_MARKED: Final = 500
"""With more hamlets than these a question mark in each is a blot."""
MARGIN: Final = 0.03
_ROUND: Final = (1, 2, 5)
_EDGE: Final[dict[str, Any]] = {"edgecolor": "#5a5a5a", "linewidth": 0.4}
_HATCH_NO_GRID: Final = "/////"
_DOTS: Final = "..."
_LETTER: Final[dict[str, Any]] = {
    "linestyle": "",
    "markersize": 6,
    "markeredgewidth": 0,
    "color": INK,
}
_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "proposed": {
        "marker": "^",
        "markersize": 7.5,
        "markerfacecolor": PLANNED,
        "markeredgecolor": "white",
        "markeredgewidth": 0.8,
    },
    "exact": {
        "marker": "^",
        "markersize": 3.5,
        "markerfacecolor": INK,
        "markeredgecolor": INK,
        "markeredgewidth": 0.4,
    },
    "estimated": {
        "marker": "^",
        "markersize": 3.0,
        "markerfacecolor": "white",
        "markeredgecolor": INK,
        "markeredgewidth": 0.4,
    },
}
_HALO: Final = [patheffects.withStroke(linewidth=1.8, foreground="white")]


def draw(filled: ListContent) -> bytes:
    """Return the map of the hamlets that the list chose from; its only text is this program's and numbers."""
    hamlets = filled.hamlets
    if hamlets.empty:
        return b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="1"></svg>'
    crs = local_metric_crs(Extent(*filled.result.hamlets.total_bounds))
    with style():
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_aspect("equal")
        axes.set_axis_off()
        areas = hamlets.geometry.to_crs(crs)
        side = _frame(axes, areas)
        _draw_areas(axes, areas, filled, tolerance=side / DRAWN_STEPS)
        _draw_sites(axes, filled, areas, crs)
        _draw_numbers(axes, filled.rows, crs)
        _draw_scale(axes, side)
        axes.legend(
            handles=_legend(filled),
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
            fontsize=7.5,
            frameon=False,
        )
        buffer = io.BytesIO()
        figure.savefig(
            buffer, format="svg", metadata={"Date": None}, bbox_inches="tight", pad_inches=0.02
        )
    return buffer.getvalue()


def _frame(axes: Axes, areas: gpd.GeoSeries) -> float:
    """Set the limits of the map and return its longer side [m]."""
    west, south, east, north = areas.total_bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    half_x = max((east - west) / 2 * (1 + MARGIN), FEWEST_M)
    half_y = max((north - south) / 2 * (1 + 2 * MARGIN), FEWEST_M)
    axes.set_xlim(middle_x - half_x, middle_x + half_x)
    # Room below for the scale.
    axes.set_ylim(middle_y - half_y * (1 + 3 * MARGIN), middle_y + half_y)
    return float(2 * max(half_x, half_y))


def _draw_areas(axes: Axes, areas: gpd.GeoSeries, filled: ListContent, *, tolerance: float) -> None:
    """Draw all hamlets of one look at once: thousands of pictures by themselves make a slow page."""
    names = classes_of(filled.result, filled.hamlets, filled.subject).to_numpy()
    powers = filled.hamlets["power"].to_numpy()
    plain = shapely.simplify(areas.to_numpy(), tolerance)
    for name in CLASSES:
        outline = _outline(plain[names == name])
        hatch = _DOTS if name == "unknown" else None
        axes.add_patch(PathPatch(outline, hatch=hatch, facecolor=CLASS_COLOURS[name], **_EDGE))
    # Black lines on white ones, to be seen on dark and on light.
    for colour, width in (("white", 2.0), ("black", 0.9)):
        lines = PathPatch(
            _outline(plain[powers == "no_grid"]),
            fill=False,
            hatch=_HATCH_NO_GRID,
            edgecolor=colour,
            linewidth=0,
        )
        lines.set_hatch_linewidth(width)
        axes.add_patch(lines)
    if len(plain) <= MOST_MARKED:
        for area in plain[powers == "unknown"]:
            _draw_question_mark(axes, area)


def _outline(areas: npt.NDArray[np.object_]) -> Outline:
    """Return all rings of areas as one path, holes included; nothing to see where there are none."""
    rings = [
        Outline(np.asarray(ring.coords)[:, :2], closed=True)
        for part in shapely.get_parts(areas)
        if part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]
    return Outline.make_compound_path(*rings) if rings else Outline(np.empty((0, 2)))


def _draw_question_mark(axes: Axes, area: shapely.Geometry) -> None:
    place = shapely.point_on_surface(area)
    axes.annotate(
        "?",
        (place.x, place.y),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        fontsize=7,
        path_effects=_HALO,
    )


def _draw_sites(axes: Axes, filled: ListContent, areas: gpd.GeoSeries, crs: CRS) -> None:
    """Draw the carrier's known sites, those of uncertain place hollow, and the sites of the plan."""
    west, south, east, north = areas.total_bounds
    anybody = filled.subject == ANY_CARRIER
    known = masts(filled.result.sites)
    known = known[(known["carrier"] == filled.subject) | anybody]
    proposed = filled.result.candidates.sort_values("site_id")
    whose = proposed["carrier"].isin([filled.subject, SHARED]) | anybody
    proposed = proposed[proposed["selected"] & whose]
    for lon, lat, look in (
        *(
            (known.loc[at, "lon"], known.loc[at, "lat"], _LOOKS[name])
            for name in ("estimated", "exact")
            for at in [known["position"] == name]
        ),
        (proposed.geometry.x, proposed.geometry.y, _LOOKS["proposed"]),
    ):
        x, y = to_crs(lon, lat, source=WGS84, target=crs)
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        axes.plot(x[inside], y[inside], linestyle="", zorder=3, **look)


def _draw_numbers(axes: Axes, rows: pd.DataFrame, crs: CRS) -> None:
    """Write the number of each row where its hamlet is; the best ones where there are too many."""
    best = rows.head(MOST_NUMBERED)
    x, y = to_crs(best["lon"], best["lat"], source=WGS84, target=crs)
    for number, px, py in zip(best["rank"], x, y, strict=True):
        axes.text(
            px,
            py,
            str(number),
            ha="center",
            va="center",
            fontsize=6.5,
            fontweight="bold",
            path_effects=_HALO,
            zorder=4,
        )


def _draw_scale(axes: Axes, side: float) -> None:
    """Draw a bar of a round length, about a fifth of the map."""
    aim = side / 5
    power = 10 ** np.floor(np.log10(aim))
    length = max(step * power for step in _ROUND if step * power <= aim)
    west, _ = axes.get_xlim()
    south, north = axes.get_ylim()
    y = south + 0.02 * (north - south)
    axes.plot([west, west + length], [y, y], color=INK, linewidth=2.5, solid_capstyle="butt")
    km = length / 1000
    axes.text(west + length, y, f"  {km:g} km", va="center", fontsize=7)


def _legend(filled: ListContent) -> list[Patch | Line2D]:
    language = filled.language
    classes = [
        Patch(
            facecolor=CLASS_COLOURS[name],
            hatch=_DOTS if name == "unknown" else None,
            label=text.value("class", name, language),
            **_EDGE,
        )
        for name in CLASSES
    ]
    no_grid = Patch(
        facecolor="white",
        hatch=_HATCH_NO_GRID,
        label=text.value("power", "no_grid", language),
        **_EDGE,
    )
    letters = [
        Line2D([], [], label=said, marker=_letter(mark), **_LETTER)
        for mark, said in (
            ("?", text.value("power", "unknown", language)),
            ("1", filled.say(LABEL["number_of_row"])),
        )
    ]
    marks = [
        Line2D([], [], linestyle="", label=said, **_LOOKS[name])
        for name, said in (
            ("proposed", filled.say(LABEL["sites_planned"])),
            ("exact", filled.say(LABEL["sites_known"])),
            ("estimated", filled.say(LABEL["sites_estimated"])),
        )
    ]
    return [*classes, no_grid, *letters, *marks]


def _letter(said: str) -> Outline:
    """Return a letter as a mark of the legend, its middle at the origin."""
    letter = TextPath((0, 0), said, size=1)
    middle = (letter.vertices.min(axis=0) + letter.vertices.max(axis=0)) / 2
    return Outline(letter.vertices - middle, letter.codes)
