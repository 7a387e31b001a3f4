"""One catalogue, one lead time: back-test, choice of method, distributions by period and over the lead time.

The pooled model forecasts every part that ever had demand. It is put to an honest back-test, fitted before the first
origin of the test, beside the plain rivals; a rival takes over a demand class only where it was clearly better there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from forecasting.arrays import Array, Integers, Words
from forecasting.classify import Classes
from forecasting.demand import DemandPanel
from forecasting.distribution import Demand, inflate, lot_unit
from forecasting.methods.base import Method, windows
from forecasting.pooled.model import FittedPooled, Pooled, sample
from forecasting.reliability import Reliability, reliability
from forecasting.rivals import MOST_HOLT_WINTERS, largest, lead_means, seasonal_methods, seasonal_parts, simple_methods
from forecasting.selection import BackTest, Choice, Score, choose, chosen, quick_quantiles, table
from forecasting.spread import lead_variance
from forecasting.states import gather

ORIGINS = 8
"""Rolling origins of the back-test."""
LEAST_HISTORY = 6
"""Periods known before the first origin of a back-test, besides one lead time to learn from."""
TESTED_BESIDES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles tested besides those asked for, to judge the whole distribution by."""
MOST_TESTED = 2_000
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


@dataclass(frozen=True, eq=False)
class _Entry:
    """A single method and the parts it is tested on; slow ones are fitted at every so many origins only."""

    method: Method
    rows: Integers
    every: int = 1


@dataclass(frozen=True)
class Tested:
    """What the back-test found: the table of methods and, of the methods chosen, which promises were kept."""

    choice: Choice = field(default_factory=Choice)
    scores: tuple[Score, ...] = ()
    reliability: tuple[Reliability, ...] = ()


Tell = Callable[[int, int, str], None]


def learn_periods(catalogue: DemandPanel, horizon: int, probabilities: tuple[float, ...], seed: int) -> FittedPooled:
    """The pooled model for single periods of the horizon, whatever the lead times."""
    spread = int(np.clip(catalogue.periods.count // 4, 1, min(horizon, MOST_SPREAD)))
    model = Pooled(1, probabilities, catalogue.periods.season, seed, spread=spread)
    return model.fit(catalogue.demand.T, catalogue.part_ids)


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a catalogue taught about one lead time: all that is needed to forecast any of its parts, a few at a time.

    :param methods: the single methods by name.
    :param by_class: demand class -> better method than the pooled one; ``by_part`` part number -> the same.
    :param tested: what the back-test found.
    """

    lead: FittedPooled
    horizon: int
    methods: dict[str, Method]
    by_class: dict[str, str]
    by_part: dict[str, str]
    tested: Tested

    @property
    def scores(self) -> tuple[Score, ...]:
        """The table of methods."""
        return self.tested.scores


def learn(task: Task, tell: Tell) -> Lesson:
    """Back-test, choose and fit, from the whole catalogue."""
    tell(0, 2, "back-test")
    demand = task.panel.demand.T
    entries, tested = _choose(task, demand) if task.back_test else ([], Tested())
    tell(1, 2, "learning from the lead times")
    lead = task.pooled().fit(task.catalogue.demand.T, task.catalogue.part_ids)
    methods = {entry.method.name: entry.method for entry in entries}
    by_part = {str(task.panel.part_ids[row]): name for row, name in tested.choice.by_part.items()}
    return Lesson(lead, task.horizon, methods, tested.choice.by_class, by_part, tested)


def apply(lesson: Lesson, single: FittedPooled, panel: DemandPanel, classes: Classes, tell: Tell) -> Outcome:
    """Forecast some parts of the catalogue; each part's forecast is the same whatever parts are beside it.

    :param single: from ``learn_periods``.
    """
    parts, probabilities = len(panel), lesson.lead.spec.probabilities
    demand = np.ascontiguousarray(panel.demand.T)
    outcome = Outcome(
        np.zeros((parts, lesson.horizon)),
        np.zeros((parts, lesson.horizon, len(probabilities))),
        np.zeros(parts),
        np.zeros((parts, len(probabilities))),
        _methods(lesson, panel, classes),
    )
    steps = -(-parts // CHUNK)
    for done, start in enumerate(range(0, parts, CHUNK)):
        tell(done, steps, "forecast")
        _pooled(outcome, demand, slice(start, start + CHUNK), lesson.lead, single)
    for name, method in lesson.methods.items():
        rows = np.flatnonzero(outcome.method == name)
        if len(rows):
            _single_method(lesson, outcome, demand, method, rows)
    tell(steps, steps, "done")
    return outcome


def _methods(lesson: Lesson, panel: DemandPanel, classes: Classes) -> Words:
    """Name of the method of each part."""
    method = np.where(np.nansum(panel.demand, axis=1) > 0, "pooled", "no demand").astype(np.dtype("U32"))
    for group, name in lesson.by_class.items():
        method[(classes.demand_class == group) & (method == "pooled")] = name
    if lesson.by_part:
        for row in np.flatnonzero(np.isin(panel.part_ids, list(lesson.by_part))):
            method[row] = lesson.by_part[str(panel.part_ids[row])]
    return method


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


def _single_method(lesson: Lesson, outcome: Outcome, demand: Array, method: Method, rows: Integers) -> None:
    """Fill in the forecast of the parts that get a single method."""
    lead, probabilities = lesson.lead.spec.lead, lesson.lead.spec.probabilities
    known = np.ascontiguousarray(demand[:, rows])
    path = method.means(known, [len(demand)], max(lesson.horizon, lead))[0]
    lot = lot_unit(known.T)
    one, many = gather(known, [len(demand)], 1), gather(known, [len(demand)], lead)
    variance = lead_variance(one, 1)[0]
    for step in range(lesson.horizon):
        spread = inflate(variance, step, one.known[0])
        outcome.quantiles[rows, step] = Demand(path[:, step], spread, lot).quantiles(probabilities)
    outcome.mean[rows] = path[:, : lesson.horizon]
    outcome.lead_mean[rows] = path[:, :lead].sum(axis=1)
    summed = Demand(outcome.lead_mean[rows], lead_variance(many, lead)[0], lot)
    outcome.lead_quantiles[rows] = summed.quantiles(probabilities)


def _choose(task: Task, demand: Array) -> tuple[list[_Entry], Tested]:
    """The single methods there are, and what the back-test found: where one is better than the pooled model."""
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
        return entries, Tested()
    origins = list(range(first, last + 1))
    some = np.ascontiguousarray(demand[:, tested])
    finer = tuple(sorted({*task.probabilities, *TESTED_BESIDES}))
    tests = _tests(replace(task, probabilities=finer), some, tested, entries, origins)
    columns = [finer.index(probability) for probability in task.probabilities]
    asked = [replace(test, quantiles=test.quantiles[..., columns]) for test in tests]
    actual, classes = windows(some, origins, task.lead), task.classes.demand_class[tested]
    choice = choose(actual, asked, task.probabilities, classes)
    by_part = {int(tested[row]): name for row, name in choice.by_part.items()}
    scores = table(actual, [test for test in asked if test.eligible.all()], task.probabilities)
    kept = reliability(actual, chosen(choice, tests, classes), finer, task.probabilities, classes, task.seed)
    return entries, Tested(Choice(choice.by_class, by_part), scores, kept)


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
