"""Distributions round a point forecast, as planners put them: for rivals that forecast a mean only."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from forecasting.arrays import Array
from forecasting.selection import quick_quantiles

SHAPES = ("normal", "negative binomial")


def around(mean: Array, variance: Array, lot: Array, probabilities: Sequence[float]) -> dict[str, Array]:
    """Quantiles round a mean by shape of the distribution, (parts, probabilities) each.

    The normal one is cut off at nothing; the negative binomial is in lots, a gamma where the lot is 0.
    """
    probits = special.ndtri(np.asarray(probabilities, dtype=np.float64))
    normal = np.maximum(mean[:, None] + np.sqrt(variance)[:, None] * probits, 0.0)
    return dict(zip(SHAPES, (normal, quick_quantiles(mean, variance, lot, probabilities)), strict=True))


def known_variance(demand: Array) -> Array:
    """Variance of the known periods of each part, shape (parts,); 0 where fewer than two are known.

    :param demand: shape (parts, periods), NaN = missing.
    """
    known = ~np.isnan(demand)
    count = known.sum(axis=1)
    mean = np.where(known, demand, 0.0).sum(axis=1) / np.maximum(count, 1)
    squares = np.square(np.where(known, demand - mean[:, None], 0.0)).sum(axis=1)
    return np.asarray(np.where(count > 1, squares / np.maximum(count - 1, 1), 0.0))
