"""What closing a job leaves in the other rooms: readings, stock moves, installations, failures, completions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aftersales.complaints.rules import OPEN, Step
from aftersales.complaints.timeline import take_step
from aftersales.errors import DomainError
from aftersales.maintenance import service as maintenance
from aftersales.models import (
    Component,
    ComponentExchange,
    FailureRecord,
    FaultReport,
    Finding,
    LifecycleEvent,
    PartUse,
    Position,
    Reservation,
    WorkOrder,
    WorkOrderTask,
)
from aftersales.orders.facts import exchanges_of, part_uses
from aftersales.orders.rules import Problem, hours_between
from aftersales.registry import installations
from aftersales.stock import service as stock
from aftersales.usage import queries as usage_queries
from aftersales.usage import service as usage
from aftersales.vocabulary import Condition, MachineState, MeterKind, ReadingSource
from aftersales.work import Work

STANDING = (MachineState.DOWN, MachineState.UNDER_REPAIR)


@dataclass
class Refusals:
    """What other rooms refuse while a job is booked, gathered so that all of it is told at once."""

    problems: list[Problem] = field(default_factory=list)

    @contextmanager
    def at(self, name: str, row: int | None = None) -> Iterator[None]:
        """Note a refusal of the block under a field (and row) and go on."""
        try:
            yield
        except DomainError as refusal:
            self.problems.append(Problem(name, row, refusal.message, refusal.params))


@dataclass(frozen=True, slots=True)
class Life:
    """The machine's life when the job was done, as far as its meters tell."""

    hours: Decimal | None
    cycles: Decimal | None


def read_meters(work: Work, order: WorkOrder, at: datetime, refusals: Refusals) -> Life:
    """Book the meters that were read on the job, and return the machine's life at its end."""
    for kind, shown, name in (
        (MeterKind.HOURS, order.meter_hours, "meter_hours"),
        (MeterKind.CYCLES, order.meter_cycles, "meter_cycles"),
    ):
        if shown is not None:
            with refusals.at(name):
                usage.record(work, order.machine_id, kind, at, shown, source=ReadingSource.WORK_ORDER)
    return Life(
        usage_queries.life_at(work.session, order.machine_id, MeterKind.HOURS, at),
        usage_queries.life_at(work.session, order.machine_id, MeterKind.CYCLES, at),
    )


def issue_parts(work: Work, order: WorkOrder, at: datetime, refusals: Refusals) -> None:
    """Issue every part of the order that is not issued yet, and free what was set aside and not used.

    Balances are touched in one order (part, condition, place), so that two closings never lock each other.
    """
    waiting = [use for use in part_uses(work, order) if use.move_id is None]
    for use in sorted(waiting, key=lambda one: (one.part_id, one.condition, one.location_id, one.serial_number or "")):
        with refusals.at("parts", use.id):
            use.move_id = stock.issue(
                work,
                part_id=use.part_id,
                location_id=use.location_id,
                quantity=use.quantity,
                condition=use.condition,
                serial_number=use.serial_number,
                work_order_id=order.id,
                reservation_id=_open_reservation(work, use),
                at=at,
                note=order.number,
            ).id
    left = select(Reservation.id).where(Reservation.work_order_id == order.id, Reservation.open_quantity > 0)
    for reservation_id in work.session.scalars(left.order_by(Reservation.id)).all():
        with refusals.at("parts"):
            stock.release(work, reservation_id)


def _open_reservation(work: Work, use: PartUse) -> int | None:
    held = work.session.get(Reservation, use.reservation_id) if use.reservation_id else None
    return held.id if held is not None and held.open_quantity > 0 else None


def exchange_components(work: Work, order: WorkOrder, at: datetime, refusals: Refusals) -> None:
    """Book what came out of the machine and what went in, and where the old went."""
    for one in exchanges_of(work, order):
        with refusals.at("exchanges", one.id):
            if one.removed_component_id is not None and one.removal_reason is not None:
                component = installations.remove(
                    work,
                    machine_id=order.machine_id,
                    position_id=one.position_id,
                    slot=one.slot,
                    at=at,
                    reason=one.removal_reason,
                    work_order_id=order.id,
                )
                _take_away(work, order, one, component, at)
            if one.fitted_serial_number is not None:
                installations.install(
                    work,
                    machine_id=order.machine_id,
                    position_id=one.position_id,
                    slot=one.slot,
                    part_id=one.fitted_part_id,
                    serial_number=one.fitted_serial_number,
                    at=at,
                    work_order_id=order.id,
                )


