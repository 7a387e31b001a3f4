"""Reading programmes and what was done: for those who make, run or maintain machines of the model."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.errors import Invalid, NotFound
from aftersales.maintenance.rules import Check, KitLine, TaskSpec
from aftersales.models import (
    ChecklistItem,
    MachineModel,
    Part,
    Programme,
    ProgrammeTask,
    TaskCompletion,
    TaskKitLine,
    User,
    WorkOrder,
)
from aftersales.translate import N_


@dataclass(frozen=True, slots=True)
class KitPart:
    """A part a task needs, with its names."""

    part_id: int
    number: str
    name: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with its checklist and kit."""

    row: ProgrammeTask
    checklist: Sequence[ChecklistItem]
    kit: Sequence[KitPart]


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """One version of a model's programme; ``applies`` when it is the newest published one."""

    row: Programme
    model_code: str
    model_name: str
    applies: bool
    tasks: Sequence[TaskView] = field(default_factory=tuple)

    @property
    def id(self) -> int:
        """Its number among all programmes."""
        return self.row.id

    @property
    def version(self) -> int:
        """The version of the row, for changes."""
        return self.row.version


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Drafts are seen by their makers alone."""
    published = and_(
        Programme.published_at.is_not(None),
        visibility.sees_model(actor, Programme.model_id, MachineModel.manufacturer_id),
    )
    return or_(visibility.owns(actor, Programme.organization_id), published)


def programmes(
    session: Session, actor: Actor, *, model_id: int | None = None, after: object = None, limit: int = 50
) -> list[ProgrammeView]:
    """Return programmes without their tasks, newest first.

    :raises Invalid: when ``after`` is no id.
    """
    require(actor, Permission.MAINTENANCE_READ)
    query = (
        select(Programme, MachineModel.code, MachineModel.name)
        .join(MachineModel, MachineModel.id == Programme.model_id)
        .where(_seen(actor))
        .order_by(Programme.id.desc())
        .limit(limit)
    )
    if model_id is not None:
        query = query.where(Programme.model_id == model_id)
    if after is not None:
        if not isinstance(after, int):
            raise Invalid(N_("This is no place in this list"), code="bad_cursor")
        query = query.where(Programme.id < after)
    rows = session.execute(query).all()
    newest = _newest(session, [row.model_id for row, _, _ in rows])
    return [ProgrammeView(row, code, name, newest.get(row.model_id) == row.id) for row, code, name in rows]


def programme(session: Session, actor: Actor, programme_id: int) -> ProgrammeView:
    """Return a programme with its tasks, their checklists and kits.

    :raises NotFound: for one of a model that does not concern the actor, or another's draft.
    """
    require(actor, Permission.MAINTENANCE_READ)
    query = (
        select(Programme, MachineModel.code, MachineModel.name)
        .join(MachineModel, MachineModel.id == Programme.model_id)
        .where(Programme.id == programme_id, _seen(actor))
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    row, code, name = found
    applies = _newest(session, [row.model_id]).get(row.model_id) == row.id
    return ProgrammeView(row, code, name, applies, _tasks(session, row.id))


def _newest(session: Session, model_ids: Sequence[int]) -> dict[int, int]:
    """Return the programme that applies to each model."""
    query = (
        select(Programme.model_id, Programme.id)
        .where(Programme.model_id.in_(set(model_ids)), Programme.published_at.is_not(None))
        .order_by(Programme.number)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _tasks(session: Session, programme_id: int) -> list[TaskView]:
    rows = session.scalars(
        select(ProgrammeTask).where(ProgrammeTask.programme_id == programme_id).order_by(ProgrammeTask.id)
    ).all()
    ids = [row.id for row in rows]
    checks: dict[int, list[ChecklistItem]] = defaultdict(list)
    for item in session.scalars(
        select(ChecklistItem).where(ChecklistItem.task_id.in_(ids)).order_by(ChecklistItem.sequence)
    ):
        checks[item.task_id].append(item)
    kits: dict[int, list[KitPart]] = defaultdict(list)
    for line, part in session.execute(
        select(TaskKitLine, Part)
        .join(Part, Part.id == TaskKitLine.part_id)
        .where(TaskKitLine.task_id.in_(ids))
        .order_by(TaskKitLine.id)
    ):
        kits[line.task_id].append(KitPart(part.id, part.number, part.name, part.unit, line.quantity))
    return [TaskView(row, checks[row.id], kits[row.id]) for row in rows]


def task(view: ProgrammeView, task_id: int) -> TaskView:
    """Return a task of a programme.

    :raises NotFound: when it has none with this id.
    """
    for each in view.tasks:
        if each.row.id == task_id:
            return each
    raise NotFound(N_("There is no such object, or it does not concern your organisation"))


def specs(view: ProgrammeView) -> list[TaskSpec]:
    """Return a programme's tasks as one would hand them in again, to start the next version from."""
    plain = [name for name in TaskSpec.__dataclass_fields__ if name not in {"checklist", "kit"}]
    return [
        TaskSpec(
            **{name: getattr(task.row, name) for name in plain},
            checklist=[
                Check(item.text, item.measured, item.unit, item.lower, item.upper, item.required)
                for item in task.checklist
            ],
            kit=[KitLine(part.part_id, part.quantity) for part in task.kit],
        )
        for task in view.tasks
    ]


@dataclass(frozen=True, slots=True)
class CompletionView:
    """A task done on a machine, with the names a page shows."""

    id: int
    task_code: str
    task_name: str | None
    at: datetime
    life_hours: Decimal | None
    life_cycles: Decimal | None
    within_tolerance: bool | None
    work_order_id: int | None
    order_number: str | None
    by: str | None


def completions(
    session: Session, actor: Actor, machine_id: int, *, after: object = None, limit: int = 50
) -> list[CompletionView]:
    """Return what was done on a machine, last recorded first, as far as the actor may see that time.

    :raises NotFound: for a machine that does not concern the actor.
    :raises Invalid: when ``after`` is no id.
    """
    require(actor, Permission.MAINTENANCE_READ)
    visibility.machine(session, actor, machine_id)
    query = (
        _done()
        .where(
            TaskCompletion.machine_id == machine_id,
            visibility.sees_dated(actor, TaskCompletion.machine_id, TaskCompletion.at),
        )
        .order_by(TaskCompletion.id.desc())
        .limit(limit)
    )
    if after is not None:
        if not isinstance(after, int):
            raise Invalid(N_("This is no place in this list"), code="bad_cursor")
        query = query.where(TaskCompletion.id < after)
    return [_completion(*row) for row in session.execute(query)]


def completion(session: Session, completion_id: int) -> CompletionView:
    """Return one completion; visibility is the caller's matter."""
    return _completion(*session.execute(_done().where(TaskCompletion.id == completion_id)).one())


def _done() -> Select[TaskCompletion, str, str, str]:
    return (
        select(TaskCompletion, ProgrammeTask.name, WorkOrder.number, User.full_name)
        .outerjoin(ProgrammeTask, ProgrammeTask.id == TaskCompletion.task_id)
        .outerjoin(WorkOrder, WorkOrder.id == TaskCompletion.work_order_id)
        .outerjoin(User, User.id == TaskCompletion.actor_id)
    )


def _completion(row: TaskCompletion, name: str | None, number: str | None, by: str | None) -> CompletionView:
    return CompletionView(
        row.id,
        row.task_code,
        name,
        row.at,
        row.life_hours,
        row.life_cycles,
        row.within_tolerance,
        row.work_order_id,
        number,
        by,
    )
