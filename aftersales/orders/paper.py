"""The content of a service certificate, gathered from a job that is being closed."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.certificates.contents import party_line, site_line
from aftersales.complaints import symptoms
from aftersales.maintenance.queries import DueTask, due_for_machine
from aftersales.models import (
    ChecklistResult,
    Component,
    FaultReport,
    Finding,
    Machine,
    MachineParty,
    Organization,
    Part,
    Position,
    ProgrammeTask,
    SignOff,
    TimeEntry,
    User,
    WorkOrder,
    WorkOrderTask,
)
from aftersales.orders.booking import Life
from aftersales.orders.facts import exchanges_of, part_uses
from aftersales.orders.rules import hours_between
from aftersales.orders.timekeeping import WORK
from aftersales.papers.content import (
    Check,
    DueLine,
    ExchangeLine,
    FindingLine,
    MeterLine,
    PartLine,
    PersonLine,
    SignatureLine,
    WorkLine,
)
from aftersales.registry.queries.components import component_life
from aftersales.translate import Translator
from aftersales.vocabulary import DueStatus, LifeUnit, PartyRole
from aftersales.work import Work

NEXT_DUE = 6
SIGNERS = {"customer": "customer", "engineer": "technician"}


def content_of(
    work: Work,
    order: WorkOrder,
    machine: Machine,
    faults: Sequence[FaultReport],
    life: Life,
    at: datetime,
    on: date,
    t: Translator,
) -> dict[str, Any]:
    """Return what the certificate of a job says, without its heading.

    :param life: of the machine at the end of the job. :param on: the day of that, where the machine stands.
    :param t: translator into the certificate's language, for the words of this house; people's own stay as typed.
    """
    customer = customer_of(work, machine)
    site, zone = site_line(work.session, machine)
    parts: dict[str, Sequence[Any]] = {
        "meters": _meters(life, at, t),
        "work": _work_lines(work, order, t),
        "people": _people(work, order),
        "checks": _checks(work, order),
        "parts": _parts(work, order),
        "exchanges": _exchanges(work, order),
        "findings": _findings(work, order),
        "next_due": _next_due(work, machine, on),
        "signatures": _signatures(work, order, customer),
    }
    content: dict[str, Any] = {key: [line.to_dict() for line in lines] for key, lines in parts.items()}
    content |= {
        "kind": order.kind.value,
        "work_order": order.number,
        "site": site,
        "time_zone": zone,
        "answers": [_answer(fault, t) for fault in faults],
        "started_at": _iso(order.started_at),
        "finished_at": _iso(order.finished_at or at),
        "customer": party_line(customer, "operator").to_dict() if customer else None,
    }
    return content


def customer_of(work: Work, machine: Machine) -> Organization | None:
    """Return who operates a machine now; without an operator, its owner."""
    for role in (PartyRole.OPERATOR, PartyRole.OWNER):
        query = (
            select(Organization)
            .join(MachineParty, MachineParty.organization_id == Organization.id)
            .where(MachineParty.machine_id == machine.id, MachineParty.role == role, MachineParty.valid_to.is_(None))
        )
        if found := work.session.scalar(query):
            return found
    return None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _answer(fault: FaultReport, t: Translator) -> str:
    """Return a fault as the certificate names it: when it was reported, the symptom, the operator's words."""
    said = f": {fault.text[:200]}" if fault.text else ""
    return f"{t.date(fault.reported_at.date())} · {t(symptoms.words(fault.mode))}{said}"


def _meters(life: Life, at: datetime, t: Translator) -> list[MeterLine]:
    named = ((life.hours, "hours", t("Running hours")), (life.cycles, "cycles", t("Cycles")))
    return [
        MeterLine(value=value, unit=unit, name=name, read_at=at) for value, unit, name in named if value is not None
    ]


def _work_lines(work: Work, order: WorkOrder, t: Translator) -> list[WorkLine]:
    query = (
        select(ProgrammeTask)
        .join(WorkOrderTask, WorkOrderTask.task_id == ProgrammeTask.id)
        .where(WorkOrderTask.work_order_id == order.id)
        .order_by(ProgrammeTask.code)
    )
    lines = [WorkLine(code=task.code, text=task.name) for task in work.session.scalars(query)]
    if order.summary or not lines:
        lines.append(WorkLine(text=order.summary or order.title or t("Work on the machine")))
    return lines


