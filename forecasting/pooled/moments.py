"""Mean, probability of any demand and variance of lead-time demand, learned across parts by non-negative regression."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from forecasting.arrays import Array
from forecasting.pooled.rows import Rows

RIDGE_ROWS = 40.0
"""Rows the default weights count for."""
ROUNDS = 3
LEAST_CHANCE, MOST_CHANCE = 1e-3, 1.0 - 1e-6


@dataclass(frozen=True, eq=False)
class Moments:
    """Weights of the features of ``Rows`` for mean, chance of any demand, and variance."""

    mean: Array
    chance: Array
    variance: Array

    def apply(self, rows: Rows) -> tuple[Array, Array, Array]:
        """Mean, probability of any demand and variance, in units of size, shape (rows,) each."""
        mean = np.maximum(weigh(rows.rates, self.mean), 1e-9)
        chance = np.clip(weigh(rows.chances, self.chance), LEAST_CHANCE, MOST_CHANCE)
        variance = weigh(_variance_features(rows, mean), self.variance)
        lot = np.where(rows.lot > 0, rows.lot / rows.size, 0.0)
        return mean, chance, np.maximum(variance, np.maximum(mean * np.minimum(lot, 1.0), 1e-9))


def fit_moments(rows: Rows, actual: Array) -> Moments:
    """Learn the weights from what followed.

    :param actual: lead-time demand of each row, in units of its size.
    """
    mean = _fit_mean(rows, actual)
    expected = np.maximum(weigh(rows.rates, mean), 1e-9)
    start = np.full(rows.chances.shape[1], 1.0 / rows.chances.shape[1])
    chance = ridge_nnls(rows.chances, (actual > 0).astype(np.float64), np.ones(len(actual)), start)
    return Moments(mean, chance, _fit_variance(rows, actual, expected))


def _fit_mean(rows: Rows, actual: Array) -> Array:
    """Weights of the rates; each row counts by the inverse of its expected variance."""
    start = np.zeros(rows.rates.shape[1])
    start[[1, 2, 5, 6]] = 0.25
    weights = start
    for _ in range(ROUNDS - 1):
        guess = np.maximum(weigh(rows.rates, weights), 1e-6)
        weight = 1.0 / (guess * rows.dispersion + 0.1 * guess**2 + 0.25)
        weights = ridge_nnls(rows.rates, actual, weight, start)
    return weights


def _fit_variance(rows: Rows, actual: Array, mean: Array) -> Array:
    features = _variance_features(rows, mean)
    start = np.array([0.2, 0.1, 0.0, 0.2, 0.2, 0.3, 0.0])
    weights = start
    for _ in range(ROUNDS):
        guess = np.maximum(weigh(features, weights), 1e-6)
        residual = np.minimum(np.square(actual - mean), 25.0 * guess)
        weights = ridge_nnls(features, residual, 1.0 / np.square(guess + 0.05), start)
    return weights


def _variance_features(rows: Rows, mean: Array) -> Array:
    return np.column_stack([rows.variances, mean * rows.dispersion, np.square(mean)])


def weigh(features: Array, weights: Array) -> Array:
    """Weighted sum of the columns; without threaded matrix products, which a busy machine makes slow."""
    return np.asarray(np.einsum("ij,j->i", features, weights))


def ridge_nnls(features: Array, target: Array, weight: Array, start: Array) -> Array:
    """Non-negative least squares drawn to ``start``, which counts for ``RIDGE_ROWS`` average rows.

    C. L. Lawson, R. J. Hanson, Solving Least Squares Problems (1974), chapter 23.
    """
    gram = np.einsum("ij,ik,i->jk", features, features, weight)
    right = np.einsum("ij,i->j", features, weight * target)
    ridge = RIDGE_ROWS / max(len(target), 1) * np.maximum(np.diag(gram), 1e-9)
    gram[np.diag_indices_from(gram)] += ridge + 1e-9
    right += ridge * start
    lower = np.linalg.cholesky(gram)
    answer, _ = nnls(lower.T, np.linalg.solve(lower, right))
    return np.asarray(answer, dtype=np.float64)


def default_moments(rows: Rows) -> Moments:
    """Moments before anything is learned."""
    mean = np.zeros(rows.rates.shape[1])
    mean[[1, 2, 5, 6]] = 0.25
    chance = np.full(rows.chances.shape[1], 1.0 / rows.chances.shape[1])
    return Moments(mean, chance, np.array([0.2, 0.1, 0.0, 0.2, 0.2, 0.3, 0.0]))
