"""Load of the workshop: repairs and hours by period, from the same forecast as the parts."""

from dataclasses import dataclass

from forecasting.arrays import Array
from forecasting.installed_base.causal import CausalForecast


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

    :param repair_hours: standard hours of one unplanned replacement of each part, shape (parts,); NaN = 0.
    :param planned_hours: of one planned replacement; default the same.
    :raises ForecastError: for a wrong number of parts or negative hours.
    """
    raise NotImplementedError
