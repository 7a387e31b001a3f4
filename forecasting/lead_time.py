"""One catalogue, one lead time: back-test, choice of method, distributions by period and over the lead time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers, Words
from forecasting.classify import Classes
from forecasting.demand import DemandPanel
from forecasting.distribution import Demand, inflate, lot_unit
from forecasting.methods.base import Method, last_origins, windows
from forecasting.rivals import MOST_HOLT_WINTERS, largest, lead_means, seasonal_methods, seasonal_parts, simple_methods
from forecasting.selection import BackTest, Score, choose, quick_quantiles, table
from forecasting.spread import lead_variance
from forecasting.states import gather

ORIGINS = 12
"""Rolling origins of the back-test."""
LEAST_HISTORY = 4
"""Periods a back-test leaves before its first origin."""
CHUNK = 20_000
"""Parts worked on at once, to bound memory."""


@dataclass(frozen=True, eq=False)
class Task:
    """What to forecast for one group of parts with the same lead time."""

    panel: DemandPanel
    classes: Classes
    lead: int
    horizon: int
    probabilities: tuple[float, ...]
    seed: int


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
    """A method and the parts it may be chosen for; slow ones are fitted for those parts only."""

    method: Method
    rows: Integers
    every: int = 1


def run(task: Task, tell: Callable[[int, int, str], None]) -> Outcome:
    """Back-test all methods, choose one per part, forecast with it."""
    demand = np.ascontiguousarray(task.panel.demand.T)
    lot = lot_unit(task.panel.demand)
    entries = _entries(task)
    steps = len(entries) + 2
    origins = last_origins(len(demand), task.lead, count=ORIGINS, least=LEAST_HISTORY).tolist()
    tests: list[BackTest] = []
    if origins:
        variance = lead_variance(gather(demand, origins, task.lead), task.lead)
        for done, entry in enumerate(entries):
            tell(done, steps, f"back-test of {entry.method.name}")
            tests.append(_test(entry, demand, origins, variance, lot, task))
        actual = windows(demand, origins, task.lead)
        chosen = choose(actual, tests, task.probabilities, task.classes.demand_class)
        scores = table(actual, [test for test in tests if test.eligible.all()], task.probabilities)
    else:
        chosen, scores = np.ones(len(task.panel), dtype=np.int64), ()
    tell(steps - 2, steps, "forecast")
    outcome = _forecast(task, demand, lot, entries, chosen, scores)
    tell(steps, steps, "done")
    return outcome


def _entries(task: Task) -> list[_Entry]:
    """All methods with the parts they are for; the second is the fallback where no back-test is possible."""
    season = task.panel.periods.season
    everything = np.arange(len(task.panel), dtype=np.int64)
    entries = [_Entry(method, everything) for method in simple_methods(season)]
    seasonal = largest(task.panel, seasonal_parts(task.panel, task.classes), MOST_HOLT_WINTERS)
    if len(seasonal):
        entries += [_Entry(method, seasonal, every=6) for method in seasonal_methods(season)]
    return entries


def _test(entry: _Entry, demand: Array, origins: Sequence[int], variance: Array, lot: Array, task: Task) -> BackTest:
    shape = (len(origins), demand.shape[1])
    mean, eligible = np.zeros(shape), np.zeros(shape[1], dtype=np.bool_)
    quantiles = np.zeros((*shape, len(task.probabilities)))
    rows = entry.rows
    eligible[rows] = True
    mean[:, rows] = lead_means(entry.method, demand[:, rows], origins, task.lead, every=entry.every)
    quantiles[:, rows] = quick_quantiles(mean[:, rows], variance[:, rows], lot[rows], task.probabilities)
    return BackTest(entry.method.name, mean, quantiles, eligible)


def _forecast(
    task: Task, demand: Array, lot: Array, entries: list[_Entry], chosen: Integers, scores: tuple[Score, ...]
) -> Outcome:
    periods, parts = demand.shape
    names = np.array([entry.method.name for entry in entries])
    path = np.zeros((parts, max(task.horizon, task.lead)))
    for number, entry in enumerate(entries):
        rows = np.flatnonzero(chosen == number)
        if len(rows):
            path[rows] = entry.method.means(demand[:, rows], [periods], path.shape[1])[0]
    one, many = gather(demand, [periods], 1), gather(demand, [periods], task.lead)
    single = lead_variance(one, 1)[0]
    mean = path[:, : task.horizon]
    quantiles = np.empty((*mean.shape, len(task.probabilities)))
    known = one.known[0]
    for step in range(task.horizon):
        variance = inflate(single, step, known)
        quantiles[:, step] = Demand(mean[:, step], variance, lot).quantiles(task.probabilities)
    lead_mean = path[:, : task.lead].sum(axis=1)
    lead = Demand(lead_mean, lead_variance(many, task.lead)[0], lot)
    return Outcome(mean, quantiles, lead_mean, lead.quantiles(task.probabilities), names[chosen], scores)
