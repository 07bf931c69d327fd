"""Make plausible results of a run from a seed, of any size, with hostile text on demand."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
import shapely
from affine import Affine

from lomsong import tables
from lomsong.config import HamletsSection, ProjectSection, Settings
from lomsong.result import Result
from lomsong.space.crs import WGS84, Extent, local_metric_crs, to_crs
from lomsong.space.raster import Raster

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "`${alert(3)}`",
    "{{7*7}} {% x",
    '=HYPERLINK("http://example.invalid","x")',
    "\"'><svg onload=alert(4)>",
    "@SUM(1+1)|cmd",
    "-->]]>&lt;b&gt;",
)
CARRIERS = {"viettel": "452-04", "vnpt": "452-02", "mobifone": "452-01"}
WEST, SOUTH = 103.6, 21.2
STEP_DEG = 0.016
"""Side of a hamlet, about 1.7 km."""

_NAMES = (
    "Nậm Pồ",
    "Huổi Hạ",
    "Lũng Pù",
    "Tà Lèng",
    "Đoàn Kết",
    "Phiêng Ban",
    "Nà Khoang",
    "Sín Chải",
)
_KINDS = ("Bản", "Thôn", "Xóm", "Buôn")
_COMMUNES = (
    "Điện Biên",
    "Mường Nhé",
    "Thuận Hoà",
    "Pá Mỳ",
    "Nà Hỳ",
    "Chà Cang",
    "Lũng Cú",
    "Đắk Ơ",
)
_BEST_FIRST = ("covered", "weak", "partial", "no_signal", "unknown")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Rows and columns of hamlets, and the seeded source of everything random."""

    rows: int
    columns: int
    random: np.random.Generator

    @property
    def extent(self) -> Extent:
        return Extent(WEST, SOUTH, WEST + self.columns * STEP_DEG, SOUTH + self.rows * STEP_DEG)


def world(
    n_hamlets: int = 120,
    *,
    seed: int = 1,
    n_vertices: int = 80,
    hostile: bool = False,
    synthetic: bool = True,
    language: str = "vi",
    n_areas: int = 0,
    glued: bool = True,
    terrain: bool = True,
) -> Result:
    """Make a result; with `glued` false the hamlets overlap and leave slivers, as drawn borders do."""
    columns = int(np.ceil(np.sqrt(n_hamlets)))
    rows = int(np.ceil(n_hamlets / columns))
    grid = _Grid(rows=rows, columns=columns, random=np.random.default_rng(seed))
    hamlets = _hamlets(grid, n_hamlets, n_vertices=n_vertices, glued=glued)
    hamlets = pd.concat([hamlets, _areas(grid, n_areas)], ignore_index=True)
    clusters = _clusters(grid, hamlets)
    assessment = _assessment(grid, clusters)
    gaps = _gaps(grid, hamlets, assessment)
    candidates, coverage = _plan(grid, gaps, clusters, assessment)
    result = Result(
        settings=Settings(
            project=ProjectSection(name="Huyện mẫu", synthetic=synthetic, language=language),
            hamlets=HamletsSection(path=("hamlets.gpkg",)),
        ),
        hamlets=tables.checked(gaps, tables.GAPS),
        assessment=tables.checked(assessment, tables.ASSESSMENT),
        clusters=tables.checked(clusters, tables.CLUSTERS),
        candidates=tables.checked(candidates, tables.CANDIDATES),
        coverage=tables.checked(coverage, tables.COVERAGE),
        sites=tables.checked(_sites(grid), tables.SITES),
        measured_cells=tables.checked(_measured(grid, hamlets), tables.MEASURED_CELLS),
        footprints=tables.checked(_footprints(candidates), tables.FOOTPRINTS),
        terrain=_terrain(grid) if terrain else None,
        manifest={
            "program": {"name": "lomsong", "version": "0.1.0"},
            "data_date": "2025-12-31",
            "inputs": [
                {"role": "hamlets", "path": "hamlets.gpkg", "sha256": "a" * 64},
                {"role": "signal", "path": "signal/survey.csv", "sha256": "b" * 64},
            ],
        },
    )
    return _with_hostile_text(result) if hostile else result


