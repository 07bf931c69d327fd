"""Write a list as KMZ for phones: hamlets that need action, proposed and known sites, icons inside."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from lomsong.report import kml, text
from lomsong.report.lists.columns import Column, carrier_label, said_once, shown
from lomsong.report.lists.content import ListContent, day, thresholds
from lomsong.report.lists.places import masts
from lomsong.report.lists.rows_of import GAP_CLASSES
from lomsong.report.palette import CLASS_COLOURS, INK, PLANNED
from lomsong.report.text.lists import LABEL, POSITION
from lomsong.space.crs import METRES_PER_DEGREE

_STYLES: Final = (
    *(
        kml.style(name, CLASS_COLOURS[name], icon="disc", scale=0.6, line=2, filled=True)
        for name in GAP_CLASSES
    ),
    kml.style("planned", PLANNED, icon="triangle", scale=0.9),
    kml.style("other", "#8a8a8a", icon="triangle", scale=0.7),
    kml.style("known", INK, icon="triangle", scale=0.6),
)


def write(filled: ListContent, file: Path) -> None:
    """Write the archive; the same list gives the same bytes, whatever the day."""
    title = filled.title
    if filled.synthetic:
        title = f"{text.say('map.synthetic', filled.language)} – {title}"
    kml.write(
        file,
        name=title,
        description=_about(filled),
        styles=_STYLES,
        folders=(
            kml.folder(filled.say(LABEL["hamlets_gap"]), _hamlets(filled)),
            kml.folder(filled.say(LABEL["sites_planned"]), _proposed_sites(filled)),
            kml.folder(filled.say(LABEL["sites_known"]), _known_sites(filled)),
        ),
        icons=("disc", "triangle"),
        date=day(filled.result),
    )


def _about(filled: ListContent) -> str:
    lines = [(name, f"{value:g}") for name, value, _ in thresholds(filled)]
    said = filled.result.manifest.get("data_date")
    lines.append((filled.say(LABEL["data_date"]), text.date(said, filled.language)))
    if filled.synthetic:
        lines.append((filled.say(LABEL["mind"]), text.say("map.synthetic_about", filled.language)))
    return kml.described(lines)


def _descriptions(
    filled: ListContent, rows: pd.DataFrame, columns: Sequence[Column], *, title: str
) -> list[str]:
    """Return what is said of each row: its title, then its columns, without those that are empty."""
    ordered = sorted(columns, key=lambda column: column.name != title)
    parts = [
        said_once(rows[column.name], partial(_line, filled, column, title)) for column in ordered
    ]
    return ["<br/>".join(filter(None, lines)) for lines in zip(*parts, strict=True)]


def _line(filled: ListContent, column: Column, title: str, value: object) -> str:
    heading = "" if column.name == title else filled.say(column.heading)
    said = shown(column, value, language=filled.language)
    return kml.line(heading, said) if said else ""


def _hamlets(filled: ListContent) -> Iterator[str]:
    rows = filled.rows
    # Where this carrier is unknown, the row is listed for what the best of all is.
    own = rows["class"].isin(GAP_CLASSES)
    style = rows["class"] if own.all() else rows["class"].where(own, rows["class_any"])
    for name, said, look, lon, lat, outline in zip(
        rows["name"].tolist(),
        _descriptions(filled, rows, filled.columns, title="name"),
        style.tolist(),
        rows["lon"].tolist(),
        rows["lat"].tolist(),
        filled.borders.of(rows["hamlet_id"].tolist()),
        strict=True,
    ):
        both = kml.several([kml.point(lon, lat), outline])
        yield kml.placemark(name, said, both, style=look)


def _proposed_sites(filled: ListContent) -> Iterator[str]:
    """Yield the sites of the list, those of the plan first."""
    sites = filled.sites
    for name, said, rank, lon, lat in zip(
        sites["site_id"].tolist(),
        _descriptions(filled, sites, filled.site_columns, title="site_id"),
        sites["rank"].notna().tolist(),
        sites["lon"].tolist(),
        sites["lat"].tolist(),
        strict=True,
    ):
        style = "planned" if rank else "other"
        yield kml.placemark(name, said, kml.point(lon, lat), style=style)


def _known_sites(filled: ListContent) -> Iterator[str]:
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
        lines = [("", name), (text.say("column.carrier", filled.language), whose), ("", position)]
        place = kml.point(row["lon"], row["lat"])
        yield kml.placemark(name, kml.described(lines), place, style="known")
