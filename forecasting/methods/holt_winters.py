"""Holt-Winters for the few parts with smooth, seasonal demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecasting.arrays import Array
from forecasting.demand import DemandPanel
from forecasting.errors import SettingsError
from forecasting.methods.mean import SeasonalMean


@dataclass(frozen=True, eq=False)
class HoltWintersFit:
    """Point forecasts computed when fitting, up to the longest horizon asked for in the specification."""

    path: Array
    one_step_variance: Array

    def mean(self, horizon: int) -> Array:
        """Expected demand, shape (parts, horizon); the last season repeats beyond the fitted horizon."""
        return self.path[:, np.minimum(np.arange(horizon), self.path.shape[1] - 1)]


@dataclass(frozen=True)
class HoltWinters:
    """Additive level, damped trend and season, fitted part by part with statsmodels (Winters 1960).

    P. R. Winters, Forecasting sales by exponentially weighted moving averages, Management Science 6 (1960).
    It costs some 20 ms a part and origin and is meant for tens of parts, not thousands. Parts with less than two whole
    seasons or with missing periods get the seasonal mean. Forecasts are cut off at zero.

    :param season: periods in a year.
    :param horizon: longest horizon of the result.
    """

    season: int = 12
    horizon: int = 24
    name: ClassVar[str] = "holt-winters"

    def __post_init__(self) -> None:
        if self.season < 2 or self.horizon < 1:
            raise SettingsError(f"season {self.season} must be at least 2, horizon {self.horizon} at least 1")

    def fit(self, panel: DemandPanel) -> HoltWintersFit:
        """Fit to all periods of the panel."""
        plain = SeasonalMean(self.season)
        fallback = plain.fit(panel)
        path, variance = fallback.mean(self.horizon), fallback.one_step_variance
        for part, series in enumerate(panel.demand):
            if _long_enough(series, self.season):
                path[part], variance[part] = _one(series, self.season, self.horizon)
        return HoltWintersFit(path, variance)

    def means(self, demand: Array, origins: Sequence[int], horizon: int) -> Array:
        """Forecasts from several origins, shape (origins, parts, horizon)."""
        result = SeasonalMean(self.season).means(demand, origins, horizon)
        for row, origin in enumerate(origins):
            for part, series in enumerate(demand[:origin].T):
                if _long_enough(series, self.season):
                    result[row, part], _ = _one(series, self.season, horizon)
        return result


def _long_enough(series: Array, season: int) -> bool:
    return len(series) >= 2 * season and not np.isnan(series).any() and float(np.ptp(series)) > 0


def _one(series: Array, season: int, horizon: int) -> tuple[Array, float]:
    """Forecast and mean squared one-step error of one part."""
    # statsmodels takes seconds to import and only few catalogues need it
    from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing  # noqa: PLC0415

    scale = float(series.mean())
    model = ExponentialSmoothing(
        series / scale,
        trend=True,
        damped_trend=True,
        seasonal=season,
        initialization_method="heuristic",
        bounds=[(0.01, 0.5), (0.001, 0.2), (0.001, 0.3), (0.8, 0.98)],
    )
    start = np.array([0.1, 0.01, 0.1, 0.95])
    # the search may try extreme weights on its way; what it settles on is bounded above
    with np.errstate(over="ignore"):
        fitted = model.fit(start_params=start, disp=False, maxiter=30, cov_type="none", warn_convergence=False)
    ahead = np.maximum(np.asarray(fitted.forecast(horizon), dtype=np.float64) * scale, 0.0)
    return ahead, float(np.mean(np.square(fitted.resid))) * scale**2
