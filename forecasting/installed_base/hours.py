"""Operating hours of every machine: what was run up to a day, and what it will run.

A period without a record is filled at the machine's own pace, a machine without any record at the pace of its model;
days before its first record likewise. Hours are spread evenly over the days of a period on which the machine was in
the field.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.calendar import boundaries, period_of
from forecasting.installed_base.fleet import Fleet
from forecasting.periods import Frequency

CLOCK = 24.0
"""Hours per day of machines of which nothing at all is recorded: age is then calendar age."""
OWN_DAYS = 45.0
"""Days of the model's pace mixed into a machine's own: a machine known for a month is half believed."""
YEAR = 365.25
SEASON_YEARS = 2
"""Years of use it takes to see a season in it."""


@dataclass(frozen=True, eq=False)
class HoursRun:
    """Hours of all machines up to an origin.

    :param edges: first days of the past periods, the last being the origin, shape (periods + 1,).
    :param total: hours of each machine from the first edge to every edge, shape (machines, periods + 1).
    :param begun: first day in the field within each period, shape (machines, periods).
    :param days: days in the field within each period, shape (machines, periods).
    :param pace: hours per day over the whole past, shape (machines,): used before the first edge.
    :param expected: hours per day of usual use expected from the origin on, shape (machines,).
    :param season: use of each calendar month against the year, shape (12,); ones for weeks and short histories.
    """

    edges: Array
    total: Array
    begun: Array
    days: Array
    pace: Array
    expected: Array
    season: Array

    @property
    def whole_pace(self) -> Array:
        """Hours per day over all a machine has run: what its duty is told by, shape (machines,)."""
        days = self.days.sum(axis=1)
        return np.asarray(np.where(days > 0, self.total[:, -1] / np.maximum(days, 1.0), self.pace))

    def at(self, machine: Integers, day: Array) -> Array:
        """Hours on a day not after the origin; differences of these are what counts."""
        column = np.clip(np.searchsorted(self.edges, day, side="right") - 1, 0, len(self.edges) - 2)
        days = self.days[machine, column]
        run = np.clip(day - self.begun[machine, column], 0.0, days)
        speed = (self.total[machine, column + 1] - self.total[machine, column]) / np.maximum(days, 1e-9)
        inside = self.total[machine, column] + run * speed
        before = np.minimum(day - self.edges[0], 0.0) * self.pace[machine]
        return np.asarray(inside + before)


def hours_run(fleet: Fleet, origin: int) -> HoursRun:
    """Hours up to the first day of a period, from records before it.

    :param origin: running number of the first period that is not known.
    """
    use, machines = fleet.usage, fleet.machines
    known = use.period < origin
    first = int(use.period[known].min()) if known.any() else _first_period(fleet, origin)
    first = min(first, origin - 1)
    edges = boundaries(fleet.frequency, first, origin - first)
    begun, days = _in_field(fleet, edges)
    recorded = np.zeros(days.shape)
    seen = np.zeros(days.shape, dtype=np.bool_)
    rows, columns = use.machine[known], use.period[known] - first
    np.add.at(recorded, (rows, columns), use.hours[known])
    seen[rows, columns] = True
    seen &= days > 0
    model = np.unique(machines.model, return_inverse=True)[1]
    everything = np.ones(days.shape[1], dtype=np.bool_)
    pace = _pace(recorded, days, seen, model, everything)
    hours = np.where(seen, recorded, pace[:, None] * days)
    season = _season(fleet.frequency, np.where(seen, recorded, 0.0), np.where(seen, days, 0.0), origin)
    recent = edges[:-1] >= edges[-1] - YEAR - 3
    # a machine known for a few months of one season only is not taken to work like that all year
    usual = days
    if fleet.frequency is Frequency.MONTH:
        usual = days * season[(first + np.arange(days.shape[1])) % 12]
    total = np.hstack([np.zeros((len(machines), 1)), np.cumsum(hours, axis=1)])
    expected = _pace(recorded, usual, seen, model, recent, fallback=pace)
    return HoursRun(edges, total, begun, days, pace, expected, season)


def _season(frequency: Frequency, recorded: Array, time: Array, origin: int) -> Array:
    """Hours per machine day of each calendar month over those of its year, drawn to one by how well years agree."""
    result = np.ones(12)
    years = min(recorded.shape[1] // 12, 6)
    if frequency is not Frequency.MONTH or years < SEASON_YEARS:
        return result
    run = recorded.sum(axis=0)[-12 * years :].reshape(years, 12)
    days = time.sum(axis=0)[-12 * years :].reshape(years, 12)
    if not (days.min() > 0 and run.min() > 0):
        return result
    ratio = run / days
    ratio /= ratio.mean(axis=1)[:, None]
    mean = ratio.mean(axis=0)
    noise = float(ratio.var(axis=0, ddof=1).mean()) / years
    signal = max(float(mean.var()) - noise, 0.0)
    drawn = 1 + signal / max(signal + noise, 1e-12) * (mean - 1)
    # the first of these columns is the calendar month of the origin
    result[(origin + np.arange(12)) % 12] = drawn / drawn.mean()
    return result


def _first_period(fleet: Fleet, origin: int) -> int:
    begun = fleet.machines.commissioned[np.isfinite(fleet.machines.commissioned)]
    if not len(begun):
        return origin - 1
    return int(period_of(fleet.frequency, begun.min()[None])[0])


def _in_field(fleet: Fleet, edges: Array) -> tuple[Array, Array]:
    """First day and number of days each machine was in the field in each period."""
    start = np.nan_to_num(fleet.machines.commissioned, nan=np.inf)[:, None]
    end = np.nan_to_num(fleet.machines.retired, nan=np.inf)[:, None]
    begun = np.maximum(edges[None, :-1], start)
    over = np.minimum(edges[None, 1:], end)
    return np.where(np.isfinite(begun), begun, edges[-1]), np.maximum(over - begun, 0.0)


def _pace(
    recorded: Array, days: Array, seen: Flags, model: Integers, columns: Flags, fallback: Array | None = None
) -> Array:
    """Hours per day over some periods: the machine's own, its model's mixed in."""
    use = seen[:, columns]
    hours = np.where(use, recorded[:, columns], 0.0).sum(axis=1)
    time = np.where(use, days[:, columns], 0.0).sum(axis=1)
    every_hours, every_time = float(hours.sum()), float(time.sum())
    if every_time <= 0:
        return np.full(len(hours), CLOCK) if fallback is None else fallback
    overall = every_hours / every_time
    of_model = (np.bincount(model, hours) + overall * OWN_DAYS) / (np.bincount(model, time) + OWN_DAYS)
    prior = of_model[model] if fallback is None else np.where(time > 0, of_model[model], fallback)
    return np.asarray((hours + prior * OWN_DAYS) / (time + OWN_DAYS))
