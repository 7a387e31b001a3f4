"""Mean, probability of any demand and variance of lead-time demand, learned across parts by non-negative regression.

The weights of the mean are learned from all parts first, then by group, drawn to those of all: how fast a part forgets
differs most with how often it is demanded and how much of it.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import nnls

from forecasting.arrays import Array, Integers
from forecasting.pooled.rows import Rows

RIDGE_ROWS, GROUP_ROWS = 40.0, 3_000.0
"""Rows the default weights count for in the fit over all rows, and this fit in those of the groups."""
SMALL = 0.05
"""Share of a feature's own square that counts as its distance from the defaults."""
LEAST_ROWS = 150
ROUNDS = 3
LEAST_CHANCE, MOST_CHANCE = 1e-3, 1.0 - 1e-6
OCCURRENCE_CUTS = (0.12, 0.35, 0.7)
VOLUME_RANKS = (1 / 3, 0.8)
"""Shares of the rows below the volumes that part the groups."""
MEAN_POWER = 0.5
"""Power of its spread in pieces by which a row counts more in the fit of the mean."""
DEFAULT_RATES = (0.0, 0.25, 0.25, 0.0, 0.0, 0.25, 0.25)
"""Weights of the first features of the mean before anything is learned; the others have none."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Weights of the features of ``Rows`` for mean, chance of any demand, and variance.

    :param overall: weights of the rates for all rows, shape (features,); ``mean`` the same by group, shape
        (groups, features).
    :param volumes: expected pieces per lead time that part the groups.
    """

    overall: Array
    mean: Array
    volumes: Array
    chance: Array
    variance: Array

    def expected(self, rows: Rows) -> Array:
        """Mean in units of size, shape (rows,)."""
        first = np.maximum(weigh(rows.rates, self.overall), 1e-9)
        if len(self.mean) == 1:
            return first
        weights = self.mean[_groups(rows, first, self.volumes)]
        return np.maximum(weigh(rows.rates, weights), 1e-9)

    def apply(self, rows: Rows) -> tuple[Array, Array, Array]:
        """Mean, probability of any demand and variance, in units of size, shape (rows,) each."""
        mean = self.expected(rows)
        chance = np.clip(weigh(rows.chances, self.chance), LEAST_CHANCE, MOST_CHANCE)
        variance = weigh(_variance_features(rows, mean), self.variance)
        lot = np.where(rows.lot > 0, rows.lot / rows.size, 0.0)
        return mean, chance, np.maximum(variance, np.maximum(mean * np.minimum(lot, 1.0), 1e-9))


def fit_moments(rows: Rows, actual: Array) -> Moments:
    """Learn the weights from what followed.

    :param actual: lead-time demand of each row, in units of its size.
    """
    overall = _fit_mean(rows, actual)
    mean, volumes = _fit_groups(rows, actual, overall)
    start = np.full(rows.chances.shape[1], 1.0 / rows.chances.shape[1])
    chance = ridge_nnls(rows.chances, (actual > 0).astype(np.float64), np.ones(len(actual)), start)
    moments = Moments(overall, mean, volumes, chance, np.zeros(0))
    return replace(moments, variance=_fit_variance(rows, actual, moments.expected(rows)))


def emphasis(spread: Array, power: float) -> Array:
    """How much rows count beyond the inverse of their variance: those that move more pieces count more; mean 1."""
    log = np.log(np.maximum(spread, 1e-300))
    weight = np.clip(np.exp(power * (log - log.mean())), 0.05, 20.0)
    return np.asarray(weight / weight.mean())


def _row_weights(rows: Rows, mean: Array) -> Array:
    variance = mean * rows.dispersion + 0.1 * mean**2
    return rows.recency * emphasis(np.sqrt(variance) * rows.size, MEAN_POWER) / (variance + 0.25)


def _default_rates(rows: Rows) -> Array:
    return np.pad(np.array(DEFAULT_RATES), (0, rows.rates.shape[1] - len(DEFAULT_RATES)))


