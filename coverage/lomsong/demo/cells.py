"""Estimate cells as a crowd does: where phones heard them, which is along roads, not where the masts stand."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from lomsong.demo.district import District
from lomsong.demo.world import Floats

FEWEST_SPOTS = 2
"""A cell heard at fewer spots than this never gets into an export."""
FEW_SAMPLES = 3
UNSURE_RANGE_M = 1000
ROAD_WEIGHT = 3.0
"""A phone is so many times likelier to listen on a road than elsewhere."""
HEARD_DBM = {"4G": -120, "3G": -110, "2G": -102}
RADIO = {"4G": "LTE", "3G": "UMTS", "2G": "GSM"}


def cells_export(district: District) -> pd.DataFrame:
    """Return a cells export in OpenCelliD's columns."""
    stream = np.random.Generator(np.random.PCG64(district.seed + 1))
    spots, sectors = district.spots, district.sectors
    first_way = spots.first_centre + len(district.homes.centres)
    weight = np.where(np.arange(len(spots.x)) >= first_way, ROAD_WEIGHT, 1.0)
    rows = []
    for (carrier, technology), server in district.best.server.items():
        heard = district.best.level[carrier, technology] >= HEARD_DBM[technology]
        mine = sectors[(sectors["carrier"] == carrier) & (sectors["technology"] == technology)]
        for sector, cell in zip(mine.index.to_list(), mine.to_dict("records"), strict=True):
            where = np.flatnonzero((server == sector) & heard)
            if len(where) < FEWEST_SPOTS:
                continue
            count = int(np.clip(np.exp(stream.normal(3.2, 1.2)), 1, 2500))
            share = weight[where] / weight[where].sum()
            drawn = stream.choice(where, min(count, 400), p=share)
            estimate = _estimate(stream, count, spots.x[drawn], spots.y[drawn])
            rows.append({**_identity(cell), **estimate, **_history(district, stream, count)})
    table = pd.DataFrame(rows)
    lon, lat = district.land.plane.to_lonlat(table.pop("x").to_numpy(), table.pop("y").to_numpy())
    table.insert(6, "lon", np.round(lon, 6))
    table.insert(7, "lat", np.round(lat, 6))
    return table.sort_values(["net", "radio", "area", "cell"], kind="stable", ignore_index=True)


def _identity(cell: dict[Hashable, Any]) -> dict[str, object]:
    technology = str(cell["technology"])
    return {
        "radio": RADIO[technology],
        "mcc": 452,
        "net": int(str(cell["plmn"])[-2:]),
        "area": cell["area"],
        "cell": cell["cell"],
        "unit": cell["code"] if technology == "4G" else 0,
    }


def _estimate(stream: np.random.Generator, count: int, x: Floats, y: Floats) -> dict[str, object]:
    """Place a cell in the middle of those who heard it, as such projects do."""
    middle_x, middle_y = x.mean() + stream.normal(0, 40), y.mean() + stream.normal(0, 40)
    reach = np.quantile(np.hypot(x - middle_x, y - middle_y), 0.95)
    return {
        "x": middle_x,
        "y": middle_y,
        "range": int(reach) if count > FEW_SAMPLES else UNSURE_RANGE_M,
    }


def _history(district: District, stream: np.random.Generator, count: int) -> dict[str, object]:
    last = pd.Timestamp(district.world.last_day).value // 1_000_000_000
    updated = last - int(stream.integers(0, 400)) * 86_400 - int(stream.integers(86_400))
    return {
        "samples": count,
        "changeable": 1,
        "created": updated - int(stream.integers(30, 900)) * 86_400,
        "updated": updated,
        "averageSignal": 0,
    }
