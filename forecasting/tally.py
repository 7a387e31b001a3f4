"""Sums from which the figures of a back-test are made, added up some parts and one origin at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array
from forecasting.evaluate import pinball


@dataclass(frozen=True)
class MethodScore:
    """One row of the table of a back-test; NaN where there was no demand to measure by.

    :param windows: pairs of part and origin whose lead time is wholly known.
    :param wql: weighted quantile loss of lead-time demand over all probabilities asked for.
    :param bias: total forecast over total demand, less one.
    :param rmse: root mean squared error of the mean by period.
    :param rmse_total: root mean squared error of the mean of the lead time.
    :param service: share of windows whose demand each quantile covers.
    :param stock: pieces left at the end of the lead time by a stock of each quantile, per piece demanded.
    """

    method: str
    windows: int
    wql: float
    bias: float
    rmse: float
    rmse_total: float
    service: tuple[float, ...]
    stock: tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """One promise checked in one demand class.

    Demand comes in whole pieces, so no stock covers exactly 90 of 100 lead times; a promise is kept when it lies
    between the share of windows below the quantile and the share not above it.

    :param covered: share of windows whose demand is not above the quantile.
    :param below: share of windows whose demand is below it.
    :param wql: weighted quantile loss at this probability.
    """

    demand_class: str
    probability: float
    windows: int
    covered: float
    below: float
    wql: float


class Tally:
    """Sums over windows of one method."""

    def __init__(self, probabilities: Sequence[float]) -> None:
        """Begin with nothing.

        :param probabilities: of the quantiles that will be added.
        """
        self.probabilities = tuple(probabilities)
        self._windows = self._periods = 0
        self._demand = self._forecast = self._square = self._square_total = 0.0
        self._loss, self._covered, self._below, self._left = (np.zeros(len(self.probabilities)) for _ in range(4))

    def add(self, actual: Array, mean: Array, quantiles: Array) -> None:
        """Add the windows of some parts from one origin; windows that are not wholly known are left out.

        :param actual: demand by period, shape (parts, lead time), as ``mean``.
        :param quantiles: of the demand of the lead time, shape (parts, probabilities).
        """
        known = ~np.isnan(actual).any(axis=1)
        actual, mean, quantiles = actual[known], mean[known], quantiles[known]
        total, expected = actual.sum(axis=1), mean.sum(axis=1)
        self._windows += len(total)
        self._periods += actual.size
        self._demand += float(total.sum())
        self._forecast += float(expected.sum())
        self._square += float(np.square(mean - actual).sum())
        self._square_total += float(np.square(expected - total).sum())
        for column, probability in enumerate(self.probabilities):
            stock = quantiles[:, column]
            self._loss[column] += pinball(total, stock, probability).sum()
            self._covered[column] += (total <= stock).sum()
            self._below[column] += (total < stock).sum()
            self._left[column] += np.maximum(stock - total, 0.0).sum()

    def score(self, method: str) -> MethodScore:
        """The figures."""
        return MethodScore(
            method,
            self._windows,
            _over(2.0 * float(self._loss.mean()), self._demand),
            _over(self._forecast, self._demand) - 1.0,
            float(np.sqrt(_over(self._square, self._periods))),
            float(np.sqrt(_over(self._square_total, self._windows))),
            tuple(_over(float(value), self._windows) for value in self._covered),
            tuple(_over(float(value), self._demand) for value in self._left),
        )

    def calibration(self, demand_class: str) -> list[Calibration]:
        """A row for every probability."""
        return [
            Calibration(
                demand_class,
                probability,
                self._windows,
                _over(float(self._covered[column]), self._windows),
                _over(float(self._below[column]), self._windows),
                _over(2.0 * float(self._loss[column]), self._demand),
            )
            for column, probability in enumerate(self.probabilities)
        ]


def _over(value: float, total: float) -> float:
    return value / total if total > 0 else float("nan")
