"""Raise mountains and cut valleys: a landscape where rock rises as fast as rivers cut."""

from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from lomsong.demo.paths import grid_graph, spread
from lomsong.demo.world import METRES_PER_DEGREE, Chance, Flags, Floats, Ints, Plane, World

CONCAVITY = 0.42
"""Slope falls with drained area to this power, as rivers in steady state do."""
STEEPEST = 0.62
"""Hillsides stand no steeper than soil holds: this cuts the law of rivers for small areas."""
ROUNDS = 12
STEPS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True)
class Land:
    """Terrain on a grid; row 0 is the north edge, a cell stands for its middle."""

    plane: Plane
    west: float
    """Longitude of the west edge [deg]."""
    north: float
    step: float
    """Cell size [deg]."""
    height_m: Floats
    drained_cells: Floats
    forest: Floats
    """0 open, 1 closed forest."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height_m.shape[0], self.height_m.shape[1]

    @property
    def cell_m(self) -> tuple[float, float]:
        """Height and width of a cell [m]."""
        return self.step * METRES_PER_DEGREE, self.step * self.plane.metres_per_lon

    @property
    def slope(self) -> Floats:
        """Rise over run."""
        dy, dx = self.cell_m
        rise_y, rise_x = np.gradient(self.height_m, dy, dx)
        return np.asarray(np.hypot(rise_x, rise_y))

    def fractional(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Row and column of places in local metres; a cell's middle has whole numbers."""
        lon, lat = self.plane.to_lonlat(x, y)
        return (self.north - lat) / self.step - 0.5, (lon - self.west) / self.step - 0.5

    def cell_of(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """Row and column of the cell that holds each place, held inside the grid."""
        row, column = self.fractional(np.asarray(x, float), np.asarray(y, float))
        rows, columns = self.shape
        return (
            np.clip(np.rint(row), 0, rows - 1).astype(np.int64),
            np.clip(np.rint(column), 0, columns - 1).astype(np.int64),
        )

    def middle_of(self, cells: Ints) -> tuple[Floats, Floats]:
        """Local metres of the middles of cells, given by their flat index."""
        row, column = np.divmod(cells, self.shape[1])
        lon = self.west + (column + 0.5) * self.step
        lat = self.north - (row + 0.5) * self.step
        return (
            (lon - self.plane.lon) * self.plane.metres_per_lon,
            (lat - self.plane.lat) * METRES_PER_DEGREE,
        )

    def sample(self, field: Floats, x: Floats, y: Floats) -> Floats:
        """Read a field of this grid between its cells' middles."""
        row, column = self.fractional(np.asarray(x, float), np.asarray(y, float))
        return bilinear(field, row, column)


def bilinear(field: Floats, row: Floats, column: Floats) -> Floats:
    """Read a field at fractional rows and columns; the edge goes on outside."""
    rows, columns = field.shape
    row = np.clip(row, 0, rows - 1.000001)
    column = np.clip(column, 0, columns - 1.000001)
    top, left = row.astype(np.int32), column.astype(np.int32)
    down, right = row - top, column - left
    flat = field.ravel()
    at = top * columns + left
    upper = flat[at] * (1 - right) + flat[at + 1] * right
    at = at + columns
    lower = flat[at] * (1 - right) + flat[at + 1] * right
    return np.asarray(upper * (1 - down) + lower * down)


def fractal(
    chance: np.random.Generator, shape: tuple[int, int], *, slope: float, cut: float = 0.0
) -> Floats:
    """Return a random field of mean 0 and spread 1 whose power falls with frequency.

    Parameters
    ----------
    chance
        Where the field comes from.
    shape
        Rows and columns.
    slope
        Amplitude falls as frequency to this power.
    cut
        Waves longer than `cut` cells lose power, if it is given: the field's correlation length.
    """
    rows, columns = (fft.next_fast_len(size) for size in shape)
    white = fft.rfft2(chance.standard_normal((rows, columns)))
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None, :])
    floor = 1.0 / (2 * np.pi * cut) if cut else 1.0 / max(shape)
    amplitude = (floor**2 + frequency**2) ** (-slope / 2)
    amplitude[0, 0] = 0.0
    field = fft.irfft2(white * amplitude, s=(rows, columns))[: shape[0], : shape[1]]
    return np.asarray((field - field.mean()) / field.std())


def raise_land(world: World, chance: Chance) -> Land:
    """Make the terrain of a world, in whole metres, so that later arithmetic is the same everywhere."""
    plane = Plane(world.lon, world.lat)
    step = world.cell_arcsec / 3600
    rows = round(world.size_m / METRES_PER_DEGREE / step)
    columns = round(world.size_m / plane.metres_per_lon / step)
    west = round((world.lon - columns * step / 2) / step) * step
    north = round((world.lat + rows * step / 2) / step) * step
    cell_m = step * METRES_PER_DEGREE
    height, drained = _steady_rivers(world, chance.stream("land"), (rows, columns))
    height = np.rint(_fill_plains(height, drained, cell_m=cell_m, plain_m=world.plain_m))
    patches = fractal(chance.stream("forest"), (rows, columns), slope=1.4)
    above = height - ndimage.minimum_filter(height, size=15)
    forest = np.clip(0.35 + 0.35 * patches + above / 260, 0, 1)
    return Land(plane, west, north, step, height, drained, np.round(forest, 3))


