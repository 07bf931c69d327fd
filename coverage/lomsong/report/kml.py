"""Write KMZ archives for phones: KML 2.2 as text, icons inside, the same bytes for the same content."""

import datetime as dt
import html
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

import matplotlib.image
import numpy as np
import numpy.typing as npt
import shapely

from lomsong.report.plain import printable
from lomsong.space.crs import METRES_PER_DEGREE, Floats

KML: Final = "http://www.opengis.net/kml/2.2"
SIMPLIFIED_M: Final = 10.0
"""Borders are drawn no more exactly than this [m]: a phone shows no more."""
BORDER_DIGITS: Final = 6
POINT_DIGITS: Final = 7
ICON_PIXELS: Final = 64
Icon = Literal["disc", "triangle"]
_FILL_ALPHA: Final = "66"


def write(
    file: Path,
    *,
    name: str,
    description: str,
    styles: Iterable[str],
    folders: Iterable[str],
    icons: Sequence[Icon],
    date: dt.date,
) -> None:
    """Write one document with its icons; `description` and what folders hold are HTML and KML made here."""
    document = [
        f"<?xml version='1.0' encoding='utf-8'?>\n<kml xmlns=\"{KML}\"><Document>",
        _name(name),
        f"<description>{escape(description)}</description>",
        *styles,
        *folders,
        "</Document></kml>",
    ]
    parts = {"doc.kml": "".join(document).encode()}
    parts |= {f"files/{icon}.png": _picture(icon) for icon in icons}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            entry = zipfile.ZipInfo(part, (date.year, date.month, date.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


def style(
    name: str,
    colour: str,
    *,
    icon: Icon | None = None,
    scale: float = 1.0,
    filled: bool = False,
    line: float | None = None,
) -> str:
    """Return a shared style; KML 2.2 fixes the order of its parts, and colours as alpha, blue, green, red."""
    backwards = f"{colour[5:7]}{colour[3:5]}{colour[1:3]}"
    parts = []
    if icon is not None:
        parts.append(
            f"<IconStyle><color>ff{backwards}</color><scale>{scale:g}</scale>"
            f"<Icon><href>files/{icon}.png</href></Icon></IconStyle>"
            "<LabelStyle><scale>0.8</scale></LabelStyle>"
        )
    if line is not None:
        parts.append(f"<LineStyle><color>ff{backwards}</color><width>{line:g}</width></LineStyle>")
    if filled:
        parts.append(f"<PolyStyle><color>{_FILL_ALPHA}{backwards}</color></PolyStyle>")
    # Without this a viewer would show the name once more, and run markup that stands in it.
    parts.append("<BalloonStyle><text>$[description]</text></BalloonStyle>")
    return f"<Style id={quoteattr(name)}>{''.join(parts)}</Style>"


def folder(name: str, content: Iterable[str], *, shown: bool = True) -> str:
    """Return a folder of placemarks or folders."""
    visibility = "" if shown else "<visibility>0</visibility>"
    return f"<Folder>{_name(name)}{visibility}{''.join(content)}</Folder>"


def placemark(name: str, description: str, geometry: str, *, style: str) -> str:
    """Return a place; `description` is HTML made by `described`, `geometry` KML made here."""
    return (
        f"<Placemark>{_name(name)}<description>{escape(description)}</description>"
        f"<styleUrl>#{style}</styleUrl>{geometry}</Placemark>"
    )


def described(lines: Iterable[tuple[str, str]]) -> str:
    """Return lines as the HTML that viewers take a description for, with all text escaped in it.

    A line without a name stands alone and bold; one without a value is left out.
    """
    return "<br/>".join(line(name, value) for name, value in lines if value)


def line(name: str, value: str) -> str:
    """Return one line of a description."""
    said = html.escape(printable(value))
    return f"<b>{html.escape(printable(name))}</b>: {said}" if name else f"<b>{said}</b>"


def point(lon: float, lat: float) -> str:
    """Return a point [degrees]."""
    return (
        f"<Point><coordinates>{lon:.{POINT_DIGITS}f},{lat:.{POINT_DIGITS}f}</coordinates></Point>"
    )


def way(places: Iterable[tuple[float, float]]) -> str:
    """Return a line through places given as longitude and latitude [degrees]."""
    said = " ".join(f"{x:.{POINT_DIGITS}f},{y:.{POINT_DIGITS}f}" for x, y in places)
    return f"<LineString><tessellate>1</tessellate><coordinates>{said}</coordinates></LineString>"


def several(geometries: Iterable[str]) -> str:
    """Return geometries as one."""
    return f"<MultiGeometry>{''.join(geometries)}</MultiGeometry>"


def borders(areas: npt.NDArray[np.object_]) -> list[str]:
    """Return each area's parts as KML polygons, borders made as coarse as a phone shows them."""
    plain = shapely.simplify(shapely.force_2d(areas), SIMPLIFIED_M / METRES_PER_DEGREE)
    parts, owner = shapely.get_parts(plain, return_index=True)
    drawn = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    # KML wants outer borders against the clock and inner ones with it.
    polygons, owner = shapely.orient_polygons(parts[drawn]), owner[drawn]
    found: list[list[str]] = [[] for _ in areas]
    for place, polygon in zip(owner.tolist(), polygons, strict=True):
        found[place].append(_polygon(polygon))
    return ["".join(each) for each in found]


def _polygon(area: shapely.Polygon) -> str:
    rings = [f"<outerBoundaryIs>{_ring(area.exterior)}</outerBoundaryIs>"]
    rings += [f"<innerBoundaryIs>{_ring(hole)}</innerBoundaryIs>" for hole in area.interiors]
    return f"<Polygon>{''.join(rings)}</Polygon>"


def _ring(ring: shapely.LinearRing) -> str:
    places: Floats = shapely.get_coordinates(ring)
    pattern = " ".join([f"%.{BORDER_DIGITS}f,%.{BORDER_DIGITS}f"] * len(places))
    written = pattern % tuple(places.ravel().tolist())
    return f"<LinearRing><coordinates>{written}</coordinates></LinearRing>"


def _name(said: str) -> str:
    return f"<name>{escape(printable(said))}</name>"


def _picture(icon: Icon) -> bytes:
    """Return a white mark with a dark rim as PNG; viewers tint it with the colour of its style."""
    middle = (ICON_PIXELS - 1) / 2
    y, x = np.mgrid[0:ICON_PIXELS, 0:ICON_PIXELS]
    if icon == "disc":
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
