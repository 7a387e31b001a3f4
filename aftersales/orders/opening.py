"""Opening an order from faults or due tasks, with the checklist frozen and the kit proposed; and cancelling it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require_any
from aftersales.certificates.numbering import next_number
from aftersales.complaints.rules import OPEN, Step
from aftersales.complaints.timeline import changeable, take_step
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import (
    ChecklistItem,
    ChecklistResult,
    FaultReport,
    Machine,
    Organization,
    Programme,
    ProgrammeTask,
    Reservation,
    TaskKitLine,
    TimeEntry,
    WorkOrder,
    WorkOrderFault,
    WorkOrderTask,
)
from aftersales.orders import parts
from aftersales.orders.loading import editable, faults_of
from aftersales.orders.rules import Act, state_after
from aftersales.registry.rules.lifecycle import ENDED as ENDED_MACHINES
from aftersales.registry.rules.lifecycle import check_serving
from aftersales.stock import service as stock
from aftersales.translate import N_
from aftersales.vocabulary import OrderKind, OrderState
from aftersales.work import Work

SERIES = "SO"
P = Permission


@dataclass(frozen=True)
class Opened:
    """A new order, and the kit parts that could not be set aside: part number and quantity."""

    order: WorkOrder
    short: list[tuple[str, Decimal]] = field(default_factory=list)


def open_order(
    work: Work,
    *,
    kind: OrderKind,
    machine_id: int,
    title: str = "",
    fault_ids: Sequence[int] = (),
    task_ids: Sequence[int] = (),
    hourly_rate: Decimal = Decimal(0),
    travel_cost: Decimal = Decimal(0),
    currency: str | None = None,
    kit_location_id: int | None = None,
) -> Opened:
    """Open an order for a machine, as answer to faults, due tasks, or neither.

    The tasks' checklists are frozen into the order, their kits proposed and, as far as there is stock, set aside.

    :param kit_location_id: where the kit is taken from; by default wherever most of each part is free.
    :raises RuleBroken: a fault is of another machine or not open, a task of another model or not in force.
    """
    require_any(work.actor, P.ORDER_PLAN, P.ORDER_WORK)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True)
    check_serving(visibility.roles_in(work.session, work.actor, machine.id))
    if machine.state in ENDED_MACHINES:
        raise RuleBroken(N_("This machine has left service for good"), code="machine_ended")
    if hourly_rate < 0 or travel_cost < 0:
        raise Invalid(N_("Prices are not below zero"), code="price_negative")
    faults = [_fault(work, machine, fault_id) for fault_id in sorted(set(fault_ids))]
    tasks = [_task(work, machine, task_id) for task_id in dict.fromkeys(task_ids)]
    home = work.session.get_one(Organization, work.actor.organization)
    order = WorkOrder(
        organization_id=home.id,
        number=next_number(work, SERIES),
        kind=kind,
        machine_id=machine.id,
        title=_title(title, faults, tasks),
        state=OrderState.DRAFT,
        hourly_rate=hourly_rate,
        travel_cost=travel_cost,
        currency=currency or home.currency,
        opened_at=work.now,
    )
    work.session.add(order)
    work.session.flush()
    for fault in faults:
        work.session.add(WorkOrderFault(work_order_id=order.id, fault_id=fault.id))
        take_step(work, fault, Step.PLANNED, work_order_id=order.id)
    for task in tasks:
        work.session.add(WorkOrderTask(work_order_id=order.id, task_id=task.id))
    _freeze_checklist(work, order, tasks)
    short = _propose_kit(work, order, tasks, kit_location_id)
    work.session.flush()
    return Opened(order, short)


def _fault(work: Work, machine: Machine, fault_id: int) -> FaultReport:
    fault = changeable(work, fault_id)
    if fault.machine_id != machine.id:
        raise RuleBroken(N_("Fault %(fault)s is of another machine"), code="other_machine", fault=fault.id)
    if fault.state not in OPEN:
        message = N_("Fault %(fault)s is %(state)s and needs no work order")
        raise RuleBroken(message, code="fault_not_open", fault=fault.id, state=fault.state)
    return fault


def _task(work: Work, machine: Machine, task_id: int) -> ProgrammeTask:
    in_force = select(Programme.id).where(Programme.model_id == machine.model_id, Programme.published_at.is_not(None))
    return visibility.get(work.session, ProgrammeTask, task_id, ProgrammeTask.programme_id.in_(in_force))


def _title(title: str, faults: Sequence[FaultReport], tasks: Sequence[ProgrammeTask]) -> str:
    """Return what was typed, or what the order answers, in the words of those who wrote it."""
    said = title.strip() or ", ".join([*(fault.text for fault in faults if fault.text), *(task.name for task in tasks)])
    return " ".join(said.split())[:300]


def _freeze_checklist(work: Work, order: WorkOrder, tasks: Sequence[ProgrammeTask]) -> None:
    sequence = 0
    for task in tasks:
        items = select(ChecklistItem).where(ChecklistItem.task_id == task.id).order_by(ChecklistItem.sequence)
        for item in work.session.scalars(items):
            sequence += 1
            work.session.add(
                ChecklistResult(
                    work_order_id=order.id,
                    task_id=task.id,
                    sequence=sequence,
                    text=item.text,
                    measured=item.measured,
                    unit=item.unit,
                    lower=item.lower,
                    upper=item.upper,
                    required=item.required,
                )
            )


def _propose_kit(
    work: Work, order: WorkOrder, tasks: Sequence[ProgrammeTask], location_id: int | None
) -> list[tuple[str, Decimal]]:
    wanted: dict[int, Decimal] = {}
    kits = select(TaskKitLine).where(TaskKitLine.task_id.in_([task.id for task in tasks])).order_by(TaskKitLine.part_id)
    for line in work.session.scalars(kits):
        wanted[line.part_id] = wanted.get(line.part_id, Decimal(0)) + line.quantity
    if not work.actor.may(Permission.STOCK_MOVE):
        return parts.as_short(work, wanted)
    return [
        line
        for part_id, quantity in wanted.items()
        for line in parts.propose(work, order, part_id, quantity, location_id)
    ]


def cancel(work: Work, order_id: int, reason: str, expected_version: int | None = None) -> WorkOrder:
    """Call an order off: what was set aside for it is free again, its faults wait for another.

    :raises Invalid: without a reason. :raises RuleBroken: somebody's clock is running on it.
    """
    require_any(work.actor, P.ORDER_PLAN, P.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    said = reason.strip()
    if not 1 <= len(said) <= 500:
        raise Invalid(N_("Say why, in at most %(limit)s characters"), code="reason", limit=500)
    running = select(TimeEntry.id).where(TimeEntry.work_order_id == order.id, TimeEntry.ended_at.is_(None))
    if work.session.scalar(running.limit(1)):
        raise RuleBroken(N_("Somebody's clock is still running on this order; stop it first"), code="clock_running")
    order.state = state_after(order.state, Act.CANCEL)
    order.cancellation_reason = said
    release_all(work, order)
    for fault in faults_of(work, order):
        if fault.state in OPEN:
            take_step(work, fault, Step.ORDER_CANCELLED, text=said, work_order_id=order.id)
    work.session.flush()
    return order


def release_all(work: Work, order: WorkOrder) -> None:
    """Free whatever is still set aside for an order."""
    held = select(Reservation.id).where(Reservation.work_order_id == order.id, Reservation.open_quantity > 0)
    for reservation_id in work.session.scalars(held.order_by(Reservation.id)).all():
        stock.release(work, reservation_id)