def _steady_rivers(
    world: World, chance: np.random.Generator, shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Let rivers and uplift balance: slope = steepness / drained area ** concavity, from the sea up.

    Notes
    -----
    Heights are the sum of these slopes along the way each cell drains; drainage follows the steepest fall over
    the new heights; some rounds of the two settle. Every cell but the outlets has a lower neighbour at any time,
    so there are no pits to fill.
    """
    hardness = np.exp(0.5 * fractal(chance, shape, slope=1.5))
    outlet = _outlets(shape, chance)
    thicket = np.exp(1.1 * fractal(chance, shape, slope=1.15))
    first, _, _ = spread(grid_graph(hardness * thicket), np.flatnonzero(outlet))
    height = first.reshape(shape)
    drained = np.ones(shape)
    for _ in range(ROUNDS):
        receiver, run = _receivers(height, outlet)
        order = _levels(receiver)
        drained = _accumulate(receiver, order).reshape(shape)
        steepness = np.minimum(drained**-CONCAVITY, STEEPEST) * hardness
        height = _integrate(steepness * run.reshape(shape), receiver, order).reshape(shape)
    height = ndimage.gaussian_filter(height, 0.9)
    height *= (world.relief_m / np.quantile(height, 0.998)) if height.max() > 0 else 1
    return world.base_m + height, drained


def _outlets(shape: tuple[int, int], chance: np.random.Generator) -> Flags:
    """Let rivers leave the square at a few places of its edge only, mostly in the south."""
    rows, columns = shape
    outlet = np.zeros(shape, bool)
    outlet[-1, int(columns * chance.uniform(0.52, 0.68))] = True
    outlet[-1, int(columns * chance.uniform(0.12, 0.25))] = True
    outlet[int(rows * chance.uniform(0.2, 0.4)), -1] = True
    outlet[int(rows * chance.uniform(0.3, 0.6)), 0] = True
    outlet[0, int(columns * chance.uniform(0.3, 0.6))] = True
    return outlet


def _receivers(height: Floats, outlet: Flags) -> tuple[Ints, Floats]:
    """Find for each cell the neighbour of steepest fall (itself at outlets) and the distance to it [cells]."""
    rows, columns = height.shape
    padded = np.pad(height, 1, constant_values=np.inf)
    steepest = np.zeros(height.shape)
    receiver = np.arange(height.size).reshape(height.shape)
    run = np.ones(height.shape)
    here = receiver.copy()
    for down, right in STEPS:
        length = float(np.hypot(down, right))
        neighbour = padded[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
        fall = (height - neighbour) / length
        better = fall > steepest
        steepest = np.where(better, fall, steepest)
        receiver = np.where(better, here + down * columns + right, receiver)
        run = np.where(better, length, run)
    receiver = np.where(outlet, here, receiver)
    return receiver.ravel(), run.ravel()


def _levels(receiver: Ints) -> list[Ints]:
    """Group cells by their number of steps to the outlet, nearest first."""
    depth = (receiver != np.arange(receiver.size)).astype(np.int64)
    jump = receiver
    while True:
        further = depth[jump]
        if not further.any():
            break
        depth = depth + further
        jump = jump[jump]
    order = np.argsort(depth, kind="stable")
    ends = np.cumsum(np.bincount(depth))
    return np.split(order, ends[:-1])


def _accumulate(receiver: Ints, levels: list[Ints]) -> Floats:
    """Count the cells that drain through each cell, itself included."""
    drained = np.ones(receiver.size)
    for cells in reversed(levels[1:]):
        np.add.at(drained, receiver[cells], drained[cells])
    return drained


def _integrate(fall: Floats, receiver: Ints, levels: list[Ints]) -> Floats:
    height = np.zeros(receiver.size)
    rise = fall.ravel()
    for cells in levels[1:]:
        height[cells] = height[receiver[cells]] + rise[cells]
    return height


def _fill_plains(height: Floats, drained: Floats, *, cell_m: float, plain_m: float) -> Floats:
    """Lay flat ground along rivers, the wider the larger the river."""
    largest = float(drained.max())
    filled = height.copy()
    for share, width in ((0.004, 0.35), (0.02, 0.6), (0.12, 1.0)):
        river = drained > share * largest
        distance, nearest = ndimage.distance_transform_edt(~river, return_indices=True)
        level = height[nearest[0], nearest[1]]
        half = plain_m * width
        weight = np.clip(1.6 - distance * cell_m / half, 0, 1)
        plain = level + 0.012 * distance * cell_m
        filled = np.where(plain < filled, filled + weight * (plain - filled), filled)
    return np.asarray(ndimage.gaussian_filter(filled, 0.6))
