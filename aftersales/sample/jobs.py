"""The closed jobs of four years, as they would have been booked: reports, orders, parts, exchanges, failures."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from aftersales.complaints.rules import Step
from aftersales.maintenance import loading as maintenance
from aftersales.maintenance.rules.due import Done, Usage, completion
from aftersales.models import (
    ChecklistResult,
    Component,
    ComponentExchange,
    FailureRecord,
    FaultEvent,
    FaultReport,
    Finding,
    Installation,
    Machine,
    NumberSeries,
    PartUse,
    ProgrammeTask,
    SignOff,
    TaskCompletion,
    TimeEntry,
    User,
    WorkOrder,
    WorkOrderFault,
    WorkOrderTask,
)
from aftersales.orders.opening import SERIES
from aftersales.sample.book import Book, decimal
from aftersales.sample.catalogue import SUPERSEDED, SampleTask
from aftersales.sample.companies import SERVED_BY
from aftersales.sample.history import Job, SampleMachine
from aftersales.sample.store import Store
from aftersales.vocabulary import (
    Channel,
    Condition,
    Detection,
    FailureMode,
    FaultState,
    OrderKind,
    OrderState,
    RemovalReason,
    Role,
    Severity,
)

HOURLY_RATE, TRAVEL = Decimal(58), Decimal(95)
WORDS = {
    FailureMode.LOO: "Weak, no pressure",
    FailureMode.ELU: "Oil leaks out",
    FailureMode.ERO: "Stops now and then without reason",
    FailureMode.AIR: "Shows values that cannot be right",
    FailureMode.FTS: "Does not start",
    FailureMode.VIB: "Shakes much more than usual",
    FailureMode.OHE: "Gets too hot",
    FailureMode.NOI: "Grinding noise",
    FailureMode.BRD: "Stopped and does not run",
}


@dataclass
class Bench:
    """Who is free when, how many orders each organisation has numbered, and what each machine has had done."""

    book: Book
    stores: dict[str, Store]
    rng: np.random.Generator
    free: dict[int, datetime] = field(default_factory=dict)
    numbers: Counter[tuple[int, int]] = field(default_factory=Counter)
    done: dict[tuple[int, str], Done] = field(default_factory=dict)

    def engineer(self, company: str, earliest: datetime, length: timedelta) -> tuple[User, datetime]:
        """Return who of a company is free first, and from when on; that stretch is then taken."""
        user = min(self.book.engineers[company], key=lambda one: self.free.get(one.id, earliest))
        start = max(earliest, self.free.get(user.id, earliest) + timedelta(minutes=30))
        self.free[user.id] = start + length
        return user, start

    def number(self, organization_id: int, zone: str, at: datetime) -> str:
        """Return the organisation's next order number in its own year."""
        year = at.astimezone(ZoneInfo(zone)).year
        self.numbers[organization_id, year] += 1
        return f"{SERIES}-{year}-{self.numbers[organization_id, year]:05d}"

    def write_numbers(self) -> None:
        """Write where the series of order numbers stand."""
        self.book.work.session.add_all(
            NumberSeries(organization_id=organization_id, name=SERIES, year=year, last=last)
            for (organization_id, year), last in sorted(self.numbers.items())
        )
        self.book.work.session.flush()


def write_job(bench: Bench, sample: SampleMachine, machine: Machine, job: Job) -> None:
    """Write one closed job with everything closing it would have booked."""
    book, company = bench.book, SERVED_BY[sample.operator]
    organization = book.organizations[company]
    length = timedelta(hours=job.worked_hours)
    engineer, start = bench.engineer(company, job.at + timedelta(hours=job.wait_hours), length)
    end = start + length
    order = WorkOrder(
        organization_id=organization.id,
        number=bench.number(organization.id, organization.time_zone, job.at),
        kind=OrderKind.MAINTENANCE if job.task or not job.failed else OrderKind.REPAIR,
        machine_id=machine.id,
        title=title_of(job),
        state=OrderState.CLOSED,
        planned_from=start,
        planned_to=end,
        assignee_id=engineer.id,
        hourly_rate=HOURLY_RATE,
        travel_cost=TRAVEL,
        meter_hours=decimal(sample.life(end)),
        summary=found_by(job),
        opened_at=job.at + timedelta(minutes=20),
        finished_at=end,
        closed_at=end + timedelta(minutes=25),
    )
    book.work.session.add(order)
    book.work.session.flush()
    book.work.session.add_all(
        [
            TimeEntry(work_order_id=order.id, user_id=engineer.id, kind="work", started_at=start, ended_at=end),
            SignOff(work_order_id=order.id, role="engineer", name=engineer.full_name, at=end, actor_id=engineer.id),
        ]
    )
    if job.task:
        _maintenance(bench, sample, machine, order, job, job.task, end, engineer)
    else:
        _repair(bench, sample, machine, order, job, start, end, engineer)


