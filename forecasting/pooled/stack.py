"""Weights that make one quantile of several candidates: non-negative quantile regression drawn to default weights."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from forecasting.arrays import Array, Integers
from forecasting.pooled.moments import distances

GLOBAL_ROWS, CLASS_ROWS = 200.0, 600.0
"""Rows the defaults count for in the fit over all parts, and this fit in those of the classes."""
SMOOTHING = 0.05
LEAST_ROWS = 150
MOST_ROWS = 10_000
"""Rows a regression is worked out on; of more, every second, third … is taken."""


def fit_stack(
    features: Array, target: Array, scale: Array, groups: Integers, probability: float, start: Array
) -> Array:
    """Weights per group, shape (groups, candidates), that lower the pinball loss Σ ρ(y − Cw)/scale.

    :param features: candidates C, shape (rows, candidates).
    :param groups: group number 0 … of each row; small groups keep the weights of all.
    """
    rows, wanted = features / scale[:, None], target / scale
    everywhere = quantile_regression(rows, wanted, probability, start, GLOBAL_ROWS)
    count = int(groups.max(initial=0)) + 1
    weights = np.tile(everywhere, (count, 1))
    for group in range(count):
        mine = groups == group
        if mine.sum() >= LEAST_ROWS and not mine.all():
            weights[group] = quantile_regression(rows[mine], wanted[mine], probability, everywhere, CLASS_ROWS)
    return weights


def quantile_regression(rows: Array, target: Array, probability: float, start: Array, ridge: float) -> Array:
    """Non-negative weights of least smoothed pinball loss + ridge · Σ aⱼ (w − start)², aⱼ how far the candidate is from
    what ``start`` makes of all, squared.

    The corner of the loss is rounded within ``SMOOTHING`` of zero, which makes it a smooth convex problem. The sums
    avoid threaded matrix products, which on small matrices and busy machines cost far more than they save.
    """
    thin = -(-len(target) // MOST_ROWS)
    columns, wanted = np.ascontiguousarray(rows[::thin].T), target[::thin]
    importance = distances(columns, start) / len(wanted)
    # the curvature of the expected loss is the density at the quantile: small in the tail
    pull = ridge / thin * 2.0 * probability * (1 - probability) * importance

    def loss(weights: Array) -> tuple[float, Array]:
        error = wanted - np.einsum("ji,j->i", columns, weights)
        bend = np.clip(error / SMOOTHING, -1.0, 1.0)
        slope = probability - 0.5 + 0.5 * bend
        value = (probability - 0.5) * error + 0.5 * np.where(
            np.abs(error) < SMOOTHING, error * bend / 2 + SMOOTHING / 2, np.abs(error)
        )
        off = weights - start
        return float(value.sum() + pull @ np.square(off)), 2 * pull * off - np.einsum("ji,i->j", columns, slope)

    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * len(start),
        options={"maxiter": 60, "ftol": 1e-7},
    )
    return np.asarray(found.x, dtype=np.float64)


def groups_of(occurrence: Array, mean: Array, cuts: Sequence[float], middle: float) -> Integers:
    """Group of each row: how often there is demand, and whether its mean lies above the middle."""
    often = np.searchsorted(np.asarray(cuts), occurrence)
    return np.asarray(often * 2 + (mean > middle), dtype=np.int64)
