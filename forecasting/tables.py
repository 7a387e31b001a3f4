"""Quick quantiles for back-tests: exact values on a grid, interpolated between.

The forecasts themselves use the exact quantiles of ``distribution``; a back-test needs millions and no such precision.
"""

from functools import lru_cache

import numpy as np
from scipy import special, stats

from forecasting.arrays import Array

_LOG_MEAN = np.linspace(np.log(1e-3), np.log(250.0), 180)
_LOG_DISPERSION = np.linspace(0.0, np.log(1e4), 72)
_LOG_SHAPE = np.linspace(np.log(1e-3), np.log(1e5), 240)
_PROBIT = np.linspace(-6.0, 6.0, 97)


@lru_cache(maxsize=64)
def _counting_table(probability: float) -> Array:
    """Negative binomial quantiles by logarithm of the mean and of variance over mean."""
    mean = np.exp(_LOG_MEAN)[:, None]
    ratio = np.exp(_LOG_DISPERSION)[None, 1:]
    counted = stats.nbinom.ppf(probability, mean / (ratio - 1.0), 1.0 / ratio)
    return np.hstack([stats.poisson.ppf(probability, mean), np.broadcast_to(counted, (len(mean), ratio.size))])


@lru_cache(maxsize=1)
def _gamma_table() -> Array:
    """Logarithm of the gamma quantile over its mean by logarithm of the shape and probit of the probability."""
    shape = np.exp(_LOG_SHAPE)[:, None]
    ratio = special.gammaincinv(shape, special.ndtr(_PROBIT)[None, :]) / shape
    return np.log(np.maximum(ratio, 1e-12))


def counted(mean: Array, variance: Array, probability: float) -> Array:
    """Quantile of the negative binomial in whole lots, between the steps of the grid a broken number."""
    few = np.clip(mean, 1e-3, 250.0)
    ratio = np.clip(variance / np.maximum(mean, 1e-12), 1.0, 1e4)
    exact = _bilinear(_counting_table(probability), _LOG_MEAN, np.log(few), _LOG_DISPERSION, np.log(ratio))
    return np.where(mean > 200.0, gamma(mean, variance, probability), exact)


def gamma(mean: Array, variance: Array, probability: "float | Array") -> Array:
    """Quantile of the gamma; zero where the mean or the probability is."""
    square = np.square(mean)
    # beyond a shape of 1e5 the table ends; without the second bound a vast mean of no variance would overflow
    shape = np.clip(square / np.maximum(np.maximum(variance, square * 1e-6), 1e-300), 1e-3, 1e5)
    chance = np.clip(np.broadcast_to(np.asarray(probability, dtype=np.float64), shape.shape), 0.0, 1.0)
    probit = np.clip(special.ndtri(chance), -6.0, 6.0)
    ratio = _bilinear(_gamma_table(), _LOG_SHAPE, np.log(shape), _PROBIT, probit)
    return np.where((mean > 0) & (chance > 0), mean * np.exp(ratio), 0.0)


def _bilinear(table: Array, rows: Array, row: Array, columns: Array, column: Array) -> Array:
    """Values between the nodes of a table with evenly spaced axes."""
    y = (row - rows[0]) / (rows[1] - rows[0])
    x = (column - columns[0]) / (columns[1] - columns[0])
    i = np.clip(y.astype(np.int64), 0, len(rows) - 2)
    j = np.clip(x.astype(np.int64), 0, len(columns) - 2)
    v, u = y - i, x - j
    flat = table.ravel()
    at = i * table.shape[1] + j
    below = flat[at] * (1 - u) + flat[at + 1] * u
    at += table.shape[1]
    return np.asarray(below * (1 - v) + (flat[at] * (1 - u) + flat[at + 1] * u) * v)
