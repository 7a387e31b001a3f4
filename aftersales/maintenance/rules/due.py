"""When a maintenance task is due: a pure function of the task, when it was last done (or the start) and the use.

Rules decided here:

- A task is due by its first trigger: hours, cycles or days, whichever comes first. Hours and cycles count from new,
  days from commissioning.
- *The next time counts from the planned point when the task was done within tolerance of it, else from when it was
  done.* So a service done a little early or late does not shift the plan, and one done far off starts it anew. Each
  trigger is judged by itself.
- *Due* from the planned point less the tolerance (doing it now counts as on plan) to the planned point plus the
  tolerance; after that *overdue*. *Due soon* when the planned point is expected within the horizon.
- Done in time means not later than planned point plus tolerance by any trigger; early is never a lapse.
- A due day passes to the next one while fewer than ``skip_below_hours`` were worked since the last time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from aftersales.vocabulary import DueStatus, LifeUnit

HORIZON_DAYS = 30
FARTHEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Task:
    """A task's intervals; see :class:`aftersales.models.ProgrammeTask`."""

    every_hours: Decimal | None = None
    every_days: int | None = None
    every_cycles: Decimal | None = None
    first_hours: Decimal | None = None
    first_days: int | None = None
    first_cycles: Decimal | None = None
    tolerance_percent: int = 10
    repeats: bool = True
    skip_below_hours: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The last time a task was done; the anchors are what the next interval counts from (empty: the actual point)."""

    on: date
    hours: Decimal | None = None
    cycles: Decimal | None = None
    anchor_hours: Decimal | None = None
    anchor_cycles: Decimal | None = None
    anchor_on: date | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """A machine's use on a day; ``…_per_day`` are empty where not known."""

    on: date
    hours: Decimal | None = None
    cycles: Decimal | None = None
    hours_per_day: float | None = None
    cycles_per_day: float | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """One reason a task falls due.

    ``due_at`` is the life value (hours, cycles), ``due_on`` the day (days) planned; ``remaining`` is counted in the
    unit, negative when past; ``expected_on`` is the day the planned point is reached at the present use.
    """

    unit: LifeUnit
    remaining: Decimal
    tolerance: Decimal
    due_at: Decimal | None = None
    due_on: date | None = None
    expected_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether doing it now counts as on plan, or later."""
        return self.remaining <= self.tolerance

    @property
    def late(self) -> bool:
        """Whether the tolerance is used up."""
        return self.remaining < -self.tolerance


@dataclass(frozen=True, slots=True)
class Due:
    """How a task stands: its triggers, the day expected (of the first trigger) and what that trigger is."""

    status: DueStatus
    triggers: Sequence[Trigger] = field(default_factory=tuple)
    expected_on: date | None = None
    first: LifeUnit | None = None


def applies(only_with: Iterable[str], not_with: Iterable[str], configuration: Iterable[str]) -> bool:
    """Tell whether a task is for a machine with this configuration (option codes)."""
    wanted, unwanted, fitted = set(only_with), set(not_with), set(configuration)
    return not (unwanted & fitted) and (not wanted or bool(wanted & fitted))


def due(
    task: Task, commissioned: date | None, last: Done | None, usage: Usage, *, horizon_days: int = HORIZON_DAYS
) -> Due:
    """Return how a task stands.

    :param commissioned: first day of use; without it the days of the first occurrence cannot be counted.
    :param last: the last time it was done, ``None`` for never.
    """
    if last is not None and not task.repeats:
        return Due(DueStatus.DONE)
    triggers = tuple(_triggers(task, commissioned, last, usage))
    if not triggers:
        return Due(DueStatus.UNKNOWN)
    expected = [(trigger.expected_on, trigger.unit) for trigger in triggers if trigger.expected_on]
    on, first = min(expected, default=(None, triggers[0].unit))
    if any(trigger.late for trigger in triggers):
        status = DueStatus.OVERDUE
    elif any(trigger.open for trigger in triggers):
        status = DueStatus.DUE
    elif on is not None and on <= usage.on + timedelta(days=horizon_days):
        status = DueStatus.DUE_SOON
    else:
        status = DueStatus.OK
    return Due(status, triggers, on, first)


def _triggers(task: Task, commissioned: date | None, last: Done | None, usage: Usage) -> Iterable[Trigger]:
    hours = _base(last.anchor_hours, last.hours) if last else Decimal(0)
    cycles = _base(last.anchor_cycles, last.cycles) if last else Decimal(0)
    if task.every_hours is not None and usage.hours is not None and hours is not None:
        step = task.every_hours if last else task.first_hours or task.every_hours
        yield _counted(LifeUnit.HOURS, hours, step, task, usage.hours, usage.hours_per_day, usage.on)
    if task.every_cycles is not None and usage.cycles is not None and cycles is not None:
        step = task.every_cycles if last else task.first_cycles or task.every_cycles
        yield _counted(LifeUnit.CYCLES, cycles, step, task, usage.cycles, usage.cycles_per_day, usage.on)
    start = (last.anchor_on or last.on) if last else commissioned
    if task.every_days is not None and start is not None:
        yield _by_days(task, start, last, usage)


def _base(anchor: Decimal | None, actual: Decimal | None) -> Decimal | None:
    """The life an interval counts from: the anchor, else the actual value."""
    return actual if anchor is None else anchor


def _counted(
    unit: LifeUnit, base: Decimal, step: Decimal, task: Task, now: Decimal, per_day: float | None, on: date
) -> Trigger:
    planned = base + step
    remaining = planned - now
    expected = None
    if per_day and abs(days := float(remaining) / per_day) <= FARTHEST_DAYS:
        expected = on + timedelta(days=round(days))
    elif remaining <= 0:
        expected = on
    return Trigger(unit, remaining, step * task.tolerance_percent / 100, due_at=planned, expected_on=expected)


def _by_days(task: Task, start: date, last: Done | None, usage: Usage) -> Trigger:
    assert task.every_days is not None
    step = task.every_days if last else task.first_days or task.every_days
    planned = start + timedelta(days=step)
    if _little_used(task, last, usage):
        while planned < usage.on:
            planned += timedelta(days=task.every_days)
    tolerance = Decimal(step) * task.tolerance_percent / 100
    return Trigger(LifeUnit.DAYS, Decimal((planned - usage.on).days), tolerance, due_on=planned, expected_on=planned)


def _little_used(task: Task, last: Done | None, usage: Usage) -> bool:
    if task.skip_below_hours is None or usage.hours is None:
        return False
    since = (last.hours or Decimal(0)) if last else Decimal(0)
    return usage.hours - since < task.skip_below_hours


def completion(task: Task, commissioned: date | None, last: Done | None, usage: Usage) -> tuple[Done, bool | None]:
    """Return a completion at this use, with what the next time counts from, and whether it was in time.

    In time is ``None`` when nothing tells: no trigger could be counted, or a one-time task was done again.
    """
    stood = due(task, commissioned, last, usage)
    by_unit = {trigger.unit: trigger for trigger in stood.triggers}

    def anchor(unit: LifeUnit, actual: Decimal | None) -> Decimal | None:
        trigger = by_unit.get(unit)
        near = trigger is not None and abs(trigger.remaining) <= trigger.tolerance
        return trigger.due_at if trigger is not None and near else actual

    days = by_unit.get(LifeUnit.DAYS)
    on_plan = days is not None and abs(days.remaining) <= days.tolerance
    done = Done(
        usage.on,
        usage.hours,
        usage.cycles,
        anchor(LifeUnit.HOURS, usage.hours),
        anchor(LifeUnit.CYCLES, usage.cycles),
        days.due_on if days is not None and on_plan else usage.on,
    )
    return done, None if not stood.triggers else not any(trigger.late for trigger in stood.triggers)
