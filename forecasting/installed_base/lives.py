"""The life of every part in every group of machines, learned from what was put in and taken out.

A cell is a part in a group. Its Weibull life is fitted to right-censored lives that may have been seen late, its
shape and scale drawn to those of the part's other groups and of the catalogue. Machines worked harder, and other
models, use life up faster or slower per hour (accelerated life); where lives depart from Weibull, as with early
failures, the hazard is corrected by age.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.chains import Stays
from forecasting.installed_base.fleet import Fleet, Reason
from forecasting.installed_base.hours import HoursRun

EARLY = 0.15
"""Age in scales below which failures may be early ones, of faulty parts or fitting, that say nothing of wear."""
EDGES = np.array([0.0, 0.03, 0.08, EARLY, 0.3, 0.5, 0.75, 1.0, 1.3, 1.7, 2.4])
"""Ages in scales at which the correction of the hazard may change."""
DUTY_RANGE = 1.0
"""Paces further than this from the usual one (in logarithms) say no more than this."""
SHORTEST = 1.0
"""Hours a life is taken to last that was recorded as none at all."""


@dataclass(frozen=True, eq=False)
class Observed:
    """Lives as seen at an origin, one row per stay; ages in hours."""

    stays: Stays
    cell: Integers
    entry: Array
    age: Array

    @property
    def failed(self) -> Flags:
        """True where the stay ended by failure."""
        return np.asarray(self.stays.reason == Reason.FAILURE)

    @property
    def planned(self) -> Flags:
        """True where it ended by plan."""
        return np.asarray(self.stays.reason == Reason.PLANNED)


@dataclass(frozen=True, eq=False)
class Cells:
    """Parts in groups.

    :param part: row of the part; :param group: number of the group; shape (cells,) each.
    :param of: cell of each part and group, −1 where there is none, shape (parts, groups).
    """

    part: Integers
    group: Integers
    of: Integers


@dataclass(frozen=True, eq=False)
class LifeModel:
    """Hazards of all cells.

    :param shape, scale: Weibull of failures by cell. :param failures, exposure: what it was learned from.
    :param factor: correction of the hazard by stretch of age, shape (cells, stretches).
    :param habit_shape, habit_scale: Weibull of preventive replacements where they follow a habit; scale inf = none.
    :param habit_factor: its correction by stretch of age, shape (cells, stretches).
    :param pace: ln of time over time by part and machine duty: exponent by part, shape (parts,).
    :param usual: ln of the usual pace by cell.
    :param model: ln factor of time by part and model, shape (parts, models).
    :param since: first day of the records, where machines are much older; −inf where they begin with the machines.
    """

    cells: Cells
    shape: Array
    scale: Array
    failures: Array
    exposure: Array
    factor: Array
    habit_shape: Array
    habit_scale: Array
    habit_factor: Array
    pace: Array
    usual: Array
    model: Array
    since: float = -np.inf

    def cumulative(self, cell: Integers, age: Array) -> Array:
        """Cumulative hazard of failure at an age; ``cell`` and ``age`` of shapes that go together."""
        return _corrected(self.shape, self.scale, self.factor, cell, age)

    def habitual(self, cell: Integers, age: Array) -> Array:
        """Cumulative hazard of preventive replacement by habit."""
        return _corrected(self.habit_shape, self.habit_scale, self.habit_factor, cell, age)

    def speed(self, part: Integers, cell: Integers, model: Integers, pace: Array) -> Array:
        """Factor by which an hour of a machine counts for more or less life."""
        away = np.clip(np.log(np.maximum(pace, 1e-3)) - self.usual[cell], -DUTY_RANGE, DUTY_RANGE)
        return np.asarray(np.exp(self.pace[part] * away + self.model[part, model]))


def _corrected(shape: Array, scale: Array, factor: Array, cell: Integers, age: Array) -> Array:
    """Cumulative hazard of Weibull lives whose hazard is corrected by stretch of age."""
    x = age / scale[cell]
    stretch = np.searchsorted(EDGES, x, side="right") - 1
    at = np.power(EDGES[None, :], shape[:, None])
    step = np.diff(at, axis=1) * factor[:, :-1]
    base = np.hstack([np.zeros((len(step), 1)), np.cumsum(step, axis=1)])
    return np.asarray(base[cell, stretch] + factor[cell, stretch] * (np.power(x, shape[cell]) - at[cell, stretch]))


def observe(fleet: Fleet, found: Stays, hours: HoursRun, group: Integers) -> tuple[Observed, Cells]:
    """Ages of all stays, and the cells they belong to.

    :param group: number of the group of each machine.
    """
    groups = int(group.max()) + 1 if len(group) else 1
    key = found.part * groups + group[found.machine]
    wanted, cell = np.unique(key, return_inverse=True)
    of: Integers = np.full(len(fleet.parts) * groups, -1, dtype=np.int64)
    of[wanted] = np.arange(len(wanted))
    run = hours.at(found.machine, found.end) - hours.at(found.machine, found.start)
    ended = found.reason != Reason.RUNNING
    age = found.initial + np.maximum(run, np.where(ended, SHORTEST, 0.0))
    cells = Cells(wanted // groups, wanted % groups, of.reshape(len(fleet.parts), groups))
    return Observed(found, cell.astype(np.int64), found.initial, age), cells
