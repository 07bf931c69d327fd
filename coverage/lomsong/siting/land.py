"""Tell of the terrain's cells where nothing may be built and what lies beside roads and power lines."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from rasterio.features import rasterize

from lomsong.space.crs import Floats
from lomsong.space.raster import Integers, Raster

Cells = npt.NDArray[np.bool_]


class Land:
    """Terrain with masks of its cells: `forbidden`, and `beside` roads and lines; None where no layer says it."""

    def __init__(
        self,
        terrain: Raster,
        *,
        forbidden: gpd.GeoDataFrame | None,
        beside: Sequence[gpd.GeoDataFrame],
        near_m: float,
    ) -> None:
        self.terrain = terrain
        areas = [] if forbidden is None else [forbidden.geometry.to_crs(terrain.crs).to_numpy()]
        self._areas = shapely.STRtree(np.concatenate([np.empty(0, object), *areas]))
        self.forbidden = self._cells(self._areas.geometries)
        near = [
            shapely.buffer(self._within(layer, near_m), near_m, quad_segs=4) for layer in beside
        ]
        self.beside = self._cells(np.concatenate([np.empty(0, object), *near]))

    def is_forbidden(self, x: Floats, y: Floats) -> Cells:
        """Return which points lie in a forbidden area, its edge included."""
        inside = np.zeros(len(x), bool)
        hit, _ = self._areas.query(shapely.points(x, y), predicate="intersects")
        inside[hit] = True
        return inside

    def window(self, x: Floats, y: Floats, margin_m: float) -> tuple[Integers, Integers]:
        """Return the rows and columns of the cells around points."""
        height, width = self.terrain.values.shape
        transform = self.terrain.transform
        left = (x.min() - margin_m - transform.c) / transform.a
        right = (x.max() + margin_m - transform.c) / transform.a
        top = (y.max() + margin_m - transform.f) / transform.e
        bottom = (y.min() - margin_m - transform.f) / transform.e
        return (
            np.arange(max(int(top), 0), min(int(bottom) + 1, height)),
            np.arange(max(int(left), 0), min(int(right) + 1, width)),
        )

    def _within(self, layer: gpd.GeoDataFrame, margin_m: float) -> npt.NDArray[np.object_]:
        """Return what of a layer lies on the terrain."""
        shapes = layer.geometry.to_crs(self.terrain.crs).to_numpy()
        box = self.terrain.extent.grown(margin_m)
        return np.asarray(shapely.clip_by_rect(shapes, box.west, box.south, box.east, box.north))

    def _cells(self, shapes: npt.NDArray[np.object_]) -> Cells | None:
        """Return the cells that shapes touch, None where there is no shape."""
        drawn = [shape for shape in shapes if not shapely.is_empty(shape)]
        if not drawn:
            return None
        burnt = rasterize(
            drawn,
            out_shape=self.terrain.values.shape,
            transform=self.terrain.transform,
            all_touched=True,
            dtype=np.uint8,
        )
        return np.asarray(burnt, bool)


def cell_centres(terrain: Raster, rows: Integers, columns: Integers) -> tuple[Floats, Floats]:
    """Return the centres of cells."""
    transform = terrain.transform
    x = transform.c + (columns + 0.5) * transform.a
    y = transform.f + (rows + 0.5) * transform.e
    return np.asarray(x, float), np.asarray(y, float)


def distance_to(layer: gpd.GeoDataFrame | None, x: Floats, y: Floats, *, terrain: Raster) -> Floats:
    """Return the distance from points to the nearest shape of a layer [m], NaN without one."""
    if layer is None or not len(layer) or not len(x):
        return np.full(len(x), np.nan)
    tree = shapely.STRtree(layer.geometry.to_crs(terrain.crs).to_numpy())
    _, distance = tree.query_nearest(shapely.points(x, y), return_distance=True, all_matches=False)
    return np.asarray(distance, float)
