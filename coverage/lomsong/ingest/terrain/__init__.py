"""Lay tiles of heights together on one metric grid, where a void stays a void."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS
from rasterio.errors import CRSError
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from lomsong.errors import Faults
from lomsong.ingest.reading.features import as_paths
from lomsong.ingest.terrain.tiles import Heights, Tile, open_tiles
from lomsong.notes import Note
from lomsong.sentences import Sentence
from lomsong.space.crs import WGS84, Extent, Floats, require_metric, to_crs
from lomsong.space.raster import Raster

MOST_CELLS: Final = 200_000_000
_BLOCK_ROWS: Final = 256
_KNOT_STEP: Final = 16
_M_PER_KM: Final = 1000
_EDGE_POINTS: Final = 41
"""Points per edge when an extent is carried into another CRS, whose straight lines are others."""


Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Terrain(Raster):
    """Heights above sea level [m], NaN where no source knows any."""

    void_cells: int
    filled_cells: int
    """Cells that only the second source knew."""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Cells counted from the origin of the CRS, so that every cut of a region has the same ones."""

    step: float
    west: int
    north: int
    rows: int
    columns: int
    crs: CRS

    @property
    def transform(self) -> Affine:
        return Affine(self.step, 0, self.west * self.step, 0, -self.step, self.north * self.step)

    @property
    def extent(self) -> Extent:
        south, east = self.north - self.rows, self.west + self.columns
        return Extent(
            self.west * self.step, south * self.step, east * self.step, self.north * self.step
        )

    def centres(self, first_row: int, rows: int, *, target: CRS) -> tuple[Floats, Floats]:
        """Return the centres of some rows of cells in another CRS.

        Carried over exactly at every 16th row and column of the CRS, and in between along straight lines: over
        500 m the earth's curvature is 5 mm. Knots and shares do not depend on where the region is cut.
        """
        column = self.west + np.arange(self.columns)
        row = self.north - 1 - first_row - np.arange(rows)
        left, bottom = column[0] // _KNOT_STEP, row[-1] // _KNOT_STEP
        x = np.arange(left, column[-1] // _KNOT_STEP + 2) * _KNOT_STEP
        y = np.arange(bottom, row[0] // _KNOT_STEP + 2) * _KNOT_STEP
        knots = np.meshgrid((x + 0.5) * self.step, (y + 0.5) * self.step)
        moved_x, moved_y = (
            _stretched(axis, row - y[0], column - x[0])
            for axis in to_crs(*knots, source=self.crs, target=target)
        )
        return moved_x, moved_y


def read_terrain(
    paths: str | Path | Iterable[str | Path],
    *,
    extent: Extent,
    crs: CRS,
    fill: str | Path | Iterable[str | Path] | None = None,
    source_crs: str | None = None,
    cell_m: float | None = None,
) -> Terrain:
    """Read heights over a region into a metric grid, the finest tiles first.

    Parameters
    ----------
    paths
        GeoTIFF or HGT (plain, gz, zip), one tile or many, of any resolution and CRS.
    extent
        Region in degrees of WGS 84; cells beyond the data are NaN.
    crs
        Metric CRS of the result.
    fill
        A second source for cells that the first leaves void.
    source_crs
        CRS where a GeoTIFF states none.
    cell_m
        Side of a cell [m]; default: the resolution of the finest tile that meets the region. A cell has the height
        of its centre, interpolated between four posts.

    Raises
    ------
    InputError
        Where a file cannot be read, or none meets the region.
    """
    require_metric(crs)
    faults = Faults()
    first = _open(as_paths(paths), source_crs, faults)
    second = _open(as_paths(fill), source_crs, faults) if fill is not None else []
    if not first and not len(faults):
        faults.add("no file is given", "Name at least one under path")
    faults.raise_if_any()
    region = Extent(
        *transform_bounds(
            WGS84,
            crs,
            extent.west,
            extent.south,
            extent.east,
            extent.north,
            densify_pts=_EDGE_POINTS,
        )
    )
    meeting = [t for t in first if _window(t, region, crs) is not None]
    if not meeting:
        faults.add(
            Sentence(
                "the terrain covers {there}, the region is {wanted}: they do not meet",
                there=_around([t.extent for t in first]).told(),
                wanted=extent.told(),
            ),
            "Give the tiles of this region",
            file=", ".join(str(p) for p in as_paths(paths)),
        )
        faults.raise_if_any()
    step = cell_m if cell_m is not None else min(t.resolution_m for t in meeting)
    grid = _grid(region, step, crs, faults)
    heights = np.full((grid.rows, grid.columns), np.nan, np.float32)
    _lay(meeting, heights, grid, faults)
    void_before = int(np.isnan(heights).sum())
    _lay(second, heights, grid, faults)
    faults.raise_if_any()
    void = int(np.isnan(heights).sum())
    return Terrain(
        values=heights,
        transform=grid.transform,
        crs=crs,
        void_cells=void,
        filled_cells=void_before - void,
        notes=_notes(
            heights.size, void, void_before - void, _beyond([*meeting, *second], heights, grid)
        ),
    )


def _beyond(tiles: Sequence[Tile], heights: Heights, grid: _Grid) -> int:
    """Count the cells that lie on no tile at all."""
    beyond = 0
    for first in range(0, grid.rows, _BLOCK_ROWS):
        void = np.isnan(heights[first : first + _BLOCK_ROWS])
        on_none = np.ones(int(void.sum()), bool)
        for tile in tiles if len(on_none) else ():
            x, y = grid.centres(first, len(void), target=tile.crs)
            rows, columns = tile.shape
            column, row = ~tile.transform @ (x[void], y[void])
            on_none &= (row < 0) | (row > rows) | (column < 0) | (column > columns)
        beyond += int(on_none.sum())
    return beyond


def _notes(cells: int, void: int, filled: int, beyond: int) -> tuple[Note, ...]:
    notes = []
    if filled:
        pattern = "{n} of {cells} cells came from the second source"
        notes.append(Note(pattern, about="terrain", n=filled, cells=cells))
    if void > beyond:
        pattern = "the height of {n} of {cells} cells on the tiles is not known"
        notes.append(Note(pattern, about="terrain", n=void - beyond, cells=cells - beyond))
    if beyond:
        pattern = "the tiles cover {percent} % of the areas and the wide margin around them in which sites are looked for"
        percent = math.floor(100 * (1 - beyond / cells))
        notes.append(Note(pattern, about="terrain", percent=percent))
    return tuple(notes)


def _open(paths: Sequence[Path], crs: str | None, faults: Faults) -> list[Tile]:
    """Return tiles, finest first; equal ones by name, so that the order of the files changes nothing."""
    tiles = [(t, str(p)) for p in paths for t in open_tiles(p, crs=crs, faults=faults)]
    # Rounded, because the same step is written with different last digits.
    tiles.sort(key=lambda pair: (float(f"{pair[0].resolution_m:.4g}"), pair[0].name, pair[1]))
    return [t for t, _ in tiles]


def _around(extents: Sequence[Extent]) -> Extent:
    return Extent(
        min(e.west for e in extents),
        min(e.south for e in extents),
        max(e.east for e in extents),
        max(e.north for e in extents),
    )


def _grid(region: Extent, step: float, crs: CRS, faults: Faults) -> _Grid:
    """Return the cells over a region; their edges are whole steps of the CRS, wherever the region is cut."""
    west, north = math.floor(region.west / step), math.ceil(region.north / step)
    columns = max(math.ceil(region.east / step) - west, 1)
    rows = max(north - math.floor(region.south / step), 1)
    if rows * columns > MOST_CELLS:
        faults.add(
            Sentence(
                "the region of {width} by {height} km has {n:,} cells of {step} m",
                width=f"{columns * step / _M_PER_KM:.0f}",
                height=f"{rows * step / _M_PER_KM:.0f}",
                n=rows * columns,
                step=f"{step:.1f}",
            ),
            "Mend a coordinate that lies far away, or cut the project into districts",
        )
        faults.raise_if_any()
    return _Grid(step=step, west=west, north=north, rows=rows, columns=columns, crs=crs)


def _window(tile: Tile, region: Extent, crs: CRS) -> Window | None:
    """Return the pixels of a tile that a region in another CRS needs."""
    try:
        there = transform_bounds(
            crs,
            tile.crs,
            region.west,
            region.south,
            region.east,
            region.north,
            densify_pts=_EDGE_POINTS,
        )
    except CRSError:  # the region lies where the tile's CRS ends
        return None
    return tile.window(Extent(*there)) if np.isfinite(there).all() else None


def _lay(tiles: Sequence[Tile], heights: Heights, grid: _Grid, faults: Faults) -> None:
    """Write into each cell that is still void the height of the first tile that knows it."""
    for tile in tiles:
        window = _window(tile, grid.extent, grid.crs)
        if window is None:
            continue
        with faults.gathering():
            _lay_tile(tile, window, heights, grid)


def _lay_tile(tile: Tile, window: Window, heights: Heights, grid: _Grid) -> None:
    posts = tile.load(window)
    for first in range(0, grid.rows, _BLOCK_ROWS):
        block = heights[first : first + _BLOCK_ROWS]
        void = np.isnan(block)
        if not void.any():
            continue
        x, y = grid.centres(first, len(block), target=tile.crs)
        column = (x[void] - tile.transform.c) / tile.transform.a - 0.5
        row = (y[void] - tile.transform.f) / tile.transform.e - 0.5
        block[void] = _between_posts(posts, row, column, (window.row_off, window.col_off))


def _stretched(values: Floats, rows: Ints, columns: Ints) -> Floats:
    """Return values known at knots for rows and columns counted from the first knot."""
    down, across = (rows % _KNOT_STEP) / _KNOT_STEP, (columns % _KNOT_STEP) / _KNOT_STEP
    top, left = rows // _KNOT_STEP, columns // _KNOT_STEP
    wide = values[:, left] * (1 - across) + values[:, left + 1] * across
    stretched: Floats = wide[top] * (1 - down)[:, None] + wide[top + 1] * down[:, None]
    return stretched


def _between_posts(posts: Heights, row: Floats, column: Floats, offset: tuple[int, int]) -> Heights:
    """Return bilinear heights at rows and columns of a tile, of which `posts` is the part from `offset` on.

    NaN where the nearest post is void or lies outside; elsewhere void posts take no part.
    """
    rows, columns = posts.shape
    down, across = row - np.floor(row), column - np.floor(column)
    row, column = row - offset[0], column - offset[1]
    nearest_row, nearest_column = np.rint(row), np.rint(column)
    inside = (nearest_row >= 0) & (nearest_row < rows)
    inside &= (nearest_column >= 0) & (nearest_column < columns)
    nearest_row = np.clip(nearest_row, 0, rows - 1).astype(np.int64)
    nearest_column = np.clip(nearest_column, 0, columns - 1).astype(np.int64)
    above, before = np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)
    # Beyond the outermost posts their own height counts: up to half a step of it belongs to the tile.
    top, bottom = np.clip(above, 0, rows - 1), np.clip(above + 1, 0, rows - 1)
    left, right = np.clip(before, 0, columns - 1), np.clip(before + 1, 0, columns - 1)
    total, weights = np.zeros(row.shape), np.zeros(row.shape)
    for r, c, weight in (
        (top, left, (1 - down) * (1 - across)),
        (top, right, (1 - down) * across),
        (bottom, left, down * (1 - across)),
        (bottom, right, down * across),
    ):
        height = posts[r, c].astype(float)
        known = ~np.isnan(height)
        total += np.where(known, weight * height, 0.0)
        weights += np.where(known, weight, 0.0)
    usable = inside & ~np.isnan(posts[nearest_row, nearest_column]) & (weights > 0)
    result: Heights = np.divide(
        total, weights, out=np.full(row.shape, np.nan), where=usable
    ).astype(np.float32)
    return result
