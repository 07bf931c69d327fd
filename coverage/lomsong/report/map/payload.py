"""Gather what the map shows from the tables of a result, as small as it goes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lomsong import tables
from lomsong.report import palette, text
from lomsong.report.map.measured import measured_layers
from lomsong.report.map.pack import Pack
from lomsong.report.map.topology import Topology, mercator, topology
from lomsong.result import Result
from lomsong.tables import JUDGED_TECHNOLOGY

NO_CODE: Final = 255
"""Stands where a table has no row or no value."""
WORD_GROUPS: Final = (
    "about.",
    "carrier.",
    "cells.",
    "class.",
    "cluster_kind.",
    "column.",
    "evidence.",
    "flag.",
    "funding_route.",
    "geometry_source.",
    "kind.",
    "map.",
    "missing",
    "official_class.",
    "power.",
    "power_solution.",
    "site.",
    "technology.",
)
"""Words that the page takes along, by the beginning of their keys."""

_GRADE_STEP: Final = len(tables.CLASSES)
_UNCERTAIN_STEP: Final = _GRADE_STEP * len(tables.GRADES)
_CARRIER_ORDER: Final = (
    tables.ANY_CARRIER,
    "viettel",
    "vnpt",
    "mobifone",
    "vietnamobile",
    "gmobile",
)


def payload(result: Result, *, language: text.Language) -> str:
    """Return everything the page shows, packed as base64."""
    pack = Pack()
    hamlets = result.hamlets.reset_index(drop=True)
    inhabited = (hamlets["kind"] == "hamlet").to_numpy()
    geometry = hamlets.geometry.to_numpy()
    # Areas lie across hamlets, so each set is glued by itself.
    shapes = {
        "hamlets": _shapes(pack, "hamlets", geometry, chosen=inhabited),
        "areas": _shapes(pack, "areas", geometry, chosen=~inhabited),
    }
    data = {
        "language": language,
        "words": {own: _words(own) for own in text.LANGUAGES},
        "about": _about(result),
        "shapes": shapes,
        "hamlets": _hamlets(pack, hamlets),
        "judged": _judged(pack, result.assessment, hamlets),
        "clusters": _clusters(pack, result, hamlets),
        "cells": measured_layers(pack, result.measured_cells),
        "candidates": _candidates(pack, result),
        "footprints": _footprints(pack, result.footprints),
        "sites": _sites(pack, result.sites),
        "borders": _borders(pack, result, glued=shapes["hamlets"]["glued"]),
        "colours": {**palette.CLASS_COLOURS, "planned": palette.PLANNED},
        "level_colours": dict(palette.LEVEL_COLOURS),
        "values": {
            "class": tables.CLASSES,
            "official_class": tables.OFFICIAL_CLASSES,
            "evidence": tables.GRADES,
            "power": tables.POWERS,
            "funding_route": tables.FUNDING_ROUTES,
            "kind": tables.AREA_KINDS,
            "geometry_source": tables.GEOMETRY_SOURCES,
        },
    }
    return pack.finish(data)


def bounds(result: Result) -> npt.NDArray[np.float64] | None:
    """Return west, south, east, north of all hamlets in degrees; None where there is nothing."""
    geometry = result.hamlets.geometry
    if geometry.is_empty.all():
        return None
    return np.asarray(geometry.total_bounds, float)


def _words(language: text.Language) -> dict[str, str]:
    return {key: said for key, said in text.WORDS[language].items() if key.startswith(WORD_GROUPS)}


def _about(result: Result) -> dict[str, Any]:
    settings = result.settings
    return {
        "name": settings.project.name,
        "synthetic": settings.project.synthetic,
        "minimum": settings.levels.minimum_rsrp_dbm,
        "good": settings.levels.good_rsrp_dbm,
        "confidence": settings.evidence.confidence,
        "least_devices": settings.privacy.minimum_devices,
        "draws": settings.siting.stability_draws,
        "version": str(result.manifest.get("program", {}).get("version", "")),
        "data_date": str(result.manifest.get("data_date") or ""),
        "sources": _source_names(result.manifest),
    }


def _source_names(manifest: Mapping[str, Any]) -> list[str]:
    """Return the names of the input files that a manifest lists, each once, in its order."""
    return list(dict.fromkeys(str(row["path"]) for row in manifest.get("inputs", ())))


def _shapes(
    pack: Pack, name: str, geometry: npt.NDArray[np.object_], *, chosen: npt.NDArray[np.bool_]
) -> dict[str, Any]:
    kept = topology(geometry[chosen])
    _pack_topology(pack, name, kept)
    pack.integers(f"{name}.owner", np.diff(np.flatnonzero(chosen), prepend=0))
    return {
        "west": kept.west_m,
        "south": kept.south_m,
        "step": kept.step_m,
        "glued": kept.glued,
    }


def _pack_topology(pack: Pack, name: str, shapes: Topology) -> None:
    lengths = np.array([len(arc) for arc in shapes.arcs], dtype=np.int64)
    points = np.concatenate([*shapes.arcs, np.zeros((0, 2), dtype=np.int64)])
    # Every point is told from the one before it, the first of an arc from the first of the arc before.
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))[: len(points)]
    firsts = np.cumsum(lengths) - lengths
    steps[firsts] = np.diff(points[firsts], axis=0, prepend=np.zeros((1, 2), dtype=np.int64))[
        : len(firsts)
    ]
    pack.counts(f"{name}.arc_points", lengths)
    pack.integers(f"{name}.x", steps[:, 0])
    pack.integers(f"{name}.y", steps[:, 1])
    pack.counts(f"{name}.rings", [len(rings) for rings in shapes.rings])
    pack.counts(f"{name}.ring_arcs", [len(ring) for rings in shapes.rings for ring in rings])
    references = [arc for rings in shapes.rings for ring in rings for arc in ring]
    numbers = np.array(references, dtype=np.int64)
    turned = numbers < 0
    numbers = np.where(turned, ~numbers, numbers)
    pack.integers(f"{name}.arcs", np.diff(numbers, prepend=0)[: len(numbers)])
    pack.codes(f"{name}.turned", turned)


def _codes(values: pd.Series, vocabulary: Iterable[str]) -> npt.NDArray[np.int64]:
    place = {value: code for code, value in enumerate(vocabulary)}
    return np.array([place.get(value, NO_CODE) for value in values], dtype=np.int64)


def _named(pack: Pack, name: str, values: pd.Series) -> list[str]:
    """Pack text that repeats as numbers of the names returned; missing text is a missing number."""
    codes, names = pd.factorize(values, use_na_sentinel=True)
    pack.counts(name, np.where(codes < 0, np.nan, codes))
    return [str(text) for text in names]


def _flags(values: pd.Series) -> npt.NDArray[np.int64]:
    return np.asarray(values.astype("Int64").fillna(NO_CODE), dtype=np.int64)


def _floats(values: pd.Series) -> npt.NDArray[np.float64]:
    return values.to_numpy(dtype=float, na_value=np.nan)


def _scaled(values: pd.Series, factor: float) -> npt.NDArray[np.float64]:
    return np.asarray(np.rint(_floats(values) * factor), dtype=np.float64)


def _places(pack: Pack, name: str, lon: npt.ArrayLike, lat: npt.ArrayLike) -> None:
    xy = np.rint(mercator(np.asarray(lon, float), np.asarray(lat, float)))
    for axis, label in enumerate("xy"):
        steps = np.diff(xy[:, axis], prepend=0)
        pack.integers(f"{name}.{label}", np.nan_to_num(steps))


def _inner_points(table: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    points = shapely.point_on_surface(table.geometry.to_numpy())
    return np.stack([shapely.get_x(points), shapely.get_y(points)], axis=-1)


def _hamlets(pack: Pack, hamlets: gpd.GeoDataFrame) -> dict[str, Any]:
    for column, vocabulary in (
        ("kind", tables.AREA_KINDS),
        ("class", tables.CLASSES),
        ("official_class", tables.OFFICIAL_CLASSES),
        ("evidence", tables.GRADES),
        ("power", tables.POWERS),
        ("funding_route", tables.FUNDING_ROUTES),
        ("geometry_source", tables.GEOMETRY_SOURCES),
    ):
        pack.codes(f"hamlets.{column}", _codes(hamlets[column], vocabulary))
    for column in ("quality_uncertain", "extremely_difficult", "gap_no_grid"):
        pack.codes(f"hamlets.{column}", _flags(hamlets[column]))
    pack.counts("hamlets.households", _floats(hamlets["households"]))
    for column in ("people", "people_unserved", "people_unknown"):
        pack.exact(f"hamlets.{column}", _floats(hamlets[column]))
    pack.counts("hamlets.p_served", _scaled(hamlets["p_served"], 100))
    for column in [name for name in hamlets if name.startswith("priority")]:
        pack.counts(f"hamlets.{column}", _scaled(hamlets[column], 100))
    order = hamlets.sort_values(
        ["priority", "hamlet_id"], ascending=[False, True], na_position="last", kind="stable"
    ).index.to_numpy()
    pack.integers("hamlets.order", np.diff(order, prepend=0)[: len(order)])
    inner = _inner_points(hamlets)
    _places(pack, "hamlets.inner", inner[:, 0], inner[:, 1])
    commune = hamlets["commune_code"].fillna(hamlets["commune_name"])
    names = hamlets.assign(key=commune).drop_duplicates("key").set_index("key")["commune_name"]
    keys = _named(pack, "hamlets.commune", commune)
    return {
        "ids": hamlets["hamlet_id"].tolist(),
        "names": hamlets["name"].tolist(),
        "communes": [[key, _text(names[key]) or key] for key in keys],
        "power_sources": _named(pack, "hamlets.power_source", hamlets["power_source"]),
        "power_dates": _named(pack, "hamlets.power_as_of", hamlets["power_as_of"]),
    }


def _text(value: object) -> str | None:
    return None if text.is_missing(value) else str(value)


def _class_codes(table: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return class, evidence and doubt of each row in one byte; `NO_CODE` where there is no row."""
    name = _codes(table["class"], tables.CLASSES)
    grade = _codes(table["evidence"], tables.GRADES)
    doubt = table["quality_uncertain"].astype("Int64").fillna(0).to_numpy(dtype=np.int64)
    code = name + _GRADE_STEP * grade + _UNCERTAIN_STEP * doubt
    return np.where(name == NO_CODE, NO_CODE, code)


