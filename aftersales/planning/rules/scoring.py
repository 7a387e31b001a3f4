"""How good a past forecast was, beside doing nothing and beside expecting last month again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array
from forecasting.demand import DemandPanel
from forecasting.evaluate import bias, cycle_service, weighted_quantile_loss
from forecasting.methods.mean import Naive

FORECAST, NAIVE, ZERO = "forecast", "naive", "zero"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the comparison; an empty figure means there was no demand to compare with.

    :param bias: total forecast over total demand, less one.
    :param wql: weighted quantile loss over all probabilities, by month.
    :param coverage: share of part-months within each quantile, by probability.
    """

    name: str
    bias: float | None
    wql: float | None
    coverage: dict[str, float | None]


@dataclass(frozen=True, eq=False)
class Promise:
    """What a run promised for its first months, parts in one order throughout.

    :param history: demand known to the run, shape (parts, periods), NaN = missing.
    :param mean: shape (parts, months).
    :param quantiles: shape (parts, months, probabilities).
    """

    history: Array
    mean: Array
    quantiles: Array
    probabilities: tuple[float, ...]


def judge(promise: Promise, actual: Array) -> list[Verdict]:
    """Score a forecast and its two plain rivals against what came.

    :param actual: demand of the promised months, shape (parts, months), NaN = not known.
    """
    shape = promise.mean.shape
    last = Naive().rates(np.ascontiguousarray(promise.history.T), [promise.history.shape[1]])[0]
    naive = np.broadcast_to(last[:, None], shape)
    zero = np.zeros(shape)
    count = len(promise.probabilities)
    return [
        _verdict(FORECAST, actual, promise.mean, promise.quantiles, promise.probabilities),
        _verdict(NAIVE, actual, naive, np.repeat(naive[:, :, None], count, axis=2), promise.probabilities),
        _verdict(ZERO, actual, zero, np.zeros((*shape, count)), promise.probabilities),
    ]


def _verdict(name: str, actual: Array, mean: Array, quantiles: Array, probabilities: Sequence[float]) -> Verdict:
    coverage = {
        f"{probability:g}": _plain(cycle_service(actual, quantiles[..., column]))
        for column, probability in enumerate(probabilities)
    }
    wql = weighted_quantile_loss(actual, quantiles, probabilities)
    return Verdict(name, _plain(bias(actual, mean)), _plain(wql), coverage)


def actuals(panel: DemandPanel, part_ids: Sequence[str], first: str, count: int) -> Array:
    """Return what a panel knows of some parts in ``count`` months from ``first`` on; NaN where it knows nothing."""
    rows = {part: row for row, part in enumerate(panel.part_ids.tolist())}
    start = panel.periods.position(first)
    found = np.full((len(part_ids), count), np.nan)
    columns = [step for step in range(count) if 0 <= start + step < panel.periods.count]
    for place, part in enumerate(part_ids):
        if part in rows:
            found[place, columns] = panel.demand[rows[part], [start + step for step in columns]]
    return found


def _plain(value: float) -> float | None:
    return round(value, 6) if np.isfinite(value) else None