def _people(work: Work, order: WorkOrder) -> list[PersonLine]:
    hours: dict[int, Decimal] = {}
    entries = select(TimeEntry).where(TimeEntry.work_order_id == order.id, TimeEntry.kind == WORK)
    for entry in work.session.scalars(entries.order_by(TimeEntry.id)):
        spent = hours_between(entry.started_at, entry.ended_at or entry.started_at)
        hours[entry.user_id] = hours.get(entry.user_id, Decimal(0)) + spent
    people = {user_id: work.session.get_one(User, user_id) for user_id in hours}
    return [
        PersonLine(name=people[user_id].full_name, role=people[user_id].role.value, hours=spent)
        for user_id, spent in hours.items()
    ]


def _checks(work: Work, order: WorkOrder) -> list[Check]:
    rows = select(ChecklistResult).where(ChecklistResult.work_order_id == order.id).order_by(ChecklistResult.sequence)
    return [_check(row) for row in work.session.scalars(rows)]


def _check(row: ChecklistResult) -> Check:
    result = "" if row.measured else {True: "ok", False: "not_ok", None: "not_applicable"}[row.passed]
    return Check(
        characteristic=row.text,
        value=row.value,
        result=result,
        unit=row.unit,
        lower=row.lower,
        upper=row.upper,
        passed=row.passed,
        note=row.note,
    )


def _parts(work: Work, order: WorkOrder) -> list[PartLine]:
    """Return the parts used, those of one number on one line with all their serial numbers."""
    lines: dict[int, PartLine] = {}
    for use in part_uses(work, order):
        part = work.session.get_one(Part, use.part_id)
        so_far = lines.get(part.id)
        serials = (so_far.serial_numbers if so_far else ()) + ((use.serial_number,) if use.serial_number else ())
        quantity = use.quantity + (so_far.quantity if so_far else 0)
        lines[part.id] = PartLine(
            name=part.name, part_number=part.number, unit=part.unit, quantity=quantity, serial_numbers=serials
        )
    return list(lines.values())


def _exchanges(work: Work, order: WorkOrder) -> list[ExchangeLine]:
    lines = []
    for one in exchanges_of(work, order):
        position = work.session.get_one(Position, one.position_id)
        old = work.session.get(Component, one.removed_component_id) if one.removed_component_id else None
        part = work.session.get(Part, one.fitted_part_id or (old.part_id if old else None))
        lines.append(
            ExchangeLine(
                name=position.name,
                position=position.code if position.quantity == 1 else f"{position.code}/{one.slot}",
                part_number=part.number if part else "",
                old_serial=old.serial_number if old else "",
                new_serial=one.fitted_serial_number or "",
                reason=one.removal_reason.value if one.removal_reason else "",
                old_life=component_life(work.session, old, work.now).hours if old else None,
                life_unit="hours" if old else "",
            )
        )
    return lines


def _findings(work: Work, order: WorkOrder) -> list[FindingLine]:
    rows = select(Finding).where(Finding.work_order_id == order.id).order_by(Finding.id)
    return [
        FindingLine(
            text=row.text,
            mode=row.mode.value,
            mechanism=row.mechanism.value,
            cause=row.cause.value,
            detection=row.detection.value,
        )
        for row in work.session.scalars(rows)
    ]


def _next_due(work: Work, machine: Machine, on: date) -> list[DueLine]:
    due = [task for task in due_for_machine(work.session, SYSTEM, machine.id, on) if _comes(task)]
    return [_due_line(task) for task in due[:NEXT_DUE]]


def _comes(task: DueTask) -> bool:
    return task.status not in {DueStatus.DONE, DueStatus.UNKNOWN} and task.covered_by is None


def _due_line(task: DueTask) -> DueLine:
    """Return when a task is due next: by meter where it counts hours or cycles, by day where it counts days or is
    expected on one.
    """
    metered = next((trigger for trigger in task.triggers if trigger.due_at is not None), None)
    dated = next((trigger.due_on for trigger in task.triggers if trigger.due_on is not None), None)
    unit = "cycles" if metered and metered.unit is LifeUnit.CYCLES else "hours"
    return DueLine(
        task=f"{task.code} {task.name}",
        on=dated or task.expected_on,
        at=metered.due_at if metered else None,
        unit=unit if metered else "",
    )


def _signatures(work: Work, order: WorkOrder, customer: Organization | None) -> list[SignatureLine]:
    rows = select(SignOff).where(SignOff.work_order_id == order.id).order_by(SignOff.id)
    latest = {row.role: row for row in work.session.scalars(rows)}
    home = work.session.get_one(Organization, order.organization_id)
    homes = {"engineer": home.name, "customer": customer.name if customer else ""}
    return [
        SignatureLine(role=SIGNERS[role], name=row.name, organization=homes[role], signed_at=row.at)
        for role, row in sorted(latest.items(), reverse=True)
    ]