def _take_away(work: Work, order: WorkOrder, one: ComponentExchange, component: Component, at: datetime) -> None:
    if one.fate not in {"core", "scrap"}:
        return
    one.core_move_id = stock.take_back(
        work,
        part_id=component.part_id,
        location_id=one.core_location_id if one.fate == "core" else None,
        condition=Condition.CORE,
        serial_number=component.serial_number,
        work_order_id=order.id,
        at=at,
        note=order.number,
    ).id
    if one.fate == "scrap":
        installations.scrap(work, component.id, at)


def record_failures(
    work: Work, order: WorkOrder, faults: Sequence[FaultReport], restored: datetime
) -> list[FailureRecord]:
    """Write a failure record for each finding: when, at what life, which part, how long the machine stood."""
    findings = select(Finding).where(Finding.work_order_id == order.id).order_by(Finding.id)
    by_id = {fault.id: fault for fault in faults}
    removed = {
        one.position_id: one.removed_component_id for one in exchanges_of(work, order) if one.removed_component_id
    }
    stood_from = standing_since(work, order.machine_id)
    records = []
    for finding in work.session.scalars(findings):
        fault = by_id.get(finding.fault_id or 0)
        at = fault.reported_at if fault else (stood_from or order.opened_at)
        start = fault.reported_at if fault and fault.stands_still else stood_from
        component = work.session.get(Component, removed.get(finding.position_id or 0) or 0)
        record = FailureRecord(
            machine_id=order.machine_id,
            at=at,
            life_hours=usage_queries.life_at(work.session, order.machine_id, MeterKind.HOURS, at),
            mode=finding.mode,
            mechanism=finding.mechanism,
            cause=finding.cause,
            detection=finding.detection,
            position_id=finding.position_id,
            part_id=component.part_id if component else _part_at(work, finding.position_id),
            component_id=component.id if component else None,
            fault_id=finding.fault_id,
            work_order_id=order.id,
            down_hours=hours_between(start, restored) if start else Decimal(0),
            source_key=f"work_order:{order.id}:{finding.id}",
        )
        work.session.add(record)
        records.append(record)
    work.session.flush()
    return records


def _part_at(work: Work, position_id: int | None) -> int | None:
    return work.session.get_one(Position, position_id).part_id if position_id else None


def standing_since(work: Work, machine_id: int) -> datetime | None:
    """Return since when a machine has stood (down, then under repair), or ``None`` when it does not stand."""
    events = select(LifecycleEvent).where(LifecycleEvent.machine_id == machine_id)
    since = None
    for event in work.session.scalars(events.order_by(LifecycleEvent.sequence.desc())):
        if event.to_state not in STANDING:
            break
        since = event.at
    return since


def complete_tasks(work: Work, order: WorkOrder, at: datetime, life: Life, refusals: Refusals) -> None:
    """Note the order's tasks as done."""
    tasks = select(WorkOrderTask.task_id).where(WorkOrderTask.work_order_id == order.id).order_by(WorkOrderTask.task_id)
    for task_id in work.session.scalars(tasks).all():
        with refusals.at("tasks", task_id):
            maintenance.complete(
                work,
                machine_id=order.machine_id,
                task_id=task_id,
                at=at,
                life_hours=life.hours,
                life_cycles=life.cycles,
                work_order_id=order.id,
            )


def resolve_faults(work: Work, order: WorkOrder, faults: Sequence[FaultReport]) -> None:
    """Tell the operator that his faults are mended; he confirms or reopens."""
    for fault in faults:
        if fault.state in OPEN:
            take_step(work, fault, Step.RESOLVED, text=order.summary[:2000], work_order_id=order.id)
