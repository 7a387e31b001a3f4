"""The plain rivals every method has to beat: nothing, the last period, means of history, means by season."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecasting.arrays import Array
from forecasting.demand import DemandPanel
from forecasting.errors import SettingsError
from forecasting.methods.base import FlatMethod, mean_square


@dataclass(frozen=True)
class Zero(FlatMethod):
    """No demand at all: the yardstick printed beside every score."""

    name: ClassVar[str] = "zero"

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Zeros, shape (origins, parts)."""
        return np.zeros((len(origins), demand.shape[1]))


@dataclass(frozen=True)
class Naive(FlatMethod):
    """As much as in the last known period."""

    name: ClassVar[str] = "naive"

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts)."""
        known = ~np.isnan(demand)
        newest = np.maximum.accumulate(np.where(known, np.arange(len(demand))[:, None], -1), axis=0)
        filled = np.where(newest >= 0, np.take_along_axis(demand, np.maximum(newest, 0), axis=0), 0.0)
        return np.stack([filled[origin - 1] if origin else np.zeros(demand.shape[1]) for origin in origins])


@dataclass(frozen=True)
class Mean(FlatMethod):
    """Mean of all known periods; zero where none is known."""

    name: ClassVar[str] = "mean"

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts)."""
        return _running_mean(demand, origins, len(demand) + 1)


@dataclass(frozen=True)
class RecentMean(FlatMethod):
    """Mean of the known among the last ``window`` periods; the mean of all where none of them is known."""

    window: int = 12
    name: ClassVar[str] = "mean-recent"

    def __post_init__(self) -> None:
        if self.window < 1:
            raise ValueError(f"a window of {self.window} periods holds nothing")

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts)."""
        return _running_mean(demand, origins, self.window)


@dataclass(frozen=True, eq=False)
class SeasonalFit:
    """A result that repeats one value per season.

    :param cycle: pieces by position in the coming year, shape (parts, season).
    """

    cycle: Array
    one_step_variance: Array

    def mean(self, horizon: int) -> Array:
        """Expected demand, shape (parts, horizon)."""
        return self.cycle[:, np.arange(horizon) % self.cycle.shape[1]]


@dataclass(frozen=True)
class SeasonalMean:
    """Mean of the same month (or week) of all years, shrunk to the mean of all periods.

    With n known years of that month: (n · seasonal mean + k · overall mean) / (n + k).

    :param season: periods in a year.
    :param shrinkage: k, the years the overall mean counts for.
    """

    season: int = 12
    shrinkage: float = 2.0
    name: ClassVar[str] = "seasonal-mean"

    def __post_init__(self) -> None:
        if self.season < 2 or self.shrinkage < 0:
            raise SettingsError(f"season {self.season} must be at least 2, shrinkage {self.shrinkage} at least 0")

    def fit(self, panel: DemandPanel) -> SeasonalFit:
        """Fit to all periods of the panel."""
        demand = np.ascontiguousarray(panel.demand.T)
        cycle = self.means(demand, [len(demand)], self.season)[0]
        steps = range(min(self.season, len(demand) - 1), len(demand))
        one_step = self.means(demand, steps, 1)[:, :, 0] if steps else np.zeros((0, demand.shape[1]))
        return SeasonalFit(cycle, mean_square(demand[list(steps)] - one_step))

    def means(self, demand: Array, origins: Sequence[int], horizon: int) -> Array:
        """Forecasts from several origins, shape (origins, parts, horizon)."""
        result = np.empty((len(origins), demand.shape[1], horizon))
        known = ~np.isnan(demand)
        values = np.where(known, demand, 0.0)
        for row, origin in enumerate(origins):
            overall = values[:origin].sum(axis=0) / np.maximum(known[:origin].sum(axis=0), 1)
            for step in range(min(horizon, self.season)):
                same = slice((origin + step) % self.season, origin, self.season)
                total = values[same].sum(axis=0) + self.shrinkage * overall
                years = known[same].sum(axis=0) + self.shrinkage
                result[row, :, step] = np.where(years > 0, total / np.maximum(years, 1e-9), overall)
            for step in range(self.season, horizon):
                result[row, :, step] = result[row, :, step - self.season]
        return result


def _running_mean(demand: Array, origins: Sequence[int], window: int) -> Array:
    """Mean of the known among the last ``window`` periods before each origin, else of all before it, else zero."""
    known = ~np.isnan(demand)
    empty = np.zeros((1, demand.shape[1]))
    total = np.vstack([empty, np.cumsum(np.where(known, demand, 0.0), axis=0)])
    count = np.vstack([empty, np.cumsum(known, axis=0)])
    ends = np.array(origins, dtype=np.int64)
    starts = np.maximum(ends - window, 0)
    inside = count[ends] - count[starts]
    recent = (total[ends] - total[starts]) / np.maximum(inside, 1)
    overall = total[ends] / np.maximum(count[ends], 1)
    return np.asarray(np.where(inside > 0, recent, overall))
