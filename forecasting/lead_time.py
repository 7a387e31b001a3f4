"""One catalogue, one lead time: back-test, choice of method, distributions by period and over the lead time.

The pooled model forecasts every part that ever had demand. It is put to an honest back-test, fitted before the first
origin of the test, beside the plain rivals; a rival takes over a demand class only where it was clearly better there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers, Words
from forecasting.classify import Classes
from forecasting.demand import DemandPanel
from forecasting.distribution import Demand, inflate, lot_unit
from forecasting.methods.base import Method, windows
from forecasting.pooled.model import FittedPooled, Pooled, sample
from forecasting.rivals import MOST_HOLT_WINTERS, largest, lead_means, seasonal_methods, seasonal_parts, simple_methods
from forecasting.selection import BackTest, Score, choose, quick_quantiles, table
from forecasting.spread import lead_variance
from forecasting.states import gather

ORIGINS = 8
"""Rolling origins of the back-test."""
LEAST_HISTORY = 6
"""Periods known before the first origin of a back-test, besides one lead time to learn from."""
MOST_TESTED = 3_000
"""Parts put to the back-test."""
CHUNK = 10_000
"""Parts worked on at once, which bounds memory and keeps the walk over time in the processor's cache."""
MOST_SPREAD = 3
"""Further ahead the windows to learn from grow old, which costs more than the distance teaches."""


