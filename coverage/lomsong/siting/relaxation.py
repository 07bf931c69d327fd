"""Bound from above what any choice of sites can reach, by prices on being served (Lagrangian relaxation).

A cluster may count as served only where a chosen option reaches it. The relaxation lets that go at a price for each
cluster: every option then earns the prices of whom it reaches, the best options within the limits are picked by
sorting, and the sum bounds every choice. Prices that bound most tightly are looked for by the volume algorithm
(Barahona and Anbil, Mathematical Programming 87, 2000), a fixed number of steps of two sparse products each; so the
time is bounded whatever the case. The mean of what is picked on the way comes near to the solution of the linear
relaxation, and shows where good choices lie.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from lomsong.siting.problem import Limits, Mask, Problem
from lomsong.space.crs import Floats
from lomsong.space.raster import Integers

FIRST_STEP: Final = 1.0
PATIENCE: Final = 20
"""Steps without a better bound before steps get shorter."""
SHORTER: Final = 0.66
FIRST_WEIGHT: Final = 0.1
"""Weight of what a step picks in the mean over all steps, at first."""
LAST_WEIGHT: Final = 0.005
WEIGHT_STEPS: Final = 100
WEIGHT_SHRINKS: Final = 0.7
HALVINGS: Final = 30
BETTER: Final = 1e-6
"""A bound is better where it is so by this share."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Relaxed:
    """What the relaxation tells."""

    bound: float
    """No choice reaches a higher value; with a target, none reaches it for less [VND]."""
    loss: Floats
    """By how much the bound is worse for choices that hold an option, per option."""
    share: Floats
    """How much of each option the relaxation builds, about."""
    prices: Floats
    """Price of each cluster, then of each option's standing on others: where a next search starts."""


def relaxed(
    problem: Problem,
    limits: Limits,
    *,
    known: float,
    steps: int,
    gap: float = 0.0,
    target: float | None = None,
    prices: Floats | None = None,
) -> Relaxed:
    """Return a bound on value within the limits, or with a target value on the cost of reaching it.

    Parameters
    ----------
    problem, limits
        Options and clusters, and the limits on sites and money.
    known
        Value, or with a target cost [VND], of a known choice.
    steps
        Steps of the search for prices.
    gap
        The search stops where the bound comes so near to what is known, as a share of it.
    target
        Value to be reached.
    prices
        Where to start.

    """
    relaxation = _Relaxation(problem, limits, target)
    aim = known if target is None else -known
    here = relaxation.first_prices(known) if prices is None else prices
    best, at = np.inf, here
    mean: Floats | None = None
    length, weight, stalled = FIRST_STEP, FIRST_WEIGHT, 0
    for step in range(1, steps + 1):
        found = relaxation.at(here)
        stalled = 0 if found.bound < best - BETTER * abs(best - aim) else stalled + 1
        if found.bound < best:
            best, at = found.bound, here
        mean = found.slope if mean is None else weight * found.slope + (1 - weight) * mean
        if best - aim <= gap * abs(aim):
            break
        if stalled >= PATIENCE:
            length, stalled = length * SHORTER, 0
        if step % WEIGHT_STEPS == 0:
            weight = max(weight * WEIGHT_SHRINKS, LAST_WEIGHT)
        free = relaxation.movable(at, mean)
        steepness = float(np.square(mean[free]).sum())
        if steepness == 0.0:
            break
        move = np.where(free, mean, 0.0) * (length * (best - aim) / steepness)
        here = relaxation.within(at - move)
    return relaxation.told(at)


@dataclass(frozen=True, eq=False)
class _Found:
    """The relaxation at some prices, in the sense of maximising."""

    bound: float
    slope: Floats
    """How the bound changes with each price."""
    picked: Floats
    loss: Floats


