"""Draw the ground that each chosen site would serve, beyond the dwellings it is chosen for."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import rasterio.features
import shapely

from lomsong.config import SitingSection
from lomsong.propagation import BANDS, LinkBudget, rsrp_dbm, sweep
from lomsong.siting.antennas import gain_db
from lomsong.siting.correction import Correction
from lomsong.siting.land import cell_centres
from lomsong.siting.reach import needed_dbm
from lomsong.space.crs import WGS84, Floats, to_crs
from lomsong.space.raster import Raster
from lomsong.tables import FOOTPRINTS, checked, empty

LEAST_PART_M2: Final = 50_000.0
"""Patches and holes smaller than this [m²] are left out of the outline, never out of the area (5 ha, a choice of looks)."""
_SQUARE_KM: Final = 1e6


def footprints(
    candidates: gpd.GeoDataFrame,
    terrain: Raster | None,
    *,
    settings: SitingSection,
    minimum_dbm: float,
    correction: Correction | None = None,
) -> gpd.GeoDataFrame:
    """Return the ground that each selected candidate serves outdoors (`tables.FOOTPRINTS`).

    Ground is served where the median level reaches the minimum with the asked probability, as it is asked of dwellings
    in `siting.reach`. The outline is simplified by the side of a cell; `area_km2` counts cells.
    """
    chosen = candidates[candidates["selected"]].sort_values("rank")
    if terrain is None or chosen.empty:
        return gpd.GeoDataFrame(empty(FOOTPRINTS))
    x, y = to_crs(chosen.geometry.x, chosen.geometry.y, source=WGS84, target=terrain.crs)
    learnt = correction or Correction(sigma_db=settings.shadow_sigma_db)
    needed = needed_dbm(minimum_dbm, settings, sigma_db=learnt.sigma_db)
    grids = []
    for row, (_, site) in enumerate(chosen.iterrows()):
        # A mast may carry its antenna lower; that of somebody else is taken as it is.
        own = (
            [m for m in settings.masts_m if m < site["mast_m"]]
            if site.isna()["existing_site"]
            else []
        )
        heights = [*own, float(site["mast_m"])]
        grids.append(
            _served(
                terrain,
                x=x[row],
                y=y[row],
                heights=heights,
                needed=needed,
                settings=settings,
                correction=learnt,
            )
        )
    outlines = gpd.GeoSeries([_outline(grid) for grid in grids], crs=terrain.crs)
    table = gpd.GeoDataFrame(
        {
            "site_id": chosen["site_id"].to_numpy(),
            "area_km2": [grid.values.sum() * np.prod(grid.cell) / _SQUARE_KM for grid in grids],
        },
        geometry=outlines.to_crs(WGS84).to_numpy(),
        crs=WGS84,
    )
    return checked(table.astype({"site_id": str}), FOOTPRINTS)


def _served(
    terrain: Raster,
    *,
    x: float,
    y: float,
    heights: list[float],
    needed: float,
    settings: SitingSection,
    correction: Correction,
) -> Raster:
    """Return 1 in each cell within the radius where any height and band reaches the needed level."""
    served: npt.NDArray[np.bool_] | None = None
    for mast_m in heights:
        for name in settings.bands:
            band = BANDS[name]
            loss = sweep(
                terrain,
                x=x,
                y=y,
                mast_m=mast_m,
                rx_m=settings.receiver_m,
                radius_m=settings.radius_m,
                frequency_mhz=band.downlink_mhz,
            )
            budget = LinkBudget(
                transmit_power_dbm=settings.transmit_power_dbm,
                antenna_gain_dbi=settings.antenna_gain_dbi,
                losses_db=settings.losses_db,
                bandwidth_mhz=band.bandwidth_mhz,
            )
            level = rsrp_dbm(budget=budget, path_loss_db=loss.values)
            sent, away = _sent(terrain, loss, x=x, y=y, mast_m=mast_m, settings=settings)
            level = level + sent
            level = correction.level_dbm(level, away)
            # Where terrain is unknown the level is, and nothing is served.
            strong = level >= needed
            served = strong if served is None else served | strong
    if served is None:
        raise ValueError("a site sends in at least one band")
    return Raster(values=served.astype(np.float32), transform=loss.transform, crs=terrain.crs)


def _sent(
    terrain: Raster, loss: Raster, *, x: float, y: float, mast_m: float, settings: SitingSection
) -> tuple[Floats, Floats]:
    """Return what the sectors send towards each cell, relative to their largest gain [dB], and how far it is [m]."""
    grid = np.indices(loss.values.shape)
    cell_x, cell_y = cell_centres(loss, grid[0], grid[1])
    ground = terrain.at(cell_x.ravel(), cell_y.ravel()).reshape(cell_x.shape)
    foot = float(terrain.at(np.array([x]), np.array([y]))[0])
    rise = ground + settings.receiver_m - foot - mast_m
    dx, dy = cell_x - x, cell_y - y
    return gain_db(settings, dx_m=dx, dy_m=dy, rise_m=rise), np.hypot(dx, dy)


def _outline(served: Raster) -> shapely.MultiPolygon:
    inside = served.values > 0
    shapes = rasterio.features.shapes(
        inside.astype(np.uint8), mask=inside, transform=served.transform
    )
    polygons = [shapely.geometry.shape(shape) for shape, _ in shapes]
    kept = [
        _without_small_holes(p)
        for p in polygons
        if shapely.Polygon(p.exterior).area >= LEAST_PART_M2
    ]
    joined = shapely.union_all(kept)
    simple = shapely.make_valid(shapely.simplify(joined, max(served.cell)))
    parts = [part for part in shapely.get_parts(simple) if isinstance(part, shapely.Polygon)]
    return shapely.normalize(shapely.MultiPolygon(parts))


def _without_small_holes(polygon: shapely.Polygon) -> shapely.Polygon:
    holes = [hole for hole in polygon.interiors if shapely.Polygon(hole).area >= LEAST_PART_M2]
    return shapely.Polygon(polygon.exterior, holes)
