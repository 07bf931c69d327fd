"""Write a list as KMZ for phones: hamlets that need action, known and proposed sites, icons inside."""

import html
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, cast
from xml.etree import ElementTree as ET

import matplotlib.image
import numpy as np
import pandas as pd
import shapely

from lomsong.report import text
from lomsong.report.lists.columns import carrier_label, shown
from lomsong.report.lists.content import ListContent, day, thresholds
from lomsong.report.lists.places import DEGREE_DIGITS, masts
from lomsong.report.lists.rows_of import GAP_CLASSES, SHARED
from lomsong.report.palette import CLASS_COLOURS, INK, PLANNED
from lomsong.report.plain import printable
from lomsong.report.text import Language
from lomsong.report.text.lists import LABEL, POSITION
from lomsong.space.crs import METRES_PER_DEGREE
from lomsong.tables import ANY_CARRIER

KML: Final = "http://www.opengis.net/kml/2.2"
SIMPLIFIED_M: Final = 10.0
"""Borders are drawn no more exactly than this [m]: a phone shows no more."""
BORDER_DIGITS: Final = 6
ICON_PIXELS: Final = 64
_FILL_ALPHA: Final = "66"
_NOT_TOLD: Final = frozenset({"name"})
_OF_PROPOSED_SITE: Final = (
    *("rank", "people_gained", "hamlets_gained", "people_covered", "mast_m", "ground_m"),
    *("cost_vnd", "cost_vnd_per_person", "backhaul_distance_m"),
)


