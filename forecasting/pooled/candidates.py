"""Candidate quantiles of lead-time demand, from which the stack makes its own."""

import numpy as np
from scipy import special

from forecasting import tables
from forecasting.arrays import Array
from forecasting.pooled.rows import Rows

NAMES = (
    "negative-binomial",
    "hurdle-gamma",
    "hurdle-log-normal",
    "plain-mean",
    "recent-mean",
    "ses",
    "sba",
    "mean",
    "deviation",
)
DEFAULTS = np.array([0.34, 0.26, 0.10, 0.12, 0.06, 0.04, 0.0, 0.04, 0.04])
"""Weights of the candidates before anything is learned."""


def candidates(rows: Rows, mean: Array, chance: Array, variance: Array, probability: float) -> Array:
    """Quantiles of all candidates in units of size, shape (rows, candidates)."""
    floor = np.maximum(variance, mean * 1e-3)
    plain = rows.plain
    return np.column_stack(
        [
            _lots(rows, mean, floor, probability),
            *_hurdles(mean, chance, floor, probability),
            _lots(rows, plain[:, 0], rows.plain_variance, probability),
            _lots(rows, plain[:, 1], rows.plain_variance, probability),
            _lots(rows, plain[:, 2], rows.plain_variance, probability),
            _lots(rows, plain[:, 4], rows.plain_variance, probability),
            mean,
            np.sqrt(floor),
        ]
    )


def _lots(rows: Rows, mean: Array, variance: Array, probability: float) -> Array:
    """Negative binomial in lots, gamma where demand is not whole."""
    unit = np.where(rows.lot > 0, rows.lot / rows.size, 1.0)
    whole = tables.counted(mean / unit, np.maximum(variance / unit**2, mean / unit), probability) * unit
    if (rows.lot > 0).all():
        return whole
    return np.where(rows.lot > 0, whole, tables.gamma(mean, variance, probability))


def _hurdles(mean: Array, chance: Array, variance: Array, probability: float) -> tuple[Array, Array]:
    """Nothing with probability 1 − π, else gamma or log-normal, with the given mean and variance over all.

    Where there is demand its mean is m/π and its second moment (V + m²)/π.
    """
    # with fewer windows of demand than the variance allows, the conditional variance would fall below zero
    least = mean**2 / (variance + mean**2)
    share = np.clip(np.maximum(chance, 1.02 * least), 1e-6, 1.0)
    inside = mean / share
    spread = np.maximum((variance + mean**2) / share - inside**2, 1e-4 * inside**2)
    rank = (probability - (1 - share)) / share
    hit = rank > 0
    bounded = np.clip(rank, 1e-6, 1 - 1e-9)
    gamma = np.where(hit, tables.gamma(inside, spread, bounded), 0.0)
    log_variance = np.log1p(spread / inside**2)
    normal = np.log(inside) - log_variance / 2 + np.sqrt(log_variance) * special.ndtri(bounded)
    return gamma, np.where(hit, np.exp(normal), 0.0)