def _field(grid: _Grid, lon: Floats, lat: Floats) -> Floats:
    """Return a smooth field between 0 and 1: how well a place is served."""
    x, y = (lon - WEST) / STEP_DEG, (lat - SOUTH) / STEP_DEG
    scale = max(3.0, np.sqrt(grid.rows * grid.columns) / 6)
    wave = np.sin(x / scale * 1.4 + 2.2) + np.cos(y / scale * 1.7) + np.sin((x + y) / scale)
    return 1 / (1 + np.exp(-1.5 * wave - 0.5))


def _edges(grid: _Grid, first: Floats, second: Floats, steps: int) -> Floats:
    """Return wiggly lines from `first` to `second` (n, 2), shape (n, steps + 1, 2)."""
    share = np.linspace(0, 1, steps + 1)[None, :, None]
    straight = first[:, None, :] * (1 - share) + second[:, None, :] * share
    walk = np.cumsum(grid.random.normal(0, 1, (len(first), steps + 1)), axis=1)
    ramp = np.linspace(0, 1, steps + 1)
    bridge = walk - walk[:, :1] * (1 - ramp) - walk[:, -1:] * ramp
    across = (second - first)[:, ::-1] * np.array([-1.0, 1.0])
    return straight + 0.2 / np.sqrt(steps) / 4 * bridge[:, :, None] * across[:, None, :]


