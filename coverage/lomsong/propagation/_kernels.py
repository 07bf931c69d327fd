"""Trace rays over terrain: the compiled inner loops of the sweeps.

Every cell has one ray that passes nearest to its centre (`rays.Face`); the ray's terrain samples serve all cells on it.

In the flattened-earth frame, z = height - distance² / (2 effective radius), radio rays are straight lines. Lengths are
in metres here, wherever the Recommendation counts in km. Section numbers are those of ITU-R P.1812-8.

All that is compiled is one module: numba compiles a kept function anew when its own file has changed, not when one that it calls has.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from lomsong.propagation.diffraction import NO_LOSS_BELOW_NU
from lomsong.propagation.geometry import SPEED_OF_LIGHT_M_GHZ
from lomsong.propagation.rays import Face, Link
from lomsong.space.compiled import compiled
from lomsong.space.crs import Floats

Flags = npt.NDArray[np.bool_]

BLOCK: Final = 16
REQUIRED_CLEARANCE: Final = 17.456
HALF_CELL: Final = 0.5
HIGH_ANTENNA: Final = 2
NEAR_TERM: Final = 1.6


# One array holds a ray's samples: plain, in blocks, and as upper hull in the flattened-earth frame. Arrays of
# their own would cost a quarter of the speed, for each call passes the description of each.
D: Final = 0
"""Distance of a sample from the site."""
TOWARD: Final = 1
"""Slope from the transmitting antenna to it."""
BLOCK_TOWARD: Final = 2
"""Highest of these slopes in a block of samples."""
HULL_D: Final = 3
HULL_Z: Final = 4
HULL_SLOPE: Final = 5
"""Slope of the hull's edge that arrives at a vertex."""
RAY_ROWS: Final = 6


@compiled
def bullington_db(nu: float, length: float) -> float:
    """Return the loss over the equivalent edge (section 4.3.1)."""
    if nu <= NO_LOSS_BELOW_NU:
        return 0.0
    shifted = nu - 0.1
    edge = 6.9 + 20 * math.log10(math.sqrt(shifted * shifted + 1) + shifted)
    return edge + (1 - math.exp(-edge / 6)) * (10 + 2e-5 * length)


@compiled
def hidden_nu(length: float, from_tx: float, from_rx: float, direct: float, link: Link) -> float:
    """Return the diffraction parameter of the point where the horizon lines of both terminals meet."""
    slopes = from_tx + from_rx
    # A sample that grazes the direct line makes both horizon lines one; its parameter is 0 wherever they meet.
    edge = (direct + from_rx) * length / slopes if slopes > 0 else length / 2
    return (from_tx - direct) * math.sqrt(2 * length * edge / (link.wavelength * (length - edge)))


