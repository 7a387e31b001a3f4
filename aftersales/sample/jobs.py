"""The closed jobs of four years, as they would have been booked: orders, checklists, parts, completions."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from aftersales.maintenance import loading as maintenance
from aftersales.maintenance.rules.due import Usage, completion
from aftersales.models import (
    ChecklistResult,
    Machine,
    ProgrammeTask,
    SignOff,
    TaskCompletion,
    TimeEntry,
    User,
    WorkOrder,
    WorkOrderTask,
)
from aftersales.sample.bench import HOURLY_RATE, TRAVEL, Bench, found_by, title_of, use
from aftersales.sample.book import decimal
from aftersales.sample.catalogue import SampleTask
from aftersales.sample.companies import SERVED_BY
from aftersales.sample.history import Job, SampleMachine
from aftersales.sample.repairs import repair
from aftersales.vocabulary import OrderKind, OrderState


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
        repair(bench, sample, machine, order, job, start, end, engineer)


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
        use(bench, order, SERVED_BY[sample.operator], number, Decimal(quantity), at)
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
