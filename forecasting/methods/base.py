"""What all methods share: a frozen specification with ``fit``, a frozen result with ``mean``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from forecasting.arrays import Array, Integers
from forecasting.demand import DemandPanel


class Fitted(Protocol):
    """A method fitted to a panel."""

    @property
    def one_step_variance(self) -> Array:
        """Mean squared one-step error within the sample, shape (parts,); NaN where none could be made."""

    def mean(self, horizon: int) -> Array:
        """Expected demand of the next ``horizon`` periods, shape (parts, horizon)."""


class Method(Protocol):
    """A specification that can be fitted to any panel."""

    @property
    def name(self) -> str:
        """Short name for tables and summaries."""

    def fit(self, panel: DemandPanel) -> Fitted:
        """Fit to all periods of the panel."""

    def means(self, demand: Array, origins: Sequence[int], horizon: int) -> Array:
        """Forecasts from several origins, each using only the rows of ``demand`` before it.

        :param demand: shape (periods, parts), NaN = missing.
        :returns: shape (origins, parts, horizon).
        """


@dataclass(frozen=True, eq=False)
class FlatFit:
    """A result that expects the same demand in every future period.

    :param rate: pieces per period, shape (parts,).
    :param one_step_variance: mean squared one-step error, shape (parts,).
    """

    rate: Array
    one_step_variance: Array

    def mean(self, horizon: int) -> Array:
        """Expected demand, shape (parts, horizon)."""
        return np.repeat(self.rate[:, None], horizon, axis=1)


class FlatMethod:
    """Base of the methods whose forecast is one rate: a family writes ``rates``, the rest follows."""

    name: ClassVar[str] = ""

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts), from ``demand[:origin]`` alone."""
        raise NotImplementedError

    def fit(self, panel: DemandPanel) -> FlatFit:
        """Fit to all periods of the panel."""
        demand = np.ascontiguousarray(panel.demand.T)
        path = self.rates(demand, range(len(demand) + 1))
        return FlatFit(path[-1], mean_square(demand[1:] - path[1:-1]))

    def means(self, demand: Array, origins: Sequence[int], horizon: int) -> Array:
        """Forecasts from several origins, shape (origins, parts, horizon)."""
        return np.repeat(self.rates(demand, origins)[:, :, None], horizon, axis=2)


def mean_square(errors: Array) -> Array:
    """Mean square by column over what is known; NaN where nothing is."""
    known = ~np.isnan(errors)
    count = known.sum(axis=0)
    total = np.square(np.where(known, errors, 0.0)).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def keep(store: Array, origins: Sequence[int], time: int, values: Array) -> None:
    """Write ``values`` into the rows of ``store`` whose origin is ``time``."""
    for row, origin in enumerate(origins):
        if origin == time:
            store[row] = values


def windows(demand: Array, origins: Sequence[int], length: int) -> Array:
    """Demand of the ``length`` periods from each origin on, shape (origins, parts); NaN if any is missing or ahead."""
    padded = np.vstack([demand, np.full((length, demand.shape[1]), np.nan)])
    return np.stack([padded[origin : origin + length].sum(axis=0) for origin in origins])


def last_origins(periods: int, lead: int, *, count: int, least: int) -> Integers:
    """At most ``count`` recent origins that leave ``least`` periods before them and ``lead`` after them."""
    first = max(periods - lead - count + 1, least)
    return np.arange(first, periods - lead + 1, dtype=np.int64)
