"""Maintenance that was not done in time: what conditions of warranty ask about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales.maintenance import loading
from aftersales.maintenance.rules import Trigger, Usage, applies, due
from aftersales.models import Machine, TaskCompletion
from aftersales.usage import queries as usage
from aftersales.vocabulary import DueStatus, MeterKind


@dataclass(frozen=True, slots=True)
class Lapse:
    """A task that was not done in time: ``late`` (done, after its tolerance) or ``missed`` (overdue, not done)."""

    kind: str
    task_code: str
    task_name: str
    on: date
    life_hours: Decimal | None
    triggers: Sequence[Trigger] = ()


def lapses(session: Session, machine_id: int, start: date, until: date) -> list[Lapse]:
    """Return the tasks of a machine not done within tolerance from ``start`` to ``until``, both included.

    For conditions of warranty; visibility is the caller's matter. Judged by what was read on the meters by then, and by
    the programme published by then (the present one where none was).
    """
    after, before = (datetime.combine(day, time(), UTC) for day in (start, until + timedelta(days=1)))
    machine = session.get_one(Machine, machine_id)
    programmes = loading.applying(session, [machine.model_id], before) or loading.applying(session, [machine.model_id])
    tasks = {task.code: task for task in programmes.get(machine.model_id, ())}
    late = session.scalars(
        select(TaskCompletion)
        .where(
            TaskCompletion.machine_id == machine_id,
            TaskCompletion.at >= after,
            TaskCompletion.at < before,
            TaskCompletion.within_tolerance.is_(False),
        )
        .order_by(TaskCompletion.at, TaskCompletion.id)
    )
    names = {code: task.name for code, task in tasks.items()}
    found = [
        Lapse("late", row.task_code, names.get(row.task_code, row.task_code), row.at.date(), row.life_hours)
        for row in late
    ]
    end = before - timedelta(microseconds=1)
    use = Usage(
        until,
        usage.life_at(session, machine_id, MeterKind.HOURS, end),
        usage.life_at(session, machine_id, MeterKind.CYCLES, end),
    )
    done = loading.last_done(session, [machine_id], until=end).get(machine_id, {})
    for task in tasks.values():
        if applies(task.only_with, task.not_with, machine.configuration):
            state = due(loading.task_of(task), machine.commissioned_on, done.get(task.code), use)
            if state.status is DueStatus.OVERDUE:
                found.append(Lapse("missed", task.code, task.name, until, use.hours, state.triggers))
    return found
