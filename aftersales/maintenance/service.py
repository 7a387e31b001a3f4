"""Use-cases of maintenance: draft, change and publish a model's programme; note a task as done on a machine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.errors import Invalid, RuleBroken
from aftersales.maintenance import loading, programmes
from aftersales.maintenance.rules import KitLine, TaskSpec, Usage, check_tasks, closure, completion
from aftersales.models import (
    ChecklistItem,
    Machine,
    MachineModel,
    Part,
    Programme,
    ProgrammeTask,
    TaskCompletion,
    TaskKitLine,
)
from aftersales.translate import N_
from aftersales.usage import queries as usage
from aftersales.vocabulary import MeterKind
from aftersales.work import Work

PLAIN = (
    "code",
    "name",
    "every_hours",
    "every_days",
    "every_cycles",
    "first_hours",
    "first_days",
    "first_cycles",
    "tolerance_percent",
    "repeats",
    "skip_below_hours",
    "standard_hours",
    "qualification",
    "safety",
)


def create_programme(work: Work, *, model_id: int, name: str, tasks: Sequence[TaskSpec] = ()) -> Programme:
    """Draft the next version of a model's programme; it applies once published.

    :raises NotFound: when the model is not of the actor's organisation.
    :raises Invalid: when a task is not sound, naming row and field.
    """
    require(work.actor, Permission.PROGRAMME_MANAGE)
    made_here = visibility.owns(work.actor, MachineModel.manufacturer_id)
    model = visibility.get(work.session, MachineModel, model_id, made_here, lock=True)
    last = work.session.scalar(select(func.max(Programme.number)).where(Programme.model_id == model.id))
    programme = Programme(
        organization_id=model.manufacturer_id, model_id=model.id, number=(last or 0) + 1, name=_named(name)
    )
    work.session.add(programme)
    work.session.flush()
    _write_tasks(work, programme, tasks)
    return programme


def next_version(work: Work, programme_id: int) -> Programme:
    """Draft a model's next version from one there is, with the same tasks.

    :raises NotFound: when the programme is not of the actor's organisation.
    """
    require(work.actor, Permission.PROGRAMME_MANAGE)
    ours = visibility.owns(work.actor, Programme.organization_id)
    visibility.get(work.session, Programme, programme_id, ours)
    view = programmes.programme(work.session, work.actor, programme_id)
    return create_programme(work, model_id=view.row.model_id, name=view.row.name, tasks=programmes.specs(view))


def change_programme(
    work: Work,
    programme_id: int,
    *,
    name: str | None = None,
    tasks: Sequence[TaskSpec] | None = None,
    expected_version: int | None = None,
) -> Programme:
    """Change a draft: its name, or all its tasks.

    :raises RuleBroken: when it is published; draft the next version instead.
    """
    programme = _draft(work, programme_id, expected_version)
    if name is not None:
        programme.name = _named(name)
    if tasks is not None:
        _drop_tasks(work, programme)
        _write_tasks(work, programme, tasks)
        flag_modified(programme, "name")
    work.session.flush()
    return programme


def put_task(
    work: Work, programme_id: int, task: TaskSpec, *, replaces: str | None = None, expected_version: int | None = None
) -> Programme:
    """Put a task into a draft: in the place of the one with code ``replaces``, or at its end.

    Tasks that include a replaced one include it under its new code.
    """
    require(work.actor, Permission.PROGRAMME_MANAGE)
    tasks = programmes.specs(programmes.programme(work.session, work.actor, programme_id))
    if replaces is None:
        tasks.append(task)
    else:
        renamed = [
            replace(each, includes=[task.code if code == replaces else code for code in each.includes])
            for each in tasks
        ]
        tasks = [task if each.code == replaces else each for each in renamed]
    return change_programme(work, programme_id, tasks=tasks, expected_version=expected_version)


def drop_task(work: Work, programme_id: int, code: str, *, expected_version: int | None = None) -> Programme:
    """Take a task out of a draft, also from what others include."""
    require(work.actor, Permission.PROGRAMME_MANAGE)
    tasks = programmes.specs(programmes.programme(work.session, work.actor, programme_id))
    left = [replace(each, includes=[other for other in each.includes if other != code]) for each in tasks]
    kept = [each for each in left if each.code != code]
    return change_programme(work, programme_id, tasks=kept, expected_version=expected_version)


def publish(
    work: Work, programme_id: int, *, at: datetime | None = None, expected_version: int | None = None
) -> Programme:
    """Publish a draft; from then on it applies to every machine of the model. What was done counts on by task code.

    :raises RuleBroken: when it is published already, has no tasks, or a newer version is published.
    """
    programme = _draft(work, programme_id, expected_version)
    if not work.session.scalar(select(ProgrammeTask.id).where(ProgrammeTask.programme_id == programme.id).limit(1)):
        raise RuleBroken(N_("A programme without tasks cannot be published"), code="no_tasks")
    newer = select(Programme.id).where(
        Programme.model_id == programme.model_id,
        Programme.number > programme.number,
        Programme.published_at.is_not(None),
    )
    if work.session.scalar(newer.limit(1)):
        raise RuleBroken(N_("A newer version is published already"), code="newer_published")
    if at is not None and at > work.now:
        raise RuleBroken(N_("This lies in the future"), code="in_future")
    programme.published_at = at or work.now
    work.session.flush()
    return programme


def _draft(work: Work, programme_id: int, expected_version: int | None) -> Programme:
    require(work.actor, Permission.PROGRAMME_MANAGE)
    ours = visibility.owns(work.actor, Programme.organization_id)
    programme = visibility.get(work.session, Programme, programme_id, ours, lock=True)
    expect(programme.version, expected_version)
    if programme.published_at is not None:
        raise RuleBroken(
            N_("A published programme does not change; draft its next version"), code="programme_published"
        )
    return programme


def _named(name: str) -> str:
    if not name.strip():
        raise Invalid(N_("A programme needs a name"), errors=[{"field": "name", "message": N_("This is missing")}])
    return name.strip()


def _drop_tasks(work: Work, programme: Programme) -> None:
    session = work.session
    tasks = session.scalars(select(ProgrammeTask).where(ProgrammeTask.programme_id == programme.id)).all()
    ids = [task.id for task in tasks]
    for child in (ChecklistItem, TaskKitLine):
        for row in session.scalars(select(child).where(child.task_id.in_(ids))):
            session.delete(row)
    session.flush()
    for task in tasks:
        session.delete(task)
    session.flush()


def _write_tasks(work: Work, programme: Programme, tasks: Sequence[TaskSpec]) -> None:
    problems = [*check_tasks(tasks), *_unknown_parts(work, tasks)]
    if problems:
        raise Invalid(N_("The programme is not sound"), code="programme_unsound", errors=problems)
    for spec in tasks:
        fields = {name: getattr(spec, name) for name in PLAIN}
        lists = {name: list(getattr(spec, name)) for name in ("includes", "only_with", "not_with")}
        task = ProgrammeTask(programme_id=programme.id, **fields, **lists)
        work.session.add(task)
        work.session.flush()
        work.session.add_all(
            ChecklistItem(
                task_id=task.id,
                sequence=sequence,
                text=check.text,
                measured=check.measured,
                unit=check.unit,
                lower=check.lower,
                upper=check.upper,
                required=check.required,
            )
            for sequence, check in enumerate(spec.checklist, start=1)
        )
        work.session.add_all(
            TaskKitLine(task_id=task.id, part_id=line.part_id, quantity=line.quantity) for line in spec.kit
        )
    work.session.flush()


def _unknown_parts(work: Work, tasks: Sequence[TaskSpec]) -> list[dict[str, object]]:
    """Return the kit lines whose part the actor does not see, or that cannot be counted so."""
    ids = {line.part_id for task in tasks for line in task.kit}
    seen = select(Part.id, Part.whole_units).where(Part.id.in_(ids), visibility.sees_part(work.actor))
    whole = {row[0]: row[1] for row in work.session.execute(seen)} if ids else {}

    def problem(line: KitLine) -> str | None:
        if line.part_id not in whole:
            return N_("There is no such part")
        fraction = whole[line.part_id] and line.quantity != line.quantity.to_integral_value()
        return N_("This part is counted in whole units") if fraction else None

    return [
        {"row": row, "field": "kit", "message": message}
        for row, task in enumerate(tasks, start=1)
        for line in task.kit
        if (message := problem(line))
    ]


def complete(
    work: Work,
    *,
    machine_id: int,
    task_id: int,
    at: datetime | None = None,
    life_hours: Decimal | None = None,
    life_cycles: Decimal | None = None,
    work_order_id: int | None = None,
) -> TaskCompletion:
    """Note a task, and every task it includes, as done on a machine.

    :param at: moment it was done; ``None`` is now.
    :param life_hours: life then; taken from the meters when not given.
    :returns: the completion of the task itself; the same once more (task, moment) gives the one there is.
    :raises NotFound: when the machine does not concern the actor, or the task is not of its model.
    :raises RuleBroken: when it lies in the future.
    """
    require(work.actor, Permission.ORDER_WORK)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    programme = Programme.id == ProgrammeTask.programme_id
    task = visibility.get(
        work.session,
        ProgrammeTask,
        task_id,
        select(Programme.id)
        .where(programme, Programme.model_id == machine.model_id, Programme.published_at.is_not(None))
        .exists(),
    )
    at = at or work.now
    if at > work.now:
        raise RuleBroken(N_("This lies in the future"), code="in_future")
    if life_hours is None:
        life_hours = usage.life_at(work.session, machine.id, MeterKind.HOURS, at)
    if life_cycles is None:
        life_cycles = usage.life_at(work.session, machine.id, MeterKind.CYCLES, at)
    use = Usage(loading.day_at(work.session, machine, at), life_hours, life_cycles)
    return _complete_with_included(work, machine, task, at, use, work_order_id)


def _complete_with_included(
    work: Work, machine: Machine, task: ProgrammeTask, at: datetime, use: Usage, work_order_id: int | None
) -> TaskCompletion:
    siblings = work.session.scalars(select(ProgrammeTask).where(ProgrammeTask.programme_id == task.programme_id)).all()
    covered = closure({other.code: other.includes for other in siblings}, task.code)
    last = loading.last_done(work.session, [machine.id], until=at).get(machine.id, {})
    main: TaskCompletion | None = None
    for each in [task, *(other for other in siblings if other.code in covered and other is not task)]:
        same = select(TaskCompletion).where(
            TaskCompletion.machine_id == machine.id, TaskCompletion.task_code == each.code, TaskCompletion.at == at
        )
        row = work.session.scalar(same)
        if row is None:
            done, in_time = completion(loading.task_of(each), machine.commissioned_on, last.get(each.code), use)
            row = TaskCompletion(
                machine_id=machine.id,
                task_id=each.id,
                task_code=each.code,
                at=at,
                life_hours=use.hours,
                life_cycles=use.cycles,
                within_tolerance=in_time,
                anchor_hours=done.anchor_hours,
                anchor_cycles=done.anchor_cycles,
                anchor_on=done.anchor_on,
                work_order_id=work_order_id,
                actor_id=work.actor.user_id,
            )
            work.session.add(row)
        main = main or row
    work.session.flush()
    assert main is not None
    return main