def _judged(
    pack: Pack, assessment: pd.DataFrame, hamlets: gpd.GeoDataFrame
) -> list[dict[str, Any]]:
    """Pack the rows of whole hamlets, one series per carrier and technology."""
    whole = assessment[assessment["cluster_id"] == ""]
    series = []
    for number, (carrier, technology) in enumerate(_pairs(whole)):
        rows = whole[(whole["carrier"] == carrier) & (whole["technology"] == technology)]
        rows = (
            rows.drop_duplicates("hamlet_id").set_index("hamlet_id").reindex(hamlets["hamlet_id"])
        )
        name = f"judged.{number}"
        pack.codes(f"{name}.code", _class_codes(rows))
        for column in ("p_served", "p_served_low", "p_served_high"):
            pack.counts(f"{name}.{column}", _scaled(rows[column], 100))
        for column in ("rsrp_median_dbm", "rsrp_p10_dbm"):
            pack.levels(f"{name}.{column}", _scaled(rows[column], 1))
        for column in ("n_samples", "n_no_service", "n_devices", "n_days"):
            pack.counts(f"{name}.{column}", _floats(rows[column]))
        series.append(
            {
                "carrier": carrier,
                "technology": technology,
                "dates": _named(pack, f"{name}.newest", rows["newest"]),
            }
        )
    return series


