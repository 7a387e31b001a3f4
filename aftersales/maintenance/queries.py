"""What is due, on one machine and on the whole fleet, and what was not done in time; set-wise for any fleet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.errors import Invalid
from aftersales.maintenance import loading
from aftersales.maintenance.lapsing import Lapse, lapses
from aftersales.maintenance.rules import Done, Due, Trigger, Usage, applies, closure, due
from aftersales.models import (
    Machine,
    MachineModel,
    MachineParty,
    Organization,
    ProgrammeTask,
    Site,
    WorkOrder,
    WorkOrderTask,
)
from aftersales.translate import N_
from aftersales.usage import queries as usage
from aftersales.usage.rules import Utilisation
from aftersales.vocabulary import DueStatus, LifeUnit, MachineState, MeterKind, OrderState, PartyRole

__all__ = [
    "IN_SERVICE",
    "WAITING",
    "DueMachine",
    "DueTask",
    "Lapse",
    "due_for_fleet",
    "due_for_machine",
    "due_key",
    "lapses",
    "usages",
]
IN_SERVICE = (
    MachineState.COMMISSIONED,
    MachineState.IN_OPERATION,
    MachineState.STANDBY,
    MachineState.DOWN,
    MachineState.UNDER_REPAIR,
    MachineState.UNDER_MODERNISATION,
    MachineState.TRANSFERRED,
)
WAITING = frozenset({DueStatus.OVERDUE, DueStatus.DUE, DueStatus.DUE_SOON})
FAR = date(9999, 1, 1)


@dataclass(frozen=True, slots=True)
class DueMachine:
    """A machine in the due list, with the names a page shows and its use."""

    id: int
    public_id: str
    serial_number: str
    model_id: int
    model_name: str
    commissioned_on: date | None
    configuration: Sequence[str]
    site_id: int | None
    site_name: str | None
    operator_id: int | None
    operator_name: str | None
    state: MachineState


@dataclass(frozen=True, slots=True)
class DueTask:
    """A task on a machine: how it stands, when it was last done, whether a bigger one or an order takes care of it."""

    machine: DueMachine
    task_id: int
    code: str
    name: str
    status: DueStatus
    triggers: Sequence[Trigger]
    expected_on: date | None
    first: LifeUnit | None
    last_on: date | None
    last_hours: Decimal | None
    hours: Decimal | None
    standard_hours: Decimal
    qualification: str | None
    safety: str | None
    covered_by: str | None = None
    order_id: int | None = None
    order_number: str | None = None

    @property
    def key(self) -> tuple[date, int, int]:
        """Where it stands in the list: the day expected, the machine, the task."""
        return self.expected_on or FAR, self.machine.id, self.task_id

    @property
    def cursor(self) -> list[str | int]:
        """The key in plain values, for :func:`due_key`."""
        on, machine_id, task_id = self.key
        return [on.isoformat(), machine_id, task_id]


def due_key(cursor: object) -> tuple[date, int, int] | None:
    """Return the key in a cursor (:attr:`DueTask.cursor`).

    :raises Invalid: when it is none.
    """
    match cursor:
        case None:
            return None
        case [str() as on, int() as machine_id, int() as task_id]:
            try:
                return date.fromisoformat(on), machine_id, task_id
            except ValueError:
                pass
    raise Invalid(N_("This is no place in this list"), code="bad_cursor")


def due_for_machine(session: Session, actor: Actor, machine_id: int, on: date) -> list[DueTask]:
    """Return every task of a machine's programme and how it stands, soonest first.

    :raises NotFound: for a machine that does not concern the actor now.
    """
    require(actor, Permission.MAINTENANCE_READ)
    visibility.machine(session, actor, machine_id, change=True)
    return _due(session, _machines(session, Machine.id == machine_id), on)


def due_for_fleet(
    session: Session,
    actor: Actor,
    on: date,
    *,
    site_id: int | None = None,
    model_id: int | None = None,
    operator_id: int | None = None,
    statuses: Iterable[DueStatus] = WAITING,
    after: tuple[date, int, int] | None = None,
    limit: int = 50,
) -> list[DueTask]:
    """Return the tasks of every machine in service that the actor's organisation has to do with now, soonest first.

    :param on: the day the list is for; hours are carried on to it at the machine's utilisation.
    :param after: key (:attr:`DueTask.key`) of the last task of the page before.
    """
    require(actor, Permission.MAINTENANCE_READ)
    conditions = [visibility.holds_machine(actor, Machine.id), Machine.state.in_(IN_SERVICE)]
    if site_id is not None:
        conditions.append(Machine.site_id == site_id)
    if model_id is not None:
        conditions.append(Machine.model_id == model_id)
    if operator_id is not None:
        conditions.append(
            select(MachineParty.id)
            .where(
                MachineParty.machine_id == Machine.id,
                MachineParty.organization_id == operator_id,
                MachineParty.role == PartyRole.OPERATOR,
                MachineParty.valid_to.is_(None),
            )
            .exists()
        )
    wanted = frozenset(statuses)
    tasks = [task for task in _due(session, _machines(session, *conditions), on) if task.status in wanted]
    return [task for task in tasks if after is None or task.key > after][:limit]


def _machines(session: Session, *conditions: ColumnElement[bool]) -> list[DueMachine]:
    operator, party = aliased(Organization), aliased(MachineParty)
    query = (
        select(Machine, MachineModel.name, Site.name, operator.id, operator.name)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .outerjoin(Site, Site.id == Machine.site_id)
        .outerjoin(
            party, (party.machine_id == Machine.id) & (party.role == PartyRole.OPERATOR) & party.valid_to.is_(None)
        )
        .outerjoin(operator, operator.id == party.organization_id)
        .where(*conditions)
    )
    return [
        DueMachine(
            id=machine.id,
            public_id=machine.public_id,
            serial_number=machine.serial_number,
            model_id=machine.model_id,
            model_name=model,
            commissioned_on=machine.commissioned_on,
            configuration=machine.configuration,
            site_id=machine.site_id,
            site_name=site,
            operator_id=operator_id,
            operator_name=operator_name,
            state=machine.state,
        )
        for machine, model, site, operator_id, operator_name in session.execute(query)
    ]


def _due(session: Session, machines: Sequence[DueMachine], on: date) -> list[DueTask]:
    """Return the tasks of machines, soonest first; some ten selects for any number of machines."""
    ids = [machine.id for machine in machines]
    tasks = loading.applying(session, {machine.model_id for machine in machines})
    done = loading.last_done(session, ids)
    uses = usages(session, ids, on)
    orders = _orders(session, ids)
    found = [
        task
        for machine in machines
        for task in _of_machine(
            machine, tasks.get(machine.model_id, ()), done.get(machine.id, {}), uses[machine.id], orders
        )
    ]
    return sorted(found, key=lambda task: task.key)


Orders = Mapping[tuple[int, str], tuple[int, str]]


def _of_machine(
    machine: DueMachine, tasks: Sequence[ProgrammeTask], done: Mapping[str, Done], use: Usage, orders: Orders
) -> list[DueTask]:
    fitting = [task for task in tasks if applies(task.only_with, task.not_with, machine.configuration)]
    stood = {
        task.code: due(loading.task_of(task), machine.commissioned_on, done.get(task.code), use) for task in fitting
    }
    includes = {task.code: task.includes for task in fitting}
    covering = {
        code: bigger
        for bigger, state in stood.items()
        if state.status in WAITING
        for code in closure(includes, bigger)
        if code != bigger
    }
    return [
        _row(machine, task, stood[task.code], done.get(task.code), use, covering.get(task.code), orders)
        for task in fitting
    ]


def _row(
    machine: DueMachine,
    task: ProgrammeTask,
    state: Due,
    last: Done | None,
    use: Usage,
    covered_by: str | None,
    orders: Orders,
) -> DueTask:
    order_id, order_number = orders.get((machine.id, task.code), (None, None))
    return DueTask(
        machine=machine,
        task_id=task.id,
        code=task.code,
        name=task.name,
        status=state.status,
        triggers=state.triggers,
        expected_on=state.expected_on,
        first=state.first,
        last_on=last.on if last else None,
        last_hours=last.hours if last else None,
        hours=use.hours,
        standard_hours=task.standard_hours,
        qualification=task.qualification,
        safety=task.safety,
        covered_by=covered_by if state.status in WAITING else None,
        order_id=order_id,
        order_number=order_number,
    )


def _orders(session: Session, machine_ids: Sequence[int]) -> Orders:
    """Return the open order that does a task on a machine."""
    found: dict[tuple[int, str], tuple[int, str]] = {}
    ended = (OrderState.CLOSED, OrderState.CANCELLED)
    for start in range(0, len(machine_ids), loading.CHUNK):
        query = (
            select(WorkOrder.machine_id, ProgrammeTask.code, WorkOrder.id, WorkOrder.number)
            .join(WorkOrderTask, WorkOrderTask.work_order_id == WorkOrder.id)
            .join(ProgrammeTask, ProgrammeTask.id == WorkOrderTask.task_id)
            .where(WorkOrder.machine_id.in_(machine_ids[start : start + loading.CHUNK]), WorkOrder.state.not_in(ended))
            .order_by(WorkOrder.id)
        )
        for machine_id, code, order_id, number in session.execute(query):
            found[machine_id, code] = (order_id, number)
    return found


def usages(session: Session, machine_ids: Sequence[int], on: date) -> dict[int, Usage]:
    """Return each machine's use on a day: its latest life carried on at its utilisation, never back."""
    moment = datetime.combine(on, time(12), UTC)
    hours = usage.latest_life(session, machine_ids, MeterKind.HOURS)
    cycles = usage.latest_life(session, machine_ids, MeterKind.CYCLES)
    by_hours = usage.utilisations(session, list(hours), MeterKind.HOURS, moment)
    by_cycles = usage.utilisations(session, list(cycles), MeterKind.CYCLES, moment)
    found: dict[int, Usage] = {}
    for machine_id in machine_ids:
        rate, turns = by_hours.get(machine_id), by_cycles.get(machine_id)
        found[machine_id] = Usage(
            on,
            _carried(hours.get(machine_id), rate, moment),
            _carried(cycles.get(machine_id), turns, moment),
            rate.per_day if rate else None,
            turns.per_day if turns else None,
        )
    return found


def _carried(latest: usage.LatestLife | None, rate: Utilisation | None, on: datetime) -> Decimal | None:
    if latest is None:
        return None
    days = (on - latest.at) / timedelta(days=1)
    if rate is None or days <= 0:
        return latest.life
    return latest.life + Decimal(f"{rate.per_day * days:.1f}")
