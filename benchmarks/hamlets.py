"""Make many hamlet-like polygons that tile a region, and samples upon them, from a seed."""

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi

Floats = npt.NDArray[np.float64]

WEST_DEGREES, SOUTH_DEGREES = 102.0, 8.5
HAMLET_DEGREES = 0.0175
DOUBLINGS = 4
ROUGHNESS = 0.12
SHARE_ANYWHERE = 0.2


def hamlets(count: int, *, seed: int = 1) -> npt.NDArray[np.object_]:
    """Return about `count` polygons of some 98 vertices that share crooked edges without gaps.

    Voronoi cells of a jittered lattice; each shared edge is halved four times, every new vertex moved sideways
    by a part of the length it halves.
    """
    rng = np.random.default_rng(seed)
    columns = int(np.sqrt(count / 2.1)) + 3
    rows = int(np.ceil(count / (columns - 2))) + 2
    lattice = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    sites = (lattice + rng.uniform(-0.35, 0.35, lattice.shape)) * HAMLET_DEGREES
    sites += (WEST_DEGREES, SOUTH_DEGREES)
    diagram = Voronoi(sites)
    ends = np.asarray(diagram.ridge_vertices)
    bounded = (ends >= 0).all(axis=1)
    lines = _crooked(diagram.vertices[ends[bounded]], rng)
    inner = ((lattice > 0) & (lattice < (columns - 1, rows - 1))).all(axis=1)
    return _rings(lines, diagram.ridge_points[bounded], sites, inner)[:count]


def samples(count: int, *, seed: int = 2, extent: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of `count` samples in order of arrival: short drives anywhere.

    A drive has 200 samples some 30 m apart; one sample in five lies anywhere in the extent instead.
    """
    rng = np.random.default_rng(seed)
    west, south, east, north = extent
    length = 200
    drives = -(-count // length)
    heading = rng.uniform(0, 2 * np.pi, drives)[:, None] + rng.normal(
        0, 0.1, (drives, length)
    ).cumsum(1)
    x = rng.uniform(west, east, drives)[:, None] + (3e-4 * np.cos(heading)).cumsum(1)
    y = rng.uniform(south, north, drives)[:, None] + (3e-4 * np.sin(heading)).cumsum(1)
    x, y = x.ravel()[:count], y.ravel()[:count]
    anywhere = rng.random(count) < SHARE_ANYWHERE
    x[anywhere] = rng.uniform(west, east, anywhere.sum())
    y[anywhere] = rng.uniform(south, north, anywhere.sum())
    return x, y


def _crooked(ends: Floats, rng: np.random.Generator) -> Floats:
    line = ends
    for _ in range(DOUBLINGS):
        step = np.diff(line, axis=1)
        aside = np.stack([-step[..., 1], step[..., 0]], axis=-1)
        offset = rng.uniform(-ROUGHNESS, ROUGHNESS, (*step.shape[:2], 1))
        middle = line[:, :-1] + step / 2 + aside * offset
        finer = np.empty((len(line), line.shape[1] * 2 - 1, 2))
        finer[:, ::2], finer[:, 1::2] = line, middle
        line = finer
    return line


def _rings(
    lines: Floats, sides: npt.NDArray[np.int32], sites: Floats, wanted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    """Chain the lines around each wanted site, counter-clockwise, into polygons."""
    owner = np.concatenate([sides[:, 0], sides[:, 1]])
    line = np.tile(np.arange(len(lines)), 2)
    keep = wanted[owner]
    owner, line = owner[keep], line[keep]
    start, end = lines[line, 0] - sites[owner], lines[line, -1] - sites[owner]
    backward = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0] < 0
    middle = start + end
    order = np.lexsort((np.arctan2(middle[:, 1], middle[:, 0]), owner))
    points = lines[line]
    points[backward] = points[backward, ::-1]
    points = points[order][:, :-1]
    ring = np.repeat(np.unique(owner[order], return_inverse=True)[1], points.shape[1])
    return shapely.polygons(shapely.linearrings(points.reshape(-1, 2), indices=ring))
