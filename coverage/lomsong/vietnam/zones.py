"""Know the VN-2000 zones: every CRS, and which province used and uses which."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from lomsong.errors import Fault, InputError
from lomsong.vietnam.facts import load
from lomsong.vietnam.standards import Source

Vintage = Literal["old", "new"]
"""Before or since 1 July 2025."""

UTM_ZONES = (3405, 3406)
GEOGRAPHIC = 4756
TM3_SCALE = 0.9999


@dataclass(frozen=True, kw_only=True)
class Zone:
    """One projected VN-2000 coordinate reference system."""

    epsg: int
    name: str
    central_meridian: float
    """[degrees]"""
    scale_factor: float
    false_easting: float
    """[m]"""
    false_northing: float
    """[m]"""
    deprecated: bool

    @property
    def label(self) -> str:
        """The zone as lists name it: VN-2000, KTT 105°45', múi 3°."""
        degrees, minutes = divmod(round(self.central_meridian * 60), 60)
        width = 3 if self.scale_factor == TM3_SCALE else 6
        return f"VN-2000, KTT {degrees}°{minutes:02d}', múi {width}°"


@dataclass(frozen=True, kw_only=True)
class ProvinceZone:
    """The zone of one province of before July 2025, then and now."""

    old_code: str
    old_province: str
    old_epsg: int
    old_source: Source
    new_code: str
    new_province: str
    new_epsg: int
    new_source: Source


@lru_cache(maxsize=1)
def zones() -> Mapping[int, Zone]:
    """Return every projected VN-2000 CRS by its EPSG code."""
    every = [
        Zone(
            epsg=int(row["epsg"]),
            name=row["name"],
            central_meridian=float(row["central_meridian"]),
            scale_factor=float(row["scale_factor"]),
            false_easting=float(row["false_easting"]),
            false_northing=float(row["false_northing"]),
            deprecated=row["deprecated"] == "True",
        )
        for row in load("vn2000_crs.csv")
    ]
    return MappingProxyType({zone.epsg: zone for zone in every})


@lru_cache(maxsize=1)
def province_zones() -> tuple[ProvinceZone, ...]:
    """Return the zones of the 63 provinces of before July 2025, in the order of their codes.

    The old zones follow the EPSG register. The new ones come from secondary sources of circular
    24/2025/TT-BNNMT and stay overridable wherever they are used.
    """
    return tuple(
        ProvinceZone(
            old_code=row["old_code"],
            old_province=row["old_province"],
            old_epsg=int(row["old_epsg"]),
            old_source=Source(title=row["old_source"], verified=True),
            new_code=row["new_code"],
            new_province=row["new_province"],
            new_epsg=int(row["new_epsg"]),
            new_source=Source(title=row["new_source"], verified=False, note=row["note"]),
        )
        for row in load("vn2000_zones.csv")
    )


def zone_for(
    province_code: str | None = None,
    *,
    lon: float | None = None,
    vintage: Vintage = "new",
    overrides: Mapping[str, int] = MappingProxyType({}),
) -> Zone:
    """Return the zone in which a list is written.

    Parameters
    ----------
    province_code
        The province's two-digit code of the given vintage; where it is not known, `lon` decides.
    lon
        Longitude of the place [degrees, WGS 84]: the 3° zone with the nearest meridian, the one that
        distorts least.
    vintage
        Whether the code, and the zone, are of before or since 1 July 2025. The same code can name two
        provinces.
    overrides
        EPSG code by province code, for provinces whose published zones contradict each other.
    """
    if province_code is None:
        return _nearest(lon)
    if province_code in overrides:
        return zones()[overrides[province_code]]
    for row in province_zones():
        if vintage == "old" and row.old_code == province_code:
            return zones()[row.old_epsg]
        if vintage == "new" and row.new_code == province_code:
            return zones()[row.new_epsg]
    problem = (
        "no province had this code before 1 July 2025"
        if vintage == "old"
        else "no province has this code since 1 July 2025"
    )
    raise InputError(
        [
            Fault(
                problem=problem,
                remedy="Give the two-digit code of the General Statistics Office, or the longitude",
                value=province_code,
            )
        ]
    )


def _nearest(lon: float | None) -> Zone:
    if lon is None:
        raise InputError(
            [Fault(problem="neither province nor longitude is given", remedy="Give one of them")]
        )
    usable = [z for z in zones().values() if z.scale_factor == TM3_SCALE and not z.deprecated]
    return min(usable, key=lambda zone: (abs(zone.central_meridian - lon), zone.epsg))
