"""Days and periods: where each period of a fleet's calendar begins."""

from datetime import date

import numpy as np

from forecasting.arrays import Array, Integers
from forecasting.periods import Frequency


def first_day(frequency: Frequency, period: int) -> int:
    """Ordinal of the first day of a period, by its running number."""
    if frequency is Frequency.MONTH:
        return date(max(period // 12, 1), period % 12 + 1, 1).toordinal()
    return period * 7 + 1


def boundaries(frequency: Frequency, first: int, count: int) -> Array:
    """First days of ``count`` periods and of the one after them, shape (count + 1,)."""
    return np.array([first_day(frequency, first + step) for step in range(count + 1)], dtype=np.float64)


def period_of(frequency: Frequency, days: Array) -> Integers:
    """Running number of the period each day lies in; days must be finite."""
    whole = np.floor(days).astype(np.int64)
    if frequency is Frequency.WEEK:
        return np.asarray((whole - 1) // 7)
    # ordinal 1 is 0001-01-01; numpy counts from 1970-01-01, ordinal 719163
    months = (whole - 719_163).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months + 1970 * 12)
