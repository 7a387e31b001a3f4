"""Repairs as they would have been booked: reports with their timeline, exchanges, findings, failure records."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal

from aftersales.complaints.rules import Step
from aftersales.models import (
    Component,
    ComponentExchange,
    FailureRecord,
    FaultEvent,
    FaultReport,
    Finding,
    Installation,
    Machine,
    Part,
    User,
    WorkOrder,
    WorkOrderFault,
)
from aftersales.registry import entries, installations
from aftersales.sample.bench import Bench, part_for, title_of, use
from aftersales.sample.book import decimal
from aftersales.sample.companies import SERVED_BY
from aftersales.sample.history import Job, SampleMachine
from aftersales.vocabulary import Channel, Detection, FailureMode, FaultState, RemovalReason, Role, Severity

TAKEN_OUT = installations.REMOVED
PUT_IN = installations.INSTALLED


def repair(
    bench: Bench,
    sample: SampleMachine,
    machine: Machine,
    order: WorkOrder,
    job: Job,
    start: datetime,
    end: datetime,
    engineer: User,
) -> None:
    """Write what a repair leaves: the report and its timeline, parts, the exchange, the failure record."""
    fault = _fault(bench, sample, machine, order, job, start, end, engineer) if job.failed else None
    company = SERVED_BY[sample.operator]
    removed: Component | None = None
    if job.small:
        use(bench, order, company, job.small.part, Decimal(job.small.quantity), end)
    elif job.position:
        removed = _exchange(bench, sample, machine, order, job, end, engineer)
    if fault is not None:
        _failure(bench, sample, machine, order, job, fault, end, removed)


def _fault(
    bench: Bench,
    sample: SampleMachine,
    machine: Machine,
    order: WorkOrder,
    job: Job,
    start: datetime,
    end: datetime,
    engineer: User,
) -> FaultReport:
    session, operator = bench.book.work.session, bench.book.organizations[sample.operator]
    mode = job.small.mode if job.small else job.position.mode if job.position else FailureMode.UNK
    reporter = bench.book.people[sample.operator, Role.OPERATOR]
    still = not job.small or job.small.weight <= 1.5
    fault = FaultReport(
        public_id=hashlib.sha256(f"{order.organization_id}:{order.number}".encode()).hexdigest()[:24],
        machine_id=machine.id,
        organization_id=operator.id,
        reporter_id=reporter.id,
        channel=Channel.QR if bench.rng.random() < 0.4 else Channel.PAGE,
        mode=mode,
        severity=Severity.HIGH if still else Severity.MEDIUM,
        stands_still=still,
        hours=decimal(sample.life(job.at)),
        text=title_of(job),
        state=FaultState.CONFIRMED,
        last_event=6,
        reported_at=job.at,
        closed_at=end + timedelta(hours=6),
    )
    session.add(fault)
    session.flush()
    session.add(WorkOrderFault(work_order_id=order.id, fault_id=fault.id))
    steps = [
        (Step.REPORTED, job.at, FaultState.REPORTED, reporter, fault.text),
        (Step.RECEIVED, job.at + timedelta(minutes=15), FaultState.RECEIVED, engineer, ""),
        (Step.PLANNED, job.at + timedelta(minutes=20), FaultState.RECEIVED, engineer, ""),
        (Step.STARTED, start, FaultState.IN_PROGRESS, engineer, ""),
        (Step.RESOLVED, end, FaultState.RESOLVED, engineer, order.summary),
        (Step.CONFIRMED, end + timedelta(hours=6), FaultState.CONFIRMED, reporter, ""),
    ]
    session.add_all(
        FaultEvent(
            fault_id=fault.id,
            sequence=number,
            kind=step.value,
            at=at,
            actor_id=user.id,
            organization_id=user.organization_id,
            state_after=state,
            text=text,
            work_order_id=order.id if user is engineer and step is not Step.RECEIVED else None,
        )
        for number, (step, at, state, user, text) in enumerate(steps, start=1)
    )
    return fault


def _exchange(
    bench: Bench, sample: SampleMachine, machine: Machine, order: WorkOrder, job: Job, at: datetime, engineer: User
) -> Component:
    assert job.position is not None
    book, session = bench.book, bench.book.work.session
    position = book.positions[sample.model.code, job.position.code]
    number = part_for(bench, job.position.part, at)
    serial = use(bench, order, SERVED_BY[sample.operator], number, Decimal(1), at)
    stay = (
        session.query(Installation)
        .filter_by(machine_id=machine.id, position_id=position.id, slot=job.slot, valid_to=None)
        .one()
    )
    life = decimal(sample.life(at))
    stay.valid_to, stay.meter_out, stay.cycles_out = at, life, Decimal(0)
    stay.removal_reason = RemovalReason.FAILURE if job.failed else RemovalReason.PLANNED
    stay.removal_work_order_id = order.id
    old = session.get_one(Component, stay.component_id)
    old.scrapped_at = at
    new = Component(
        organization_id=order.organization_id, part_id=book.parts[number].id, serial_number=serial or "", created_at=at
    )
    session.add(new)
    session.flush()
    session.add_all(
        [
            Installation(
                component_id=new.id,
                machine_id=machine.id,
                position_id=position.id,
                slot=job.slot,
                valid_from=at,
                meter_in=life,
                work_order_id=order.id,
            ),
            ComponentExchange(
                work_order_id=order.id,
                position_id=position.id,
                slot=job.slot,
                removed_component_id=old.id,
                removal_reason=stay.removal_reason,
                fate="kept",
                fitted_part_id=new.part_id,
                fitted_serial_number=serial,
            ),
        ]
    )
    session.flush()
    work = book.as_user(engineer, at)
    for component, sentence in ((old, TAKEN_OUT), (new, PUT_IN)):
        part = session.get_one(Part, component.part_id)
        entries.enter(
            work,
            machine,
            entries.COMPONENT,
            at,
            sentence,
            part=f"{part.number} {part.name}",
            serial=component.serial_number,
            place=position.code if position.quantity == 1 else f"{position.code}/{job.slot}",
            reason=stay.removal_reason.value,
        )
    return old


def _failure(
    bench: Bench,
    sample: SampleMachine,
    machine: Machine,
    order: WorkOrder,
    job: Job,
    fault: FaultReport,
    restored: datetime,
    removed: Component | None,
) -> None:
    source = job.small or job.position
    assert source is not None
    book, session = bench.book, bench.book.work.session
    position = book.positions[sample.model.code, job.position.code] if job.position else None
    finding = Finding(
        work_order_id=order.id,
        fault_id=fault.id,
        position_id=position.id if position else None,
        mode=source.mode,
        mechanism=source.mechanism,
        cause=source.cause,
        detection=Detection.OPERATION,
        text=order.summary,
    )
    session.add(finding)
    session.flush()
    down = (restored - job.at).total_seconds() / 3600 if fault.stands_still else 0.0
    session.add(
        FailureRecord(
            machine_id=machine.id,
            at=job.at,
            life_hours=decimal(sample.life(job.at)),
            mode=source.mode,
            mechanism=source.mechanism,
            cause=source.cause,
            detection=Detection.OPERATION,
            position_id=finding.position_id,
            part_id=removed.part_id if removed else book.parts[job.small.part].id if job.small else None,
            component_id=removed.id if removed else None,
            fault_id=fault.id,
            work_order_id=order.id,
            down_hours=decimal(down, 2),
            source_key=f"work_order:{order.id}:{finding.id}",
        )
    )