def title_of(job: Job) -> str:
    """Return what an order for the job is called."""
    if job.task:
        return job.task.name
    if job.small:
        return job.small.words
    assert job.position is not None
    return WORDS.get(job.position.mode, "Fault") if job.failed else f"{job.position.name}: replace at life limit"


def found_by(job: Job) -> str:
    """Return what the engineer wrote under the job."""
    if job.task:
        return "Done as the programme says."
    if job.small:
        return f"{job.small.found}; replaced and tested."
    assert job.position is not None
    return f"{job.position.name} {'failed' if job.failed else 'at its life limit'}; exchanged and tested."


def _use(bench: Bench, order: WorkOrder, company: str, number: str, quantity: Decimal, at: datetime) -> str | None:
    """Issue a part to the order and note it; returns the serial number issued."""
    store, part = bench.stores[company], bench.book.parts[number]
    move = store.take(number, quantity, at, order.id)
    store.uses.append(
        (
            PartUse(
                work_order_id=order.id,
                part_id=part.id,
                condition=Condition.NEW,
                location_id=store.warehouse.id,
                serial_number=move.serial_number,
                quantity=quantity,
                unit_price=part.price,
            ),
            move,
        )
    )
    return move.serial_number


def _maintenance(
    bench: Bench,
    sample: SampleMachine,
    machine: Machine,
    order: WorkOrder,
    job: Job,
    task: SampleTask,
    at: datetime,
    engineer: User,
) -> None:
    book = bench.book
    row = book.tasks[sample.model.code, task.code]
    book.work.session.add(WorkOrderTask(work_order_id=order.id, task_id=row.id))
    for item, (*_, typical, spread) in zip(book.checks[row.id], task.checks, strict=True):
        value = decimal(float(bench.rng.normal(typical, spread * 0.5)), 1) if item.measured else None
        inside = value is None or (
            (item.lower is None or value >= item.lower) and (item.upper is None or value <= item.upper)
        )
        book.work.session.add(
            ChecklistResult(
                work_order_id=order.id,
                task_id=row.id,
                sequence=item.sequence,
                text=item.text,
                measured=item.measured,
                unit=item.unit,
                lower=item.lower,
                upper=item.upper,
                required=item.required,
                value=value,
                passed=inside,
                filled_by_id=engineer.id,
                filled_at=at,
            )
        )
    for number, quantity in task.kit:
        _use(bench, order, SERVED_BY[sample.operator], number, Decimal(quantity), at)
    for code in (task.code, *task.includes):
        _complete(bench, sample, machine, order, book.tasks[sample.model.code, code], at, engineer)


def _complete(
    bench: Bench,
    sample: SampleMachine,
    machine: Machine,
    order: WorkOrder,
    row: ProgrammeTask,
    at: datetime,
    engineer: User,
) -> None:
    zone = bench.book.sites[sample.operator][sample.site].time_zone
    life = decimal(sample.life(at))
    use = Usage(at.astimezone(ZoneInfo(zone)).date(), life, None)
    before = bench.done.get((machine.id, row.code))
    done, in_time = completion(maintenance.task_of(row), machine.commissioned_on, before, use)
    bench.done[machine.id, row.code] = done
    bench.book.work.session.add(
        TaskCompletion(
            machine_id=machine.id,
            task_id=row.id,
            task_code=row.code,
            at=at,
            life_hours=life,
            within_tolerance=in_time,
            anchor_hours=done.anchor_hours,
            anchor_cycles=done.anchor_cycles,
            anchor_on=done.anchor_on,
            work_order_id=order.id,
            actor_id=engineer.id,
        )
    )


def _repair(
    bench: Bench,
    sample: SampleMachine,
    machine: Machine,
    order: WorkOrder,
    job: Job,
    start: datetime,
    end: datetime,
    engineer: User,
) -> None:
    fault = _fault(bench, sample, machine, order, job, start, end, engineer) if job.failed else None
    company = SERVED_BY[sample.operator]
    removed: Component | None = None
    if job.small:
        _use(bench, order, company, job.small.part, Decimal(job.small.quantity), end)
    elif job.position:
        removed = _exchange(bench, sample, machine, order, job, end)
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


def part_for(bench: Bench, number: str, at: datetime) -> str:
    """Return the part used for a position on a day: the successor once there is one."""
    successors = dict(SUPERSEDED)
    changed = bench.book.now - timedelta(days=400)
    return successors[number] if number in successors and at >= changed else number


def _exchange(
    bench: Bench, sample: SampleMachine, machine: Machine, order: WorkOrder, job: Job, at: datetime
) -> Component:
    assert job.position is not None
    book, session = bench.book, bench.book.work.session
    position = book.positions[sample.model.code, job.position.code]
    number = part_for(bench, job.position.part, at)
    serial = _use(bench, order, SERVED_BY[sample.operator], number, Decimal(1), at)
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
