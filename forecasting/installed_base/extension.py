"""Price of a warranty extension: the failures it will have to pay for, as a distribution."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array
from forecasting.distribution import check_probabilities
from forecasting.errors import ForecastError, SettingsError
from forecasting.installed_base.renewal import expected_renewals

MOST_RENEWALS = 200
"""Renewals of one component over an extension beyond which something is wrong with its life or the days."""


@dataclass(frozen=True, eq=False)
class Components:
    """The components of one machine that the extension covers, one row per position.

    :param age: hours today, shape (components,).
    :param shape: Weibull β of the life.
    :param scale: Weibull η in hours.
    :param cost: what one failure costs all in: part, labour, travel.
    :param deviation: standard deviation of the logarithm of the scale, for lives that are not well known; 0 = certain.
    """

    age: Array
    shape: Array
    scale: Array
    cost: Array
    deviation: Array

    def __post_init__(self) -> None:
        columns = (self.age, self.shape, self.scale, self.cost, self.deviation)
        if len({column.shape for column in columns}) > 1 or self.age.ndim != 1:
            raise ForecastError("ages, lives, costs and deviations are of different length")
        for values, what in ((self.age, "age"), (self.cost, "cost"), (self.deviation, "deviation")):
            if not (np.isfinite(values).all() and (values >= 0).all()):
                raise ForecastError(f"component {_first(~(values >= 0) | np.isinf(values))}: {what} must be at least 0")
        for values, what in ((self.shape, "shape"), (self.scale, "scale")):
            if not (np.isfinite(values).all() and (values > 0).all()):
                raise ForecastError(f"component {_first(~(values > 0) | np.isinf(values))}: {what} must be above 0")


def _first(wrong: "np.typing.NDArray[np.bool_]") -> int:
    return int(np.flatnonzero(wrong)[0])


@dataclass(frozen=True, eq=False)
class ExtensionCost:
    """What the failures of one machine over the extension cost.

    :param mean: expected cost.
    :param deviation: its standard deviation.
    :param probabilities: as asked for.
    :param quantiles: cost not exceeded with each probability, shape (probabilities,).
    :param failures: expected failures by component, shape (components,).
    :param cost: expected cost by component, shape (components,); sums to ``mean``.
    """

    mean: float
    deviation: float
    probabilities: tuple[float, ...]
    quantiles: Array
    failures: Array
    cost: Array


@dataclass(frozen=True)
class ExtensionPrice:
    """A price and what it consists of: expected + risk + margin = price.

    :param expected: expected cost of failures.
    :param risk: loading for the chance that it costs more.
    :param margin: what remains.
    """

    price: float
    expected: float
    risk: float
    margin: float


def cost_of_failures(
    components: Components,
    *,
    begin: float,
    end: float,
    hours_per_day: float,
    quantiles: Sequence[float] = (0.5, 0.8, 0.9, 0.95),
    draws: int = 20_000,
    seed: int = 0,
) -> ExtensionCost:
    """Cost of the failures of one machine between two days.

    The expected cost is exact for the lives as given (renewal function; components that fail before the extension
    begins enter it renewed); the distribution is drawn: lives one after the other until the end, the scale of each
    component uncertain by its deviation. Spread and quantiles are those of the draws, brought to the exact mean.

    :param begin: days from today to the start of the extension.
    :param end: days from today to its end.
    :param hours_per_day: expected use of the machine.
    :raises ForecastError: for negative days or use, or an end before the beginning.
    """
    chances = check_probabilities(quantiles)
    if not (0 <= begin <= end < np.inf and 0 <= hours_per_day < np.inf):
        raise ForecastError("days and hours per day must be at least 0, and the end not before the beginning")
    if draws < 1:
        raise SettingsError("at least one draw is needed")
    first, last = begin * hours_per_day, end * hours_per_day
    count = len(components.age)
    failures = np.zeros(count)
    rows = zip(components.shape.tolist(), components.scale.tolist(), components.age.tolist(), strict=True)
    for row, (shape, scale, age) in enumerate(rows):
        until = expected_renewals(shape, scale, age, np.array([first, last]))
        failures[row] = until[1] - until[0]
    rng = np.random.default_rng(seed)
    drawn = np.zeros(draws)
    for row in range(count):
        drawn += components.cost[row] * _failures(components, row, first, last, draws, rng)
    cost = failures * components.cost
    mean = float(cost.sum())
    found = float(drawn.mean())
    level = mean / found if found > 0 else 1.0
    spread = np.quantile(drawn, chances) * level
    return ExtensionCost(mean, float(drawn.std()) * level, chances, np.asarray(spread), failures, cost)


def _failures(
    components: Components, row: int, first: float, last: float, draws: int, rng: np.random.Generator
) -> Array:
    """Failures of one component between two uses, drawn."""
    shape, deviation = float(components.shape[row]), float(components.deviation[row])
    scale = components.scale[row] * np.exp(rng.normal(0.0, 1.0, draws) * deviation - deviation**2 / 2)
    # the first life is that of a component that has reached its age
    reached = np.power(components.age[row] / scale, shape)
    at = scale * np.power(reached + rng.standard_exponential(draws), 1 / shape) - components.age[row]
    count = np.zeros(draws)
    going = np.flatnonzero(at < last)
    for _ in range(MOST_RENEWALS):
        if not len(going):
            break
        count[going] += at[going] >= first
        at[going] += scale[going] * np.power(rng.standard_exponential(len(going)), 1 / shape)
        going = going[at[going] < last]
    return count


def price(cost: ExtensionCost, *, margin: float, risk: float, pool: int = 1) -> ExtensionPrice:
    """Price of the extension.

    The risk loading is what the cost not exceeded with probability ``risk`` lies above the expected cost, at least
    nothing; over several like extensions it falls with the square root of their number.

    :param margin: share of the price that is to remain, 0 to below 1.
    :param risk: probability, one of ``cost.probabilities``, with which price before margin is to cover the cost.
    :param pool: how many like extensions are sold.
    :raises SettingsError: for anything outside these bounds.
    """
    if not 0 <= margin < 1:
        raise SettingsError(f"the margin is {margin:g}; it must be a share of the price from 0 to below 1")
    if risk not in cost.probabilities:
        raise SettingsError(f"the risk is {risk:g}; the cost is known with {list(cost.probabilities)}")
    if pool < 1:
        raise SettingsError("at least one extension is sold")
    above = float(cost.quantiles[cost.probabilities.index(risk)]) - cost.mean
    loading = max(above, 0.0) / float(np.sqrt(pool))
    before = cost.mean + loading
    whole = before / (1 - margin)
    return ExtensionPrice(whole, cost.mean, loading, whole - before)