def _fit_mean(rows: Rows, actual: Array) -> Array:
    """Weights of the rates; each row counts by the inverse of its expected variance."""
    start = _default_rates(rows)
    weights = start
    for _ in range(ROUNDS - 1):
        guess = np.maximum(weigh(rows.rates, weights), 1e-6)
        weights = ridge_nnls(rows.rates, actual, _row_weights(rows, guess), start)
    return weights


def _fit_groups(rows: Rows, actual: Array, overall: Array) -> tuple[Array, Array]:
    """Weights of the rates by group, and the volumes that part the groups."""
    mean = np.maximum(weigh(rows.rates, overall), 1e-9)
    volumes = np.quantile(mean * rows.size, VOLUME_RANKS)
    group = _groups(rows, mean, volumes)
    weights = np.tile(overall, ((len(OCCURRENCE_CUTS) + 1) * (len(volumes) + 1), 1))
    weight = _row_weights(rows, mean)
    for number in range(len(weights)):
        mine = group == number
        if mine.sum() >= LEAST_ROWS:
            weights[number] = ridge_nnls(rows.rates[mine], actual[mine], weight[mine], overall, GROUP_ROWS)
    return weights, volumes


def _groups(rows: Rows, mean: Array, volumes: Array) -> Integers:
    """Group of each row by how often there is demand and by how many pieces are expected."""
    often = np.searchsorted(np.asarray(OCCURRENCE_CUTS), rows.occurrence)
    return np.asarray(often * (len(volumes) + 1) + np.searchsorted(volumes, mean * rows.size), dtype=np.int64)


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
    """Weighted sum of the columns, to the last digit the same whatever rows stand beside.

    Without threaded matrix products, which a busy machine makes slow.

    :param weights: of all rows, shape (features,), or of each row, shape (rows, features).
    """
    total = features[:, 0] * weights[..., 0]
    for column in range(1, features.shape[1]):
        total = total + features[:, column] * weights[..., column]
    return np.asarray(total)


def ridge_nnls(features: Array, target: Array, weight: Array, start: Array, ridge: float = RIDGE_ROWS) -> Array:
    """Non-negative least squares drawn to ``start``, which counts for ``ridge`` average rows.

    A weight is drawn as strongly as its feature differs from what ``start`` makes of all: where features nearly agree,
    as averages of fast movers do, little is learned about each and little may be held against it.
    C. L. Lawson, R. J. Hanson, Solving Least Squares Problems (1974), chapter 23.
    """
    gram = np.einsum("ij,ik,i->jk", features, features, weight)
    right = np.einsum("ij,i->j", features, weight * target)
    pull = ridge / max(len(target), 1) * distances(features.T, start, weight)
    gram[np.diag_indices_from(gram)] += pull + 1e-9 * (1.0 + np.trace(gram))
    right += pull * start
    lower = np.linalg.cholesky(gram)
    answer, _ = nnls(lower.T, np.linalg.solve(lower, right))
    return np.asarray(answer, dtype=np.float64)


def distances(columns: Array, start: Array, weight: "Array | float" = 1.0) -> Array:
    """Sum of squares by which each column differs from the mixture ``start``, and a little of its own square.

    :param columns: shape (columns, rows).
    """
    middle = np.einsum("ji,j->i", columns, start) / max(float(start.sum()), 1e-9)
    own = (np.square(columns) * weight).sum(axis=1)
    return np.asarray((np.square(columns - middle) * weight).sum(axis=1) + SMALL * own + 1e-9)


def default_moments(rows: Rows) -> Moments:
    """Moments before anything is learned."""
    mean = _default_rates(rows)
    chance = np.full(rows.chances.shape[1], 1.0 / rows.chances.shape[1])
    return Moments(mean, mean[None, :], np.zeros(0), chance, np.array([0.2, 0.1, 0.0, 0.2, 0.2, 0.3, 0.0]))
