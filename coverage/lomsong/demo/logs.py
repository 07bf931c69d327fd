"""Write what phones noticed in the formats of the apps that people really use."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lomsong.demo.district import District
from lomsong.demo.files import write_text
from lomsong.demo.people import CELL_INFO, G_NETTRACK, TEAM, TOWER_COLLECTOR

TOWER_COLLECTOR_FILE = "towercollector.csv.gz"
CELL_INFO_FILES = "synthetic_OpenCellID_*.csv.gz"
G_NETTRACK_FILES = "gnettrack/*.txt*"
UNKNOWN_INT = 2147483647
OPERATORS = {
    "viettel": "Viettel",
    "vnpt": "VinaPhone",
    "mobifone": "MobiFone",
    "vietnamobile": "Vietnamobile",
}
G_NETTRACK_HEAD = (
    "Timestamp\tLongitude\tLatitude\tOperatorname\tOperator\tCellname\tNode\tCellID\tLAC\tNetworkTech\tLevel\tQual\t"
    "SNR\tCQI\tLTERSSI\tARFCN\tPSC\tAltitude\tDistance\tTA\tBAND"
)
TOWER_COLLECTOR_HEAD = (
    "mcc,mnc,lac,cell_id,short_cell_id,rnc,psc,asu,dbm,ta,lat,lon,accuracy,speed,bearing,altitude,measured_at,net_type,"
    "neighboring,discovered_at,device,rsrp,rsrq,rssi,rssnr,cqi,rscp,csi_rsrp,csi_rsrq,csi_sinr,ss_rsrp,ss_rsrq,ss_sinr,"
    "cdma_dbm,cdma_ecio,evdo_dbm,evdo_ecio,evdo_snr,ec_no,arfcn"
)
CELL_INFO_HEAD = "mcc,mnc,lac,cellid,lat,lon,signal,measured_at,rating,speed,direction,act,ta,psc,tac,pci,sid,nid,bid"
NETWORK = {"4G": "LTE", "3G": "UMTS", "2G": "GSM"}
ACCESS = {"4G": "LTE", "3G": "HSPA", "2G": "EDGE"}
WEAKEST_DBM = -140
TOO_COARSE_M = 60.0
"""Apps that log for maps drop fixes worse than this by themselves; G-NetTrack tells no accuracy at all."""


class _Reading(NamedTuple):
    """One row of what a phone noticed, as the formats tell it."""

    time_ms: int
    lon: float
    lat: float
    accuracy_m: float
    speed: float
    altitude: int
    carrier: str
    mnc: int
    technology: str
    level: int
    quality: int
    node: int
    cell: int
    area: int
    code: int
    channel: int
    band: str
    model: str


def _readings(rows: pd.DataFrame) -> Iterator[_Reading]:
    return map(
        _Reading._make, zip(*(rows[name].to_list() for name in _Reading._fields), strict=True)
    )


def write_logs(district: District, folder: Path) -> None:
    """Write all samples of a world."""
    logs = folder / "gnettrack"
    logs.mkdir(exist_ok=True)
    # Logs of another world would be read with this one's: their names differ, so nothing replaces them.
    for stale in [
        *logs.glob("*.txt*"),
        *folder.glob(CELL_INFO_FILES),
        folder / TOWER_COLLECTOR_FILE,
    ]:
        stale.unlink(missing_ok=True)
    rows = _readable(district)
    devices = district.crowd.devices
    app = devices["app"].to_numpy()[rows["device"]]
    stream = np.random.Generator(np.random.PCG64(district.seed))
    if (app == TOWER_COLLECTOR).any():
        file = folder / TOWER_COLLECTOR_FILE
        _tower_collector(district, rows[app == TOWER_COLLECTOR], file, stream)
    if (app == CELL_INFO).any():
        _cell_info(district, rows[app == CELL_INFO], folder, stream)
    for number, mine in rows[app == G_NETTRACK].groupby("device"):
        device = devices.loc[number]
        if device["role"] == TEAM:
            hamlet = district.hamlets["hamlet_id"][int(device["hamlet"])]
            name = f"synthetic_{TEAM}_{hamlet}_{device['carrier']}.txt.gz"
        else:
            name = f"synthetic_{device['role']}_{int(number):03d}_{device['carrier']}.txt.gz"
        lines = _g_nettrack(mine.sort_values("time_ms", kind="stable"))
        write_text(logs / name, "\n".join(lines) + "\n")


def _readable(district: District) -> pd.DataFrame:
    """Add to each row what any format may tell: degrees, ground, carrier, identities of the cell."""
    rows, land = district.crowd.rows, district.land
    lon, lat = land.plane.to_lonlat(rows["x"].to_numpy(), rows["y"].to_numpy())
    ground = land.sample(land.height_m, rows["x"].to_numpy(), rows["y"].to_numpy())
    carrier = district.crowd.devices["carrier"].to_numpy()[rows["device"]]
    plmn = {knobs.name: knobs.plmn for knobs in district.world.carriers}
    columns = ["area", "cell", "code", "node", "channel", "band"]
    cells = (
        district.sectors[columns]
        .reindex(rows["sector"].where(rows["sector"] >= 0))
        .reset_index(drop=True)
    )
    cells[["area", "cell", "code", "node", "channel"]] = (
        cells[["area", "cell", "code", "node", "channel"]].fillna(-1).astype(np.int64)
    )
    level = rows["level_dbm"].fillna(-200).astype(np.int64)
    return pd.concat([rows, cells], axis=1).assign(
        lon=np.round(lon, 5),
        lat=np.round(lat, 5),
        altitude=np.rint(ground).astype(np.int64),
        carrier=carrier,
        mnc=[int(plmn[name][-2:]) for name in carrier],
        model=district.crowd.devices["model"].to_numpy()[rows["device"]],
        level=level,
        quality=np.clip(-8 - (-85 - level) // 5, -19, -6),
    )


def _g_nettrack(rows: pd.DataFrame) -> Iterator[str]:
    """Tell one log as G-NetTrack Pro does: local time, longitude first, a tab too many on each row."""
    yield G_NETTRACK_HEAD
    local = pd.to_datetime(rows["time_ms"] + 7 * 3_600_000, unit="ms").dt.strftime(
        "%Y.%m.%d_%H.%M.%S"
    )
    for row, stamp in zip(_readings(rows), local, strict=True):
        place = f"{stamp}\t{row.lon:.6f}\t{row.lat:.6f}"
        if row.technology == "":
            yield f"{place}\tNO_COVERAGE\t\t\t0\t-1\t\t--\t-200\t-2\t-\t-\t-\t\t\t{row.altitude}\t-1\t\t\t"
            continue
        lte = row.technology == "4G"
        own = row.cell & 255 if lte else row.cell
        rssi = str(row.level + 26) if lte else "-"
        yield (
            f"{place}\t{OPERATORS[row.carrier]}\t452{row.mnc:02d}\tSYNTHETIC\t{row.node if lte else ''}\t{own}\t"
            f"{row.area}\t{row.technology}\t{row.level}\t{row.quality}\t{'0.0' if lte else '-'}\t-\t{rssi}\t"
            f"{row.channel}\t{row.code}\t{row.altitude}\t-1\t\t{row.band}\t"
        )


def _tower_collector(
    district: District, rows: pd.DataFrame, file: Path, stream: np.random.Generator
) -> None:
    """Write Tower Collector's own export: a row per cell, neighbours share the moment of the serving cell."""
    rows = rows[rows["accuracy_m"] <= TOO_COARSE_M]
    heard = stream.random(len(rows)) < district.world.neighbour_rows
    weaker = stream.integers(3, 13, len(rows))
    code = stream.integers(0, 504, len(rows))
    lines = [TOWER_COLLECTOR_HEAD]
    stamps = _zulu(rows["time_ms"])
    for row, stamp, has, less, pci in zip(
        _readings(rows), stamps, heard.tolist(), weaker.tolist(), code.tolist(), strict=True
    ):
        lines.append(_tower_row(row, stamp))
        if has and row.technology == "4G" and row.level - less >= WEAKEST_DBM:
            level = row.level - less
            lines.append(
                f"452,{row.mnc},,,,,{pci},{level + 140},{level},,{_tower_place(row)},{stamp},LTE,true,,"
                f'"SYNTHETIC {row.model}",{level},,,,,,,,,,,,,,,,,,{row.channel}'
            )
    write_text(file, "\r\n".join(lines) + "\r\n")


