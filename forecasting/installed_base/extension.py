"""Price of a warranty extension: the failures it will have to pay for, as a distribution."""

from collections.abc import Sequence
from dataclasses import dataclass

from forecasting.arrays import Array


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
    :param margin: on expected + risk.
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

    :param begin: days from today to the start of the extension.
    :param end: days from today to its end.
    :param hours_per_day: expected use of the machine.
    :raises ForecastError: for negative ages, days or costs.
    """
    raise NotImplementedError


def price(cost: ExtensionCost, *, margin: float, risk: float, pool: int = 1) -> ExtensionPrice:
    """Price of the extension.

    :param margin: share of the price that is to remain, 0 to below 1.
    :param risk: probability, one of ``cost.probabilities``, with which price before margin is to cover the cost.
    :param pool: how many like extensions are sold; the risk loading falls with its square root.
    """
    raise NotImplementedError
