"""Walk from choice to choice by lot, ever less willing to lose, compiled."""

import numpy as np
import numpy.typing as npt

from lomsong.space.compiled import compiled, inlined
from lomsong.space.crs import Floats
from lomsong.space.raster import Integers

OUT, IN = 0.15, 0.3
"""Below the first lot something goes without a successor, below the second it comes without leaving one (targets only)."""
NEARBY = 0.7
"""Share of exchanges with an option that reaches a cluster of the one that goes (assumption)."""
REVIEW = 512
"""Steps after which missing a target gets dearer, or cheaper where it is met."""
DEARER = 1.05


@inlined
def lot(state: npt.NDArray[np.uint64]) -> float:
    """Return the next lot below 1 (splitmix64: Steele, Lea and Flood, OOPSLA 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return float(np.float64(z >> np.uint64(11)) * 2.0**-53)


@inlined
def _lost(
    option: int, pointers: Integers, clusters: Integers, value: Floats, times: Integers
) -> float:
    """Take an option out of the counts of who is reached how often; return the value that is lost with it."""
    lost = 0.0
    for at in range(pointers[option], pointers[option + 1]):
        times[clusters[at]] -= 1
        if times[clusters[at]] == 0:
            lost += value[clusters[at]]
    return lost


@inlined
def _would_win(
    option: int, pointers: Integers, clusters: Integers, value: Floats, times: Integers
) -> float:
    """Return the value of those whom nobody but the option reaches."""
    won = 0.0
    for at in range(pointers[option], pointers[option + 1]):
        if times[clusters[at]] == 0:
            won += value[clusters[at]]
    return won


@inlined
def _counted(option: int, pointers: Integers, clusters: Integers, times: Integers) -> None:
    """Put an option into the counts of who is reached how often."""
    for at in range(pointers[option], pointers[option + 1]):
        times[clusters[at]] += 1


@inlined
def _drawn(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    old: int,
    pointers: Integers,
    clusters: Integers,
    across_pointers: Integers,
    options: Integers,
    state: npt.NDArray[np.uint64],
) -> int:
    """Draw an option that comes: mostly one that reaches a cluster of the one that goes."""
    if old >= 0 and lot(state) < NEARBY and pointers[old + 1] > pointers[old]:
        size = pointers[old + 1] - pointers[old]
        shared = clusters[pointers[old] + min(int(lot(state) * size), size - 1)]
        size = across_pointers[shared + 1] - across_pointers[shared]
        return int(options[across_pointers[shared] + min(int(lot(state) * size), size - 1)])
    n = len(pointers) - 1
    return min(int(lot(state) * n), n - 1)


@inlined
def _swap(  # noqa: PLR0917 -- numba takes no keyword-only arguments
    old: int,
    new: int,
    count: int,
    place: Integers,
    held: Integers,
    position: Integers,
    taken: Integers,
) -> int:
    """Let one option go and another come, as far as they are given (-1: none); return how many are held."""
    if old >= 0:
        taken[place[old]] -= 1
        count -= 1
        last = held[count]
        held[position[old]] = last
        position[last] = position[old]
        position[old] = -1
    if new >= 0:
        taken[place[new]] += 1
        held[count] = new
        position[new] = count
        count += 1
    return count


@compiled
def walked(  # noqa: C901, PLR0912, PLR0915, PLR0917 -- one loop over arrays; numba takes no keyword-only arguments
    pointers: Integers,
    clusters: Integers,
    across_pointers: Integers,
    options: Integers,
    value: Floats,
    cost: Floats,
    place: Integers,
    start: Integers,
    most: int,
    budget: float,
    target: float,
    by_cost: bool,  # noqa: FBT001 -- see above
    price: float,
    first_heat: float,
    last_heat: float,
    steps: int,
    state: npt.NDArray[np.uint64],
) -> npt.NDArray[np.bool_]:
    """Return the best choice on a walk within limits: of most value, or with a target of least cost that reaches it."""
    n = len(cost)
    times = np.zeros(len(value), np.int64)
    taken = np.zeros(place.max() + 1, np.int64)
    held = np.full(max(n, 1), -1, np.int64)
    position = np.full(n, -1, np.int64)
    count, reached, spent = 0, 0.0, 0.0
    for option in start:
        count = _swap(-1, option, count, place, held, position, taken)
        spent += cost[option]
        for at in range(pointers[option], pointers[option + 1]):
            if times[clusters[at]] == 0:
                reached += value[clusters[at]]
            times[clusters[at]] += 1
    best = position >= 0
    best_reached, best_spent = reached, spent
    heat = first_heat
    cooling = (last_heat / first_heat) ** (1.0 / max(steps, 1))
    for step in range(steps):
        heat *= cooling
        if by_cost and step % REVIEW == REVIEW - 1:
            price = price * DEARER if reached < target else price / DEARER
        kind = lot(state) if by_cost or budget < np.inf else 1.0
        old, new = -1, -1
        if count > 0 and not (IN > kind >= OUT):
            old = held[min(int(lot(state) * count), count - 1)]
        if kind >= OUT or not by_cost:
            new = _drawn(old, pointers, clusters, across_pointers, options, state)
            if position[new] >= 0:
                continue
            same_place = old >= 0 and place[old] == place[new]
            if taken[place[new]] > 0 and not same_place:
                continue
        more = (1 if new >= 0 else 0) - (1 if old >= 0 else 0)
        change = (cost[new] if new >= 0 else 0.0) - (cost[old] if old >= 0 else 0.0)
        if count + more > most or spent + change > budget:
            continue
        lost = _lost(old, pointers, clusters, value, times) if old >= 0 else 0.0
        won = _would_win(new, pointers, clusters, value, times) if new >= 0 else 0.0
        after = reached - lost + won
        if by_cost:
            worse = change + price * (max(target - after, 0.0) - max(target - reached, 0.0))
        else:
            worse = reached - after
        if worse > 0 and lot(state) >= np.exp(-worse / heat):
            if old >= 0:
                _counted(old, pointers, clusters, times)
            continue
        count = _swap(old, new, count, place, held, position, taken)
        if new >= 0:
            _counted(new, pointers, clusters, times)
        reached, spent = after, spent + change
        cheaper = reached >= target and spent < best_spent
        better = cheaper if by_cost else reached > best_reached
        if better:
            best = position >= 0
            best_reached, best_spent = reached, spent
    return best
