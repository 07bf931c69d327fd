"""Write QGIS styles (QML) of the layers of a GeoPackage: classes by colour, no grid power by hatching."""

from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET

from lomsong.report import text
from lomsong.report.palette import CLASS_COLOURS, INK, PLANNED
from lomsong.report.text import Language
from lomsong.report.text.lists import LABEL
from lomsong.tables import CLASSES

QGIS_VERSION: Final = "3.22.0"
"""Oldest QGIS whose way of writing styles this is; newer ones read it."""
_DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_POINT: Final = "marker"
_AREA: Final = "fill"


def styles(language: Language) -> dict[str, str]:
    """Return the QML of each layer of the GeoPackage."""
    return {
        "hamlets": _hamlets(language),
        "clusters": _clusters(language),
        "candidates": _candidates(language),
    }


def _hamlets(language: Language) -> str:
    """Classes fill, dots over what is unknown, and over them the marks of power."""
    rules = [
        (text.value("class", name, language), f"\"class\" = '{name}'", _class_fill(name))
        for name in CLASSES
    ]
    rules.append((text.value("power", "no_grid", language), "\"power\" = 'no_grid'", [_hatching()]))
    rules.append(
        (text.value("power", "unknown", language), "\"power\" = 'unknown'", [_power_unknown()])
    )
    return _qml(rules, kind=_AREA, label="name")


def _clusters(language: Language) -> str:
    rules = [
        (
            text.value("cluster_kind", "centre", language),
            '"is_centre"',
            [_mark("square", INK, 2.2)],
        ),
        (
            text.value("cluster_kind", "dwellings", language),
            'NOT "is_centre"',
            [_mark("circle", INK, 1.6)],
        ),
    ]
    return _qml(rules, kind=_POINT, label=None)


def _candidates(language: Language) -> str:
    chosen = LABEL["sites_planned"].in_language(language)
    rest = LABEL["sites_other"].in_language(language)
    rules = [
        (chosen, '"selected"', [_mark("triangle", PLANNED, 4.5)]),
        (rest, 'NOT "selected"', [_mark("triangle", "#ffffff", 3.0)]),
    ]
    return _qml(rules, kind=_POINT, label="rank")


def _class_fill(name: str) -> list[ET.Element]:
    fill = _layer(
        "SimpleFill",
        color=_rgba(CLASS_COLOURS[name], alpha=230),
        outline_color=_rgba("#5a5a5a"),
        outline_width="0.15",
        outline_width_unit="MM",
        style="solid",
    )
    if name != "unknown":
        return [fill]
    dots = _layer("PointPatternFill", distance_x="1.6", distance_y="1.6", displacement_x="0.8")
    dots.append(_symbol([_mark("circle", "#707070", 0.5)], kind=_POINT, name="@0@1"))
    return [fill, dots]


def _hatching() -> ET.Element:
    """Return black lines on white ones, to be seen on dark and on light."""
    hatching = _layer("LinePatternFill", angle="45", distance="1.8", line_width="0.3")
    lines = [
        _layer("SimpleLine", line_color=_rgba(colour), line_width=width)
        for colour, width in (("#ffffff", "0.6"), ("#000000", "0.3"))
    ]
    hatching.append(_symbol(lines, kind="line", name="@0@0"))
    return hatching


def _power_unknown() -> ET.Element:
    """Return a question mark above the middle of the area: neither with power nor without."""
    fill = _layer("CentroidFill", point_on_surface="1")
    mark = _layer(
        "FontMarker",
        chr="?",
        font="DejaVu Sans",
        font_style="Bold",
        size="4.5",
        offset="0,-3.5",
        color=_rgba("#000000"),
        outline_width="0",
    )
    fill.append(_symbol([mark], kind=_POINT, name="@0@0"))
    return fill


def _mark(shape: str, colour: str, size_mm: float) -> ET.Element:
    return _layer(
        "SimpleMarker",
        name=shape,
        color=_rgba(colour),
        outline_color=_rgba(INK),
        outline_width="0.2",
        size=f"{size_mm:g}",
        size_unit="MM",
    )


def _layer(kind: str, **options: str) -> ET.Element:
    """Return a layer of a symbol, its options in both forms: QGIS before 3.22 reads only the second."""
    layer = ET.Element("layer", {"class": kind, "enabled": "1", "pass": "0", "locked": "0"})
    modern = ET.SubElement(layer, "Option", {"type": "Map"})
    for name, value in options.items():
        ET.SubElement(modern, "Option", {"name": name, "value": value, "type": "QString"})
    for name, value in options.items():
        ET.SubElement(layer, "prop", {"k": name, "v": value})
    return layer


def _symbol(layers: Iterable[ET.Element], *, kind: str, name: str) -> ET.Element:
    symbol = ET.Element(
        "symbol",
        {"name": name, "type": kind, "alpha": "1", "force_rhr": "0", "clip_to_extent": "1"},
    )
    symbol.extend(layers)
    return symbol


def _qml(rules: list[tuple[str, str, list[ET.Element]]], *, kind: str, label: str | None) -> str:
    """Return a rule-based style: a legend text, a filter and a symbol per rule."""
    root = ET.Element(
        "qgis",
        {
            "version": QGIS_VERSION,
            "styleCategories": "Symbology|Labeling",
            "labelsEnabled": "1" if label else "0",
        },
    )
    renderer = ET.SubElement(
        root, "renderer-v2", {"type": "RuleRenderer", "symbollevels": "0", "enableorderby": "0"}
    )
    tree = ET.SubElement(renderer, "rules", {"key": "{lomsong}"})
    symbols = ET.SubElement(renderer, "symbols")
    for number, (said, condition, layers) in enumerate(rules):
        key = f"{{lomsong-{number}}}"
        rule = {"key": key, "symbol": str(number), "label": said, "filter": condition}
        ET.SubElement(tree, "rule", rule)
        symbols.append(_symbol(layers, kind=kind, name=str(number)))
    if label:
        root.append(_labeling(label, kind=kind))
    ET.SubElement(root, "layerGeometryType").text = "2" if kind == _AREA else "0"
    return _DOCTYPE + ET.tostring(root, encoding="unicode")


def _labeling(field: str, *, kind: str) -> ET.Element:
    """Return labels with a white rim, shown from 1:100 000 on."""
    labeling = ET.Element("labeling", {"type": "simple"})
    settings = ET.SubElement(labeling, "settings", {"calloutType": "simple"})
    style = ET.SubElement(
        settings,
        "text-style",
        {
            "fieldName": field,
            "isExpression": "0",
            "fontSize": "8",
            "fontSizeUnit": "Point",
            "textColor": _rgba(INK),
        },
    )
    ET.SubElement(
        style,
        "text-buffer",
        {
            "bufferDraw": "1",
            "bufferSize": "0.8",
            "bufferSizeUnits": "MM",
            "bufferColor": _rgba("#ffffff"),
        },
    )
    ET.SubElement(settings, "placement", {"placement": "0" if kind == _POINT else "1"})
    ET.SubElement(
        settings, "rendering", {"scaleVisibility": "1", "scaleMin": "100000", "scaleMax": "1"}
    )
    return labeling


def _rgba(colour: str, *, alpha: int = 255) -> str:
    """Return a colour as QGIS writes it: red, green, blue, opacity."""
    parts = [str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)]
    return ",".join([*parts, str(alpha)])
