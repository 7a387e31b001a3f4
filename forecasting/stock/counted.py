"""Whole-number demand at any single level, in closed form: negative binomial, or Poisson where V ≤ m."""

import numpy as np
from scipy import special

from forecasting.arrays import Array, Flags
from forecasting.stock.levels import NEARLY_POISSON


def at_most(mean: Array, variance: Array, level: Array) -> Array:
    """Probability of a demand of so many pieces or fewer; all of one shape, level ≥ 0."""
    size, theta, batches = _size(mean, variance)
    return np.asarray(1 - np.where(batches, special.betainc(level + 1, size, theta), special.gammainc(level + 1, mean)))


def beyond(mean: Array, variance: Array, level: Array) -> Array:
    """Expected pieces asked for beyond a level, E[(D − S)⁺] = m·P(D* ≥ S) − S·P(D > S).

    D* is negative binomial of size k + 1 (Poisson: D itself), from n·p(n; k) = m·p(n − 1; k + 1).
    """
    size, theta, batches = _size(mean, variance)
    one = np.maximum(level, 1.0)
    reached = np.where(batches, special.betainc(one, size + 1, theta), special.gammainc(one, mean))
    over = np.where(batches, special.betainc(level + 1, size, theta), special.gammainc(level + 1, mean))
    return np.asarray(np.maximum(mean * np.where(level > 0, reached, 1.0) - level * over, 0.0))


def least(mean: Array, variance: Array, probability: "float | Array") -> Array:
    """Least level that demand does not exceed with this probability."""
    spread = np.maximum(variance, mean)
    wanted = np.broadcast_to(np.asarray(probability, dtype=np.float64), mean.shape)
    low, high = np.full(mean.shape, -1.0), np.ceil(mean + 4 * np.sqrt(spread) + 4)
    while (short := at_most(mean, spread, high) < wanted).any():
        high = np.where(short, high * 2, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = at_most(mean, spread, np.maximum(middle, 0.0)) >= wanted
        low, high = np.where(enough & (middle >= 0), low, middle), np.where(enough & (middle >= 0), middle, high)
    return np.asarray(np.maximum(high, 0.0))


def _size(mean: Array, variance: Array) -> tuple[Array, Array, Flags]:
    batches = variance > mean * (1 + NEARLY_POISSON)
    theta = np.where(batches, 1 - mean / np.maximum(variance, 1e-300), 0.5)
    size = np.where(batches & (mean > 0), mean * (1 - theta) / theta, 1.0)
    return np.asarray(size), np.asarray(theta), batches & (mean > 0)
