"""Find out which VN-2000 zone a file of projected numbers is in, from the communes that its rows state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lomsong.errors import Fault, Faults, InputError
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84
from lomsong.vietnam import units
from lomsong.vietnam.datum import to_wgs84
from lomsong.vietnam.zones import UTM_ZONES, province_zones, zones

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Verdict = Literal["one", "several", "none"]

EPSG_WGS84 = 4326
KEEP_SHARE = 0.8
"""Default least share of points that have to lie in their communes: lists have typing errors."""

# A rival that keeps its points too is dropped only on evidence. Two points in their communes under the best and
# outside under the rival are enough for a zone the province prescribes, five for any other.
_EVIDENCE_FOR_PRESCRIBED = 2
_EVIDENCE_FOR_OTHER = 5
_EVIDENCE_RATIO = 5

# Where numbers of Vietnam lie: northing and easting [m], latitude and longitude [degrees], with some room.
_NORTHINGS = (850_000.0, 2_700_000.0)
_EASTINGS = (-400_000.0, 1_100_000.0)
_LATITUDES = (7.0, 24.5)
_LONGITUDES = (101.0, 111.0)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One way to read the numbers of a file."""

    epsg: int
    name: str
    swapped: bool
    """True where the first column holds the northing, as Vietnamese files write X and Y."""
    origin: str
    """Why it was tried."""
    points: int
    """Points whose commune is known here."""
    inside: int
    """Those of them that fall into it."""
    kept: bool
    reason: str
    """Why it was kept or dropped."""

    @property
    def share(self) -> float:
        """Share of the points that fall into their communes."""
        return self.inside / self.points if self.points else 0.0

    def to_wgs84(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return longitude and latitude [degrees, WGS 84] of numbers as the file has them."""
        first, second = np.asarray(x, float), np.asarray(y, float)
        east, north = (second, first) if self.swapped else (first, second)
        return (east, north) if self.epsg == EPSG_WGS84 else to_wgs84(east, north, epsg=self.epsg)

    def __str__(self) -> str:
        axes = ", X is the northing" if self.swapped else ""
        return f"EPSG:{self.epsg} {self.name}{axes} ({self.origin}): {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """All ways that were tried, best first, and what follows from them."""

    candidates: tuple[Candidate, ...]
    ignored: int
    """Points without numbers or without a commune that is known here."""

    @property
    def kept(self) -> tuple[Candidate, ...]:
        """The candidates that nothing speaks against."""
        return tuple(candidate for candidate in self.candidates if candidate.kept)

    @property
    def verdict(self) -> Verdict:
        """One candidate left, several, or none."""
        count = len(self.kept)
        return "one" if count == 1 else "several" if count else "none"

    def require(self) -> Candidate:
        """Return the one candidate that is left; otherwise raise with all of them listed."""
        if self.verdict == "one":
            return self.kept[0]
        listed = self.kept or self.candidates
        pattern = (
            "several coordinate systems fit the numbers: {tried}"
            if self.kept
            else "no coordinate system brings the points into their communes: {tried}"
        )
        tried = "; ".join(map(str, listed)) or Sentence(
            "none could be tried: the numbers lie nowhere near Vietnam"
        )
        raise InputError(
            [
                Fault(
                    problem=Sentence(pattern, tried=tried),
                    remedy='State the CRS of the file (crs = "EPSG:…")',
                )
            ]
        )


def propose(
    points: npt.ArrayLike | pd.DataFrame | gpd.GeoDataFrame,
    communes: gpd.GeoDataFrame,
    *,
    stated: str | Iterable[str] | None = None,
    province: str | None = None,
    x: str = "x",
    y: str = "y",
    code: str = "commune_code",
    keep_share: float = KEEP_SHARE,
    more_zones: Mapping[int, str] = MappingProxyType({}),
) -> Proposal:
    """Propose the CRS of projected numbers from where their rows say that they are.

    Tried are the zones of the stated provinces before and since July 2025, UTM 48 and 49, both orders of axes,
    and, if none of these fits, every other zone. A candidate is kept when enough points fall into their stated
    communes, and no other candidate brings clearly more of them there.

    Parameters
    ----------
    points
        Numbers as the file has them: an array of two columns, a table with the columns `x` and `y`, or a
        GeoDataFrame whose CRS, if any, is not believed.
    communes
        Polygons of the communes in EPSG:4326, with their code in the column `code`.
    stated
        Commune of each point, or the one of all points; by default the column `code` of `points`. An old code that
        `communes` lacks is taken for the new communes it became.
    province
        Code of the province (new, or old where no new one has it), where rows state no communes.
    x, y
        Columns of the numbers, whatever the file calls them.
    keep_share
        Least share of points in their communes, for a candidate to be kept.
    more_zones
        Further EPSG codes of VN-2000 zones to try, each with the reason.

    Notes
    -----
    TM-3 and UTM of the same meridian (105°) differ by 333 to 698 m only; where no points lie near enough to
    a border to tell them apart, the answer is several.
    """
    numbers, rows = _numbers(points, x=x, y=y)
    _check_communes(communes, code)
    codes = _stated(points, rows, stated=stated, code=code)
    ground = _Ground(communes, code)
    targets = (
        ground.of_codes(codes) if codes is not None else ground.of_province(province, len(rows))
    )
    usable = np.isfinite(numbers).all(axis=1) & (targets >= 0)
    numbers, targets = numbers[usable], targets[usable]
    provinces = _provinces(codes[usable] if codes is not None else None, province)
    prescribed = _prescribed(provinces)
    zones_tried = prescribed | dict.fromkeys(UTM_ZONES, "UTM, of national maps") | dict(more_zones)
    attempt = partial(_try, ground=ground, prescribed=frozenset(prescribed), keep_share=keep_share)
    tried = attempt(zones_tried, numbers, targets)
    if not any(candidate.kept for candidate in tried):
        others = {epsg: "another province's zone" for epsg in _usable() if epsg not in zones_tried}
        tried += attempt(others, numbers, targets)
    ordered = sorted(tried, key=lambda c: (not c.kept, -c.inside))
    return Proposal(candidates=tuple(ordered), ignored=int((~usable).sum()))


class _Ground:
    """Polygons that points are looked for in."""

    def __init__(self, communes: gpd.GeoDataFrame, code: str) -> None:
        self._polygons: list[shapely.Geometry] = []
        self._of_code = {
            str(value): geometry
            for value, geometry in zip(communes[code], communes.geometry, strict=True)
            if not pd.isna(value)
        }

    def of_codes(self, codes: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
        """Return the polygon of each stated commune, -1 where it is not known."""
        positions = {stated: self._position(stated) for stated in set(codes) if stated}
        return np.array([positions.get(stated, -1) for stated in codes], dtype=np.int64)

    def of_province(self, province: str | None, count: int) -> npt.NDArray[np.int64]:
        """Return the polygon of one province for every point, of everything where none is stated."""
        own = [
            geometry
            for code, geometry in self._of_code.items()
            if province is None or province in _provinces_of(code)
        ]
        return np.full(count, self._add(own), dtype=np.int64)

    def inside(self, targets: npt.NDArray[np.int64], lon: Floats, lat: Floats) -> Booleans:
        """Say of each point whether it falls into its polygon or onto its border."""
        found = np.zeros(len(targets), dtype=bool)
        for target in np.unique(targets):
            here = np.flatnonzero(targets == target)
            found[here] = shapely.intersects_xy(self._polygons[target], lon[here], lat[here])
        return found

    def _position(self, stated: str) -> int:
        codes = [stated] if stated in self._of_code else [k.new_code for k in units.became(stated)]
        return self._add([self._of_code[code] for code in codes if code in self._of_code])

    def _add(self, polygons: list[shapely.Geometry]) -> int:
        if not polygons:
            return -1
        union = polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)
        shapely.prepare(union)
        self._polygons.append(union)
        return len(self._polygons) - 1


def _try(
    zones_tried: Mapping[int, str],
    numbers: Floats,
    targets: npt.NDArray[np.int64],
    *,
    ground: _Ground,
    prescribed: frozenset[int],
    keep_share: float,
) -> list[Candidate]:
    """Try every zone in both orders of axes, then let the ones that keep their points compete."""
    if len(numbers) == 0:
        return []
    tried: list[tuple[Candidate, Booleans]] = []
    for swapped in (False, True):
        east, north = (numbers[:, 1], numbers[:, 0]) if swapped else (numbers[:, 0], numbers[:, 1])
        if _within(north, _LATITUDES) and _within(east, _LONGITUDES):
            readings = {EPSG_WGS84: "the numbers are degrees"}
        elif _within(north, _NORTHINGS) and _within(east, _EASTINGS):
            readings = dict(zones_tried)
        else:
            continue
        for epsg, origin in readings.items():
            lon, lat = (east, north) if epsg == EPSG_WGS84 else to_wgs84(east, north, epsg=epsg)
            inside = ground.inside(targets, lon, lat)
            tried.append(
                (_counted(epsg, origin, inside, swapped=swapped, least=keep_share), inside)
            )
    return _after_competition(tried, prescribed)


def _counted(epsg: int, origin: str, inside: Booleans, *, swapped: bool, least: float) -> Candidate:
    count, total = int(inside.sum()), len(inside)
    return Candidate(
        epsg=epsg,
        name="WGS 84" if epsg == EPSG_WGS84 else zones()[epsg].name,
        swapped=swapped,
        origin=origin,
        points=total,
        inside=count,
        kept=count >= least * total and count > 0,
        reason=f"{count} of {total} points fall into their communes",
    )


def _after_competition(
    tried: list[tuple[Candidate, Booleans]], prescribed: frozenset[int]
) -> list[Candidate]:
    """Drop whoever keeps its points but clearly fewer than the best."""
    kept = [(candidate, inside) for candidate, inside in tried if candidate.kept]
    if len(kept) <= 1:
        return [candidate for candidate, _ in tried]
    best, best_inside = max(kept, key=lambda pair: (pair[0].inside, pair[0].epsg in prescribed))
    judged = []
    for candidate, inside in tried:
        only_best, only_rival = (
            int((best_inside & ~inside).sum()),
            int((inside & ~best_inside).sum()),
        )
        favoured = best.epsg in prescribed and candidate.epsg not in prescribed
        enough = _EVIDENCE_FOR_PRESCRIBED if favoured else _EVIDENCE_FOR_OTHER
        beaten = only_best >= enough and only_best >= _EVIDENCE_RATIO * only_rival
        if candidate.kept and candidate is not best and beaten:
            reason = f"{candidate.reason}, {only_best} fewer that EPSG:{best.epsg} brings there"
            judged.append(replace(candidate, kept=False, reason=reason))
        else:
            judged.append(candidate)
    return judged


def _prescribed(provinces: frozenset[str]) -> dict[int, str]:
    """Return the zones of provinces (new codes) since July 2025 and of the old provinces in them."""
    found: dict[int, str] = {}
    for row in province_zones():
        if row.new_code in provinces:
            found.setdefault(row.old_epsg, f"zone of {row.old_province} before July 2025")
    for row in province_zones():
        if row.new_code in provinces:
            found.setdefault(row.new_epsg, f"zone of {row.new_province} since July 2025")
    return found


def _usable() -> list[int]:
    return sorted(epsg for epsg, zone in zones().items() if not zone.deprecated)


def _provinces(codes: npt.NDArray[np.object_] | None, province: str | None) -> frozenset[str]:
    """Return the new provinces of the stated communes, whichever vintage their codes are of."""
    if codes is not None:
        return frozenset().union(*(_provinces_of(code) for code in set(codes)))
    asked = {row.new_code for row in province_zones() if province in (row.new_code, row.old_code)}
    return frozenset(asked)


def _provinces_of(code: str) -> frozenset[str]:
    found = {link.new_code for link in units.became(code)} | {code}
    communes = [units.by_code(new, vintage="new") for new in found]
    return frozenset(commune.province_code for commune in communes if commune)


def _within(values: Floats, bounds: tuple[float, float]) -> bool:
    middle = float(np.median(values))
    return bounds[0] <= middle <= bounds[1]


def _numbers(
    points: npt.ArrayLike | pd.DataFrame | gpd.GeoDataFrame, *, x: str, y: str
) -> tuple[Floats, pd.Index]:
    if isinstance(points, gpd.GeoDataFrame):
        return np.column_stack([points.geometry.x, points.geometry.y]), points.index
    if isinstance(points, pd.DataFrame):
        _require_columns(points, (x, y), problem="the points lack a column")
        return points[[x, y]].to_numpy(dtype=float, na_value=np.nan), points.index
    numbers = np.asarray(points, dtype=float).reshape(-1, 2)
    return numbers, pd.RangeIndex(len(numbers))


def _stated(
    points: object, rows: pd.Index, *, stated: str | Iterable[str] | None, code: str
) -> npt.NDArray[np.object_] | None:
    if stated is None and isinstance(points, pd.DataFrame) and code in points:
        stated = points[code]
    if stated is None:
        return None
    values = [stated] * len(rows) if isinstance(stated, str) else list(stated)
    if len(values) != len(rows):
        problem = Sentence(
            "{n} communes are stated for {points} points", n=len(values), points=len(rows)
        )
        raise InputError([Fault(problem=problem, remedy="State one commune per point")])
    return np.array(["" if pd.isna(value) else str(value) for value in values], dtype=object)


def _check_communes(communes: gpd.GeoDataFrame, code: str) -> None:
    _require_columns(communes, (code,), problem="the communes lack a column")
    if communes.crs is None or not communes.crs.equals(WGS84, ignore_axis_order=True):
        problem = (
            Sentence("the communes are in {crs}", crs=communes.crs.name)
            if communes.crs
            else "the communes are in no CRS"
        )
        raise InputError([Fault(problem=problem, remedy="Bring them to EPSG:4326 first")])


def _require_columns(table: pd.DataFrame, columns: tuple[str, ...], *, problem: str) -> None:
    faults = Faults()
    for column in columns:
        if column not in table:
            faults.add(problem, "Name the column that holds it", column=column)
    faults.raise_if_any()
