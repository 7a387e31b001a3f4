"""What closing looks at, gathered from the rows for the rules."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, select

from aftersales.models import (
    ChecklistResult,
    Component,
    ComponentExchange,
    Finding,
    Location,
    Meter,
    Part,
    PartUse,
    Position,
    ProgrammeTask,
    Reservation,
    SerialPlace,
    WorkOrder,
    WorkOrderFault,
    WorkOrderTask,
)
from aftersales.orders.execution import installed
from aftersales.orders.rules import Check, Exchanged, Job, Used
from aftersales.orders.timekeeping import running
from aftersales.stock.queries import balance
from aftersales.vocabulary import MeterKind
from aftersales.work import Work


def job_of(work: Work, order: WorkOrder) -> Job:
    """Return a locked order as the rules see it."""
    session = work.session
    answers = exists().where(WorkOrderFault.work_order_id == order.id)
    findings = select(Finding.id).where(Finding.work_order_id == order.id)
    return Job(
        kind=order.kind,
        answers_faults=bool(session.scalar(select(answers))),
        checks=_checks(work, order),
        running=running(work, order.id),
        parts=_parts(work, order),
        exchanges=_exchanges(work, order),
        findings=len(session.scalars(findings).all()),
        needs_hours=_needs_hours(work, order),
        has_hours=order.meter_hours is not None,
    )


def _checks(work: Work, order: WorkOrder) -> list[Check]:
    rows = select(ChecklistResult).where(ChecklistResult.work_order_id == order.id).order_by(ChecklistResult.sequence)
    return [
        Check(row.sequence, row.text, row.measured, row.required, row.value, row.passed)
        for row in work.session.scalars(rows)
    ]


def _needs_hours(work: Work, order: WorkOrder) -> bool:
    """Tell whether a task counts hours and the machine has a meter for them."""
    counts = (
        select(WorkOrderTask.task_id)
        .join(ProgrammeTask, ProgrammeTask.id == WorkOrderTask.task_id)
        .where(WorkOrderTask.work_order_id == order.id, ProgrammeTask.every_hours.is_not(None))
    )
    meter = select(Meter.id).where(Meter.machine_id == order.machine_id, Meter.kind == MeterKind.HOURS)
    return work.session.scalar(counts.limit(1)) is not None and work.session.scalar(meter) is not None


def part_uses(work: Work, order: WorkOrder) -> Sequence[PartUse]:
    """Return the parts on an order, in the order they were put there."""
    return work.session.scalars(select(PartUse).where(PartUse.work_order_id == order.id).order_by(PartUse.id)).all()


def exchanges_of(work: Work, order: WorkOrder) -> Sequence[ComponentExchange]:
    """Return the component exchanges of an order."""
    query = select(ComponentExchange).where(ComponentExchange.work_order_id == order.id)
    return work.session.scalars(query.order_by(ComponentExchange.id)).all()


def _parts(work: Work, order: WorkOrder) -> list[Used]:
    return [_used(work, use) for use in part_uses(work, order) if use.move_id is None]


def _used(work: Work, use: PartUse) -> Used:
    session = work.session
    part = session.get_one(Part, use.part_id)
    place = session.get_one(Location, use.location_id)
    held = session.get(Reservation, use.reservation_id) if use.reservation_id else None
    free = balance(session, part.id, use.condition, place.id).free
    serial = session.get(SerialPlace, (part.id, use.serial_number)) if use.serial_number else None
    here = serial is not None and serial.location_id == place.id and serial.condition == use.condition
    return Used(
        row=use.id,
        number=part.number,
        place=place.code,
        quantity=use.quantity - min(use.quantity, held.open_quantity if held else use.quantity * 0),
        serialised=part.serialised,
        serial_number=use.serial_number,
        available=free,
        serial_here=here,
        condition=use.condition.value,
    )


def _exchanges(work: Work, order: WorkOrder) -> list[Exchanged]:
    used = {(use.part_id, use.serial_number) for use in part_uses(work, order) if use.serial_number}
    return [_exchanged(work, order, one, used) for one in exchanges_of(work, order)]


def _exchanged(work: Work, order: WorkOrder, one: ComponentExchange, used: Collection[tuple[int, str]]) -> Exchanged:
    there = installed(work, order.machine_id, one.position_id, one.slot)
    removed = work.session.get(Component, one.removed_component_id) if one.removed_component_id else None
    return Exchanged(
        row=one.id,
        position=work.session.get_one(Position, one.position_id).code,
        removed_serial=removed.serial_number if removed else None,
        removed_is_there=removed is not None and there is not None and removed.id == there.id,
        slot_taken=there is not None,
        fate=one.fate,
        core_place_known=one.core_location_id is not None,
        fitted_serial=one.fitted_serial_number,
        fitted_is_used=(one.fitted_part_id, one.fitted_serial_number) in used,
    )


def is_core(one: ComponentExchange) -> bool:
    """Tell whether the removed component of an exchange comes back to us or goes to scrap, which moves stock."""
    return one.removed_component_id is not None and one.fate in {"core", "scrap"}
