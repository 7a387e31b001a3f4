"""Closing a job: everything it leaves in other rooms is booked in one transaction, or nothing is."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import exists, select

from aftersales.access import Permission, require, require_any
from aftersales.certificates import service as certificates
from aftersales.complaints.rules import OPEN
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Certificate, FaultReport, Machine, OrderCorrection, Organization, WorkOrder
from aftersales.orders import booking
from aftersales.orders.booking import Life, Refusals
from aftersales.orders.costs import lines_of
from aftersales.orders.execution import note_meters
from aftersales.orders.facts import job_of
from aftersales.orders.loading import editable, faults_of, machine_of, own
from aftersales.orders.paper import content_of, customer_of
from aftersales.orders.rules import Act, Problem, problems, state_after, state_when_closed
from aftersales.registry.lifecycle import change_state, local_day
from aftersales.translate import N_, translator
from aftersales.usage import queries as usage
from aftersales.vocabulary import CertificateKind, MeterKind, OrderKind, OrderState
from aftersales.warranty.service import cover
from aftersales.work import Work


@dataclass(frozen=True)
class Closed:
    """A closed order and the certificate that was issued for it."""

    order: WorkOrder
    certificate: Certificate


def close(
    work: Work,
    order_id: int,
    *,
    language: str | None = None,
    meter_hours: Decimal | None = None,
    meter_cycles: Decimal | None = None,
    expected_version: int | None = None,
) -> Closed:
    """Close a job: issue its parts, book its exchanges, readings, failures and completions, tell the operator, decide
    who pays, bring the machine back to work, and issue the certificate with what is due next.

    Afterwards nothing in the order changes but by a dated correction.

    :param language: of the certificate; the customer's by default.
    :raises RuleBroken: ``order_incomplete``; ``errors`` names everything that is missing or was refused.
    """
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    after = state_after(order.state, Act.CLOSE)
    note_meters(order, meter_hours, meter_cycles)
    _refuse(order, problems(job_of(work, order)))
    at = order.finished_at or work.now
    order.finished_at = at
    machine = machine_of(work, order)
    faults = faults_of(work, order)
    life = _book(work, order, faults, at)
    _decide_payers(work, order, machine, faults)
    _restore(work, order, machine)
    order.state, order.closed_at = after, work.now
    work.session.flush()
    return Closed(order, _certify(work, order, machine, faults, life, language))


def _refuse(order: WorkOrder, found: list[Problem]) -> None:
    if found:
        message = N_("Work order %(number)s cannot be closed yet; what is missing is named with it")
        raise RuleBroken(message, code="order_incomplete", errors=[one.as_item() for one in found], number=order.number)


def _book(work: Work, order: WorkOrder, faults: list[FaultReport], at: datetime) -> Life:
    refusals = Refusals()
    life = booking.read_meters(work, order, at, refusals)
    booking.issue_parts(work, order, at, refusals)
    booking.exchange_components(work, order, at, refusals)
    booking.complete_tasks(work, order, at, life, refusals)
    _refuse(order, refusals.problems)
    booking.record_failures(work, order, faults, at)
    booking.resolve_faults(work, order, faults)
    return life


def _decide_payers(work: Work, order: WorkOrder, machine: Machine, faults: list[FaultReport]) -> None:
    """Decide who pays each line, as warranty stood on the day of the fault; without one, when the order was opened."""
    happened = min((fault.reported_at for fault in faults), default=order.opened_at)
    cover(
        work,
        work_order_id=order.id,
        machine_id=machine.id,
        on=local_day(work, machine, happened),
        life_hours=usage.life_at(work.session, machine.id, MeterKind.HOURS, happened),
        lines=lines_of(work, order),
    )


def _restore(work: Work, order: WorkOrder, machine: Machine) -> None:
    other_fault = exists().where(
        FaultReport.machine_id == machine.id, FaultReport.stands_still, FaultReport.state.in_(OPEN)
    )
    other_job = exists().where(
        WorkOrder.machine_id == machine.id, WorkOrder.id != order.id, WorkOrder.state == OrderState.IN_PROGRESS
    )
    standing = bool(work.session.scalar(select(other_fault | other_job)))
    to = state_when_closed(order.kind, machine.state, others_stand_still=standing)
    if to is not None:
        change_state(work, machine.id, to, order.number)


def _certify(
    work: Work, order: WorkOrder, machine: Machine, faults: list[FaultReport], life: Life, language: str | None
) -> Certificate:
    customer = customer_of(work, machine) or work.session.get_one(Organization, order.organization_id)
    spoken = language or customer.language
    at = order.finished_at or work.now
    kind = CertificateKind.COMMISSIONING if order.kind is OrderKind.COMMISSIONING else CertificateKind.SERVICE
    on = local_day(work, machine, at)
    return certificates.issue(
        work,
        kind=kind,
        machine_id=machine.id,
        content=content_of(work, order, machine, faults, life, at, on, translator(spoken)),
        language=spoken,
        work_order_id=order.id,
        issuer_id=order.organization_id,
    )


def correct(work: Work, order_id: int, text: str, expected_version: int | None = None) -> OrderCorrection:
    """Add a dated correction to a closed order; the order itself stays as it was.

    :raises RuleBroken: the order is not closed. :raises Invalid: the text is empty or longer than 2000 characters.
    """
    require_any(work.actor, Permission.ORDER_PLAN, Permission.ORDER_WORK)
    order = own(work, order_id, expected_version)
    if order.state is not OrderState.CLOSED:
        message = N_("Work order %(number)s is not closed; change it itself")
        raise RuleBroken(message, code="order_not_closed", number=order.number)
    said = text.strip()
    if not 1 <= len(said) <= 2000:
        raise Invalid(N_("Say what is corrected, in at most %(limit)s characters"), code="text", limit=2000)
    row = OrderCorrection(work_order_id=order.id, at=work.now, text=said, actor_id=work.actor.user_id)
    work.session.add(row)
    work.session.flush()
    return row
