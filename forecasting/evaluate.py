"""How good a forecast was, in the figures a planner uses.

Spare-parts demand is mostly zeros: absolute errors reward forecasting nothing, so no absolute error is offered alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array


def pinball(actual: Array, quantile: Array, probability: float) -> Array:
    """Pinball loss (τ − 1{y < q})(y − q) of each pair; missing actuals give NaN.

    R. Koenker, G. Bassett, Regression quantiles, Econometrica 46 (1978).
    """
    error = actual - quantile
    return np.asarray(np.where(error >= 0, probability, probability - 1.0) * error)


def weighted_quantile_loss(actual: Array, quantiles: Array, probabilities: Sequence[float]) -> float:
    """wQL: 2 Σ pinball / Σ demand, averaged over the probabilities; missing actuals are left out.

    :param actual: any shape.
    :param quantiles: that shape and one more axis for the probabilities.
    :returns: NaN when there was no demand.
    """
    total = float(np.nansum(actual))
    if total <= 0:
        return float("nan")
    losses = [
        2.0 * float(np.nansum(pinball(actual, quantiles[..., column], probability))) / total
        for column, probability in enumerate(probabilities)
    ]
    return float(np.mean(losses))


def cycle_service(actual: Array, quantile: Array) -> float:
    """Share of windows whose demand did not exceed the quantile; missing actuals are left out."""
    known = ~np.isnan(actual)
    return float((actual[known] <= quantile[known]).mean()) if known.any() else float("nan")


def rmse(actual: Array, mean: Array) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.nanmean(np.square(mean - actual))))


def bias(actual: Array, mean: Array) -> float:
    """Total forecast over total demand, less one; missing actuals are left out."""
    known = ~np.isnan(actual)
    total = float(actual[known].sum())
    return float(mean[known].sum()) / total - 1.0 if total > 0 else float("nan")


@dataclass(frozen=True)
class ScaledError:
    """MASE of a forecast beside that of forecasting nothing, without which the figure misleads."""

    forecast: float
    all_zero: float


def scaled_error(history: Array, actual: Array, mean: Array) -> ScaledError:
    """Mean absolute error over that of the one-step naive forecast in the history, averaged over parts.

    R. J. Hyndman, A. B. Koehler, Another look at measures of forecast accuracy, International Journal of Forecasting 22
    (2006). Parts whose history never changes have no scale and are left out.

    :param history: shape (parts, periods).
    :param actual: shape (parts, horizon), as ``mean``.
    """
    steps = np.abs(np.diff(history, axis=1))
    count = (~np.isnan(steps)).sum(axis=1)
    scale = np.nansum(steps, axis=1) / np.maximum(count, 1)
    usable = (scale > 0) & (~np.isnan(actual)).any(axis=1)
    if not usable.any():
        return ScaledError(float("nan"), float("nan"))
    errors = [np.nanmean(np.abs(actual[usable] - guess), axis=1) / scale[usable] for guess in (mean[usable], 0.0)]
    return ScaledError(float(errors[0].mean()), float(errors[1].mean()))


def pit_distance(values: Array, bins: int = 10) -> float:
    """How far randomised PIT values are from uniform: the largest gap between a bin's share and 1/bins."""
    counts, _ = np.histogram(values, bins=bins, range=(0.0, 1.0))
    return float(np.abs(counts / max(len(values), 1) - 1.0 / bins).max())
