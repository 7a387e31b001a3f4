"""What each level of stock gives: expected backorders and the share of pieces served at once, for many parts together.

Demand comes in batches as a compound Poisson process whose lead-time demand is negative binomial (size k = m²/(V − m),
θ = 1 − m/V), Poisson where V ≤ m, and gamma where the mean is so large that counting no longer matters. An order of Q
is placed when the position (on hand + on order − owed) falls to the reorder point r, so that the position is uniform
on r + 1 … r + Q and both measures are means over it.

Fill rate: a piece waits when the demand of its lead time has used up the position before it, hence
β(S) = 1 − ∂EBO(S)/∂m at constant V/m. For the negative binomial ∂p(n)/∂k = p(n)·(ψ(k + n) − ψ(k) + ln(1 − θ)), which
gives β(S) = −(k/m) Σ_{x<S} Σ_{n≤x} ∂p(n)/∂k exactly; for Poisson it is the ready rate P(D ≤ S − 1).
S. Axsäter, Inventory Control (2015), chapter 5; C. C. Sherbrooke, Optimal Inventory Modeling of Systems (2004),
chapter 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from forecasting.arrays import Array, Integers

TAIL = 1e-5
"""Share of demand beyond which more stock is not considered."""
WIDEST = 1024
"""Levels counted one by one; parts that need more are taken by the gamma on a grid."""
MANY = 500.0
"""Mean above which the chance of no demand is too small to count from."""
GRID = 256
"""Levels of such a part."""
CELLS = 1_000_000
"""Numbers held at once in a table."""
NEARLY_POISSON = 1e-4


@dataclass(frozen=True, eq=False)
class Levels:
    """What some parts can be kept at. The first level is 0: not kept, ordered when asked for.

    :param rows: which parts, shape (rows,).
    :param stock: order-up-to level r + Q in pieces, ascending, shape (rows, levels).
    :param backorders: expected pieces owed at any moment, same shape.
    :param fill_rate: share of pieces served at once, same shape.
    :param counted: piece by piece; False = on a grid, by the gamma.
    """

    rows: Integers
    stock: Array
    backorders: Array
    fill_rate: Array
    counted: bool


def highest(mean: Array, variance: Array) -> Array:
    """Level beyond which less than a hundred-thousandth of the demand would wait, from a gamma with a batch added.

    :param mean: of lead-time demand, pieces, shape (parts,).
    :param variance: at least the mean, pieces squared.
    """
    some = np.maximum(mean, 1e-12)
    return np.asarray(np.ceil(special.gammaincinv(np.square(some) / variance + 1, 1 - TAIL) * variance / some) + 3)


def tables(mean: Array, variance: Array, quantity: Array) -> Iterator[Levels]:
    """Levels of all parts with demand, parts of like size together.

    :param mean: of lead-time demand in pieces, finite, ≥ 0, shape (parts,).
    :param variance: of lead-time demand; below the mean it is taken as the mean (Poisson).
    :param quantity: order quantity Q in whole pieces, ≥ 1.
    """
    some = np.flatnonzero(mean > 0)
    spread = np.maximum(variance, mean)
    top = np.zeros(len(mean))
    top[some] = highest(mean[some], spread[some])
    few = (top <= WIDEST) & (mean <= MANY)
    counted = some[few[some]]
    for width in (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, WIDEST):
        fits = counted[top[counted] <= width]
        counted = counted[top[counted] > width]
        for rows in _split(fits, width):
            yield _counting(rows, mean[rows], spread[rows], quantity[rows], width)
    for rows in _split(some[~few[some]], GRID * 8):
        yield _smooth(rows, mean[rows], spread[rows], quantity[rows], top[rows])


def _split(rows: Integers, width: int) -> Iterator[Integers]:
    size = max(CELLS // width, 1)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def probabilities(mean: Array, variance: Array, width: int) -> Array:
    """Probability of a demand of 0 … width − 1, shape (parts, width); negative binomial, or Poisson where V ≤ m.

    By the recursion p(n + 1) = p(n)·(a + b·n)/(n + 1) (H. H. Panjer, ASTIN Bulletin 12, 1981).
    """
    theta = np.where(variance > mean * (1 + NEARLY_POISSON), 1 - mean / np.maximum(variance, 1e-300), 0.0)
    size = np.where(theta > 0, mean * (1 - theta) / np.maximum(theta, 1e-300), 0.0)
    first = np.exp(np.where(theta > 0, size * np.log1p(-theta), -mean))
    a, b = np.where(theta > 0, size * theta, mean), theta
    result = np.empty((width, len(mean)))
    result[0] = first
    for number in range(width - 1):
        result[number + 1] = result[number] * (a + b * number) / (number + 1)
    return result.T


def backorders_and_fill(mean: Array, variance: Array, width: int) -> tuple[Array, Array]:
    """Expected backorders and fill rate with base stock 0 … width − 1 (an order for each piece), shape (parts, width).

    :param mean: of lead-time demand, > 0, shape (parts,).
    """
    chance = probabilities(mean, variance, width)
    below = np.cumsum(chance, axis=1)
    waiting = np.empty_like(chance)
    waiting[:, 0] = mean
    waiting[:, 1:] = mean[:, None] - np.cumsum(1 - below[:, :-1], axis=1)
    return np.maximum(waiting, 0.0), fill_rates(mean, variance, chance)


def fill_rates(mean: Array, variance: Array, chance: Array) -> Array:
    """Share of pieces served at once with base stock 0 … width − 1 when all spread comes from batches.

    :param chance: ``probabilities`` of the same mean and variance, shape (parts, width).
    """
    fill = np.zeros_like(chance)
    fill[:, 1:] = np.cumsum(chance, axis=1)[:, :-1]
    batches = np.flatnonzero(variance > mean * (1 + NEARLY_POISSON))
    if len(batches):
        theta = 1 - mean[batches] / variance[batches]
        size = mean[batches] * (1 - theta) / theta
        width = chance.shape[1]
        harmonic = np.zeros((len(batches), width))
        np.cumsum(1 / (size[:, None] + np.arange(width - 1)), axis=1, out=harmonic[:, 1:])
        slope = chance[batches] * (harmonic + np.log1p(-theta)[:, None])
        twice = np.cumsum(np.cumsum(slope, axis=1), axis=1)
        fill[batches, 1:] = -(size / mean[batches])[:, None] * twice[:, :-1]
    return np.clip(np.maximum.accumulate(fill, axis=1), 0.0, 1.0)


def _counting(rows: Integers, mean: Array, variance: Array, quantity: Array, width: int) -> Levels:
    """Levels counted one by one: 0, then r + Q for r = 0 … width − 1, each a mean over positions r + 1 … r + Q."""
    waiting, fill = backorders_and_fill(mean, variance, width + 1)
    if (quantity > 1).any():
        waiting, fill = (_window(values, quantity, beyond) for values, beyond in ((waiting, 0.0), (fill, 1.0)))
    stock = np.empty_like(waiting)
    stock[:, 0] = 0
    stock[:, 1:] = quantity[:, None] + np.arange(width)
    return Levels(rows, stock, waiting, fill, counted=True)


def _window(values: Array, quantity: Array, beyond: float) -> Array:
    """Means over positions r + 1 … r + Q for r = 0 …; past the last position the value is ``beyond``."""
    last = values.shape[1] - 1
    total = np.cumsum(values, axis=1)
    end = quantity[:, None].astype(np.int64) + np.arange(last)
    reached = np.take_along_axis(total, np.minimum(end, last), axis=1) + beyond * np.maximum(end - last, 0)
    result = values.copy()
    result[:, 1:] = (reached - total[:, :-1]) / quantity[:, None]
    return result


def _smooth(rows: Integers, mean: Array, variance: Array, quantity: Array, top: Array) -> Levels:
    """Levels on a grid of whole pieces, by the gamma."""
    low = np.maximum(np.floor(mean - 5 * np.sqrt(variance)), 0.0)
    point = np.rint(low[:, None] + np.maximum((top - low) / (GRID - 1), 1.0)[:, None] * np.arange(GRID))
    lot = quantity[:, None]
    shape, scale = (np.square(mean) / variance)[:, None], (variance / mean)[:, None]
    step = np.minimum(0.02 * np.sqrt(shape), 0.5 * shape)

    def owed(form: Array) -> Array:
        return (_second_loss(form, scale, point) - _second_loss(form, scale, point + lot)) / lot

    waiting = np.maximum(owed(shape), 0.0)
    fill = 1 - (owed(shape + step) - owed(shape - step)) / (2 * step * scale)
    nothing = np.zeros((len(rows), 1))
    return Levels(
        rows,
        np.hstack([nothing, point + lot]),
        np.hstack([mean[:, None], waiting]),
        np.hstack([nothing, np.clip(np.maximum.accumulate(fill, axis=1), 0.0, 1.0)]),
        counted=False,
    )


def _second_loss(shape: Array, scale: Array, level: Array) -> Array:
    """½ E[((D − S)⁺)²] of a gamma: the integral of its expected backorders from S on."""
    at = level / scale
    mean = shape * scale
    square = mean * (shape + 1) * scale * special.gammaincc(shape + 2, at)
    return np.asarray(
        0.5 * (square - 2 * level * mean * special.gammaincc(shape + 1, at))
        + 0.5 * level * level * special.gammaincc(shape, at)
    )
