"""Services that fall due, and the parts they need: as they would have fallen due lately, and over the months ahead."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.maintenance import loading
from aftersales.maintenance.rules import Done, applies, closure, due
from aftersales.maintenance.rules import Usage as Use
from aftersales.models import Machine, Programme, ProgrammeTask, TaskCompletion, TaskKitLine
from aftersales.planning.installed_base.machines import Known, Work, ordinal
from aftersales.planning.rules.servicing import Service, interval_days, last_in_time, late_share, times

PAST_DAYS = 3 * 365


@dataclass(frozen=True, slots=True)
class ServiceDue:
    """A task falling due on a machine; ``machine`` is its row."""

    machine: int
    task: ProgrammeTask
    on: float


@dataclass(frozen=True, slots=True)
class Completion:
    """A service done: row of the machine, task, day, the machine's hours then and those the next one counts from."""

    machine: int
    task: ProgrammeTask
    on: float
    hours: float | None
    anchor: float | None


def due_times(
    session: Session,
    actor: Actor,
    known: Sequence[Known],
    worked: Work,
    origin: datetime,
    end: date,
    late: Mapping[int, float],
) -> list[ServiceDue]:
    """Return the services of three years before the origin and of the time from there up to ``end``.

    What lies ahead starts from what was last done. What lies behind is counted as it would have fallen due at the
    machine's mean use since the model has a programme, done or not: the forecast learns from it how much of what is
    planned is really drawn.

    :param origin: the moment the forecast begins; what was done since is not looked at.
    :param late: :func:`lateness`.
    """
    there = [row for row, one in enumerate(known) if one.left is None]
    tasks = loading.applying(session, {known[row].model_id for row in there})
    configuration = _configurations(session, actor)
    done = loading.last_done(session, [known[row].id for row in there], until=origin)
    since = _programmes_since(session)
    now, found = float(origin.date().toordinal()), list[ServiceDue]()
    for row in there:
        one, use = known[row], _use(worked, row, origin.date())
        fitting = [
            task
            for task in tasks.get(one.model_id, ())
            if applies(task.only_with, task.not_with, configuration.get(one.id, ()))
        ]
        if fitting:
            begun = max(now - PAST_DAYS, ordinal(since[one.model_id]), float(one.commissioned.toordinal()))
            found += _between(row, fitting, _past(fitting, one, use, now), begun, now)
            ahead = list(_ahead(fitting, one, use, done.get(one.id, {}), now, late))
            found += _between(row, fitting, ahead, now, float(end.toordinal()))
    return found


def _use(worked: Work, row: int, on: date) -> Use:
    life, rate = float(worked.life[row]), float(worked.per_day[row])
    hours = Decimal(f"{life:.3f}") if isfinite(life) else None
    return Use(on, hours, None, rate if isfinite(rate) else None, None)


def kits(session: Session, tasks: Sequence[int]) -> dict[int, list[tuple[int, float]]]:
    """Return the parts each task needs and how many of them."""
    query = select(TaskKitLine.task_id, TaskKitLine.part_id, TaskKitLine.quantity).where(
        TaskKitLine.task_id.in_(set(tasks))
    )
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for task, part, quantity in session.execute(query.order_by(TaskKitLine.id)):
        found[task].append((part, float(quantity)))
    return found


def completions(session: Session, actor: Actor, known: Sequence[Known], origin: datetime) -> list[Completion]:
    """Return the services done before the origin, in order of time.

    Done by whichever version of the programme; a task is known by its code, and what it needs by its newest version.
    """
    rows = {one.id: row for row, one in enumerate(known)}
    tasks = loading.applying(session, {one.model_id for one in known})
    newest = {(model, task.code): task for model, listed in tasks.items() for task in listed}
    query = (
        select(TaskCompletion)
        .where(TaskCompletion.at < origin, visibility.sees_dated(actor, TaskCompletion.machine_id, TaskCompletion.at))
        .order_by(TaskCompletion.at, TaskCompletion.id)
    )
    found = []
    for done in session.scalars(query):
        row = rows.get(done.machine_id)
        task = None if row is None else newest.get((known[row].model_id, done.task_code))
        if row is not None and task is not None:
            anchor = done.life_hours if done.anchor_hours is None else done.anchor_hours
            found.append(Completion(row, task, ordinal(done.at), _number(done.life_hours), _number(anchor)))
    return found


def lateness(done: Sequence[Completion]) -> dict[int, float]:
    """Return, per task, how long after its point it is done on average, as a share of its interval in hours.

    What is a little late now will mostly be done later still; without this every month would begin with a heap of work.
    """
    before: dict[tuple[int, int], float] = {}
    late: dict[int, list[float]] = defaultdict(list)
    for one in done:
        every = _number(one.task.every_hours)
        if every is None or one.hours is None or one.anchor is None:
            continue
        key = (one.machine, one.task.id)
        if key in before:
            late[one.task.id].append((one.hours - before[key]) / every - 1.0)
        before[key] = one.anchor
    return {task: late_share(shares) for task, shares in late.items()}


def _between(
    row: int, tasks: Sequence[ProgrammeTask], services: Sequence[Service], begin: float, end: float
) -> Iterator[ServiceDue]:
    by_code = {task.code: task for task in tasks}
    for code, days in times(services, begin, end).items():
        for day in days.tolist():
            yield ServiceDue(row, by_code[code], day)


def _past(tasks: Sequence[ProgrammeTask], one: Known, use: Use, now: float) -> list[Service]:
    """As if every task had been done as planned ever since the machine was put to work, at its mean use."""
    begun = float(one.commissioned.toordinal())
    per_day = float(use.hours) / max(now - begun, 1.0) if use.hours else use.hours_per_day
    includes = _includes(tasks)
    found = []
    for task in tasks:
        interval = interval_days(_number(task.every_hours), task.every_days, per_day)
        if interval is not None:
            first = interval_days(_number(task.first_hours), task.first_days, per_day) or interval
            repeated = interval if task.repeats else 0.0
            found.append(Service(task.code, repeated, begun + first, includes[task.code]))
    return found


def _ahead(
    tasks: Sequence[ProgrammeTask],
    one: Known,
    use: Use,
    done: Mapping[str, Done],
    now: float,
    late: Mapping[int, float],
) -> Iterator[Service]:
    includes = _includes(tasks)
    for task in tasks:
        expected = due(loading.task_of(task), one.commissioned, done.get(task.code), use).expected_on
        interval = interval_days(_number(task.every_hours), task.every_days, use.hours_per_day)
        if expected is None or interval is None:
            continue
        repeated = interval if task.repeats else 0.0
        first = last_in_time(float(expected.toordinal()), repeated, now, late.get(task.id, 0.0) * interval)
        yield Service(task.code, repeated, first, includes[task.code])


def _includes(tasks: Sequence[ProgrammeTask]) -> dict[str, set[str]]:
    named = {task.code: task.includes for task in tasks}
    return {task.code: set(closure(named, task.code)) - {task.code} for task in tasks}


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _configurations(session: Session, actor: Actor) -> dict[int, list[str]]:
    query = select(Machine.id, Machine.configuration).where(visibility.sees_machine(actor, Machine.id))
    return {row.id: row.configuration for row in session.execute(query)}


def _programmes_since(session: Session) -> dict[int, datetime]:
    """The moment since which each model has a programme."""
    query = (
        select(Programme.model_id, func.min(Programme.published_at))
        .where(Programme.published_at.is_not(None))
        .group_by(Programme.model_id)
    )
    return {model: at for model, at in session.execute(query) if at is not None}
