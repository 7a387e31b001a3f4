"""Load of the workshop: repairs and hours by period, from the same forecast as the parts."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array
from forecasting.errors import ForecastError
from forecasting.installed_base.results import CausalForecast


@dataclass(frozen=True, eq=False)
class Workload:
    """Repairs and hours expected.

    :param repairs: unplanned repairs, shape (periods,).
    :param planned: planned replacements, shape (periods,).
    :param hours: working hours of both, shape (periods,).
    :param hours_deviation: standard deviation of the hours, shape (periods,).
    :param by_part: working hours by part, shape (parts, periods); sums to ``hours``.
    """

    repairs: Array
    planned: Array
    hours: Array
    hours_deviation: Array
    by_part: Array


def workload(forecast: CausalForecast, repair_hours: Array, planned_hours: Array | None = None) -> Workload:
    """Workshop load from the forecast of parts.

    Every replacement is one repair. Planned replacements of machines that retire before are left out; what the
    correction adds or takes away counts as repairs. Parts are taken to fail independently.

    :param repair_hours: standard hours of one unplanned replacement of each part, shape (parts,); NaN = 0.
    :param planned_hours: of one planned replacement; default the same.
    :raises ForecastError: for a wrong number of parts or negative hours.
    """
    parts = len(forecast.part_ids)
    unplanned = _hours(repair_hours, parts)
    by_plan = unplanned if planned_hours is None else _hours(planned_hours, parts)
    planned = np.minimum(forecast.planned, forecast.mean)
    repairs = forecast.mean - planned
    by_part = repairs * unplanned[:, None] + planned * by_plan[:, None]
    longest = np.maximum(unplanned, by_plan)[:, None]
    variance = (np.square(longest) * forecast.variance).sum(axis=0)
    return Workload(repairs.sum(axis=0), planned.sum(axis=0), by_part.sum(axis=0), np.sqrt(variance), by_part)


def _hours(hours: Array, parts: int) -> Array:
    known = np.nan_to_num(np.asarray(hours, dtype=np.float64), nan=0.0)
    if known.shape != (parts,):
        raise ForecastError(f"there are {parts} parts, but standard hours of {known.size}")
    if not (np.isfinite(known).all() and (known >= 0).all()):
        raise ForecastError(f"part {int(np.flatnonzero(~(known >= 0) | np.isinf(known))[0])}: hours must be at least 0")
    return known
