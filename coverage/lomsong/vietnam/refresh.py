"""Make the tables of facts that ship with the package from a crosswalk and lists of zones.

Run `python -m lomsong.vietnam.refresh --help`; docs/refresh_units.md tells where its inputs come from.
"""

import argparse
import gzip
import io
from pathlib import Path

import pandas as pd
from pyproj import CRS

from lomsong.errors import Faults

_CROSSWALK = (
    *("old_code", "old_name", "old_district_code", "old_district", "old_province_code"),
    *("old_province", "new_code", "new_name", "new_province_code", "new_province", "part"),
)
_ZONES = (
    *("old_gso_code", "old_province", "old_epsg", "source_old"),
    *("new_gso_code", "new_province", "tt24_2025_epsg", "source_new", "note"),
)
_CRS = (
    *("epsg", "name", "deprecated", "central_meridian", "scale_factor", "false_easting"),
    *("west", "south", "east", "north"),
)

# Island districts that had no communes; the crosswalk gives their district code and nothing else.
_ISLAND_DISTRICTS = {
    "318": ("Huyện Bạch Long Vĩ", "31"),
    "471": ("Huyện Cồn Cỏ", "45"),
    "498": ("Huyện Hoàng Sa", "48"),
    "536": ("Huyện Lý Sơn", "51"),
    "755": ("Huyện Côn Đảo", "77"),
}


def refresh(crosswalk: Path, zones: Path, crs: Path, *, out: Path) -> None:
    """Read the three inputs, check them, and write the tables into a folder.

    Parameters
    ----------
    crosswalk
        Pairs of old and new communes, with `part` full or partial.
    zones
        The VN-2000 zone of each old province, before and since July 2025.
    crs
        Every VN-2000 coordinate reference system of the EPSG register.
    out
        Folder for `communes.csv.gz`, `links.csv.gz`, `vn2000_zones.csv` and `vn2000_crs.csv`.
    """
    faults = Faults()
    pairs = _read(crosswalk, _CROSSWALK, faults)
    zone_table = _read(zones, _ZONES, faults)
    crs_table = _read(crs, _CRS, faults)
    faults.raise_if_any()
    pairs = _with_islands(pairs)
    _check_pairs(pairs, crosswalk, faults)
    faults.raise_if_any()
    out.mkdir(parents=True, exist_ok=True)
    _write(_communes(pairs), out / "communes.csv.gz")
    _write(_links(pairs), out / "links.csv.gz")
    _write(_zones(zone_table), out / "vn2000_zones.csv")
    _write(_systems(crs_table), out / "vn2000_crs.csv")


def _read(path: Path, columns: tuple[str, ...], faults: Faults) -> pd.DataFrame:
    table = pd.read_csv(path, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    for column in columns:
        if column not in table:
            faults.add(
                "the column is missing", "Take the file as published", file=path, column=column
            )
    return table


def _with_islands(pairs: pd.DataFrame) -> pd.DataFrame:
    provinces = dict(zip(pairs["old_province_code"], pairs["old_province"], strict=True))
    filled = pairs.copy()
    for district, (name, province) in _ISLAND_DISTRICTS.items():
        rows = (filled["old_code"] == district) & (filled["old_name"] == "")
        filled.loc[rows, ["old_name", "old_district"]] = name
        filled.loc[rows, "old_district_code"] = district
        filled.loc[rows, "old_province_code"] = province
        filled.loc[rows, "old_province"] = provinces.get(province, "")
    return filled


def _check_pairs(pairs: pd.DataFrame, path: Path, faults: Faults) -> None:
    for position, row in enumerate(pairs[list(_CROSSWALK)].itertuples(index=False), start=2):
        for column, value in zip(_CROSSWALK, row, strict=True):
            if value == "":
                faults.add(
                    "the value is missing", "Complete it", file=path, row=position, column=column
                )
    unknown = ~pairs["part"].isin(["full", "partial"])
    for position in pairs.index[unknown]:
        faults.add(
            "the link is neither full nor partial", "Correct it", file=path, row=position + 2
        )


def _communes(pairs: pd.DataFrame) -> pd.DataFrame:
    sides = []
    for vintage in ("old", "new"):
        side = pairs.filter(regex=f"^{vintage}_").drop_duplicates(f"{vintage}_code")
        sides.append(
            side.rename(columns=lambda name: name.split("_", 1)[1]).assign(vintage=vintage)
        )
    columns = ["vintage", "code", "name", "district_code", "district", "province_code", "province"]
    return pd.concat(sides)[columns].sort_values(["vintage", "code"])


def _links(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs[["old_code", "new_code", "part"]].sort_values(["old_code", "new_code"])


def _zones(zones: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "old_code": zones["old_gso_code"],
            "old_province": zones["old_province"],
            "old_epsg": zones["old_epsg"],
            "old_source": zones["source_old"],
            "new_code": zones["new_gso_code"],
            "new_province": zones["new_province"],
            "new_epsg": zones["tt24_2025_epsg"],
            "new_source": zones["source_new"],
            "note": zones["note"],
        }
    ).sort_values("old_code")


def _systems(crs_table: pd.DataFrame) -> pd.DataFrame:
    chosen = crs_table.loc[crs_table["central_meridian"] != "", list(_CRS)].sort_values("epsg")
    # The deprecated twins carry their 500 km in the northing; lists of zones leave that column out.
    chosen.insert(6, "false_northing", [str(_false_northing(int(code))) for code in chosen["epsg"]])
    return chosen


def _false_northing(epsg: int) -> float:
    operation = CRS.from_epsg(epsg).coordinate_operation
    parameters = operation.params if operation else []
    return next(float(p.value) for p in parameters if p.name == "False northing")


def _write(table: pd.DataFrame, path: Path) -> None:
    text = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    if path.suffix == ".gz":
        packed = io.BytesIO()
        # Without a time and a file name inside, the same facts give the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
            file.write(text)
        text = packed.getvalue()
    path.write_bytes(text)


def main(arguments: list[str] | None = None) -> None:
    """Run `refresh` from the command line."""
    parser = argparse.ArgumentParser(prog="python -m lomsong.vietnam.refresh", description=__doc__)
    parser.add_argument("crosswalk", type=Path, help="CSV of pairs of old and new communes")
    parser.add_argument("zones", type=Path, help="CSV of VN-2000 zones by old province")
    parser.add_argument("crs", type=Path, help="CSV of the VN-2000 CRSs")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data")
    given = parser.parse_args(arguments)
    refresh(given.crosswalk, given.zones, given.crs, out=given.out)


if __name__ == "__main__":
    main()
