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
    and the variance with the least sum is taken, of several the geometric middle; where all quantiles are 0 they say
    nothing of the spread and it is Poisson.

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
    result[some] = asked * np.where(level.any(axis=1), ratio, 1.0)
    return result


def requests(mean: Array, variance: Array) -> Array:
    """Return how often a part is asked for, when a batch asked for together counts once.

    Demand that is negative binomial comes as a Poisson stream of batches of logarithmic size; their number is
    −m (1 − θ)/θ · ln(1 − θ) with θ = 1 − m/V. Litres of oil and pumps can be counted together so.

    :param mean: pieces, shape (parts,). ``variance``: of the same time.
    """
    theta = np.where(variance > mean * 1.0001, 1 - mean / np.maximum(variance, 1e-300), 0.0)
    some = np.where(theta > 0, theta, 0.5)
    return np.asarray(np.where(theta > 0, -mean * (1 - some) / some * np.log1p(-some), mean))
