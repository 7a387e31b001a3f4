"""Whether the forecasts of a part keep erring to one side: Trigg's tracking signal, with a limit of its own.

Signal = smoothed error / smoothed absolute error, between −1 and 1. D. W. Trigg, Monitoring a forecasting system,
Operational Research Quarterly 15 (1964), 271-274. Trigg's fixed limits suppose steady errors of one size. Those of
spare parts are not: a part asked for once a year is forecast a little too high in eleven months of twelve. The limit
here is z times the deviation that Σ w·error has when the forecast is right, √Σ w²·max(error², promised variance), in
the same units; the promised variance is at least that of a Poisson demand.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Words

SMOOTHING = 0.2
SURE = 1.96
"""Deviations; 5 of 100 right forecasts raise an alarm."""
LEAST_MONTHS = 4
UPPER = 1.645
"""Deviations of a normal demand up to what 95 of 100 cases stay within."""


@dataclass(frozen=True, eq=False)
class Signals:
    """Trigg's signal of each part (NaN without errors), its limit, and ``low``, ``high`` or nothing, shape (parts,)."""

    signal: Array
    limit: Array
    alarm: Words


def track(actual: Array, expected: Array, upper: Array) -> Signals:
    """Return the signals of many parts.

    :param actual: demand that came, shape (months, parts), newest last, NaN = not known.
    :param expected: what had been expected; ``upper`` what 95 of 100 cases should have stayed within.
    """
    known = np.isfinite(actual) & np.isfinite(expected)
    error = np.where(known, actual - expected, 0.0)
    promised = np.square(np.maximum(np.nan_to_num(upper) - np.nan_to_num(expected), 0.0) / UPPER)
    variance = np.maximum(promised, np.maximum(np.nan_to_num(expected), 0.0))
    weight = known * (1.0 - SMOOTHING) ** np.arange(len(actual))[::-1, None]
    net, gross = (weight * error).sum(axis=0), (weight * np.abs(error)).sum(axis=0)
    spread = np.sqrt((np.square(weight) * np.maximum(np.square(error), variance) * known).sum(axis=0))
    some = gross > 0
    signal = np.where(some, net / np.where(some, gross, 1.0), np.where(known.any(axis=0), 0.0, np.nan))
    limit = np.where(some, SURE * spread / np.where(some, gross, 1.0), np.inf)
    sure = (np.abs(np.nan_to_num(signal)) > limit) & (known.sum(axis=0) >= LEAST_MONTHS)
    alarm = np.where(sure, np.where(signal > 0, "low", "high"), "").astype(np.dtype("U8"))
    return Signals(signal, limit, alarm)