def _hamlets(grid: _Grid, n: int, *, n_vertices: int, glued: bool) -> gpd.GeoDataFrame:
    rows, columns, random = grid.rows, grid.columns, grid.random
    steps = max(1, n_vertices // 4)
    y, x = np.mgrid[0 : rows + 1, 0 : columns + 1].astype(float)
    nodes = np.stack([x, y], axis=-1) + random.uniform(-0.2, 0.2, (rows + 1, columns + 1, 2))
    nodes = np.array([WEST, SOUTH]) + nodes * STEP_DEG
    across = _edges(grid, nodes[:, :-1].reshape(-1, 2), nodes[:, 1:].reshape(-1, 2), steps)
    upward = _edges(grid, nodes[:-1].reshape(-1, 2), nodes[1:].reshape(-1, 2), steps)
    across = across.reshape(rows + 1, columns, steps + 1, 2)
    upward = upward.reshape(rows, columns + 1, steps + 1, 2)
    polygons = []
    for index in range(n):
        r, c = divmod(index, columns)
        ring = np.concatenate(
            [
                across[r, c, :-1],
                upward[r, c + 1, :-1],
                across[r + 1, c, :0:-1],
                upward[r, c, :0:-1],
            ]
        )
        polygons.append(shapely.Polygon(ring))
    geometry = np.array(polygons)
    if not glued:
        geometry = shapely.buffer(geometry, random.normal(0, STEP_DEG / 60, len(geometry)))
    r, c = np.divmod(np.arange(n), columns)
    block = (r * 3 // rows) * 3 + c * 3 // columns
    households = random.integers(18, 140, n)
    return gpd.GeoDataFrame(
        {
            "hamlet_id": [f"{i:07d}" for i in range(n)],
            "name": [
                f"{_KINDS[i % 4]} {_NAMES[(i * 5 + i // 7) % 8]}{f' {i // 8}' if i > 7 else ''}"
                for i in range(n)
            ],
            "commune_code": [f"{3100 + b:05d}" for b in block],
            "commune_name": [f"Xã {_COMMUNES[b % 8]}{' 2' if b > 7 else ''}" for b in block],
            "kind": "hamlet",
            "households": pd.array(households, dtype="Int64"),
            "people": households * 4.4,
            "geometry_source": "surveyed",
        },
        geometry=geometry,
        crs=WGS84,
    )


def _areas(grid: _Grid, n: int) -> gpd.GeoDataFrame:
    lon = WEST + np.arange(n) * STEP_DEG / 7
    lat = SOUTH + grid.rows * STEP_DEG / 2 + np.zeros(n)
    return gpd.GeoDataFrame(
        {
            "hamlet_id": [f"square-{i}" for i in range(n)],
            "name": [f"Ô {i}" for i in range(n)],
            "commune_code": pd.Series([None] * n, dtype="str"),
            "commune_name": pd.Series([None] * n, dtype="str"),
            "kind": "area",
            "households": pd.array([pd.NA] * n, dtype="Int64"),
            "people": np.zeros(n),
            "geometry_source": "grid",
        },
        geometry=shapely.box(lon, lat, lon + 0.002, lat + 0.002),
        crs=WGS84,
    )


def _clusters(grid: _Grid, hamlets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    counts = np.where(hamlets["kind"] == "hamlet", grid.random.integers(1, 4, len(hamlets)), 1)
    owner = np.repeat(np.arange(len(hamlets)), counts)
    ordinal = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    middle = shapely.point_on_surface(hamlets.geometry.to_numpy())
    inhabited = hamlets["kind"].to_numpy()[owner] == "hamlet"
    spread = np.where(inhabited, STEP_DEG / 4, 0)[:, None]
    offset = grid.random.uniform(-1, 1, (len(owner), 2)) * spread * (ordinal > 0)[:, None]
    place = shapely.get_coordinates(middle)[owner] + offset
    ids = hamlets["hamlet_id"].to_numpy()[owner]
    return gpd.GeoDataFrame(
        {
            "cluster_id": [f"{i}-{k}" for i, k in zip(ids, ordinal, strict=True)],
            "hamlet_id": ids,
            "kind": np.where(ordinal == 0, "centre", "dwellings"),
            "is_centre": ordinal == 0,
            "people": hamlets["people"].to_numpy()[owner] / counts[owner],
        },
        geometry=shapely.points(place),
        crs=WGS84,
    )


def _assessment(grid: _Grid, clusters: gpd.GeoDataFrame) -> pd.DataFrame:
    xy = shapely.get_coordinates(clusters.geometry.to_numpy())
    field = _field(grid, xy[:, 0], xy[:, 1])
    parts = []
    for number, (carrier, plmn) in enumerate(CARRIERS.items()):
        for technology, bonus in (("4G", 0.0), ("2G", 0.12)):
            level = field + bonus - 0.1 * number + grid.random.normal(0, 0.09, len(field))
            part = _judged(grid, clusters, level)
            parts.append(part.assign(carrier=carrier, plmn=plmn, technology=technology))
    each = pd.concat(parts, ignore_index=True)
    four = each[each["technology"] == "4G"]
    best = four.assign(order=four["class"].map({c: float(i) for i, c in enumerate(_BEST_FIRST)}))
    # The best of all is unknown, not dead, where any carrier may still serve.
    best.loc[best["class"] == "unknown", "order"] = 1.5
    best = best.sort_values(["cluster_id", "order", "carrier"]).drop_duplicates("cluster_id")
    best = best.drop(columns="order").assign(
        carrier="any", plmn=pd.Series([None] * len(best), index=best.index, dtype="str")
    )
    rows = pd.concat([each, best], ignore_index=True)
    whole = _whole_hamlets(rows)
    table = pd.concat([whole, rows], ignore_index=True)
    return table.sort_values(
        ["hamlet_id", "cluster_id", "carrier", "technology"], ignore_index=True
    )


def _judged(grid: _Grid, clusters: gpd.GeoDataFrame, level: Floats) -> pd.DataFrame:
    n = len(level)
    sampled = grid.random.random(n) < 0.55
    grade = np.where(
        sampled,
        "measured",
        grid.random.choice(["inferred", "modelled", "none"], n, p=[0.3, 0.5, 0.2]),
    )
    name = np.select([level < 0.3, level < 0.52], ["no_signal", "weak"], "covered")
    name = np.where((grade == "none") | (np.abs(level - 0.3) < 0.02), "unknown", name)
    rsrp = np.where(sampled, -128 + 50 * level, np.nan)
    days = pd.Series(np.where(sampled, grid.random.integers(0, 300, n), 0))
    newest = (pd.Timestamp("2025-12-31") - pd.to_timedelta(days, unit="D")).dt.strftime("%Y-%m-%d")
    count = pd.array(np.where(sampled, grid.random.integers(4, 400, n), 0), dtype="Int64")
    devices = pd.Series(grid.random.integers(1, 9, n)).astype("Int64").where(sampled)
    return pd.DataFrame(
        {
            "hamlet_id": clusters["hamlet_id"].to_numpy(),
            "cluster_id": clusters["cluster_id"].to_numpy(),
            "class": name,
            "quality_uncertain": (name == "weak") & (np.abs(level - 0.5) < 0.02),
            "evidence": grade,
            "p_served": np.where(grade == "none", np.nan, np.clip(level * 1.6, 0.01, 0.99)),
            "p_served_low": np.where(grade == "none", np.nan, np.clip(level * 1.4, 0, 0.95)),
            "p_served_high": np.where(grade == "none", np.nan, np.clip(level * 1.8, 0.05, 1)),
            "rsrp_median_dbm": rsrp,
            "rsrp_p10_dbm": rsrp - 9,
            "n_samples": count,
            "n_no_service": pd.array(np.where(name == "no_signal", 3, 0), dtype="Int64"),
            "n_devices": devices.to_numpy(dtype="object"),
            "n_days": devices.to_numpy(dtype="object"),
            "newest": newest.where(sampled, None).astype("str"),
            "people": clusters["people"].to_numpy(),
        }
    ).astype({"n_devices": "Int64", "n_days": "Int64"})


def _whole_hamlets(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["hamlet_id", "carrier", "technology"]
    grouped = rows.groupby(keys, sort=True)
    first = grouped.first()
    present = {
        name: (rows["class"] == name).groupby([rows[key] for key in keys]).any()
        for name in _BEST_FIRST
    }
    dead, unsure = present["no_signal"], present["unknown"]
    alive = present["covered"] | present["weak"]
    first["class"] = np.select(
        [dead & alive, dead & ~unsure, unsure | dead, present["weak"]],
        ["partial", "no_signal", "unknown", "weak"],
        "covered",
    )
    for column in ("n_samples", "n_no_service", "people"):
        first[column] = grouped[column].sum()
    first["p_served"] = grouped["p_served"].mean()
    first["evidence"] = first["evidence"].where(
        (first["evidence"] != "none") | (first["class"] == "unknown"), "modelled"
    )
    return first.reset_index().assign(cluster_id="")


def _gaps(grid: _Grid, hamlets: gpd.GeoDataFrame, assessment: pd.DataFrame) -> gpd.GeoDataFrame:
    best = assessment[(assessment["carrier"] == "any") & (assessment["technology"] == "4G")]
    whole = best[best["cluster_id"] == ""].set_index("hamlet_id").loc[hamlets["hamlet_id"]]
    by_cluster = best[best["cluster_id"] != ""]
    n = len(hamlets)

    def people_of(name: str) -> Floats:
        chosen = by_cluster[by_cluster["class"] == name]
        total = chosen.groupby("hamlet_id")["people"].sum()
        return total.reindex(hamlets["hamlet_id"], fill_value=0.0).to_numpy()

    name = whole["class"].to_numpy()
    power = grid.random.choice(["grid", "no_grid", "unknown"], n, p=[0.72, 0.16, 0.12])
    gap = np.isin(name, ["no_signal", "partial", "weak"])
    flag = np.where((name == "unknown") | (power == "unknown"), None, gap & (power == "no_grid"))
    unserved = people_of("no_signal")
    severity = 30 * pd.Series(name).map({"no_signal": 1, "partial": 2 / 3, "weak": 1 / 3}).fillna(0)
    difficult = pd.array(grid.random.choice([True, False], n), dtype="boolean")
    difficult[::9] = pd.NA
    parts = {
        "priority_severity": severity.to_numpy(float),
        "priority_people": 40 * np.minimum(1, unserved / 500),
        "priority_no_grid": np.where(power == "no_grid", 15.0, 0.0) * gap,
        "priority_difficult": 15.0 * difficult.fillna(value=False).astype(float) * gap,
    }
    official = {"no_signal": "trang_song", "partial": "lom_song", "unknown": "unknown"}
    people = hamlets["people"].to_numpy().copy()
    people[5::17] = np.nan
    households = hamlets["households"].copy()
    households[5::17] = pd.NA
    return hamlets.assign(
        people=people,
        households=households,
        people_raster=hamlets["people"] * 1.03,
        **{"class": name},
        quality_uncertain=whole["quality_uncertain"].to_numpy(),
        official_class=[official.get(c, "co_song") for c in name],
        evidence=whole["evidence"].to_numpy(),
        p_served=whole["p_served"].to_numpy(),
        power=power,
        power_source=pd.Series(np.where(power == "unknown", None, "Sở Công Thương")).astype("str"),
        power_as_of=pd.Series(np.where(power == "unknown", None, "2025-06-30")).astype("str"),
        extremely_difficult=difficult,
        gap_no_grid=pd.array(flag, dtype="boolean"),
        funding_route=np.select(
            [power == "no_grid", (power == "grid") & difficult.fillna(value=False)],
            ["wait_for_grid_or_solar", "universal_service_fund"],
            np.where(power == "grid", "carrier", "unknown"),
        ),
        priority=sum(parts.values()),
        **parts,
        people_unserved=unserved,
        people_unknown=people_of("unknown"),
    )


def _plan(
    grid: _Grid, gaps: gpd.GeoDataFrame, clusters: gpd.GeoDataFrame, assessment: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    best = assessment[(assessment["carrier"] == "any") & (assessment["technology"] == "4G")]
    state = best[best["cluster_id"] != ""].set_index("cluster_id")["class"]
    unserved = (state.loc[clusters["cluster_id"]] == "no_signal").to_numpy()
    inhabited = gaps["kind"].to_numpy() == "hamlet"
    worst = np.argsort(-np.where(inhabited, gaps["priority"], -1), kind="stable")[
        : min(24, len(gaps) // 4)
    ]
    spots = shapely.get_coordinates(shapely.centroid(gaps.geometry.to_numpy()))[worst]
    spots += grid.random.normal(0, STEP_DEG / 6, spots.shape)
    where = shapely.get_coordinates(clusters.geometry.to_numpy())
    people = clusters["people"].to_numpy()
    taken = np.zeros(len(clusters), dtype=bool)
    rows, covered = [], []
    for number, spot in enumerate(spots):
        selected = number < len(spots) // 2
        near = np.hypot(*(where - spot).T) < STEP_DEG * 1.3
        new = near & unserved & ~taken
        taken |= new & selected
        covered.append(
            pd.DataFrame(
                {
                    "site_id": f"S{number:03d}",
                    "cluster_id": clusters["cluster_id"][near],
                    "newly_served": new[near],
                    "people": people[near],
                }
            )
        )
        gained = float(people[new].sum())
        cost = 1.2e9 + 1e8 * number
        rows.append(
            {
                "site_id": f"S{number:03d}",
                "rank": number + 1 if selected else pd.NA,
                "selected": selected,
                "geometry": shapely.Point(spot),
                "ground_m": 700.0 + number,
                "mast_m": 42.0,
                "carrier": "shared" if number % 3 else "viettel",
                "existing_site": None if number % 4 else "452-02-200",
                "existing_carriers": None if number % 4 else "vnpt",
                "existing_use": None if number % 4 else "new_technology",
                "cluster_of_demand": clusters["cluster_id"][int(np.argmax(near))],
                "people_gained": gained,
                "people_expected": 0.8 * gained,
                "hamlets_gained": clusters["hamlet_id"][new].nunique(),
                "people_covered": float(people[near].sum()),
                "cost_vnd": cost,
                "cost_radio_vnd": 5e8,
                "cost_mast_vnd": 3e8,
                "cost_civil_vnd": 2e8,
                "cost_power_vnd": 1e8,
                "cost_backhaul_vnd": cost - 1.1e9,
                "cost_operation_vnd": cost / 10,
                "cost_present_vnd": cost * 1.77,
                "cost_vnd_per_person": cost / gained if gained else np.nan,
                "road_distance_m": 300.0 * number,
                "grid_distance_m": 900.0 * number,
                "power_solution": "grid" if number < 4 else "solar",
                "backhaul_site": "452-04-100" if number % 2 else None,
                "backhaul_distance_m": 4200.0,
                "backhaul_clear": bool(number % 2) if number % 5 else pd.NA,
                "backhaul_kind": "microwave" if number % 2 else "fibre",
                "backhaul_clearance": 1.2 if number % 2 else -0.4,
                "backhaul_loss_db": 0.0 if number % 2 else 9.5,
                "backhaul_relay_lon": np.nan,
                "backhaul_relay_lat": np.nan,
                "backhaul_exact": True,
                "score": 50.0 - number,
                "score_people": 30.0,
                "score_no_grid": 10.0,
                "score_difficult": 10.0 - number / 10,
                "score_interest": 0.0,
                "stability": (1 - number / len(spots)) / 2,
                "stability_alike": 1 - number / len(spots),
                "rank_low": number + 1 if selected else pd.NA,
                "rank_high": number + 4 if selected else pd.NA,
            }
        )
    candidates = gpd.GeoDataFrame(rows, geometry="geometry", crs=WGS84).astype(
        {
            **dict.fromkeys(("rank", "rank_low", "rank_high"), "Int64"),
            **dict.fromkeys(("backhaul_site", "existing_site", "existing_carriers"), "str"),
            "existing_use": "str",
            **dict.fromkeys(("backhaul_clear", "backhaul_exact"), "boolean"),
        }
    )
    return candidates, pd.concat(covered, ignore_index=True)


def _footprints(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    chosen = candidates[candidates["selected"]]
    # Uneven discs, each with a hole, that overlap.
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    reach = STEP_DEG * (1.6 + 0.4 * np.sin(5 * angle))
    rim = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=-1)
    spots = shapely.get_coordinates(chosen.geometry.to_numpy())
    return gpd.GeoDataFrame(
        {"site_id": chosen["site_id"].to_numpy(), "area_km2": 24.5},
        geometry=[
            shapely.MultiPolygon([shapely.Polygon(rim + spot, [rim * 0.2 + spot + STEP_DEG / 2])])
            for spot in spots
        ],
        crs=WGS84,
    )


def _measured(grid: _Grid, hamlets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return squares of all sizes along the middle of each row of hamlets."""
    places = shapely.get_coordinates(shapely.point_on_surface(hamlets.geometry.to_numpy()))
    parts = []
    for carrier in ("any", *CARRIERS):
        for technology in ("4G", "2G"):
            size = np.array(tables.CELL_SIZES)[np.arange(len(places)) % 4]
            column, row = np.floor(places * 1600 / size[:, None]).astype(np.int64).T
            level = np.rint(-130 + 60 * _field(grid, places[:, 0], places[:, 1]))
            silent = np.round(np.where(level < -118, 0.6, 0.0), 1)
            parts.append(
                pd.DataFrame(
                    {
                        "carrier": carrier,
                        "technology": technology,
                        "size": size,
                        "column": column,
                        "row": row,
                        "rsrp_median_dbm": level if technology == "4G" else np.nan,
                        "no_service_share": silent,
                        "n_samples_at_least": np.array(tables.SAMPLE_BANDS)[size.astype(int) % 4],
                    }
                )
            )
    table = pd.concat(parts, ignore_index=True)
    return table.drop_duplicates(["carrier", "technology", "size", "column", "row"])


def _sites(grid: _Grid) -> pd.DataFrame:
    n = max(6, grid.rows * grid.columns // 12)
    extent = grid.extent
    lon = grid.random.uniform(extent.west, extent.east, n)
    lat = grid.random.uniform(extent.south, extent.north, n)
    good = _field(grid, lon, lat) > 0.5
    lon, lat, n = lon[good], lat[good], int(good.sum())
    exact = np.arange(n) % 3 > 0
    return pd.DataFrame(
        {
            "place_id": [f"452-04-{100 + i}" for i in range(n)],
            "site_id": [f"452-04-{100 + i}" for i in range(n)],
            "plmn": ["452-04" if i % 2 else "452-02" for i in range(n)],
            "technology": "4G",
            "lon": lon,
            "lat": lat,
            "position": np.where(exact, "exact", "estimated"),
            "position_error_m": np.where(exact, 0.0, 400.0),
            "n_cells": 1,
            "n_samples": pd.array(np.where(exact, 0, 30), dtype="Int64"),
            "azimuth_deg": np.nan,
            "downtilt_deg": np.nan,
            "height_m": 42.0,
            "frequency_mhz": 1800.0,
            "power_dbm": np.nan,
            "updated": pd.Series(
                [pd.Timestamp("2025-10-01", tz="UTC")] * n, dtype="datetime64[ms, UTC]"
            ),
        }
    )


def _terrain(grid: _Grid) -> Raster:
    extent = grid.extent.grown(STEP_DEG)
    crs = local_metric_crs(extent)
    corners = to_crs(
        [extent.west, extent.east], [extent.south, extent.north], source=WGS84, target=crs
    )
    cell = (corners[0][1] - corners[0][0]) / 300
    west, north = corners[0][0], corners[1][1]
    rows = int((north - corners[1][0]) / cell) + 1
    y, x = np.mgrid[0:rows, 0:300] / 300.0
    height = np.zeros(x.shape)
    for octave in range(5):
        for _ in range(3):
            angle, phase = grid.random.uniform(0, 2 * np.pi, 2)
            turn = (x * np.cos(angle) + y * np.sin(angle)) * 9 * 1.9**octave + phase
            height += (1 - np.abs(np.sin(turn))) * 420 / 2.1**octave
    return Raster(
        values=height.astype(np.float32), transform=Affine(cell, 0, west, 0, -cell, north), crs=crs
    )


SCHEMAS: Final = {
    "hamlets": tables.GAPS,
    "assessment": tables.ASSESSMENT,
    "clusters": tables.CLUSTERS,
    "candidates": tables.CANDIDATES,
    "coverage": tables.COVERAGE,
    "sites": tables.SITES,
    "measured_cells": tables.MEASURED_CELLS,
    "footprints": tables.FOOTPRINTS,
}
"""Tables of a result whose text reaches the map."""
_KEYS: Final = ("hamlet_id", "cluster_id", "site_id")
"""Columns that join tables, so that a name must stay one name."""


def free_text(schema: pa.DataFrameSchema) -> list[str]:
    """Return the columns of a table that may hold any text."""
    return [
        name
        for name, column in schema.columns.items()
        if str(column.dtype).startswith("str") and not any(c.name == "isin" for c in column.checks)
    ]


def _with_hostile_text(result: Result) -> Result:
    """Plant hostile text in every column of every table that may hold any text, and in every such setting."""
    known: dict[tuple[str, str], str] = {}

    def key_of(column: str, value: str) -> str:
        # The row of a whole hamlet names no cluster.
        return (
            known.setdefault((column, value), f"{HOSTILE[len(known) % len(HOSTILE)]} {value}")
            if value
            else value
        )

    def planted(name: str) -> pd.DataFrame:
        changed = getattr(result, name).copy()
        for shift, column in enumerate(free_text(SCHEMAS[name])):
            values = [HOSTILE[(i + shift) % len(HOSTILE)] for i in range(len(changed))]
            if column in _KEYS and name != "sites":
                values = [key_of(column, value) for value in changed[column]]
            elif column == "carrier":
                values = changed[column].replace(_HOSTILE_CARRIERS)
            elif column == "commune_code":
                values = changed[column] + HOSTILE[0]
            elif column == "name":
                values = [HOSTILE[i % len(HOSTILE)] for i in range(len(changed))]
            changed[column] = pd.Series(list(values), index=changed.index, dtype="str")
        return changed

    return Result(
        settings=result.settings.model_copy(
            update={
                "project": result.settings.project.model_copy(
                    update={"name": HOSTILE[1] + HOSTILE[3]}
                )
            }
        ),
        **{name: planted(name) for name in SCHEMAS},
        communes=result.communes,
        terrain=result.terrain,
        manifest={
            "program": {"name": HOSTILE[0], "version": HOSTILE[0]},
            "data_date": HOSTILE[2],
            "inputs": [{"role": text, "path": text, "sha256": text} for text in HOSTILE],
        },
    )


_HOSTILE_CARRIERS: Final = {"mobifone": HOSTILE[3], "vnpt": HOSTILE[0], "shared": HOSTILE[3]}
