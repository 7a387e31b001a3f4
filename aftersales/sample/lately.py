"""The last weeks of the sample, through the use-cases themselves: jobs closed with certificates, work still open."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from aftersales.complaints import service as complaints
from aftersales.maintenance import queries as maintenance
from aftersales.models import (
    Balance,
    ChecklistResult,
    Component,
    Installation,
    Machine,
    PartUse,
    SerialPlace,
    User,
    Warranty,
    WorkOrder,
)
from aftersales.orders import service as orders
from aftersales.orders.execution import CheckEntry
from aftersales.sample.bench import HOURLY_RATE, TRAVEL, WORDS, Bench, found_by, part_for, title_of
from aftersales.sample.book import Book, decimal
from aftersales.sample.companies import MAKER, SERVED_BY
from aftersales.sample.history import Job, SampleMachine
from aftersales.sample.store import LOTS
from aftersales.stock import service as stock
from aftersales.vocabulary import (
    Channel,
    Condition,
    Detection,
    FailureMode,
    OrderKind,
    RefusalReason,
    RemovalReason,
    Role,
)
from aftersales.warranty import service as warranty
from aftersales.work import Work

OPEN_FAULTS = (
    (FailureMode.ELU, True, "Oil on the ground under the pump"),
    (FailureMode.NOI, False, "Grinding noise when it starts cold"),
    (FailureMode.OHE, False, "Oil temperature warning after two hours"),
    (FailureMode.FTS, True, "Does not start, only clicks"),
    (FailureMode.VIB, False, "Shakes more than last week"),
    (FailureMode.LOO, False, "Belt runs slowly under load"),
    (FailureMode.AIR, False, "Vibration display jumps about"),
    (FailureMode.ELU, False, "Cylinder is wet with oil"),
)


def close_job(bench: Bench, sample: SampleMachine, machine: Machine, job: Job) -> WorkOrder:
    """Do and close one job of the last weeks as the engineer would, in the past it happened in."""
    book, company = bench.book, SERVED_BY[sample.operator]
    length = timedelta(hours=job.worked_hours)
    engineer, start = bench.engineer(company, job.at + timedelta(hours=job.wait_hours), length)
    end = start + length
    faults = [_report(book, sample, machine, job)] if job.failed else []
    opened = job.at + timedelta(minutes=20)
    for fault in faults:
        complaints.receive(book.acting(company, Role.DISPATCHER, opened), fault)
    tasks = [book.tasks[sample.model.code, job.task.code].id] if job.task else []
    made = orders.open_order(
        book.acting(company, Role.DISPATCHER, opened),
        kind=OrderKind.MAINTENANCE if job.task or not job.failed else OrderKind.REPAIR,
        machine_id=machine.id,
        title=title_of(job),
        fault_ids=faults,
        task_ids=tasks,
        hourly_rate=HOURLY_RATE,
        travel_cost=TRAVEL,
    )
    order = made.order
    at_start, at_end = book.as_user(engineer, start), book.as_user(engineer, end)
    orders.plan(
        book.acting(company, Role.DISPATCHER, opened),
        order.id,
        assignee_id=engineer.id,
        planned_from=start,
        planned_to=end,
    )
    orders.start(at_start, order.id)
    _work_done(bench, at_end, sample, machine, order, job, faults)
    orders.stop(at_end, order.id)
    orders.sign_off(at_end, order.id, role="engineer", name=engineer.full_name)
    orders.sign_off(at_end, order.id, role="customer", name=book.people[sample.operator, Role.OPERATOR].full_name)
    orders.finish(at_end, order.id, summary=found_by(job), meter_hours=decimal(sample.life(end)))
    orders.close(at_end, order.id)
    for fault in faults:
        complaints.confirm(book.acting(sample.operator, Role.OPERATOR, end + timedelta(hours=2)), fault)
    return order


def _report(book: Book, sample: SampleMachine, machine: Machine, job: Job) -> int:
    mode = job.small.mode if job.small else job.position.mode if job.position else FailureMode.UNK
    operator = book.acting(sample.operator, Role.OPERATOR, job.at)
    fault = complaints.report(
        operator,
        machine_id=machine.id,
        mode=mode,
        stands_still=not job.small or job.small.weight <= 1.5,
        channel=Channel.PAGE,
        text=title_of(job),
        hours=decimal(sample.life(job.at)),
    )
    return fault.id


def _work_done(
    bench: Bench, work: Work, sample: SampleMachine, machine: Machine, order: WorkOrder, job: Job, faults: list[int]
) -> None:
    if job.task:
        _fill(bench, work, order, job)
        return
    store = bench.stores[SERVED_BY[sample.operator]]
    if job.small:
        part = bench.book.parts[job.small.part]
        _stock_up(bench, work, job.small.part, store.warehouse.id, Decimal(job.small.quantity))
        orders.add_part(
            work, order.id, part_id=part.id, location_id=store.warehouse.id, quantity=Decimal(job.small.quantity)
        )
    elif job.position:
        _exchange(bench, work, sample, machine, order, job)
    source = job.small or job.position
    if job.failed and source:
        position = bench.book.positions.get((sample.model.code, job.position.code)) if job.position else None
        orders.add_finding(
            work,
            order.id,
            mode=source.mode,
            mechanism=source.mechanism,
            cause=source.cause,
            detection=Detection.OPERATION,
            text=found_by(job),
            fault_id=faults[0],
            position_id=position.id if position else None,
        )


def _fill(bench: Bench, work: Work, order: WorkOrder, job: Job) -> None:
    assert job.task is not None
    lines = work.session.query(ChecklistResult).filter_by(work_order_id=order.id).order_by(ChecklistResult.sequence)
    entries = []
    for line, (*_, typical, spread) in zip(lines, job.task.checks, strict=True):
        value = decimal(float(bench.rng.normal(typical, spread * 0.4)), 1) if line.measured else None
        entries.append(CheckEntry(line.id, value=value, passed=None if line.measured else True))
    orders.fill_checklist(work, order.id, entries)
    # The kit was proposed with the order; what is short in the store is received before the job is closed.
    for use in work.session.query(PartUse).filter_by(work_order_id=order.id):
        number = next(number for number, part in bench.book.parts.items() if part.id == use.part_id)
        _stock_up(bench, work, number, use.location_id, use.quantity)


def _stock_up(bench: Bench, work: Work, number: str, location_id: int, quantity: Decimal) -> list[str]:
    """Receive a lot where the store has too little; returns the serial numbers free in the store."""
    part = bench.book.parts[number]
    here = (Balance.part_id == part.id, Balance.location_id == location_id, Balance.condition == Condition.NEW)
    held = work.session.scalar(select(Balance).where(*here).execution_options(populate_existing=True))
    if (held.on_hand - held.reserved if held else 0) < quantity:
        lot = max(quantity, Decimal(LOTS[number]))
        made = [f"{number}-L{work.now:%y%m%d%H%M}{n}" for n in range(int(lot))] if part.serialised else [None]
        for serial in made:
            stock.receive(
                work,
                part_id=part.id,
                location_id=location_id,
                quantity=Decimal(1) if serial else lot,
                serial_number=serial,
            )
    places = select(SerialPlace.serial_number).where(
        SerialPlace.part_id == part.id, SerialPlace.location_id == location_id
    )
    return sorted(work.session.scalars(places))


def _exchange(bench: Bench, work: Work, sample: SampleMachine, machine: Machine, order: WorkOrder, job: Job) -> None:
    assert job.position is not None
    book, store = bench.book, bench.stores[SERVED_BY[sample.operator]]
    number = part_for(bench, job.position.part, work.now)
    serial = _stock_up(bench, work, number, store.warehouse.id, Decimal(1))[0]
    position = book.positions[sample.model.code, job.position.code]
    old = (
        work.session.query(Component)
        .join(Installation, Installation.component_id == Component.id)
        .filter(
            Installation.machine_id == machine.id,
            Installation.position_id == position.id,
            Installation.slot == job.slot,
            Installation.valid_to.is_(None),
        )
        .one()
    )
    orders.add_part(work, order.id, part_id=book.parts[number].id, location_id=store.warehouse.id, serial_number=serial)
    orders.add_exchange(
        work,
        order.id,
        position_id=position.id,
        slot=job.slot,
        removed_serial_number=old.serial_number,
        removal_reason=RemovalReason.FAILURE if job.failed else RemovalReason.PLANNED,
        fate="kept",
        fitted_part_id=book.parts[number].id,
        fitted_serial_number=serial,
    )


def open_items(book: Book) -> None:
    """Leave work for today: open faults, orders planned and running, offers made, accepted and refused."""
    _open_faults(book)
    _due_orders(book)
    _offers(book)


def _busy(book: Book) -> Iterable[tuple[SampleMachine, Machine]]:
    return (pair for pair in reversed(book.machines) if not pair[0].retired and len(pair[0].daily) > 60)


def _open_faults(book: Book) -> None:
    chosen = list(_busy(book))[: 6 * len(OPEN_FAULTS) : 6]
    for number, ((sample, machine), (mode, still, text)) in enumerate(zip(chosen, OPEN_FAULTS, strict=True)):
        reported = book.now - timedelta(hours=2 + 9 * number)
        company = SERVED_BY[sample.operator]
        fault = complaints.report(
            book.acting(sample.operator, Role.OPERATOR, reported),
            machine_id=machine.id,
            mode=mode,
            stands_still=still,
            text=text or WORDS[mode],
        )
        if number % 4 == 0:
            continue
        complaints.receive(book.acting(company, Role.DISPATCHER, reported + timedelta(minutes=30)), fault.id)
        if number % 4 == 1:
            continue
        _planned(book, company, machine, reported + timedelta(hours=1), fault.id, running=number % 4 == 3)


def _planned(book: Book, company: str, machine: Machine, at: datetime, fault_id: int, *, running: bool) -> None:
    dispatcher = book.acting(company, Role.DISPATCHER, at)
    order = orders.open_order(
        dispatcher,
        kind=OrderKind.REPAIR,
        machine_id=machine.id,
        fault_ids=[fault_id],
        hourly_rate=HOURLY_RATE,
        travel_cost=TRAVEL,
    ).order
    engineer = _free_engineer(book, company, order.number)
    start = book.now - timedelta(minutes=40) if running else book.now + timedelta(hours=18)
    orders.plan(
        dispatcher, order.id, assignee_id=engineer.id, planned_from=start, planned_to=start + timedelta(hours=4)
    )
    if running:
        orders.start(book.as_user(engineer, start), order.id)


def _free_engineer(book: Book, company: str, number: str) -> User:
    team = book.engineers[company]
    return team[sum(map(ord, number)) % len(team)]


def _due_orders(book: Book) -> None:
    """Plan the most overdue tasks of two organisations for the coming days."""
    for company in (MAKER, "adria"):
        dispatcher = book.acting(company, Role.DISPATCHER)
        served = {machine.id for sample, machine in book.machines if SERVED_BY[sample.operator] == company}
        due = maintenance.due_for_fleet(book.work.session, dispatcher.actor, book.now.date())
        picked = [task for task in due if task.machine.id in served][:4]
        for number, task in enumerate(picked):
            order = orders.open_order(
                dispatcher,
                kind=OrderKind.MAINTENANCE,
                machine_id=task.machine.id,
                task_ids=[task.task_id],
                hourly_rate=HOURLY_RATE,
                travel_cost=TRAVEL,
            ).order
            start = book.now.replace(hour=7, minute=0) + timedelta(days=1 + number)
            engineer = book.engineers[company][0]
            orders.plan(
                dispatcher, order.id, assignee_id=engineer.id, planned_from=start, planned_to=start + timedelta(hours=5)
            )


def _offers(book: Book) -> None:
    """Offer extensions for warranties that end soon: some are accepted, one is refused, some wait."""
    soon = book.now.date() + timedelta(days=75)
    ending = (
        book.work.session.query(Warranty)
        .filter(Warranty.ends_on > book.now.date() + timedelta(days=3), Warranty.ends_on < soon)
        .order_by(Warranty.ends_on)
    )
    operators = {machine.id: sample.operator for sample, machine in book.machines}
    managed = [row for row in ending if operators.get(row.machine_id) in {"velebit", "paas"}]
    for number, row in enumerate(managed[:6]):
        at = book.now - timedelta(days=2)
        made = warranty.offer(
            book.acting(MAKER, Role.MANAGER, at), machine_id=row.machine_id, policy_id=book.extension_policy
        )
        customer = book.acting(operators[row.machine_id], Role.MANAGER, book.now - timedelta(days=1))
        if number % 3 == 0:
            warranty.accept(customer, made.id)
        elif number % 3 == 1 and number < 3:
            warranty.refuse(customer, made.id, reason=RefusalReason.PRICE, text="More than last year")
