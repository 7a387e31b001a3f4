"""Sharing strength between parts and groups: what little data say is drawn to what the others say.

R. DerSimonian, N. Laird, Meta-analysis in clinical trials, Controlled Clinical Trials 7 (1986); B. Efron, C. Morris,
Data analysis using Stein's estimator, Journal of the American Statistical Association 70 (1975).
"""

import numpy as np

from forecasting.arrays import Array, Integers


def spread(value: Array, information: Array, least: float, most: float) -> tuple[float, float]:
    """Weighted mean and true standard deviation of values known each with its information (1 / variance).

    :param least: bounds of the standard deviation returned, so that few values do not claim to agree or differ wildly.
    """
    known = np.isfinite(value) & (information > 0)
    x, w = value[known], information[known]
    if len(x) < 2:
        return (float(x[0]) if len(x) else np.nan), most
    mean = float(np.sum(w * x) / np.sum(w))
    excess = float(np.sum(w * np.square(x - mean))) - (len(x) - 1)
    scale = float(np.sum(w) - np.sum(w * w) / np.sum(w))
    deviation = float(np.clip(np.sqrt(max(excess, 0.0) / max(scale, 1e-12)), least, most))
    weight = 1.0 / (deviation**2 + 1.0 / w)
    return float(np.sum(weight * x) / np.sum(weight)), deviation


def within(value: Array, information: Array, owner: Integers, least: float, most: float) -> float:
    """True standard deviation of values round the mean of their owner (groups of one part)."""
    known = np.isfinite(value) & (information > 0)
    x, w, of = value[known], information[known], owner[known]
    total = np.bincount(of, w)
    mean = np.bincount(of, w * x) / np.maximum(total, 1e-300)
    freedom = len(x) - int((total > 0).sum())
    if freedom < 1:
        return float(np.sqrt(least * most))
    excess = float(np.sum(w * np.square(x - mean[of]))) - freedom
    scale = float(np.sum(w) - np.sum(np.bincount(of, w * w) / np.maximum(total, 1e-300)))
    return float(np.clip(np.sqrt(max(excess, 0.0) / max(scale, 1e-12)), least, most))


def belief(
    value: Array, information: Array, owner: Integers, *, inside: float, between: float, mean: float
) -> tuple[Array, Array]:
    """What the other values of the same owner, and all owners, say of each value: mean and standard deviation.

    :param inside: deviation between values of one owner; ``between``: of owners round ``mean``.
    """
    known = np.isfinite(value) & (information > 0)
    weight = np.where(known, 1.0 / (inside**2 + 1.0 / np.where(known, information, 1.0)), 0.0)
    pulled = np.where(known, value, 0.0) * weight
    owners = int(owner.max()) + 1 if len(owner) else 0
    others = np.bincount(owner, weight, owners)[owner] - weight
    theirs = np.bincount(owner, pulled, owners)[owner] - pulled
    precision = np.maximum(others, 0.0) + 1.0 / between**2
    return (theirs + mean / between**2) / precision, np.sqrt(inside**2 + 1.0 / precision)


def total_by(owner: Integers, values: Array, count: int) -> Array:
    """Σ of values by owner, shape (count,)."""
    return np.bincount(owner, values, minlength=count).astype(np.float64)


def log_ratio(observed: Array, expected: Array, mean: "float | Array", deviation: "float | Array") -> Array:
    """ln of observed over expected counts, drawn to a mean: maximises O θ − E e^θ − (θ − mean)² / 2 deviation²."""
    precision = 1.0 / np.square(deviation)
    theta = np.log((observed + precision * np.exp(mean)) / (expected + precision))
    for _ in range(40):
        rate = expected * np.exp(theta)
        theta = theta + np.clip((observed - rate - (theta - mean) * precision) / (rate + precision), -1.0, 1.0)
    return np.asarray(theta)


def distinct(keys: Integers) -> Integers:
    """Each key once, ascending; by sorting, which is quicker on millions than hashing."""
    ordered = np.sort(keys)
    first = np.r_[True, ordered[1:] != ordered[:-1]] if len(ordered) else np.zeros(0, dtype=np.bool_)
    return ordered[first]
