"""How widely lead-time demand spreads, from the quantiles that a forecast line keeps."""

from collections.abc import Sequence

import numpy as np

from forecasting.arrays import Array
from forecasting.stock import counted

RATIOS = np.concatenate([[1.0], np.geomspace(1.1, 100.0, 24)])
"""Variance per mean that is tried."""


def variance_of(mean: Array, quantiles: Array, probabilities: Sequence[float]) -> Array:
    """Return the variance of the negative binomial (Poisson at least) that agrees best with the quantiles.

    A level q is the quantile at p when F(q − 1) < p ≤ F(q); what is lacking to that is summed over all probabilities,
    and the variance with the least sum is taken, of several the geometric middle.

    :param mean: pieces in the lead time, shape (parts,).
    :param quantiles: shape (parts, probabilities), of the same demand.
    """
    result = mean.copy()
    some = np.flatnonzero(mean > 0)
    if not len(some):
        return result
    level, asked = np.ceil(quantiles[some] - 1e-9), mean[some]
    lacking = np.zeros((len(some), len(RATIOS)))
    for column, ratio in enumerate(RATIOS):
        for place, probability in enumerate(probabilities):
            at = level[:, place]
            upper = counted.at_most(asked, asked * ratio, np.maximum(at, 0.0))
            lower = np.where(at >= 1, counted.at_most(asked, asked * ratio, np.maximum(at - 1, 0.0)), 0.0)
            lacking[:, column] += np.maximum(probability - upper, 0.0) + np.maximum(lower - probability, 0.0)
    good = lacking <= lacking.min(axis=1, keepdims=True) + 1e-9
    ratio = np.exp((np.log(RATIOS) * good).sum(axis=1) / good.sum(axis=1))
    result[some] = asked * ratio
    return result