def _pairs(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return carriers and technologies in the order people expect them."""
    known = {carrier: place for place, carrier in enumerate(_CARRIER_ORDER)}
    pairs = {(str(c), str(t)) for c, t in zip(rows["carrier"], rows["technology"], strict=True)}
    return sorted(pairs, key=lambda pair: (known.get(pair[0], len(known)), pair))


def _clusters(pack: Pack, result: Result, hamlets: gpd.GeoDataFrame) -> dict[str, Any]:
    place = {hamlet: row for row, hamlet in enumerate(hamlets["hamlet_id"])}
    clusters = _known_clusters(result.clusters, place)
    pack.integers(
        "clusters.hamlet",
        np.diff([place[owner] for owner in clusters["hamlet_id"]], prepend=0)[: len(clusters)],
    )
    pack.codes("clusters.kind", _codes(clusters["kind"], tables.CLUSTER_KINDS))
    pack.codes("clusters.is_centre", _flags(clusters["is_centre"]))
    pack.exact("clusters.people", _floats(clusters["people"]))
    inner = _inner_points(clusters)
    _places(pack, "clusters", inner[:, 0], inner[:, 1])
    judged = result.assessment[
        (result.assessment["cluster_id"] != "")
        & (result.assessment["technology"] == JUDGED_TECHNOLOGY)
    ]
    carriers = [carrier for carrier, _ in _pairs(judged)]
    for number, carrier in enumerate(carriers):
        rows = judged[judged["carrier"] == carrier].drop_duplicates("cluster_id")
        rows = rows.set_index("cluster_id").reindex(clusters["cluster_id"])
        pack.codes(f"clusters.code.{number}", _class_codes(rows))
        pack.levels(f"clusters.median.{number}", _scaled(rows["rsrp_median_dbm"], 1))
    return {"carriers": carriers}


def _known_clusters(clusters: gpd.GeoDataFrame, place: Mapping[str, int]) -> gpd.GeoDataFrame:
    return clusters[clusters["hamlet_id"].isin(place.keys())].reset_index(drop=True)


def _candidates(pack: Pack, result: Result) -> list[dict[str, Any]]:
    """Pack which candidate serves which cluster, and return the candidates, chosen ones first."""
    table = result.candidates.sort_values(
        ["selected", "rank", "site_id"], ascending=[False, True, True], kind="stable"
    )
    place = {hamlet: row for row, hamlet in enumerate(result.hamlets["hamlet_id"])}
    ids = _known_clusters(result.clusters, place)["cluster_id"]
    number = pd.Series(np.arange(len(ids)), index=ids)
    reach = result.coverage[result.coverage["cluster_id"].isin(number.index)]
    reach = reach.assign(cluster=number.loc[reach["cluster_id"]].to_numpy())
    reach = reach.sort_values(["site_id", "cluster"])
    by_site = dict(list(reach.groupby("site_id")))
    nothing = reach.iloc[:0]
    found = [by_site.get(site, nothing) for site in table["site_id"]]
    together = pd.concat([nothing, *found])
    pack.counts("reach.n", [len(rows) for rows in found])
    pack.integers("reach.cluster", np.diff(together["cluster"], prepend=0)[: len(together)])
    pack.codes("reach.newly", together["newly_served"].to_numpy(dtype=bool))
    columns = [
        name for name in tables.CANDIDATES.columns if name not in {"geometry", "cluster_of_demand"}
    ]
    points = np.stack([table.geometry.x, table.geometry.y], axis=-1).round(6)
    return [
        {name: _plain(row[name]) for name in columns} | {"lon": float(lon), "lat": float(lat)}
        for (_, row), (lon, lat) in zip(table.iterrows(), points, strict=True)
    ]


def _footprints(pack: Pack, footprints: gpd.GeoDataFrame) -> dict[str, Any]:
    """Pack the ground that chosen sites serve; footprints overlap, so each is drawn by itself."""
    kept = topology(footprints.geometry.to_numpy())
    _pack_topology(pack, "footprints", kept)
    return {
        "west": kept.west_m,
        "south": kept.south_m,
        "step": kept.step_m,
        "glued": kept.glued,
        "sites": footprints["site_id"].tolist(),
        "areas_km2": [round(float(area), 2) for area in footprints["area_km2"]],
    }


def _plain(value: Any) -> str | int | float | bool | None:  # noqa: ANN401 -- a cell of any column
    """Return a table's cell as JSON knows it."""
    if text.is_missing(value):
        return None
    plain = value.item() if isinstance(value, np.generic) else value
    return plain if isinstance(plain, str | int | float | bool) else str(plain)


def _sites(pack: Pack, sites: pd.DataFrame) -> dict[str, Any]:
    """Pack known sites: one mark for all cells of a carrier that stand at one place."""
    spots = sites.drop_duplicates(["plmn", "lon", "lat"]).sort_values(["lon", "lat", "plmn"])
    _places(pack, "sites", spots["lon"], spots["lat"])
    pack.codes("sites.estimated", spots["position"] == "estimated")
    return {"plmns": _named(pack, "sites.plmn", spots["plmn"])}


def _borders(pack: Pack, result: Result, *, glued: bool) -> dict[str, Any] | None:
    """Pack commune borders where the hamlets' own arcs do not tell them."""
    if glued:
        return None
    if result.communes is not None:
        outlines = result.communes.geometry.to_numpy()
    else:
        inhabited = result.hamlets[result.hamlets["kind"] == "hamlet"]
        outlines = np.array(
            [
                shapely.union_all(shapely.make_valid(group.geometry.to_numpy()))
                for _, group in inhabited.groupby("commune_code")
            ],
            dtype=object,
        )
    kept = topology(outlines)
    _pack_topology(pack, "borders", kept)
    return {"west": kept.west_m, "south": kept.south_m, "step": kept.step_m, "glued": kept.glued}