@compiled
def visible_nu(ray: Floats, count: int, length: float, direct: float, link: Link) -> float:
    """Return the largest diffraction parameter of a path in sight, or -infinity where it costs nothing.

    nu² = 2 length / wavelength · (direct - toward)² · d / (length - d). A block whose highest slope and first distance
    cannot reach the best so far is passed over whole, which changes no result.
    """
    limit = NO_LOSS_BELOW_NU * NO_LOSS_BELOW_NU * link.wavelength / (2 * length)
    best = limit
    for block in range((count - 1) // BLOCK, -1, -1):
        first = block * BLOCK
        gap = direct - ray[BLOCK_TOWARD, block]
        if gap * gap * ray[D, first] >= best * (length - ray[D, first]):
            continue
        for i in range(first, min(first + BLOCK, count)):
            gap = direct - ray[TOWARD, i]
            reach = gap * gap * ray[D, i]
            if reach < best * (length - ray[D, i]):
                best = reach / (length - ray[D, i])
    if best == limit:
        return -math.inf
    return -math.sqrt(best * 2 * length / link.wavelength)


@compiled
def height_gain_db(height: float, floor: float) -> float:
    """Return the gain of an antenna at a normalised height (section 4.3.3)."""
    if height > HIGH_ANTENNA:
        gain = 17.6 * math.sqrt(height - 1.1) - 5 * math.log10(height - 1.1) - 8
    else:
        gain = 20 * math.log10(height + 0.1 * height**3)
    return max(gain, floor)


@compiled
def first_term_db(length: float, tx: float, rx: float, radius: float, link: Link) -> float:
    """Return the first term of the residue series over land, vertical polarization (section 4.3.3)."""
    shrink = (1e-3 * radius) ** (-1 / 3)
    k = link.admittance * shrink
    k2 = k * k
    beta = (1 + 1.6 * k2 + 0.67 * k2 * k2) / (1 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88e-3 * beta * link.cubic_ghz * shrink * shrink * length
    if x >= NEAR_TERM:
        distance: float = 11 + 10 * math.log10(x) - 17.6 * x
    else:
        distance = -20 * math.log10(x) - 5.6488 * x**1.425
    per_metre: float = 0.9575 * beta * beta * link.cubic_ghz * link.cubic_ghz * shrink
    floor = 2 + 20 * math.log10(k)
    return -distance - height_gain_db(per_metre * tx, floor) - height_gain_db(per_metre * rx, floor)


@compiled
def spherical_earth_db(length: float, tx: float, rx: float, link: Link) -> float:
    """Return the loss around a smooth Earth between two heights above it (section 4.3.2)."""
    radius = link.earth_radius
    if length >= math.sqrt(2 * radius) * (math.sqrt(tx) + math.sqrt(rx)):
        return first_term_db(length, tx, rx, radius, link)
    asymmetry = (tx - rx) / (tx + rx)
    curvature = length * length / (4 * radius * (tx + rx))
    third = math.acos(1.5 * asymmetry * math.sqrt(3 * curvature / (curvature + 1) ** 3)) / 3
    offset = 2 * math.sqrt((curvature + 1) / (3 * curvature)) * math.cos(math.pi / 3 + third)
    near = length / 2 * (1 + offset)
    far = length - near
    clearance = (tx - near * near / (2 * radius)) * far + (rx - far * far / (2 * radius)) * near
    clearance /= length
    # The Recommendation's factor takes km under the root.
    required = REQUIRED_CLEARANCE * math.sqrt(1e-3 * near * far * link.wavelength / length)
    if clearance > required:
        return 0.0
    grazing_radius = 0.5 * (length / (math.sqrt(tx) + math.sqrt(rx))) ** 2
    first = first_term_db(length, tx, rx, grazing_radius, link)
    return max(first, 0.0) * (1 - clearance / required)


@compiled
def smooth_bullington_db(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    ray: Floats, count: int, length: float, tx: float, rx: float, link: Link
) -> float:
    """Return the Bullington loss over the smooth Earth, seen at the samples of the real profile.

    Slopes to the smooth Earth rise up to the horizon and fall behind it, so that the steepest sample is next to it.
    """
    flat = 1 / (2 * link.earth_radius)
    rx_z = rx - length * length * flat
    direct = (rx_z - tx) / length
    horizon = math.sqrt(tx / flat)
    low, high = around(ray, count, horizon)
    from_tx = -min(ray[D, low] * flat + tx / ray[D, low], ray[D, high] * flat + tx / ray[D, high])
    if from_tx >= direct:
        low, high = around(ray, count, length - math.sqrt(rx / flat))
        from_rx = max(
            (-(ray[D, low] ** 2) * flat - rx_z) / (length - ray[D, low]),
            (-(ray[D, high] ** 2) * flat - rx_z) / (length - ray[D, high]),
        )
        return bullington_db(hidden_nu(length, from_tx, from_rx, direct, link), length)
    limit = NO_LOSS_BELOW_NU * NO_LOSS_BELOW_NU * link.wavelength / (2 * length)
    best = limit
    for block in range((count - 1) // BLOCK, -1, -1):
        first = block * BLOCK
        last = min(first + BLOCK, count)
        steepest = min(max(horizon, ray[D, first]), ray[D, last - 1])
        gap = direct + steepest * flat + tx / steepest
        if gap * gap * ray[D, first] >= best * (length - ray[D, first]):
            continue
        for i in range(first, last):
            d = ray[D, i]
            gap = direct + d * flat + tx / d
            reach = gap * gap * d
            if reach < best * (length - d):
                best = reach / (length - d)
    if best == limit:
        return 0.0
    return bullington_db(-math.sqrt(best * 2 * length / link.wavelength), length)


@compiled
def around(ray: Floats, count: int, distance: float) -> tuple[int, int]:
    """Return the samples next to a distance on either side."""
    if count == 1:
        return 0, 0
    step = ray[D, 1] - ray[D, 0]
    low = min(max(math.floor((distance - ray[D, 0]) / step), 0), count - 1)
    return low, min(low + 1, count - 1)


@compiled
def bulge_excess_db(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    ray: Floats,
    count: int,
    top: int,
    length: float,
    height: float,
    steepest_raw: float,
    tx_fitted: float,
    rx_fitted: float,
    link: Link,
) -> float:
    """Return what the Earth's bulge costs beyond the edges of the profile (section 4.3.4).

    Obstructions are measured without the bulge. Whatever stands out on the plain terrain stands out on the flattened
    Earth too, so that only vertices of the hull come into question.
    """
    tx, rx = link.site_ground + link.mast, height + link.rx
    flat = 1 / (2 * link.earth_radius)
    direct = (rx - tx) / length
    if steepest_raw > direct:
        highest, from_rx = 0.0, 0.0
        for v in range(top + 1):
            d = ray[HULL_D, v]
            excess = ray[HULL_Z, v] + d * d * flat - tx - direct * d
            highest = max(highest, excess)
            from_rx = max(from_rx, excess / (length - d))
        from_tx = steepest_raw - direct
        tx_fitted -= highest * from_tx / (from_tx + from_rx)
        rx_fitted -= highest * from_rx / (from_tx + from_rx)
    tx_above, rx_above = tx - min(tx_fitted, link.site_ground), rx - min(rx_fitted, height)
    if smooth_earth_is_clear(length, tx_above, rx_above, link):
        return 0.0
    spherical = spherical_earth_db(length, tx_above, rx_above, link)
    if spherical <= 0:
        return 0.0
    smooth = smooth_bullington_db(ray, count, length, tx_above, rx_above, link)
    return max(spherical - smooth, 0.0)


@compiled
def smooth_earth_is_clear(length: float, tx: float, rx: float, link: Link) -> bool:
    """Tell cheaply whether the spherical Earth surely costs nothing between two heights above it.

    With u the place on the path from 0 to 1, the smooth Earth leaves a clearance of at least
    2 sqrt(tx rx) sqrt(u(1-u)) - length² / (2 ae) u(1-u), and section 4.3.2 asks for 17.456 sqrt(d λ) sqrt(u(1-u)).
    Where the former suffices for every u, nothing is lost; greater heights leave more.
    """
    needed = length * length / (4 * link.earth_radius)
    needed += REQUIRED_CLEARANCE * math.sqrt(1e-3 * length * link.wavelength)
    return 4 * tx * rx >= needed * needed


@compiled
def diffraction_db(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    ray: Floats,
    count: int,
    top: int,
    length: float,
    height: float,
    steepest: float,
    steepest_raw: float,
    area: float,
    moment: float,
    link: Link,
) -> float:
    """Return the delta-Bullington loss at a receiver behind `count` samples (section 4.3)."""
    flat = 1 / (2 * link.earth_radius)
    tx, rx_z = link.site_ground + link.mast, height + link.rx - length * length * flat
    direct = (rx_z - tx) / length
    if steepest >= direct:
        v = top
        # Going back along the hull, the edges steepen; the tangent from the receiver ends where they outdo it.
        while v > 0 and rx_z - ray[HULL_Z, v] > ray[HULL_SLOPE, v] * (length - ray[HULL_D, v]):
            v -= 1
        from_rx = (ray[HULL_Z, v] - rx_z) / (length - ray[HULL_D, v])
        nu = hidden_nu(length, steepest, from_rx, direct, link)
    else:
        nu = visible_nu(ray, count, length, direct, link)
    loss = bullington_db(nu, length)

    tx_fitted = (2 * area * length - moment) / (length * length)
    rx_fitted = (moment - area * length) / (length * length)
    tx_above = tx - min(tx_fitted, link.site_ground)
    rx_above = height + link.rx - min(rx_fitted, height)
    # Obstructions only raise both heights, so that a clear smooth Earth stays clear.
    if not smooth_earth_is_clear(length, tx_above, rx_above, link):
        loss += bulge_excess_db(
            ray, count, top, length, height, steepest_raw, tx_fitted, rx_fitted, link
        )
    return loss


@compiled
def sample(ground: npt.NDArray[np.float32], face: Face, major: int, minor: float) -> float:
    """Return the height on a grid line; half a cell beyond the outermost centres takes their height."""
    minors = ground.shape[0] if face.along_columns else ground.shape[1]
    low: int = min(max(math.floor(minor), 0), minors - 1)
    weight = minor - low
    near = ground[low, major] if face.along_columns else ground[major, low]
    # A void with no weight must not blank a sample that stands exactly on a known centre.
    if weight <= 0 or low == minors - 1:
        return float(near)
    far = ground[low + 1, major] if face.along_columns else ground[major, low + 1]
    return float(near) + weight * (float(far) - float(near))


@compiled
def owned_length(face: Face, ray: int, x: float, cell: int) -> float:
    """Return the length to a cell's centre [m] where this ray is the nearest to it, else a negative number."""
    y = cell - face.minor
    # Cheaper than the division below, and true of every ray but the nearest two.
    if abs(y * face.rays - ray * x) > x:
        return -1.0
    nearest = math.floor(y / x * face.rays + 0.5)
    # Cells on the diagonals belong to the faces along rows, so that each cell is written once.
    mine = abs(y) < x if face.along_columns else abs(y) <= x
    if nearest != ray or not mine:
        return -1.0
    return math.sqrt((x * face.major_m) ** 2 + (y * face.minor_m) ** 2)


@compiled
def push(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    ray: Floats, count: int, top: int, length: float, z: float, toward: float
) -> int:
    """Add a sample and return the new top of the hull."""
    ray[D, count], ray[TOWARD, count] = length, toward
    block = count // BLOCK
    begins = count % BLOCK == 0
    ray[BLOCK_TOWARD, block] = toward if begins else max(ray[BLOCK_TOWARD, block], toward)
    while top > 0 and z - ray[HULL_Z, top] >= ray[HULL_SLOPE, top] * (length - ray[HULL_D, top]):
        top -= 1
    if top >= 0:
        ray[HULL_SLOPE, top + 1] = (z - ray[HULL_Z, top]) / (length - ray[HULL_D, top])
    ray[HULL_D, top + 1], ray[HULL_Z, top + 1] = length, z
    return top + 1


@compiled
def far_as(face: Face, wanted: Flags) -> Floats:
    """Return for each ray how far along the major axis it has to be followed to reach all wanted cells that are its own.

    -1 where none is. Rays count from the steepest descent, -`face.rays`.
    """
    far = np.full(2 * face.rays + 1, -1.0)
    rows, columns = wanted.shape
    for row in range(rows):
        for column in range(columns):
            if not wanted[row, column]:
                continue
            major, cell = (column, row) if face.along_columns else (row, column)
            x = (major - face.major) * face.sign
            if x < HALF_CELL:
                continue
            nearest = math.floor((cell - face.minor) / x * face.rays + 0.5)
            if abs(nearest) <= face.rays and owned_length(face, nearest, x, cell) > 0:
                far[nearest + face.rays] = max(far[nearest + face.rays], x)
    return far


@compiled
def trace_ray(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    ground: npt.NDArray[np.float32],
    wanted: Flags,
    out: npt.NDArray[np.float32],
    face: Face,
    number: int,
    far: float,
    ray: Floats,
    link: Link,
) -> None:
    """Follow one ray as far as is wanted, or to the radius, the edge or the first void, and write the wanted cells that are its own."""
    rows, columns = ground.shape
    majors, minors = (columns, rows) if face.along_columns else (rows, columns)
    slope = number / face.rays
    step = math.sqrt(face.major_m**2 + (slope * face.minor_m) ** 2)
    tx, flat = link.site_ground + link.mast, 1 / (2 * link.earth_radius)
    free_space = 32.4 + 20 * math.log10(SPEED_OF_LIGHT_M_GHZ / link.wavelength)
    steepest, steepest_raw, area, moment = -math.inf, -math.inf, 0.0, 0.0
    last_length, last_height = 0.0, link.site_ground
    count, top = 0, -1
    major = math.ceil(face.major + 0.5) if face.sign > 0 else math.floor(face.major - 0.5)
    while 0 <= major < majors:
        x = (major - face.major) * face.sign
        minor = face.minor + slope * x
        length = x * step
        if (
            x > far
            or length > face.radius_m + face.minor_m
            or minor < -HALF_CELL
            or minor > minors - HALF_CELL
        ):
            break
        height = sample(ground, face, major, minor)
        if math.isnan(height):
            break
        span = length - last_length
        area += span * (height + last_height)
        moment += span * (
            height * (2 * length + last_length) + last_height * (length + 2 * last_length)
        )
        cell = min(math.floor(minor + 0.5), minors - 1)
        asked = wanted[cell, major] if face.along_columns else wanted[major, cell]
        direct_length = owned_length(face, number, x, cell) if asked else -1.0
        if 0 < direct_length <= face.radius_m:
            if link.sight_only:
                rx_z = height + link.rx - length * length * flat
                value = 1.0 if steepest < (rx_z - tx) / length else 0.0
            else:
                rise = height + link.rx - tx
                value = free_space + 10 * math.log10(direct_length * direct_length + rise * rise)
                if count:
                    value += diffraction_db(
                        ray, count, top, length, height, steepest, steepest_raw, area, moment, link
                    )
            if face.along_columns:
                out[cell, major] = value
            else:
                out[major, cell] = value
        z = height - length * length * flat
        toward = (z - tx) / length
        steepest = max(steepest, toward)
        steepest_raw = max(steepest_raw, toward + length * flat)
        if not link.sight_only:
            top = push(ray, count, top, length, z, toward)
            count += 1
        last_length, last_height = length, height
        major += face.sign


@compiled
def trace(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    ground: npt.NDArray[np.float32],
    wanted: Flags,
    out: npt.NDArray[np.float32],
    face: Face,
    first: int,
    last: int,
    far: Floats,
    link: Link,
) -> None:
    """Follow the rays from `first` up to but not including `last`, each `far`, and write the wanted cells."""
    room = (ground.shape[1] if face.along_columns else ground.shape[0]) + 2
    ray = np.empty((RAY_ROWS, room))
    for number in range(first, last):
        if far[number + face.rays] > 0:
            trace_ray(ground, wanted, out, face, number, far[number + face.rays], ray, link)
