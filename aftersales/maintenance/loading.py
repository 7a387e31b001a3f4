"""From rows to the rules' objects: the tasks that apply to models, and when they were last done, set-wise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales.maintenance.rules import Done, Task
from aftersales.models import Machine, Programme, ProgrammeTask, Site, TaskCompletion

CHUNK = 5000


def task_of(row: ProgrammeTask) -> Task:
    """Return a task's intervals."""
    return Task(
        every_hours=row.every_hours,
        every_days=row.every_days,
        every_cycles=row.every_cycles,
        first_hours=row.first_hours,
        first_days=row.first_days,
        first_cycles=row.first_cycles,
        tolerance_percent=row.tolerance_percent,
        repeats=row.repeats,
        skip_below_hours=row.skip_below_hours,
    )


def applying(session: Session, model_ids: Iterable[int], at: datetime | None = None) -> dict[int, list[ProgrammeTask]]:
    """Return the tasks of each model's newest published programme.

    :param at: as of this moment; ``None`` for now.
    """
    newest = (
        select(Programme.model_id, func.max(Programme.number).label("number"))
        .where(Programme.model_id.in_(set(model_ids)), Programme.published_at.is_not(None))
        .group_by(Programme.model_id)
    )
    if at is not None:
        newest = newest.where(Programme.published_at <= at)
    latest = newest.subquery()
    found: dict[int, list[ProgrammeTask]] = defaultdict(list)
    query = (
        select(Programme.model_id, ProgrammeTask)
        .join(ProgrammeTask, ProgrammeTask.programme_id == Programme.id)
        .join(latest, (latest.c.model_id == Programme.model_id) & (latest.c.number == Programme.number))
        .order_by(ProgrammeTask.id)
    )
    for model_id, task in session.execute(query):
        found[model_id].append(task)
    return found


def last_done(
    session: Session, machine_ids: Sequence[int], *, until: datetime | None = None
) -> dict[int, dict[str, Done]]:
    """Return, per machine and task code, the last completion (before or at ``until``)."""
    found: dict[int, dict[str, Done]] = defaultdict(dict)
    for start in range(0, len(machine_ids), CHUNK):
        place = func.row_number().over(
            partition_by=(TaskCompletion.machine_id, TaskCompletion.task_code),
            order_by=(TaskCompletion.at.desc(), TaskCompletion.id.desc()),
        )
        ranked = select(TaskCompletion.id, place.label("place")).where(
            TaskCompletion.machine_id.in_(machine_ids[start : start + CHUNK])
        )
        if until is not None:
            ranked = ranked.where(TaskCompletion.at <= until)
        newest = ranked.subquery()
        for row in session.scalars(
            select(TaskCompletion).join(newest, newest.c.id == TaskCompletion.id).where(newest.c.place == 1)
        ):
            found[row.machine_id][row.task_code] = done_of(row)
    return found


def done_of(row: TaskCompletion) -> Done:
    """Return a completion as the rules take it."""
    return Done(row.at.date(), row.life_hours, row.life_cycles, row.anchor_hours, row.anchor_cycles, row.anchor_on)


def day_at(session: Session, machine: Machine, at: datetime) -> date:
    """Return the calendar day of a moment where the machine stands."""
    name = session.scalar(select(Site.time_zone).where(Site.id == machine.site_id))
    try:
        return at.astimezone(ZoneInfo(name or "UTC")).date()
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone(UTC).date()