def _tower_row(row: _Reading, stamp: str) -> str:
    lte, umts = row.technology == "4G", row.technology == "3G"
    asu = row.level + 140 if lte else row.level + 120 if umts else (row.level + 113) // 2
    short = row.cell & 65535 if umts else ""
    rnc = row.cell >> 16 if umts else ""
    rsrp, rsrq = (row.level, row.quality) if lte else ("", "")
    rscp = row.level if umts else ""
    rssi = "" if lte or umts else row.level
    return (
        f"452,{row.mnc},{row.area},{row.cell},{short},{rnc},{row.code if lte or umts else ''},{asu},{row.level},,"
        f'{_tower_place(row)},{stamp},{NETWORK[row.technology]},false,,"SYNTHETIC {row.model}",'
        f"{rsrp},{rsrq},{rssi},,,{rscp},,,,,,,,,,,,,{row.channel}"
    )


def _tower_place(row: _Reading) -> str:
    return f"{row.lat:.5f},{row.lon:.5f},{row.accuracy_m:.1f},{row.speed:.1f},,{row.altitude}"


def _cell_info(
    district: District, rows: pd.DataFrame, folder: Path, stream: np.random.Generator
) -> None:
    """Write uploads of Network Cell Info, joined: no device, latitude first, some uploaded twice."""
    rows = rows.sort_values(["time_ms", "device"], kind="stable")
    lines = [_cell_info_row(row) for row in _readings(rows)]
    again = np.flatnonzero(stream.random(len(lines)) < district.world.duplicate_share)
    lines += [lines[number] for number in again.tolist()]
    last = district.world.last_day.replace("-", "")
    name = f"synthetic_OpenCellID_{last}_180000_meas_ainf_d0_n{len(lines)}.csv.gz"
    write_text(folder / name, "\n".join([CELL_INFO_HEAD, *lines]) + "\n")


def _cell_info_row(row: _Reading) -> str:
    place = f"452,{row.mnc},{row.area},{row.cell},{row.lat:.5f},{row.lon:.5f},{row.level},{row.time_ms},{row.accuracy_m:.1f}"
    moving = f"{row.speed:.1f},-2000.0" if row.speed else "-2000.0,-2000.0"
    if row.technology == "4G":
        return f"{place},{moving},LTE,0,,{row.area},{row.code},,,"
    return f"{place},{moving},{ACCESS[row.technology]},,{UNKNOWN_INT},,,,,"


def _zulu(time_ms: pd.Series) -> list[str]:
    stamps = pd.to_datetime(time_ms, unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return [f'"{stamp}"' for stamp in stamps]