@dataclass(frozen=True, eq=False)
class Task:
    """What to forecast for one group of parts with the same lead time.

    :param panel: the parts to forecast; ``catalogue`` all parts, to learn from.
    """

    panel: DemandPanel
    catalogue: DemandPanel
    classes: Classes
    lead: int
    horizon: int
    probabilities: tuple[float, ...]
    seed: int
    back_test: bool = True

    def pooled(self) -> Pooled:
        """The pooled model for the lead time."""
        return Pooled(self.lead, self.probabilities, self.panel.periods.season, self.seed)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Forecast of that group; shapes as in ``engine.ForecastResult``."""

    mean: Array
    quantiles: Array
    lead_mean: Array
    lead_quantiles: Array
    method: Words
    scores: tuple[Score, ...]


@dataclass(frozen=True, eq=False)
class _Entry:
    """A single method and the parts it is tested on; slow ones are fitted at every so many origins only."""

    method: Method
    rows: Integers
    every: int = 1


Tell = Callable[[int, int, str], None]


def learn_periods(catalogue: DemandPanel, horizon: int, probabilities: tuple[float, ...], seed: int) -> FittedPooled:
    """The pooled model for single periods of the horizon, whatever the lead times."""
    spread = int(np.clip(catalogue.periods.count // 4, 1, min(horizon, MOST_SPREAD)))
    model = Pooled(1, probabilities, catalogue.periods.season, seed, spread=spread)
    return model.fit(np.ascontiguousarray(catalogue.demand.T), catalogue.part_ids)


def run(task: Task, single: FittedPooled, tell: Tell) -> Outcome:
    """Fit, back-test, choose, forecast.

    :param single: from ``learn_periods``.
    """
    demand = np.ascontiguousarray(task.panel.demand.T)
    parts = len(task.panel)
    steps = 3 + -(-parts // CHUNK)
    tell(0, steps, "back-test")
    method = np.where(np.nansum(demand, axis=0) > 0, "pooled", "no demand").astype(np.dtype("U32"))
    entries, scores = _choose(task, demand, method) if task.back_test else ([], ())
    tell(1, steps, "learning from the lead times")
    whole = demand if task.catalogue is task.panel else np.ascontiguousarray(task.catalogue.demand.T)
    lead = task.pooled().fit(whole, task.catalogue.part_ids)
    outcome = Outcome(
        np.zeros((parts, task.horizon)),
        np.zeros((parts, task.horizon, len(task.probabilities))),
        np.zeros(parts),
        np.zeros((parts, len(task.probabilities))),
        method,
        scores,
    )
    for done, start in enumerate(range(0, parts, CHUNK)):
        tell(2 + done, steps, "forecast")
        _pooled(outcome, demand, slice(start, start + CHUNK), lead, single)
    tell(steps - 1, steps, "forecast")
    for entry in entries:
        rows = np.flatnonzero(method == entry.method.name)
        if len(rows):
            _single_method(task, outcome, demand, entry.method, rows)
    tell(steps, steps, "done")
    return outcome


def _pooled(outcome: Outcome, demand: Array, parts: slice, lead: FittedPooled, single: FittedPooled) -> None:
    """Fill in the pooled forecast of some parts."""
    known = np.ascontiguousarray(demand[:, parts])
    ahead = lead.forecast(known, len(demand))
    each = single.forecast(known, len(demand), count=max(outcome.mean.shape[1], lead.spec.lead))
    outcome.lead_mean[parts], outcome.lead_quantiles[parts] = ahead.mean[:, 0], ahead.quantiles[:, 0]
    mean = each.mean.copy()
    # within the lead time the periods must add up to its demand
    near = mean[:, : lead.spec.lead]
    near *= (ahead.mean[:, 0] / np.maximum(near.sum(axis=1), 1e-300))[:, None]
    outcome.mean[parts] = mean[:, : outcome.mean.shape[1]]
    outcome.quantiles[parts] = each.quantiles[:, : outcome.mean.shape[1]]


def _single_method(task: Task, outcome: Outcome, demand: Array, method: Method, rows: Integers) -> None:
    """Fill in the forecast of the parts that get a single method."""
    known = np.ascontiguousarray(demand[:, rows])
    path = method.means(known, [len(demand)], max(task.horizon, task.lead))[0]
    lot = lot_unit(known.T)
    one, many = gather(known, [len(demand)], 1), gather(known, [len(demand)], task.lead)
    variance = lead_variance(one, 1)[0]
    for step in range(task.horizon):
        spread = inflate(variance, step, one.known[0])
        outcome.quantiles[rows, step] = Demand(path[:, step], spread, lot).quantiles(task.probabilities)
    outcome.mean[rows] = path[:, : task.horizon]
    outcome.lead_mean[rows] = path[:, : task.lead].sum(axis=1)
    lead = Demand(outcome.lead_mean[rows], lead_variance(many, task.lead)[0], lot)
    outcome.lead_quantiles[rows] = lead.quantiles(task.probabilities)


def _choose(task: Task, demand: Array, method: Words) -> tuple[list[_Entry], tuple[Score, ...]]:
    """Write the names of better methods into ``method``; the single methods there are and the table of the test."""
    season = task.panel.periods.season
    seasonal = largest(task.panel, seasonal_parts(task.panel, task.classes), MOST_HOLT_WINTERS)
    tested = np.unique(np.r_[sample(demand, task.panel.part_ids, MOST_TESTED, task.seed + 1), seasonal])
    place = np.searchsorted(tested, seasonal)
    entries = [_Entry(method, np.arange(len(tested), dtype=np.int64)) for method in simple_methods(season)]
    if len(seasonal):
        entries += [_Entry(method, place, every=4) for method in seasonal_methods(season)]
    last = len(demand) - task.lead
    first = max(last - ORIGINS + 1, LEAST_HISTORY + task.lead)
    if not len(tested) or first > last:
        return entries, ()
    origins = list(range(first, last + 1))
    some = np.ascontiguousarray(demand[:, tested])
    tests = _tests(task, some, tested, entries, origins)
    actual = windows(some, origins, task.lead)
    choice = choose(actual, tests, task.probabilities, task.classes.demand_class[tested])
    for group, name in choice.by_class.items():
        method[(task.classes.demand_class == group) & (method == "pooled")] = name
    for row, name in choice.by_part.items():
        method[tested[row]] = name
    return entries, table(actual, [test for test in tests if test.eligible.all()], task.probabilities)


def _tests(
    task: Task, demand: Array, tested: Integers, entries: list[_Entry], origins: Sequence[int]
) -> list[BackTest]:
    """What the pooled model and every single method would have said."""
    shape = (len(origins), demand.shape[1])
    fitted = task.pooled().fit(demand[: origins[0]], task.panel.part_ids[tested])
    past = [fitted.forecast(demand, origin) for origin in origins]
    everything = np.ones(shape[1], dtype=np.bool_)
    tests = [
        BackTest(
            "pooled",
            np.stack([each.mean[:, 0] for each in past]),
            np.stack([each.quantiles[:, 0] for each in past]),
            everything,
        )
    ]
    variance = lead_variance(gather(demand, origins, task.lead), task.lead)
    lot = lot_unit(demand[: origins[0]].T)
    for entry in entries:
        rows = entry.rows
        mean, quantiles = np.zeros(shape), np.zeros((*shape, len(task.probabilities)))
        eligible = np.zeros(shape[1], dtype=np.bool_)
        eligible[rows] = True
        mean[:, rows] = lead_means(entry.method, demand[:, rows], origins, task.lead, every=entry.every)
        quantiles[:, rows] = quick_quantiles(mean[:, rows], variance[:, rows], lot[rows], task.probabilities)
        tests.append(BackTest(entry.method.name, mean, quantiles, eligible))
    return tests
