"""Expected demand by part and period from the components of a fleet, in the parts that explain it."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.binning import binned, worth_binning
from forecasting.installed_base.fleet import Progress
from forecasting.installed_base.lives import LifeModel
from forecasting.installed_base.projection import Block, Visits, oldest, project
from forecasting.installed_base.retiring import staying
from forecasting.installed_base.segments import Plan, Segments, in_the_field, joined, plan_ahead, to_be_sold
from forecasting.installed_base.state import State


@dataclass(frozen=True, eq=False)
class Expectation:
    """Expected pieces before any correction, shape (parts, periods) each.

    :param failures: of machines in the field, as if none retired; :param new: of machines to be sold.
    :param scheduled: planned replacements by plan; :param habit: by habit; as if no machine retired.
    :param lost_failures, lost_habit, lost_scheduled: what retirements take away of each.
    :param new_habit: habitual replacements in machines to be sold.
    :param square: Σ of squares of what each component contributes; :param again: expected renewals after renewals.
    :param hours: component hours.
    :param unknown: models of the sales plan nothing is known of.
    :param rows: contributions by part and machine.
    """

    failures: Array
    new: Array
    scheduled: Array
    habit: Array
    lost_failures: Array
    lost_habit: Array
    lost_scheduled: Array
    new_habit: Array
    square: Array
    again: Array
    hours: Array
    unknown: tuple[str, ...]
    rows: "Rows | None"


@dataclass(frozen=True, eq=False)
class Rows:
    """Contributions net of retirements by part and machine, ascending.

    :param machine: row of the machine; −1 − model for machines to be sold.
    :param failures, habit, scheduled: shape (rows, periods).
    :param age: hours of the oldest component at the origin; NaN for machines to be sold.
    """

    part: Integers
    machine: Integers
    failures: Array
    habit: Array
    scheduled: Array
    age: Array


def expect(
    state: State,
    life: LifeModel,
    horizon: int,
    habit: Flags,
    *,
    explain: bool = False,
    foreseen: bool = False,
    progress: Progress | None = None,
) -> Expectation:
    """Expected demand of the coming periods.

    :param habit: parts whose preventive replacement follows a habit, shape (parts,).
    :param foreseen: every retirement ahead is known (when the past is forecast).
    """
    edges, days = state.ahead(horizon)
    plan = plan_ahead(state, edges)
    sold, unknown = to_be_sold(state, life, edges, days)
    segments = joined(in_the_field(state, life, edges, days, plan), sold)
    stay = staying(state.fleet.machines, state.model, edges, unannounced=not foreseen).staying
    visits = None
    if state.rhythm is not None:
        visits = Visits(state.rhythm.visited(edges, days), state.rhythm.interval)
    elif not explain and worth_binning(segments, np.bincount(segments.cell) > 0):
        segments, stay = binned(segments, oldest(segments, life), stay)
    sums = _Sums(state, segments, horizon, explain)
    for block in project(segments, life, days, stay, habit[life.cells.part], visits=visits):
        sums.add(block, days, stay)
        if progress is not None:
            progress(sums.done, len(segments), "expected renewals")
    return sums.result(plan, stay, unknown)


class _Sums:
    """Blocks of components summed up by part, and kept by machine where they are to be explained."""

    def __init__(self, state: State, segments: Segments, horizon: int, explain: bool) -> None:
        self.state, self.segments, self.horizon = state, segments, horizon
        parts = len(state.fleet.parts)
        self.by_part = {
            name: np.zeros((parts, horizon))
            for name in (
                "failures",
                "new",
                "habit",
                "new_habit",
                "lost_failures",
                "lost_habit",
                "square",
                "again",
                "hours",
            )
        }
        self.net = np.zeros((len(segments), horizon)) if explain else None
        self.net_habit: Array | None = None
        self.done = 0

    def add(self, block: Block, days: Array, stay: Array) -> None:
        """Take one block in."""
        part, machine = self.segments.part[block.rows], self.segments.machine[block.rows]
        fresh, weight = machine < 0, self.segments.weight[block.rows][:, None]
        net = block.failures - block.lost_failures
        self._sum("failures", part, block.failures, ~fresh)
        self._sum("new", part, block.failures, fresh)
        self._sum("lost_failures", part, block.lost_failures, ~fresh)
        self._sum("square", part, np.square(net) / weight, ~fresh)
        self._sum("again", part, net * block.again[:, None], None)
        self._sum("hours", part, self._hours(block.rows, days, stay), None)
        if block.habit is not None and block.lost_habit is not None:
            self._sum("habit", part, block.habit, ~fresh)
            self._sum("new_habit", part, block.habit, fresh)
            self._sum("lost_habit", part, block.lost_habit, ~fresh)
            self._sum("square", part, np.square(block.habit - block.lost_habit) / weight, ~fresh)
        if self.net is not None:
            self.net[block.rows] = net
            if block.habit is not None and block.lost_habit is not None:
                if self.net_habit is None:
                    self.net_habit = np.zeros(self.net.shape)
                self.net_habit[block.rows] = block.habit - block.lost_habit
        self.done += len(block.rows)

    def _sum(self, name: str, part: Integers, values: Array, rows: Flags | None) -> None:
        if rows is not None and not rows.all():
            part, values = part[rows], values[rows]
        if not len(part):
            return
        # the rows of a block stand in order of cell, cells in order of part
        starts = np.flatnonzero(np.r_[True, part[1:] != part[:-1]])
        self.by_part[name][part[starts]] += np.add.reduceat(values, starts, axis=0)

    def _hours(self, rows: Integers, days: Array, stay: Array) -> Array:
        pick = self.segments
        low = pick.begin[rows][:, None]
        stop = np.minimum(pick.end[rows], pick.retire[rows])[:, None]
        if not low.any() and np.isinf(stop).all():
            run = np.diff(days)[None, :]
        else:
            run = np.diff(np.clip(days[None, :], low, np.maximum(stop, low)), axis=1)
        machine = pick.machine[rows]
        remains = np.where((machine >= 0)[:, None], stay[np.maximum(machine, 0)], 1.0)
        return np.asarray(run * (pick.raw[rows] * pick.weight[rows])[:, None] * remains)

    def result(self, plan: Plan, stay: Array, unknown: tuple[str, ...]) -> Expectation:
        """Everything summed, the plan included."""
        parts = len(self.state.fleet.parts)
        scheduled, lost = np.zeros((parts, self.horizon)), np.zeros((parts, self.horizon))
        remains = np.where(plan.late, 0.0, stay[plan.machine, plan.period]) if len(plan.part) else np.zeros(0)
        # a machine to be commissioned within the horizon is not in the field yet, but its plan stands
        waiting = self.state.fleet.machines.commissioned[plan.machine] >= self.state.today
        remains = np.where(waiting & ~plan.late, 1.0, remains)
        np.add.at(scheduled, (plan.part, plan.period), plan.chance)
        np.add.at(lost, (plan.part, plan.period), plan.chance * (1 - remains))
        rows = None if self.net is None else self._rows(plan, plan.chance * remains)
        return Expectation(scheduled=scheduled, lost_scheduled=lost, unknown=unknown, rows=rows, **self.by_part)

    def _rows(self, plan: Plan, executed: Array) -> Rows:
        assert self.net is not None
        segments, low = self.segments, -1 - len(self.state.models)
        span = len(self.state.fleet.machines) - low
        key = np.r_[segments.part * span + (segments.machine - low), plan.part * span + (plan.machine - low)]
        keys, place = np.unique(key, return_inverse=True)
        count = len(segments)
        shape = (len(keys), self.horizon)
        own = place[:count]
        failures = _by_row(own, self.net, shape)
        habit = np.broadcast_to(0.0, shape) if self.net_habit is None else _by_row(own, self.net_habit, shape)
        scheduled: Array = np.broadcast_to(0.0, shape)
        if len(executed):
            scheduled = np.zeros(shape)
            np.add.at(scheduled, (place[count:], plan.period), executed)
        age = np.full(len(keys), -np.inf)
        running = np.flatnonzero((segments.machine >= 0) & (segments.begin <= 0))
        raw = segments.age[running] * segments.raw[running] / np.maximum(segments.pace[running], 1e-300)
        np.maximum.at(age, own[running], raw)
        age[np.isinf(age)] = np.nan
        return Rows(keys // span, keys % span + low, failures, habit, scheduled, age)


def _by_row(place: Integers, values: Array, shape: tuple[int, int]) -> Array:
    result = np.zeros(shape)
    if not len(place):
        return result
    order = np.argsort(place, kind="stable")
    sorted_place = place[order]
    starts = np.flatnonzero(np.r_[True, sorted_place[1:] != sorted_place[:-1]])
    result[sorted_place[starts]] = np.add.reduceat(values[order], starts, axis=0)
    return result