class _Relaxation:
    def __init__(self, problem: Problem, limits: Limits, target: float | None) -> None:
        self._problem, self._limits, self._target = problem, limits, target
        self._across = sparse.csr_array(problem.reach.T)
        self._needs = problem.needs if problem.needs is not None and problem.needs.nnz else None
        self._below = None if self._needs is None else sparse.csr_array(self._needs.T)
        self._places = _Places(problem.place)
        self._charge = 0.0
        self._share: Floats | None = None

    def first_prices(self, known: float) -> Floats:
        """Return prices to start from: half of each value, or the known cost shared out by value."""
        value = self._problem.value
        each = value / 2 if self._target is None else value * (known / self._target)
        extra = 0 if self._needs is None else len(self._problem.cost_vnd)
        return np.concatenate([each, np.zeros(extra)])

    def within(self, prices: Floats) -> Floats:
        """Return the nearest allowed prices."""
        prices = np.maximum(prices, 0.0)
        if self._target is None:
            count = len(self._problem.value)
            prices[:count] = np.minimum(prices[:count], self._problem.value)
        return prices

    def movable(self, prices: Floats, slope: Floats) -> Mask:
        """Return which prices may still move against the slope."""
        free = (prices > 0) | (slope < 0)
        if self._target is None:
            count = len(self._problem.value)
            free[:count] &= (prices[:count] < self._problem.value) | (slope[:count] > 0)
        return free

    def at(self, prices: Floats) -> _Found:
        """Return the bound at prices."""
        count = len(self._problem.value)
        price, standing = prices[:count], prices[count:]
        earned = self._problem.reach @ price
        if self._needs is not None and self._below is not None:
            standing = np.where(self._problem.dependent, standing, 0.0)
            earned = earned - standing + self._below @ standing
        if self._target is None:
            rest, served = float((self._problem.value - price).sum()), np.ones(count)
        else:
            earned = earned - self._problem.cost_vnd
            rest, served = _least(price, self._problem.value, self._target)
        value, picked, loss = self._picked(earned)
        slope = self._across @ picked - served
        if self._needs is not None:
            on = self._needs @ picked - picked
            slope = np.concatenate([slope, np.where(self._problem.dependent, on, 0.0)])
        weight = 1.0 if self._share is None else 2 * LAST_WEIGHT
        last = picked if self._share is None else self._share
        self._share = weight * picked + (1 - weight) * last
        return _Found(bound=rest + value, slope=slope, picked=picked, loss=loss)

    def told(self, prices: Floats) -> Relaxed:
        """Return what the relaxation tells at its best prices."""
        share = self._share
        found = self.at(prices)
        return Relaxed(
            bound=found.bound if self._target is None else -found.bound,
            loss=found.loss,
            share=found.picked if share is None else share,
            prices=prices,
        )

    def _picked(self, earned: Floats) -> tuple[float, Floats, Floats]:
        """Return the most that options within the limits earn, how much of each, and what holding one costs."""
        budget, cost = self._limits.budget_vnd, self._problem.cost_vnd
        most = self._limits.max_sites
        total, picked, loss = self._places.best(earned, most)
        if budget is None or float((cost * picked).sum()) <= budget:
            return total, picked, loss
        # The dual price of money, between one at which too much is spent and one at which it is not.
        low, high, more = 0.0, max(self._charge, 1e-300) * 2, picked
        while True:
            total, fewer, loss = self._places.best(earned - high * cost, most)
            if float((cost * fewer).sum()) <= budget:
                break
            low, more = high, fewer
            high = high * 4 if self._charge else float((earned[cost > 0] / cost[cost > 0]).max())
            self._charge = self._charge or high
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            sum_here, here, loss_here = self._places.best(earned - middle * cost, most)
            spent = float((cost * here).sum())
            if spent > budget:
                low, more = middle, here
            else:
                high, fewer, total, loss = middle, here, sum_here, loss_here
        self._charge = high
        over, under = float((cost * more).sum()), float((cost * fewer).sum())
        part = (budget - under) / (over - under)
        return total + high * budget, part * more + (1 - part) * fewer, loss


class _Places:
    """Options by their places; the best of a place stands for it."""

    def __init__(self, place: Integers) -> None:
        self._order = np.lexsort([np.arange(len(place)), place])
        _, self._start, self._of = np.unique(place, return_index=True, return_inverse=True)
        _, self._first = np.unique(place[self._order], return_index=True)
        self._single = len(self._first) == len(place)

    def best(self, earned: Floats, most: int | None) -> tuple[float, Floats, Floats]:
        """Return the most that so many places earn, which options those are, and what holding another costs."""
        if self._single:
            top = earned
            place_of = None
        else:
            top = np.maximum.reduceat(earned[self._order], self._first)
            place_of = self._of
        chosen, threshold = _top(top, most)
        if place_of is None:
            loss = np.where(chosen, 0.0, threshold - earned)
            return float(top[chosen].sum()), chosen.astype(float), np.maximum(loss, 0.0)
        is_best = earned == top[place_of]
        ranked = np.flatnonzero(is_best)
        first = ranked[np.unique(place_of[ranked], return_index=True)[1]]
        picked = np.zeros(len(earned))
        picked[first[chosen]] = 1.0
        loss = np.where(chosen, top, threshold)[place_of] - earned
        return float(top[chosen].sum()), picked, np.maximum(loss, 0.0)


def _top(earned: Floats, most: int | None) -> tuple[Mask, float]:
    """Return which earn most, none that loses, and what one more would have to earn to be among them."""
    gains = earned > 0
    if most is None or int(gains.sum()) <= most:
        return gains, 0.0
    if most == 0:
        return np.zeros(len(earned), bool), np.inf
    order = np.argsort(-earned, kind="stable")[:most]
    chosen = np.zeros(len(earned), bool)
    chosen[order] = True
    return chosen, float(earned[order[-1]])


def _least(price: Floats, value: Floats, target: float) -> tuple[float, Floats]:
    """Return the (negative of the) least sum of prices at which so much value is served, and the share of each cluster."""
    order = np.argsort(price / value, kind="stable")
    reached = np.cumsum(value[order])
    before = reached - value[order]
    served = np.empty(len(value))
    served[order] = np.clip((target - before) / value[order], 0.0, 1.0)
    return -float((price * served).sum()), served