def write(filled: ListContent, file: Path) -> None:
    """Write the archive; the same list gives the same bytes, whatever the day."""
    date = day(filled.result)
    parts = {
        "doc.kml": _document(filled),
        "files/hamlet.png": _icon("disc"),
        "files/site.png": _icon("triangle"),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (date.year, date.month, date.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


def _document(filled: ListContent) -> bytes:
    ET.register_namespace("", KML)
    root = ET.Element(f"{{{KML}}}kml")
    document = _child(root, "Document")
    title = filled.title
    if filled.synthetic:
        title = f"{text.say('map.synthetic', filled.language)} – {title}"
    _child(document, "name", title)
    _child(document, "description", _about(filled))
    for style in _styles():
        document.append(style)
    folder = _folder(document, filled.say(LABEL["hamlets_gap"]))
    for placemark in _hamlets(filled):
        folder.append(placemark)
    folder = _folder(document, filled.say(LABEL["sites_planned"]))
    for placemark in _proposed_sites(filled):
        folder.append(placemark)
    folder = _folder(document, filled.say(LABEL["sites_known"]))
    for placemark in _known_sites(filled):
        folder.append(placemark)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _about(filled: ListContent) -> str:
    lines = [(name, f"{value:g}") for name, value, _ in thresholds(filled)]
    said = filled.result.manifest.get("data_date")
    lines.append((filled.say(LABEL["data_date"]), text.date(said, filled.language)))
    if filled.synthetic:
        lines.append((filled.say(LABEL["mind"]), text.say("map.synthetic_about", filled.language)))
    return _described(lines)


def _styles() -> Iterator[ET.Element]:
    for name in GAP_CLASSES:
        yield _style(name, CLASS_COLOURS[name], icon="hamlet", scale=0.6, is_area=True)
    yield _style("planned", PLANNED, icon="site", scale=0.9)
    yield _style("known", INK, icon="site", scale=0.6)


def _style(name: str, colour: str, *, icon: str, scale: float, is_area: bool = False) -> ET.Element:
    """Return a shared style; KML 2.2 fixes the order of its parts, and colours as alpha, blue, green, red."""
    style = ET.Element(f"{{{KML}}}Style", {"id": name})
    backwards = f"{colour[5:7]}{colour[3:5]}{colour[1:3]}"
    drawn = _child(style, "IconStyle")
    _child(drawn, "color", f"ff{backwards}")
    _child(drawn, "scale", f"{scale:g}")
    _child(_child(drawn, "Icon"), "href", f"files/{icon}.png")
    _child(_child(style, "LabelStyle"), "scale", "0.8")
    if is_area:
        line = _child(style, "LineStyle")
        _child(line, "color", f"ff{backwards}")
        _child(line, "width", "2")
        _child(_child(style, "PolyStyle"), "color", f"{_FILL_ALPHA}{backwards}")
    # Without this a viewer would show the name once more, and run markup that stands in it.
    _child(_child(style, "BalloonStyle"), "text", "$[description]")
    return style


def _hamlets(filled: ListContent) -> Iterator[ET.Element]:
    hamlets = filled.result.hamlets
    areas = pd.Series(hamlets.geometry.to_numpy(), index=hamlets["hamlet_id"])
    told = [column for column in filled.columns if column.name not in _NOT_TOLD]
    for row in filled.rows.to_dict("records"):
        lines = [
            (filled.say(column.heading), shown(column, row[column.name], language=filled.language))
            for column in told
        ]
        name = str(row["name"])
        # Where this carrier is unknown, the row is listed for what the best of all is.
        style = row["class"] if row["class"] in GAP_CLASSES else row["class_any"]
        placemark = _placemark(name, _described([("", name), *lines]), style=style)
        both = _child(placemark, "MultiGeometry")
        both.append(_point(row["lon"], row["lat"]))
        both.extend(_borders(areas[row["hamlet_id"]]))
        yield placemark


def _proposed_sites(filled: ListContent) -> Iterator[ET.Element]:
    """Yield the sites of the plan that are this carrier's or shared, and others that a row names."""
    sites = filled.result.candidates
    usable = np.isin(sites["carrier"], [filled.subject, SHARED]) | (filled.subject == ANY_CARRIER)
    wanted = (sites["selected"] & usable) | sites["site_id"].isin(filled.rows["candidate_site"])
    sites = sites[wanted].sort_values(["rank", "site_id"], na_position="last")
    for row in sites.to_dict("records"):
        lines = [
            (text.say(f"column.{name}", filled.language), _figure(row[name], filled.language))
            for name in _OF_PROPOSED_SITE
        ]
        whose = carrier_label(row["carrier"], filled.language)
        power = text.value("power_solution", row["power_solution"], filled.language)
        lines += [
            (text.say("column.carrier", filled.language), whose),
            (text.say("column.power_solution", filled.language), power),
        ]
        name = str(row["site_id"])
        placemark = _placemark(name, _described([("", name), *lines]), style="planned")
        placemark.append(_point(row["geometry"].x, row["geometry"].y))
        yield placemark


def _known_sites(filled: ListContent) -> Iterator[ET.Element]:
    """Yield known sites within reach of what the list shows, the carrier's own and possible hosts."""
    if filled.rows.empty:
        return
    reach = filled.result.settings.siting.radius_m / METRES_PER_DEGREE
    known, rows = masts(filled.result.sites), filled.rows
    wider = reach / np.cos(np.radians(rows["lat"].abs().max()))
    near = known["lat"].between(rows["lat"].min() - reach, rows["lat"].max() + reach)
    near &= known["lon"].between(rows["lon"].min() - wider, rows["lon"].max() + wider)
    named = known["site_id"].isin(rows["nearest_site"])
    if "host_site" in rows:
        named |= known["site_id"].isin(rows["host_site"])
    for row in known[near | named].to_dict("records"):
        name = str(row["site_id"])
        whose = carrier_label(row["carrier"], filled.language)
        position = filled.say(POSITION[row["position"]])
        lines = [(text.say("column.carrier", filled.language), whose), ("", position)]
        placemark = _placemark(name, _described([("", name), *lines]), style="known")
        placemark.append(_point(row["lon"], row["lat"]))
        yield placemark


def _figure(value: object, language: Language) -> str:
    return "" if text.is_missing(value) else text.number(float(cast("float", value)), language)


def _described(lines: Iterable[tuple[str, str]]) -> str:
    """Return lines as the HTML that viewers take a description for, with all text escaped in it."""
    said = [
        f"<b>{html.escape(name)}</b>: {html.escape(value)}"
        if name
        else f"<b>{html.escape(value)}</b>"
        for name, value in lines
        if value
    ]
    return "<br/>".join(said)


def _placemark(name: str, description: str, *, style: str) -> ET.Element:
    placemark = ET.Element(f"{{{KML}}}Placemark")
    _child(placemark, "name", name)
    _child(placemark, "description", description)
    _child(placemark, "styleUrl", f"#{style}")
    return placemark


def _point(lon: float, lat: float) -> ET.Element:
    point = ET.Element(f"{{{KML}}}Point")
    _child(point, "coordinates", f"{lon:.{DEGREE_DIGITS}f},{lat:.{DEGREE_DIGITS}f}")
    return point


def _borders(area: shapely.Geometry) -> list[ET.Element]:
    """Return the parts of an area as KML polygons, their borders made as coarse as a phone shows them."""
    plain = shapely.simplify(shapely.force_2d(area), SIMPLIFIED_M / METRES_PER_DEGREE)
    parts = [part for part in shapely.get_parts(plain) if part.geom_type == "Polygon"]
    return [_polygon(part) for part in parts if not part.is_empty]


def _polygon(area: shapely.Polygon) -> ET.Element:
    polygon = ET.Element(f"{{{KML}}}Polygon")
    # KML wants outer borders against the clock and inner ones with it.
    area = shapely.geometry.polygon.orient(area)
    for tag, ring in (
        ("outerBoundaryIs", area.exterior),
        *(("innerBoundaryIs", hole) for hole in area.interiors),
    ):
        places = " ".join(f"{x:.{BORDER_DIGITS}f},{y:.{BORDER_DIGITS}f}" for x, y in ring.coords)
        _child(_child(_child(polygon, tag), "LinearRing"), "coordinates", places)
    return polygon


def _folder(parent: ET.Element, name: str) -> ET.Element:
    folder = _child(parent, "Folder")
    _child(folder, "name", name)
    return folder


def _child(parent: ET.Element, tag: str, content: str | None = None) -> ET.Element:
    child = ET.SubElement(parent, f"{{{KML}}}{tag}")
    if content is not None:
        child.text = printable(content)
    return child


def _icon(shape: str) -> bytes:
    """Return a white mark with a dark rim as PNG; viewers tint it with the colour of its style."""
    middle = (ICON_PIXELS - 1) / 2
    y, x = np.mgrid[0:ICON_PIXELS, 0:ICON_PIXELS]
    if shape == "disc":
        inside = middle - 1 - np.hypot(x - middle, y - middle)
    else:
        # Distance to the nearest of a triangle's three sides, its tip on top.
        slope = np.sqrt(5.0)
        sides = ((y - 2 * (middle - x)) / slope, (y - 2 * (x - middle)) / slope)
        inside = np.minimum(np.minimum(*sides), ICON_PIXELS - 4.0 - y)
    picture = np.ones((ICON_PIXELS, ICON_PIXELS, 4))
    picture[..., :3] = np.clip((inside - 6) / 2, 0.12, 1)[..., None]
    picture[..., 3] = np.clip(inside, 0, 1)
    buffer = io.BytesIO()
    matplotlib.image.imsave(buffer, picture, format="png", metadata={"Software": "lomsong"})
    return buffer.getvalue()
