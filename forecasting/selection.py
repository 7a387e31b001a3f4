"""Which method for which part: a rolling-origin back-test on the pinball loss of lead-time demand.

A part's own dozen windows are too few to tell good luck from a good method, so its score leans on that of its class:
scoreₚₘ = (Σ own relative losses + k · mean relative loss of the class) / (windows + k).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting import tables
from forecasting.arrays import Array, Flags, Integers, Words
from forecasting.evaluate import cycle_service, pinball, weighted_quantile_loss

LEAN = 24.0
"""k: windows that the class counts for."""


@dataclass(frozen=True, eq=False)
class BackTest:
    """What one method would have said at past origins.

    :param mean: expected lead-time demand, shape (origins, parts).
    :param quantiles: shape (origins, parts, probabilities).
    :param eligible: parts the method may be chosen for, shape (parts,).
    """

    name: str
    mean: Array
    quantiles: Array
    eligible: Flags


@dataclass(frozen=True)
class Score:
    """One line of the table of methods, over all parts and origins of the back-test.

    :param wql: weighted quantile loss over the probabilities asked for.
    :param bias: total forecast over total demand, less one.
    :param service: share of windows covered by each quantile.
    """

    method: str
    wql: float
    bias: float
    service: tuple[float, ...]


def quick_quantiles(mean: Array, variance: Array, lot: Array, probabilities: Sequence[float]) -> Array:
    """Quantiles by table for back-tests; shape of ``mean`` and one more axis for the probabilities."""
    unit = np.where(lot > 0, lot, 1.0)
    floor = np.maximum(variance, mean * unit)
    columns = [
        np.where(
            lot > 0,
            np.rint(tables.counted(mean / unit, floor / unit**2, probability)) * unit,
            tables.gamma(mean, variance, probability),
        )
        for probability in probabilities
    ]
    return np.stack(columns, axis=-1)


def choose(actual: Array, tests: Sequence[BackTest], probabilities: Sequence[float], groups: Words) -> Integers:
    """Index of the method with the least leaning score for each part.

    :param actual: lead-time demand from each origin, shape (origins, parts); NaN = not known.
    :param groups: the class of each part; classes lend their scores to their parts.
    """
    known = ~np.isnan(actual)
    count = known.sum(axis=0)
    losses = np.stack([_losses(actual, test, probabilities) for test in tests])
    own = np.nansum(losses, axis=1)
    scale = own.mean(axis=0) / np.maximum(count, 1)
    relative = own / np.where(scale > 0, scale, 1.0)
    score = np.empty_like(relative)
    for group in np.unique(groups):
        members = groups == group
        windows = max(float(count[members].sum()), 1.0)
        lent = relative[:, members].sum(axis=1, keepdims=True) / windows
        score[:, members] = (relative[:, members] + LEAN * lent) / (count[members] + LEAN)
    eligible = np.stack([test.eligible for test in tests])
    return np.asarray(np.argmin(np.where(eligible, score, np.inf), axis=0), dtype=np.int64)


def table(actual: Array, tests: Sequence[BackTest], probabilities: Sequence[float]) -> tuple[Score, ...]:
    """Scores of all methods over all parts, best first; the all-zero forecast is among them whatever its place."""
    rows = []
    for test in tests:
        total = float(np.nansum(actual))
        gap = float(np.nansum(np.where(np.isnan(actual), 0.0, test.mean - actual)))
        service = tuple(cycle_service(actual, test.quantiles[..., column]) for column in range(len(probabilities)))
        wql = weighted_quantile_loss(actual, test.quantiles, probabilities)
        rows.append(Score(test.name, wql, gap / total if total > 0 else float("nan"), service))
    return tuple(sorted(rows, key=lambda row: (np.isnan(row.wql), row.wql)))


def _losses(actual: Array, test: BackTest, probabilities: Sequence[float]) -> Array:
    """Pinball loss summed over the probabilities, shape (origins, parts)."""
    losses = [pinball(actual, test.quantiles[..., column], tau) for column, tau in enumerate(probabilities)]
    return np.asarray(np.sum(losses, axis=0))
